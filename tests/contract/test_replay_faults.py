"""Faults of the replay: by a request's header, planned by a test, and by script; in process and on a port alike."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloudjobs import errors
from cloudjobs.testing import Replay
from generator.contract import Contracts, Exchange
from generator.contract.exchange import InvalidJSON, exchange_from_response

from .contracts import Recorded, contracts, named, recorded, validator
from .serving import serving

KNOWN = Contracts.from_services([contract.service for contract in contracts().values()])
GOOD = [next(one for one in recorded() if one.is_success and one.operation.service == name) for name in contracts()]
"""A recorded success of each service."""


def client(replay: Replay, **options: Any) -> httpx.Client:
    return httpx.Client(transport=replay.transport, base_url="http://service.example.com", **options)


def get(replay: Replay, one: Recorded, prefer: str | None = None, **options: Any) -> httpx.Response:
    """Return the response to the recorded request, with its own `Prefer` header."""
    headers = {**one.headers, **({"Prefer": prefer} if prefer else {})}
    with client(replay, **options) as asking:
        return asking.get(one.asking(), headers=headers)


def exchange(reply: httpx.Response) -> Exchange:
    return exchange_from_response(reply, "a reply")


def sound(one: Recorded, reply: httpx.Response) -> bool:
    """Return whether a response is a success that its document allows."""
    return reply.status_code == one.status and KNOWN.check(exchange(reply)) == []


@pytest.mark.parametrize("code", [400, 401, 404, 429, 500, 503])
@pytest.mark.parametrize("one", GOOD, ids=named)
def test_prefer_code_returns_error_in_service_format(one: Recorded, code: int) -> None:
    reply = get(Replay(), one, f"code={code}, retry-after=7")
    assert reply.status_code == code
    assert reply.headers["retry-after"] == "7"
    assert reply.headers["preference-applied"] == f"code={code}, retry-after=7"
    assert "simulated failure (replay)" in reply.text
    # Which failures a service has is not for a fault to follow: an inferred one has its form, another has no form.
    assert {finding.rule for finding in KNOWN.check(exchange(reply))} <= {"status"}
    document = one.operation.contract.full
    shapes = one.operation.content(document, code)
    kind = reply.headers["content-type"].partition(";")[0]
    assert kind in (shapes or {"text/plain"})
    assert not shapes or validator(document, shapes[kind]).is_valid(reply.json())


@pytest.mark.parametrize("one", GOOD, ids=named)
def test_prefer_each_fault_in_process_has_its_effect(one: Recorded) -> None:
    replay = Replay()
    assert sound(one, get(replay, one))
    before = replay.clock.monotonic()
    assert sound(one, get(replay, one, "delay=2"))
    assert replay.clock.monotonic() == before + 2
    assert sound(one, get(replay, one, "slow-body=3"))
    assert replay.clock.monotonic() == pytest.approx(before + 5)
    with pytest.raises(httpx.ReadTimeout):
        get(replay, one, "delay=2", timeout=1)
    with pytest.raises(httpx.ReadTimeout):
        get(replay, one, "slow-body=20", timeout=1)
    with pytest.raises(httpx.RemoteProtocolError):
        get(replay, one, "truncate")
    with pytest.raises(httpx.ReadError):
        get(replay, one, "reset")
    with pytest.raises(InvalidJSON):
        _ = exchange(get(replay, one, "invalid-json")).json
    (finding,) = KNOWN.check(exchange(get(replay, one, "undocumented-field")))
    assert finding.rule == "undocumented-field"
    found = KNOWN.check(exchange(get(replay, one, "new-value")))
    assert {finding.rule for finding in found} <= {"schema", "open-list"}
    assert found
    assert sound(one, get(replay, one, "undocumented-field=false, respond-async, handling=lenient"))


def test_prefer_new_value_keeps_the_conditions_of_the_state() -> None:
    one = next(each for each in GOOD if each.operation.service == "ges")
    assert "failReason" in one.body["jobs"][0]
    reply = get(Replay(), one, "new-value")
    assert "failReason" not in reply.json()["jobs"][0]
    assert {(finding.rule, finding.name) for finding in KNOWN.check(exchange(reply))} == {("open-list", "status")}


@pytest.mark.parametrize("one", GOOD, ids=named)
def test_prefer_example_returns_recording_by_id(one: Recorded) -> None:
    for each in one.operation.recorded:
        reply = get(Replay(), one, f"example={each.id}")
        assert (reply.status_code, reply.text) == (each.status, each.recording.text)


@pytest.mark.parametrize(
    ("prefer", "says"),
    [
        ("code=299", "status from 300 to 599"),
        ("code=x", "status from 300 to 599"),
        ("delay=-1", "seconds >= 0"),
        ("truncate=maybe", "must be true, false or without a value"),
        ("retry-after=1", "retry_after must be passed with code"),
        ("example=nothing", "example must be one of"),
        (",=", "must be NAME or NAME=VALUE"),
    ],
)
def test_prefer_invalid_value_is_rejected_with_reason(prefer: str, says: str) -> None:
    reply = get(Replay(), GOOD[0], prefer)
    assert reply.status_code == 400
    assert says in reply.text


@pytest.mark.parametrize("one", GOOD, ids=named)
def test_fail_next_rejected_request_keeps_the_fault(one: Recorded) -> None:
    replay = Replay()
    replay.fail_next(503)
    with client(replay) as asking:
        if one.operation.requires_credentials:
            assert asking.get(one.asking()).status_code == 401
        assert asking.get(one.asking(), headers=one.headers).status_code == 503
        assert asking.get(one.asking(), headers=one.headers).status_code == one.status


def test_fault_next_filters_and_order_are_respected() -> None:
    cce, ief = (next(one for one in GOOD if one.operation.service == name) for name in ("cce", "ief"))
    replay = Replay()
    replay.add_job("cce", "job-1", states=["Success"])
    replay.fail_next(500, service="ief", times=2)
    replay.fail_next(503, retry_after=1, after=1)
    replay.fault_next(code=429, job="job-1")
    asked = [get(replay, one).status_code for one in (cce, cce, cce, ief, ief, ief)]
    assert asked == [200, 503, 200, 500, 500, 200]
    with client(replay) as asking:
        path = {**cce.path, "job_id": "job-1"}
        assert asking.get(cce.operation.target(path), headers=cce.headers).status_code == 429
        assert asking.get(cce.operation.target(path), headers=cce.headers).status_code == 200


@pytest.mark.parametrize(
    "what", ["slow", "slow_body", "truncate", "reset_connection", "invalid_json", "undocumented_field", "new_value"]
)
def test_next_methods_each_fault_affects_one_request(what: str) -> None:
    one, replay = GOOD[0], Replay()
    getattr(replay, f"{what}_next")(*([100.0] if what in ("slow", "slow_body") else []))
    with contextlib.suppress(httpx.TransportError):
        assert not sound(one, get(replay, one, timeout=1))
    assert sound(one, get(replay, one))


def test_fail_next_job_state_does_not_advance() -> None:
    replay = Replay("cce")
    job = replay.add_job("cce", states=["Initializing", "Running", "Success"])
    replay.fail_next(503)
    with replay.client("cce", max_retries=0) as cce:
        seen = []
        for _ in range(4):
            try:
                seen.append(cce.get_job(job.id).status.phase)
            except Exception as error:
                seen.append(type(error).__name__)
    assert seen == ["InternalServerError", "Initializing", "Running", "Success"]


SCRIPT = """
[[job]]
service = "cce"
id = "job-7"
states = ["Running", "Failed"]
reason = "no quota left"

[[rows]]
service = "ges"
count = 12

[[fault]]
code = 429
retry_after = 3
service = "cce"
"""


def test_load_script_sets_jobs_rows_and_faults(tmp_path: Path) -> None:
    file = tmp_path / "script.toml"
    file.write_text(SCRIPT, encoding="utf-8")
    replay = Replay()
    replay.load(str(file))
    with replay.client("cce") as cce, replay.client("ges") as ges:
        before = replay.clock.monotonic()
        assert [cce.get_job("job-7").status.phase for _ in range(2)] == ["Running", "Failed"]
        assert replay.clock.monotonic() >= before + 3
        assert len(ges.list_jobs("movie").jobs) == 12


@pytest.mark.parametrize(
    ("plan", "raised"),
    [
        (lambda replay: replay.fail_next(503), errors.InternalServerError),
        (lambda replay: replay.slow_next(30), errors.APITimeoutError),
        (lambda replay: replay.slow_body_next(3000), errors.APITimeoutError),
        (lambda replay: replay.truncate_next(), errors.APIConnectionError),
        (lambda replay: replay.reset_connection_next(), errors.APIConnectionError),
        (lambda replay: replay.invalid_json_next(), errors.InvalidResponseError),
        (lambda replay: replay.undocumented_field_next(), errors.ContractViolationError),
        (lambda replay: replay.new_value_next(), errors.ContractViolationError),
    ],
    ids=[
        "fail",
        "slow",
        "slow body",
        "truncate",
        "reset connection",
        "invalid json",
        "undocumented field",
        "new value",
    ],
)
def test_next_methods_client_raises_error_once(plan: Callable[[Replay], None], raised: type[Exception]) -> None:
    replay = Replay("cce")
    replay.add_job("cce")
    plan(replay)
    with replay.client("cce", timeout=5, max_retries=0, strict=True) as cce:
        with pytest.raises(raised):
            cce.get_job("job-1")
        assert cce.get_job("job-1").metadata.uid == "job-1"
    assert [bool(asked.fault) for asked in replay.requests] == [True, False]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[job]]\n", "job 1: service is missing"),
        ('[[job]]\nservice = "cce"\nstates = ["Gone"]\n', "job 1: .*, got 'Gone'"),
        ("[[fault]]\ncode = 200\n", "fault 1: code must be a status from 300 to 599, got 200"),
        ("[[fault]]\nspeed = 1\n", "fault 1: a fault must be one of code.*, got 'speed'"),
        ("[[job]\n", "must be valid TOML"),
        ('[[wish]]\nservice = "cce"\n', "a table must be one of job, rows, fault, got 'wish'"),
        ("job = 1\n", r"write \[\[job\]\]"),
    ],
)
def test_load_invalid_script_is_rejected_with_location(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "script.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=says) as refused:
        Replay().load(file)
    assert str(refused.value).startswith(f"{file}: ")


@pytest.mark.usefixtures("serves")
def test_prefer_each_fault_on_a_port_has_its_effect(tmp_path: Path) -> None:
    one = next(each for each in GOOD if each.operation.service == "cce")
    file = tmp_path / "script.toml"
    file.write_text(SCRIPT, encoding="utf-8")
    with (
        serving(tmp_path, "cce", "ges", "--script", str(file), "--jobs", "2", "--quiet") as server,
        httpx.Client(base_url=server.url, trust_env=False) as asking,
    ):

        def ask(prefer: str | None = None, path: dict[str, str] | None = None, **options: Any) -> httpx.Response:
            wish = {"Prefer": prefer} if prefer else {}
            return asking.get(one.asking(path or {}), headers={**one.headers, **wish}, **options)

        limited = ask()
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "3")
        assert sound(one, ask())
        phases = [ask(path={"job_id": "job-7"}).json()["status"]["phase"] for _ in range(2)]
        assert phases == ["Running", "Failed"]
        assert ask(path={"job_id": "job-2"}).status_code == 200
        assert ask("code=503").status_code == 503
        assert sound(one, ask("delay=0.2"))
        assert ask("delay=0.2").elapsed.total_seconds() >= 0.2
        assert sound(one, ask("slow-body=0.2"))
        with pytest.raises(httpx.ReadTimeout):
            ask("delay=1", timeout=0.2)
        with pytest.raises(httpx.RemoteProtocolError):
            ask("truncate")
        with pytest.raises(httpx.ReadError):
            ask("reset")
        with pytest.raises(json.JSONDecodeError):
            ask("invalid-json").json()
        assert not sound(one, ask("undocumented-field"))
        assert not sound(one, ask("new-value"))
        assert sound(one, ask())


def test_request_log_contains_no_credentials() -> None:
    replay, one = Replay(), GOOD[0]
    token = one.operation.credentials["X-Auth-Token"]
    get(replay, one, "code=503")
    get(replay, one)
    (failed, well) = replay.requests
    assert (failed.service, failed.status, failed.fault) == (one.operation.service, 503, "code=503")
    assert (well.status, well.fault, well.operation) == (one.status, "", one.operation.id)
    assert well.headers["x-auth-token"] == token
    assert token not in f"{replay!r}{replay.requests!r}{failed!r}{failed}"
    replay.assert_requested(times=2)
    replay.assert_requested(one.operation.service, status=503, times=1)
    with pytest.raises(
        AssertionError, match=r"must be requested 3 times, got 2 requests; all requests:\n.*-> 503 \(code=503\)"
    ):
        replay.assert_requested(times=3)
    with pytest.raises(AssertionError, match="must be requested at least once, got 0 requests"):
        replay.assert_requested(status=404)
