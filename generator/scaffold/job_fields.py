"""Guesses of the ID and the state of a job in a response, and of the meaning of its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

_STATE = re.compile(r"(?:.*[_a-z])?(?:state|status|phase)", re.IGNORECASE)
_ID = re.compile(r"(?:.*_)?(?:id|uid|uuid)|.*[a-z](?:Id|ID|Uid|UUID)", re.ASCII)
_WORDS = {
    "pending": "pending|queue|wait|init|creat|new|submit|accept|schedul|start",
    "partial": "partial",
    "failed": "fail|error|broken|reject|invalid|timed?_?out|expired|abnormal",
    "stopped": "stop|cancel|abort|kill|terminat|suspend|delet",
    "succeeded": "succe|complet|done|finish|^ok$|ready|ended",
    "running": "run|activ|process|progress|execut|work|going|stopping|cancell?ing",
}
"""Words of the values of each state. The first that fits wins."""
_DEEPEST = 3


@attrs.frozen
class JobFields:
    """Paths of a job and its fields in a response."""

    items: str | None
    """The field of the list that has the job; None if the response is the job."""
    id: tuple[str, ...]
    state: tuple[str, ...]


def find_job(body: dict[str, Any], ids: Iterable[str] = ()) -> JobFields | None:
    """Return where a response has a job, or None.

    Args:
        body: The response.
        ids: Values of the request's path. A field with one of them is the ID.
    """
    known = set(ids)
    if found := _fields(body, known):
        return JobFields(None, *found)
    for name, value in body.items():
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        if rows and len(rows) == len(value) and (found := _fields(rows[0], known)):
            return JobFields(name, *found)
    return None


def _fields(job: dict[str, Any], ids: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    texts = sorted(_texts(job), key=lambda each: len(each[0]))
    states = [path for path, value in texts if _STATE.fullmatch(path[-1]) and value and isinstance(value, str)]
    named = [(path, value) for path, value in texts if _ID.fullmatch(path[-1])]
    found = [path for path, value in named if str(value) in ids] or [path for path, _ in named]
    return (found[0], states[0]) if states and found else None


def _texts(value: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str | int]]:
    """The strings and integers of an object and of those within it, with their paths."""
    for name, member in value.items():
        if isinstance(member, str | int) and not isinstance(member, bool):
            yield (*before, name), member
        elif isinstance(member, dict) and len(before) < _DEEPEST:
            yield from _texts(member, (*before, name))


def states(values: Iterable[str]) -> dict[str, list[str]]:
    """Return the values of each state, by their words. A value without a known word counts as running.

    Without a final state, which every wait needs, there are two more values, in the capitals of the first.
    """
    values = list(values)
    found: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value).lower()
        going = re.search(r"ing$", word) is not None and re.search("stopp|cancel|terminat|delet|abort", word)
        state = next((state for state, words in _WORDS.items() if re.search(words, word)), "running")
        found.setdefault("running" if going else state, []).append(value)
    if values and not found.keys() & {"succeeded", "partial", "failed", "stopped"}:
        style = str.upper if values[0].isupper() else str.lower if values[0].islower() else str.capitalize
        found |= {state: [style(state)] for state in ("succeeded", "failed")}
    order = ("pending", "running", "succeeded", "partial", "failed", "stopped")
    return {state: found[state] for state in order if state in found}
