"""The extensions `x-job`, `x-poll`, `x-pagination` and `x-error` as typed values. Fields are dotted wire names.

Classes and attributes are named like those of the client's runtime, which they become. Of several fields the first that
is not empty wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from .json_pointer import find

FINAL_STATES = ("succeeded", "partial", "failed", "stopped")

STATES = ("pending", "running", *FINAL_STATES)


@attrs.frozen
class TimestampMapping:
    """A timestamp of a job."""

    fields: tuple[str, ...]
    formats: tuple[str, ...]
    zone: str | None = None
    when_terminal: bool = False
    """Whether the field is read only once the job is final."""

    @classmethod
    def from_extension(cls, declared: Mapping[str, Any] | None) -> TimestampMapping | None:
        """Parse `started` or `ended` of an `x-job`."""
        if declared is None:
            return None
        is_terminal = declared.get("when") == "terminal"
        return cls(_names(declared["field"]), tuple(declared["formats"]), declared.get("zone"), is_terminal)


@attrs.frozen
class JobMapping:
    """An `x-job`."""

    id: tuple[str, ...]
    state: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    """The service's values for each declared state, in the order of the document."""
    resumable: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    children: str | None = None
    started: TimestampMapping | None = None
    ended: TimestampMapping | None = None
    progress_of_children: bool = False
    progress: tuple[str, ...] = ()
    progress_full: float | None = None
    done: tuple[str, ...] = ()
    total: str | None = None

    @classmethod
    def from_extension(cls, declared: Mapping[str, Any]) -> JobMapping:
        """Parse a valid `x-job`."""
        state, progress = declared["state"], declared.get("progress", {})
        return cls(
            id=_names(declared["id"]),
            state=_names(state["field"]),
            values={key: tuple(values) for key, values in state.items() if key != "field"},
            resumable=tuple(declared.get("resumable", ())),
            reason=_names(declared.get("reason", ())),
            children=declared.get("children"),
            started=TimestampMapping.from_extension(declared.get("started")),
            ended=TimestampMapping.from_extension(declared.get("ended")),
            progress_of_children="from" in progress,
            progress=_names(progress.get("field", ())),
            progress_full=progress.get("of"),
            done=_names(progress.get("done", ())),
            total=progress.get("total"),
        )

    @property
    def states(self) -> dict[str, str]:
        """The state of each value."""
        return {value: state for state, values in self.values.items() for value in values}


@attrs.frozen
class PollSpec:
    """An `x-poll`: the parameter that takes a job's ID, or the field that lists jobs and the field of a job's ID."""

    argument: str = ""
    items: str = ""
    match: str = ""

    @classmethod
    def from_operation(cls, definition: Mapping[str, Any]) -> PollSpec | None:
        """Parse the `x-poll` of an operation that has one."""
        return cls(**definition["x-poll"]) if "x-poll" in definition else None


@attrs.frozen
class PaginationSpec:
    """An `x-pagination`: two parameters, the field that lists the items, and those that count them.

    `count` counts the items of the page, `total` those of all pages.
    """

    offset: str
    limit: str
    items: str
    count: str = ""
    total: str = ""

    @classmethod
    def from_operation(cls, definition: Mapping[str, Any]) -> PaginationSpec | None:
        """Parse the `x-pagination` of an operation that has one."""
        return cls(**definition["x-pagination"]) if "x-pagination" in definition else None


@attrs.frozen
class Header:
    """A response header."""

    name: str


@attrs.frozen
class ErrorMapping:
    """An `x-error`."""

    code: tuple[str | Header, ...] = ()
    message: tuple[str | Header, ...] = ()
    request_id: tuple[str | Header, ...] = ()

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> ErrorMapping | None:
        """The mappings of all schemas together: a gateway may respond in the service's place."""
        found = [mapping for _, mapping in error_mappings(document)]
        names = [each.name for each in attrs.fields(cls)]
        merged = {
            name: tuple(dict.fromkeys(entry for each in found for entry in getattr(each, name))) for name in names
        }
        return cls(**merged) if found else None

    @classmethod
    def from_extension(cls, declared: Mapping[str, list[str | dict[str, str]]]) -> ErrorMapping:
        """Parse a valid `x-error`."""
        return cls(
            **{
                part: tuple(entry if isinstance(entry, str) else Header(entry["header"]) for entry in entries)
                for part, entries in declared.items()
            }
        )


def job_mappings(document: dict[str, Any]) -> Iterator[tuple[str, JobMapping]]:
    """Pointer and mapping of each schema with an `x-job`."""
    for pointer, declared in find(document, "/components/schemas/*/x-job"):
        yield pointer.removesuffix("/x-job"), JobMapping.from_extension(declared)


def error_mappings(document: dict[str, Any]) -> Iterator[tuple[str, ErrorMapping]]:
    """Pointer and mapping of each schema with an `x-error`."""
    for pointer, declared in find(document, "/components/schemas/*/x-error"):
        yield pointer.removesuffix("/x-error"), ErrorMapping.from_extension(declared)


def _names(names: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
