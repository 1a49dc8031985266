"""Check recordings against their documents, and make recordings from entries of HAR files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import attrs
import yaml

from ..documents import OperationRef, Recording, Service, is_json
from ..documents.json_pointer import child
from ..documents.strict_yaml import MOST_LEVELS
from ..documents.workspace import is_deeper
from ..errors import Problem, ValidationError
from .checker import Contract, Contracts
from .exchange import Exchange, check_addresses, exchange_from_recording, json_data
from .findings import Finding
from .har import SkippedEntry, read_har
from .redaction import Secrets
from .rules import parameters
from .sequence_rules import check_sequence

_REMEDIES = {
    "status": ("/status", "Add the status to the document, with its evidence"),
    "media-type": ("/content_type", "Add the media type to the document, with its evidence"),
    "undocumented-field": ("/body", "Add the field to the document, with its evidence"),
    "schema": ("/body", "Correct the document or the recording"),
    "body": ("/body", "Correct the recording"),
}


def check_recordings(service: Service) -> list[Problem]:
    """Return a problem for each finding of a recording, except those that a contradiction explains."""
    contract, problems = Contract.from_service(service), check_addresses(service)
    for recording in [] if problems else service.recordings.values():
        for finding in contract.check(exchange_from_recording(service, recording)):
            # A recording may have an unknown value of an open list.
            if finding.rule != "open-list" and not finding.known:
                problems.append(_problem(recording, finding))
    return problems


def check_contradictions(service: Service) -> list[Problem]:
    """Return problems of jobs and pages in recordings, and of contradictions that explain a missing finding.

    `check_addresses` must have found no problem before.
    """
    contracts, problems, known = Contracts.from_services([service]), [], set()
    for recording in service.recordings.values():
        exchange = exchange_from_recording(service, recording)
        history = check_sequence(contracts, [exchange])
        problems += [_problem(recording, finding) for finding in history if not finding.known]
        known |= {(finding.known, recording.id, finding.rule) for finding in [*contracts.check(exchange), *history]}
    for index, contradiction in enumerate(service.evidence.data["contradictions"]):
        for number, entry in enumerate(contradiction.get("explains", ())):
            if (contradiction["id"], entry["recording"], entry["rule"]) not in known:
                problem = service.evidence.problem(
                    f"/contradictions/{index}/explains/{number}",
                    f"{contradiction['id']} must explain a finding of the rule {entry['rule']}, got none in "
                    f"{entry['recording']}",
                    "Remove the entry, and review the contradiction",
                )
                problems.append(problem)
    return problems


def _problem(recording: Recording, finding: Finding) -> Problem:
    here, remedy = _REMEDIES.get(finding.rule, (_of_request(recording, finding), "Follow the document"))
    message = f"expected {finding.expected}, got {finding.actual}"
    if finding.rule == "undocumented-field":
        message = f"{finding.pointer} must be a field of the document"
    elif finding.pointer is not None:
        message = f"{finding.pointer or 'the whole body'}: {message}"
    return recording.source.problem(here, message, remedy)


def _of_request(recording: Recording, finding: Finding) -> str:
    """Return the pointer into a recording for a finding about the request."""
    request = recording.source.data["request"]
    for place in ("path", "query", "headers"):
        for name in request.get(place, {}):
            if finding.name.lower() == name.lower():
                return child(f"/request/{place}", name)
    return "/request" if finding.pointer is None else "/body"


_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_INTEGER = re.compile(r"-?[0-9]{1,999}")


@attrs.frozen(kw_only=True)
class ImportOptions:
    """The entry to import as a recording, and the user's texts about it."""

    har: Path
    entry: int | None
    """Number of the entry, counted from 1; None if the file has only one."""
    id: str
    summary: str
    location: str
    """Source of the response, for `provenance`."""
    note: str | None = None


def add_recording(
    services: list[Service], chosen: ImportOptions, known: Iterable[str] = ()
) -> tuple[Service, OperationRef, dict[str, Any]]:
    """Return the service and operation that an entry belongs to, and the recording. Raises `ValidationError`.

    The values in `known` are secret everywhere, also in the user's texts about the recording.
    """
    if not _ID.fullmatch(chosen.id):
        raise ValidationError(
            Problem(
                "--id",
                f"must be lower-case words with - between, got {chosen.id!r}",
                "Write for example get-job-failed",
            )
        )
    for option, text in (
        ("--summary", chosen.summary),
        ("--location", chosen.location),
        ("--note", chosen.note or "none"),
    ):
        if not text.strip():
            raise ValidationError(Problem(option, "must be a text, got an empty one", "Write one line"))
        if not _is_unicode(text):
            raise ValidationError(
                Problem(option, "must be Unicode text, got invalid bytes", "Use the encoding of the terminal")
            )
    exchange, posted = _entry(chosen)
    found = operation_at(services, exchange.method, exchange.path)
    if found is None:
        what = f"{exchange.method} {exchange.path}"
        raise ValidationError(
            Problem(chosen.har, f"must have a request of a documented operation, got {what}", "Choose another entry")
        )
    service, operation, path = found
    if chosen.id in service.recordings:
        raise ValidationError(
            Problem(service.recordings[chosen.id].source.path, "must not exist yet", "Choose another --id")
        )
    # Redact again: the HAR file may be from a tool that does not redact.
    secrets = Secrets(known, names=credential_names(service), open_headers=open_headers(service, operation))
    secrets.learn_request(exchange.request_headers, exchange.url)
    secrets.learn_request_body(*posted)
    secrets.learn_response(exchange.headers)
    secrets.learn_response_body((exchange.body or b"").decode("utf-8", "replace"), exchange.media_type)
    recording: dict[str, Any] = {
        "summary": secrets.text(chosen.summary),
        "operation": operation.id,
        "request": _request(service, operation, secrets, exchange, path),
        "status": exchange.status,
        "content_type": exchange.media_type,
        "provenance": {"source": "measured", "location": secrets.text(chosen.location)},
    }
    if chosen.note:
        recording["provenance"]["note"] = secrets.text(chosen.note)
    recording["body"] = _body(chosen, secrets, exchange)
    return service, operation, recording


def as_yaml(recording: dict[str, Any]) -> str:
    """Return the text of the recording's file, with its body as a block."""
    return str(yaml.dump(recording, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def _is_unicode(text: str) -> bool:
    """Return whether a text can be written as UTF-8. An argument with invalid bytes has lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _entry(chosen: ImportOptions) -> tuple[Exchange, tuple[str, str]]:
    """Return the entry, and the body of its request with its media type."""
    file, number = read_har(chosen.har), chosen.entry
    if number is None and len(file.entries) != 1:
        raise ValidationError(
            Problem(
                chosen.har, f"must have one entry, got {len(file.entries)}", "Choose one with --entry, counted from 1"
            )
        )
    number = 1 if number is None else number
    try:
        found = file.entry(number)
    except LookupError:
        message = f"must be from 1 to {len(file.entries)} for {chosen.har}, got {number}"
        raise ValidationError(Problem("--entry", message, "Name an entry of the file")) from None
    if isinstance(found, SkippedEntry):
        message = f"must have a readable response in entry {number}, got: {found.detail or found.reason}"
        raise ValidationError(Problem(chosen.har, message, "Choose another entry"))
    posted = file.entries[number - 1]["request"].get("postData")
    posted = posted if isinstance(posted, dict) else {}
    media_type = str(posted.get("mimeType") or "").partition(";")[0].strip().lower()
    return found, (str(posted.get("text") or ""), media_type)


def operation_at(
    services: Iterable[Service], method: str, path: str
) -> tuple[Service, OperationRef, dict[str, str]] | None:
    """Return the operation of a request, for any host and path prefix, with its path parameters."""
    found = [
        (service, operation, dict(zip(operation.path_names, map(unquote, match.groups()), strict=True)))
        for service in services
        for operation in service.operations
        if operation.method == method.lower() and (match := operation.path_pattern.search(path))
    ]
    # A short path may be the end of a longer one, so the longest match is the right one.
    return max(found, key=lambda each: len(each[1].path), default=None)


def _request(
    service: Service, operation: OperationRef, secrets: Secrets, exchange: Exchange, path: dict[str, str]
) -> dict[str, Any]:
    schemas = {
        (parameter["in"], parameter["name"]): parameter["schema"] for parameter in _parameters(service, operation)
    }
    query = {}
    for name, value in exchange.query:
        numeric = schemas.get(("query", name), {}).get("type") in ("integer", "number")
        query[name] = int(value) if numeric and _INTEGER.fullmatch(value) else secrets.value(name, value)
    known = {name.lower(): name for place, name in schemas if place == "header"}
    headers = {
        known[name.lower()]: secrets.value(name, value)
        for name, value in exchange.request_headers
        if name.lower() in known
    }
    made: dict[str, Any] = {"path": {name: secrets.text(value) for name, value in path.items()}}
    return {**made, **({"query": query} if query else {}), **({"headers": headers} if headers else {})}


def _body(chosen: ImportOptions, secrets: Secrets, exchange: Exchange) -> str:
    media_type = exchange.media_type
    if exchange.body is None:
        message = "must have the response body, got none"
        raise ValidationError(Problem(chosen.har, message, "Choose an entry with a body"))
    try:
        text = exchange.body.decode()
    except UnicodeDecodeError as error:
        message = f"the response body must be UTF-8, got an invalid byte at {error.start}"
        raise ValidationError(Problem(chosen.har, message, "Choose an entry with a text body")) from None
    text = secrets.body(text, media_type)
    kind = "JSON" if is_json(media_type) else "text"
    try:
        if kind == "JSON":
            # Indented for readers; keys stay in their order.
            data = json_data(text.encode())
            if is_deeper(data, MOST_LEVELS):
                raise ValueError("nested too deep")
            text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        # A lone surrogate may be in JSON, but not in UTF-8.
        text.encode()
    except ValueError as error:
        problem = Problem(
            chosen.har, f"the response body must be {kind}, got invalid data ({error})", "Choose another entry"
        )
        raise ValidationError(problem) from None
    return text


def _parameters(service: Service, operation: OperationRef) -> list[dict[str, Any]]:
    return [parameter for _, parameter in parameters(service.document.data, operation)]


def open_headers(service: Service, operation: OperationRef) -> list[str]:
    """Return names of the documented request headers that are not credentials."""
    named = [parameter["name"] for parameter in _parameters(service, operation) if parameter["in"] == "header"]
    return [*named, *operation.definition.get("x-request-headers", {})]


def credential_names(service: Service) -> list[str]:
    """Return names of the headers or parameters that carry credentials."""
    schemes = service.document.data["components"].get("securitySchemes", {})
    return [scheme.get("name", "Authorization") for scheme in schemes.values()]


class _Dumper(yaml.SafeDumper):
    """Writes strings of several lines as blocks, and indents lists below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
