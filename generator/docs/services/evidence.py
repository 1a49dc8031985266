"""What the vendor's page says, row by row, and what else a document rests on: each entry with a link of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.material import Prepared
from generator.docs.services.anchors import anchor
from generator.docs.services.types import code
from generator.docs.tables import rows
from generator.documents.pointers import find


def evidence(each: Prepared) -> Iterator[str]:
    """The entries of the evidence file."""
    data = each.evidence
    yield "## Evidence"
    yield (
        f"Every row of “{data['page']['title']}”, and where it stands in the document. The page was read with the "
        f"SHA-256 `{data['page']['sha256']}`."
    )
    yield rows(("Row", "On the page", "Says", "Carried by"), [_row(each, row) for row in data["rows"]])
    if data["observed"]:
        yield "### Seen in recorded replies alone"
        yield rows(("Entry", "Says", "Carried by"), [_observed(each, entry) for entry in data["observed"]])
    if data["facts"]:
        yield "### Known from elsewhere"
        yield rows(("Fact", "Confidence", "Says", "Origin"), [_fact(fact) for fact in data["facts"]])


def _row(each: Prepared, row: dict[str, Any]) -> tuple[str, ...]:
    return _id(row), row["place"], _says(row), _carried(each, row)


def _observed(each: Prepared, entry: dict[str, Any]) -> tuple[str, ...]:
    seen = ", ".join(f"`{place['recording']}`" for place in entry["seen_in"])
    return _id(entry), f"{_says(entry)}; in {seen}", _carried(each, entry)


def _fact(fact: dict[str, Any]) -> tuple[str, ...]:
    return _id(fact), fact["confidence"], fact["says"], fact["origin"]


def _id(entry: dict[str, Any]) -> str:
    return f'<a id="{entry["id"]}"></a>`{entry["id"].partition(".")[2]}`'


def _says(row: dict[str, Any]) -> str:
    """The columns of a row, as far as it has them."""
    parts = [f"{row['kind']} {code(row['name'])}"]
    if "type" in row:
        parts.append(f"type “{row['type']}”")
    if "mandatory" in row:
        parts.append("mandatory" if row["mandatory"] else "optional")
    if "values" in row:
        values = ", ".join(code(value) for value in row["values"])
        parts.append(f"{'such as' if row.get('open') else 'values'} {values}")
    parts += [f"{key} {code(row[key])}" for key in ("default", "minimum", "maximum") if key in row]
    return ", ".join(parts) + (f". {row['note']}" if "note" in row else "")


def _carried(each: Prepared, row: dict[str, Any]) -> str:
    if "rejected_by" in row:
        name = row["rejected_by"]
        return f"rejected: [{each.contradictions[name]['title']}](../contradictions.md#{name})"
    places = [pointer for pattern in row["carried_by"] for pointer, _ in find(each.service.document.data, pattern)]
    names = dict.fromkeys(anchor(each.document, pointer) for pointer in places)
    return ", ".join(f"[`{name}`](#{name})" for name in names if name)
