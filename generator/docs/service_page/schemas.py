"""Component schemas, field by field, and the tree of a response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.api_source import ServiceCode
from generator.docs.context import BundledService
from generator.docs.service_page import job_mapping
from generator.docs.service_page.examples import example_value
from generator.docs.service_page.provenance import confidence, contradictions, support
from generator.docs.service_page.schema_text import anchor, type_of
from generator.docs.service_page.schema_text import code as code_of
from generator.docs.strict_mapping import SourceFile, StrictMapping
from generator.documents.schema_view import FlatSchema, flatten


def tree(document: dict[str, Any], pointer: str) -> str:
    """The fields below a schema as a list of lists. A component inside itself is named, not entered again."""
    return "\n".join(_fields(flatten(document, pointer), (), 0))


def _fields(schema: FlatSchema, inside: tuple[str, ...], depth: int) -> Iterator[str]:
    schema = _object(schema)
    if not schema.component or schema.component in inside:
        return
    inside = (*inside, schema.component)
    for name in schema.properties:
        member = schema.declared(name)
        inner = _object(member).component
        word = f"array of {inner}" if inner and member.items.roots else inner or " or ".join(member.types) or "any"
        again = ", again as above" if inner in inside else ""
        yield f"{'    ' * depth}- [`{name}`](#{anchor(schema.document, member.roots[0])}) {word}{again}"
        yield from _fields(member, inside, depth + 1)


def _object(schema: FlatSchema) -> FlatSchema:
    """The component that a schema is, or that its items or values are."""
    inner = schema.items if schema.items.roots else schema.others
    return schema if schema.component or not inner.roots else _object(inner)


def schemas(
    each: BundledService, document: SourceFile, code: ServiceCode, examples: dict[str, list[Any]]
) -> Iterator[str]:
    """A section for each component schema, in the order of the document."""
    for name in document.data["components"].get("schemas", {}):
        yield from _schema(each, document, code, examples, name)


def statement(
    each: BundledService, reading: StrictMapping, name: str, meta: list[str], lines: list[str], level: int = 4
) -> str:
    """A thing with a name: what it is in a line, its description, its limits, where it comes from, what contradicts it.

    Args:
        meta: What stands in the line below the name, besides the confidence.
        lines: Limits and examples, one a line.
    """
    meta = [part for part in (*meta, confidence(reading)) if part]
    parts = [
        f"{'#' * level} {name} {{ #{anchor(reading.document.data, reading.pointer)} }}",
        f"{' · '.join(meta)}\n{{: .meta }}" if meta else "",
        reading.get("description", ""),
        "\n".join(f"- {line}" for line in lines),
        *contradictions(each, reading),
        f"{supported}\n{{: .support }}" if (supported := support(each, reading)) else "",
    ]
    return '<div class="statement" markdown>\n\n' + "\n\n".join(part for part in parts if part) + "\n\n</div>"


def _schema(
    each: BundledService, document: SourceFile, code: ServiceCode, examples: dict[str, list[Any]], name: str
) -> Iterator[str]:
    names = code.fields(name)
    with document.reading(f"/components/schemas/{name}") as schema:
        word, limits = type_of(schema)
        yield statement(each, schema, f"`{name}`", [word], limits, level=3)
        required = schema.get("required", [])
        for pointer in schema.keys_of("properties"):
            yield _field(each, document, pointer, names, required, examples.get(pointer, []))
        if "x-job" in schema:
            yield f"**How a job is read from `{name}`**\n\n{job_mapping.job(document, schema.at('x-job'))}"
        if "x-error" in schema:
            yield f"**How an error is read from `{name}`**\n\n{job_mapping.error(document, schema.at('x-error'))}"


def _field(
    each: BundledService,
    document: SourceFile,
    pointer: str,
    names: dict[str, str],
    required: list[str],
    examples: list[Any],
) -> str:
    wire = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    with document.reading(pointer) as field:
        word, limits = type_of(field)
        always = "always there" if wire in required else "may be absent"
        python = f"in Python `{names[wire]}`" if names.get(wire, wire) != wire else ""
        if examples:
            limits.append(f"Recorded: {', '.join(code_of(example_value(value)) for value in examples[:3])}")
        return statement(each, field, f"`{wire}`", [word, always, python], limits)
