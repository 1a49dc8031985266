"""`python -m generator`, and the program `cloudjobs-generator`.

It exits with 130 where it is interrupted, and with 141 where nobody reads what it prints."""

import gc
import os
import sys

# Most of what a run makes stays until its end: looking for garbage as often as Python does takes a tenth of the time.
gc.set_threshold(100_000)


def run() -> int:
    """Run the command line of this process. Returns its exit code."""
    try:
        from .cli import main  # here, since loading it can be interrupted as well

        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever reads has enough, as `head` does. What is left would be written, and fail, once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


if __name__ == "__main__":
    sys.exit(run())
