"""The page of a service: of one with evidence, and of one with an imported document.

It begins with the needs of a caller: host, project, credentials, one call, its response, the errors to expect and the
known issues. The reference follows: operations, credentials, fields, recordings, the document and its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...documents.json_pointer import PointerNotFound
from ...documents.mappings import AuthSpec
from ...errors import ValidationError
from ..context import BundledService, Page, SiteContext, SourceFile, StrictMapping, rows
from ..escaping import code_of, mark_foreign, raw
from ..macros import fill
from ..translation import in_english, say
from .operations import details, expected_errors, headers, introduction, schemes
from .provenance import anchor, evidence, issue, support
from .samples import example_responses, samples
from .schemas import examples, schemas


def service_page(context: SiteContext, bundled: BundledService) -> Page:
    """Return the page of one service. Raises `ValidationError` for content of its files that is not shown."""
    document = SourceFile(bundled.document, bundled.service.document)
    text = "\n\n".join(part.strip("\n") for part in _parts(context, bundled, document) if part) + "\n"
    if document.problems:
        raise ValidationError(document.problems)
    description = say("{}.", bundled.document["info"]["summary"])
    edits = context.place(bundled.service.document.path)
    return Page(bundled.page, description, fill(text, context, bundled.page), layout="wide", edits=edits)


def _parts(context: SiteContext, bundled: BundledService, document: SourceFile) -> Iterator[str]:
    code = context.client.service(bundled.name)
    evidence_file = SourceFile(bundled.evidence, bundled.service.evidence, document.problems)
    operations = bundled.service.operations
    recorded = {each.id: example_responses(bundled, each.id, document.problems) for each in operations}
    with document.reading("") as whole:
        whole.get("paths")
        yield f"# {bundled.title}"
        yield '<div class="reference" markdown>\n\n<div class="introduction" markdown>'
        yield f"{say('{}.', bundled.document['info']['summary'])}\n{{: .lead }}"
        yield _links(context, bundled)
        yield from _needs(context, bundled, document, whole)
        for operation in operations:
            yield introduction(operation)
        yield "</div>"
        label = say("One call and its response")
        yield f'<div class="aside" tabindex="0" role="region" aria-label="{label}" markdown>'
        for operation in operations:
            yield f"### {say('Request')}"
            yield samples(context, bundled, operation, code)
            yield f"### {say('Response')}"
            yield from recorded[operation.id][:1]
        yield '</div>\n\n<div class="body" markdown>'
        yield f"## {say('Errors to expect')} {{ #errors }}"
        for operation in operations:
            if len(operations) > 1:
                yield f"**{operation.definition['summary']}**"
            yield from expected_errors(context, bundled, operation)
        yield from _known_issues(bundled, evidence_file)
        for operation in operations:
            yield f"## {say('{}: reference', operation.definition['summary'])} {{ #{operation.id}.reference }}"
            yield from details(bundled, document, operation)
        yield from _components(context, bundled, document, whole)
        others = [each for shown in recorded.values() for each in shown[1:]]
        if others:
            yield f"## {say('More recorded responses')} {{ #recordings }}"
            yield from others
        yield f"## {say('The document')} {{ #document }}"
        yield from _document(bundled, document, whole)
    yield from _changes(context, bundled)
    yield "</div>\n\n</div>"
    if bundled.language:
        link = f"[{say('The evidence is on the English page')}]({bundled.english}#evidence)"
        yield f"## {say('Evidence')} {{ #evidence }}\n\n{link}"
    else:
        yield from evidence(bundled, evidence_file)


def _links(context: SiteContext, bundled: BundledService) -> str:
    """Return links to the vendor's page, the document, the Python reference and the parts below."""
    links = [f"[{kind.upper()}]({bundled.base}openapi/{bundled.name}.{kind})" for kind in ("yaml", "json")]
    parts = [say("OpenAPI document: {}", ", ".join(links))]
    if published := bundled.document.get("externalDocs"):
        parts.insert(0, f"[{say('Page of the vendor')}]({published['url']})")
    code = context.client.service(bundled.name)
    parts.append(
        f"[{say('Python reference')}]({bundled.base}python/{bundled.name}.md) (`{code.client}`, `{code.async_client}`)"
    )
    if context.has_consoles:
        parts.append(f"[{say('Console')}]({bundled.base}console/{bundled.name}/index.html)")
    if bundled.contradictions:
        parts.append(f"[{say('Known issues: {}', len(bundled.contradictions))}](#issues)")
    return " · ".join(parts) + "\n{: .meta }"


def _needs(context: SiteContext, bundled: BundledService, document: SourceFile, whole: StrictMapping) -> Iterator[str]:
    """Yield what a call needs: host, project and other values given once, credentials."""
    facts: list[tuple[str, str]] = []
    regions: list[tuple[str, str]] = []
    for index, _ in enumerate(whole.get("servers")):
        pointer = f"/servers/{index}"
        text, hosts = _server(bundled, document, pointer)
        facts.append((say("Host"), f'<a id="{anchor(bundled.document, pointer)}"></a>{text}'))
        regions += hosts
    guide = f" [{say('How to find it')}]({bundled.base}credentials.md)" if "credentials" in context.guides else ""
    components = bundled.document["components"]
    for parameter in components.get("parameters", {}).values():
        if parameter.get("x-client-parameter"):
            text = f"{parameter.get('description', '')} {say('Set it once, on the client.')}{guide}"
            facts.append((f"`{parameter['name']}`", text))
    used = [name for each in bundled.service.operations for choice in each.definition["security"] for name in choice]
    kinds = []
    for name in dict.fromkeys(used):
        spec = AuthSpec.from_scheme(components["securitySchemes"][name])
        assert spec is not None, name
        link = f"[`{spec.header}`](#{anchor(bundled.document, f'/components/securitySchemes/{name}')})"
        kinds.append(say(_CREDENTIALS[spec.method], link))
    credentials = f"{say('{}.', say(' or ').join(kinds))}{guide}" if kinds else say("None is documented.")
    facts.append((say("Credentials"), credentials))
    yield "\n\n".join(f"{term}\n:   {text.strip()}" for term, text in facts)
    if regions:
        yield f"<details markdown>\n<summary>{say('Hosts of the {} regions', len(regions))}</summary>"
        yield rows((say("Region"), say("Host")), regions)
        yield "</details>"


_CREDENTIALS = {
    "token": "a token in the header {}",
    "aksk": "a signature in the header {}",
    "basic": "a user name and password in the header {}",
    "oauth2": "a token of OAuth 2 in the header {}",
}
"""Credentials in words, by the method of a security scheme."""


def _server(bundled: BundledService, document: SourceFile, pointer: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the text of a server, and the host of each value of its only variable."""
    hosts: list[tuple[str, str]] = []
    with document.reading(pointer) as server:
        address = server.get("url")
        parts = [f"{code_of(address)}. {server.get('description', '')}"]
        variables = server.keys_of("variables")
        for variable in variables:
            with document.reading(variable) as value:
                name, values = variable.rpartition("/")[2], value.get("enum", [])
                parts.append(value.get("description", ""))
                default = code_of(value.get("default"))
                if len(variables) == 1 and values:
                    hosts += [(code_of(each), code_of(address.replace(_in_braces(name), each))) for each in values]
                elif values:
                    parts.append(say("{}: one of {}.", f"`{name}`", ", ".join(map(code_of, values))))
                else:
                    parts.append(say("{}: for example {}.", f"`{name}`", default))
        parts.append(support(bundled, server))
    return " ".join(part for part in parts if part), hosts


def _in_braces(name: str) -> str:
    return str(mark_foreign(f"{{{raw(name)}}}"))


def _known_issues(bundled: BundledService, file: SourceFile) -> Iterator[str]:
    if bundled.contradictions:
        yield f"## {say('Known issues')} {{ #issues }}"
        yield say("The vendor's page and the service differ here, or the page contradicts itself.")
    for index in range(len(bundled.evidence["contradictions"])):
        with file.reading(f"/contradictions/{index}") as entry:
            yield '<div class="issue" markdown>'
            yield from issue(bundled, entry)
            yield "</div>"


def _components(
    context: SiteContext, bundled: BundledService, document: SourceFile, whole: StrictMapping
) -> Iterator[str]:
    with document.reading(whole.at("components")) as parts:
        # Parameters are shown with their operations.
        parts.get("parameters")
        if parts.get("headers"):
            yield f"## {say('Headers of responses')}"
            yield from headers(bundled, document)
        if parts.get("securitySchemes"):
            yield f"## {say('Credentials')} {{ #credentials }}"
            yield from schemes(context, bundled, document)
        if parts.get("schemas"):
            yield f"## {say('Fields')} {{ #fields }}"
            yield from schemas(bundled, document, context.client.service(bundled.name), examples(bundled.document))


def _document(bundled: BundledService, document: SourceFile, whole: StrictMapping) -> Iterator[str]:
    """Yield the description of the document: its edition, files, licence and tags."""
    page = bundled.evidence["page"]
    with document.reading("/info") as info:
        info.get("summary")
        info.get("title")
        yield info.get("description")
        version, terms = info.get("version"), _terms(document, info)
    whole.get("info")
    title = in_english(f"“{page['title']}”")
    if "externalDocs" in whole:
        with document.reading(whole.at("externalDocs")) as published:
            title = f'[{title}]({published.get("url")} "{published.get("description", "")}")'
    files = ", ".join(f"[{kind.upper()}]({bundled.base}openapi/{bundled.name}.{kind})" for kind in ("yaml", "json"))
    others = f"[{say('other formats')}]({bundled.base}documents.md)"
    facts = [
        (say("Page of the vendor"), f"{title}. {in_english(page['edition'])}."),
        (say("Document"), f"OpenAPI {whole.get('openapi')}, {say('version {}', version)}: {files}, {others}{terms}"),
    ]
    for index, _ in enumerate(whole.get("tags", [])):
        with document.reading(f"/tags/{index}") as tag:
            facts.append((say("Tag"), f"{code_of(tag.get('name'))}: {tag.get('description')}"))
    yield "\n\n".join(f"{term}\n:   {text}" for term, text in facts)


def _changes(context: SiteContext, bundled: BundledService) -> Iterator[str]:
    """Yield the changes of each version of the document, newest first: those that callers notice."""
    versions = context.changes(bundled.name)
    if not versions:
        return
    yield f"## {say('Changes of the document')} {{ #changes }}"
    if bundled.language:
        yield f"[{say('The changes are on the English page')}]({bundled.english}#changes)"
        return
    for version in versions:
        yield f"**{version['new_version']}**, after {version['old_version']}: a {version['step']} step."
        lines = []
        for change in (each for each in version["changes"] if each["effect"] != "neutral"):
            try:
                place = anchor(bundled.document, raw(change["new"] or ""))
            except (PointerNotFound, KeyError):
                place = ""
            text = f"{change['what']}: {change['why']}"
            lines.append(f"- **{change['effect']}:** {f'[{text}](#{place})' if place else text}")
        yield "\n".join(dict.fromkeys(lines)) or "Only descriptions and examples have changed."


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


def imported_page(context: SiteContext, bundled: BundledService) -> Page:
    """Return the page of a service with an imported document."""
    name, description = f"services/{bundled.name}", f"{bundled.title}, imported: operations and their methods."
    text = fill("\n\n".join(_imported_parts(context, bundled)) + "\n", context, name)
    return Page(name, description, text, layout="wide", edits=context.place(bundled.service.document.path))


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
    if context.has_consoles:
        facts.append(("Console", f"[send requests to the replay](../console/{bundled.name}/index.html)"))
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
