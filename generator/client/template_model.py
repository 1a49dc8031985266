"""Template model: models, operations and parameters of one service, as the templates read them."""

from __future__ import annotations

from typing import Any

import attrs
from openapi_python_client.parser import GeneratorData


def job_mapping(job: dict[str, Any] | None) -> str | None:
    """The `JobMapping` of an `x-job`."""
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
    return f"JobMapping({_arguments(parts)})"


def error_mapping(errors: dict[str, list[str | dict[str, str]]]) -> str | None:
    """The `ErrorMapping` of an `x-error`."""
    parts: dict[str, str | None] = {
        part: _tuple([_place(place) for place in places]) for part, places in errors.items()
    }
    return f"ErrorMapping({_arguments(parts)})" if errors else None


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _place(place: str | dict[str, str]) -> str:
    return repr(place) if isinstance(place, str) else f"Header({place['header']!r})"


def poll_spec(poll: dict[str, str] | None) -> str | None:
    """The `PollSpec` of an `x-poll` whose names are Python's."""
    return f"PollSpec({_arguments(_quoted(poll))})" if poll else None


def pagination_spec(pages: dict[str, str] | None, identity: list[str]) -> str | None:
    """The `PaginationSpec` of an `x-pagination` whose names are Python's."""
    return f"PaginationSpec({_arguments({**_quoted(pages), 'identity': repr(tuple(identity))})})" if pages else None


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
    return f"TimestampMapping({_arguments(parts)})"


def _arguments(parts: dict[str, str | None]) -> str:
    return ", ".join(f"{name}={text}" for name, text in parts.items() if text is not None)


def _names(names: str | list[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


_PAGE_SIZE = 1000
"""LazyList of a page: few enough for a reply of some hundred kilobytes, enough for few requests."""

_CREDENTIALS = {"token": ["a `Token`", "an `IamPassword`"], "aksk": ["an `AkSk`"]}
"""The runtime's classes by the `x-auth` that they are for."""


@attrs.frozen
class ModelField:
    """One field of a model."""

    name: str
    wire: str
    annotation: str
    description: str
    json_text: bool
    """It holds JSON text, which an accessor beside it parses."""


@attrs.frozen
class ModelClass:
    """One model."""

    name: str
    description: str
    fields: list[ModelField]
    job: str | None
    """The expression of its `JobMapping`."""


@attrs.frozen
class ValueList:
    """A list of values: a `Literal` where it is closed, constants where it is open."""

    name: str
    of: str
    description: str
    values: list[Any]
    constants: list[tuple[str, str]] = attrs.field(factory=list)


@attrs.frozen
class Argument:
    """One argument of a method, or of the client."""

    name: str
    wire: str
    location: str
    annotation: str
    description: str
    required: bool
    of_client: bool
    default: Any = None
    maximum: int | None = None

    @property
    def default_words(self) -> str:
        """What happens where the argument is not given, as a docstring goes on."""
        if self.of_client:
            return " By default the client's."
        return "" if self.default is None else f" Where it is not given the service takes {self.default}."


@attrs.frozen
class Method:
    """One operation, as a method of the clients."""

    id: str
    name: str
    constant: str
    method: str
    path: str
    summary: str
    description: str
    reply: str
    job_reply: bool
    parameters: list[Argument]
    headers: dict[str, str]
    errors: dict[str, list[str | dict[str, str]]]
    """The `x-error` of all its errors together."""
    schemes: list[dict[str, Any]]
    poll: dict[str, str] | None
    """Its `x-poll`, with Python's names."""
    pages: dict[str, str] | None
    """Names of its `x-pagination` in Python: of the arguments, of the list."""
    row: str
    """Of a listing: the model of a row."""
    identity: list[str]
    """Of a listing: wire names of a row's id."""

    @property
    def error_mapping(self) -> str | None:
        return error_mapping(self.errors)

    @property
    def poll_spec(self) -> str | None:
        return poll_spec(self.poll)

    @property
    def pagination_spec(self) -> str | None:
        return pagination_spec(self.pages, self.identity)

    @property
    def page_size(self) -> int:
        """LazyList of a page where the caller does not say."""
        limits = [
            parameter.maximum for parameter in self.parameters if self.pages and parameter.name == self.pages["limit"]
        ]
        return min(_PAGE_SIZE, *(limit for limit in limits if limit is not None), _PAGE_SIZE)

    @property
    def wait_positional(self) -> list[Argument]:
        """What a wait must say besides the job's id."""
        return [each for each in self.positional if self.poll is None or each.name != self.poll.get("argument")]

    @property
    def wait_keywords(self) -> list[Argument]:
        """What a wait may say of where to look: what may also be given to the client."""
        return [each for each in self.keywords if each.of_client]

    @property
    def page_keywords(self) -> list[Argument]:
        """What an iteration may say: everything but where a page begins and ends."""
        of_pages = {self.pages["offset"], self.pages["limit"]} if self.pages else set()
        return [each for each in self.keywords if each.name not in of_pages]

    @property
    def positional(self) -> list[Argument]:
        """What every call must say, in the order of the path."""
        return [parameter for parameter in self.parameters if parameter.required and not parameter.of_client]

    @property
    def keywords(self) -> list[Argument]:
        """What a call may say."""
        return [parameter for parameter in self.parameters if not parameter.required or parameter.of_client]


@attrs.frozen
class ServicePackage:
    """Everything that is written down of one service."""

    name: str
    document: dict[str, Any]
    client_name: str
    models: list[ModelClass]
    closed_lists: list[ValueList]
    open_lists: list[ValueList]
    operations: list[Method]
    parsed: GeneratorData

    @property
    def title(self) -> str:
        return str(self.document["info"]["title"])

    @property
    def names(self) -> list[str]:
        """Public names of the models module."""
        lists = [*self.closed_lists, *self.open_lists]
        return sorted([*(model.name for model in self.models), *(each.name for each in lists)])

    @property
    def of_client(self) -> list[Argument]:
        """The arguments that may be given once, to the client."""
        return list({p.name: p for method in self.operations for p in method.parameters if p.of_client}.values())

    @property
    def authentication(self) -> str:
        """How the argument `auth` goes on in the client's docstring."""
        methods = {scheme["method"] for method in self.operations for scheme in method.schemes}
        if not methods:
            return ", for a gateway before it: the service itself declares none"
        kinds = [kind for method, found in _CREDENTIALS.items() if method in methods for kind in found]
        return f": {', '.join(kinds)}, or another `httpx.Auth`" if kinds else ", as an `httpx.Auth`"
