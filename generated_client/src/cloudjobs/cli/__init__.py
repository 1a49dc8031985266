# Generated from generator/client/runtime/cli/__init__.py. Do not edit: change that, and run `make generate`.
"""The command line, `<package> get|wait|watch|list SERVICE …`; needs the extra `cli`.

It is made from the bundled documents. It stores no settings: they come from its arguments and the environment,
credentials from the environment alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .._urls import PACKAGE

__all__ = ["main"]

_EXTRA_PACKAGES = {"click", "rich"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default the one of this process.

    Returns its exit code: 0 if the job succeeded or was shown, 1 if it ended otherwise, 2 for invalid arguments, 3
    after the timeout of the wait, 4 if the service failed, 5 if the job does not exist, 6 if the credentials were
    rejected, 7 without a response, 130 after Ctrl-C, 141 on a broken pipe.
    """
    try:
        from ._app import run

        return run(arguments)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA_PACKAGES:
            raise
        distribution = PACKAGE.replace("_", "-")
        print(f"{distribution}: {missing} is missing: pip install '{distribution}[cli]'", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{PACKAGE.replace('_', '-')}: interrupted", file=sys.stderr)
        return 130
