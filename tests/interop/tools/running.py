"""Run a tool over documents, and report the result."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import attrs

from . import environments
from .documents import ROOT, document
from .table import Environment, Tool

PROGRAMS = Path(__file__).parent / "programs"
_SECONDS = 600
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


@attrs.frozen
class Outcome:
    """The documents that a tool could use, and the reasons for the others."""

    passed: tuple[str, ...] = ()
    failed: Mapping[str, str] = attrs.field(factory=dict)
    skipped: str | None = None

    @property
    def is_green(self) -> bool:
        return self.skipped is None and not self.failed

    @property
    def short(self) -> str:
        """The outcome in a cell of a table."""
        if self.skipped:
            return "skipped"
        return f"{len(self.passed)} of {len(self.passed) + len(self.failed)}"

    @property
    def message(self) -> str:
        """The first failure, with the document that it is about."""
        return next((f"{service}: {failure}" for service, failure in self.failed.items()), "")

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Outcome:
        """Return the outcome from the data of `as_data`."""
        return cls(tuple(data.get("passed", ())), data.get("failed", {}), data.get("skipped"))

    @property
    def as_data(self) -> dict[str, Any]:
        data = {"passed": list(self.passed), "failed": dict(self.failed), "skipped": self.skipped}
        return {key: value for key, value in data.items() if value}


@attrs.frozen
class Runner:
    """The folders of one run."""

    documents: Path
    recordings: Path
    build: Path

    def run(self, tool: Tool) -> Outcome:
        """Run a tool over each document that its row is about."""
        try:
            programs = self._installed(tool.environment)
            further = {tool.also.name: str(self._installed(tool.also))} if tool.also else {}
        except environments.NotInstalledError as error:
            return Outcome(skipped=str(error))
        passed, failed = [], {}
        for service in tool.services:
            file = document(self.documents, tool.reads, service)
            failure = (
                f"no document in the form {tool.reads}"
                if file is None
                else self._failure(tool, service, file, programs, further)
            )
            if failure is None:
                passed.append(service)
            else:
                failed[service] = failure
        return Outcome(tuple(passed), failed)

    def _installed(self, environment: Environment) -> Path:
        return environments.installed(environment, self.build / "environments" / environment.name)

    def _failure(self, tool: Tool, service: str, file: Path, programs: Path, further: Mapping[str, str]) -> str | None:
        # Below the environment, so that Node finds the tool's packages from there.
        out = programs.parent if tool.environment.registry == "pip" else programs.parent.parent
        out = out / "runs" / re.sub(r"[^a-z0-9]+", "-", tool.name.lower()) / service
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        for name in tool.copies:
            shutil.copy(PROGRAMS / name, out)
        with served(service) if tool.server else nullcontext("") as url:
            names = {**self._names(service, file, programs, out, url), **further}
            output = ""
            for number, command in enumerate(tool.run):
                filled = [_filled(part, names) for part in command]
                code, output = _run(filled, out, programs)
                output = _without_folders(output, out, (file.parent, self.build, ROOT, programs.parent))
                (out / f"command-{number}.txt").write_text(output, encoding="utf-8")
                if code:
                    return f"{Path(filled[0]).name}: {_telling(output) or f'exit code {code}'}"
        if tool.output and not re.search(tool.output, output):
            return f"{Path(filled[0]).name}: {_telling(output)}"
        return None

    def _names(self, service: str, file: Path, programs: Path, out: Path, url: str) -> dict[str, str]:
        return {
            "document": str(file),
            "service": service,
            "out": str(out),
            "bin": str(programs),
            "programs": str(PROGRAMS),
            "python": sys.executable,
            "recordings": str(self.recordings),
            "server": url,
            "cache": str(self.build / "cache"),
            "jar": str(next(programs.parent.glob("lib/*/site-packages/openapi_generator_cli/*.jar"), "")),
        }


@contextmanager
def served(service: str, *options: str) -> Iterator[str]:
    """Run the replay server of one service, or of all as `joined`, and yield its address."""
    services = [] if service == "joined" else [service]
    command = [sys.executable, "-m", "cloudjobs.testing", "serve", "--port", "0", "--quiet", *options, *services]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_project()
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if "http://" not in line:
                raise RuntimeError(f"the replay server must print its address, got {line}")
            yield line.rsplit(": ", 1)[-1].strip()
        finally:
            process.terminate()


def _project() -> dict[str, str]:
    """Return the variables that Python finds this project with."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "generated_client" / "src")))}


def _run(command: list[str], folder: Path, programs: Path) -> tuple[int, str]:
    environment = _project() if command[0] == sys.executable else environments.variables(programs)
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return 1, f"error: not ended after {_SECONDS} s"
    return done.returncode, _ESCAPES.sub("", done.stdout)


def _filled(part: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda found: names.get(found[1], found[0]), part)


def _without_folders(output: str, out: Path, folders: tuple[Path, ...]) -> str:
    """Return the output without the folders of this machine: the results are committed."""
    for folder in (out, *folders):
        output = output.replace(f"{folder}/", "")
        if folder != out:
            output = output.replace(f"{os.path.relpath(folder, out)}/", "")
    return output


_RAISED = re.compile(r"^(?:[\w.]+\.)?\w*(?:Error|Exception|Invalid\w*): .*")
_TELLING = re.compile(r"error|warn|fail|invalid|must|cannot|refused|unresolved|not ", re.IGNORECASE)
_NOISE = re.compile(
    r"[║╔╚]|deprecat|parser warning|Test Suite has|Could not (?:find the Specmatic|load report)|\(node:|--trace-|"
    r"^(?:validating|Validation Results|Errors:)",
    re.IGNORECASE,
)


def _telling(output: str) -> str:
    """Return the line of an output that explains a failure best: an exception, or the first line like one."""
    lines = [" ".join(line.split()) for line in output.splitlines() if line.strip() and not _NOISE.search(line)]
    for number, line in reversed(list(enumerate(lines))):
        if _RAISED.match(line):
            return " ".join(lines[number : number + 2])[:200]
    found = [line for line in lines if _TELLING.search(line)]
    return (found or lines[-1:] or [""])[0][:200]
