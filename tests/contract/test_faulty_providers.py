"""A table of providers that are wrong in one way, each with the rule that reports it, and of clean ones."""

from __future__ import annotations

import pytest

from generator.contract.live import Verification

from .faulty_providers import SERVICES, STEADY, Change, Fault, Seen, faults, run

pytestmark = pytest.mark.sampled(2)

FAULTS = list(faults())


def new_rules(done: Verification) -> set[str]:
    """Return the rules of the findings that fail a run."""
    return {finding.rule for finding in done.findings if finding.is_new}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.service}: {fault.name}")
def test_verify_faulty_provider_has_the_finding(fault: Fault) -> None:
    done, transport = run(fault.service, fault.change, fault.states, **fault.plan)
    assert fault.rule in new_rules(done), [str(finding) for finding in done.findings]
    assert transport.methods == {"GET"}


def test_faulty_providers_are_at_least_60() -> None:
    assert len(FAULTS) >= 60
    assert len({(fault.service, fault.name) for fault in FAULTS}) == len(FAULTS)
    assert {fault.service for fault in FAULTS} == set(SERVICES)


def nothing(seen: Seen) -> None:
    """Change nothing."""


def new_rows(seen: Seen) -> None:
    """Add a row at the beginning with every third response."""
    if seen.is_success and "jobs" in seen.data:
        first = seen.memory.setdefault("first", seen.data["jobs"][-1])
        more = [{**first, "jobId": f"new-{number}"} for number in range(seen.number // 3, 0, -1)]
        limit, offset = int(seen.query.get("limit", 100)), int(seen.query.get("offset", 0))
        known = seen.memory.setdefault("rows", {})
        known |= {offset + place: row for place, row in enumerate(seen.data["jobs"])}
        rows = [*more, *(known[place] for place in sorted(known))]
        seen.data["jobs"] = rows[offset : offset + limit]
        seen.data["jobCount"] = len(seen.data["jobs"])


def with_unknown_ids_of_a_response(seen: Seen) -> None:
    seen.headers["x-request-id"] = f"request-{seen.number}"


def as_empty(seen: Seen) -> None:
    """Make a listing empty."""
    if seen.is_success and "jobs" in seen.data:
        seen.data |= {"jobs": [], "jobCount": 0}


CLEAN: list[tuple[str, Change, tuple[str, ...], dict[str, object]]] = [
    *((service, nothing, ("pending", "running", "running", "succeeded"), {}) for service in SERVICES),
    *((service, nothing, ("pending", "running", "failed"), {}) for service in SERVICES),
    *((service, nothing, STEADY, {"probe_auth": True, "probe_unknown": True}) for service in SERVICES),
    *((service, with_unknown_ids_of_a_response, STEADY, {}) for service in SERVICES),
    ("ges", new_rows, STEADY, {}),
    ("ges", as_empty, STEADY, {}),
]


@pytest.mark.parametrize(("service", "change", "states", "plan"), CLEAN)
def test_verify_clean_provider_has_no_finding(
    service: str, change: Change, states: tuple[str, ...], plan: dict[str, object]
) -> None:
    done, _ = run(service, change, states, **plan)
    assert new_rules(done) == set(), [str(finding) for finding in done.findings]
