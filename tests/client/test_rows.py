"""Listings: rows that are made when they are touched, asked for by field, and reported once where they depart."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import tracemalloc
import weakref
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudjobs import Deviation, DeviationKind, LazyList, errors
from cloudjobs._models import Model
from cloudjobs.ges.models import Job, JobList
from tests.exhaustive import sample

from .doc_examples import properties_of
from .malformed_bodies import DETERMINISTIC, Wire, call_of, finished, recorded, same
from .mutations import anything, text

LISTING = call_of("ges")


def row(number: int, **fields: Any) -> dict[str, Any]:
    """Return a row that keeps the contract, but for these fields."""
    status = ("success", "failed", "running")[number % 3]
    return {"jobId": f"job-{number}", "status": status, "progress": number % 101, "canStop": number % 2 == 0, **fields}


def page_of(rows: Any, seen: list[Deviation] | None = None, **fields: Any) -> Any:
    """Return a page with these rows, and with each deviation that is reported going to a list."""
    return listed(text({"jobs": rows, **fields}), seen)


def listed(body: bytes, seen: list[Deviation] | None = None) -> Any:
    """Return a page of that body."""
    on_deviation = None if seen is None else seen.append
    return finished(LISTING.parsed(LISTING.client(Wire(body), on_deviation=on_deviation)))


def ids(rows: Any) -> list[Any]:
    """Return the ids of rows."""
    return [each.job_id for each in rows]


TEN = [row(number) for number in range(10)]
NAMES = [f"job-{number}" for number in range(10)]


# A sequence


def test_lazy_list_is_a_sequence_of_models() -> None:
    rows = page_of(TEN).jobs
    assert isinstance(rows, LazyList)
    assert len(rows) == 10
    assert all(type(each) is Job for each in rows)
    assert ids(rows) == NAMES
    assert ids(reversed(rows)) == NAMES[::-1]
    assert [rows[number].job_id for number in range(-10, 10)] == [NAMES[number] for number in range(-10, 10)]
    assert Job.from_dict(TEN[3]) in rows
    assert rows.index(Job.from_dict(TEN[3])) == 3
    assert Job(job_id="another") not in rows
    assert rows.count(Job.from_dict(TEN[3])) == 1
    assert repr(rows) == "<10 rows>"


@pytest.mark.parametrize("index", [10, -11, 10**9])
def test_lazy_list_index_out_of_range_raises(index: int) -> None:
    with pytest.raises(IndexError):
        page_of(TEN).jobs[index]


slices = st.builds(
    slice, *[st.none() | st.integers(-12, 12)] * 2, st.none() | st.integers(-4, 4).filter(lambda step: step != 0)
)


@given(st.lists(slices, min_size=1, max_size=3))
@DETERMINISTIC
def test_lazy_list_slices_equal_list_slices(cuts: list[slice]) -> None:
    seen: list[Deviation] = []
    rows, names = page_of([row(number, extra=number) for number in range(10)], seen).jobs, NAMES
    for cut in cuts:
        rows, names = rows[cut], names[cut]
        assert isinstance(rows, LazyList)
    assert len(rows) == len(names)
    assert ids(rows) == names
    # Each row knows its place in the response, wherever it is cut out.
    assert [f"job-{found.pointer.split('/')[2]}" for found in seen] == names
    assert all(found.pointer == f"/jobs/{found.actual}/extra" for found in seen)


def test_lazy_list_equality_follows_models() -> None:
    rows = page_of(TEN).jobs
    models = [Job.from_dict(each) for each in TEN]
    assert rows == page_of(TEN).jobs
    assert rows == models
    assert rows == tuple(models)
    assert rows == LazyList(models)
    assert LazyList(models) == rows
    assert rows[2:5] == models[2:5]
    assert rows != models[:-1]
    assert rows != [*models[:-1], Job()]
    assert rows != "jobs"
    assert page_of(TEN) == page_of(TEN)
    assert page_of(TEN) != page_of(TEN[1:])
    with pytest.raises(TypeError):
        hash(rows)


def test_lazy_list_row_is_new_at_each_access() -> None:
    rows = page_of(TEN).jobs
    assert rows[0] is not rows[0]
    rows[0].status = "changed"
    assert rows[0].status == "success"
    kept = rows.to_list()
    kept[0].status = "changed"
    assert (kept[0].status, rows[0].status) == ("changed", "success")


def test_lazy_list_to_list_returns_all_rows() -> None:
    rows = page_of(TEN).jobs
    assert rows.to_list() == [Job.from_dict(each) for each in TEN]
    assert type(rows.to_list()) is list
    assert rows[3:5].to_list() == rows[3:5]
    assert gc.isenabled()


@pytest.mark.parametrize("enabled", [True, False])
def test_lazy_list_to_list_restores_garbage_collector(enabled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[bool] = []
    was = gc.isenabled()
    rows = page_of([row(0, extra=1)]).jobs
    # The row departs, so that it is made by `from_dict`.
    monkeypatch.setattr(Job, "from_dict", lambda data: states.append(gc.isenabled()))
    try:
        (gc.enable if enabled else gc.disable)()
        rows.to_list()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()
    assert states == [False]


# Asked for by field


def test_lazy_list_filter_returns_matching_rows() -> None:
    rows = page_of(TEN).jobs
    failed = rows.filter(status="failed")
    assert isinstance(failed, LazyList)
    assert ids(failed) == ["job-1", "job-4", "job-7"]
    assert ids(rows.filter(status="failed", can_stop=True)) == ["job-4"]
    assert ids(rows[2:].filter(status="failed")) == ["job-4", "job-7"]
    assert ids(failed.filter(job_id="job-7")) == ["job-7"]
    assert len(rows.filter(status="gone")) == 0
    assert ids(rows.filter()) == NAMES
    assert ids(rows.filter(fail_reason=None)) == NAMES


def test_lazy_list_count_by_counts_values() -> None:
    rows = page_of([*TEN, row(10, status=None), {"jobId": "no status"}]).jobs
    assert rows.count_by("status") == {"success": 4, "failed": 3, "running": 3, None: 2}
    assert rows[:3].count_by("can_stop") == {True: 2, False: 1}
    assert rows.filter(status="failed").count_by("status") == {"failed": 3}


def test_lazy_list_filter_reads_no_other_field() -> None:
    seen: list[Deviation] = []
    rows = page_of([row(number, extra=1, files="none") for number in range(4)], seen).jobs
    assert len(rows.filter(status="success")) == 2
    assert rows.count_by("status")["failed"] == 1
    assert not seen


@pytest.mark.parametrize("own", [False, True], ids=["of a reply", "one's own"])
@pytest.mark.parametrize("name", ["stat", "jobId", "check", "additional_properties", "_nulls"])
def test_lazy_list_unknown_field_raises_type_error(own: bool, name: str) -> None:
    rows = page_of(TEN).jobs
    rows = LazyList(rows.to_list()) if own else rows
    with pytest.raises(TypeError):
        rows.filter(**{name: 1})
    with pytest.raises(TypeError):
        rows.count_by(name)


states = st.sampled_from(["success", "failed", "pending", ""])
any_row = st.fixed_dictionaries({"jobId": st.text(max_size=2), "status": states}) | st.fixed_dictionaries(
    {}, optional={"jobId": anything, "status": states | anything, "canStop": anything, "progress": anything}
)  # fmt: skip
fields = st.sampled_from(["status", "can_stop", "progress", "job_id"])


@given(st.lists(any_row, max_size=8) | st.lists(any_row | anything, max_size=4), fields, st.data())
@settings(DETERMINISTIC, max_examples=sample(200))
def test_lazy_list_filter_agrees_with_decoded_rows(rows: list[Any], field: str, data: st.DataObject) -> None:
    lazy = page_of(rows).jobs
    built = lazy.to_list()
    values = [getattr(each, field, None) for each in built]
    wanted = data.draw(st.sampled_from([*values, "success", None, 1]))
    assert lazy.filter(**{field: wanted}).to_list() == [
        one for one, value in zip(built, values, strict=True) if value == wanted
    ]
    simple = [value if isinstance(value, str | int | float) else None for value in values]
    assert lazy.count_by(field) == Counter(simple)
    assert LazyList(built).count_by(field) == Counter(simple)


@pytest.mark.parametrize(
    "strange", ["null", "17", '"x"', "[]", '{"jobId": 1e400}', '{"x": "\\ud800"}', '{"x": 1e400}'],
)  # fmt: skip
def test_lazy_list_filter_skips_invalid_row(strange: str) -> None:
    body = f'{{"jobs": [{json.dumps(TEN[0])}, {strange}, {json.dumps(TEN[1])}]}}'
    rows = listed(body.encode()).jobs
    assert ids(rows.filter(status="failed")) == ["job-1"]
    assert rows.count_by("status") == {"success": 1, "failed": 1, None: 1}


def test_lazy_list_filter_with_invalid_row_reads_no_others() -> None:
    seen: list[Deviation] = []
    rows = page_of([row(0, extra=1), None, row(1, extra=1)], seen).jobs
    assert ids(rows.filter(status="failed")) == ["job-1"]
    assert [found.pointer for found in seen] == ["/jobs/1", "/jobs/2/extra"]


# As columns


def test_lazy_list_columns_have_wire_values() -> None:
    rows = page_of([*TEN, {"jobId": "bare", "status": None}]).jobs
    assert rows.columns("jobId", "canStop") == {
        "jobId": [*NAMES, "bare"],
        "canStop": [*(number % 2 == 0 for number in range(10)), None],
    }
    assert list(rows.columns("status", "jobId")) == ["status", "jobId"]
    assert rows.columns("status")["status"][-2:] == ["success", None]
    assert rows[2:4].columns("jobId") == {"jobId": NAMES[2:4]}
    assert rows.filter(status="failed").columns("jobId") == {"jobId": ["job-1", "job-4", "job-7"]}
    assert rows[:0].columns("jobId") == {"jobId": []}
    assert LazyList[Job]().columns("jobId") == {"jobId": []}


def test_lazy_list_columns_without_names_have_all_documented_fields() -> None:
    rows = page_of(TEN).jobs
    assert set(rows.columns()) == set(properties_of(Job))
    assert rows.columns()["jobId"] == NAMES
    assert LazyList(rows.to_list()).columns() == rows.columns()


def test_lazy_list_columns_of_nested_field_by_dotted_name() -> None:
    rows = page_of([row(0, files={"a": {"b": 1}}), row(1, files=[1]), row(2)]).jobs
    expected = {"files.a.b": [1, None, None], "files.a": [{"b": 1}, None, None]}
    assert rows.columns("files.a.b", "files.a") == expected
    assert LazyList(rows.to_list()).columns("files.a.b", "files.a") == expected


@given(st.lists(any_row, max_size=8) | st.lists(any_row | anything, max_size=4))
@settings(DETERMINISTIC, max_examples=sample(200))
def test_lazy_list_columns_agree_with_decoded_rows(rows: list[Any]) -> None:
    lazy, names = page_of(rows).jobs, ("jobId", "status", "canStop", "progress")
    written = [each.to_dict() if isinstance(each, Model) else each for each in lazy.to_list()]
    found = lazy.columns(*names)
    for name in names:
        expected = [each.get(name) if isinstance(each, dict) else None for each in written]
        assert same(found[name], expected)
    if lazy and all(isinstance(each, Model) for each in lazy):
        assert same(LazyList(lazy.to_list()).columns(*names), found)


@pytest.mark.parametrize("number", [0, 999, 1000, 2499])
def test_lazy_list_columns_with_invalid_row_keep_the_others(number: int) -> None:
    many = [json.dumps({"jobId": f"job-{each}"}) for each in range(2500)]
    many[number] = '{"jobId": "odd", "x": 1e400}'
    found = listed(f'{{"jobs": [{", ".join(many)}]}}'.encode()).jobs.columns("jobId")["jobId"]
    assert found == ["odd" if each == number else f"job-{each}" for each in range(2500)]


def test_lazy_list_columns_make_no_model_and_report_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Deviation] = []
    rows = page_of([row(number, extra=1, progress="101") for number in range(4)], seen).jobs
    monkeypatch.setattr(Job, "from_dict", None)
    assert rows.columns("progress") == {"progress": ["101"] * 4}
    assert not seen


@pytest.mark.parametrize("own", [False, True], ids=["of a response", "one's own"])
@pytest.mark.parametrize("name", ["stat", "job_id", "", "additional_properties", "a.b"])
def test_lazy_list_columns_unknown_name_raises_type_error(own: bool, name: str) -> None:
    rows = page_of(TEN).jobs
    rows = LazyList(rows.to_list()) if own else rows
    with pytest.raises(TypeError, match="must be one of jobId"):
        rows.columns("status", name)


# Departures


def test_row_deviation_is_reported_once() -> None:
    seen: list[Deviation] = []
    page = page_of([row(0), row(1, progress=101), row(2)], seen)
    assert not seen
    assert page.jobs[0].progress == 0
    assert not seen
    for _ in range(3):
        assert page.jobs[1].progress == 101
        assert page.jobs[1:].to_list()[0].progress == 101
        assert page.jobs.filter(job_id="job-1")[0].progress == 101
    assert [(found.pointer, found.kind) for found in seen] == [("/jobs/1/progress", DeviationKind.RANGE)]


def test_row_deviations_leave_other_rows_unaffected() -> None:
    seen: list[Deviation] = []
    rows = [row(number, **({"status": number, "extra": [1]} if number % 100 == 7 else {})) for number in range(2000)]
    page = page_of(rows, seen)
    assert [each.to_dict() for each in page.jobs] == rows
    departing = [number for number in range(2000) if number % 100 == 7]
    assert [(found.pointer, found.kind) for found in seen] == [
        pair
        for number in departing
        for pair in (
            (f"/jobs/{number}/status", DeviationKind.TYPE),
            (f"/jobs/{number}/extra", DeviationKind.UNDOCUMENTED),
        )
    ]
    assert page.jobs[7].additional_properties == {"extra": [1]}
    assert page.jobs.count_by("status")[7] == 1


def test_rows_not_objects_are_kept_in_place() -> None:
    seen: list[Deviation] = []
    page = page_of([row(0), None, 17, "x", [], {}], seen)
    assert page.jobs.to_list()[1:5] == [None, 17, "x", []]
    assert type(page.jobs[5]) is Job
    assert {found.pointer for found in seen} == {
        *(f"/jobs/{place}" for place in range(1, 5)),
        "/jobs/5/jobId",
        "/jobs/5/status",
    }
    assert page.to_dict()["jobs"] == [row(0), None, 17, "x", [], {}]


def test_check_reads_every_row_and_reports_once() -> None:
    seen: list[Deviation] = []
    page = page_of([row(0), row(1, progress=101), row(2, extra=1)], seen, unknown=1)
    assert [found.pointer for found in seen] == ["/unknown"]
    assert page.jobs[1].progress == 101
    expected = ["/unknown", "/jobs/1/progress", "/jobs/2/extra"]
    for _ in range(2):
        assert sorted(found.pointer for found in page.check()) == sorted(expected)
        assert [found.pointer for found in seen] == expected
    assert page.jobs.to_list()[2].additional_properties == {"extra": 1}
    assert [found.pointer for found in seen] == expected


def test_check_of_row_gives_pointers_from_the_row() -> None:
    (found,) = page_of([row(1, progress=101)]).jobs[0].check()
    assert (found.pointer, found.kind, found.actual) == ("/progress", DeviationKind.RANGE, 101)
    assert not page_of(TEN).check()
    assert not page_of(TEN).jobs[0].check()


def test_check_of_model_subclass_equals_check_of_model() -> None:
    class Mixed:
        """Something of the caller's."""

    # As in a module of that name, in a package of the caller's.
    for bases in ((Job,), (Mixed, Job), (Job, Mixed)):
        own: Any = type("Own", bases, {"__module__": f"{__package__}.models"})
        assert not own.from_dict(TEN[0]).check()
        assert [found.pointer for found in own.from_dict({**TEN[0], "extra": 1}).check()] == ["/extra"]
    with pytest.raises(TypeError, match="must be a model of a service"):
        Model().check()


def test_check_after_change_sees_current_values() -> None:
    page = page_of([row(0, progress=101)])
    page.result = "neither"
    assert sorted(found.pointer for found in page.check()) == ["/jobs/0/progress", "/result"]
    page.jobs = LazyList([Job(job_id="j", status="success", progress=102)])
    assert sorted(found.pointer for found in page.check()) == ["/jobs/0/progress", "/result"]
    page.jobs = None
    page.result = "success"
    assert [found.kind for found in page.check()] == [DeviationKind.MISSING]


def test_strict_listing_validates_every_row_first() -> None:
    client = LISTING.client(Wire(text({"jobs": [row(0), row(1, progress=101)]})), strict=True)
    with pytest.raises(errors.ContractViolationError) as caught:
        finished(LISTING.parsed(client))
    assert [found.pointer for found in caught.value.violations] == ["/jobs/1/progress"]


# The page around the rows


def test_page_with_undocumented_field_keeps_rows_lazy() -> None:
    seen: list[Deviation] = []
    page = page_of([row(0, extra=1), *TEN], seen, totalCount=10, jobCount="10")
    assert [found.pointer for found in seen] == ["/totalCount", "/jobCount"]
    assert page.additional_properties == {"totalCount": 10}
    assert page.job_count == "10"
    assert page.jobs[1].job_id == "job-0"
    assert len(seen) == 2
    assert page.jobs[0].additional_properties == {"extra": 1}
    assert len(seen) == 3


@pytest.mark.parametrize("jobs", [None, {}, {"a": 1}, 17, "x", True], ids=repr)
def test_page_jobs_not_a_list_are_kept(jobs: Any) -> None:
    seen: list[Deviation] = []
    page = page_of(jobs, seen)
    assert page.jobs == jobs
    assert page.to_dict() == {"jobs": jobs}
    assert [(found.pointer, found.kind) for found in seen] == [("/jobs", DeviationKind.TYPE)]


def test_page_jobs_missing_is_none() -> None:
    seen: list[Deviation] = []
    page = listed(b'{"jobCount": 0}', seen)
    assert page.jobs is None
    assert page.to_dict() == {"jobCount": 0}
    assert [(found.pointer, found.kind) for found in seen] == [("/jobs", DeviationKind.MISSING)]


def test_lazy_list_empty_has_no_rows() -> None:
    rows = page_of([]).jobs
    assert isinstance(rows, LazyList)
    assert not rows
    assert rows.to_list() == []
    assert len(rows.filter(status="failed")) == 0
    assert rows.count_by("status") == Counter()


def test_page_to_dict_equals_body() -> None:
    whole = json.loads(recorded(LISTING))
    assert same(listed(recorded(LISTING)).to_dict(), whole)
    body = b'{"jobs": [{"jobId": 1, "x": 1.0, "files": null, "progress": 1e400, "y": {"z": [true, 1]}}], "more": 1}'
    expected = {"jobs": [{"jobId": 1, "x": 1.0, "files": None, "progress": "1e400", "y": {"z": [True, 1]}}], "more": 1}
    assert same(listed(body).to_dict(), expected)


def test_page_made_by_hand_has_lazy_list() -> None:
    page = JobList(jobs=LazyList([Job(job_id="a", status="failed"), Job(job_id="b", status="success")]))
    assert ids(page.jobs) == ["a", "b"]
    assert page.jobs is not None
    assert ids(page.jobs.filter(status="failed")) == ["a"]
    assert page.jobs.count_by("status") == {"failed": 1, "success": 1}
    assert ids(page.jobs[::-1]) == ["b", "a"]
    assert page.to_dict() == {"jobs": [{"jobId": "a", "status": "failed"}, {"jobId": "b", "status": "success"}]}
    assert not page.check()
    assert page == JobList.from_dict(page.to_dict())


@pytest.mark.parametrize("copied", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy], ids=["pickle", "copy"])
def test_page_copy_and_pickle_equal_original(copied: Any) -> None:
    seen: list[Deviation] = []
    page = page_of([*TEN, row(10, extra={"a": [1]}), None], seen, more=1)
    twin = copied(page)
    assert twin == page
    assert same(twin.to_dict(), page.to_dict())
    assert isinstance(twin.jobs, LazyList)
    assert ids(twin.jobs.filter(status="failed")) == ids(page.jobs.filter(status="failed"))
    assert twin.jobs.count_by("status") == page.jobs.count_by("status")
    reported = len(seen)
    twin.jobs[10].additional_properties["extra"]["a"].append(2)
    assert page.jobs[10].additional_properties == {"extra": {"a": [1]}}
    assert len(seen) == reported
    part = copied(page.jobs[2:4])
    assert ids(part) == ["job-2", "job-3"]


def test_page_shallow_copy_has_same_rows() -> None:
    page = page_of(TEN)
    assert copy.copy(page).jobs == page.jobs


# Memory


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_lazy_list_copy_stays_undecoded(duplicate: Any) -> None:
    rows = page_of(TEN).jobs
    again = duplicate(rows)
    assert again.source is not None
    assert again == rows
    own = LazyList([Job(status="a")])
    copied = duplicate(own)
    copied[0].status = "b"
    assert own[0].status == ("b" if duplicate is copy.copy else "a")


def test_lazy_list_html_has_first_rows_and_counts_the_rest() -> None:
    rows = page_of([row(number, status="<b>") for number in range(30)]).jobs
    shown = rows._repr_html_()
    assert "<th>job_id</th><th>can_stop</th><th>progress</th><th>status</th>" in shown
    assert "<td>job-19</td><td>False</td><td>19</td><td>&lt;b&gt;</td>" in shown
    assert "job-20" not in shown
    assert "<p>10 more</p>" in shown
    assert LazyList[Job]()._repr_html_() == "<p>0 rows</p>"


def test_lazy_list_iteration_keeps_no_models() -> None:
    rows = page_of([row(number, rawRequest="x" * 200) for number in range(20_000)]).jobs
    rows.count_by("status")  # objects that are created once
    assert rows[0].job_id == "job-0"
    gc.collect()
    tracemalloc.start()
    try:
        for number, each in enumerate(rows):
            assert each.job_id == f"job-{number}"
        del each
        gc.collect()
        left, most = tracemalloc.get_traced_memory()
        assert left < 100_000
        assert most < 1_000_000
        built = rows.to_list()
        assert tracemalloc.get_traced_memory()[0] > 5_000_000, "memory that is kept on purpose is measured"
        del built
    finally:
        tracemalloc.stop()


def test_row_with_deviation_is_not_kept() -> None:
    rows = page_of([row(0, extra=1)]).jobs
    kept = weakref.ref(rows[0])
    gc.collect()
    assert kept() is None


def test_response_body_lives_as_long_as_its_rows() -> None:
    tracemalloc.start()
    try:
        page = page_of([row(number, rawRequest="x" * 2000) for number in range(1000)])
        model, part = page.jobs[0], page.jobs[:1]
        del page
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] > 2_000_000
        del part
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 500_000
        assert model.raw_request == "x" * 2000
    finally:
        tracemalloc.stop()
