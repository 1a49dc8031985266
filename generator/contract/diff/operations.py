"""Comparison of operations: paths, parameters, credentials and responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...documents import OperationRef
from ...documents.json_pointer import child, resolve
from ...documents.schema_view import flatten
from ...documents.workspace import operations
from . import extensions
from .changes import Changes, Direction
from .keywords import join_values
from .schemas import SchemaComparison

Side = tuple[dict[str, Any], OperationRef]
"""A document, and the operation in it."""

_Scheme = tuple[str, str, str, str]
"""A security scheme as it is sent: its type, location, name and HTTP scheme."""


Document = dict[str, Any]

Parameter = tuple[str, dict[str, Any]]
"""A parameter with its pointer, its reference followed."""

_GONE = "a caller that uses it is refused"

_ResponseSide = tuple[dict[str, Any], str, dict[str, Any]]
"""A document, a pointer to a response, and the response."""


class OperationComparison:
    """Compares all operations of two documents."""

    def __init__(self, old: Document, new: Document, changes: Changes) -> None:
        self._old, self._new = old, new
        self._changes = changes
        self._schemas = SchemaComparison(changes)

    def run(self) -> None:
        for old, new in self._pairs():
            if old is None and new is not None:
                what = f"{new.method.upper()} {new.path} is new"
                self._changes.compatible(Direction.REQUEST, what, "nobody called it", old=None, new=new.pointer)
            elif new is None and old is not None:
                what = f"{old.method.upper()} {old.path} is gone"
                self._changes.breaking(Direction.REQUEST, what, _GONE, old=old.pointer, new=None)
            elif old is not None and new is not None:
                self._operation(old, new)

    def _pairs(self) -> Iterator[tuple[OperationRef | None, OperationRef | None]]:
        """Operations that answer to the same method and path, or else have the same operationId."""
        before, now = list(operations(self._old)), list(operations(self._new))
        found: list[tuple[OperationRef, OperationRef]] = []
        for same in (_address, _identity):
            for old in before:
                if all(old is not one for one, _ in found):
                    for new in now:
                        if all(new is not other for _, other in found) and same(old) == same(new):
                            found.append((old, new))
                            break
        for old in before:
            yield next((pair for pair in found if pair[0] is old), (old, None))
        for new in now:
            if all(new is not other for _, other in found):
                yield None, new

    def _operation(self, old: OperationRef, new: OperationRef) -> None:
        where = {"old": old.pointer, "new": new.pointer}
        if _address(old) != _address(new):
            what = f"{old.method.upper()} {old.path} is {new.method.upper()} {new.path} now"
            self._changes.breaking(Direction.REQUEST, what, _GONE, **where)
        if old.id != new.id:
            what = f"the operation {old.id} is {new.id} now"
            self._changes.breaking(Direction.CLIENT, what, "a caller finds no method of the old name", **where)
        self._parameters(old, new)
        self._headers(old, new)
        _compare_security((self._old, old), (self._new, new), self._changes)
        for name, compare in (("x-poll", extensions.poll), ("x-pagination", extensions.pagination)):
            compare(self._changes, _declared(old, name), _declared(new, name))
        _compare_responses((self._old, old), (self._new, new), self._schemas, self._changes)

    def _parameters(self, old: OperationRef, new: OperationRef) -> None:
        before, now = _parameters(self._old, old), _parameters(self._new, new)
        for key, (pointer, parameter) in before.items():
            if key not in now:
                what = f"the {parameter['in']} parameter {parameter['name']} is gone"
                why = "a caller that sends it is no longer understood"
                self._changes.breaking(Direction.REQUEST, what, why, old=pointer, new=None)
            else:
                self._parameter((pointer, parameter), now[key])
        for key, (pointer, parameter) in now.items():
            if key not in before:
                what = f"the {parameter['in']} parameter {parameter['name']} is new"
                if parameter.get("required"):
                    why = "a caller that does not know it is refused"
                    self._changes.breaking(Direction.REQUEST, f"{what}, and required", why, old=None, new=pointer)
                else:
                    self._changes.compatible(Direction.REQUEST, what, "it may be left out", old=None, new=pointer)
        self._arguments(old, new, _positional(before), _positional(now))

    def _parameter(self, old: Parameter, new: Parameter) -> None:
        (old_at, before), (new_at, now) = old, new
        name = now["name"]
        where = {"old": old_at, "new": new_at}
        if before["name"] != name and before["in"] == "path":
            what, why = f"the parameter {before['name']} is {name} now", "a caller that gives it by name fails"
            self._changes.breaking(Direction.CLIENT, what, why, **where)
        if bool(before.get("required")) != bool(now.get("required")):
            if now.get("required"):
                what, why = f"the parameter {name} is required now", "a caller that leaves it out is refused"
                self._changes.breaking(Direction.REQUEST, what, why, **where)
            else:
                what = f"the parameter {name} is not required any more"
                self._changes.compatible(Direction.REQUEST, what, "whoever sends it may go on", **where)
        given, taken = bool(before.get("x-client-parameter")), bool(now.get("x-client-parameter"))
        if given and not taken:
            what = f"x-client-parameter: {name} is given with each call now"
            why = "a caller that gives it once, to the client, fails"
            self._changes.breaking(Direction.CLIENT, what, why, **where)
        elif taken and not given:
            what = f"x-client-parameter: {name} may be given once, to the client"
            self._changes.compatible(Direction.CLIENT, what, "it may be given with each call still", **where)
        at = child(old_at, "schema"), child(new_at, "schema")
        self._schemas.compare(
            flatten(self._old, at[0]),
            flatten(self._new, at[1]),
            Direction.REQUEST,
            models=False,
            old_at=at[0],
            new_at=at[1],
        )

    def _arguments(self, old: OperationRef, new: OperationRef, before: dict[str, str], now: dict[str, str]) -> None:
        """Arguments that callers give without a name: those of the path, in the order of the document."""
        if list(before) != list(now):
            one, other = (join_values(names.values()) or "none" for names in (before, now))
            what = f"arguments by position are {other} now, and were {one}"
            why = "a caller that gives them without their names errs"
            self._changes.breaking(Direction.CLIENT, what, why, old=old.pointer, new=new.pointer)

    def _headers(self, old: OperationRef, new: OperationRef) -> None:
        before, now = ({**each.definition.get("x-request-headers", {})} for each in (old, new))
        for name in dict.fromkeys([*before, *now]):
            one, other = before.get(name), now.get(name)
            at = [child(child(each.pointer, "x-request-headers"), name) for each in (old, new)]
            where = {"old": at[0] if one is not None else None, "new": at[1] if other is not None else None}
            if one is None:
                why = "a caller that makes its requests without the client is refused"
                what = f"x-request-headers: {name} is demanded now"
                self._changes.breaking(Direction.REQUEST, what, why, **where)
            elif other is None:
                what = f"x-request-headers: {name} is not demanded any more"
                self._changes.compatible(Direction.REQUEST, what, "whoever sends it may go on", **where)
            elif one != other:
                what, why = (
                    f"x-request-headers: {name} {one} becomes {other}",
                    "a caller that sends the old one is refused",
                )
                self._changes.breaking(Direction.REQUEST, what, why, **where)


def _compare_security(old: Side, new: Side, changes: Changes) -> None:
    """Compare the alternatives of two operations, any one of which is enough, and the schemes that both have."""
    before, now = _alternatives(old), _alternatives(new)
    where = {"old": child(old[1].pointer, "security"), "new": child(new[1].pointer, "security")}
    for alternative in before:
        if not any(other <= alternative for other in now):
            why = "a caller that sends just this is refused"
            changes.breaking(Direction.REQUEST, f"{_describe(alternative)} is not enough any more", why, **where)
    for alternative in now:
        if not any(other <= alternative for other in before):
            why = "callers with other credentials are not affected"
            changes.compatible(Direction.REQUEST, f"{_describe(alternative)} is enough now", why, **where)
    one, other = _schemes(old), _schemes(new)
    for scheme, declared in one.items():
        if scheme in other:
            extensions.authentication(changes, declared, other[scheme])


def _alternatives(side: Side) -> list[frozenset[_Scheme]]:
    document, operation = side
    schemes = document["components"].get("securitySchemes", {})
    declared = operation.definition.get("security", [])
    found = [frozenset(_scheme(schemes[name]) for name in alternative) for alternative in declared]
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


def _describe(alternative: frozenset[_Scheme]) -> str:
    if not alternative:
        return "a request without credentials"
    return join_values(sorted(f"{name or scheme} ({kind})" for kind, _, name, scheme in alternative))


def _compare_responses(old: Side, new: Side, schemas: SchemaComparison, changes: Changes) -> None:
    """Compare the responses that two operations give."""
    before, now = (operation.definition["responses"] for _, operation in (old, new))
    for status in before:
        if status in now:
            _response(_at(old, status), _at(new, status), _is_success(status), schemas, changes)
        else:
            _gone(old, new, status, schemas, changes)
    for status in now:
        if status not in before:
            _added(old, new, status, schemas, changes)


def _gone(old: Side, new: Side, status: str, schemas: SchemaComparison, changes: Changes) -> None:
    _, pointer, _ = _at(old, status)
    what = f"the response {status} is gone"
    general = _general(new, status)
    if _is_success(status):
        why = "a caller that reads it gets none"
        changes.breaking(Direction.RESPONSE, what, why, old=pointer, new=None)
        return
    changes.compatible(Direction.RESPONSE, what, "it is one failure less to expect", old=pointer, new=None)
    if general is not None:
        _response(_at(old, status), _at(new, general), False, schemas, changes)


def _added(old: Side, new: Side, status: str, schemas: SchemaComparison, changes: Changes) -> None:
    _, pointer, _ = _at(new, status)
    what = f"the response {status} is new"
    general = _general(old, status)
    if _is_success(status) and general is None:
        why = "a caller that knows the other successes meets one it cannot read"
        changes.breaking(Direction.RESPONSE, what, why, old=None, new=pointer)
        return
    why = "a failure of any status was to be expected" if general is None else f"{general} stood for it"
    changes.compatible(Direction.RESPONSE, what, why, old=None, new=pointer)
    if general is not None:
        _response(_at(old, general), _at(new, status), _is_success(status), schemas, changes)


def _response(
    old: _ResponseSide, new: _ResponseSide, success: bool, schemas: SchemaComparison, changes: Changes
) -> None:
    (old_document, old_at, before), (new_document, new_at, now) = old, new
    one, other = before.get("content", {}), now.get("content", {})
    for media_type in one:
        if media_type not in other:
            what, why = f"the media type {media_type} is gone", "a caller that reads it cannot any more"
            at = child(child(old_at, "content"), media_type)
            changes.breaking(Direction.RESPONSE, what, why, old=at, new=child(new_at, "content"))
        else:
            at, to = (child(child(child(each, "content"), media_type), "schema") for each in (old_at, new_at))
            schemas.compare(
                flatten(old_document, at),
                flatten(new_document, to),
                Direction.RESPONSE,
                models=success,
                old_at=at,
                new_at=to,
            )
    for media_type in other:
        if media_type not in one:
            what, to = f"the media type {media_type} is new", child(child(new_at, "content"), media_type)
            if success:
                why = "a caller that reads the others alone meets one it cannot read"
                changes.breaking(Direction.RESPONSE, what, why, old=child(old_at, "content"), new=to)
            else:
                why = "a failure with any body was to be expected"
                changes.compatible(Direction.RESPONSE, what, why, old=child(old_at, "content"), new=to)
    _headers(old, new, schemas, changes)


def _headers(old: _ResponseSide, new: _ResponseSide, schemas: SchemaComparison, changes: Changes) -> None:
    (old_document, old_at, _), (new_document, new_at, _) = old, new
    before, now = (_declared_headers(side) for side in (old, new))
    for name, (at, header) in before.items():
        if name not in now:
            what, why = f"the header {name} is gone", "a caller that reads it finds nothing"
            changes.breaking(Direction.RESPONSE, what, why, old=at, new=new_at)
            continue
        to, other = now[name]
        if header.get("required") and not other.get("required"):
            what, why = f"the header {name} is not required any more", "a caller that reads it may find it missing"
            changes.breaking(Direction.RESPONSE, what, why, old=at, new=to)
        elif other.get("required") and not header.get("required"):
            what, why = f"the header {name} is required now", "each response that is valid now was valid before"
            changes.compatible(Direction.RESPONSE, what, why, old=at, new=to)
        pointers = child(at, "schema"), child(to, "schema")
        schemas.compare(
            flatten(old_document, pointers[0]),
            flatten(new_document, pointers[1]),
            Direction.RESPONSE,
            models=False,
            old_at=pointers[0],
            new_at=pointers[1],
        )
    for name, (to, _) in now.items():
        if name not in before:
            why = "a response may have headers that no document describes"
            changes.compatible(Direction.RESPONSE, f"the header {name} is new", why, old=old_at, new=to)


def _declared_headers(side: _ResponseSide) -> dict[str, tuple[str, dict[str, Any]]]:
    """The headers of a response by their names in lower case, with their pointers; references are resolved."""
    document, at, response = side
    pointers = {
        name.lower(): header["$ref"][1:] if "$ref" in header else child(at, "headers", name)
        for name, header in response.get("headers", {}).items()
    }
    return {name: (pointer, resolve(document, pointer)) for name, pointer in pointers.items()}


def _at(side: Side, status: str) -> _ResponseSide:
    document, operation = side
    pointer = child(child(operation.pointer, "responses"), status)
    return document, pointer, operation.definition["responses"][status]


def _general(side: Side, status: str) -> str | None:
    """Return the range or, of errors, `default` that applies to a status without its own entry, or None."""
    _, operation = side
    candidates = (f"{status[0]}XX", *(["default"] if status[0] in "45" else []))
    return next((each for each in candidates if each != status and each in operation.definition["responses"]), None)


def _is_success(status: str) -> bool:
    return status.startswith("2")


def _address(operation: OperationRef) -> tuple[str, str]:
    """Method and path. What a parameter of the path is called, nobody sees who sends it."""
    return operation.method, re.sub(r"\{[^{}]*\}", "{}", operation.path)


def _identity(operation: OperationRef) -> str:
    return operation.id


def _declared(operation: OperationRef, name: str) -> extensions.Declared:
    value = operation.definition.get(name)
    return (operation.pointer if value is None else child(operation.pointer, name)), value


def _parameters(document: Document, operation: OperationRef) -> dict[tuple[str, str], Parameter]:
    """The parameters by what they are known by on the wire: those of the path by their place in it."""
    pointers = re.findall(r"\{([^{}]*)\}", operation.path)
    found: dict[tuple[str, str], Parameter] = {}
    for index, entry in enumerate(operation.definition.get("parameters", [])):
        reference = entry.get("$ref")
        pointer = reference[1:] if reference else child(child(operation.pointer, "parameters"), index)
        parameter = resolve(document, pointer)
        name = parameter["name"]
        if parameter["in"] == "path" and name in pointers:
            name = str(pointers.index(name))
        elif parameter["in"] == "header":
            name = name.lower()
        found[parameter["in"], name] = pointer, parameter
    return found


def _positional(parameters: dict[tuple[str, str], Parameter]) -> dict[str, str]:
    """Names of the arguments that a client takes by position, by their place in the path, in the order of arguments."""
    return {
        known_by: parameter["name"]
        for (location, known_by), (_, parameter) in parameters.items()
        if location == "path" and not parameter.get("x-client-parameter")
    }
