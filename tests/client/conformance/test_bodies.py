"""Bodies: content encodings and their limits, character sets, formats of errors, redirects."""

from __future__ import annotations

import gzip
import json
import zlib
from functools import cache
from typing import Any

import pytest

from ..senders import Sender
from .cases import (
    BODY,
    CLOSE,
    JOB,
    OK,
    TIMEOUT,
    TOKEN,
    Case,
    Expect,
    chunked,
    error,
    invalid,
    response,
)
from .runner import cases_for, check
from .servers import Drip

MIB = 1024 * 1024
BOM = b"\xef\xbb\xbf"


def raw_deflate(body: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(body) + squeeze.flush()


def packed(body: bytes, *encodings: str) -> bytes:
    """Return a body with encodings applied one after another."""
    for encoding in encodings:
        body = gzip.compress(body, mtime=0) if encoding == "gzip" else zlib.compress(body)
    return body


GZIP = packed(BODY, "gzip")
EMPTY = gzip.compress(b"", mtime=0)
EMPTY_BLOCK = b"\0\0\0\xff\xff"


@cache
def packed_blocks() -> bytes:
    """Return a gzip body within a gzip body: the inner one is 8 Mi empty blocks per repeat."""
    outer = zlib.compressobj(wbits=31)
    return outer.compress(EMPTY[:10]) + outer.compress(EMPTY_BLOCK * (8 * MIB)) + outer.flush()


@cache
def endless_blocks() -> Any:
    """Return a response of such blocks over and over, each MiB of them in some kilobytes."""
    outer = zlib.compressobj(wbits=31)
    first = outer.compress(EMPTY[:10]) + outer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush, compressed bytes do not refer to any before them.
    again = outer.compress(EMPTY_BLOCK * MIB) + outer.flush(zlib.Z_FULL_FLUSH)
    return ((response(first, "Content-Encoding: gzip, gzip", length=False), Drip(again, pause=0.0)),)


def encoded(name: str | bytes, body: bytes, *headers: str, status: str = "200 OK") -> Any:
    field = b"Content-Encoding: " + (name if isinstance(name, bytes) else name.encode())
    return ((response(body, field, *headers, status=status),),)


ENCODINGS = [
    Case("encoding-identity", encoded("identity", BODY)),
    Case("encoding-empty", encoded("", BODY)),
    Case("encoding-gzip", encoded("gzip", GZIP), received={"Accept-Encoding": "gzip, deflate"}),
    Case("encoding-gzip-upper-case", encoded("GZIP", GZIP)),
    Case("encoding-x-gzip", encoded("x-gzip", GZIP)),
    Case("encoding-deflate", encoded("deflate", zlib.compress(BODY))),
    Case("encoding-deflate-without-header", encoded("deflate", raw_deflate(BODY))),
    Case("encoding-gzip-then-comma", encoded("gzip,", GZIP)),
    Case("encoding-gzip-among-spaces", encoded(" \t gzip \t ", GZIP)),
    Case("encoding-gzip-and-identity", encoded("gzip, identity", GZIP)),
    Case("encoding-utf-8", encoded("utf-8", BODY)),
    Case("encoding-utf-8-upper-case", encoded("UTF-8", BODY)),
    Case("encoding-none", encoded("none", BODY)),
    Case("encoding-utf-8-of-gzip", encoded("gzip, utf-8", GZIP)),
    Case(
        "encoding-utf-8-in-error",
        encoded("utf-8", b'{"errorCode": "X"}', status="404 X"),
        (error(404, code="X"),),
    ),
    Case("encoding-br", encoded("br", BODY), (invalid("decompressed"),)),
    Case("encoding-zstd", encoded("zstd", b"\x28\xb5\x2f\xfd"), (invalid("decompressed"),)),
    Case("encoding-compress", encoded("compress", BODY), (invalid("decompressed"),)),
    Case("encoding-unknown", encoded("x-secret", BODY)),
    Case(
        "encoding-with-control-characters",
        encoded(b"x\x9bred", BODY),
    ),
    Case("encoding-of-8-kb", encoded("a" * 8000, BODY)),
    Case("encoding-br-in-error", encoded("br", b"xx", status="503 X"), (error(503),)),
    Case("encoding-twice-in-one-field", encoded("gzip, gzip", packed(BODY, "gzip", "gzip"))),
    Case(
        "encoding-doubled",
        ((response(packed(BODY, "deflate", "gzip"), "Content-Encoding: deflate", "Content-Encoding: gzip"),),),
    ),
    Case(
        "encoding-doubled-same-once-applied",
        ((response(GZIP, "Content-Encoding: gzip", "Content-Encoding: gzip"),),),
        (invalid("decompressed"),),
    ),
    Case(
        "encoding-five",
        encoded("gzip, deflate, gzip, gzip, deflate", packed(BODY, "gzip", "deflate", "gzip", "gzip", "deflate")),
    ),
    Case("encoding-six", encoded(", ".join(["gzip"] * 6), GZIP), (invalid("at most 5 encodings, got 6"),)),
    Case("encoding-thousand", encoded(", ".join(["gzip"] * 1000), GZIP), (invalid("at most 5 encodings"),)),
    Case("encoding-thousand-in-error", encoded(", ".join(["gzip"] * 1000), GZIP, status="503 X"), (error(503),)),
    Case(
        "encoding-six-fields",
        ((response(GZIP, *["Content-Encoding: gzip"] * 6),),),
        (invalid("at most 5 encodings"),),
    ),
    Case("gzip-in-chunks", ((chunked(GZIP, "Content-Encoding: gzip", size=1),),)),
    Case("gzip-until-close", ((response(GZIP, "Content-Encoding: gzip", length=False), CLOSE),)),
    Case("gzip-of-members", encoded("gzip", gzip.compress(BODY[:20]) + gzip.compress(BODY[20:]))),
    Case("gzip-empty-members-before", encoded("gzip", EMPTY * 20 + GZIP)),
    Case("gzip-then-zeros", encoded("gzip", GZIP + bytes(5000))),
    Case("gzip-then-garbage", encoded("gzip", GZIP + b"junk"), (invalid("decompressed"),)),
    Case("gzip-then-cut-member", encoded("gzip", GZIP + GZIP[:15]), (invalid("decompressed"),)),
    Case("gzip-with-name-and-comment", encoded("gzip", GZIP[:3] + b"\x18" + GZIP[4:10] + b"a.json\0b\0" + GZIP[10:])),
    Case("gzip-cut-in-head", encoded("gzip", GZIP[:5]), (invalid("decompressed"),)),
    Case("gzip-cut-in-data", encoded("gzip", GZIP[:-20]), (invalid("decompressed"),)),
    Case("gzip-cut-in-trailer", encoded("gzip", GZIP[:-3]), (invalid("decompressed"),)),
    Case("gzip-without-trailer", encoded("gzip", GZIP[:-8]), (invalid("decompressed"),)),
    Case("gzip-wrong-checksum", encoded("gzip", GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:]), (invalid("decompressed"),)),
    Case("gzip-wrong-size", encoded("gzip", GZIP[:-4] + b"\0\0\0\1"), (invalid("decompressed"),)),
    Case("gzip-not-compressed", encoded("gzip", BODY), (invalid("decompressed"),)),
    Case("gzip-empty-body", encoded("gzip", b""), (invalid(body=b""),)),
    Case("gzip-of-nothing", encoded("gzip", EMPTY), (invalid(body=b""),)),
    Case("gzip-is-deflate", encoded("gzip", zlib.compress(BODY))),
    Case("deflate-is-gzip", encoded("deflate", GZIP)),
    Case("deflate-cut", encoded("deflate", zlib.compress(BODY)[:-5]), (invalid("decompressed"),)),
    Case("deflate-not-compressed", encoded("deflate", b"\xff\xff\xff"), (invalid("decompressed"),)),
    Case("gzip-undeclared", ((response(GZIP),),), (invalid(),)),
    Case("gzip-with-charset", encoded("gzip", GZIP, "Content-Type: application/json; charset=utf-8")),
    Case(
        "gzip-in-error", encoded("gzip", packed(b'{"errorCode": "X"}', "gzip"), status="404 X"), (error(404, code="X"),)
    ),
    Case("gzip-cut-in-error", encoded("gzip", GZIP[:-8], status="503 X"), (error(503),)),
    Case("gzip-connection-kept", encoded("gzip", GZIP), (OK,) * 3, connections=1),
    Case(
        "gzip-connection-after-refused",
        (*encoded("gzip", b"no gzip"), (response(),)),
        (invalid("decompressed"), OK),
        requests=2,
    ),
    Case("gzip-at-limit", encoded("gzip", GZIP), call_options={"max_response_size": len(BODY)}),
    Case(
        "gzip-over-limit",
        encoded("gzip", GZIP),
        (invalid("max_response_size"),),
        call_options={"max_response_size": len(BODY) - 1},
    ),
    Case(
        "bomb",
        lambda: encoded("gzip", packed(bytes(64 * MIB), "gzip")),
        (invalid("max_response_size"),),
        call_options={"max_response_size": MIB},
        memory=32,
    ),
    Case(
        "bomb-nested",
        lambda: encoded("gzip, gzip", packed(bytes(256 * MIB), "gzip", "gzip")),
        (invalid("max_response_size"),),
        call_options={"max_response_size": MIB},
        memory=32,
        full=True,
    ),
    Case(
        "bomb-in-error",
        lambda: encoded("gzip", packed(bytes(64 * MIB), "gzip"), status="500 X"),
        (error(500, body=bytes(1000)),),
        call_options={"max_response_size": 1000},
        memory=32,
    ),
    Case(
        "bomb-of-empty-members",
        lambda: encoded("gzip, gzip", packed(EMPTY * (2 * MIB), "gzip")),
        (invalid("decompressed"),),
        call_options={"max_response_size": 4 * MIB},
        memory=48,
        full=True,
    ),
    Case(
        "bomb-of-members-of-a-byte",
        lambda: encoded("gzip, gzip", packed(gzip.compress(b" ", mtime=0) * (2 * MIB), "gzip")),
        (invalid("decompressed"),),
        call_options={"max_response_size": 4 * MIB},
        memory=48,
        full=True,
    ),
    Case(
        "bomb-of-empty-blocks",
        lambda: encoded("gzip, gzip", packed_blocks()),
        (invalid("decompressed"),),
        call_options={"max_response_size": 4 * MIB},
        memory=48,
        full=True,
    ),
    Case(
        "bomb-past-deadline",
        endless_blocks,
        (TIMEOUT,),
        options={"deadline": 0.1},
        call_options={"max_response_size": 2**40},
        within=2,
        full=True,
    ),
]

GBK = "\u63a5\u53e3\u4e0d\u5b58\u5728"


def typed(content_type: str, body: bytes, status: str = "200 OK") -> Any:
    return ((response(body, f"Content-Type: {content_type}", status=status),),)


def named(text: str) -> dict[str, Any]:
    return {**JOB, "metadata": {"uid": "job-1", "name": text}}


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


CHARSETS = [
    Case(
        "charset-utf-8",
        typed("application/json; charset=utf-8", dumped(named(GBK)).encode()),
        (Expect("job", value=named(GBK)),),
    ),
    Case(
        "charset-utf8-quoted",
        typed('application/json; charset="UTF8"', dumped(named(GBK)).encode()),
        (Expect("job", value=named(GBK)),),
    ),
    Case(
        "charset-gbk",
        typed("application/json; charset=GBK", dumped(named(GBK)).encode("gbk")),
        (Expect("job", value=named(GBK)),),
    ),
    Case(
        "charset-latin-1",
        typed("application/json; charset=iso-8859-1", dumped(named("\u00fc")).encode("latin-1")),
        (Expect("job", value=named("\u00fc")),),
    ),
    Case(
        "charset-utf-16",
        typed("application/json; charset=utf-16", dumped(named(GBK)).encode("utf-16")),
        (Expect("job", value=named(GBK)),),
    ),
    Case("charset-unknown", typed("application/json; charset=x-unknown", BODY)),
    Case("charset-empty", typed("application/json; charset=", BODY)),
    Case("charset-not-of-text", typed("application/json; charset=base64", BODY)),
    Case("charset-with-nul", typed("application/json; charset=utf\u20118", BODY)),
    Case(
        "charset-declared-gbk-sent-utf-8",
        typed("application/json; charset=gbk", dumped(named("\u00fc")).encode()),
        (Expect("job"),),
    ),
    Case(
        "charset-ascii-sent-utf-8",
        typed("application/json; charset=us-ascii", dumped(named(GBK)).encode()),
        (Expect("job", value=named(GBK)),),
    ),
    Case("charset-undeclared-gbk", typed("application/json", dumped(named(GBK)).encode("gbk")), (invalid(),)),
    Case("byte-order-mark", typed("application/json", BOM + BODY)),
    Case("byte-order-mark-utf-16-undeclared", typed("application/json", BODY.decode().encode("utf-16"))),
    Case(
        "charset-gbk-in-error",
        typed("application/json; charset=GBK", dumped({"errorCode": "X", "errorMessage": GBK}).encode("gbk"), "404 X"),
        (error(404, code="X", message=GBK),),
    ),
    Case(
        "charset-gbk-in-text-error",
        typed("text/plain; charset=gbk", GBK.encode("gbk"), "503 X"),
        (error(503, message=GBK),),
    ),
    Case(
        "charset-utf-8-in-text-error",
        typed("text/plain; charset=utf-8", GBK.encode(), "503 X"),
        (error(503, message=GBK),),
    ),
    Case(
        "charset-unknown-in-text-error",
        typed("text/plain; charset=x-unknown", GBK.encode(), "503 X"),
        (error(503, message=GBK),),
    ),
    Case("charset-wrong-in-text-error", typed("text/plain; charset=utf-8", GBK.encode("gbk"), "503 X"), (error(503),)),
    Case("content-type-missing", ((response(),),)),
    Case("content-type-html-of-json", typed("text/html", BODY)),
    Case("content-type-odd", typed(";;;=", BODY)),
    Case("content-type-json-of-html", typed("application/json", b"<html>"), (invalid(),)),
]

BAD = {
    "array": b'[{"kind": "Job"}]',
    "string": b'"done"',
    "number": b"17",
    "true": b"true",
    "null": b"null",
    "blank": b" \n",
    "text": b"OK",
    "html": b"<html></html>",
    "two-objects": b"{}{}",
    "not-utf-8": b'{"kind": "\xff"}',
    "nan": b'{"kind": NaN}',
    "nested": b'{"spec":' * 100_000,
    "nul": b"\0",
    "control-characters": b"\x1b[31m\x07",
    "single-quotes": b"{'kind': 'Job'}",
    "trailing-comma": b'{"kind": "Job",}',
    "comment": b'{"kind": "Job"} // done',
}

FORMATS = [Case(f"body-{name}", ((response(body),),), (invalid(body=body),)) for name, body in BAD.items()] + [
    Case("body-surrounded-by-space", ((response(b" \r\n\t" + BODY + b"\n\n"),),)),
    Case(
        "body-duplicate-keys",
        ((response(b'{"kind": "A", "kind": "Job", "metadata": {"uid": "job-1"}}'),),),
        (Expect("job", value={"kind": "Job", "metadata": {"uid": "job-1"}}),),
    ),
    Case("body-empty-object", ((response(b"{}"),),), (Expect("job", value={}),)),
    Case("body-with-token", ((response(f'["{TOKEN}"]'.encode()),),), (invalid(body=b'["***"]'),)),
    Case(
        "error-html",
        typed("text/html", b"<html><body>502 Bad Gateway</body></html>", "502 Bad Gateway"),
        (error(502, message=None, text="Bad Gateway$"),),
    ),
    Case(
        "error-text",
        typed("text/plain", b"upstream connect error\r\nreset", "503 X"),
        (error(503, message="upstream connect error reset"),),
    ),
    Case("error-text-long", typed("text/plain", b"x" * 100_000, "503 X"), (error(503, body=b"x" * 100_000),)),
    Case(
        "error-text-control-characters",
        typed("text/plain", b"\x1b[31mred\x07\x9b", "503 X"),
        (error(503),),
    ),
    Case(
        "error-json-control-characters",
        typed(
            "application/json", b'{"errorCode": "X", "errorMessage": "\\u001b[31m\\u0000\\u202e\\u2028red"}', "404 X"
        ),
        (error(404, code="X"),),
    ),
    Case(
        "error-json-surrogate",
        typed("application/json", b'{"errorCode": "X", "errorMessage": "\\ud800"}', "404 X"),
        (error(404, code="X"),),
    ),
    Case(
        "error-json-lines",
        typed("application/json", b'{"errorCode": "X", "errorMessage": "a\\n\\n b"}', "404 X"),
        (error(404, text="X a b$"),),
    ),
    Case("error-json-array", typed("application/json", b'[{"errorCode": "X"}]', "404 X"), (error(404, code=None),)),
    Case(
        "error-json-string", typed("application/json", b'"no such job"', "404 X"), (error(404, message="no such job"),)
    ),
    Case(
        "error-json-numbers",
        typed("application/json", b'{"errorCode": 7, "errorMessage": 1e400}', "404 X"),
        (error(404, code="7"),),
    ),
    Case("error-json-cut", typed("application/json", b'{"errorCode": "X', "404 X"), (error(404, code=None),)),
    Case(
        "error-json-nested",
        typed("application/json", b'{"errorMessage":' + b"[" * 5000 + b"]" * 5000 + b"}", "404 X"),
        (error(404),),
    ),
    Case(
        "error-with-token",
        typed("application/json", f'{{"errorCode": "X", "errorMessage": "bad token {TOKEN}"}}'.encode(), "401 X"),
        (error(401, message="bad token ***"),),
    ),
    Case(
        "error-empty", ((response(b"", status="404 "),),), (error(404, text="no explanation", message=None, body=b""),)
    ),
    Case(
        "problem-json",
        typed(
            "application/problem+json",
            b'{"type": "about:blank", "title": "No such job", "detail": "It has expired", "status": 404}',
            "404 X",
        ),
        (error(404, message="No such job: It has expired"),),
    ),
    Case(
        "problem-json-without-detail",
        typed("application/problem+json; charset=utf-8", b'{"title": "No such job"}', "404 X"),
        (error(404, message="No such job"),),
    ),
    Case(
        "problem-json-without-title",
        typed("application/problem+json", b'{"detail": "It has expired"}', "404 X"),
        (error(404, message="It has expired"),),
    ),
    Case(
        "problem-json-odd",
        typed("application/problem+json", b'{"title": ["x"], "detail": {"a": 1}}', "404 X"),
        (error(404),),
    ),
    Case(
        "problem-json-of-a-service-error",
        typed("application/problem+json", b'{"errorCode": "X", "errorMessage": "m", "title": "T"}', "404 X"),
        (error(404, code="X", message="m"),),
    ),
]


def moved(status: int, location: str | bytes | None, body: bytes = b"") -> Any:
    fields = (
        [] if location is None else [b"Location: " + (location if isinstance(location, bytes) else location.encode())]
    )
    return ((response(body, *fields, status=f"{status} Moved"),),)


REDIRECTS = [
    *(
        Case(
            f"redirect-{status}-to-another-host",
            moved(status, "https://elsewhere.example.com/v3/jobs", b"gone"),
            (error(status, text="https://elsewhere.example.com/v3/jobs", body=b"gone"),),
            requests=1,
        )
        for status in (301, 302, 303, 307, 308)
    ),
    Case("redirect-to-another-path", moved(302, "/login"), (error(302, text="/login"),), requests=1),
    Case(
        "redirect-to-the-same",
        moved(302, "/api/v3/projects/p/jobs/job-1"),
        (error(302, text="/jobs/job-1"),),
        requests=1,
    ),
    Case("redirect-without-location", moved(302, None), (error(302),), requests=1),
    Case("redirect-empty-location", moved(302, ""), (error(302),), requests=1),
    Case("redirect-to-file", moved(302, "file:///etc/passwd"), (error(302),), requests=1),
    Case(
        "redirect-with-password",
        moved(302, "https://user:passw0rd@elsewhere.example.com/"),
        (error(302, text="elsewhere.example.com", without="passw0rd"),),
        requests=1,
    ),
    Case(
        "redirect-with-token",
        moved(302, f"https://elsewhere.example.com/?token={TOKEN}"),
        (error(302, text="elsewhere.example.com"),),
        requests=1,
    ),
    Case(
        "redirect-with-control-characters",
        moved(302, b"https://elsewhere.example.com/\x9b\xc2\x9bred"),
        (error(302),),
        requests=1,
    ),
    Case(
        "redirect-of-10-kb",
        moved(302, "https://elsewhere.example.com/" + "a" * 7000),
        (error(302, text="elsewhere.example.com"),),
        requests=1,
    ),
    Case(
        "redirect-invalid",
        moved(302, "https://[::"),
        (error(302),),
        requests=1,
    ),
    Case("redirect-unusual-port", moved(302, "https://elsewhere.example.com:99999/"), (error(302),), requests=1),
    Case(
        "redirect-doubled-location",
        ((response(b"", "Location: https://a.example.com/", "Location: https://b.example.com/", status="302 X"),),),
        (error(302),),
        requests=1,
    ),
    Case("redirect-is-not-retried", moved(307, "/elsewhere"), (error(307),), options={"max_retries": 3}, requests=1),
]


RETRY_AFTER: list[tuple[str, list[str], float | None]] = [
    ("seconds", ["Retry-After: 3"], 3.0),
    ("seconds-among-spaces", ["Retry-After:   2  "], 2.0),
    ("fraction", ["Retry-After: 1.5"], 1.5),
    ("long", ["Retry-After: 999999999"], 999999999.0),
    ("empty", ["Retry-After:"], None),
    ("negative", ["Retry-After: -5"], None),
    ("nan", ["Retry-After: nan"], None),
    ("inf", ["Retry-After: inf"], None),
    ("list", ["Retry-After: 2, 3"], None),
    ("doubled", ["Retry-After: 2", "Retry-After: 3"], None),
    ("date", ["Retry-After: Fri, 02 Jan 2026 00:00:30 GMT", "Date: Fri, 02 Jan 2026 00:00:00 GMT"], 30.0),
    ("past-date", ["Retry-After: Fri, 02 Jan 2026 00:00:00 GMT", "Date: Fri, 02 Jan 2026 00:00:30 GMT"], 0.0),
    ("impossible-date", ["Retry-After: Fri, 31 Feb 2030 00:00:00 GMT"], None),
    ("not-ascii", ["Retry-After: \u0663"], None),
]
RETRIES = [
    Case(
        f"retry-after-{name}",
        ((response(b"{}", *fields, status="429 X"),),),
        (error(429, retry_after=expected),),
        requests=1,
    )
    for name, fields, expected in RETRY_AFTER
]


@pytest.mark.parametrize(("case", "sender"), cases_for(ENCODINGS))
def test_client_given_content_encoding_returns_result(case: Case, sender: Sender) -> None:
    check(case, sender)


@pytest.mark.parametrize(("case", "sender"), cases_for([*CHARSETS, *FORMATS, *REDIRECTS, *RETRIES]))
def test_client_given_body_returns_result(case: Case, sender: Sender) -> None:
    check(case, sender)
