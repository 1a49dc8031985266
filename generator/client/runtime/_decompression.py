"""Decompresses a body piece by piece, so that a small reply that becomes enormous is noticed before it has.

httpx and aiohttp decompress whatever arrives at once, and through all layers, before anybody can look at its size.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = "gzip, deflate"
"""What requests ask for: nothing that is not read here."""

_PIECE = 64 * 1024
_GZIP_OR_ZLIB = 47
_RAW_DEFLATE = -15


class Undecodable(ValueError):
    """The body is not compressed as its Content-Encoding says."""


class Decompressor:
    """Takes a body's bytes as they arrive, and gives them decompressed in pieces of at most 64 KiB."""

    def __init__(self, content_encoding: str) -> None:
        names = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
        # The encoding that was applied last is taken off first.
        self._layers = [_Layer(name) for name in reversed(names) if name != "identity"]

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Decompress the next bytes. Raises `Undecodable`."""
        pieces: Iterable[bytes] = (chunk,)
        for layer in self._layers:
            pieces = layer.pieces(pieces)
        return iter(pieces)

    def end(self) -> None:
        """The body is all there. Raises `Undecodable` where it ends in the middle."""
        for layer in self._layers:
            layer.end()


class _Layer:
    def __init__(self, name: str) -> None:
        if name not in ("gzip", "x-gzip", "deflate"):
            raise Undecodable(f"it is compressed as {name}, which was not asked for")
        self._is_deflate = name == "deflate"
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def pieces(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            left = chunk
            while left:
                piece = self._piece(left)
                left = self._inflate.unconsumed_tail
                if self._inflate.eof:
                    # Further members of a gzip file; and zeros that some servers fill up with.
                    left = self._inflate.unused_data.lstrip(b"\0")
                    if left:
                        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
                if piece:
                    yield piece

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
