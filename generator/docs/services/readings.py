"""How the evidence says that a reply tells of a job: each reading, with the examples that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.reading import Document
from generator.docs.services.anchors import of_recording
from generator.docs.services.jobs import STATES
from generator.docs.services.types import code
from generator.docs.tables import rows


def readings(file: Document, pointers: list[str]) -> str:
    """A table of all of them."""
    return rows(("Reading", "Confidence", "Says", "Origin", "Examples"), [*_cells(file, pointers)])


def _cells(file: Document, pointers: list[str]) -> Iterator[tuple[str, ...]]:
    for pointer in pointers:
        with file.reading(pointer) as reading:
            name, recording = reading.get("id"), reading.get("recording")
            made_of = f"of {code(reading.get('job')) if reading.get('job') else 'the job'} in [`{recording}`]"
            examples = [f"{made_of}(#{of_recording(recording)})", *_examples(reading.get("tells"))]
            if "asked" in reading:
                examples.append(f"asked for by {code(reading.get('asked'))}")
            if "pages" in reading:
                pages = ", ".join(f"{key} {code(value)}" for key, value in reading.get("pages").items())
                examples.append(f"a page of a listing: {pages}")
            yield (
                f'<a id="{name}"></a>`{name.partition(".")[2]}`',
                reading.get("confidence"),
                reading.get("says"),
                reading.get("origin"),
                "; ".join(examples),
            )


def _examples(tells: dict[str, Any]) -> Iterator[str]:
    for state in STATES:
        if state in tells["state"]:
            yield f"{state}: {', '.join(code(value) for value in tells['state'][state])}"
    for key in ("started", "ended"):
        for example in tells.get(key, {}).get("examples", []):
            moment = "no moment" if example["is"] is None else code(example["is"])
            yield f"{key}: {code(example['value'])} is {moment}"
    for example in tells.get("progress", []):
        given = ", ".join(f"{code(field)} {code(value)}" for field, value in example["set"].items())
        share = "no share" if example["is"] is None else f"a share of {example['is']}"
        yield f"done: {share} with {given}"
