"""Many texts checked against one pattern at once: the same verdict as one by one."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudjobs._decoding import compile_batch, is_single_line
from cloudjobs._documents import compiled
from tests.exhaustive import sample

from .malformed_bodies import DETERMINISTIC

GO_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})? \+0000 UTC$"
PATTERNS = [GO_TIME, "^a*$", r"^\d+$", "^(a[bc]?)+$", r"^\(\w\)$", "^[a-c]{1,3}$"]


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(
    DETERMINISTIC, max_examples=sample(40), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_compile_batch_agrees_with_single_checks(pattern: str, data: st.DataObject) -> None:
    like = st.from_regex(compiled(pattern))
    # Drawing a text takes long; a few of them, again and again, are as many as are checked together.
    texts = data.draw(st.lists(like, min_size=2, max_size=4)) * 8
    odd = like.map(lambda text: f"{text}\n") | st.tuples(like, like).map("\n".join) | st.text() | like
    texts[data.draw(st.integers(0, len(texts) - 1))] = data.draw(odd)
    assert compile_batch(pattern)(texts) == all(compiled(pattern).search(text) for text in texts)


@pytest.mark.parametrize("place", [0, 7, 63])
def test_compile_batch_one_mismatch_among_many_is_found(place: int) -> None:
    texts = [f"2020-02-02 08:12:{second:02} +0000 UTC" for second in range(64)]
    assert compile_batch(GO_TIME)(texts)
    texts[place] = texts[place].replace("UTC", "CET")
    assert not compile_batch(GO_TIME)(texts)


def test_compile_batch_two_strings_in_one_do_not_match() -> None:
    one = "2020-02-02 08:12:40 +0000 UTC"
    assert not compile_batch(GO_TIME)([one] * 20 + [f"{one}\n{one}"])


@pytest.mark.parametrize(
    "pattern",
    ["^a.b$", "^[^a]$", r"^\s$", "^a|b$", "a", "^a", "a$", r"^a\D$", "^a\nb$", r"^[\s]$", r"^a\nb$", r"^\x0a$"],
)
def test_is_single_line_of_line_break_pattern_is_false(pattern: str) -> None:
    assert not is_single_line(pattern)


@given(st.from_regex(re.compile(r"\^[\[\]a(){}*.+?$\\^dws0-9|-]{0,12}\$"), fullmatch=True))
def test_is_single_line_pattern_matches_no_line_break(pattern: str) -> None:
    if is_single_line(pattern):
        try:
            found = compiled(pattern)
        except (re.error, OverflowError):
            return
        for text in ("\n", "a\n", "\na", "a\na", "0\n0", "\n\n"):
            assert not found.search(text)
