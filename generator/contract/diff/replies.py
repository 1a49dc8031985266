"""Compares the replies of two operations: statuses, media types, headers and bodies."""

from __future__ import annotations

from typing import Any

from generator.contract.diff.changes import Changes, Direction
from generator.contract.diff.schemas import SchemaComparison
from generator.contract.diff.views import view
from generator.documents import Operation
from generator.documents.json_pointer import child

Side = tuple[dict[str, Any], Operation]
"""A document, and the operation in it."""

Reply = tuple[dict[str, Any], str, dict[str, Any]]
"""A document, a pointer to a response, and the response."""


def compare_replies(old: Side, new: Side, schemas: SchemaComparison, changes: Changes) -> None:
    """Compare the replies that two operations give."""
    before, now = (operation.definition["responses"] for _, operation in (old, new))
    for status in before:
        if status in now:
            _reply(_at(old, status), _at(new, status), _is_success(status), schemas, changes)
        else:
            _gone(old, new, status, schemas, changes)
    for status in now:
        if status not in before:
            _added(old, new, status, schemas, changes)


def _gone(old: Side, new: Side, status: str, schemas: SchemaComparison, changes: Changes) -> None:
    _, pointer, _ = _at(old, status)
    what = f"the reply {status} is gone"
    general = _general(new, status)
    if _is_success(status):
        why = "a caller that reads it gets none"
        changes.breaking(Direction.REPLY, what, why, old=pointer, new=None)
        return
    changes.compatible(Direction.REPLY, what, "it is one failure less to expect", old=pointer, new=None)
    if general is not None:
        _reply(_at(old, status), _at(new, general), False, schemas, changes)


def _added(old: Side, new: Side, status: str, schemas: SchemaComparison, changes: Changes) -> None:
    _, pointer, _ = _at(new, status)
    what = f"the reply {status} is new"
    general = _general(old, status)
    if _is_success(status) and general is None:
        why = "a caller that knows the other successes meets one it cannot read"
        changes.breaking(Direction.REPLY, what, why, old=None, new=pointer)
        return
    why = "a failure of any status was to be expected" if general is None else f"{general} stood for it"
    changes.compatible(Direction.REPLY, what, why, old=None, new=pointer)
    if general is not None:
        _reply(_at(old, general), _at(new, status), _is_success(status), schemas, changes)


def _reply(old: Reply, new: Reply, success: bool, schemas: SchemaComparison, changes: Changes) -> None:
    (old_document, old_at, before), (new_document, new_at, now) = old, new
    one, other = before.get("content", {}), now.get("content", {})
    for media_type in one:
        if media_type not in other:
            what, why = f"the media type {media_type} is gone", "a caller that reads it cannot any more"
            at = child(child(old_at, "content"), media_type)
            changes.breaking(Direction.REPLY, what, why, old=at, new=child(new_at, "content"))
        else:
            at, to = (child(child(child(each, "content"), media_type), "schema") for each in (old_at, new_at))
            schemas.compare(
                view(old_document, (at, one[media_type].get("schema", True))),
                view(new_document, (to, other[media_type].get("schema", True))),
                Direction.REPLY,
                models=success,
                old_at=at,
                new_at=to,
            )
    for media_type in other:
        if media_type not in one:
            what, to = f"the media type {media_type} is new", child(child(new_at, "content"), media_type)
            if success:
                why = "a caller that reads the others alone meets one it cannot read"
                changes.breaking(Direction.REPLY, what, why, old=child(old_at, "content"), new=to)
            else:
                why = "a failure with any body was to be expected"
                changes.compatible(Direction.REPLY, what, why, old=child(old_at, "content"), new=to)
    _headers(old, new, schemas, changes)


def _headers(old: Reply, new: Reply, schemas: SchemaComparison, changes: Changes) -> None:
    (old_document, old_at, _), (new_document, new_at, _) = old, new
    before, now = (
        {name.lower(): (child(child(at, "headers"), name), header) for name, header in reply.get("headers", {}).items()}
        for _, at, reply in (old, new)
    )
    for name, (at, header) in before.items():
        if name not in now:
            what, why = f"the header {name} is gone", "a caller that reads it finds nothing"
            changes.breaking(Direction.REPLY, what, why, old=at, new=new_at)
            continue
        to, other = now[name]
        if header.get("required") and not other.get("required"):
            what, why = f"the header {name} is not required any more", "a caller that reads it may find it missing"
            changes.breaking(Direction.REPLY, what, why, old=at, new=to)
        elif other.get("required") and not header.get("required"):
            what, why = f"the header {name} is required now", "what is sent now was allowed before"
            changes.compatible(Direction.REPLY, what, why, old=at, new=to)
        places = child(at, "schema"), child(to, "schema")
        schemas.compare(
            view(old_document, (places[0], header.get("schema", True))),
            view(new_document, (places[1], other.get("schema", True))),
            Direction.REPLY,
            models=False,
            old_at=places[0],
            new_at=places[1],
        )
    for name, (to, _) in now.items():
        if name not in before:
            why = "a reply may have headers that no document describes"
            changes.compatible(Direction.REPLY, f"the header {name} is new", why, old=old_at, new=to)


def _at(side: Side, status: str) -> Reply:
    document, operation = side
    pointer = child(child(operation.pointer, "responses"), status)
    return document, pointer, operation.definition["responses"][status]


def _general(side: Side, status: str) -> str | None:
    """The range or default that stands for a status that is not listed."""
    _, operation = side
    candidates = (f"{status[0]}XX", "default")
    return next((each for each in candidates if each != status and each in operation.definition["responses"]), None)


def _is_success(status: str) -> bool:
    return status.startswith("2")
