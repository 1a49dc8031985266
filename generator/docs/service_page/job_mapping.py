"""The extensions of a document in words."""

from __future__ import annotations

import json
from typing import Any

from ...documents.json_pointer import WHOLE
from ...documents.mappings import FINAL_STATES, STATES
from ..context import SourceFile, rows
from ..escaping import code_of

FORMATS = {
    "go-time": "the text form of Go's `time.Time`",
    "epoch-s": "seconds since 1970-01-01 UTC",
    "epoch-ms": "milliseconds since 1970-01-01 UTC",
    "epoch-us": "microseconds since 1970-01-01 UTC",
    "datetime": "date and time",
}


def job(document: SourceFile, pointer: str) -> str:
    """Return `x-job`: a table of states, and the fields of everything else."""
    with document.reading(pointer) as mapping:
        table = rows(*_states(document, mapping.at("state")))
        lines = [
            f"- **{title}:** {names_of(mapping.get(key), between)}" for key, title, between in _FIELDS if key in mapping
        ]
        for key, title in (("started", "Started"), ("ended", "Ended")):
            if key in mapping:
                lines.append(f"- **{title}:** {_timestamp(document, mapping.at(key))}")
        if "resumable" in mapping:
            states = ", ".join(mapping.get("resumable"))
            lines.append(f"- **Final, but may go on again:** {states}, for instance after a retry")
        if "progress" in mapping:
            lines.append(f"- **Progress:** {_progress(document, mapping.at('progress'))}")
    return "\n".join([table, "", *lines])


_FIELDS = (
    ("id", "ID", ", else "),
    ("reason", "Reason", ", else "),
    ("code", "Error code", ", else "),
    ("children", "Parts", " and "),
)


def _states(document: SourceFile, pointer: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the titles and the rows of the table of states."""
    with document.reading(pointer) as state:
        if "field" in state:
            title = f"Value of {names_of(state.get('field'))}"
            found = [(json_code(value), name) for name in STATES for value in state.get(name, [])]
        else:
            title = "In this order: while"
            found = [(condition_text(case["when"]), case["is"]) for case in state.get("cases")]
        if "otherwise" in state:
            found.append(("otherwise", state.get("otherwise")))
        return (title, "State", "Final"), [(*each, "yes" if each[1] in FINAL_STATES else "no") for each in found]


def condition_text(when: dict[str, Any]) -> str:
    """Return the tests of a `when` as text."""
    return " and ".join(f"{code_of(field)} {_test(test)}" for field, test in when.items())


def _test(test: Any) -> str:
    if isinstance(test, str):
        return f"is {test}"
    if isinstance(test, list):
        return f"is {' or '.join(map(json_code, test))}"
    bounds = [
        f"{word} {code_of(test[key])}" for key, word in (("minimum", "at least"), ("maximum", "at most")) if key in test
    ]
    return f"is {' and '.join(bounds)}"


def json_code(value: Any) -> str:
    """Return a value of a state as code: a string as it is, any other as JSON, and null in words."""
    if value is None:
        return "missing or null"
    return code_of(value if isinstance(value, str) else json.dumps(value))


def _timestamp(document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as time:
        text = f"{names_of(time.get('field'))}, in {', else '.join(FORMATS[name] for name in time.get('formats'))}"
        if "zone" in time:
            text += f"; a text without a zone is taken to be at `{time.get('zone')}`"
        if time.get("when") == "terminal":
            text += "; once the job is final"
    return text


FORMS = {"percent": "in percent", "fraction": "as done and whole, such as `3/5`"}


def _progress(document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as progress:
        if progress.get("from") == "children":
            return "the mean progress of its parts, of which a final one counts in full until the job itself has ended"
        if "format" in progress:
            return f"{names_of(progress.get('field'))}, {FORMS[progress.get('format')]}"
        if "of" in progress:
            return f"{names_of(progress.get('field'))}, of `{progress.get('of')}`"
        return f"{names_of(progress.get('done'), ' + ')}, of {names_of(progress.get('total'))}"


def poll(document: SourceFile, pointer: str) -> str:
    """Return `x-poll`: how a job is requested again."""
    with document.reading(pointer) as spec:
        argument, sentences = spec.get("argument"), []
        if isinstance(argument, dict):
            sentences.append(f"Jobs are asked for again by their IDs, in `{argument['body']}` of the request body.")
        elif argument is not None:
            sentences.append(f"A job is asked for again by its ID, `{argument}`.")
        if spec.get("url"):
            sentences.append("A job is asked for again at the URL that another response named.")
        if "items" in spec:
            sentences.append(f"A job is the item of {_place(spec.get('items'))} with its ID in `{spec.get('match')}`.")
        if "job" in spec:
            sentences.append(f"The job is {_place(spec.get('job'))} of the response.")
        if "interval" in spec:
            sentences.append(f"Ask again after {spec.get('interval')} seconds.")
        states = [f"{status} means {state}" for status, state in spec.get("statuses", {}).items()]
        if states:
            sentences.append(f"A status code is a state by itself: {', '.join(states)}.")
    return " ".join(sentences)


def start(document: SourceFile, pointer: str) -> str:
    """Return `x-start`: where the response has the started job."""
    with document.reading(pointer) as spec:
        place = spec.get("id") or spec.get("url")
        where = f"the header `{place['header']}`" if isinstance(place, dict) else f"`{place}`"
        name = "ID of the started job" if "id" in spec else "URL to ask for the started job"
    return f"The {name} is in {where} of the response."


def _place(path: str) -> str:
    return "the response" if path == WHOLE else f"`{path}`"


def pagination(document: SourceFile, pointer: str) -> str:
    """Return `x-pagination`: how a listing is requested page by page."""
    with document.reading(pointer) as spec:
        names = [f"`{spec.get(key)}`" for key in ("offset", "page", "token", "limit") if key in spec]
        asked = f"Pages are asked for with {' and '.join(names)}; rows" if names else "Rows"
        text = f"{asked} are in {_place(spec.get('items'))}."
        if "first" in spec:
            text += f" The first page is {spec.get('first')}."
        if "next" in spec:
            following = spec.get("next")
            place = f"the header `{following['header']}`" if isinstance(following, dict) else f"`{following}`"
            text += f" {place[0].upper()}{place[1:]} has the {'token' if 'token' in spec else 'URL'} of the next page."
        if "count" in spec:
            text += f" `{spec.get('count')}` is the number of rows on this page, not the total."
        if "total" in spec:
            text += f" `{spec.get('total')}` counts the rows of all pages."
        if "more" in spec:
            text += f" `{spec.get('more')}` is true while there are further pages."
    return text


def error(document: SourceFile, pointer: str) -> str:
    """Return `x-error`: the fields and headers of an error."""
    with document.reading(pointer) as mapping:
        lines = []
        for key, title in (("code", "Code"), ("message", "Message"), ("request_id", "Request ID")):
            names = [
                code_of(each) if isinstance(each, str) else f"the response header `{each['header']}`"
                for each in mapping.get(key, [])
            ]
            if names:
                lines.append(f"- **{title}:** {', else '.join(names)}")
    return "\n".join(lines)


def names_of(names: str | list[str], between: str = ", else ") -> str:
    """Return names as code."""
    return between.join(f"`{name}`" for name in ([names] if isinstance(names, str) else names))
