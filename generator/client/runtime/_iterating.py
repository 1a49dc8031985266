"""Goes through the pages of a listing. What to ask for next is decided once, for both kinds of client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, TypeVar

from ._client import AsyncClient, Client
from ._models import Model
from ._operations import Operation, PageShape
from ._rows import Rows
from ._snapshots import text_at
from .errors import PaginationIgnored

M = TypeVar("M", bound=Model)


def iterate(client: Client, operation: Operation[M], arguments: Mapping[str, object], page_size: int) -> Iterator[Any]:
    """Give the rows of all pages."""
    pages = _Pages(operation, page_size)

    def rows() -> Iterator[Any]:
        while not pages.is_over:
            reply = client._call(operation, {**arguments, **pages.arguments}, client._options).parse()
            yield from pages.took(reply)

    return rows()


def iterate_async(
    client: AsyncClient, operation: Operation[M], arguments: Mapping[str, object], page_size: int
) -> AsyncIterator[Any]:
    """Give the rows of all pages."""
    pages = _Pages(operation, page_size)

    async def rows() -> AsyncIterator[Any]:
        while not pages.is_over:
            raw = await client._call(operation, {**arguments, **pages.arguments}, client._options)
            for row in pages.took(raw.parse()):
                yield row

    return rows()


class _Pages:
    """Where the next page begins, and which of its rows are new."""

    def __init__(self, operation: Operation[Any], page_size: int) -> None:
        if isinstance(page_size, bool) or not isinstance(page_size, int) or page_size < 1:
            raise ValueError(f"page_size is {page_size!r}: give a number of rows, 1 or more")
        if operation.pages is None:
            raise TypeError(f"{operation.id} has no pages")
        self.is_over = False
        self._operation = operation
        self._shape: PageShape = operation.pages
        self._size = page_size
        self._offset = 0
        self._seen: set[str] = set()
        self._last: list[Any] = []
        self._repeated = False

    @property
    def arguments(self) -> dict[str, object]:
        """What to ask for."""
        return {self._shape.offset: self._offset, self._shape.limit: self._size}

    def took(self, reply: Model) -> Iterator[Any]:
        """Take a page in, and give those of its rows that were not on an earlier one.

        Raises:
            PaginationIgnored: The page is longer than was asked for, or the same as the last ones.
        """
        held = getattr(reply, self._shape.items, None)
        rows = held if isinstance(held, Rows) else Rows[Any]()
        if len(rows) > self._size:
            raise self._ignored(self._shape.limit, f"{len(rows)} rows came where {self._size} were asked for")
        made = rows.build()
        identities = [text_at(row, self._shape.identity) if isinstance(row, Model) else None for row in made]
        self._refuse_repetition([identity or row for identity, row in zip(identities, made, strict=True)])
        self.is_over = len(made) < self._size
        self._offset += self._size
        return self._new(made, identities)

    def _refuse_repetition(self, page: list[Any]) -> None:
        """Hold a page against the one before, by what identifies its rows: a job may have moved on meanwhile."""
        repeated = bool(page) and page == self._last
        # Once may be chance: as many new rows before the page as it is long. Not so with the page after that.
        if repeated and self._repeated:
            raise self._ignored(self._shape.offset, f"the same {len(page)} rows came for three pages in a row")
        self._last, self._repeated = page, repeated

    def _new(self, rows: list[Any], identities: list[str | None]) -> Iterator[Any]:
        for row, identity in zip(rows, identities, strict=True):
            if identity is None:
                yield row
            elif identity not in self._seen:
                self._seen.add(identity)
                yield row

    def _ignored(self, parameter: str, what: str) -> PaginationIgnored:
        operation = self._operation
        return PaginationIgnored(
            f"{operation.service}.{operation.id} seems to ignore {parameter}: {what}",
            service=operation.service,
            operation=operation.id,
            parameter=parameter,
        )
