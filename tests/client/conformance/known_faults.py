"""Cases that fail today, each with its reason. A case that passes fails: remove the entry with the fault."""

from __future__ import annotations

from .cases import KnownFault

EVERYWHERE = ("*",)
HTTPX = ("httpx*",)
AIOHTTP = ("aiohttp*",)

KNOWN_FAULTS: tuple[KnownFault, ...] = (
    KnownFault(
        ["connection-with-further-bytes", "connection-with-second-response", "connection-with-line-end-after-body"],
        HTTPX,
        "httpx reads bytes after a response as the response to the next request",
    ),
    KnownFault(
        ["connection-with-late-timeout-response"],
        AIOHTTP,
        "aiohttp reads a late response as the response to the next request",
    ),
    KnownFault(
        ["informational-then-nothing"], AIOHTTP, "aiohttp does not apply the timeout after an informational response"
    ),
    KnownFault(["timeout-silent-proxy"], AIOHTTP, "aiohttp does not apply the timeout to a proxy"),
    KnownFault(
        ["no-proxy-another-ipv6-network"],
        HTTPX,
        "httpx leaves out the brackets of an IPv6 address in a request to a proxy",
    ),
    KnownFault(
        ["second-event-loop-after-the-first"],
        ("*-async",),
        "connections of an event loop that has ended are left to the garbage collector",
        leaks=True,
    ),
    KnownFault(
        ["at-once-50", "at-once-50-of-a-late-server", "at-once-200*"],
        ("httpx-async",),
        "httpx keeps 20 connections, and opens a new one for each further call",
        leaks=True,
    ),
)
