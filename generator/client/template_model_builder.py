"""Builder of the template model from a parsed document.

Names and types come from openapi-python-client's parser; what that parser does not know (wire order, open lists,
evidence, the extensions) comes from the bundled document.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.strings import snake_case

from ..documents.json_pointer import find, resolve
from ..documents.mappings import ErrorMapping, JobMapping, PaginationSpec, PollSpec, with_lists
from ..documents.schema_view import COMPONENTS, FlatSchema, flatten
from ..documents.workspace import operations
from ..errors import Problem, ValidationError
from .openapi_parser import annotation, is_map, parse
from .template_model import (
    Argument,
    Method,
    ModelClass,
    ModelField,
    ServicePackage,
    ValueList,
    job_mapping,
)

RUNTIME = Path(__file__).parent / "runtime"

TEMPLATES = Path(__file__).parent / "templates"

_EXPORTS = {"document", "recordings", "renditions", "services"}

_OF_MODELS = {"additional_properties", "define", "field", "from_dict", "to_dict"}
"""What a model inherits, and what its class body calls: a field of that name would hide it."""


def reserved_names() -> set[str]:
    """Return the names that a service must not have: modules of the runtime and functions of the package."""
    return _EXPORTS | {
        path.stem for path in RUNTIME.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }


def attribute(python_name: str) -> str:
    """The name of a model's field, moved aside where the model needs the name itself."""
    return f"{python_name}_" if python_name in _OF_MODELS else python_name


def class_prefix(service: str) -> str:
    """Return a service's name in CapWords, the prefix of its client classes."""
    return "".join(part.capitalize() for part in service.split("_"))


def constants(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """A constant's name for each value. Raises `ValueError` where two values would have one name."""
    seen: dict[str, str] = {}
    for value in values:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+", "_", value)
        name = words.strip("_").upper() or "EMPTY"
        if not name.isidentifier() or keyword.iskeyword(name):
            name = f"VALUE_{name}"
        if name in seen:
            raise ValueError(f"{seen[name]!r} and {value!r} would both be {name}")
        seen[name] = value
        yield name, value


def describe(name: str, document: dict[str, Any], path: Path) -> ServicePackage:
    """Build the template model of one service. Raises `ValidationError` for what the client cannot express."""
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
            models=[self._model(name) for name in self._reachable([method.response for method in methods])],
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
                    pages = PaginationSpec.from_operation(operation.definition)
                    if pages and snake_case(operation.definition["operationId"]) == endpoint.name:
                        yield self._response(endpoint, operation.pointer), pages.items

    def _reachable(self, names: list[str]) -> list[str]:
        """Models of 2xx responses, outer ones first. The body of an error becomes an exception, not a model."""
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
        schema = self._schema(name)
        known = {prop.name.get_untrusted_value(): prop for prop in _properties(self.by_class[name])}
        fields = [self._field(name, wire, schema.declared(wire), known[wire]) for wire in schema.properties]
        names = [field.name for field in fields]
        names += [f"{field.name}_json" for field in fields if field.json_text]
        if twice := sorted({field for field in names if names.count(field) > 1}):
            self._refuse(
                f"/components/schemas/{name}",
                f"has two fields that would both be {twice[0]} in Python",
                "Leave one out",
            )
        job = schema.first("x-job")
        return ModelClass(
            name,
            schema.first("description"),
            fields,
            job_mapping(with_lists(JobMapping.from_extension(job), schema)) if job else None,
        )

    def _field(self, model: str, wire: str, definition: FlatSchema, prop: PropertyProtocol) -> ModelField:
        name = attribute(str(prop.python_name))
        self._collect_lists(model, wire, definition, prop)
        kind = annotation(prop)
        if (model, wire) in self.listings:
            kind = kind.replace("list[", "LazyList[", 1)
        json_text = definition.first("contentMediaType") == "application/json"
        return ModelField(name, wire, kind, definition.first("description"), json_text)

    def _collect_lists(self, model: str, wire: str, definition: FlatSchema, prop: PropertyProtocol) -> None:
        of = f"`{model}.{attribute(str(prop.python_name))}`"
        name = str(prop.class_info.name) if isinstance(prop, LiteralEnumProperty) else ""
        # A component that several fields refer to is one list.
        if name and name not in [each.name for each in self.closed_lists]:
            self.closed_lists.append(ValueList(name, of, f"The values of {of}.", definition.enum or []))
        for pointer, values in definition.known_values:
            try:
                named = list(constants(values))
            except ValueError as error:
                self._refuse(pointer, str(error), "Leave one out")
            name = f"{model}{class_prefix(snake_case(wire))}Values"
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
            response = self._response(endpoint, operation.pointer)
            yield Method(
                id=definition["operationId"],
                name=name,
                constant=name.upper(),
                method=operation.method.upper(),
                path=operation.path,
                summary=definition["summary"],
                description=definition["description"],
                response=response,
                is_job=bool(self._schema(response).values("x-job")),
                parameters=list(self._arguments(endpoint)),
                headers=definition.get("x-request-headers", {}),
                errors=ErrorMapping.of_document(self.document),
                schemes=list(self._schemes(definition)),
                **self._listing(definition, endpoint, response),
            )

    def _listing(self, definition: dict[str, Any], endpoint: Endpoint, response: str) -> dict[str, Any]:
        """How the operation is polled and paged, in Python's names."""
        poll, pages = PollSpec.from_operation(definition), PaginationSpec.from_operation(definition)
        arguments = {
            prop.name.get_untrusted_value(): str(prop.python_name) for _, prop in endpoint.iter_all_parameters()
        }
        items = (poll.items if poll else "") or (pages.items if pages else "")
        if not items:
            named = PollSpec(argument=arguments[poll.argument]) if poll else None
            return {"poll": named, "pages": None, "row": "", "identity": []}
        row = self._schema(response).at(f"{items}.*").model
        total = self._attribute(response, pages.total) if pages and pages.total else ""
        listed = self._attribute(response, items)
        job = self._schema(row).first("x-job")
        identity = JobMapping.from_extension(job).id if job else ()
        return {
            "poll": PollSpec(items=listed, match=self._attribute(row, poll.match)) if poll and poll.match else None,
            "pages": PaginationSpec(arguments[pages.offset], arguments[pages.limit], listed, total=total)
            if pages
            else None,
            "row": row,
            "identity": [poll.match] if poll and poll.match else list(identity),
        }

    def _schema(self, model: str) -> FlatSchema:
        return flatten(self.document, COMPONENTS + model)

    def _attribute(self, model: str, wire: str) -> str:
        """The Python name of a model's field."""
        props = {prop.name.get_untrusted_value(): prop for prop in _properties(self.by_class[model])}
        return attribute(str(props[wire].python_name))

    def _response(self, endpoint: Endpoint, pointer: str) -> str:
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
                is_client_parameter=parameter.get("x-client-parameter", False),
                default=parameter["schema"].get("default"),
                maximum=parameter["schema"].get("maximum"),
            )

    def _schemes(self, definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for requirement in definition["security"]:
            for name in requirement:
                scheme = resolve(self.document, f"/components/securitySchemes/{name}")
                auth = scheme["x-auth"]
                yield {"method": auth["method"], "header": scheme["name"], "max_length": auth.get("maxLength")}

    def _refuse(self, pointer: str, message: str, remedy: str) -> None:
        raise ValidationError(Problem(self.path, message, remedy, pointer=pointer))


def _properties(model: ModelProperty) -> list[PropertyProtocol]:
    return [*(model.required_properties or []), *(model.optional_properties or [])]


def _inner(prop: PropertyProtocol) -> list[PropertyProtocol]:
    inner = getattr(prop, "inner_properties", None) or [getattr(prop, "inner_property", None)]
    if isinstance(prop, ModelProperty) and is_map(prop):
        inner = [prop.additional_properties]
    return [member for member in inner if member is not None]
