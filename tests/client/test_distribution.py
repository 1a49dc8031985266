"""The distribution: sdist and wheel have the same bytes each time, contain the right files, and work outside the
checkout.

Needs the network, or a mirror that pip is set to: the wheel's dependencies are installed, pinned as in the workshop.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import httpx
import pytest

import cloudjobs

from .doc_examples import operations, pascal
from .transports import reply, serving

pytestmark = pytest.mark.xdist_group("distribution")

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "generated_client"
CONSUMER = ROOT / "tests" / "consumer"
"""A project of a user."""
EPOCH = "1767225600"  # 2026-01-01, as in the Makefile
NEEDED = ("attrs", "httpx", "msgspec", "anyio", "certifi", "h11", "httpcore", "idna", "sniffio", "typing-extensions")
OF_TESTING = ("jsonschema-rs", "starlette", "uvicorn", "click", "h11")
OF_PYTEST = ("pytest", "iniconfig", "packaging", "pluggy", "pygments")
OF_CLI = ("click", "rich", "markdown-it-py", "mdurl", "pygments")
FILES = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
INTERPRETERS = [f"python{version}" for version in VERSIONS] + os.environ.get("PYTHONS", "").split()


def run(*command: str | Path, **environment: str) -> str:
    """Run a command; if it fails, fail with its output."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV", "PYTEST"))}
    ran = subprocess.run(
        [str(part) for part in command],
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{' '.join(map(str, command))}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def contents(folder: Path) -> dict[str, str]:
    """Hash of each file of a folder, without what Python leaves there when it imports."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


# Building


@pytest.fixture(scope="session")
def before() -> dict[str, str]:
    """The folder of the client before anything was built of it."""
    return contents(CLIENT)


@pytest.fixture(scope="session")
def builds(before: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The distribution built twice."""
    folders = (tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second"))
    for folder in folders:
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CLIENT]
        run(*command, SOURCE_DATE_EPOCH=EPOCH)
    return folders


@pytest.fixture(scope="session")
def wheel(builds: tuple[Path, Path]) -> Path:
    (path,) = builds[0].glob("*.whl")
    return path


@pytest.fixture(scope="session")
def sdist(builds: tuple[Path, Path]) -> Path:
    (path,) = builds[0].glob("*.tar.gz")
    return path


@pytest.fixture(scope="session")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return Parser().parsestr(archive.read(f"cloudjobs-{cloudjobs.__version__}.dist-info/METADATA").decode())


def test_build_twice_gives_same_bytes(builds: tuple[Path, Path]) -> None:
    first, second = map(contents, builds)
    assert first == second
    version = cloudjobs.__version__
    assert set(first) == {f"cloudjobs-{version}.tar.gz", f"cloudjobs-{version}-py3-none-any.whl"}


def test_build_leaves_client_directory_unchanged(before: dict[str, str], builds: tuple[Path, Path]) -> None:
    assert contents(CLIENT) == before


def test_wheel_contains_only_the_package(wheel: Path) -> None:
    package = {f"cloudjobs/{name}": digest for name, digest in contents(CLIENT / "src" / "cloudjobs").items()}
    package["cloudjobs/SOURCE.json"] = contents(CLIENT)["SOURCE.json"]
    information = f"cloudjobs-{cloudjobs.__version__}.dist-info/"
    with zipfile.ZipFile(wheel) as archive:
        inside = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    about = {name for name in inside if name.startswith(information)}
    assert {name: digest for name, digest in inside.items() if name not in about} == package
    assert about == {information + name for name in FILES}


def test_wheel_contains_documents_recordings_and_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for service in cloudjobs.services():
            assert json.loads(archive.read(f"cloudjobs/{service}/openapi.json")) == cloudjobs.document(service)
            assert json.loads(archive.read(f"cloudjobs/{service}/recordings.json")) == cloudjobs.recordings(service)
        licence = archive.read(f"cloudjobs-{cloudjobs.__version__}.dist-info/licenses/LICENSE")
    assert "cloudjobs/py.typed" in names
    assert licence == (ROOT / "LICENSE").read_bytes()


def test_wheel_metadata_has_the_vendors_page_of_each_service(metadata: Message) -> None:
    documents = [cloudjobs.document(service) for service in cloudjobs.services()]
    expected = [f"{each['info']['title']}, {each['externalDocs']['url']}" for each in documents]
    assert metadata.get_all("Project-URL") == expected
    assert all(len(each.partition(", ")[0]) <= 32 for each in expected)  # the limit of an index


def test_sdist_equals_client_directory(sdist: Path) -> None:
    top = f"cloudjobs-{cloudjobs.__version__}/"
    with tarfile.open(sdist) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        inside = {
            member.name.removeprefix(top): hashlib.sha256(archive.extractfile(member).read()).hexdigest()  # type: ignore[union-attr]
            for member in members
        }
    assert all(member.name.startswith(top) for member in members)
    assert {member.mtime for member in members} == {int(EPOCH)}
    inside.pop("PKG-INFO")
    of_version_control = {".gitignore"}
    expected = {name: digest for name, digest in contents(CLIENT).items() if name not in of_version_control}
    assert {name: digest for name, digest in inside.items() if name not in of_version_control} == expected


def test_metadata_declares_requirements(metadata: Message) -> None:
    assert metadata["Name"] == "cloudjobs"
    assert metadata["Version"] == cloudjobs.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in required} == {"attrs", "httpcore", "httpx", "msgspec"}
    classified = {
        line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier", []) if ":: Python :: 3." in line
    }
    assert classified == set(VERSIONS)
    assert metadata.get_all("Provides-Extra") == ["aio", "airflow", "cli", "httpx2", "testing"]
    of_aio = [line for line in metadata.get_all("Requires-Dist", []) if "extra == 'aio'" in line]
    assert {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in of_aio} == {"aiohttp", "multidict", "yarl"}
    of_airflow = [line for line in metadata.get_all("Requires-Dist", []) if "extra == 'airflow'" in line]
    assert {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in of_airflow} == {
        "apache-airflow",
        "aiohttp",
        "multidict",
        "yarl",
    }
    of_cli = [line for line in metadata.get_all("Requires-Dist", []) if "extra == 'cli'" in line]
    assert {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in of_cli} == {"click", "rich"}
    of_httpx2 = [line for line in metadata.get_all("Requires-Dist", []) if "extra == 'httpx2'" in line]
    assert {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in of_httpx2} == {"httpx2"}
    assert metadata.get_payload() == (CLIENT / "README.md").read_text(encoding="utf-8")


# Installing


def version_of(interpreter: str) -> tuple[int, int] | str:
    """Return its version, or why it cannot be used."""
    if interpreter == f"python{sys.version_info.major}.{sys.version_info.minor}":
        return sys.version_info[:2]
    path = shutil.which(interpreter)
    if path is None:
        return "is not here"
    probe = "import ensurepip, sys, venv; print(*sys.version_info[:2])"
    ran = subprocess.run([path, "-c", probe], capture_output=True, text=True, check=False)
    if ran.returncode:
        return "does not run here"
    major, minor = map(int, ran.stdout.split())
    return major, minor


def chosen() -> dict[str, str]:
    """Return the oldest and the newest interpreter that is here, and for each other one why it is skipped."""
    versions = {interpreter: version_of(interpreter) for interpreter in INTERPRETERS}
    usable = {interpreter: version for interpreter, version in versions.items() if isinstance(version, tuple)}
    extremes = {min(usable, key=lambda name: usable[name]), max(usable, key=lambda name: usable[name])}
    why = {interpreter: version for interpreter, version in versions.items() if isinstance(version, str)}
    neither = dict.fromkeys(usable, "is neither the oldest nor the newest here")
    return {interpreter: "" if interpreter in extremes else (neither | why)[interpreter] for interpreter in versions}


def pins(*names: str) -> str:
    """Return the workshop's pins, with their hashes, of these packages."""
    text = (ROOT / "requirements" / "workshop.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^[A-Za-z0-9._-]+==(?:.*\\\n)*.*", text, re.MULTILINE)
    chosen_entries = [entry for entry in entries if entry.partition("==")[0] in names]
    assert set(names) <= {entry.partition("==")[0] for entry in chosen_entries} | {"typing-extensions", "sniffio"}
    return "\n".join(chosen_entries) + "\n"


@pytest.fixture(scope="module")
def environments(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path | str]:
    """An environment of each interpreter with only the wheel and its dependencies.

    The value is the environment's Python, or the reason why it is missing.
    """
    made: dict[str, Path | str] = {}
    for interpreter, skipped in chosen().items():
        if skipped:
            made[interpreter] = skipped
            continue
        base = sys.executable if version_of(interpreter) == sys.version_info[:2] else shutil.which(interpreter)
        assert base is not None
        made[interpreter] = environment(tmp_path_factory.mktemp("environment"), base, pins(*NEEDED), wheel)
    return made


def environment(folder: Path, base: str, requirements: str, wheel: Path, extra: str = "") -> Path:
    """Return Python of a new environment with these requirements and the wheel, which must need nothing else."""
    run(base, "-m", "venv", folder)
    python = folder / "bin" / "python"
    pinned = folder / "requirements.txt"
    pinned.write_text(requirements, encoding="utf-8")
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-compile")
    run(*pip, "--require-hashes", "--only-binary", ":all:", "-r", pinned)
    run(*pip, "--no-index", f"{wheel}{extra}")
    return python


@pytest.fixture
def python(request: pytest.FixtureRequest, environments: dict[str, Path | str]) -> Path:
    """Python of the environment that was made with an interpreter."""
    made = environments[request.param]
    if isinstance(made, str):
        pytest.skip(f"{request.param} {made}")
    return made


installed = pytest.mark.parametrize("python", INTERPRETERS, indirect=True)


@pytest.mark.exhaustive
def test_environments_include_an_interpreter(environments: dict[str, Path | str]) -> None:
    assert 1 <= sum(isinstance(made, Path) for made in environments.values()) <= 2


@installed
def test_installed_wheel_dependencies_are_complete(python: Path) -> None:
    assert "No broken requirements found" in run(python, "-m", "pip", "--disable-pip-version-check", "check")


ONE_CALL_EACH = """
import json
from importlib.metadata import version

import httpx

import cloudjobs

assert version("cloudjobs") == cloudjobs.__version__
read = {}
for service, client, method, arguments, recording in json.loads(ASKED):
    recorded = cloudjobs.recordings(service)[recording]
    transport = httpx.MockTransport(lambda request: httpx.Response(recorded["status"], text=recorded["body"]))
    with getattr(cloudjobs, client)("https://service.example.com", transport=transport) as opened:
        reply = getattr(opened, method)(**arguments)
    assert reply.to_dict() == json.loads(recorded["body"])
    read[service] = type(reply).__module__ + "." + type(reply).__name__
assert cloudjobs.__file__.startswith(PREFIX), cloudjobs.__file__
print(json.dumps(read))
"""


@installed
def test_installed_clients_decode_recorded_response(python: Path, tmp_path: Path) -> None:
    asked = []
    for operation in operations():
        name = next(
            name
            for name, recording in cloudjobs.recordings(operation.service).items()
            if recording["operation"] == operation.id and recording["status"] == 200
        )
        client = f"{pascal(operation.service)}Client"
        asked.append([operation.service, client, operation.name, operation.arguments(), name])
    program = tmp_path / "one_call_each.py"
    head = f"ASKED = {json.dumps(asked)!r}\nPREFIX = {str(python.parents[1])!r}\n"
    program.write_text(head + ONE_CALL_EACH, encoding="utf-8")
    read = json.loads(run(python, "-W", "error", "-I", program))
    assert set(read) == set(cloudjobs.services())
    assert all(name.startswith(f"cloudjobs.{service}.models.") for service, name in read.items())


@installed
def test_installed_modules_import_without_warning(python: Path) -> None:
    program = (
        "import pkgutil, importlib, cloudjobs\n"
        "names = [found.name for found in pkgutil.walk_packages(cloudjobs.__path__, 'cloudjobs.')]\n"
        "optional = ('cloudjobs.testing.', 'cloudjobs._aiohttp', 'cloudjobs.airflow._', 'cloudjobs.cli._')\n"
        "names = [name for name in names if not name.startswith(optional)]\n"
        "print(*[importlib.import_module(name).__name__ for name in names])"
    )
    imported = set(run(python, "-W", "error", "-I", "-c", program).split())
    assert {f"cloudjobs.{service}.client" for service in cloudjobs.services()} <= imported
    assert {"cloudjobs.auth", "cloudjobs.errors", "cloudjobs.testing"} <= imported


@installed
def test_installed_async_client_without_aiohttp_uses_httpx(python: Path) -> None:
    program = """
import asyncio, importlib.util, sys
import cloudjobs
assert importlib.util.find_spec("aiohttp") is None
async def call():
    async with cloudjobs.AsyncYuanrongClient(sys.argv[1]) as yuanrong:
        return await yuanrong.get_job("j")
print(asyncio.run(call()).submission_id)
"""
    with serving(lambda path: reply("200 OK", b'{"submission_id": "j"}')) as server:
        assert run(python, "-W", "error", "-I", "-c", program, server.url) == "j\n"
    assert server.headers[0]["User-Agent"].startswith(f"cloudjobs/{cloudjobs.__version__} ")


# The command line


@installed
def test_installed_script_without_extra_explains_installation(python: Path) -> None:
    ran = subprocess.run([python.parent / "cloudjobs", "--help"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "cloudjobs: click is missing: pip install 'cloudjobs[cli]'\n"


@pytest.mark.exhaustive
def test_installed_script_with_extra_waits_for_job(wheel: Path, tmp_path: Path) -> None:
    python = environment(tmp_path, sys.executable, pins(*NEEDED, *OF_CLI), wheel, extra="[cli]")
    body = b'{"submission_id": "j", "status": "SUCCEEDED"}'
    with serving(lambda path: reply("200 OK", body)) as server:
        settings = {"CLOUDJOBS_YUANRONG_URL": server.url, "PYTHONWARNINGS": "error"}
        assert run(python.parent / "cloudjobs", "wait", "yuanrong", "j", **settings) == "succeeded 100%  j\n"
    assert run(python.parent / "cloudjobs", "--version") == f"cloudjobs, version {cloudjobs.__version__}\n"
    assert "get" in run(python, "-W", "error", "-m", "cloudjobs", "--help")


# The tests of a project that uses it


@pytest.mark.exhaustive
def test_installed_testing_extra_runs_project_tests(wheel: Path, tmp_path: Path) -> None:
    requirements = pins(*dict.fromkeys((*NEEDED, *OF_TESTING, *OF_PYTEST)))
    python = environment(tmp_path / "environment", sys.executable, requirements, wheel, "[testing]")
    project = tmp_path / "project"
    shutil.copytree(CONSUMER, project, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "examples" / "test_my_waiting_code.py", project)
    written = sum(path.read_text(encoding="utf-8").count("\ndef test_") for path in project.glob("test_*.py"))
    # -W error: the plugin and the replay warn of nothing either.
    pytest_command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", project, project)
    said = run(python, "-W", "error", "-I", *pytest_command)
    assert f"{written} passed" in said
    assert written >= 9


def test_consumer_project_uses_public_names_only() -> None:
    paths = list(CONSUMER.glob("*.py"))
    assert len(paths) >= 2
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.ImportFrom):
                names = [*(node.module or "").split("."), *(each.name for each in node.names)]
            elif isinstance(node, ast.Import):
                names = [part for each in node.names for part in each.name.split(".")]
            elif isinstance(node, ast.Attribute):
                names = [node.attr]
            assert not [name for name in names if name.startswith("_") and not name.endswith("__")], path


# The container file


def test_container_file_installs_the_wheel_and_serves(wheel: Path, tmp_path: Path) -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    (installs,) = re.findall(r"^RUN (.*)$", text, re.MULTILINE)
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)
    (copied,) = re.findall(r"^COPY (\S+) /wheel/$", text, re.MULTILINE)
    assert list(wheel.parent.glob(copied)) == [wheel]
    # As in the container, but that its dependencies come from the pins.
    requirements = pins(*dict.fromkeys((*NEEDED, *OF_TESTING)))
    python = environment(tmp_path / "environment", sys.executable, requirements, wheel)
    run(python, "-m", "pip", "--disable-pip-version-check", "uninstall", "-qq", "-y", "cloudjobs")
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    run("sh", "-c", installs.replace("/wheel", str(wheel.parent)), PATH=path, PIP_NO_INDEX="1")
    program, *arguments = json.loads(entry)
    assert program == "python"
    command = [str(python), *arguments, "--jobs", "3", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=tmp_path
    ) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip().rpartition(":")[2]
            response = httpx.get(f"http://127.0.0.1:{port}/api/jobs/job-3", trust_env=False)
        finally:
            server.terminate()
        server.wait(60)
    assert response.json()["submission_id"] == "job-3"


def test_container_file_commands_are_those_of_the_guide() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    commands = re.findall(r"^#   (.*)$", text, re.MULTILINE)
    guide = (ROOT / "generator" / "docs" / "content" / "testing.md").read_text(encoding="utf-8")
    assert len(commands) == 3
    assert f"```sh\n{chr(10).join(commands)}\n```" in guide
    (port,) = re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE)
    assert f"-p {port}:{port}" in commands[2]
    assert f"({port})" in run(
        sys.executable, "-m", "cloudjobs.testing", "serve", "--help", PYTHONPATH=str(CLIENT / "src")
    )
