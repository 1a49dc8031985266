"""Checks of the committed recordings and contradictions against the documents."""

from __future__ import annotations

from collections.abc import Iterator

from ..documents import Recording, Service
from ..documents.json_pointer import child
from ..errors import Problem
from .checker import Contract, Contracts
from .exchange import exchange_from_recording
from .findings import Finding
from .sequence_rules import check_sequence

_REMEDIES = {
    "status": ("/status", "List it, with its evidence"),
    "media-type": ("/content_type", "List it, with its evidence"),
    "undocumented-field": ("/body", "Add it, with its evidence"),
    "schema": ("/body", "Follow the recording in the document, or mend the recording"),
    "body": ("/body", "Mend the recording"),
}


def check_recordings(service: Service) -> list[Problem]:
    """Return every way in which a recording does not match the document, but for known contradictions."""
    contract, problems = Contract.from_service(service), check_addresses(service)
    for recording in [] if problems else service.recordings.values():
        for finding in contract.check(exchange_from_recording(service, recording)):
            # An open list is left open, for recordings too.
            if finding.rule != "open-list" and not finding.known:
                problems.append(_problem(recording, finding))
    return problems


def check_contradictions(service: Service) -> list[Problem]:
    """Check jobs and pages of recordings by their rules, and by the contradictions that explain findings.

    The recordings must be addressed to their operations, as `check_recordings` says.
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
                    f"{contradiction['id']}: {entry['recording']} does not break the rule {entry['rule']}",
                    "Take it out, and look at the contradiction again",
                )
                problems.append(problem)
    return problems


def check_addresses(service: Service) -> list[Problem]:
    """Problems that keep recordings from being exchanges: an unknown operation, or other parameters than those of its
    path."""
    return [problem for recording in service.recordings.values() for problem in _address(service, recording)]


def _address(service: Service, recording: Recording) -> Iterator[Problem]:
    operation = service.operation(recording.operation)
    if operation is None:
        yield recording.source.problem(
            "/operation", f"{recording.operation} is not an operation of the document", "Name one"
        )
        return
    names, given = operation.path_names, recording.source.data["request"]["path"]
    for name in names:
        if name not in given:
            yield recording.source.problem("/request", f"lacks the parameter {name}", "Give it")
    for name in given:
        if name not in names:
            yield recording.source.problem(
                child("/request/path", name), f"{name} is not a parameter of the operation", "Take it out"
            )


def _problem(recording: Recording, finding: Finding) -> Problem:
    here, remedy = _REMEDIES.get(finding.rule, (_of_request(recording, finding), "Follow the document"))
    message = f"{finding.pointer or 'the whole'}: {finding.actual}, where the document has {finding.expected}"
    if finding.rule == "undocumented-field":
        message = f"{finding.pointer} is a field that the document does not have"
    elif finding.pointer is None:
        message = f"{finding.actual}, where the document has {finding.expected}"
    return recording.source.problem(here, message, remedy)


def _of_request(recording: Recording, finding: Finding) -> str:
    """The place in the recording that a finding about the request is about."""
    request = recording.source.data["request"]
    for place in ("path", "query", "headers"):
        for name in request.get(place, {}):
            if finding.name.lower() == name.lower():
                return child(f"/request/{place}", name)
    return "/request" if finding.pointer is None else "/body"
