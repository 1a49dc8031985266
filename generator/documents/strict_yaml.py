"""Read YAML strictly, with the line of every value.

PyYAML's own loaders read YAML 1.1: `no` becomes False, `2020-01-01` a date, `3.10` the number 3.1, and of a repeated
key the last value is kept. Here each of these is an error. Anchors, tags, merge keys and keys that are not strings are
errors too, so that the data of a file is always data of JSON.
"""

from __future__ import annotations

import io
import re
from collections import deque
from pathlib import Path
from typing import Any

import attrs
import yaml

from ..errors import Problem, ValidationError
from .json_pointer import child

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MOST_LEVELS = 64
"""Most levels of nesting in a file, and in JSON text that it contains. Functions recurse once for each level."""
_MOST_DIGITS = 300
_LONGEST_POINTER = 1000
_LONGEST_QUOTED = 80
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_BOOLEANS = {"yes", "no", "on", "off", "y", "n", "true", "false"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?\Z")
_OTHER_NUMBER = re.compile(
    r"[-+]?(0[0-7_]+|0x[0-9a-fA-F_]+|0o[0-7]+|0b[01_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)\Z"
)
_LOOSE_FLOAT = re.compile(
    r"[-+]?(\.[0-9_]+([eE][-+]?[0-9]+)?|[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|\.(inf|nan))\Z", re.IGNORECASE
)


@attrs.frozen
class Source:
    """A file and the data read from it."""

    path: Path
    data: Any
    lines: dict[str, int]
    """JSON Pointer of each value to its line."""

    def line(self, pointer: str) -> int | None:
        """Return the line of a value; if the value is missing, the line of the nearest value around it."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)

    def problem(self, pointer: str, message: str, remedy: str) -> Problem:
        """Return a problem at a pointer of this file."""
        return Problem(self.path, message, remedy, self.line(pointer), pointer or None)


def read_utf8(path: Path, remedy: str) -> bytes:
    """Return the bytes of a file in UTF-8.

    Args:
        path: The file.
        remedy: The remedy for a file that cannot be read.

    Raises:
        ValidationError: The file cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_bytes()
        content.decode()
    except UnicodeDecodeError as error:
        message = f"must be UTF-8, got other bytes ({error.reason})"
        raise ValidationError(Problem(path, message, "Save it as UTF-8")) from None
    except OSError as error:
        raise ValidationError(Problem(path, f"cannot be read ({error.strerror})", remedy)) from None
    return content


def read_text(path: Path, remedy: str) -> str:
    """Return the text of a file, as `read_utf8`: without a byte order mark, and with the line ends of Unix."""
    return io.StringIO(read_utf8(path, remedy).decode("utf-8-sig"), newline=None).read()


def load(path: Path) -> Source:
    """Read one YAML file. Raises `ValidationError` with all its problems."""
    return read(read_text(path, "Create the file, or make it readable"), path)


def read(text: str, path: Path) -> Source:
    """Read the text of a YAML file. Problems name it by `path`. Raises `ValidationError` with all problems."""
    reader = _Reader(path)
    try:
        # Check the levels first, because composing recurses in C, once for each level.
        reader.look_through(text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unknown error"
        line = mark.line + 1 if mark else None
        # PyYAML reports a tab at the beginning of a line with this text.
        is_tab = mark is not None and "cannot start any token" in reason and "\t" in text.split("\n")[mark.line]
        remedy = "Indent with spaces: YAML does not allow tabs there" if is_tab else "Correct the YAML there"
        raise ValidationError(Problem(path, f"must be valid YAML, got an error: {reason}", remedy, line)) from None
    if node is None:
        raise ValidationError(Problem(path, "must have content, got an empty file", "Write its content, or remove it"))
    data = reader.value(node, "")
    if reader.problems:
        raise ValidationError(reader.problems)
    return Source(path, data, reader.lines)


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()
        self._aliases: deque[int] = deque()
        """Lines of the aliases, in the order of the file."""

    def look_through(self, text: str) -> None:
        """Report tags and unused anchors, and record the lines of aliases, which composed nodes lack.

        Raises `ValidationError` if the nesting is too deep.
        """
        anchors: dict[str, int] = {}
        levels = 0
        for event in yaml.parse(text, Loader=_Loader):
            line = event.start_mark.line + 1 if event.start_mark else 0
            levels += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if levels > MOST_LEVELS:
                message = f"must be nested at most {MOST_LEVELS} levels deep, got more"
                raise ValidationError(Problem(self.path, message, "Use fewer levels", line))
            anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
            if isinstance(event, yaml.AliasEvent):
                self._aliases.append(line)
                anchors.pop(anchor or "", None)
            elif anchor:
                anchors[anchor] = line
            if tag:
                self.problems.append(Problem(self.path, f"must not have a tag, got {tag}", "Remove the tag", line))
        for anchor, line in anchors.items():
            self.problems.append(
                Problem(self.path, f"must not have an anchor, got &{anchor}", "Remove the anchor", line)
            )

    def value(self, node: yaml.Node, pointer: str) -> Any:
        self.lines[pointer] = node.start_mark.line + 1
        if id(node) in self._seen:
            line = self._aliases.popleft() if self._aliases else None
            self.problems.append(
                Problem(self.path, "must not be an alias", "Repeat the value in full", line, pointer or None)
            )
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, pointer)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, child(pointer, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, pointer)

    def _mapping(self, node: yaml.MappingNode, pointer: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, pointer) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self._refuse(key_node, pointer, f"must have strings as keys, got {key!r}", "Quote the key")
                continue
            if (length := len(child(pointer, key))) > _LONGEST_POINTER:
                # The pointer is part of the pointers of all values inside, which may be a million.
                message = f"must have pointers of at most {_LONGEST_POINTER} characters, got {length} with a key"
                self._refuse(key_node, pointer, message, "Shorten the key")
                continue
            if key == "<<" and _is_plain(key_node):
                self._refuse(key_node, pointer, "must not have a merge key, got <<", "Repeat the values in full")
                continue
            if key in result:
                self._refuse(
                    key_node, child(pointer, key), f"must have each key once, got {key!r} again", "Keep one of them"
                )
                continue
            result[key] = self.value(value_node, child(pointer, key))
        return result

    def _scalar(self, node: yaml.Node, pointer: str) -> Any:
        text = str(node.value)
        said = text if len(text) <= _LONGEST_QUOTED else f"{text[:_LONGEST_QUOTED]} …"
        if not _is_plain(node):
            return text
        if text == "null":
            return None
        if text in ("true", "false"):
            return text == "true"
        if _INTEGER.match(text) and len(text) <= _MOST_DIGITS:
            return int(text)
        if _FLOAT.match(text) and repr(float(text)) == text:
            return float(text)
        if text.lower() in _BOOLEANS:
            self._refuse(
                node,
                pointer,
                f"must be quoted, got {said}: some YAML readers see a boolean",
                "Write true or false, or quote it",
            )
        elif text in ("", "~", "Null", "NULL"):
            self._refuse(node, pointer, "must have a value, got none", "Write null, or '' for an empty string")
        elif _DATE.match(text):
            self._refuse(node, pointer, f"must be quoted, got {said}: some YAML readers see a date", "Quote it")
        elif _FLOAT.match(text) or _OTHER_NUMBER.match(text) or _LOOSE_FLOAT.match(text):
            self._refuse(
                node,
                pointer,
                f"must be quoted, got {said}: YAML readers see different numbers",
                "Quote it, or write it as in JSON",
            )
        return text

    def _refuse(self, node: yaml.Node, pointer: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.path, message, remedy, node.start_mark.line + 1, pointer or None))


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style
