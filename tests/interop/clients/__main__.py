"""`python -m tests.interop.clients`: run the recipes of `generator/clients/` in build/clients/.

For each language the clients of all services are generated and compiled. They read each recording and its variants. The
wait packages of TypeScript and Java run the test vectors, and must print the same values as Python. They wait at the
replay server for jobs with faults. A language without its toolchain is skipped.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from generator.clients.vectors import vectors
from generator.clients.wait_packages import RECIPES
from generator.documents import Workspace
from tests.client.vectors import Runner, differences

from ..tools import environments, stock
from ..tools.documents import ROOT, bundled
from ..tools.running import served
from ..tools.table import SERVICES, Environment

BUILD = ROOT / "build" / "clients"
PROGRAMS = Path(__file__).parent / "programs"
SCENARIO = Path(__file__).with_name("scenario.toml")
WAITS: list[dict[str, Any]] = [
    {"id": "good", "states": ["pending", "running", "succeeded"], "result": {"state": "succeeded"}},
    {"id": "bad", "states": ["running", "failed"], "result": {"error": "job-failed", "reason": "no quota left"}},
    {"id": "slow", "states": ["running"], "result": {"error": "timeout"}},
    {"id": "busy", "states": ["running", "succeeded"], "result": {"state": "succeeded"}},
]
"""The outcomes of the waits of `scenario.toml`."""


@attrs.frozen
class Language:
    """A language, and the programs that it needs."""

    name: str
    environment: Environment
    advice: str
    """How to get the programs."""
    compile: Callable[[Path, Path], list[str]] | None = None
    """Compiles the programs with the wait package, and returns the command that runs one of them."""


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen languages. Returns 1 if one of them differs."""
    parser = argparse.ArgumentParser(prog="make clients", description="Try the clients of other languages.")
    parser.add_argument("--language", default="", help="one of them; all by default")
    chosen = parser.parse_args(arguments).language
    logging.disable(logging.WARNING)  # the vectors deviate from their documents
    documents = bundled(BUILD / "documents")
    file, expected = _vectors()
    wrong: list[str] = []
    for language in LANGUAGES:
        if chosen in ("", language.name):
            try:
                folder = BUILD / "environments" / language.name
                programs = environments.installed(language.environment, folder)
            except environments.NotInstalledError as error:
                print(f"- {language.name}: skipped, {error}. {language.advice}", flush=True)
                continue
            wrong += [f"{language.name}: {line}" for line in _run(language, documents, programs, file, expected)]
    for line in wrong:
        print(line, file=sys.stderr)
    return int(bool(wrong))


def _run(language: Language, documents: Path, programs: Path, file: Path, expected: list[Any]) -> list[str]:
    """Run one language. Returns the differences."""
    problems = []
    # Below the packages of npm, so that Node finds them.
    out = (programs.parents[1] if language.environment.registry == "npm" else BUILD) / "runs" / language.name
    shutil.rmtree(out, ignore_errors=True)
    (out / "read").mkdir(parents=True)
    if stock.main(language.name, str(documents), str(programs), str(out / "read")):
        problems.append("the clients read other values")
    if language.compile is None:
        return problems
    (out / "wait").mkdir()
    _generator("wait-package", language.name, "--output", str(out / "wait" / "src" / "wait"))
    command = language.compile(programs, out / "wait")
    printed = [json.loads(line) for line in _output([*command, _program(language, "vectors"), str(file)])]
    for (vector, python), values in zip(expected, printed, strict=True):
        problems += differences(vector, values)
        if values != python:
            problems.append(f"{vector['name']}: Python prints {python}, {language.name} {values}")
    with served("cce", "--script", str(SCENARIO)) as url:
        ids = [each["id"] for each in WAITS]
        waited = [json.loads(line) for line in _output([*command, _program(language, "waits"), url, *ids])]
    problems += [
        f"waits must print {wait}, got {line}" for wait, line in zip(WAITS, waited, strict=True) if wait != line
    ]
    print(f"- {language.name}: {len(printed)} vectors, {len(waited)} waits, {len(problems)} problems", flush=True)
    return problems


def _vectors() -> tuple[Path, list[tuple[dict[str, Any], dict[str, Any]]]]:
    """Write the vectors of all services into one file. Returns it, and each vector with the values of Python."""
    made = [vectors(service).data for service in Workspace(ROOT).select(list(SERVICES))]
    file = BUILD / "vectors.json"
    file.write_text(json.dumps(made), encoding="utf-8")
    # As the other languages read them.
    return file, [result for data in json.loads(file.read_text(encoding="utf-8")) for result in Runner(data).results()]


def _typescript(programs: Path, folder: Path) -> list[str]:
    for name in ("vectors.ts", "waits.ts"):
        shutil.copy(PROGRAMS / name, folder / "src")
    for name in ("package.json", "tsconfig.json", "tsconfig.hey-api.json"):
        shutil.copy(RECIPES / "typescript" / name, folder)
    for service in SERVICES:
        # The other recipe for TypeScript compiles too.
        source = str(BUILD / "documents" / f"{service}.json")
        options = ["-o", str(folder / "hey-api" / service), "-c", "@hey-api/client-fetch"]
        _output([str(programs / "openapi-ts"), "-i", source, *options], folder)
    for settings in ("tsconfig.json", "tsconfig.hey-api.json"):
        _output([str(programs / "tsc"), "-p", str(folder / settings)])
    return ["node", "--no-warnings"]


def _java(programs: Path, folder: Path) -> list[str]:
    sources = [*map(str, (folder / "src" / "wait").glob("*.java")), *map(str, PROGRAMS.glob("*.java"))]
    jar, classes = stock.jar_of(programs), str(folder / "classes")
    _output(["javac", "-nowarn", "-Xlint:none", "-cp", str(jar), "-d", classes, *sources])
    return ["java", "-cp", f"{jar}{os.pathsep}{classes}"]


def _program(language: Language, name: str) -> str:
    if language.name == "java":
        return name.capitalize()
    folder = BUILD / "environments" / language.name / "runs" / language.name / "wait" / "dist"
    return str(folder / f"{name}.js")


def _generator(*arguments: str) -> None:
    _output([sys.executable, "-m", "generator", *arguments], ROOT)


def _output(command: list[str], folder: Path | None = None) -> list[str]:
    """Run a program. Returns the lines that it printed; exits with its errors if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=600)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name}: {done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout.splitlines()


def _npm(language: str) -> tuple[str, ...]:
    recipe = json.loads((RECIPES / language / "package.json").read_text(encoding="utf-8"))
    return tuple(
        f"{name}@{version}" for key in ("dependencies", "devDependencies") for name, version in recipe[key].items()
    )


def _pip(language: str) -> tuple[str, ...]:
    return tuple((RECIPES / language / "requirements.txt").read_text(encoding="utf-8").split())


LANGUAGES = (
    Language(
        "typescript",
        Environment("typescript", "npm", _npm("typescript")),
        "Install Node 20 or newer with npm: apt-get install nodejs npm",
        _typescript,
    ),
    Language(
        "java",
        Environment("java", "pip", _pip("java"), ("java", "javac")),
        "Install a JDK of version 17 or newer: apt-get install openjdk-17-jdk-headless",
        _java,
    ),
    Language(
        "go",
        Environment("go", "pip", _pip("go"), ("java",)),
        "openapi-generator needs Java: apt-get install openjdk-17-jre-headless",
    ),
)


if __name__ == "__main__":
    sys.exit(main())
