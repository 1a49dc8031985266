"""Puts the page of a service together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.docs.context import BundledService, Page, SiteContext
from generator.docs.macros import fill
from generator.docs.plain_markdown import plain
from generator.docs.service_page.examples import example_responses, examples
from generator.docs.service_page.operations import details, introduction, schemes
from generator.docs.service_page.provenance import CONFIDENCE, contradiction, evidence, mark, support
from generator.docs.service_page.samples import samples
from generator.docs.service_page.schema_text import code as code_of
from generator.docs.service_page.schemas import schemas
from generator.docs.strict_mapping import SourceFile, StrictMapping
from generator.errors import ValidationError


def service_page(material: SiteContext, each: BundledService) -> Page:
    """The page of one service. Raises `Refused` where its files have something that is not shown."""
    document = SourceFile(each.document, each.service.document)
    statements = list(_statements(material, each, document))
    file = SourceFile(each.evidence, each.service.evidence, document.problems)
    rest = [
        *_of_the_page(each, _joined(statements)),
        "</div>\n\n</div>",
        *evidence(each, file),
    ]
    if document.problems:
        raise ValidationError(document.problems)
    shown, copied, problems = fill(_joined([*statements, *rest]), material, f"services/{each.name}")
    if problems:
        raise ValidationError(problems)
    return Page(f"services/{each.name}", f"{each.document['info']['summary']}.", shown, plain(copied), layout="wide")


def _statements(material: SiteContext, each: BundledService, document: SourceFile) -> Iterator[str]:
    code = material.client.service(each.name)
    with document.reading("") as whole:
        yield f"# {each.title}"
        yield '<div class="reference" markdown>\n\n<div class="introduction" markdown>'
        yield from _facts(material, each, document, whole)
        whole.get("info")
        whole.get("paths")
        for operation in each.service.operations:
            yield introduction(operation)
        yield "</div>"
        yield '<div class="aside" tabindex="0" role="region" aria-label="Samples and recorded replies" markdown>'
        for operation in each.service.operations:
            yield "### Request"
            yield samples(material, each, operation, code)
            yield "### Recorded replies"
            yield from example_responses(each, operation.id, document.problems)
        yield '</div>\n\n<div class="body" markdown>'
        for operation in each.service.operations:
            yield from details(each, document, operation)
        with document.reading(whole.at("components")) as parts:
            # Parameters are shown with their operations.
            parts.get("parameters")
            if parts.get("securitySchemes"):
                yield "## Credentials"
                yield from schemes(material, each, document)
            if parts.get("schemas"):
                yield "## Fields"
                yield from schemas(each, document, code, examples(each.document))


def _facts(material: SiteContext, each: BundledService, document: SourceFile, whole: StrictMapping) -> Iterator[str]:
    page = each.evidence["page"]
    code = material.client.service(each.name)
    with document.reading("/info") as info:
        yield f"{info.get('summary')}.\n{{: .lead }}"
        yield info.get("description")
        info.get("title")
        version = info.get("version")
    files = " and ".join(f"[{kind.upper()}](../openapi/{each.name}.{kind})" for kind in ("yaml", "json"))
    facts = [
        ("Vendor's page", f"“{page['title']}”. {page['edition']}."),
        ("Document", f"OpenAPI {whole.get('openapi')}, version {version}: {files}"),
        ("Python", f"[`{code.client}`, `{code.async_client}`](../python/{each.name}.md)"),
    ]
    for index, _ in enumerate(whole.get("servers")):
        facts.append(("Server", f'<a id="server"></a>{_server(each, document, f"/servers/{index}")}'))
    for index, _ in enumerate(whole.get("tags", [])):
        with document.reading(f"/tags/{index}") as tag:
            facts.append(("Tag", f"{code_of(tag.get('name'))}: {tag.get('description')}."))
    yield "\n\n".join(f"{term}\n:   {said}" for term, said in facts)
    yield "; ".join(f"{mark(word)}: {says}" for word, says in CONFIDENCE.items()) + ".\n{: .meta }"


def _server(each: BundledService, document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as server:
        parts = [f"{code_of(server.get('url'))}. {server.get('description', '')}"]
        for variable in server.keys_of("variables"):
            with document.reading(variable) as value:
                name = variable.rpartition("/")[2]
                parts.append(f"`{name}`: {value.get('description', '')} For example {code_of(value.get('default'))}.")
        parts.append(support(each, server))
    return " ".join(part for part in parts if part)


def _of_the_page(each: BundledService, text: str) -> Iterator[str]:
    """Contradictions that concern no single statement of the document."""
    left = [entry for name, entry in each.contradictions.items() if f"#{name})" not in text]
    if left:
        yield "## The page as a whole"
    for entry in left:
        yield contradiction(entry, f"../contradictions.md#{entry['id']}")


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
