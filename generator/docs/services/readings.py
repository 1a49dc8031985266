"""How a job is read from a reply, with examples, as the evidence says it: what `x-job` and its like must agree with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.reading import Document, Reading
from generator.docs.services.anchors import of_recording
from generator.docs.services.jobs import STATES
from generator.docs.services.types import code
from generator.docs.tables import rows

_PLACES = ("id", "reason", "children")
_TIMES = ("started", "ended")


def readings(file: Document, pointers: list[str]) -> Iterator[str]:
    """Each reading: what it says, and a table of what it tells."""
    for pointer in pointers:
        with file.reading(pointer) as reading:
            name = reading.get("id")
            yield f'<a id="{name}"></a>`{name.partition(".")[2]}` ({reading.get("confidence")}). {reading.get("says")}'
            with file.reading(reading.at("tells")) as tells:
                yield rows(("Told", "At", "For example"), [*_told(file, tells)])
            yield f"{_of_what(file, reading)} Known from: {reading.get('origin')}."


def _of_what(file: Document, reading: Reading) -> str:
    recording, job = reading.get("recording"), reading.get("job")
    text = f"Places are those in [`{recording}`](#{of_recording(recording)}){f' from `{job}` on' if job else ''}."
    if "asked" in reading:
        text += f" A job is asked for with `{reading.get('asked')}`."
    if "pages" in reading:
        with file.reading(reading.at("pages")) as pages:
            known = [(key, pages.get(key)) for key in ("offset", "limit", "items", "count") if key in pages]
        text += f" It is a page of a listing: {', '.join(f'{key} `{name}`' for key, name in known)}."
    return text


def _told(file: Document, tells: Reading) -> Iterator[tuple[str, str, str]]:
    with file.reading(tells.at("state")) as state:
        words = [f"{kind}: {', '.join(map(code, state.get(kind)))}" for kind in STATES if kind in state]
        yield "state", _at(state), "; ".join(words)
    for key in _PLACES:
        if key in tells:
            with file.reading(tells.at(key)) as place:
                yield key, _at(place), ""
    for key in _TIMES:
        if key in tells:
            with file.reading(tells.at(key)) as moment:
                examples = [f"{code(each['value'])} is {each['is'] or 'none'}" for each in moment.get("examples")]
                when = ", once the job is final" if moment.get("when") else ""
                yield f"{key}{when}", _at(moment), "; ".join(examples)
    if "progress" in tells:
        yield "progress", "", "; ".join(map(_share, tells.get("progress")))
    if "resumable" in tells:
        yield "may go on again", "", ", ".join(tells.get("resumable"))


def _share(example: dict[str, Any]) -> str:
    told = " and ".join(f"`{place}` {code(value)}" for place, value in example["set"].items())
    return f"with {told}: {'none' if example['is'] is None else example['is']}"


def _at(place: Reading) -> str:
    found = place.get("at")
    return ", else ".join(f"`{each}`" for each in ([found] if isinstance(found, str) else found))
