# Generated from generator/client/runtime/_pagination.py. Do not edit: change that, and run `make generate`.
"""Sans-I/O pagination: the arguments of the next page, and the new rows of a response."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from ._jobs import text_at
from ._models import Model
from ._operations import Operation, PaginationSpec
from ._response import one_line
from ._rows import LazyList
from .errors import PaginationError

logger = logging.getLogger(__package__)

_LONGEST_KEPT = 64
"""Characters of an ID that is kept as it is."""
_DECODED = 1000
"""Rows that become models at a time: a page can have a hundred thousand."""
_MOST_REPEATS = 2
"""Short pages in a row without a new row, after which the iteration ends."""


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
        self._repeats = 0
        self._is_repeat_logged = False
        self._seen: set[str | bytes] = set()

    @property
    def arguments(self) -> dict[str, object]:
        """The arguments of the next page."""
        return {self._spec.offset: self._offset, self._spec.limit: self._size}

    def on_response(self, response: Model) -> Iterator[Any]:
        """Process a page. Yields its rows without those of an earlier page, which are logged.

        A page may be shorter than requested, because services limit pages. The last one is empty, or reaches the total
        that the service declares.

        Raises:
            PaginationError: The page has more rows than requested, or is a full page without a new row.
        """
        held = getattr(response, self._spec.items, None)
        rows = held if isinstance(held, LazyList) else LazyList[Any]()
        if len(rows) > self._size:
            raise self._error(self._spec.limit, f"{len(rows)} rows came where {self._size} were asked for")
        before, unnamed, repeated = len(self._seen), [], None
        for begin in range(0, len(rows), _DECODED):
            some = rows[begin : begin + _DECODED]
            for row, (_, raw) in zip(some.to_list(), some._undecoded(), strict=True):
                # Compared by ID, in whatever order rows come: a job may have changed meanwhile.
                identity = text_at(row, self._spec.identity) if isinstance(row, Model) else None
                key = _digest(raw) if identity is None else _short(identity)
                if key not in self._seen:
                    self._seen.add(key)
                    yield row
                elif identity is None:
                    unnamed.append(row)
                else:
                    repeated = repeated or identity
        is_repeat = len(rows) > 0 and len(self._seen) == before
        if is_repeat and len(rows) == self._size:
            raise self._error(self._spec.offset, f"a full page of {len(rows)} rows had no new one")
        if not is_repeat:
            # Rows without an ID may be equal and not the same; but a page of them alone is an earlier page.
            yield from unnamed
            self._log_repeat(repeated)
        self._offset += len(rows)
        self._repeats = self._repeats + 1 if is_repeat else 0
        if self._repeats == _MOST_REPEATS:
            logger.warning(
                "%s: pages of %d rows had no new one; the service seems to ignore %s, and may have more rows",
                *(self._operation, len(rows), self._spec.offset),
            )
        self.is_over = (
            not len(rows) or self._repeats == _MOST_REPEATS or self._spec.reaches_total(response, self._offset)
        )

    def _log_repeat(self, identity: str | None) -> None:
        if identity is not None and not self._is_repeat_logged:
            self._is_repeat_logged = True
            logger.warning(
                "%s: the row whose %s is %r came twice, and is yielded once; the listing changed while it was read",
                *(self._operation, " or ".join(self._spec.identity), one_line(identity)),
            )

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
