"""Runs the commands of a page's terminals, those of this project in this process.

Commands that install or build are not run. Instead, their files and packages must exist.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from click.testing import CliRunner

from cloudjobs.cli._app import program

from .sample_runner_env import ROOT, SampleEnvironment

CURL = shutil.which("curl")
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_EXTRA = re.compile(r"cloudjobs(?:\[([\w,]+)\])?(?:$|[-=])")
_SHELL = ("cat", "curl", "grep", "head", "ls", "sed", "tail")
"""Commands that are run in a shell as they are."""


NODE = shutil.which("node")


class MissingProgram(Exception):
    """The machine has no curl or no Node."""


def commands(text: str) -> Iterator[str]:
    """Yield the commands of a block, each on one line."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line


def terminal_commands(text: str) -> Iterator[str]:
    """Yield the commands of a terminal, each with the line breaks that it is typed with."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert parts[0] == "", "a terminal must begin with a command after '$ ', got output"
    for part in parts[1:]:
        # A command continues after a line that ends with a backslash.
        command = re.match(r"(?:[^\n]*\\\n)*[^\n]*\n", part)
        assert command is not None
        yield command[0]


def run_command(line: str, stage: SampleEnvironment) -> tuple[int, str]:
    """Run a command. Return its exit code, and its output and errors.

    Raises:
        AssertionError: The command is not allowed in pages, or names a missing file or package.
        MissingProgram: It needs curl, which is missing.
    """
    if "openapi/" in line:
        stage.bring_documents()
    words = shlex.split(os.path.expandvars(stage.real(line)), comments=True)
    first = Path(words[0]).name
    if first == "export":
        for setting in words[1:]:
            stage.set(*setting.split("=", 1))
        return 0, ""
    if first == "make":
        targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
        unknown = {word for word in words[1:] if "=" not in word} - targets
        assert not unknown, f"target must be in the Makefile, got {', '.join(sorted(unknown))}"
        return 0, ""
    if first == "pip":
        _install(words[2:], stage)
        return 0, ""
    if first == "cloudjobs":
        ran = CliRunner().invoke(program(), words[1:])
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return ran.exit_code, ran.output
    if first == "cloudjobs-generator":
        code, printed = _module("generator", words[1:], stage)
        return code, printed.replace("python -m generator", first)
    if first.startswith("python") and words[1:2] == ["-m"]:
        return _module(words[2], words[3:], stage)
    if first == "python":
        return _process([sys.executable, *words[1:]], stage)
    if first == "pytest":
        return _process([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words[1:]], stage)
    assert first in _SHELL, (
        f"command must be one of {', '.join(sorted(_SHELL))}, got {first}: add it there, or mark the block as not run"
    )
    if first == "curl" and CURL is None:
        raise MissingProgram
    return _process(["sh", "-c", stage.real(line)], stage)


def run_typescript(text: str, stage: SampleEnvironment) -> str:
    """Run a block of TypeScript without type annotations, and return its output.

    Raises:
        AssertionError: The exit code is not 0.
        MissingProgram: It needs Node, which is missing.
    """
    if NODE is None:
        raise MissingProgram
    code, said = _process([NODE, "--input-type=module", "--eval", text], stage)
    assert code == 0, f"exit code {code}: {said}"
    return said


def _module(module: str, arguments: list[str], stage: SampleEnvironment) -> tuple[int, str]:
    if module == "cloudjobs.testing" and arguments[:1] == ["serve"]:
        return 0, stage.serve(arguments[1:])
    if module == "generator" and arguments[:2] == ["contract", "record"]:
        return 0, stage.record(arguments[2:])
    if module == "generator":
        from generator.cli import main

        # The commands run in the checkout, unless the page makes a project.
        is_project = arguments[:1] == ["new"] or (stage.folder / "cloudjobs.toml").is_file()
        arguments = [*arguments, "--project", str(stage.folder if is_project else ROOT)]
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            try:
                code = main(arguments)
            except SystemExit as ended:
                code = int(ended.code or 0)
        return code, said.getvalue().replace(f"{stage.folder}{os.sep}", "")
    assert module == "pip", f"module after python -m must be pip or one of this project, got {module}"
    _install(arguments[1:], stage)
    return 0, ""


def _process(command: list[str], stage: SampleEnvironment) -> tuple[int, str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "generated_client" / "src"),
        # The plugin is that of an installed wheel. Plugins of the checkout are not loaded.
        "PYTEST_PLUGINS": "cloudjobs.testing.pytest_plugin",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        command,
        cwd=stage.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    # The progress output of curl is not part of a sample.
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")


def _install(names: list[str], stage: SampleEnvironment) -> None:
    """Simulate an installation: imports find the folder from now on; extras of our distributions must exist."""
    project = tomllib.loads((ROOT / "generated_client" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in names:
        if name.startswith("."):
            assert (stage.folder / name / "pyproject.toml").exists(), (
                f"{name} must have a pyproject.toml to be installed, got none"
            )
            stage.find_modules(stage.folder / name / "src")
        elif known := _EXTRA.match(name):
            missing = set((known[1] or "").split(",")) - {"", *project["optional-dependencies"]}
            assert not missing, f"extra must be one of the distribution, got {', '.join(sorted(missing))}"
