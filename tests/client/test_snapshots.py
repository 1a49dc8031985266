"""One view over the jobs of all services: what each snapshot says was worked out by hand from the recorded response."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from cloudjobs import JobSnapshot, JobState, cce, ges, ief, yuanrong
from tests.reference import REFERENCE

from .doc_examples import all_models, models, named, recordings, schema_of, service_of
from .json_values import DETERMINISTIC, objects, scalars

JOBS = [model for model in all_models() if "x-job" in schema_of(model)]
NO_JOBS = [model for model in all_models() if "x-job" not in schema_of(model)]
TERMINAL = {JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.STOPPED}
every_job = pytest.mark.parametrize("model", JOBS, ids=named)


def recorded(service: str, name: str) -> Any:
    return json.loads(recordings(service)[name]["body"])


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def shape_of(model: type[Any]) -> dict[str, Any]:
    """Return the model's `x-job`."""
    found: dict[str, Any] = schema_of(model)["x-job"]
    return found


def listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def nested(dotted: str, value: object) -> dict[str, Any]:
    """Return an object with that value at that dotted name."""
    for name in reversed(dotted.split(".")):
        value = {name: value}
    assert isinstance(value, dict)
    return value


def merged(*parts: dict[str, Any]) -> dict[str, Any]:
    """Return one object of several, of which the later win."""
    whole: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            both = isinstance(whole.get(key), dict) and isinstance(value, dict)
            whole[key] = merged(whole[key], value) if both else value
    return whole


def in_state(model: type[Any], value: object) -> dict[str, Any]:
    """Return a job with that value in its state field."""
    return nested(listed(shape_of(model)["state"]["field"])[0], value)


def values_of(model: type[Any]) -> dict[str, str]:
    """Return each value that the document lists, and the state that it means."""
    return {value: state for state, values in shape_of(model)["state"].items() if state != "field" for value in values}


def value_in_state(model: type[Any], *states: str) -> str | None:
    return next((value for value, state in values_of(model).items() if state in states), None)


# The recorded jobs


def test_snapshot_of_recorded_cce_job_is_running() -> None:
    job = cce.Job.from_dict(recorded("cce", "get-job-running"))
    snapshot = JobSnapshot.from_job(job)
    assert snapshot.id == "354331b2c-229a-11e8-9c75-0255ac100ceb"
    assert snapshot.state is JobState.RUNNING
    assert not snapshot.is_terminal
    assert not snapshot.is_success
    assert snapshot.progress == 0.99
    assert snapshot.started_at == at(2020, 2, 2, 8, 12, 40, 672772)
    assert snapshot.ended_at is None
    assert snapshot.reason is None
    assert snapshot.job is job
    installed, certified = snapshot.children
    assert [child.id for child in (installed, certified)] == [
        "fd474fab-9606-11e8-baa9-0255ac10215d",
        "fd474f82-9606-11e8-baa8-0255ac10215d",
    ]
    for child in (installed, certified):
        assert child.state is JobState.SUCCEEDED
        assert child.is_terminal
        assert child.is_success
        assert child.progress == 1.0
        assert child.reason is None
        assert child.children == ()
    assert (installed.started_at, installed.ended_at) == (
        at(2020, 2, 2, 3, 52, 34, 615819),
        at(2020, 2, 2, 4, 5, 29, 196243),
    )
    assert (certified.started_at, certified.ended_at) == (
        at(2020, 2, 2, 3, 52, 33, 859150),
        at(2020, 2, 2, 3, 52, 34, 615655),
    )
    assert job.spec is not None
    assert job.spec.sub_jobs is not None
    assert [child.job for child in snapshot.children] == job.spec.sub_jobs


def test_snapshot_of_recorded_ges_rows_has_utc_timestamps() -> None:
    page = ges.JobList.from_dict(recorded("ges", "list-jobs-page"))
    failed, shortest_path, imported = [JobSnapshot.from_job(row) for row in page.jobs or ()]
    assert failed.id == "b236a002-6acb-40cd-acca-bc3eb96b807d001680206"
    assert failed.state is JobState.FAILED
    assert (failed.is_terminal, failed.is_success) == (True, False)
    assert failed.progress is None  # the row says "100", of a job that failed
    assert failed.started_at == failed.ended_at == at(2024, 5, 23, 1, 54)
    assert failed.reason == "Running algorithm [shortest_path] error: parameter [source] is invalid!"
    assert shortest_path.id == "5a39d9f6-e955-4294-8ec6-2fe18eee98c7001680206"
    assert shortest_path.started_at == shortest_path.ended_at == at(2024, 5, 23, 1, 41, 40)
    assert imported.id == "cef6ae30-f21b-4a2a-a83c-cf91bee679d9001680206"
    assert imported.started_at == imported.ended_at == at(2024, 5, 23, 1, 33, 21)
    for row in (shortest_path, imported):
        assert row.state is JobState.SUCCEEDED
        assert row.is_success
        assert row.progress == 1.0
        assert row.reason is None
        assert row.children == ()


def test_snapshot_of_recorded_ief_job_is_succeeded() -> None:
    job = ief.BatchJob.from_dict(recorded("ief", "get-batch-job-successful"))
    assert (job.task_failed_count, job.task_success_count) == (2, 0)
    snapshot = JobSnapshot.from_job(job)
    assert snapshot.id == "66273c66-f72e-4607-8769-3663d255fb83"
    assert snapshot.state is JobState.SUCCEEDED
    assert snapshot.is_success
    assert snapshot.progress == 1.0
    assert snapshot.started_at == at(2022, 10, 31, 12, 11, 48)
    assert snapshot.ended_at == at(2022, 10, 31, 12, 12, 9)
    assert snapshot.reason is None
    first, second = snapshot.children
    assert first.id == "382cca3e-88e6-4a7c-bf23-b637a99761f9"
    assert first.started_at == at(2022, 10, 31, 12, 12, 4)
    assert second.id == "ac04605b-c286-4f23-97e0-fe08366c36f5"
    assert second.started_at == at(2022, 10, 31, 12, 12, 5)
    for task in (first, second):
        assert task.state is JobState.SUCCEEDED
        assert task.progress == 1.0
        assert task.ended_at is None
        assert task.reason is None


def test_snapshot_of_recorded_yuanrong_job_has_timestamps() -> None:
    snapshot = JobSnapshot.from_job(yuanrong.Job.from_dict(recorded("yuanrong", "get-job-succeeded")))
    assert snapshot.id == "app-fe4ee1e5-d24f-4236-be15-7654e3c2229b"
    assert snapshot.state is JobState.SUCCEEDED
    assert snapshot.progress == 1.0
    assert snapshot.started_at == at(2025, 8, 18, 2, 27, 57)
    assert snapshot.ended_at == at(2025, 8, 18, 2, 29)
    assert snapshot.reason is None
    assert snapshot.children == ()


# States


def test_services_each_have_a_job_model() -> None:
    assert {service_of(model) for model in JOBS} == set(REFERENCE)
    assert NO_JOBS


@every_job
def test_snapshot_of_listed_value_has_documented_state(model: type[Any]) -> None:
    assert values_of(model)
    for value, state in values_of(model).items():
        snapshot = JobSnapshot.from_job(model.from_dict(in_state(model, value)))
        assert snapshot.state is JobState(state), value
        assert snapshot.is_terminal is (snapshot.state in TERMINAL)
        assert snapshot.is_success is (state == "succeeded")


@every_job
def test_job_mapping_covers_every_documented_state_value(model: type[Any]) -> None:
    """A value listed at the field and forgotten in `x-job` would be unknown for ever, and no wait would end with it."""
    schema = schema_of(model)
    for name in listed(shape_of(model)["state"]["field"])[0].split("."):
        schema = schema["properties"][name]
        if "$ref" in schema:
            schema = schema_of(models(service_of(model))[schema["$ref"].rpartition("/")[2]])
    assert {value for value in schema.get("enum") or schema["anyOf"][0]["enum"] if value} == set(values_of(model))


@every_job
def test_snapshot_of_unknown_or_missing_state_is_not_terminal(model: type[Any]) -> None:
    known = next(iter(values_of(model)))
    odd = ["", "next Tuesday's", known.swapcase(), f"{known} ", None, 0, 1, 1.5, True, [known], {"phase": known}]
    for data in [{}, *(in_state(model, value) for value in odd)]:
        snapshot = JobSnapshot.from_job(model.from_dict(data))
        assert snapshot.state is JobState.UNKNOWN, data
        assert not snapshot.is_terminal
        assert not snapshot.is_success
        assert snapshot.ended_at is None


@every_job
def test_snapshot_of_empty_job_has_no_values(model: type[Any]) -> None:
    job = model.from_dict({})
    snapshot = JobSnapshot.from_job(job)
    assert (snapshot.id, snapshot.progress, snapshot.started_at, snapshot.ended_at, snapshot.reason) == (None,) * 5
    assert snapshot.children == ()
    assert snapshot.job is job


A_MOMENT = {
    "go-time": "2024-05-23 01:54:00.5 +0000 UTC",
    "epoch-s": "1716429240",
    "epoch-ms": "1716429240000",
    "epoch-us": "1716429240000000",
    "datetime": "2024-05-23 09:54:00",
}


@every_job
def test_snapshot_ended_at_is_set_only_for_terminal_state(model: type[Any]) -> None:
    shape = shape_of(model)
    if "ended" not in shape:
        snapshot = JobSnapshot.from_job(model.from_dict(in_state(model, value_in_state(model, *TERMINAL))))
        assert snapshot.ended_at is None
        return
    end = nested(listed(shape["ended"]["field"])[0], A_MOMENT[shape["ended"]["formats"][0]])
    for value, state in values_of(model).items():
        ended_at = JobSnapshot.from_job(model.from_dict(merged(in_state(model, value), end))).ended_at
        assert (ended_at is not None) is (state in TERMINAL), value


@every_job
def test_snapshot_id_and_reason_are_strings_or_none(model: type[Any]) -> None:
    shape = shape_of(model)
    for part, attribute in [("id", "id"), ("reason", "reason")]:
        for name in listed(shape.get(part, [])):
            for value, told in [("text", "text"), (17, "17"), ("", None), (None, None), (True, None), ([], None)]:
                snapshot = JobSnapshot.from_job(model.from_dict(nested(name, value)))
                assert getattr(snapshot, attribute) == told


def test_snapshot_children_of_other_type_are_omitted() -> None:
    rows: list[Any] = ["text", None, 3, [], {"task_id": "t1", "status": "Running"}, True, {}]
    snapshot = JobSnapshot.from_job(ief.BatchJob.from_dict({"tasks": rows}))
    assert [(child.id, child.state) for child in snapshot.children] == [
        ("t1", JobState.RUNNING),
        (None, JobState.UNKNOWN),
    ]
    assert JobSnapshot.from_job(ief.BatchJob.from_dict({"tasks": {"task_id": "t1"}})).children == ()


@every_job
def test_snapshot_copy_and_pickle_equal_original(model: type[Any]) -> None:
    snapshot = JobSnapshot.from_job(model.from_dict(full_job(model)))
    for again in (copy.copy(snapshot), copy.deepcopy(snapshot), pickle.loads(pickle.dumps(snapshot))):
        assert again == snapshot
        assert again.to_dict() == snapshot.to_dict()
        assert again.deviations == snapshot.deviations


@every_job
def test_snapshot_to_dict_is_json_with_the_model(model: type[Any]) -> None:
    job = full_job(model)
    snapshot = JobSnapshot.from_job(model.from_dict(job))
    written = snapshot.to_dict()
    assert list(written) == ["id", "state", "progress", "started_at", "ended_at", "reason", "children", "job"]
    assert written["job"] == job
    assert written["state"] == str(snapshot.state)
    assert type(written["state"]) is str
    for name in ("started_at", "ended_at"):
        moment = getattr(snapshot, name)
        assert written[name] == (None if moment is None else moment.isoformat())
    assert [each["id"] for each in written["children"]] == [each.id for each in snapshot.children]
    assert not any("job" in each for each in written["children"])
    assert json.loads(snapshot.to_json()) == json.loads(snapshot.to_json(indent=2)) == written
    assert "\n" not in snapshot.to_json()


@every_job
def test_snapshot_asdict_and_rich_show_data_only(model: type[Any]) -> None:
    snapshot = JobSnapshot.from_job(model.from_dict(full_job(model)))
    names = {"id", "state", "progress", "started_at", "ended_at", "reason", "children", "job", "code"}
    assert attrs.asdict(snapshot).keys() == names
    assert "deviations" not in pretty_repr(snapshot)


def test_snapshot_html_escapes_values_and_counts_children() -> None:
    hostile = "<script>&\"'"
    sub_jobs = [{"metadata": {"uid": hostile}} for _ in range(30)]
    job = {
        "metadata": {"uid": hostile},
        "status": {"phase": "Failed", "reason": hostile},
        "spec": {"subJobs": sub_jobs},
    }
    shown = JobSnapshot.from_job(cce.Job.from_dict(job))._repr_html_()
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;&amp;&quot;&#x27;") == 22
    assert "<th>state</th><td>failed</td>" in shown
    assert "<p>10 more</p>" in shown


def full_job(model: type[Any]) -> dict[str, Any]:
    """Return a job with a value in each field of its mapping, and a child."""
    mapping = shape_of(model)
    value = value_in_state(model, "failed", "running")
    parts = [nested(name, f"{name} <x>") for key in ("id", "reason") for name in listed(mapping.get(key, []))]
    parts += [nested(listed(mapping[key]["field"])[0], "no time") for key in ("started", "ended") if key in mapping]
    children = [nested(mapping["children"], [{}, {"unknown": None}])] if "children" in mapping else []
    return merged(*parts, in_state(model, value), *children)


def test_snapshot_leaves_model_unchanged() -> None:
    data = recorded("cce", "get-job-running")
    job = cce.Job.from_dict(data)
    assert JobSnapshot.from_job(job) == JobSnapshot.from_job(job)
    assert job.to_dict() == data


@pytest.mark.parametrize("model", NO_JOBS, ids=named)
def test_snapshot_from_other_model_raises_type_error(model: type[Any]) -> None:
    with pytest.raises(TypeError, match=model.__name__):
        JobSnapshot.from_job(model.from_dict({}))


def test_snapshot_from_non_model_raises_type_error() -> None:
    not_models: list[Any] = [None, {}, "job", cce.Job, object()]
    for value in not_models:
        with pytest.raises(TypeError, match="must be a model of a job"):
            JobSnapshot.from_job(value)


# Anything


def assert_valid_snapshot(snapshot: JobSnapshot) -> None:
    assert (snapshot.progress == 1.0) is snapshot.is_success
    assert snapshot.progress is None or snapshot.is_success or 0.0 <= snapshot.progress <= 0.99
    assert snapshot.is_terminal is (snapshot.state in TERMINAL)
    for moment in (snapshot.started_at, snapshot.ended_at):
        assert moment is None or (moment.tzinfo is UTC and 2000 <= moment.year <= 2100)
    assert {type(snapshot.id), type(snapshot.reason)} <= {str, type(None)}
    for child in snapshot.children:
        assert_valid_snapshot(child)


@every_job
def test_snapshot_of_any_object_is_valid(model: type[Any]) -> None:
    shape = shape_of(model)
    fields = [
        *listed(shape["id"]),
        *listed(shape.get("reason", [])),
        *(name for moment in ("started", "ended") if moment in shape for name in listed(shape[moment]["field"])),
        *(name for part in ("field", "done", "total") for name in listed(shape.get("progress", {}).get(part, []))),
    ]
    likely = scalars | st.sampled_from(["100", "1716429240", "2024-05-23 09:54:00"]) | st.integers(0, 2**31)
    state = st.sampled_from(list(values_of(model))) | scalars
    parts = [state.map(lambda value: in_state(model, value)), *(likely.map(at_field(name)) for name in fields)]

    @DETERMINISTIC
    @given(objects(model), st.tuples(*parts), st.booleans())
    def holds(data: dict[str, Any], likely: tuple[dict[str, Any], ...], wild: bool) -> None:
        assert_valid_snapshot(JobSnapshot.from_job(model.from_dict(data if wild else merged(data, *likely))))

    holds()


def at_field(dotted: str) -> Any:
    return lambda value: nested(dotted, value)


@every_job
def test_snapshot_id_with_too_many_digits_does_not_raise(model: type[Any]) -> None:
    name = listed(shape_of(model)["id"])[0]
    assert_valid_snapshot(JobSnapshot.from_job(model.from_dict(nested(name, 10**5000))))
