"""Workloads of decoding: from the bytes of a response to models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import cloudjobs
from benchmarks import peers, replies
from benchmarks.measure import Row, medians
from cloudjobs._decoding import ResponseDecoder, response_decoder
from cloudjobs._deviations import DeviationReporter


def rows() -> Iterator[Row]:
    """Yield every comparison of decoding."""
    yield from _listing()
    yield from _tree()
    yield from _tasks()
    yield from _small()


def _listing() -> Iterator[Row]:
    import pandas

    from cloudjobs.ges.models import JobList

    recorded = _recorded("ges", "list-jobs-page")
    page, departing = replies.listing(recorded), replies.listing(recorded, departing=100)
    reader = response_decoder(JobList, "listJobs")
    read = _read(reader)

    def built(body: bytes) -> Any:
        return read(body).jobs.to_list()

    def frame_of_rows() -> Any:
        return pandas.DataFrame(read(page).jobs.columns("jobId", "status", "startTime"))

    def frame_of_json() -> Any:
        return pandas.DataFrame(json.loads(page)["jobs"], columns=["jobId", "status", "startTime"])

    def without_keeping() -> None:
        for _ in read(page).jobs:
            pass

    taken = medians(
        {
            "ours": partial(built, page),
            "list": lambda: list(read(page).jobs),
            "loop": without_keeping,
            "columns": frame_of_rows,
            "json columns": frame_of_json,
            "departing": partial(built, departing),
            "failed": lambda: read(page).jobs.filter(status="failed").to_list(),
            "first": lambda: read(page).jobs[0],
            "stock": partial(peers.stock("ges", "JobList"), page),
            "pydantic": partial(peers.pydantic("ges", "JobList"), page),
            "structs": partial(peers.structs(cloudjobs.document("ges"), "JobList"), page),
            "json": lambda: json.loads(page),
        },
        rounds=5,
    )
    _show("a page of 100,000 GES rows", taken)
    yield Row("100,000 GES rows, all built", "stock", taken["stock"] / taken["ours"], ">= 4")
    yield Row("100,000 GES rows, all built", "pydantic v2", taken["pydantic"] / taken["ours"], ">= 2.5")
    yield Row("100,000 GES rows, all built and checked", "msgspec Structs", taken["ours"] / taken["structs"], "<= 2.2")
    yield Row("rows with status failed, as models", "msgspec Structs", taken["failed"] / taken["structs"], "<= 0.65")
    yield Row("first row of the page, as a model", "msgspec Structs", taken["first"] / taken["structs"], "<= 0.25")
    yield Row("three columns of the page, in pandas", "json.loads", taken["json columns"] / taken["columns"], ">= 3")
    yield Row("100,000 GES rows, all built", "list(rows)", taken["list"] / taken["ours"], ">= 1.5")
    yield Row("page with 1 % deviating rows", "the page clean", taken["departing"] / taken["ours"], "<= 1.5")


def _tree() -> Iterator[Row]:
    from cloudjobs.cce.models import Job

    body = replies.tree(_recorded("cce", "get-job-running"))
    read = _read(response_decoder(Job, "getJob"))
    taken = medians(
        {
            "ours": lambda: read(body),
            "stock": partial(peers.stock("cce", "Job"), body),
            "vendor SDK": partial(peers.vendor_sdk("ShowJobResponse"), body),
        },
        rounds=15,
    )
    _show("a CCE job with 2,000 sub-jobs", taken)
    yield Row("CCE job with 2,000 sub-jobs", "stock", taken["stock"] / taken["ours"], ">= 3")
    yield Row("CCE job with 2,000 sub-jobs", "vendor SDK", taken["vendor SDK"] / taken["ours"], ">= 8")


def _tasks() -> Iterator[Row]:
    from cloudjobs.ief.models import BatchJob

    body = replies.tasks(_recorded("ief", "get-batch-job-successful"))
    read = _read(response_decoder(BatchJob, "getBatchJob"))
    taken = medians({"ours": lambda: read(body), "stock": partial(peers.stock("ief", "BatchJob"), body)}, rounds=15)
    _show("an IEF job with 10,000 tasks", taken)
    yield Row("IEF job with 10,000 tasks", "stock", taken["stock"] / taken["ours"], ">= 3")


def _small() -> Iterator[Row]:
    from cloudjobs.cce.models import Job

    body = cloudjobs.recordings("cce")["get-job-running"]["body"].encode()
    read = _read(response_decoder(Job, "getJob"))
    taken = medians(
        {"ours": lambda: read(body), "stock": partial(peers.stock("cce", "Job"), body)}, rounds=15, repeat=2000
    )
    _show("a small response", taken)
    yield Row("small response decoded", "stock", taken["ours"] / taken["stock"], "<= 0.5")


def _read(reader: ResponseDecoder) -> Any:
    return lambda content: reader.read(content, DeviationReporter("bench", "read", None))


def _recorded(service: str, name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(cloudjobs.recordings(service)[name]["body"])
    return body


def _show(what: str, taken: dict[str, float]) -> None:
    figures = ", ".join(f"{name} {seconds * 1e3:.3g}" for name, seconds in taken.items())
    print(f"{what}, ms: {figures}", flush=True)
