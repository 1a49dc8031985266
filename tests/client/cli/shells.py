"""The command line, run in this process against the replay on a port of this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import httpx
from click.testing import CliRunner

from cloudjobs.cli._app import program
from cloudjobs.testing import Replay

from ..doc_examples import Operation, operations
from ..transports import Server, reply, serving

SECRET = "canary-5b41d2c9a7e3"
UNSET = dict.fromkeys(
    (
        "NO_COLOR",
        "FORCE_COLOR",
        "TTY_COMPATIBLE",
        "TTY_INTERACTIVE",
        "COLUMNS",
        "HUAWEICLOUD_SDK_AK",
        "HUAWEICLOUD_SDK_SK",
    )
)


@contextmanager
def serving_replay(replay: Replay) -> Iterator[Server]:
    """Yield a replay on a port. A connection that it breaks is closed without a response."""

    def answer(path: str) -> bytes:
        request = httpx.Request("GET", f"http://replay{path}", headers=server.headers[-1])
        try:
            response = replay.transport.handle_request(request)
            body = response.read()
        except httpx.HTTPError:
            return b""
        head = [f"{name}: {value}" for name, value in response.headers.items() if name == "retry-after"]
        return reply(f"{response.status_code} Said", body, *head)

    with serving(answer) as server:
        yield server


@attrs.frozen
class CommandResult:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The only line on standard error. Standard output must be empty, and there must be no traceback."""
        (line,) = self.err.splitlines()
        return line

    @property
    def data(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON documents on standard output, one on each line."""
        return [json.loads(line) for line in self.out.splitlines()]


@attrs.frozen
class Shell:
    """An environment for commands: with the address of a server, a project and a secret token in the environment."""

    variables: dict[str, str | None]

    def __call__(self, *arguments: str, **variables: str | None) -> CommandResult:
        result = CliRunner().invoke(program(), arguments, env={**UNSET, **self.variables, **variables})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return CommandResult(result.exit_code, result.stdout, result.stderr)


def shell_for_url(url: str) -> Shell:
    """Return a shell with the settings for one server."""
    addresses: dict[str, str | None] = {f"CLOUDJOBS_{operation.service.upper()}_URL": url for operation in operations()}
    return Shell({**addresses, "CLOUDJOBS_TOKEN": SECRET, "CLOUDJOBS_PROJECT_ID": "p1"})


def names(operation: Operation, **values: str) -> list[str]:
    """Return the arguments of a command for an operation: values of its required parameters that no client is given."""
    required = [each for each in operation.parameters if each.get("required") and not each.get("x-client-parameter")]
    return [values.get(each["name"], "x") for each in required]


def wait_arguments(operation: Operation, job: str, where: dict[str, str] | None = None) -> list[str]:
    """Return the arguments of `wait` and `watch`: those of the operation, and the job's id last."""
    poll = operation.node["x-poll"]
    found = [
        (where or {}).get(each["name"], "movie")
        for each in operation.parameters
        if each.get("required") and not each.get("x-client-parameter") and each["name"] != poll.get("argument")
    ]
    return [*found, job]
