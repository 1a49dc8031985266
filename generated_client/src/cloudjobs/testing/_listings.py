# Generated from generator/client/runtime/testing/_listings.py. Do not edit: change that, and run `make generate`.
"""A listing of any length, cut to a page: jobs on their walks, recorded rows, and rows made of those."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from ._identities import Identities
from ._jobs import Job
from ._recorded import Reply
from ._shapes import Field

_MARK = "\u0000the id\u0000"


@attrs.frozen
class Pages:
    """How a listing comes in pages: names of its parameters and fields."""

    offset: str | None
    limit: str | None
    items: str
    count: str | None = None


@attrs.frozen
class _Row:
    """A recorded row, in the pieces around its ID."""

    before: str
    after: str
    identities: Identities

    def text(self, number: int) -> str:
        return f"{self.before}{json.dumps(self.identities(number))[1:-1]}{self.after}"


class Listing:
    """One listing.

    Args:
        reply: The whole of it, as it was recorded.
        pages: How it comes in pages.
        identity: Where a row's ID stands, if rows have one.
        seed: What IDs of further rows follow from.
    """

    def __init__(self, reply: Reply, pages: Pages, identity: Field | None, seed: int) -> None:
        self.path = reply.path
        self.jobs: dict[str, Job] = {}
        self._reply, self._pages, self._identity, self._seed = reply, pages, identity, seed
        self._body: dict[str, Any] = json.loads(reply.text)
        self._recorded: list[Any] = self._body[pages.items]
        self._rows = [_dumps(row) for row in self._recorded]
        self._models: list[_Row] = []
        self._length = len(self._rows)

    def without_rows(self, path: Mapping[str, str]) -> Listing:
        """An empty listing of the same form, for other path parameters."""
        body = {**self._body, self._pages.items: []}
        if self._pages.count in body:
            body[self._pages.count] = 0
        return Listing(attrs.evolve(self._reply, path=path, text=_dumps(body)), self._pages, self._identity, self._seed)

    def take_rows(self, rows: int, model: Listing) -> None:
        """Let it have so many rows besides its jobs, made of the recorded ones of a listing. Raises `ValueError`."""
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
            raise ValueError(f"rows is {rows!r}: give a number, 0 or more")
        self._models = list(_models(model._recorded, self._identity, self._seed))
        if rows > len(self._rows) and not self._models:
            raise ValueError("no row with an id is recorded, so that none can be made like it")
        self._length = rows

    def __len__(self) -> int:
        return len(self.jobs) + self._length

    def page(self, values: Mapping[str, Any], now: float, *, counts: bool = True) -> Reply:
        """The reply to a request with these parameters."""
        offset = values.get(self._pages.offset or "") or 0
        limit = values.get(self._pages.limit or "")
        end = len(self) if limit is None else min(offset + limit, len(self))
        if not self.jobs and offset == 0 and end == self._length == len(self._rows) and self._counts_well:
            return self._reply
        jobs = list(self.jobs.values())
        rows = [job.text(now, counts=counts) for job in jobs[offset:end]]
        rows += [self._row(number) for number in range(max(offset - len(jobs), 0), end - len(jobs))]
        return attrs.evolve(self._reply, text=self._page_of(rows))

    @property
    def _counts_well(self) -> bool:
        return self._pages.count not in self._body or self._body[self._pages.count] == len(self._rows)

    def _row(self, number: int) -> str:
        if number < len(self._rows):
            return self._rows[number]
        return self._models[number % len(self._models)].text(number)

    def _page_of(self, rows: Sequence[str]) -> str:
        fields = []
        for name, value in self._body.items():
            if name == self._pages.items:
                text = f"[{', '.join(rows)}]"
            else:
                text = str(len(rows)) if name == self._pages.count else _dumps(value)
            fields.append(f"{_dumps(name)}: {text}")
        return f"{{{', '.join(fields)}}}"


def is_listing(text: str, pages: Pages) -> bool:
    """Whether a recorded body is a listing."""
    try:
        body = json.loads(text)
    except ValueError:
        return False
    return isinstance(body, dict) and isinstance(body.get(pages.items), list)


def _models(rows: Sequence[Any], identity: Field | None, seed: int) -> Iterator[_Row]:
    for row in rows:
        known = identity.get(row) if identity else None
        if identity is not None and isinstance(known, str) and known:
            marked = json.loads(json.dumps(row))
            identity.put(marked, _MARK)
            before, after = _dumps(marked).split(_dumps(_MARK)[1:-1])
            yield _Row(before, after, Identities(known, seed))


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
