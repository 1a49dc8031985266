"""Compares the credentials that two operations ask for. A scheme is what is sent, whatever a document calls it."""

from __future__ import annotations

from typing import Any

from generator.contract.diff import extensions
from generator.contract.diff.changes import Changes, Direction
from generator.contract.diff.keywords import listed
from generator.documents import Operation
from generator.documents.json_pointer import child

Side = tuple[dict[str, Any], Operation]
"""A document, and the operation in it."""

_Scheme = tuple[str, str, str, str]
"""What makes a scheme on the wire: its type, where it is sent, under which name, and its HTTP scheme."""


def compare_security(old: Side, new: Side, changes: Changes) -> None:
    """Compare the alternatives of two operations, any one of which is enough, and the schemes that both have."""
    before, now = _alternatives(old), _alternatives(new)
    where = {"old": child(old[1].pointer, "security"), "new": child(new[1].pointer, "security")}
    for alternative in before:
        if not any(other <= alternative for other in now):
            why = "a caller that sends just this is refused"
            changes.breaking(Direction.REQUEST, f"{_said(alternative)} is not enough any more", why, **where)
    for alternative in now:
        if not any(other <= alternative for other in before):
            why = "whoever sends what was asked for may go on"
            changes.compatible(Direction.REQUEST, f"{_said(alternative)} is enough now", why, **where)
    one, other = _schemes(old), _schemes(new)
    for scheme, declared in one.items():
        if scheme in other:
            extensions.authentication(changes, declared, other[scheme])


def _alternatives(side: Side) -> list[frozenset[_Scheme]]:
    document, operation = side
    schemes = document["components"].get("securitySchemes", {})
    asked = operation.definition.get("security", [])
    found = [frozenset(_scheme(schemes[name]) for name in alternative) for alternative in asked]
    return found or [frozenset()]


def _schemes(side: Side) -> dict[_Scheme, extensions.Declared]:
    document, operation = side
    found: dict[_Scheme, extensions.Declared] = {}
    for alternative in operation.definition.get("security", []):
        for name in alternative:
            scheme = document["components"]["securitySchemes"][name]
            at = child("/components/securitySchemes", name)
            value = scheme.get("x-auth")
            found[_scheme(scheme)] = (at if value is None else child(at, "x-auth")), value
    return found


def _scheme(scheme: dict[str, Any]) -> _Scheme:
    where, name = scheme.get("in", ""), scheme.get("name", "")
    return scheme["type"], where, name.lower() if where == "header" else name, scheme.get("scheme", "")


def _said(alternative: frozenset[_Scheme]) -> str:
    if not alternative:
        return "a request without credentials"
    return listed(sorted(f"{name or scheme} ({kind})" for kind, _, name, scheme in alternative))
