"""One page with every contradiction: what the vendor's page says, what speaks against it, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator

from generator.docs.context import BundledService, Page, SiteContext
from generator.docs.plain_markdown import plain
from generator.docs.service_page.provenance import mark, told
from generator.docs.service_page.schema_text import anchor
from generator.docs.strict_mapping import SourceFile, StrictMapping
from generator.documents.json_pointer import find
from generator.errors import Problem, ValidationError


def contradictions_page(material: SiteContext) -> Page:
    """All contradictions of all services. Raises `Refused` where one has a key that is not shown."""
    problems: list[Problem] = []
    text = "\n\n".join(_page(material, problems)) + "\n"
    if problems:
        raise ValidationError(problems)
    description = "Where the vendors' pages disagree with themselves or with other evidence, and what was decided."
    return Page("contradictions", description, text, plain(text))


def _page(material: SiteContext, problems: list[Problem]) -> Iterator[str]:
    count = sum(len(each.contradictions) for each in material.services)
    yield "# Contradictions"
    yield (
        f"The {len(material.services)} pages that the documents were written from disagree with themselves, with their "
        f"examples or with what else is known in {count} places. Each is written down with its decision, and with "
        "checks on the recorded replies and on the document: when one stops being true, the build fails."
    )
    for each in material.services:
        page = each.evidence["page"]
        yield f"## {each.title} {{ #{each.name} }}"
        yield f"“{page['title']}”. {page['edition']}. [The whole service](services/{each.name}.md)."
        file = SourceFile(each.evidence, each.service.evidence, problems)
        for index, _ in enumerate(each.evidence["contradictions"]):
            with file.reading(f"/contradictions/{index}") as entry:
                yield from _entry(each, entry)


def _entry(each: BundledService, entry: StrictMapping) -> Iterator[str]:
    yield f"### {entry.get('title')} {{ #{entry.get('id')} }}"
    sides = told({key: entry.get(key) for key in ("page", "other", "decision")})
    confidence = f" {mark(entry.get('confidence'))}" if "confidence" in entry else ""
    lines = [f"{sides}{confidence}", f"- **For a caller:** {' '.join(entry.get('consequence').split())}"]
    if places := _places(each, entry):
        lines.append(f"- **Where:** {', '.join(places)}")
    lines.append(f"- **Held by:** {_checks(entry)}")
    if "explains" in entry:
        known = [f"`{known['recording']}` breaks `{known['rule']}`" for known in entry.get("explains")]
        lines.append(f"- **Accounts for:** {', '.join(known)}")
    yield "\n".join(lines)


def _places(each: BundledService, entry: StrictMapping) -> list[str]:
    """Where it shows, on the service's page."""
    carried = [pattern for row in entry.get("rows") for pattern in each.entries[row].get("documents", [])]
    patterns = [*carried, *entry.get("resolution", {})]
    found = [pointer for pattern in patterns for pointer, _ in find(each.document, pattern)]
    names = dict.fromkeys(anchor(each.document, pointer) for pointer in found)
    return [f"[`{name}`](services/{each.name}.md#{name})" for name in names if name]


def _checks(entry: StrictMapping) -> str:
    checks = entry.get("checks")
    on = [f"`{check['recording']}`" if "recording" in check else "the document" for check in checks]
    parts = [f"{_counted(on.count(where))} on {where}" for where in dict.fromkeys(on)]
    return ", ".join(parts)


def _counted(number: int) -> str:
    return f"{number} check{'s' if number > 1 else ''}"
