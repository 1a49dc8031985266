"""Vendors' clients read the replay server's responses, over HTTP, in separate processes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

import cloudjobs
from cloudjobs.testing import Replay
from tests.docs.programs import NEEDS, PRINTED, ROOT, run

from .replayed import Reply, served
from .rows import Row

HERE = Path(__file__).parent
_SECONDS = 120
_NOBODY = "not-known"
_VERSION = {"/api/version": {"version": "4", "ray_version": "2.60.0", "ray_commit": "", "session_name": ""}}
"""The first request of Ray's client. No page of openYuanrong documents it."""


@attrs.frozen
class Vendor:
    """A method of a vendor's client, and the lifecycles of jobs."""

    package: str
    service: str
    call: tuple[str, str, str, str]
    ways: tuple[tuple[str, ...], ...]


_BOTH = (("pending", "running", "succeeded"), ("pending", "running", "failed"))
VENDORS = (
    Vendor("huaweicloudsdkcce", "cce", ("huaweicloudsdkcce.v3", "CceClient", "show_job", "ShowJobRequest"), _BOTH),
    Vendor(
        "huaweicloudsdkief",
        "ief",
        ("huaweicloudsdkief.v1", "IefClient", "show_batch_job", "ShowBatchJobRequest"),
        (*_BOTH, ("running", "partial"), ("running", "stopped")),
    ),
)


def rows(python: str) -> Iterator[Row]:
    """Yield the results. `python` is the interpreter of the environment with the vendors' clients."""
    for vendor in VENDORS:
        yield from _huawei(python, vendor)
    yield from _ray(python)
    yield from _frameworks(python)
    yield from _mcp(python)
    yield from _examples(python)


def _examples(python: str) -> Iterator[Row]:
    """Yield results of example programs with packages that `.venv` lacks."""
    for name, packages in NEEDS.items():
        expected = (PRINTED / f"{name}.txt").read_text().splitlines()
        came = run([str(ROOT / "examples" / f"{name}.py")], python).splitlines()
        yield Row(", ".join(packages), f"examples/{name}.py prints its expected output", expected, came)


def version(python: str, package: str) -> str:
    """Return the name of a package with its version."""
    program = f"import importlib.metadata as m; print(m.version({package!r}))"
    return f"{package} {_lines(python, '-c', program)[0]}"


def _frameworks(python: str) -> Iterator[Row]:
    """Yield results of libraries that use models, snapshots and rows of the client in one process."""
    for each in _asked(python, "framework_calls.py"):
        yield Row(version(python, each["library"]), each["promise"], each["expected"], each["came"])


def _mcp(python: str) -> Iterator[Row]:
    """Yield the results of the example of an MCP server, called by FastMCP's client."""
    replay = Replay()
    replay.add_job("cce", "good", states=["running", "running", "succeeded"])
    replay.add_job("cce", "bad", states=["running", "failed"], reason="no quota left")
    name = version(python, "fastmcp")
    with served(replay) as server:
        for each in _asked(python, "mcp_calls.py", server.url):
            yield Row(name, each["promise"], each["expected"], each["came"])
    yield Row(name, "the MCP server changes nothing", ["GET"], sorted({each.method for each in replay.requests}))


def _huawei(python: str, vendor: Vendor) -> Iterator[Row]:
    name = version(python, vendor.package)
    jobs = [
        *_recorded(vendor.service),
        *(job for number, way in enumerate(vendor.ways) for job in [f"a-{number}"] * len(way)),
    ]
    with served(_replay(vendor.service, vendor.ways)) as server:
        said = _asked(python, "huawei_calls.py", *vendor.call, server.url, *jobs, _NOBODY)
    replies, refusal = server.sent[:-1], server.sent[-1]
    method = vendor.call[2]
    yield Row(name, f"{method} reads every reply of a job", len(jobs), sum("read" in each for each in said[:-1]))
    sent = [leaf for reply in replies for leaf in _leaves(reply.json)]
    lost = [
        f"{reply.path}: {pointer}"
        for reply, each in zip(replies, said, strict=False)
        for pointer, value in _leaves(reply.json)
        if (pointer, value) not in set(_leaves(each.get("read")))
    ]
    yield Row(name, f"{method} loses no value", {"of": len(sent), "lost": []}, {"of": len(sent), "lost": lost})
    yield Row(name, f"{method} tells a job that is not there", _refused(refusal), _of_refusal(said[-1]))


def _ray(python: str) -> Iterator[Row]:
    name = version(python, "ray")
    ways = (("pending", "running", "succeeded"), ("failed",), ("stopped",))
    jobs = [*_recorded("yuanrong"), "a-0", "a-0", "a-0", "a-1", "a-2"]
    with served(_replay("yuanrong", ways)) as server:
        (said,) = _asked(python, "ray_calls.py", server.url, *jobs)
    came = {"asked": [reply.path for reply in server.sent], "error": said["error"]}
    expected = {"asked": ["/api/version"], "error": "RuntimeError"}
    yield Row(name, "JobSubmissionClient is not made without /api/version", expected, came)
    with served(_replay("yuanrong", ways), _VERSION) as server:
        said = _asked(python, "ray_calls.py", server.url, *jobs, _NOBODY)
    replies = [reply for reply in server.sent if reply.path not in _VERSION]
    told = [_outcome(reply, each) for reply, each in zip(replies, said, strict=True)]
    yield Row(name, "get_job_info, with that page put before the replay", _OF_RAY, told)


# Ray does not read the empty end of a running job as a number, and reads seconds as milliseconds.
_ENDED = "read; other values: start_time, end_time"
_OF_RAY = [
    f"SUCCEEDED: {_ENDED}",
    "PENDING: ValidationError: start_time, end_time",
    "RUNNING: ValidationError: end_time",
    f"SUCCEEDED: {_ENDED}",
    f"FAILED: {_ENDED}",
    f"STOPPED: {_ENDED}",
    "404: RuntimeError",
]


def _outcome(reply: Reply, said: dict[str, Any]) -> str:
    """Return the result for a response as one line."""
    if reply.status != 200:
        return f"{reply.status}: {said['error']}"
    sent = reply.json
    if "read" not in said:
        return f"{sent['status']}: {said['error']}: {', '.join(said['fields'])}"
    others = [key for key in sent if said["read"].get(key, sent) != sent[key]]
    return f"{sent['status']}: read; other values: {', '.join(others)}"


def _refused(reply: Reply) -> dict[str, Any]:
    body = reply.json
    code = body.get("errorCode") or body.get("error_code")
    return {"status": reply.status, "code": code, "message": body.get("errorMessage") or body.get("error_msg")}


def _of_refusal(said: dict[str, Any]) -> dict[str, Any]:
    return {key: said.get(key) for key in ("status", "code", "message")}


def _replay(service: str, ways: Sequence[Sequence[str]]) -> Replay:
    replay = Replay(service)
    for number, way in enumerate(ways):
        replay.add_job(service, f"a-{number}", states=list(way), reason="of no avail")
    return replay


def _recorded(service: str) -> list[str]:
    """Return IDs of the recorded jobs: the last path parameter."""
    recordings = [each for each in cloudjobs.recordings(service).values() if each["status"] == 200]
    return [list(each["request"]["path"].values())[-1] for each in recordings]


def _asked(python: str, program: str, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines(python, str(HERE / program), *arguments)]


def _lines(python: str, *arguments: str) -> list[str]:
    done = subprocess.run([python, *arguments], capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments[:2])}: {done.stdout}{done.stderr}")
    return done.stdout.splitlines()


def _leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value that is not an object or array, as JSON text, with its place. Empty ones count."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    members = list(members)
    for key, member in members:
        yield from _leaves(member, f"{pointer}/{key}")
    if not members:
        yield pointer, json.dumps(value)
