"""All cases of a service."""

from __future__ import annotations

from collections.abc import Iterator

from generator.contract.cases.asked import RequestCases
from generator.contract.cases.bases import bases
from generator.contract.cases.case import Case
from generator.contract.cases.replies import reply_cases, status_cases
from generator.contract.cases.stated import Stated
from generator.documents import Service


def cases(service: Service) -> list[Case]:
    """The cases of a service, in the order of its evidence, each id once.

    Raises `Refused` where a row has a type word of which nobody has said what it means.
    """
    return list({case.id: case for case in _cases(service)}.values())


def _cases(service: Service) -> Iterator[Case]:
    stated = Stated(service)
    found = list(bases(service, stated))
    for operation in service.operations:
        own = [base for base in found if base.operation == operation]
        success = next((base for base in own if base.draft.status < 400), None)
        if success is not None:
            yield from RequestCases(service, stated, success).cases()
        for base in own:
            yield from reply_cases(base)
        if own:
            yield from status_cases(own)
