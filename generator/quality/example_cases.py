"""Cases of the extraction of jobs, by the examples of an interpretation: fields that are set, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

import attrs

from ..contract.findings import format_value
from ..documents.json_pointer import PointerNotFound, assign, child, container, segments
from .cases import Baseline, ExtractionCase
from .statements import walk_value

_TIMES = ("started", "ended")


def example_cases(interpretation: Mapping[str, Any], baseline: Baseline) -> Iterator[ExtractionCase]:
    """The cases of an interpretation with `examples` of the values that follow from fields."""
    job, name = interpretation["job"], interpretation["id"]
    walk = walk_value(baseline.schema, baseline.draft.body)
    schema = next((schema for pointer, schema, _ in walk if pointer == job), None)
    components = (each for each in (schema.pointers if schema else ()) if len(segments(each)) == 3)
    mapping = child(next(components, ""), "x-job")
    for example in interpretation.get("examples", ()):
        body = deepcopy(baseline.draft.body)
        for pointer in example.get("drop", ()):
            _drop(body, job + pointer)
        for pointer, value in example.get("set", {}).items():
            assign(body, job + pointer, value)
        changed = [f"{pointer} = {format_value(value)}" for pointer, value in example.get("set", {}).items()]
        changed += [f"no {pointer}" for pointer in example.get("drop", ())]
        expected = {key: _value(key, value) for key, value in example["equals"].items()}
        yield ExtractionCase(
            id=f"{name}: {job or 'the job'} with {', '.join(changed) or 'its recorded fields'}",
            evidence=name,
            claim=", ".join(f"{key} is {value}" for key, value in expected.items()),
            exchanges=(attrs.evolve(baseline.draft, body=body).exchange("example"),),
            expected=expected,
            of="job",
            pointer=job,
            pointers=(mapping, baseline.operation.pointer),
        )


def _value(key: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if key in _TIMES and value is not None else value


def _drop(body: Any, pointer: str) -> None:
    try:
        outer, key = container(body, pointer)
    except PointerNotFound:
        return
    if isinstance(outer, dict):
        outer.pop(key, None)
    elif isinstance(outer, list) and int(key) < len(outer):
        del outer[int(key)]
