# Generated from generator/client/runtime/cli/_options.py. Do not edit: change that, and run `make generate`.
"""Arguments and options of the commands, made from the parameters of an operation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import click
from click.shell_completion import CompletionItem

from .._clock import is_duration
from .._models import Model, wire_names, wire_value
from .._operations import Operation, Parameter
from .._options import DEFAULT_RETRIES
from .._validation import FlatSchema
from ..auth._environment import OF_CLIENT
from ._client_factory import OperationInfo, job_models, operation, variables


def names_of(models: Iterable[type[Model]]) -> list[str]:
    """The wire names of the models' fields."""
    return list(dict.fromkeys(name for model in models for name in wire_names(model)))


def validate_field(models: Iterable[type[Model]], field: str) -> str:
    """The field, if one of the models has it. Raises `ValueError` with the choice."""
    held = list(models)
    first = field.partition(".")[0]
    known = names_of(held)
    if first in known or any(first in wire_names(model).values() for model in held):
        return field
    raise ValueError(f"there is no field {field!r}: choose among {', '.join(known)}")


def value_at(model: object, field: str) -> Any:
    """What a field holds; None where it is absent or null."""
    value: Any = model
    for name in field.split("."):
        if isinstance(value, Model):
            names = wire_names(type(value))
            by_python = name not in names and name in names.values()
            value = getattr(value, name) if by_python else wire_value(value, name)
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def text_of(value: object) -> str:
    """A value as a caller writes it: a text as it is, anything else as JSON has it, and what is absent as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return "[…]" if not isinstance(value, Model | dict) else "{…}"


@attrs.frozen
class Condition:
    """A field and the value that it must have."""

    field: str
    value: str

    @classmethod
    def parse(cls, text: str, models: Iterable[type[Model]]) -> Condition:
        """Read `field=value`. Raises `ValueError` where it is not of that form, or there is no such field."""
        field, equals, value = text.partition("=")
        if not equals or not field:
            raise ValueError(f"{text!r} is no condition: write field=value")
        return cls(validate_field(models, field), value)

    def holds(self, row: object) -> bool:
        """Whether a row has the value; a number is compared as a number."""
        found = value_at(row, self.field)
        if text_of(found) == self.value:
            return True
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        try:
            return found == float(self.value)
        except (ValueError, OverflowError):
            return False


_TYPES: Mapping[str, click.ParamType[Any]] = {"integer": click.INT, "number": click.FLOAT, "boolean": click.BOOL}

COUNT = click.IntRange(min=1)


class _Seconds(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on alone
    """A time span that can be slept through, which neither NaN nor infinity can."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not is_duration(seconds):
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return seconds


SECONDS = _Seconds()


class Positional(click.Argument):
    """An argument that explains itself in the help of its command."""

    def __init__(self, name: str, explanation: str, kind: click.ParamType[Any] | None = None) -> None:
        super().__init__([name], required=True, type=kind, metavar=name.upper())
        self.explanation = explanation


@attrs.frozen
class Parameters:
    """The parameters of a command, and which of the operation's arguments each gives."""

    made: list[click.Parameter]
    arguments: dict[str, str]
    """The operation's argument by the name of the command's parameter."""
    of_client: dict[str, str]
    """The client's keyword by the name of the command's parameter."""


def parameters(described: OperationInfo, without: Collection[str], own: Sequence[click.Parameter]) -> Parameters:
    """The parameters of a command that calls an operation.

    Args:
        described: The operation.
        without: Arguments of it that the command sees to itself.
        own: Parameters of the command, whose names go before the operation's.
    """
    call: Operation[Any] = operation(described.service, described.id)
    taken = {each.name or "" for each in own}
    arguments: list[click.Parameter] = []
    options: list[click.Parameter] = []
    given: dict[str, str] = {}
    of_client: dict[str, str] = {}
    for parameter in call.parameters:
        if parameter.argument in without:
            continue
        name = _free(parameter.argument, taken)
        explanation, schema = described.parameter(parameter.name)
        (of_client if parameter.of_client else given)[name] = parameter.argument
        if parameter.of_client:
            options.append(_of_client(described, name, parameter))
        elif parameter.required:
            arguments.append(Positional(name, explanation, _type(schema)))
        else:
            options.append(click.Option([_flag(name), name], type=_type(schema), help=explanation))
    return Parameters([*arguments, *own, *options], given, of_client)


def _of_client(described: OperationInfo, name: str, parameter: Parameter) -> click.Option:
    explanation, schema = described.parameter(parameter.name)
    return click.Option(
        [_flag(name), name],
        type=_type(schema),
        help=explanation,
        required=parameter.required,
        envvar=[*variables(described.service, parameter.argument), *OF_CLIENT.get(parameter.argument, ())],
        show_envvar=True,
    )


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"service_{name}"
    taken.add(name)
    return name


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _type(schema: FlatSchema) -> click.ParamType[Any]:
    if choices := [value for value in schema.allowed or () if isinstance(value, str)]:
        return click.Choice(choices)
    return _TYPES.get(schema.types[0], click.STRING) if len(schema.types) == 1 else click.STRING


def of_fields(service: str, flag: str, name: str, explanation: str, *, multiple: bool = True, suffix: str = "") -> Any:
    """An option that takes the names of fields, and completes them."""

    def complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        return [CompletionItem(f"{each}{suffix}") for each in names_of(job_models(service)) if each.startswith(begun)]

    return click.Option(
        [flag, name],
        metavar="FIELD=VALUE" if suffix else "FIELD",
        multiple=multiple,
        help=explanation,
        shell_complete=complete,
    )


def shared(service: str, output: str) -> Iterator[click.Option]:
    """The options of every command."""
    yield click.Option(
        ["-o", "--output"],
        type=click.Choice(["table", "json", "jsonl"]),
        default=output,
        show_default=True,
        help="table: for people, plain lines in a pipe. json: one document. jsonl: a document on each line.",
    )
    yield click.Option(
        ["--base-url"],
        metavar="URL",
        envvar=variables(service, "URL")[0],
        show_envvar=True,
        help="Address of the service.",
    )
    yield click.Option(
        ["--max-retries"],
        type=click.IntRange(min=0),
        metavar="NUMBER",
        default=DEFAULT_RETRIES,
        show_default=True,
        help="How often a call is made again after a passing failure.",
    )
    yield click.Option(["--strict"], is_flag=True, help="Fail where a reply deviates from its document.")
    yield click.Option(["-v", "--verbose"], is_flag=True, help="Tell of each request and retry on standard error.")
