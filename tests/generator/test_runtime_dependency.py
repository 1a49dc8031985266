"""A client without a copy of the runtime: it requires `cloudjobs`, which finds its services when it is installed."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from generator.cli import main
from generator.client.render import compatible
from tests.generator.directory_snapshots import ROOT, SERVICES, contents, python

RUNTIME = ROOT / "generated_client" / "src"
INTERFACE = Path(__file__).parent / "runtime_interface.txt"
"""Names of the runtime that generated code imports. A compatible release keeps all of them."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a drafted service and its client."""
    folder = tmp_path_factory.mktemp("project")
    for command in (["new", "tasks"], ["client"], ["check"]):
        assert main([*command, "--project", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def source(project: Path) -> Path:
    return project / "tasks-client" / "src"


def install(folder: Path, package: str, entry_points: str) -> None:
    """Write the metadata of a distribution, as pip does."""
    information = folder / f"{package}-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Name: {package}\nVersion: 1\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(f"[cloudjobs.services]\n{entry_points}\n", encoding="utf-8")


def ran(folder: Path, code: str, *path: Path, **environment: str) -> str:
    done = python(
        folder, "-W", "error", "-c", code, PYTHONPATH=os.pathsep.join(map(str, (*path, RUNTIME))), **environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_dependent_client_holds_its_services_only(source: Path) -> None:
    assert sorted(path.name for path in (source / "tasks_client").iterdir()) == [
        "__init__.py",
        "py.typed",
        "renditions",
        "tasks",
    ]
    assert sum(len(content or b"") for name, content in contents(source).items() if name.endswith(".py")) < 40_000


def test_dependent_client_requires_a_compatible_runtime(project: Path) -> None:
    metadata = tomllib.loads((project / "tasks-client" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["dependencies"] == ["cloudjobs~=0.1.0"]
    assert metadata["optional-dependencies"]["testing"] == ["cloudjobs[testing]"]
    assert metadata["entry-points"] == {"cloudjobs.services": {"tasks": "tasks_client.tasks"}}
    assert "scripts" not in metadata


@pytest.mark.parametrize(
    ("version", "requirement"), [("0.1.0", "~=0.1.0"), ("0.4.2", "~=0.4.2"), ("1.4.2", "~=1.4"), ("2.0.0", "~=2.0")]
)
def test_requirement_of_the_runtime_allows_compatible_releases(version: str, requirement: str) -> None:
    assert compatible(version) == requirement


def test_dependent_client_decodes_waits_and_exports_the_runtime(source: Path) -> None:
    code = """
import httpx, json
import cloudjobs
from tasks_client import AsyncTasksClient, JobSnapshot, NotFoundError, TasksClient, __version__
from tasks_client.tasks import Job

assert JobSnapshot is cloudjobs.JobSnapshot and NotFoundError is cloudjobs.errors.NotFoundError
body = {"job_id": "job-1", "status": "SUCCEEDED", "progress": 100}
transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body))
with TasksClient("https://jobs.example.com", transport=transport) as tasks:
    assert isinstance(tasks.get_task("job-1"), Job)
    print(__version__, tasks.wait_for_job("job-1").state, tasks)
"""
    assert ran(source, code, source) == "0.1.0 succeeded <TasksClient https://jobs.example.com>\n"


def test_installed_dependent_client_is_in_replay_and_command_line(source: Path, tmp_path: Path) -> None:
    install(tmp_path, "tasks_client", "tasks = tasks_client.tasks")
    code = """
import cloudjobs
from cloudjobs.testing import Replay

print(*cloudjobs.services(), sorted(cloudjobs.recordings("tasks")), cloudjobs.document("tasks")["info"]["title"])
with Replay("tasks") as replay:
    job = replay.add_job("tasks")
    print(replay.client("tasks").wait_for_job(job.id).state)
    with replay.patch():
        from tasks_client import TasksClient
        print(TasksClient().snapshot("job-1").id)
"""
    said = ran(tmp_path, code, source, tmp_path).splitlines()
    assert said == [" ".join([*sorted([*SERVICES, "tasks"]), "['first-response'] Tasks"]), "succeeded", "job-1"]
    help = ran(
        tmp_path,
        "import sys; from cloudjobs.cli import main; sys.exit(main(['get', 'tasks', '--help']))",
        source,
        tmp_path,
    )
    assert "Usage: cloudjobs get tasks [OPTIONS] JOB_ID" in help.replace("-c get", "cloudjobs get")


def test_service_name_of_two_distributions_is_qualified(source: Path, tmp_path: Path) -> None:
    install(tmp_path, "tasks_client", "tasks = tasks_client.tasks")
    install(tmp_path, "other_client", "tasks = other_client.tasks")
    code = """
import cloudjobs
print(*cloudjobs.services())
print(cloudjobs.document("tasks_client.tasks")["info"]["title"])
try:
    cloudjobs.document("tasks")
except ValueError as error:
    print(error)
"""
    names = sorted([*SERVICES, "tasks_client.tasks", "other_client.tasks"])
    said = ran(tmp_path, code, source, tmp_path).splitlines()
    assert said == [" ".join(names), "Tasks", f"service must be one of {', '.join(names)}, got 'tasks'"]


def test_standalone_option_copies_the_runtime(project: Path) -> None:
    output = project / "alone"
    arguments = ["client", "--project", str(project), "--standalone", "--output", str(output)]
    assert main(arguments) == 0
    metadata = tomllib.loads((output / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [each for each in metadata["dependencies"] if each.startswith("cloudjobs")]
    assert metadata["scripts"] == {"tasks-client": "tasks_client.cli:main"}
    done = python(output / "src", "-W", "error", "-c", "import tasks_client; print(tasks_client.services())")
    assert done.stdout == "('tasks',)\n", done.stderr
    assert not [name for name, each in contents(output / "src").items() if each and b"import cloudjobs" in each]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"package": "cloudjobs"},
            "cloudjobs.toml: package must be another name than that of the runtime, got cloudjobs. Choose another",
        ),
        (
            {"service": SERVICES[0]},
            f"openapi/{SERVICES[0]}.yaml: must not have the name of a service of cloudjobs, got {SERVICES[0]}. ",
        ),
    ],
    ids=["package", "service"],
)
def test_names_of_the_runtime_distribution_are_refused(
    change: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", change.get("service", "tasks")]) == 0
    if "package" in change:
        settings = re.sub("package = .*", f'package = "{change["package"]}"', Path("cloudjobs.toml").read_text("utf-8"))
        Path("cloudjobs.toml").write_text(settings, encoding="utf-8")
    before = contents(tmp_path)
    assert main(["client"]) == 1
    assert capsys.readouterr().err.startswith(said)
    assert contents(tmp_path) == before


def imported(package: Path) -> set[str]:
    """Return names of the runtime that modules import, with dots."""
    return {
        f"{node.module}.{alias.name}"
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "cloudjobs"
        for alias in node.names
    }


def test_runtime_has_all_names_that_generated_code_imports(source: Path) -> None:
    """A name that is taken out breaks clients that were generated before: it needs a new minor version."""
    names = INTERFACE.read_text(encoding="utf-8").split()
    assert len(names) > 30
    missing = []
    for name in sorted({*names, *imported(source)}):
        module, _, member = name.rpartition(".")
        if not hasattr(import_module(module), member):
            missing.append(name)
    assert missing == []
