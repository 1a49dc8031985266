# Generated from generator/client/runtime/testing/__main__.py. Do not edit: change that, and run `make generate`.
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
from ._optional_dependency import of_extra

if TYPE_CHECKING:
    from ._replay import Replay

_PROGRAM = f"python -m {__package__}"


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Returns 2 where what is asked for cannot be served, 1 where the port cannot be had."""
    asked = _parser().parse_args(arguments)
    try:
        with of_extra():
            from ._replay import Replay
            from ._transports import serve
        replay = Replay(*asked.services, seed=asked.seed, clock=Clock())
        _fill(replay, asked)
    except (ValueError, ModuleNotFoundError) as error:
        return _failed(str(error), 2)
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}", 2)
    # Nobody looks at what was asked, and it would grow for ever.
    replay.stop_recording()
    family = socket.AF_INET6 if ":" in asked.host else socket.AF_INET
    # Bound here, since uvicorn meets a port that is taken with a log record and an exit of its own.
    try:
        bound = socket.create_server((asked.host, asked.port), family=family)
    except OSError as error:
        # What Python appends to the system's words is the address, again.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        return _failed(f"cannot listen on port {asked.port} of {asked.host}: {reason}", 1)
    with bound, contextlib.suppress(KeyboardInterrupt):
        host = f"[{asked.host}]" if family == socket.AF_INET6 else asked.host
        print(f"{', '.join(replay.services)}: http://{host}:{bound.getsockname()[1]}", flush=True)
        serve(replay.app, bound, quiet=asked.quiet)
    return 0


def _fill(replay: Replay, asked: argparse.Namespace) -> None:
    """Let there be what the command line says. Raises `ValueError`, `OSError`."""
    for service in replay.services:
        if asked.jobs and replay.has_jobs(service):
            replay.add_jobs(service, asked.jobs, seconds=asked.step)
        if asked.rows is not None and replay.has_listing(service):
            replay.add_rows(service, asked.rows)
    if asked.script is not None:
        replay.load(asked.script)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROGRAM, description="Stand in for the services.")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    serve = verbs.add_parser(
        "serve",
        help="serve over HTTP what was recorded, and what is made of it",
        description="Serve over HTTP what was recorded, and what is made of it. A request's header asks for a fault: "
        "'Prefer: code=503, delay=2'.",
    )
    known = ", ".join(services())
    serve.add_argument("services", nargs="*", metavar="SERVICE", help=f"one of {known}; without a name, all of them")
    serve.add_argument("--host", type=_host, default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=_port, default=8010, help="port to listen on, 0 for any (%(default)s)")
    serve.add_argument(
        "--jobs", type=_count, default=0, metavar="N", help="further jobs of each service: job-1 to job-N"
    )
    serve.add_argument("--rows", type=_count, metavar="N", help="rows of each listing besides its jobs")
    serve.add_argument(
        "--step", type=_seconds, metavar="SECONDS", help="how long a job of --jobs stays in a state; by default a reply"
    )
    serve.add_argument("--script", type=Path, metavar="FILE", help="jobs, rows and faults, as TOML")
    serve.add_argument("--seed", type=int, default=0, help="what the ways and IDs of jobs follow from (%(default)s)")
    serve.add_argument("--quiet", action="store_true", help="no line for each request")
    return parser


def _host(text: str) -> str:
    # Of no name the system makes all addresses that this machine has.
    if not text:
        raise argparse.ArgumentTypeError("it is empty: give 0.0.0.0 to listen on all addresses")
    return text


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not (text.isdecimal() and len(text) < 9):
        raise argparse.ArgumentTypeError(f"{text!r} is no number, 0 or more")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds, 0 or more")
    return float(text)


def _failed(message: str, code: int) -> int:
    print(f"{_PROGRAM}: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
