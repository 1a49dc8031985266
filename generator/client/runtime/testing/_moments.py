"""Writes a moment in the forms that `_times` reads, and as a recorded reply wrote it where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from .._times import read_time
from ._shapes import Time

_UNITS = {"epoch-s": 1, "epoch-ms": 1_000, "epoch-us": 1_000_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def written(moment: datetime, time: Time, like: Any) -> list[Any]:
    """The ways to write a moment into a field, the one that is most like a recorded value first."""
    recorded = [name for name in time.formats if read_time(like, (name,), time.zone)]
    formats = dict.fromkeys([*recorded[:1], *time.formats])
    return [text for name in formats for text in _forms(name, moment, time.zone, like)]


def _forms(name: str, moment: datetime, zone: str | None, like: Any) -> Iterator[Any]:
    if name in _UNITS:
        number = (moment - _EPOCH) // timedelta(microseconds=1) * _UNITS[name] // 1_000_000
        yield from (str(number), number) if isinstance(like, str) else (number, str(number))
    elif name == "go-time":
        yield f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}000 +0000 UTC"
    else:
        yield from _dates(moment, zone, like if isinstance(like, str) else "")


def _dates(moment: datetime, zone: str | None, like: str) -> Iterator[str]:
    separator = like[10:11] or ("T" if zone is None else " ")
    fine = "microseconds" if "." in like else "seconds"
    local = moment.astimezone(_offset(zone))
    plain = local.replace(tzinfo=None).isoformat(separator, fine)
    if like.endswith("Z"):
        yield moment.astimezone(UTC).replace(tzinfo=None).isoformat(separator, fine) + "Z"
    elif zone is not None and not _has_offset(like):
        yield plain
    yield local.isoformat(separator, fine)


def _has_offset(text: str) -> bool:
    return "+" in text[10:] or "-" in text[10:]


def _offset(zone: str | None) -> timezone:
    if zone is None:
        return UTC
    sign = -1 if zone.startswith("-") else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])))
