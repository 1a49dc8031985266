"""Tools that know nothing of this project test the stand-in on a port, with the bundled documents as they are."""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .contracts import Contract, Operation, Recorded, contracts, named, operations, recorded, same_json
from .live_helpers import page
from .serving import Server, run, serving

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A stand-in for all services."""
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


def of(contract: Contract) -> list[Operation]:
    return [operation for operation in operations() if operation.contract is contract]


def pins(contract: Contract) -> str:
    """The settings with which a user tells schemathesis of things that exist."""
    lines = []
    for operation in of(contract):
        one = next(one for one in operation.recorded if one.is_success)
        lines += ["[[operations]]", f'include-name = "{operation.method} {operation.path}"', "[operations.parameters]"]
        lines += [f"{json.dumps(f'path.{name}')} = {json.dumps(value)}" for name, value in one.path.items()]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("pinned", [True, False], ids=["known things", "any things"])
@pytest.mark.parametrize("contract", contracts().values(), ids=named)
def test_schemathesis_run_on_replay_finds_nothing(
    contract: Contract, pinned: bool, served: Server, tmp_path: Path
) -> None:
    (tmp_path / "bundled.json").write_text(json.dumps(contract.full))
    if pinned:
        (tmp_path / "schemathesis.toml").write_text(pins(contract))
    headers = {name: text for operation in of(contract) for name, text in operation.credentials.items()}
    excluded = []
    if headers:
        # It takes away the credentials, and then others are as good: no document says which are valid.
        excluded.append("ignored_auth")
    if not pinned and any(
        operation.recorded_not_found and operation.recorded_not_found.status == 400 for operation in of(contract)
    ):
        # A thing that is not there is refused like a request that is wrong: the tool can tell no difference.
        excluded.append("positive_data_acceptance")
    ended = run(
        *(SCHEMATHESIS, "run", "bundled.json", "--url", served.url, "--max-examples", "10", "--seed", "1"),
        *(part for name, text in headers.items() for part in ("-H", f"{name}: {text}")),
        *(["--exclude-checks", ",".join(excluded)] if excluded else []),
        folder=tmp_path,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (cases,) = re.findall(r"^ +([0-9]+) generated, ([0-9]+) passed", ended.stdout, re.MULTILINE)
    assert cases[0] == cases[1]
    assert int(cases[0]) >= 10
    assert not pinned or "Missing test data" not in ended.stdout


@pytest.mark.usefixtures("serves")
@pytest.mark.parametrize("one", recorded(), ids=named)
def test_replay_urllib_request_returns_the_recording(one: Recorded, served: Server) -> None:
    expected = one.operation.served(one.path)
    assert expected is not None
    request = urllib.request.Request(served.url + one.asking(), headers=one.headers)
    try:
        reply = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        reply = error
    with reply:
        assert reply.status == expected.status
        assert reply.headers["content-type"] == expected.recording.content_type
        assert same_json(json.load(reply), page(expected, one.query))
