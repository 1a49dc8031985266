# Generated from generator/client/runtime/cli/_app.py. Do not edit: change that, and run `make generate`.
"""The command-line program: commands, services, operations, shell completion.

The code of a service is loaded when it is called. Every error is one line on standard error and an exit code.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, NoReturn

import click
from click.core import ParameterSource
from click.shell_completion import ShellComplete, get_completion_class

from .._documents import services
from .._version import VERSION
from ..auth._environment import explained
from ..errors import CloudJobsError
from ._commands import COMMANDS, JOB, Call, Command
from ._console import PROGRAM, ExitCode, complain, error_text, exit_code_of_error
from ._options import (
    ClientSettings,
    OperationInfo,
    Parameters,
    Positional,
    operation,
    operation_infos,
    parameters,
    session,
    title,
)

SHELLS = ("bash", "zsh", "fish")

_EPILOG = f'For example, in ~/.bashrc: eval "$({PROGRAM} completion bash)"'


def completion(program: click.Command) -> click.Command:
    """Make the command that prints the completion script."""

    def write(shell: str) -> None:
        kind = get_completion_class(shell)
        if kind is None:
            raise click.UsageError(f"shell must be one of {', '.join(SHELLS)}, got {shell}")
        # Not click's own method, which runs bash first to find its version.
        click.echo(ShellComplete.source(kind(program, {}, PROGRAM, f"_{PROGRAM}_COMPLETE".replace("-", "_").upper())))

    return click.Command(
        "completion",
        callback=write,
        params=[click.Argument(["shell"], type=click.Choice(SHELLS))],
        help="Print the script that completes command lines in a shell.",
        epilog=_EPILOG,
    )


EXIT_CODES = (
    ("0", "the job succeeded, or the output was shown"),
    ("1", "the job failed, was stopped, or succeeded in part"),
    ("2", "an argument, the address or the credentials are invalid"),
    ("3", "the timeout of the wait expired"),
    ("4", "the service returned an error, or a response that cannot be used"),
    ("5", "the job or its parent resource does not exist"),
    ("6", "the credentials were refused: status 401 or 403"),
    ("7", "no response: the connection failed, or took too long"),
    ("130", "interrupted by Ctrl-C"),
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line. Returns its exit code."""
    try:
        with _open_streams(), _exit_on_sigterm():
            program().main(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.DONE
    return ExitCode.DONE


@contextmanager
def _open_streams() -> Iterator[None]:
    """Replace closed output and error streams, as after `>&-`, so that there is an exit code."""
    with (
        open(os.devnull, "w", encoding="utf-8") as null,
        redirect_stdout(sys.stdout or null),
        redirect_stderr(sys.stderr or null),
    ):
        yield


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """Exit in order on the signal that `timeout` sends, so that the terminal is restored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(ExitCode.TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def program() -> click.Group:
    """Make the whole command line."""
    root = _Program(
        help="Show jobs of these services, and wait for them. Unofficial.",
        epilog=f"{PROGRAM} COMMAND SERVICE --help has the parameters of a service, and the exit codes.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in COMMANDS:
        root.add_command(_ServiceGroup(command))
    root.add_command(completion(root))
    click.version_option(VERSION, "--version", prog_name=PROGRAM)(root)
    return root


class _Program(click.Group):
    """The root, which turns every error into one line and an exit code."""

    def main(self, *args: Any, **extra: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # Characters that the terminal's encoding does not have are escaped.
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(*args, **{**extra, "prog_name": PROGRAM, "standalone_mode": False})
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(ExitCode.USAGE)
        except click.ClickException as error:
            complain(_usage_message(error))
            sys.exit(ExitCode.USAGE)
        except click.Abort:
            complain("interrupted")
            sys.exit(ExitCode.INTERRUPTED)
        except BrokenPipeError:
            _exit_broken_pipe()
        sys.exit(code if isinstance(code, int) else ExitCode.DONE)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_commands(ctx, formatter)
        with formatter.section("Services"):
            formatter.write_dl([(service, title(service)) for service in services()])

    def invoke(self, ctx: click.Context) -> Any:
        # Here, since click handles these two itself in `main`.
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except KeyboardInterrupt:
            complain("interrupted")
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            _exit_broken_pipe()
        except OSError as error:
            # Errors of the client are `CloudJobsError`: this one is of our output.
            _exit_unwritable(error)


def _exit_unwritable(error: OSError) -> NoReturn:
    complain(f"the output cannot be written: {error.strerror or error}")
    _discard_output()
    sys.exit(ExitCode.USAGE)


def _exit_broken_pipe() -> NoReturn:
    _discard_output()
    sys.exit(ExitCode.BROKEN_PIPE)


def _discard_output() -> None:
    """Send buffered output to the null device, so that flushing it at exit does not fail again."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())


def _usage_message(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{message}; see {context.command_path} --help" if context is not None else message


class _ServiceGroup(click.Group):
    """A command, as a group of the services that it can be used with."""

    def __init__(self, command: Command) -> None:
        super().__init__(command.name, help=command.summary, short_help=command.summary, subcommand_metavar="SERVICE …")
        self._command = command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [service for service in services() if self._infos(service)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in services():
            return None
        infos = self._infos(cmd_name)
        if len(infos) < 2:
            return _OperationCommand(self._command, infos[0], cmd_name) if infos else None
        group = click.Group(cmd_name, help=title(cmd_name), subcommand_metavar="OPERATION …")
        for each in infos:
            group.add_command(_OperationCommand(self._command, each, each.name))
        return group

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            known = ", ".join(self.list_commands(ctx)) or "(none)"
            reason = f", which has no operation to {self._command.name}" if name in services() else ""
            raise click.UsageError(f"SERVICE must be one of {known}, got {name!r}{reason}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the documents: making the commands would load the code of all services.
        with formatter.section("Services"):
            if known := self.list_commands(ctx):
                formatter.write_dl([(service, title(service)) for service in known])
            else:
                formatter.write_text("No service has an operation for this command.")

    def _infos(self, service: str) -> list[OperationInfo]:
        found = [each for each in operation_infos(service) if self._command.fits(each.definition)]
        # Waits use one of several operations. The client knows which, but is slow to import, so one needs no look.
        return found if len(found) < 2 else [each for each in found if self._command.has(operation(service, each.id))]


class _OperationCommand(click.Command):
    """A command for one operation of a service."""

    def __init__(self, command: Command, info: OperationInfo, name: str) -> None:
        self._command = command
        self._info = info
        self._operation = operation(info.service, info.id)
        self._parameters: Parameters = parameters(info, command.without(self._operation), command.own(self._operation))
        super().__init__(
            name,
            params=_in_order(self._parameters.params),
            help=f"{command.summary}\n\n{info.explanation}",
            short_help=title(info.service),
        )

    def invoke(self, ctx: click.Context) -> ExitCode:
        given, names = ctx.params, self._parameters
        region = given.get("region")
        base_url = given["base_url"]
        if region and ctx.get_parameter_source("base_url") is not ParameterSource.COMMANDLINE:
            base_url = None
        settings = ClientSettings(
            base_url=base_url,
            region=region,
            headers=given["header"],
            of_client={argument: given[name] for name, argument in names.of_client.items()},
            max_retries=given["max_retries"],
            strict=given["strict"],
            verbose=given["verbose"],
        )
        arguments = {argument: given[name] for name, argument in names.arguments.items()}
        try:
            with session(self._operation, settings) as client:
                return self._command.run(Call(client, self._operation, arguments, given))
        except CloudJobsError as error:
            complain(error_text(error))
            ctx.exit(exit_code_of_error(error))
        except ValueError as error:
            raise click.UsageError(str(error), ctx) from None
        except RecursionError:
            complain(f"{self._operation}: the response is nested too deeply to be shown")
            ctx.exit(ExitCode.SERVICE)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        arguments = [(each.make_metavar(ctx), each.explanation) for each in self.params if isinstance(each, Positional)]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl(arguments)
        super().format_options(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self._operation.schemes:
            with formatter.section("Credentials, from the environment only"):
                formatter.write_dl(explained(self._info.service))
        with formatter.section("Exit codes"):
            formatter.write_dl(EXIT_CODES)


def _in_order(params: list[click.Parameter]) -> list[click.Parameter]:
    """Put a job's id last among the arguments, as in the client's methods."""
    return sorted(params, key=lambda each: (not isinstance(each, Positional), each.name == JOB))
