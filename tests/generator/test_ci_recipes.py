"""The recipes for other teams' CI: each command is run in a project, and fails where the check should."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.cli import main
from generator.client.render import compatible
from generator.client.runtime._version import VERSION
from tests.generator.directory_snapshots import ROOT

CI = ROOT / "examples" / "ci"


def recipe(name: str) -> Any:
    return yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def github(name: str, job: str) -> list[str]:
    return [step["run"] for step in recipe(name)["jobs"][job]["steps"] if "run" in step]


def gitlab() -> list[str]:
    job = recipe("examples/ci/gitlab-ci.yml")["contract"]
    return [*job["before_script"], *job["script"]]


def hooks() -> list[str]:
    return [hook["entry"] for hook in recipe(".pre-commit-hooks.yaml")]


RECIPES: dict[str, Callable[[], list[str]]] = {
    "github": lambda: github("examples/ci/github-actions.yml", "contract"),
    "gitlab": gitlab,
    "pre-commit": hooks,
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a drafted service, its client, and a release tag. The programs of the recipes are in `bin`."""
    folder = tmp_path_factory.mktemp("released")
    project, programs = folder / "project", folder / "bin"
    project.mkdir()
    programs.mkdir()
    tool = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m generator "$@"\n'
    for name, text in (("cloudjobs-generator", tool), ("pip", '#!/bin/sh\necho "$@" >> "$0.log"\n')):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    for command in (["new", "tasks"], ["client"]):
        assert main([*command, "--project", str(project)]) == 0
    (project / ".gitignore").write_text("/build/\n", encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"], ["tag", "v0.1.0"]):
        done = git(project, *arguments)
        assert done.returncode == 0, done.stderr
    return folder


def git(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    who = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *arguments], cwd=project, capture_output=True, text=True, check=False)


def first_failure(folder: Path, commands: list[str]) -> tuple[str, str] | None:
    """Run commands as a CI does, and return the first that fails with its output."""
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for command in commands:
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=folder / "project",
            env={**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode:
            return command, done.stdout + done.stderr
    return None


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_passes_in_a_fresh_project(name: str, released: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(released, tmp_path / "copy")
    assert first_failure(folder, RECIPES[name]()) is None
    if name != "pre-commit":
        assert (folder / "bin" / "pip.log").read_text(
            encoding="utf-8"
        ) == f"install cloudjobs-generator{compatible(VERSION)}\n"
        assert (folder / "project" / "build" / "contract.xml").is_file()


DOCUMENT = "openapi/tasks.yaml"
MISTAKES = {
    "document without client": (DOCUMENT, "TODO: describe the operation.", "Returns it.", "cloudjobs-generator check"),
    "edited client": ("tasks-client/README.md", "Tasks", "Jobs", "cloudjobs-generator check"),
    "recording": (
        "openapi/recordings/tasks/first-response.yaml",
        '"progress": 40',
        '"progress": "40"',
        "cloudjobs-generator check",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_recipe_fails_for_a_mistake(mistake: str, released: Path, tmp_path: Path) -> None:
    file, old, new, command = MISTAKES[mistake]
    folder = shutil.copytree(released, tmp_path / "copy")
    path = folder / "project" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    failed = first_failure(folder, gitlab())
    assert failed is not None
    assert failed[0].startswith(command)


def test_recipe_fails_for_a_breaking_document(released: Path, tmp_path: Path) -> None:
    """A field that is taken out of a released document needs a new version of it."""
    folder = shutil.copytree(released, tmp_path / "copy")
    path = folder / "project" / DOCUMENT
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("          minLength: 1", "          minLength: 2"), encoding="utf-8")
    path.write_text(text.replace("minLength: 1", "minLength: 2"), encoding="utf-8")
    command = gitlab()[-1]
    assert command == "cloudjobs-generator contract diff --last-release"
    failed = first_failure(folder, [command])
    assert failed is not None
    assert "tasks" in failed[1]


def test_pre_commit_recipe_names_the_hooks_of_this_repository() -> None:
    (repository,) = recipe("examples/ci/pre-commit-config.yaml")["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in recipe(".pre-commit-hooks.yaml")]
    for hook in recipe(".pre-commit-hooks.yaml"):
        assert re.match(hook["files"], DOCUMENT)
        assert hook["pass_filenames"] == "false"


def test_release_workflow_compares_the_tag_and_runs_existing_targets() -> None:
    first, *others = github(".github/workflows/release.yml", "build")
    for tag, code in ((f"v{VERSION}", 0), ("v9.9.9", 1)):
        environment = {**os.environ, "GITHUB_REF_NAME": tag}
        assert subprocess.run(["bash", "-e", "-c", first], cwd=ROOT, env=environment, check=False).returncode == code
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {command.removeprefix("make ") for command in others} <= targets
    assert len(others) == 3
