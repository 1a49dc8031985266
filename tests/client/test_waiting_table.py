"""The table of waits: a wait does as documented, for each service, course of a job and fault, sync and async.

Over the connections of each sender, the jobs that succeed meet each fault.

`pytest -s` prints it, `python -m tests.client.waiting_table` writes it as `build/waiting.md`.
"""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path

import pytest

from cloudjobs import errors
from cloudjobs._clock import Clock
from cloudjobs.auth import Token
from tests.exhaustive import IS_EXHAUSTIVE
from tests.reference import REFERENCE

from .scripted_transport import Way, awaited
from .senders import SENDERS, Sender
from .transports import serving
from .waiting_table import COURSES, FAULTS, PLANS, Row, as_markdown, rows


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class HastyClock(Clock):
    """The real clock, with short pauses before retries."""

    def random(self) -> float:
        return 0.1


pytestmark = pytest.mark.anyio
ROWS = list(rows())
OVER_SENDERS = [
    row
    for number, row in enumerate(
        row for row in ROWS if row.course == "succeeds" and row.fault != "401, token has expired"
    )
    if IS_EXHAUSTIVE or number % 4 == 0
]
"""A quarter of them, or all in `make conformance`.

Without the fault that needs IAM: `test_iam_password.py` sends its requests over each sender.
"""


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_wait_table_row_matches_documentation(row: Row) -> None:
    promised = row.promised()
    done = await row.done(asynchronous=False)
    print(as_markdown({row: done}).splitlines()[-1])
    assert done == promised
    assert await row.done(asynchronous=True) == promised


@pytest.mark.parametrize("sender", [sender for sender in SENDERS if sender.is_installed], ids=str)
@pytest.mark.parametrize("row", OVER_SENDERS, ids=str)
async def test_wait_table_row_over_sender_matches_documentation(row: Row, sender: Sender) -> None:
    assert await row.done_over(sender) == row.promised()


@pytest.mark.parametrize("sender", [sender for sender in SENDERS if sender.is_installed], ids=str)
@pytest.mark.parametrize("fault", ["refused port", "unknown host", "untrusted certificate"])
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
async def test_wait_for_unreachable_service_fails_over_sender(sender: Sender, fault: str, many: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("localhost.pem"))
    with serving(lambda path: b"", context) as server:
        url = {
            "refused port": f"http://127.0.0.1:{unused_port()}",
            "unknown host": "https://cce.invalid",
            "untrusted certificate": server.url.replace("127.0.0.1", "localhost"),
        }[fault]
        way, begun = Way("cce", sender.asynchronous), time.monotonic()
        client = sender.client("cce", url, project_id="p", auth=Token("a-token"))
        client._clock = HastyClock()
        with pytest.raises(errors.APIConnectionError):
            await (way.wait_many(client, ["a", "b"], timeout=900) if many else way.wait(client, timeout=900))
        await awaited(client.aclose() if sender.asynchronous else client.close())
    # Of real time: a wait of several jobs would sleep some of a clock that stands still while connections are made.
    assert time.monotonic() - begun < 10
    assert not server.paths


def test_wait_table_covers_services_faults_and_states() -> None:
    for service in REFERENCE:
        found = [row for row in ROWS if row.service == service]
        assert {row.fault for row in found} == set(FAULTS)
        assert {"succeeds", "has succeeded", "fails"} <= {row.course for row in found}
    assert {row.course for row in ROWS} == set(COURSES)
    assert set(PLANS) == set(FAULTS) - {"none", "one of many lost"}
