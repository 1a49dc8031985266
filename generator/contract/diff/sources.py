"""Finds the documents that are compared: files, folders of them, and revisions of this checkout's git repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import attrs

from ...documents import Source, Workspace, load, malformed, read
from ...documents.schema_view import open_list
from ...errors import Problem, ValidationError

Documents = dict[str, Source]
"""Documents by the name of their service, which is that of their file."""


def documents(workspace: Workspace, where: str, services: list[str] | None) -> Documents:
    """The documents at a file, in a folder, or in `openapi/` of a git revision.

    Raises:
        ValidationError: There is no such thing, it cannot be read, or it is no OpenAPI document of our form.
    """
    path = Path(where)
    if path.is_file():
        return _in_form(workspace, {path.stem: load(path)})
    if path.is_dir():
        files = {file.stem: file for file in sorted(path.glob("*.yaml"))}
        if not files:
            raise ValidationError(Problem(path, "holds no document", "Name a folder with <service>.yaml in it"))
        found = {name: load(file) for name, file in files.items() if services is None or name in services}
    else:
        found = _of_revision(workspace, where, services)
    if services is not None and not found:
        raise ValidationError(
            Problem(where, f"holds no document of {', '.join(services)}", "Name a service that it has")
        )
    return _in_form(workspace, found)


def of_checkout(workspace: Workspace, services: list[str] | None) -> Documents:
    """The documents of the checkout as they are."""
    return _in_form(workspace, {service.name: service.document for service in workspace.select(services)})


def _in_form(workspace: Workspace, found: Documents) -> Documents:
    found = {name: attrs.evolve(source, data=_with_open_lists(source.data)) for name, source in found.items()}
    problems = [problem for source in found.values() for problem in malformed(workspace, source)]
    if problems:
        raise ValidationError(problems)
    return found


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
    """The last release tag that leads to the checkout's commit; None where there is none, or no git repository."""
    if shutil.which("git") is None:
        return None
    done = _git(workspace, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    return done.stdout.strip() or None if done.returncode == 0 else None


def _of_revision(workspace: Workspace, revision: str, services: list[str] | None) -> Documents:
    if shutil.which("git") is None:
        raise ValidationError(
            Problem(revision, "is no file, and git is not here to look for a revision", "Name a file")
        )
    done = _git(workspace, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = done.stdout.strip()
    if done.returncode or not commit:
        what = "is neither a file nor a folder nor a revision of this repository"
        raise ValidationError(Problem(revision, what, "Name two files, or two revisions such as v0.1.0 and HEAD"))
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
