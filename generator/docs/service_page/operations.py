"""An operation of a document: its request, its responses, and how its jobs are read."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...documents import OperationRef
from ...documents.json_pointer import find, resolve, segments
from ...documents.mappings import AuthSpec, credential_classes
from ...documents.workspace import operations
from ..context import BundledService, SiteContext, SourceFile, StrictMapping, rows
from ..escaping import code_of
from ..translation import in_english, say
from . import job_mapping
from .provenance import anchor, known_issues, of_recording, support
from .samples import phrase
from .schemas import body_of, statement, success_bodies, tree, type_of

_PLACES = {"path": "In the path", "query": "In the query", "header": "In the header"}


def introduction(operation: OperationRef) -> str:
    """Return the summary, request and description of an operation; `details` has the rest."""
    definition = operation.definition
    lines = [
        f"## {definition['summary']} {{ #{operation.id} }}",
        f'<div class="request" markdown>\n\n**{operation.method.upper()}** `{operation.path}`\n\n</div>',
        definition["description"],
    ]
    return "\n\n".join(lines)


def expected_errors(context: SiteContext, bundled: BundledService, operation: OperationRef) -> Iterator[str]:
    """Yield the table of errors: each status, its meaning and its exception in Python."""
    error_class = context.import_runtime("errors").status_error_class
    cells = []
    for status, response in operation.definition["responses"].items():
        if status.startswith("2"):
            continue
        name = error_class(int(status)).__name__ if status.isdecimal() else "APIStatusError"
        exception = f"[`{name}`]({bundled.base}python/errors.md#{context.runtime.name}.errors.{name})"
        cells.append((f"[{phrase(status)}](#{operation.id}.{status})", response["description"], exception))
    if cells:
        yield rows((say("Status"), say("Meaning"), say("Exception in Python")), cells)


def details(bundled: BundledService, document: SourceFile, operation: OperationRef) -> Iterator[str]:
    """Yield everything about an operation that `introduction` omits."""
    with document.reading(operation.pointer) as mapping:
        for shown in ("operationId", "summary", "description"):
            mapping.get(shown)
        yield from known_issues(bundled, mapping)
        tags = ", ".join(mapping.get("tags", []))
        named = say("Operation {}, tagged {}.", f"`{operation.id}`", tags)
        yield f"{named} {support(bundled, mapping)}\n{{: .support }}"
        yield f"### {say('Authentication')}"
        yield _authentication(document, mapping)
        yield from _parameters(bundled, document, mapping)
        if "requestBody" in mapping:
            yield _request_body(document, mapping)
        yield from _tree(document, operation)
        yield f"### {say('Responses')}"
        for pointer in mapping.keys_of("responses"):
            yield _response(bundled, document, pointer)
        if "x-start" in mapping:
            yield job_mapping.start(document, mapping.at("x-start"))
        if "x-poll" in mapping or "x-pagination" in mapping:
            # One diagram is enough for the operations of a service.
            first = next((each for each in operations(document.data) if _follows(each)), None)
            is_first = first is not None and first.id == operation.id
            yield f"### {say('Polling and job states')}{' { #job-states }' if is_first else ''}"
            if is_first and list(find(document.data, "/components/schemas/*/x-job")):
                yield f"{{{{ diagram: states {bundled.name} }}}}"
        if "x-poll" in mapping:
            yield job_mapping.poll(document, mapping.at("x-poll"))
        if "x-pagination" in mapping:
            yield job_mapping.pagination(document, mapping.at("x-pagination"))


def _follows(operation: OperationRef) -> bool:
    return not {"x-poll", "x-pagination"}.isdisjoint(operation.definition)


def _authentication(document: SourceFile, operation: StrictMapping) -> str:
    choices = [
        " and ".join(f"[`{name}`](#{anchor(document.data, f'/components/securitySchemes/{name}')})" for name in names)
        for names in operation.get("security")
    ]
    if not choices:
        return say("None is documented.")
    return say("Any one of: {}.", ", ".join(choices)) if len(choices) > 1 else f"{choices[0]}."


def _parameters(bundled: BundledService, document: SourceFile, operation: StrictMapping) -> Iterator[str]:
    pointers = [reference["$ref"][1:] for reference in operation.get("parameters", [])]
    headers = operation.get("x-request-headers", {})
    if pointers or "x-request-headers" in operation:
        yield f"### {say('Parameters')}"
    for place, title in _PLACES.items():
        chosen = [pointer for pointer in pointers if resolve(document.data, pointer)["in"] == place]
        if chosen:
            yield f"**{say(title)}**"
        for pointer in chosen:
            here = anchor(document.data, pointer)
            if here.partition(".")[0] != operation.get("operationId"):
                # It is described once, with the first of its operations.
                yield f"- [`{resolve(document.data, pointer)['name']}`](#{here})"
                continue
            with document.reading(pointer) as parameter:
                name = parameter.get("name")
                with document.reading(parameter.at("schema")) as schema:
                    word, limits = type_of(schema)
                values = {repr(each["value"]): each["value"] for each in parameter.get("examples", {}).values()}
                if values:
                    limits.append(say("Recorded: {}", ", ".join(map(code_of, values.values()))))
                needed = say("required" if parameter.get("required") else "optional")
                if parameter.get("x-client-parameter"):
                    limits.append(say("Can be set once, on the client"))
                meta = [word, say(f"in the {parameter.get('in')}"), needed]
                yield statement(bundled, parameter, f"`{name}`", meta, limits)
    if headers:
        yield f"**{say('Headers of every request')}**"
    for name, value in headers.items():
        title = f"#### `{name}` {{ #{operation.get('operationId')}.{name} }}"
        sent = say("Always {}; the client sends it", code_of(value))
        yield f'<div class="statement" markdown>\n\n{title}\n\n- {sent}\n\n</div>'


def _request_body(document: SourceFile, operation: StrictMapping) -> str:
    with document.reading(operation.at("requestBody")) as body:
        needed = say("required" if body.get("required") else "optional")
        words = []
        for media in body.keys_of("content"):
            with document.reading(media) as content:
                words.append(body_of(document, content.at("schema"))[0])
        return f"### {say('Request body')}\n\n{say(' or ').join(words)}, {needed}. {body.get('description')}"


def _tree(document: SourceFile, operation: OperationRef) -> Iterator[str]:
    """Yield the fields of a 2xx response, all of them on one screen."""
    for pointer in success_bodies(document.data, operation):
        if fields := tree(document.data, pointer):
            yield f"### {say('Fields of the response')}"
            yield f'<div class="tree" markdown>\n\n{fields}\n\n</div>'


def _response(bundled: BundledService, document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as response:
        bodies, lines = [], []
        if headers := response.get("headers"):
            names = [f"[`{name}`](#{anchor(document.data, header['$ref'][1:])})" for name, header in headers.items()]
            lines.append(say("Headers: {}", ", ".join(names)))
        for media in response.keys_of("content"):
            with document.reading(media) as content:
                word, promised = body_of(document, content.at("schema"))
                # Recordings are shown with the operation.
                recorded = response.get("x-recordings", [])
                samples = {name: each for name, each in content.get("examples", {}).items() if name not in recorded}
            for each in samples.values():
                text = json.dumps(each["value"], ensure_ascii=False)
                lines.append(say("{}, for example {}", in_english(each["summary"]), code_of(text)))
            bodies.append(f"`{segments(media)[-1]}`: {word}")
            if promised:
                lines.append(say("Always present: {}", ", ".join(f"`{field}`" for field in promised)))
        if recorded := [f"[`{name}`](#{of_recording(name)})" for name in response.get("x-recordings", [])]:
            lines.append(say("Recorded: {}", ", ".join(recorded)))
        return statement(bundled, response, phrase(segments(pointer)[-1]), bodies, lines)


def headers(bundled: BundledService, document: SourceFile) -> Iterator[str]:
    """Yield the headers of responses."""
    for name in document.data["components"].get("headers", {}):
        with document.reading(f"/components/headers/{name}") as header:
            with document.reading(header.at("schema")) as schema:
                word, limits = type_of(schema)
            yield statement(bundled, header, f"`{name}`", [word, say("may be absent")], limits, level=3)


def schemes(context: SiteContext, bundled: BundledService, document: SourceFile) -> Iterator[str]:
    """Yield the security schemes."""
    known = context.runtime.module["auth"].members
    for name, declared in document.data["components"].get("securitySchemes", {}).items():
        spec = AuthSpec.from_scheme(declared)
        assert spec is not None, name
        with document.reading(f"/components/securitySchemes/{name}") as scheme:
            kind = f"{scheme.get('type')} {scheme.get('scheme', '')}".strip()
            where = say(f"in the {scheme.get('in', 'header')}")
            if "x-auth" in scheme:
                with document.reading(scheme.at("x-auth")) as auth:
                    # `spec` has their values.
                    auth.used |= {"method", "maxLength", "client", "parameters"}
            classes = say(" or ").join(f"`{each}`" for each in credential_classes([spec]) if each in known)
            meta = [
                f"{kind} {where} `{scheme.get('name', spec.header)}`",
                say("in Python {}", classes) if classes else "",
            ]
            yield statement(bundled, scheme, f"`{name}`", meta, list(_credential_facts(scheme, spec)), level=3)


def _credential_facts(scheme: StrictMapping, spec: AuthSpec) -> Iterator[str]:
    """Yield what is known of a credential besides its header."""
    if spec.max_length:
        yield say("At most {} characters", f"`{spec.max_length}`")
    if form := scheme.get("bearerFormat"):
        yield say("Form: {}", form)
    if url := scheme.get("openIdConnectUrl"):
        yield f"OpenID Connect: {code_of(url)}"
    for kind, flow in scheme.get("flows", {}).items():
        named = [f"{code_of(value)} (`{key}`)" for key, value in flow.items() if key != "scopes"]
        yield say("Flow {}: {}", f"`{kind}`", ", ".join(named))
        for scope, text in flow.get("scopes", {}).items():
            yield say("Scope {}: {}", code_of(scope), text)
    if spec.token_url:
        place = say("header") if spec.client == "header" else say("body")
        yield say("A token request has ID and secret in its {}", place)
    for key, value in spec.parameters:
        yield say("A token request has {}: {}", f"`{key}`", code_of(value))
