"""Providers with one fault each, in this process: the replay of a service, with a change of its responses.

Each fault has the rule that must report it. A change gets the `Seen` of a response and alters its data or its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx

from cloudjobs.auth import Token
from cloudjobs.testing import Replay
from generator.contract.live import Plan, Provider, Verification, targets, verify
from generator.documents import Workspace
from tests.reference import REFERENCE

from .contracts import ROOT

JOB = "job-1"
ARBITRARY = "arbitrary-token-of-contract-verify"
WORKSPACE = Workspace(ROOT)
SERVICES = {service.name: service for service in WORKSPACE.select(list(REFERENCE))}
"""The faults are changes of their responses: a further service may lack jobs, or have a number as the ID of a job."""


@attrs.define
class Seen:
    """A response of the replay, which a change may alter."""

    request: httpx.Request
    number: int
    """Responses of the provider before it."""
    status: int
    headers: dict[str, str]
    data: Any
    """The JSON body."""
    memory: dict[str, Any]
    """Data that the provider keeps between responses."""
    body: bytes | None = None
    """The bytes to send in place of the data."""

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.url.params)

    @property
    def is_success(self) -> bool:
        return self.status == 200

    @property
    def job(self) -> dict[str, Any]:
        """The job that advances with each response; an empty one if the response lacks it."""
        if not self.is_success:
            return {}
        if "jobs" not in self.data:
            return self.data if not self.request.url.path.endswith("-id") else {}
        return next((row for row in self.data["jobs"] if row["jobId"] == JOB), {})

    @property
    def of_job(self) -> int:
        """Responses before it that had the job."""
        return int(self.memory["of_job"])


Change = Callable[[Seen], object]


@attrs.frozen
class Fault:
    """One fault of a provider."""

    name: str
    service: str
    rule: str
    change: Change
    states: tuple[str, ...] = ("pending", "running", "running", "succeeded")
    plan: dict[str, Any] = attrs.field(factory=dict)


class FaultyTransport(httpx.BaseTransport):
    """A replay in place of the network. It accepts only the token `right`, if the service has credentials."""

    def __init__(self, service: str, change: Change, states: tuple[str, ...]) -> None:
        self._change, self._service = change, service
        self._memory: dict[str, Any] = {"of_job": 0}
        replay = Replay(service)
        replay.add_job(service, JOB, states=list(states), **({"children": 2} if service in ("cce", "ief") else {}))
        if replay.has_listing(service):
            replay.add_rows(service, 12)
        self._transport = replay.transport
        self._number = 0
        self.methods: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.methods.add(request.method)
        if request.headers.get("x-auth-token") == ARBITRARY:
            del request.headers["x-auth-token"]
        came = self._transport.handle_request(request)
        came.read()
        headers = {name: value for name, value in came.headers.items() if name != "content-length"}
        seen = Seen(request, self._number, came.status_code, headers, json.loads(came.content), self._memory)
        self._number += 1
        has_job = bool(seen.job)
        self._change(seen)
        self._memory["of_job"] += has_job
        body = json.dumps(seen.data).encode() if seen.body is None else seen.body
        return httpx.Response(seen.status, headers=seen.headers, content=body, request=request)


def run(service: str, change: Change, states: tuple[str, ...], **plan: Any) -> tuple[Verification, FaultyTransport]:
    """Verify a provider that is changed, without a pause."""
    transport = FaultyTransport(service, change, states)
    jobs = (
        [JOB] if any("argument" in each.definition.get("x-poll", {}) for each in SERVICES[service].operations) else []
    )
    chosen = targets(SERVICES[service], jobs, environment={})
    auth = Token("right") if any(target.schemes for target in chosen) else None
    provider = Provider("http://127.0.0.1:1", auth=auth, rate=1e9, transport=transport, sleep=lambda seconds: None)
    try:
        settings = {"cases": 0, "polls": 6, "interval": 0, **plan}
        return verify(SERVICES[service], provider, chosen, Plan(**settings)), transport
    finally:
        provider.close()


def put(holder: Any, dotted: str, value: Any) -> None:
    """Set a field at a dotted name, if the objects around it exist."""
    *outer, last = dotted.split(".")
    for name in outer:
        holder = holder.get(name, {}) if isinstance(holder, dict) else {}
    if isinstance(holder, dict) and holder:
        holder[last] = value


def later(dotted: str, value: Any, since: int = 2) -> Change:
    """Give a field of the job another value from a response on."""
    return lambda seen: put(seen.job, dotted, value) if seen.of_job >= since else None


def gone(dotted: str, since: int = 2) -> Change:
    """Leave out a field of the job from a response on."""

    def change(seen: Seen) -> None:
        *outer, last = dotted.split(".")
        holder: Any = seen.job if seen.of_job >= since else {}
        for name in outer:
            holder = holder.get(name, {})
        holder.pop(last, None)

    return change


def always(dotted: str, value: Any) -> Change:
    """Give a field of the job a value."""
    return later(dotted, value, 0)


def in_state(dotted: str, value: Any, *states: str) -> Change:
    """Give a field of the job a value while it is in one of these states."""

    def change(seen: Seen) -> None:
        status = seen.job.get("status")
        state = status.get("phase") if isinstance(status, dict) else status
        if state in states:
            put(seen.job, dotted, value)

    return change


def rows(make: Callable[[list[Any], Seen], list[Any]]) -> Change:
    """Replace the rows of each page."""

    def change(seen: Seen) -> None:
        if seen.is_success and "jobs" in seen.data:
            seen.data["jobs"] = make(seen.data["jobs"], seen)
            seen.data["jobCount"] = len(seen.data["jobs"])

    return change


def shifted(by: int) -> Change:
    """Serve pages with a wrong first row, except the first page."""

    def change(seen: Seen) -> None:
        if not seen.is_success or "jobs" not in seen.data:
            return
        known = seen.memory.setdefault("rows", {})
        offset, limit = int(seen.query.get("offset", 0)), int(seen.query.get("limit", 100))
        for place, row in enumerate(seen.data["jobs"]):
            known[offset + place] = row
        if offset:
            wanted = [known.get(place) for place in range(offset + by, offset + by + limit)]
            seen.data["jobs"] = [row for row in wanted if row] or seen.data["jobs"]
            seen.data["jobCount"] = len(seen.data["jobs"])

    return change


def twice(key: str) -> Change:
    """Repeat a key of the body."""

    def change(seen: Seen) -> None:
        if seen.is_success:
            seen.body = json.dumps(seen.data)[:-1].encode() + f', "{key}": null}}'.encode()

    return change


def status(code: int, body: Any = None, *, every: int = 1, begin: int = 1) -> Change:
    """Respond with another status, from the second response on."""

    def change(seen: Seen) -> None:
        if seen.number >= begin and (seen.number - begin) % every == 0:
            seen.status = code
            seen.headers |= {"retry-after": "0"}
            if body is not None:
                seen.data = body

    return change


def header(name: str, value: str) -> Change:
    return lambda seen: seen.headers.update({name: value})


def with_byte_order_mark(seen: Seen) -> None:
    if seen.is_success:
        seen.body = b"\xef\xbb\xbf" + json.dumps(seen.data).encode()


def whole(body: bytes) -> Change:
    """Send these bytes in place of each 2xx body, from the second response on."""

    def change(seen: Seen) -> None:
        if seen.is_success and seen.number:
            seen.body = body

    return change


def after_end(dotted: str, value: Any) -> Change:
    """Give a field of the job another value once it was final in a response."""

    def change(seen: Seen) -> None:
        job = seen.job
        state = job.get("status")
        state = state.get("phase") if isinstance(state, dict) else state
        if seen.memory.get("ended"):
            put(job, dotted, value)
        seen.memory["ended"] = seen.memory.get("ended") or state in _ENDS

    return change


_ENDS = {"Success", "Failed", "SUCCEEDED", "FAILED", "Successful", "success", "complete", "failed"}


def of_child(field: str, dotted: str) -> Change:
    """Give a field of the first child another value from the third response on."""

    def change(parts: list[Any]) -> list[Any]:
        put(parts[0] if parts else {}, dotted, "another")
        return parts

    return children(change, field)


def children(make: Callable[[list[Any]], list[Any]], field: str) -> Change:
    """Replace the children from the third response on."""

    def change(seen: Seen) -> None:
        *outer, last = field.split(".")
        holder = seen.job
        for name in outer:
            holder = holder.get(name, {})
        if seen.of_job >= 2 and isinstance(holder.get(last), list):
            holder[last] = make(holder[last])

    return change


def accepting(seen: Seen) -> None:
    """Accept any credentials: a refusal is replaced by the last 2xx response."""
    if seen.is_success:
        seen.memory["success"] = seen.data
    elif "success" in seen.memory and seen.status in (401, 403):
        seen.status, seen.data = 200, seen.memory["success"]


def finding_anything(seen: Seen) -> None:
    """Find any requested thing: an error is replaced by the last 2xx response."""
    if seen.is_success:
        seen.memory["success"] = seen.data
    elif "success" in seen.memory:
        seen.status, seen.data = 200, seen.memory["success"]


def reorder(seen: Seen) -> None:
    if seen.is_success and "jobs" in seen.data and seen.number % 2:
        seen.data["jobs"] = seen.data["jobs"][::-1]


def parts_reordered(seen: Seen) -> None:
    if seen.is_success and seen.query.get("limit") == "2":
        seen.data["jobs"] = seen.data["jobs"][::-1]


@rows
def too_many(jobs: list[Any], seen: Seen) -> list[Any]:
    """Serve four rows where one is requested."""
    if seen.query.get("limit") == "4":
        seen.memory["four"] = jobs
    return seen.memory.get("four", jobs) if seen.query.get("limit") == "1" else jobs  # type: ignore[no-any-return]


STEADY = ("running",)


def faults() -> Iterator[Fault]:
    """Yield all faults."""
    yield from _of_times()
    yield from _of_identity()
    yield from _of_progress()
    yield from _of_bodies()
    yield from _of_pages()
    yield from _of_statuses()
    yield from _of_probes()


def _of_times() -> Iterator[Fault]:
    times = {
        "cce": ("metadata.creationTimestamp", "2021-01-01 00:00:00 +0000 UTC"),
        "yuanrong": ("start_time", "1700000000"),
        "ief": ("created_at", 1_600_000_000),
        "ges": ("startTime", "2020-01-01 00:00:00"),
    }
    for service, (field, other) in times.items():
        yield Fault("the start is another later", service, "start-changed", later(field, other))
        yield Fault("the start cannot be read", service, "unreadable-time", always(field, "a while ago"))
        yield Fault("the start is empty later", service, "start-changed", later(field, ""), ("running",) * 4)
        yield Fault("the start is of the year 1970", service, "unreadable-time", always(field, "17"))
    yield Fault(
        "an end while it runs", "yuanrong", "ended-while-running", in_state("end_time", "1755490000", "RUNNING")
    )
    yield Fault(
        "an end while it waits", "yuanrong", "ended-while-running", in_state("end_time", "1755490000", "PENDING")
    )
    yield Fault(
        "an end while it runs", "ges", "ended-while-running", in_state("endTime", "2024-05-23 10:00:00", "running")
    )
    yield Fault(
        "an end before the start", "yuanrong", "end-before-start", always("end_time", "1600000000"), ("succeeded",)
    )
    yield Fault("an end that is a word", "yuanrong", "unreadable-time", always("end_time", "soon"), ("succeeded",))
    yield Fault(
        "an update that is a word", "cce", "unreadable-time", always("metadata.updateTimestamp", "now"), ("succeeded",)
    )


def _of_identity() -> Iterator[Fault]:
    yield Fault("another type later", "cce", "type-changed", later("spec.type", "DeleteCluster"))
    yield Fault("another cluster later", "cce", "parent-changed", later("spec.clusterUID", "another-cluster"))
    yield Fault("another resource later", "cce", "parent-changed", later("spec.resourceID", "another-resource"))
    for service, field, rule in (
        ("cce", "spec.type", "type-changed"),
        ("cce", "spec.clusterUID", "parent-changed"),
        ("yuanrong", "driver_node_id", "parent-changed"),
        ("ief", "target_type", "type-changed"),
        ("ges", "taskType", "type-changed"),
    ):
        yield Fault(f"{field} is gone later", service, rule, gone(field))
    yield Fault("another type later", "yuanrong", "type-changed", later("type", "DRIVER"))
    yield Fault("another node later", "yuanrong", "parent-changed", later("driver_node_id", "node-9", 1))
    yield Fault("another type later", "ief", "type-changed", later("job_type", "deployment_upgrade"))
    yield Fault("another target later", "ief", "type-changed", later("target_type", "group"))
    yield Fault("another type later", "ges", "type-changed", later("taskType", "ExportGraph"))
    for service, field in (("cce", "metadata.uid"), ("yuanrong", "submission_id"), ("ief", "job_id")):
        yield Fault("another job", service, "id-changed", later(field, "another-job"))
    yield Fault("a child is gone", "cce", "child-vanished", children(lambda parts: parts[:1], "spec.subJobs"))
    yield Fault("all children are gone", "ief", "child-vanished", children(lambda parts: [], "tasks"))
    yield Fault("a child twice", "cce", "duplicate-item", children(lambda parts: parts[:1] + parts, "spec.subJobs"))
    yield Fault("a child twice", "ief", "duplicate-item", children(lambda parts: parts + parts[-1:], "tasks"))
    for dotted, rule in (("spec.type", "type-changed"), ("spec.clusterUID", "parent-changed")):
        yield Fault(f"another {dotted} of a child", "cce", rule, of_child("spec.subJobs", dotted))
    yield Fault("another target of a task", "ief", "parent-changed", of_child("tasks", "target_id"))


def _of_progress() -> Iterator[Fault]:
    yield Fault("progress falls", "ges", "progress-fell", later("progress", 1, 3))
    yield Fault("the total is another", "ief", "total-changed", later("task_total_count", 99))
    yield Fault("more is done than all", "ief", "wrong-count", always("task_success_count", 99))
    ends = {"cce": ("status.phase", "Running"), "yuanrong": ("status", "RUNNING"), "ief": ("status", "Running")}
    for service, (field, state) in {**ends, "ges": ("status", "running")}.items():
        yield Fault(
            "goes on after its end", service, "terminal-state-left", after_end(field, state), ("running", "succeeded")
        )
        yield Fault("never ends", service, "job-stuck", lambda seen: None, STEADY, {"stuck_after": 4})


def _of_bodies() -> Iterator[Fault]:
    yield Fault("JSON text is cut off", "ges", "json-text", always("rawRequest", '{"a": '))
    yield Fault("JSON text is a word", "ges", "json-text", always("rawRequest", "none"))
    yield Fault("JSON text has quotes of Python", "ief", "json-text", always("task_data", "{'a': 1}"))
    yield Fault("JSON text has a key twice", "ges", "duplicate-key", always("rawRequest", '{"a": 1, "a": 2}'))
    for service, key in (("cce", "kind"), ("yuanrong", "status"), ("ief", "status"), ("ges", "jobCount")):
        yield Fault("a key twice", service, "duplicate-key", twice(key))
    yield Fault("jobs is an object, as on the page", "ges", "schema", rows(lambda jobs, seen: jobs[0] if jobs else {}))  # type: ignore[arg-type,return-value]
    yield Fault("a required field is missing", "ges", "schema", lambda seen: seen.is_success and seen.data.pop("jobs"))
    yield Fault("a state of no list", "cce", "schema", always("status.phase", "Lost"))
    yield Fault("a number is a string", "yuanrong", "schema", always("driver_exit_code", "0"))
    yield Fault("a field of no document", "ief", "undocumented-field", always("owner", "me"))
    yield Fault("a body that is cut off", "cce", "body", whole(b'{"kind": "Jo'))
    for service in SERVICES:
        yield Fault("a byte order mark", service, "body", with_byte_order_mark)
    yield Fault("NaN", "ges", "body", whole(b'{"jobs": [], "jobCount": NaN}'))
    yield Fault(
        "HTML", "ief", "media-type", lambda seen: seen.number and seen.headers.update({"content-type": "text/html"})
    )


def _of_pages() -> Iterator[Fault]:
    yield Fault("a row twice", "ges", "duplicate-item", rows(lambda jobs, seen: jobs[:1] + jobs), STEADY)
    yield Fault("the last row twice", "ges", "duplicate-item", rows(lambda jobs, seen: jobs + jobs[-1:]), STEADY)
    yield Fault("pages repeat a row", "ges", "pages-overlap", shifted(-1), STEADY)
    yield Fault("pages leave out a row", "ges", "pages-skip", shifted(1), STEADY)
    yield Fault(
        "a page lacks its last row",
        "ges",
        "pages-skip",
        rows(lambda jobs, seen: jobs[:1] if seen.query.get("limit") == "2" else jobs),
        STEADY,
    )
    yield Fault("the order changes", "ges", "unstable-order", reorder, STEADY)
    yield Fault("parts are in another order", "ges", "unstable-order", parts_reordered, STEADY)
    yield Fault(
        "the count is one more",
        "ges",
        "wrong-count",
        lambda seen: seen.is_success and seen.data.update(jobCount=len(seen.data["jobs"]) + 1),
        STEADY,
    )
    yield Fault(
        "the count is 0", "ges", "wrong-count", lambda seen: seen.is_success and seen.data.update(jobCount=0), STEADY
    )
    yield Fault(
        "the count is that of all pages",
        "ges",
        "wrong-count",
        lambda seen: seen.is_success and seen.data.update(jobCount=13),
        STEADY,
    )
    yield Fault(
        "a page is larger than its limit",
        "ges",
        "limit-ignored",
        too_many,
        STEADY,
    )


def _of_statuses() -> Iterator[Fault]:
    for service in ("yuanrong", "ief", "ges"):
        yield Fault(
            "slows down", service, "status", status(429, {"errorCode": "x", "errorMessage": "slow down"}, every=3)
        )
    yield Fault("is a teapot", "yuanrong", "status", status(418, "no coffee", every=4))
    yield Fault("fails at times", "ges", "server-error", status(500, {"errorCode": "x", "errorMessage": "y"}, every=5))
    yield Fault(
        "has created", "cce", "status", lambda seen: seen.is_success and seen.number and setattr(seen, "status", 201)
    )


def _of_probes() -> Iterator[Fault]:
    for service in ("cce", "ief"):
        yield Fault("any token will do", service, "security", accepting, STEADY, {"probe_auth": True})
    for service in ("cce", "yuanrong", "ief", "ges"):
        yield Fault("anything is found", service, "unknown-accepted", finding_anything, STEADY, {"probe_unknown": True})
