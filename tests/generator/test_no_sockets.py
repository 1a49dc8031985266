"""Only commands that serve or query a provider open sockets: all others run while sockets are refused.

The commands run in a separate process, where an audit hook refuses to look up, bind or connect to any address. Those
that are named here do all their work there. A verb that is added later runs as far as it comes with one service and no
other arguments.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from generator.cli import _parser
from tests.generator.directory_snapshots import INPUTS, OUTPUT, SERVICES, copy_tree, python

ONE = SERVICES[-1]
SOCKETS = {"contract record", "contract verify"}
"""Verbs that are about a provider."""
ELSEWHERE = {"docs"}
"""Starts another program; the tests of the site run it."""
ARGUMENTS = {
    "client": ["--services", ONE, "--output", "made/client"],
    "bundle": ["--output", "made/documents"],
    "recordings export": ["--har", "made/ours.har"],
    "recordings add": [
        *("made/one.har", "--id", "once-more", "--summary", "The same once more", "--location", "An export of ours"),
    ],
    "contract check": ["--har", "made/ours.har", "--format", "sarif", "--output", "made/report.sarif"],
    "contract diff": ["openapi", "openapi"],
}
FIRST = ("recordings export", "contract check", "bundle")
LAST = "recordings add"
"""Commands that need this order: a recording that no response names is an error to all others."""
WHOLE = {*ARGUMENTS, *FIRST, "check", "lint", "evidence", "contract coverage", "contract mutate"}
"""Verbs that have to do their work."""

DRIVER = """
import json, sys

def hook(event, arguments):
    if event in REFUSED:
        attempts.append(event)
        raise PermissionError(f"{event}{arguments[1:]}")

attempts = []
REFUSED = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
           "socket.sendto", "socket.sendmsg"}
sys.addaudithook(hook)
sys.path[:0] = [".", "generated_client/src"]

from generator.cli import main

def run(words):
    before = len(attempts)
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code
    except OSError as error:
        code = repr(error)
    return [code, attempts[before:]]

print("codes", json.dumps([run(words) for words in json.loads(sys.argv[1])]))

import httpx
from cloudjobs.testing import Replay

replay = Replay()
replay.add_job("cce", "job-1")
with replay.client("cce") as client:
    print("waited", client.wait_for_job("job-1").state)
try:
    httpx.get("http://127.0.0.1:9")
except (PermissionError, httpx.HTTPError) as error:
    print("refused", error)
"""


def verbs(parser: argparse.ArgumentParser, name: str = "") -> Iterator[str]:
    """Yield the names of all verbs."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if parser.get_default("run"):
        yield name
    for action in below:
        for word, inner in action.choices.items():
            yield from verbs(inner, f"{name} {word}".strip())


def test_parser_of_docs_has_all_commands() -> None:
    """The site's page of the command line is made of the parser of the running command."""
    assert set(verbs(_parser(["docs"]))) == set(verbs(_parser()))
    assert set(verbs(_parser(["lint"]))) < set(verbs(_parser()))


def test_commands_without_network_use_open_no_socket(tmp_path: Path) -> None:
    tree = copy_tree(tmp_path, *INPUTS, OUTPUT, "tests/contract/survivors.yaml")
    known = [name for name in verbs(_parser()) if name not in SOCKETS | ELSEWHERE]
    assert set(known) >= WHOLE
    ordered = [*FIRST, *(name for name in known if name not in (*FIRST, LAST)), LAST]
    commands = [[*name.split(), *ARGUMENTS.get(name, ["--services", ONE])] for name in ordered]
    har = python(tree, "-m", "generator", "recordings", "export", "--services", ONE, "--har", "made/one.har")
    assert har.returncode == 0, har.stderr
    entries = json.loads((tree / "made/one.har").read_text(encoding="utf-8"))
    entries["log"]["entries"] = entries["log"]["entries"][:1]
    (tree / "made/one.har").write_text(json.dumps(entries), encoding="utf-8")
    done = python(tree, "-c", DRIVER, json.dumps(commands))
    assert done.returncode == 0, done.stderr
    printed = dict(line.split(" ", 1) for line in done.stdout.splitlines() if line.split(" ")[0] in FACTS)
    ended = dict(zip(ordered, json.loads(printed["codes"]), strict=True))
    assert {name: attempts for name, (_, attempts) in ended.items() if attempts} == {}
    assert {name: code for name, (code, _) in ended.items() if name in WHOLE and code} == {}, done.stderr
    assert printed["waited"] == "succeeded"
    assert printed["refused"].startswith("socket.")


FACTS = {"codes", "waited", "refused"}
"""The line that the process prints of itself, among the output of the commands."""
