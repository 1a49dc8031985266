"""`evidence compare` reports each edit of a page: units, routes, states, sentences and examples, in each layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import islice
from typing import Any

import pytest

from generator.documents import Workspace
from generator.documents.json_pointer import assign, container
from generator.evidence.pages import compare_page, read_page
from generator.evidence.pages.page import Block, Table
from tests.generator.directory_snapshots import ROOT
from tests.generator.edits import drop, with_evidence
from tests.generator.test_page_drift import edits
from tests.generator.vendor_pages import CHINESE, ENGLISH, Language, page, read_from, tables_of
from tests.reference import REFERENCE

READ = {name: Workspace(ROOT).read(name) for name in REFERENCE}

LAYOUTS = ("cells with pipes", "cells on lines", "support HTML", "Markdown", "tabs")
"""RST takes a tenth of a second: it is among the twenty pages."""

IN_ROWS = [
    ("unit", "The time is in milliseconds.", "The time is in seconds."),
    ("unit", "The time is in seconds.", "The time is in microseconds."),
    ("unit", "A timestamp.", "A timestamp in seconds."),
    ("unit", "Kept for 7 days.", "Kept for 30 days."),
    ("unit", "Size of the file in KB.", "Size of the file in MB."),
    ("unit", "The share in percent.", "The share, not in percent."),
    ("unit", "创建时间，单位为毫秒。", "创建时间，单位为秒。"),
    ("values", "Status of the task.", "Status of the task: running/success/failed."),
    ("values", "任务状态。", "任务状态，取值：running/success/failed。"),
    ("values", "任务状态，包括running、success。", "任务状态，包括running、success、failed。"),
    ("values", "Possible states: running, failed.", "Possible states: running, failed, stopped."),
    ("values", "The state is running or failed.", "The state is running, failed or stopped."),
    ("text", "Number of successful tasks.", "Number of failed tasks."),
    ("text", "Number of failed tasks.", "Number of successful tasks."),
    ("text", "Left blank for some editions.", "Mandatory for some editions."),
    ("text", "It is deleted.", "It is not deleted."),
    ("text", "This field is not supported.", "This field is supported."),
    ("text", "At most one of them.", "At most two of them."),
    ("text", "The word is success.", "The word is Success."),
    ("text", "Returned only for failures.", "Always returned."),
    ("text", "Local time.", "UTC time."),
    ("text", "A name of the object.", "An ID of the object."),
    ("text", "", "Deprecated since the last edition."),
    ("text", "Deprecated since the last edition.", ""),
    ("route", "See /v1/{project_id}/things for more.", "See /v2/{project_id}/things for more."),
    ("route", "See https://a.example.com/x.", "See https://b.example.com/x."),
]
"""Kind of the drift, and the sentence of a row before and after."""

IN_TEXT = [
    ("route", ["GET /v1/p/things?limit=2"], ["GET /v2/p/things?limit=2"]),
    ("route", ["GET /v1/p/things?limit=2"], ["GET /v1/p/things?limit=5"]),
    ("route", ["GET /v1/p/things"], ["POST /v1/p/things"]),
    ("route", [], ["GET /v1/p/others/{id}"]),
    ("unit", ["Times are in milliseconds."], ["Times are in seconds."]),
    ("unit", ["Results are kept for 24 hours."], ["Results are kept for 48 hours."]),
    ("values", ["A task can end."], ["A task can end: success, failed."]),
    ("values", ["任务结束。"], ["任务结束，状态为success或failed。"]),
    ("text", ["This API shows tasks."], ["This API shows and stops tasks."]),
    ("text", ["This API shows tasks."], ["This API shows tasks. It will be removed."]),
    ("text", ["This API shows tasks. It will be removed."], ["This API shows tasks."]),
    ("text", ["One.", "Two.", "Three."], ["One.", "Three."]),
    ("text", ["One.", "Three."], ["One.", "A paragraph of two sentences. Here is the second.", "Three."]),
    ("text", ["Version 2.2.13"], ["Version 2.3.0"]),
    ("text", ["查询任务。"], ["查询所有任务。"]),
    ("order", ["First paragraph.", "Second paragraph."], ["Second paragraph.", "First paragraph."]),
]
"""Kind of the drift, and the paragraphs before and after."""


def _set(pointer: str, value: Any) -> Callable[[Any], None]:
    return lambda body: assign(body, pointer, value)


def _drop(pointer: str) -> Callable[[Any], None]:
    def edit(body: Any) -> None:
        outer, key = container(body, pointer)
        del outer[int(key) if isinstance(outer, list) else key]

    return edit


IN_EXAMPLES: list[tuple[str, str, Callable[[Any], None]]] = [
    ("ief", "/status", _set("/status", "Success")),
    ("ief", "/task_failed_count", _set("/task_failed_count", 0)),
    ("ief", "/created_at", _set("/created_at", 1667218308000)),
    ("ief", "/created_at", _set("/created_at", "1667218308")),
    ("ief", "/retry_count", _set("/retry_count", 0)),
    ("ief", "/description", _drop("/description")),
    ("ief", "/tasks/1/reason", _set("/tasks/1/reason", "too slow")),
    ("ief", "/tasks", _drop("/tasks/1")),
    ("ief", "/targets/0/extension_info/0/key", _set("/targets/0/extension_info/0/key", "name")),
    ("ges", "/jobs/0/progress", _set("/jobs/0/progress", 100)),
    ("ges", "/jobs/1/status", _set("/jobs/1/status", "complete")),
    ("ges", "/totalCount", _set("/totalCount", 3)),
    ("ges", "/jobCount", _drop("/jobCount")),
    ("yuanrong", "/start_time", _set("/start_time", "1755484077000")),
    ("yuanrong", "/driver_exit_code", _set("/driver_exit_code", None)),
    ("yuanrong", "/runtime_env/pip", _set("/runtime_env/pip", "pip install x")),
    ("cce", "/status/phase", _set("/status/phase", "Success")),
    ("cce", "/metadata/creationTimestamp", _set("/metadata/creationTimestamp", "2020-02-02T08:12:40Z")),
]
"""Service, pointer of the drift, and the edit of the first recorded body."""


def differences(
    name: str,
    layout: str,
    language: Language,
    before: dict[str, Any],
    after: dict[str, Any],
    sentences: tuple[str, str] | None = None,
) -> list[tuple[str, str]]:
    """Return what is reported of a page with this after it had that: kind and name."""
    old, new = tables_of(READ[name]), tables_of(READ[name])
    if sentences is not None:
        old[-2].rows[0]["sentence"], new[-2].rows[0]["sentence"] = sentences
    known = read_from(READ[name], page(READ[name], old, layout, language, **before))
    found = compare_page(known, page(READ[name], new, layout, language, **after))
    return [(drift.kind, drift.name) for drift in found]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("kind", "before", "after"), IN_ROWS)
def test_compare_page_edited_sentence_of_a_row_is_reported(kind: str, before: str, after: str, layout: str) -> None:
    row = tables_of(READ["ief"])[-2].rows[0]["name"]
    assert differences("ief", layout, ENGLISH, {}, {}, (before, after)) == [(kind, row)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("kind", "before", "after"), IN_TEXT)
def test_compare_page_edited_paragraph_is_reported(
    kind: str, before: Sequence[str], after: Sequence[str], layout: str
) -> None:
    if layout == "cells on lines":
        # Text after the last row belongs to it there, until a caption.
        before, after = ["Table 9", *before], ["Table 9", *after]
    found = differences("ief", layout, ENGLISH, {"paragraphs": before}, {"paragraphs": after})
    assert found == [(kind, "text")]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "pointer", "edit"), IN_EXAMPLES)
def test_compare_page_edited_example_is_reported(
    name: str, pointer: str, edit: Callable[[Any], None], layout: str
) -> None:
    body = next(each.body for each in READ[name].recordings.values() if each.status == 200)
    changed = deepcopy(body)
    edit(changed)
    assert differences(name, layout, ENGLISH, {"example": body}, {"example": changed}) == [("example", pointer)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_compare_page_example_in_another_order_or_gone_is_reported(layout: str) -> None:
    body = next(each.body for each in READ["ief"].recordings.values() if each.status == 200)
    turned = dict(reversed(body.items()))
    assert differences("ief", layout, ENGLISH, {"example": body}, {"example": turned}) == [("example", "example")]
    assert differences("ief", layout, ENGLISH, {"example": body}, {}) == [("text", "text")]


def test_compare_page_member_of_an_example_twice_is_reported() -> None:
    service = READ["yuanrong"]
    text = page(service, tables_of(service), "Markdown", ENGLISH, (), service.recordings["get-job-succeeded"].body)
    line = next(line for line in text.splitlines() if '"type": ' in line)
    known = read_from(service, text)
    assert compare_page(known, text) == []
    [drift] = compare_page(known, text.replace(line, f"{line}\n{line}"))
    assert (drift.kind, drift.what) == ("example", "members of the example are in another order, or repeated")


_PAGES = [("support HTML", ENGLISH), ("RST list", ENGLISH), ("Markdown", ENGLISH), ("tabs", ENGLISH), ("HTML", CHINESE)]


def test_compare_page_twenty_pages_have_one_wrong_and_one_missed_in_a_hundred() -> None:
    expected = wrong = missed = 0
    for service in READ.values():
        body = next(each.body for each in service.recordings.values() if each.status == 200)
        for layout, language in _PAGES:
            step = 5 if layout.startswith("RST") else 1
            for _, wanted, (old, new) in islice(edits(service), None, None, step):
                old[0].rows[0]["sentence"], new[0].rows[0]["sentence"] = "Kept for 7 days.", "Kept for 9 days."
                changed = deepcopy(body)
                key = list(changed)[-1]
                changed[key] = "another"
                known = read_from(service, page(service, old, layout, language, ["One.", "Two."], body))
                found = compare_page(known, page(service, new, layout, language, ["One.", "2."], changed))
                names = {("unit", new[0].rows[0]["name"]), ("text", "text"), ("example", f"/{key}"), wanted}
                reported = {(drift.kind, drift.name) for drift in found}
                expected += len(names)
                wrong += len(reported - names) + len(found) - len(reported)
                missed += len(names - reported)
    assert expected > 400
    assert (wrong * 100 <= expected, missed * 100 <= expected) == (True, True), (expected, wrong, missed)


def test_compare_page_without_fingerprints_never_says_no_differences() -> None:
    service = READ["ief"]
    silent = with_evidence(service, drop("/page/fingerprints"))
    [drift] = compare_page(silent, page(service, tables_of(service), "Markdown", ENGLISH))
    assert (drift.kind, drift.section) == ("text", "the page")


def test_compare_page_same_words_in_another_form_has_no_drift() -> None:
    service = READ["ief"]
    known = read_from(service, page(service, tables_of(service), "Markdown", ENGLISH, ["One."]))
    assert compare_page(known, page(service, tables_of(service), "support HTML", ENGLISH, ["One."])) == []


def test_compare_page_example_that_becomes_json_is_reported() -> None:
    service = READ["cce"]
    recording = service.recordings["get-job-running"]
    raw = recording.source.data["raw"]
    text = page(service, tables_of(service), "cells on lines", ENGLISH, ["Table 9"])
    known = read_from(service, f"{text}\n{raw}")
    assert compare_page(known, f"{text}\n{raw}") == []
    [drift] = compare_page(known, f"{text}\n{raw.replace('],', ']')}")
    assert drift.kind == "example"


SPANS = """
<table><tr><th>Parameter</th><th>Type</th><th>Description</th></tr>
<tr><td>one</td><td rowspan="2">String</td><td>First.</td></tr>
<tr><td>two</td><td>Second.</td></tr>
<tr><td colspan="2">three</td><td>Third.</td></tr></table>
"""

GRID = """
+-----------+--------+-------------+
| Parameter | Type   | Description |
+===========+========+=============+
| one       | String | First.      |
+-----------+        +-------------+
| two       |        | Second.     |
+-----------+--------+-------------+
| three              | Third.      |
+--------------------+-------------+
"""


@pytest.mark.parametrize("text", [SPANS, GRID], ids=["HTML", "RST"])
def test_read_page_spanned_cells_are_repeated(text: str) -> None:
    [table] = [part for part in read_page(text) if isinstance(part, Table)]
    assert table.headings == ("Parameter", "Type", "Description")
    assert table.rows == (("one", "String", "First."), ("two", "String", "Second."), ("three", "three", "Third."))


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("<h1>A</h1><p>b <b>c</b>\nd<br>e</p><ul><li>f</li></ul><script>x</script>", ["A", "b c d\ne", "f"]),
        ("# A\n\nb *c*\nd `e`\n\n- f\n\n| x | y |\n|---|---|\n| 1 | 2 |\n", ["A", 'b c d "e"', "f"]),
        ("A\n=\n\nb *c* :ref:`d <x>` ``e``\n\n.. note:: f\n", ["A", 'b c d "e"', "Note", "f"]),
        ("A\n\nb\n{\n 1\n}\nc\n", ["A", "b", "{\n 1\n}", "c"]),
    ],
    ids=["HTML", "Markdown", "RST", "plain"],
)
def test_read_page_text_has_no_markup(text: str, texts: list[str]) -> None:
    assert [part.text for part in read_page(text) if isinstance(part, Block)] == texts
