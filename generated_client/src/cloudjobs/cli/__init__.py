# Generated from generator/client/runtime/cli/__init__.py. Do not edit: change that, and run `make generate`.
"""The command line, `<package> get|wait|watch|list SERVICE …`; needs the extra `cli`.

Everything in it is made from the bundled documents. It keeps no settings: what it needs comes from its arguments and
the environment, and credentials from the environment alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .._urls import PACKAGE

__all__ = ["main"]

_OF_EXTRA = {"click", "rich"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default the one of this process.

    Returns its exit code: 0 where the job succeeded or was shown, 1 where it ended otherwise, 2 for what cannot be
    asked, 3 where the time to wait was over, 4 where the service or the way to it failed, 130 after Ctrl-C, 141 where
    nobody reads the output any more.
    """
    try:
        from ._app import run
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _OF_EXTRA:
            raise
        distribution = PACKAGE.replace("_", "-")
        print(f"{distribution}: {missing} is missing: pip install '{distribution}[cli]'", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return run(arguments)
