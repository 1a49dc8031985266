"""The table of waits: a wait does what is promised, for each service, course of a job and fault, sync and async.

`pytest -s` prints it, `python -m tests.client.waiting_table` writes it as `build/waiting.md`.
"""

from __future__ import annotations

import pytest

import cloudjobs

from .waiting_table import COURSES, FAULTS, Row, as_markdown, rows

pytestmark = pytest.mark.anyio
ROWS = list(rows())


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_wait_table_row_matches_documentation(row: Row) -> None:
    promised = row.promised()
    done = await row.done(asynchronous=False)
    print(as_markdown({row: done}).splitlines()[-1])
    assert done == promised
    assert await row.done(asynchronous=True) == promised


def test_wait_table_covers_services_faults_and_states() -> None:
    for service in cloudjobs.services():
        found = [row for row in ROWS if row.service == service]
        assert {row.fault for row in found} == set(FAULTS)
        assert {"succeeds", "has succeeded", "fails"} <= {row.course for row in found}
    assert {row.course for row in ROWS} == set(COURSES)
