"""The page of a service: of one with evidence, and of one with an imported document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...errors import ValidationError
from ..context import BundledService, Page, SiteContext, SourceFile, StrictMapping, rows
from ..escaping import code_of
from ..macros import fill
from .operations import details, headers, introduction, schemes
from .provenance import CONFIDENCE, anchor, contradiction, evidence, mark, support
from .samples import example_responses, samples
from .schemas import examples, schemas


def service_page(context: SiteContext, bundled: BundledService) -> Page:
    """Return the page of one service. Raises `ValidationError` for content of its files that is not shown."""
    document = SourceFile(bundled.document, bundled.service.document)
    evidence_file = SourceFile(bundled.evidence, bundled.service.evidence, document.problems)
    statements = list(_statements(context, bundled, document))
    rest = [*_page_contradictions(bundled, _joined(statements)), "</div>\n\n</div>", *evidence(bundled, evidence_file)]
    if document.problems:
        raise ValidationError(document.problems)
    name, description = f"services/{bundled.name}", f"{bundled.document['info']['summary']}."
    return Page(name, description, fill(_joined([*statements, *rest]), context, name), layout="wide")


def _statements(context: SiteContext, bundled: BundledService, document: SourceFile) -> Iterator[str]:
    code = context.client.service(bundled.name)
    with document.reading("") as whole:
        yield f"# {bundled.title}"
        yield '<div class="reference" markdown>\n\n<div class="introduction" markdown>'
        yield from _facts(context, bundled, document, whole)
        whole.get("info")
        whole.get("paths")
        for operation in bundled.service.operations:
            yield introduction(operation)
        yield "</div>"
        yield '<div class="aside" tabindex="0" role="region" aria-label="Samples and recorded replies" markdown>'
        for operation in bundled.service.operations:
            yield "### Request"
            yield samples(context, bundled, operation, code)
            yield "### Recorded replies"
            yield from example_responses(bundled, operation.id, document.problems)
        yield '</div>\n\n<div class="body" markdown>'
        for operation in bundled.service.operations:
            yield from details(bundled, document, operation)
        with document.reading(whole.at("components")) as parts:
            # Parameters are shown with their operations.
            parts.get("parameters")
            if parts.get("headers"):
                yield "## Headers of responses"
                yield from headers(bundled, document)
            if parts.get("securitySchemes"):
                yield "## Credentials"
                yield from schemes(context, bundled, document)
            if parts.get("schemas"):
                yield "## Fields"
                yield from schemas(bundled, document, code, examples(bundled.document))


def _facts(context: SiteContext, bundled: BundledService, document: SourceFile, whole: StrictMapping) -> Iterator[str]:
    page = bundled.evidence["page"]
    code = context.client.service(bundled.name)
    with document.reading("/info") as info:
        yield f"{info.get('summary')}.\n{{: .lead }}"
        yield info.get("description")
        info.get("title")
        version = info.get("version")
        terms = _terms(document, info)
    title = f"“{page['title']}”"
    if "externalDocs" in whole:
        with document.reading(whole.at("externalDocs")) as published:
            title = f'[{title}]({published.get("url")} "{published.get("description", "")}")'
    files = ", ".join(f"[{kind.upper()}](../openapi/{bundled.name}.{kind})" for kind in ("yaml", "json"))
    files += ", and in [other formats](../documents.md)"
    facts = [
        ("Vendor's page", f"{title}. {page['edition']}."),
        ("Document", f"OpenAPI {whole.get('openapi')}, version {version}: {files}{terms}"),
        ("Python", f"[`{code.client}`, `{code.async_client}`](../python/{bundled.name}.md)"),
    ]
    for index, _ in enumerate(whole.get("servers")):
        name = anchor(bundled.document, f"/servers/{index}")
        facts.append(("Server", f'<a id="{name}"></a>{_server(bundled, document, f"/servers/{index}")}'))
    for index, _ in enumerate(whole.get("tags", [])):
        with document.reading(f"/tags/{index}") as tag:
            facts.append(("Tag", f"{code_of(tag.get('name'))}: {tag.get('description')}"))
    yield "\n\n".join(f"{term}\n:   {text}" for term, text in facts)
    yield "; ".join(f"{mark(word)}: {meaning}" for word, meaning in CONFIDENCE.items()) + ".\n{: .meta }"


def _terms(document: SourceFile, info: StrictMapping) -> str:
    """Return the licence of a document and its maintainers, as far as it names them."""
    terms = ""
    if "license" in info:
        with document.reading(info.at("license")) as licence:
            terms += f"; {licence.get('name')} ({code_of(licence.get('identifier') or licence.get('url', ''))})"
    if "contact" in info:
        with document.reading(info.at("contact")) as contact:
            terms += f"; {', '.join(contact.get(key) for key in ('name', 'url', 'email') if key in contact)}"
    return terms


def _server(bundled: BundledService, document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as server:
        parts = [f"{code_of(server.get('url'))}. {server.get('description', '')}"]
        for variable in server.keys_of("variables"):
            with document.reading(variable) as value:
                name = variable.rpartition("/")[2]
                values = ", ".join(map(code_of, value.get("enum", [])))
                known = f"One of {values}; " if values else ""
                about = f"{value.get('description')} " if "description" in value else ""
                parts.append(f"`{name}`: {about}{known}for example {code_of(value.get('default'))}.")
        parts.append(support(bundled, server))
    return " ".join(part for part in parts if part)


def _page_contradictions(bundled: BundledService, text: str) -> Iterator[str]:
    """Contradictions that concern no single statement of the document."""
    left = [entry for name, entry in bundled.contradictions.items() if f"#{name})" not in text]
    if left:
        yield "## The page as a whole"
    for entry in left:
        yield contradiction(entry)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def imported_page(context: SiteContext, bundled: BundledService) -> Page:
    """Return the page of a service with an imported document."""
    name, description = f"services/{bundled.name}", f"{bundled.title}, imported: operations and their methods."
    return Page(
        name, description, fill("\n\n".join(_imported_parts(context, bundled)) + "\n", context, name), layout="wide"
    )


def _imported_parts(context: SiteContext, bundled: BundledService) -> Iterator[str]:
    origin, code = bundled.document["x-imported"], context.client.service(bundled.name)
    files = ", ".join(f"[{kind.upper()}](../openapi/{bundled.name}.{kind})" for kind in ("yaml", "json"))
    yield f"# {bundled.title}"
    yield (
        f"This document was **imported** from {code_of(origin['file'])}, which its vendor publishes. It has no "
        "evidence: nothing here has been compared with a page or with recorded responses."
    )
    facts = [
        ("Document", f"OpenAPI {bundled.document['openapi']}, version {bundled.document['info']['version']}: {files}"),
        ("Python", f"[`{code.client}`, `{code.async_client}`](../python/{bundled.name}.md)"),
    ]
    if "overlay" in origin:
        facts.append(("Overlay", f"{code_of(origin['overlay'])}, which has the extensions of a job service"))
    yield "\n\n".join(f"{term}\n:   {text}" for term, text in facts)
    yield "## Operations"
    cells = []
    for operation in bundled.service.operations:
        marks = [word for key, word in _MARKS.items() if operation.definition.get(key)]
        request = code_of(f"{operation.method.upper()} {operation.path}")
        method = f"`{code.method(operation.id)}`{''.join(f', {mark}' for mark in marks)}"
        cells.append((request, method, str(operation.definition["summary"])))
    yield rows(("Request", "Method", "Summary"), cells)


_MARKS = {"deprecated": "deprecated", "x-poll": "awaited by `wait_for_job`", "x-pagination": "in pages"}
