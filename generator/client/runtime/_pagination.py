"""Sans-I/O pagination: the arguments of the next page, and the new rows of a response."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from ._jobs import text_at
from ._models import Model
from ._operations import Operation, PaginationSpec
from ._rows import LazyList
from .errors import PaginationError

_LONGEST_KEPT = 64
"""Characters of an ID that is kept as it is."""


class Pages:
    """The pages of one listing: where the next one starts, and which of its rows are new."""

    def __init__(self, operation: Operation[Any], page_size: int) -> None:
        if isinstance(page_size, bool) or not isinstance(page_size, int) or page_size < 1:
            raise ValueError(f"page_size must be 1 or more rows, got {page_size!r}")
        if operation.pages is None:
            raise TypeError(f"{operation.id} has no pages")
        self.is_over = False
        self._operation = operation
        self._spec: PaginationSpec = operation.pages
        self._size = page_size
        self._offset = 0
        self._seen: set[str | bytes] = set()

    @property
    def arguments(self) -> dict[str, object]:
        """The arguments of the next page."""
        return {self._spec.offset: self._offset, self._spec.limit: self._size}

    def on_response(self, response: Model) -> list[Any]:
        """Process a page. Returns its rows without those of an earlier page; rows without an ID are all new.

        Raises:
            PaginationError: The page has more rows than requested, or is a full page without a new row.
        """
        held = getattr(response, self._spec.items, None)
        rows = held if isinstance(held, LazyList) else LazyList[Any]()
        if len(rows) > self._size:
            raise self._error(self._spec.limit, f"{len(rows)} rows came where {self._size} were asked for")
        before, new = len(self._seen), []
        for row, (_, raw) in zip(rows.to_list(), rows._undecoded(), strict=True):
            # Compared by ID, in whatever order rows come: a job may have changed meanwhile.
            identity = text_at(row, self._spec.identity) if isinstance(row, Model) else None
            key = _digest(raw) if identity is None else _short(identity)
            if identity is None or key not in self._seen:
                new.append(row)
            self._seen.add(key)
        self.is_over = len(rows) < self._size
        self._offset += self._size
        if not self.is_over and len(self._seen) == before:
            raise self._error(self._spec.offset, f"a full page of {len(rows)} rows had no new one")
        return new

    def _error(self, parameter: str, text: str) -> PaginationError:
        operation = self._operation
        return PaginationError(
            f"{operation} seems to ignore {parameter}: {text}",
            service=operation.service,
            operation=operation.id,
            parameter=parameter,
        )


def _short(identity: str) -> str | bytes:
    """An ID, or the digest of one so long that keeping thousands of them would take much memory."""
    return identity if len(identity) <= _LONGEST_KEPT else _digest(identity.encode("utf-8", "surrogatepass"))


def _digest(content: Any) -> bytes:
    return blake2b(content, digest_size=16).digest()
