"""Component schemas, field by field, and the tree of a response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...documents.json_pointer import segments
from ...documents.schema_view import FlatSchema, flatten
from ..context import BundledService, ServiceCode
from ..strict_mapping import SourceFile, StrictMapping
from . import job_mapping
from .examples import example_value
from .provenance import contradictions, mark, support
from .schema_text import anchor, condition_lines, type_of
from .schema_text import code as code_of


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
                yield f"In Python, the class `{schema.get('x-model')}`."
            if "x-job" in schema:
                yield f"**How a job is read from `{name}`**\n\n{job_mapping.job(document, schema.at('x-job'))}"
            if "x-error" in schema:
                yield f"**How an error is read from `{name}`**\n\n{job_mapping.error(document, schema.at('x-error'))}"


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
        always = "always there" if wire in required else "may be absent"
        python = f"in Python `{names[wire]}`" if names.get(wire, wire) != wire else ""
        if examples:
            limits.append(f"Recorded: {', '.join(code_of(example_value(value)) for value in examples[:3])}")
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
        *contradictions(bundled, mapping),
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
        word = f"array of {inner}" if inner and member.items.roots else inner or " or ".join(member.types) or "any"
        again = ", again as above" if inner in inside else ""
        yield f"{'    ' * depth}- [`{name}`](#{anchor(schema.document, member.roots[0])}) {word}{again}"
        yield from _tree_lines(member, inside, depth + 1)


def _object(schema: FlatSchema) -> FlatSchema:
    """Return the schema of a component, or of the items or values of a schema."""
    inner = schema.items if schema.items.roots else schema.others
    return schema if schema.component or not inner.roots else _object(inner)
