"""Compare two OpenAPI documents of any author, with reports as text and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from ...documents import Source, Workspace, violations
from ...documents.json_pointer import PointerNotFound, child, find, resolve
from ...documents.workspace import short
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
from .effective_schema import target, walk_references, walk_schemas
from .operations import OperationComparison

TEXTS = (
    *("title", "summary", "description", "tags", "contact", "license", "externalDocs", "example", "examples"),
    *("termsOfService", "$comment", "xml", "discriminator", "callbacks", "links"),
)
"""Keys with neutral changes: they are for people, or do not affect requests and responses."""

NAMES = (
    *("paths", "webhooks", "responses", "content", "headers", "variables", "schemas", "parameters", "securitySchemes"),
    *("properties", "patternProperties", "requestBodies", "x-request-headers", "scopes"),
)
"""Keys with members named by the service or the document, which are not keywords."""

COMPARED = (
    "x-job",
    "x-error",
    "x-model",
    "x-poll",
    "x-start",
    "x-pagination",
    "x-request-headers",
    "x-client-parameter",
    "x-auth",
)
"""Extensions with their own comparison. Changes of other extensions are neutral."""


def problems_of(source: Source) -> list[Problem]:
    """Return the problems that prevent a comparison, such as another format or an invalid reference."""
    data = source.data
    if not isinstance(data, dict) or not (isinstance(data.get("openapi"), str) or "swagger" in data):
        return [
            source.problem("", "must be an OpenAPI document, got another file", "Name a document with openapi: 3.x")
        ]
    if not re.match(r"3\.[012](\.|\Z)", str(data.get("openapi", ""))):
        version = data.get("openapi") or f"Swagger {data.get('swagger')}"
        fix = "Convert it to OpenAPI 3"
        return [source.problem("", f"must be OpenAPI 3.0, 3.1 or 3.2, got {short(str(version))}", fix)]
    found = []
    for key, kind in (("info", dict), ("paths", dict), ("webhooks", dict), ("components", dict), ("servers", list)):
        if data.get(key) is not None and not isinstance(data[key], kind):
            found.append(
                source.problem(f"/{key}", f"must be {_KINDS[kind]}, got {short(str(data[key]))}", "Correct it")
            )
    for pointer, reference in walk_references(data):
        if not reference.startswith("#"):
            fix = "Bundle the document into one file first"
            found.append(source.problem(pointer, f"must be a reference within the file, got {short(reference)}", fix))
        elif not _leads_somewhere(data, reference):
            fix = "Correct the reference, or add its target"
            found.append(source.problem(pointer, f"must name a part of the document, got {short(reference)}", fix))
    return found + list(_malformed(source))


_KINDS: dict[type, str] = {dict: "a mapping", list: "a list"}

_FORMS: dict[str, type] = {
    "/paths/*": dict,
    "/paths/*/*/responses": dict,
    "/paths/*/*/parameters/*": dict,
    "/paths/*/*/responses/*": dict,
    "/components/schemas": dict,
    "/components/parameters/*": dict,
    "/components/responses/*": dict,
    "/components/securitySchemes/*": dict,
    "/security": list,
    "/security/*": dict,
    "/security/*/*": list,
    "/paths/*/*/security": list,
    "/paths/*/*/security/*": dict,
    "/paths/*/*/security/*/*": list,
}
"""Parts that the comparison reads, with their types."""


def _malformed(source: Source) -> Iterator[Problem]:
    for pattern, kind in _FORMS.items():
        for pointer, value in find(source.data, pattern):
            if not isinstance(value, kind | None) and not re.search(r"/x-[^/]*\Z", pointer):
                yield source.problem(pointer, f"must be {_KINDS[kind]}, got {short(str(value))}", "Correct it")
    for pointer, schema in walk_schemas(source.data):
        if not isinstance(schema, dict | bool):
            yield source.problem(pointer, f"must be a schema, got {short(str(schema))}", "Write a mapping")
        elif isinstance(schema, dict):
            for keyword, kinds in _KEYWORDS.items():
                if keyword in schema and not isinstance(schema[keyword], kinds):
                    here = child(pointer, keyword)
                    wanted = " or ".join(_KINDS.get(kind, kind.__name__) for kind in kinds)
                    yield source.problem(here, f"must be {wanted}, got {short(str(schema[keyword]))}", "Correct it")
            for keyword, values in _names_in(schema):
                if not all(isinstance(value, str) for value in values):
                    here = child(pointer, keyword)
                    yield source.problem(here, f"must be a list of strings, got {short(str(values))}", "Correct it")
    for pattern in ("/components/parameters/*", "/paths/*/parameters/*", "/paths/*/*/parameters/*"):
        for pointer, parameter in find(source.data, pattern):
            for key in ("name", "in") if isinstance(parameter, dict) and "$ref" not in parameter else ():
                if not isinstance(parameter.get(key), str):
                    here = child(pointer, key)
                    got = short(str(parameter.get(key)))
                    yield source.problem(here, f"must be a string, got {got}", "Correct the parameter")


def _names_in(schema: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the keywords of a schema that list names, with their lists."""
    for keyword in ("required", "type"):
        if isinstance(schema.get(keyword), list):
            yield keyword, schema[keyword]
    for values in (schema.get("dependentRequired") or {}).values():
        yield "dependentRequired", values if isinstance(values, list) else [values]


_KEYWORDS: dict[str, tuple[type, ...]] = {
    "$ref": (str,),
    "type": (str, list),
    "properties": (dict,),
    "patternProperties": (dict,),
    "dependentRequired": (dict,),
    "dependentSchemas": (dict,),
    "prefixItems": (list,),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "enum"), (list,)),
    **dict.fromkeys(("pattern", "format", "contentMediaType", "contentEncoding"), (str,)),
    **dict.fromkeys(("multipleOf", "minLength", "maxLength", "minItems", "maxItems"), (int, float)),
}
"""Keywords with the types of their values. OpenAPI 3.0 allows a boolean `required`, which is ignored."""


def _leads_somewhere(data: Any, reference: str) -> bool:
    if reference == "#":
        return True
    try:
        resolve(data, target(reference))
    except PointerNotFound:
        return False
    return reference.startswith("#/")


@attrs.frozen
class Difference:
    """The changes from an old document to a new one."""

    name: str
    """The service, or the file of a document without a service."""
    old_version: str | None
    """None if the document is new."""
    new_version: str | None
    """None if the document was removed."""
    changes: tuple[Change, ...]

    @property
    def step(self) -> Step:
        """The step that the changes require. It applies to versions from 1.0 on."""
        return demanded(self.changes)

    @property
    def least_version(self) -> str | None:
        """Lowest version that the new document may have; None if a document or a semantic version is missing."""
        if not self._has_versions or self.old_version is None:
            return None
        return next_version(self.old_version, self.step)

    @property
    def _has_versions(self) -> bool:
        return all(version is not None and is_version(version) for version in (self.old_version, self.new_version))

    @property
    def is_enough(self) -> bool:
        """Whether the new version is high enough for the changes.

        Without semantic versions, whether no change is breaking.
        """
        if self.old_version is None or self.new_version is None:
            return True
        if not self._has_versions:
            return self.step is not Step.MAJOR
        return is_enough(self.old_version, self.new_version, self.step)


class IncomparableError(ValidationError):
    """A document cannot be compared."""

    code = 3


def compare_documents(workspace: Workspace, name: str, old: Source | None, new: Source | None) -> Difference:
    """Compare two documents of one API, either of which may be missing.

    Raises:
        IncomparableError: A document is not OpenAPI 3, or a part that is compared is malformed.
    """
    problems = [problem for source in (old, new) if source is not None for problem in problems_of(source)]
    if problems:
        raise IncomparableError(problems)
    old, new = (_with_valid_extensions(workspace, source) for source in (old, new))
    changes = Changes()
    if old is None:
        changes.compatible(Direction.CLIENT, "the document is new", "no client of it existed before", old=None, new="")
    elif new is None:
        changes.breaking(Direction.CLIENT, "the document is gone", "callers have no client any more", old="", new=None)
    else:
        _servers(old.data, new.data, changes)
        OperationComparison(old.data, new.data, changes).run()
        _texts(old.data, new.data, "", changes)
        if not changes and _bare(old.data) != _bare(new.data):
            changes.neutral("the same statements in another form", old="", new="")
    return Difference(name, _version(old), _version(new), tuple(changes))


def _servers(old: dict[str, Any], new: dict[str, Any], changes: Changes) -> None:
    before, now = (
        {
            server["url"]: (child("/servers", index), server)
            for index, server in enumerate(document.get("servers") or [])
            if isinstance(server, dict) and isinstance(server.get("url"), str)
        }
        for document in (old, new)
    )
    for url, (at, server) in before.items():
        if url not in now:
            what, why = f"the server {url} is gone", "a caller that uses it fails"
            changes.breaking(Direction.REQUEST, what, why, old=at, new="/servers" if "servers" in new else None)
            continue
        to, other = now[url]
        for name, variable in server.get("variables", {}).items():
            there = other.get("variables", {}).get(name, {})
            _values(name, variable.get("enum"), there.get("enum"), at, to, changes)
            chosen = there.get("default")
            if variable.get("default") != chosen:
                what = f"the default of {name} is {chosen} now, and was {variable.get('default')}"
                why = "a caller that uses the default sends to another host"
                variable_pointer = child("/variables", name)
                changes.breaking(Direction.REQUEST, what, why, old=at + variable_pointer, new=to + variable_pointer)
    for url, (to, _) in now.items():
        if url not in before:
            why = "the other servers are still valid"
            changes.compatible(Direction.REQUEST, f"the server {url} is new", why, old=None, new=to)


def _values(name: str, before: list[str] | None, now: list[str] | None, at: str, to: str, changes: Changes) -> None:
    """Compare the allowed values of a server's variable. None allows any value."""
    pointer = child("/variables", name)
    if now is not None and (before is None or not set(before) <= set(now)):
        what = f"{name} is one of {', '.join(now)} now"
        why = "a caller that uses another value has no server"
        changes.breaking(Direction.REQUEST, what, why, old=at + pointer, new=to + pointer)
    elif before is not None and (now is None or not set(now) <= set(before)):
        what = f"{name} may have other values than {', '.join(before)}"
        changes.compatible(
            Direction.REQUEST, what, "the old values are still valid", old=at + pointer, new=to + pointer
        )


def _texts(old: Any, new: Any, pointer: str, changes: Changes, *, names: bool = False) -> None:
    """Compare neutral parts at the same pointer of both documents. With `names`, the keys here are not keywords."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            here = child(pointer, key)
            if (key in TEXTS or (str(key).startswith("x-") and key not in COMPARED)) and not names:
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
    """Return the document without its version: a new version alone is not a change."""
    return {**document, "info": {key: value for key, value in (document.get("info") or {}).items() if key != "version"}}


def _version(source: Source | None) -> str | None:
    return str((source.data.get("info") or {}).get("version", "")) if source else None


def _with_valid_extensions(workspace: Workspace, source: Source | None) -> Source | None:
    """Return the document without extensions that have the name of one of ours, but another form."""
    if source is None:
        return None

    def kept(value: Any) -> Any:
        if isinstance(value, list):
            return [kept(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            key: kept(member)
            for key, member in value.items()
            if not (key in COMPARED and key in workspace.schemas and any(violations(workspace.schemas[key], member)))
        }

    return attrs.evolve(source, data=kept(source.data))


_WORST_FIRST = list(Effect)


def as_text(differences: Sequence[Difference]) -> str:
    """Return a paragraph for each document, the worst changes first."""
    return "\n".join(line for each in differences for line in _paragraph(each))


def as_json(differences: Sequence[Difference]) -> str:
    """Return one object with a list of documents."""
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
        return f"removed after {each.old_version}; the version of the package must have a breaking step"
    versions = f"{each.old_version} -> {each.new_version}"
    if not each.changes:
        return f"no change, {versions}"
    step = f"a {each.step} step, {versions}"
    if each.least_version is None:
        return f"{step}: both versions must be MAJOR.MINOR.PATCH to be compared"
    return step if each.is_enough else f"{step}: info.version must be at least {each.least_version}"


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
