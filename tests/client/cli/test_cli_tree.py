"""The tree of any job fits the terminal and shows failures first; times and conditions."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudjobs import JobSnapshot
from cloudjobs.cce.models import Job as JobModel
from cloudjobs.cli._console import duration, duration_text, percent
from cloudjobs.cli._options import RowFilter, validate_field, value_at
from cloudjobs.cli._output import ASCII, Tree, counted
from cloudjobs.ges.models import Job as RowModel
from tests.exhaustive import sample

from .jobs import job

NOW = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
TREE = Tree(lambda: NOW)
PHASES = ("Success", "Failed", "Running", "Initializing", "Other")
STATE = re.compile("pending|running|succeeded|failed|unknown")
NAMES = st.sampled_from(["a", "a-longer-name", "名前" * 12, ""])


def jobs(parts: st.SearchStrategy[list[dict[str, Any]]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return jobs with such parts."""
    return st.builds(
        lambda name, phase, reason, below: job(name, phase, *below, reason=reason),
        NAMES,
        st.sampled_from(PHASES),
        st.sampled_from(["", "a reason"]),
        parts,
    )


ANY_JOB = st.recursive(jobs(st.just([])), lambda parts: jobs(st.lists(parts, max_size=12)), max_leaves=60)


def drawn(said: dict[str, Any], width: int = 80, height: int = 24, tree: Tree = TREE) -> list[str]:
    """Return the lines of a job's tree."""
    return [line.plain for line in tree.lines(JobSnapshot.from_job(JobModel.from_dict(said)), width, height)]


def size(snapshot: JobSnapshot) -> int:
    """Return the number of jobs, with all their children."""
    return 1 + sum(map(size, snapshot.children))


@settings(derandomize=True, database=None, deadline=None, max_examples=sample(150))
@given(said=ANY_JOB, width=st.integers(16, 120), height=st.integers(3, 40))
def test_tree_any_job_fits_width_and_height(said: dict[str, Any], width: int, height: int) -> None:
    snapshot = JobSnapshot.from_job(JobModel.from_dict(said))
    lines = list(TREE.lines(snapshot, width, height))
    assert len(lines) <= height + 1  # one more where the job itself has a reason
    assert max(line.cell_len for line in lines) <= width
    assert width < 40 or str(snapshot.state) in lines[0].plain


@settings(derandomize=True, database=None, deadline=None, max_examples=sample(100))
@given(said=ANY_JOB)
def test_tree_with_room_shows_all_children_in_order(said: dict[str, Any]) -> None:
    snapshot = JobSnapshot.from_job(JobModel.from_dict(said))
    lines = drawn(said, 120, 1000)
    assert sum("a reason" not in line for line in lines) == size(snapshot)
    assert not any("more: " in line for line in lines)
    top = [line for line in lines if line.startswith(("├── ", "└── "))]
    assert [STATE.findall(line)[-1] for line in top] == [str(child.state) for child in snapshot.children]


REASON = "the flavor s6.large.2 is sold out in this zone " * 9


@settings(derandomize=True, database=None, deadline=None, max_examples=sample(100))
@given(width=st.integers(24, 120), depth=st.integers(0, 3), show=st.booleans())
def test_tree_final_lines_have_whole_reasons_and_every_failed_child(width: int, depth: int, show: bool) -> None:
    failed = [job(f"failed-{number}-{'x' * 40}", "Failed", reason=f"{number} {REASON}") for number in range(60)]
    said = job("a" * 60, "Failed", *failed, *(job(f"p{number}", "Success") for number in range(60)), reason=REASON)
    for _ in range(depth):
        said = job("b", "Failed", said, reason="inner")
    tree = Tree(lambda: NOW, ["spec.type"] if show else [])
    lines = list(tree.final_lines(JobSnapshot.from_job(JobModel.from_dict(said)), width))
    assert max(line.cell_len for line in lines) <= width
    text = re.sub(r"[│├└─ ]", "", "".join(line.plain for line in lines))
    for each in (said, *failed):
        assert each["metadata"]["uid"] in text
        assert each["status"]["reason"].replace(" ", "") in text
    # As many failed as there is room for all: the others are counted.
    assert "60more:60succeeded" in text


def test_tree_final_lines_of_a_success_show_children_up_to_a_limit() -> None:
    said = job("a", "Success", *(job(f"p{number}", "Success") for number in range(50)))
    lines = [line.plain for line in TREE.final_lines(JobSnapshot.from_job(JobModel.from_dict(said)), 80)]
    assert len(lines) == 42
    assert lines[-1] == "└── 10 more: 10 succeeded"


@settings(derandomize=True, database=None, deadline=None, max_examples=sample(100))
@given(said=st.lists(ANY_JOB, max_size=8), width=st.integers(16, 120), height=st.integers(3, 30))
def test_tree_several_jobs_fit_width_and_height(said: list[dict[str, Any]], width: int, height: int) -> None:
    snapshots = [JobSnapshot.from_job(JobModel.from_dict(each)) for each in said]
    lines = list(TREE.all_lines(snapshots, width, height))
    assert len(lines) <= height
    assert all(line.cell_len <= width for line in lines)
    if sum(1 + bool(each.reason) for each in snapshots) <= height:
        assert not any(" more: " in line.plain and "└" not in line.plain for line in lines)


def test_tree_without_room_counts_hidden_children_by_state() -> None:
    parts = [job(f"p{number}", PHASES[number % 5]) for number in range(100)]
    lines = drawn(job("a", "Running", *parts), 80, 12)
    assert len(lines) == 12
    shown, (last,) = lines[1:-1], lines[-1:]
    assert [line.split()[2] for line in shown] == ["failed"] * 10
    assert last == "└── 90 more: 10 failed, 20 unknown, 20 running, 20 pending, 20 succeeded"


def test_tree_large_child_leaves_room_for_siblings() -> None:
    large = job("large", "Running", *(job(f"p{number}") for number in range(1000)))
    lines = drawn(job("a", "Running", large, job("b", "Running", job("c")), job("d")), 80, 15)
    assert len(lines) == 15
    names = [re.sub(r"[│├└─ ]", "", line[:20]) for line in lines]
    assert {"a", "large", "b", "c", "d"} <= set(names)


def test_tree_narrow_terminal_omits_bars() -> None:
    said = job("a", "Running", job("b", "Success"))
    assert "━" in drawn(said, 64)[0]
    assert "━" not in "".join(drawn(said, 63))
    assert drawn(said, 80, tree=Tree(lambda: NOW, glyphs=ASCII))[1].startswith("`-- b ")
    assert all(line.isascii() for line in drawn(said, 80, tree=Tree(lambda: NOW, glyphs=ASCII)))


def test_tree_shown_fields_precede_id() -> None:
    said = job("the-id", kind="CreateCluster")
    for field in ("spec.type", "spec.type_"):
        assert drawn(said, tree=Tree(lambda: NOW, [field, "nothing.at.all"]))[0].startswith("CreateCluster the-id ")
    assert drawn({"status": {"phase": "Failed"}})[0].startswith("(no id)")


def test_tree_duration_ends_at_job_end_or_now() -> None:
    assert "  1m 35s" in drawn(job("a", "Success"))[0]
    assert "  5m 00s" in drawn(job("a", "Running"))[0]
    assert drawn(job("a", "Initializing"))[0].split() == ["a", "pending"]
    ahead = job("a", "Running", began="2027-01-01 00:00:00 +0000 UTC")
    assert drawn(ahead)[0].split()[-1] == "0s"
    backwards = job("a", "Success", began="2027-01-01 00:00:00 +0000 UTC")
    assert drawn(backwards)[0].split()[-1] == "100%"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (59.99, "59s"),
        (60, "1m 00s"),
        (3599, "59m 59s"),
        (3600, "1h 00m"),
        (86_399, "23h 59m"),
        (86_400, "1d 00h"),
        (99 * 86_400, "99d 00h"),
        (100 * 86_400, ">99 days"),
    ],
)
def test_duration_text_uses_two_largest_units(seconds: float, said: str) -> None:
    assert duration(seconds) == said
    assert len(said) <= 8
    assert duration_text(NOW, NOW + timedelta(seconds=seconds)) == said


def test_percent_below_one_is_never_100() -> None:
    assert [percent(share) for share in (None, 0.0, 0.5, 0.999, 1.0)] == ["", "0%", "50%", "99%", "100%"]


def test_counted_states_start_with_most_urgent() -> None:
    snapshots = [
        JobSnapshot.from_job(JobModel.from_dict(job("a", phase))) for phase in ("Success", "Failed", "Success")
    ]
    assert counted(snapshots * 1000) == "1,000 failed, 2,000 succeeded"


@pytest.mark.parametrize(
    ("field", "value", "condition", "holds"),
    [
        ("progress", 100, "100", True),
        ("progress", 100, "100.0", True),
        ("progress", 100, "1e2", True),
        ("progress", 100, "10", False),
        ("progress", 100, "much", False),
        ("progress", "100", "100", True),
        ("progress", "100", "100.0", False),
        ("canStop", True, "true", True),
        ("canStop", True, "1", False),
        ("canStop", False, "false", True),
        ("failReason", None, "", True),
        ("failReason", "", "", True),
        ("failReason", "a=b", "a=b", True),
        ("jobId", "Ä", "Ä", True),
    ],
)
def test_condition_compares_strings_numbers_and_booleans(
    field: str, value: object, condition: str, holds: bool
) -> None:
    row = RowModel.from_dict({field: value})
    assert RowFilter.parse(f"{field}={condition}", [RowModel]).holds(row) is holds


def test_value_at_wire_python_or_nested_name_is_found() -> None:
    row = JobModel.from_dict(job("x", kind="CreateNode") | {"extra": {"deep": 1}})
    began = "2026-01-01 00:00:00 +0000 UTC"
    assert value_at(row, "metadata.creationTimestamp") == value_at(row, "metadata.creation_timestamp") == began
    assert value_at(row, "metadata.uid") == "x"
    assert [value_at(row, field) for field in ("spec.nothing", "kind.more", "metadata..uid", "")] == [None] * 4
    assert value_at(row, "extra.deep") == 1
    with pytest.raises(ValueError, match=r"^a field must be one of kind, apiVersion"):
        validate_field([JobModel], "extra")
