"""Going through a listing by pages, while it changes, and with a service that does not keep to the pages."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from importlib import import_module
from random import Random
from typing import Any

import attrs
import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cloudjobs
from cloudjobs import errors
from cloudjobs._pagination import Pages

from . import doc_examples, transports
from .malformed_bodies import DETERMINISTIC
from .scripted_transport import WAYS, FakeClock, Way, collected, job, job_shape, operation, reply

pytestmark = pytest.mark.anyio
PAGED = [way for way in WAYS if "x-pagination" in operation(way.service)]
every_way = pytest.mark.parametrize("way", PAGED, ids=str)


@attrs.define
class Listing(httpx.MockTransport):
    """A list of jobs that may change before each page, and a service that may ignore the query."""

    way: Way
    ids: list[str]
    before_page: Callable[[Listing, int], object] = lambda listing, page: None
    ignores: tuple[str, ...] = ()
    longest: int = 10**9
    """Rows of a page that the service never exceeds."""
    asked: list[tuple[int, int]] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        pages = operation(self.way.service)["x-pagination"]
        offset, limit = (int(request.url.params[pages[name]]) for name in ("offset", "limit"))
        self.before_page(self, len(self.asked))
        self.asked.append((offset, limit))
        start = 0 if "offset" in self.ignores else offset
        stop = len(self.ids) if "limit" in self.ignores else start + min(limit, self.longest)
        shown = self.ids[start:stop]
        return reply(self.way.service, *(job(self.way.service, "running", each) for each in shown))


def named(count: int, prefix: str = "job") -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


def iterate(listing: Listing, **keywords: Any) -> Any:
    client = listing.way.client(listing, FakeClock())
    items = operation(listing.way.service)["x-pagination"]["items"]
    return getattr(client, f"iter_{items}")(*listing.way.where, **keywords)


async def ids_of(listing: Listing, **keywords: Any) -> list[str]:
    return [cloudjobs.JobSnapshot.from_job(row).id or "" for row in await collected(iterate(listing, **keywords))]


def test_services_include_a_paginated_one() -> None:
    assert PAGED


@every_way
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 23])
async def test_iter_yields_all_rows_in_order(way: Way, count: int) -> None:
    listing = Listing(way, named(count))
    assert await ids_of(listing, page_size=5) == named(count)
    # The last page is empty.
    assert listing.asked == [*((offset, 5) for offset in range(0, count, 5)), (count, 5)]


@every_way
async def test_iter_page_size_is_default_of_parameter_and_pages_are_requested_when_needed(way: Way) -> None:
    listing, pages = Listing(way, named(2001)), operation(way.service)["x-pagination"]
    default = cloudjobs.document(way.service)["components"]["parameters"][pages["limit"]]["schema"]["default"]
    rows = iterate(listing)
    assert listing.asked == []
    (await anext(rows)) if way.asynchronous else next(rows)
    assert listing.asked == [(0, default)]
    assert len(await collected(rows)) == 2000
    assert listing.asked == [(0, default), (2001, default)]


@every_way
async def test_iter_of_service_that_limits_pages_yields_all_rows(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    listing = Listing(way, named(250), longest=100)
    assert await ids_of(listing, page_size=1000) == named(250)
    assert [offset for offset, _ in listing.asked] == [0, 100, 200, 250]
    assert not caplog.records


@pytest.mark.parametrize(("total", "pages"), [(12, 3), (10, 2), (None, 4), ("12", 4), (0, 1)])
def test_pages_end_when_declared_total_is_reached(total: object, pages: int) -> None:
    way = next(way for way in PAGED if not way.asynchronous)
    listed: Any = getattr(import_module(f"cloudjobs.{way.service}.operations"), "LIST_JOBS")  # noqa: B009
    # No document declares a total so far: the field with the size of the page is used in place of it.
    declared = operation(way.service)["x-pagination"]
    listed = msgspec.structs.replace(listed, pages=msgspec.structs.replace(listed.pages, total=declared["count"]))
    found, requested = Pages(listed, 100), 0
    while not found.is_over:
        ids = named(12)[found.arguments["offset"] :][:5]  # type: ignore[misc]
        body = json.loads(reply(way.service, *(job(way.service, "running", each) for each in ids)).content)
        body[declared["count"]] = total
        list(found.on_response(listed.response.from_dict(body)))
        requested += 1
    assert requested == pages


@every_way
@pytest.mark.parametrize("size", [0, -1, True, 1.5, "5"])
def test_iter_invalid_page_size_is_rejected_at_once(way: Way, size: Any) -> None:
    with pytest.raises(ValueError, match="page_size"):
        iterate(Listing(way, []), page_size=size)


# Lists that change


@every_way
async def test_iter_rows_moved_to_later_page_are_not_repeated(way: Way) -> None:
    def insert(listing: Listing, page: int) -> None:
        if page:
            listing.ids[:0] = named(3, f"new-{page}")

    found = await ids_of(Listing(way, named(20), insert), page_size=5)
    assert found == named(20)


@every_way
async def test_iter_page_repeated_by_insertion_raises(way: Way) -> None:
    def insert(listing: Listing, page: int) -> None:
        if page == 1:
            listing.ids[:0] = named(5, "new")

    listing = Listing(way, named(12), insert)
    found: list[Any] = []
    with pytest.raises(errors.PaginationError, match="offset: a full page of 5 rows has no new row"):
        await collected(iterate(listing, page_size=5), found)
    assert [cloudjobs.JobSnapshot.from_job(row).id for row in found] == named(5)
    assert len(listing.asked) == 2


@every_way
async def test_iter_page_with_one_new_row_continues(way: Way) -> None:
    def insert(listing: Listing, page: int) -> None:
        if page:
            listing.ids[:0] = named(4, f"new-{page}")

    listing = Listing(way, named(7), insert)
    assert await ids_of(listing, page_size=5) == named(7)


@every_way
async def test_iter_short_pages_without_new_row_end_with_a_warning(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    listing = Listing(way, named(4), ignores=("offset",))
    assert await ids_of(listing, page_size=5) == named(4)
    assert listing.asked == [(0, 5), (4, 5), (8, 5)]
    (record,) = caplog.records
    text = "pages of 4 rows had no new row; the service seems to ignore offset, and may have more rows"
    assert record.getMessage().endswith(text)


@every_way
async def test_iter_one_short_page_without_new_row_continues(way: Way) -> None:
    def insert(listing: Listing, page: int) -> None:
        if page == 1:
            listing.ids[:0] = named(3, "new")

    assert await ids_of(Listing(way, named(8), insert, longest=3), page_size=5) == named(8)


@every_way
async def test_iter_repeated_rows_are_logged_once(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    def insert(listing: Listing, page: int) -> None:
        if page in (1, 2):
            listing.ids[:0] = named(3, f"new-{page}")

    assert await ids_of(Listing(way, named(20), insert), page_size=5) == named(20)
    (record,) = caplog.records
    identity = job_shape(way.service)["id"]
    assert f"the row with {identity} 'job-2' was received twice" in record.getMessage()
    assert record.levelname == "WARNING"


@every_way
async def test_iter_deleted_row_may_skip_another(way: Way) -> None:
    def delete(listing: Listing, page: int) -> None:
        if page == 1:
            del listing.ids[0]

    found = await ids_of(Listing(way, named(12), delete), page_size=5)
    assert found == [each for each in named(12) if each != "job-5"]
    items = operation(way.service)["x-pagination"]["items"]
    text = " ".join((getattr(type(way.client(Listing(way, []), FakeClock())), f"iter_{items}").__doc__ or "").split())
    assert "deleted, another moves to an earlier page and is left out" in text


@DETERMINISTIC
@given(
    st.integers(0, 30),
    st.integers(2, 7),
    st.lists(st.tuples(st.sampled_from(["insert", "append", "delete last"]), st.integers(0, 3)), max_size=8),
)
def test_iter_changing_listing_repeats_and_loses_no_row(count: int, size: int, changes: list[tuple[str, int]]) -> None:
    way = next(way for way in PAGED if not way.asynchronous)
    gone: set[str] = set()

    def change(listing: Listing, page: int) -> None:
        kind, number = changes[page] if page < len(changes) else ("insert", 0)
        number = min(number, size - 1)
        if kind == "delete last":
            gone.update(listing.ids[len(listing.ids) - number :])
            del listing.ids[len(listing.ids) - number :]
        else:
            place = 0 if kind == "insert" else len(listing.ids)
            listing.ids[place:place] = named(number, f"{kind}-{page}")

    listing = Listing(way, named(count), change)
    client = way.client(listing, FakeClock())
    items = operation(way.service)["x-pagination"]["items"]
    found = [
        cloudjobs.JobSnapshot.from_job(row).id for row in getattr(client, f"iter_{items}")(*way.where, page_size=size)
    ]
    assert len(found) == len(set(found))
    # A page that a deletion at the end has cut short ends the iteration, behind everything that there is.
    assert {*named(count)} - gone <= {*found}


# Services that do not keep to the pages


@every_way
async def test_iter_ignored_limit_raises_pagination_error(way: Way) -> None:
    listing = Listing(way, named(12), ignores=("limit",))
    with pytest.raises(errors.PaginationError, match="limit: the page has 12 rows, requested were 5") as raised:
        await ids_of(listing, page_size=5)
    assert pickle.loads(pickle.dumps(raised.value)).parameter == "limit"
    assert len(listing.asked) == 1
    assert await ids_of(Listing(way, named(12), ignores=("limit",)), page_size=13) == named(12)


@every_way
@pytest.mark.parametrize("size", [1, 5])
async def test_iter_ignored_offset_raises_pagination_error(way: Way, size: int) -> None:
    listing = Listing(way, named(12), ignores=("offset",))
    found: list[Any] = []
    with pytest.raises(errors.PaginationError, match="offset") as raised:
        await collected(iterate(listing, page_size=size), found)
    assert raised.value.parameter == "offset"
    assert len(listing.asked) == 2
    assert len(found) == size


CARRIED = [each for each in doc_examples.CARRIED if "x-pagination" in operation(each.way.operation.service)]


@pytest.mark.parametrize("carried", CARRIED, ids=doc_examples.named)
async def test_iter_ignored_offset_over_network_raises(carried: doc_examples.Carried) -> None:
    called = carried.way.operation
    items = operation(called.service)["x-pagination"]["items"]
    page = reply(called.service, *(job(called.service, "running", each) for each in named(5))).content
    found: list[Any] = []
    with transports.serving(lambda path: transports.reply("200 OK", page)) as server:
        async with carried.client(server.url) as client:
            with pytest.raises(errors.PaginationError, match="offset: a full page of 5 rows has no new row"):
                await collected(getattr(client, f"iter_{items}")(**called.arguments(), page_size=5), found)
    assert len(found) == 5
    assert len(server.paths) == 2


def shuffle_rows(listing: Listing, page: int) -> None:
    Random(page).shuffle(listing.ids)


@every_way
async def test_iter_repeated_page_in_another_order_raises(way: Way) -> None:
    listing = Listing(way, named(5), shuffle_rows, ignores=("offset",))
    found: list[Any] = []
    with pytest.raises(errors.PaginationError, match="a full page of 5 rows has no new row") as raised:
        await collected(iterate(listing, page_size=5), found)
    assert raised.value.parameter == "offset"
    assert len(listing.asked) == 2
    assert {cloudjobs.JobSnapshot.from_job(row).id for row in found} == {*named(5)}


@every_way
async def test_iter_pages_starting_over_raises(way: Way) -> None:
    listing = Listing(way, named(10), lambda listing, page: listing.ids.extend(named(10)))
    with pytest.raises(errors.PaginationError, match="offset"):
        await ids_of(listing, page_size=5)
    assert len(listing.asked) == 3


@every_way
async def test_iter_repeated_rows_without_id_raises(way: Way) -> None:
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        rows = [job(way.service, state) for state in ("pending", "running", "succeeded", "failed")]
        for row in rows:
            del row[job_shape(way.service)["id"]]
        Random(asked).shuffle(rows)
        return reply(way.service, *rows)

    items = operation(way.service)["x-pagination"]["items"]
    client = way.client(httpx.MockTransport(answer), FakeClock())
    with pytest.raises(errors.PaginationError, match="offset"):
        await collected(getattr(client, f"iter_{items}")(*way.where, page_size=4))
    assert asked == 2


@every_way
async def test_iter_rows_with_long_ids_repeats_none(way: Way) -> None:
    ids = [f"{'job' * 1000}-{number}" for number in range(12)]

    def insert(listing: Listing, page: int) -> None:
        if page:
            listing.ids[:0] = named(3, f"new-{page}")

    assert await ids_of(Listing(way, [*ids], insert), page_size=5) == ids


@every_way
async def test_iter_repeated_page_with_changed_states_raises(way: Way) -> None:
    listing = Listing(way, named(12))
    states = iter(["pending", "running", "succeeded", "failed"])

    def answer(request: httpx.Request) -> httpx.Response:
        state = next(states)
        return reply(way.service, *(job(way.service, state, each) for each in named(5)))

    items = operation(way.service)["x-pagination"]["items"]
    client = way.client(httpx.MockTransport(answer), FakeClock())
    with pytest.raises(errors.PaginationError, match="offset"):
        await collected(getattr(client, f"iter_{items}")(*listing.way.where, page_size=5))


@every_way
async def test_iter_response_without_rows_ends(way: Way) -> None:
    items = operation(way.service)["x-pagination"]["items"]
    client = way.client(httpx.MockTransport(lambda request: httpx.Response(200, json={})), FakeClock())
    assert await collected(getattr(client, f"iter_{items}")(*way.where)) == []


@every_way
async def test_iter_rows_without_id_yields_all(way: Way) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows = [job(way.service, "running") for _ in range(3)]
        for row in rows:
            del row[job_shape(way.service)["id"]]
        return reply(way.service, *rows)

    items = operation(way.service)["x-pagination"]["items"]
    client = way.client(httpx.MockTransport(answer), FakeClock())
    assert len(await collected(getattr(client, f"iter_{items}")(*way.where, page_size=5))) == 3


@every_way
async def test_iter_page_with_status_error_is_retried(way: Way) -> None:
    listing = Listing(way, named(7))
    clock, fail = FakeClock(), iter([True, False, True, False, True, False])

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if next(fail) else listing._answer(request)

    items = operation(way.service)["x-pagination"]["items"]
    client = way.client(httpx.MockTransport(answer), clock)
    assert len(await collected(getattr(client, f"iter_{items}")(*way.where, page_size=5))) == 7
    assert len(clock.slept) == 3
