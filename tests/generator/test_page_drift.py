"""`evidence compare`: what changed on a vendor's page is reported by name, and nothing else is, whatever its form."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from generator.cli import main
from generator.documents import Service, Workspace
from generator.evidence.pages import compare_page, fingerprints
from generator.evidence.pages.page import plain_type
from tests.generator.directory_snapshots import ROOT
from tests.generator.vendor_pages import ENGLISH, FORMS, LANGUAGES, Language, PageTable, Row, page, read_from, tables_of
from tests.reference import REFERENCE

pytestmark = pytest.mark.sampled(2)

WORKSPACE = Workspace(ROOT)
READ = {name: WORKSPACE.read(name) for name in REFERENCE}
Expected = tuple[str, str]
"""Kind and name of the one difference."""


def edits(service: Service) -> Iterator[tuple[str, Expected, tuple[list[PageTable], list[PageTable]]]]:
    """Yield pages with one change, each with the expected report, and the page before it."""

    def edited(
        change: Callable[[list[PageTable]], None], before: Callable[[list[PageTable]], None] = lambda tables: None
    ) -> tuple[list[PageTable], list[PageTable]]:
        old, new = tables_of(service), tables_of(service)
        before(old)
        change(new)
        return old, new

    def set_in(place: tuple[int, int], **values: Any) -> Callable[[list[PageTable]], None]:
        return lambda tables: tables[place[0]].rows[place[1]].update(values)

    def first(wanted: Callable[[Row], bool]) -> tuple[tuple[int, int], Row] | None:
        found = [
            ((number, index), row)
            for number, table in enumerate(tables_of(service))
            for index, row in enumerate(table.rows)
            if wanted(row)
        ]
        return found[-1] if found else None

    new = {"id": "new", "section": "", "kind": "field", "name": "brand_new", "type": "String"}
    for number, table in enumerate(tables_of(service)):
        kind = table.rows[0]["kind"]
        row = {**new, "kind": kind, **({"mandatory": False} if "flag" in table.columns else {})}
        if kind == "status":
            row["name"] = "418"
        if "type" not in table.columns:
            del row["type"]
        yield (
            f"a row is added to table {number + 1}",
            ("added", str(row["name"])),
            edited(lambda tables, number=number, row=row: tables[number].rows.insert(1, row)),
        )
    if found := first(lambda row: "type" in row and row["kind"] == "field"):
        yield "a row is retyped", ("type", found[1]["name"]), edited(set_in(found[0], type="Array of Other objects"))
    if found := first(lambda row: row.get("type", "").casefold() == "string" and row["kind"] in ("path", "header")):
        yield "a parameter is retyped", ("type", found[1]["name"]), edited(set_in(found[0], type="Long"))
    if found := first(lambda row: "mandatory" in row):
        flipped = set_in(found[0], mandatory=not found[1]["mandatory"])
        yield "a row is made mandatory, or optional", ("mandatory", found[1]["name"]), edited(flipped)
    if found := first(lambda row: "values" in row):
        values = [*found[1]["values"], "brandNew"]
        for way in range(5):
            gained = edited(set_in(found[0], values=values, listed=way), set_in(found[0], listed=way))
            yield f"a list gains a value, in way {way}", ("values", found[1]["name"]), gained
        fewer = [*found[1]["values"][:-1], "other"]
        yield "a list has another value", ("values", found[1]["name"]), edited(set_in(found[0], values=fewer))
    if found := first(lambda row: len(row.get("values", [])) > 1):
        fewer = found[1]["values"][1:]
        yield "a list loses a value", ("values", found[1]["name"]), edited(set_in(found[0], values=fewer))
    if found := first(lambda row: "values" not in row and row["kind"] == "field"):
        values = ["one_value", "other_value"]
        yield "values are named", ("values", found[1]["name"]), edited(set_in(found[0], values=values, listed=1))
    if found := first(lambda row: "default" in row):
        yield "a default changes", ("default", found[1]["name"]), edited(set_in(found[0], default="7"))
    if found := first(lambda row: "maximum" in row):
        yield "a bound changes", ("bounds", found[1]["name"]), edited(set_in(found[0], maximum=12345))


_LAYOUTS = [
    pytest.param(form, language, id=f"{form}-{name}")
    for form in FORMS
    for name, language in LANGUAGES.items()
    if language is ENGLISH or form in ("cells with pipes", "cells on lines", "support HTML", "Markdown")
]


@pytest.mark.parametrize(("form", "language"), _LAYOUTS)
@pytest.mark.parametrize("name", REFERENCE)
class TestComparePageEdits:
    """Pages of each service, in each form and language."""

    def test_compare_page_unchanged_page_has_no_drift(self, name: str, form: str, language: Language) -> None:
        text = page(READ[name], tables_of(READ[name]), form, language)
        assert compare_page(read_from(READ[name], text), text) == []

    def test_compare_page_one_edit_is_one_drift(self, name: str, form: str, language: Language) -> None:
        service = READ[name]
        done = 0
        # reStructuredText takes a tenth of a second each.
        for what, expected, (old, new) in islice(edits(service), None, None, 4 if form.startswith("RST") else 1):
            known, text = read_from(service, page(service, old, form, language)), page(service, new, form, language)
            found = [(drift.kind, drift.name) for drift in compare_page(known, text)]
            assert found == [expected], f"{what}\n{text}"
            done += 1
        assert done >= 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", REFERENCE)
def test_compare_page_each_removed_row_is_reported(name: str, form: str) -> None:
    service = read_from(READ[name], page(READ[name], tables_of(READ[name]), form, ENGLISH))
    for number, table in enumerate(tables_of(service)):
        for index, row in enumerate(table.rows):
            if form.startswith("RST") and index not in (0, len(table.rows) - 1):
                continue
            tables = tables_of(service)
            del tables[number].rows[index]
            tables = [each for each in tables if each.rows]
            found = compare_page(service, page(service, tables, form, ENGLISH))
            assert [(drift.kind, drift.row) for drift in found] == [("removed", row["id"])], row["id"]


def compare(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["evidence", "compare", *map(str, arguments)])
    return code, *capsys.readouterr()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A page of a service, as a person saved it, in a project that has the page's fingerprints as evidence."""
    service = READ["ief"]
    path = tmp_path / "page.txt"
    path.write_text(page(service, tables_of(service), "cells with pipes", ENGLISH), encoding="utf-8")
    shutil.copytree(ROOT / "openapi", tmp_path / "openapi")
    evidence = tmp_path / "openapi" / "evidence" / "ief.yaml"
    known = f"  fingerprints: {fingerprints(service, path.read_text(encoding='utf-8'))}\n\nrows:"
    evidence.write_text(re.sub(r"  fingerprints: >-\n.*?\nrows:", known, evidence.read_text(), flags=re.DOTALL))
    return path


def test_compare_command_without_drift_exits_0(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed, errors = compare(capsys, copy, "--project", copy.parent, "--service", "ief")
    assert (code, errors) == (0, "")
    heading = f"ief: no differences between {copy} and the evidence of 'Querying Details of a Batch Job'"
    assert printed == f"{heading}, except for the form of the text\n"


def test_compare_command_drift_is_listed_and_exits_1(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy.write_text(copy.read_text().replace("job_name |\nString", "job_title |\nString").replace("No |", "Yes |"))
    code, printed, errors = compare(capsys, copy, "--project", copy.parent, "--service", "ief")
    assert (code, errors) == (1, "")
    heading, _, columns, *lines = printed.splitlines()
    assert heading.startswith("ief: 3 difference(s) between")
    assert columns.split() == ["change", "name", "row", "what"]
    assert [line.split()[:2] for line in lines] == [
        ["mandatory", "ief-instance-id"],
        ["removed", "job_name"],
        ["added", "job_title"],
    ]
    assert "ief.header.ief-instance-id" in lines[0]
    assert lines[0].endswith("Request header table: optional becomes mandatory")
    code, printed, _ = compare(capsys, copy, "--project", copy.parent, "--service", "ief", "--format", "json")
    report = json.loads(printed)
    assert code == 1
    assert [each["row"] for each in report["differences"]] == [
        "ief.header.ief-instance-id",
        "ief.response.job_name",
        None,
    ]
    assert report["same_text"] is False


def test_compare_command_removed_operation_is_reported(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy.write_text(copy.read_text().replace("GET /v2/", "GET /v3/"))
    code, printed, _ = compare(capsys, copy, "--project", copy.parent, "--service", "ief", "--format", "json")
    assert code == 1
    assert [(each["kind"], each["row"]) for each in json.loads(printed)["differences"]] == [("text", "ief.uri")]


def test_compare_page_row_in_other_table_is_another_order() -> None:
    service = read_from(READ["cce"], page(READ["cce"], tables_of(READ["cce"]), "Markdown", ENGLISH))
    tables = tables_of(service)
    moved = next(row for row in tables[4].rows if row["name"] == "clusterUID")
    tables[4].rows.remove(moved)
    tables[3].rows.append(moved)
    found = compare_page(service, page(service, tables, "Markdown", ENGLISH))
    assert [(drift.kind, drift.name) for drift in found] == [("order", "text")]


def test_compare_page_other_tables_are_text() -> None:
    text = page(READ["cce"], tables_of(READ["cce"]), "Markdown", ENGLISH)
    service = read_from(READ["cce"], text)
    history = "| Date | Change |\n|---|---|\n| 2026-01-01 | First issue |\n"
    found = compare_page(service, f"{text}\n{history}\n---\n\nThe end.\n")
    assert [(drift.kind, drift.what) for drift in found] == [
        ("text", "says now: Date Change"),
        ("text", "says now: 2026-01-01 First issue [2026-01-01, First]"),
        ("text", "says now: The end. [end]"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Array of Task objects", "Array<Task>", True),
        ("Array of Task objects", "Task[]", True),
        ("Array of strings", "List<String>", True),
        ("map[string]string", "Map<String, String>", True),
        ("Integer", "int", True),
        ("Integer", "Long", False),
        ("Array of Task objects", "Array of Target objects", False),
        ("map[string]string", "map[string]interface{}", False),
        ("Task object", "Array of Task objects", False),
        ("Object", "String", False),
    ],
)
def test_plain_type_spellings_of_one_type_are_equal(one: str, other: str, same: bool) -> None:
    assert (plain_type(one) == plain_type(other)) is same
    assert plain_type(one) is not None


LOGIN = """<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action="/login">
<table><tr><td>User</td><td><input name="user"></td></tr>
<tr><td>Password</td><td><input name="password"></td></tr></table>
</form></body></html>"""


@pytest.mark.parametrize(
    ("content", "service", "said"),
    [
        (None, "ief", "cannot be read (No such file or directory)"),
        (b"", "ief", "must have a table of parameters, got none"),
        (b"# A page\n\nwithout tables\n", "ief", "must have a table of parameters, got none"),
        (LOGIN.encode(), "ief", "must have a table of parameters, got none"),
        (b"%PDF-1.7 \xff\xfe", "ief", "must be UTF-8, got other bytes"),
        (
            b"Parameter |\nType |\n---|---\njob_id |\nString |\njob_name |\n",
            "ief",
            "page.txt:6: the row that begins here must have",
        ),
        (
            b"| Parameter | Type |\n|---|---|\n| job_id | String |\n",
            "ief",
            "must have half of the 29 rows in the evidence of ief, got 1",
        ),
        (b"", "no_such", "--service: must be one of "),
    ],
)
def test_compare_command_invalid_page_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, service: str, said: str
) -> None:
    path = tmp_path / "page.txt"
    if content is not None:
        path.write_bytes(content)
    code, printed, errors = compare(capsys, path, "--service", service)
    assert (code, printed) == (1, "")
    assert said in errors
    assert errors.count("\n") == 2
    assert list(tmp_path.iterdir()) == ([path] if content is not None else [])


def test_compare_command_page_of_other_service_is_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, service in READ.items():
        path = tmp_path / f"{name}.txt"
        path.write_text(page(service, tables_of(service), "Markdown", ENGLISH), encoding="utf-8")
        for other in READ:
            code, _, errors = compare(capsys, path, "--service", other)
            # The page has the rows of the vendor's page, and another text.
            assert (code, " in the evidence of " in errors) == (1, other != name), other
