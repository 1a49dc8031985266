"""Mutation operators: changes of schemas, operations and extensions of a document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any

import attrs

from generator.documents import SchemaLocation, walk_schemas
from generator.documents.json_pointer import child, find, resolve, segments

Document = dict[str, Any]

Edit = Callable[[Document], None]


@attrs.frozen
class Mutant:
    """One change of a document."""

    operator: str
    pointer: str
    """Where in the document."""
    change: str
    """What is done there, in a few words."""
    edit: Edit = attrs.field(repr=False, eq=False)

    @property
    def name(self) -> str:
        """Unique among the mutants of a service."""
        return f"{self.operator} {self.pointer}: {self.change}"

    def document(self, original: Document) -> Document:
        """The changed copy."""
        # By way of JSON: twice as fast as `deepcopy`, and there are thousands.
        changed: Document = json.loads(json.dumps(original))
        self.edit(changed)
        return changed


def put(pointer: str, value: Any) -> Edit:
    """Set a member; an item of a list is replaced."""

    def edit(document: Document) -> None:
        outer, key = _outer(document, pointer)
        outer[int(key) if isinstance(outer, list) else key] = deepcopy(value)

    return edit


def drop(pointer: str) -> Edit:
    """Take a member or an item away."""

    def edit(document: Document) -> None:
        outer, key = _outer(document, pointer)
        del outer[int(key) if isinstance(outer, list) else key]

    return edit


def rename(pointer: str, name: str) -> Edit:
    """Give a member another name, in its place."""

    def edit(document: Document) -> None:
        outer, key = _outer(document, pointer)
        members = [(name if each == key else each, value) for each, value in outer.items()]
        outer.clear()
        outer.update(members)

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after another."""

    def edit(document: Document) -> None:
        for each in edits:
            each(document)

    return edit


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    """Pointer and definition of every operation."""
    return ((pointer, definition) for pointer, definition in find(document, "/paths/*/*") if "responses" in definition)


def _outer(document: Document, pointer: str) -> tuple[Any, str]:
    return resolve(document, pointer.rpartition("/")[0]), segments(pointer)[-1]


_NEIGHBOUR = {
    "string": "integer",
    "integer": "string",
    "number": "string",
    "boolean": "string",
    "array": "object",
    "object": "array",
}
"""The type that a row is most likely to be mistaken for."""

_BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")

_EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

_NEW = "Cancelled"


def schema_mutants(document: Document) -> Iterator[Mutant]:
    """All changes of a document's schemas."""
    components = list(document.get("components", {}).get("schemas", {}))
    for place in walk_schemas(document):
        yield from _types(place)
        yield from _required(place)
        yield from _null(place)
        yield from _lists(place)
        yield from _bounds(place)
        yield from _patterns(place)
        yield from _alternatives(place, components)
        yield from _properties(place)
        yield from _annotations(place)


def _types(place: SchemaLocation) -> Iterator[Mutant]:
    types, pointer = place.schema.get("type"), child(place.pointer, "type")
    if types is None:
        return
    yield Mutant("type", pointer, "drop", drop(pointer))
    if isinstance(types, str):
        other = _NEIGHBOUR[types]
        yield Mutant("type", pointer, f"{types} -> {other}", put(pointer, other))
        yield Mutant("type", pointer, f"{types} -> {types} or {other}", put(pointer, [types, other]))
        if types == "integer":
            yield Mutant("type", pointer, "integer -> number", put(pointer, "number"))


def _null(place: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = place.schema, place.pointer
    types = schema.get("type")
    here = child(pointer, "type")
    if isinstance(types, list) and "null" in types:
        left = [each for each in types if each != "null"]
        yield Mutant("nullable", here, "remove null", put(here, left[0] if len(left) == 1 else left))
    elif types is not None:
        edits = [put(here, [*([types] if isinstance(types, str) else types), "null"])]
        # A list of values has to have it as well.
        if "enum" in schema:
            edits.append(put(child(pointer, "enum"), [*schema["enum"], None]))
        if "const" in schema:
            edits += [drop(child(pointer, "const")), put(child(pointer, "enum"), [schema["const"], None])]
        yield Mutant("nullable", here, "add null", both(*edits))
    elif "$ref" in schema and place.role == "property":
        either = [{"$ref": schema["$ref"]}, {"type": "null"}]
        yield Mutant(
            "nullable", pointer, "add null", both(drop(child(pointer, "$ref")), put(child(pointer, "anyOf"), either))
        )


def _required(place: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = place.schema, child(place.pointer, "required")
    names = schema.get("required", [])
    for name in names:
        left = [each for each in names if each != name]
        yield Mutant("required", pointer, f"remove {name}", put(pointer, left) if left else drop(pointer))
    if len(names) > 1:
        yield Mutant("required", pointer, "drop", drop(pointer))
    for name in schema.get("properties", {}):
        if name not in names and "/allOf/" not in place.pointer:
            yield Mutant("required", pointer, f"add {name}", put(pointer, [*names, name]))


def _lists(place: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = place.schema, place.pointer
    for keyword, other in (("enum", "x-enum-open"), ("x-enum-open", "enum")):
        if keyword in schema:
            here, values = child(pointer, keyword), schema[keyword]
            for value in values:
                left = [each for each in values if each != value]
                yield Mutant("enum", here, f"drop {value!r}", put(here, left) if left else drop(here))
            yield Mutant("enum", here, f"add {_NEW!r}", put(here, [*values, _NEW]))
            yield Mutant("enum", here, "drop", drop(here))
            what = "close" if keyword == "x-enum-open" else "open"
            yield Mutant("enum", here, what, both(drop(here), put(child(pointer, other), values)))
    if "const" in schema:
        here, value = child(pointer, "const"), schema["const"]
        yield Mutant("enum", here, "drop", drop(here))
        yield Mutant("enum", here, f"-> {_NEW!r}", put(here, _NEW))
        yield Mutant("enum", here, f"add {_NEW!r}", both(drop(here), put(child(pointer, "enum"), [value, _NEW])))
        yield Mutant("enum", here, "open", both(drop(here), put(child(pointer, "x-enum-open"), [value])))


def _bounds(place: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = place.schema, place.pointer
    for keyword in _BOUNDS:
        if keyword in schema:
            here = child(pointer, keyword)
            yield Mutant("bounds", here, "drop", drop(here))
            for step in (-1, 1):
                if not (keyword in _BOUNDS[2:] and schema[keyword] + step < 0):
                    yield Mutant("bounds", here, f"{step:+}", put(here, schema[keyword] + step))
            if keyword in _EXCLUSIVE:
                other = child(pointer, _EXCLUSIVE[keyword])
                yield Mutant("bounds", here, "exclusive", both(drop(here), put(other, schema[keyword])))
    if {"enum", "const", "pattern"} & schema.keys():
        return
    added = {
        "integer": {"minimum": 0, "maximum": 2**31 - 1},
        "string": {"minLength": 1, "maxLength": 255},
        "array": {"minItems": 1, "maxItems": 10},
    }
    types = schema.get("type")
    for keyword, value in added.get(types if isinstance(types, str) else "", {}).items():
        if keyword not in schema:
            here = child(pointer, keyword)
            yield Mutant("bounds", here, f"add {value}", put(here, value))
    if types == "array":
        here = child(pointer, "uniqueItems")
        yield Mutant("bounds", here, "add True", put(here, True))


def _patterns(place: SchemaLocation) -> Iterator[Mutant]:
    pattern, pointer = place.schema.get("pattern"), child(place.pointer, "pattern")
    if pattern is None:
        if place.schema.get("type") == "string" and not {"enum", "const"} & place.schema.keys():
            for added in (_UUID, "^[A-Za-z0-9_-]+$"):
                yield Mutant("pattern", pointer, f"add {added}", put(pointer, added))
        return
    yield Mutant("pattern", pointer, "drop", drop(pointer))
    for other in dict.fromkeys([*_looser(pattern), *_stricter(pattern)]):
        if other != pattern:
            yield Mutant("pattern", pointer, f"-> {other}", put(pointer, other))


def _looser(pattern: str) -> Iterator[str]:
    yield pattern.removeprefix("^")
    yield pattern.removesuffix("$")
    # Each count becomes any count, each class any character, each full stop that is meant any character.
    for looser, written in (("+", r"\{[0-9,]+\}"), (".", r"\[[^]]+\]"), (".", r"\\[.+]"), ("*", r"(?<=\])\*|\+(?!0)")):
        for match in re.finditer(written, pattern):
            yield pattern[: match.start()] + looser + pattern[match.end() :]


def _stricter(pattern: str) -> Iterator[str]:
    for stricter, written in (("+", r"(?<=[\])])\*"), ("", r"(?<=[\])])\?"), (r"{\1}", r"\{[0-9]+,([0-9]+)\}")):
        for match in re.finditer(written, pattern):
            yield pattern[: match.start()] + match.expand(stricter) + pattern[match.end() :]


def _alternatives(place: SchemaLocation, components: list[str]) -> Iterator[Mutant]:
    schema, pointer = place.schema, place.pointer
    for keyword in ("allOf", "oneOf", "anyOf"):
        members = schema.get(keyword, [])
        for index in range(len(members)):
            here = child(child(pointer, keyword), index)
            yield Mutant("alternatives", here, "drop", drop(here))
    types = schema.get("type")
    if isinstance(types, list):
        here = child(pointer, "type")
        for kind in types:
            left = [each for each in types if each != kind]
            if kind != "null":
                yield Mutant("alternatives", here, f"drop {kind}", put(here, left[0] if len(left) == 1 else left))
    if "$ref" in schema:
        here = child(pointer, "$ref")
        target = schema["$ref"].rpartition("/")[2]
        others = [name for name in components if name != target]
        yield Mutant("alternatives", here, "drop", drop(here))
        for other in others[:1] + others[-1:]:
            yield Mutant("alternatives", here, f"-> {other}", put(here, f"#/components/schemas/{other}"))
    if "items" in schema:
        here = child(pointer, "items")
        yield Mutant("alternatives", here, "drop", drop(here))
    if "additionalProperties" in schema:
        here = child(pointer, "additionalProperties")
        yield Mutant("alternatives", here, "drop", drop(here))
        for value in (True, False, {"type": "string"}, {"type": "integer"}):
            if value != schema["additionalProperties"]:
                yield Mutant("alternatives", here, f"-> {value}", put(here, value))


def _properties(place: SchemaLocation) -> Iterator[Mutant]:
    schema, pointer = place.schema, child(place.pointer, "properties")
    if "properties" not in schema or "/allOf/" in place.pointer:
        return
    for name in schema["properties"]:
        here = child(pointer, name)
        yield Mutant("properties", here, "drop", drop(here))
        yield Mutant("properties", here, f"rename to {_misspelt(name)}", rename(here, _misspelt(name)))
    added: dict[str, Any] = {"type": "string", "description": "Added."}
    yield Mutant("properties", pointer, "add displayName", put(child(pointer, "displayName"), added))
    here = child(place.pointer, "additionalProperties")
    if "additionalProperties" not in schema:
        yield Mutant("properties", here, "add True", put(here, True))
        yield Mutant("properties", here, "add False", put(here, False))


def _misspelt(name: str) -> str:
    """The name in another convention of writing."""
    if "_" in name:
        first, *rest = name.split("_")
        return first + "".join(part.title() for part in rest)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return snake if snake != name else f"{name}s"


def _annotations(place: SchemaLocation) -> Iterator[Mutant]:
    for keyword in ("default", "format", "contentMediaType"):
        if keyword in place.schema:
            here = child(place.pointer, keyword)
            yield Mutant("annotations", here, "drop", drop(here))
            value = place.schema[keyword]
            other = value + 1 if isinstance(value, int) else f"{value}-other"
            yield Mutant("annotations", here, f"-> {other!r}", put(here, other))


_STATUSES = ("202", "409")

_PARAMETERS = "/components/parameters"

_ADDED = {"name": "page", "in": "query", "description": "Added.", "required": False, "schema": {"type": "integer"}}


def operation_mutants(document: Document) -> Iterator[Mutant]:
    """All changes of a document's operations."""
    for pointer, operation in operations(document):
        yield from _address(pointer)
        yield from _responses(pointer, operation)
        yield from _used_parameters(pointer, operation)
        yield from _security(document, pointer, operation)
        yield from _demanded(pointer, operation)
    for pointer, parameter in find(document, f"{_PARAMETERS}/*"):
        yield from _parameter(pointer, parameter)
    for pointer, scheme in find(document, "/components/securitySchemes/*"):
        yield from _scheme(pointer, scheme)


def _address(pointer: str) -> Iterator[Mutant]:
    item, method = pointer.rpartition("/")[0], segments(pointer)[-1]
    path = segments(item)[-1]
    yield Mutant("operations", pointer, f"{method} -> post", rename(pointer, "post"))
    first, _, rest = path[1:].partition("/")
    for other in (f"{path}/status", f"/{first}s/{rest}", path.rpartition("/")[0]):
        yield Mutant("operations", item, f"-> {other}", rename(item, other))
    names = re.findall(r"\{[^{}]+\}", path)
    for one, other in pairwise(names):
        swapped = path.replace(one, "{}").replace(other, one).replace("{}", other)
        yield Mutant("operations", item, f"swap {one} and {other}", rename(item, swapped))


def _responses(pointer: str, operation: Document) -> Iterator[Mutant]:
    responses = operation["responses"]
    here = child(pointer, "responses")
    for status in _STATUSES:
        if status not in responses:
            some = next(iter(responses.values()))
            yield Mutant("responses", here, f"add {status}", put(child(here, status), some))
    for status, response in responses.items():
        place = child(here, status)
        yield Mutant("responses", place, "drop", drop(place))
        other = {"4": "402", "5": "502"}.get(status[0], "206")
        yield Mutant("responses", place, f"-> {other}", rename(place, other))
        inferred = response.get("x-confidence") == "inferred"
        confidence = child(place, "x-confidence")
        edit = put(confidence, "observed" if inferred else "inferred")
        yield Mutant("responses", confidence, f"-> {'observed' if inferred else 'inferred'}", edit)
        headers = child(place, "headers")
        header = {"X-Request-Id": {"description": "Added.", "required": True, "schema": {"type": "string"}}}
        yield Mutant("responses", headers, "demand X-Request-Id", put(headers, header))
        content = child(place, "content")
        for media_type, media in response.get("content", {}).items():
            media_place = child(content, media_type)
            yield Mutant("media types", media_place, "drop", drop(media_place))
            yield Mutant("media types", media_place, "-> text/plain", rename(media_place, "text/plain"))
            yield Mutant("media types", content, "add text/plain", put(child(content, "text/plain"), media))
            yield Mutant("media types", child(media_place, "schema"), "drop", drop(child(media_place, "schema")))
        if "content" in response:
            yield Mutant("media types", content, "drop", drop(content))


def _used_parameters(pointer: str, operation: Document) -> Iterator[Mutant]:
    here = child(pointer, "parameters")
    for index, parameter in enumerate(operation.get("parameters", [])):
        place = child(here, index)
        yield Mutant("parameters", place, f"drop {parameter.get('$ref', '').rpartition('/')[2]}", drop(place))
    every = [*operation.get("parameters", []), _ADDED]
    yield Mutant("parameters", here, "add page", put(here, every))
    yield Mutant("parameters", here, "add page, mandatory", put(here, [*every[:-1], {**_ADDED, "required": True}]))


def _parameter(pointer: str, parameter: Document) -> Iterator[Mutant]:
    flag = child(pointer, "required")
    required = parameter.get("required", False)
    yield Mutant("parameters", flag, f"-> {not required}", put(flag, not required))
    if "required" in parameter and not required:
        yield Mutant("parameters", flag, "drop", drop(flag))
    for where in ("path", "query", "header", "cookie"):
        if where != parameter["in"]:
            place = child(pointer, "in")
            yield Mutant("parameters", place, f"{parameter['in']} -> {where}", put(place, where))
    name = child(pointer, "name")
    yield Mutant("parameters", name, "rename", put(name, f"{parameter['name']}s"))
    schema = child(pointer, "schema")
    yield Mutant("parameters", schema, "drop", drop(schema))


def _security(document: Document, pointer: str, operation: Document) -> Iterator[Mutant]:
    here = child(pointer, "security")
    ways = operation.get("security", [])
    for index, way in enumerate(ways):
        left = [each for each in ways if each is not way]
        yield Mutant("security", child(here, index), "drop", put(here, left))
    if ways:
        yield Mutant("security", here, "-> none", put(here, []))
        yield Mutant("security", here, "make optional", put(here, [*ways, {}]))
    if len(ways) > 1:
        together = {name: scopes for way in ways for name, scopes in way.items()}
        yield Mutant("security", here, "demand all at once", put(here, [together]))
    scheme = {"type": "apiKey", "description": "Added.", "in": "header", "name": "X-Api-Key"}
    schemes = document.get("components", {}).get("securitySchemes", {})
    for change, more in (("add a way", [*ways, {"added": []}]), ("demand another", [{"added": []}])):
        yield Mutant(
            "security",
            here,
            change,
            both(put("/components/securitySchemes", {**schemes, "added": scheme}), put(here, more)),
        )


def _scheme(pointer: str, scheme: Document) -> Iterator[Mutant]:
    name, place = child(pointer, "name"), child(pointer, "in")
    yield Mutant("security", name, "rename", put(name, f"{scheme.get('name')}-2"))
    yield Mutant("security", place, "header -> query", put(place, "query"))
    if "x-auth" in scheme:
        auth = child(pointer, "x-auth")
        method = scheme["x-auth"]["method"]
        other = "aksk" if method == "token" else "token"
        yield Mutant("security", child(auth, "method"), f"{method} -> {other}", put(child(auth, "method"), other))
        limit = child(auth, "maxLength")
        if "maxLength" in scheme["x-auth"]:
            value = scheme["x-auth"]["maxLength"]
            yield Mutant("security", limit, "drop", drop(limit))
            yield Mutant("security", limit, "-1", put(limit, value - 1))
            yield Mutant("security", limit, "+1", put(limit, value + 1))
        else:
            yield Mutant("security", limit, "add 4096", put(limit, 4096))


def _demanded(pointer: str, operation: Document) -> Iterator[Mutant]:
    here = child(pointer, "x-request-headers")
    for name, value in operation.get("x-request-headers", {}).items():
        place = child(here, name)
        yield Mutant("x-request-headers", place, "drop", drop(place))
        yield Mutant("x-request-headers", place, f"{value} -> text/plain", put(place, "text/plain"))
        yield Mutant("x-request-headers", place, "rename", rename(place, f"X-{name}"))
    if "x-request-headers" not in operation:
        demanded = {"Content-Type": "application/json"}
        yield Mutant("x-request-headers", here, "add Content-Type", put(here, demanded))


_KINDS = ("pending", "running", "succeeded", "partial", "failed", "stopped")

_FORMATS = ("go-time", "epoch-s", "epoch-ms", "epoch-us", "datetime")


def extension_mutants(document: Document) -> Iterator[Mutant]:
    """All changes of a document's extensions but for those that stand in for a part of OpenAPI itself."""
    for pointer, schema in find(document, "/components/schemas/*"):
        if "x-job" in schema:
            texts = [name for name, each in schema["properties"].items() if each.get("type") == "string"]
            yield from _job(child(pointer, "x-job"), schema["x-job"], texts)
    for pointer, error in find(document, "/components/schemas/*/x-error"):
        yield from _error(pointer, error)
    for pointer, operation in operations(document):
        names = [each["$ref"].rpartition("/")[2] for each in operation.get("parameters", []) if "$ref" in each]
        if "x-poll" in operation:
            yield from _named("x-poll", child(pointer, "x-poll"), operation["x-poll"], names, ("argument",))
        if "x-pagination" in operation:
            here, pages = child(pointer, "x-pagination"), operation["x-pagination"]
            yield from _named("x-pagination", here, pages, names, ("offset", "limit"))
            swapped = {**pages, "offset": pages["limit"], "limit": pages["offset"]}
            yield Mutant("x-pagination", here, "swap offset and limit", put(here, swapped))


def _job(pointer: str, job: Document, texts: list[str]) -> Iterator[Mutant]:
    yield Mutant("x-job", pointer, "drop", drop(pointer))
    for key in ("reason", "children", "started", "ended", "progress", "resumable"):
        if key in job:
            here = child(pointer, key)
            yield Mutant("x-job", here, "drop", drop(here))
    for key in ("id", "reason", "children"):
        if isinstance(job.get(key), str):
            yield _misnamed(child(pointer, key), job[key])
            others = [name for name in texts if name != job[key]] if key != "children" else []
            yield from (_with_fallback(child(pointer, key), job[key], other) for other in others[:1])
    yield from _states(child(pointer, "state"), job["state"])
    final = {kind for kind in _KINDS[3:] if kind in job["state"]}
    resumable = child(pointer, "resumable")
    for kind in sorted(final):
        stated = job.get("resumable", [])
        other = [each for each in stated if each != kind] if kind in stated else [*stated, kind]
        edit = put(resumable, other) if other else drop(resumable)
        yield Mutant("x-job", resumable, f"{'drop' if kind in stated else 'add'} {kind}", edit)
    for key in ("started", "ended"):
        if key in job:
            yield from _time(child(pointer, key), job[key])
    if {"started", "ended"} <= job.keys():
        ends = (child(child(pointer, "started"), "field"), child(child(pointer, "ended"), "field"))
        edit = both(put(ends[0], job["ended"]["field"]), put(ends[1], job["started"]["field"]))
        yield Mutant("x-job", pointer, "swap start and end", edit)
    yield from _progress(child(pointer, "progress"), job.get("progress", {}))


def _states(pointer: str, state: Document) -> Iterator[Mutant]:
    if isinstance(state["field"], str):
        yield _misnamed(child(pointer, "field"), state["field"])
    for kind in _KINDS:
        here = child(pointer, kind)
        values = state.get(kind, [])
        yield Mutant("x-job", here, f"add {_NEW!r}", put(here, [*values, _NEW]))
        for value in values:
            left = [each for each in values if each != value]
            without = put(here, left) if left else drop(here)
            yield Mutant("x-job", here, f"drop {value!r}", without)
            other = _KINDS[(_KINDS.index(kind) + 1) % len(_KINDS)]
            moved = put(child(pointer, other), [*state.get(other, []), value])
            yield Mutant("x-job", here, f"{value!r} -> {other}", both(without, moved))


def _time(pointer: str, time: Document) -> Iterator[Mutant]:
    if isinstance(time["field"], str):
        yield _misnamed(child(pointer, "field"), time["field"])
    formats, here = time["formats"], child(pointer, "formats")
    for name in formats:
        left = [each for each in formats if each != name]
        other = _FORMATS[(_FORMATS.index(name) + 1) % len(_FORMATS)]
        if left:
            yield Mutant("x-job", here, f"drop {name}", put(here, left))
        if other not in formats:
            replaced = [other if each == name else each for each in formats]
            yield Mutant("x-job", here, f"{name} -> {other}", put(here, replaced))
    for name in _FORMATS:
        if name not in formats:
            yield Mutant("x-job", here, f"add {name}", put(here, [*formats, name]))
    if len(formats) > 1:
        yield Mutant("x-job", here, "the other way round", put(here, formats[::-1]))
    zone, when = child(pointer, "zone"), child(pointer, "when")
    if "zone" in time:
        yield Mutant("x-job", zone, "drop", drop(zone))
        yield Mutant("x-job", zone, "-> +00:00", put(zone, "+00:00"))
    yield Mutant(
        "x-job", when, "drop" if "when" in time else "add", drop(when) if "when" in time else put(when, "terminal")
    )


def _progress(pointer: str, progress: Document) -> Iterator[Mutant]:
    if "from" in progress:
        return
    for key in ("field", "total"):
        if isinstance(progress.get(key), str):
            yield _misnamed(child(pointer, key), progress[key])
    if "of" in progress:
        yield Mutant("x-job", child(pointer, "of"), "-> 1", put(child(pointer, "of"), 1))
    done = progress.get("done", [])
    for name in done:
        left = [each for each in done if each != name]
        here = child(pointer, "done")
        if left:
            yield Mutant("x-job", here, f"drop {name}", put(here, left))
        yield Mutant(
            "x-job",
            pointer,
            f"swap {name} and the total",
            put(pointer, {"done": [*left, progress["total"]], "total": name}),
        )


def _error(pointer: str, error: Document) -> Iterator[Mutant]:
    yield Mutant("x-error", pointer, "drop", drop(pointer))
    for part, entries in error.items():
        here = child(pointer, part)
        yield Mutant("x-error", here, "drop", drop(here))
        yield Mutant("x-error", here, "add detail", put(here, [*entries, "detail"]))
        if len(entries) > 1:
            yield Mutant("x-error", here, "the other way round", put(here, entries[::-1]))
        for index, entry in enumerate(entries):
            left = [each for each in entries if each != entry]
            if left:
                yield Mutant("x-error", here, f"drop {entry}", put(here, left))
            other: Any = {"header": f"{entry['header']}s"} if isinstance(entry, dict) else f"{entry}s"
            yield Mutant("x-error", child(here, index), f"-> {other}", put(child(here, index), other))
    if {"code", "message"} <= error.keys():
        edit = both(rename(child(pointer, "code"), "old"), rename(child(pointer, "message"), "code"))
        yield Mutant("x-error", pointer, "swap code and message", both(edit, rename(child(pointer, "old"), "message")))


def _named(
    operator: str, pointer: str, names: Document, parameters: list[str], of_parameters: tuple[str, ...]
) -> Iterator[Mutant]:
    yield Mutant(operator, pointer, "drop", drop(pointer))
    for key, name in names.items():
        here = child(pointer, key)
        if key in of_parameters:
            for other in parameters:
                if other != name:
                    yield Mutant(operator, here, f"{name} -> {other}", put(here, other))
        else:
            yield Mutant(operator, here, f"{name} -> {name}s", put(here, f"{name}s"))
            if key == "count":
                yield Mutant(operator, here, "drop", drop(here))


def _with_fallback(pointer: str, field: str, other: str) -> Mutant:
    return Mutant("x-job", pointer, f"or else {other}", put(pointer, [field, other]))


def _misnamed(pointer: str, field: str) -> Mutant:
    return Mutant("x-job", pointer, f"{field} -> {field}s", put(pointer, f"{field}s"))


OPERATORS = (
    *("type", "required", "nullable", "enum", "bounds", "pattern", "alternatives", "properties", "annotations"),
    *("operations", "responses", "media types", "parameters", "security", "x-request-headers"),
    *("x-job", "x-error", "x-poll", "x-pagination"),
)
"""What is changed, in the order of reports."""


def mutants(document: Document) -> Iterator[Mutant]:
    """The mutants of a document: the same ones in the same order, each time."""
    for operators in (schema_mutants, operation_mutants, extension_mutants):
        yield from operators(document)
