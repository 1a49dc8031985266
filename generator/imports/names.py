"""Names in an imported document: schemas, operations and parameters, each unique and valid in Python."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

from openapi_python_client.strings import ClassName, pascal_case, snake_case


class Names:
    """Unique names of one kind.

    Args:
        reserved: Names that none may have.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._reserved = set(reserved)
        self._taken: set[str] = set()

    def unique(self, name: str, separator: str = "") -> str:
        """Return the name, with a number if it is taken."""
        number, found = 2, name
        while found in self._reserved or self._key(found) in self._taken:
            found, number = f"{name}{separator}{number}", number + 1
        self._taken.add(self._key(found))
        return found

    def _key(self, name: str) -> str:
        return name


class OperationNames(Names):
    """Names of operations, which are compared as Python's methods are named."""

    def _key(self, name: str) -> str:
        return snake_case(name)


def class_name(text: str) -> str:
    """The name of a class for a schema, in PascalCase."""
    name = str(pascal_case(text))
    for _ in range(3):
        name = str(ClassName(name, "Model")).rstrip("_")
    if not name.isidentifier() or not name.isascii() or hasattr(builtins, name) or keyword.iskeyword(name):
        name = f"{re.sub(r'[^A-Za-z0-9]', '', name)}Model"
    return name if name[:1].isalpha() and name[:1].isupper() else f"Model{name}"


def operation_id(declared: str, method: str, path: str) -> str:
    """The operationId in camelCase; of method and path if none is declared."""
    words = re.findall(r"[A-Za-z0-9]+", declared or f"{method} {re.sub(r'[{}]', ' ', path)}")
    if not words or not words[0][:1].isalpha():
        words.insert(0, method)
    first, *rest = (str(word) for word in words)
    first = first.lower() if first.isupper() else first[:1].lower() + first[1:]
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
