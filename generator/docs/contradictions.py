"""One page with every contradiction: what the vendor's page says, what speaks against it, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.copies import plain
from generator.docs.material import Material, Prepared
from generator.docs.page import Page
from generator.docs.services.anchors import anchor
from generator.docs.services.support import mark, told
from generator.documents.pointers import find


def contradictions_page(material: Material) -> Page:
    """All contradictions of all services."""
    text = "\n\n".join(_page(material)) + "\n"
    description = "Where the vendors' pages disagree with themselves or with other evidence, and what was decided."
    return Page("contradictions", description, text, plain(text))


def _page(material: Material) -> Iterator[str]:
    count = sum(len(each.contradictions) for each in material.services)
    yield "# Contradictions"
    yield (
        f"The {len(material.services)} pages that the documents were written from disagree with themselves, with their "
        f"examples or with what else is known in {count} places. Each is written down with its decision, and with "
        "checks on the recorded replies and on the document: when one stops being true, the build fails."
    )
    for each in material.services:
        yield f"## {each.title} {{ #{each.name} }}"
        yield f"“{each.evidence['page']['title']}”. {each.evidence['page']['edition']}."
        for entry in each.contradictions.values():
            yield from _entry(each, entry)


def _entry(each: Prepared, entry: dict[str, Any]) -> Iterator[str]:
    yield f"### {entry['title']} {{ #{entry['id']} }}"
    confidence = f" {mark(entry['confidence'])}" if "confidence" in entry else ""
    lines = [
        f"{told(entry)}{confidence}",
        f"- **For a caller:** {' '.join(entry['consequence'].split())}",
    ]
    if places := _places(each, entry):
        lines.append(f"- **Where:** {', '.join(places)}")
    lines.append(f"- **Held by:** {_checks(entry)}")
    yield "\n".join(lines)


def _places(each: Prepared, entry: dict[str, Any]) -> list[str]:
    """Where it shows, on the service's page."""
    carried = [pattern for row in entry["rows"] for pattern in each.entries[row].get("carried_by", [])]
    found = [
        pointer for pattern in [*carried, *entry.get("decides", {})] for pointer, _ in find(each.document, pattern)
    ]
    names = dict.fromkeys(anchor(each.document, pointer) for pointer in found)
    return [f"[`{name}`](services/{each.name}.md#{name})" for name in names if name]


def _checks(entry: dict[str, Any]) -> str:
    on = [f"`{check['recording']}`" if "recording" in check else "the document" for check in entry["checks"]]
    parts = [f"{on.count(where)} on {where}" for where in dict.fromkeys(on)]
    return f"{len(on)} check{'s' if len(on) > 1 else ''}, {', '.join(parts)}"
