"""The content of the client's copies of the documents: operations, the methods that call them, schemas and their
models.

This code reads the documents and shares nothing with the generator, so that the tests do not repeat its errors.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from typing import Any, get_type_hints
from urllib.parse import quote

import attrs
import httpx

import cloudjobs
from tests.reference import REFERENCE

from .senders import SENDERS, Sender

ANY_URL = "https://service.example.com"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
document = cache(cloudjobs.document)
recordings = cache(cloudjobs.recordings)


def snake(name: str) -> str:
    """Return the Python name of a camelCase or hyphenated wire name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def pascal(name: str) -> str:
    """Return the PascalCase form of a wire name."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_-]", name))


def resolved(service: str, node: Any) -> dict[str, Any]:
    """Return a node of the document, with the keywords of the target of its `$ref`."""
    if "$ref" not in node:
        return dict(node)
    target: Any = document(service)
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**resolved(service, target), **{key: value for key, value in node.items() if key != "$ref"}}


@attrs.frozen
class Operation:
    """One operation of a document."""

    service: str
    method: str
    path: str
    node: dict[str, Any] = attrs.field(repr=False, eq=False)

    @property
    def id(self) -> str:
        return str(self.node["operationId"])

    @property
    def name(self) -> str:
        """The client's method."""
        return snake(self.id)

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return [resolved(self.service, parameter) for parameter in self.node.get("parameters", ())]

    def located(self, place: str) -> list[dict[str, Any]]:
        """Return its parameters in `path`, `query` or `header`."""
        return [parameter for parameter in self.parameters if parameter["in"] == place]

    @property
    def response_schemas(self) -> dict[str, Any]:
        """Schema of each documented status, as written there."""
        return {
            status: response["content"]["application/json"]["schema"]
            for status, response in self.node["responses"].items()
        }

    @property
    def success_schema(self) -> dict[str, Any]:
        """The schema of its 2xx response."""
        (schema,) = (schema for status, schema in self.response_schemas.items() if status.startswith("2"))
        found: dict[str, Any] = schema
        return found

    @property
    def reply(self) -> type[Any]:
        """The model that the method of the client returns by its annotation."""
        method = getattr(getattr(cloudjobs, f"{pascal(self.service)}Client"), self.name)
        found: type[Any] = get_type_hints(method)["return"]
        return found

    @property
    def error_locations(self) -> dict[str, list[str | dict[str, str]]]:
        """The `x-error` of its error schemas: places by part of the error; none for bare strings.

        A place is the name of a field, or `{header: Name}`.
        """
        found = [
            resolved(self.service, schema).get("x-error", {})
            for status, schema in self.response_schemas.items()
            if not status.startswith("2")
        ]
        first: dict[str, list[str | dict[str, str]]] = found[0]
        assert all(one == first for one in found), "an operation has errors of two shapes"
        return first

    @property
    def error_fields(self) -> dict[str, list[str]]:
        """The names of fields among them."""
        return {
            part: [place for place in places if isinstance(place, str)] for part, places in self.error_locations.items()
        }

    @property
    def token_scheme(self) -> dict[str, Any] | None:
        """The security scheme of a token, if it has one."""
        schemes = document(self.service)["components"].get("securitySchemes", {})
        named = [schemes[name] for alternative in self.node.get("security", ()) for name in alternative]
        return next((scheme for scheme in named if scheme["x-auth"]["method"] == "token"), None)

    @property
    def request_headers(self) -> dict[str, str]:
        """Headers that the page requires in every request."""
        return dict(self.node.get("x-request-headers", {}))

    def arguments(self, **values: object) -> dict[str, object]:
        """Return arguments for a call: the given ones, and an invented value for each other path parameter."""
        return {snake(parameter["name"]): f"some-{parameter['name']}" for parameter in self.located("path")} | values

    def raw_path(self, values: Mapping[str, str]) -> str:
        """Return the path with those values in it, percent-encoded."""
        return re.sub(r"\{([^}]+)\}", lambda match: quote(values[match[1]], safe=""), self.path)


@attrs.frozen
class Way:
    """An operation, called synchronously or asynchronously."""

    operation: Operation
    asynchronous: bool

    @property
    def client_class(self) -> type[Any]:
        name = f"{'Async' if self.asynchronous else ''}{pascal(self.operation.service)}Client"
        found: type[Any] = getattr(cloudjobs, name)
        return found

    def client(self, *, base_url: str | None = ANY_URL, **keywords: Any) -> Any:
        """Return a client of the service. By default it sends one request without credentials: requests are counted."""
        return self.client_class(base_url, **{"auth": None, "max_retries": 0, **keywords})

    def answering(self, handler: Any, **keywords: Any) -> Any:
        """Return a client with a function that responds to its requests."""
        return self.client(transport=httpx.MockTransport(handler), **keywords)

    def http_client(self, **keywords: Any) -> Any:
        """Return an httpx client of the kind that the client takes."""
        return (httpx.AsyncClient if self.asynchronous else httpx.Client)(**keywords)

    async def call(self, client: Any, **arguments: object) -> Any:
        """Call the operation, with an invented value for each required argument that is not given."""
        reply = getattr(client, self.operation.name)(**self.operation.arguments(**arguments))
        return await reply if inspect.isawaitable(reply) else reply

    async def close(self, closable: Any) -> None:
        """Close a client of ours or of httpx."""
        await closable.aclose() if self.asynchronous else closable.close()


@cache
def operations() -> tuple[Operation, ...]:
    """Return all operations of all services."""
    return tuple(
        Operation(service, method, path, item[method])
        for service in REFERENCE
        for path, item in document(service)["paths"].items()
        for method in METHODS
        if method in item
    )


def operation_of(service: str) -> Operation:
    """Return the one operation of a service."""
    (found,) = (operation for operation in operations() if operation.service == service)
    return found


WAYS = tuple(Way(operation, asynchronous) for operation in operations() for asynchronous in (False, True))


@attrs.frozen
class Carried:
    """A way to a real server, and the sender of its requests."""

    way: Way
    sender: Sender

    @property
    def library(self) -> str:
        return self.sender.library

    @asynccontextmanager
    async def client(self, url: str, **keywords: Any) -> AsyncIterator[Any]:
        """Yield a client of the service, and its connections closed at the end."""
        with self.sender.chosen():
            client = self.way.client(base_url=url, **keywords)
        try:
            yield client
        finally:
            await self.way.close(client)


CARRIED = tuple(Carried(way, sender) for way in WAYS for sender in SENDERS if sender.asynchronous == way.asynchronous)


def named(value: object) -> str:
    """Return the name of a test's parameter."""
    match value:
        case Way():
            return f"{named(value.operation)}-{'async' if value.asynchronous else 'sync'}"
        case Carried():
            return f"{named(value.way)}-{value.library}"
        case Operation():
            return f"{value.service}.{value.id}"
        case type():
            return f"{value.__module__.split('.')[1]}.{value.__name__}"
    return str(value)


def components(service: str) -> dict[str, dict[str, Any]]:
    """Return component schemas by name."""
    found: dict[str, dict[str, Any]] = document(service)["components"]["schemas"]
    return found


@cache
def models(service: str) -> dict[str, type[Any]]:
    """Return the service's model classes by name."""
    module = import_module(f"cloudjobs.{service}.models")
    public = ((name, getattr(module, name)) for name in module.__all__)
    return {name: value for name, value in public if isinstance(value, type) and attrs.has(value)}


@cache
def all_models() -> tuple[type[Any], ...]:
    """Return the model classes of all services."""
    return tuple(model for service in REFERENCE for model in models(service).values())


def service_of(model: type[Any]) -> str:
    """Return the service that a model belongs to."""
    return str(model.__module__.split(".")[1])


def schema_of(model: type[Any]) -> dict[str, Any]:
    """Return the component schema that a model was made from, which has the same name."""
    return components(service_of(model))[model.__name__]


def properties_of(model: type[Any]) -> dict[str, dict[str, Any]]:
    """Return a model's fields in the document, by wire name, with references resolved."""
    service = service_of(model)
    return {name: resolved(service, node) for name, node in schema_of(model)["properties"].items()}


def attribute_of(model: type[Any], wire_name: str) -> str:
    """Return the attribute that holds a field, found out by reading a value into it."""
    mark = f"the value of {wire_name}"
    read = model.from_dict({wire_name: mark})
    (found,) = (field.name for field in attrs.fields(model) if getattr(read, field.name) == mark)
    return str(found)


def recorded_successes(operation: Operation) -> list[Any]:
    """Return the values of the operation's recorded successes."""
    return [
        example["value"]
        for status, response in operation.node["responses"].items()
        if status.startswith("2")
        for example in response["content"]["application/json"]["examples"].values()
    ]


def component_named(node: Mapping[str, Any]) -> str | None:
    """Return the component that a schema refers to."""
    return node["$ref"].rpartition("/")[2] if "$ref" in node else None


def model_named(service: str, node: Mapping[str, Any]) -> str | None:
    """Return the name of the class of the component that a schema refers to."""
    return resolved(service, node).get("x-model", component_named(node))


def typed_objects(service: str, node: Mapping[str, Any], value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects in a value that a component schema describes, outermost first, each with its class name."""
    for part in node.get("allOf", ()):
        yield from typed_objects(service, part, value)
    name = model_named(service, node)
    schema = resolved(service, node)
    if isinstance(value, dict):
        if name is not None:
            yield name, value
        for key, child in schema.get("properties", {}).items():
            if key in value and "allOf" not in schema:
                yield from typed_objects(service, child, value[key])
    elif isinstance(value, list) and "items" in schema:
        for item in value:
            yield from typed_objects(service, schema["items"], item)
