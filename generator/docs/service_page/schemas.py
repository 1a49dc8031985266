"""Component schemas, field by field: types and limits in words, examples; and the tree of a response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...documents import OperationRef
from ...documents.json_pointer import child, find, resolve, segments
from ...documents.schema_view import FlatSchema, conditions, flatten, is_one_of, known_values
from ..context import BundledService, ServiceCode, SourceFile, StrictMapping
from ..escaping import code_of
from ..translation import say
from . import job_mapping
from .provenance import anchor, known_issues, mark, support


def schemas(
    bundled: BundledService, document: SourceFile, code: ServiceCode, examples: dict[str, list[Any]]
) -> Iterator[str]:
    """Yield a section for each component schema, in the order of the document."""
    for name in document.data["components"].get("schemas", {}):
        names = code.fields(document.data["components"]["schemas"][name].get("x-model", name))
        with document.reading(f"/components/schemas/{name}") as schema:
            word, limits = type_of(schema)
            yield statement(bundled, schema, f"`{name}`", [word], limits, level=3)
            required, conditional = schema.get("required", []), condition_lines(schema)
            for pointer in schema.keys_of("properties"):
                conditions = conditional.get(segments(pointer)[-1], [])
                yield _field(bundled, document, pointer, names, required, conditions, examples.get(pointer, []))
            if "x-model" in schema:
                yield say("In Python, the class {}.", f"`{schema.get('x-model')}`")
            if "x-job" in schema:
                yield f"**{say('How a job is read from {}', f'`{name}`')}**"
                yield job_mapping.job(document, schema.at("x-job"))
            if "x-error" in schema:
                yield f"**{say('How an error is read from {}', f'`{name}`')}**"
                yield job_mapping.error(document, schema.at("x-error"))


def _field(
    bundled: BundledService,
    document: SourceFile,
    pointer: str,
    names: dict[str, str],
    required: list[str],
    conditions: list[str],
    examples: list[Any],
) -> str:
    wire = segments(pointer)[-1]
    with document.reading(pointer) as field:
        word, limits = type_of(field)
        limits += conditions
        always = say("always present" if wire in required else "may be absent")
        python = say("in Python {}", f"`{names[wire]}`") if names.get(wire, wire) != wire else ""
        if examples:
            limits.append(say("Recorded: {}", ", ".join(code_of(example_value(value)) for value in examples[:3])))
        return statement(bundled, field, f"`{wire}`", [word, always, python], limits)


def statement(
    bundled: BundledService, mapping: StrictMapping, name: str, meta: list[str], lines: list[str], level: int = 4
) -> str:
    """Return a named block: type, description, limits, evidence and contradictions.

    Args:
        meta: The line below the name, without the confidence.
        lines: Limits and examples, one a line.
    """
    meta = [part for part in (*meta, mark(mapping.get("x-confidence"))) if part]
    parts = [
        f"{'#' * level} {name} {{ #{anchor(mapping.file.data, mapping.pointer)} }}",
        f"{' · '.join(meta)}\n{{: .meta }}" if meta else "",
        mapping.get("description", ""),
        "\n".join(f"- {line}" for line in lines),
        *known_issues(bundled, mapping),
        f"{supported}\n{{: .support }}" if (supported := support(bundled, mapping)) else "",
    ]
    return '<div class="statement" markdown>\n\n' + "\n\n".join(part for part in parts if part) + "\n\n</div>"


def tree(document: dict[str, Any], pointer: str) -> str:
    """Return the fields below a schema as a list of lists. A component inside itself is named, not entered again."""
    return "\n".join(_tree_lines(flatten(document, pointer), (), 0))


def _tree_lines(schema: FlatSchema, inside: tuple[str, ...], depth: int) -> Iterator[str]:
    schema = _object(schema)
    if not schema.component or schema.component in inside:
        return
    inside = (*inside, schema.component)
    for name in schema.properties:
        member = schema.declared(name)
        inner = _object(member).component
        types = inner or say(" or ").join(map(say, member.types)) or say("any")
        word = say("array of {}", inner) if inner and member.items.roots else types
        again = say(", again as above") if inner in inside else ""
        yield f"{'    ' * depth}- [`{name}`](#{anchor(schema.document, member.roots[0])}) {word}{again}"
        yield from _tree_lines(member, inside, depth + 1)


def _object(schema: FlatSchema) -> FlatSchema:
    """Return the schema of a component, or of the items or values of a schema."""
    inner = schema.items if schema.items.roots else schema.others
    return schema if schema.component or not inner.roots else _object(inner)


_LIMITS = {
    "const": "Always {}",
    "enum": "One of {}",
    "anyOf": "Known values: {}; there may be others",
    "default": "Default: {}",
    "minimum": "At least {}",
    "maximum": "At most {}",
    "minLength": "At least {} characters",
    "maxLength": "At most {} characters",
    "minItems": "At least {} items",
    "maxItems": "At most {} items",
    "pattern": "Pattern: {}",
    "format": "Format: {}",
    "contentMediaType": "Holds text of the media type {}",
    "examples": "For example {}",
}
"""Keywords that limit a value, in words."""
_FORMATS = {
    "int32": ", signed, 32 bits",
    "int64": ", signed, 64 bits",
    "float": ", single precision",
    "double": ", double precision",
}


def type_of(schema: StrictMapping) -> tuple[str, list[str]]:
    """Return the type, with links to components, and one sentence for each limit."""
    return _word(schema), list(_limits(schema))


def _word(schema: StrictMapping) -> str:
    if "$ref" in schema:
        target = schema.get("$ref")[1:]
        return f"[{target.rpartition('/')[2]}](#{anchor(schema.file.data, target)})"
    if "anyOf" in schema and known_values(schema.value) is None:
        return say(" or ").join(_inner(schema.file, each) for each in schema.keys_of("anyOf"))
    types = schema.get("type", "any")
    word = say(" or ").join(map(say, [types] if isinstance(types, str) else types))
    if "items" in schema:
        word = say("{} of {}", word, _inner(schema.file, schema.at("items")))
    if "additionalProperties" in schema:
        value = schema.get("additionalProperties")
        if isinstance(value, dict):
            word = say("{} of {} by name", word, _inner(schema.file, schema.at("additionalProperties")))
        else:
            word = say("{} of anything by name" if value else "{} of these fields alone", word)
    return word


def _inner(document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as schema:
        word, limits = type_of(schema)
        limits += [schema.get("description")] if "description" in schema else []
    return f"{word} ({'; '.join(limits)})" if limits else word


def _limits(schema: StrictMapping) -> Iterator[str]:
    for keyword, words in _LIMITS.items():
        if keyword in schema and (keyword != "anyOf" or known_values(schema.value) is not None):
            value = schema.get(keyword)
            values = value if keyword in ("enum", "examples") else [value]
            if keyword == "anyOf":
                values = known_values(schema.value) or []
            text = say(words, ", ".join(map(code_of, values))).removesuffix("s" if value == 1 else "")
            yield text + (say(_FORMATS[value]) if keyword == "format" and value in _FORMATS else "")


def condition_lines(schema: StrictMapping) -> dict[str, list[str]]:
    """Return a sentence for each condition of a schema, by the name of the property that it constrains."""
    found: dict[str, list[str]] = {}
    # The bundled document adds to each condition that other properties are allowed.
    for keyword in ("dependentSchemas", "if", "then", "unevaluatedProperties"):
        schema.get(keyword)
    for condition in conditions(schema.value, schema.pointer):
        consequence = is_one_of(condition.path[-1:], condition.values, code_of)
        if condition.field:
            found.setdefault(condition.field, []).append(say("Only when {}", consequence))
        else:
            when = say(" and ").join(is_one_of(*each, code_of) for each in condition.when)
            of_each = say(" of each item") if "*" in condition.path else ""
            consequence = consequence.replace(" is ", f"{of_each} is ", 1)
            found.setdefault(condition.path[0], []).append(say("When {}, {}", when, consequence))
    return found


def body_of(document: SourceFile, pointer: str) -> tuple[str, list[str]]:
    """Return the type of a body, and the dotted names of the fields that the response requires beyond its type."""
    with document.reading(pointer) as schema:
        if "allOf" not in schema:
            return type_of(schema)[0], []
        members = schema.keys_of("allOf")
    promises = [each for each in members if resolve(document.data, each).keys() <= {"required", "properties"}]
    words = [_inner(document, each) for each in members if each not in promises]
    return say(" and ").join(words), [name for each in promises for name in _promised(document, each, "")]


def success_bodies(document: dict[str, Any], operation: OperationRef) -> Iterator[str]:
    """Yield the pointers of the schemas of an operation's 2xx responses."""
    for pointer, _ in find(document, f"{operation.pointer}/responses/*/content/*/schema"):
        if segments(pointer)[4].startswith("2"):
            yield pointer


def _promised(document: SourceFile, pointer: str, before: str) -> Iterator[str]:
    with document.reading(pointer) as part:
        for name in part.get("required", []):
            yield f"{before}{name}"
        for inner in part.keys_of("properties"):
            yield from _promised(document, inner, f"{before}{inner.rpartition('/')[2]}.")


_LONGEST = 90
"""Characters of an example value that are shown."""


def examples(document: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the distinct values in recordings, by the pointer of their property."""
    found: dict[str, list[Any]] = {}

    def walk(schema: FlatSchema, value: Any) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                known = schema.member(name)
                for pointer in known.roots if not isinstance(member, dict | list) else ():
                    if member not in found.setdefault(pointer, []):
                        found[pointer].append(member)
                walk(known, member)
        if isinstance(value, list):
            for item in value:
                walk(schema.items, item)

    for pointer, media in find(document, "/paths/*/*/responses/*/content/*"):
        for example in media.get("examples", {}).values():
            walk(flatten(document, child(pointer, "schema")), example["value"])
    return found


def example_value(value: Any) -> str:
    """Return an example value on one line, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
