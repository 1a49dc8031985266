"""Changes of `x-job`, `x-error`, `x-poll` and `x-pagination`, which say how to read a job, an error and a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.contract.mutation.mutants import Document, Mutant, both, drop, operations, put, rename
from generator.documents.json_pointer import child, find

_KINDS = ("pending", "running", "succeeded", "partial", "failed", "stopped")
_FORMATS = ("go-time", "epoch-s", "epoch-ms", "epoch-us", "datetime")
_NEW = "Cancelled"


def mutants(document: Document) -> Iterator[Mutant]:
    """All changes of a document's extensions but for those that stand in for a part of OpenAPI itself."""
    for pointer, schema in find(document, "/components/schemas/*"):
        if "x-job" in schema:
            texts = [name for name, each in schema["properties"].items() if each.get("type") == "string"]
            yield from _job(child(pointer, "x-job"), schema["x-job"], texts)
    for pointer, error in find(document, "/components/schemas/*/x-error"):
        yield from _error(pointer, error)
    for pointer, operation in operations(document):
        names = [each["$ref"].rpartition("/")[2] for each in operation.get("parameters", []) if "$ref" in each]
        if "x-poll" in operation:
            yield from _named("x-poll", child(pointer, "x-poll"), operation["x-poll"], names, ("argument",))
        if "x-pagination" in operation:
            here, pages = child(pointer, "x-pagination"), operation["x-pagination"]
            yield from _named("x-pagination", here, pages, names, ("offset", "limit"))
            swapped = {**pages, "offset": pages["limit"], "limit": pages["offset"]}
            yield Mutant("x-pagination", here, "swap offset and limit", put(here, swapped))


def _job(pointer: str, job: Document, texts: list[str]) -> Iterator[Mutant]:
    yield Mutant("x-job", pointer, "drop", drop(pointer))
    for key in ("reason", "children", "started", "ended", "progress", "resumable"):
        if key in job:
            here = child(pointer, key)
            yield Mutant("x-job", here, "drop", drop(here))
    for key in ("id", "reason", "children"):
        if isinstance(job.get(key), str):
            yield _misnamed(child(pointer, key), job[key])
            others = [name for name in texts if name != job[key]] if key != "children" else []
            yield from (_with_fallback(child(pointer, key), job[key], other) for other in others[:1])
    yield from _states(child(pointer, "state"), job["state"])
    final = {kind for kind in _KINDS[3:] if kind in job["state"]}
    resumable = child(pointer, "resumable")
    for kind in sorted(final):
        stated = job.get("resumable", [])
        other = [each for each in stated if each != kind] if kind in stated else [*stated, kind]
        edit = put(resumable, other) if other else drop(resumable)
        yield Mutant("x-job", resumable, f"{'drop' if kind in stated else 'add'} {kind}", edit)
    for key in ("started", "ended"):
        if key in job:
            yield from _time(child(pointer, key), job[key])
    if {"started", "ended"} <= job.keys():
        ends = (child(child(pointer, "started"), "field"), child(child(pointer, "ended"), "field"))
        edit = both(put(ends[0], job["ended"]["field"]), put(ends[1], job["started"]["field"]))
        yield Mutant("x-job", pointer, "swap start and end", edit)
    yield from _progress(child(pointer, "progress"), job.get("progress", {}))


def _states(pointer: str, state: Document) -> Iterator[Mutant]:
    if isinstance(state["field"], str):
        yield _misnamed(child(pointer, "field"), state["field"])
    for kind in _KINDS:
        here = child(pointer, kind)
        values = state.get(kind, [])
        yield Mutant("x-job", here, f"add {_NEW!r}", put(here, [*values, _NEW]))
        for value in values:
            left = [each for each in values if each != value]
            without = put(here, left) if left else drop(here)
            yield Mutant("x-job", here, f"drop {value!r}", without)
            other = _KINDS[(_KINDS.index(kind) + 1) % len(_KINDS)]
            moved = put(child(pointer, other), [*state.get(other, []), value])
            yield Mutant("x-job", here, f"{value!r} -> {other}", both(without, moved))


def _time(pointer: str, time: Document) -> Iterator[Mutant]:
    if isinstance(time["field"], str):
        yield _misnamed(child(pointer, "field"), time["field"])
    formats, here = time["formats"], child(pointer, "formats")
    for name in formats:
        left = [each for each in formats if each != name]
        other = _FORMATS[(_FORMATS.index(name) + 1) % len(_FORMATS)]
        if left:
            yield Mutant("x-job", here, f"drop {name}", put(here, left))
        if other not in formats:
            replaced = [other if each == name else each for each in formats]
            yield Mutant("x-job", here, f"{name} -> {other}", put(here, replaced))
    for name in _FORMATS:
        if name not in formats:
            yield Mutant("x-job", here, f"add {name}", put(here, [*formats, name]))
    if len(formats) > 1:
        yield Mutant("x-job", here, "the other way round", put(here, formats[::-1]))
    zone, when = child(pointer, "zone"), child(pointer, "when")
    if "zone" in time:
        yield Mutant("x-job", zone, "drop", drop(zone))
        yield Mutant("x-job", zone, "-> +00:00", put(zone, "+00:00"))
    yield Mutant(
        "x-job", when, "drop" if "when" in time else "add", drop(when) if "when" in time else put(when, "terminal")
    )


def _progress(pointer: str, progress: Document) -> Iterator[Mutant]:
    if "from" in progress:
        return
    for key in ("field", "total"):
        if isinstance(progress.get(key), str):
            yield _misnamed(child(pointer, key), progress[key])
    if "of" in progress:
        yield Mutant("x-job", child(pointer, "of"), "-> 1", put(child(pointer, "of"), 1))
    done = progress.get("done", [])
    for name in done:
        left = [each for each in done if each != name]
        here = child(pointer, "done")
        if left:
            yield Mutant("x-job", here, f"drop {name}", put(here, left))
        yield Mutant(
            "x-job",
            pointer,
            f"swap {name} and the total",
            put(pointer, {"done": [*left, progress["total"]], "total": name}),
        )


def _error(pointer: str, error: Document) -> Iterator[Mutant]:
    yield Mutant("x-error", pointer, "drop", drop(pointer))
    for part, entries in error.items():
        here = child(pointer, part)
        yield Mutant("x-error", here, "drop", drop(here))
        yield Mutant("x-error", here, "add detail", put(here, [*entries, "detail"]))
        if len(entries) > 1:
            yield Mutant("x-error", here, "the other way round", put(here, entries[::-1]))
        for index, entry in enumerate(entries):
            left = [each for each in entries if each != entry]
            if left:
                yield Mutant("x-error", here, f"drop {entry}", put(here, left))
            other: Any = {"header": f"{entry['header']}s"} if isinstance(entry, dict) else f"{entry}s"
            yield Mutant("x-error", child(here, index), f"-> {other}", put(child(here, index), other))
    if {"code", "message"} <= error.keys():
        edit = both(rename(child(pointer, "code"), "old"), rename(child(pointer, "message"), "code"))
        yield Mutant("x-error", pointer, "swap code and message", both(edit, rename(child(pointer, "old"), "message")))


def _named(
    operator: str, pointer: str, names: Document, parameters: list[str], of_parameters: tuple[str, ...]
) -> Iterator[Mutant]:
    yield Mutant(operator, pointer, "drop", drop(pointer))
    for key, name in names.items():
        here = child(pointer, key)
        if key in of_parameters:
            for other in parameters:
                if other != name:
                    yield Mutant(operator, here, f"{name} -> {other}", put(here, other))
        else:
            yield Mutant(operator, here, f"{name} -> {name}s", put(here, f"{name}s"))
            if key == "count":
                yield Mutant(operator, here, "drop", drop(here))


def _with_fallback(pointer: str, field: str, other: str) -> Mutant:
    return Mutant("x-job", pointer, f"or else {other}", put(pointer, [field, other]))


def _misnamed(pointer: str, field: str) -> Mutant:
    return Mutant("x-job", pointer, f"{field} -> {field}s", put(pointer, f"{field}s"))
