# Generated from generator/client/runtime/cli/__main__.py. Do not edit: change that, and run `make generate`.
"""`python -m <package>.cli`: the command line."""

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())
