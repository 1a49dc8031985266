"""Files of an import: vendors' documents are read with those that they refer to, and written as strict YAML."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from ..documents.json_pointer import child
from ..documents.strict_yaml import read_text
from ..errors import Problem, ValidationError

_LEVELS = 200
"""Levels of nesting that a file may have. A document needs some thirty."""


_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc,valid-type]
    """YAML with the plain scalars of JSON: a date, `yes` and `1:30` are strings."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|false|True|False|TRUE|FALSE", "tTfF"),
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("int", r"[-+]?(0|[1-9][0-9]{0,299})", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?", "-+0123456789."),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


def _float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def read_document(path: Path) -> Any:
    """Read a file. Raises `ValidationError` if it cannot be read."""
    text = read_text(path, "Name a file that exists")
    try:
        data = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)
        _plain(data, 0)
    except json.JSONDecodeError as error:
        data, message = _flow_mapping(text), f"must be JSON, got an error of its parser: {error.msg}"
        if data is None:
            raise ValidationError(Problem(path, message, "Correct the line", error.lineno)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "no reason"
        message = f"must be YAML, got an error of its parser: {reason}"
        line = mark.line + 1 if mark else None
        raise ValidationError(Problem(path, message, "Correct the YAML", line)) from None
    except RecursionError:
        message = f"must be nested at most {_LEVELS} levels deep, got more"
        raise ValidationError(Problem(path, message, "Nest its values less deeply")) from None
    return data


def _flow_mapping(text: str) -> Any:
    """Return a file of YAML that begins with a brace; None if it is not YAML either."""
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError):
        return None


def _plain(value: Any, level: int) -> None:
    """Turn keys, such as status codes, into strings. Raises `RecursionError` for deep data and for cycles."""
    if level > _LEVELS:
        raise RecursionError
    if isinstance(value, dict):
        for key in [key for key in value if not isinstance(key, str)]:
            value[_key(key)] = value.pop(key)
        for member in value.values():
            _plain(member, level + 1)
    elif isinstance(value, list):
        for item in value:
            _plain(item, level + 1)


def _key(key: Any) -> str:
    return "null" if key is None else str(key).lower() if isinstance(key, bool) else str(key)


FILES = "x-files"
"""Key of a document for the files that it refers to, by their path from the document's folder."""


def with_files(document: dict[str, Any], file: Path) -> dict[str, Any]:
    """Add the files that a document refers to, and change the references to them. Changes the document in place.

    References to other folders, other machines and missing files stay as they are; operations with them are refused.

    Raises:
        ValidationError: A file cannot be parsed.
    """
    files = _Files(file)
    files.rewrite(document, file.resolve(), "")
    while files.waiting:
        path, pointer = files.waiting.pop()
        files.rewrite(files.read[path], path, pointer)
    if files.read:
        document[FILES] = {files.key(path): data for path, data in files.read.items()}
    return document


_SUFFIXES = (".yml", ".yaml", ".json")


class _Files:
    def __init__(self, file: Path) -> None:
        self.root = file.resolve().parent
        self.read: dict[Path, Any] = {}
        self.waiting: list[tuple[Path, str]] = []
        """Files with references that are not changed yet, and their pointers."""

    def key(self, path: Path) -> str:
        """Return the path of a file from the document's folder."""
        return path.relative_to(self.root).as_posix()

    def rewrite(self, value: Any, path: Path, pointer: str) -> None:
        """Change the references of a value that is in a file."""
        if isinstance(value, list):
            for item in value:
                self.rewrite(item, path, pointer)
        elif isinstance(value, dict):
            for key, member in value.items():
                if key == "$ref" and isinstance(member, str):
                    value[key] = self._target(member, path, pointer)
                elif key == "mapping" and isinstance(member, dict):
                    # The values in the mapping of a discriminator are names of schemas, or references.
                    for name, target in member.items():
                        if isinstance(target, str) and target.partition("#")[0].endswith(_SUFFIXES):
                            member[name] = self._target(target, path, pointer)
                elif not key.startswith("x-"):
                    self.rewrite(member, path, pointer)

    def _target(self, reference: str, path: Path, pointer: str) -> str:
        place, _, fragment = reference.partition("#")
        if not place:
            return f"#{pointer}{fragment}" if pointer else reference
        target = (path.parent / unquote(place)).resolve()
        if "://" in place or not target.is_relative_to(self.root) or not target.is_file():
            return reference
        here = child("", FILES, self.key(target))
        if target not in self.read:
            try:
                self.read[target] = read_document(target)
            except ValidationError:
                # Not YAML, such as a sample of code. An operation that needs it is refused.
                return reference
            self.waiting.append((target, here))
        return f"#{here}{fragment}"


_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_PLAIN = re.compile(r"[A-Za-z$/][A-Za-z0-9_./${}-]*")
"""Strings that are written without quotes, except words with another meaning in YAML, such as `yes`."""

_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

_LONGEST_PLAIN = 100


class _Writer(_Dumper):  # type: ignore[misc,valid-type]
    def ignore_aliases(self, data: Any) -> bool:
        """Write each value in full, without aliases."""
        return True


def _string(writer: Any, text: str) -> Any:
    is_plain = _PLAIN.fullmatch(text) and len(text) <= _LONGEST_PLAIN and text.lower() not in _WORDS
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


_Writer.add_representer(str, _string)


def as_yaml(document: dict[str, Any], header: str) -> str:
    """Return the document as YAML, after comment lines."""
    text = yaml.dump(document, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110)
    return "".join(f"# {line}\n" for line in header.splitlines()) + text
