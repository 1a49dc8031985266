# Generated from generator/client/runtime/testing/_identities.py. Do not edit: change that, and run `make generate`.
"""Makes further IDs of the form of a recorded one: the same for the same seed, and no two alike."""

from __future__ import annotations

import re
from hashlib import blake2b

_RUN = re.compile(r"[0-9a-f]{4,}")
_NUMBER = 8
"""Hexadecimal digits, the last ones of an ID, that hold its number."""
_STEP = 0x9E3779B1
"""An odd number: multiplied by it, numbers of so many digits look drawn by chance and are still all different."""


class Identities:
    """IDs of the form of one.

    Args:
        like: The recorded ID.
        seed: What the IDs follow from.
    """

    def __init__(self, like: str, seed: object) -> None:
        self._like = like
        self._key = str(seed).encode()
        self._places = [match.span() for match in _RUN.finditer(like)]
        self._digits = sum(end - start for start, end in self._places)

    def __call__(self, number: int) -> str:
        """The ID of that number."""
        if self._digits < 2 * _NUMBER or number >= 16**_NUMBER:
            return f"{self._like}-{number}"
        digits = self._digest(number)[: self._digits - _NUMBER] + f"{number * _STEP % 16**_NUMBER:0{_NUMBER}x}"
        found, rest = [], 0
        for start, end in self._places:
            found += [self._like[rest:start], digits[: end - start]]
            digits, rest = digits[end - start :], end
        return "".join([*found, self._like[rest:]])

    def _digest(self, number: int) -> str:
        digest = blake2b(f"{self._like}/{number}".encode(), key=self._key[:64]).hexdigest()
        return digest * (self._digits // len(digest) + 1)
