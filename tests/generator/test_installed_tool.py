"""The installed tool: its wheel, and its use in a folder outside this checkout."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from generator.cli import main
from tests.generator.directory_snapshots import ROOT, contents, python

EPOCH = "1767225600"  # as in the Makefile
SERVICE = ROOT / "tests" / "generator" / "fifth_service"
SETTINGS = 'package = "acme_jobs"\nversion = "2.0.1"\ndescription = "Clients of Acme\'s jobs."\nstandalone = true\n'


def build(folder: Path) -> Path:
    """Build the wheel of the generator from a copy of its inputs, so that the checkout stays as it is."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def path(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The import path with the unpacked wheel and the client, and without the checkout."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return os.pathsep.join((str(folder), str(ROOT / "generated_client" / "src")))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one service and a settings file."""
    folder = tmp_path / "project"
    shutil.copytree(SERVICE, folder / "openapi")
    (folder / "cloudjobs.toml").write_text(SETTINGS, encoding="utf-8")
    return folder


def tool(folder: Path, path: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return python(folder, "-m", "cloudjobs_generator", *arguments, PYTHONPATH=path)


def test_wheel_twice_has_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    hashes = {hashlib.sha256(each.read_bytes()).hexdigest() for each in (wheel, build(tmp_path))}
    assert len(hashes) == 1


def test_wheel_contains_everything_that_commands_read(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert {name.partition("/")[0].partition("-")[0] for name in inside} == {"cloudjobs_generator"}
    for folder, place in (
        ("openapi/schemas", "documents/house/schemas"),
        ("generator/client/templates", "client/templates"),
        ("generator/client/runtime", "client/runtime"),
        ("generator/docs/theme", "docs/theme"),
    ):
        for name, content in contents(ROOT / folder).items():
            if content is not None:
                assert inside[f"cloudjobs_generator/{place}/{name}"] == content, name
    assert inside["cloudjobs_generator/documents/house/STYLE.md"] == (ROOT / "openapi" / "STYLE.md").read_bytes()
    assert not [name for name in inside if "/release" in name or "/docs/content/" in name]


def test_wheel_requires_the_tools_that_are_tested() -> None:
    """Versions that decide the output, or that templates depend on, are those of the lock."""
    lock = (ROOT / "requirements" / "workshop.txt").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    exact = [each for each in project["dependencies"] if "==" in each]
    assert len(exact) >= 4
    assert [each for each in exact if f"\n{each} " not in lock] == []
    version = tomllib.loads((ROOT / "generated_client" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    series = ".".join(version["version"].split(".")[:2])
    assert f"cloudjobs[cli,testing]~={series}.0" in project["dependencies"]


def test_wheel_requires_each_package_that_the_generator_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {_normal(re.split(r"[^\w.-]", each)[0]) for each in project["dependencies"]}
    statements = [
        node
        for path in (ROOT / "generator").rglob("*.py")
        if "runtime" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    names = {alias.name for node in statements if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in statements if isinstance(node, ast.ImportFrom) and not node.level}
    imported = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    distributions = packages_distributions() | {"cloudjobs": ["cloudjobs"], "griffe": ["mkdocstrings-python"]}
    assert len(imported) > 8
    assert [name for name in imported if not required & set(map(_normal, distributions[name]))] == []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_tool_in_an_empty_folder_uses_no_document_of_the_checkout(path: str, tmp_path: Path) -> None:
    for command in (["check"], ["docs"]):
        done = tool(tmp_path, path, *command)
        assert (done.returncode, done.stdout) == (1, ""), command
        assert done.stderr.startswith("openapi: must contain an OpenAPI document <service>.yaml, got none. "), command
    assert contents(tmp_path) == {}


def test_tool_makes_a_client_of_the_project(path: str, project: Path) -> None:
    for command, said in (
        (["check"], "documents, evidence and recordings of acme are valid"),
        (["client"], "acme-jobs: acme_jobs with acme"),
        (["check"], "acme-jobs is up to date"),
        (["contract", "check"], "2 exchange(s) checked: 0 violation(s)"),
    ):
        done = tool(project, path, *command)
        assert (done.returncode, done.stderr) == (0, ""), command
        assert said in done.stdout
    metadata = tomllib.loads((project / "acme-jobs" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (metadata["name"], metadata["version"]) == ("acme-jobs", "2.0.1")
    assert metadata["description"] == "Clients of Acme's jobs."
    code = "import acme_jobs; print(acme_jobs.__version__, acme_jobs.services(), acme_jobs.AcmeClient.__name__)"
    done = python(project / "acme-jobs" / "src", "-c", code)
    assert done.stdout == "2.0.1 ('acme',) AcmeClient\n", done.stderr
    done = python(project / "acme-jobs" / "src", "-m", "acme_jobs", "list", "--help")
    assert "No service has an operation for this command." in done.stdout, done.stderr


def test_tool_output_is_that_of_the_checkout(path: str, project: Path) -> None:
    folders = (project / "installed", project / "checkout")
    done = tool(project, path, "client", "--output", folders[0])
    assert done.returncode == 0, done.stderr
    done = python(ROOT, "-m", "generator", "client", "--project", project, "--output", folders[1])
    assert done.returncode == 0, done.stderr
    one, other = map(contents, folders)
    assert one == other


def test_client_version_and_description_options_replace_the_settings(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--project", str(project), "--version", "3.1.0rc1", "--description", "Another one."]
    assert main(["client", *options]) == 0
    metadata = tomllib.loads((project / "acme-jobs" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (metadata["version"], metadata["description"]) == ("3.1.0rc1", "Another one.")
    assert main(["check", "--project", str(project)]) == 1
    assert "acme-jobs/pyproject.toml: differs from the generator's output. " in capsys.readouterr().err


@pytest.mark.parametrize("place", ["before", "after"])
def test_project_option_names_the_folder(path: str, project: Path, place: str) -> None:
    option = ["--project", "project"]
    arguments = [*option, "lint"] if place == "before" else ["lint", *option]
    done = tool(project.parent, path, *arguments)
    assert (done.returncode, done.stdout) == (0, "acme: valid\n"), done.stderr
    assert contents(project.parent).keys() == {"project", *(f"project/{name}" for name in contents(project))}


def test_project_option_of_no_folder_is_an_error(path: str, tmp_path: Path) -> None:
    done = tool(tmp_path, path, "lint", "--project", "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert "argument --project: must be a folder, got 'none'" in done.stderr


def test_project_with_an_invalid_document_names_the_house_rules_of_the_tool(path: str, project: Path) -> None:
    file = project / "openapi" / "acme.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "x-unknown: 1\n", encoding="utf-8")
    done = tool(project, path, "check")
    assert done.returncode == 1
    rules = Path(path.partition(os.pathsep)[0]) / "cloudjobs_generator" / "documents" / "house" / "STYLE.md"
    assert done.stderr.startswith("openapi/acme.yaml:")
    assert str(rules) in done.stderr
    assert rules.is_file()
