"""`python -m <package>.testing serve`: the replay on a port."""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .._clock import Clock
from .._documents import services
from . import requires_extra

if TYPE_CHECKING:
    from ._replay import Replay

_PROGRAM = f"python -m {__package__}"


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Returns 2 for arguments that cannot be served, 1 if the port is not available."""
    options = _parser().parse_args(arguments)
    try:
        with requires_extra():
            from ._replay import Replay
            from ._transports import serve, with_cors
        replay = Replay(*options.services, seed=options.seed, clock=Clock())
        _fill(replay, options)
    except (ValueError, ModuleNotFoundError) as error:
        return _fail(str(error), 2)
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}", 2)
    # This process does not use the log of requests, which would grow without limit.
    replay.stop_recording()
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # Bound here, since uvicorn reports a port in use with its own log record and exit.
    try:
        bound = socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        # Python appends the address to the system's message, which names it already.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        return _fail(f"cannot listen on port {options.port} of {options.host}: {reason}", 1)
    with bound, contextlib.suppress(KeyboardInterrupt):
        host = f"[{options.host}]" if family == socket.AF_INET6 else options.host
        print(f"{', '.join(replay.services)}: http://{host}:{bound.getsockname()[1]}", flush=True)
        serve(with_cors(replay.app, options.cors) if options.cors else replay.app, bound, quiet=options.quiet)
    return 0


def _fill(replay: Replay, options: argparse.Namespace) -> None:
    """Add the jobs and rows of the command line. Raises `ValueError`, `OSError`."""
    for service in replay.services:
        if options.jobs and replay.has_jobs(service):
            replay.add_jobs(service, options.jobs, seconds=options.step)
        if options.rows is not None and replay.has_listing(service):
            replay.add_rows(service, options.rows)
    if options.script is not None:
        replay.load(options.script)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROGRAM, description="Serve a replay of the services.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="serve the recorded responses over HTTP, and jobs and listings like them",
        description="Serve the recorded responses over HTTP, and jobs and listings like them. A header of a request "
        "orders a fault: 'Prefer: code=503, delay=2'.",
    )
    known = ", ".join(services())
    serve.add_argument("services", nargs="*", metavar="SERVICE", help=f"one of {known}; without a name, all of them")
    serve.add_argument("--host", type=_host, default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=_port, default=8010, help="port to listen on, 0 for any (%(default)s)")
    serve.add_argument(
        "--jobs", type=_count, default=0, metavar="N", help="number of jobs to add to each service: job-1 to job-N"
    )
    serve.add_argument("--rows", type=_count, metavar="N", help="number of rows of each listing besides its jobs")
    serve.add_argument(
        "--step",
        type=_seconds,
        metavar="SECONDS",
        help="time that a job of --jobs stays in each state; by default, until its next response",
    )
    serve.add_argument("--script", type=Path, metavar="FILE", help="jobs, rows and faults, as TOML")
    serve.add_argument("--seed", type=int, default=0, help="seed of the states and IDs of jobs (%(default)s)")
    serve.add_argument(
        "--cors",
        action="append",
        metavar="ORIGIN",
        help="let pages of this origin, such as http://localhost:3000, read the responses; '*' for all; repeatable",
    )
    serve.add_argument("--quiet", action="store_true", help="do not log requests")
    return parser


def _host(string: str) -> str:
    # The system takes an empty name for all addresses of this machine.
    if not string:
        raise argparse.ArgumentTypeError(
            "must be a host name or an IP address, got '': pass 0.0.0.0 to listen on all addresses"
        )
    # A URL is not repeated, since it can hold a password.
    if "/" in string or "@" in string:
        del string
        raise argparse.ArgumentTypeError("must be a host name or an IP address, got a URL")
    return string


def _port(string: str) -> int:
    if not (string.isdecimal() and int(string) <= 65535):
        raise argparse.ArgumentTypeError(f"must be an integer from 0 to 65535, got {string!r}")
    return int(string)


def _count(string: str) -> int:
    if not (string.isdecimal() and len(string) < 9):
        raise argparse.ArgumentTypeError(f"must be an integer from 0 to 99999999, got {string!r}")
    return int(string)


def _seconds(string: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", string, re.ASCII):
        raise argparse.ArgumentTypeError(f"must be a number of seconds >= 0, got {string!r}")
    return float(string)


def _fail(message: str, code: int) -> int:
    print(f"{_PROGRAM}: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
