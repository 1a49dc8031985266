"""A provider with a known fault is convicted of it, and the sound one of nothing.

Schemathesis makes up requests and checks each response by itself; our checker holds each exchange to the document; the
history rules see what only several responses show. The requests are made up once and sent to each provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import anyio
import attrs
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup

from generator.contract import Contracts, Exchange, check_sequence
from generator.contract.exchange import exchange_from_response
from generator.contract.sequence_rules import StuckThreshold

from .bad_provider import FAULTS, JOB, BadProvider, applicable_faults
from .contracts import contracts

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    not_a_server_error,
    negative_data_rejection,
    positive_data_acceptance,
]
SETTINGS = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
RANDOM, POLLS = 15, 8
STUCK_THRESHOLD = StuckThreshold(responses=5)

WHOLE = next(service for service in contracts() if set(applicable_faults(service)) == set(FAULTS))
"""A service with a document that has places for all the faults."""


@cache
def cases(service: str) -> tuple[Case[Any], ...]:
    """Return requests for the recordings: each bound and each wrong type once, and random valid ones, in every run."""
    operation = BadProvider(service).operation
    pinned = next(one.path for one in operation.recorded if one.is_success)
    document = deepcopy(operation.contract.view)
    # Each request identifies itself, and one that does not is sent besides.
    document["paths"][operation.path][operation.method.lower()].pop("security", None)
    schema = schemathesis.openapi.from_dict(document)
    found = schema[operation.path][operation.method]
    config = schema.config.generation_for(operation=found)
    made = list(schema.iter_coverage_cases(found, generation_modes=list(GenerationMode), generation_config=config))

    @settings(SETTINGS, max_examples=RANDOM)
    @given(found.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def collect(case: Case[Any]) -> None:
        made.append(case)

    collect()
    for case in made:
        case.path_parameters.update(pinned)
    return tuple(case for case in made if case.method.upper() == operation.method)


@attrs.frozen
class RecordedTraffic:
    """The requests to a provider, and its responses."""

    exchanges: list[Exchange]
    """Everything; first the polls of the job that walks."""
    failed: set[str]
    """Names of the checks of schemathesis that failed."""


async def collect_exchanges(provider: BadProvider) -> RecordedTraffic:
    """Ask for the job that walks, then everything that schemathesis has made up, then something without credentials."""
    operation, exchanges, failed = provider.operation, [], set()
    good = next(one for one in operation.recorded if one.is_success)
    argument = operation.node["x-poll"].get("argument")
    asked = {argument: JOB} if argument else {}
    headers = {**operation.headers, **operation.node.get("x-request-headers", {})}
    credentials = frozenset(name.lower() for name in operation.credentials)
    transport = httpx.ASGITransport(provider)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.example.com") as client:

        async def ask(target: str, sent: Mapping[str, str], known: frozenset[str]) -> httpx.Response:
            response = await client.get(target, headers=sent)
            exchanges.append(exchange_from_response(response, f"request {len(exchanges) + 1}", credentials=known))
            return response

        for _ in range(POLLS):
            await ask(operation.target({**good.path, **asked}), headers, credentials)
        for case in cases(operation.service):
            sent = {**{str(name): str(value) for name, value in (case.headers or {}).items()}, **headers}
            query = str(httpx.QueryParams(case.query or {}))
            response = await ask(operation.target(case.path_parameters, query), sent, credentials)
            try:
                case.validate_response(response, checks=CHECKS)
            except FailureGroup as group:
                failed |= {type(failure).__name__ for failure in group.exceptions}
        without = {name: value for name, value in headers.items() if name.lower() not in credentials}
        await ask(operation.target(good.path), without, frozenset())
        missing = dict.fromkeys(operation.identifying, "no-such-thing")
        await ask(operation.target({**good.path, **missing}), headers, credentials)
    return RecordedTraffic(exchanges, failed)


def convicted(provider: BadProvider) -> set[str]:
    """Return the rules and checks that a provider has broken."""
    said = anyio.run(collect_exchanges, provider)
    known = Contracts.from_services([provider.operation.contract.service])
    findings = [finding for exchange in said.exchanges for finding in known.check(exchange)]
    # A recorded job stays as it was recorded, however often it is asked for.
    findings += check_sequence(known, said.exchanges[:POLLS], STUCK_THRESHOLD) + check_sequence(known, said.exchanges)
    # An undocumented parameter is the fault of the sender.
    return said.failed | {each.rule for each in findings if each.is_new and each.rule != "unknown-parameter"}


BY = {
    "value-out-of-range": {"schema"},
    "undocumented-field": {"undocumented-field"},
    "missing-required": {"schema"},
    "new-value-in-a-closed-list": {"schema"},
    "no-authentication": {"security"},
    "negative-limit-accepted": {"parameter", "AcceptedNegativeData"},
    "valid-limit-refused": {"RejectedPositiveData"},
    "plain-text-errors": {"media-type"},
    "limit-ignored": {"limit-ignored"},
    "job-stuck": {"job-stuck"},
    "progress-falling": {"progress-fell"},
    "terminal-state-left": {"terminal-state-left"},
}
"""What each fault is to be convicted by, among others."""


def faults() -> Iterator[tuple[str, str]]:
    """Yield each fault of the service that has room for all, and of the others what only its jobs can show."""
    for service in contracts():
        for fault in applicable_faults(service):
            if service == WHOLE or fault in ("job-stuck", "progress-falling", "terminal-state-left"):
                yield service, fault


@pytest.mark.parametrize(("service", "fault"), list(faults()))
def test_checkers_each_provider_fault_is_reported(service: str, fault: str) -> None:
    assert convicted(BadProvider(service, fault)) >= BY[fault]


@pytest.mark.parametrize("service", contracts())
def test_checkers_sound_provider_has_no_findings(service: str) -> None:
    assert convicted(BadProvider(service)) == set()


def test_bad_provider_all_twelve_faults_are_tried() -> None:
    assert len(FAULTS) == 12
    assert set(BY) == set(FAULTS) == set(applicable_faults(WHOLE))
    assert {mode for case in cases(WHOLE) if (mode := case.meta.generation.mode)} == set(GenerationMode)
