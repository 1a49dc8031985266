"""Models, snapshots and rows as fields of pydantic's models, as FastAPI has them in its responses.

pydantic is here because openapi-python-client needs it. FastAPI itself is tried by `make interop`.
"""

from __future__ import annotations

import json
from typing import Any

import pydantic
import pytest
from jsonschema_rs import Draft202012Validator
from pydantic import BaseModel, TypeAdapter

from cloudjobs import JobSnapshot, LazyList, cce, ges, ief, yuanrong

from .doc_examples import Operation, all_models, named, operations, properties_of, recorded_successes
from .transports import assert_same_json

every_model = pytest.mark.parametrize("model", all_models(), ids=named)
every_operation = pytest.mark.parametrize("operation", operations(), ids=named)
MODES: tuple[Any, ...] = ("validation", "serialization")


class Report(BaseModel):
    """A model of a user."""

    job: cce.Job
    row: ges.Job | None = None
    done: JobSnapshot[ief.BatchJob] | None = None
    any_done: JobSnapshot | None = None
    rows: LazyList[ges.Job] = LazyList()


@every_operation
def test_pydantic_reads_and_writes_each_recorded_response(operation: Operation) -> None:
    adapter = TypeAdapter(operation.reply)
    for recorded in recorded_successes(operation):
        data = {**recorded, "not in any document": None}
        read = adapter.validate_python(data)
        assert read == operation.reply.from_dict(data)
        assert adapter.validate_python(read) is read
        assert_same_json(adapter.dump_python(read), data)
        assert_same_json(json.loads(adapter.dump_json(read)), data)
        assert adapter.validate_json(adapter.dump_json(read)) == read


@every_operation
@pytest.mark.parametrize("mode", MODES)
def test_pydantic_json_schema_accepts_each_recorded_response(operation: Operation, mode: Any) -> None:
    schema = TypeAdapter(operation.reply).json_schema(mode=mode)
    validator = Draft202012Validator(schema)
    for recorded in recorded_successes(operation):
        validator.validate(recorded)
        assert not validator.is_valid([recorded])
        for name in properties_of(operation.reply):
            assert not validator.is_valid({**recorded, name: [{}, 1]})


@every_model
def test_pydantic_json_schema_has_wire_names(model: type[Any]) -> None:
    schema = TypeAdapter(model).json_schema()
    found = schema["$defs"][model.__name__] if "$ref" in schema else schema
    assert found["properties"].keys() == properties_of(model).keys()
    assert found["additionalProperties"] is True
    assert "required" not in found


def test_pydantic_json_schema_of_model_in_itself_is_a_reference() -> None:
    schema = TypeAdapter(cce.Job).json_schema()
    items = schema["$defs"]["JobSpec"]["properties"]["subJobs"]["anyOf"][0]["items"]
    assert items == {"$ref": "#/$defs/Job"}
    Draft202012Validator(schema).validate({"spec": {"subJobs": [{"spec": {"subJobs": [{}]}}]}})
    assert not Draft202012Validator(schema).is_valid({"spec": {"subJobs": [{"spec": {"subJobs": [{"kind": 1}]}}]}})


def test_pydantic_json_schema_keeps_models_of_one_name_apart() -> None:
    schema = Report.model_json_schema()
    names = [name for name in schema["$defs"] if name.endswith("__Job")]
    assert len(names) == 2
    Draft202012Validator(schema).validate({"job": {"kind": "Job"}, "row": {"jobId": "1"}})
    assert not Draft202012Validator(schema).is_valid({"job": {"kind": "Job"}, "row": {"jobId": 1}})


def test_pydantic_model_with_fields_of_ours_round_trips() -> None:
    job = cce.Job.from_dict({"kind": "Job", "apiVersion": None, "x": 1})
    batch = ief.BatchJob.from_dict({"id": "b", "tasks": [{"id": "t", "status": "failed"}]})
    report = Report(
        job=job,
        row=ges.Job(job_id="1"),
        done=JobSnapshot.from_job(batch),
        any_done=JobSnapshot.from_job(job),
        rows=LazyList([ges.Job(job_id="2")]),
    )
    written = report.model_dump()
    assert written == json.loads(report.model_dump_json())
    assert written["job"] == {"kind": "Job", "apiVersion": None, "x": 1}
    assert written["done"] == JobSnapshot.from_job(batch).to_dict()
    assert written["rows"] == [{"jobId": "2"}]
    again = Report.model_validate({**written, "any_done": report.any_done})
    assert again == report
    assert type(again.rows) is LazyList
    Draft202012Validator(Report.model_json_schema()).validate(written)


def test_pydantic_snapshot_json_schema_describes_to_dict() -> None:
    for snapshot in (
        JobSnapshot.from_job(cce.Job.from_dict({"spec": {"subJobs": [{"spec": {"subJobs": [{}]}}]}})),
        JobSnapshot.from_job(yuanrong.Job(status="RUNNING")),
    ):
        for kind in (JobSnapshot[type(snapshot.job)], JobSnapshot):  # type: ignore[misc]
            schema = TypeAdapter(kind).json_schema(mode="serialization")
            validator = Draft202012Validator(schema)
            validator.validate(snapshot.to_dict())
            assert not validator.is_valid({**snapshot.to_dict(), "state": "done"})
            assert not validator.is_valid({**snapshot.to_dict(), "children": [{}]})
            assert not validator.is_valid({"id": "1"})


@pytest.mark.parametrize(
    ("annotation", "value", "said"),
    [
        (cce.Job, [], "must be an object, got list"),
        (cce.Job, ges.Job(), "must be an object, got Job"),
        (JobSnapshot[cce.Job], {"job": 1}, "must be an object, got int"),
        (JobSnapshot[cce.Job], JobSnapshot.from_job(ges.Job()), "job must be a cce.Job, got ges.Job"),
        (JobSnapshot, {"job": {}}, "must be a JobSnapshot, got dict: annotate JobSnapshot"),
        (LazyList[ges.Job], [1], "must be an object, got int"),
    ],
)
def test_pydantic_other_value_is_a_validation_error(annotation: Any, value: object, said: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=said):
        TypeAdapter(annotation).validate_python(value)
