"""Rules over several responses: the steps of a job from one to the next, and the paging of a listing.

They follow from `x-job`, `x-poll` and `x-pagination`. No rule compares a sub-job's time with its parent's: in the known
responses they have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import attrs

from .checker import Contracts
from .exchange import Exchange
from .findings import Finding, RawFinding, format_value
from .job_view import JobView, PageView, is_type, view_page
from .page_rules import PageSequence


@attrs.frozen
class StuckThreshold:
    """The time without a change after which a job counts as stuck. Without either, it may for ever."""

    responses: int | None = None
    """Responses in a row, of one job, that show no change."""
    seconds: float | None = None
    """Time between the first of them and the last, where the source says when they were asked for."""


def check_sequence(
    contracts: Contracts, exchanges: Sequence[Exchange], threshold: StuckThreshold | None = None
) -> list[Finding]:
    """Every way in which the responses to one question do not follow from each other.

    Args:
        contracts: The operations of the exchanges; undocumented exchanges are skipped.
        exchanges: In their order. Requests to different hosts are different ones.
        threshold: How long a job may stay as it is.
    """
    histories: dict[tuple[str, ...], _JobSequence] = {}
    findings = []
    for exchange in _in_order(exchanges):
        route = contracts.route(exchange)
        if route is None:
            continue
        key = (urlsplit(exchange.url).netloc, route.operation.path, exchange.path)
        history = histories.setdefault(key, _JobSequence(threshold or StuckThreshold()))
        found = view_page(route, exchange)
        if found is not None:
            try:
                raw = [*history.add(found, exchange), *history.pages.add(route, found, exchange)]
            except RecursionError:
                # A job nested too deep to be followed; the check of the single response tells.
                continue
            findings += [route.contract.finding(exchange, route.operation, each) for each in raw]
    return findings


def _in_order(exchanges: Sequence[Exchange]) -> Iterable[Exchange]:
    """By their times where all have one: a browser writes entries in the order in which they ended."""
    if all(exchange.started for exchange in exchanges):
        return sorted(exchanges, key=lambda exchange: exchange.started.timestamp() if exchange.started else 0)
    return exchanges


@attrs.define
class _JobState:
    """The last that was seen of a job."""

    job: JobView
    state: Any
    """What would show a change."""
    since: Exchange
    """The first response that shows it so."""
    responses: int = 1
    is_reported: bool = False
    """Whether it was called stuck already."""


class _JobSequence:
    """The responses to one question."""

    def __init__(self, threshold: StuckThreshold) -> None:
        self._threshold = threshold
        self._seen: dict[tuple[str, ...], _JobState] = {}
        self.pages = PageSequence()

    def add(self, found: PageView, exchange: Exchange) -> Iterator[RawFinding]:
        """Invalid steps of the jobs of a further response."""
        for job in found.jobs:
            if found.requested_id is not None and job.id is not None and job.id != found.requested_id:
                yield _broken(
                    "id-changed", job, ("id",), f"the ID that was asked for, {format_value(found.requested_id)}", job.id
                )
            # Without an ID it can be identified by its place if it is alone there.
            name = found.requested_id if found.requested_id is not None else job.id
            if name is not None:
                yield from self._job(job, (name,), exchange)
                yield from self._stuck(job, (name,), exchange)
            else:
                yield from _alone(job)

    def _job(self, job: JobView, name: tuple[str, ...], exchange: Exchange) -> Iterator[RawFinding]:
        yield from _alone(job)
        seen = self._seen.get(name)
        state = _observable_state(job)
        if seen is None:
            self._seen[name] = _JobState(job, state, exchange)
        else:
            yield from _followed(seen.job, job)
            if seen.state == state:
                seen.responses += 1
                seen.job = job
            else:
                self._seen[name] = _JobState(job, state, exchange)
        for part in job.children:
            if part.id is not None:
                yield from self._job(part, (*name, part.id), exchange)
            else:
                yield from _alone(part)

    def _stuck(self, job: JobView, name: tuple[str, ...], exchange: Exchange) -> Iterator[RawFinding]:
        seen, threshold = self._seen[name], self._threshold
        if job.is_final or seen.is_reported:
            return
        passed = exchange.started - seen.since.started if exchange.started and seen.since.started else timedelta(0)
        too_often = threshold.responses is not None and seen.responses >= threshold.responses
        too_long = threshold.seconds is not None and passed.total_seconds() >= threshold.seconds
        if too_often or too_long:
            seen.is_reported = True
            actual = f"{format_value(job.state)} in {seen.responses} responses"
            if passed:
                actual += f", over {passed.total_seconds():g} seconds"
            yield _broken("job-stuck", job, ("state", "field"), "some change, or the end of the job", actual)


def _alone(job: JobView) -> Iterator[RawFinding]:
    """Errors of a single job."""
    for which in ("started", "ended"):
        if (value := job.unreadable_time(which)) is not None:
            formats = " or ".join(job.declares(which)["formats"])
            yield _broken("unreadable-time", job, (which, "field"), f"a time ({formats})", format_value(value))
    if job.early_end is not None:
        actual = f"{job.early_end.isoformat()} in the state {format_value(job.state)}"
        yield _broken("ended-while-running", job, ("ended", "field"), "no end before the job has ended", actual)
    if job.started and job.ended and job.ended < job.started:
        actual = f"{job.ended.isoformat()}, before the start at {job.started.isoformat()}"
        yield _broken("end-before-start", job, ("ended", "field"), "an end after the start", actual)


def _followed(before: JobView, job: JobView) -> Iterator[RawFinding]:
    """The step of a job from one response to the next."""
    if before.is_resumable and job.state != before.state:
        # A request such as a retry started another run.
        return
    # Without a state it is another fault.
    if before.is_final and job.state not in (None, before.state):
        expected = f"{format_value(before.state)} still, which is final"
        yield _broken("terminal-state-left", job, ("state", "field"), expected, format_value(job.state))
    if before.started and job.started and before.started != job.started:
        expected = f"{before.started.isoformat()}, as before"
        yield _broken("start-changed", job, ("started", "field"), expected, job.started.isoformat())
    constants = before.constants
    for name, (value, document_pointer, pointer) in job.constants.items():
        if name in constants and constants[name][0] != value:
            rule, expected = "type-changed" if is_type(name) else "parent-changed", format_value(constants[name][0])
            yield RawFinding(
                rule, document_pointer, f"{expected}, as before", actual=format_value(value), name=name, pointer=pointer
            )
    if before.done is not None and job.done is not None and job.done < before.done:
        where = ("progress", "field") if "field" in job.declares("progress") else ("progress", "done")
        yield _broken("progress-fell", job, where, f"at least {before.done:g}, as before", f"{job.done:g}")
    if before.total is not None and job.total is not None and job.total != before.total:
        yield _broken("total-changed", job, ("progress", "total"), f"{before.total:g}, as before", f"{job.total:g}")
    now = {part.id for part in job.children}
    for part in before.children:
        if part.id is not None and part.id not in now:
            yield _broken(
                "child-vanished",
                job,
                ("children",),
                f"the sub-job {format_value(part.id)}, as before",
                "none of that ID",
            )


def _observable_state(job: JobView) -> Any:
    return job.state, job.done, job.total, tuple((part.id, _observable_state(part)) for part in job.children)


def _broken(rule: str, job: JobView, where: tuple[str, ...], expected: str, actual: str) -> RawFinding:
    document_pointer, pointer = job.field(*where)
    return RawFinding(rule, document_pointer, expected, actual=actual, pointer=pointer)
