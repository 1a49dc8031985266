"""A stranger that speaks nearly the same: Ray's responses, read with openYuanrong's client.

Ray 2.60 writes times as integers of milliseconds, null where the document has objects and texts, two fields that no
document knows, and a 404 in plain text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from cloudjobs import Deviation, DeviationKind, JobSnapshot, JobState, Severity, errors

from .malformed_bodies import Wire, call_of, same
from .mutations import text

pytestmark = pytest.mark.anyio
either_way = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])

RUNNING = {
    "type": "SUBMISSION",
    "job_id": None,
    "submission_id": "raysubmit_9NRy8pJYgHkT2Vbc",
    "driver_info": None,
    "status": "RUNNING",
    "entrypoint": "python train.py",
    "message": "Job is currently running.",
    "error_type": None,
    "start_time": 1_730_000_000_123,
    "end_time": None,
    "metadata": None,
    "runtime_env": None,
    "driver_agent_http_address": "http://10.0.0.7:52365",
    "driver_node_id": "9f3a",
    "driver_exit_code": None,
}
DONE = RUNNING | {
    "job_id": "02000000",
    "driver_info": {"id": "02000000", "node_ip_address": "10.0.0.7", "pid": "4711"},
    "status": "SUCCEEDED",
    "message": "Job finished successfully.",
    "end_time": 1_730_000_360_456,
    "metadata": {"job_submission_id": "raysubmit_9NRy8pJYgHkT2Vbc"},
    "runtime_env": {"env_vars": {"A": "1"}, "pip": {"packages": ["torch"], "pip_check": False}},
    "driver_exit_code": 0,
}
TYPE, UNDOCUMENTED = DeviationKind.TYPE, DeviationKind.UNDOCUMENTED
BOTH = {"/start_time": TYPE, "/error_type": TYPE, "/job_id": UNDOCUMENTED, "/message": UNDOCUMENTED}
OF_RUNNING = BOTH | dict.fromkeys(["/driver_info", "/end_time", "/runtime_env", "/driver_exit_code"], TYPE)
OF_DONE = BOTH | {"/end_time": TYPE}


@either_way
@pytest.mark.parametrize(("reply", "expected"), [(RUNNING, OF_RUNNING), (DONE, OF_DONE)], ids=["running", "done"])
async def test_ray_job_is_decoded_with_expected_deviations(
    asynchronous: bool, reply: dict[str, Any], expected: dict[str, DeviationKind]
) -> None:
    seen: list[Deviation] = []
    call = attrs.evolve(call_of("yuanrong"), asynchronous=asynchronous).about(reply)
    raw = await call.raw(call.client(Wire(text(reply)), on_deviation=seen.append))
    job = raw.parse()
    assert {found.pointer: found.kind for found in raw.deviations} == expected
    assert len(raw.deviations) == len(expected)
    assert {found.severity for found in raw.deviations} == {Severity.VIOLATION}
    assert seen == list(raw.deviations)
    assert {found.pointer: found.actual for found in seen} == {
        pointer: reply[pointer.removeprefix("/")] for pointer in expected
    }
    assert same(job.to_dict(), reply)
    assert job.start_time == reply["start_time"]
    assert job.additional_properties == {"job_id": reply["job_id"], "message": reply["message"]}
    # Without the two fields, and with nothing else changed, those two are no longer named.
    known = {name: value for name, value in reply.items() if name not in ("job_id", "message")}
    raw = await call.raw(call.client(Wire(text(known))))
    raw.parse()
    assert {found.pointer for found in raw.deviations} == expected.keys() - {"/job_id", "/message"}


@either_way
async def test_ray_job_strict_raises_with_all_deviations(asynchronous: bool) -> None:
    call = attrs.evolve(call_of("yuanrong"), asynchronous=asynchronous).about(RUNNING)
    with pytest.raises(errors.ContractViolationError) as caught:
        await call.parsed(call.client(Wire(text(RUNNING)), strict=True))
    assert {found.pointer: found.kind for found in caught.value.violations} == OF_RUNNING


@either_way
async def test_ray_snapshot_has_state_and_millisecond_timestamps(asynchronous: bool) -> None:
    call = attrs.evolve(call_of("yuanrong"), asynchronous=asynchronous)
    running = JobSnapshot.from_job(await call.parsed(call.client(Wire(text(RUNNING)))))
    assert running.id == "raysubmit_9NRy8pJYgHkT2Vbc"
    assert (running.state, running.is_terminal, running.progress) == (JobState.RUNNING, False, None)
    assert running.started_at == datetime(2024, 10, 27, 3, 33, 20, 123_000, UTC)
    assert running.ended_at is None
    assert running.reason is None
    assert not running.deviations
    done = JobSnapshot.from_job(await call.parsed(call.client(Wire(text(DONE)))))
    assert (done.state, done.is_success, done.progress) == (JobState.SUCCEEDED, True, 1.0)
    assert done.ended_at == datetime(2024, 10, 27, 3, 39, 20, 456_000, UTC)
    assert not done.deviations


@either_way
@pytest.mark.parametrize("status", ["PENDING", "RUNNING", "STOPPED", "SUCCEEDED", "FAILED"])
async def test_ray_states_are_all_known(asynchronous: bool, status: str) -> None:
    call = attrs.evolve(call_of("yuanrong"), asynchronous=asynchronous)
    raw = await call.raw(call.client(Wire(text(RUNNING | {"status": status}))))
    assert JobSnapshot.from_job(raw.parse()).state == status.lower()
    assert "/status" not in {found.pointer for found in raw.deviations}


@either_way
async def test_ray_missing_job_raises_not_found_with_message(asynchronous: bool) -> None:
    said = b"Job raysubmit_gone does not exist"
    call = attrs.evolve(call_of("yuanrong"), asynchronous=asynchronous)
    wire = Wire(said, 404, {"Content-Type": "text/plain; charset=utf-8"})
    with pytest.raises(errors.NotFoundError) as caught:
        await call.parsed(call.client(wire))
    assert caught.value.body == said
    assert caught.value.message == said.decode()
    assert str(caught.value).endswith(f"404: {said.decode()}")
    assert (caught.value.code, caught.value.request_id, caught.value.retryable) == (None, None, False)
