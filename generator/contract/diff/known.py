"""Holds a document to what the comparison knows: a keyword or an extension that is not known here is an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.contract.diff.versions import is_version
from generator.documents import KEY_ORDER, Source, violations
from generator.documents.json_pointer import NotThere, child, find, resolve
from generator.documents.workspace import METHODS
from generator.errors import Problem

TEXTS = (
    *("title", "summary", "description", "tags", "example", "examples"),
    *("x-recordings", "x-confidence", "x-evidence", "x-contradictions"),
)
"""Keys of which nothing depends: they are written for people, or say where a document comes from."""

NAMES = (
    *("paths", "responses", "content", "headers", "variables", "schemas", "parameters", "securitySchemes"),
    *("properties", "x-request-headers"),
)
"""Keys whose members are named by the service, or by the document, and are no keywords."""

_ANYWHERE = ("x-evidence", "x-contradictions", "x-confidence")
"""Bundled copies have these wherever something is supported."""

_SCHEMA = (*KEY_ORDER["schema"], "x-job", "x-error", "x-enum-open")

KNOWN: dict[str, tuple[str, ...]] = {
    "document": ("openapi", "info", "servers", "tags", "paths", "components"),
    "info": ("title", "version", "summary", "description", "contact", "license", "termsOfService"),
    "server": ("url", "description", "variables"),
    "variable": ("default", "description"),
    "path": METHODS,
    "operation": (*KEY_ORDER["operation"], "x-poll", "x-pagination", "x-request-headers"),
    "parameter": (*KEY_ORDER["parameter"], "x-client-parameter"),
    "response": (*KEY_ORDER["response"], "x-recordings"),
    "media type": ("schema", "example", "examples"),
    "header": ("description", "required", "schema"),
    "components": ("schemas", "parameters", "securitySchemes"),
    "scheme": (*KEY_ORDER["scheme"], "x-auth"),
    "schema": _SCHEMA,
}
"""The keys that the comparison knows, by what they are keys of."""

_PLACES: dict[str, tuple[str, ...]] = {
    "document": ("",),
    "info": ("/info",),
    "server": ("/servers/*",),
    "variable": ("/servers/*/variables/*",),
    "path": ("/paths/*",),
    "operation": ("/paths/*/*",),
    "parameter": ("/components/parameters/*", "/paths/*/*/parameters/*"),
    "response": ("/paths/*/*/responses/*",),
    "media type": ("/paths/*/*/responses/*/content/*",),
    "header": ("/paths/*/*/responses/*/headers/*",),
    "components": ("/components",),
    "scheme": ("/components/securitySchemes/*",),
}
_SCHEMAS = (
    "/components/schemas/*",
    "/components/parameters/*/schema",
    "/paths/*/*/parameters/*/schema",
    "/paths/*/*/responses/*/content/*/schema",
    "/paths/*/*/responses/*/headers/*/schema",
)


def unknown(source: Source, extensions: dict[str, dict[str, Any]]) -> list[Problem]:
    """Everything in a document that the comparison would not see, or would stumble over.

    `extensions` are the JSON Schemas of the extensions, by name.
    """
    problems: list[Problem] = []
    for kind, patterns in _PLACES.items():
        for pattern in patterns:
            for pointer, thing in find(source.data, pattern):
                if isinstance(thing, dict) and not (kind == "parameter" and "$ref" in thing):
                    problems += _keys(source, pointer, thing, kind, extensions)
    for pattern in _SCHEMAS:
        for pointer, schema in find(source.data, pattern):
            problems += _schema(source, pointer, schema, extensions)
    problems += _references(source)
    if not is_version(source.data["info"]["version"]):
        problems.append(source.problem("/info/version", "is no semantic version", "Write MAJOR.MINOR.PATCH"))
    return problems


def _keys(
    source: Source, pointer: str, thing: dict[str, Any], kind: str, extensions: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    for key, value in thing.items():
        here = child(pointer, key)
        if key not in (*KNOWN[kind], *_ANYWHERE):
            remedy = "Teach generator/contract/diff/ what it does to callers, or take it out"
            yield source.problem(here, f"{key} is no {kind} key that the comparison knows", remedy)
        elif key.startswith("x-") and key in extensions:
            for inner, message in violations(extensions[key], value):
                yield source.problem(here + inner, message, f"See openapi/schemas/{key}.json")


def _schema(source: Source, pointer: str, schema: Any, extensions: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield source.problem(pointer, "is no schema", "Write a mapping")
        return
    yield from _keys(source, pointer, schema, "schema", extensions)
    for name, member in schema.get("properties", {}).items():
        yield from _schema(source, child(child(pointer, "properties"), name), member, extensions)
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            yield from _schema(source, child(pointer, keyword), schema[keyword], extensions)
    for index, member in enumerate(schema.get("allOf", [])):
        yield from _schema(source, child(child(pointer, "allOf"), index), member, extensions)


def _references(source: Source) -> Iterator[Problem]:
    """References to what is no schema or parameter, and credentials that no scheme describes."""

    def walk(value: Any, pointer: str) -> Iterator[Problem]:
        if isinstance(value, dict):
            target = value.get("$ref")
            if isinstance(target, str):
                kind = "parameters" if pointer.split("/")[-2:-1] == ["parameters"] else "schemas"
                if not target.startswith(f"#/components/{kind}/") or not isinstance(
                    resolve(source.data, target[1:]), dict
                ):
                    yield source.problem(
                        child(pointer, "$ref"), f"refers to {target}", f"Refer to one of #/components/{kind}/"
                    )
            for key, member in value.items():
                if key not in TEXTS:
                    yield from walk(member, child(pointer, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, child(pointer, index))

    yield from walk(source.data, "")
    for pointer, requirement in find(source.data, "/paths/*/*/security/*"):
        for name in requirement:
            try:
                resolve(source.data, child("/components/securitySchemes", name))
            except NotThere:
                yield source.problem(pointer, f"names the security scheme {name}, which is not there", "Describe it")
