"""Arguments and options of the commands, made from the parameters of an operation, and the client for a call.

Help and completion read documents only; the code of a service is loaded when it is called.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

import attrs
import click
from click.shell_completion import CompletionItem

from .._client import Client
from .._clock import is_duration
from .._documents import FlatSchema, ServiceSchemas, document, operations, service_module
from .._models import Model, wire_names
from .._operations import Operation, Secret, is_credential
from .._options import DEFAULT_RETRIES
from .._urls import PACKAGE, argument_variables, environment_region, require_https, validate_base_url
from ..auth import from_environment
from ._console import warn

if TYPE_CHECKING:
    import httpx


@attrs.frozen
class OperationInfo:
    """An operation of the document."""

    service: str
    definition: dict[str, Any]
    _schemas: ServiceSchemas = attrs.field(repr=False)

    @property
    def id(self) -> str:
        """The operationId."""
        operation_id: str = self.definition["operationId"]
        return operation_id

    @property
    def name(self) -> str:
        """The name on a command line."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", self.id).lower()

    @property
    def explanation(self) -> str:
        """The summary and the description, in paragraphs."""
        paragraphs = [f"{self.definition.get('summary', self.id)}.", self.definition.get("description", "")]
        return "\n\n".join(" ".join(each.split()) for each in paragraphs if each)

    def parameter(self, name: str) -> tuple[str, FlatSchema]:
        """Return the description and the schema of a parameter by its wire name."""
        found: dict[str, Any] = next((each for each in self.definition["parameters"] if each["name"] == name), {})
        return " ".join(str(found.get("description", "")).split()), self._schemas.node(found.get("schema", {}))


@cache
def operation_infos(service: str) -> tuple[OperationInfo, ...]:
    """Return the operations of a service."""
    schemas = ServiceSchemas(document(service))
    return tuple(OperationInfo(service, each, schemas) for _, _, each in operations(schemas.document))


def title(service: str) -> str:
    """Return the title of a service's document."""
    string: str = document(service)["info"]["title"]
    return string


def operation(service: str, operation_id: str) -> Operation[Any]:
    """Return the generated operation of that operationId."""
    held = vars(_module(service, "operations")).values()
    return next(each for each in held if isinstance(each, Operation) and each.id == operation_id)


def client_class(service: str) -> type[Client]:
    """Return the generated synchronous client."""
    held = vars(_module(service, "client")).values()
    return next(each for each in held if isinstance(each, type) and issubclass(each, Client) and each is not Client)


def job_models(service: str) -> list[type[Model]]:
    """Return the models of jobs and their children; all models of the service without any."""
    held = vars(_module(service, "models")).values()
    found = [each for each in held if isinstance(each, type) and issubclass(each, Model) and each is not Model]
    return [each for each in found if hasattr(each, "__job__")] or found


def _module(service: str, name: str) -> Any:
    return import_module(f"{service_module(service)}.{name}")


class ConfigurationError(ValueError):
    """A setting is missing or invalid; the message says how to give it."""


@attrs.frozen
class ClientSettings:
    """The settings of a command's client."""

    base_url: Secret[str] | None
    """It can hold a password, which is then rejected."""
    region: str | None
    headers: tuple[Secret[tuple[str, str]], ...]
    of_client: Mapping[str, str | None]
    max_retries: int
    strict: bool
    verbose: bool


@contextmanager
def session(operation: Operation[Any], settings: ClientSettings) -> Iterator[Client]:
    """Make a client, and write its warnings to standard error, until the block ends.

    Raises:
        ConfigurationError: The address is missing, or credentials that the service requires.
        ValueError: One of them is invalid.
    """
    service = operation.service
    client_type: Any = client_class(service)
    given = Secret(settings.base_url.reveal() if settings.base_url else None)
    if not given.reveal() and not settings.region and environment_region(client_type._service) is None:
        variable = argument_variables(service, "url")[0]
        options = "--base-url or --region" if client_type._service.servers else "--base-url"
        raise ConfigurationError(f"the address of {service} is missing: pass {options}, or set {variable}")
    base_url = validate_base_url(client_type._service, given, settings.region)
    headers = Secret(dict(each.reveal() for each in settings.headers))
    credentials = _credentials(operation, base_url, any(map(is_credential, headers.reveal())))
    with (
        _log_to_stderr(settings.verbose),
        client_type(
            base_url,
            **settings.of_client,
            auth=credentials,
            strict=settings.strict,
            max_retries=settings.max_retries,
        ) as client,
    ):
        yield client.with_options(headers=headers.reveal()) if headers.reveal() else client


def _credentials(operation: Operation[Any], base_url: str, are_given: bool) -> httpx.Auth | None:
    """Return the credentials of the environment, unless a header has some."""
    if not operation.schemes:
        return None
    try:
        found = None if are_given else from_environment(operation.service)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    try:
        require_https(base_url)
    except ValueError:
        raise ConfigurationError(
            "credentials must not be sent over plain HTTP: use https, or http to this machine alone"
        ) from None
    return found


class _Warnings(logging.Handler):
    """Writes records as lines to the current standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        level = "warning" if record.levelno >= logging.WARNING else "info"
        warn(f"{level}: {record.getMessage()}")


@contextmanager
def _log_to_stderr(verbose: bool) -> Iterator[None]:
    """Write the client's log to standard error: deviations and unknown states; if `verbose`, requests and retries."""
    logger, handler = logging.getLogger(PACKAGE), _Warnings()
    before = logger.level
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def names_of(models: Iterable[type[Model]]) -> list[str]:
    """Return the wire names of the models' fields."""
    return list(dict.fromkeys(name for model in models for name in wire_names[model]))


def validate_field(models: Iterable[type[Model]], field: str) -> str:
    """Return the field, if one of the models has it. Raises `ValueError` with the known ones."""
    found, before = list(models), ""
    for name in field.split("."):
        known = names_of(found)
        within = f" of {before!r}" if before else ""
        if name not in known and not any(name in wire_names[model].values() for model in found):
            if before and not known:
                raise ValueError(f"a field must exist in the document, got {field!r}: {before!r} has no fields")
            raise ValueError(f"a field{within} must be one of {', '.join(known)}, got {name!r}")
        types = [each for model in found for each in _types_of(model, name)]
        if dict in types:
            return field  # the document does not know its fields
        found = [each for each in types if issubclass(each, Model)]
        before = f"{before}.{name}" if before else name
    return field


def _types_of(model: type[Model], name: str) -> Iterator[type]:
    """Yield the classes that a field's value can have, by its name on the wire or as an attribute."""
    attribute = wire_names[model].get(name, name)
    pending: list[Any] = [get_type_hints(model).get(attribute)]
    while pending:
        hint = pending.pop()
        origin = get_origin(hint)
        if origin in (Union, UnionType):
            pending.extend(get_args(hint))
        elif isinstance(kind := origin or hint, type):
            yield kind


def value_at(model: object, field: str) -> Any:
    """Return the value of a field; None if it is absent or null."""
    value: Any = model
    for name in field.split("."):
        if isinstance(value, Model):
            names = wire_names[type(value)]
            attribute = names.get(name, name if name in names.values() else None)
            value = value.additional_properties.get(name) if attribute is None else getattr(value, attribute)
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def text_of(value: object) -> str:
    """Return a value for a table: a string as it is, an absent value empty, others as in JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return "[…]" if not isinstance(value, Model | dict) else "{…}"


@attrs.frozen
class RowFilter:
    """A field and the value that it must have."""

    field: str
    value: str

    @classmethod
    def parse(cls, text: str, models: Iterable[type[Model]]) -> RowFilter:
        """Read `field=value`. Raises `ValueError` for another form, or a field that does not exist."""
        field, equals, value = text.partition("=")
        if not equals or not field:
            raise ValueError(f"a condition must be FIELD=VALUE, got {text!r}")
        return cls(validate_field(models, field), value)

    def holds(self, row: object) -> bool:
        """Return whether a row has the value; a number is compared as a number."""
        value = value_at(row, self.field)
        if text_of(value) == self.value:
            return True
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        try:
            return value == float(self.value)
        except (ValueError, OverflowError):
            return False


_TYPES: Mapping[str, click.ParamType[Any]] = {"integer": click.INT, "number": click.FLOAT, "boolean": click.BOOL}

COUNT = click.IntRange(min=1)


_UNITS = {"s": 1, "m": 60, "h": 3600}


class _Duration(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on alone
    """A duration: `30s`, `5m`, `1h`, or a finite number of seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        number, unit = (value[:-1], _UNITS[value[-1]]) if value[-1:] in _UNITS else (value, 1)
        try:
            seconds = float(number) * unit
        except ValueError:
            seconds = -1
        if not is_duration(seconds):
            self.fail(f"must be a duration such as 30s, 5m or 1h, or seconds, got {value!r}", param, ctx)
        return seconds


DURATION = _Duration()


def _header(context: click.Context, parameter: click.Parameter, given: Iterable[Secret[str]]) -> Any:
    """Split the headers at their colons. The values are not repeated in an error, since one may be a credential."""
    headers = []
    for each in given:
        name, colon, value = each.reveal().partition(":")
        if not colon or not name.strip():
            del each, name, value  # the variables of a frame are shown with an error
            raise click.BadParameter("must be NAME:VALUE, got another form", context, parameter)
        headers.append(Secret((name.strip(), value.strip())))
    return tuple(headers)


class Positional(click.Argument):
    """An argument with an explanation in the help of its command."""

    def __init__(
        self,
        name: str,
        explanation: str,
        kind: click.ParamType[Any] | None = None,
        *,
        several: bool = False,
        required: bool = True,
    ) -> None:
        metavar = f"{name.upper()}…" if several else name.upper() if required else f"[{name.upper()}]"
        super().__init__([name], required=required, type=kind, metavar=metavar, nargs=-1 if several else 1)
        self.explanation = explanation


@attrs.frozen
class Parameters:
    """The parameters of a command, and the operation's argument for each."""

    params: list[click.Parameter]
    arguments: dict[str, str]
    """The operation's argument by the name of the command's parameter."""
    of_client: dict[str, str]
    """The client's keyword by the name of the command's parameter."""


def parameters(info: OperationInfo, without: Collection[str], own: Sequence[click.Parameter]) -> Parameters:
    """Make the parameters of a command that calls an operation.

    Args:
        info: The operation.
        without: Its arguments that the command gives itself.
        own: Parameters of the command; their names take precedence over the operation's.
    """
    call: Operation[Any] = operation(info.service, info.id)
    used = {each.name or "" for each in own}
    result = Parameters([], {}, {})
    options: list[click.Parameter] = []
    for parameter in call.parameters:
        if parameter.argument in without:
            continue
        name = parameter.argument
        while name in used:
            name = f"service_{name}"
        used.add(name)
        flags = [f"--{name.replace('_', '-')}", name]
        explanation, schema = info.parameter(parameter.name)
        if parameter.is_client_parameter:
            result.of_client[name] = parameter.argument
            environment = argument_variables(info.service, parameter.argument)
            options.append(
                click.Option(
                    flags,
                    type=_type(schema),
                    help=explanation,
                    required=parameter.required,
                    envvar=environment,
                    show_envvar=True,
                )
            )
            continue
        result.arguments[name] = parameter.argument
        if parameter.required:
            result.params.append(Positional(name, explanation, _type(schema)))
        else:
            options.append(click.Option(flags, type=_type(schema), help=explanation))
    result.params.extend([*own, *options])
    return result


def _type(schema: FlatSchema) -> click.ParamType[Any]:
    if choices := [value for value in schema.allowed or () if isinstance(value, str)]:
        return click.Choice(choices)
    return _TYPES.get(schema.types[0], click.STRING) if len(schema.types) == 1 else click.STRING


def field_option(
    service: str, flag: str, name: str, explanation: str, *, multiple: bool = True, suffix: str = ""
) -> Any:
    """Make an option that takes the names of fields, and completes them."""

    def complete(context: click.Context, parameter: click.Parameter, prefix: str) -> list[CompletionItem]:
        return [CompletionItem(f"{each}{suffix}") for each in names_of(job_models(service)) if each.startswith(prefix)]

    return click.Option(
        [flag, name],
        metavar="FIELD=VALUE" if suffix else "FIELD",
        multiple=multiple,
        help=explanation,
        shell_complete=complete,
    )


def shared_options(service: str, output: str) -> Iterator[click.Option]:
    """Yield the options of every command."""
    yield click.Option(
        ["-o", "--output"],
        type=click.Choice(["table", "json", "jsonl"]),
        default=output,
        show_default=True,
        help="table: for people, plain lines in a pipe. json: one document. jsonl: a document on each line.",
    )
    yield click.Option(
        ["--base-url"],
        type=Secret,  # it can hold a password, which is then rejected
        metavar="URL",
        envvar=argument_variables(service, "url")[0],
        show_envvar=True,
        help="Address of the service.",
    )
    if _module(service, "operations").SERVICE.servers:
        yield click.Option(
            ["--region"],
            metavar="REGION",
            help="Region of the service, in place of its address.",
        )
    yield click.Option(
        ["--header"],
        type=Secret,  # it can be a credential
        metavar="NAME:VALUE",
        multiple=True,
        callback=_header,
        help="A further header of each request; can be repeated.",
    )
    yield click.Option(
        ["--max-retries"],
        type=click.IntRange(min=0),
        metavar="NUMBER",
        default=DEFAULT_RETRIES,
        show_default=True,
        help="Retries of a request after a temporary failure.",
    )
    yield click.Option(["--strict"], is_flag=True, help="Fail if a response deviates from its document.")
    yield click.Option(["-v", "--verbose"], is_flag=True, help="Log each request and retry to standard error.")
