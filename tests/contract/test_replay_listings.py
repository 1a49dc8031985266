"""A listing comes in pages as documented, even if the recorded service ignored the limit."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudjobs.testing import replay_app
from tests.exhaustive import sample

from .contracts import Recorded, named, recorded, same_json
from .live_helpers import ask, assert_recorded

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=sample(80))
LISTINGS = [one for one in recorded() if one.is_success and "x-pagination" in one.operation.node]
BEYOND = 3
"""How far past the end of a listing the tests ask for."""


def test_recordings_include_a_listing() -> None:
    assert LISTINGS


def names(one: Recorded) -> tuple[str, str, str]:
    """Return names of the offset, of the limit and of the list."""
    pages = one.operation.node["x-pagination"]
    return pages["offset"], pages["limit"], pages["items"]


def items(one: Recorded, body: Any) -> list[Any]:
    found: list[Any] = body[names(one)[2]]
    return found


def schema(one: Recorded, name: str) -> dict[str, Any]:
    (found,) = (each["schema"] for each in one.operation.parameters_in("query") if each["name"] == name)
    return dict(found)


async def get(one: Recorded, query: dict[str, Any]) -> Any:
    reply = await ask(replay_app(one.operation.service), one.asking(**query), one.headers)
    assert reply.status_code == one.status
    return reply.json()


@pytest.mark.parametrize("one", LISTINGS, ids=named)
def test_replay_listing_offset_and_limit_are_honoured(one: Recorded) -> None:
    offset_name, limit_name, list_name = names(one)
    count = one.operation.node["x-pagination"].get("count")
    whole = items(one, one.body)
    furthest = len(whole) + BEYOND
    most = min(schema(one, limit_name).get("maximum", furthest), furthest)
    lengths = set()

    def rest(body: Any) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in (list_name, count)}

    @SETTINGS
    @given(
        st.integers(schema(one, offset_name).get("minimum", 0), furthest),
        st.integers(schema(one, limit_name).get("minimum", 1), most),
    )
    def run(offset: int, limit: int) -> None:
        body = anyio.run(get, one, {offset_name: offset, limit_name: limit})
        expected = [item for place, item in enumerate(whole) if offset <= place < offset + limit]
        assert len(items(one, body)) <= limit
        assert same_json(items(one, body), expected)
        assert same_json(rest(body), rest(one.body))
        assert count not in one.body or body[count] == len(expected)
        lengths.add(len(expected))

    run()
    assert lengths == {*range(min(len(whole), most) + 1)}


@pytest.mark.anyio
@pytest.mark.parametrize("one", LISTINGS, ids=named)
async def test_replay_listing_pages_of_any_size_cover_all_items(one: Recorded) -> None:
    offset_name, limit_name, _ = names(one)
    whole = items(one, one.body)
    for size in range(1, len(whole) + BEYOND):
        collected: list[Any] = []
        while page := items(one, await get(one, {offset_name: len(collected), limit_name: size})):
            collected += page
            assert len(collected) <= len(whole)
        assert same_json(collected, whole), size


@pytest.mark.anyio
@pytest.mark.parametrize("one", LISTINGS, ids=named)
async def test_replay_listing_missing_parameters_use_defaults(one: Recorded) -> None:
    offset_name, limit_name, _ = names(one)
    app = replay_app(one.operation.service)
    for missing in ([offset_name], [limit_name], [offset_name, limit_name]):
        said = dict.fromkeys(missing)
        stated = {name: schema(one, name).get("default") for name in missing}
        reply = await ask(app, one.asking(**said), one.headers)
        assert_recorded(reply, one, {**one.query, **stated})
        assert same_json(reply.json(), await get(one, stated))
