"""Parsing of bytes: JSON that msgspec rejects, and `JSONDecodeError` as the only exception."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloudjobs._json import JSONDecodeError, NumberText, parse
from tests.exhaustive import sample

from .malformed_bodies import CALLS, DETERMINISTIC, UNREADABLE, oracle, recorded, same
from .mutations import anything, text


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0),
        ("-0", 0),
        ("-0.0", -0.0),
        ("1.0", 1.0),
        ("1e2", 100.0),
        ("1E+2", 100.0),
        ("9007199254740993", 2**53 + 1),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2**64),
        ("-9223372036854775809", -(2**63) - 1),
        ("1" + "0" * 400, 10**400),
        ("-1" + "0" * 3999, -(10**3999)),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("5e-324", 5e-324),
        ("1e-400", 0.0),
        ("0.1000000000000000055511151231257827", 0.1),
    ],
)
def test_parse_number_is_exact_int_or_float(written: str, number: float) -> None:
    for content, read in ((written, parse(written.encode())), (f"[{written}]", parse(f"[{written}]".encode())[0])):
        assert (type(read), read) == (type(number), number), content
        assert not isinstance(read, float) or math.copysign(1, read) == math.copysign(1, number)


@pytest.mark.parametrize(
    "written", ["1e309", "-1e400", "1E+999999", "17976931348623157e300", "0.1e310", "9" * 4400, "-" + "9" * 5000]
)
def test_parse_number_beyond_float_is_a_string(written: str) -> None:
    for content in (f'{{"a": {written}, "b": 1}}', f'{{"a": {written}, "b": 1, "a": {written}}}'):
        read = parse(content.encode())
        assert isinstance(read["a"], NumberText)
        assert isinstance(read["a"], str)
        assert read == {"a": written, "b": 1}
    assert parse(written.encode()) == written


@pytest.mark.parametrize("depth", [1, 100, 500])
def test_parse_nested_value_succeeds(depth: int) -> None:
    for start, inner, end in (("[", "1", "]"), ('{"a":', "1e400", "}")):
        read = parse(f"{start * depth}{inner}{end * depth}".encode())
        for _ in range(depth):
            (read,) = read.values() if isinstance(read, dict) else read
        assert read in (1, "1e400")


@pytest.mark.parametrize("depth", [1000, 5000, 100_000, 1_000_000])
@pytest.mark.parametrize("layer", ["[]", '{"a":}', '[{"a":}]'])
@pytest.mark.parametrize("inner", ["1", "1e400", "", "NaN"])
def test_parse_nested_too_deep_succeeds_or_raises(depth: int, layer: str, inner: str) -> None:
    middle = len(layer.rstrip("]}"))
    content = (layer[:middle] * depth + inner + layer[middle:] * depth).encode()
    for cut in (content, content[: len(content) // 2]):
        try:
            read = parse(cut)
        except JSONDecodeError:
            continue
        assert cut is content
        assert read is not None


def test_parse_byte_order_mark_is_skipped_once() -> None:
    mark = b"\xef\xbb\xbf"
    assert parse(mark + b'{"a": 1}') == {"a": 1}
    assert parse(mark + b'"' + mark + b'"') == "\ufeff"
    for content in (mark, mark * 2 + b"{}", b" " + mark + b"{}", b"{}" + mark):
        with pytest.raises(JSONDecodeError):
            parse(content)


@pytest.mark.parametrize("written", ["\\ud800", "\\udc00", "\\ud800x", "\\udc00\\ud800", "\\ud83d\\ude00", "\\uDBFF"])
def test_parse_lone_surrogate_is_kept(written: str) -> None:
    expected = json.loads(f'"{written}"')
    assert parse(f'["{written}"]'.encode()) == [expected]
    assert parse(f'{{"{written}": "{written}", "n": 1e400}}'.encode()) == {expected: expected, "n": "1e400"}


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b" ", b"\n", b"{", b"[1,", b"[1,]", b'{"a":1,}', b"{,}", b'{"a"}', b"{a:1}", b"{1:1}", b"{} {}", b"nul"),
        *(b"NaN", b"[Infinity]", b'{"a": -Infinity}', b"nan", b"+1", b"01", b"-", b"1.", b".1", b"1e", b"0x1", b"1_0"),
        *(
            b"'a'",
            b'"a',
            b'"\\x"',
            b'"\\u12"',
            b'"\n"',
            b'"\x00"',
            b"// a\n1",
            b"/**/1",
            b"undefined",
            b"\x00",
            b"1\x00",
        ),
        *(b"\xff", b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\xf5\x80\x80\x80"', '"ä"'.encode("latin-1")),
        *('{"a": 1}'.encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")),
        *(b"[1e400, NaN]", b"[1e400", b'{"a": 1e400, "b": 01}', b'["\\ud800", "\\x"]', b"\xef\xbb\xbf[1,]"),
    ],
)
def test_parse_invalid_json_raises_without_content(content: bytes) -> None:
    with pytest.raises(JSONDecodeError) as caught:
        parse(content)
    assert isinstance(caught.value, ValueError)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_parse_error_has_position_and_no_content() -> None:
    for content in (b'{"password": "hunter2", "a": }', b'{"password": "hunter2\xff"}', b'{"password": NaN, hunter2'):
        with pytest.raises(JSONDecodeError, match=r"\d") as caught:
            parse(content)
        assert "hunter2" not in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


def agrees(content: bytes) -> None:
    """Fail unless bytes are read as the standard library reads them, or unreadable to both."""
    said = oracle(content)
    if said is UNREADABLE:
        with pytest.raises(JSONDecodeError):
            parse(content)
    else:
        assert same(parse(content), said)


@given(st.binary(max_size=40))
@example(b"\xef\xbb\xbf")
@settings(DETERMINISTIC, max_examples=sample(400))
def test_parse_any_bytes_matches_standard_library(content: bytes) -> None:
    agrees(content)


BODIES = [recorded(call) for call in CALLS]
PIECES = [
    b"1e400",
    b"NaN",
    b"\\ud800",
    b"\xff",
    b"\xef\xbb\xbf",
    b"[[",
    b"]]",
    b"{}",
    b"9" * 5000,
    b",",
    b'"',
    b"\\",
    b"\0",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """JSON with bytes cut, doubled, overwritten or shuffled."""
    content = draw(st.sampled_from(BODIES) | anything.map(text))
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted(draw(st.lists(st.integers(0, len(content)), min_size=2, max_size=2)))
        piece = draw(
            st.sampled_from([*PIECES, b"", content[start:end], content[start:end] * 2]) | st.binary(max_size=4)
        )
        content = content[:start] + piece + content[draw(st.sampled_from([start, end])) :]
    return content


@given(mutated())
@settings(DETERMINISTIC, max_examples=sample(400))
def test_parse_mutated_json_matches_standard_library(content: bytes) -> None:
    agrees(content)


@given(anything)
@DETERMINISTIC
def test_parse_any_json_round_trips(value: Any) -> None:
    assert same(parse(text(value)), value)
    assert same(parse(b"\xef\xbb\xbf" + text([value, 0])), [value, 0])
