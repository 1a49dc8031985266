# Generated from generator/client/runtime/_pagination.py. Do not edit: change that, and run `make generate`.
"""Sans-I/O pagination: the arguments of the next page, and the new rows of a response."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from ._jobs import text_at
from ._json import as_json
from ._models import Model, as_text, to_json, value_at
from ._operations import URL, Header, Operation, PaginationSpec
from ._response import one_line
from ._rows import LazyList
from ._urls import same_origin
from .errors import PaginationError

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__package__)

_LONGEST_KEPT = 64
"""Characters of an ID that is kept as it is."""
_DECODED = 1000
"""Rows that become models at a time: a page can have a hundred thousand."""
_MOST_REPEATS = 2
"""Short pages in a row without a new row, after which the iteration ends."""


class PageCursor:
    """The place of the next page of a listing.

    Args:
        spec: The pagination of the listing.
        base_url: The address that URLs of next pages must be at.
        size: Rows of a page; None to leave that to the service.
    """

    def __init__(self, spec: PaginationSpec, base_url: str, size: int | None = None) -> None:
        self.is_over = False
        self.rows = 0
        """Rows of the pages so far."""
        self._spec = spec
        self._base_url = base_url
        self._number = spec.first
        self._following: str | None = None
        """The token or the URL of the next page."""
        self._limit: dict[str, object] = {} if size is None or not spec.limit else {spec.limit: size}
        self._is_explicit = size is not None

    @property
    def arguments(self) -> dict[str, object]:
        """The arguments of the next page. Those of the first page may be its size alone."""
        spec = self._spec
        if self._following is not None:
            return {spec.token: self._following, **self._limit} if spec.token else {URL: self._following}
        place: dict[str, object] = {}
        if self.rows or self._is_explicit:
            place = {spec.offset: self.rows} if spec.offset else {spec.page: self._number} if spec.page else {}
        return {**place, **self._limit}

    def advance(self, response: object, count: int, headers: httpx.Headers | None) -> None:
        """Go to the page after a response with so many rows. Raises `ValueError` for an address of another origin."""
        spec = self._spec
        self.rows += count
        self._number += 1
        total, more = (value_at(response, path) if path else None for path in (spec.total, spec.more))
        if spec.next:
            before, self._following = self._following, self._next(response, headers)
            # A service that names the same page again would never end.
            self.is_over = self._following is None or self._following == before
        else:
            self.is_over = not count
        is_all = isinstance(total, int) and self.rows >= total
        self.is_over = self.is_over or is_all or more is False

    def _next(self, response: object, headers: httpx.Headers | None) -> str | None:
        where = self._spec.next
        if isinstance(where, Header):
            text = headers.get(where.name) if headers is not None else None
            if text is not None and where.name.lower() == "link":
                text = next_link(text)
        else:
            text = as_text(value_at(response, where))
        if not text or self._spec.token:
            return text or None
        return same_origin(self._base_url, text)


def next_link(header: str) -> str | None:
    """Return the target of the link with `rel=next` in a Link header (RFC 8288), or None."""
    for target, parameters in _LINK.findall(header):
        relations = _REL.search(parameters)
        if relations and "next" in (relations[1] or relations[2]).lower().split():
            return str(target)
    return None


_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^\s;,=]+(?:=(?:\"[^\"]*\"|[^\s;,]*))?)*)")

_REL = re.compile(r";\s*rel=(?:\"([^\"]*)\"|([^\s;,]*))", re.IGNORECASE)


def rows_of(response: object, path: str) -> LazyList[Any]:
    """Return the rows at a path of a response; an empty list without any."""
    found = value_at(response, path)
    if isinstance(found, LazyList):
        return found
    return LazyList(found if isinstance(found, list) else ())


def positions(rows: LazyList[Any], path: str) -> dict[str, int]:
    """Return the index of the first row with each ID, as text."""
    try:
        # Reads only that field of each row.
        values = rows.columns(path)[path] if rows.source is not None and _PLAIN.fullmatch(path) else None
    except TypeError:
        values = None
    found: dict[str, int] = {}
    for index, value in enumerate((value_at(row, path) for row in rows) if values is None else values):
        if (text := as_text(value)) is not None:
            found.setdefault(text, index)
    return found


_PLAIN = re.compile(r'[^\[\]"$]+')


class Pages:
    """The pages of one listing: where the next one starts, and which of its rows are new."""

    def __init__(self, operation: Operation[Any], page_size: int, base_url: str = "") -> None:
        if isinstance(page_size, bool) or not isinstance(page_size, int) or page_size < 1:
            raise ValueError(f"page_size must be an integer >= 1, got {page_size!r}")
        if operation.pages is None:
            raise TypeError(f"{operation.id} must have pages, got an operation without x-pagination")
        self.is_over = False
        self._operation = operation
        self._spec: PaginationSpec = operation.pages
        # Without a parameter for the size of a page, the service decides.
        self._size = page_size if self._spec.limit else 0
        self._cursor = PageCursor(self._spec, base_url, page_size)
        self._repeats = 0
        self._is_repeat_logged = False
        self._seen: set[str | bytes] = set()

    @property
    def arguments(self) -> dict[str, object]:
        """The arguments of the next page."""
        return self._cursor.arguments

    def on_response(self, response: object, headers: httpx.Headers | None = None) -> Iterator[Any]:
        """Process a page. Yields its rows without those of an earlier page, which are logged.

        A page may be shorter than requested, because services limit pages. The last one is empty, names no next page,
        or reaches the total that the service declares.

        Raises:
            PaginationError: The page has more rows than requested, is a full page without a new row, or names a next
                page at another address.
        """
        rows = rows_of(response, self._spec.items)
        if self._size and len(rows) > self._size:
            raise self._error(self._spec.limit, f"the page has {len(rows)} rows, requested were {self._size}")
        before, unnamed, repeated = len(self._seen), [], None
        for begin in range(0, len(rows), _DECODED):
            some = rows[begin : begin + _DECODED]
            for row, (_, raw) in zip(some.to_list(), some._undecoded(), strict=True):
                # Rows are compared by ID, in any order, because a job may have changed since the last page.
                identity = text_at(row, self._spec.identity) if isinstance(row, Model) else None
                key = _digest(_bytes(raw)) if identity is None else _short(identity)
                if key not in self._seen:
                    self._seen.add(key)
                    yield row
                elif identity is None:
                    unnamed.append(row)
                else:
                    repeated = repeated or identity
        is_repeat = len(rows) > 0 and len(self._seen) == before
        if is_repeat and len(rows) == self._size:
            raise self._error(self._place, f"a full page of {len(rows)} rows has no new row")
        if not is_repeat:
            # Equal rows without an ID can be different rows. But a page of only known rows is an earlier page.
            yield from unnamed
            self._log_repeat(repeated)
        try:
            self._cursor.advance(response, len(rows), headers)
        except ValueError as error:
            raise self._error(self._place, str(error), is_ignored=False) from None
        self._repeats = self._repeats + 1 if is_repeat else 0
        if self._repeats == _MOST_REPEATS:
            logger.warning(
                "%s: pages of %d rows had no new row; the service seems to ignore %s, and may have more rows",
                *(self._operation, len(rows), self._place),
            )
        self.is_over = self._repeats == _MOST_REPEATS or self._cursor.is_over

    @property
    def _place(self) -> str:
        """The argument for the requested page."""
        spec = self._spec
        return spec.offset or spec.page or spec.token or "the URL of the next page"

    def _log_repeat(self, identity: str | None) -> None:
        if identity is not None and not self._is_repeat_logged:
            self._is_repeat_logged = True
            logger.warning(
                "%s: the row with %s %r was received twice, and is yielded once; the listing changed while it was read",
                *(self._operation, " or ".join(self._spec.identity), one_line(identity)),
            )

    def _error(self, parameter: str, text: str, *, is_ignored: bool = True) -> PaginationError:
        operation = self._operation
        return PaginationError(
            f"{operation} seems to ignore {parameter}: {text}" if is_ignored else f"{operation}: {text}",
            service=operation.service,
            operation=operation.id,
            parameter=parameter,
        )


def _short(identity: str) -> str | bytes:
    """Return an ID, or the digest of one so long that keeping thousands of them would take much memory."""
    return identity if len(identity) <= _LONGEST_KEPT else _digest(identity.encode("utf-8", "surrogatepass"))


def _bytes(raw: Any) -> Any:
    """Return a row as bytes: of a response as they came, of a model as JSON."""
    return as_json(to_json(raw)).encode() if isinstance(raw, Model | dict | str | int | float | None) else raw


def _digest(content: Any) -> bytes:
    return blake2b(content, digest_size=16).digest()
