"""Lint: the rules of OpenAPI 3.1, of the `x-` extensions, and of `openapi/STYLE.md`.

The JSON Schema of OpenAPI is a file of openapi-spec-validator. That package checks further rules, but its import and
run take a third of the time of `make generate`. So these rules are implemented here, and tests compare the results.
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
_HINTS = {"nullable": "Write type: [string, 'null'], the form of OpenAPI 3.1"}
"""Remedies for keywords of other versions of OpenAPI."""

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
    """Return the problems in the form of a document, in the order of the file.

    Of an imported document, return only those that would make its client wrong.
    """
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
    """Return the problems of an imported document that would make its client wrong."""
    source = service.document
    problems = [*_references(source), *reference_cycles(source)]
    if not problems:
        problems = [*_against(_validator(), source, "", source.data)]
    if not problems:
        problems = [*_tags(source), *_operation_rules(source), *extension_problems(workspace, service)]
    return problems


def house_rules(service: Service) -> list[Problem]:
    """Return a warning for each place where an imported document violates a house rule."""
    source = service.document
    problems = [*_info(source), *_operations(service), *_parts(source), *_schemas(source), *_integers(service)]
    return sorted(problems, key=lambda problem: problem.line or 0)


def malformed(workspace: Workspace, source: Source) -> list[Problem]:
    """Return the problems that prevent reading a document. Without them it is OpenAPI 3.1 in the form of our schema."""
    # Each check requires that the ones before found no problem.
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
                    here,
                    f"must refer to the same document, got {short(target)}",
                    "Copy the target into the document's components",
                )
            elif target is not None and not isinstance(target, str | dict):
                yield source.problem(here, f"must be a string, got {target!r}", "Correct the reference")
            elif isinstance(target, str):
                try:
                    resolve(source.data, target[1:])
                except PointerNotFound:
                    yield source.problem(
                        here, f"must refer to a value of the document, got {short(target)}", "Correct the reference"
                    )
            for key, member in value.items():
                yield from walk(member, child(pointer, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, child(pointer, index))

    return walk(source.data, "")


def reference_cycles(source: Source) -> Iterator[Problem]:
    """Yield schemas that refer to themselves without a property or item between, so that reading would not end."""
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
                yield source.problem(
                    here,
                    f"must not refer to itself, got a cycle through {follows}",
                    "Replace a reference by the schema",
                )
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
            "",
            f"must have a Python module name as file name, got {name}",
            "Rename it: lower-case letters, digits and _",
        )
    if service.evidence.data["service"] != name:
        message = f"must be {name}, the name of the file, got {short(str(service.evidence.data['service']))}"
        yield service.evidence.problem("/service", message, "Correct the name, or rename the file")


def _info(source: Source) -> Iterator[Problem]:
    document = source.data
    if not _SEMVER.match(document["info"]["version"]):
        yield source.problem(
            "/info/version",
            f"must be a semantic version, got {short(document['info']['version'])}",
            "Write MAJOR.MINOR.PATCH",
        )
    if not document["info"].get("description"):
        yield source.problem("/info", "must have a description, got none", "Describe the endpoint")
    tags = {tag["name"] for tag in document.get("tags", [])}
    for pointer, name in find(document, "/paths/*/*/tags/*"):
        if name not in tags:
            yield source.problem(pointer, f"must be a tag of /tags, got {short(name)}", "Describe it there")
    yield from _servers(source)


def _servers(source: Source) -> Iterator[Problem]:
    servers = source.data.get("servers", [])
    if not any("endpoint" in server.get("variables", {}) for server in servers):
        yield source.problem(
            "/servers",
            "must have a server with the variable endpoint, got none",
            "Write url: https://{endpoint}, and the variable",
        )
    for index, server in enumerate(servers):
        here = child("/servers", index)
        for name in sorted(set(re.findall(r"\{([^{}]*)\}", server["url"])) ^ set(server.get("variables", {}))):
            yield source.problem(
                here,
                f"must have each variable in url and in variables, got {name} in one of them",
                "Add it to the other",
            )
        for name, variable in server.get("variables", {}).items():
            pointer = child(here, "variables", name)
            if variable["default"] not in variable.get("enum", [variable["default"]]):
                message = f"default must be in the enum, got {variable['default']}"
                yield source.problem(child(pointer, "default"), message, "Add it to the enum, or choose another")


_CLIENT_METHODS = r"a?close|snapshot|watchJob|waitForJobs?|withOptions|withRawResponse|iter([A-Z].*)?"
"""operationIds that would be the names of other methods of a client."""


_METHODS = {"x-poll": ("get", "post"), "x-start": ("post", "put", "patch", "delete")}
"""Allowed methods of an operation that reads jobs, and of one that starts a job."""


def _operations(service: Service) -> Iterator[Problem]:
    source = service.document
    for operation in service.operations:
        definition, here = operation.definition, operation.pointer
        name = definition.get("operationId", "")
        if not re.fullmatch(r"[a-z][A-Za-z0-9]*", name):
            yield source.problem(
                here, f"must have an operationId in camelCase, got {name!r}", "Write for example getJob"
            )
        elif re.fullmatch(_CLIENT_METHODS, name):
            message = f"operationId must not be the name of another method of the clients, got {name!r}"
            yield source.problem(here, message, "Choose another name")
        if operation.method not in _METHODS["x-start" if "x-start" in definition else "x-poll"]:
            message = f"must be a GET or a POST, or another method with x-start, got {operation.method.upper()}"
            yield source.problem(here, message, "Document only operations that query or start jobs")
        elif operation.method == "post" and not {"x-poll", "x-start"} & definition.keys():
            message = "must have x-poll or x-start, got a POST without them"
            yield source.problem(here, message, "Document only operations that query or start jobs")
        yield from _request_body(source, operation)
        summary = definition.get("summary", "")
        if not re.fullmatch(r"[A-Z].*[^.]", summary):
            yield source.problem(
                child(here, "summary"), f"must be an imperative without a full stop, got {summary!r}", _STYLE
            )
        if "security" not in definition:
            yield source.problem(
                here, "must have security, got none", "List its security schemes, or write security: []"
            )
        for name in {name for requirement in definition.get("security", []) for name in requirement} - _schemes(source):
            yield source.problem(
                child(here, "security"),
                f"must name schemes of /components/securitySchemes, got {name}",
                "Describe it there",
            )
        yield from _described(source, here, definition)
        yield from _ordered(source, here, definition, "operation")
        for index, parameter in enumerate(definition.get("parameters", [])):
            if "$ref" not in parameter:
                yield source.problem(
                    child(child(here, "parameters"), index),
                    "must be a reference to a component, got an inline parameter",
                    "Make it a component",
                )
        for status, response in definition["responses"].items():
            pointer = child(child(here, "responses"), status)
            yield from _described(source, pointer, response)
            yield from _ordered(source, pointer, response, "response")
            is_inferred = response.get("x-confidence") == "inferred"
            if status.isdecimal() and is_inferred:
                message = "must not have x-confidence: inferred, got it for a single status"
                yield source.problem(pointer, message, "Remove the key")
            elif not status.isdecimal() and not is_inferred:
                message = "must have x-confidence: inferred, got a range or default without it"
                yield source.problem(pointer, message, "Add the key")


def _request_body(source: Source, operation: OperationRef) -> Iterator[Problem]:
    body, here = operation.definition.get("requestBody"), child(operation.pointer, "requestBody")
    if body is None:
        return
    if operation.method in ("get", "delete"):
        message = f"must not be the body of a GET or DELETE, got {operation.method.upper()}"
        yield source.problem(here, message, "Send the values as parameters")
    yield from _described(source, here, body)
    if list(body.get("content", {})) != ["application/json"]:
        given = ", ".join(body.get("content", {})) or "none"
        yield source.problem(here, f"must have application/json as its only content, got {given}", _STYLE)
    elif "$ref" not in body["content"]["application/json"].get("schema", {}):
        message = "must have a reference to a component as schema, got an inline schema"
        yield source.problem(here, message, "Make its schema a component")


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
            yield source.problem(pointer, "must be used by the document, got no reference", "Refer to it, or remove it")
    for pointer, parameter in find(source.data, "/components/parameters/*"):
        name = parameter["name"]
        if pointer != child("/components/parameters", name):
            yield source.problem(pointer, f"must have the key {name}, its name on the wire, got another", _STYLE)
        if parameter["in"] == "header" and name.lower() in _IGNORED_HEADERS:
            yield source.problem(
                pointer,
                f"must not be a header that OpenAPI ignores as a parameter, got {name}",
                "Use x-request-headers or a security scheme",
            )
        yield from _described(source, pointer, parameter)
        yield from _ordered(source, pointer, parameter, "parameter")
    for pointer, header in find(source.data, "/components/headers/*"):
        yield from _described(source, pointer, header)
        yield from _ordered(source, pointer, header, "header")
    for pointer, header in find(source.data, "/paths/*/*/responses/*/headers/*"):
        if "$ref" not in header:
            message = "must be a reference to a component, got an inline header"
            yield source.problem(pointer, message, "Make it a component")
    for pointer, scheme in find(source.data, "/components/securitySchemes/*"):
        yield from _described(source, pointer, scheme)
        yield from _ordered(source, pointer, scheme, "scheme")


def _schemas(source: Source) -> Iterator[Problem]:
    for place in walk_schemas(source.data):
        schema, here = place.schema, place.pointer
        if not isinstance(schema, dict):
            yield source.problem(here, f"must be a mapping, got {schema!r}", "Write the schema as a mapping")
            continue
        yield from _ordered(source, here, schema, "schema")
        in_promise = "/allOf/" in here
        if place.role in ("component", "property") and not in_promise:
            yield from _described(source, here, schema)
        if place.role == "component":
            name = here.rpartition("/")[2]
            if not re.fullmatch(r"([A-Z][a-z0-9]+)+", name):
                yield source.problem(here, f"must have a name in PascalCase, got {name}", _STYLE)
        elif schema.get("properties") and not in_promise:
            yield source.problem(
                here, "must be a component schema, got an inline object with properties", "Make it a component"
            )
        for name in _look_alike(schema.get("properties", {})):
            message = f"must differ from other properties in its letters or digits, got {name}"
            yield source.problem(child(here, "properties", name), message, _STYLE)
        if "allOf" in schema and not _is_promise(place.role, schema):
            message = "must not have allOf, except a response with one $ref and schemas of required and properties"
            yield source.problem(here, message, _STYLE)
        if "anyOf" in schema and not (_is_open_list(schema) or _is_of_types(schema) or _is_union(place.role, schema)):
            message = "must be an open list of strings, alternatives of different types, or a union, got another form"
            yield source.problem(child(here, "anyOf"), message, _STYLE)
        yield from _conditions(source, place)


def _conditions(source: Source, place: SchemaLocation) -> Iterator[Problem]:
    """Yield conditions in other forms than those of STYLE.md, and those with unknown fields or values."""
    schema, here = place.schema, place.pointer
    view, names = flatten(source.data, here), schema.get("properties", {})
    parts = [(child(here, key), schema[key]) for key in ("if", "then") if key in schema]
    for field, dependent in schema.get("dependentSchemas", {}).items():
        pointer = child(here, "dependentSchemas", field)
        parts.append((pointer, dependent))
        if field not in names or field in schema.get("required", ()):
            yield source.problem(pointer, f"must be of an optional property of the schema, got {field}", _STYLE)
        if not _is_flat(dependent, keys={"properties"}):
            message = "must consist of properties with a const or enum each, got other keywords"
            yield source.problem(pointer, message, _STYLE)
    if ("if" in schema) != ("then" in schema):
        yield source.problem(here, "must have both if and then, got one of them", _STYLE)
    if "if" in schema:
        condition = schema["if"]
        if not _is_flat(condition, keys={"properties", "required"}) or (
            sorted(condition["required"]) != sorted(condition["properties"])
        ):
            message = "must consist of required properties with a const or enum each, got another form"
            yield source.problem(child(here, "if"), message, _STYLE)
    for pointer, part in parts:
        if pointer.endswith("/then") and not _has_values_only(part):
            yield source.problem(
                pointer, "must consist of properties, items, const and enum, got other keywords", _STYLE
            )
        for path, where, values in listed_values(part, pointer):
            field = view.at(".".join(path))
            if not field.roots:
                yield source.problem(
                    where, f"must be about a property of the schema, got {'.'.join(path)}", "Correct the name"
                )
                continue
            stated = resolve(source.data, field.roots[0])
            known = (known_values(stated) or []) if "anyOf" in stated and _is_open_list(stated) else []
            for value in values:
                yield from _against_schema(source, stated, where, value)
                if known and value not in known and not pointer.endswith("/then"):
                    message = f"must be a known value of {'.'.join(path)}, got {short(value)}"
                    yield source.problem(where, message, "Add it to the list, or correct it")


def _is_flat(schema: Any, keys: set[str]) -> bool:
    """Return whether a schema has exactly these keywords, and each property only a `const` or `enum`."""
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
    """Return whether `anyOf` has alternatives of different JSON types."""
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
    return role == "response" and len(schema["allOf"]) == len(rest) + 1 > 1 and all(promises(part) for part in rest)


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
                        f"must be the name of a recording, got {name}",
                        "Add the recording, or remove the name",
                    )
                elif service.operation(recording.operation) is None:
                    known = ", ".join(each.id for each in service.operations)
                    message = f"must be an operationId of the document, got {recording.operation}"
                    yield recording.source.problem("/operation", message, f"Choose from {known}")
                elif str(recording.status) != status or recording.operation != operation.id:
                    yield recording.source.problem(
                        "/status",
                        f"must be {status} of {operation.id}, where the document names the recording, got "
                        f"{recording.status} of {recording.operation}",
                        "Name it at its own response",
                    )
    for name in sorted(set(service.recordings) - named):
        recording = service.recordings[name]
        yield recording.source.problem(
            "", "must be named by a response, got none", f"List it in x-recordings of {service.document.path.name}"
        )


_NUMBERS = ("minimum", "maximum", "default", "const")

_INTEGERS = {"int32": 31, "int64": 63}
"""The formats of integers, with the number of bits of their largest value."""


def _integers(service: Service) -> Iterator[Problem]:
    """Yield integers with a format too small for a value of the document or a recording.

    Clients in other languages choose the type of an integer by its format, and use 32 bits without a format.
    """
    document, formats = service.document.data, " or ".join(_INTEGERS)
    for place in walk_schemas(document):
        schema = place.schema if isinstance(place.schema, dict) else {}
        # Schemas of type `number` need no check: languages have a type for integers and fractions.
        types = schema.get("type", [])
        if "integer" not in ([types] if isinstance(types, str) else types):
            continue
        format_ = schema.get("format")
        bits = _INTEGERS.get(format_ or "int32")
        is_bounded = {"minimum", "maximum"} <= set(schema)
        if bits is None or (format_ is None and not is_bounded):
            message = f"format of an integer must be {formats}, got {format_!r}"
            yield service.document.problem(place.pointer, message, "Choose the format that fits its values")
            continue
        stated = [(child(place.pointer, name), schema[name]) for name in _NUMBERS if name in schema]
        stated += [(child(place.pointer, "examples", at), each) for at, each in enumerate(schema.get("examples", []))]
        for pointer, value in stated:
            if not _fits(value, bits):
                message = f"value must be within {format_ or '32 bits'}, got {value!r}"
                yield service.document.problem(pointer, message, "Write format: int64")
        if bits < 63 and not is_bounded:
            message = f"must have minimum and maximum with format {format_}, got one or none"
            yield service.document.problem(place.pointer, message, "Add them, or write format: int64")
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
        yield source.problem(pointer, "must have a description, got none", "Describe it for the caller")
    elif not description.endswith("."):
        yield source.problem(child(pointer, "description"), "must end with a full stop", _STYLE)


def _ordered(source: Source, pointer: str, thing: dict[str, Any], kind: str) -> Iterator[Problem]:
    order = KEY_ORDER[kind]
    plain = [key for key in thing if not key.startswith("x-")]
    for key in plain:
        if key not in order:
            article = "an" if kind[0] in "aeiou" else "a"
            message = f"must be a key that all our readers know in {article} {kind}, got {key}"
            yield source.problem(child(pointer, key), message, _HINTS.get(key, _STYLE))
    known = [key for key in plain if key in order]
    wanted = [*sorted(known, key=order.index), *(key for key in thing if key.startswith("x-"))]
    given = [key for key in thing if key in known or key.startswith("x-")]
    if given != wanted:
        yield source.problem(
            pointer, f"must have its keys in order, got {', '.join(given)}", f"Write them as {', '.join(wanted)}"
        )


# The rules of OpenAPI

_REMEDY = "See the OpenAPI specification"

_SCHEMA = "openapi_spec_validator/resources/schemas/v3.1/schema.json"

_OF_SCHEMAS = {"$ref": "https://json-schema.org/draft/2020-12/schema"}


def openapi_problems(source: Source) -> Iterator[Problem]:
    """Yield each violation of OpenAPI 3.1 in a document with valid references."""
    if not str(source.data.get("openapi", "")).startswith("3.1."):
        yield source.problem(
            "/openapi", "must be a version 3.1 of OpenAPI, got another or none", "Write openapi: 3.1.0"
        )
        return
    misformed = list(_against(_validator(), source, "", source.data))
    yield from misformed
    if not misformed:
        yield from _tags(source)
        yield from _operation_rules(source)
        yield from _schema_rules(source)


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    """Return the validator of the JSON Schema in the OpenAPI specification.

    Its file is found without importing its package, which would be slow.
    """
    path = Path(str(distribution("openapi-spec-validator").locate_file(_SCHEMA)))
    return jsonschema_rs.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def _against(
    validator: Any,
    source: Source,
    pointer: str,
    value: Any,
    must: str = "must be valid OpenAPI 3.1",
    remedy: str = _REMEDY,
) -> Iterator[Problem]:
    for error in validator.iter_errors(value):
        place = pointer
        for key in error.instance_path:
            place = child(place, key)
        yield source.problem(place, f"{must}: {short(error.message)}", remedy)


def _tags(source: Source) -> Iterator[Problem]:
    for name, times in Counter(tag["name"] for tag in source.data.get("tags", [])).items():
        if times > 1:
            yield source.problem("/tags", f"must have each tag once, got {name} {times} times", "Keep one of them")


def _operation_rules(source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    for operation in operations(source.data):
        name = operation.definition.get("operationId")
        if name in seen:
            yield source.problem(
                operation.pointer, f"must have its own operationId, got {name} again", "Choose another"
            )
        seen |= {name} if name else set()
        item = resolve(source.data, operation.pointer.rpartition("/")[0])
        yield from _parameters(
            source, operation, [item.get("parameters", []), operation.definition.get("parameters", [])]
        )


def _parameters(source: Source, operation: OperationRef, lists: list[list[dict[str, Any]]]) -> Iterator[Problem]:
    """Yield the problems in the parameters of an operation and its path."""
    of_path: set[str] = set()
    for parameters in lists:
        found = [_resolved(source, parameter) for parameter in parameters]
        of_path |= {one["name"] for one in found if one["in"] == "path"}
        for (name, where), times in Counter((one["name"], one["in"]) for one in found).items():
            if times > 1:
                yield source.problem(
                    operation.pointer,
                    f"must have each parameter once, got {name} in {where} {times} times",
                    "Keep one of them",
                )
    for name in sorted(of_path ^ set(re.findall(r"\{([^{}]*)\}", operation.path))):
        one, other = ("parameters", "path") if name in of_path else ("path", "parameters")
        message = f"must have the path parameter {name} in its path and its parameters, got it in its {one} only"
        yield source.problem(operation.pointer, message, f"Add it to the {other}, or remove it")


def _resolved(source: Source, thing: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resolve(source.data, thing["$ref"][1:]) if "$ref" in thing else thing
    return found


def _schema_rules(source: Source) -> Iterator[Problem]:
    of_schemas = jsonschema_rs.Draft202012Validator(_OF_SCHEMAS, validate_formats=True)
    places = [place for place in walk_schemas(source.data) if isinstance(place.schema, dict | bool)]
    for place in places:
        if place.role in ("component", "parameter", "header", "response"):
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
    # The components are added so that references in the schema can be resolved.
    whole = {**schema, "components": source.data.get("components", {})} if isinstance(schema, dict) else schema
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    yield from _against(validator, source, pointer, value, "must match its schema", "Correct the value or the schema")


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
    """Yield the problems of all extensions in a document."""
    source = service.document
    for pointer, key, value, around in _extensions(source.data, ""):
        here = child(pointer, key)
        if key not in _PLACES:
            yield source.problem(
                here,
                f"must be an extension that openapi/STYLE.md describes, got {key}",
                "Correct the name, or describe it there and in openapi/schemas/",
            )
            continue
        places = _PLACES[key]
        if not any(matches(place, pointer) for place in places):
            where = " or ".join(places) or "the document itself"
            yield source.problem(here, f"must be a key of {where}, got it in another place", _STYLE)
            continue
        invalid = violations(workspace.schemas[key], value)
        for inner, message in invalid:
            yield source.problem(here + inner, f"must match the schema: {message}", f"See openapi/schemas/{key}.json")
        if not invalid and key in _FITS:
            yield from _FITS[key](source, here, value, around)


def _extensions(value: Any, pointer: str) -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    if isinstance(value, dict):
        # Names of properties and headers are chosen by the vendor, and may begin with x-.
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
        yield from _lacking(source, f"{here}/{part}", schema, fields, "the schema")


def _model_fits(source: Source, here: str, declared: str, schema: dict[str, Any]) -> Iterator[Problem]:
    model = source.data["components"]["schemas"].get(declared)
    if model is None or "x-model" in model:
        yield source.problem(here, f"must name a component schema without x-model, got {declared}", "Correct the name")
    elif list(model.get("properties", {})) != list(schema.get("properties", {})):
        yield source.problem(
            here, f"must name a component with the same properties, got {declared}", "Give both the same properties"
        )


def _poll_fits(source: Source, here: str, declared: dict[str, Any], operation: dict[str, Any]) -> Iterator[Problem]:
    poll, body = PollSpec.from_extension(declared), _success_body(source, here)
    if poll.argument:
        yield from _is_parameter(source, here, poll.argument, operation)
    if poll.body:
        yield from _is_body_field(source, here, poll.body)
    for status in poll.statuses:
        if status not in operation["responses"]:
            yield source.problem(
                f"{here}/statuses", f"must have statuses of the responses, got {status}", "Describe the response"
            )
    successes = {status for status in operation["responses"] if status.startswith("2")}
    if successes <= poll.statuses.keys():
        # Each response gives the state by its status code, so its body is not read.
        return
    missing = list(_lacking(source, here, body, [poll.items or poll.job], "the response"))
    yield from missing
    if missing:
        return
    job = body.at(poll.place)
    if not job.first("x-job"):
        message = f"must lead to a schema with x-job, got {poll.place} without one"
        yield source.problem(here, message, "Give that schema an x-job, or name the job by job or items")
    yield from _lacking(source, here, job, [poll.match], "the items")


def _is_body_field(source: Source, here: str, name: str) -> Iterator[Problem]:
    bodies = find(source.data, f"{here.rpartition('/')[0]}/requestBody/content/*/schema")
    schema = flatten(source.data, *(pointer for pointer, _ in islice(bodies, 1)))
    yield from _lacking(source, here, schema, [name], "the request body")


def _pagination_fits(
    source: Source, here: str, declared: dict[str, Any], operation: dict[str, Any]
) -> Iterator[Problem]:
    pages, body = PaginationSpec.from_extension(declared), _success_body(source, here)
    for name in pages.parameters:
        yield from _is_parameter(source, here, name, operation)
    yield from _lacking(source, here, body, pages.fields, "the response")
    kinds = {pages.items: "array", pages.count: "integer", pages.total: "integer", pages.more: "boolean"}
    for field, kind in kinds.items():
        view = body.at(field) if field else None
        if view is not None and view.roots and kind not in view.kinds:
            message = f"must name a field of type {kind}, got {field}, which is {' or '.join(view.types)}"
            yield source.problem(here, message, "Name another field")


def _start_fits(source: Source, here: str, declared: dict[str, Any], operation: dict[str, Any]) -> Iterator[Problem]:
    start, body = StartSpec.from_operation(operation) or StartSpec(), _success_body(source, here)
    polls = [poll for each in operations(source.data) if (poll := PollSpec.from_operation(each.definition))]
    takes = [poll for poll in polls if poll.url is bool(start.url) and not poll.is_listing]
    if not takes:
        needed = "x-poll with url: true" if start.url else "x-poll with an argument"
        yield source.problem(
            here, f"must be in a document with {needed}, got none", "Add x-poll to the operation that reads jobs"
        )
    if isinstance(start.place, str):
        yield from _lacking(source, here, body, [start.place], "the response")
        return
    successes = [response for status, response in operation["responses"].items() if status.startswith("2")]
    if not any(start.place.name in response.get("headers", {}) for response in successes):
        message = f"must name a header of a 2xx response, got {start.place.name}"
        yield source.problem(here, message, "Describe the header there")


def _is_parameter(source: Source, here: str, name: str, operation: dict[str, Any]) -> Iterator[Problem]:
    parameters = operation.get("parameters", [])
    # Another check reports a component with another key than its name.
    keys = {parameter.get("$ref", "").rpartition("/")[2] for parameter in parameters}
    if name not in keys | {_resolved(source, parameter)["name"] for parameter in parameters}:
        yield source.problem(here, f"must name a parameter of the operation, got {name}", "Correct the name")


def _lacking(
    source: Source, here: str, schema: FlatSchema, fields: Iterable[str | None], owner: str
) -> Iterator[Problem]:
    for field in fields:
        if field and not schema.at(field).roots:
            yield source.problem(here, f"must name a property of {owner}, got {field}", "Correct the path")


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
        yield source.problem(child(here, key), f"{message}, got {scheme.get('type')}", "Remove the key")


_FITS: dict[str, Callable[[Source, str, Any, dict[str, Any]], Iterator[Problem]]] = {
    "x-job": _job_fits,
    "x-poll": _poll_fits,
    "x-pagination": _pagination_fits,
    "x-start": _start_fits,
    "x-auth": _auth_fits,
    "x-error": _error_fits,
    "x-model": _model_fits,
}


def _success_body(source: Source, here: str) -> FlatSchema:
    """Return the body of a 2xx response of the operation with this extension. No roots if no response has a body."""
    bodies = find(source.data, f"{here.rpartition('/')[0]}/responses/*/content/*/schema")
    successes = (pointer for pointer, _ in bodies if segments(pointer)[4].startswith("2"))
    return flatten(source.data, *islice(successes, 1))
