"""The forms in which services write a moment: each is read exactly, and any other text is not a moment."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudjobs._jobs import parse_timestamp

from .json_values import DETERMINISTIC, anything

FORMATS = ("go-time", "epoch-s", "epoch-ms", "epoch-us", "datetime")
UNITS = {"epoch-s": 1, "epoch-ms": 1_000, "epoch-us": 1_000_000}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31, 23, 59, 59, 999_999), timezones=st.just(UTC))  # noqa: DTZ001


def at(*parts: int, zone: timezone = UTC) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc, arg-type]


# Each form


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-02-02 08:12:40.672772389 +0000 UTC", at(2020, 2, 2, 8, 12, 40, 672772)),
        ("2020-02-02 08:12:40 +0000 UTC", at(2020, 2, 2, 8, 12, 40)),
        ("2020-02-02 08:12:40 +0000", at(2020, 2, 2, 8, 12, 40)),
        ("2020-02-02 08:12:40.999999999 +0000 UTC", at(2020, 2, 2, 8, 12, 40, 999999)),
        ("2020-02-02 16:12:40.5 +0800 CST", at(2020, 2, 2, 8, 12, 40, 500000)),
        ("2020-02-01 22:42:40 -0930 -0930", at(2020, 2, 2, 8, 12, 40)),
        ("2020-02-02 08:12:40.672772389 +0000 UTC m=+0.000012345", at(2020, 2, 2, 8, 12, 40, 672772)),
        ("2024-02-29 00:00:00 +0000 UTC", at(2024, 2, 29)),
    ],
)
def test_go_time_is_parsed_to_utc_microseconds(text: str, moment: datetime) -> None:
    read = parse_timestamp(text, ["go-time"])
    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize("digits", range(10))
def test_go_time_fraction_is_truncated_to_microseconds(digits: int) -> None:
    fraction = "987654321"[:digits]
    text = f"2020-02-02 08:12:40{'.' if digits else ''}{fraction} +0000 UTC"
    assert parse_timestamp(text, ["go-time"]) == at(2020, 2, 2, 8, 12, 40, int(fraction.ljust(6, "0")[:6]))


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-02 08:12:40.1234567890 +0000 UTC",
        "2020-02-02 08:12:40. +0000 UTC",
        "2020-02-02 08:12:40,5 +0000 UTC",
        "2020-02-02 08:12:40 UTC",
        "2020-02-02 08:12:40",
        "2020-02-02T08:12:40Z",
        "2020-02-02 08:12:40 +00:00 UTC",
        "2020-2-2 08:12:40 +0000 UTC",
        "2020-02-30 08:12:40 +0000 UTC",
        "2020-13-01 08:12:40 +0000 UTC",
        "2020-02-02 24:12:40 +0000 UTC",
        "2020-02-02 08:12:60 +0000 UTC",
        "2020-02-02 08:12:40 +9900 UTC",
        "0001-01-01 00:00:00 +0000 UTC",
        "0001-01-01 00:00:00 +0800 CST",
        "9999-12-31 23:59:59 -0800 PST",
        "2020-02-02 08:12:40 +0000 UTC\n",
        " 2020-02-02 08:12:40 +0000 UTC",
        "\uff12020-02-02 08:12:40 +0000 UTC",
    ],
)
def test_go_time_malformed_is_none(text: str) -> None:
    assert parse_timestamp(text, ["go-time"]) is None


@pytest.mark.parametrize(
    ("value", "name", "moment"),
    [
        (1755484077, "epoch-s", at(2025, 8, 18, 2, 27, 57)),
        ("1755484077", "epoch-s", at(2025, 8, 18, 2, 27, 57)),
        (1755484077.5, "epoch-s", at(2025, 8, 18, 2, 27, 57, 500000)),
        ("1755484077.25", "epoch-s", at(2025, 8, 18, 2, 27, 57, 250000)),
        (1755484077123, "epoch-ms", at(2025, 8, 18, 2, 27, 57, 123000)),
        ("1755484077123", "epoch-ms", at(2025, 8, 18, 2, 27, 57, 123000)),
        (1716428001745772, "epoch-us", at(2024, 5, 23, 1, 33, 21, 745772)),
        ("1716428001745772", "epoch-us", at(2024, 5, 23, 1, 33, 21, 745772)),
    ],
)
def test_epoch_number_or_string_is_parsed(value: object, name: str, moment: datetime) -> None:
    assert parse_timestamp(value, [name]) == moment


@pytest.mark.parametrize("name", UNITS)
@DETERMINISTIC
@given(moment=moments, as_text=st.booleans())
def test_epoch_from_2000_to_2100_is_exact(name: str, moment: datetime, as_text: bool) -> None:
    value = (moment - EPOCH) // timedelta(microseconds=1_000_000 // UNITS[name])
    expected = EPOCH + timedelta(microseconds=value * (1_000_000 // UNITS[name]))
    assert parse_timestamp(str(value) if as_text else value, [name]) == expected


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2024-05-23 09:54:00", "+08:00", at(2024, 5, 23, 1, 54)),
        ("2024-05-23 09:54:00", "-03:30", at(2024, 5, 23, 13, 24)),
        ("2024-05-23 09:54:00", "+00:00", at(2024, 5, 23, 9, 54)),
        ("2024-05-23T09:54:00.250", "+08:00", at(2024, 5, 23, 1, 54, 0, 250000)),
        ("2024-05-23T09:54:00Z", None, at(2024, 5, 23, 9, 54)),
        ("2024-05-23T09:54:00+02:00", None, at(2024, 5, 23, 7, 54)),
        ("2024-05-23T09:54:00+02:00", "+08:00", at(2024, 5, 23, 7, 54)),
    ],
)
def test_datetime_uses_own_zone_or_given_one(text: str, zone: str | None, moment: datetime) -> None:
    read = parse_timestamp(text, ["datetime"], zone)
    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize("zone", [None, "", "UTC", "Asia/Shanghai", "8", "+8", "+0800", "+99:00", "+08:00:00"])
def test_datetime_without_known_zone_is_none(zone: str | None) -> None:
    assert parse_timestamp("2024-05-23 09:54:00", ["datetime"], zone) is None


@pytest.mark.parametrize("text", ["20240523", "1716428001", "2024", "2024-05-23 25:00:00", "2024-02-30 00:00:00"])
def test_datetime_of_digits_or_impossible_time_is_none(text: str) -> None:
    assert parse_timestamp(text, ["datetime"], "+08:00") is None


# The choice among forms


def test_timestamp_first_format_in_range_wins() -> None:
    assert parse_timestamp(1755484077, ["epoch-s", "epoch-ms"]) == at(2025, 8, 18, 2, 27, 57)
    assert parse_timestamp(1755484077, ["epoch-ms", "epoch-s"]) == at(2025, 8, 18, 2, 27, 57)
    assert parse_timestamp(1755484077123, ["epoch-s", "epoch-ms"]) == at(2025, 8, 18, 2, 27, 57, 123000)
    assert parse_timestamp("1755484077123", ["datetime", "epoch-s", "epoch-ms"], "+08:00") == at(
        2025, 8, 18, 2, 27, 57, 123000
    )
    assert parse_timestamp("2024-05-23 09:54:00", ["epoch-s", "go-time", "datetime"], "+08:00") == at(
        2024, 5, 23, 1, 54
    )
    both = 2_000_000_000_000  # in 2033 as milliseconds; the year 65346 as seconds
    assert parse_timestamp(both, ["epoch-s", "epoch-ms"]) == at(2033, 5, 18, 3, 33, 20)


def test_timestamp_without_format_is_none() -> None:
    assert parse_timestamp(1755484077, []) is None


@pytest.mark.parametrize("name", UNITS)
def test_epoch_outside_2000_to_2100_is_none(name: str) -> None:
    first = int((FIRST - EPOCH).total_seconds()) * UNITS[name]
    last = int((LAST - EPOCH).total_seconds()) * UNITS[name]
    assert parse_timestamp(first, [name]) == FIRST
    assert parse_timestamp(first - 1, [name]) is None
    assert parse_timestamp(last, [name]) == LAST
    assert parse_timestamp(last + UNITS[name], [name]) is None


@pytest.mark.parametrize(
    ("inside", "outside"),
    [("2000-01-01 00:00:00", "1999-12-31 23:59:59.999999"), ("2100-12-31 23:59:59.999999", "2101-01-01 00:00:00")],
)
def test_timestamp_string_outside_2000_to_2100_is_none(inside: str, outside: str) -> None:
    assert parse_timestamp(inside, ["datetime"], "+00:00") is not None
    assert parse_timestamp(f"{inside} +0000 UTC", ["go-time"]) is not None
    assert parse_timestamp(outside, ["datetime"], "+00:00") is None
    assert parse_timestamp(f"{outside} +0000 UTC", ["go-time"]) is None


# Invalid timestamps


@pytest.mark.parametrize(
    "value",
    [None, True, False, "", " ", "soon", "null", "0", 0, -1, "-1", "1e9", "+1755484077", "1_755_484_077", "0x68",
     "\uff11755484077",
     "1755484077 ", "1755484077\n", "1755484077.", ".5", [], {}, [1755484077], {"time": 1755484077}, b"1755484077",
     10**25, -(10**25), "9" * 400, 10**400, 1e300, -1e300, math.inf, -math.inf, math.nan, "nan", "inf", "\ud800"],
    ids=lambda value: f"{type(value).__name__}-{str(value)[:20]!a}",
)  # fmt: skip
def test_timestamp_invalid_value_is_none(value: object) -> None:
    assert parse_timestamp(value, FORMATS, "+08:00") is None


@pytest.mark.parametrize("zone", [None, "+08:00"])
@DETERMINISTIC
@given(value=anything | st.text("0123456789-+:. TZUCm=", max_size=40) | st.floats() | st.integers())
def test_timestamp_any_value_is_utc_or_none(zone: str | None, value: object) -> None:
    for name in FORMATS:
        read = parse_timestamp(value, [name], zone)
        assert read is None or (read.tzinfo is UTC and FIRST.year <= read.year <= LAST.year)
