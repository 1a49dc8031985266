"""The command-line program: commands, services, operations, shell completion.

Services are read when they are needed, and loaded when they are called. Whatever goes wrong becomes one line on
standard error and an exit code.
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
from click.shell_completion import ShellComplete, get_completion_class

from .._documents import services
from .._version import VERSION
from ..auth._environment import explained
from ..errors import CloudJobsError
from ._client_factory import OperationInfo, Settings, operation, operation_infos, session, title
from ._commands import COMMANDS, JOB, Call, Command
from ._console import PROGRAM, ExitCode, complain, error_text, of_error
from ._options import Parameters, Positional, parameters

SHELLS = ("bash", "zsh", "fish")

_EPILOG = f'For example, in ~/.bashrc: eval "$({PROGRAM} completion bash)"'


def completion(program: click.Command) -> click.Command:
    """The command that prints the script."""

    def write(shell: str) -> None:
        kind = get_completion_class(shell)
        if kind is None:
            raise click.UsageError(f"{shell} cannot be completed for")
        # The script alone: click's own method runs bash first, to look at its version.
        click.echo(ShellComplete.source(kind(program, {}, PROGRAM, f"_{PROGRAM}_COMPLETE".replace("-", "_").upper())))

    return click.Command(
        "completion",
        callback=write,
        params=[click.Argument(["shell"], type=click.Choice(SHELLS))],
        help="Print the script that completes command lines in a shell.",
        epilog=_EPILOG,
    )


_EXIT_CODES = (
    ("0", "the job succeeded, or what was asked for was shown"),
    ("1", "the job failed, was stopped, or succeeded in part"),
    ("2", "usage: an argument, the address or the credentials"),
    ("3", "the time to wait was over"),
    ("4", "the service failed or refused, or could not be reached"),
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line. Returns its exit code."""
    try:
        with _streams(), _terminable():
            program().main(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.DONE
    return ExitCode.DONE


@contextmanager
def _streams() -> Iterator[None]:
    """Let there be an output and an error stream where they are closed, as by `>&-`: the exit code is worth having."""
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        redirect_stdout(sys.stdout or nowhere),
        redirect_stderr(sys.stderr or nowhere),
    ):
        yield


@contextmanager
def _terminable() -> Iterator[None]:
    """Let the signal that `timeout` sends end the program in order, so that a terminal is left as it was."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(ExitCode.TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def program() -> click.Group:
    """The whole command line."""
    root = _Program(
        help="Look at jobs of these services, and wait for them. Unofficial.",
        epilog=f"{PROGRAM} VERB --help lists the services, {PROGRAM} VERB SERVICE --help says what one takes.",
    )
    for verb in COMMANDS:
        root.add_command(_Services(verb))
    root.add_command(completion(root))
    click.version_option(VERSION, "--version", prog_name=PROGRAM)(root)
    return root


class _Program(click.Group):
    """The root, which ends in one line and an exit code, whatever happens."""

    def main(self, *args: Any, **extra: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A character that the terminal does not know is spelt out rather than fatal.
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(*args, **{**extra, "prog_name": PROGRAM, "standalone_mode": False})
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(ExitCode.USAGE)
        except click.ClickException as error:
            complain(_usage(error))
            sys.exit(ExitCode.USAGE)
        except click.Abort:
            sys.exit(ExitCode.INTERRUPTED)
        except BrokenPipeError:
            _nobody_reads()
        sys.exit(code if isinstance(code, int) else ExitCode.DONE)

    def invoke(self, ctx: click.Context) -> Any:
        # Here, and not around all of it: click has its own way with these two.
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except KeyboardInterrupt:
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            _nobody_reads()
        except OSError as error:
            # Whatever the client could not do is an error of its own: this one is of our output.
            _cannot_write(error)


def _cannot_write(error: OSError) -> NoReturn:
    complain(f"the output cannot be written: {error.strerror or error}")
    _give_up_output()
    sys.exit(ExitCode.USAGE)


def _nobody_reads() -> NoReturn:
    _give_up_output()
    sys.exit(ExitCode.BROKEN_PIPE)


def _give_up_output() -> None:
    """Let what is still to be written go nowhere, so that Python does not fail again when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def _usage(error: click.ClickException) -> str:
    said = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{said}; see {context.command_path} --help" if context is not None else said


class _Services(click.Group):
    """A verb: its commands are the services that it can be used with."""

    def __init__(self, verb: Command) -> None:
        super().__init__(verb.name, help=verb.summary, short_help=verb.summary, subcommand_metavar="SERVICE …")
        self._verb = verb

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [service for service in services() if self._offered(service)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in services():
            return None
        offered = self._offered(cmd_name)
        if len(offered) < 2:
            return _Command(self._verb, offered[0], cmd_name) if offered else None
        group = click.Group(cmd_name, help=title(cmd_name), subcommand_metavar="OPERATION …")
        for each in offered:
            group.add_command(_Command(self._verb, each, each.name))
        return group

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            what = "has no operation to " + self._verb.name if name in services() else "is no service"
            raise click.UsageError(f"{name!r} {what}: choose among {', '.join(self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the documents alone: making the commands would load the code of all services.
        with formatter.section("Services"):
            formatter.write_dl([(service, title(service)) for service in self.list_commands(ctx)])

    def _offered(self, service: str) -> list[OperationInfo]:
        needs = self._verb.needs
        return [each for each in operation_infos(service) if not needs or needs in each.definition]


class _Command(click.Command):
    """A verb for one operation of a service."""

    def __init__(self, verb: Command, described: OperationInfo, name: str) -> None:
        self._verb = verb
        self._described = described
        self._operation = operation(described.service, described.id)
        self._parameters: Parameters = parameters(described, verb.without(self._operation), verb.own(described.service))
        super().__init__(
            name,
            params=_in_order(self._parameters.made),
            help=f"{verb.summary}\n\n{described.explanation}",
            short_help=title(described.service),
        )

    def invoke(self, ctx: click.Context) -> ExitCode:
        given, known = ctx.params, self._parameters
        settings = Settings(
            base_url=given["base_url"],
            of_client={argument: given[name] for name, argument in known.of_client.items()},
            max_retries=given["max_retries"],
            strict=given["strict"],
            verbose=given["verbose"],
        )
        arguments = {argument: given[name] for name, argument in known.arguments.items()}
        try:
            with session(self._operation, settings) as client:
                return self._verb.run(Call(client, self._operation, arguments, given))
        except CloudJobsError as error:
            complain(error_text(error))
            ctx.exit(of_error(error))
        except ValueError as error:
            raise click.UsageError(str(error), ctx) from None
        except RecursionError:
            complain(f"{self._described.service}.{self._described.id}: the reply is nested too deep to be shown")
            ctx.exit(ExitCode.SERVICE)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        arguments = [(each.make_metavar(ctx), each.explanation) for each in self.params if isinstance(each, Positional)]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl(arguments)
        super().format_options(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self._operation.schemes:
            with formatter.section("Credentials, from the environment alone"):
                formatter.write_dl(explained(self._described.service))
        with formatter.section("Exit codes"):
            formatter.write_dl(_EXIT_CODES)


def _in_order(made: list[click.Parameter]) -> list[click.Parameter]:
    """A job's id last among the arguments, as the client's methods have it."""
    return sorted(made, key=lambda each: (not isinstance(each, Positional), each.name == JOB))
