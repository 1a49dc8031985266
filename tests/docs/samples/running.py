"""Run the samples of a page in its order, and report each with an output other than shown."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import attrs

from .blocks import Sample, samples
from .commands import MissingProgram, commands, run_command, run_typescript, terminal_commands
from .sample_runner_env import SampleEnvironment

_SECONDS = re.compile(r"\bin \d+\.\d+ ?s\b|(?<=  )\d{1,2}s(?=  |$)", re.MULTILINE)
"""A duration, which differs in each run."""
_GAP = "…\n"
"""A line of the shown output that matches any number of lines."""


@attrs.define
class Outcome:
    """The results of the samples of a page."""

    ran: int = 0
    left_out: list[str] = attrs.field(factory=list)
    """Samples that the page marks as not run, with their reasons."""
    unavailable: int = 0
    problems: list[str] = attrs.field(factory=list)
    printed: list[tuple[Sample, str]] = attrs.field(factory=list)
    """The output of each sample, as the page would show it."""


def run_page(name: str, markdown: str, stage: SampleEnvironment, replies: Collection[str] = ()) -> Outcome:
    """Run the samples of a page.

    Args:
        responses: Recorded responses, which the page shows elsewhere: a command that requests one need not show it
            again.
    """
    outcome, names = Outcome(), {"__name__": "__main__"}
    files: dict[str, str] = {}
    with _own_logging():
        for sample in samples(markdown):
            block = sample.block
            place = f"{name}, line {block.first}"
            if block.not_run:
                outcome.left_out.append(f"{place}: {block.not_run}")
                continue
            if sample.is_file:
                files[str(block.title)] = place
                (stage.folder / str(block.title)).write_text(stage.real(block.text), encoding="utf-8")
                continue
            for file in [file for file in files if file in block.text]:
                del files[file]
            try:
                printed = stage.shown(_RUNNERS[block.language](sample, names, stage, place))
            except MissingProgram:
                outcome.unavailable += 1
                continue
            except Exception:
                outcome.problems.append(f"{place}: {traceback.format_exc()}")
                continue
            outcome.ran += 1
            outcome.printed.append((sample, printed))
            if (
                block.language == "sh"
                and not sample.shown
                and any(alike(each, printed, as_json=True) for each in replies)
            ):
                continue
            expected = block.text if block.language == "console" else sample.shown.text if sample.shown else ""
            if not alike(expected, printed, as_json=sample.shown is not None and sample.shown.language == "json"):
                outcome.problems.append(f"{place}: it prints\n{printed}\nand the page shows\n{expected}")
    outcome.problems += [f"{place}: nothing on the page uses {file}" for file, place in files.items()]
    return outcome


def alike(shown: str, printed: str, *, as_json: bool = False) -> bool:
    """Return whether the output of a sample is the shown one."""
    if as_json:
        try:
            return bool(json.loads(shown) == json.loads(printed))
        except ValueError:
            return False
    shown, printed = (
        "".join(f"{line.rstrip()}\n" for line in _SECONDS.sub("in 0.00s", text).rstrip().splitlines())
        for text in (shown, printed)
    )
    pattern = ".*".join(re.escape(part) for part in re.split(rf"^{_GAP}", shown, flags=re.MULTILINE))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


def _python(sample: Sample, names: dict[str, Any], stage: SampleEnvironment, place: str) -> str:
    # Blank lines before it, so that a traceback has the page's line numbers.
    text = "\n" * sample.block.first + stage.real(sample.block.text)
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        exec(compile(text, place.partition(",")[0], "exec"), names)
    return said.getvalue()


def _console(sample: Sample, names: dict[str, Any], stage: SampleEnvironment, place: str) -> str:
    """Return the text of the whole block."""
    told, code = "", 0
    for command in terminal_commands(sample.block.text):
        told += f"$ {command}"
        if command.strip() == "echo $?":
            told, code = f"{told}{code}\n", 0
            continue
        assert code == 0, f"each command must succeed, or be followed by echo $?; one before {command!r} failed"
        (line,) = commands(command)
        code, printed = run_command(line, stage)
        told += printed
    assert code == 0, f"the last command must succeed, or be followed by echo $?; it failed: {told}"
    return told


def _shell(sample: Sample, names: dict[str, Any], stage: SampleEnvironment, place: str) -> str:
    printed = ""
    for line in commands(sample.block.text):
        code, said = run_command(line, stage)
        assert code == 0, f"{line}: exit code {code}: {said}"
        printed += said
    # The first output of a server is not part of a sample.
    return printed if sample.shown or "testing serve" not in sample.block.text else ""


def _typescript(sample: Sample, names: dict[str, Any], stage: SampleEnvironment, place: str) -> str:
    return run_typescript(sample.block.text, stage)


_RUNNERS = {"python": _python, "console": _console, "sh": _shell, "ts": _typescript}


@contextmanager
def _own_logging() -> Iterator[None]:
    """Reset logging after a page."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    loggers = [root, *(each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    levels = [each.level for each in loggers]
    # As in a program without a logging configuration: warnings go to standard error.
    root.handlers[:] = []
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
