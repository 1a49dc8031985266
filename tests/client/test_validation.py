"""Mutated recordings, read tolerantly, strictly and fast: compared with a JSON Schema validator and with each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudjobs import Deviation, DeviationKind, Severity, _decoding, _documents, errors
from tests.exhaustive import sample

from .malformed_bodies import (
    CALLS,
    DETERMINISTIC,
    Call,
    Wire,
    at,
    call_of,
    document,
    finished,
    joined,
    named,
    oracle,
    recorded,
    same,
    standalone,
    undocumented,
)
from .mutations import anything, escape, mutations, single_edits, text

every_call = pytest.mark.parametrize("call", CALLS, ids=named)
REFUSALS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Judge:
    """Compare the client's decoding of a body with the schemas of the document."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.components = document(call.service)["components"]["schemas"]
        self.validator = jsonschema_rs.Draft202012Validator(standalone(call.success, self.components))
        self.wire = Wire()
        self.tolerant = call.client(self.wire)
        self.strict = self.tolerant.with_options(strict=True)
        self.reader = _decoding.response_decoder(call.model, call.operation)
        self.kept = self.departed = self.fast = 0
        """How many bodies kept the contract, how many did not, and how many were read the fast way."""

    async def judge(self, content: bytes) -> None:
        """Fail unless a body, which is an object, is read as it has to be in every way."""
        value = oracle(content)
        assert isinstance(value, dict)
        found = list(await self._read_tolerantly(content, value))
        violations = [one for one in found if one.severity is Severity.VIOLATION]
        await self._read_strictly(content, violations)
        if self.call.about(value).job_id is None:
            # It could not be asked for by its ID. Of that, a schema knows nothing.
            found, violations = (
                [one for one in each if one.kind is not DeviationKind.IDENTITY] for each in (found, violations)
            )
        self._agrees_with_validator(value, violations)
        for deviation in found:
            check_pointer(value, deviation)
        if decoders_agree(self.reader, content):
            self.fast += 1
            assert not found
        self.departed += bool(violations)
        self.kept += not violations

    async def _read_tolerantly(self, content: bytes, value: Any) -> tuple[Deviation, ...]:
        self.wire.body = content
        raw = await self.call.about(value).raw(self.tolerant)
        model = raw.parse()
        assert type(model) is self.call.model
        assert same(model.to_dict(), value)  # which touches every row
        found: tuple[Deviation, ...] = raw.deviations
        return found

    def _agrees_with_validator(self, value: Any, violations: list[Deviation]) -> None:
        fields = {one.pointer for one in violations if one.kind is DeviationKind.UNDOCUMENTED}
        assert fields == undocumented(joined(self.call.success, self.components), value, self.components)
        rejected = self.validator.iter_errors(without_surrogates(value))
        assert violation_pointers(violations) == {error_pointer(error) for error in rejected}

    async def _read_strictly(self, content: bytes, violations: list[Deviation]) -> None:
        self.wire.body = content
        call = self.call.about(oracle(content))
        if not violations:
            assert same((await call.parsed(self.strict)).to_dict(), oracle(content))
            return
        with pytest.raises(errors.ContractViolationError) as caught:
            await call.parsed(self.strict)
        assert list(map(shown, caught.value.violations)) == list(map(shown, violations))


def violation_pointers(violations: list[Deviation]) -> set[str]:
    """Return the places of a validator's errors: a missing field at its object, and unknown names."""
    return {
        pointer_of(
            (one.pointer.rpartition("/")[0] if one.kind is DeviationKind.MISSING else one.pointer).split("/"), str
        )
        for one in violations
        if one.kind is not DeviationKind.UNDOCUMENTED
    }


def pointer_of(parts: Iterable[str | int], escaped: Callable[[str], str] = escape) -> str:
    """Return a pointer without its empty names, which jsonschema-rs leaves out of its paths."""
    return "".join(f"/{escaped(str(part))}" for part in parts if part != "")


def error_pointer(error: Any) -> str:
    """Return the place of an error in the client: a broken condition of a field at that field, not at the other one."""
    path, keys = list(error.instance_path), list(error.schema_path)
    if "dependentSchemas" in keys[-5:]:
        # Empty names are left out of both paths.
        rest = keys[len(keys) - keys[::-1].index("dependentSchemas") :]
        field = "" if rest[0] == "properties" else rest.pop(0)
        if rest[0] == "properties":
            path = [*(path[:-1] if len(rest) == 3 else path), field]
    return pointer_of(path)


def shown(deviation: Deviation) -> tuple[object, ...]:
    """Return a deviation for comparison: booleans and numbers that are equal are distinguished."""
    return (deviation.pointer, deviation.expected, deviation.kind, deviation.severity, repr(deviation.actual))


def without_surrogates(value: Any) -> Any:
    """Return the value for the validator, which is written in Rust and takes no half of a surrogate pair."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))


def check_pointer(value: Any, deviation: Deviation) -> None:
    """Fail unless a deviation is where it says."""
    if deviation.kind is DeviationKind.MISSING:
        above, _, name = deviation.pointer.rpartition("/")
        assert name.replace("~1", "/").replace("~0", "~") not in at(value, above)
        assert deviation.actual is None
    else:
        assert same(at(value, deviation.pointer), deviation.actual)


def decoders_agree(reader: Any, content: bytes) -> bool:
    """Fail unless the fast decoder returns the result of the tolerant one. False where the fast way refuses."""
    try:
        fast = reader.make(content)
    except REFUSALS:
        return False
    read = reader.tolerant(content)
    assert not read.deviations
    slow = read.value
    rows = getattr(slow, "jobs", None)
    if isinstance(rows, list) and rows and isinstance(rows[0], msgspec.Raw):
        assert [bytes(row) for row in fast.jobs] == [bytes(row) for row in rows]
        of_row = _decoding.decoder_of(type(slow).__module__.rpartition(".")[0], reader.node.properties["jobs"].items)
        accepted = [decoders_agree(of_row, bytes(row)) for row in rows]
        fast.jobs = slow.jobs = None
        assert fast == slow
        assert same(fast.to_dict(), slow.to_dict())
        return all(accepted)
    assert fast == slow
    assert same(fast.to_dict(), slow.to_dict())
    return True


@every_call
@pytest.mark.anyio
async def test_response_with_single_edit_is_decoded_as_documented(call: Call) -> None:
    judge = Judge(call)
    await judge.judge(recorded(call))
    assert (judge.kept, judge.fast) == (1, 1), "the recording keeps the contract and is read fast"
    for edited in single_edits(json.loads(recorded(call))):
        try:
            await judge.judge(edited.content)
        except BaseException as error:
            error.add_note(f"after the edit {edited.edit}")
            raise
    assert judge.departed > 400
    assert judge.kept > judge.fast > 100


@every_call
@given(data=st.data())
@settings(DETERMINISTIC, max_examples=sample(80))
def test_response_with_random_edits_is_decoded_as_documented(call: Call, data: st.DataObject) -> None:
    content = data.draw(mutations(json.loads(recorded(call))))
    finished(Judge(call).judge(content))


@every_call
@given(value=st.dictionaries(st.text(max_size=3), anything, max_size=4))
@settings(DETERMINISTIC, max_examples=sample(40))
def test_response_of_any_object_is_decoded(call: Call, value: dict[str, Any]) -> None:
    finished(Judge(call).judge(text(value)))


# One by one


def row(**fields: Any) -> dict[str, Any]:
    """Return a listing of one row that keeps the contract, but for these fields."""
    return {"jobs": [{"jobId": "j", "status": "success", **fields}]}


def job(**fields: Any) -> dict[str, Any]:
    """Return a job that keeps the contract, but for these fields."""
    return {"type": "SUBMISSION", "submission_id": "j", "status": "RUNNING", **fields}


def batch(**fields: Any) -> dict[str, Any]:
    """Return a batch job that keeps the contract, but for these fields."""
    return {"job_id": "j", "status": "Running", **fields}


VIOLATIONS = {
    "a boolean is not an integer": ("yuanrong", job(driver_exit_code=True), "/driver_exit_code type"),
    "a fraction is not an integer": ("yuanrong", job(driver_exit_code=1.5), "/driver_exit_code type"),
    "a number is not a string": ("yuanrong", job(start_time=17), "/start_time type"),
    "null is not an object": ("yuanrong", job(driver_info=None), "/driver_info type"),
    "an object is not a list": ("ges", {"jobs": {}}, "/jobs type"),
    "null is not a row": ("ges", {"jobs": [None]}, "/jobs/0 type"),
    "of a map, a value": ("yuanrong", job(metadata={"a/b": 1}), "/metadata/a~1b type"),
    "a field is missing": ("ges", {"jobCount": 0}, "/jobs missing"),
    "a row's field is missing": ("ges", {"jobs": [{"jobId": "j"}]}, "/jobs/0/status missing"),
    "a field is not documented": ("yuanrong", job(job_id="j"), "/job_id undocumented"),
    "a row's field is not documented": ("ges", row(request={}), "/jobs/0/request undocumented"),
    "below, a field is not documented": ("yuanrong", job(driver_info={"~": 1}), "/driver_info/~0 undocumented"),
    "a closed list": ("ges", {"jobs": [], "result": "SUCCESS"}, "/result enum"),
    "a closed list, and a line break": ("ges", {"jobs": [], "result": "success\n"}, "/result enum"),
    "a number above its range": ("ges", row(progress=101), "/jobs/0/progress range"),
    "a number below its range": ("ief", batch(task_total_count=-1), "/task_total_count range"),
    "a large number": ("ges", row(progress=2**70), "/jobs/0/progress range"),
    "a pattern": ("ges", row(progress="101"), "/jobs/0/progress pattern"),
    "a pattern, and a line break": ("yuanrong", job(start_time="1\n"), "/start_time pattern"),
    "a pattern, and other digits": ("yuanrong", job(end_time="１"), "/end_time pattern"),
}


@pytest.mark.parametrize(("service", "value", "expected"), VIOLATIONS.values(), ids=VIOLATIONS)
@pytest.mark.anyio
async def test_validation_violation_is_named_and_strict_raises(
    service: str, value: dict[str, Any], expected: str
) -> None:
    judge = Judge(call_of(service))
    await judge.judge(text(value))
    (found,) = await read(judge, text(value))
    assert f"{found.pointer} {found.kind}" == expected
    assert found.severity is Severity.VIOLATION
    assert judge.departed == 1


NUMBERS = {
    "of an integer": ("ief", b'{"job_id": "j", "status": "Running", "created_at": 1e400}', "/created_at"),
    "negative": ("ief", b'{"job_id": "j", "status": "Running", "created_at": -1e400}', "/created_at"),
    "of too many digits": (
        "ief",
        b'{"job_id": "j", "status": "Running", "created_at": ' + b"9" * 5000 + b"}",
        "/created_at",
    ),
    "of a text": ("ief", b'{"job_id": 1e400, "status": "Running"}', "/job_id"),
    "of an open list": ("ief", b'{"job_id": "j", "status": 1e400}', "/status"),
    "of a closed list": ("ges", b'{"jobs": [], "result": 1e400}', "/result"),
    "of an object": ("ges", b'{"jobs": 1e400}', "/jobs"),
    "of a row": ("ges", b'{"jobs": [{"jobId": "j", "status": "failed", "progress": 1e400}]}', "/jobs/0/progress"),
    "a row": ("ges", b'{"jobs": [1e400]}', "/jobs/0"),
    "anywhere": (
        "yuanrong",
        b'{"type": "DRIVER", "submission_id": "j", "status": "RUNNING", "runtime_env": {"a": 1e400}}',
        "/runtime_env/a",
    ),
    "anywhere below": (
        "yuanrong",
        b'{"type": "DRIVER", "submission_id": "j", "status": "RUNNING", "runtime_env": {"a": [{"b": 1e400}]}}',
        "/runtime_env/a/0/b",
    ),
}


@pytest.mark.parametrize(
    ("service", "content", "pointer"),
    [pytest.param(*case, id=name) for name, case in NUMBERS.items()],
)
@pytest.mark.anyio
async def test_validation_number_beyond_float_is_a_violation(service: str, content: bytes, pointer: str) -> None:
    judge = Judge(call_of(service))
    (found,) = await read(judge, content)
    assert (found.pointer, found.kind, found.severity) == (pointer, DeviationKind.NUMBER, Severity.VIOLATION)
    assert str(found.actual).lstrip("-") in content.decode()
    judge.wire.body = content
    with pytest.raises(errors.ContractViolationError):
        await judge.call.parsed(judge.strict)


ALLOWED = {
    "1.0 is an integer": ("yuanrong", job(driver_exit_code=1.0)),
    "1e300 is an integer": ("ief", batch(created_at=1e300)),
    "an integer has no maximum size": ("ief", batch(created_at=2**80)),
    "nor do media types": ("ges", row(rawRequest="no JSON")),
    "a bound itself": ("ges", row(progress=100)),
    "the other type": ("ges", row(progress="100")),
    "minus zero": ("ges", row(progress=-0.0)),
    "a nullable null": ("yuanrong", job(metadata=None)),
    "an empty map": ("yuanrong", job(metadata={})),
    "anything in a free map": ("yuanrong", job(runtime_env={"a": None, "b": [{"c": True}]})),
    "an empty list": ("ges", {"jobs": []}),
}


@pytest.mark.parametrize(("service", "value"), ALLOWED.values(), ids=ALLOWED)
@pytest.mark.anyio
async def test_validation_allowed_value_reports_no_deviation(service: str, value: dict[str, Any]) -> None:
    judge = Judge(call_of(service))
    await judge.judge(text(value))
    assert not await read(judge, text(value))


NOTICES = {
    "a job": ("yuanrong", job(status="PAUSED"), "/status"),
    "a row": ("ges", row(taskType="Backup"), "/jobs/0/taskType"),
    "in a task": ("ief", batch(tasks=[{"task_id": "t", "status": "Gone"}]), "/tasks/0/status"),
}


@pytest.mark.parametrize(("service", "value", "pointer"), NOTICES.values(), ids=NOTICES)
@pytest.mark.anyio
async def test_validation_unlisted_open_value_reports_notice(service: str, value: dict[str, Any], pointer: str) -> None:
    judge = Judge(call_of(service))
    await judge.judge(text(value))
    (found,) = await read(judge, text(value))
    assert (found.pointer, found.kind, found.severity) == (pointer, DeviationKind.ENUM, Severity.NOTICE)
    assert (judge.kept, judge.departed) == (1, 0)


async def read(judge: Judge, content: bytes) -> tuple[Deviation, ...]:
    """Return the deviations of a body, every row of which is read."""
    judge.wire.body = content
    raw = await judge.call.about(oracle(content)).raw(judge.tolerant)
    assert same(raw.parse().to_dict(), oracle(content))
    found: tuple[Deviation, ...] = raw.deviations
    return found


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [(["string", "null"], "string", None), (["null", "string"], ["integer", "null"], "7"), ("number", "integer", 7.5)],
)
def test_deviations_of_all_of_types_are_those_of_each_type(first: Any, second: Any, value: object) -> None:
    for subschemas in ([{"type": first}, {"type": second}], [{"type": second}, {"type": first}]):
        schema = _documents.ServiceSchemas({"paths": {}}).node({"allOf": subschemas})
        assert not jsonschema_rs.is_valid({"allOf": subschemas}, value)
        assert [one.kind for one in _documents.deviations(schema, value)] == [DeviationKind.TYPE]


def test_service_schemas_parameters_of_a_path_are_no_operation() -> None:
    responses = {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    item = {"parameters": [{"name": "id", "in": "path"}], "get": {"operationId": "get", "responses": responses}}
    assert _documents.ServiceSchemas({"paths": {"/{id}": item}}).response("get").types == ("object",)


def test_condition_about_rows_is_reported_once_without_keeping_them() -> None:
    rows = [{"jobId": "a", "status": ""}, {"jobId": "b", "status": "success", "failReason": "No."}]
    body = {"result": "failed", "jobs": rows}
    call, found = call_of("ges"), []
    client = call.client(Wire(text(body)), on_deviation=found.append)
    page = client.list_jobs(project_id="p", graph_name="g")
    assert [(one.pointer, one.kind) for one in found] == [("/jobs/1/status", DeviationKind.CONDITION)]
    assert page.jobs[1].status == "success"
    assert [(one.pointer, one.kind) for one in found[1:]] == [("/jobs/1/failReason", DeviationKind.CONDITION)]
    expected = ["/jobs/0/status", "/jobs/1/failReason", "/jobs/1/status"]
    assert sorted(one.pointer for one in page.check()) == expected
    assert same(page.to_dict(), body)
    with pytest.raises(errors.ContractViolationError) as caught:
        client.with_options(strict=True).list_jobs(project_id="p", graph_name="g")
    assert sorted(one.pointer for one in caught.value.violations) == expected[1:]


def test_condition_that_holds_leaves_rows_undecoded() -> None:
    call = call_of("ges")
    client = call.client(Wire(b'{"result": "success", "jobs": [{"jobId": 7}]}'), on_deviation=pytest.fail)
    assert len(client.list_jobs(project_id="p", graph_name="g").jobs) == 1
