"""Reading of vendors' files: YAML 1.2 and JSON as others write them, with anchors, dates and unquoted words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from ..errors import Problem, ValidationError

_LEVELS = 200
"""Levels of nesting, of which a document needs some thirty."""


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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(Problem(path, f"must be UTF-8, got other bytes ({error.reason})", "Convert it")) from None
    except OSError as error:
        raise ValidationError(
            Problem(path, f"cannot be read ({error.strerror})", "Name a file that is there")
        ) from None
    try:
        data = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)
        _plain(data, 0)
    except json.JSONDecodeError as error:
        data, message, line = _flow_mapping(text), f"is not JSON: {error.msg}", error.lineno
        if data is None:
            raise ValidationError(Problem(path, message, "Correct it there", line)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = f"is not YAML: {getattr(error, 'problem', None) or 'it cannot be parsed'}"
        raise ValidationError(Problem(path, message, "Correct it there", mark.line + 1 if mark else None)) from None
    except RecursionError:
        message = f"must be nested at most {_LEVELS} levels deep, got more"
        raise ValidationError(Problem(path, message, "Write it flatter")) from None
    return data


def _flow_mapping(text: str) -> Any:
    """A file of YAML that begins with a brace; None if it is not YAML either."""
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError):
        return None


def _plain(value: Any, level: int) -> None:
    """Turn keys into strings, such as those of responses. Raises `RecursionError` for deep and for endless data."""
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
