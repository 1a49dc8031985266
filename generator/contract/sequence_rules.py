"""Rules for several responses: the changes of a job, and the pages of a listing.

They follow from `x-job`, `x-poll` and `x-pagination`. No rule compares the times of a sub-job with those of its parent,
because they are unrelated in the known responses.

Rows are added to a listing and removed from it, so different pages do not prove a fault. But if a page is requested
twice and has the same rows, the listing was unchanged in between, and all pages requested in between must agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from ..documents.json_pointer import child, locate, resolve
from .checker import Contracts, Route
from .exchange import Exchange
from .findings import Finding, RawFinding, format_value
from .job_view import JobView, PageView, view_page


@attrs.frozen
class StuckThreshold:
    """The limits after which an unchanged job is reported as stuck. Without limits, it is not reported."""

    responses: int | None = None
    """Number of successive responses without a change of the job."""
    seconds: float | None = None
    """Time from the first to the last of them, if the source has the times of requests."""


def check_sequence(
    contracts: Contracts, exchanges: Sequence[Exchange], threshold: StuckThreshold | None = None
) -> list[Finding]:
    """Return the findings of successive responses to the same request.

    Args:
        contracts: The operations of the exchanges; undocumented exchanges are skipped.
        exchanges: The exchanges, in order. Requests to different hosts are different requests.
        threshold: How long a job may be unchanged.
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
                # The jobs are nested too deep. The check of the single response reports this.
                continue
            findings += [route.contract.finding(exchange, route.operation, each) for each in raw]
    return findings


def _in_order(exchanges: Sequence[Exchange]) -> Iterable[Exchange]:
    """Return exchanges sorted by time if all have one. Browsers write entries in the order in which they ended."""
    if all(exchange.started for exchange in exchanges):
        return sorted(exchanges, key=lambda exchange: exchange.started.timestamp() if exchange.started else 0)
    return exchanges


@attrs.define
class _JobState:
    """The latest view of a job."""

    job: JobView
    state: Any
    """The values that are compared to find a change."""
    since: Exchange
    """The first response with this state."""
    responses: int = 1
    is_reported: bool = False
    """Whether it was already reported as stuck."""


class _JobSequence:
    """The jobs in the responses to one request."""

    def __init__(self, threshold: StuckThreshold) -> None:
        self._threshold = threshold
        self._seen: dict[tuple[str, ...], _JobState] = {}
        self.pages = PageSequence()

    def add(self, found: PageView, exchange: Exchange) -> Iterator[RawFinding]:
        """Yield the findings of the jobs in a further response."""
        for job in found.jobs:
            if found.requested_id is not None and job.id is not None and job.id != found.requested_id:
                yield _broken(
                    "id-changed", job, ("id",), f"the requested ID, {format_value(found.requested_id)}", job.id
                )
            # The requested ID identifies a job also if the response lacks its ID.
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
            yield _broken("job-stuck", job, ("state", "field"), "a change, or the end of the job", actual)


def _alone(job: JobView) -> Iterator[RawFinding]:
    """Yield the findings of a job in one response."""
    yield from _repeated(job.children)
    if job.done is not None and job.total is not None and job.done > job.total:
        yield _broken("wrong-count", job, ("progress", "total"), f"at least {job.done:g}, as done", f"{job.total:g}")
    for which in ("started", "ended"):
        if (value := job.unreadable_time(which)) is not None:
            formats = " or ".join(job.declares(which)["formats"])
            yield _broken("unreadable-time", job, (which, "field"), f"a time ({formats})", format_value(value))
    if job.early_end is not None:
        name, value = job.early_end
        actual = f"{format_value(value)} in the state {format_value(job.state)}"
        document_pointer, pointer = job.place(name)
        expected = "no value before the job has ended"
        yield RawFinding("ended-while-running", document_pointer, expected, actual, name=name, pointer=pointer)
    if job.started and job.ended and job.ended < job.started:
        actual = f"{job.ended.isoformat()}, before the start at {job.started.isoformat()}"
        yield _broken("end-before-start", job, ("ended", "field"), "an end after the start", actual)


def _followed(before: JobView, job: JobView) -> Iterator[RawFinding]:
    """Yield the findings of a job that has changed from one response to the next."""
    if before.is_resumable and job.state != before.state:
        # A request such as a retry has started the job again.
        return
    # A missing state is reported by another rule.
    if before.is_final and job.state not in (None, before.state):
        expected = f"{format_value(before.state)}, the final state before"
        yield _broken("terminal-state-left", job, ("state", "field"), expected, format_value(job.state))
    # Two operations may show different fields of one job.
    is_same_view = before.schema_pointer == job.schema_pointer
    is_gone = is_same_view and job.started is None and job.unreadable_time("started") in (None, "")
    if before.started and before.started != job.started and (job.started or is_gone):
        expected = f"{before.started.isoformat()}, as before"
        actual = job.started.isoformat() if job.started else "none"
        yield _broken("start-changed", job, ("started", "field"), expected, actual)
    for rule, key in (("type-changed", "type"), ("parent-changed", "parent")):
        constants = job.constants(key)
        for name, was in before.constants(key).items():
            value = constants.get(name)
            if value != was and was not in (None, "") and (is_same_view or value not in (None, "")):
                document_pointer, pointer = job.place(name)
                expected = f"{format_value(was)}, as before"
                yield RawFinding(rule, document_pointer, expected, format_value(value), name=name, pointer=pointer)
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


_LINK = re.compile(r"<([^<>]*)>([^<]*)")
"""A link of a Link header, and its parameters."""

_LONGEST_NUMBER = 1000
"""Most digits of a number in a request. Python refuses to parse thousands of digits."""


@attrs.frozen
class _Page:
    offset: int
    limit: int | None
    ids: tuple[str | None, ...]
    rows: tuple[Any, ...]
    exchange: Exchange


Query = tuple[tuple[str, str], ...]
"""Names and values of a query, sorted."""


class PageSequence:
    """The pages of one path, in the order of their requests. Pages with another filter are another listing."""

    def __init__(self) -> None:
        self._listings: dict[Query, list[_Page]] = {}
        self._following: dict[tuple[Query, Query], tuple[Query, int]] = {}
        """For each page that a response names as the next one: its listing, and the number of rows before it."""

    def add(self, route: Route, found: PageView, exchange: Exchange) -> Iterator[RawFinding]:
        """Yield the findings of a further page."""
        declared = route.operation.definition.get("x-pagination")
        if declared is None or not found.is_listing:
            return
        limit = _requested(route, exchange, declared.get("limit"))
        listing, offset = self._place(route, exchange, declared, limit)
        ids = tuple(job.id for job in found.jobs)
        if limit is not None and len(found.jobs) > limit:
            yield _of(route, found, declared, "limit", "limit-ignored", f"at most {limit} item(s)", f"{len(ids)} items")
        yield from _repeated(found.jobs)
        yield from _wrong_counts(exchange, declared, len(ids), offset)
        if offset is None:
            return
        page = _Page(offset, limit, ids, tuple(job.data for job in found.jobs), exchange)
        pages = self._listings.setdefault(listing, [])
        yield from _compared(route, found, declared, page, pages)
        pages.append(page)
        if "next" in declared and (following := next_query(exchange, declared)) is not None:
            key = (listing if "token" in declared else (), following)
            self._following[key] = (listing, offset + len(ids))

    def _place(
        self, route: Route, exchange: Exchange, declared: dict[str, Any], limit: int | None
    ) -> tuple[Query, int | None]:
        """Return the listing of a page, and the number of rows before the page; None if that is unknown."""
        paging = {declared.get(key) for key in ("offset", "page", "token", "limit")}
        listing = tuple(sorted(pair for pair in exchange.query if pair[0] not in paging))
        if "next" not in declared:
            return listing, _offset(route, exchange, declared, limit)
        if "token" not in declared:
            query = tuple(sorted(exchange.query))
            return self._following.get(((), query), (listing, 0))
        token = tuple(pair for pair in exchange.query if pair[0] == declared["token"] and pair[1])
        return self._following.get((listing, token), (listing, None)) if token else (listing, 0)


def next_query(exchange: Exchange, declared: dict[str, Any]) -> Query | None:
    """Return the query that `next` of `x-pagination` names for the page after a response; None after the last page."""
    if isinstance(declared["next"], dict):
        name = declared["next"]["header"]
        value = exchange.header(name)
        value = _next_link(value) if value and name.lower() == "link" else value
    else:
        found = locate(exchange.json, declared["next"])
        value = found[1] if found else None
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        return None
    if "token" in declared:
        return ((declared["token"], str(value)),)
    try:
        return tuple(sorted(parse_qsl(urlsplit(str(value)).query, keep_blank_values=True)))
    except ValueError:
        return None


def _next_link(header: str) -> str | None:
    """Return the target of a Link header with the relation `next`."""
    for link in _LINK.finditer(header):
        parameters = (parameter.partition("=") for parameter in link[2].rstrip(", ").split(";"))
        if any(key.strip().lower() == "rel" and "next" in value.strip(' "').split() for key, _, value in parameters):
            return link[1]
    return None


def _compared(
    route: Route, found: PageView, declared: dict[str, Any], page: _Page, pages: Sequence[_Page]
) -> Iterator[RawFinding]:
    """Compare a page with those of its listing before it."""
    # Rows may move between two requests, but rarely by a whole page.
    for other in reversed(pages):
        same = min(len(page.ids), len(other.ids))
        if abs(page.offset - other.offset) < max(len(page.ids), len(other.ids), 1):
            continue
        if same > 1 and page.ids[:same] == other.ids[:same]:
            expected = f"other items than at offset {other.offset}, in {other.exchange.source}"
            yield _of(route, found, declared, _start(declared), "offset-ignored", expected, "the same items")
            return
        break
    number = next(
        (
            index
            for index in range(len(pages) - 1, -1, -1)
            if (pages[index].offset, pages[index].limit) == (page.offset, page.limit)
        ),
        None,
    )
    if number is None:
        return
    before = pages[number]
    if before.ids != page.ids:
        if _is_reordered(before, page):
            expected = f"the order of {before.exchange.source}, since no row has changed"
            actual = _listed(page.ids)
            yield _of(route, found, declared, _start(declared), "unstable-order", expected, actual)
        return
    faults = [(*fault, between) for between in pages[number + 1 :] if (fault := _disagreement(page, between))]
    # A page of one row cannot distinguish offset-ignored from an overlap, so other faults come first.
    faults.sort(key=lambda fault: fault[0] == "offset-ignored")
    for rule, rows, others, between in faults[:1]:
        expected = f"{rows}, as in {page.exchange.source}"
        actual = f"{others} in {between.exchange.source}"
        yield _of(route, found, declared, _start(declared), rule, expected, actual)


def _disagreement(page: _Page, between: _Page) -> tuple[str, str, str] | None:
    """Return rule, expected and actual rows of a page that disagrees with one that was equal before and after it."""
    begin = between.offset - page.offset
    if begin < 0 or None in page.ids or between.ids == page.ids:
        return None
    if begin >= len(page.ids):
        repeated = tuple(each for each in between.ids if each in page.ids)
        return ("pages-overlap", f"no row of offset {page.offset}", _listed(repeated)) if repeated else None
    expected = page.ids[begin : begin + len(between.ids)]
    actual = between.ids[: len(expected)]
    room = len(page.ids) - begin if between.limit is None else min(between.limit, len(page.ids) - begin)
    texts = f"{_listed(page.ids[begin : begin + room])} at offset {between.offset}", _listed(between.ids)
    if actual == expected:
        return ("pages-skip", *texts) if len(between.ids) < room else None
    if between.offset != page.offset and actual == page.ids[: len(actual)]:
        return ("offset-ignored", *texts)
    if sorted(map(str, actual)) == sorted(map(str, expected)):
        return ("unstable-order", *texts)
    first = next(place for place, pair in enumerate(zip(actual, expected, strict=True)) if pair[0] != pair[1])
    earlier = actual[first] in page.ids[: begin + first]
    return ("pages-overlap" if earlier else "pages-skip", *texts)


def _is_reordered(before: _Page, page: _Page) -> bool:
    """Return whether two pages have the same unchanged rows in another order."""
    if None in page.ids or len(before.ids) != len(page.ids):
        return False
    rows = dict(zip(before.ids, before.rows, strict=True))
    return len(rows) == len(page.ids) and all(
        rows.get(name, page) == row for name, row in zip(page.ids, page.rows, strict=True)
    )


def _repeated(jobs: Iterable[JobView]) -> Iterator[RawFinding]:
    """Yield a finding for the first repeated job of a page, or sub-job of a job."""
    seen: set[str] = set()
    for job in jobs:
        if job.id is None:
            continue
        if job.id in seen:
            document_pointer, pointer = job.field("id")
            actual = f"{format_value(job.id)} again"
            yield RawFinding("duplicate-item", document_pointer, "each job once", actual, pointer=pointer)
            return
        seen.add(job.id)


def _wrong_counts(exchange: Exchange, declared: dict[str, Any], rows: int, offset: int | None) -> Iterator[RawFinding]:
    """Compare the counts of a page with its rows. A total must be at least the rows up to the end of the page."""
    seen = (offset or 0) + rows if rows else 0
    for key in ("count", "total"):
        found = locate(exchange.json, declared[key]) if key in declared else None
        if found is None or not isinstance(found[1], int) or isinstance(found[1], bool):
            continue
        pointer, count = found
        if key == "count" and count != rows:
            yield RawFinding("wrong-count", "", f"{rows}, the number of rows", actual=str(count), pointer=pointer)
        elif key == "total" and count < seen:
            yield RawFinding("wrong-count", "", f"at least {seen}, the rows so far", actual=str(count), pointer=pointer)


def _of(
    route: Route, found: PageView, declared: dict[str, Any], key: str, rule: str, expected: str, actual: str
) -> RawFinding:
    name = declared.get(key, "")
    document_pointer = route.parameter(name) if name else child(route.operation.pointer, "x-pagination")
    return RawFinding(rule, document_pointer, expected, actual=actual, name=name, pointer=found.pointer)


def _start(declared: dict[str, Any]) -> str:
    """Return the key of the parameter for the start of a page; empty if the next page has a URL."""
    return next((key for key in ("offset", "page", "token") if key in declared), "")


def _listed(ids: tuple[str | None, ...]) -> str:
    return f"the rows {', '.join(map(str, ids[:8]))}" if ids else "no rows"


def _offset(route: Route, exchange: Exchange, declared: dict[str, Any], limit: int | None) -> int | None:
    """Return the number of rows before a page; None if a token or a URL determines its start."""
    if "offset" in declared:
        return _requested(route, exchange, declared["offset"])
    number = _requested(route, exchange, declared.get("page"))
    if number is None or limit is None:
        return None
    return max(0, number - int(declared.get("first", 1))) * limit


def _requested(route: Route, exchange: Exchange, name: str | None) -> int | None:
    """Return the number in a parameter of a request, or the documented default."""
    if name is None:
        return None
    text = dict(exchange.query).get(name)
    if text is None:
        document_pointer = route.parameter(name)
        parameter = resolve(route.contract.document, document_pointer) if document_pointer else {}
        default = parameter.get("schema", {}).get("default")
        return default if isinstance(default, int) else None
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else None
