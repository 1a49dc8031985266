"""Compare operations: paths, parameters, request bodies, credentials and responses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import attrs

from ...documents import OperationRef
from ...documents.json_pointer import child
from ...documents.workspace import METHODS
from . import extensions
from .changes import UNSTABLE, Changes, Direction, compare_lifecycle, day_of
from .effective_schema import effective, followed
from .keywords import join_values
from .schemas import SchemaComparison

Document = dict[str, Any]

Side = tuple[Document, OperationRef]
"""A document, and the operation in it."""

Located = tuple[str, dict[str, Any]]
"""A parameter, header, request body or response with its pointer, after references."""

_Scheme = tuple[str, ...]
"""A security scheme as it is sent: its type, location, name and HTTP scheme, and the scopes."""

_GONE = "a caller that uses it is rejected"


class OperationComparison:
    """Compares the operations and the webhooks of two documents."""

    def __init__(self, old: Document, new: Document, changes: Changes) -> None:
        self._old, self._new = old, new
        self._changes = changes
        self._schemas = SchemaComparison(changes)

    def run(self) -> None:
        for old, new in _pairs(list(operations(self._old)), list(operations(self._new))):
            if old is None and new is not None:
                what = f"{new.method.upper()} {new.path} is new"
                self._changes.compatible(Direction.REQUEST, what, "no caller used it", old=None, new=new.pointer)
            elif new is None and old is not None:
                self._gone(old)
            elif old is not None and new is not None:
                self._operation(old, new)
        _compare_flows(self._old, self._new, self._changes)
        before, now = ({each.path: each for each in operations(side, "webhooks")} for side in (self._old, self._new))
        for name in {**before, **now}:
            one, other = before.get(name), now.get(name)
            if one is None and other is not None:
                what = f"the webhook {name} is new"
                self._changes.compatible(
                    Direction.RESPONSE, what, "a caller receives it only after registering", old=None, new=other.pointer
                )
            elif other is None and one is not None:
                what, why = f"the webhook {name} is gone", "callers no longer receive it"
                self._changes.breaking(Direction.RESPONSE, what, why, old=one.pointer, new=None)
            elif one is not None and other is not None:
                self._operation(one, other)

    def _gone(self, old: OperationRef) -> None:
        what = f"{old.method.upper()} {old.path} is gone"
        self._removed(old.definition, old.definition, what, _GONE, old.pointer)

    def _removed(self, holder: dict[str, Any], operation: dict[str, Any], what: str, breaks: str, pointer: str) -> None:
        """Report a removal. It is compatible if the part was unstable, or deprecated without a later `x-sunset`."""
        sunset, day = holder.get("x-sunset"), day_of(holder.get("x-sunset"))
        if operation.get("x-stability-level") in UNSTABLE:
            why = f"it was {operation['x-stability-level']}"
            self._changes.compatible(Direction.REQUEST, what, why, old=pointer, new=None)
        elif holder.get("deprecated") is True and (sunset is None or (day and day <= datetime.now(UTC).date())):
            self._changes.compatible(Direction.REQUEST, what, "it was deprecated", old=pointer, new=None)
        else:
            why = breaks if sunset is None else f"{breaks}, before its x-sunset {sunset}"
            self._changes.breaking(Direction.REQUEST, what, why, old=pointer, new=None)

    def _operation(self, old: OperationRef, new: OperationRef) -> None:
        where = {"old": old.pointer, "new": new.pointer}
        if _address(old) != _address(new):
            what = f"{old.method.upper()} {old.path} is {new.method.upper()} {new.path} now"
            self._changes.breaking(Direction.REQUEST, what, _GONE, **where)
        if _identity(old) != _identity(new):
            names = [_identity(each) or "without operationId" for each in (old, new)]
            what = f"the operation {names[0]} is {names[1]} now"
            self._changes.breaking(Direction.CLIENT, what, "code that calls the old method fails", **where)
        compare_lifecycle(self._changes, old.definition, new.definition, f"{new.method.upper()} {new.path}", where)
        self._parameters(old, new)
        self._body(old, new)
        self._headers(old, new)
        _compare_security((self._old, old), (self._new, new), self._changes)
        for name, compare in (
            ("x-poll", extensions.poll),
            ("x-pagination", extensions.pagination),
            ("x-start", extensions.start),
        ):
            compare(self._changes, _declared(old, name), _declared(new, name))
        _compare_responses((self._old, old), (self._new, new), self._schemas, self._changes)

    def _parameters(self, old: OperationRef, new: OperationRef) -> None:
        before, now = _parameters(self._old, old), _parameters(self._new, new)
        for key, (pointer, parameter) in before.items():
            if key not in now:
                what = f"the {parameter['in']} parameter {parameter['name']} is gone"
                why = "a caller that sends it is no longer understood"
                self._removed(parameter, old.definition, what, why, pointer)
            else:
                self._parameter((pointer, parameter), now[key])
        for key, (pointer, parameter) in now.items():
            if key not in before:
                what = f"the {parameter['in']} parameter {parameter['name']} is new"
                if parameter.get("required") or parameter["in"] == "path":
                    why = "a caller that does not send it is rejected"
                    self._changes.breaking(Direction.REQUEST, f"{what}, and required", why, old=None, new=pointer)
                else:
                    self._changes.compatible(Direction.REQUEST, what, "it may be left out", old=None, new=pointer)
        self._arguments(old, new, _positional(before), _positional(now))

    def _parameter(self, old: Located, new: Located) -> None:
        (old_at, before), (new_at, now) = old, new
        name = now["name"]
        where = {"old": old_at, "new": new_at}
        if before["name"] != name and before["in"] == "path":
            what, why = f"the parameter {before['name']} is {name} now", "code that passes it by name fails"
            self._changes.breaking(Direction.CLIENT, what, why, **where)
        if before["in"] != "path" and bool(before.get("required")) != bool(now.get("required")):
            if now.get("required"):
                what, why = f"the parameter {name} is required now", "a caller that leaves it out is rejected"
                self._changes.breaking(Direction.REQUEST, what, why, **where)
            else:
                what = f"the parameter {name} is no longer required"
                self._changes.compatible(Direction.REQUEST, what, "a caller may still send it", **where)
        given, taken = bool(before.get("x-client-parameter")), bool(now.get("x-client-parameter"))
        if given and not taken:
            what = f"x-client-parameter: {name} must be passed with each call now"
            why = "code that passes it once, to the client, fails"
            self._changes.breaking(Direction.CLIENT, what, why, **where)
        elif taken and not given:
            what = f"x-client-parameter: {name} may be passed once, to the client"
            self._changes.compatible(Direction.CLIENT, what, "it may still be passed with each call", **where)
        compare_lifecycle(self._changes, before, now, f"the parameter {name}", where)
        at = _schema_of(old), _schema_of(new)
        one, other = effective(self._old, at[0]), effective(self._new, at[1])
        style, other_style = _style(before), _style(now)
        lists = {"array", "object"}
        if style != other_style and one.kinds & other.kinds & lists and not (one.is_anything or other.is_anything):
            what = f"the parameter {name} is written in style {other_style} now, and was in {style}"
            self._changes.breaking(Direction.REQUEST, what, "a caller that uses the old style is rejected", **where)
        if not one.kinds & lists and other.kinds == {"array"} and other_style in ("form, exploded", "simple"):
            what = f"the parameter {name} takes a list now"
            self._changes.compatible(Direction.REQUEST, what, "one value is sent as before", old=at[0], new=at[1])
            at = at[0], child(at[1], "items")
            other = other.items
        self._schemas.compare(
            one,
            other,
            Direction.REQUEST,
            models=False,
            old_at=at[0],
            new_at=at[1],
            parameter=True,
            written="content" not in now,
        )

    def _body(self, old: OperationRef, new: OperationRef) -> None:
        """Compare the request bodies."""
        (old_at, before), (new_at, now) = (
            _member(document, each, "requestBody") for document, each in ((self._old, old), (self._new, new))
        )
        where = {"old": old_at if before else old.pointer, "new": new_at if now else new.pointer}
        required = bool(before.get("required")), bool(now.get("required"))
        if not before and not now:
            return
        if not before:
            if required[1]:
                what, why = "a request body is required now", "a caller that sends none is rejected"
                self._changes.breaking(Direction.REQUEST, what, why, **where)
            else:
                what = "a request body is possible now"
                self._changes.compatible(Direction.REQUEST, what, "it may be left out", **where)
            return
        if not now:
            what, why = "the request body is gone", "a caller that sends it is no longer understood"
            self._changes.breaking(Direction.REQUEST, what, why, **where)
            return
        if required[1] and not required[0]:
            what, why = "the request body is required now", "a caller that leaves it out is rejected"
            self._changes.breaking(Direction.REQUEST, what, why, **where)
        elif required[0] and not required[1]:
            what = "the request body is no longer required"
            self._changes.compatible(Direction.REQUEST, what, "a caller may still send it", **where)
        one, other = _media_types(old_at, before), _media_types(new_at, now)
        for media_type, at in one.items():
            there = _covering(other, media_type)
            if there is None:
                what, why = f"the media type {media_type} of requests is gone", "a caller that sends it is rejected"
                self._changes.breaking(Direction.REQUEST, what, why, old=at, new=new_at)
            else:
                self._compare_content(at, there, Direction.REQUEST, media_type)
        for media_type, at in other.items():
            if _covering(one, media_type) is None:
                what = f"the media type {media_type} of requests is new"
                self._changes.compatible(Direction.REQUEST, what, "the others are still accepted", old=old_at, new=at)

    def _compare_content(self, old_at: str, new_at: str, direction: Direction, media_type: str) -> None:
        at = child(old_at, "schema"), child(new_at, "schema")
        self._schemas.compare(
            effective(self._old, at[0]),
            effective(self._new, at[1]),
            direction,
            models=False,
            old_at=at[0],
            new_at=at[1],
            written=not _is_json(media_type),
        )

    def _arguments(self, old: OperationRef, new: OperationRef, before: dict[str, str], now: dict[str, str]) -> None:
        """Compare the positional arguments, which are the path parameters in order."""
        if list(before) != list(now):
            one, other = (join_values(names.values()) or "none" for names in (before, now))
            what = f"arguments by position are {other} now, and were {one}"
            why = "code that passes them by position passes wrong values"
            self._changes.breaking(Direction.CLIENT, what, why, old=old.pointer, new=new.pointer)

    def _headers(self, old: OperationRef, new: OperationRef) -> None:
        before, now = ({**each.definition.get("x-request-headers", {})} for each in (old, new))
        for name in dict.fromkeys([*before, *now]):
            one, other = before.get(name), now.get(name)
            at = [child(child(each.pointer, "x-request-headers"), name) for each in (old, new)]
            where = {"old": at[0] if one is not None else None, "new": at[1] if other is not None else None}
            if one is None:
                why = "a caller without the client is rejected"
                what = f"x-request-headers: {name} is required now"
                self._changes.breaking(Direction.REQUEST, what, why, **where)
            elif other is None:
                what = f"x-request-headers: {name} is no longer required"
                self._changes.compatible(Direction.REQUEST, what, "a caller may still send it", **where)
            elif one != other:
                what, why = (
                    f"x-request-headers: {name} {one} becomes {other}",
                    "a caller that sends the old one is rejected",
                )
                self._changes.breaking(Direction.REQUEST, what, why, **where)


def _compare_security(old: Side, new: Side, changes: Changes) -> None:
    """Compare the security requirements of two operations, of which one is enough, and their common schemes."""
    before, now = _alternatives(old), _alternatives(new)
    where = {"old": _security(old)[0], "new": _security(new)[0]}
    for alternative in before:
        if not any(_is_enough(other, alternative) for other in now):
            why = "a caller that sends only this is rejected"
            changes.breaking(Direction.REQUEST, f"{_describe(alternative)} is no longer enough", why, **where)
    for alternative in now:
        if not any(_is_enough(other, alternative) for other in before):
            why = "callers with other credentials are not affected"
            changes.compatible(Direction.REQUEST, f"{_describe(alternative)} is enough now", why, **where)
    one, other = _schemes(old), _schemes(new)
    for scheme, declared in one.items():
        if scheme in other:
            extensions.authentication(changes, declared, other[scheme])


def _security(side: Side) -> tuple[str, list[dict[str, list[str]]]]:
    """Return the security requirements of an operation, by default those of the document."""
    document, operation = side
    at, stated = child(operation.pointer, "security"), operation.definition.get("security")
    if not isinstance(stated, list) and isinstance(document.get("security"), list):
        at, stated = "/security", document["security"]
    requirements = [each for each in stated or () if isinstance(each, dict)]
    return at, [{name: list(map(str, scopes or ())) for name, scopes in each.items()} for each in requirements]


_FLOW_URLS = {
    "tokenUrl": "a caller that requests a token where it did before gets none that is valid",
    "refreshUrl": "a caller that renews a token where it did before gets none that is valid",
    "authorizationUrl": "a caller that sends its user where it did before gets no consent",
    "deviceAuthorizationUrl": "a caller that requests a code where it did before gets none that is valid",
}
"""URLs of a flow of OAuth 2, with the harm of another one."""


def _compare_flows(old: Document, new: Document, changes: Changes) -> None:
    """Compare the flows of the OAuth 2 schemes that both documents have; those of an unused scheme affect no caller."""
    used = {
        name
        for document in (old, new)
        for operation in operations(document)
        for alternative in _security((document, operation))[1]
        for name in alternative
    }
    before, now = (dict(_flows(document)) for document in (old, new))
    for key, (at, flows) in before.items():
        if key not in now:
            continue
        to, others = now[key]
        for name in dict.fromkeys([*flows, *others]):
            there = [_Place(child(at, name), flows.get(name)), _Place(child(to, name), others.get(name))]
            for is_harmful, what, why, where in _flow_changes(name, *there):
                if key not in used:
                    changes.neutral(what, **where)
                elif is_harmful:
                    changes.breaking(Direction.CLIENT, what, why, **where)
                else:
                    changes.compatible(Direction.CLIENT, what, why, **where)


def _flows(document: Document) -> Iterator[tuple[str, tuple[str, dict[str, dict[str, Any]]]]]:
    """Yield the OAuth 2 schemes of a document: name, place of the flows, and the flows."""
    for key in (document.get("components") or {}).get("securitySchemes") or {}:
        at, scheme = followed(document, child("/components/securitySchemes", key))
        if isinstance(scheme, dict) and scheme.get("type") == "oauth2" and isinstance(scheme.get("flows"), dict):
            flows = {name: flow for name, flow in scheme["flows"].items() if isinstance(flow, dict)}
            yield key, (child(at, "flows"), flows)


@attrs.frozen
class _Place:
    """A flow of OAuth 2 of one side; None if the side lacks it."""

    at: str
    flow: dict[str, Any] | None

    def pointer(self, *keys: str) -> str | None:
        """Return the place of a member, or of the nearest part around it."""
        at, value = self.at, self.flow
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                break
            at, value = child(at, key), value[key]
        return None if self.flow is None else at

    @property
    def scopes(self) -> dict[str, Any]:
        scopes = (self.flow or {}).get("scopes")
        return scopes if isinstance(scopes, dict) else {}


_FlowChange = tuple[bool, str, str, dict[str, str | None]]
"""Whether a change is harmful, its text, its reason, and its place on both sides."""


def _flow_changes(name: str, old: _Place, new: _Place) -> Iterator[_FlowChange]:
    """Yield the changes of a flow."""

    def where(*keys: str) -> dict[str, str | None]:
        return {"old": old.pointer(*keys), "new": new.pointer(*keys)}

    if old.flow is None or new.flow is None:
        if new.flow is None:
            yield True, f"the flow {name} is gone", "a caller that gets its token by it gets none", where()
        else:
            yield False, f"the flow {name} is new", "no caller used it", where()
        return
    for key, why in _FLOW_URLS.items():
        one, other = old.flow.get(key), new.flow.get(key)
        if one is None and other is not None:
            yield False, f"{name}: {key} is declared now", "no caller used it", where(key)
        elif one != other:
            word = f"becomes {other}" if other is not None else "is not declared any more"
            yield True, f"{name}: {key} {one} {word}", why, where(key)
    for scope in dict.fromkeys([*old.scopes, *new.scopes]):
        if scope not in new.scopes:
            why = "a caller that requests a token with it is refused"
            yield True, f"{name}: the scope {scope} is gone", why, where("scopes", scope)
        elif scope not in old.scopes:
            yield False, f"{name}: the scope {scope} is new", "no caller asked for it", where("scopes", scope)


_Alternative = dict[_Scheme, frozenset[str]]
"""Security schemes that are required together, each with its scopes."""


def _alternatives(side: Side) -> list[_Alternative]:
    document, _ = side
    found = [
        {_scheme(document, name): frozenset(scopes) for name, scopes in alternative.items()}
        for alternative in _security(side)[1]
    ]
    return found or [{}]


def _is_enough(demanded: _Alternative, given: _Alternative) -> bool:
    """Return whether the given credentials satisfy an alternative."""
    return all(scheme in given and scopes <= given[scheme] for scheme, scopes in demanded.items())


def _schemes(side: Side) -> dict[_Scheme, extensions.Declared]:
    document, _ = side
    found: dict[_Scheme, extensions.Declared] = {}
    for alternative in _security(side)[1]:
        for name in alternative:
            at, scheme = followed(document, child("/components/securitySchemes", name))
            value = scheme.get("x-auth") if isinstance(scheme, dict) else None
            place = at if value is None else child(at, "x-auth")
            if value is None and isinstance(scheme, dict) and scheme.get("type") in ("http", "oauth2"):
                # A client can send these without an extension, by its defaults.
                value = {}
            found[_scheme(document, name)] = place, value
    return found


def _scheme(document: Document, key: str) -> _Scheme:
    _, scheme = followed(document, child("/components/securitySchemes", key))
    if not isinstance(scheme, dict):
        return key, "", "", ""
    where, name = str(scheme.get("in", "")), str(scheme.get("name", ""))
    kind = str(scheme.get("type", ""))
    if kind in ("oauth2", "openIdConnect", "mutualTLS"):
        name = str(scheme.get("openIdConnectUrl", key if kind == "oauth2" else ""))
    return kind, where, name.lower() if where == "header" else name, str(scheme.get("scheme", "")).lower()


def _describe(alternative: _Alternative) -> str:
    if not alternative:
        return "a request without credentials"

    def text(scheme: _Scheme, scopes: frozenset[str]) -> str:
        kind, _, name, http = scheme
        return f"{name or http or kind} ({kind})" + (f" with {', '.join(sorted(scopes))}" if scopes else "")

    return join_values(sorted(text(*each) for each in alternative.items()))


def _compare_responses(old: Side, new: Side, schemas: SchemaComparison, changes: Changes) -> None:
    """Compare the responses that two operations give."""
    before, now = (_responses(side) for side in (old, new))
    for status in before:
        if status in now:
            _response(old, new, before[status], now[status], _is_success(status), schemas, changes)
        else:
            _gone(old, new, status, schemas, changes)
    for status in now:
        if status not in before:
            _added(old, new, status, schemas, changes)


def _gone(old: Side, new: Side, status: str, schemas: SchemaComparison, changes: Changes) -> None:
    before = _responses(old)[status]
    what = f"the response {status} is gone"
    general = _general(new, status)
    if _is_success(status) and general is None:
        changes.breaking(Direction.RESPONSE, what, "a caller that reads it gets none", old=before[0], new=None)
        return
    why = "callers expect one error less" if general is None else f"{general} covers it"
    changes.compatible(Direction.RESPONSE, what, why, old=before[0], new=None)
    if general is not None:
        _response(old, new, before, _responses(new)[general], _is_success(status), schemas, changes)


def _added(old: Side, new: Side, status: str, schemas: SchemaComparison, changes: Changes) -> None:
    now = _responses(new)[status]
    what = f"the response {status} is new"
    general = _general(old, status)
    if general is not None:
        why = f"{general} covered it"
    elif _is_success(status):
        why = "other requests have the same responses as before"
    else:
        why = "callers expect errors of any status"
    changes.compatible(Direction.RESPONSE, what, why, old=None, new=now[0])
    if general is not None:
        _response(old, new, _responses(old)[general], now, _is_success(status), schemas, changes)


def _response(
    old_side: Side,
    new_side: Side,
    old: Located,
    new: Located,
    success: bool,
    schemas: SchemaComparison,
    changes: Changes,
) -> None:
    (old_at, before), (new_at, now) = old, new
    one, other = _media_types(old_at, before), _media_types(new_at, now)
    for media_type, at in one.items():
        to = _covering(other, media_type, exact=True)
        if to is None and (narrower := _narrower(other, media_type)):
            to = narrower[1]
            what = f"the media type {media_type} is {narrower[0]} now"
            changes.compatible(Direction.RESPONSE, what, "it is included in the old media type", old=at, new=to)
        if to is None:
            wider = _covering(other, media_type)
            what, why = f"the media type {media_type} is gone", "a caller can no longer read it"
            changes.breaking(Direction.RESPONSE, what, why, old=at, new=wider or child(new_at, "content"))
            continue
        pointers = child(at, "schema"), child(to, "schema")
        schemas.compare(
            effective(old_side[0], pointers[0]),
            effective(new_side[0], pointers[1]),
            Direction.RESPONSE,
            models=success,
            old_at=pointers[0],
            new_at=pointers[1],
            written=not _is_json(media_type),
        )
    for media_type, to in other.items():
        if _covering(one, media_type) is None:
            why = "a caller that accepts another one gets that" if success else "callers expect errors with any body"
            what = f"the media type {media_type} is new"
            changes.compatible(Direction.RESPONSE, what, why, old=child(old_at, "content"), new=to)
    _compare_headers(old_side, new_side, old, new, schemas, changes)


def _compare_headers(
    old_side: Side, new_side: Side, old: Located, new: Located, schemas: SchemaComparison, changes: Changes
) -> None:
    before, now = (_headers_of(side[0], located) for side, located in ((old_side, old), (new_side, new)))
    for name, (at, header) in before.items():
        if name not in now:
            what, why = f"the header {name} is gone", "a caller that reads it finds nothing"
            changes.breaking(Direction.RESPONSE, what, why, old=at, new=new[0])
            continue
        to, other = now[name]
        if header.get("required") and not other.get("required"):
            what, why = f"the header {name} is no longer required", "a caller that reads it may find it missing"
            changes.breaking(Direction.RESPONSE, what, why, old=at, new=to)
        elif other.get("required") and not header.get("required"):
            what, why = f"the header {name} is required now", "each response that is valid now was valid before"
            changes.compatible(Direction.RESPONSE, what, why, old=at, new=to)
        pointers = _schema_of((at, header)), _schema_of((to, other))
        schemas.compare(
            effective(old_side[0], pointers[0]),
            effective(new_side[0], pointers[1]),
            Direction.RESPONSE,
            models=False,
            old_at=pointers[0],
            new_at=pointers[1],
            written=True,
        )
    for name, (to, _) in now.items():
        if name not in before:
            why = "responses may have undocumented headers"
            changes.compatible(Direction.RESPONSE, f"the header {name} is new", why, old=old[0], new=to)


def _headers_of(document: Document, response: Located) -> dict[str, Located]:
    """Return the headers of a response by their names in lower case."""
    at, declared = response
    found = {name.lower(): followed(document, child(at, "headers", name)) for name in declared.get("headers") or {}}
    return {name: (pointer, header) for name, (pointer, header) in found.items() if isinstance(header, dict)}


def _media_types(at: str, holder: dict[str, Any]) -> dict[str, str]:
    """Return pointers of the media types, by name without parameters such as `charset`, in lower case."""
    content = holder.get("content")
    names = content if isinstance(content, dict) else {}
    return {name.partition(";")[0].strip().lower(): child(at, "content", name) for name in names}


def _covering(there: dict[str, str], media_type: str, *, exact: bool = False) -> str | None:
    """Return the pointer of a media type, or of a range that includes it, such as `application/*`."""
    ranges = [media_type] if exact else [media_type, f"{media_type.partition('/')[0]}/*", "*/*"]
    return next((there[name] for name in ranges if name in there), None)


def _narrower(there: dict[str, str], media_type: str) -> tuple[str, str] | None:
    """Return a media type that a range includes, with its pointer."""
    return next((each for each in there.items() if _covering({media_type: ""}, each[0]) is not None), None)


def _is_json(media_type: str) -> bool:
    return media_type.endswith(("/json", "+json", "/*"))


def _schema_of(located: Located) -> str:
    """Return the pointer of the schema of a parameter or header, which may be in its only media type."""
    at, holder = located
    media_types = _media_types(at, holder)
    return child(next(iter(media_types.values())), "schema") if media_types else child(at, "schema")


def _member(document: Document, operation: OperationRef, key: str) -> Located:
    """Return a part of an operation, such as its request body; an empty one if it is missing."""
    at, value = followed(document, child(operation.pointer, key))
    return at, value if isinstance(value, dict) and key in operation.definition else {}


def _responses(side: Side) -> dict[str, Located]:
    document, operation = side
    declared = operation.definition.get("responses") or {}
    found = {
        str(status).upper() if str(status) != "default" else "default": followed(
            document, child(operation.pointer, "responses", status)
        )
        for status in declared
        if not str(status).startswith("x-")
    }
    return {status: (at, response) for status, (at, response) in found.items() if isinstance(response, dict)}


def _general(side: Side, status: str) -> str | None:
    """Return the range, or for an error `default`, that applies to a status without its own entry; else None."""
    candidates = (f"{status[0]}XX", *(["default"] if status[0] in "45" else []))
    responses = _responses(side)
    return next((each for each in candidates if each != status and each in responses), None)


def _is_success(status: str) -> bool:
    return status.startswith("2")


def operations(document: Document, group: str = "paths") -> Iterator[OperationRef]:
    """Yield the operations of `paths` or `webhooks`, after references."""
    for path in document.get(group) or {}:
        at, item = followed(document, child(f"/{group}", path))
        if not isinstance(item, dict):
            continue
        for method in METHODS:
            if isinstance(item.get(method), dict):
                definition = item[method]
                yield OperationRef(path, method, definition, child(at, method))


def _pairs(
    before: list[OperationRef], now: list[OperationRef]
) -> Iterator[tuple[OperationRef | None, OperationRef | None]]:
    """Yield pairs of operations with the same method and path, or else operationId. One of a pair may be missing."""
    found: list[tuple[OperationRef, OperationRef]] = []
    ways: tuple[Callable[[OperationRef], Any], ...] = (_exact_address, _address, _identity)
    for same in ways:
        waiting: dict[Any, list[OperationRef]] = {}
        taken = {id(other) for _, other in found}
        for new in now:
            if id(new) not in taken:
                waiting.setdefault(same(new), []).append(new)
        done = {id(one) for one, _ in found}
        for old in before:
            key = same(old)
            if id(old) not in done and key != "" and waiting.get(key):
                found.append((old, waiting[key].pop(0)))
    of_old = {id(one): (one, other) for one, other in found}
    for old in before:
        yield of_old.get(id(old), (old, None))
    paired = {id(other) for _, other in found}
    for new in now:
        if id(new) not in paired:
            yield None, new


def _exact_address(operation: OperationRef) -> tuple[str, str]:
    return operation.method, operation.path


def _address(operation: OperationRef) -> tuple[str, str]:
    """Return method and path, without the names of path parameters, which are not sent."""
    return operation.method, re.sub(r"\{[^{}]*\}", "{}", operation.path)


def _identity(operation: OperationRef) -> str:
    return str(operation.definition.get("operationId", ""))


def _declared(operation: OperationRef, name: str) -> extensions.Declared:
    value = operation.definition.get(name)
    return (operation.pointer if value is None else child(operation.pointer, name)), value


def _parameters(document: Document, operation: OperationRef) -> dict[tuple[str, str], Located]:
    """Return the parameters by location and name, those of the path by position; includes those of the path item."""
    places = re.findall(r"\{([^{}]*)\}", operation.path)
    item = operation.pointer.rpartition("/")[0]
    found: dict[tuple[str, str], Located] = {}
    for outer in (item, operation.pointer):
        _, holder = followed(document, outer)
        entries = holder.get("parameters") if isinstance(holder, dict) else None
        for index in range(len(entries) if isinstance(entries, list) else 0):
            pointer, parameter = followed(document, child(outer, "parameters", index))
            if not isinstance(parameter, dict) or not {"name", "in"} <= parameter.keys():
                continue
            name = str(parameter["name"])
            if parameter["in"] == "path" and name in places:
                name = str(places.index(name))
            elif parameter["in"] == "header":
                name = name.lower()
                if name in ("accept", "content-type", "authorization"):  # OpenAPI ignores them as parameters
                    continue
            found[parameter["in"], name] = pointer, parameter
    return found


def _style(parameter: dict[str, Any]) -> str:
    """Return the serialisation of lists and objects of a parameter."""
    if "content" in parameter:
        return ", ".join(_media_types("", parameter))
    style = parameter.get("style") or ("form" if parameter.get("in") in ("query", "cookie") else "simple")
    explode = parameter.get("explode", style == "form")
    return f"{style}, exploded" if explode is True else str(style)


def _positional(parameters: dict[tuple[str, str], Located]) -> dict[str, str]:
    """Return the names of the positional arguments of a call, by their position in the path."""
    return {
        known_by: parameter["name"]
        for (location, known_by), (_, parameter) in parameters.items()
        if location == "path" and not parameter.get("x-client-parameter")
    }
