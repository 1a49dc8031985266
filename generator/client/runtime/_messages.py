"""Requests and responses, independent of the HTTP library that carries them; encodings and charsets of bodies.

httpx and aiohttp decompress each chunk completely, through all encodings, before its size can be checked.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from ._clock import RemainingTime
from ._operations import SCHEMES_EXTENSION, Opaque, Operation, Secret, SecurityScheme
from ._stacks import default_stack, stack_of
from .errors import APIConnectionError, APITimeoutError, CloudJobsError, InvalidResponseError

if TYPE_CHECKING:
    import httpx

ACCEPTED = "gzip, deflate"
"""The encodings that requests accept: only those that this module can decompress."""

MOST_ENCODINGS = 5

_CODINGS = frozenset(
    (
        *("gzip", "x-gzip", "deflate"),
        *("aes128gcm", "br", "bzip2", "compress", "dcb", "dcz", "exi", "lz4", "lzma", "pack200-gzip", "snappy"),
        *("x-bzip2", "x-compress", "xz", "zstd"),
    )
)
"""Encodings that change a body. Any other value, such as `none` or a charset, is a mistake of a server and is ignored.
"""

_MOST_MEMBERS = 10_000

_PIECE = 64 * 1024

_OVERHEAD = 1024 * 1024
"""Bytes by which compressed data may be longer than its body. Real compression adds fewer."""

_GZIP_OR_ZLIB = 47

_RAW_DEFLATE = -15


class DecompressionError(ValueError):
    """The body is not compressed as its Content-Encoding states, or takes too long to decompress."""


class Decompressor:
    """Decompresses a body while it arrives, in pieces of at most 64 KiB.

    Args:
        content_encoding: The header of that name. Raises `DecompressionError` where it cannot be decompressed.
        largest: Largest body in bytes, which also limits the work for each of its encodings.
    """

    def __init__(self, content_encoding: str, largest: int) -> None:
        names = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
        # The encoding that was applied last is removed first.
        applied = [name for name in reversed(names) if name in _CODINGS]
        if len(applied) > MOST_ENCODINGS:
            raise DecompressionError(
                f"Content-Encoding must have at most {MOST_ENCODINGS} encodings, got {len(applied)}"
            )
        self._layers = [_Layer(name, largest + _OVERHEAD) for name in applied]

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Decompress the next bytes, a step at a time. A step may give no bytes. Raises `DecompressionError`."""
        pieces: Iterable[bytes] = (chunk,)
        for layer in self._layers:
            pieces = layer.pieces(pieces)
        return iter(pieces)

    def end(self) -> None:
        """Check that the body is complete. Raises `DecompressionError` if it is truncated."""
        for layer in self._layers:
            layer.end()


class _Layer:
    """Removes one encoding.

    Args:
        name: Its name in Content-Encoding.
        most: Largest input in bytes.
    """

    def __init__(self, name: str, most: int) -> None:
        if name not in ("gzip", "x-gzip", "deflate"):
            raise DecompressionError(f"Content-Encoding must be gzip or deflate, got {name[:40]}")
        self._most = self._room = most
        self._name = name
        self._name = name
        self._name = name
        self._is_deflate = name == "deflate"
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False
        self._members = 1

    def pieces(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._room -= len(chunk)
            if self._room < 0:
                raise DecompressionError(f"its compressed data has more than {self._most} bytes")
            # In slices: zlib copies the unconsumed part of its input after each step.
            for start in range(0, len(chunk), _PIECE):
                yield from self._decompressed(chunk[start : start + _PIECE])
            if not chunk:
                yield b""

    def _decompressed(self, left: bytes) -> Iterator[bytes]:
        is_full = False
        while left or is_full:
            if self._inflate.eof:
                # A gzip file can have further members, and some servers append zeros.
                left = left.lstrip(b"\0")
                if not left:
                    return
                self._begin_member()
            piece = self._piece(left)
            left = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            is_full = len(piece) == _PIECE and not self._inflate.eof
            yield piece

    def _begin_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise DecompressionError(f"it has more than {_MOST_MEMBERS} gzip members")
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)

    def end(self) -> None:
        if self._begun and not self._inflate.eof:
            raise DecompressionError("its compressed data is truncated")

    def _piece(self, chunk: bytes) -> bytes:
        try:
            piece = self._inflate.decompress(chunk, _PIECE)
        except zlib.error as error:
            if not self._is_deflate or self._begun:
                raise DecompressionError(f"its data is not valid {self._name} ({error})") from None
            # Some servers leave out the header that deflate has in HTTP.
            self._is_deflate = False
            self._inflate = zlib.decompressobj(_RAW_DEFLATE)
            return self._piece(chunk)
        self._begun = True
        return piece


_UNCOMPRESSED = Decompressor("", 0)
"""Returns each chunk unchanged. Without encodings it has no state, so all bodies share it."""

SIZE_EXTENSION = "cloudjobs.max_response_size"
"""Key of the request extension in which the client passes the largest size of a response."""

_LARGEST_ASIDE = 1024 * 1024

_STEPS = 16
"""Steps of a decompression, of some 100 microseconds, after which other tasks run."""


class RequestSpec(Opaque, msgspec.Struct, frozen=True):
    """A request that is complete except for its credentials."""

    method: str
    url: str
    """Without the query."""
    query: tuple[tuple[str, str], ...]
    headers: Secret[dict[str, str]]
    schemes: tuple[SecurityScheme, ...]
    timeout: httpx.Timeout | None
    """The timeouts; None for those of the caller's httpx client."""
    largest: int
    """Largest body in bytes."""
    job_id: str | None = None
    """ID of the requested job, where the operation reads one job."""
    content: Secret[bytes | None] = Secret(None)

    @property
    def timeouts(self) -> dict[str, float | None]:
        """The timeouts as httpx passes them to a transport."""
        return {} if self.timeout is None else self.timeout.as_dict()

    @property
    def extensions(self) -> dict[str, Any]:
        """Data for authentication, as extensions of an httpx request."""
        return {SCHEMES_EXTENSION: self.schemes, SIZE_EXTENSION: self.largest}

    def __repr__(self) -> str:
        return f"<{self.method} {self.url}>"


class Response(Opaque, msgspec.Struct, frozen=True):
    """A response with its whole body."""

    status_code: int
    reason: str
    headers: Sequence[tuple[bytes, bytes]]
    """As they were received."""
    content: bytes
    sent: Mapping[str, str]
    """Headers of the request, with credentials, so that these can be redacted in errors."""

    def __repr__(self) -> str:
        return f"<{self.status_code}, {len(self.content)} bytes>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a response cannot be pickled, since it holds the request's credentials")


class RequestHeaders(dict[str, str]):
    """Headers of a request, with credentials; the repr shows only their number."""

    def __repr__(self) -> str:
        return f"<{len(self)} headers>"


class PreparedRequest(Opaque, msgspec.Struct, frozen=True):
    """A request with its credentials, which shows none of them."""

    method: str
    url: str
    headers: Secret[dict[str, str]]
    timeout: Mapping[str, float | None]
    content: Secret[bytes] = Secret(b"")

    def __repr__(self) -> str:
        return f"<{self.method}, {len(self.content.reveal())} bytes>"


def largest_aside(request: httpx.Request) -> int:
    """Return the largest size in bytes of a response that is read only for authentication.

    Such a response has a token. Its limit is at most that of the call.
    """
    largest: int = min(request.extensions.get(SIZE_EXTENSION, _LARGEST_ASIDE), _LARGEST_ASIDE)
    return largest


def limit_aside(response: httpx.Response) -> None:
    """Cut a response that is read only for authentication, one byte after its limit. httpx would read all of it."""
    if not response.is_stream_consumed:
        stack = stack_of(response, "Response") or default_stack()
        response.stream = _limited(stack)(stack, response)
        # `_Limited` decompresses the body.
        response.headers.pop("Content-Encoding", None)


class _Limited:
    def __init__(self, stack: ModuleType, response: httpx.Response) -> None:
        self._stack = stack
        self._stream: Any = response.stream
        self._request = response.request
        self._is_success = response.is_success
        self._room = largest_aside(response.request) + 1
        self._encoding = response.headers.get("Content-Encoding", "")
        self._decompressor: Decompressor | None = None

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            left = self._request.extensions.get("timeout", {}).get("read")
            if isinstance(left, RemainingTime) and left.now() <= 0:
                raise self._stack.ReadTimeout("the deadline of the call expired")
            yield from self._pieces(chunk)
            if self._room <= 0:
                return

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            for piece in self._pieces(chunk):
                yield piece
            if self._room <= 0:
                return

    def _pieces(self, chunk: bytes) -> Iterator[bytes]:
        try:
            self._decompressor = self._decompressor or Decompressor(self._encoding, self._room)
            for piece in self._decompressor.feed(chunk):
                yield piece[: self._room]
                self._room -= len(piece)
                if self._room <= 0:
                    return
        except DecompressionError as error:
            if self._is_success:
                raise self._stack.DecodingError(f"the body cannot be decompressed: {error}") from None
            self._room = 0

    def close(self) -> None:
        self._stream.close()

    async def aclose(self) -> None:
        await self._stream.aclose()


@cache
def _limited(stack: ModuleType) -> Any:
    """Return the class as a stream of this stack."""
    return type("_Limited", (_Limited, stack.SyncByteStream, stack.AsyncByteStream), {})


class BodyReader:
    """Reads a body up to its size limit, and converts failures of the connection meanwhile."""

    def __init__(
        self,
        operation: Operation[Any],
        largest: int,
        elsewhere: str = "",
        *,
        is_aside: bool = False,
        may_be_repeated: bool = False,
    ) -> None:
        self.operation = operation
        self.elsewhere = elsewhere
        """The requested host if it is not that of the service: authentication can request another host first."""
        self.status_code: int | None = None
        self._decompressor = _UNCOMPRESSED
        self._largest = largest
        self._is_aside = is_aside
        self._may_be_repeated = may_be_repeated
        self._chunks: list[bytes] = []
        self._size = 0

    @property
    def is_success(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code <= 299

    @property
    def content(self) -> bytes:
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def fresh_body(self, elsewhere: str = "", *, may_be_repeated: bool = False) -> BodyReader:
        """Return an empty body for the next request of the same call.

        Args:
            elsewhere: The host that is requested, if it is not the service's own.
            may_be_repeated: Whether authentication may send the request again after a 401; the body of the 401 is cut
            then.
        """
        return BodyReader(self.operation, self._largest, elsewhere, may_be_repeated=may_be_repeated)

    def aside(self, request: httpx.Request, elsewhere: str) -> BodyReader:
        """Return an empty body for a request that authentication makes.

        The response to a request of our own authentication is cut after its limit.
        """
        if SIZE_EXTENSION not in request.extensions:
            return self.fresh_body(elsewhere)
        return BodyReader(self.operation, largest_aside(request) + 1, elsewhere, is_aside=True)

    def begin(self, status_code: int, content_encoding: str) -> None:
        """Process the head of the response. Raises `DecompressionError`."""
        self.status_code = status_code
        if status_code == 401 and self._may_be_repeated:
            self._largest = min(self._largest, _LARGEST_ASIDE)
        if content_encoding:
            self._decompressor = Decompressor(content_encoding, self._largest)

    def feed(self, chunk: bytes, check: Callable[[], object]) -> bool:
        """Process the next bytes as received. Raises `DecompressionError`, and the errors of `add` and of the function.

        Args:
            chunk: The bytes.
            check: Called in each step of their decompression. A few bytes can need many steps.
        """
        for piece in self._decompressor.feed(chunk):
            check()
            if piece and not self.add(piece):
                return False
        return True

    async def feed_async(self, chunk: bytes) -> bool:
        """Process the next bytes as received, and let other tasks run meanwhile.

        Raises `DecompressionError`, and the errors of `add`.
        """
        for step, piece in enumerate(self._decompressor.feed(chunk), 1):
            if piece and not self.add(piece):
                return False
            if step % _STEPS == 0:
                import asyncio  # slow to import, and synchronous programs do not need it

                await asyncio.sleep(0)
        return True

    def end(self) -> None:
        """Check that the data is complete. Raises `DecompressionError` if data is missing."""
        self._decompressor.end()

    def add(self, chunk: bytes) -> bool:
        """Add decompressed bytes to the body. Returns False if no more are needed of the body of an error.

        Raises:
            InvalidResponseError: The body of a 2xx response exceeds the size limit.
        """
        is_needed_whole = self.is_success and not self._is_aside
        room = self._largest - self._size
        if len(chunk) > room:
            if is_needed_whole:
                raise self._refused(
                    f"the body must have at most {self._largest} bytes: pass a larger max_response_size to with_options"
                )
            chunk = chunk[:room]
        self._size += len(chunk)
        self._chunks.append(chunk)
        return is_needed_whole or self._size < self._largest

    def failure(self, error: Exception, *, in_time: bool = True) -> CloudJobsError | None:
        """Return the error for a failure of the connection.

        None after the head of an error response: the error of its status is raised instead.
        """
        if self.status_code is not None and not self.is_success:
            return None
        # A response of another server, which authentication requested, is not a response of the service.
        if isinstance(error, DecompressionError) and not self.elsewhere:
            return self._refused(f"the body cannot be decompressed: {error}")
        operation = self.operation
        call = f"{operation}"
        sender = f" from {self.elsewhere}" if self.elsewhere else ""
        if not in_time:
            text = f"{call} got no response{sender} in time ({type(error).__name__})"
            late = APITimeoutError(text, service=operation.service, operation=operation.id)
            late._has_response = self.status_code is not None and not self.elsewhere
            return late
        text = f"{call} got no response{sender} ({type(error).__name__}{_system_error(error)})"
        broken = APIConnectionError(text, service=operation.service, operation=operation.id)
        broken._has_response = self.status_code is not None and not self.elsewhere
        return broken

    def _refused(self, what: str) -> InvalidResponseError:
        operation = self.operation
        return InvalidResponseError(
            f"{operation} returned status {self.status_code}: {what}",
            service=operation.service,
            operation=operation.id,
            status_code=self.status_code or 200,
            body=b"",
        )


def _system_error(error: BaseException) -> str:
    """Return the operating system's message of a failure.

    The library's own words can quote a header, and with it a secret.
    """
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.strerror:
            return f": {found.strerror}"
        found = found.__cause__ or found.__context__
    return ""


_SUPERSETS = {"gbk": "gb18030", "gb2312": "gb18030"}
"""The charset that servers mean if they declare a smaller one (WHATWG Encoding)."""
_ALSO_UTF_8 = ("utf-8", "ascii", "iso8859-1", "cp1252")
"""Charsets that servers declare for UTF-8 too."""
_NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined")
"""Python's codecs for other purposes, of which some take quadratic time."""


def as_utf8(content: bytes, content_type: str) -> bytes:
    """Return a body in UTF-8. Its charset is the declared one or, if that is unknown, detected from its bytes."""
    import json  # not at the top: most bodies are ASCII

    charset = _charset(content_type)
    found = json.detect_encoding(content)
    for encoding in (found, charset) if charset in _ALSO_UTF_8 or found != "utf-8" else (charset, found):
        try:
            text = content.decode(encoding)
        except (UnicodeError, LookupError):
            # Python also has codecs that do not decode to text.
            continue
        return text.encode(errors="replace")
    return content


def is_ascii(content: bytes) -> bool:
    """Return whether a body needs no decoding. ASCII in UTF-16 or UTF-32 has zeros."""
    return content.isascii() and 0 not in content[:4]


def _charset(content_type: str) -> str:
    declared = re.search(r"""charset\s*=\s*["']?([\w.:+-]{1,40})""", content_type, flags=re.IGNORECASE)
    try:
        name = codecs.lookup(declared[1]).name if declared else "utf-8"
    except (LookupError, UnicodeError):
        return "utf-8"
    return "utf-8" if name in _NO_CHARSETS else _SUPERSETS.get(name, name)
