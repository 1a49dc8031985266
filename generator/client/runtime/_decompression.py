"""Decompresses a body piece by piece, so that a small reply that becomes enormous is noticed before it has.

httpx and aiohttp decompress whatever arrives at once, and through all layers, before anybody can look at its size.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = "gzip, deflate"
"""What requests ask for: nothing that is not read here."""

MOST_ENCODINGS = 5
_MOST_MEMBERS = 10_000
_PIECE = 64 * 1024
_OVERHEAD = 1024 * 1024
"""Bytes that compression may add to a body, which is more than it does."""
_GZIP_OR_ZLIB = 47
_RAW_DEFLATE = -15


class Undecodable(ValueError):
    """The body is not compressed as its Content-Encoding says, or takes more work than a body can be worth."""


class Decompressor:
    """Takes a body's bytes as they arrive, and gives them decompressed in pieces of at most 64 KiB.

    Args:
        content_encoding: The header of that name. Raises `Undecodable` where it cannot be decompressed.
        largest: Bytes that the body may have, by which the work for each of its encodings is limited.
    """

    def __init__(self, content_encoding: str, largest: int) -> None:
        names = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
        # The encoding that was applied last is taken off first.
        applied = [name for name in reversed(names) if name != "identity"]
        if len(applied) > MOST_ENCODINGS:
            raise Undecodable(f"Content-Encoding must have at most {MOST_ENCODINGS} encodings, got {len(applied)}")
        self._layers = [_Layer(name, largest + _OVERHEAD) for name in applied]

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Decompress the next bytes, a step at a time. A step may give no bytes. Raises `Undecodable`."""
        pieces: Iterable[bytes] = (chunk,)
        for layer in self._layers:
            pieces = layer.pieces(pieces)
        return iter(pieces)

    def end(self) -> None:
        """The body is all there. Raises `Undecodable` where it ends in the middle."""
        for layer in self._layers:
            layer.end()


class _Layer:
    """One encoding, taken off.

    Args:
        name: Its name in Content-Encoding.
        most: Bytes that it takes in at most.
    """

    def __init__(self, name: str, most: int) -> None:
        if name not in ("gzip", "x-gzip", "deflate"):
            raise Undecodable(f"it is compressed as {name[:40]}, which was not asked for")
        self._most = self._room = most
        self._is_deflate = name == "deflate"
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False
        self._members = 1

    def pieces(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._room -= len(chunk)
            if self._room < 0:
                raise Undecodable(f"it takes more than {self._most} bytes before decompression")
            # In parts, since what is left of one is copied after each step.
            for start in range(0, len(chunk), _PIECE):
                yield from self._decompressed(chunk[start : start + _PIECE])
            if not chunk:
                yield b""

    def _decompressed(self, left: bytes) -> Iterator[bytes]:
        is_full = False
        while left or is_full:
            if self._inflate.eof:
                # Further members of a gzip file; and zeros that some servers fill up with.
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
            raise Undecodable(f"it has more than {_MOST_MEMBERS} gzip members")
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)

    def end(self) -> None:
        if self._begun and not self._inflate.eof:
            raise Undecodable("it ends in the middle of what is compressed")

    def _piece(self, chunk: bytes) -> bytes:
        try:
            piece = self._inflate.decompress(chunk, _PIECE)
        except zlib.error as error:
            if not self._is_deflate or self._begun:
                raise Undecodable(f"it is not compressed as it says ({error})") from None
            # Some servers leave out the header that deflate has in HTTP.
            self._is_deflate = False
            self._inflate = zlib.decompressobj(_RAW_DEFLATE)
            return self._piece(chunk)
        self._begun = True
        return piece
