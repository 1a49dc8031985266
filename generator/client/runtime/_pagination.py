"""Iteration over the pages of a listing, synchronous and asynchronous."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import blake2b
from typing import Any, TypeVar

from ._client import AsyncClient, Client
from ._jobs import text_at
from ._models import Model
from ._operations import Operation, PaginationSpec
from ._rows import LazyList
from .errors import PaginationError

M = TypeVar("M", bound=Model)

_LONGEST_KEPT = 64
"""Characters of an ID that is kept as it is."""


def iterate(client: Client, operation: Operation[M], arguments: Mapping[str, object], page_size: int) -> Iterator[Any]:
    """Give the rows of all pages."""
    pages = _Pages(operation, page_size)

    def rows() -> Iterator[Any]:
        while not pages.is_over:
            reply = client._call(operation, {**arguments, **pages.arguments}, client._options).parse()
            yield from pages.on_response(reply)

    return rows()


def iterate_async(
    client: AsyncClient, operation: Operation[M], arguments: Mapping[str, object], page_size: int
) -> AsyncIterator[Any]:
    """Give the rows of all pages."""
    pages = _Pages(operation, page_size)

    async def rows() -> AsyncIterator[Any]:
        while not pages.is_over:
            raw = await client._call(operation, {**arguments, **pages.arguments}, client._options)
            for row in pages.on_response(raw.parse()):
                yield row

    return rows()


class _Pages:
    """Where the next page starts, and which of its rows are new."""

    def __init__(self, operation: Operation[Any], page_size: int) -> None:
        if isinstance(page_size, bool) or not isinstance(page_size, int) or page_size < 1:
            raise ValueError(f"page_size is {page_size!r}: give a number of rows, 1 or more")
        if operation.pages is None:
            raise TypeError(f"{operation.id} has no pages")
        self.is_over = False
        self._operation = operation
        self._shape: PaginationSpec = operation.pages
        self._size = page_size
        self._offset = 0
        self._seen: set[str | bytes] = set()
        self._repeated = False

    @property
    def arguments(self) -> dict[str, object]:
        """What to ask for."""
        return {self._shape.offset: self._offset, self._shape.limit: self._size}

    def on_response(self, reply: Model) -> list[Any]:
        """Take a page in. Returns its rows without those that an earlier page had; rows without an ID are all new.

        Raises:
            PaginationIgnored: The page is longer than was asked for, or the second in a row that repeats earlier rows.
        """
        held = getattr(reply, self._shape.items, None)
        rows = held if isinstance(held, LazyList) else LazyList[Any]()
        if len(rows) > self._size:
            raise self._ignored(self._shape.limit, f"{len(rows)} rows came where {self._size} were asked for")
        before, new = len(self._seen), []
        for row, (_, raw) in zip(rows.to_list(), rows._undecoded(), strict=True):
            # By what identifies a row, in whatever order rows come: a job may have moved on meanwhile.
            identity = text_at(row, self._shape.identity) if isinstance(row, Model) else None
            key = _digest(raw) if identity is None else _short(identity)
            if identity is None or key not in self._seen:
                new.append(row)
            self._seen.add(key)
        self.is_over = len(rows) < self._size
        self._offset += self._size
        repeated = not self.is_over and len(self._seen) == before
        # Once may be chance: as many new rows before the page as it is long. Not so with the page after that.
        if repeated and self._repeated:
            raise self._ignored(self._shape.offset, f"two pages in a row had {len(rows)} rows, and no new one")
        self._repeated = repeated
        return new

    def _ignored(self, parameter: str, what: str) -> PaginationError:
        operation = self._operation
        return PaginationError(
            f"{operation.service}.{operation.id} seems to ignore {parameter}: {what}",
            service=operation.service,
            operation=operation.id,
            parameter=parameter,
        )


def _short(identity: str) -> str | bytes:
    """An ID, or the digest of one so long that keeping thousands of them would take much memory."""
    return identity if len(identity) <= _LONGEST_KEPT else _digest(identity.encode("utf-8", "surrogatepass"))


def _digest(content: Any) -> bytes:
    return blake2b(content, digest_size=16).digest()
