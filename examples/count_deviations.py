"""Counts how the responses of a service deviate from its document, and raises where a caller needs certainty.

Run it where the package is installed: `python examples/count_deviations.py`. It needs no network: a recorded response
is changed as a service might change it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import httpx

import cloudjobs
from cloudjobs import Deviation, GesClient
from cloudjobs.errors import ContractViolationError
from cloudjobs.ges import Job

counts: Counter[tuple[str, str]] = Counter()


def answer(request: httpx.Request) -> httpx.Response:
    """Return the recorded listing, with a number as text, a new field and a new status."""
    body = json.loads(cloudjobs.recordings("ges")["list-jobs-page"]["body"])
    body["jobs"][0].update(startTime=1540000000, region="north", status="paused")
    return httpx.Response(200, json=body)


def count(deviation: Deviation) -> None:
    # The location has a wildcard, so it is the same for every row. Keep the value out of labels: it may be a secret.
    counts[deviation.kind, deviation.wildcard] += 1


def main() -> None:
    transport = httpx.MockTransport(answer)
    with GesClient("https://ges.example.com", project_id="p1", transport=transport, on_deviation=count) as ges:
        jobs: Sequence[Job] = ges.list_jobs("movie").jobs or []
        print(f"{len(jobs)} jobs were still parsed; the first is {jobs[0].status}")
        for (kind, place), number in sorted(counts.items()):
            print(f"  {kind} at {place}: {number}")
        try:
            ges.with_options(strict=True).list_jobs("movie")
        except ContractViolationError as error:
            print(f"strict: {len(error.violations)} violations, the first at {error.violations[0].pointer}")


if __name__ == "__main__":
    main()
