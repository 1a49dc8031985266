"""How jobs are read, in words: the extensions of a document, with the interpretations of the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.context import rows
from generator.docs.service_page.schema_text import code, of_recording
from generator.docs.strict_mapping import SourceFile, StrictMapping

FINAL = ("succeeded", "partial", "failed", "stopped")

STATES = ("pending", "running", *FINAL)

FORMATS = {
    "go-time": "the text form of Go's `time.Time`",
    "epoch-s": "seconds since 1970-01-01 UTC",
    "epoch-ms": "milliseconds since 1970-01-01 UTC",
    "epoch-us": "microseconds since 1970-01-01 UTC",
    "datetime": "date and time",
}


def job(document: SourceFile, pointer: str) -> str:
    """`x-job`: a table of states, and where everything else is."""
    with document.reading(pointer) as shape:
        table = _states(document, shape.at("state"))
        lines = [f"- **ID:** {_names(shape.get('id'))}"]
        for key, title in (("reason", "Reason"), ("children", "Parts")):
            if key in shape:
                lines.append(f"- **{title}:** {_names(shape.get(key))}")
        for key, title in (("started", "Started"), ("ended", "Ended")):
            if key in shape:
                lines.append(f"- **{title}:** {moment(document, shape.at(key))}")
        if "resumable" in shape:
            states = ", ".join(shape.get("resumable"))
            lines.append(f"- **Final, but may go on again:** {states}, for instance after a retry")
        if "progress" in shape:
            lines.append(f"- **Progress:** {progress(document, shape.at('progress'))}")
    return f"{table}\n\n" + "\n".join(lines)


def _states(document: SourceFile, pointer: str) -> str:
    with document.reading(pointer) as state:
        field = _names(state.get("field"))
        cells = [
            (code(text), word, "yes" if word in FINAL else "no") for word in STATES for text in state.get(word, [])
        ]
    return rows((f"Value of {field}", "State", "Final"), cells)


def moment(document: SourceFile, pointer: str) -> str:
    """Where a time is and how it is written."""
    with document.reading(pointer) as time:
        text = f"{_names(time.get('field'))}, in {', else '.join(FORMATS[name] for name in time.get('formats'))}"
        if "zone" in time:
            text += f"; a text without a zone is taken to be at `{time.get('zone')}`"
        if time.get("when") == "terminal":
            text += "; once the job is final"
    return text


def progress(document: SourceFile, pointer: str) -> str:
    """What progress is computed from."""
    with document.reading(pointer) as basis:
        if basis.get("from") == "children":
            return "the mean progress of its parts, of which a final one counts in full"
        if "of" in basis:
            return f"{_names(basis.get('field'))}, of `{basis.get('of')}`"
        return f"{_names(basis.get('done'), ' + ')}, of {_names(basis.get('total'))}"


def poll(document: SourceFile, pointer: str) -> str:
    """`x-poll`: how a job is looked at again."""
    with document.reading(pointer) as how:
        if "argument" in how:
            return f"A job is asked for again by its ID, `{how.get('argument')}`."
        return f"A job is the item of `{how.get('items')}` whose `{how.get('match')}` is its ID."


def pagination(document: SourceFile, pointer: str) -> str:
    """`x-pagination`: how a listing is read page by page."""
    with document.reading(pointer) as how:
        asked = f"`{how.get('offset')}` and `{how.get('limit')}`"
        text = f"Pages are asked for with {asked}; rows are in `{how.get('items')}`."
        if "count" in how:
            text += f" `{how.get('count')}` counts the rows of the page; it is no total."
    return text


def error(document: SourceFile, pointer: str) -> str:
    """`x-error`: where the parts of an error are."""
    with document.reading(pointer) as shape:
        lines = [
            f"- **{title}:** {', else '.join(_place(each) for each in shape.get(key))}"
            for key, title in (("code", "Code"), ("message", "Message"), ("request_id", "Request ID"))
            if key in shape
        ]
    return "\n".join(lines)


def _place(entry: str | dict[str, str]) -> str:
    return code(entry) if isinstance(entry, str) else f"the response header `{entry['header']}`"


def _names(value: str | list[str], between: str = ", else ") -> str:
    return between.join(f"`{name}`" for name in ([value] if isinstance(value, str) else value))


_PLACES = ("id", "reason", "children")

_TIMES = ("started", "ended")


def interpretations(file: SourceFile, pointers: list[str]) -> Iterator[str]:
    """Each interpretation: its statement, and a table of the expected values."""
    for pointer in pointers:
        with file.reading(pointer) as reading:
            name = reading.get("id")
            known = f"({reading.get('confidence')}). {reading.get('statement')}"
            yield f'<a id="{name}"></a>`{name.partition(".")[2]}` {known}'
            with file.reading(reading.at("expect")) as expected:
                yield rows(("Field", "Pointer", "Examples"), [*_expected(file, expected)])
            yield f"{_of_what(file, reading)} Known from: {reading.get('origin')}."


def _of_what(file: SourceFile, reading: StrictMapping) -> str:
    recording, job = reading.get("recording"), reading.get("job")
    text = f"Places are those in [`{recording}`](#{of_recording(recording)}){f' from `{job}` on' if job else ''}."
    if "id_parameter" in reading:
        text += f" A job is asked for with `{reading.get('id_parameter')}`."
    if "pagination" in reading:
        with file.reading(reading.at("pagination")) as pages:
            known = [(key, pages.get(key)) for key in ("offset", "limit", "items", "count") if key in pages]
        text += f" It is a page of a listing: {', '.join(f'{key} `{name}`' for key, name in known)}."
    return text


def _expected(file: SourceFile, expected: StrictMapping) -> Iterator[tuple[str, str, str]]:
    with file.reading(expected.at("state")) as state:
        words = [f"{kind}: {', '.join(map(code, state.get(kind)))}" for kind in STATES if kind in state]
        yield "state", _at(state), "; ".join(words)
    for key in _PLACES:
        if key in expected:
            with file.reading(expected.at(key)) as place:
                yield key, _at(place), ""
    for key in _TIMES:
        if key in expected:
            with file.reading(expected.at(key)) as moment:
                examples = [f"{code(each['value'])} is {each['equals'] or 'none'}" for each in moment.get("examples")]
                when = ", once the job is final" if moment.get("when") else ""
                yield f"{key}{when}", _at(moment), "; ".join(examples)
    if "progress" in expected:
        yield "progress", "", "; ".join(map(_share, expected.get("progress")))
    if "resumable" in expected:
        yield "may go on again", "", ", ".join(expected.get("resumable"))


def _share(example: dict[str, Any]) -> str:
    told = " and ".join(f"`{place}` {code(value)}" for place, value in example["set"].items())
    return f"with {told}: {'none' if example['equals'] is None else example['equals']}"


def _at(place: StrictMapping) -> str:
    found = place.get("pointer")
    return ", else ".join(f"`{each}`" for each in ([found] if isinstance(found, str) else found))
