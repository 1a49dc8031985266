"""Cases that fail today, each with its reason. A case that passes fails: remove the entry with the fault."""

from __future__ import annotations

from .cases import KnownFault

KNOWN_FAULTS: tuple[KnownFault, ...] = ()
