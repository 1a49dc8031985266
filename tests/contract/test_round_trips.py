"""The client decodes every response that a document allows, and encodes it to the same JSON."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import anyio
import attrs
import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from tests.exhaustive import sample

from .contracts import Operation, Recorded, differences, named, recorded, validator

SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=sample(40),
    phases=[Phase.generate],  # responses take so long to make that making them smaller takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
URL = "https://service.example.com"
SUCCESSES = list({one.operation: one for one in recorded() if one.is_success}.values())
ANNOTATIONS = {"$ref", "description", "default", "format", "contentMediaType", "examples"}
TURNS = 2
"""How many times a component stands within itself."""


def unrolled(document: dict[str, Any], schema: Any, above: tuple[str, ...] = ()) -> Any:
    """Return a schema without references and annotations. What contains itself does so a few times at most."""
    if isinstance(schema, bool):
        return schema
    target = schema.get("$ref", "").rpartition("/")[2]
    if target and above.count(target) == TURNS:
        return False
    within = (*above, target) if target else above
    found: dict[str, Any] = {}
    for keyword, value in schema.items():
        match keyword:
            case "properties":
                found[keyword] = {name: unrolled(document, member, within) for name, member in value.items()}
            case "items" | "additionalProperties":
                found[keyword] = unrolled(document, value, within)
            case "allOf" | "anyOf":
                found[keyword] = [unrolled(document, member, within) for member in value]
            case _ if keyword not in ANNOTATIONS and not keyword.startswith("x-"):
                found[keyword] = value
    if not target:
        return found
    whole = unrolled(document, document["components"]["schemas"][target], within)
    return {"allOf": [whole, found]} if found else whole


@cache
def replies(operation: Operation, status: int) -> st.SearchStrategy[Any]:
    """Return bodies that the document allows for a success."""
    document = operation.contract.view
    return from_schema(unrolled(document, operation.content(document, status)["application/json"]))


def depth(value: object) -> int:
    """Return the depth of nested objects and arrays of a JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(depth, inner), default=-1) + 1 if isinstance(value, dict | list) else 0


def plain(name: str) -> str:
    """Return a name without what tells the wire's spelling from Python's."""
    return "".join(letter for letter in name if letter.isalnum()).lower()


def client_of(service: str, *, asynchronous: bool) -> type[Any]:
    """Return the client of a service, found among its public names."""
    package = import_module(f"cloudjobs.{service}")
    clients = [name for name in package.__all__ if name.endswith("Client")]
    (name,) = (name for name in clients if name.startswith("Async") is asynchronous)
    found: type[Any] = getattr(package, name)
    return found


def call(client: Any, one: Recorded) -> Any:
    """Call an operation with the recorded parameters."""
    wanted = plain(one.operation.id)
    (method,) = (getattr(client, name) for name in dir(client) if not name.startswith("_") and plain(name) == wanted)
    given = {**one.path, **one.query, **one.request.get("headers", {})}
    arguments = {plain(name): value for name, value in given.items()}
    return method(
        **{name: arguments[plain(name)] for name in inspect.signature(method).parameters if plain(name) in arguments}
    )


@attrs.define
class Service:
    """Answers everything with one body."""

    status: int
    body: Any
    paths: list[str] = attrs.field(factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.raw_path.decode("ascii"))
        content = json.dumps(self.body).encode()
        return httpx.Response(self.status, content=content, headers={"Content-Type": "application/json"})


def read(one: Recorded, status: int, body: Any) -> Iterator[Any]:
    """Yield the results of the synchronous and the asynchronous client for a response to the recorded request."""
    service = Service(status, body)
    transport = httpx.MockTransport(service)
    with client_of(one.operation.service, asynchronous=False)(URL, transport=transport) as client:
        yield call(client, one)

    async def asynchronously() -> Any:
        async with client_of(one.operation.service, asynchronous=True)(URL, transport=transport) as client:
            return await call(client, one)

    yield anyio.run(asynchronously)
    path, _, query = one.asking().partition("?")
    assert [asked.partition("?")[0] for asked in service.paths] == [path, path]
    assert [sorted(asked.partition("?")[2].split("&")) for asked in service.paths] == [sorted(query.split("&"))] * 2


@pytest.mark.parametrize("one", SUCCESSES, ids=named)
def test_client_allowed_response_round_trips_unchanged(one: Recorded) -> None:
    takes = validator(one.operation.contract.view, one.schema)
    depths = set()

    @SETTINGS
    @given(replies(one.operation, one.status))
    def run(body: Any) -> None:
        assert list(takes.iter_errors(body)) == []
        for reply in read(one, one.status, body):
            assert list(differences(reply.to_dict(), body)) == []
        depths.add(depth(body))

    run()
    assert len(depths) >= 3
