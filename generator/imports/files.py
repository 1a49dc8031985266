"""Documents of several files: the files that a document refers to become parts of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..documents.json_pointer import child
from ..errors import ValidationError
from .reading import read_document

FILES = "x-files"
"""Key of a document for the files that it refers to, by their path from the document's folder."""


def with_files(document: dict[str, Any], file: Path) -> dict[str, Any]:
    """Add the files that a document refers to, and change the references to them. Changes the document in place.

    References to other folders, other machines and missing files stay as they are: their operations are refused.

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
        """The path of a file from the document's folder."""
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
                    # Of a discriminator: names of schemas, or references.
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
