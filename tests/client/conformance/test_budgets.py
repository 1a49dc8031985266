"""Timeouts, which bound each read of an attempt, and deadlines, which bound a whole call."""

from __future__ import annotations

import pytest

from ..senders import Sender
from .cases import BODY, OK, TIMEOUT, Case, Expect, chunked, error, response
from .runner import cases_for, check
from .servers import Drip, Pause, Steps

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BUDGET = 0.3
LATE = 2.5
"""Seconds within which a call has ended, on a machine with much else to do."""
SLOW: dict[str, Steps] = {
    "status-line": (b"HTTP/1.1 200 O", Drip(b"K")),
    "head": (b"HTTP/1.1 200 OK\r\n", Drip(b"X: y\r\n")),
    "field": (b"HTTP/1.1 200 OK\r\nX: ", Drip(b"y")),
    "informational": (Drip(b"HTTP/1.1 103 Early Hints\r\n\r\n"),),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", Drip(b" ")),
    "body-until-close": (b"HTTP/1.1 200 OK\r\n\r\n", Drip(b" ")),
    "chunk-size": (CHUNKED + b"5;", Drip(b"x")),
    "chunks": (CHUNKED, Drip(b"1\r\n \r\n")),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n", Drip(b"X: y\r\n")),
    "error-head": (b"HTTP/1.1 503 Busy\r\n", Drip(b"X: y\r\n")),
    "error-body": (b"HTTP/1.1 503 Busy\r\nContent-Length: 9999\r\n\r\n", Drip(b" ")),
    "compressed-body": (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0", Drip(b"a")),
}
HANDSHAKE: Steps = (b"\x16\x03\x03\x40\x00", Drip(b"\x02"))
DEADLINE = Expect("APITimeoutError", text="deadline of 0.3 s")
TOKENS = r"/v3/auth/tokens"

DEADLINES = [
    Case(
        f"deadline-slow-{name}",
        (steps,),
        (DEADLINE,),
        options={"deadline": BUDGET},
        within=LATE,
    )
    for name, steps in SLOW.items()
] + [
    Case("deadline-no-response", ((Pause(5),),), (DEADLINE,), options={"deadline": BUDGET}, within=LATE),
    Case(
        "deadline-silence-in-body",
        ((response()[:-1], Pause(5)),),
        (DEADLINE,),
        options={"deadline": BUDGET},
        within=LATE,
    ),
    Case(
        "deadline-slow-handshake",
        before=HANDSHAKE,
        url="https://localhost:{port}",
        expect=(DEADLINE,),
        options={"deadline": BUDGET},
        within=LATE,
    ),
    Case(
        "deadline-silent-handshake",
        before=(Pause(5),),
        url="https://localhost:{port}",
        expect=(DEADLINE,),
        options={"deadline": BUDGET},
        within=LATE,
    ),
    Case(
        "deadline-slow-proxy",
        proxy=((b"HTTP/1.1 200 OK\r\n", Drip(b"X: y\r\n")),),
        environment={"HTTPS_PROXY": "{proxy}"},
        url="https://jobs.example.com",
        expect=(DEADLINE,),
        options={"deadline": BUDGET},
        within=LATE,
    ),
    Case(
        "deadline-silent-proxy",
        proxy=((Pause(5),),),
        environment={"HTTPS_PROXY": "{proxy}"},
        url="https://jobs.example.com",
        expect=(DEADLINE,),
        options={"deadline": BUDGET},
        within=LATE,
    ),
    *(
        Case(
            f"deadline-slow-iam-{name}",
            {TOKENS: (SLOW[name],), "": ((response(),),)},
            (DEADLINE,),
            auth="iam",
            options={"deadline": BUDGET},
            within=LATE,
        )
        for name in ("head", "body", "error-body")
    ),
    Case(
        "deadline-silent-iam",
        {TOKENS: ((Pause(5),),), "": ((response(),),)},
        (DEADLINE,),
        auth="iam",
        options={"deadline": BUDGET},
        within=LATE,
    ),
    Case(
        "deadline-over-retries",
        ((Pause(0.2), response(b"", status="503 X")),),
        (DEADLINE,),
        options={"deadline": BUDGET, "max_retries": 9},
        within=LATE,
        requests=None,
    ),
    Case("deadline-long-enough", ((Pause(0.1), response()),), options={"deadline": 5.0}),
    Case("deadline-per-call", ((Pause(0.2), response()),), (OK,) * 4, options={"deadline": 0.7}, full=True),
    Case(
        "deadline-none",
        ((*(bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\n"), response().partition(b"\r\n")[2]),),
        options={"deadline": None},
    ),
    Case("deadline-of-with-options", ((Pause(5),),), (DEADLINE,), call_options={"deadline": BUDGET}, within=LATE),
    Case(
        "deadline-shorter-than-timeout",
        ((Pause(5),),),
        (DEADLINE,),
        options={"deadline": BUDGET, "timeout": 5},
        within=LATE,
    ),
]

TIMEOUTS = [
    Case("timeout-no-response", ((Pause(5),),), (TIMEOUT,), options={"timeout": BUDGET}, within=LATE),
    Case("timeout-of-with-options", ((Pause(5),),), (TIMEOUT,), call_options={"timeout": BUDGET}, within=LATE),
    Case(
        "timeout-silence-in-head",
        ((b"HTTP/1.1 200 OK\r\n", Pause(5)),),
        (TIMEOUT,),
        options={"timeout": BUDGET},
        within=LATE,
    ),
    Case(
        "timeout-silence-in-body", ((response()[:-1], Pause(5)),), (TIMEOUT,), options={"timeout": BUDGET}, within=LATE
    ),
    Case(
        "timeout-silence-in-chunk",
        ((CHUNKED + b"5\r\n", Pause(5)),),
        (TIMEOUT,),
        options={"timeout": BUDGET},
        within=LATE,
    ),
    Case(
        "timeout-silence-in-error-body",
        ((response(status="503 X")[:-1], Pause(5)),),
        (error(503, body=BODY[:-1]),),
        options={"timeout": BUDGET},
        within=LATE,
    ),
    Case(
        "timeout-silent-handshake",
        before=(Pause(5),),
        url="https://localhost:{port}",
        expect=(TIMEOUT,),
        options={"timeout": BUDGET},
        within=LATE,
    ),
    Case(
        "timeout-silent-proxy",
        proxy=((Pause(5),),),
        environment={"HTTPS_PROXY": "{proxy}"},
        url="https://jobs.example.com",
        expect=(TIMEOUT,),
        options={"timeout": BUDGET},
        within=LATE,
    ),
    Case(
        "timeout-of-each-read",
        ((response()[:20], Pause(0.3), response()[20:-1], Pause(0.3), response()[-1:]),),
        options={"timeout": 0.5},
    ),
    Case(
        "timeout-of-each-read-in-chunks",
        (
            (
                CHUNKED,
                Pause(0.3),
                chunked().partition(b"\r\n\r\n")[2][:9],
                Pause(0.3),
                chunked().partition(b"\r\n\r\n")[2][9:],
            ),
        ),
        options={"timeout": 0.5},
    ),
    Case(
        "timeout-of-each-attempt",
        ((Pause(5),), (response(),)),
        options={"timeout": BUDGET, "max_retries": 1},
        requests=2,
        within=LATE,
    ),
    Case("timeout-none", ((Pause(0.3), response()),), options={"timeout": None}),
    Case(
        "timeout-of-iam",
        {TOKENS: ((Pause(5),),), "": ((response(),),)},
        (TIMEOUT,),
        auth="iam",
        options={"timeout": BUDGET},
        within=LATE,
    ),
]


@pytest.mark.parametrize(("case", "sender"), cases_for([*DEADLINES, *TIMEOUTS]))
def test_client_given_slow_server_ends_in_time(case: Case, sender: Sender) -> None:
    check(case, sender)
