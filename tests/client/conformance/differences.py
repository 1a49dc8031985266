"""The documented differences between senders."""

from __future__ import annotations

from .cases import NO_RESPONSE, OK, Difference, Expect, error, invalid

AIOHTTP = ("aiohttp*",)
HTTPX = ("httpx*",)
FURTHER = "httpx and httpx2 read bytes that follow a response as the response to the next request."

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        ["status-line-nul-in-reason"],
        AIOHTTP,
        {"expect": (OK,)},
        "aiohttp accepts a NUL in the reason phrase of a response.",
    ),
    Difference(
        ["field-first-folded"],
        AIOHTTP,
        {"expect": (OK,)},
        "aiohttp ignores a folded line that follows the status line.",
    ),
    Difference(
        ["lines-end-with-cr"],
        AIOHTTP,
        {"expect": (NO_RESPONSE,)},
        "aiohttp rejects lines that end with CR alone; httpx waits for more.",
    ),
    Difference(
        ["informational-101-unasked"],
        AIOHTTP,
        {"expect": (error(101),)},
        "aiohttp returns a response 101 that was not requested, which httpx rejects.",
    ),
    Difference(
        ["informational-then-nothing"],
        AIOHTTP,
        {"expect": (NO_RESPONSE,)},
        "aiohttp applies no timeout after an informational response; a deadline ends the call.",
    ),
    Difference(
        [
            "length-doubled-equal",
            "length-doubled-in-one-field",
            "chunks-and-length",
            "length-and-chunks",
            "chunk-trailer-content-length",
        ],
        AIOHTTP,
        {"expect": (NO_RESPONSE,)},
        "aiohttp rejects a Content-Length that is given twice, and one beside `Transfer-Encoding: chunked`.",
    ),
    Difference(
        ["chunks-coding-with-spaces", "coding-with-vertical-tab"],
        AIOHTTP,
        {"expect": (invalid(),)},
        "aiohttp reads the body until the connection ends where odd spaces surround the transfer coding `chunked`.",
    ),
    Difference(
        ["length-missing-until-reset", "chunk-size-too-large"],
        AIOHTTP,
        {"expect": (OK,)},
        "aiohttp takes a reset connection for the end of a body without a length, and a chunk that is too short for "
        "a whole one.",
    ),
    Difference(
        ["length-shorter-than-body", "length-and-further-bytes"],
        AIOHTTP,
        {"expect": (NO_RESPONSE,)},
        "aiohttp rejects a response that further bytes follow.",
    ),
    Difference(
        ["connection-with-further-bytes"],
        AIOHTTP,
        {"expect": (NO_RESPONSE,) * 3},
        "aiohttp rejects a response that further bytes follow.",
    ),
    Difference(
        ["closed-after-request", "reset-after-request"],
        AIOHTTP,
        {"requests": 2},
        "aiohttp sends a GET again, once, where the connection ends without a response.",
    ),
    Difference(
        ["connection-with-second-response"],
        HTTPX,
        {"expect": (OK, Expect("job", value={"kind": "Another"})), "requests": 2},
        FURTHER,
    ),
    Difference(
        ["connection-with-further-bytes", "connection-with-line-end-after-body"],
        HTTPX,
        {"expect": (OK, NO_RESPONSE, OK)},
        FURTHER,
    ),
    Difference(
        ["no-proxy-another-ipv6-network"],
        HTTPX,
        {"proxied": ("GET http://2001:db8::1:81/api/v3/projects/p/jobs/job-1",)},
        "httpx and httpx2 leave out the brackets of an IPv6 address in a request over plain HTTP to a proxy.",
    ),
    Difference(
        ["at-once-50", "at-once-50-of-a-late-server"],
        ("httpx-async",),
        {"most_connections": 100},
        "Asynchronous httpx may make some more connections than there are calls at once.",
    ),
    Difference(
        ["at-once-200*"],
        ("httpx-async",),
        {"most_connections": None},
        "Asynchronous httpx keeps 100 connections: with more calls at once it makes one for each further call.",
    ),
)
