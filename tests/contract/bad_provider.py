"""A provider that is written badly on purpose: the replay of a service, with faults that are switched on by name.

The place of a fault follows from the service's document, so it works for any service with such a place.
Without a fault it is the sound control. It is an ASGI application; a server can have it on a port.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloudjobs.testing import Replay

from .contracts import Operation, operations, resolved

JOB = "job-1"
"""The job that changes its state with each response."""
UNDOCUMENTED, NEW_VALUE = "undocumentedField", "valueOfNoList"
_ROWS = 30

Change = Callable[["BadProvider", dict[str, Any]], None]


async def whole_response(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """Return the response of an application: its first message, and the body."""
    head: Message = {}
    body = b""

    async def kept(message: Message) -> None:
        nonlocal body
        if message["type"] == "http.response.start":
            head.update(message)
        else:
            body += message.get("body", b"")

    await app(scope, receive, kept)
    return head, body


class BadProvider:
    """The application.

    Args:
        service: Module name of the service that it simulates.
        faults: Names from `FAULTS` that `applicable_faults` returns for the service.
    """

    def __init__(self, service: str, *faults: str) -> None:
        missing = set(faults) - set(applicable_faults(service))
        if missing:
            raise ValueError(f"{service} has no room for {', '.join(sorted(missing))}")
        self.faults = frozenset(faults)
        self.operation = _operation(service)
        self.job = _job(self.operation)
        self._replay = Replay(service)
        running = ["running"] * (4 if "progress-falling" in faults else 1)
        end = [] if "job-stuck" in faults else ["succeeded"]
        self._replay.add_job(service, JOB, states=["pending", *running, *end])
        if self._replay.has_listing(service):
            self._replay.add_rows(service, _ROWS)
        self._ended = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._replay.app(scope, receive, send)
            return
        head, body = await whole_response(self._replay.app, self._asked(scope), receive)
        kind = dict(head["headers"])[b"content-type"]
        if head["status"] < 300:
            data = json.loads(body)
            for fault, change in _CHANGES.items():
                if fault in self.faults:
                    change(self, data)
            body = json.dumps(data).encode()
        elif "plain-text-errors" in self.faults:
            kind, body = b"text/plain", b"something went wrong"
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": head["status"], "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _asked(self, scope: Scope) -> Scope:
        """Return the request that the sound service gets."""
        headers = list(scope["headers"])
        if "no-authentication" in self.faults:
            headers += [(name.lower().encode(), value.encode()) for name, value in self.operation.credentials.items()]
        return {**scope, "headers": headers, "query_string": self._query(scope["query_string"])}

    def _query(self, query: bytes) -> bytes:
        paging = self.operation.node.get("x-pagination")
        if paging is None:
            return query
        pairs, limit = [], _limit(self.operation)
        for name, value in parse_qsl(query.decode("ascii"), keep_blank_values=True):
            number = int(value) if name == paging["limit"] and value.lstrip("-").isdecimal() else None
            if number is None:
                pairs.append((name, value))
            elif number < limit["minimum"] and "negative-limit-accepted" in self.faults:
                continue
            elif "valid-limit-refused" in self.faults and number > limit["maximum"] // 2:
                pairs.append((name, "0"))
            elif not ("limit-ignored" in self.faults and number > 0):
                pairs.append((name, value))
        return urlencode(pairs).encode()

    def jobs(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the jobs of a response."""
        poll = self.operation.node["x-poll"]
        return body[poll["items"]] if "items" in poll else [body]

    def fields(self, body: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, dict[str, Any], bool]]:
        """Yield every object of a response with each documented field: name, schema, and whether it is required."""
        yield from _fields(self.operation.contract.full, _reply(self.operation), body)

    def moving_job(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """Return the job that changes its state, if the response has it."""
        return next((job for job in self.jobs(body) if _at(job, self.job["id"]) == JOB), None)


def _out_of_range(provider: BadProvider, body: dict[str, Any]) -> None:
    for owner, name, schema, _ in provider.fields(body):
        if name in owner and (bounds := _bounds(schema)):
            owner[name] = bounds["maximum"] + 1 if "maximum" in bounds else bounds["minimum"] - 1
            return


def _bounds(schema: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema or its first alternative that has a bound of a number."""
    choices = (schema, *schema.get("anyOf", ()))
    return next((each for each in choices if each.keys() & {"minimum", "maximum"}), None)


def _undocumented(provider: BadProvider, body: dict[str, Any]) -> None:
    for job in provider.jobs(body):
        job[UNDOCUMENTED] = 1


def _missing(provider: BadProvider, body: dict[str, Any]) -> None:
    *_, last = ((owner, name) for owner, name, _, promised in provider.fields(body) if promised and name in owner)
    owner, name = last
    del owner[name]


def _new_value(provider: BadProvider, body: dict[str, Any]) -> None:
    owner, name = next((owner, name) for owner, name, schema, _ in provider.fields(body) if "enum" in schema)
    owner[name] = NEW_VALUE


def _falling(provider: BadProvider, body: dict[str, Any]) -> None:
    job, progress = provider.moving_job(body), provider.job["progress"]
    if job is None:
        return
    if "field" in progress:
        done = _at(job, progress["field"])
        _put(job, progress["field"], type(done)(progress["of"] - int(done)))
    else:
        first, *others = progress["done"]
        _put(job, first, _at(job, progress["total"]) - sum(_at(job, name) for name in progress["done"]))
        for name in others:
            _put(job, name, 0)


def _left(provider: BadProvider, body: dict[str, Any]) -> None:
    job, states = provider.moving_job(body), provider.job["state"]
    if job is not None and _at(job, states["field"]) in states["succeeded"]:
        provider._ended += 1
        if provider._ended > 1:
            _put(job, states["field"], states["running"][0])


_CHANGES: dict[str, Change] = {
    "value-out-of-range": _out_of_range,
    "undocumented-field": _undocumented,
    "missing-required": _missing,
    "new-value-in-a-closed-list": _new_value,
    "progress-falling": _falling,
    "terminal-state-left": _left,
}
FAULTS = (
    "value-out-of-range",
    "undocumented-field",
    "missing-required",
    "new-value-in-a-closed-list",
    "no-authentication",
    "negative-limit-accepted",
    "valid-limit-refused",
    "plain-text-errors",
    "limit-ignored",
    "job-stuck",
    "progress-falling",
    "terminal-state-left",
)


def applicable_faults(service: str) -> tuple[str, ...]:
    """Return the faults that are possible with a service's document."""
    operation = _operation(service)
    fields = list(_described(operation))
    paged, progress = "x-pagination" in operation.node, _job(operation).get("progress", {})
    room = {
        "value-out-of-range": any(map(_bounds, fields)),
        "new-value-in-a-closed-list": any("enum" in schema for schema in fields),
        "no-authentication": operation.requires_credentials,
        "negative-limit-accepted": paged,
        "valid-limit-refused": paged,
        "limit-ignored": paged,
        "progress-falling": bool(progress.keys() & {"field", "total"}),
    }
    return tuple(fault for fault in FAULTS if room.get(fault, True))


def _operation(service: str) -> Operation:
    return next(each for each in operations() if each.service == service and "x-poll" in each.node)


def _job(operation: Operation) -> dict[str, Any]:
    """Return the `x-job` of the operation's jobs."""
    document, schema = operation.contract.full, _reply(operation)
    poll = operation.node["x-poll"]
    if "items" in poll:
        schema = dict(_properties(document, schema))[poll["items"]]["items"]
    return next(part["x-job"] for part in _parts(document, schema) if "x-job" in part)


def _reply(operation: Operation) -> dict[str, Any]:
    return next(iter(operation.content(operation.contract.view, 200).values()))


def _limit(operation: Operation) -> dict[str, Any]:
    name = operation.node["x-pagination"]["limit"]
    schema: dict[str, Any] = next(one["schema"] for one in operation.parameters if one["name"] == name)
    return schema


def _parts(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    whole = resolved(document, schema)
    yield whole
    for part in whole.get("allOf", ()):
        yield from _parts(document, part)


def _properties(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in _parts(document, schema):
        for name, stated in part.get("properties", {}).items():
            yield name, resolved(document, stated)


def _described(operation: Operation) -> Iterator[dict[str, Any]]:
    """Return the schemas of the fields of the recorded success."""
    body = next(one.body for one in operation.recorded if one.is_success)
    return (schema for *_, schema, _ in _fields(operation.contract.full, _reply(operation), body))


def _fields(
    document: dict[str, Any], schema: dict[str, Any], value: Any
) -> Iterator[tuple[dict[str, Any], str, dict[str, Any], bool]]:
    if isinstance(value, list):
        for part in _parts(document, schema):
            for item in value if "items" in part else ():
                yield from _fields(document, part["items"], item)
    elif isinstance(value, dict):
        promised = {name for part in _parts(document, schema) for name in part.get("required", ())}
        for name, stated in _properties(document, schema):
            yield value, name, stated, name in promised
            yield from _fields(document, stated, value.get(name))


def _at(body: Any, names: str | list[str]) -> Any:
    for name in ([names] if isinstance(names, str) else names)[0].split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _put(body: Any, names: str | list[str], value: Any) -> None:
    *outer, last = ([names] if isinstance(names, str) else names)[0].split(".")
    for name in outer:
        body = body[name]
    body[last] = value
