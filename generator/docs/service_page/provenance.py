"""Provenance: support of each statement, and the evidence row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.context import BundledService, rows
from generator.docs.service_page.job_mapping import interpretations
from generator.docs.service_page.schema_text import anchor, code
from generator.docs.strict_mapping import SourceFile, StrictMapping
from generator.documents.json_pointer import find

CONFIDENCE = {
    "documented": "a row of the vendor's page says so",
    "observed": "recorded replies or the vendor's other publications show it",
    "inferred": "it follows from the rest, and nothing shows it",
}


def confidence(reading: StrictMapping) -> str:
    """The confidence of a statement as a mark, or nothing where none is known."""
    word = reading.get("x-confidence")
    return mark(word) if word else ""


def mark(word: str) -> str:
    """A confidence, as it stands beside a statement."""
    return f'<span class="confidence {word}">{word}</span>'


def support(each: BundledService, reading: StrictMapping) -> str:
    """The evidence of a statement: each id with the place on the page, or the origin."""
    parts = []
    for name in reading.get("x-evidence", []):
        entry = each.entries.get(name)
        if entry:
            where = entry.get("section") or entry.get("confidence") or "recorded replies"
            parts.append(f"[`{name}`](#{name}) ({where})")
    return f"Evidence: {', '.join(parts)}" if parts else ""


def contradictions(each: BundledService, reading: StrictMapping) -> Iterator[str]:
    """What the page, its example and other evidence say against each other, where it concerns the reader."""
    for name in reading.get("x-contradictions", []):
        yield contradiction(each.contradictions[name], f"../contradictions.md#{name}")


def contradiction(entry: dict[str, Any], link: str) -> str:
    """One contradiction, told in short, with all of it to unfold."""
    return f"""<div class="contradiction" markdown>

**Contradiction: {entry["title"]}.** For a caller: {_line(entry["consequence"])}

<details markdown>
<summary>What the page says, and what speaks against it</summary>

{told(entry)}

[The whole contradiction]({link})

</details>

</div>"""


def told(entry: dict[str, Any]) -> str:
    """The two sides and the decision."""
    return f"""- **Page:** {_line(entry["page"])}
- **Against it:** {_line(entry["other"])}
- **Decision:** {_line(entry["decision"])}"""


def _line(text: str) -> str:
    return " ".join(text.split())


def evidence(each: BundledService, file: SourceFile) -> Iterator[str]:
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
        if pointers := whole.keys_of("interpretations"):
            yield "### How a job is read"
            yield from interpretations(file, pointers)


def _rows(each: BundledService, file: SourceFile, pointers: list[str]) -> Iterator[tuple[str, ...]]:
    for pointer in pointers:
        with file.reading(pointer) as row:
            seen = [f"`{place['recording']}` at `{place['pointer']}`" for place in row.get("observed_in", [])]
            yield _id(row), row.get("section") or ", ".join(seen), _says(row), _carried(each, row)


def _facts(each: BundledService, file: SourceFile, pointers: list[str]) -> Iterator[tuple[str, ...]]:
    for pointer in pointers:
        with file.reading(pointer) as fact:
            supports = _links(each, list(fact.get("supports")))
            yield _id(fact), fact.get("confidence"), fact.get("statement"), fact.get("origin"), supports


def _id(entry: StrictMapping) -> str:
    name = entry.get("id")
    return f'<a id="{name}"></a>`{name.partition(".")[2]}`'


def _says(row: StrictMapping) -> str:
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


def _carried(each: BundledService, row: StrictMapping) -> str:
    if "rejected_by" in row:
        name = row.get("rejected_by")
        return f"rejected: [{each.contradictions[name]['title']}](../contradictions.md#{name})"
    return _links(each, row.get("documents"))


def _links(each: BundledService, patterns: list[str]) -> str:
    found = [pointer for pattern in patterns for pointer, _ in find(each.service.document.data, pattern)]
    names = dict.fromkeys(anchor(each.document, pointer) for pointer in found)
    return ", ".join(f"[`{name}`](#{name})" for name in names if name)
