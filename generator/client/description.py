"""What the templates are given of one service: its models, operations and parameters, ready to be written down."""

from __future__ import annotations

from typing import Any

import attrs
from openapi_python_client.parser import GeneratorData

from generator.client.expressions import error_shape, page_shape, poll_shape

_PAGE_SIZE = 1000
"""Rows of a page: few enough for a reply of some hundred kilobytes, enough for few requests."""
_CREDENTIALS = {"token": ["a `Token`", "an `IamPassword`"], "aksk": ["an `AkSk`"]}
"""The runtime's classes by the `x-auth` that they are for."""


@attrs.frozen
class Field:
    """One field of a model."""

    name: str
    wire: str
    annotation: str
    description: str
    source: str
    json_text: bool
    """It holds JSON text, which an accessor beside it parses."""


@attrs.frozen
class ModelClass:
    """One model."""

    name: str
    description: str
    source: str
    fields: list[Field]
    job: str | None
    """The expression of its `JobShape`."""


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
    source: str
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
    def error_shape(self) -> str | None:
        return error_shape(self.errors)

    @property
    def poll_shape(self) -> str | None:
        return poll_shape(self.poll)

    @property
    def page_shape(self) -> str | None:
        return page_shape(self.pages, self.identity)

    @property
    def page_size(self) -> int:
        """Rows of a page where the caller does not say."""
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
