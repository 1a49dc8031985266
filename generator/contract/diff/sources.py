"""Find the documents to compare: in a file, in a folder, or in a revision of the project's git repository.

A document may refer to files in its folder. Their parts become components of the document.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import attrs
import yaml

from ...documents import Source, Workspace
from ...documents.json_pointer import PointerNotFound, child, find, resolve, segments
from ...documents.lint import reference_cycles
from ...documents.schema_view import open_list
from ...documents.strict_yaml import MOST_LEVELS, read_text
from ...documents.workspace import short
from ...errors import Problem, ValidationError
from .compare import IncomparableError, problems_of
from .effective_schema import readable_keys, walk_references

Documents = dict[str, Source]
"""Documents by the name of their service, which is that of their file."""


def documents(workspace: Workspace, where: str, services: list[str] | None) -> Documents:
    """Return the documents at a file, in a folder, or in `openapi/` of a git revision.

    Raises:
        IncomparableError: A document is missing, cannot be read, or is not OpenAPI 3.
    """
    path = Path(where)
    if path.is_file():
        return _checked(_joined({path.stem: load(path)}, path.parent, partial(_load_below, path.parent)))
    if path.is_dir():
        files = {file.stem: file for suffix in ("yaml", "yml", "json") for file in sorted(path.glob(f"*.{suffix}"))}
        if not files:
            raise IncomparableError(
                Problem(path, "must contain a document, got none", "Name a folder with <service>.yaml in it")
            )
        found = {name: load(file) for name, file in files.items() if services is None or name in services}
        found = _joined(found, path, partial(_load_below, path))
    else:
        found = _of_revision(workspace, where, services)
    if services is not None and not found:
        raise IncomparableError(
            Problem(where, f"must contain a document of {', '.join(services)}, got none", "Name another service")
        )
    return _checked(found)


def of_checkout(workspace: Workspace, services: list[str] | None) -> Documents:
    """Return the documents of the project folder as they are now."""
    return _checked({service.name: service.document for service in workspace.select(services)})


def _checked(found: Documents) -> Documents:
    found = {name: attrs.evolve(source, data=_with_open_lists(source.data)) for name, source in found.items()}
    problems = [problem for source in found.values() for problem in problems_of(source)]
    problems = problems or [problem for source in found.values() for problem in reference_cycles(source)]
    if problems:
        raise IncomparableError(problems)
    return found


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Loads YAML with dates and times as strings, as in JSON."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_MOST_VALUES = 2_000_000
"""Most values of a document. The values of an alias are counted at each use."""


class _Reader:
    """Converts YAML nodes to data, with the line of each pointer. Anchors and merge keys are resolved."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[str, int] = {}
        self._constructor = _Loader("")

    def value(self, node: yaml.Node, pointer: str, levels: int = 0) -> Any:
        line = node.start_mark.line + 1
        self.lines[pointer] = line
        if levels > MOST_LEVELS or len(self.lines) > _MOST_VALUES:
            message = f"must have at most {MOST_LEVELS} levels and {_MOST_VALUES} values, got more"
            raise IncomparableError(Problem(self.path, message, "Compare a smaller document", line))
        if isinstance(node, yaml.MappingNode):
            self._constructor.flatten_mapping(node)
            found: dict[str, Any] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                if key in found and not any(each[0].value == "<<" for each in node.value):
                    line = key_node.start_mark.line + 1
                    raise IncomparableError(
                        Problem(self.path, f"must have each key once, got {key} again", "Keep one of them", line)
                    )
                found[key] = self.value(value_node, child(pointer, key), levels + 1)
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, child(pointer, index), levels + 1) for index, item in enumerate(node.value)]
        try:
            return self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError):
            return str(node.value)


def read(text: str, path: Path) -> Source:
    """Read YAML or JSON as other tools do, not strictly as `documents.strict_yaml` does.

    Raises:
        IncomparableError: The text is empty, cannot be parsed, or repeats a key.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unknown error"
        line = mark.line + 1 if mark else None
        problem = Problem(path, f"must be valid YAML or JSON, got an error: {reason}", "Correct it there", line)
        raise IncomparableError(problem) from None
    except RecursionError:
        message = f"must be nested at most {MOST_LEVELS} levels deep, got more"
        raise IncomparableError(Problem(path, message, "Compare a smaller document")) from None
    if node is None:
        raise IncomparableError(Problem(path, "must be a document, got an empty file", "Name another file"))
    reader = _Reader(path)
    data = reader.value(node, "")
    return Source(path, data, reader.lines)


def load(path: Path) -> Source:
    """Read the file of a document. Raises `IncomparableError`."""
    try:
        text = read_text(path, "Make it readable, or name another file")
    except ValidationError as error:
        raise IncomparableError(error.problems) from None
    return read(text, path)


def _load_below(folder: Path, name: str) -> Source:
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        raise IncomparableError(Problem(file, "must be in the folder of the document", "Copy it there"))
    return load(file)


def _joined(found: Documents, folder: Path, load_below: Callable[[str], Source]) -> Documents:
    """Return the documents with the referenced parts of other files. Files with only parts are left out."""
    joined, parts = {}, set[str]()
    for name, source in found.items():
        if _is_document(source):
            joined[name], files = _Joiner(source, folder, load_below).join()
            parts |= files
    return {
        name: joined.get(name, source)
        for name, source in found.items()
        if name in joined or source.path.relative_to(folder).as_posix() not in parts
    }


def _is_document(source: Source) -> bool:
    return isinstance(source.data, dict) and ("openapi" in source.data or "swagger" in source.data)


class _Joiner:
    """Moves the parts of other files that a document refers to into its components."""

    def __init__(self, source: Source, folder: Path, load_below: Callable[[str], Source]) -> None:
        self._load = load_below
        self._source = source
        self._name = source.path.relative_to(folder).as_posix()
        self._files = {self._name: source}
        self._places: dict[tuple[str, str], str] = {}
        """Pointer into the document for each part, which is a file and a pointer into that file."""
        self._waiting: list[tuple[str, str]] = []
        self._taken = {pointer for pointer, _ in find(source.data, "/components/*/*")}

    def join(self) -> tuple[Source, set[str]]:
        """Return the document, and the names of the other files.

        Raises:
            IncomparableError: A reference is a URL, or its target is missing or outside the folder.
        """
        if not any(not reference.startswith("#") for _, reference in walk_references(self._source.data)):
            return self._source, set()
        for pointer, value in find(self._source.data, "/components/*/*"):
            reference = value.get("$ref") if isinstance(value, dict) else None
            if isinstance(reference, str) and not reference.startswith("#"):
                # The part of the file becomes this component, and keeps its name.
                self._places.setdefault(self._part(self._name, reference, pointer), pointer)
        self._waiting = list(self._places)
        data = self._rewritten(self._source.data, self._name, "")
        while self._waiting:
            file, inner = part = self._waiting.pop(0)
            place = self._places[part]
            _, section, name = segments(place)
            value = self._rewritten(resolve(self._files[file].data, inner), file, place)
            data.setdefault("components", {}).setdefault(section, {})[name] = value
        return attrs.evolve(self._source, data=data), self._files.keys() - {self._name}

    def _rewritten(self, value: Any, file: str, pointer: str) -> Any:
        """Return a value of a file with its references rewritten. `pointer` is its new pointer in the document."""
        if isinstance(value, list):
            return [self._rewritten(item, file, child(pointer, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        kept = {key: self._rewritten(value[key], file, child(pointer, key)) for key in readable_keys(value, pointer)}
        made = {key: kept.get(key, member) for key, member in value.items()}
        if isinstance(value.get("$ref"), str):
            made["$ref"] = self._reference(file, value["$ref"], pointer)
        return made

    def _reference(self, file: str, reference: str, pointer: str) -> str:
        if file == self._name and reference.startswith("#"):
            return reference
        part = self._part(file, reference, pointer)
        if part[0] == self._name:
            return f"#{part[1]}"
        if part not in self._places:
            section = _section(pointer)
            name = segments(part[1])[-1] if part[1] else PurePosixPath(part[0]).stem
            places = (child("/components", section, name + end) for end in chain([""], map("_{}".format, count(2))))
            place = next(each for each in places if each not in self._taken)
            self._taken.add(place)
            self._places[part] = place
            self._waiting.append(part)
        return f"#{self._places[part]}"

    def _part(self, file: str, reference: str, pointer: str) -> tuple[str, str]:
        """Return the file and the pointer into it that a reference of a file leads to."""
        address, _, inner = reference.partition("#")
        where = self._files[file].problem if file != self._name else self._source.problem
        here = child(pointer, "$ref") if file == self._name else ""
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", address):
            message = f"must be a reference to a file in the folder of the document, got {short(reference)}"
            raise IncomparableError(where(here, message, "Save the file beside the document, and refer to it"))
        name = posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(address))) if address else file
        if name.startswith(("/", "..")):
            message = f"must be a reference to a file in the folder of the document, got {short(reference)}"
            raise IncomparableError(where(here, message, "Copy the file there, and refer to it"))
        if name not in self._files:
            try:
                self._files[name] = self._load(name)
            except IncomparableError as error:
                message = f"must name a file that can be read, got {short(reference)}: {error.problems[0].message}"
                raise IncomparableError(where(here, message, "Correct the reference, or the file")) from None
        part = unquote(inner)
        if not _leads_somewhere(self._files[name].data, part):
            message = f"must name a part of {name}, got {short(reference)}"
            raise IncomparableError(where(here, message, "Correct the reference, or add its target"))
        return name, part


def _leads_somewhere(data: Any, pointer: str) -> bool:
    try:
        resolve(data, pointer)
    except PointerNotFound:
        return False
    return pointer == "" or pointer.startswith("/")


def _section(pointer: str) -> str:
    """Return the section of `components` for a value at a pointer of a document."""
    keys = segments(pointer)
    if keys[0] == "components" and len(keys) == 3:
        return keys[1]
    if keys[0] == "paths" and len(keys) == 2:
        return "pathItems"
    if "schema" in keys or keys[:2] == ["components", "schemas"]:
        return "schemas"
    if keys[-1] == "requestBody":
        return "requestBodies"
    owner = keys[-2] if len(keys) > 1 else ""
    return owner if owner in ("parameters", "responses", "headers", "examples", "links", "callbacks") else "schemas"


def _with_open_lists(value: Any) -> Any:
    """Return the document with open lists in the present form. Earlier documents have the extension `x-enum-open`."""
    if isinstance(value, list):
        return [_with_open_lists(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _with_open_lists(member) for key, member in value.items()}
    if isinstance(changed.get("x-enum-open"), list) and "type" in changed:
        changed["anyOf"] = open_list(changed["type"], changed.pop("x-enum-open"))
    return changed


def last_release(workspace: Workspace) -> str | None:
    """Return the last release tag before the checkout's commit; None without one, or without a git repository."""
    if shutil.which("git") is None:
        return None
    done = _git(workspace, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    return done.stdout.strip() or None if done.returncode == 0 else None


def _of_revision(workspace: Workspace, revision: str, services: list[str] | None) -> Documents:
    if shutil.which("git") is None:
        raise IncomparableError(
            Problem(revision, "must be a file or folder, because git is not installed", "Name a file")
        )
    done = _git(workspace, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = done.stdout.strip()
    if done.returncode or not commit:
        what = "must be a file, a folder or a revision of this repository, got another name"
        raise IncomparableError(Problem(revision, what, "Name two files, or two revisions such as v0.1.0 and HEAD"))
    # The project folder need not be the root of the repository, so paths are relative to it.
    folder = workspace.openapi.relative_to(workspace.root).as_posix()
    below = Path(f"{revision}:{folder}")

    def load_below(name: str) -> Source:
        done = _git(workspace, "cat-file", "blob", f"{commit}:./{folder}/{name}")
        if done.returncode:
            raise IncomparableError(
                Problem(below / name, "must be a file of this revision, got none", "Add it, or correct the reference")
            )
        return read(done.stdout, below / name)

    listing = _git(workspace, "ls-tree", "--name-only", commit, f"{folder}/")
    names = sorted(Path(line).stem for line in listing.stdout.splitlines() if line.endswith(".yaml"))
    found: Documents = {}
    for name in names:
        if services is None or name in services:
            found[name] = load_below(f"{name}.yaml")
    return _joined(found, below, load_below)


def _git(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "--no-pager", "-C", str(workspace.root), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
