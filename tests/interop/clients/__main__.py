"""`python -m tests.interop.clients`: run the recipes of `generator/clients/` in build/clients/.

For each language the clients of all services are generated and compiled. They read each recording and its variants. The
wait packages of TypeScript and Java run the test vectors, and those of made-up services with states of several fields;
they must print the same values as Python. They wait at the replay server for jobs with faults. The commands of the
guide make a project from nothing. A language without its toolchain is skipped.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from generator.clients.vectors import vectors
from generator.clients.wait_packages import RECIPES
from generator.documents import Workspace
from tests.client.vectors import Runner, differences
from tests.docs.samples.blocks import Block
from tests.docs.terminal import Shell, copy_of_checkout, new_environment, run_terminal
from tests.services.project import make_client, make_project
from tests.services.state_vectors import CASES, state_vectors

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
    section: str | None = None
    """Heading of the guide with the commands of a project."""
    compile: Callable[[Path, Path], list[str]] | None = None
    """Compiles the programs with the wait package, and returns the command that runs one of them."""


@attrs.frozen
class Vectors:
    """Test vectors as a file, each with the values that Python prints, and the project folder of their services."""

    project: Path
    file: Path
    expected: list[tuple[dict[str, Any], dict[str, Any]]]


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen languages. Returns 1 if one of them differs."""
    parser = argparse.ArgumentParser(prog="make clients", description="Try the clients of other languages.")
    parser.add_argument("--language", default="", choices=["", *(each.name for each in LANGUAGES)])
    chosen = parser.parse_args(arguments).language
    wrong: list[str] = []
    found = [each for each in LANGUAGES if chosen in ("", each.name)]
    installed = [(language, programs) for language in found if (programs := _installed(language)) is not None]
    if installed:
        logging.disable(logging.WARNING)  # the vectors deviate from their documents
        documents, suites = bundled(BUILD / "documents"), list(_suites())
    for language, programs in installed:
        wrong += [f"{language.name}: {line}" for line in _run(language, documents, programs, suites)]
    for line in wrong:
        print(line, file=sys.stderr)
    return int(bool(wrong))


def _installed(language: Language) -> Path | None:
    """Return the folder of the programs of a language, or None if something is missing here."""
    try:
        return environments.installed(language.environment, BUILD / "environments" / language.environment.name)
    except environments.NotInstalledError as error:
        print(f"- {language.name}: skipped, {error}. {language.advice}", flush=True)
        return None


def _run(language: Language, documents: Path, programs: Path, suites: list[Vectors]) -> list[str]:
    """Run one language. Returns the differences."""
    problems: list[str] = []
    # Below the packages of npm, so that Node finds them.
    out = (programs.parents[1] if language.environment.registry == "npm" else BUILD) / "runs" / language.name
    shutil.rmtree(out, ignore_errors=True)
    (out / "read").mkdir(parents=True)
    print(f"- {language.name}: ", end="", flush=True)
    if stock.main(language.name, str(documents), str(programs), str(out / "read")):
        problems.append("the clients read other values")
    if language.compile is not None:
        for suite in suites:
            folder = out / suite.file.stem
            folder.mkdir()
            arguments = ["--output", str(folder / "src" / "wait"), "--project", str(suite.project)]
            _output([sys.executable, "-m", "generator", "wait-package", language.name, *arguments], ROOT)
            command = language.compile(programs, folder)
            printed = [json.loads(line) for line in _output([*command, _program(folder, "vectors"), str(suite.file)])]
            found = list(_unequal(language, suite, printed))
            problems += found
            print(f"- {language.name}: {len(printed)} vectors of {suite.file.stem}, {len(found)} problems", flush=True)
            if suite.project == ROOT:
                problems += _waits(language, [*command, _program(folder, "waits")])
    if language.section is not None:
        problems += _project(language, programs)
    return problems


def _unequal(language: Language, suite: Vectors, printed: list[dict[str, Any]]) -> Iterator[str]:
    for (vector, python), values in zip(suite.expected, printed, strict=True):
        yield from differences(vector, values)
        if values != python:
            yield f"{vector['name']}: Python prints {python}, {language.name} {values}"


def _waits(language: Language, command: list[str]) -> list[str]:
    """Wait for the jobs of the scenario at a replay server."""
    with served("cce", "--script", str(SCENARIO)) as url:
        waited = [json.loads(line) for line in _output([*command, url, *(each["id"] for each in WAITS)])]
    found = [f"waits must print {wait}, got {line}" for wait, line in zip(WAITS, waited, strict=True) if wait != line]
    print(f"- {language.name}: {len(waited)} waits at the replay server, {len(found)} problems", flush=True)
    return found


def _suites() -> Iterator[Vectors]:
    """Write the vectors of our services, and those of made-up services with states of several fields."""
    yield _vectors(
        ROOT, "services", [vectors(each).data for each in Workspace(ROOT).select(list(SERVICES))], "cloudjobs"
    )
    folder = BUILD / "made-up"
    shutil.rmtree(folder, ignore_errors=True)
    workspace = make_project(folder / "project", CASES)
    sys.path.insert(0, str(make_client(workspace, folder / "client", "kinds")))
    yield _vectors(folder / "project", "made-up-services", list(state_vectors(workspace)), "kinds")


def _vectors(project: Path, name: str, made: list[dict[str, Any]], package: str) -> Vectors:
    file = BUILD / f"{name}.json"
    file.write_text(json.dumps(made), encoding="utf-8")
    # In the form that the other languages read.
    read = json.loads(file.read_text(encoding="utf-8"))
    return Vectors(project, file, [result for data in read for result in Runner(data, package).results()])


def _typescript(programs: Path, folder: Path) -> list[str]:
    for program in _programs(folder, "*.ts"):
        shutil.copy(program, folder / "src")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(RECIPES / "typescript" / name, folder)
    _output([str(programs / "tsc"), "-p", str(folder)])
    return ["node", "--no-warnings"]


def _java(programs: Path, folder: Path) -> list[str]:
    sources = [*map(str, (folder / "src" / "wait").glob("*.java")), *map(str, _programs(folder, "*.java"))]
    jar, classes = stock.jar_of(programs), str(folder / "classes")
    _output(["javac", "-nowarn", "-Xlint:none", "-cp", str(jar), "-d", classes, *sources])
    return ["java", "-cp", f"{jar}{os.pathsep}{classes}"]


def _programs(folder: Path, pattern: str) -> list[Path]:
    """Return the programs for the wait package in a folder. `waits` is for our services."""
    found = sorted(PROGRAMS.glob(pattern))
    return [path for path in found if folder.name == "services" or path.stem.lower() != "waits"]


def _program(folder: Path, name: str) -> str:
    return name.capitalize() if (folder / "classes").exists() else str(folder / "dist" / f"{name}.js")


# Projects


def _project(language: Language, programs: Path) -> list[str]:
    """Make a project in an empty folder by the commands of the guide."""
    variables = {}
    if language.name == "java":
        if shutil.which("mvn") is None:
            print("- java: project skipped, needs mvn. Install Maven: apt-get install maven", flush=True)
            return []
        variables = _maven_variables(stock.jar_of(programs))
    markdown = GUIDE.read_text(encoding="utf-8")
    lines = markdown.splitlines()

    def chosen(block: Block) -> bool:
        heading = next(line for line in reversed(lines[: block.first]) if line.startswith("## "))
        return heading.removeprefix("## ") in (COMMON_SECTION, language.section)

    with tempfile.TemporaryDirectory(prefix=f"{language.name}-project-") as base:
        folder = Path(base, "checkout")
        folder.mkdir()
        copy_of_checkout(folder)
        shell = Shell(folder, {**new_environment(Path(base, "environment")), **variables}, ROOT / "generated_client")
        try:
            result = run_terminal(GUIDE.stem, markdown, shell, chosen=chosen)
        finally:
            shell.close()
    if any("could not be resolved" in problem for problem in result.problems) and "MAVEN_OPTS" not in variables:
        print(f"- java: project skipped, Maven Central cannot be reached. {MAVEN_ADVICE}", flush=True)
        return []
    print(f"- {language.name}: project, {result.ran} blocks run, {len(result.problems)} problems", flush=True)
    return result.problems


GUIDE = ROOT / "generator" / "docs" / "content" / "other-languages.md"
COMMON_SECTION = "Documents and a server"
DEBIAN = Path("/usr/share/maven-repo")
"""Debian's packages as a repository of Maven."""
MAVEN_ADVICE = (
    "Debian has the plugins: apt-get install libmaven-resources-plugin-java libmaven-compiler-plugin-java "
    "libbuild-helper-maven-plugin-java libexec-maven-plugin-java libjakarta-annotation-api-java junit5"
)


def _maven_variables(jar: Path) -> dict[str, str]:
    """Return variables with which Maven needs no network, if Debian's packages are there.

    They are the local repository, with Jackson from the jar of openapi-generator.
    """
    if not (DEBIAN / "org/codehaus/mojo/exec-maven-plugin").is_dir():
        return {}
    repository = BUILD / "maven-repository"
    shutil.rmtree(repository, ignore_errors=True)
    shutil.copytree(DEBIAN, repository)
    version = re.search(r"<jackson.version>(.+?)<", (RECIPES / "java" / "pom.xml").read_text(encoding="utf-8"))
    assert version is not None
    with zipfile.ZipFile(jar) as source:
        for artifact, (package, needs) in _JACKSON.items():
            _artifact(repository, source, artifact, version[1], package, needs)
    return {"MAVEN_OPTS": f"-Dmaven.repo.local={repository}"}


_JACKSON = {
    "core/jackson-core": ("core", []),
    "core/jackson-annotations": ("annotation", []),
    "core/jackson-databind": ("databind", ["core", "annotations"]),
    "datatype/jackson-datatype-jsr310": ("datatype/jsr310", ["core", "annotations", "databind"]),
}
"""Artifacts of Jackson, each with its package and the parts that it needs."""


def _artifact(
    repository: Path, source: zipfile.ZipFile, artifact: str, version: str, package: str, needs: list[str]
) -> None:
    """Write an artifact of Jackson with the classes of a jar."""
    kind, _, name = artifact.partition("/")
    folder = repository / "com" / "fasterxml" / "jackson" / kind / name / version
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / f"{name}-{version}.jar", "w") as made:
        for entry in source.namelist():
            if entry.startswith(f"com/fasterxml/jackson/{package}/") and entry.endswith(".class"):
                made.writestr(entry, source.read(entry))
    dependencies = "".join(
        "<dependency><groupId>com.fasterxml.jackson.core</groupId>"
        f"<artifactId>jackson-{each}</artifactId><version>{version}</version></dependency>"
        for each in needs
    )
    (folder / f"{name}-{version}.pom").write_text(
        "<project><modelVersion>4.0.0</modelVersion>"
        f"<groupId>com.fasterxml.jackson.{kind}</groupId><artifactId>{name}</artifactId><version>{version}</version>"
        f"<dependencies>{dependencies}</dependencies></project>",
        encoding="utf-8",
    )


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


_NODE_ADVICE = "Install Node 20.3 or newer with npm: apt-get install nodejs npm"

LANGUAGES = (
    Language(
        "typescript", Environment("typescript", "npm", _npm("typescript")), _NODE_ADVICE, "TypeScript", _typescript
    ),
    Language("hey-api", Environment("typescript", "npm", _npm("typescript")), _NODE_ADVICE),
    Language(
        "java",
        Environment("java", "pip", _pip("java"), ("java", "javac")),
        "Install a JDK of version 17 or newer: apt-get install openjdk-17-jdk-headless",
        "Java",
        _java,
    ),
    Language(
        "go",
        Environment("go", "pip", _pip("go"), ("java",)),
        "openapi-generator needs Java: apt-get install openjdk-17-jre-headless. The compiler is a package of PyPI",
        "Go",
    ),
)


if __name__ == "__main__":
    sys.exit(main())
