"""What the templates show: the models, operations and parameters of one service, ready to be written down.

Names and types come from openapi-python-client's parser; what that parser does not know (wire order, open lists,
evidence, the extensions) comes from the bundled document.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.strings import snake_case

from generator.client.annotations import annotation, is_map
from generator.client.expressions import job_shape, page_shape, poll_shape
from generator.client.names import attribute, class_prefix, constants
from generator.client.parse import parse
from generator.documents.pointers import find, resolve
from generator.documents.workspace import operations
from generator.problems import Problem, Refused

_PAGE_SIZE = 1000
"""Rows of a page: few enough for a reply of some hundred kilobytes, enough for few requests."""


@attrs.frozen
class Field:
    """One field of a model."""

    name: str
    wire: str
    annotation: str
    description: str
    source: str
    json_text: bool
    """It holds JSON text, which an accessor beside it parses."""


@attrs.frozen
class ModelClass:
    """One model."""

    name: str
    description: str
    source: str
    fields: list[Field]
    job: str | None
    """The expression of its `JobShape`."""


@attrs.frozen
class ValueList:
    """A list of values: a `Literal` where it is closed, constants where it is open."""

    name: str
    of: str
    description: str
    values: list[Any]
    constants: list[tuple[str, str]] = attrs.field(factory=list)


@attrs.frozen
class Argument:
    """One argument of a method, or of the client."""

    name: str
    wire: str
    location: str
    annotation: str
    description: str
    required: bool
    of_client: bool
    default: Any = None
    maximum: int | None = None

    @property
    def default_words(self) -> str:
        """What happens where the argument is not given, as a docstring goes on."""
        if self.of_client:
            return " By default the client's."
        return "" if self.default is None else f" Where it is not given the service takes {self.default}."


@attrs.frozen
class Method:
    """One operation, as a method of the clients."""

    id: str
    name: str
    constant: str
    method: str
    path: str
    summary: str
    description: str
    source: str
    reply: str
    job_reply: bool
    parameters: list[Argument]
    headers: dict[str, str]
    errors: dict[str, tuple[str, ...]]
    schemes: list[dict[str, Any]]
    poll: dict[str, str] | None
    """Its `x-poll`, with Python's names."""
    pages: dict[str, str] | None
    """Names of its `x-pagination` in Python: of the arguments, of the list."""
    row: str
    """Of a listing: the model of a row."""
    identity: list[str]
    """Of a listing: wire names of a row's id."""

    @property
    def poll_shape(self) -> str | None:
        return poll_shape(self.poll)

    @property
    def page_shape(self) -> str | None:
        return page_shape(self.pages, self.identity)

    @property
    def page_size(self) -> int:
        """Rows of a page where the caller does not say."""
        limits = [
            parameter.maximum for parameter in self.parameters if self.pages and parameter.name == self.pages["limit"]
        ]
        return min(_PAGE_SIZE, *(limit for limit in limits if limit is not None), _PAGE_SIZE)

    @property
    def wait_positional(self) -> list[Argument]:
        """What a wait must say besides the job's id."""
        return [each for each in self.positional if self.poll is None or each.name != self.poll.get("argument")]

    @property
    def wait_keywords(self) -> list[Argument]:
        """What a wait may say of where to look: what may also be given to the client."""
        return [each for each in self.keywords if each.of_client]

    @property
    def page_keywords(self) -> list[Argument]:
        """What an iteration may say: everything but where a page begins and ends."""
        of_pages = {self.pages["offset"], self.pages["limit"]} if self.pages else set()
        return [each for each in self.keywords if each.name not in of_pages]

    @property
    def positional(self) -> list[Argument]:
        """What every call must say, in the order of the path."""
        return [parameter for parameter in self.parameters if parameter.required and not parameter.of_client]

    @property
    def keywords(self) -> list[Argument]:
        """What a call may say."""
        return [parameter for parameter in self.parameters if not parameter.required or parameter.of_client]


@attrs.frozen
class ServicePackage:
    """Everything that is written down of one service."""

    name: str
    document: dict[str, Any]
    client_name: str
    models: list[ModelClass]
    closed_lists: list[ValueList]
    open_lists: list[ValueList]
    operations: list[Method]
    parsed: GeneratorData

    @property
    def title(self) -> str:
        return str(self.document["info"]["title"])

    @property
    def names(self) -> list[str]:
        """Public names of the models module."""
        lists = [*self.closed_lists, *self.open_lists]
        return sorted([*(model.name for model in self.models), *(each.name for each in lists)])

    @property
    def of_client(self) -> list[Argument]:
        """The arguments that may be given once, to the client."""
        return list({p.name: p for method in self.operations for p in method.parameters if p.of_client}.values())

    @property
    def authentication(self) -> str:
        """How the argument `auth` goes on in the client's docstring."""
        methods = {scheme["method"] for method in self.operations for scheme in method.schemes}
        if not methods:
            return ", for a gateway before it: the service itself declares none"
        return ": a `Token`, or another `httpx.Auth`" if "token" in methods else ", as an `httpx.Auth`"


def describe(name: str, document: dict[str, Any], path: Path) -> ServicePackage:
    """Describe one service. Raises `Refused` for what the client cannot say."""
    return _Describer(name, document, path).package()


class _Describer:
    def __init__(self, name: str, document: dict[str, Any], path: Path) -> None:
        self.name = name
        self.document = document
        self.path = path
        self.parsed = parse(document, path)
        self.by_class = {str(model.class_info.name): model for model in self.parsed.models}
        self.listings = set(self._listings())
        self.closed_lists: list[ValueList] = []
        self.open_lists: list[ValueList] = []

    def package(self) -> ServicePackage:
        methods = list(self._methods())
        if sum(method.poll is not None for method in methods) > 1:
            self._refuse(
                "/paths", "have several operations with x-poll", "Leave one: it gives the client's wait_for_job"
            )
        return ServicePackage(
            name=self.name,
            document=self.document,
            client_name=f"{class_prefix(self.name)}Client",
            models=[self._model(name) for name in self._reachable([method.reply for method in methods])],
            closed_lists=self.closed_lists,
            open_lists=self.open_lists,
            operations=methods,
            parsed=self.parsed,
        )

    def _listings(self) -> Iterator[tuple[str, str]]:
        """Model and field of each list that comes in pages, and so may be long."""
        for collection in self.parsed.endpoint_collections_by_tag.values():
            for endpoint in collection.endpoints:
                for operation in operations(self.document):
                    pages = operation.definition.get("x-pagination")
                    if pages and snake_case(operation.definition["operationId"]) == endpoint.name:
                        yield self._reply(endpoint, operation.pointer), pages["items"]

    def _reachable(self, names: list[str]) -> list[str]:
        """Models of successful replies, outer ones first. An error's body becomes an exception, not a model."""
        found: dict[str, None] = {}

        def add(prop: PropertyProtocol) -> None:
            if isinstance(prop, ModelProperty) and not is_map(prop):
                walk(str(prop.class_info.name))
            for inner in _inner(prop):
                add(inner)

        def walk(name: str) -> None:
            if name not in found:
                found[name] = None
                for prop in _properties(self.by_class[name]):
                    add(prop)

        for name in names:
            walk(name)
        return list(found)

    def _model(self, name: str) -> ModelClass:
        schema = self.document["components"]["schemas"][name]
        known = {prop.name.get_untrusted_value(): prop for prop in _properties(self.by_class[name])}
        fields = [self._field(name, wire, definition, known[wire]) for wire, definition in schema["properties"].items()]
        names = [field.name for field in fields]
        names += [f"{field.name}_json" for field in fields if field.json_text]
        if twice := sorted({field for field in names if names.count(field) > 1}):
            self._refuse(
                f"/components/schemas/{name}",
                f"has two fields that would both be {twice[0]} in Python",
                "Leave one out",
            )
        return ModelClass(name, schema["description"], _source(schema), fields, job_shape(schema.get("x-job")))

    def _field(self, model: str, wire: str, definition: dict[str, Any], prop: PropertyProtocol) -> Field:
        name = attribute(str(prop.python_name))
        self._collect_lists(model, wire, definition, prop)
        kind = annotation(prop)
        if (model, wire) in self.listings:
            kind = kind.replace("list[", "Rows[", 1)
        json_text = definition.get("contentMediaType") == "application/json"
        return Field(name, wire, kind, definition["description"], _source(definition), json_text)

    def _collect_lists(self, model: str, wire: str, definition: dict[str, Any], prop: PropertyProtocol) -> None:
        of = f"`{model}.{attribute(str(prop.python_name))}`"
        if isinstance(prop, LiteralEnumProperty):
            name = str(prop.class_info.name)
            self.closed_lists.append(ValueList(name, of, f"The values of {of}.", definition["enum"]))
        if "x-enum-open" in definition:
            values = definition["x-enum-open"]
            try:
                named = list(constants(values))
            except ValueError as error:
                self._refuse(f"/components/schemas/{model}/properties/{wire}/x-enum-open", str(error), "Leave one out")
            name = f"{model}{class_prefix(snake_case(wire))}"
            self.open_lists.append(ValueList(name, of, "", values, named))

    def _methods(self) -> Iterator[Method]:
        endpoints = {
            (endpoint.method, str(endpoint.name)): endpoint
            for collection in self.parsed.endpoint_collections_by_tag.values()
            for endpoint in collection.endpoints
        }
        for operation in operations(self.document):
            definition = operation.definition
            name = snake_case(definition["operationId"])
            endpoint = endpoints[operation.method, name]
            reply = self._reply(endpoint, operation.pointer)
            yield Method(
                id=definition["operationId"],
                name=name,
                constant=name.upper(),
                method=operation.method.upper(),
                path=operation.path,
                summary=definition["summary"],
                description=definition["description"],
                source=_source(definition),
                reply=reply,
                job_reply="x-job" in self.document["components"]["schemas"][reply],
                parameters=list(self._arguments(endpoint)),
                headers=definition.get("x-request-headers", {}),
                errors=self._errors(),
                schemes=list(self._schemes(definition)),
                **self._listing(definition, endpoint, reply),
            )

    def _listing(self, definition: dict[str, Any], endpoint: Endpoint, reply: str) -> dict[str, Any]:
        """How the operation is polled and paged, in Python's names."""
        poll, pages = definition.get("x-poll"), definition.get("x-pagination")
        arguments = {
            prop.name.get_untrusted_value(): str(prop.python_name) for _, prop in endpoint.iter_all_parameters()
        }
        items = (poll or {}).get("items") or (pages or {}).get("items")
        if items is None:
            named = {"argument": arguments[poll["argument"]]} if poll else None
            return {"poll": named, "pages": None, "row": "", "identity": []}
        row = self.document["components"]["schemas"][reply]["properties"][items]["items"]["$ref"].rpartition("/")[2]
        listed = self._attribute(reply, items)
        match = (poll or {}).get("match")
        job = self.document["components"]["schemas"][row].get("x-job", {})
        identity = match or job.get("id", [])
        return {
            "poll": {"items": listed, "match": self._attribute(row, match)} if match else None,
            "pages": {"offset": arguments[pages["offset"]], "limit": arguments[pages["limit"]], "items": listed}
            if pages
            else None,
            "row": row,
            "identity": [identity] if isinstance(identity, str) else list(identity),
        }

    def _attribute(self, model: str, wire: str) -> str:
        """The Python name of a model's field."""
        props = {prop.name.get_untrusted_value(): prop for prop in _properties(self.by_class[model])}
        return attribute(str(props[wire].python_name))

    def _reply(self, endpoint: Endpoint, pointer: str) -> str:
        names = {
            annotation(response.prop)
            for response in endpoint.responses.patterns
            if response.status_code.range and response.status_code.range[0] // 100 == 2
        }
        if len(names) != 1 or not names <= set(self.by_class):
            self._refuse(
                f"{pointer}/responses", "has not one component schema for its successes", "Give all 2xx responses one"
            )
        return names.pop()

    def _arguments(self, endpoint: Endpoint) -> Iterator[Argument]:
        declared = {parameter["name"]: parameter for _, parameter in find(self.document, "/components/parameters/*")}
        for location, prop in endpoint.iter_all_parameters():
            parameter = declared[prop.name.get_untrusted_value()]
            yield Argument(
                name=str(prop.python_name),
                wire=parameter["name"],
                location=str(location.value),
                annotation=annotation(prop),
                description=parameter["description"],
                required=parameter.get("required", False),
                of_client=parameter.get("x-client-parameter", False),
                default=parameter["schema"].get("default"),
                maximum=parameter["schema"].get("maximum"),
            )

    def _errors(self) -> dict[str, tuple[str, ...]]:
        """Where errors say what: of all error schemas together, since a gateway answers in the service's place."""
        shape: dict[str, dict[str, None]] = {}
        for _, error in find(self.document, "/components/schemas/*/x-error"):
            for part, entries in error.items():
                for entry in entries:
                    key, name = (part, entry) if isinstance(entry, str) else (f"{part}_headers", entry["header"])
                    shape.setdefault(key, {})[name] = None
        return {key: tuple(names) for key, names in shape.items()}

    def _schemes(self, definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for requirement in definition["security"]:
            for name in requirement:
                scheme = resolve(self.document, f"/components/securitySchemes/{name}")
                auth = scheme["x-auth"]
                yield {"method": auth["method"], "header": scheme["name"], "max_length": auth.get("maxLength")}

    def _refuse(self, pointer: str, message: str, remedy: str) -> None:
        raise Refused(Problem(self.path, message, remedy, pointer=pointer))


def _properties(model: ModelProperty) -> list[PropertyProtocol]:
    return [*(model.required_properties or []), *(model.optional_properties or [])]


def _inner(prop: PropertyProtocol) -> list[PropertyProtocol]:
    inner = getattr(prop, "inner_properties", None) or [getattr(prop, "inner_property", None)]
    if isinstance(prop, ModelProperty) and is_map(prop):
        inner = [prop.additional_properties]
    return [member for member in inner if member is not None]


def _source(definition: dict[str, Any]) -> str:
    return ", ".join(definition.get("x-evidence", []))
