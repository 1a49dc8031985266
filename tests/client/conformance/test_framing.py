"""The end of a body (Content-Length, chunks, the end of the connection), and reuse of connections."""

from __future__ import annotations

import pytest

from ..senders import Sender
from .cases import BODY, CLOSE, NO_RESPONSE, OK, RESET, TIMEOUT, Case, chunked, error, invalid, response
from .runner import cases_for, check
from .servers import Pause, Step

SIZE = len(BODY)
SPLIT = SIZE // 2
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%b\r\n" % (SIZE, BODY)
SHORT = {"timeout": 0.5}


def sized(*lines: str | bytes, body: bytes = BODY, after: tuple[Step, ...] = ()) -> tuple[tuple[Step, ...], ...]:
    """Return a response with those lines instead of its length."""
    return ((response(body, *lines, length=False), *after),)


def coded(
    *coding: str | bytes, body: bytes = CHUNK + b"0\r\n\r\n", after: tuple[Step, ...] = (CLOSE,)
) -> tuple[tuple[Step, ...], ...]:
    return ((response(body, *coding, length=False), *after),)


LENGTHS = [
    Case("length-missing-until-close", ((response(length=False), CLOSE),)),
    Case("length-missing-until-reset", ((response(length=False), Pause(0.1), RESET),), (NO_RESPONSE,)),
    Case("length-missing-kept-open", ((response(length=False),),), (TIMEOUT,), call_options=SHORT),
    Case("length-0", ((response(b""),),), (invalid(body=b""),)),
    Case("length-doubled-equal", sized(f"Content-Length: {SIZE}", f"Content-Length: {SIZE}")),
    Case("length-doubled-in-one-field", sized(f"Content-Length: {SIZE}, {SIZE}")),
    Case("length-doubled-different", sized(f"Content-Length: {SIZE}", f"Content-Length: {SIZE - 1}"), (NO_RESPONSE,)),
    Case("length-different-in-one-field", sized(f"Content-Length: {SIZE}, {SIZE - 1}"), (NO_RESPONSE,)),
    Case("length-negative", sized(f"Content-Length: -{SIZE}"), (NO_RESPONSE,)),
    Case("length-with-plus", sized(f"Content-Length: +{SIZE}"), (NO_RESPONSE,)),
    Case("length-hexadecimal", sized(f"Content-Length: {SIZE:#x}"), (NO_RESPONSE,)),
    Case("length-with-underscore", sized("Content-Length: 1_0"), (NO_RESPONSE,)),
    Case("length-with-point", sized(f"Content-Length: {SIZE}.0"), (NO_RESPONSE,)),
    Case("length-with-unit", sized(f"Content-Length: {SIZE} bytes"), (NO_RESPONSE,)),
    Case("length-empty", sized("Content-Length:", after=(CLOSE,)), (NO_RESPONSE,)),
    Case("length-not-a-number", sized("Content-Length: many", after=(CLOSE,)), (NO_RESPONSE,)),
    Case("length-of-other-digits", sized("Content-Length: \u0669".encode()), (NO_RESPONSE,)),
    Case("length-with-leading-zeros", sized(f"Content-Length: 000{SIZE}")),
    Case("length-with-spaces", sized(f"Content-Length:   {SIZE}  ")),
    Case("length-with-tab", sized(f"Content-Length:\t{SIZE}\t")),
    Case("length-folded", sized(f"Content-Length:\r\n {SIZE}")),
    Case("length-of-30-digits", sized("Content-Length: " + "9" * 30, after=(CLOSE,)), (NO_RESPONSE,)),
    Case("length-of-5000-digits", sized("Content-Length: " + "9" * 5000, after=(CLOSE,)), (NO_RESPONSE,)),
    Case("length-2-to-the-63", sized(f"Content-Length: {2**63}", after=(CLOSE,)), (NO_RESPONSE,)),
    Case("length-longer-than-body", sized(f"Content-Length: {SIZE + 1}", after=(CLOSE,)), (NO_RESPONSE,)),
    Case("length-longer-then-silence", sized(f"Content-Length: {SIZE + 1}"), (TIMEOUT,), call_options=SHORT),
    Case("length-shorter-than-body", sized(f"Content-Length: {SIZE - 1}", after=(CLOSE,)), (invalid(),)),
    Case("length-and-further-bytes", ((response() + b"garbage",),)),
    Case(
        "length-in-error-longer-than-body",
        ((response(b"{", "Content-Length: 99", status="503 X", length=False), CLOSE),),
        (error(503, body=b"{"),),
    ),
]

CODINGS = [
    Case("chunks-one", ((chunked(),),), connections=1),
    Case("chunks-of-a-byte", ((chunked(size=1),),)),
    Case(
        "chunks-apart",
        ((CHUNKED, Pause(0.05), b"%x\r\n" % SIZE, Pause(0.05), BODY, b"\r\n0\r\n", Pause(0.05), b"\r\n"),),
    ),
    Case("chunks-none", ((chunked(b""),),), (invalid(body=b""),)),
    Case("chunks-coding-upper-case", coded("Transfer-Encoding: CHUNKED")),
    Case("chunks-coding-with-spaces", coded("Transfer-Encoding:  chunked \t ")),
    Case("chunks-field-lower-case", coded("transfer-encoding: chunked")),
    Case("chunks-coding-doubled", coded("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), (NO_RESPONSE,)),
    Case("chunks-coding-twice-in-one-field", coded("Transfer-Encoding: chunked, chunked"), (NO_RESPONSE,)),
    Case("chunks-coding-then-identity", coded("Transfer-Encoding: chunked, identity"), (NO_RESPONSE,)),
    Case("chunks-after-identity", coded("Transfer-Encoding: identity, chunked"), (NO_RESPONSE,)),
    Case("chunks-after-gzip", coded("Transfer-Encoding: gzip, chunked"), (NO_RESPONSE,)),
    Case("coding-identity", sized("Transfer-Encoding: identity", after=(CLOSE,)), (NO_RESPONSE,)),
    Case("coding-unknown", sized("Transfer-Encoding: xchunked", after=(CLOSE,)), (NO_RESPONSE,)),
    Case("coding-empty", sized("Transfer-Encoding:", f"Content-Length: {SIZE}", after=(CLOSE,)), (NO_RESPONSE,)),
    Case("coding-with-vertical-tab", coded("Transfer-Encoding: \x0bchunked"), (NO_RESPONSE,)),
    Case("coding-quoted", coded('Transfer-Encoding: "chunked"'), (NO_RESPONSE,)),
    Case("chunks-and-length", coded("Transfer-Encoding: chunked", "Content-Length: 5")),
    Case("length-and-chunks", coded("Content-Length: 5", "Transfer-Encoding: chunked")),
    Case("chunks-in-http-1.0", (((CHUNKED + CHUNK + b"0\r\n\r\n").replace(b"1.1", b"1.0", 1), CLOSE),)),
    Case("chunks-in-error", ((chunked(b'{"errorCode": "X"}', status="404 X"),),), (error(404, code="X"),)),
] + [
    Case(f"chunk-{name}", ((CHUNKED + content, CLOSE),), (expected,))
    for name, content, expected in [
        ("size-upper-case", b"%X\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY), OK),
        ("size-with-leading-zeros", b"0000%x\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY), OK),
        ("last-of-many-zeros", CHUNK + b"00000\r\n\r\n", OK),
        ("extension", b"%x;a=b\r\n%b\r\n0;c\r\n\r\n" % (SIZE, BODY), OK),
        ("extension-quoted", b'%x;a="b c"\r\n%b\r\n0\r\n\r\n' % (SIZE, BODY), OK),
        ("trailer", CHUNK + b"0\r\nX-A: b\r\n\r\n", OK),
        ("trailer-content-length", CHUNK + b"0\r\nContent-Length: 3\r\n\r\n", OK),
        ("trailer-content-encoding", CHUNK + b"0\r\nContent-Encoding: gzip\r\n\r\n", OK),
        ("trailers-many", CHUNK + b"0\r\n" + b"X-A: b\r\n" * 50 + b"\r\n", OK),
        ("size-negative", b"-%x\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY), NO_RESPONSE),
        ("size-with-prefix", b"0x%x\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY), NO_RESPONSE),
        ("size-with-plus", b"+%x\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY), NO_RESPONSE),
        ("size-with-underscore", b"0_%x\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY), NO_RESPONSE),
        ("size-empty", b"\r\n%b\r\n0\r\n\r\n" % BODY, NO_RESPONSE),
        ("size-not-a-number", b"zz\r\n%b\r\n0\r\n\r\n" % BODY, NO_RESPONSE),
        ("size-of-17-digits", b"1%016x\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY), NO_RESPONSE),
        ("size-of-40-digits", b"f" * 40 + b"\r\n%b\r\n0\r\n\r\n" % BODY, NO_RESPONSE),
        ("size-after-space", b" %x\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY), NO_RESPONSE),
        ("size-too-small", b"%x\r\n%b\r\n0\r\n\r\n" % (SIZE - 1, BODY), NO_RESPONSE),
        ("size-too-large", b"%x\r\n%b\r\n0\r\n\r\n" % (SIZE + 1, BODY), NO_RESPONSE),
        ("without-line-end", b"%x\r\n%b0\r\n\r\n" % (SIZE, BODY), NO_RESPONSE),
        ("last-missing", CHUNK, NO_RESPONSE),
        ("last-without-end", CHUNK + b"0\r\n", NO_RESPONSE),
        ("cut", b"%x\r\n%b" % (SIZE, BODY[:SPLIT]), NO_RESPONSE),
        ("size-cut", CHUNK + b"1", NO_RESPONSE),
        ("extension-of-20-kb", b"%x;%b\r\n%b\r\n0\r\n\r\n" % (SIZE, b"a" * 20_000, BODY), OK),
    ]
]

CLOSED = [
    Case("closed-on-accept", before=(CLOSE,), expect=(NO_RESPONSE,), requests=0),
    Case("reset-on-accept", before=(RESET,), expect=(NO_RESPONSE,), requests=0),
    Case("closed-after-request", ((CLOSE,),), (NO_RESPONSE,), requests=1),
    Case("reset-after-request", ((RESET,),), (NO_RESPONSE,), requests=1),
    Case("closed-in-status-line", ((b"HTTP/1.1 2", CLOSE),), (NO_RESPONSE,)),
    Case("closed-in-header", ((b"HTTP/1.1 200 OK\r\nContent-Le", CLOSE),), (NO_RESPONSE,)),
    Case("closed-after-header", ((b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", CLOSE),), (NO_RESPONSE,)),
    Case("closed-before-body", ((response()[:-SIZE], CLOSE),), (NO_RESPONSE,)),
    Case("closed-in-body", ((response()[:-SPLIT], CLOSE),), (NO_RESPONSE,)),
    Case("reset-in-body", ((response()[:-SPLIT], Pause(0.1), RESET),), (NO_RESPONSE,)),
    Case("reset-in-error-body", ((response(status="502 X")[:-SPLIT], Pause(0.1), RESET),), (error(502),)),
    Case("closed-in-error-body", ((response(status="502 X")[:-SPLIT], CLOSE),), (error(502, body=BODY[:-SPLIT]),)),
    Case("closed-then-retried", ((CLOSE,), (response(),)), options={"max_retries": 1}, requests=2),
    Case("reset-then-retried", ((RESET,), (response(),)), options={"max_retries": 1}, requests=2),
    Case("cut-then-retried", ((response()[:-1], CLOSE), (response(),)), options={"max_retries": 1}, requests=2),
    Case(
        "error-then-retried",
        ((response(status="503 X"),), (response(),)),
        options={"max_retries": 1},
        requests=2,
        connections=1,
    ),
    Case(
        "error-not-retried",
        ((response(status="404 X"),), (response(),)),
        (error(404),),
        options={"max_retries": 2},
        requests=1,
    ),
    Case(
        "retry-after-too-long",
        ((response(b"", "Retry-After: 9999", status="429 X"),), (response(),)),
        (TIMEOUT,),
        options={"max_retries": 1, "deadline": 2},
        requests=1,
        within=1.5,
    ),
]

KEPT = [
    Case("connection-kept", expect=(OK,) * 5, requests=5, connections=1),
    Case("connection-kept-after-chunks", ((chunked(),),), (OK,) * 3, connections=1),
    Case("connection-kept-after-error", ((response(status="404 X"),), (response(),)), (error(404), OK), connections=1),
    Case("connection-kept-after-unreadable", ((response(b"{"),), (response(),)), (invalid(), OK), connections=1),
    Case("connection-kept-after-empty", ((response(b""),), (response(),)), (invalid(), OK), connections=1),
    Case("connection-kept-after-304", ((b"HTTP/1.1 304 X\r\n\r\n",), (response(),)), (error(304), OK), connections=1),
    Case("connection-kept-after-trailers", ((CHUNKED + CHUNK + b"0\r\nX: y\r\n\r\n",),), (OK, OK), connections=1),
    Case("connection-close", ((response(BODY, "Connection: close"), CLOSE),), (OK,) * 3, connections=3),
    Case("connection-close-upper-case", ((response(BODY, "Connection: Close"), CLOSE),), (OK,) * 2, connections=2),
    Case("connection-close-without-closing", ((response(BODY, "Connection: close"),),), (OK,) * 2, connections=2),
    Case("connection-close-among-others", ((response(BODY, "Connection: X-A, close"),),), (OK,) * 2, connections=2),
    Case(
        "connection-keep-alive",
        ((response(BODY, "Connection: keep-alive", "Keep-Alive: timeout=5"),),),
        (OK,) * 2,
        connections=1,
    ),
    Case("connection-http-1.0", ((response().replace(b"1.1", b"1.0", 1), CLOSE),), (OK,) * 2, connections=2),
    Case("connection-closed-unannounced", ((response(), CLOSE),), (OK,) * 3, connections=3, between=0.1),
    Case("connection-reset-unannounced", ((response(), Pause(0.2), RESET),), (OK,), requests=1),
    Case("connection-with-further-bytes", ((response() + b"garbage",),), (OK,) * 3, requests=3),
    Case(
        "connection-with-second-response",
        ((response() + response(b'{"kind": "Another"}'),), (response(),)),
        (OK, OK),
        requests=2,
    ),
    Case("connection-with-line-end-after-body", ((response() + b"\r\n",),), (OK,) * 3, requests=3),
    Case(
        "connection-with-late-timeout-response",
        ((response(), Pause(0.02), response(b"", status="408 Timeout"), CLOSE), (response(),)),
        (OK, OK),
        between=0.3,
        requests=2,
    ),
    Case(
        "connection-after-too-large",
        ((response(b" " * 3000 + BODY),), (response(),)),
        (invalid("max_response_size"), OK),
        call_options={"max_response_size": 1000},
        requests=2,
    ),
    Case(
        "connection-after-too-large-error",
        ((response(b" " * 300_000, status="500 X"),), (response(),)),
        (error(500, body=b" " * 1000), OK),
        call_options={"max_response_size": 1000},
        requests=2,
    ),
    Case("connection-after-timeout", ((Pause(3),), (response(),)), (TIMEOUT, OK), call_options=SHORT, connections=2),
    Case("connection-after-cut-body", ((response()[:-1], CLOSE), (response(),)), (NO_RESPONSE, OK), connections=2),
    Case(
        "connection-after-hundred-large-errors",
        ((response(b" " * 300_000, status="500 X"),),),
        (error(500),) * 120,
        call_options={"max_response_size": 1000, "timeout": 5},
        requests=120,
        full=True,
        within=30,
    ),
    Case(
        "connection-after-hundred-refused",
        ((response(b" " * 100_000),),),
        (invalid("max_response_size"),) * 120,
        call_options={"max_response_size": 1000, "timeout": 5},
        requests=120,
        full=True,
        within=30,
    ),
]

SIZES = [
    Case("size-at-limit", call_options={"max_response_size": SIZE}),
    Case(
        "size-over-limit",
        expect=(invalid(f"at most {SIZE - 1} bytes", body=b""),),
        call_options={"max_response_size": SIZE - 1},
    ),
    Case(
        "size-over-limit-in-chunks",
        ((chunked(size=1),),),
        (invalid("max_response_size"),),
        call_options={"max_response_size": SIZE - 1},
    ),
    Case("size-limit-0", expect=(invalid("max_response_size"),), call_options={"max_response_size": 0}),
    Case(
        "size-of-error-over-limit",
        ((response(b"x" * 100, status="500 X"),),),
        (error(500, body=b"x" * 10),),
        call_options={"max_response_size": 10},
    ),
    Case(
        "size-announced-only",
        (((b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", CLOSE)),),
        (NO_RESPONSE,),
        memory=64,
    ),
    Case("size-of-megabytes", ((response(BODY + b" " * 4_000_000),),)),
    Case(
        "size-without-end",
        ((b"HTTP/1.1 200 OK\r\n\r\n", *[b" " * 1_000_000] * 64),),
        (invalid("max_response_size"),),
        call_options={"max_response_size": 1_000_000},
        memory=48,
    ),
    Case(
        "size-of-error-without-end",
        ((b"HTTP/1.1 500 X\r\n\r\n", *[b" " * 1_000_000] * 64),),
        (error(500, body=b" " * 1000),),
        call_options={"max_response_size": 1000},
        memory=48,
    ),
]


@pytest.mark.parametrize(("case", "sender"), cases_for([*LENGTHS, *CODINGS, *SIZES]))
def test_client_given_framing_returns_result(case: Case, sender: Sender) -> None:
    check(case, sender)


@pytest.mark.parametrize(("case", "sender"), cases_for([*CLOSED, *KEPT]))
def test_client_given_connections_returns_results(case: Case, sender: Sender) -> None:
    check(case, sender)
