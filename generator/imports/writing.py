"""Writing of a document as YAML that the strict reader takes, whatever its strings hold."""

from __future__ import annotations

import re
from typing import Any

import yaml

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_PLAIN = re.compile(r"[A-Za-z$/][A-Za-z0-9_./${}-]*")
"""Strings that are written without quotes, but for words that mean something else."""

_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

_LONGEST_PLAIN = 100


class _Writer(_Dumper):  # type: ignore[misc,valid-type]
    def ignore_aliases(self, data: Any) -> bool:
        """Write each value out."""
        return True


def _string(writer: Any, text: str) -> Any:
    is_plain = _PLAIN.fullmatch(text) and len(text) <= _LONGEST_PLAIN and text.lower() not in _WORDS
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


_Writer.add_representer(str, _string)


def as_yaml(document: dict[str, Any], header: str) -> str:
    """Return the document as YAML, after comment lines."""
    text = yaml.dump(document, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110)
    return "".join(f"# {line}\n" for line in header.splitlines()) + text
