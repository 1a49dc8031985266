"""Cases that fail today, each with its reason. A case that passes fails: remove the entry with the fault."""

from __future__ import annotations

from .cases import KnownFault

AIOHTTP = ("aiohttp*",)

KNOWN_FAULTS: tuple[KnownFault, ...] = (
    KnownFault(
        ["informational-then-nothing"], AIOHTTP, "aiohttp does not apply the timeout after an informational response"
    ),
    KnownFault(
        ["second-event-loop-after-the-first"],
        ("*-async",),
        "connections of an event loop that has ended are left to the garbage collector",
        leaks=True,
    ),
)
