"""Builder of the template model from a bundled document.

Names are those of openapi-python-client. Its parser is not used: it leaves out operations with a schema, parameter or
response that it does not know.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import attrs
from openapi_python_client.strings import pascal_case, snake_case

from ..documents.json_pointer import WHOLE, child, find, pointer_of, resolve, segments
from ..documents.mappings import AuthSpec, ErrorMapping, JobMapping, PaginationSpec, PollSpec, StartSpec, with_lists
from ..documents.schema_view import COMPONENTS, FlatSchema, flatten
from ..documents.workspace import FORMS, OperationRef, essence, is_json, is_text, operations, preferred
from ..errors import Problem, ValidationError
from .python_types import TypeWriter, ValueType, module_names, python_name
from .template_model import (
    Argument,
    Method,
    ModelClass,
    ModelField,
    PageCall,
    PollCall,
    ServicePackage,
    StartCall,
    Success,
    ValueList,
    job_mapping,
)

RUNTIME = Path(__file__).parent / "runtime"

TEMPLATES = Path(__file__).parent / "templates"

_EXPORTS = {"document", "recordings", "renditions", "services"}

_OF_MODELS = {"additional_properties", "check", "define", "field", "from_dict", "to_dict"}
"""Names that a model inherits, or that its class body calls: a field of that name would hide them."""


_OF_METHODS = {"timeout", "extra_headers", "headers"}
"""Arguments and variables that methods have besides the parameters of an operation."""

_OF_WAITS = {
    *("options", "ids", "poll_interval", "not_found_grace", "on_progress", "cancel", "max_polls_per_second"),
    "return_exceptions",
}
"""Arguments and variables of the methods that wait."""

_LOCATIONS = ("path", "query", "header", "cookie")
"""Locations of parameters, in the order of a method's arguments."""

_STYLED_SCALARS = ("label", "matrix")
"""Styles that change single values too."""

_MOST_IDS = 100
"""Most IDs in one request if the document has no limit."""


def reserved_names() -> set[str]:
    """Return the names that a service must not have: modules of the runtime and functions of the package."""
    return _EXPORTS | {
        path.stem for path in RUNTIME.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }


def reserved_schema_names(service: str) -> set[str]:
    """Return the names that a schema must not have: those that the module of models imports, and the clients."""
    clients = {f"{kind}{class_prefix(service)}Client" for kind in ("", "Async")}
    return module_names(TEMPLATES / "models_init.py.jinja") | clients


def class_prefix(service: str) -> str:
    """Return a service's name in CapWords, the prefix of its client classes."""
    return "".join(part.capitalize() for part in service.split("_"))


def constants(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield a constant's name for each value. Raises `ValueError` where two values would have one name."""
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
    """Build the template model of one service. Raises `ValidationError` for documents that the client cannot
    express."""
    return _Describer(name, document, path).package()


class _Describer:
    def __init__(self, name: str, document: dict[str, Any], path: Path) -> None:
        self.name = name
        self.document = document
        self.path = path
        self.reserved = reserved_schema_names(name)
        self.types = TypeWriter(document, self.reserved)
        self.listings = set(long_lists(self.document))
        self.value_lists: dict[str, ValueList] = {}
        self.open_lists: list[ValueList] = []

    def package(self) -> ServicePackage:
        methods = list(self._methods())
        self._check_polls()
        methods = [self._with_poll(method, methods) for method in methods]
        models = [self._model(name) for name in self._reachable()]
        self._refuse_names([*(model.name for model in models), *(each.name for each in self.types.found)])
        aliases = self._aliases()
        return ServicePackage(
            name=self.name,
            document=self.document,
            client_name=f"{class_prefix(self.name)}Client",
            models=models,
            closed_lists=[self._closed_list(each) for each in self.types.found],
            open_lists=self.open_lists,
            operations=[self._named(method, aliases) for method in methods],
            client_imports=self._imports(_client_types(methods), aliases),
        )

    def _with_poll(self, method: Method, methods: list[Method]) -> Method:
        """Return the method with the one that waits for its job, if it starts one."""
        polled = next((each for each in methods if each.poll), None)
        if method.start is None or polled is None:
            return method
        missing = {each.name for each in polled.wait_positional} - {each.name for each in method.parameters}
        if missing:
            self._refuse(
                "/paths",
                f"have {method.id} with x-start, which lacks {', '.join(sorted(missing))} of {polled.id}",
                "Give both operations these parameters",
            )
        return attrs.evolve(method, polled=polled)

    def _check_polls(self) -> None:
        polls = (PollSpec.from_operation(each.definition) for each in operations(self.document))
        if sum(poll is not None and not poll.is_listing for poll in polls) > 1:
            self._refuse(
                "/paths",
                "have several operations with x-poll that take the ID of a job",
                "Leave one: it gives the client's wait_for_job",
            )

    def _reachable(self) -> list[str]:
        """Return models of responses and bodies, outer ones first.

        The body of an error becomes an exception, not a model.
        """
        found: dict[str, None] = {}

        def walk(name: str) -> None:
            if name not in found:
                found[name] = None
                schema = self._schema(name)
                required = [wire for wire in schema.properties if wire in schema.required]
                inner = TypeWriter(self.document)
                for wire in dict.fromkeys([*required, *schema.properties]):
                    inner.annotation(*_field_type(schema, name, wire))
                if (others := schema.having("additionalProperties")) and isinstance(others[0][1], dict):
                    inner.annotation(others[0][0], name)
                for each in inner.classes:
                    walk(each)

        for name in list(self.types.classes):
            walk(name)
        return list(found)

    def _model(self, name: str) -> ModelClass:
        schema = self._schema(name)
        fields: list[ModelField] = []
        for wire in schema.properties:
            fields.append(self._field(name, wire, schema, {field.name for field in fields}))
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
            schema.first("description") or f"{name}.",
            fields,
            job_mapping(with_lists(JobMapping.from_extension(job), schema)) if job else None,
        )

    def _field(self, model: str, wire: str, schema: FlatSchema, taken: set[str]) -> ModelField:
        definition = schema.declared(wire)
        name = python_name(wire, taken, _OF_MODELS)
        before = len(self.types.found)
        kind = self.types.annotation(*_field_type(schema, model, wire))
        self._collect_lists(model, wire, f"`{model}.{name}`", definition, before)
        if (model, wire) in self.listings:
            kind = kind.replace("list[", "LazyList[", 1)
        json_text = definition.first("contentMediaType") == "application/json"
        description = definition.first("description") or f"`{wire}` of the service."
        return ModelField(name, wire, kind, description + self._marks(definition), json_text)

    def _marks(self, definition: FlatSchema) -> str:
        """Return further statements of the document about a field, as sentences."""
        marks = {"deprecated": " Deprecated.", "readOnly": " Not sent in requests.", "writeOnly": " Not in responses."}
        return "".join(text for keyword_, text in marks.items() if definition.first(keyword_) is True)

    def _collect_lists(self, model: str, wire: str, of: str, definition: FlatSchema, before: int) -> None:
        for each in self.types.found[before:]:
            # A component that several fields refer to is one list.
            self.value_lists[each.name] = ValueList(each.name, of, f"The values of {of}.", each.values)
        for pointer, values in definition.known_values:
            try:
                named = list(constants(values))
            except ValueError as error:
                self._refuse(pointer, str(error), "Leave one out")
            name = f"{model}{class_prefix(snake_case(wire))}Values"
            self.open_lists.append(ValueList(name, of, "", values, named))

    def _closed_list(self, found: ValueType) -> ValueList:
        of = f"`{found.name}`"
        return self.value_lists.get(found.name, ValueList(found.name, of, f"The values of {of}.", found.values))

    def _methods(self) -> Iterator[Method]:
        for operation in operations(self.document):
            definition = operation.definition
            name = snake_case(definition["operationId"])
            response, successes = self._returned(operation)
            arguments = list(self._arguments(operation))
            body, media_type = self._body(operation, {each.name for each in arguments})
            yield Method(
                id=definition["operationId"],
                name=name,
                constant=f"{name.upper()}_" if name == "service" else name.upper(),
                method=operation.method.upper(),
                path=operation.path,
                summary=definition.get("summary") or f"Call {definition['operationId']}",
                description=definition.get("description") or f"`{operation.method.upper()} {operation.path}`.",
                response=response,
                is_job=not successes and bool(self._schema(response).values("x-job")),
                parameters=[*arguments, *body],
                headers=definition.get("x-request-headers", {}),
                errors=ErrorMapping.of_document(self.document),
                schemes=AuthSpec.of_requirements(self.document, definition.get("security", ())),
                successes=successes,
                media_type=media_type,
                deprecated=definition.get("deprecated", False),
                **self._calls(operation, arguments),
            )

    def _calls(self, operation: OperationRef, arguments: Iterable[Argument]) -> dict[str, Any]:
        """Return poll and pagination of an operation, with Python's names."""
        named = {each.wire: each.name for each in arguments}
        poll, pages = poll_call(self.document, operation, named), page_call(self.document, operation, named)
        job = job_schema(self.document, operation) if poll else None
        return {
            "poll": poll,
            "pages": pages,
            "start": start_call(operation),
            "row": row_schema(self.document, operation, pages.items).model if pages else "",
            "job_model": job.model if job else "Any",
            "collection": snake_case(collection_name(operation, pages.items)) if pages else "",
        }

    def _schema(self, model: str) -> FlatSchema:
        return flatten(self.document, COMPONENTS + model)

    def _returned(self, operation: OperationRef) -> tuple[str, list[Success]]:
        """Return the type that a method returns, and the responses where they are not all one model."""
        responses = operation.definition["responses"]
        statuses = [status for status in responses if status.startswith("2")] or [
            status for status in responses if status == "default"
        ]
        if not statuses:
            self._refuse(f"{operation.pointer}/responses", "have no 2xx response", "Add one")
        found = [self._success(operation, status) for status in statuses]
        names = {each.annotation for each in found}
        is_plain = found[0].kind == "json" and found[0].status.startswith("2")
        if len(names) == 1 and is_plain and self.types.is_class(found[0].annotation):
            return found[0].annotation, []
        kinds = dict.fromkeys(part for each in found for part in each.annotation.split(" | "))
        kinds = {**{kind: None for kind in kinds if kind != "None"}, **({"None": None} if "None" in kinds else {})}
        return " | ".join(kinds), found

    def _success(self, operation: OperationRef, status: str) -> Success:
        pointer = child(operation.pointer, "responses", status)
        response, pointer = self._resolved(pointer)
        content = response.get("content", {})
        if not content:
            return Success(status, "None", "none")
        media_type = preferred(content)
        if not is_json(media_type):
            return Success(status, "str", "text") if is_text(media_type) else Success(status, "bytes", "bytes")
        here = child(pointer, "content", media_type, "schema")
        if "schema" not in content[media_type]:
            return Success(status, "Any", "json")
        name = f"{pascal_case(operation.id)}Response"
        annotation = self.types.annotation(here, name)
        return Success(status, f"{annotation} | None" if self.types.allows_null(here) else annotation, "json")

    def _resolved(self, pointer: str) -> tuple[dict[str, Any], str]:
        """Return the value at a pointer, and its own pointer if it is a reference."""
        value = resolve(self.document, pointer)
        while isinstance(value.get("$ref"), str):
            pointer = value["$ref"].removeprefix("#")
            value = resolve(self.document, pointer)
        return value, pointer

    def _arguments(self, operation: OperationRef) -> Iterator[Argument]:
        taken: set[str] = set()
        reserved = _OF_METHODS | (_OF_WAITS if "x-poll" in operation.definition else set())
        reserved |= {"page_size"} if "x-pagination" in operation.definition else set()
        declared = [self._resolved(child(operation.pointer, "parameters", index)) for index in self._indexes(operation)]
        for parameter, pointer in sorted(declared, key=lambda each: _LOCATIONS.index(each[0]["in"])):
            wire, location = parameter["name"], parameter["in"]
            name = python_name(wire, (), reserved)
            if name in taken:
                name = python_name(f"{wire}_{location}", taken, reserved)
            taken.add(name)
            schema, is_text_of_json = parameter.get("schema", {}), "content" in parameter
            here = child(pointer, "schema")
            kind = "Any" if is_text_of_json else self.types.annotation(here, f"{pascal_case(wire)}Argument")
            style = parameter.get("style", "form" if location in ("query", "cookie") else "simple")
            takes_several = "list[" in kind or "dict[" in kind or "Any" in kind or bool(self.types.class_of(here))
            yield Argument(
                name=name,
                wire=wire,
                location=location,
                annotation=kind,
                description=parameter.get("description") or f"`{wire}` of the service.",
                required=parameter.get("required", False),
                is_client_parameter=parameter.get("x-client-parameter", False),
                default=schema.get("default"),
                maximum=schema.get("maximum"),
                style="json" if is_text_of_json else style if takes_several or style in _STYLED_SCALARS else None,
                explode=parameter.get("explode", style == "form"),
            )

    def _indexes(self, operation: OperationRef) -> range:
        return range(len(operation.definition.get("parameters", ())))

    def _body(self, operation: OperationRef, taken: set[str]) -> tuple[list[Argument], str]:
        """Return the argument that is the request body, if there is one, and its media type."""
        if "requestBody" not in operation.definition:
            return [], ""
        body, pointer = self._resolved(child(operation.pointer, "requestBody"))
        media_type = preferred(body["content"])
        here = child(pointer, "content", media_type, "schema")
        is_structured = is_json(media_type) or essence(media_type) in FORMS
        if not is_structured:
            kind = "str | bytes" if is_text(media_type) else "bytes"
        elif "schema" not in body["content"][media_type]:
            kind = "Any"
        else:
            kind = self.types.annotation(here, f"{pascal_case(operation.id)}Body")
            # A mapping is accepted too, so that a call can be tried without models.
            if any(self.types.is_class(each) for each in kind.split(" | ")):
                kind = f"{kind} | Mapping[str, Any]"
        argument = Argument(
            name=python_name("body", taken),
            wire="body",
            location="body",
            annotation=kind,
            description=body.get("description") or f"Body of the request, `{media_type}`.",
            required=body.get("required", False),
            is_client_parameter=False,
        )
        return [argument], media_type

    def _refuse_names(self, names: list[str]) -> None:
        """Raise `ValidationError` for a name that the module of models needs itself."""
        for name in names:
            if name in self.reserved:
                self._refuse(
                    f"/components/schemas/{name}",
                    f"must have another name, got {name}, a name of the client",
                    "Rename it",
                )

    def _aliases(self) -> dict[str, str]:
        """Return the models that clients import under another name, because they import something else under theirs."""
        reserved, names = module_names(TEMPLATES / "client.py.jinja"), self._names()
        aliases: dict[str, str] = {}
        for name in sorted(names & reserved):
            alias = f"{name}Model"
            while alias in names | reserved | set(aliases.values()):
                alias += "_"
            aliases[name] = alias
        return aliases

    def _names(self) -> set[str]:
        """Return the names that the module of models has."""
        return {*self.types.classes, *(each.name for each in self.types.found)}

    def _named(self, method: Method, aliases: dict[str, str]) -> Method:
        """Return the method with types as the clients write them, and as the module of operations does."""

        def written(text: str, names: Mapping[str, str]) -> str:
            return re.sub(r"[A-Za-z_]\w*", lambda match: names.get(match[0], match[0]), text)

        def of(each: Any, names: Mapping[str, str]) -> Any:
            return attrs.evolve(each, annotation=written(each.annotation, names))

        qualified = {name: f"models.{name}" for name in self._names()}
        return attrs.evolve(
            method,
            response=written(method.response, aliases),
            row=written(method.row, aliases),
            job_model=written(method.job_model, aliases),
            parameters=[of(each, aliases) for each in method.parameters],
            successes=[of(each, qualified) for each in method.successes],
            operation_type=written(method.response, qualified),
        )

    def _imports(self, annotations: Iterable[str], aliases: dict[str, str]) -> list[str]:
        """Return the names in annotations that the module of models has, as an import statement has them."""
        used = {name for text in annotations for name in re.findall(r"[A-Za-z_]\w*", text)} & self._names()
        return [f"{name} as {aliases[name]}" if name in aliases else name for name in sorted(used)]

    def _refuse(self, pointer: str, message: str, remedy: str) -> NoReturn:
        raise ValidationError(Problem(self.path, message, remedy, pointer=pointer))


def _field_type(schema: FlatSchema, model: str, wire: str) -> tuple[str, str]:
    """Return pointer of a field's schema, and the name of its list of values."""
    return schema.declares(wire) or "", f"{model}{pascal_case(wire)}"


def _client_types(methods: Iterable[Method]) -> Iterator[str]:
    """Yield the types that the clients name."""
    for method in methods:
        yield method.response
        yield from (each.annotation for each in method.parameters)
        if method.pages:
            yield method.row
        if method.poll:
            yield method.job_model


def polled_operation(document: dict[str, Any]) -> OperationRef | None:
    """Return the operation that a client waits with: one that takes the ID of a job, or else one that lists jobs."""
    found = [(PollSpec.from_operation(each.definition), each) for each in operations(document)]
    polled = [(poll, each) for poll, each in found if poll is not None]
    return next((each for _, each in sorted(polled, key=lambda pair: pair[0].is_listing)), None)


def response_body(document: dict[str, Any], operation: OperationRef) -> FlatSchema:
    """Return the body of the first 2xx response that has one."""
    bodies = (pointer for pointer, _ in find(document, f"{operation.pointer}/responses/*/content/*/schema"))
    depth = len(segments(operation.pointer)) + 1
    return flatten(document, *[pointer for pointer in bodies if segments(pointer)[depth].startswith("2")][:1])


def poll_call(document: dict[str, Any], operation: OperationRef, arguments: Mapping[str, str]) -> PollCall | None:
    """Return the poll of an operation. None without one, or if another operation is polled.

    Args:
        document: The document.
        operation: The operation.
        arguments: The names of its arguments, by those of the parameters.
    """
    poll, polled = PollSpec.from_operation(operation.definition), polled_operation(document)
    if poll is None or polled is None or polled.pointer != operation.pointer:
        return None
    taken = _id_schema(document, operation, poll)
    one = taken.items if taken.items.roots else taken
    return PollCall(
        argument=arguments[poll.argument] if poll.argument else "",
        body=poll.body,
        url=poll.url,
        is_integer=one.types == ["integer"],
        batch=(taken.bound("maxItems") or _MOST_IDS) if taken.items.roots else 0,
        job=poll.job,
        items=poll.items,
        match=poll.match,
        interval=poll.interval,
        statuses={int(status): state for status, state in poll.statuses.items()} or None,
    )


def _id_schema(document: dict[str, Any], operation: OperationRef, poll: PollSpec) -> FlatSchema:
    """Return the schema of the parameter or field that takes the ID of a job, or several."""
    if poll.body:
        bodies = [pointer for pointer, _ in find(document, f"{operation.pointer}/requestBody/content/*/schema")]
        return flatten(document, *bodies[:1]).at(poll.body)
    return _parameter(document, operation, poll.argument)


def _parameter(document: dict[str, Any], operation: OperationRef, name: str) -> FlatSchema:
    """Return the schema of a parameter; without roots for another name."""
    for index, parameter in enumerate(operation.definition.get("parameters", ())):
        pointer = parameter.get("$ref", f"#{child(operation.pointer, 'parameters', index)}")[1:]
        if resolve(document, pointer)["name"] == name:
            return flatten(document, child(pointer, "schema"))
    return flatten(document)


def start_call(operation: OperationRef) -> StartCall | None:
    """Return the place of the started job in the response of an operation, or None."""
    start = StartSpec.from_operation(operation.definition)
    return StartCall(start.place, is_url=bool(start.url)) if start else None


def page_call(document: dict[str, Any], operation: OperationRef, arguments: Mapping[str, str]) -> PageCall | None:
    """Return the pagination of an operation, or None."""
    pages = PaginationSpec.from_operation(operation.definition)
    if pages is None:
        return None
    poll = PollSpec.from_operation(operation.definition)
    job = row_schema(document, operation, pages.items).first("x-job")
    identity = JobMapping.from_extension(job).id if job else ()
    return PageCall(
        items=pages.items,
        **{key: arguments.get(getattr(pages, key), "") for key in ("offset", "page", "token", "limit")},
        most=_parameter(document, operation, pages.limit).bound("maximum") or 0,
        first=pages.first,
        next=pages.next,
        identity=(poll.match,) if poll and poll.match else identity,
        total=pages.total,
        more=pages.more,
    )


def row_schema(document: dict[str, Any], operation: OperationRef, items: str) -> FlatSchema:
    """Return the schema of an item of a list in the response."""
    return response_body(document, operation).at("*" if items == WHOLE else f"{items}.*")


def job_schema(document: dict[str, Any], operation: OperationRef) -> FlatSchema | None:
    """Return the schema of an awaited job; None if the status codes alone are its state."""
    poll = PollSpec.from_operation(operation.definition)
    body = response_body(document, operation)
    found = body.at(poll.place) if poll and body.roots else None
    return found if found and found.first("x-job") else None


def long_lists(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield model and field of each list that comes in pages, and so may be long."""
    for operation in operations(document):
        pages = PaginationSpec.from_operation(operation.definition)
        if pages and pages.items != WHOLE:
            *outer, name = pointer_of(pages.items)
            owner = response_body(document, operation)
            for key in outer:
                owner = owner.at(f'"{key}"')
            yield owner.model, name


def collection_name(operation: OperationRef, items: str) -> str:
    """Return the name of a listing: that of the field, or of the operation without its verb."""
    if items == WHOLE:
        words = operation.id.lstrip("abcdefghijklmnopqrstuvwxyz")
        return words or operation.id
    return list(pointer_of(items))[-1]
