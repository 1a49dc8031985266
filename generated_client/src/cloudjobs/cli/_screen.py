# Generated from generator/client/runtime/cli/_screen.py. Do not edit: change that, and run `make generate`.
"""Where output goes: standard output and error, as a terminal or as a pipe.

Colours follow `NO_COLOR`, `FORCE_COLOR` and `TERM`. Nothing but colours is ever forced upon a pipe.
"""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.text import Text

from .._addresses import PACKAGE
from ._texts import plain

PROGRAM = PACKAGE.replace("_", "-")
_LONGEST = 1000
_PIECE = 16_384
"""Characters that are written at once."""
_NO_CURSOR = ("dumb", "unknown")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 - rich calls this while it handles the BrokenPipeError, which the program ends with


class Screen:
    """Standard output."""

    def __init__(self) -> None:
        self.console = _Console(file=sys.stdout, markup=False, emoji=False, highlight=False, legacy_windows=False)
        self.is_live = sys.stdout.isatty() and os.environ.get("TERM", "").lower() not in _NO_CURSOR
        """Whether lines that are there can be written anew."""

    def line(self, text: Text | str) -> None:
        """Write a line of any length, without markup and without a break."""
        self.console.print(text, soft_wrap=True)

    def raw(self, text: str) -> None:
        """Write a line as it is: JSON, or fields between tabs, which rich would replace."""
        whole = f"{text}\n"
        # In pieces: of a write that its reader breaks off in the middle, Python says nothing.
        for begin in range(0, len(whole), _PIECE):
            sys.stdout.write(whole[begin : begin + _PIECE])
            sys.stdout.flush()


def complain(text: str) -> None:
    """Say on standard error, in one line, what is wrong."""
    warn(f"{PROGRAM}: {text}")


def warn(text: str) -> None:
    """Say something on standard error, in one line."""
    # Not over a console of rich's, which would write past the tree that is being drawn, and into it.
    print(plain(text, _LONGEST), file=sys.stderr, flush=True)
