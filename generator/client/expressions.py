"""Writes the extensions of a document as Python expressions."""

from __future__ import annotations

from typing import Any


def job_shape(job: dict[str, Any] | None) -> str | None:
    """The `JobShape` of an `x-job`."""
    if job is None:
        return None
    states = [
        f"{value!r}: JobState.{state.upper()}"
        for state, values in job["state"].items()
        if state != "field"
        for value in values
    ]
    parts = {
        "id": repr(_names(job["id"])),
        "state": repr(_names(job["state"]["field"])),
        "states": f"{{{', '.join(states)}}}",
        "reason": repr(_names(job["reason"])) if "reason" in job else None,
        "children": repr(job["children"]) if "children" in job else None,
        "started": _time_shape(job.get("started")),
        "ended": _time_shape(job.get("ended")),
        **_progress(job.get("progress", {})),
    }
    return f"JobShape({_arguments(parts)})"


def error_shape(errors: dict[str, list[str | dict[str, str]]]) -> str | None:
    """The `ErrorShape` of an `x-error`."""
    parts: dict[str, str | None] = {
        part: _tuple([_place(place) for place in places]) for part, places in errors.items()
    }
    return f"ErrorShape({_arguments(parts)})" if errors else None


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _place(place: str | dict[str, str]) -> str:
    return repr(place) if isinstance(place, str) else f"Header({place['header']!r})"


def poll_shape(poll: dict[str, str] | None) -> str | None:
    """The `PollShape` of an `x-poll` whose names are Python's."""
    return f"PollShape({_arguments(_quoted(poll))})" if poll else None


def page_shape(pages: dict[str, str] | None, identity: list[str]) -> str | None:
    """The `PageShape` of an `x-pagination` whose names are Python's."""
    return f"PageShape({_arguments({**_quoted(pages), 'identity': repr(tuple(identity))})})" if pages else None


def _quoted(names: dict[str, str]) -> dict[str, str | None]:
    return {key: repr(name) for key, name in names.items()}


def _progress(progress: dict[str, Any]) -> dict[str, str | None]:
    if "from" in progress:
        return {"progress_of_children": "True"}
    if "field" in progress:
        return {"progress": repr(_names(progress["field"])), "progress_full": repr(progress["of"])}
    if "done" in progress:
        return {"done": repr(tuple(progress["done"])), "total": repr(progress["total"])}
    return {}


def _time_shape(time: dict[str, Any] | None) -> str | None:
    if time is None:
        return None
    parts = {
        "fields": repr(_names(time["field"])),
        "formats": repr(tuple(time["formats"])),
        "zone": repr(time["zone"]) if "zone" in time else None,
        "when_terminal": "True" if time.get("when") == "terminal" else None,
    }
    return f"TimeShape({_arguments(parts)})"


def _arguments(parts: dict[str, str | None]) -> str:
    return ", ".join(f"{name}={text}" for name, text in parts.items() if text is not None)


def _names(names: str | list[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
