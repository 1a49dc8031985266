# Generated from generator/client/runtime/testing/__main__.py. Do not edit: change that, and run `make generate`.
"""`python -m <package>.testing serve`: the replay application on a port."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys

from .._documents import services
from . import replay_app
from ._extra import of_extra

_PROGRAM = f"python -m {__package__}"


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Returns 2 where what is asked for cannot be served, 1 where the port cannot be had."""
    asked = _parser().parse_args(arguments)
    names = tuple(asked.services) or services()
    try:
        with of_extra():
            import uvicorn
        app = replay_app(*names)
    except (ValueError, ModuleNotFoundError) as error:
        return _failed(str(error), 2)
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
        print(f"{', '.join(names)}: http://{host}:{bound.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app)).run(sockets=[bound])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROGRAM, description="Stand in for the recorded services.")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    serve = verbs.add_parser("serve", help="serve the recorded replies over HTTP")
    known = ", ".join(services())
    serve.add_argument("services", nargs="*", metavar="SERVICE", help=f"one of {known}; without a name, all of them")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=_port, default=8010, help="port to listen on, 0 for any (%(default)s)")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 65535")
    return int(text)


def _failed(message: str, code: int) -> int:
    print(f"{_PROGRAM}: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
