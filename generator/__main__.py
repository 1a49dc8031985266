"""`python -m generator`, and the program `cloudjobs-generator`.

It exits with 130 if it is interrupted, and with 141 on a broken pipe."""

import gc
import os
import sys

# Most objects of a run stay until its end: collecting garbage at Python's default rate takes a tenth of the time.
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
        # The reader has closed the pipe, as `head` does. The remaining output would be written, and fail, again at the
        # exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


if __name__ == "__main__":
    sys.exit(run())
