"""Rules over the pages of a listing: their size, their counts, and their rows of the same list.

Rows of a listing come and go, so two pages that disagree prove nothing. What proves a fault is a page that is the same
before and after: the pages between were of the same list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from ..documents.json_pointer import locate, resolve
from .checker import Route
from .exchange import Exchange
from .findings import RawFinding, format_value
from .job_view import PageView

_LONGEST_NUMBER = 1000
"""Digits that a request may ask with. Python reads no number of thousands of them."""


@attrs.frozen
class _Page:
    offset: int
    limit: int | None
    ids: tuple[str | None, ...]
    rows: tuple[Any, ...]
    exchange: Exchange


class PageSequence:
    """The pages of one listing, in the order in which they were requested."""

    def __init__(self) -> None:
        self._pages: list[_Page] = []

    def add(self, route: Route, found: PageView, exchange: Exchange) -> Iterator[RawFinding]:
        """Yield the findings of a further page."""
        declared = route.operation.definition.get("x-pagination")
        if declared is None or not found.is_listing:
            return
        limit = _requested(route, exchange, declared.get("limit"))
        offset = _offset(route, exchange, declared, limit)
        ids = tuple(job.id for job in found.jobs)
        if limit is not None and len(found.jobs) > limit:
            yield _of(route, found, declared, "limit", "limit-ignored", f"at most {limit} item(s)", f"{len(ids)} items")
        yield from _repeated_rows(found)
        yield from _wrong_counts(exchange, declared, len(ids), offset)
        if offset is None:
            return
        page = _Page(offset, limit, ids, tuple(job.data for job in found.jobs), exchange)
        yield from self._compared(route, found, declared, page)
        self._pages.append(page)

    def _compared(self, route: Route, found: PageView, declared: dict[str, Any], page: _Page) -> Iterator[RawFinding]:
        # Rows may move while pages are read, but seldom by a whole page between two requests.
        for other in reversed(self._pages):
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
                for index in range(len(self._pages) - 1, -1, -1)
                if (self._pages[index].offset, self._pages[index].limit) == (page.offset, page.limit)
            ),
            None,
        )
        if number is None:
            return
        before = self._pages[number]
        if before.ids != page.ids:
            if _is_reordered(before, page):
                expected = f"the order of {before.exchange.source}, since no row has changed"
                actual = _listed(page.ids)
                yield _of(route, found, declared, _start(declared), "unstable-order", expected, actual)
            return
        faults = [(*fault, between) for between in self._pages[number + 1 :] if (fault := _disagreement(page, between))]
        # One row that repeats the first may be an overlap as well: a longer page tells.
        faults.sort(key=lambda fault: fault[0] == "offset-ignored")
        for rule, rows, others, between in faults[:1]:
            expected = f"{rows}, as in {page.exchange.source}"
            actual = f"{others} in {between.exchange.source}"
            yield _of(route, found, declared, _start(declared), rule, expected, actual)


def _disagreement(page: _Page, between: _Page) -> tuple[str, str, str] | None:
    """The difference of a page from a larger one that was the same before and after it: rule, expected and actual
    rows."""
    begin = between.offset - page.offset
    if not 0 <= begin < len(page.ids) or None in page.ids or between.ids == page.ids:
        return None
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
    """Whether two pages have the same rows, each as it was, in another order."""
    if None in page.ids or len(before.ids) != len(page.ids):
        return False
    rows = dict(zip(before.ids, before.rows, strict=True))
    return len(rows) == len(page.ids) and all(
        rows.get(name, page) == row for name, row in zip(page.ids, page.rows, strict=True)
    )


def _repeated_rows(found: PageView) -> Iterator[RawFinding]:
    seen: set[str] = set()
    for job in found.jobs:
        if job.id is None:
            continue
        if job.id in seen:
            document_pointer, pointer = job.field("id")
            actual = f"{format_value(job.id)} again"
            yield RawFinding(
                "duplicate-item", document_pointer, "a job that the page has once", actual, pointer=pointer
            )
            return
        seen.add(job.id)


def _wrong_counts(exchange: Exchange, declared: dict[str, Any], rows: int, offset: int | None) -> Iterator[RawFinding]:
    """Compare the fields that count with the rows. A total counts at least the rows up to the end of the page."""
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
    return RawFinding(rule, route.parameter(name), expected, actual=actual, name=name, pointer=found.pointer)


def _start(declared: dict[str, Any]) -> str:
    """The key of the parameter that says where a page begins."""
    return "offset" if "offset" in declared else "page"


def _listed(ids: tuple[str | None, ...]) -> str:
    return f"the rows {', '.join(map(str, ids[:8]))}" if ids else "no rows"


def _offset(route: Route, exchange: Exchange, declared: dict[str, Any], limit: int | None) -> int | None:
    """The number of rows before a page; None where a token or a link says where it begins."""
    if "offset" in declared:
        return _requested(route, exchange, declared["offset"])
    number = _requested(route, exchange, declared.get("page"))
    if number is None or limit is None:
        return None
    return max(0, number - int(declared.get("first", 1))) * limit


def _requested(route: Route, exchange: Exchange, name: str | None) -> int | None:
    """The number in a request, or the documented default."""
    if name is None:
        return None
    text = dict(exchange.query).get(name)
    if text is None:
        document_pointer = route.parameter(name)
        parameter = resolve(route.contract.document, document_pointer) if document_pointer else {}
        default = parameter.get("schema", {}).get("default")
        return default if isinstance(default, int) else None
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else None
