"""Compares two documents of one service: everything in them, known to the last keyword."""

from __future__ import annotations

from typing import Any

import attrs

from generator.contract.diff.changes import Change, Changes, Direction
from generator.contract.diff.known import NAMES, TEXTS, unknown
from generator.contract.diff.operations import OperationComparison
from generator.contract.diff.versions import Step, demanded, is_enough, next_version
from generator.documents import Source, Workspace
from generator.documents.json_pointer import child
from generator.errors import Refused


@attrs.frozen
class Difference:
    """How a document differs from an older one."""

    name: str
    """The service, or the file where it is none of a service."""
    old_version: str | None
    """None where the document is new."""
    new_version: str | None
    """None where the document is gone."""
    changes: tuple[Change, ...]

    @property
    def step(self) -> Step:
        """The step that the changes demand of a version from 1.0 on."""
        return demanded(self.changes)

    @property
    def least_version(self) -> str | None:
        """The least version that the new document may have; None where either document is not there."""
        if self.old_version is None or self.new_version is None:
            return None
        return next_version(self.old_version, self.step)

    @property
    def is_enough(self) -> bool:
        """Whether the document's version is as far from the old one as the changes demand."""
        if self.old_version is None or self.new_version is None:
            return True
        return is_enough(self.old_version, self.new_version, self.step)


def compare_documents(workspace: Workspace, name: str, old: Source | None, new: Source | None) -> Difference:
    """Compare two documents of one service, either of which may be missing. Both are OpenAPI, in our form.

    Raises:
        Refused: A document has a keyword or an extension that the comparison does not know.
    """
    problems = [
        problem for source in (old, new) if source is not None for problem in unknown(source, workspace.schemas)
    ]
    if problems:
        raise Refused(problems)
    changes = Changes()
    if old is None:
        changes.compatible(Direction.CLIENT, "the document is new", "nobody had it", old=None, new="")
    elif new is None:
        changes.breaking(Direction.CLIENT, "the document is gone", "a caller finds no client", old="", new=None)
    else:
        _servers(old.data, new.data, changes)
        OperationComparison(old.data, new.data, changes).run()
        _texts(old.data, new.data, "", changes)
        if not changes and _bare(old.data) != _bare(new.data):
            changes.neutral("the same is said in another way", old="", new="")
    return Difference(name, _version(old), _version(new), tuple(changes))


def _servers(old: dict[str, Any], new: dict[str, Any], changes: Changes) -> None:
    before, now = (
        {server["url"]: (child("/servers", index), server) for index, server in enumerate(document.get("servers", []))}
        for document in (old, new)
    )
    for url, (at, server) in before.items():
        if url not in now:
            what, why = f"the server {url} is gone", "a caller that takes its address from the document fails"
            changes.breaking(Direction.REQUEST, what, why, old=at, new="/servers" if "servers" in new else None)
            continue
        to, other = now[url]
        for name, variable in server.get("variables", {}).items():
            chosen = other.get("variables", {}).get(name, {}).get("default")
            if variable["default"] != chosen:
                what = f"the default of {name} is {chosen} now, and was {variable['default']}"
                why = "a caller that leaves the choice to the document asks another host"
                place = child("/variables", name)
                changes.breaking(Direction.REQUEST, what, why, old=at + place, new=to + place)
    for url, (to, _) in now.items():
        if url not in before:
            why = "the others are there still"
            changes.compatible(Direction.REQUEST, f"the server {url} is new", why, old=None, new=to)


def _texts(old: Any, new: Any, pointer: str, changes: Changes, *, names: bool = False) -> None:
    """What nothing depends on, at the same place of both documents. `names`: the keys here are no keywords."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            here = child(pointer, key)
            if key in TEXTS and not names:
                if old.get(key) != new.get(key):
                    word = "changes" if key in old and key in new else ("is new" if key in new else "is gone")
                    where = {"old": here if key in old else None, "new": here if key in new else None}
                    changes.neutral(f"{key} {word}", **where)
            elif key in old and key in new:
                _texts(old[key], new[key], here, changes, names=key in NAMES and not names)
    elif isinstance(old, list) and isinstance(new, list):
        for index, (before, now) in enumerate(zip(old, new, strict=False)):
            _texts(before, now, child(pointer, index), changes)


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its version, which is no change of its own."""
    return {**document, "info": {key: value for key, value in document["info"].items() if key != "version"}}


def _version(source: Source | None) -> str | None:
    return str(source.data["info"]["version"]) if source else None
