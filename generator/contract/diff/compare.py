"""Comparison of two documents of one service, as data, as text and as JSON. An unknown keyword is an error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from ...documents import KEY_ORDER, Source, Workspace, violations
from ...documents.json_pointer import PointerNotFound, child, find, resolve
from ...documents.schema_view import alternatives
from ...documents.workspace import METHODS
from ...errors import Problem, ValidationError
from .changes import (
    Change,
    Changes,
    Direction,
    Effect,
    Step,
    demanded,
    is_enough,
    is_version,
    next_version,
)
from .operations import OperationComparison

TEXTS = (
    *("title", "summary", "description", "tags", "contact", "license", "externalDocs", "example", "examples"),
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

_SCHEMA = (*KEY_ORDER["schema"], "x-job", "x-error", "x-model")

KNOWN: dict[str, tuple[str, ...]] = {
    "document": ("openapi", "info", "servers", "tags", "externalDocs", "paths", "components"),
    "info": ("title", "version", "summary", "description", "contact", "license", "termsOfService"),
    "server": ("url", "description", "variables"),
    "variable": ("default", "enum", "description"),
    "path": METHODS,
    "operation": (*KEY_ORDER["operation"], "x-poll", "x-pagination", "x-request-headers"),
    "parameter": (*KEY_ORDER["parameter"], "example", "examples", "x-client-parameter"),
    "response": (*KEY_ORDER["response"], "x-recordings"),
    "media type": ("schema", "example", "examples"),
    "header": ("description", "required", "schema"),
    "components": ("schemas", "parameters", "headers", "securitySchemes"),
    "scheme": (*KEY_ORDER["scheme"], "x-auth"),
    "schema": _SCHEMA,
}
"""The keys that the comparison knows, by what they are keys of."""

_POINTERS: dict[str, tuple[str, ...]] = {
    "document": ("",),
    "info": ("/info",),
    "server": ("/servers/*",),
    "variable": ("/servers/*/variables/*",),
    "path": ("/paths/*",),
    "operation": ("/paths/*/*",),
    "parameter": ("/components/parameters/*", "/paths/*/*/parameters/*"),
    "response": ("/paths/*/*/responses/*",),
    "media type": ("/paths/*/*/responses/*/content/*",),
    "header": ("/components/headers/*", "/paths/*/*/responses/*/headers/*"),
    "components": ("/components",),
    "scheme": ("/components/securitySchemes/*",),
}

_SCHEMAS = (
    "/components/schemas/*",
    "/components/parameters/*/schema",
    "/paths/*/*/parameters/*/schema",
    "/paths/*/*/responses/*/content/*/schema",
    "/components/headers/*/schema",
    "/paths/*/*/responses/*/headers/*/schema",
)


def unknown(source: Source, extensions: dict[str, dict[str, Any]]) -> list[Problem]:
    """Everything in a document that the comparison would not see, or would stumble over.

    `extensions` are the JSON Schemas of the extensions, by name.
    """
    problems: list[Problem] = []
    for kind, patterns in _POINTERS.items():
        for pattern in patterns:
            for pointer, thing in find(source.data, pattern):
                if isinstance(thing, dict) and not (kind in ("parameter", "header") and "$ref" in thing):
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
    for index in alternatives(schema):
        yield from _schema(source, child(pointer, "anyOf", index), schema["anyOf"][index], extensions)


def _references(source: Source) -> Iterator[Problem]:
    """References to other things than schemas, parameters and headers, and credentials that no scheme describes."""

    def walk(value: Any, pointer: str) -> Iterator[Problem]:
        if isinstance(value, dict):
            target = value.get("$ref")
            if isinstance(target, str):
                outer = pointer.split("/")[-2]
                kind = outer if outer in ("parameters", "headers") else "schemas"
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
            except PointerNotFound:
                yield source.problem(pointer, f"names the security scheme {name}, which is not there", "Describe it")


@attrs.frozen
class Difference:
    """How a document differs from an older one."""

    name: str
    """The service, or the file where it is none of a service."""
    old_version: str | None
    """None where the document is new."""
    new_version: str | None
    """None where the document is gone."""
    changes: tuple[Change, ...]

    @property
    def step(self) -> Step:
        """The step that the changes demand of a version from 1.0 on."""
        return demanded(self.changes)

    @property
    def least_version(self) -> str | None:
        """The least version that the new document may have; None where either document is not there."""
        if self.old_version is None or self.new_version is None:
            return None
        return next_version(self.old_version, self.step)

    @property
    def is_enough(self) -> bool:
        """Whether the document's version is as far from the old one as the changes demand."""
        if self.old_version is None or self.new_version is None:
            return True
        return is_enough(self.old_version, self.new_version, self.step)


def compare_documents(workspace: Workspace, name: str, old: Source | None, new: Source | None) -> Difference:
    """Compare two documents of one service, either of which may be missing. Both are OpenAPI, in our form.

    Raises:
        ValidationError: A document has a keyword or an extension that the comparison does not know.
    """
    problems = [
        problem for source in (old, new) if source is not None for problem in unknown(source, workspace.schemas)
    ]
    if problems:
        raise ValidationError(problems)
    changes = Changes()
    if old is None:
        changes.compatible(Direction.CLIENT, "the document is new", "no client of it existed before", old=None, new="")
    elif new is None:
        changes.breaking(Direction.CLIENT, "the document is gone", "a caller finds no client", old="", new=None)
    else:
        _servers(old.data, new.data, changes)
        OperationComparison(old.data, new.data, changes).run()
        _texts(old.data, new.data, "", changes)
        if not changes and _bare(old.data) != _bare(new.data):
            changes.neutral("the same statements in another form", old="", new="")
    return Difference(name, _version(old), _version(new), tuple(changes))


def _servers(old: dict[str, Any], new: dict[str, Any], changes: Changes) -> None:
    before, now = (
        {server["url"]: (child("/servers", index), server) for index, server in enumerate(document.get("servers", []))}
        for document in (old, new)
    )
    for url, (at, server) in before.items():
        if url not in now:
            what, why = f"the server {url} is gone", "a caller that takes its address from the document fails"
            changes.breaking(Direction.REQUEST, what, why, old=at, new="/servers" if "servers" in new else None)
            continue
        to, other = now[url]
        for name, variable in server.get("variables", {}).items():
            there = other.get("variables", {}).get(name, {})
            _values(name, variable.get("enum"), there.get("enum"), at, to, changes)
            chosen = there.get("default")
            if variable["default"] != chosen:
                what = f"the default of {name} is {chosen} now, and was {variable['default']}"
                why = "a caller that leaves the choice to the document asks another host"
                variable_pointer = child("/variables", name)
                changes.breaking(Direction.REQUEST, what, why, old=at + variable_pointer, new=to + variable_pointer)
    for url, (to, _) in now.items():
        if url not in before:
            why = "the others are there still"
            changes.compatible(Direction.REQUEST, f"the server {url} is new", why, old=None, new=to)


def _values(name: str, before: list[str] | None, now: list[str] | None, at: str, to: str, changes: Changes) -> None:
    """Compare the values of a server's variable; None allows any."""
    pointer = child("/variables", name)
    if now is not None and (before is None or not set(before) <= set(now)):
        what = f"{name} is one of {', '.join(now)} now"
        why = "a caller that chooses another value finds no address"
        changes.breaking(Direction.REQUEST, what, why, old=at + pointer, new=to + pointer)
    elif before is not None and (now is None or not set(now) <= set(before)):
        what = f"{name} may have other values than {', '.join(before)}"
        changes.compatible(Direction.REQUEST, what, "these are there still", old=at + pointer, new=to + pointer)


def _texts(old: Any, new: Any, pointer: str, changes: Changes, *, names: bool = False) -> None:
    """What nothing depends on, at the same place of both documents. `names`: the keys here are no keywords."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            here = child(pointer, key)
            if key in TEXTS and not names:
                if old.get(key) != new.get(key):
                    word = "changes" if key in old and key in new else ("is new" if key in new else "is gone")
                    where = {"old": here if key in old else None, "new": here if key in new else None}
                    changes.neutral(f"{key} {word}", **where)
            elif key in old and key in new:
                _texts(old[key], new[key], here, changes, names=key in NAMES and not names)
    elif isinstance(old, list) and isinstance(new, list):
        for index, (before, now) in enumerate(zip(old, new, strict=False)):
            _texts(before, now, child(pointer, index), changes)


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its version, which is no change of its own."""
    return {**document, "info": {key: value for key, value in document["info"].items() if key != "version"}}


def _version(source: Source | None) -> str | None:
    return str(source.data["info"]["version"]) if source else None


_WORST_FIRST = list(Effect)


def as_text(differences: Sequence[Difference]) -> str:
    """A paragraph for each document, the worst changes first."""
    return "\n".join(line for each in differences for line in _paragraph(each))


def as_json(differences: Sequence[Difference]) -> str:
    """One object with a list of documents."""
    return json.dumps({"documents": [_as_data(each) for each in differences]}, indent=2, ensure_ascii=False)


def _paragraph(each: Difference) -> Iterator[str]:
    yield f"{each.name}: {_verdict(each)}"
    for change in sorted(each.changes, key=lambda change: _WORST_FIRST.index(change.effect)):
        yield f"  {change.effect:<10}  {change.direction:<8}  {_pointers(change)}"
        yield f"              {change.what}: {change.why}"


def _verdict(each: Difference) -> str:
    if each.old_version is None:
        return f"new, {each.new_version}"
    if each.new_version is None:
        return f"gone, last {each.old_version}; the package's version has to say so"
    versions = f"{each.old_version} -> {each.new_version}"
    if not each.changes:
        return f"no change, {versions}"
    step = f"a {each.step} step, {versions}"
    return step if each.is_enough else f"{step}: info.version has to be {each.least_version} at least"


def _pointers(change: Change) -> str:
    if change.old is None or change.new is None or change.old == change.new:
        side = " (old)" if change.new is None else ""
        return f"{(change.old if change.new is None else change.new) or 'the whole document'}{side}"
    return f"{change.old} -> {change.new}"


def _as_data(each: Difference) -> dict[str, Any]:
    return {
        "document": each.name,
        "old_version": each.old_version,
        "new_version": each.new_version,
        "step": str(each.step),
        "least_version": each.least_version,
        "enough": each.is_enough,
        "changes": [attrs.asdict(change) for change in each.changes],
    }
