"""Lint: the rules of OpenAPI 3.1, of the `x-` extensions, and of `openapi/STYLE.md`.

The JSON Schema of OpenAPI is that of openapi-spec-validator. Its validator takes a third of the time of `make generate`
to import and run, so its further rules are implemented here; tests compare the two.
"""

from __future__ import annotations

import json
import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.metadata import distribution
from itertools import islice
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs

from ..errors import Problem
from .json_pointer import PointerNotFound, child, find, matches, resolve, segments
from .mappings import ErrorMapping, PaginationSpec, PollSpec, StartSpec, job_problems
from .schema_view import (
    FlatSchema,
    SchemaLocation,
    flatten,
    known_values,
    listed_values,
    open_list,
    same_value,
    walk_schemas,
)
from .strict_yaml import Source
from .workspace import IMPORTED, OperationRef, Recording, Service, Workspace, operations, short, violations

_STYLE = "See openapi/STYLE.md"
_HINTS = {"nullable": "Write type: [string, 'null'], as OpenAPI 3.1 has it"}
"""Remedies for keywords of other versions."""

KEY_ORDER = {
    "operation": (
        *("operationId", "summary", "description", "tags", "parameters", "requestBody", "responses", "security"),
    ),
    "parameter": ("name", "in", "description", "required", "schema"),
    "response": ("description", "headers", "content"),
    "header": ("description", "schema"),
    "scheme": ("type", "description", "in", "name", "scheme", "bearerFormat", "openIdConnectUrl", "flows"),
    "schema": (
        *("description", "$ref", "type", "const", "enum", "default", "format", "minimum", "maximum"),
        *("minLength", "maxLength", "pattern", "contentMediaType", "examples", "minItems", "maxItems", "items"),
        *("additionalProperties", "allOf", "anyOf", "required", "properties", "dependentSchemas", "if", "then"),
    ),
}
"""The keys that documents may use, by the kind of object, in the order in which they are written."""

_SAME_VALUE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")
"""Keywords with subschemas that apply to the same value as their own schema."""

_IGNORED_HEADERS = {"accept", "authorization", "content-type"}

_SEMVER = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?\Z")


def lint(workspace: Workspace, service: Service) -> list[Problem]:
    """Return every problem of the document's form, in file order. In an imported document, only problems that make
    clients wrong."""
    if service.is_imported:
        return imported_problems(workspace, service)
    if misformed := malformed(workspace, service.document):
        return misformed
    problems = [
        *_name(service),
        *_info(service.document),
        *_operations(service),
        *_parts(service.document),
        *_schemas(service.document),
        *_recordings(service),
        *_integers(service),
        *extension_problems(workspace, service),
    ]
    return sorted(problems, key=lambda problem: problem.line or 0)


def imported_problems(workspace: Workspace, service: Service) -> list[Problem]:
    """Return what would make a wrong client of an imported document."""
    source = service.document
    problems = [*_references(source), *reference_cycles(source)]
    if not problems:
        problems = [*_against(_validator(), source, "", source.data)]
    if not problems:
        problems = [*_tags(source), *_operation_rules(source), *extension_problems(workspace, service)]
    return problems


def house_rules(service: Service) -> list[Problem]:
    """Return the house rules that an imported document does not keep. They are not errors there."""
    source = service.document
    problems = [*_info(source), *_operations(service), *_parts(source), *_schemas(source), *_integers(service)]
    return sorted(problems, key=lambda problem: problem.line or 0)


def malformed(workspace: Workspace, source: Source) -> list[Problem]:
    """Return problems that prevent reading the document; without any, it is OpenAPI 3.1 of our form."""
    # Each rests on the ones before.
    for check in (_references, reference_cycles, partial(workspace.violations, "document"), openapi_problems):
        if problems := list(check(source)):
            return problems
    return []


def _references(source: Source) -> Iterator[Problem]:
    def walk(value: Any, pointer: str) -> Iterator[Problem]:
        if isinstance(value, dict):
            target = value.get("$ref")
            here = child(pointer, "$ref")
            if isinstance(target, str) and not target.startswith("#/"):
                yield source.problem(
                    here, f"refers to {short(target)}, outside the document", "Bring it into the document's components"
                )
            elif target is not None and not isinstance(target, str | dict):
                yield source.problem(here, f"refers to {target!r}, which is not text", "Mend the reference")
            elif isinstance(target, str):
                try:
                    resolve(source.data, target[1:])
                except PointerNotFound:
                    yield source.problem(here, f"refers to {short(target)}, which is not there", "Mend the reference")
            for key, member in value.items():
                yield from walk(member, child(pointer, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, child(pointer, index))

    return walk(source.data, "")


def reference_cycles(source: Source) -> Iterator[Problem]:
    """Yield schemas that refer to themselves without a property or item between: no reader of them ends."""
    finished: set[str] = set()
    for start in _referring(source.data, ""):
        path = {start: _next(source.data, start)}
        while path and start not in finished:
            here, ahead = next(reversed(path.items()))
            follows = next(ahead, None)
            if follows is None:
                finished.add(here)
                del path[here]
            elif follows in path:
                yield source.problem(here, f"leads back to itself, by way of {follows}", "Write the schema out")
            elif follows not in finished:
                path[follows] = _next(source.data, follows)


def _referring(value: Any, pointer: str) -> Iterator[str]:
    """Yield the pointers of all mappings with a `$ref`."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield pointer
        for key, member in value.items():
            yield from _referring(member, child(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _referring(item, child(pointer, index))


def _next(document: Any, pointer: str) -> Iterator[str]:
    return same_value(resolve(document, pointer), pointer, _SAME_VALUE)


def _name(service: Service) -> Iterator[Problem]:
    name = service.name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        yield service.document.problem(
            "", f"{name} is not a module name", "Rename the file: lower-case letters, digits and _"
        )
    if service.evidence.data["service"] != name:
        yield service.evidence.problem("/service", f"is not {name}", "Let the file and its service have one name")


def _info(source: Source) -> Iterator[Problem]:
    document = source.data
    if not _SEMVER.match(document["info"]["version"]):
        yield source.problem("/info/version", "is not a semantic version", "Write MAJOR.MINOR.PATCH")
    if not document["info"].get("description"):
        yield source.problem("/info", "has no description", "Describe the endpoint")
    tags = {tag["name"] for tag in document.get("tags", [])}
    for pointer, name in find(document, "/paths/*/*/tags/*"):
        if name not in tags:
            yield source.problem(pointer, f"is the tag {name}, which /tags does not have", "Describe it there")
    yield from _servers(source)


def _servers(source: Source) -> Iterator[Problem]:
    servers = source.data.get("servers", [])
    if not any("endpoint" in server.get("variables", {}) for server in servers):
        yield source.problem("/servers", "has no endpoint variable", "Write url: https://{endpoint} with its variable")
    for index, server in enumerate(servers):
        here = child("/servers", index)
        for name in sorted(set(re.findall(r"\{([^{}]*)\}", server["url"])) ^ set(server.get("variables", {}))):
            yield source.problem(here, f"has {name} in its url or its variables alone", "Write it in both")
        for name, variable in server.get("variables", {}).items():
            pointer = child(here, "variables", name)
            if variable["default"] not in variable.get("enum", [variable["default"]]):
                message = f"default must be in the enum, got {variable['default']}"
                yield source.problem(child(pointer, "default"), message, "Add it, or choose another")


_CLIENT_METHODS = r"a?close|snapshot|watchJob|waitForJobs?|withOptions|withRawResponse|iter([A-Z].*)?"
"""operationIds of methods that clients have beside those of operations."""


_METHODS = {"x-poll": ("get", "post"), "x-start": ("post", "put", "patch", "delete")}
"""Methods of an operation that reads jobs, and of one that starts a job."""


def _operations(service: Service) -> Iterator[Problem]:
    source = service.document
    for operation in service.operations:
        definition, here = operation.definition, operation.pointer
        name = definition.get("operationId", "")
        if not re.fullmatch(r"[a-z][A-Za-z0-9]*", name):
            yield source.problem(here, f"has operationId {name!r}", "Give it one in camelCase")
        elif re.fullmatch(_CLIENT_METHODS, name):
            message = f"operationId must not be the name of another method of the clients, got {name!r}"
            yield source.problem(here, message, "Choose another")
        if operation.method not in _METHODS["x-start" if "x-start" in definition else "x-poll"]:
            message = f"must be a GET or a POST, or another method with x-start, got {operation.method.upper()}"
            yield source.problem(here, message, "Describe queries, and operations that start a job")
        elif operation.method == "post" and not {"x-poll", "x-start"} & definition.keys():
            message = "must have x-poll or x-start, got a POST without them"
            yield source.problem(here, message, "Describe queries, and operations that start a job")
        yield from _request_body(source, operation)
        summary = definition.get("summary", "")
        if not re.fullmatch(r"[A-Z].*[^.]", summary):
            yield source.problem(child(here, "summary"), "must be an imperative without a full stop", _STYLE)
        if "security" not in definition:
            yield source.problem(here, "does not say how it is authenticated", "Write security, [] where it is not")
        for name in {name for requirement in definition.get("security", []) for name in requirement} - _schemes(source):
            yield source.problem(
                child(here, "security"), f"names the security scheme {name}, which is not there", _STYLE
            )
        yield from _described(source, here, definition)
        yield from _ordered(source, here, definition, "operation")
        for index, parameter in enumerate(definition.get("parameters", [])):
            if "$ref" not in parameter:
                yield source.problem(
                    child(child(here, "parameters"), index), "is written inline", "Make it a component"
                )
        for status, response in definition["responses"].items():
            pointer = child(child(here, "responses"), status)
            yield from _described(source, pointer, response)
            yield from _ordered(source, pointer, response, "response")
            general = not status.isdecimal()
            if general != (response.get("x-confidence") == "inferred"):
                yield source.problem(
                    pointer, "is a range or default without x-confidence: inferred, or the reverse", _STYLE
                )


def _request_body(source: Source, operation: OperationRef) -> Iterator[Problem]:
    body, here = operation.definition.get("requestBody"), child(operation.pointer, "requestBody")
    if body is None:
        return
    if operation.method in ("get", "delete"):
        message = f"must not be there, got one of a {operation.method.upper()}"
        yield source.problem(here, message, "Send the values as parameters")
    yield from _described(source, here, body)
    if list(body.get("content", {})) != ["application/json"]:
        yield source.problem(here, "must have one content, application/json", _STYLE)
    elif "$ref" not in body["content"]["application/json"].get("schema", {}):
        yield source.problem(here, "is written inline", "Make its schema a component")


def _schemes(source: Source) -> set[str]:
    return set(source.data["components"].get("securitySchemes", {}))


def _parts(source: Source) -> Iterator[Problem]:
    used = {ref[1:] for ref in _all_references(source.data)}
    used |= {
        f"/components/securitySchemes/{name}"
        for _, requirement in find(source.data, "/paths/*/*/security/*")
        for name in requirement
    }
    for pointer, _ in find(source.data, "/components/*/*"):
        if pointer not in used:
            yield source.problem(pointer, "is used by no operation", "Refer to it, or take it out")
    for pointer, parameter in find(source.data, "/components/parameters/*"):
        name = parameter["name"]
        if pointer != child("/components/parameters", name):
            yield source.problem(pointer, f"is not named as on the wire, {name}", _STYLE)
        if parameter["in"] == "header" and name.lower() in _IGNORED_HEADERS:
            yield source.problem(
                pointer, "is a header that OpenAPI ignores as a parameter", "Use x-request-headers or a security scheme"
            )
        yield from _described(source, pointer, parameter)
        yield from _ordered(source, pointer, parameter, "parameter")
    for pointer, header in find(source.data, "/components/headers/*"):
        yield from _described(source, pointer, header)
        yield from _ordered(source, pointer, header, "header")
    for pointer, header in find(source.data, "/paths/*/*/responses/*/headers/*"):
        if "$ref" not in header:
            yield source.problem(pointer, "is written inline", "Make it a component")
    for pointer, scheme in find(source.data, "/components/securitySchemes/*"):
        yield from _described(source, pointer, scheme)
        yield from _ordered(source, pointer, scheme, "scheme")


def _schemas(source: Source) -> Iterator[Problem]:
    for place in walk_schemas(source.data):
        schema, here = place.schema, place.pointer
        if not isinstance(schema, dict):
            yield source.problem(here, "is not a mapping", "Write the schema out")
            continue
        yield from _ordered(source, here, schema, "schema")
        in_promise = "/allOf/" in here
        if place.role in ("component", "property") and not in_promise:
            yield from _described(source, here, schema)
        if place.role == "component":
            name = here.rpartition("/")[2]
            if not re.fullmatch(r"([A-Z][a-z0-9]+)+", name):
                yield source.problem(here, f"{name} is not PascalCase", _STYLE)
        elif schema.get("properties") and not in_promise:
            yield source.problem(here, "is an inline object with properties", "Make it a component schema")
        for name in _look_alike(schema.get("properties", {})):
            message = f"{name} must differ from other properties by more than snake and camel case"
            yield source.problem(child(here, "properties", name), message, _STYLE)
        if "allOf" in schema and not _is_promise(place.role, schema):
            yield source.problem(here, "is an allOf other than a response's promise", _STYLE)
        if "anyOf" in schema and not (_is_open_list(schema) or _is_of_types(schema) or _is_union(place.role, schema)):
            message = "must be an open list of strings, alternatives of a type each, or a union of components"
            yield source.problem(child(here, "anyOf"), message, _STYLE)
        yield from _conditions(source, place)


def _conditions(source: Source, place: SchemaLocation) -> Iterator[Problem]:
    """Yield conditions that other readers would not understand, and those of fields or values that do not exist."""
    schema, here = place.schema, place.pointer
    view, names = flatten(source.data, here), schema.get("properties", {})
    parts = [(child(here, key), schema[key]) for key in ("if", "then") if key in schema]
    for field, dependent in schema.get("dependentSchemas", {}).items():
        pointer = child(here, "dependentSchemas", field)
        parts.append((pointer, dependent))
        if field not in names or field in schema.get("required", ()):
            yield source.problem(pointer, f"must be of an optional property of the schema, got {field}", _STYLE)
        if not _is_flat(dependent, keys={"properties"}):
            message = "must consist of properties with a const or enum each"
            yield source.problem(pointer, message, _STYLE)
    if ("if" in schema) != ("then" in schema):
        yield source.problem(here, "must have both if and then, got one of them", _STYLE)
    if "if" in schema:
        condition = schema["if"]
        if not _is_flat(condition, keys={"properties", "required"}) or (
            sorted(condition["required"]) != sorted(condition["properties"])
        ):
            message = "must consist of properties with a const or enum each, all of them required"
            yield source.problem(child(here, "if"), message, _STYLE)
    for pointer, part in parts:
        if pointer.endswith("/then") and not _has_values_only(part):
            yield source.problem(pointer, "must consist of properties, items, const and enum", _STYLE)
        for path, where, values in listed_values(part, pointer):
            field = view.at(".".join(path))
            if not field.roots:
                yield source.problem(where, f"is about {'.'.join(path)}, which the schema lacks", "Name a property")
                continue
            stated = resolve(source.data, field.roots[0])
            known = (known_values(stated) or []) if "anyOf" in stated and _is_open_list(stated) else []
            for value in values:
                yield from _against_schema(source, stated, where, value)
                if known and value not in known and not pointer.endswith("/then"):
                    message = f"must be a known value of {'.'.join(path)}, got {short(value)}"
                    yield source.problem(where, message, "Add it to the list, or correct it")


def _is_flat(schema: Any, keys: set[str]) -> bool:
    """Return whether a schema has these keywords alone, and values of its properties alone."""
    return (
        isinstance(schema, dict)
        and schema.keys() == keys
        and bool(schema["properties"])
        and all(
            isinstance(each, dict) and each.keys() in ({"const"}, {"enum"}) for each in schema["properties"].values()
        )
    )


def _has_values_only(schema: Any) -> bool:
    if not isinstance(schema, dict) or not schema or not schema.keys() <= {"properties", "items", "const", "enum"}:
        return False
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return all(map(_has_values_only, inner))


def _look_alike(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        key = re.sub("[^a-z0-9]", "", name.lower())
        if key in seen:
            yield name
        seen.add(key)


def _is_open_list(schema: dict[str, Any]) -> bool:
    values = known_values(schema) or []
    are_strings = values and all(isinstance(value, str) and values.count(value) == 1 for value in values)
    return bool(are_strings and schema.get("type") == "string" and schema["anyOf"] == open_list("string", values))


def _is_of_types(schema: dict[str, Any]) -> bool:
    """Return whether it is alternatives of which a value's JSON type selects one."""
    types = [member.get("type") for member in schema["anyOf"]]
    allowed = {"type", "format", "minimum", "maximum", "minLength", "maxLength", "pattern"}
    are_plain = all(member.keys() <= allowed for member in schema["anyOf"])
    return "type" not in schema and are_plain and set(types) <= {"integer", "string", "boolean"} and _are_unique(types)


def _is_union(role: str, schema: dict[str, Any]) -> bool:
    references = [member.get("$ref") for member in schema["anyOf"]]
    are_references = all(member.keys() == {"$ref"} for member in schema["anyOf"])
    return (
        role == "component"
        and are_references
        and not {"type", "properties"} & schema.keys()
        and _are_unique(references)
    )


def _are_unique(values: list[Any]) -> bool:
    return len(values) == len(set(values)) > 1


def _is_promise(role: str, schema: dict[str, Any]) -> bool:
    def promises(part: Any) -> bool:
        return (
            isinstance(part, dict)
            and set(part) <= {"required", "properties"}
            and all(promises(member) for member in part.get("properties", {}).values())
        )

    rest = [part for part in schema["allOf"] if not (isinstance(part, dict) and part.keys() == {"$ref"})]
    return role == "reply" and len(schema["allOf"]) == len(rest) + 1 > 1 and all(promises(part) for part in rest)


def _recordings(service: Service) -> Iterator[Problem]:
    source, named = service.document, set()
    for operation in service.operations:
        for status, response in operation.definition["responses"].items():
            here = child(child(child(operation.pointer, "responses"), status), "x-recordings")
            for index, name in enumerate(response.get("x-recordings", [])):
                named.add(name)
                recording = service.recordings.get(name)
                if recording is None:
                    yield source.problem(
                        child(here, index),
                        f"names the recording {name}, which is not there",
                        "Record it, or take the name out",
                    )
                elif service.operation(recording.operation) is None:
                    known = ", ".join(each.id for each in service.operations)
                    message = f"must be an operationId of the document, got {recording.operation}"
                    yield recording.source.problem("/operation", message, f"Write one of {known}")
                elif str(recording.status) != status or recording.operation != operation.id:
                    yield recording.source.problem(
                        "/status",
                        f"is not a reply of {operation.id} with {status}, where the document names it",
                        "Name it at its own response",
                    )
    for name in sorted(set(service.recordings) - named):
        recording = service.recordings[name]
        yield recording.source.problem(
            "", "is named by no response", f"List it in x-recordings of {service.document.path.name}"
        )


_NUMBERS = ("minimum", "maximum", "default", "const")

_INTEGERS = {"int32": 31, "int64": 63}
"""The formats of integers, with the bits of their largest value."""


def _integers(service: Service) -> Iterator[Problem]:
    """Yield integers with a format too small for a value of the document or a recording.

    Clients in other languages choose the type of the integer by its format: 32 bits without a format.
    """
    document, formats = service.document.data, " or ".join(_INTEGERS)
    for place in walk_schemas(document):
        schema = place.schema if isinstance(place.schema, dict) else {}
        # A number may be an integer too, and every language has one type that holds both.
        types = schema.get("type", [])
        if "integer" not in ([types] if isinstance(types, str) else types):
            continue
        format_ = schema.get("format")
        bits = _INTEGERS.get(format_ or "int32")
        is_bounded = {"minimum", "maximum"} <= set(schema)
        if bits is None or (format_ is None and not is_bounded):
            message = f"format of an integer must be {formats}, got {format_!r}"
            yield service.document.problem(place.pointer, message, "Choose the one that holds its values")
            continue
        stated = [(child(place.pointer, name), schema[name]) for name in _NUMBERS if name in schema]
        stated += [(child(place.pointer, "examples", at), each) for at, each in enumerate(schema.get("examples", []))]
        for pointer, value in stated:
            if not _fits(value, bits):
                message = f"value must be within {format_ or '32 bits'}, got {value!r}"
                yield service.document.problem(pointer, message, "Write format: int64")
        if bits < 63 and not is_bounded:
            message = f"format {format_} must have a minimum and a maximum that prove it, got neither or one"
            yield service.document.problem(place.pointer, message, "Write format: int64")
    for recording in service.recordings.values():
        for pointer, value, format_ in _recorded_integers(service, recording):
            if not _fits(value, _INTEGERS.get(format_, 63)):
                message = f"value must be within {format_}, the format in the document, got {value}"
                yield recording.source.problem(pointer, message, "Write format: int64 in the document")


def _fits(value: Any, bits: int) -> bool:
    return not isinstance(value, int) or -(2**bits) <= value < 2**bits


def _recorded_integers(service: Service, recording: Recording) -> Iterator[tuple[str, int, str]]:
    """Yield pointer, value and format of each integer with a known schema in the body of a recording."""
    document = service.document.data
    if (operation := service.operation(recording.operation)) is None:
        return
    bodies = child(operation.pointer, "responses", recording.status, "content", recording.content_type, "schema")

    def walk(value: Any, schema: FlatSchema, pointer: str) -> Iterator[tuple[str, int, str]]:
        if isinstance(value, dict):
            for name, member in value.items():
                yield from walk(member, schema.member(name), child(pointer, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, schema.items, child(pointer, index))
        elif isinstance(value, int) and not isinstance(value, bool):
            yield pointer, value, schema.first("format", "")

    yield from walk(recording.body, flatten(document, bodies), "/body")


def _all_references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for member in value.values():
            yield from _all_references(member)
    elif isinstance(value, list):
        for item in value:
            yield from _all_references(item)


def _described(source: Source, pointer: str, thing: dict[str, Any]) -> Iterator[Problem]:
    description = str(thing.get("description", "")).strip()
    if not description:
        yield source.problem(pointer, "has no description", "Describe it for the caller")
    elif not description.endswith("."):
        yield source.problem(child(pointer, "description"), "does not end with a full stop", _STYLE)


def _ordered(source: Source, pointer: str, thing: dict[str, Any], kind: str) -> Iterator[Problem]:
    order = KEY_ORDER[kind]
    plain = [key for key in thing if not key.startswith("x-")]
    for key in plain:
        if key not in order:
            article = "an" if kind[0] in "aeiou" else "a"
            message = f"{key} is not {article} {kind} key that all our readers know"
            yield source.problem(child(pointer, key), message, _HINTS.get(key, _STYLE))
    known = [key for key in plain if key in order]
    wanted = [*sorted(known, key=order.index), *(key for key in thing if key.startswith("x-"))]
    given = [key for key in thing if key in known or key.startswith("x-")]
    if given != wanted:
        yield source.problem(
            pointer, f"has its keys in the order {', '.join(given)}", f"Write them as {', '.join(wanted)}"
        )


# The rules of OpenAPI

_REMEDY = "See the OpenAPI specification"

_SCHEMA = "openapi_spec_validator/resources/schemas/v3.1/schema.json"

_OF_SCHEMAS = {"$ref": "https://json-schema.org/draft/2020-12/schema"}


def openapi_problems(source: Source) -> Iterator[Problem]:
    """Yield every way in which a document is not OpenAPI 3.1. Its references lead somewhere in it."""
    if not str(source.data.get("openapi", "")).startswith("3.1."):
        yield source.problem("/openapi", "is not OpenAPI 3.1", "Write openapi: 3.1.0")
        return
    misformed = list(_against(_validator(), source, "", source.data))
    yield from misformed
    if not misformed:
        yield from _tags(source)
        yield from _operation_rules(source)
        yield from _schema_rules(source)


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    """Return the validator of the specification's own schema.

    It is found without an import of the package it comes with.
    """
    path = Path(str(distribution("openapi-spec-validator").locate_file(_SCHEMA)))
    return jsonschema_rs.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def _against(validator: Any, source: Source, pointer: str, value: Any) -> Iterator[Problem]:
    for error in validator.iter_errors(value):
        place = pointer
        for key in error.instance_path:
            place = child(place, key)
        yield source.problem(place, f"is not OpenAPI 3.1: {short(error.message)}", _REMEDY)


def _tags(source: Source) -> Iterator[Problem]:
    for name, times in Counter(tag["name"] for tag in source.data.get("tags", [])).items():
        if times > 1:
            yield source.problem("/tags", f"has the tag {name} {times} times", "Describe each tag once")


def _operation_rules(source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    for operation in operations(source.data):
        name = operation.definition.get("operationId")
        if name in seen:
            yield source.problem(operation.pointer, f"repeats the operationId {name}", "Give each operation its own")
        seen |= {name} if name else set()
        item = resolve(source.data, operation.pointer.rpartition("/")[0])
        yield from _parameters(
            source, operation, [item.get("parameters", []), operation.definition.get("parameters", [])]
        )


def _parameters(source: Source, operation: OperationRef, lists: list[list[dict[str, Any]]]) -> Iterator[Problem]:
    """Yield the problems of the parameters of a path and of one of its operations."""
    of_path: set[str] = set()
    for parameters in lists:
        found = [_resolved(source, parameter) for parameter in parameters]
        of_path |= {one["name"] for one in found if one["in"] == "path"}
        for (name, where), times in Counter((one["name"], one["in"]) for one in found).items():
            if times > 1:
                yield source.problem(operation.pointer, f"has the {where} parameter {name} {times} times", "Keep one")
    for name in sorted(of_path ^ set(re.findall(r"\{([^{}]*)\}", operation.path))):
        other = "its path" if name in of_path else "its parameters"
        yield source.problem(
            operation.pointer, f"has a path parameter {name} that is not in {other}", "Name it in both"
        )


def _resolved(source: Source, thing: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resolve(source.data, thing["$ref"][1:]) if "$ref" in thing else thing
    return found


def _schema_rules(source: Source) -> Iterator[Problem]:
    of_schemas = jsonschema_rs.Draft202012Validator(_OF_SCHEMAS, validate_formats=True)
    places = [place for place in walk_schemas(source.data) if isinstance(place.schema, dict | bool)]
    for place in places:
        if place.role in ("component", "parameter", "header", "reply"):
            misformed = list(_against(of_schemas, source, place.pointer, place.schema))
            yield from misformed
            if misformed:
                return
    for place in places:
        yield from _examples(source, place)
    for pointer, example in find(source.data, "/paths/*/*/responses/*/content/*/examples/*"):
        schema = resolve(source.data, pointer.rpartition("/examples/")[0]).get("schema", {})
        if isinstance(example, dict) and "value" in example:
            yield from _against_schema(source, schema, child(pointer, "value"), example["value"])


def _examples(source: Source, place: SchemaLocation) -> Iterator[Problem]:
    """Yield the default and the examples that violate their own schema."""
    if isinstance(place.schema, dict):
        if "default" in place.schema:
            here = child(place.pointer, "default")
            yield from _against_schema(source, place.schema, here, place.schema["default"])
        for index, example in enumerate(place.schema.get("examples", [])):
            yield from _against_schema(source, place.schema, child(place.pointer, "examples", index), example)


def _against_schema(source: Source, schema: Any, pointer: str, value: Any) -> Iterator[Problem]:
    # With the components beside it, its references lead to where they do in the document.
    whole = {**schema, "components": source.data.get("components", {})} if isinstance(schema, dict) else schema
    yield from _against(jsonschema_rs.Draft202012Validator(whole, validate_formats=True), source, pointer, value)


# The rules of the extensions

_OPERATION = ("/paths/*/*",)

_PLACES: dict[str, tuple[str, ...]] = {
    IMPORTED: ("",),
    "x-job": ("/components/schemas/*",),
    "x-error": ("/components/schemas/*",),
    "x-model": ("/components/schemas/*",),
    "x-poll": _OPERATION,
    "x-pagination": _OPERATION,
    "x-start": _OPERATION,
    "x-request-headers": _OPERATION,
    "x-client-parameter": ("/components/parameters/*",),
    "x-auth": ("/components/securitySchemes/*",),
    "x-recordings": ("/paths/*/*/responses/*",),
    "x-confidence": ("/paths/*/*/responses/*",),
}


def extension_problems(workspace: Workspace, service: Service) -> Iterator[Problem]:
    """Yield problems of every extension in the document."""
    source = service.document
    for pointer, key, value, around in _extensions(source.data, ""):
        here = child(pointer, key)
        if key not in _PLACES:
            yield source.problem(
                here,
                f"{key} is not an extension of ours",
                "Mend the name, or describe it in openapi/STYLE.md and openapi/schemas/",
            )
            continue
        places = _PLACES[key]
        if not any(matches(place, pointer) for place in places):
            yield source.problem(here, f"{key} does not belong here", "See openapi/STYLE.md")
            continue
        invalid = violations(workspace.schemas[key], value)
        for inner, message in invalid:
            yield source.problem(here + inner, message, f"See openapi/schemas/{key}.json")
        if not invalid and key in _FITS:
            yield from _FITS[key](source, here, value, around)


def _extensions(value: Any, pointer: str) -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    if isinstance(value, dict):
        # Names of properties and headers are the vendor's, and may begin with x-.
        names_are_wire = segments(pointer)[-1:] in (["properties"], ["x-request-headers"], ["parameters"], ["headers"])
        for key, member in value.items():
            if key.startswith("x-") and not names_are_wire:
                yield pointer, key, member, value
            elif key not in ("default", "const", "enum", "example", "examples") or names_are_wire:
                yield from _extensions(member, child(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _extensions(item, child(pointer, index))


def _job_fits(source: Source, here: str, declared: dict[str, Any], _: dict[str, Any]) -> Iterator[Problem]:
    return job_problems(source, here, declared)


def _error_fits(source: Source, here: str, declared: dict[str, Any], _: dict[str, Any]) -> Iterator[Problem]:
    schema = flatten(source.data, here.rpartition("/")[0])
    for part, entries in attrs.asdict(ErrorMapping.from_extension(declared), recurse=False).items():
        fields = [entry for entry in entries if isinstance(entry, str)]
        yield from _lacking(source, f"{here}/{part}", schema, fields, "the schema lacks", "Name a property")


def _model_fits(source: Source, here: str, declared: str, schema: dict[str, Any]) -> Iterator[Problem]:
    model = source.data["components"]["schemas"].get(declared)
    if model is None or "x-model" in model:
        yield source.problem(here, f"names {declared}, which is not a component with a class", "Name one")
    elif list(model.get("properties", {})) != list(schema.get("properties", {})):
        yield source.problem(here, f"names {declared}, which has other properties", "Give both the same properties")


def _poll_fits(source: Source, here: str, declared: dict[str, Any], operation: dict[str, Any]) -> Iterator[Problem]:
    poll, body = PollSpec.from_extension(declared), _reply(source, here)
    if poll.argument:
        yield from _is_parameter(source, here, poll.argument, operation)
    if poll.body:
        yield from _is_body_field(source, here, poll.body)
    for status in poll.statuses:
        if status not in operation["responses"]:
            yield source.problem(f"{here}/statuses", f"names {status}, which is not a response", "Describe it there")
    successes = {status for status in operation["responses"] if status.startswith("2")}
    if successes <= poll.statuses.keys():
        # Each of them is a state by itself.
        return
    missing = list(
        _lacking(source, here, body, [poll.items or poll.job], "the response lacks", "Name a property of the response")
    )
    yield from missing
    if missing:
        return
    job = body.at(poll.place)
    if not job.first("x-job"):
        message = f"must lead to a schema with x-job, got {poll.place} without one"
        yield source.problem(here, message, "Give that schema an x-job, or name the job by job or items")
    yield from _lacking(source, here, job, [poll.match], "the items lack", "Name a property of the items")


def _is_body_field(source: Source, here: str, name: str) -> Iterator[Problem]:
    bodies = find(source.data, f"{here.rpartition('/')[0]}/requestBody/content/*/schema")
    schema = flatten(source.data, *(pointer for pointer, _ in islice(bodies, 1)))
    yield from _lacking(source, here, schema, [name], "the request body lacks", "Name a property of the request body")


def _pagination_fits(
    source: Source, here: str, declared: dict[str, Any], operation: dict[str, Any]
) -> Iterator[Problem]:
    pages, body = PaginationSpec.from_extension(declared), _reply(source, here)
    for name in pages.parameters:
        yield from _is_parameter(source, here, name, operation)
    yield from _lacking(source, here, body, pages.fields, "the response lacks", "Name a property of the response")
    kinds = {pages.items: "array", pages.count: "integer", pages.total: "integer", pages.more: "boolean"}
    for field, kind in kinds.items():
        view = body.at(field) if field else None
        if view is not None and view.roots and kind not in view.kinds:
            message = f"must name a field of type {kind}, got {field}, which is {' or '.join(view.types)}"
            yield source.problem(here, message, "Name another field")


def _start_fits(source: Source, here: str, declared: dict[str, Any], operation: dict[str, Any]) -> Iterator[Problem]:
    start, body = StartSpec.from_operation(operation) or StartSpec(), _reply(source, here)
    polls = [poll for each in operations(source.data) if (poll := PollSpec.from_operation(each.definition))]
    takes = [poll for poll in polls if poll.url is bool(start.url) and not poll.is_listing]
    if not takes:
        needed = "x-poll with url: true" if start.url else "x-poll with an argument"
        yield source.problem(
            here, f"must be beside an operation with {needed}, got none", "Describe how jobs are polled"
        )
    if isinstance(start.place, str):
        yield from _lacking(source, here, body, [start.place], "the response lacks", "Name a property of the response")
        return
    successes = [response for status, response in operation["responses"].items() if status.startswith("2")]
    if not any(start.place.name in response.get("headers", {}) for response in successes):
        message = f"names the header {start.place.name}, which no 2xx response has"
        yield source.problem(here, message, "Describe the header there")


def _is_parameter(source: Source, here: str, name: str, operation: dict[str, Any]) -> Iterator[Problem]:
    parameters = operation.get("parameters", [])
    # A component with another key than its name is a problem by itself.
    keys = {parameter.get("$ref", "").rpartition("/")[2] for parameter in parameters}
    if name not in keys | {_resolved(source, parameter)["name"] for parameter in parameters}:
        yield source.problem(here, f"names {name}, which is not a parameter of the operation", "Name a parameter")


def _lacking(
    source: Source, here: str, schema: FlatSchema, fields: Iterable[str | None], lack: str, remedy: str
) -> Iterator[Problem]:
    for field in fields:
        if field and not schema.at(field).roots:
            yield source.problem(here, f"names the field {field}, which {lack}", remedy)


_OF_SCHEMES = {
    "apiKey": {"method", "maxLength"},
    "http": {"maxLength"},
    "oauth2": {"maxLength", "client", "parameters"},
    "openIdConnect": {"maxLength"},
}
"""The keys of `x-auth`, by the type of the scheme."""


def _auth_fits(source: Source, here: str, value: dict[str, Any], scheme: dict[str, Any]) -> Iterator[Problem]:
    known = _OF_SCHEMES.get(scheme.get("type", ""), set())
    for key in value.keys() - known:
        message = f"must be of an {' or '.join(kind for kind, keys in _OF_SCHEMES.items() if key in keys)} scheme"
        yield source.problem(child(here, key), f"{message}, got {scheme.get('type')}", "Take it out")


_FITS: dict[str, Callable[[Source, str, Any, dict[str, Any]], Iterator[Problem]]] = {
    "x-job": _job_fits,
    "x-poll": _poll_fits,
    "x-pagination": _pagination_fits,
    "x-start": _start_fits,
    "x-auth": _auth_fits,
    "x-error": _error_fits,
    "x-model": _model_fits,
}


def _reply(source: Source, here: str) -> FlatSchema:
    """Return the body of a 2xx response of the operation with this extension; without roots if none has one."""
    bodies = find(source.data, f"{here.rpartition('/')[0]}/responses/*/content/*/schema")
    successes = (pointer for pointer, _ in bodies if segments(pointer)[4].startswith("2"))
    return flatten(source.data, *islice(successes, 1))
