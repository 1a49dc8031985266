"""Jobs, pages, errors and credentials of an exchange, by the extensions of its document.

This code is independent of the client, so that a bug of the client cannot hide a bug of a provider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import attrs

from ..documents.json_pointer import WHOLE, PointerNotFound, child, find, locate, pointer_of, resolve
from .checker import Contract, Route
from .exchange import Exchange, InvalidJSON
from .rules import CompiledSchemas

FINAL = frozenset({"succeeded", "partial", "failed", "stopped"})
"""Kinds of the states of a job that has ended."""

_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)? ([+-]\d{4})\b.*", re.ASCII)

_KINDS = ("pending", "running", "succeeded", "partial", "failed", "stopped")

_UNITS = {"epoch-s": 1, "epoch-ms": 1_000, "epoch-us": 1_000_000}

_YEARS = range(2000, 2101)


_ALMOST = 0.99
"""Highest progress of a job that has not succeeded."""

_CREDENTIAL_PREFIXES = {"aksk": "SDK-HMAC-SHA256 "}
"""The prefix of a credential, by the method of `x-auth`."""


@attrs.frozen(slots=False)
class JobView:
    """A job, sub-job or row of a listing, with its pointer into the response."""

    data: dict[str, Any] = attrs.field(repr=False)
    pointer: str
    schema_pointer: str
    """Pointer of the schema with its `x-job`."""
    _schemas: CompiledSchemas = attrs.field(repr=False)
    key: str | None = None
    """Its key in a map of children, which is its ID if it has no other."""

    @cached_property
    def _declared(self) -> dict[str, Any]:
        return next(
            part["x-job"]
            for schema_pointer, part in self._schemas.parts(self.schema_pointer)
            if schema_pointer == self.schema_pointer
        )

    @cached_property
    def id(self) -> str | None:
        """Its ID."""
        value = self._first(self._declared["id"])
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else self.key

    @cached_property
    def state(self) -> Any:
        """State in the response, or its kind if several fields have the state. None if it is missing."""
        states = self._declared["state"]
        if "field" in states:
            return self._first(states["field"])
        return None if self.kind == "unknown" else self.kind

    @cached_property
    def kind(self) -> str:
        """Kind of its state: `pending`, `running`, `succeeded`, `partial`, `failed`, `stopped` or `unknown`."""
        states = self._declared["state"]
        otherwise = str(states.get("otherwise", "unknown"))
        if "field" in states:
            value = self._first(states["field"])
            is_list = self._is_list(states["field"])
            found = (kind for kind, values in states.items() if kind in _KINDS and _is_listed(value, values, is_list))
        else:
            found = (
                case["is"]
                for case in states["cases"]
                if all(_is_met(self._value(field), test, self._is_list(field)) for field, test in case["when"].items())
            )
        return next(found, otherwise)

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.kind in FINAL

    @property
    def is_resumable(self) -> bool:
        """Whether it has ended, but may run again after a request such as a retry."""
        return self.kind in self._declared.get("resumable", ())

    @cached_property
    def code(self) -> str | None:
        """Its error code."""
        value = self._first(self._declared.get("code", ()))
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None

    @cached_property
    def done(self) -> float | None:
        """The completed amount, in the unit of the document. None if no field has it."""
        progress = self._declared.get("progress", {})
        if "field" in progress:
            return _amount(self._first(progress["field"]), progress.get("format"))
        counts = [_number(self._value(name)) for name in progress.get("done", ())]
        return sum(count or 0 for count in counts) if any(count is not None for count in counts) else None

    @cached_property
    def total(self) -> float | None:
        """The total amount. None if no field has it."""
        progress = self._declared.get("progress", {})
        return _number(self._value(progress["total"])) if "total" in progress else None

    @cached_property
    def started(self) -> datetime | None:
        """When it started."""
        return self._time("started")

    @cached_property
    def ended(self) -> datetime | None:
        """When it ended; None before."""
        return self._time("ended")

    @cached_property
    def children(self) -> tuple[JobView, ...]:
        """Its sub-jobs or tasks."""
        declared = self._declared.get("children", ())
        fields = [declared] if isinstance(declared, str) else declared
        return tuple(job for field in fields for job in self._children(field))

    def _children(self, field: str) -> Iterator[JobView]:
        """Yield the children in one field, which is a list, a map, or one child."""
        found = locate(self.data, field)
        if found is None or not isinstance(found[1], list | dict):
            return
        pointer, children = self.pointer + found[0], found[1]
        alone, _ = self._schemas.member(self.schema_pointer, field)
        if isinstance(children, dict) and alone and job_schema(self._schemas, alone):
            yield from _jobs(self._schemas, alone, [(pointer, children, None)])
            return
        each, _ = self._schemas.member(self.schema_pointer, f"{field}.*")
        members = children.items() if isinstance(children, dict) else enumerate(children)
        keyed = [(child(pointer, key), item, key if isinstance(key, str) else None) for key, item in members]
        yield from _jobs(self._schemas, each, keyed)

    def unreadable_time(self, which: str) -> Any:
        """Return the value of `started` or `ended` if it is not a time in a declared format, else None."""
        declared = self._declared.get(which)
        if declared is None or (declared.get("when") == "terminal" and not self.is_final):
            return None
        value = self._first(declared["field"])
        return None if parse_timestamp(value, declared["formats"], declared.get("zone")) is not None else value

    @property
    def early_end(self) -> tuple[str, Any] | None:
        """The field of `empty_before_end` that has a value although the job has not ended, and the value."""
        if self.kind not in ("pending", "running"):
            return None
        found = ((name, self._value(name)) for name in _names_of(self._declared.get("empty_before_end", ())))
        return next(((name, value) for name, value in found if value not in (None, "", 0, "0")), None)

    def constants(self, key: str) -> dict[str, Any]:
        """Return the values of the fields of `constant` under the key `type` or `parent`; None for a missing field."""
        names = _names_of(self._declared.get("constant", {}).get(key, ()))
        return {name: self._value(name) for name in names}

    def declares(self, key: str) -> dict[str, Any]:
        """Return the mapping under a key of `x-job`."""
        return dict(self._declared.get(key, {}))

    def field(self, *parts: str) -> tuple[str, str]:
        """Return the pointers into the document and into the response of a field in a declaration.

        Args:
            parts: Keys of the declaration, such as `state`, `field`.
        """
        declared: Any = self._declared
        for part in parts:
            declared = declared.get(part, {}) if isinstance(declared, dict) else declared
        names = [name for name in _names_of(declared) if isinstance(name, str)]
        name = next((name for name in names if self._value(name) not in (None, "")), names[0] if names else "")
        return self.place(name) if name else (child(self.schema_pointer, "x-job"), self.pointer)

    def place(self, name: str) -> tuple[str, str]:
        """Return the pointers into the document and into the response of a field."""
        _, owner = self._schemas.member(self.schema_pointer, name)
        found = locate(self.data, name)
        pointer = found[0] if found else "".join(child("", key) for key in pointer_of(name))
        return owner or child(self.schema_pointer, "x-job"), self.pointer + pointer

    def _time(self, which: str) -> datetime | None:
        declared = self._declared.get(which)
        if declared is None or (declared.get("when") == "terminal" and not self.is_final):
            return None
        return parse_timestamp(self._first(declared["field"]), declared["formats"], declared.get("zone"))

    def _is_list(self, names: str | list[str]) -> bool:
        """Return whether a field is a list by the document, and one of its items has the state."""
        fields = [names] if isinstance(names, str) else names
        return any(self._schemas.member(self.schema_pointer, f"{field}.*")[0] for field in fields)

    def _first(self, names: Any) -> Any:
        found = (self._value(name) for name in ([names] if isinstance(names, str) else names))
        return next((value for value in found if value not in (None, "")), None)

    def _value(self, path: str) -> Any:
        found = locate(self.data, path)
        return found[1] if found else None


def _names_of(declared: Any) -> list[str]:
    return [declared] if isinstance(declared, str) else list(declared)


@attrs.frozen
class PageView:
    """The jobs of a response: one job, or the rows of a listing."""

    jobs: tuple[JobView, ...]
    requested_id: str | None
    """The ID in the request; None in a listing."""
    is_listing: bool
    pointer: str
    """Pointer into the response to the job or the list."""


def view_page(route: Route, exchange: Exchange) -> PageView | None:
    """Return the jobs of a response; None if it is not 2xx, is invalid, or its operation has no jobs."""
    poll = route.operation.definition.get("x-poll") or _of_pages(route)
    schemas, response = route.contract.schemas, route.operation.definition["responses"].get(str(exchange.status), {})
    media = next((key for key in response.get("content", {}) if key.lower() == exchange.media_type), None)
    if poll is None or media is None or not 200 <= exchange.status < 300:
        return None
    where = ("responses", str(exchange.status), "content", media, "schema")
    schema_pointer = route.operation.pointer + "".join(child("", key) for key in where)
    try:
        body = exchange.json
    except InvalidJSON:
        return None
    argument = poll.get("argument")
    requested_id = route.argument(exchange, argument) if isinstance(argument, str) and "items" not in poll else None
    path = poll.get("items", poll.get("job", WHOLE))
    found = locate(body, path)
    if "items" not in poll:
        schema, _ = schemas.member(schema_pointer, path) if path != WHOLE else (schema_pointer, "")
        jobs = [(found[0], found[1], None)] if found else []
        return PageView(tuple(_jobs(schemas, schema, jobs)), requested_id, False, "")
    if found is None or not isinstance(found[1], list):
        return None
    item, _ = schemas.member(schema_pointer, "*" if path == WHOLE else f"{path}.*")
    rows = [(child(found[0], index), row, None) for index, row in enumerate(found[1])]
    return PageView(tuple(_jobs(schemas, item, rows)), None, True, found[0])


def _of_pages(route: Route) -> dict[str, Any] | None:
    """Return an `x-poll` for the rows of a listing that has only `x-pagination`."""
    pages = route.operation.definition.get("x-pagination")
    return {"items": pages["items"]} if pages else None


def parse_timestamp(value: Any, formats: list[str], zone: str | None) -> datetime | None:
    """Parse a value in one of the formats of `x-job`."""
    for name in formats:
        try:
            timestamp = _parse_timestamp(name, value, zone)
        except (ValueError, OverflowError):
            continue
        if timestamp is not None and timestamp.astimezone(UTC).year in _YEARS:
            return timestamp
    return None


def extract_job(contract: Contract, exchange: Exchange, pointer: str) -> dict[str, Any] | None:
    """Extract the job, sub-job or row at a pointer into the body of a response; None if it is missing."""
    route = contract.route(exchange)
    found = view_page(route, exchange) if route else None
    job = next((job for job in _with_children(found.jobs if found else ()) if job.pointer == pointer), None)
    if job is None or found is None:
        return None
    return {
        "id": job.id,
        "state": job.kind,
        "resumable": job.is_resumable,
        "reason": _reason(job, exchange),
        "code": job.code,
        "children": [part.id for part in job.children],
        "started": job.started,
        "ended": job.ended,
        "progress": _progress(job),
        "types": list(job.constants("type").values()),
        "parents": list(job.constants("parent").values()),
        "early_end": job.early_end[1] if job.early_end else None,
        "asked": found.requested_id,
        "listed": found.is_listing,
        "found_by": _found_by(contract, exchange, job),
    }


def extract_page(contract: Contract, exchange: Exchange) -> dict[str, Any] | None:
    """Extract the paging of a listing: its number of items, its count, its offset and limit."""
    route = contract.route(exchange)
    declared = route.operation.definition.get("x-pagination") if route else None
    found = locate(exchange.json, declared["items"]) if declared is not None else None
    if declared is None or found is None:
        return None
    count = locate(exchange.json, declared["count"]) if "count" in declared else None
    return {
        "items": len(found[1]) if isinstance(found[1], list) else None,
        "count": count[1] if count else None,
        **{name: dict(exchange.query).get(declared.get(name)) for name in ("offset", "limit")},
    }


def extract_error(contract: Contract, exchange: Exchange) -> dict[str, str | None]:
    """Extract code, message and request ID of an error, by its `x-error`."""
    found = [value for _, value in find(contract.document, "/components/schemas/*/x-error")]
    declared: dict[str, Any] = found[0] if found else {}
    try:
        body = exchange.json
    except InvalidJSON:
        body = None
    parts = {part: _first(body, exchange, declared.get(part, ())) for part in ("code", "message", "request_id")}
    return {**parts, "message": body} if isinstance(body, str) else parts


def extract_schemes(contract: Contract, exchange: Exchange) -> dict[str, Any]:
    """Return the security schemes with a header of their form in the request."""
    schemes = contract.document.get("components", {}).get("securitySchemes", {})
    found = []
    for name, scheme in schemes.items():
        header, prefix = credential_form(scheme)
        value = exchange.request_header(header)
        # Names of HTTP schemes are not case-sensitive.
        if value is not None and value[: len(prefix)].lower() == prefix.lower():
            found.append(name)
    return {"schemes": found}


def credential_form(scheme: dict[str, Any]) -> tuple[str, str]:
    """Return the header of the credential of a security scheme, and the text that it begins with."""
    if scheme.get("type") == "apiKey":
        return scheme.get("name", ""), _CREDENTIAL_PREFIXES.get(str(scheme.get("x-auth", {}).get("method")), "")
    return "Authorization", f"{scheme.get('scheme', 'bearer')} "


def _member(value: Any, dotted: str) -> Any:
    """Return the value at a dotted name; None if it is missing."""
    for name in dotted.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _first(body: Any, exchange: Exchange, entries: Iterable[Any]) -> str | None:
    for entry in entries:
        value = exchange.header(entry["header"]) if isinstance(entry, dict) else _member(body, entry)
        if value not in (None, ""):
            return str(value)
    return None


def _with_children(jobs: Iterable[JobView]) -> Iterator[JobView]:
    for job in jobs:
        yield job
        yield from _with_children(job.children)


def _reason(job: JobView, exchange: Exchange) -> Any:
    _, pointer = job.field("reason")
    try:
        reason = resolve(exchange.json, pointer)
    except PointerNotFound:
        return None
    # Without a declared field, the pointer is that of the job.
    return reason if isinstance(reason, str) and reason else None


def _progress(job: JobView) -> float | None:
    if job.kind == "succeeded":
        return 1.0
    declared, share = job.declares("progress"), None
    if declared.get("from") == "children" and job.children:
        shares = [1.0 if part.is_final and not job.is_final else _progress(part) or 0.0 for part in job.children]
        share = sum(shares) / len(shares)
    elif "field" in declared:
        whole = declared.get("of") or {"percent": 100, "fraction": 1}[declared["format"]]
        share = None if job.done is None else job.done / whole
        # A full count is not the progress of a job that did not succeed.
        share = None if job.is_final and share is not None and share >= 1 else share
    elif "total" in declared and job.is_final:
        succeeded = sum(part.kind == "succeeded" for part in job.children)
        share = succeeded / max(job.total or 0, len(job.children)) if job.children else None
    elif job.total:
        share = None if job.done is None else job.done / job.total
    return None if share is None else min(max(share, 0.0), _ALMOST)


def _found_by(contract: Contract, exchange: Exchange, job: JobView) -> str | None:
    """Return the ID by which a client finds a row of a listing."""
    route = contract.route(exchange)
    match = route.operation.definition.get("x-poll", {}).get("match") if route else None
    found = locate(job.data, match) if match else None
    return str(found[1]) if found and isinstance(found[1], str | int) else None


def _parse_timestamp(name: str, value: Any, zone: str | None) -> datetime | None:
    if name in _UNITS:
        number = _number(value)
        return None if number is None else datetime.fromtimestamp(0, UTC) + timedelta(seconds=number / _UNITS[name])
    if not isinstance(value, str) or value.isdecimal():
        return None
    if name == "go-time":
        match = _GO_TIME.fullmatch(value)
        return datetime.fromisoformat(f"{match[1]}{(match[2] or '')[:7]}{match[3]}") if match else None
    timestamp = datetime.fromisoformat(value)
    if timestamp.tzinfo is None and zone is not None:
        timestamp = datetime.fromisoformat(f"{timestamp.isoformat()}{zone}")
    # A time without a zone is not a timestamp.
    return timestamp if timestamp.tzinfo else None


def job_schema(schemas: CompiledSchemas, schema_pointer: str) -> str | None:
    """Return the pointer of the schema with `x-job` for a value; None if the value is not a job."""
    return next((here for here, part in schemas.parts(schema_pointer) if "x-job" in part), None)


def _jobs(
    schemas: CompiledSchemas, schema_pointer: str, values: Iterable[tuple[str, Any, str | None]]
) -> Iterator[JobView]:
    """Yield a view of each value that is a job. Values have their pointer, and their key in a map."""
    owner = job_schema(schemas, schema_pointer) if schema_pointer else None
    for pointer, value, key in values:
        if owner is not None and isinstance(value, dict):
            yield JobView(value, pointer, owner, schemas, key)


def _is_listed(value: Any, values: list[Any], is_list: bool) -> bool:
    """Return whether a value, or an item of a list, is one of some values. Null matches an empty string."""
    found = value if is_list and isinstance(value, list) else [None if value == "" else value]
    return any(type(each) is type(known) and each == known for each in found for known in values) or any(
        _is_number(each) and _is_number(known) and each == known for each in found for known in values
    )


def _is_met(value: Any, test: Any, is_list: bool) -> bool:
    """Return whether a value passes a test of `when`."""
    if isinstance(test, str):
        return (value not in (None, "")) is (test == "present")
    if isinstance(test, list):
        return _is_listed(value, test, is_list)
    number = _number(value)
    return number is not None and test.get("minimum", number) <= number <= test.get("maximum", number)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _amount(value: Any, form: str | None) -> float | None:
    """Return the completed amount of a number, of a percentage, or of a fraction such as `3/5`."""
    if form == "percent" and isinstance(value, str):
        return _number(value.rstrip("%").rstrip())
    if form == "fraction":
        parts = [_number(part.strip()) for part in value.split("/")] if isinstance(value, str) else []
        return parts[0] / parts[1] if len(parts) == 2 and parts[0] is not None and parts[1] else None
    return _number(value)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
