"""Tests of the hook, the trigger and the sensor, in Airflow's environment: `make airflow` runs them with pytest.

The file is not named as a test, so that `make test`, which has no Airflow, does not collect it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import greenback
import pytest
import uvicorn
from airflow.providers_manager import ProvidersManager
from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSensorTimeout,
    TaskDeferred,
)
from airflow.sdk.module_loading import import_string
from airflow.serialization.serialized_objects import BaseSerialization

import cloudjobs
from cloudjobs._clock import Clock
from cloudjobs.airflow import JobHook, JobSensor, JobTrigger, _sensor
from cloudjobs.auth import AkSk, BasicAuth, ClientCredentials, IamPassword, Token
from cloudjobs.testing import Replay

SECRET = "secret-5d1f9a"


@pytest.fixture
def replay() -> Iterator[Replay]:
    """A replay on a port."""
    replay = Replay(clock=Clock())
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(replay.app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    replay.address = f"http://127.0.0.1:{bound.getsockname()[1]}"  # type: ignore[attr-defined]
    yield replay
    server.should_exit = True
    thread.join()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, replay: Any) -> Any:
    """Add a connection to the environment, where Airflow looks first."""

    def connect(name: str = "cloudjobs_default", **fields: Any) -> None:
        extra = {"project_id": "p1", **fields.pop("extra", {})}
        connection = {"conn_type": "cloudjobs", "host": replay.address, "password": SECRET, **fields, "extra": extra}
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))

    connect()
    return connect


class Context(dict[str, Any]):
    """The context of a task, as far as a sensor reads it."""

    def __init__(self) -> None:
        super().__init__(ti=self)
        self.xcoms: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[key] = value

    def get_first_reschedule_date(self, context: object) -> None:
        return None


def deferred(**arguments: Any) -> tuple[JobSensor, JobTrigger]:
    """Return a sensor, and the trigger that it defers to, as another process makes it."""
    sensor = JobSensor(task_id="wait", **arguments)
    with pytest.raises(TaskDeferred) as raised:
        sensor.execute(Context())
    path, kwargs = raised.value.trigger.serialize()
    stored = json.loads(json.dumps(BaseSerialization.serialize(kwargs)))
    return sensor, import_string(path)(**BaseSerialization.deserialize(stored))


def event(trigger: JobTrigger) -> dict[str, Any]:
    """Return the one event of a trigger, as it is stored."""

    async def run() -> list[Any]:
        return [each.payload async for each in trigger.run()]

    (payload,) = asyncio.run(run())
    stored: dict[str, Any] = json.loads(json.dumps(payload))
    return stored


def test_dag_of_the_guide_defers(connect: Any, replay: Replay) -> None:
    guide = Path(__file__).parents[3] / "generator" / "docs" / "content" / "many-workers.md"
    (code,) = re.findall(r'```python title="dags/nightly.py"\n(.+?)```', guide.read_text(), re.DOTALL)
    module: dict[str, Any] = {}
    exec(code, module)
    dag = module["dag"]
    assert {task.task_id for task in dag.tasks} == {"upgrade", "imports"}
    with pytest.raises(TaskDeferred):
        dag.get_task("imports").execute(Context())


def test_provider_is_found_by_entry_point() -> None:
    manager = ProvidersManager()
    assert manager.providers["cloudjobs"].version == cloudjobs.__version__
    hook = manager.hooks["cloudjobs"]
    assert hook is not None
    assert import_string(hook.hook_class_name) is JobHook
    widgets = manager._connection_form_widgets_from_metadata
    assert widgets["extra__cloudjobs__security_token"].is_sensitive
    assert not widgets["extra__cloudjobs__project_id"].is_sensitive


def test_hook_of_connection_has_its_client(connect: Any, replay: Replay) -> None:
    replay.add_job("cce", "job-1")
    hook = BaseHook.get_connection("cloudjobs_default").get_hook(hook_params={"service": "cce"})
    with hook.get_conn() as client:
        assert client.snapshot("job-1").id == "job-1"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"password": None}, type(None)),
        ({}, Token),
        ({"login": "key"}, AkSk),
        ({"login": "key", "extra": {"security_token": "temporary"}}, AkSk),
        ({"login": "user", "extra": {"domain": "account"}}, IamPassword),
        ({"login": "user", "extra": {"domain": "account", "project_id": "", "project": "name"}}, IamPassword),
    ],
)
def test_hook_credentials_follow_from_fields(
    connect: Any, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], kind: type[object]
) -> None:
    monkeypatch.setenv("CLOUDJOBS_TOKEN", "of-the-environment")
    connect(**fields)
    found = JobHook("cce")._arguments(Connection.get("cloudjobs_default"))
    assert type(found["auth"]) is kind


@pytest.mark.parametrize(
    ("kinds", "extra", "kind"),
    [
        (("Token", "AkSk", "BasicAuth"), {}, AkSk),
        (("Token", "BasicAuth"), {}, BasicAuth),
        (("BasicAuth", "ClientCredentials"), {}, BasicAuth),
        (("BasicAuth", "ClientCredentials"), {"scopes": "jobs.read jobs.list"}, ClientCredentials),
        (("ClientCredentials",), {}, ClientCredentials),
        ((), {"token_url": "https://login.example.com/token"}, ClientCredentials),
    ],
)
def test_hook_kind_of_login_follows_from_the_document(
    connect: Any, monkeypatch: pytest.MonkeyPatch, kinds: tuple[str, ...], extra: dict[str, str], kind: type[object]
) -> None:
    monkeypatch.setattr(_sensor, "kinds_of", lambda service: kinds)
    connect(login="id", extra=extra)
    found = JobHook("cce")._arguments(Connection.get("cloudjobs_default"))
    assert type(found["auth"]) is kind
    assert found.keys() == {"base_url", "auth", "project_id"}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"service": "nothing"}, "service must be one of cce"),
        ({"service": "cce", "arguments": {"graph_name": "x"}}, "must be among project_id, got graph_name"),
    ],
)
def test_sensor_invalid_arguments_fail_in_the_task(connect: Any, arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        JobSensor(task_id="wait", job_ids="job-1", **arguments).execute(Context())


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"settings": {"colour": "red"}}, "connection 'cloudjobs_default', settings: .*colour"),
        ({"service": "ges"}, "graph_name"),
        ({"conn_id": "missing"}, "missing"),
    ],
)
def test_trigger_configuration_errors_are_those_of_the_task(connect: Any, changes: dict[str, Any], text: str) -> None:
    sensor, trigger = deferred(**{"service": "cce", "job_ids": "job-1", **changes})
    with pytest.raises(AirflowException, match=text):
        sensor.execute_complete(Context(), event(trigger))


def test_sensor_defers_and_returns_the_snapshot(connect: Any, replay: Replay) -> None:
    replay.add_job("cce", "job-1", states=["running", "succeeded"])
    sensor, trigger = deferred(service="cce", job_ids="job-1", poll_interval=0.2)
    snapshot = sensor.execute_complete(Context(), event(trigger))
    assert (snapshot["id"], snapshot["state"]) == ("job-1", "succeeded")
    assert cloudjobs.cce.models.Job.from_dict(snapshot["job"]).metadata


def test_sensor_of_several_jobs_fails_with_reason_and_has_all_snapshots(connect: Any, replay: Replay) -> None:
    replay.add_job("ges", "a", states=["running", "succeeded"])
    replay.add_job("ges", "b", states=["running", "failed"], reason="no quota left")
    sensor, trigger = deferred(service="ges", job_ids=["a", "b"], arguments={"graph_name": "movie"}, poll_interval=0.2)
    context = Context()
    with pytest.raises(AirflowFailException, match="'b' ended as failed: no quota left"):
        sensor.execute_complete(context, event(trigger))
    assert {name: each["state"] for name, each in context.xcoms["return_value"].items()} == {
        "a": "succeeded",
        "b": "failed",
    }


def test_sensor_job_that_is_missing_is_an_error(connect: Any, replay: Replay) -> None:
    replay.add_job("cce", "a", states=["succeeded"])
    sensor, trigger = deferred(service="cce", job_ids=["a", "gone"])
    with pytest.raises(AirflowException, match=r"NotFoundError: .*'gone'") as raised:
        sensor.execute_complete(Context(), event(trigger))
    assert not isinstance(raised.value, AirflowFailException)


def test_sensor_timeout_is_that_of_the_whole_wait(connect: Any, replay: Replay) -> None:
    replay.add_job("cce", "running", states=["running"])
    replay.add_job("cce", "ended", states=["succeeded"])
    sensor, trigger = deferred(service="cce", job_ids=["running", "ended"], timeout=60)
    trigger.started -= 120
    started = time.monotonic()
    payload = event(trigger)
    # No triggerer ran in time: each job is polled once.
    assert time.monotonic() - started < 30
    assert payload["snapshots"].keys() == {"ended"}
    with pytest.raises(AirflowSensorTimeout, match="running"):
        sensor.execute_complete(Context(), payload)


def test_sensor_soft_fail_skips(connect: Any, replay: Replay) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    replay.add_job("cce", "job-1", states=["failed"])
    sensor, trigger = deferred(service="cce", job_ids="job-1", soft_fail=True)
    with pytest.raises(AirflowSkipException):
        sensor.resume_execution("execute_complete", {"event": event(trigger)}, Context())  # type: ignore[arg-type]


def test_trigger_continues_from_its_stored_arguments(connect: Any, replay: Replay) -> None:
    replay.add_job("cce", "job-1", states=["running"])
    _, trigger = deferred(service="cce", job_ids="job-1", timeout=23)
    _, arguments = trigger.serialize()
    assert arguments == JobTrigger(**arguments).serialize()[1]
    started = time.monotonic()
    payload = event(JobTrigger(**{**arguments, "started": arguments["started"] - 20}))
    assert "running" in payload["late"]["job-1"]
    assert time.monotonic() - started < 20
    # A new wait polls at once, after 1 second and after 2.5.
    assert len(replay.requests) <= 2


def test_triggers_of_one_connection_share_a_client(connect: Any) -> None:
    connect("other", password="another")

    async def run() -> None:
        one, two, other = (JobHook("cce", name) for name in ("cloudjobs_default", "cloudjobs_default", "other"))
        async with one.shared_client() as first, two.shared_client() as second, other.shared_client() as third:
            assert first is second
            assert first is not third
        assert not _sensor._shared

    asyncio.run(run())


def test_triggers_that_start_together_share_a_client(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a connection lets other triggers run: Airflow masks its values in another process."""

    class Yielding:
        host, login, password = "http://127.0.0.1:1", None, SECRET

        @property
        def extra_dejson(self) -> dict[str, str]:
            greenback.await_(asyncio.sleep(0.01))
            return {}

        def get_uri(self) -> str:
            return "uri"

    async def connection(conn_id: str) -> Yielding:
        return Yielding()

    async def use() -> None:
        await greenback.ensure_portal()
        async with JobHook("cce").shared_client() as client:
            clients.append(client)
            await asyncio.sleep(0.05)

    async def run() -> None:
        await asyncio.gather(*(use() for _ in range(5)))

    clients: list[Any] = []
    monkeypatch.setattr(JobHook, "aget_connection", staticmethod(connection))
    asyncio.run(run())
    assert len(set(map(id, clients))) == 1
    assert not _sensor._shared


@pytest.mark.parametrize("mode", ["poke", "reschedule"])
def test_sensor_that_does_not_defer_pokes(connect: Any, replay: Replay, mode: str) -> None:
    replay.add_job("cce", "job-1", states=["running", "succeeded"])
    sensor = JobSensor(task_id="wait", service="cce", job_ids="job-1", deferrable=False, mode=mode)
    assert not sensor.poke(Context())  # type: ignore[arg-type]
    done = sensor.poke(Context())  # type: ignore[arg-type]
    assert done.is_done
    assert done.xcom_value["state"] == "succeeded"


def test_sensor_poke_of_a_job_that_may_appear_waits(connect: Any, replay: Replay) -> None:
    arguments: dict[str, Any] = {"task_id": "wait", "service": "cce", "job_ids": "gone", "deferrable": False}
    assert not JobSensor(not_found_grace=60, **arguments).poke(Context())  # type: ignore[arg-type]
    with pytest.raises(AirflowException, match="NotFoundError"):
        JobSensor(**arguments).poke(Context())  # type: ignore[arg-type]


def test_secrets_are_in_no_stored_or_logged_text(
    connect: Any, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connect(login="key-of-access", extra={"security_token": "temporary-91c2"})
    replay.add_job("cce", "job-1", states=["running", "failed"], reason="no quota left")
    replay.fail_next(403, after=1)
    sensor, trigger = deferred(service="cce", job_ids="job-1", poll_interval=0.2)
    payload = event(trigger)
    texts = [caplog.text, repr(trigger), repr(sensor), str(trigger.serialize()), str(payload), str(_sensor._shared)]
    assert payload["errors"]
    for secret in (SECRET, "temporary-91c2"):
        assert not any(secret in text for text in texts)
