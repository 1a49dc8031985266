"""What the vendor's page says, row by row, and what else a document rests on: each entry with a link of its own."""

from __future__ import annotations

from collections.abc import Iterator

from generator.docs.material import Prepared
from generator.docs.reading import Document, Reading
from generator.docs.services.anchors import anchor
from generator.docs.services.readings import readings
from generator.docs.services.types import code
from generator.docs.tables import rows
from generator.documents.json_pointer import find


def evidence(each: Prepared, file: Document) -> Iterator[str]:
    """The entries of the evidence file; its contradictions are on a page of their own."""
    with file.reading("") as whole:
        whole.get("service")
        whole.get("contradictions")
        yield "## Evidence"
        with file.reading(whole.at("page")) as page:
            yield (
                f"Every row of “{page.get('title')}” ({page.get('edition')}), and where it stands in the document. The "
                f"page was read with the SHA-256 `{page.get('sha256')}`."
            )
        yield rows(("Row", "On the page", "Says", "Carried by"), [*_rows(each, file, whole.keys_of("rows"))])
        if observed := whole.keys_of("observed"):
            yield "### Seen in recorded replies alone"
            yield rows(("Entry", "Seen in", "Says", "Carried by"), [*_rows(each, file, observed)])
        if facts := whole.keys_of("facts"):
            yield "### Known from elsewhere"
            yield rows(("Fact", "Confidence", "Says", "Origin", "Supports"), [*_facts(each, file, facts)])
        if told := whole.keys_of("readings"):
            yield "### How a job is read"
            yield from readings(file, told)


def _rows(each: Prepared, file: Document, pointers: list[str]) -> Iterator[tuple[str, ...]]:
    for pointer in pointers:
        with file.reading(pointer) as row:
            seen = [f"`{place['recording']}` at `{place['pointer']}`" for place in row.get("seen_in", [])]
            yield _id(row), row.get("place") or ", ".join(seen), _says(row), _carried(each, row)


def _facts(each: Prepared, file: Document, pointers: list[str]) -> Iterator[tuple[str, ...]]:
    for pointer in pointers:
        with file.reading(pointer) as fact:
            supports = _links(each, list(fact.get("supports")))
            yield _id(fact), fact.get("confidence"), fact.get("says"), fact.get("origin"), supports


def _id(entry: Reading) -> str:
    name = entry.get("id")
    return f'<a id="{name}"></a>`{name.partition(".")[2]}`'


def _says(row: Reading) -> str:
    """The columns of a row, as far as it has them."""
    parts = [f"{row.get('kind')} {code(row.get('name'))}"]
    if "type" in row:
        parts.append(f"type “{row.get('type')}”")
    if "component" in row:
        parts.append(f"which is `{row.get('component')}`")
    if "mandatory" in row:
        parts.append("mandatory" if row.get("mandatory") else "optional")
    if "values" in row:
        values = ", ".join(code(value) for value in row.get("values"))
        parts.append(f"{'such as' if row.get('open') else 'values'} {values}")
    parts += [f"{key} {code(row.get(key))}" for key in ("default", "minimum", "maximum") if key in row]
    return ", ".join(parts) + (f". {row.get('note')}" if "note" in row else "")


def _carried(each: Prepared, row: Reading) -> str:
    if "rejected_by" in row:
        name = row.get("rejected_by")
        return f"rejected: [{each.contradictions[name]['title']}](../contradictions.md#{name})"
    return _links(each, row.get("carried_by"))


def _links(each: Prepared, patterns: list[str]) -> str:
    found = [pointer for pattern in patterns for pointer, _ in find(each.service.document.data, pattern)]
    names = dict.fromkeys(anchor(each.document, pointer) for pointer in found)
    return ", ".join(f"[`{name}`](#{name})" for name in names if name)
