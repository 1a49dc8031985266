"""Our own recordings against their documents: the checks of any exchange, told as problems of the recordings' files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.contract.checking import Contract
from generator.contract.exchanges import recorded
from generator.contract.findings import Finding
from generator.documents import Recording, Service
from generator.documents.pointers import child
from generator.problems import Problem

_REMEDIES = {
    "status": ("/status", "List it, with its evidence"),
    "media-type": ("/content_type", "List it, with its evidence"),
    "undocumented-field": ("/body", "Add it, with its evidence"),
    "schema": ("/body", "Follow the recording in the document, or mend the recording"),
    "body": ("/body", "Mend the recording"),
}


def check_recordings(service: Service) -> list[Problem]:
    """Every way in which a recording departs from the document."""
    contract = Contract(service.document.data)
    return [problem for recording in service.recordings.values() for problem in _check(service, contract, recording)]


def misaddressed(service: Service) -> list[Problem]:
    """What keeps recordings from being exchanges: no such operation, or other parameters than its path has."""
    return [problem for recording in service.recordings.values() for problem in _address(service, recording)]


def _check(service: Service, contract: Contract, recording: Recording) -> Iterator[Problem]:
    if wrong := list(_address(service, recording)):
        yield from wrong
        return
    for finding in contract.check(recorded(service, recording)):
        # An open list is left open, for recordings too.
        if finding.rule != "open-list":
            yield _problem(recording, finding)


def _address(service: Service, recording: Recording) -> Iterator[Problem]:
    operation = service.operation(recording.operation)
    if operation is None:
        yield recording.source.problem(
            "/operation", f"{recording.operation} is no operation of the document", "Name one"
        )
        return
    names, given = re.findall(r"\{(.+?)\}", operation.path), recording.source.data["request"]["path"]
    for name in names:
        if name not in given:
            yield recording.source.problem("/request", f"lacks the parameter {name}", "Give it")
    for name in given:
        if name not in names:
            yield recording.source.problem(
                child("/request/path", name), f"{name} is no parameter of the operation", "Take it out"
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
    return "/request"
