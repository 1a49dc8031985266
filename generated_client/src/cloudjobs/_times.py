# Generated from generator/client/runtime/_times.py. Do not edit: change that, and run `make generate`.
"""Reads the forms in which services write a moment. Every one becomes an aware datetime in UTC, or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_GO_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? "
    r"([+-])(\d\d)(\d\d)(?: [A-Z][A-Za-z]*| [+-]\d+)?(?: m=\S+)?",
    re.ASCII,
)
_EPOCH = re.compile(r"-?\d{1,20}(?:\.\d+)?", re.ASCII)
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def read_time(value: object, formats: Iterable[str], zone: str | None = None) -> datetime | None:
    """The moment that a value tells in one of the formats, or None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    for name in formats:
        try:
            moment = _FORMATS[name](value, zone)
        except (ValueError, OverflowError):
            continue
        if moment is not None and _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            return moment
    return None


def http_date(text: str) -> float | None:
    """The moment that a header of HTTP tells, in seconds since 1970, or None."""
    try:
        moment = parsedate_to_datetime(text)
        # A date without a zone, or one of unknown offset, is in UTC: HTTP knows no other.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _go_time(value: str | float, zone: str | None) -> datetime | None:
    match = _GO_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    # A datetime holds microseconds: the last three of Go's nine digits are dropped, not rounded into the next second.
    microsecond = int((match[7] or "0").ljust(6, "0")[:6])
    offset = timezone(_offset(match[8], match[9], match[10]))
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    return datetime(year, month, day, hour, minute, second, microsecond, offset).astimezone(UTC)


def _epoch(units_per_second: int) -> Callable[[str | float, str | None], datetime | None]:
    def read(value: str | float, zone: str | None) -> datetime | None:
        if isinstance(value, str):
            if not _EPOCH.fullmatch(value):
                return None
            value = float(value) if "." in value else int(value)
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=value * 1_000_000 / units_per_second)

    return read


def _datetime(value: str | float, zone: str | None) -> datetime | None:
    # fromisoformat takes bare digits for a date: those are for the epoch formats.
    if not isinstance(value, str) or value.isdecimal():
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        match = _ZONE.fullmatch(zone or "")
        if match is None:
            return None
        moment = moment.replace(tzinfo=timezone(_offset(*match.groups())))
    return moment.astimezone(UTC)


def _offset(sign: str, hours: str, minutes: str) -> timedelta:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return -offset if sign == "-" else offset


_FORMATS: dict[str, Callable[[str | float, str | None], datetime | None]] = {
    "go-time": _go_time,
    "epoch-s": _epoch(1),
    "epoch-ms": _epoch(1_000),
    "epoch-us": _epoch(1_000_000),
    "datetime": _datetime,
}
