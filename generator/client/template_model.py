"""Template model: models, operations and parameters of one service, as the templates read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..documents.mappings import (
    AuthSpec,
    ErrorMapping,
    FieldTest,
    Header,
    JobMapping,
    TimestampMapping,
    credential_classes,
)


def job_mapping(job: JobMapping) -> str:
    """Return the runtime's `JobMapping`, as Python."""
    of_checks = ("resumable", "types", "parents", "empty_before_end")
    arguments = {"id": "", **_arguments(job, "state", "values", "cases", "otherwise", *of_checks)}
    if job.values and all(isinstance(value, str) for value in job.states):
        states = ", ".join(f"{value!r}: {_state(state)}" for value, state in job.states.items())
        arguments |= {"state": _expression(job.state), "states": f"{{{states}}}"}
    else:
        # Only strings are the keys of a dict: `True` and 1 would be one.
        cases = [
            _call("StateCase", {"state": _state(each.state), "tests": _expression(each.tests)}) for each in job.rules
        ]
        arguments |= {"state": _expression(job.state), "cases": f"({', '.join(cases)},)"}
    if job.otherwise:
        arguments["otherwise"] = _state(job.otherwise)
    order = ("id", "state", "states", "cases", "otherwise")
    return _call(
        "JobMapping", {key: arguments[key] for key in sorted(arguments, key=lambda key: (*order, key).index(key))}
    )


def _security_scheme(spec: AuthSpec) -> str:
    return _call("SecurityScheme", {"method": "", "header": repr(spec.header), **_arguments(spec)})


def _state(name: str) -> str:
    return f"JobState.{name.upper()}"


def _arguments(mapping: Any, *without: str) -> dict[str, str]:
    """Return the attributes of a mapping that are not at their defaults, as Python."""
    values = {each.name: (getattr(mapping, each.name), each.default) for each in attrs.fields(type(mapping))}
    return {
        name: _expression(value)
        for name, (value, default) in values.items()
        if value != default and name not in without
    }


def _expression(value: Any) -> str:
    if isinstance(value, Header):
        return f"Header({value.name!r})"
    if isinstance(value, TimestampMapping | FieldTest):
        return _call(type(value).__name__, _arguments(value))
    if isinstance(value, tuple):
        return f"({', '.join(map(_expression, value))}{',' * (len(value) == 1)})"
    return repr(value)


def _call(name: str, arguments: dict[str, str]) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})"


_PAGE_SIZE = 1000
"""Rows of a page: few enough for a response of some hundred kilobytes, enough for few requests."""

_REGION = "region"
"""The variable of a server that the client takes as an argument."""


@attrs.frozen
class PollCall:
    """The runtime's `PollSpec`."""

    argument: str = ""
    body: str = ""
    url: bool = False
    is_integer: bool = False
    batch: int = 0
    job: str = ""
    items: str = ""
    match: str = ""
    interval: float | None = None
    statuses: Mapping[int, str] | None = None

    @property
    def is_listing(self) -> bool:
        """Whether a request has no ID: the response lists all jobs."""
        return not (self.argument or self.body or self.url)


@attrs.frozen
class PageCall:
    """The runtime's `PaginationSpec`."""

    items: str
    offset: str = ""
    page: str = ""
    first: int = 1
    token: str = ""
    next: str | Header = ""
    limit: str = ""
    most: int = 0
    identity: tuple[str, ...] = ()
    total: str = ""
    more: str = ""


@attrs.frozen
class StartCall:
    """The runtime's `StartSpec`."""

    place: str | Header
    is_url: bool = False


@attrs.frozen
class ModelField:
    """One field of a model."""

    name: str
    wire: str
    annotation: str
    description: str
    json_text: bool
    """Whether it contains JSON text, for which the model has a property with the parsed value."""


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
    is_client_parameter: bool
    default: Any = None
    maximum: int | None = None
    style: str | None = None
    """How a list or an object is written; None if the parameter takes neither."""
    explode: bool = False

    @property
    def default_words(self) -> str:
        """The behaviour without the argument, as the end of a docstring."""
        if self.is_client_parameter:
            return " By default the client's."
        return "" if self.default is None else f" Where it is not given the service takes {self.default}."


@attrs.frozen
class Success:
    """A 2xx response of an operation with several models."""

    status: str
    annotation: str
    kind: str
    """`json`, `text`, `bytes` or `none`."""


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
    response: str
    """The type that the method returns."""
    is_job: bool
    parameters: list[Argument]
    headers: dict[str, str]
    errors: ErrorMapping | None
    """The `x-error` of all its errors together."""
    schemes: list[AuthSpec]
    poll: PollCall | None
    """Its `x-poll`, with Python's names."""
    pages: PageCall | None
    """Its `x-pagination`, with Python's names."""
    row: str
    """For a listing: the model of a row."""
    job_model: str
    """The model of an awaited job."""
    collection: str
    """For a listing: the end of the name of the method that iterates over it."""
    start: StartCall | None = None
    """Its `x-start`."""
    polled: Method | None = None
    """For an operation that starts a job: the operation that reads the job."""
    successes: list[Success] = attrs.field(factory=list)
    """The 2xx responses, where they are not all one model."""
    media_type: str = ""
    """Media type of the request body, which is the last of the parameters; empty without a body."""
    operation_type: str = ""
    """The response's type, as the module of operations writes it."""
    deprecated: bool = False
    """Whether the document marks the operation as deprecated."""

    @property
    def error_mapping(self) -> str | None:
        return _call("ErrorMapping", _arguments(self.errors)) if self.errors else None

    @property
    def poll_spec(self) -> str | None:
        return _call("PollSpec", _arguments(self.poll)) if self.poll else None

    @property
    def pagination_spec(self) -> str | None:
        return _call("PaginationSpec", {"items": "", **_arguments(self.pages)}) if self.pages else None

    @property
    def security_schemes(self) -> list[str]:
        """The runtime's `SecurityScheme`s."""
        return [_security_scheme(each) for each in self.schemes]

    @property
    def start_spec(self) -> str | None:
        return _call("StartSpec", {"place": "", **_arguments(self.start)}) if self.start else None

    @property
    def polled_arguments(self) -> list[Argument]:
        """The arguments that the poll of the started job shares with it."""
        names = {each.name for each in self.parameters}
        wait = [*self.polled.wait_positional, *self.polled.wait_keywords] if self.polled else []
        return [each for each in wait if each.name in names]

    @property
    def id_type(self) -> str:
        """Python's type of the ID of a job."""
        return "int" if self.poll and self.poll.is_integer else "str"

    @property
    def page_size(self) -> int:
        """Rows of a page by default: the default of the parameter, if it has one."""
        limits = [each for each in self.parameters if self.pages and each.name == self.pages.limit]
        default: int | None = next((each.default for each in limits if each.default is not None), None)
        return default or min(_PAGE_SIZE, *(each.maximum for each in limits if each.maximum is not None), _PAGE_SIZE)

    @property
    def sent_parameters(self) -> list[Argument]:
        """The arguments that are parameters, which the body is not."""
        return [each for each in self.parameters if each.location != "body"]

    @property
    def body(self) -> Argument | None:
        """The argument that is the request body."""
        return next((each for each in self.parameters if each.location == "body"), None)

    @property
    def wait_positional(self) -> list[Argument]:
        """The required arguments of a wait besides the job's id."""
        if self.poll and self.poll.url:
            return []
        takes_id = {self.poll.argument, "body" if self.poll.body else ""} if self.poll else set()
        return [each for each in self.positional if each.name not in takes_id]

    @property
    def wait_keywords(self) -> list[Argument]:
        """The optional path arguments of a wait, which may also be given to the client."""
        return [each for each in self.keywords if each.is_client_parameter]

    @property
    def page_keywords(self) -> list[Argument]:
        """The optional arguments of an iteration: all but the bounds of a page."""
        pages = self.pages
        of_pages = {pages.offset, pages.page, pages.token, pages.limit} if pages else set()
        return [each for each in self.keywords if each.name not in of_pages]

    @property
    def positional(self) -> list[Argument]:
        """The required arguments of a call, in the order of the path."""
        return [parameter for parameter in self.parameters if parameter.required and not parameter.is_client_parameter]

    @property
    def keywords(self) -> list[Argument]:
        """The optional arguments of a call."""
        return [parameter for parameter in self.parameters if not parameter.required or parameter.is_client_parameter]


@attrs.frozen
class ServicePackage:
    """All data of one service for the templates."""

    name: str
    document: dict[str, Any]
    client_name: str
    models: list[ModelClass]
    closed_lists: list[ValueList]
    open_lists: list[ValueList]
    operations: list[Method]
    client_imports: list[str]
    """Names of the models module that the clients use, some with an alias."""

    @property
    def title(self) -> str:
        return str(self.document["info"]["title"])

    @property
    def page(self) -> str:
        """The vendor's page of the service; empty if the document names none."""
        return str(self.document.get("externalDocs", {}).get("url", ""))

    @property
    def names(self) -> list[str]:
        """Public names of the models module."""
        lists = [*self.closed_lists, *self.open_lists]
        return sorted([*(model.name for model in self.models), *(each.name for each in lists)])

    @property
    def client_parameters(self) -> list[Argument]:
        """The arguments that can be set once on the client."""
        arguments = [each for method in self.operations for each in method.parameters]
        return list({each.name: each for each in arguments if each.is_client_parameter}.values())

    @property
    def region_servers(self) -> list[tuple[str, list[str]]]:
        """Address and regions of each server with a variable `region`; no regions where its list is open."""
        found = []
        for server in self.document.get("servers", ()):
            variables = server.get("variables", {})
            url = server["url"]
            for name, variable in variables.items():
                url = url if name == _REGION else url.replace(f"{{{name}}}", variable["default"])
            if _REGION in variables:
                found.append((url.rstrip("/"), variables[_REGION].get("enum", [])))
        return found

    @property
    def has_bodies(self) -> bool:
        """Whether an operation sends a body."""
        return any(method.body for method in self.operations)

    @property
    def has_other_responses(self) -> bool:
        """Whether an operation has 2xx responses that are not all one model."""
        return any(method.successes for method in self.operations)

    @property
    def credentials(self) -> tuple[str, ...]:
        """The runtime's classes of credentials that the operations take."""
        return tuple(credential_classes(scheme for method in self.operations for scheme in method.schemes))

    @property
    def needs_credentials(self) -> bool:
        """Whether an operation declares security schemes."""
        return any(method.schemes for method in self.operations)

    @property
    def authentication(self) -> str:
        """The end of the description of `auth` in the client's docstring."""
        if not self.needs_credentials:
            return ", for a gateway before it: the service itself declares none"
        found = [f"{'an' if name[0] in 'AI' else 'a'} `{name}`" for name in self.credentials]
        return f": {', '.join(found)}, or another `httpx.Auth`"
