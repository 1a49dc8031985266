"""Mutation operators: changes of schemas, operations, extensions, response headers, examples and descriptions.

Recordings and cases cannot detect changes of the last three, which constrain no message. The evidence can: a document
states nothing that it does not support.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ..documents import SchemaLocation, walk_schemas
from ..documents.json_pointer import child, find, segments
from ..documents.mappings import STATES
from ..documents.schema_view import (
    KNOWN_VALUES,
    FlatSchema,
    flatten,
    known_values,
    listed_values,
    open_list,
)
from ..evidence.descriptions import FACT_WORDS, LITERAL, NUMBER, descriptions, named_things, without_literals
from .mutant import Document, Edit, Mutant, both, drop, put, rename

OPERATORS = (
    *("type", "required", "nullable", "enum", "bounds", "pattern", "alternatives", "properties"),
    *("conditions", "annotations"),
    *("operations", "responses", "media types", "parameters", "security", "x-request-headers"),
    *("x-job", "x-error", "x-poll", "x-pagination"),
    *("headers", "examples", "descriptions"),
)
"""Names of the operators, in the order of reports."""


def mutants(document: Document) -> Iterator[Mutant]:
    """Yield the mutants of a document, always the same ones in the same order."""
    yield from _schema_mutants(document)
    yield from _operation_mutants(document)
    yield from _extension_mutants(document)
    yield from statement_mutants(document)


_OTHER_TYPE = {"integer": "string", "number": "string", "boolean": "string", "string": "integer", "array": "object"}
"""For each type, the type that it is most likely to be confused with."""

_LENGTHS = ("minLength", "maxLength", "minItems", "maxItems")

_EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}

_ADDED_BOUNDS: dict[Any, dict[str, int]] = {
    "integer": {"minimum": 0, "maximum": 2**31 - 1},
    "string": {"minLength": 1, "maxLength": 255},
    "array": {"minItems": 1, "maxItems": 10},
}

_ADDED_PATTERNS = ("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "^[A-Za-z0-9_-]+$")

_ADDED_VALUE = "Cancelled"


def _schema_mutants(document: Document) -> Iterator[Mutant]:
    components = list(document.get("components", {}).get("schemas", {}))
    for location in walk_schemas(document):
        yield from _types(location)
        yield from _required(location)
        yield from _nullable(location)
        yield from _enums(location)
        yield from _bounds(location)
        yield from _patterns(location)
        yield from _alternatives(location, components)
        yield from _properties(location)
        yield from _conditions(document, location)
        yield from _annotations(location)


def _types(location: SchemaLocation) -> Iterator[Mutant]:
    types, pointer = location.schema.get("type"), child(location.pointer, "type")
    if types is None:
        return
    yield Mutant("type", pointer, "drop", _put_type(location, None))
    if isinstance(types, str):
        other = _OTHER_TYPE.get(types, "array")
        yield Mutant("type", pointer, f"{types} -> {other}", _put_type(location, other))
        yield Mutant("type", pointer, f"{types} -> {types} or {other}", _put_type(location, [types, other]))
        if types == "integer":
            yield Mutant("type", pointer, "integer -> number", _put_type(location, "number"))


def _put_type(location: SchemaLocation, kind: str | list[str] | None) -> Edit:
    """Set or remove the type; for an open list, at each place that states it."""
    pointer, known = location.pointer, known_values(location.schema)
    edit = drop(child(pointer, "type")) if kind is None else put(child(pointer, "type"), kind)
    return edit if known is None else both(edit, put(child(pointer, "anyOf"), open_list(kind, known)))


def _without_type(types: list[str], dropped: str) -> list[str] | str:
    left = [each for each in types if each != dropped]
    return left[0] if len(left) == 1 else left


def _nullable(location: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = location.schema, location.pointer
    types, here = schema.get("type"), child(pointer, "type")
    if isinstance(types, list) and "null" in types:
        yield Mutant.put("nullable", here, "remove null", _without_type(types, "null"))
    elif types is not None:
        edits = [_put_type(location, [*([types] if isinstance(types, str) else types), "null"])]
        # An enum must have null as well.
        if "enum" in schema:
            edits.append(put(child(pointer, "enum"), [*schema["enum"], None]))
        if "const" in schema:
            edits += [drop(child(pointer, "const")), put(child(pointer, "enum"), [schema["const"], None])]
        yield Mutant("nullable", here, "add null", both(*edits))
    elif "$ref" in schema and location.role == "property":
        either = [{"$ref": schema["$ref"]}, {"type": "null"}]
        edit = both(drop(child(pointer, "$ref")), put(child(pointer, "anyOf"), either))
        yield Mutant("nullable", pointer, "add null", edit)


def _required(location: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = location.schema, child(location.pointer, "required")
    names = schema.get("required", [])
    for name in names:
        yield Mutant.drop_items("required", pointer, names, name, f"remove {name}")
    if len(names) > 1:
        yield Mutant.drop("required", pointer)
    for name in schema.get("properties", {}):
        if name not in names and "/allOf/" not in location.pointer:
            yield Mutant.put("required", pointer, f"add {name}", [*names, name])


def _enums(location: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = location.schema, location.pointer
    added = f"add {_ADDED_VALUE!r}"
    known, kind = known_values(schema), schema.get("type")
    if "enum" in schema:
        here, values = child(pointer, "enum"), schema["enum"]
        yield from _of_list(here, values, added)
        yield Mutant("enum", here, "open", both(drop(here), put(child(pointer, "anyOf"), open_list(kind, values))))
    if known is not None:
        here = child(pointer, *KNOWN_VALUES)
        yield from _of_list(here, known, added)
        yield Mutant("enum", here, "close", both(drop(child(pointer, "anyOf")), put(child(pointer, "enum"), known)))
    if "const" in schema:
        here, value = child(pointer, "const"), schema["const"]
        yield Mutant.drop("enum", here)
        yield Mutant.put("enum", here, f"-> {_ADDED_VALUE!r}", _ADDED_VALUE)
        yield Mutant("enum", here, added, both(drop(here), put(child(pointer, "enum"), [value, _ADDED_VALUE])))
        yield Mutant("enum", here, "open", both(drop(here), put(child(pointer, "anyOf"), open_list(kind, [value]))))


def _of_list(here: str, values: list[Any], added: str) -> Iterator[Mutant]:
    for value in values:
        yield Mutant.drop_items("enum", here, values, value, f"drop {value!r}")
    yield Mutant.put("enum", here, added, [*values, _ADDED_VALUE])
    yield Mutant.drop("enum", here)


def _bounds(location: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = location.schema, location.pointer
    for keyword in (*_EXCLUSIVE, *_LENGTHS):
        if keyword in schema:
            here, value = child(pointer, keyword), schema[keyword]
            yield Mutant.drop("bounds", here)
            for step in (-1, 1):
                if keyword not in _LENGTHS or value + step >= 0:
                    yield Mutant.put("bounds", here, f"{step:+}", value + step)
            if keyword in _EXCLUSIVE:
                edit = both(drop(here), put(child(pointer, _EXCLUSIVE[keyword]), value))
                yield Mutant("bounds", here, "exclusive", edit)
    if {"enum", "const", "pattern"} & schema.keys():
        return
    kind = schema.get("type")
    for keyword, value in _ADDED_BOUNDS.get(kind, {}).items() if isinstance(kind, str) else ():
        if keyword not in schema:
            yield Mutant.put("bounds", child(pointer, keyword), f"add {value}", value)
    if kind == "array":
        yield Mutant.put("bounds", child(pointer, "uniqueItems"), "add True", True)


def _patterns(location: SchemaLocation) -> Iterator[Mutant]:
    pattern, pointer = location.schema.get("pattern"), child(location.pointer, "pattern")
    if pattern is None:
        if location.schema.get("type") == "string" and not {"enum", "const"} & location.schema.keys():
            for added in _ADDED_PATTERNS:
                yield Mutant.put("pattern", pointer, f"add {added}", added)
        return
    yield Mutant.drop("pattern", pointer)
    for other in dict.fromkeys([*_looser(pattern), *_stricter(pattern)]):
        if other != pattern:
            yield Mutant.put("pattern", pointer, f"-> {other}", other)


def _looser(pattern: str) -> Iterator[str]:
    yield pattern.removeprefix("^")
    yield pattern.removesuffix("$")
    # A count becomes `+` or `*`; a class or an escaped full stop becomes `.`, which is any character.
    for looser, written in (("+", r"\{[0-9,]+\}"), (".", r"\[[^]]+\]"), (".", r"\\[.+]"), ("*", r"(?<=\])\*|\+(?!0)")):
        for match in re.finditer(written, pattern):
            yield pattern[: match.start()] + looser + pattern[match.end() :]


def _stricter(pattern: str) -> Iterator[str]:
    for stricter, written in (("+", r"(?<=[\])])\*"), ("", r"(?<=[\])])\?"), (r"{\1}", r"\{[0-9]+,([0-9]+)\}")):
        for match in re.finditer(written, pattern):
            yield pattern[: match.start()] + match.expand(stricter) + pattern[match.end() :]


def _alternatives(location: SchemaLocation, components: list[str]) -> Iterator[Mutant]:
    schema, pointer = location.schema, location.pointer
    for keyword in ("allOf", "oneOf", "anyOf"):
        for index in range(len(schema.get(keyword, [])) if known_values(schema) is None else 0):
            yield Mutant.drop("alternatives", child(pointer, keyword, index))
    types = schema.get("type")
    if isinstance(types, list):
        for kind in filter("null".__ne__, types):
            yield Mutant.put("alternatives", child(pointer, "type"), f"drop {kind}", _without_type(types, kind))
    if "$ref" in schema:
        here, target = child(pointer, "$ref"), schema["$ref"].rpartition("/")[2]
        yield Mutant.drop("alternatives", here)
        others = [name for name in components if name != target]
        for other in others[:1] + others[-1:]:
            yield Mutant.put("alternatives", here, f"-> {other}", f"#/components/schemas/{other}")
    if "items" in schema:
        yield Mutant.drop("alternatives", child(pointer, "items"))
    if "additionalProperties" in schema:
        here = child(pointer, "additionalProperties")
        yield Mutant.drop("alternatives", here)
        for value in (True, False, {"type": "string"}, {"type": "integer"}):
            if value != schema["additionalProperties"]:
                yield Mutant.put("alternatives", here, f"-> {value}", value)


def _properties(location: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = location.schema, child(location.pointer, "properties")
    if "properties" not in schema or "/allOf/" in location.pointer:
        return
    for name in schema["properties"]:
        here = child(pointer, name)
        yield Mutant.drop("properties", here)
        yield Mutant("properties", here, f"rename to {_misspelt(name)}", rename(here, _misspelt(name)))
    added = put(child(pointer, "displayName"), {"type": "string", "description": "Added."})
    yield Mutant("properties", pointer, "add displayName", added)
    for value in (True, False) if "additionalProperties" not in schema else ():
        yield Mutant.put("properties", child(location.pointer, "additionalProperties"), f"add {value}", value)


def _conditions(document: Document, location: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = location.schema, location.pointer
    view = flatten(document, pointer)
    for name, dependent in schema.get("dependentSchemas", {}).items():
        here = child(pointer, "dependentSchemas", name)
        yield Mutant.drop("conditions", here)
        for other in filter(name.__ne__, view.properties):
            yield Mutant("conditions", here, f"of {other}", rename(here, other))
        yield from _listed_mutants(view, here, dependent)
    for keyword in ("if", "then"):
        if keyword in schema:
            here = child(pointer, keyword)
            yield Mutant.drop("conditions", here)
            yield from _listed_mutants(view, here, schema[keyword])
    if "required" in schema.get("if", {}):
        yield Mutant.drop("conditions", child(pointer, "if", "required"))
    if schema.get("properties") and "/allOf/" not in pointer:
        yield from _added_conditions(view, schema, pointer)


def _listed_mutants(view: FlatSchema, pointer: str, part: Document) -> Iterator[Mutant]:
    for path, here, values in listed_values(part, pointer):
        known = _listed(view.at(".".join(path)))
        owner = here.rpartition("/")[0]
        for value in known:
            if value not in values:
                yield Mutant("conditions", here, f"add {value!r}", put(owner, {"enum": [*values, value]}))
                yield Mutant("conditions", here, f"-> {value!r}", put(owner, {"const": value}))
        for value in values if len(values) > 1 else ():
            yield Mutant("conditions", here, f"drop {value!r}", put(owner, {"enum": [v for v in values if v != value]}))
        siblings = view if len(path) == 1 else view.at(".".join(path[:-1]))
        for other in siblings.properties:
            if other != path[-1]:
                yield Mutant("conditions", owner, f"of {other}", rename(owner, other))


def _added_conditions(view: FlatSchema, schema: Document, pointer: str) -> Iterator[Mutant]:
    """Yield new conditions: each optional field depends on the first value of each field with listed values."""
    stated = schema.get("dependentSchemas", {})
    for name in schema["properties"]:
        for value in _listed(view.declared(name))[:1]:
            for other in schema["properties"]:
                if other != name and other not in stated and other not in schema.get("required", ()):
                    added = {**stated, other: {"properties": {name: {"const": value}}}}
                    change = f"add {other} only when {name} is {value!r}"
                    yield Mutant.put("conditions", child(pointer, "dependentSchemas"), change, added)


def _listed(view: FlatSchema) -> list[Any]:
    return [*(view.enum or ()), *(value for _, values in view.known_values for value in values)]


def _misspelt(name: str) -> str:
    """Return the name in another naming convention."""
    if "_" in name:
        first, *rest = name.split("_")
        return first + "".join(part.title() for part in rest)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return snake if snake != name else f"{name}s"


def _annotations(location: SchemaLocation) -> Iterator[Mutant]:
    for keyword in ("default", "format", "contentMediaType"):
        if keyword in location.schema:
            here, value = child(location.pointer, keyword), location.schema[keyword]
            other = value + 1 if isinstance(value, int) else f"{value}-other"
            yield Mutant.drop("annotations", here)
            yield Mutant.put("annotations", here, f"-> {other!r}", other)


def _operation_mutants(document: Document) -> Iterator[Mutant]:
    for pointer, operation in _operations(document):
        yield from _paths(pointer)
        yield from _responses(child(pointer, "responses"), operation["responses"])
        yield from _used_parameters(child(pointer, "parameters"), operation.get("parameters", []))
        yield from _security(document, child(pointer, "security"), operation.get("security", []))
        yield from _request_headers(child(pointer, "x-request-headers"), operation.get("x-request-headers"))
    for pointer, parameter in find(document, "/components/parameters/*"):
        yield from _parameter(pointer, parameter)
    for pointer, scheme in find(document, "/components/securitySchemes/*"):
        yield from _scheme(pointer, scheme)


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    return ((pointer, definition) for pointer, definition in find(document, "/paths/*/*") if "responses" in definition)


def _paths(pointer: str) -> Iterator[Mutant]:
    item, method = pointer.rpartition("/")[0], segments(pointer)[-1]
    path = segments(item)[-1]
    yield Mutant("operations", pointer, f"{method} -> post", rename(pointer, "post"))
    first, _, rest = path[1:].partition("/")
    for other in (f"{path}/status", f"/{first}s/{rest}", path.rpartition("/")[0]):
        yield Mutant("operations", item, f"-> {other}", rename(item, other))
    for one, other in pairwise(re.findall(r"\{[^{}]+\}", path)):
        swapped = path.replace(one, "{}").replace(other, one).replace("{}", other)
        yield Mutant("operations", item, f"swap {one} and {other}", rename(item, swapped))


def _responses(pointer: str, responses: Document) -> Iterator[Mutant]:
    for status in ("202", "409"):
        if status not in responses:
            some = next(iter(responses.values()))
            yield Mutant("responses", pointer, f"add {status}", put(child(pointer, status), some))
    required = {"X-Request-Id": {"description": "Added.", "required": True, "schema": {"type": "string"}}}
    for status, response in responses.items():
        here = child(pointer, status)
        yield Mutant.drop("responses", here)
        other = {"4": "402", "5": "502"}.get(status[0], "206")
        yield Mutant("responses", here, f"-> {other}", rename(here, other))
        confidence = "observed" if response.get("x-confidence") == "inferred" else "inferred"
        yield Mutant.put("responses", child(here, "x-confidence"), f"-> {confidence}", confidence)
        yield Mutant.put("responses", child(here, "headers"), "demand X-Request-Id", required)
        content = child(here, "content")
        for name, media_type in response.get("content", {}).items():
            here = child(content, name)
            yield Mutant.drop("media types", here)
            yield Mutant("media types", here, "-> text/plain", rename(here, "text/plain"))
            yield Mutant("media types", content, "add text/plain", put(child(content, "text/plain"), media_type))
            yield Mutant.drop("media types", child(here, "schema"))
        if "content" in response:
            yield Mutant.drop("media types", content)


def _used_parameters(pointer: str, parameters: list[Document]) -> Iterator[Mutant]:
    for index, parameter in enumerate(parameters):
        name = parameter.get("$ref", "").rpartition("/")[2]
        yield Mutant.drop("parameters", child(pointer, index), f"drop {name}")
    added = {"name": "page", "in": "query", "description": "Added.", "required": False, "schema": {"type": "integer"}}
    yield Mutant.put("parameters", pointer, "add page", [*parameters, added])
    yield Mutant.put("parameters", pointer, "add page, mandatory", [*parameters, {**added, "required": True}])


def _parameter(pointer: str, parameter: Document) -> Iterator[Mutant]:
    here, is_required = child(pointer, "required"), parameter.get("required", False)
    yield Mutant.put("parameters", here, f"-> {not is_required}", not is_required)
    if "required" in parameter and not is_required:
        yield Mutant.drop("parameters", here)
    for location in ("path", "query", "header", "cookie"):
        if location != parameter["in"]:
            yield Mutant.put("parameters", child(pointer, "in"), f"{parameter['in']} -> {location}", location)
    yield Mutant.put("parameters", child(pointer, "name"), "rename", f"{parameter['name']}s")
    yield Mutant.drop("parameters", child(pointer, "schema"))


def _security(document: Document, pointer: str, requirements: list[Document]) -> Iterator[Mutant]:
    for index, requirement in enumerate(requirements):
        left = [each for each in requirements if each is not requirement]
        yield Mutant("security", child(pointer, index), "drop", put(pointer, left))
    if requirements:
        yield Mutant.put("security", pointer, "-> none", [])
        yield Mutant.put("security", pointer, "make optional", [*requirements, {}])
    if len(requirements) > 1:
        merged = {name: scopes for requirement in requirements for name, scopes in requirement.items()}
        yield Mutant.put("security", pointer, "demand all at once", [merged])
    scheme = {"type": "apiKey", "description": "Added.", "in": "header", "name": "X-Api-Key"}
    schemes = document.get("components", {}).get("securitySchemes", {})
    add = put("/components/securitySchemes", {**schemes, "added": scheme})
    for change, changed in (("add a way", [*requirements, {"added": []}]), ("demand another", [{"added": []}])):
        yield Mutant("security", pointer, change, both(add, put(pointer, changed)))


def _scheme(pointer: str, scheme: Document) -> Iterator[Mutant]:
    if scheme["type"] == "apiKey":
        yield Mutant.put("security", child(pointer, "name"), "rename", f"{scheme.get('name')}-2")
        yield Mutant.put("security", child(pointer, "in"), "header -> query", "query")
    else:
        yield Mutant.put("security", pointer, "-> apiKey", {"type": "apiKey", "in": "header", "name": "X-Api-Key"})
        other = "bearer" if scheme.get("scheme", "").lower() == "basic" else "basic"
        yield Mutant.put("security", pointer, f"-> {other}", {"type": "http", "scheme": other})
    if "method" in (auth := scheme.get("x-auth", {})):
        other = "aksk" if auth["method"] == "token" else "token"
        yield Mutant.put("security", child(pointer, "x-auth", "method"), f"{auth['method']} -> {other}", other)
    here = child(pointer, "x-auth", "maxLength")
    if auth:
        if "maxLength" in auth:
            yield Mutant.drop("security", here)
            for step in (-1, 1):
                yield Mutant.put("security", here, f"{step:+}", auth["maxLength"] + step)
        else:
            yield Mutant.put("security", here, "add 4096", 4096)


def _request_headers(pointer: str, headers: Document | None) -> Iterator[Mutant]:
    for name, value in (headers or {}).items():
        here = child(pointer, name)
        yield Mutant.drop("x-request-headers", here)
        yield Mutant.put("x-request-headers", here, f"{value} -> text/plain", "text/plain")
        yield Mutant("x-request-headers", here, "rename", rename(here, f"X-{name}"))
    if headers is None:
        yield Mutant.put("x-request-headers", pointer, "add Content-Type", {"Content-Type": "application/json"})


_FORMATS = ("go-time", "epoch-s", "epoch-ms", "epoch-us", "datetime")


def _extension_mutants(document: Document) -> Iterator[Mutant]:
    for pointer, schema in find(document, "/components/schemas/*"):
        if "x-job" in schema:
            view = flatten(document, pointer)
            yield from _job(child(pointer, "x-job"), schema["x-job"], _of_type(view, "string"))
            yield from _added_to_job(child(pointer, "x-job"), schema["x-job"], view)
    for pointer, error in find(document, "/components/schemas/*/x-error"):
        yield from _error(pointer, error)
    for pointer, operation in _operations(document):
        names = [each["$ref"].rpartition("/")[2] for each in operation.get("parameters", []) if "$ref" in each]
        if "x-poll" in operation:
            yield from _parameter_mapping("x-poll", child(pointer, "x-poll"), operation["x-poll"], names)
        if "x-pagination" in operation:
            here, pages = child(pointer, "x-pagination"), operation["x-pagination"]
            yield from _parameter_mapping("x-pagination", here, pages, names)
            swapped = {**pages, "offset": pages["limit"], "limit": pages["offset"]}
            yield Mutant.put("x-pagination", here, "swap offset and limit", swapped)


def _job(pointer: str, job: Document, strings: list[str]) -> Iterator[Mutant]:
    yield Mutant.drop("x-job", pointer)
    for key in ("reason", "children", "started", "ended", "progress", "resumable", "empty_before_end"):
        if key in job:
            yield Mutant.drop("x-job", child(pointer, key))
    for key, fields in job.get("constant", {}).items():
        names, here = [fields] if isinstance(fields, str) else fields, child(pointer, "constant", key)
        for name in names:
            kept = [each for each in names if each != name]
            yield Mutant.put("x-job", here, f"{name} -> {name}s", [*kept, f"{name}s"])
            if kept:
                yield Mutant.put("x-job", here, f"drop {name}", kept)
        yield Mutant.drop("x-job", here)
    for key in ("id", "reason", "children"):
        field, here = job.get(key), child(pointer, key)
        if isinstance(field, str):
            yield _misnamed(here, field)
            others = [name for name in strings if name != field] if key != "children" else []
            for other in others[:1]:
                yield Mutant.put("x-job", here, f"or else {other}", [field, other])
    yield from _states(child(pointer, "state"), job["state"])
    here, resumable = child(pointer, "resumable"), job.get("resumable", [])
    declared = {*job["state"], *(case["is"] for case in job["state"].get("cases", ()))}
    for state in sorted(declared & set(STATES[3:])):
        if state in resumable:
            yield Mutant.drop_items("x-job", here, resumable, state, f"drop {state}")
        else:
            yield Mutant.put("x-job", here, f"add {state}", [*resumable, state])
    for key in ("started", "ended"):
        if key in job:
            yield from _timestamp(child(pointer, key), job[key])
    if {"started", "ended"} <= job.keys():
        started, ended = child(pointer, "started", "field"), child(pointer, "ended", "field")
        edit = both(put(started, job["ended"]["field"]), put(ended, job["started"]["field"]))
        yield Mutant("x-job", pointer, "swap start and end", edit)
    yield from _progress(child(pointer, "progress"), job.get("progress", {}))


def _of_type(view: FlatSchema, kind: str) -> list[str]:
    return [name for name in view.properties if view.declared(name).types == [kind]]


def _added_to_job(pointer: str, job: Document, view: FlatSchema) -> Iterator[Mutant]:
    """Yield the keywords that a job lacks, each with the first field that could have it."""
    added = {
        "reason": next(iter(_of_type(view, "string")), None),
        "started": job.get("ended"),
        "ended": job.get("started"),
        "progress": next(({"field": name, "of": 100} for name in _of_type(view, "integer")), None),
        "empty_before_end": job.get("ended", {}).get("field"),
        "constant": {"type": next(iter(_of_type(view, "string")), "id")},
    }
    for key, value in added.items():
        if key not in job and value is not None:
            yield Mutant.put("x-job", child(pointer, key), "add", value)


def _states(pointer: str, mapping: Document) -> Iterator[Mutant]:
    if "otherwise" in mapping:
        yield Mutant.drop("x-job", child(pointer, "otherwise"))
    if "cases" in mapping:
        for index, case in enumerate(mapping["cases"]):
            here = child(pointer, "cases", index)
            yield Mutant.drop("x-job", here, f"drop the case of {case['is']}")
            other = STATES[(STATES.index(case["is"]) + 1) % len(STATES)]
            yield Mutant.put("x-job", child(here, "is"), f"-> {other}", other)
        return
    if isinstance(mapping["field"], str):
        yield _misnamed(child(pointer, "field"), mapping["field"])
    for state, other in pairwise((*STATES, STATES[0])):
        here, values = child(pointer, state), mapping.get(state, [])
        yield Mutant.put("x-job", here, f"add {_ADDED_VALUE!r}", [*values, _ADDED_VALUE])
        for value in values:
            dropped = Mutant.drop_items("x-job", here, values, value, f"drop {value!r}")
            yield dropped
            moved = put(child(pointer, other), [*mapping.get(other, []), value])
            yield Mutant("x-job", here, f"{value!r} -> {other}", both(dropped.edit, moved))


def _timestamp(pointer: str, mapping: Document) -> Iterator[Mutant]:
    if isinstance(mapping["field"], str):
        yield _misnamed(child(pointer, "field"), mapping["field"])
    formats, here = mapping["formats"], child(pointer, "formats")
    for name in formats:
        other = _FORMATS[(_FORMATS.index(name) + 1) % len(_FORMATS)]
        if len(formats) > 1:
            yield Mutant.drop_items("x-job", here, formats, name, f"drop {name}")
        if other not in formats:
            replaced = [other if each == name else each for each in formats]
            yield Mutant.put("x-job", here, f"{name} -> {other}", replaced)
    for name in _FORMATS:
        if name not in formats:
            yield Mutant.put("x-job", here, f"add {name}", [*formats, name])
    if len(formats) > 1:
        yield Mutant.put("x-job", here, "the other way round", formats[::-1])
    if "zone" in mapping:
        yield Mutant.drop("x-job", child(pointer, "zone"))
        yield Mutant.put("x-job", child(pointer, "zone"), "-> +00:00", "+00:00")
    when = child(pointer, "when")
    yield Mutant.drop("x-job", when) if "when" in mapping else Mutant.put("x-job", when, "add", "terminal")


def _progress(pointer: str, progress: Document) -> Iterator[Mutant]:
    if "from" in progress:
        return
    for key in ("field", "total"):
        if isinstance(progress.get(key), str):
            yield _misnamed(child(pointer, key), progress[key])
    if "of" in progress:
        yield Mutant.put("x-job", child(pointer, "of"), "-> 1", 1)
    done = progress.get("done", [])
    for name in done:
        left = [each for each in done if each != name]
        if left:
            yield Mutant.put("x-job", child(pointer, "done"), f"drop {name}", left)
        swapped = {"done": [*left, progress["total"]], "total": name}
        yield Mutant.put("x-job", pointer, f"swap {name} and the total", swapped)


def _misnamed(pointer: str, field: str) -> Mutant:
    return Mutant.put("x-job", pointer, f"{field} -> {field}s", f"{field}s")


def _error(pointer: str, error: Document) -> Iterator[Mutant]:
    yield Mutant.drop("x-error", pointer)
    for field, entries in error.items():
        here = child(pointer, field)
        yield Mutant.drop("x-error", here)
        yield Mutant.put("x-error", here, "add detail", [*entries, "detail"])
        if len(entries) > 1:
            yield Mutant.put("x-error", here, "the other way round", entries[::-1])
        for index, entry in enumerate(entries):
            if any(each != entry for each in entries):
                yield Mutant.drop_items("x-error", here, entries, entry, f"drop {entry}")
            other: Any = {"header": f"{entry['header']}s"} if isinstance(entry, dict) else f"{entry}s"
            yield Mutant.put("x-error", child(here, index), f"-> {other}", other)
    if {"code", "message"} <= error.keys():
        swapped = both(
            rename(child(pointer, "code"), "old"),
            rename(child(pointer, "message"), "code"),
            rename(child(pointer, "old"), "message"),
        )
        yield Mutant("x-error", pointer, "swap code and message", swapped)


def _parameter_mapping(operator: str, pointer: str, mapping: Document, parameters: list[str]) -> Iterator[Mutant]:
    yield Mutant.drop(operator, pointer)
    for key, name in mapping.items():
        here, is_parameter = child(pointer, key), key in ("argument", "offset", "limit")
        for other in parameters if is_parameter else [f"{name}s"]:
            if other != name:
                yield Mutant.put(operator, here, f"{name} -> {other}", other)
        if key == "count":
            yield Mutant.drop(operator, here)


_WITH_EVIDENCE = ("/paths/", "/components/", "/servers/")

STATEMENT_OPERATORS = frozenset({"headers", "examples", "descriptions"})

_ADDED_SENTENCES = {"milliseconds": "It is in milliseconds.", "default": "The default is 7."}


def statement_mutants(document: Document) -> Iterator[Mutant]:
    """Yield the mutants of headers, examples and descriptions."""
    yield from _headers(document)
    yield from _examples(document)
    yield from _descriptions(document)


def _headers(document: Document) -> Iterator[Mutant]:
    known = [pointer for pointer, _ in find(document, "/components/headers/*")]
    for pointer, response in find(document, "/paths/*/*/responses/*"):
        headers = response.get("headers", {})
        for name in headers:
            yield Mutant.drop("headers", child(pointer, "headers", name))
        for place in known:
            name = place.rpartition("/")[2]
            if name not in headers:
                added = {**headers, name: {"$ref": f"#{place}"}}
                yield Mutant.put("headers", child(pointer, "headers"), f"add {name}", added)


def _examples(document: Document) -> Iterator[Mutant]:
    for pointer, example in find(document, "/paths/*/*/responses/*/content/*/examples/*"):
        yield Mutant.drop("examples", pointer)
        for place, value in _scalars(example.get("value"), child(pointer, "value")):
            yield Mutant.put("examples", place, f"-> {_other(value)!r}", _other(value))
    for location in walk_schemas(document):
        if examples := location.schema.get("examples"):
            here = child(location.pointer, "examples")
            yield Mutant.drop("examples", here)
            yield Mutant.put("examples", here, "change the first", [_other(examples[0]), *examples[1:]])
            yield Mutant.put("examples", here, "add another", [*examples, _other(examples[-1])])


def _scalars(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _scalars(member, child(pointer, key))
    else:
        yield pointer, value


def _other(value: Any) -> Any:
    return value + 1 if isinstance(value, int | float) and not isinstance(value, bool) else f"{value}-other"


def _descriptions(document: Document) -> Iterator[Mutant]:
    # Descriptions of the whole document, in `info` and `tags`, are about no part that evidence could support.
    described = [(pointer, part) for pointer, part in descriptions(document) if pointer.startswith(_WITH_EVIDENCE)]
    literals = list(dict.fromkeys(each for _, part in described for each in LITERAL.findall(part["description"])))
    next_literal = dict(pairwise([*literals, *literals[:1]]))
    prose = " ".join(without_literals(part["description"]) for _, part in described)
    things = {thing: form for thing, form in named_things(document).items() if re.search(form, prose, re.IGNORECASE)}
    for pointer, part in described:
        text, here = part["description"], child(pointer, "description")
        for change, changed in _changed(text, next_literal, (*FACT_WORDS, things)):
            yield Mutant("descriptions", here, change, put(here, changed))
        for word, sentence in _ADDED_SENTENCES.items():
            if word not in text.lower():
                yield Mutant.put("descriptions", here, f"add {sentence!r}", f"{text} {sentence}")


def _changed(text: str, next_literal: dict[str, str], groups: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the text with each of its facts replaced by another of the same kind, with a name of the change."""
    for match in LITERAL.finditer(text):
        other = next_literal[match[1]]
        if other != match[1]:
            yield f"{match.start()}: {match[0]} -> `{other}`", _replaced(text, match, f"`{other}`")
    prose = without_literals(text)
    for match in NUMBER.finditer(prose):
        other = re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), match[0])
        yield f"{match.start()}: {match[0]} -> {other}", _replaced(text, match, other)
    for group in groups:
        words = list(group)
        for word, other in zip(words, [*words[1:], words[0]], strict=True):
            for match in re.finditer(rf"\b(?:{group[word]})\b", prose, re.IGNORECASE) if other != word else ():
                yield f"{match.start()}: {match[0]} -> {other}", _replaced(text, match, other)


def _replaced(text: str, match: re.Match[str], other: str) -> str:
    return text[: match.start()] + other + text[match.end() :]
