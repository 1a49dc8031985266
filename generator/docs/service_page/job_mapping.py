"""The extensions of a document in words."""

from __future__ import annotations

import json
from typing import Any

from ...documents.json_pointer import WHOLE
from ...documents.mappings import FINAL_STATES, STATES
from ..context import SourceFile, rows
from ..escaping import code_of
from ..translation import say

FORMATS = {
    "go-time": "the text form of Go's `time.Time`",
    "epoch-s": "seconds since 1970-01-01 UTC",
    "epoch-ms": "milliseconds since 1970-01-01 UTC",
    "epoch-us": "microseconds since 1970-01-01 UTC",
    "datetime": "date and time",
}
"""Formats of times in words; `say` translates them."""
FORMS = {"percent": "in percent", "fraction": "as done and whole, such as `3/5`"}
"""Formats of progress in words."""


def job(document: SourceFile, pointer: str) -> str:
    """Return `x-job`: a table of states, and the fields of everything else."""
    with document.reading(pointer) as mapping:
        table = rows(*_states(document, mapping.at("state")))
        lines = [
            _line(title, names_of(mapping.get(key), say(between))) for key, title, between in _FIELDS if key in mapping
        ]
        for key, title in (("started", "Started"), ("ended", "Ended")):
            if key in mapping:
                lines.append(_line(title, _timestamp(document, mapping.at(key))))
        if "constant" in mapping:
            fixed = mapping.get("constant")
            lines += [_line(title, names_of(fixed[key], ", ")) for key, title in _CONSTANTS if key in fixed]
        if "empty_before_end" in mapping:
            lines.append(_line("Empty until the job ends", names_of(mapping.get("empty_before_end"), ", ")))
        if "resumable" in mapping:
            states = ", ".join(map(say, mapping.get("resumable")))
            lines.append(_line("Final, but can be resumed", say("{}, for instance after a retry", states)))
        if "progress" in mapping:
            lines.append(_line("Progress", _progress(document, mapping.at("progress"))))
    return "\n".join([table, "", *lines])


_CONSTANTS = (("type", "Type, constant"), ("parent", "Belongs to, constant"))

_FIELDS = (
    ("id", "ID", ", else "),
    ("reason", "Reason", ", else "),
    ("code", "Error code", ", else "),
    ("children", "Children", " and "),
)


def _line(title: str, text: str) -> str:
    return f"- **{say(title)}:** {text}"


def _states(document: SourceFile, pointer: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the titles and the rows of the table of states."""
    with document.reading(pointer) as state:
        if "field" in state:
            title = say("Value of {}", names_of(state.get("field"), say(", else ")))
            found = [(json_code(value), name) for name in STATES for value in state.get(name, [])]
        else:
            title = say("Condition; the first that holds counts")
            found = [(condition_text(case["when"]), case["is"]) for case in state.get("cases")]
        if "otherwise" in state:
            found.append((say("otherwise"), state.get("otherwise")))
        titles = (title, say("State"), say("Final"))
        return titles, [(text, say(name), say("yes" if name in FINAL_STATES else "no")) for text, name in found]


def condition_text(when: dict[str, Any]) -> str:
    """Return the tests of a `when` as text."""
    return say(" and ").join(f"{code_of(field)} {_test(test)}" for field, test in when.items())


def _test(test: Any) -> str:
    if isinstance(test, str):
        return say(f"is {test}")
    if isinstance(test, list):
        return say("is {}", say(" or ").join(map(json_code, test)))
    words = (("minimum", "at least {}"), ("maximum", "at most {}"))
    return say("is {}", say(" and ").join(say(word, code_of(test[key])) for key, word in words if key in test))


def json_code(value: Any) -> str:
    """Return a value of a state as code: a string as it is, any other as JSON, and null in words."""
    if value is None:
        return say("missing or null")
    return code_of(value if isinstance(value, str) else json.dumps(value))


def _timestamp(document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as time:
        formats = say(", else ").join(say(FORMATS[name]) for name in time.get("formats"))
        text = say("{}, in {}", names_of(time.get("field"), say(", else ")), formats)
        if "zone" in time:
            text += say("; times without a zone are at {}", f"`{time.get('zone')}`")
        if time.get("when") == "terminal":
            text += say("; once the job is final")
    return text


def _progress(document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as progress:
        if progress.get("from") == "children":
            return say("the mean progress of its children; a final child counts as 100 % until the job itself ends")
        if "format" in progress:
            return f"{names_of(progress.get('field'))}, {say(FORMS[progress.get('format')])}"
        if "of" in progress:
            return say("{}, of {}", names_of(progress.get("field")), f"`{progress.get('of')}`")
        return say("{}, of {}", names_of(progress.get("done"), " + "), names_of(progress.get("total")))


def poll(document: SourceFile, pointer: str) -> str:
    """Return `x-poll`: how a job is requested again."""
    with document.reading(pointer) as spec:
        argument, sentences = spec.get("argument"), []
        if isinstance(argument, dict):
            sentences.append(say("Query jobs again by their IDs, in {} of the request body.", f"`{argument['body']}`"))
        elif argument is not None:
            sentences.append(say("Query a job again by its ID, {}.", f"`{argument}`"))
        if spec.get("url"):
            sentences.append(say("Query a job again at the URL that another response named."))
        if "items" in spec:
            place = (_place(spec.get("items")), f"`{spec.get('match')}`")
            sentences.append(say("A job is the item of {} with its ID in {}.", *place))
        if "job" in spec:
            sentences.append(say("The job is {} of the response.", _place(spec.get("job"))))
        if "interval" in spec:
            sentences.append(say("Query again after {} seconds.", spec.get("interval")))
        states = [say("{} means {}", status, say(state)) for status, state in spec.get("statuses", {}).items()]
        if states:
            sentences.append(say("A status code is a state by itself: {}.", ", ".join(states)))
    return " ".join(sentences)


def start(document: SourceFile, pointer: str) -> str:
    """Return `x-start`: where the response has the started job."""
    with document.reading(pointer) as spec:
        place = spec.get("id") or spec.get("url")
        where = _header_or_field(place)
        if "id" in spec:
            return say("The ID of the started job is in {} of the response.", where)
        return say("The URL of the started job is in {} of the response.", where)


def _header_or_field(place: str | dict[str, Any]) -> str:
    return say("the header {}", f"`{place['header']}`") if isinstance(place, dict) else f"`{place}`"


def _place(path: str) -> str:
    return say("the response") if path == WHOLE else f"`{path}`"


def pagination(document: SourceFile, pointer: str) -> str:
    """Return `x-pagination`: how a listing is requested page by page."""
    with document.reading(pointer) as spec:
        names = [f"`{spec.get(key)}`" for key in ("offset", "page", "token", "limit") if key in spec]
        place = _place(spec.get("items"))
        if names:
            sentences = [say("Request pages with {}; rows are in {}.", say(" and ").join(names), place)]
        else:
            sentences = [say("Rows are in {}.", place)]
        if "first" in spec:
            sentences.append(say("The first page is {}.", spec.get("first")))
        if "next" in spec:
            following = _header_or_field(spec.get("next"))
            if "token" in spec:
                sentences.append(say("The token of the next page is in {}.", following))
            else:
                sentences.append(say("The URL of the next page is in {}.", following))
        for key, phrase in _COUNTS.items():
            if key in spec:
                sentences.append(say(phrase, f"`{spec.get(key)}`"))
    return " ".join(sentences)


_COUNTS = {
    "count": "{} is the number of rows on this page, not the total.",
    "total": "{} counts the rows of all pages.",
    "more": "{} is true while there are further pages.",
}


def error(document: SourceFile, pointer: str) -> str:
    """Return `x-error`: the fields and headers of an error."""
    with document.reading(pointer) as mapping:
        lines = []
        for key, title in (("code", "Code"), ("message", "Message"), ("request_id", "Request ID")):
            names = [
                code_of(each) if isinstance(each, str) else say("the response header {}", f"`{each['header']}`")
                for each in mapping.get(key, [])
            ]
            if names:
                lines.append(_line(title, say(", else ").join(names)))
    return "\n".join(lines)


def names_of(names: str | list[str], between: str = ", else ") -> str:
    """Return names as code."""
    return between.join(f"`{name}`" for name in ([names] if isinstance(names, str) else names))
