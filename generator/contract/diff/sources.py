"""Finds the documents that are compared: files, folders of them, and revisions of this checkout's git repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import attrs
import yaml

from ...documents import Source, Workspace
from ...documents.json_pointer import child
from ...documents.lint import reference_cycles
from ...documents.schema_view import open_list
from ...documents.strict_yaml import MOST_LEVELS
from ...errors import Problem
from .compare import IncomparableError, problems_of

Documents = dict[str, Source]
"""Documents by the name of their service, which is that of their file."""


def documents(workspace: Workspace, where: str, services: list[str] | None) -> Documents:
    """The documents at a file, in a folder, or in `openapi/` of a git revision.

    Raises:
        IncomparableError: It does not exist, cannot be read, or is not an OpenAPI 3 document.
    """
    path = Path(where)
    if path.is_file():
        return _checked({path.stem: load(path)})
    if path.is_dir():
        files = {file.stem: file for suffix in ("yaml", "yml", "json") for file in sorted(path.glob(f"*.{suffix}"))}
        if not files:
            raise IncomparableError(Problem(path, "holds no document", "Name a folder with <service>.yaml in it"))
        found = {name: load(file) for name, file in files.items() if services is None or name in services}
    else:
        found = _of_revision(workspace, where, services)
    if services is not None and not found:
        raise IncomparableError(
            Problem(where, f"holds no document of {', '.join(services)}", "Name a service that it has")
        )
    return _checked(found)


def of_checkout(workspace: Workspace, services: list[str] | None) -> Documents:
    """The documents of the checkout as they are."""
    return _checked({service.name: service.document for service in workspace.select(services)})


def _checked(found: Documents) -> Documents:
    found = {name: attrs.evolve(source, data=_with_open_lists(source.data)) for name, source in found.items()}
    problems = [problem for source in found.values() for problem in problems_of(source)]
    problems = problems or [problem for source in found.values() for problem in reference_cycles(source)]
    if problems:
        raise IncomparableError(problems)
    return found


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML with dates and times as strings, as JSON has them."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_MOST_VALUES = 2_000_000
"""Values of a document, those of an alias counted at each use."""


class _Reader:
    """Makes data of YAML nodes, with the line of each pointer. Anchors and merge keys are resolved."""

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
    """Read YAML or JSON as other tools do, unlike our documents, which are read strictly.

    Raises:
        IncomparableError: It is empty, cannot be parsed, or repeats a key.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it is not YAML"
        line = mark.line + 1 if mark else None
        problem = Problem(path, f"cannot be parsed: {reason}", "Correct the YAML there", line)
        raise IncomparableError(problem) from None
    except RecursionError:
        message = f"must be nested at most {MOST_LEVELS} levels deep, got more"
        raise IncomparableError(Problem(path, message, "Compare a smaller document")) from None
    if node is None:
        raise IncomparableError(Problem(path, "is empty", "Write the document, or name another file"))
    reader = _Reader(path)
    data = reader.value(node, "")
    return Source(path, data, reader.lines)


def load(path: Path) -> Source:
    """Read the file of a document. Raises `IncomparableError`."""
    try:
        return read(path.read_text(encoding="utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise IncomparableError(Problem(path, f"is not UTF-8 ({error.reason})", "Save it as UTF-8")) from None
    except OSError as error:
        message = f"cannot be read ({error.strerror})"
        raise IncomparableError(Problem(path, message, "Make it readable, or name another file")) from None


def _with_open_lists(value: Any) -> Any:
    """The document with open lists as they are written today, where an earlier one has the extension `x-enum-open`."""
    if isinstance(value, list):
        return [_with_open_lists(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _with_open_lists(member) for key, member in value.items()}
    if isinstance(changed.get("x-enum-open"), list) and "type" in changed:
        changed["anyOf"] = open_list(changed["type"], changed.pop("x-enum-open"))
    return changed


def last_release(workspace: Workspace) -> str | None:
    """The last release tag that leads to the checkout's commit; None without one, or without a git repository."""
    if shutil.which("git") is None:
        return None
    done = _git(workspace, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    return done.stdout.strip() or None if done.returncode == 0 else None


def _of_revision(workspace: Workspace, revision: str, services: list[str] | None) -> Documents:
    if shutil.which("git") is None:
        raise IncomparableError(
            Problem(revision, "is not a file, and git is missing, which could find a revision", "Name a file")
        )
    done = _git(workspace, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = done.stdout.strip()
    if done.returncode or not commit:
        what = "is neither a file nor a folder nor a revision of this repository"
        raise IncomparableError(Problem(revision, what, "Name two files, or two revisions such as v0.1.0 and HEAD"))
    # Paths are relative to the folder git is called in, which need not be the repository's root.
    folder = workspace.openapi.relative_to(workspace.root).as_posix()
    listing = _git(workspace, "ls-tree", "--name-only", commit, f"{folder}/")
    names = sorted(Path(line).stem for line in listing.stdout.splitlines() if line.endswith(".yaml"))
    found: Documents = {}
    for name in names:
        if services is None or name in services:
            text = _git(workspace, "cat-file", "blob", f"{commit}:./{folder}/{name}.yaml").stdout
            found[name] = read(text, Path(f"{revision}:{folder}/{name}.yaml"))
    return found


def _git(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "--no-pager", "-C", str(workspace.root), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
