"""Status lines and header fields: as in RFC 9112, and as servers and gateways send them."""

from __future__ import annotations

import pytest

from ..senders import Sender
from .cases import BODY, CLOSE, NO_RESPONSE, OK, TIMEOUT, Case, error, invalid, response
from .runner import cases_for, check
from .servers import Pause

LENGTH = f"Content-Length: {len(BODY)}".encode()
NOTHING_FURTHER = (b"HTTP/1.1 100 Continue\r\n\r\n", Pause(1.5), CLOSE)
ERROR = b'{"errorCode": "CCE.01404001", "errorMessage": "no such job"}'


def head(status_line: bytes, *lines: bytes) -> tuple[tuple[bytes], ...]:
    """Return a response with that status line and those lines of its head, as they are."""
    return ((b"\r\n".join([status_line, *lines, LENGTH, b"", BODY]),),)


def field(line: bytes | str) -> tuple[tuple[bytes], ...]:
    """Return a response with one more line in its head."""
    return ((response(BODY, line),),)


STATUS_LINES = [
    Case("status-line-without-reason", head(b"HTTP/1.1 200 ")),
    Case("status-line-without-space", head(b"HTTP/1.1 200")),
    Case("status-line-reason-latin-1", head("HTTP/1.1 200 Tr\u00e8s bien".encode("latin-1"))),
    Case("status-line-reason-utf-8", head("HTTP/1.1 200 \u597d".encode())),
    Case("status-line-reason-gbk", head("HTTP/1.1 200 \u597d".encode("gbk"))),
    Case("status-line-reason-tab", head(b"HTTP/1.1 200 very\tgood")),
    Case("status-line-reason-4-kb", head(b"HTTP/1.1 200 " + b"x" * 4000)),
    Case("status-line-http-1.0", head(b"HTTP/1.0 200 OK"), connections=1),
    Case("status-line-http-2", head(b"HTTP/2.0 200 OK")),
    Case("status-line-http-3-digits", head(b"HTTP/1.11 200 OK"), (NO_RESPONSE,)),
    Case("status-line-lower-case", head(b"http/1.1 200 OK"), (NO_RESPONSE,)),
    Case("status-line-another-protocol", head(b"ICY 200 OK"), (NO_RESPONSE,)),
    Case("status-line-two-digits", head(b"HTTP/1.1 20 OK"), (NO_RESPONSE,)),
    Case("status-line-four-digits", head(b"HTTP/1.1 2000 OK"), (NO_RESPONSE,)),
    Case("status-line-not-a-number", head(b"HTTP/1.1 2OO OK"), (NO_RESPONSE,)),
    Case("status-line-no-status", head(b"HTTP/1.1 OK"), (NO_RESPONSE,)),
    Case("status-line-missing", (((LENGTH + b"\r\n\r\n" + BODY),),), (NO_RESPONSE,)),
    Case("status-line-nul-in-reason", head(b"HTTP/1.1 200 O\0K"), (NO_RESPONSE,)),
    Case("bytes-that-are-not-http", ((b"\x16\x03\x03\x00\x02\x02\x28",),), (NO_RESPONSE,), call_options={"timeout": 1}),
    Case("html-without-a-head", ((b"<html><body>hello</body></html>\r\n\r\n",),), (NO_RESPONSE,)),
]

STATUSES = [
    Case(
        f"status-{status}",
        ((response(ERROR, status=f"{status} Refused"),),),
        (error(status, code="CCE.01404001", message="no such job", body=ERROR),),
        requests=1,
    )
    for status in (
        300,
        400,
        401,
        402,
        403,
        404,
        405,
        406,
        408,
        409,
        410,
        412,
        413,
        415,
        418,
        422,
        423,
        425,
        428,
        429,
        431,
        451,
        499,
        500,
        501,
        502,
        503,
        504,
        505,
        507,
        508,
        511,
        520,
        524,
        530,
        599,
        600,
        799,
        999,
    )
] + [
    Case("status-201", ((response(status="201 Created"),),)),
    Case("status-202", ((response(status="202 Accepted"),),)),
    Case("status-203", ((response(status="203 Transformed"),),)),
    Case("status-206", ((response(BODY, "Content-Range: bytes 0-9/9", status="206 Part"),),)),
    Case("status-299", ((response(status="299 X"),),)),
    Case("status-204", ((b"HTTP/1.1 204 No Content\r\n\r\n",),), (invalid(status=204),), within=3),
    Case(
        "status-204-with-length", ((b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",),), (invalid(status=204),)
    ),
    Case("status-205", ((response(b"", status="205 Reset"),),), (invalid(status=205),)),
    Case("status-304", ((b"HTTP/1.1 304 Not Modified\r\n\r\n",),), (error(304),), within=3),
    Case(
        "status-304-with-length",
        ((b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",),),
        (error(304),),
        within=3,
    ),
    Case(
        "status-reason-is-shown", ((response(b"", status="503 Under maintenance"),),), (error(503, text="maintenance"),)
    ),
    Case(
        "status-reason-utf-8",
        ((response(ERROR, status="404 \u672a\u627e\u5230".encode()),),),
        (error(404, code="CCE.01404001"),),
    ),
    Case(
        "status-reason-gbk",
        ((response(ERROR, status=b"404 " + "\u672a\u627e\u5230".encode("gbk")),),),
        (error(404, code="CCE.01404001"),),
    ),
    Case("status-reason-escape-sequence", ((response(b"", status="404 \x1b[31mred"),),), (error(404),)),
    Case(
        "status-reason-c1-control",
        ((response(b"", status=b"404 \x9b31mred"),),),
        (error(404),),
    ),
]

FIELDS = [
    Case("field-empty-value", field("X-A:")),
    Case("field-value-tab", field("X-A: a\tb")),
    Case("field-value-surrounded-by-space", field("X-A: \t a \t ")),
    Case("field-value-latin-1", field("X-A: caf\u00e9".encode("latin-1"))),
    Case("field-value-utf-8", field("X-A: \u672a\u627e\u5230".encode())),
    Case("field-value-gbk", field(b"X-A: " + "\u672a\u627e\u5230".encode("gbk"))),
    Case("field-value-nul", field(b"X-A: a\0b"), (NO_RESPONSE,)),
    Case("field-value-carriage-return", field(b"X-A: a\rb"), (NO_RESPONSE,)),
    Case("field-name-lower-case", ((response(BODY, f"content-length: {len(BODY)}", length=False),),)),
    Case("field-name-empty", field(b": a"), (NO_RESPONSE,)),
    Case("field-name-with-space", field(b"X A: a"), (NO_RESPONSE,)),
    Case("field-name-before-space", field(b"X-A : a"), (NO_RESPONSE,)),
    Case("field-name-not-ascii", field("X-\u00c4: a".encode("latin-1")), (NO_RESPONSE,)),
    Case("field-name-nul", field(b"X\0A: a"), (NO_RESPONSE,)),
    Case("field-without-colon", field(b"X-A"), (NO_RESPONSE,)),
    Case("field-doubled", field(b"X-A: a\r\nX-A: b")),
    Case("field-date-doubled", field(b"Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nDate: x")),
    Case("field-content-type-doubled", field(b"Content-Type: text/html\r\nContent-Type: application/json")),
    Case("field-location-in-success", field(b"Location: https://elsewhere.example.com/"), requests=1),
    Case("field-set-cookie", (*field(b"Set-Cookie: a=b"),), (OK, OK), received={"Cookie": None}, requests=2),
    Case("field-set-cookie-odd", (*field(b'Set-Cookie: \xff=;;;="; path'),), (OK, OK), received={"Cookie": None}),
    Case("field-strict-transport-security", field(b"Strict-Transport-Security: max-age=9"), (OK, OK), requests=2),
    Case("field-alt-svc", field(b'Alt-Svc: h2="elsewhere.example.com:443"; ma=9'), (OK, OK), requests=2),
    Case("field-upgrade", field(b"Upgrade: h2c\r\nConnection: Upgrade"), requests=1),
    Case("field-link", field(b'Link: <https://elsewhere.example.com/>; rel="preload"'), requests=1),
    Case("field-refresh", field(b"Refresh: 0; url=https://elsewhere.example.com/"), requests=1),
    Case("field-folded", field(b"X-A: a\r\n b")),
    Case("field-first-folded", ((b"HTTP/1.1 200 OK\r\n X: a\r\n" + LENGTH + b"\r\n\r\n" + BODY,),), (NO_RESPONSE,)),
    Case("field-value-8-190-bytes", field(b"X-A: " + b"a" * 8190)),
    Case("field-value-9-kb", field(b"X-A: " + b"a" * 9000)),
    Case("field-value-16-kb", field(b"X-A: " + b"a" * 16_384)),
    Case("field-value-60-kb", field(b"X-A: " + b"a" * 60_000)),
    Case("fields-of-60-kb-together", field(b"\r\n".join(b"X-%d: %b" % (number, b"a" * 3000) for number in range(20)))),
    Case("fields-100", field(b"\r\n".join(b"X-%d: a" % number for number in range(97)))),
    Case("lines-end-with-lf", ((b"HTTP/1.1 200 OK\n" + LENGTH + b"\n\n" + BODY,),)),
    Case(
        "lines-end-with-cr",
        ((b"HTTP/1.1 200 OK\r" + LENGTH + b"\r\r" + BODY,),),
        (TIMEOUT,),
        call_options={"timeout": 0.5},
    ),
    Case("head-of-a-megabyte", ((b"HTTP/1.1 200 OK\r\n" + b"X-A: aaaa\r\n" * 100_000 + b"\r\n",),), (NO_RESPONSE,)),
]

INFORMATIONAL = [
    Case(f"informational-{name}", ((interim + response(),),), requests=1)
    for name, interim in {
        "100": b"HTTP/1.1 100 Continue\r\n\r\n",
        "102": b"HTTP/1.1 102 Processing\r\n\r\n",
        "103": b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
        "199": b"HTTP/1.1 199 X\r\n\r\n",
        "several": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20,
        "without-reason": b"HTTP/1.1 100 \r\n\r\n",
    }.items()
] + [
    Case("informational-then-nothing", (NOTHING_FURTHER,), (TIMEOUT,), call_options={"timeout": 0.5}),
    Case("informational-then-deadline", (NOTHING_FURTHER,), (TIMEOUT,), options={"deadline": 0.5}),
    Case("informational-then-error", ((b"HTTP/1.1 103 X\r\n\r\n" + response(ERROR, status="404 X"),),), (error(404),)),
    Case(
        "informational-101-unasked",
        ((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" + response(), CLOSE),),
        (NO_RESPONSE,),
    ),
]


@pytest.mark.parametrize(("case", "sender"), cases_for([*STATUS_LINES, *STATUSES, *FIELDS, *INFORMATIONAL]))
def test_client_given_response_head_returns_result(case: Case, sender: Sender) -> None:
    check(case, sender)
