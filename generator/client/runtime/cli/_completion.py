"""`completion SHELL`: prints what teaches a shell to complete this program's command lines. click does the rest."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from ._screen import PROGRAM

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
