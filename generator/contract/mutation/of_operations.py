"""Changes of operations: paths, responses, media types, parameters, security, demanded headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from generator.contract.mutation.mutants import Document, Mutant, both, drop, operations, put, rename
from generator.documents.json_pointer import child, find, segments

_STATUSES = ("202", "409")
_PARAMETERS = "/components/parameters"
_ADDED = {"name": "page", "in": "query", "description": "Added.", "required": False, "schema": {"type": "integer"}}


def mutants(document: Document) -> Iterator[Mutant]:
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
