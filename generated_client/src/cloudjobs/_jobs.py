# Generated from generator/client/runtime/_jobs.py. Do not edit: change that, and run `make generate`.
"""One view over the jobs of all services, computed from the `x-job` of each document.

The mappings are Structs of msgspec: defining an attrs class takes thirty times as long, in each import of a client.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs
import msgspec

from ._deviations import Deviation, DeviationKind, DeviationReporter, Severity, escape
from ._json import as_json
from ._models import Model, generated, pointer, value_at
from ._rows import LazyList

__all__ = ["JobSnapshot", "JobState"]

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    # Python has type variables with a default from 3.13 on. With it, `JobSnapshot` alone is `JobSnapshot[Model]`.
    import typing_extensions

    M_co = typing_extensions.TypeVar("M_co", bound=Model, covariant=True, default=Model)
else:
    M_co = TypeVar("M_co", bound=Model, covariant=True)


class JobState(StrEnum):
    """State of a job, the same for all services."""

    PENDING = "pending"
    """Not started yet."""
    RUNNING = "running"
    """Started, and not ended."""
    SUCCEEDED = "succeeded"
    """Final: all of it succeeded."""
    PARTIAL = "partial"
    """Final: some of it succeeded and some failed."""
    FAILED = "failed"
    """Final: ended by an error."""
    STOPPED = "stopped"
    """Final: ended by a caller before it was done."""
    UNKNOWN = "unknown"
    """The service sent no state, or one that the document does not know. Never final."""


_TERMINAL = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.STOPPED})

_ALMOST_DONE = 0.99

# Compiled when first used, as are the patterns below: an import would spend 2 ms on them.
_HEXADECIMAL = r"[0-9A-Fa-f-]+"

_DIGITS = r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?"


@attrs.frozen
class JobSnapshot(Generic[M_co]):
    """A job at one point in time, in the same form for every service.

    Its type has the model of the job: a wait of a client returns, for example, a `JobSnapshot[Job]`.

    Attributes:
        id: ID of the job; None if the service sent none.
        state: State of the job. `JobState.UNKNOWN` for a value that the document does not know.
        progress: Share of the work done, from 0 to 1; 1 only if the job succeeded. If it ended otherwise, the share
            that succeeded. None if the service sends no basis.
        started_at: Start of the job, in UTC. None if it is absent, or in no format that the document knows.
        ended_at: End of the job, in UTC. None until the job is final, and if it is absent or cannot be read.
        reason: Why the job is in its state, in the service's words; None if the service sent no reason.
        children: Sub-jobs or tasks of the job.
        job: The service's own model, unchanged. Where the status code alone is the state, the response body or None.
        code: Error code beside the reason; None if the service sent none.
    """

    id: str | None
    state: JobState
    progress: float | None
    started_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    children: tuple[JobSnapshot, ...]
    job: M_co = attrs.field(repr=False)
    code: str | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended, successfully or not."""
        return self.state in _TERMINAL

    @property
    def is_success(self) -> bool:
        """Whether the job succeeded."""
        return self.state is JobState.SUCCEEDED

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """Timestamps of the job and its children that cannot be read. Their pointers start at the job."""
        mapping = getattr(type(self.job), "__job__", None)
        return tuple(_snapshot(self.job, mapping)[1]) if isinstance(mapping, JobMapping) else ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that the command line prints: timestamps in ISO 8601, and the model under `job`.

        Children have no `job`, since the model has them.
        """
        job = self.job.to_dict() if isinstance(self.job, Model) else self.job
        return {**_as_data(self), "job": job}

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON text, in one line or indented.

        Characters that a terminal may interpret are escaped.
        """
        return as_json(self.to_dict(), indent=indent)

    def _repr_html_(self) -> str:
        """Return a table for notebooks."""
        from ._frameworks import snapshot_table

        return snapshot_table(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from ._frameworks import snapshot_schema

        return snapshot_schema(cls, source, cls.from_job)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        from ._frameworks import snapshot_json_schema

        return snapshot_json_schema(cls, schema, handler)

    @classmethod
    def from_job(cls, job: M) -> JobSnapshot[M]:
        """Return the snapshot of a job, sub-job, task or row of a listing.

        A timestamp that cannot be read is logged once for its service and pointer.

        Raises:
            TypeError: The model is not a job.
        """
        mapping = getattr(type(job), "__job__", None)
        if not isinstance(mapping, JobMapping):
            raise TypeError(
                f"job must be a model of a job, sub-job, task or row of a listing, got {type(job).__name__}"
            )
        snapshot, deviations = _snapshot(job, mapping)
        if deviations:
            service = generated(type(job)).__module__.split(".")[-2]
            DeviationReporter(service, "", None).report(deviations)
        return snapshot


class JobMapping(msgspec.Struct, frozen=True):
    """The `x-job` of a schema. Fields are paths, as `_models` reads them."""

    id: tuple[str, ...]
    state: tuple[str, ...]
    """The fields that the state depends on."""
    states: Mapping[str, JobState] = {}
    """The state of each value of the service, where they are strings."""
    cases: tuple[StateCase, ...] = ()
    """The cases in order. The first case in which all tests hold gives the state."""
    otherwise: JobState = JobState.UNKNOWN
    """The state in any other case."""
    reason: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    """The fields of children. Each has a list or map of children, or one child."""
    started: TimestampMapping | None = None
    ended: TimestampMapping | None = None
    progress_of_children: bool = False
    progress: tuple[str, ...] = ()
    progress_full: float = 100
    """The value of `progress` that means 100 %."""
    progress_format: str = ""
    """`percent` for 60 or "60%", `fraction` for "3/5"; empty for a number."""
    done: tuple[str, ...] = ()
    """Counters of finished children, added up."""
    total: str | None = None
    """Counter of all children."""


class StateCase(msgspec.Struct, frozen=True):
    """The state of a job while all tests hold."""

    state: JobState
    tests: tuple[FieldTest, ...]


class FieldTest(msgspec.Struct, frozen=True):
    """A condition on a field of a job: on the first of `fields` that is not empty."""

    fields: tuple[str, ...]
    values: tuple[str | int | float | bool | None, ...] = ()
    """The values, of which the field must have one. None means an empty field."""
    of_items: bool = False
    """Whether the field is a list, of which one item must have one of the values."""
    present: bool = False
    """Whether the field must not be empty."""
    minimum: float | None = None
    maximum: float | None = None


class TimestampMapping(msgspec.Struct, frozen=True):
    """The fields and formats of a timestamp."""

    fields: tuple[str, ...]
    """Dotted wire names; the first field that is not empty is used."""
    formats: tuple[str, ...]
    """Formats in order; the first that gives a year from 2000 to 2100 is used."""
    zone: str | None = None
    """Offset from UTC, such as `+08:00`, of a timestamp that has none."""
    when_terminal: bool = False
    """Whether the field is ignored until the job is final."""


def _snapshot(job: M, mapping: JobMapping) -> tuple[JobSnapshot[M], list[Deviation]]:
    """Return the snapshot of a job, and the timestamps in it that cannot be read."""
    state = state_of(job, mapping)
    children: list[JobSnapshot] = []
    deviations: list[Deviation] = []
    for (at, wildcard), key, child in _children(job, mapping):
        inner, found = _snapshot(child, type(child).__job__)
        # A child in a map may have its ID as its key alone.
        children.append(attrs.evolve(inner, id=key) if key and inner.id is None else inner)
        deviations += [deviation.below(at, wildcard) for deviation in found]
    snapshot = JobSnapshot(
        id=text_at(job, mapping.id),
        state=state,
        progress=_progress(job, mapping, state, children),
        started_at=_timestamp(job, mapping.started, state, deviations),
        ended_at=_timestamp(job, mapping.ended, state, deviations),
        reason=text_at(job, mapping.reason),
        children=tuple(children),
        job=job,
        code=text_at(job, mapping.code),
    )
    return snapshot, deviations


def state_of(job: object, mapping: JobMapping) -> JobState:
    """Return the state of a job, given as a model or as JSON."""
    if not mapping.states:
        return next((case.state for case in mapping.cases if holds(job, case)), mapping.otherwise)
    value = _first(job, mapping.state)
    return mapping.states.get(value, mapping.otherwise) if isinstance(value, str) else mapping.otherwise


def holds(job: object, case: StateCase) -> bool:
    """Return whether all tests of a case hold for a job, given as a model or as JSON."""
    return all(_passes(test, _first(job, test.fields)) for test in case.tests)


def _passes(test: FieldTest, value: object) -> bool:
    if test.present:
        return value is not None
    if test.values:
        found = value if test.of_items and isinstance(value, list) else [value]
        return any(_is_same(each, known) for each in found for known in test.values)
    number = _number(value)
    return (
        number is not None
        and (test.minimum is None or number >= test.minimum)
        and (test.maximum is None or number <= test.maximum)
    )


def _is_same(one: object, other: object) -> bool:
    """Return whether two JSON values are equal: `true` is not 1."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _as_data(snapshot: JobSnapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "state": str(snapshot.state),
        "progress": snapshot.progress,
        "started_at": snapshot.started_at and snapshot.started_at.isoformat(),
        "ended_at": snapshot.ended_at and snapshot.ended_at.isoformat(),
        "reason": snapshot.reason,
        **({} if snapshot.code is None else {"code": snapshot.code}),
        "children": [_as_data(child) for child in snapshot.children],
    }


def other_id(job: Model, requested: str) -> Deviation | None:
    """Return the deviation of a job with another ID than the requested one; None if the IDs are equal, or the job has
    no ID."""
    mapping = getattr(type(job), "__job__", None)
    names = mapping.id if isinstance(mapping, JobMapping) else ()
    found = text_at(job, names)
    if found is None or found == requested or _normal(found) == _normal(requested):
        return None
    name, value = next((name, value) for name in names if (value := value_at(job, name)) not in (None, ""))
    return Deviation(pointer(name), f"the requested ID {requested!r}", value, DeviationKind.IDENTITY)


def _normal(identity: str) -> str:
    """Return an ID, of a UUID in lower case: services write a UUID in either (RFC 9562)."""
    return identity.lower() if re.fullmatch(_HEXADECIMAL, identity) else identity


def _children(job: Model, mapping: JobMapping) -> Iterator[tuple[tuple[str, str], str | None, Any]]:
    """Yield the children that are jobs. Each has its pointer, exact and with a wildcard, and its key in a map."""
    for path in mapping.children:
        children, at = value_at(job, path), pointer(path)
        if isinstance(children, Model):
            yield (at, at), None, children
            continue
        if isinstance(children, dict):
            keyed = [(escape(key), key, child) for key, child in children.items()]
        else:
            found = children if isinstance(children, list | LazyList) else ()
            keyed = [(str(index), None, child) for index, child in enumerate(found)]
        for key, name, child in keyed:
            if isinstance(child, Model):
                yield (f"{at}/{key}", f"{at}/*"), name, child


def _progress(job: Model, mapping: JobMapping, state: JobState, children: Sequence[JobSnapshot]) -> float | None:
    if state is JobState.SUCCEEDED:
        return 1.0
    share: float | None = None
    # The progress of a job that ended without success is the share that succeeded.
    has_ended = state in _TERMINAL
    if mapping.progress_of_children and children:
        shares = (1.0 if child.is_terminal and not has_ended else child.progress or 0.0 for child in children)
        share = sum(shares) / len(children)
    elif mapping.progress:
        value = _first(job, mapping.progress)
        share = _share(value, mapping)
        if has_ended and share is not None and share >= 1:
            share = None
    elif mapping.total:
        total = _number(value_at(job, mapping.total))
        done = [_number(value_at(job, name)) for name in mapping.done]
        if has_ended:
            # The counters have failed children too.
            succeeded = sum(child.is_success for child in children)
            share = succeeded / max(total or 0, len(children)) if children else None
        elif total and any(part is not None for part in done):
            share = sum(part or 0 for part in done) / total
    return None if share is None else min(max(share, 0.0), _ALMOST_DONE)


def _share(value: object, mapping: JobMapping) -> float | None:
    """Return the share of the work that a value means."""
    if mapping.progress_format == "fraction":
        done, _, total = value.partition("/") if isinstance(value, str) else ("", "", "")
        one, other = _number(done.strip()), _number(total.strip())
        return one / other if one is not None and other else None
    if mapping.progress_format == "percent":
        number = _number(value.removesuffix("%").strip() if isinstance(value, str) else value)
        return None if number is None else number / 100
    number = _number(value)
    return None if number is None else number / mapping.progress_full


def _timestamp(
    job: Model, mapping: TimestampMapping | None, state: JobState, deviations: list[Deviation]
) -> datetime | None:
    if mapping is None or (mapping.when_terminal and state not in _TERMINAL):
        return None
    value = _first(job, mapping.fields)
    timestamp = parse_timestamp(value, mapping.formats, mapping.zone)
    if timestamp is None and value is not None:
        name = next(name for name in mapping.fields if value_at(job, name) not in (None, ""))
        expected = f"a timestamp as {' or '.join(mapping.formats)}"
        deviations.append(Deviation(pointer(name), expected, value, DeviationKind.TIME, Severity.NOTICE))
    return timestamp


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not re.fullmatch(_DIGITS, value):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def text_at(job: Model, names: Iterable[str]) -> str | None:
    """Return the first text, or number as text, that is not empty at these dotted wire names of a model."""
    value = _first(job, names)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        return str(value)
    except ValueError:
        # Python writes no int of thousands of digits.
        return None


def _first(job: object, names: Iterable[str]) -> object:
    for name in names:
        value = value_at(job, name)
        if value not in (None, ""):
            return value
    return None


_GO_TIME = (
    r"(?a)(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? "
    r"([+-])(\d\d)(\d\d)(?: [A-Z][A-Za-z]*| [+-]\d+)?(?: m=\S+)?"
)

_EPOCH = r"-?[0-9]{1,20}(?:\.[0-9]+)?"

_ZONE = r"([+-])([0-9][0-9]):([0-9][0-9])"

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def parse_timestamp(value: object, formats: Iterable[str], zone: str | None = None) -> datetime | None:
    """Return the timestamp that a value holds in one of the formats, or None."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    for name in formats:
        try:
            moment = _FORMATS[name](value, zone)
        except (ValueError, OverflowError):
            continue
        if moment is not None and _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            return moment
    return None


def http_date(text: str) -> float | None:
    """Return the timestamp of an HTTP header in seconds since 1970, or None."""
    from email.utils import parsedate_to_datetime  # slow to import, and such dates are rare

    try:
        moment = parsedate_to_datetime(text)
        # A date without a zone, or one of unknown offset, is in UTC: HTTP knows no other.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _go_time(value: str | float, zone: str | None) -> datetime | None:
    match = re.fullmatch(_GO_TIME, value) if isinstance(value, str) else None
    if match is None:
        return None
    # A datetime holds microseconds: the last three of Go's nine digits are dropped, not rounded into the next second.
    microsecond = int((match[7] or "0").ljust(6, "0")[:6])
    offset = timezone(_offset(match[8], match[9], match[10]))
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    return datetime(year, month, day, hour, minute, second, microsecond, offset).astimezone(UTC)


def _epoch(units_per_second: int) -> Callable[[str | float, str | None], datetime | None]:
    def read(value: str | float, zone: str | None) -> datetime | None:
        if isinstance(value, str):
            if not re.fullmatch(_EPOCH, value):
                return None
            value = float(value) if "." in value else int(value)
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=value * 1_000_000 / units_per_second)

    return read


def _datetime(value: str | float, zone: str | None) -> datetime | None:
    # fromisoformat reads a string of digits as a date. Here, digits are times only in the epoch formats.
    if not isinstance(value, str) or value.isdecimal():
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        match = re.fullmatch(_ZONE, zone or "")
        if match is None:
            return None
        moment = moment.replace(tzinfo=timezone(_offset(*match.groups())))
    return moment.astimezone(UTC)


def _offset(sign: str, hours: str, minutes: str) -> timedelta:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return -offset if sign == "-" else offset


_FORMATS: dict[str, Callable[[str | float, str | None], datetime | None]] = {
    "go-time": _go_time,
    "epoch-s": _epoch(1),
    "epoch-ms": _epoch(1_000),
    "epoch-us": _epoch(1_000_000),
    "datetime": _datetime,
}
