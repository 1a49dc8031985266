"""States, times, children and progress of jobs of every kind: by the client, the checker and the replay."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import attrs
import httpx
import pytest

from generator.clients.vectors import vectors
from generator.contract import Contract
from generator.contract.exchange import Exchange, exchange_from_response
from generator.contract.job_view import JobView, view_page
from generator.documents import Workspace
from tests.client.vectors import Runner, differences

from .state_vectors import CASES, state_vectors

Import = Callable[[str], ModuleType]


@attrs.frozen
class Expected:
    """A recorded job as a snapshot has it."""

    id: str
    state: str
    progress: float | None = None
    started: str | None = None
    ended: str | None = None
    reason: str | None = None
    code: str | None = None
    children: tuple[tuple[str | None, str], ...] = ()


RECORDED: dict[tuple[str, str], Expected] = {
    ("depot", "running"): Expected(
        "j-1",
        "running",
        0.5,
        "2026-03-01T08:00:00+00:00",
        children=(("sub-1", "succeeded"), ("sub-2", "running")),
    ),
    ("depot", "failed"): Expected(
        "j-2",
        "failed",
        0.0,
        "2026-03-01T08:00:00+00:00",
        "2026-03-01T08:09:00+00:00",
        "no bay is free",
        "Depot.0042",
        (("sub-3", "failed"),),
    ),
    ("orchard", "running"): Expected("prune", "running", 0.25, "2026-03-01T08:00:00+00:00"),
    ("orchard", "failed"): Expected(
        "graft",
        "failed",
        None,
        "2026-03-01T08:00:00+00:00",
        "2026-03-01T08:30:00+00:00",
        "a ladder broke",
        "BackoffLimitExceeded",
    ),
    ("tannery", "running"): Expected(
        "hides",
        "running",
        pytest.approx(1 / 3),
        "2026-03-01T08:00:00+00:00",
        children=(("wash", "succeeded"), ("soak", "running"), ("dry", "pending")),
    ),
    ("sieve", "running"): Expected("s-1", "running", 0.25, "2026-03-01T08:00:00+00:00"),
    ("forge", "running"): Expected("sites/a/ops/7", "running"),
    ("ferry", "running"): Expected("c-1", "running", 0.6, "2026-03-01T00:00:00+00:00"),
    ("ferry", "failed"): Expected(
        "c-2", "failed", 0.2, "2026-03-01T00:00:00+00:00", "2026-03-01T00:10:00+00:00", "fog"
    ),
    ("mill", "running"): Expected("7", "running"),
    ("kiln", "running"): Expected(
        "455", "running", 0.0, "2026-03-01T08:00:00+00:00", children=(("bisque", "running"),)
    ),
    ("kiln", "failed"): Expected(
        "456",
        "failed",
        0.0,
        "2026-03-01T08:00:00+00:00",
        "2026-03-01T08:01:00+00:00",
        "the glaze cracked",
        "FAILED",
        (("bisque", "failed"),),
    ),
    ("press", "running"): Expected("30433642", "running", None, "2026-03-01T08:00:00+00:00"),
    ("press", "failed"): Expected(
        "30433643",
        "failed",
        None,
        "2026-03-01T08:00:00+00:00",
        "2026-03-01T08:03:00+00:00",
        code="failure",
    ),
    ("quarry", "running"): Expected("manual-1", "running", None, "2026-03-01T08:00:00+00:00"),
    ("harbor", "running"): Expected("41", "running", None, "2026-03-01T08:00:00+00:00"),
    ("harbor", "failed"): Expected(
        "42", "failed", None, "2026-03-01T08:00:00+00:00", "2026-03-01T08:01:00+00:00", "TimeLimit"
    ),
    ("brine", "running"): Expected("o-1", "running", 0.125, "2026-03-01T08:00:00+00:00"),
    ("brine", "failed"): Expected(
        "o-2", "failed", 0.5, "2026-03-01T08:00:00+00:00", "2026-03-01T09:00:00+00:00", "it rained", "Rain"
    ),
    ("forge", "failed"): Expected("sites/a/ops/8", "failed", reason="out of bronze", code="8"),
}


def of_snapshot(snapshot: Any) -> Expected:
    started, ended = (moment and moment.isoformat() for moment in (snapshot.started_at, snapshot.ended_at))
    children = tuple((child.id, str(child.state)) for child in snapshot.children)
    return Expected(
        *(snapshot.id, str(snapshot.state), snapshot.progress, started, ended),
        *(snapshot.reason, snapshot.code, children),
    )


def of_view(view: JobView) -> Expected:
    """Return the values that the checker reads, without reason and progress."""
    started, ended = (moment and moment.isoformat() for moment in (view.started, view.ended))
    children = tuple((child.id, child.kind) for child in view.children)
    return Expected(view.id or "", view.kind, None, started, ended, None, view.code, children)


@pytest.mark.parametrize(("service", "recording"), RECORDED)
def test_snapshot_of_recording_has_expected_values(kinds: Import, service: str, recording: str) -> None:
    replay = kinds("testing").Replay(service)
    expected = RECORDED[service, recording]
    with replay.client(service) as client:
        recorded = kinds("").recordings(service)[recording]["request"]
        snapshot = client.snapshot(**arguments(kinds, service, expected.id, recorded))
    assert of_snapshot(snapshot) == expected
    assert snapshot.deviations == ()
    data = snapshot.to_dict()
    assert (data["state"], data.get("code")) == (expected.state, expected.code)


@pytest.mark.parametrize("service", CASES)
def test_state_of_several_fields_is_that_of_the_first_case(kinds: Import, project: Workspace, service: str) -> None:
    (vectors,) = [each for each in state_vectors(project) if each["service"] == service]
    assert kinds("")
    results = list(Runner(vectors, "kinds").results())
    assert [line for vector, printed in results for line in differences(vector, printed)] == []
    # Each case of the document, and its order, decides at least once.
    assert {state for _, state in CASES[service]} >= set(next(iter(known_states(project, service).values())))


@pytest.mark.parametrize("service", ["kiln", "tannery"])
def test_vectors_need_no_expectations_of_interpretations(project: Workspace, service: str) -> None:
    made = project.read(service)
    assert all("expect" not in each for each in made.evidence.data["interpretations"])
    assert vectors(made).data["waits"] == []


def arguments(kinds: Import, service: str, job_id: Any, request: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return arguments of a poll: a job's ID, and the other path parameters as they were recorded."""
    operation = polled(kinds, service)
    requests = [each["request"] for each in kinds("").recordings(service).values()]
    values = {**(request or requests[0]).get("path", {}), **(request or requests[0]).get("query", {})}
    others = {
        parameter.argument: values[parameter.name]
        for parameter in operation.parameters
        if parameter.required and not parameter.is_client_parameter and parameter.argument != operation.poll.argument
    }
    return {**others, "job_id": int(job_id) if operation.poll.is_integer else job_id}


def polled(kinds: Import, service: str) -> Any:
    operations = kinds(f"{service}.operations")
    found = (each for each in vars(operations).values() if isinstance(each, operations.Operation))
    return next(each for each in found if each.poll is not None)


def known_states(project: Workspace, service: str) -> dict[str, list[str]]:
    """Return the states that each job of a service can have, by schema."""
    from generator.documents.mappings import job_mappings

    document = project.read(service).document.data
    return {pointer.rpartition("/")[2]: sorted(job.known_states) for pointer, job in job_mappings(document)}


def checked(project: Workspace, service: str, exchange: Exchange) -> list[JobView]:
    contract = Contract.from_service(project.read(service))
    route = contract.route(exchange)
    assert route is not None
    page = view_page(route, exchange)
    assert page is not None
    return list(page.jobs)


FINAL = ("succeeded", "partial", "failed", "stopped")


@pytest.mark.parametrize("service", sorted({service for service, _ in RECORDED} | {"loom", "anvil", "stall"}))
def test_wait_for_replayed_job_returns_each_final_state(kinds: Import, project: Workspace, service: str) -> None:
    errors = kinds("errors")
    states = next(iter(known_states(project, service).values()))
    assert set(states) & set(FINAL)
    for end in (state for state in states if state in FINAL):
        replay = kinds("testing").Replay(service)
        path = [state for state in ("pending", "running") if state in states]
        job = replay.add_job(service, "71", states=[*path, end], reason="it rained")
        seen: list[Any] = []
        with replay.client(service) as client:
            given = arguments(kinds, service, job.id)
            if end == "succeeded":
                done = client.wait_for_job(**given, on_progress=seen.append)
            else:
                with pytest.raises(errors.JobFailedError) as caught:
                    client.wait_for_job(**given, on_progress=seen.append)
                done = caught.value.snapshot
        assert [str(each.state) for each in seen] == [*path, end]
        assert (str(done.state), done.id, done.is_terminal) == (end, "71", True)
        shares = [each.progress for each in seen if each.progress is not None]
        assert shares == sorted(shares) or end != "succeeded"
        assert done.deviations == ()
        # The checker has its own reading of the same response.
        with httpx.Client(transport=replay.transport, base_url=f"https://{service}.example.com") as http:
            request = next(each for each in replay.requests if each.status == 200)
            response = http.request(
                *(request.method, request.path),
                params=request.query,
                headers=request.headers,
                content=request.incoming.content,
            )
        (view,) = [
            each for each in checked(project, service, exchange_from_response(response, "poll")) if each.id == "71"
        ]
        assert of_view(view) == attrs.evolve(of_snapshot(done), progress=None, reason=None)
