# Generated from generator/client/runtime/cli/_parameters.py. Do not edit: change that, and run `make generate`.
"""Makes arguments and options of a command from an operation: its parameters, and those that all commands share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs
import click
from click.shell_completion import CompletionItem

from .._clock import is_span
from .._operations import Operation, Parameter
from .._options import DEFAULT_RETRIES
from ..auth._environment import OF_CLIENT
from ._fields import names_of
from ._services import Described, job_models, operation, variables

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
        if not is_span(seconds):
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


def parameters(described: Described, without: Collection[str], own: Sequence[click.Parameter]) -> Parameters:
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
        schema = described.parameter(parameter.name)
        (of_client if parameter.of_client else given)[name] = parameter.argument
        if parameter.of_client:
            options.append(_of_client(described, name, parameter))
        elif parameter.required:
            arguments.append(Positional(name, _help(schema), _type(schema)))
        else:
            options.append(click.Option([_flag(name), name], type=_type(schema), help=_help(schema)))
    return Parameters([*arguments, *own, *options], given, of_client)


def _of_client(described: Described, name: str, parameter: Parameter) -> click.Option:
    schema = described.parameter(parameter.name)
    return click.Option(
        [_flag(name), name],
        type=_type(schema),
        help=_help(schema),
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


def _help(parameter: dict[str, Any]) -> str:
    return " ".join(str(parameter.get("description", "")).split())


def _type(parameter: dict[str, Any]) -> click.ParamType[Any]:
    schema = parameter["schema"]
    if choice := [value for value in schema.get("enum", ()) if isinstance(value, str)]:
        return click.Choice(choice)
    kind = schema.get("type")
    return _TYPES.get(kind, click.STRING) if isinstance(kind, str) else click.STRING


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
