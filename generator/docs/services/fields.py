"""The component schemas of a document, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.material import Prepared
from generator.docs.python import ServiceCode
from generator.docs.reading import Document, Reading
from generator.docs.services import jobs
from generator.docs.services.anchors import anchor
from generator.docs.services.recorded import shown
from generator.docs.services.support import confidence, contradictions, support
from generator.docs.services.types import code as code_of
from generator.docs.services.types import type_of


def schemas(each: Prepared, document: Document, code: ServiceCode, examples: dict[str, list[Any]]) -> Iterator[str]:
    """A section for each component schema, in the order of the document."""
    for name in document.data["components"].get("schemas", {}):
        yield from _schema(each, document, code, examples, name)


def statement(each: Prepared, reading: Reading, name: str, meta: list[str], lines: list[str], level: int = 4) -> str:
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
    each: Prepared, document: Document, code: ServiceCode, examples: dict[str, list[Any]], name: str
) -> Iterator[str]:
    names = code.fields(name)
    with document.reading(f"/components/schemas/{name}") as schema:
        word, limits = type_of(schema)
        yield statement(each, schema, f"`{name}`", [word], limits, level=3)
        required = schema.get("required", [])
        for pointer in schema.keys_of("properties"):
            yield _field(each, document, pointer, names, required, examples.get(pointer, []))
        if "x-job" in schema:
            yield f"**How a job is read from `{name}`**\n\n{jobs.job(document, schema.at('x-job'))}"
        if "x-error" in schema:
            yield f"**How an error is read from `{name}`**\n\n{jobs.error(document, schema.at('x-error'))}"


def _field(
    each: Prepared, document: Document, pointer: str, names: dict[str, str], required: list[str], examples: list[Any]
) -> str:
    wire = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    with document.reading(pointer) as field:
        word, limits = type_of(field)
        always = "always there" if wire in required else "may be absent"
        python = f"in Python `{names[wire]}`" if names.get(wire, wire) != wire else ""
        if examples:
            limits.append(f"Recorded: {', '.join(code_of(shown(value)) for value in examples[:3])}")
        return statement(each, field, f"`{wire}`", [word, always, python], limits)
