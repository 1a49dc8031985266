"""An operation of a document: its request, its responses, and how jobs are waited for with it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.docs.context import BundledService, SiteContext
from generator.docs.service_page import job_mapping
from generator.docs.service_page.examples import phrase
from generator.docs.service_page.provenance import contradictions, support
from generator.docs.service_page.schema_text import anchor, body_of, code, of_recording, success_bodies, type_of
from generator.docs.service_page.schemas import statement, tree
from generator.docs.strict_mapping import SourceFile, StrictMapping
from generator.documents import OperationRef
from generator.documents.json_pointer import find

_PLACES = {"path": "In the path", "query": "In the query", "header": "In the header"}


def introduction(operation: OperationRef) -> str:
    """What an operation does. The rest of it follows in `details`, which finishes the reading."""
    definition = operation.definition
    lines = [
        f"## {definition['summary']} {{ #{operation.id} }}",
        f'<div class="request" markdown>\n\n**{operation.method.upper()}** `{operation.path}`\n\n</div>',
        definition["description"],
    ]
    return "\n\n".join(lines)


def details(each: BundledService, document: SourceFile, operation: OperationRef) -> Iterator[str]:
    """Everything else that is said of an operation."""
    with document.reading(operation.pointer) as reading:
        for shown in ("operationId", "summary", "description"):
            reading.get(shown)
        yield from contradictions(each, reading)
        tags = ", ".join(reading.get("tags", []))
        yield f"Operation `{operation.id}`, tagged {tags}. {support(each, reading)}\n{{: .support }}"
        yield "### Authentication"
        yield _authentication(document, reading)
        yield from _parameters(each, document, reading)
        yield from _glance(document, operation)
        yield "### Responses"
        for pointer in reading.keys_of("responses"):
            yield _response(each, document, pointer)
        if "x-poll" in reading or "x-pagination" in reading:
            yield "### Following a job"
            if list(find(document.data, "/components/schemas/*/x-job")):
                yield f"{{{{ picture: states {each.name} }}}}"
        if "x-poll" in reading:
            yield job_mapping.poll(document, reading.at("x-poll"))
        if "x-pagination" in reading:
            yield job_mapping.pagination(document, reading.at("x-pagination"))


def schemes(material: SiteContext, each: BundledService, document: SourceFile) -> Iterator[str]:
    """The security schemes."""
    for name in document.data["components"].get("securitySchemes", {}):
        with document.reading(f"/components/securitySchemes/{name}") as scheme:
            kind, place, header = scheme.get("type"), scheme.get("in"), scheme.get("name")
            with document.reading(scheme.at("x-auth")) as auth:
                method = auth.get("method")
                most = auth.get("maxLength")
            limits = [f"At most `{most}` characters"] if most else []
            meta = [f"{kind} in the {place} `{header}`", _given_as(material, method)]
            yield statement(each, scheme, f"`{name}`", meta, limits, level=3)


_CLASSES = {"token": ("Token", "IamPassword"), "aksk": ("AkSk",)}
"""What of the client's `auth` a method of authentication is."""


def _given_as(material: SiteContext, method: str) -> str:
    there = material.client.module["auth"].members
    names = [f"`{name}`" for name in _CLASSES[method] if name in there]
    return f"in Python {' or '.join(names)}" if names else ""


def _authentication(document: SourceFile, operation: StrictMapping) -> str:
    choices = []
    for requirement in operation.get("security"):
        names = [f"[`{name}`](#{anchor(document.data, f'/components/securitySchemes/{name}')})" for name in requirement]
        choices.append(" and ".join(names))
    if not choices:
        return "None is documented."
    return f"Any one of: {', '.join(choices)}." if len(choices) > 1 else f"{choices[0]}."


def _parameters(each: BundledService, document: SourceFile, operation: StrictMapping) -> Iterator[str]:
    references = [reference["$ref"][1:] for reference in operation.get("parameters", [])]
    definitions = {
        pointer: document.data["components"]["parameters"][pointer.rpartition("/")[2]] for pointer in references
    }
    if references or "x-request-headers" in operation:
        yield "### Parameters"
    for place, title in _PLACES.items():
        chosen = [pointer for pointer, definition in definitions.items() if definition["in"] == place]
        if chosen:
            yield f"**{title}**"
        for pointer in chosen:
            with document.reading(pointer) as parameter:
                name = parameter.get("name")
                with document.reading(parameter.at("schema")) as schema:
                    word, limits = type_of(schema)
                needed = "required" if parameter.get("required") else "optional"
                if parameter.get("x-client-parameter"):
                    limits.append("May be given once, to the client")
                yield statement(each, parameter, f"`{name}`", [word, f"in the {parameter.get('in')}", needed], limits)
    headers = operation.get("x-request-headers", {})
    if headers:
        yield "**Headers of every request**"
    for name, value in headers.items():
        where = f"{operation.pointer}/x-request-headers/{name}"
        title = f"#### `{name}` {{ #{anchor(document.data, where)} }}"
        said = f"- Always {code(value)}; the client sends it"
        yield f'<div class="statement" markdown>\n\n{title}\n\n{said}\n\n</div>'


def _response(each: BundledService, document: SourceFile, pointer: str) -> str:
    status = pointer.rpartition("/")[2]
    with document.reading(pointer) as response:
        bodies, lines = [], []
        for media in response.keys_of("content"):
            with document.reading(media) as content:
                word, promised = body_of(document, content.at("schema"))
                content.get("examples")  # Recorded replies, which stand beside the operation.
            bodies.append(f"`{media.rpartition('/')[2].replace('~1', '/')}`: {word}")
            if promised:
                lines.append(f"Always there: {', '.join(f'`{field}`' for field in promised)}")
        recorded = [f"[`{name}`](#{of_recording(name)})" for name in response.get("x-recordings", [])]
        if recorded:
            lines.append(f"Recorded: {', '.join(recorded)}")
        return statement(each, response, phrase(status), bodies, lines)


def _glance(document: SourceFile, operation: OperationRef) -> Iterator[str]:
    """The fields of a success, all of them on one screen."""
    for pointer in success_bodies(document.data, operation):
        if fields := tree(document.data, pointer):
            yield "### The reply at a glance"
            yield f'<div class="tree" markdown>\n\n{fields}\n\n</div>'
