# Generated from generator/client/runtime/__main__.py. Do not edit: change that, and run `make generate`.
"""`python -m <package>`: the command line."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
