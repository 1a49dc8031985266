"""The page of all contradictions: what the vendor's page says, what speaks against it, and the decision."""

from __future__ import annotations

from collections.abc import Iterator

from generator.docs.context import BundledService, Page, SiteContext
from generator.docs.service_page.provenance import both_sides, links, mark, one_line
from generator.docs.strict_mapping import SourceFile, StrictMapping
from generator.errors import Problem, ValidationError


def contradictions_page(context: SiteContext) -> Page:
    """Return the contradictions of all services. Raises `ValidationError` for a key that is not shown."""
    problems: list[Problem] = []
    description = "Where the vendors' pages disagree with themselves or with other evidence, and what was decided."
    page = Page.from_parts("contradictions", description, _parts(context, problems))
    if problems:
        raise ValidationError(problems)
    return page


def _parts(context: SiteContext, problems: list[Problem]) -> Iterator[str]:
    count = sum(len(each.contradictions) for each in context.services)
    yield "# Contradictions"
    yield (
        f"The {len(context.services)} pages that the documents were written from disagree with themselves, with their "
        f"examples or with what else is known in {count} places. Each is written down with its decision, and with "
        "checks on the recorded replies and on the document: when one stops being true, the build fails."
    )
    for each in context.services:
        page = each.evidence["page"]
        yield f"## {each.title} {{ #{each.name} }}"
        yield f"“{page['title']}”. {page['edition']}. [The whole service](services/{each.name}.md)."
        file = SourceFile(each.evidence, each.service.evidence, problems)
        for index in range(len(each.evidence["contradictions"])):
            with file.reading(f"/contradictions/{index}") as entry:
                yield f"### {entry.get('title')} {{ #{entry.get('id')} }}"
                yield "\n".join(_lines(each, entry))


def _lines(bundled: BundledService, entry: StrictMapping) -> Iterator[str]:
    sides = both_sides({key: entry.get(key) for key in ("page", "other", "decision")})
    yield f"{sides} {mark(entry.get('confidence'))}".rstrip()
    yield f"- **For a caller:** {one_line(entry.get('consequence'))}"
    documents = [pattern for row in entry.get("rows") for pattern in bundled.entries[row].get("documents", [])]
    if found := links(bundled, [*documents, *entry.get("resolution", {})], f"services/{bundled.name}.md"):
        yield f"- **Where:** {found}"
    subjects = [f"`{each['recording']}`" if "recording" in each else "the document" for each in entry.get("checks")]
    counts = {each: subjects.count(each) for each in subjects}
    checks = [f"{count} check{'s' if count > 1 else ''} on {subject}" for subject, count in counts.items()]
    yield f"- **Held by:** {', '.join(checks)}"
    if "explains" in entry:
        findings = [f"`{each['recording']}` breaks `{each['rule']}`" for each in entry.get("explains")]
        yield f"- **Accounts for:** {', '.join(findings)}"
