"""`python -m generator`."""

import gc
import sys

# Most of what a run makes stays until its end: looking for garbage as often as Python does takes a tenth of the time.
gc.set_threshold(100_000)

from generator.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
