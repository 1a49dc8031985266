"""Validation errors. Each has a file, a location and a fix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs


@attrs.frozen
class Problem:
    """One thing that is wrong with an input."""

    file: Path | str
    """The input file, or the option of the command line. It is the subject of the message."""
    message: str
    """The error, without a full stop: `must be <constraint>, got <value>`, or a sentence about the file."""
    remedy: str
    """The correction, as an imperative without a full stop."""
    line: int | None = None
    """Line of the file, counted from 1."""
    pointer: str | None = None
    """JSON Pointer into the file's data."""

    def __str__(self) -> str:
        place = f":{self.line}" if self.line else ""
        pointer = f" at {self.pointer}" if self.pointer else ""
        return f"{self.file}{place}:{pointer} {self.message}. {self.remedy}."


class ValidationError(Exception):
    """The input has problems. A command that raises it has written nothing."""

    code = 1
    """Exit code of the command line."""

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(ValidationError):
    """The command line has problems."""

    code = 2
