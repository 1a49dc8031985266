"""Mistakes of newcomers: each message says where the mistake is, and what to write."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from generator.cli import main
from tests.generator.directory_snapshots import contents

DOCUMENT = "openapi/tasks.yaml"
EVIDENCE = "openapi/evidence/tasks.yaml"
RECORDING = "openapi/recordings/tasks/first-response.yaml"
SETTINGS = "cloudjobs.toml"
FINAL = "          succeeded:\n            - SUCCEEDED\n          failed:\n            - FAILED\n"


def replaced(file: str, old: str, new: str) -> Callable[[], None]:
    def change() -> None:
        text = Path(file).read_text(encoding="utf-8")
        assert old in text, old
        Path(file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def renamed(file: str, name: str) -> Callable[[], None]:
    return lambda: Path(file).rename(Path(file).with_name(name)) and None


def removed(name: str) -> Callable[[], None]:
    return lambda: shutil.rmtree(name) if Path(name).is_dir() else Path(name).unlink()


def nothing() -> None:
    pass


@attrs.frozen
class Mistake:
    change: Callable[[], None]
    where: str
    """Beginning of the line: the file with the line, or the argument."""
    write: str
    """The end of the line: what to write in its place."""
    command: tuple[str, ...] = ("check",)


MISTAKES = {
    "another folder": Mistake(removed("openapi"), "openapi: must contain an OpenAPI document", "with --project."),
    "a file .yml": Mistake(renamed(DOCUMENT, "tasks.yml"), "openapi: must contain", "Rename tasks.yml to tasks.yaml."),
    "no evidence": Mistake(
        removed(EVIDENCE),
        f"{EVIDENCE}: must exist",
        "the draft that the command new SERVICE writes in an empty folder.",
    ),
    "a tab": Mistake(
        replaced(DOCUMENT, "  title: Tasks", "\ttitle: Tasks"),
        f"{DOCUMENT}:5: ",
        "with spaces: YAML does not allow tabs there.",
    ),
    "a key twice": Mistake(
        replaced(DOCUMENT, "  title: Tasks", "  title: Tasks\n  title: Tasks"),
        f"{DOCUMENT}:6: at /info/title must have each key once, got 'title' again",
        "Keep one of them.",
    ),
    "a status without quotes": Mistake(
        replaced(DOCUMENT, "'200':", "200:"), f"{DOCUMENT}:29: at /paths/", "Quote the key."
    ),
    "a reference to nothing": Mistake(
        replaced(DOCUMENT, "'#/components/schemas/Job'", "'#/components/schemas/Jobs'"),
        f"{DOCUMENT}:34: at /paths/",
        "must refer to a value of the document, got #/components/schemas/Jobs. Correct the reference.",
    ),
    "OpenAPI 3.0": Mistake(
        replaced(DOCUMENT, "openapi: 3.1.0", "openapi: 3.0.3"), f"{DOCUMENT}:3: at /openapi", "Write openapi: 3.1.0."
    ),
    "nullable of OpenAPI 3.0": Mistake(
        replaced(DOCUMENT, "          type: integer\n", "          type: integer\n          nullable: true\n"),
        f"{DOCUMENT}:64: at /components/schemas/Job/properties/progress/nullable",
        "Write type: [string, 'null'], the form of OpenAPI 3.1.",
    ),
    "a parameter of another name": Mistake(
        replaced(DOCUMENT, "/v1/tasks/{job_id}", "/v1/tasks/{task_id}"),
        f"{DOCUMENT}:21: at /paths/~1v1~1tasks~1{{task_id}}/get must have the path parameter job_id",
        "in its parameters only. Add it to the path, or remove it.",
    ),
    "no security": Mistake(
        replaced(DOCUMENT, "      security: []\n", ""),
        f"{DOCUMENT}:21: ",
        "List its security schemes, or write security: [].",
    ),
    "no description": Mistake(
        replaced(DOCUMENT, "          description: 'TODO: describe `status`.'\n", ""),
        f"{DOCUMENT}:59: at /components/schemas/Job/properties/status must have a description",
        "Describe it for the caller.",
    ),
    "a state in no field": Mistake(
        replaced(DOCUMENT, "field: status", "field: state"),
        f"{DOCUMENT}:70: at /components/schemas/Job/x-job/state/field must name a field of the schema, got state",
        "Write the path of a property, such as status.phase.",
    ),
    "no final state": Mistake(
        replaced(DOCUMENT, FINAL, ""),
        f"{DOCUMENT}:70: at /components/schemas/Job/x-job/state must declare a final state, got pending, running",
        "Add values of one of succeeded, partial, failed, stopped, otherwise waits never end.",
    ),
    "a state without evidence": Mistake(
        replaced(DOCUMENT, "            - FAILED", "            - FAILED\n            - BROKEN"),
        f"{DOCUMENT}:68: at /components/schemas/Job/x-job must agree with the interpretation tasks.interpretation.job",
        "Correct the extension, or the interpretation in tasks.yaml.",
    ),
    "an unknown extension": Mistake(
        replaced(DOCUMENT, "      x-job:", "      x-jobs:"),
        f"{DOCUMENT}:68: at /components/schemas/Job/x-jobs must be an extension that openapi/STYLE.md describes,",
        "Correct the name, or describe it there and in openapi/schemas/.",
    ),
    "a field without evidence": Mistake(
        replaced(
            DOCUMENT,
            "        progress:\n",
            "        owner:\n          description: Who started it.\n          type: string\n        progress:\n",
        ),
        f"{DOCUMENT}:62: at /components/schemas/Job/properties/owner must have evidence, got none for this part",
        "Remove it, or add evidence to tasks.yaml.",
    ),
    "a row without its place": Mistake(
        replaced(EVIDENCE, "    documents:\n      - /components/schemas/Job/properties/status\n", ""),
        f'{EVIDENCE}:30: at /rows/3 must match the schema: "documents" is a required property',
        "See openapi/schemas/evidence.json.",
    ),
    "a recording of another operation": Mistake(
        replaced(RECORDING, "operation: getTask", "operation: getJob"),
        f"{RECORDING}:4: at /operation must be an operationId of the document, got getJob",
        "Choose from getTask.",
    ),
    "a recording that is not JSON": Mistake(
        replaced(RECORDING, '"status": "RUNNING",', '"status": "RUNNING"'),
        f"{RECORDING}:14: at /body must be valid JSON",
        "Repair it, and keep the original under raw.",
    ),
    "a recording of another name": Mistake(
        replaced(DOCUMENT, "- first-response", "- second-response"),
        f"{DOCUMENT}:36: at /paths/",
        "must be the name of a recording, got second-response. Add the recording, or remove the name.",
    ),
    "a package with a hyphen": Mistake(
        replaced(SETTINGS, "tasks_client", "tasks-client"),
        f"{SETTINGS}:1: package must be an import name",
        'Write for example package = "acme_jobs".',
        ("client",),
    ),
    "an unknown setting": Mistake(
        replaced(SETTINGS, "version", "verison"),
        f"{SETTINGS}:2: verison must be the name of a setting",
        "guides, navigation, site.",
    ),
    "no package": Mistake(
        removed(SETTINGS),
        f"{SETTINGS}: package must be the import name of the client, got no value",
        'Add a line such as package = "acme_jobs".',
        ("client",),
    ),
    "an unknown service": Mistake(
        nothing, "--services: must be names from tasks, got task", "Correct the names.", ("check", "--services", "task")
    ),
    "a folder with other files": Mistake(
        nothing,
        "openapi/..: must be empty or have a SOURCE.json",
        "Move them to another folder, or name another --output.",
        ("client", "--output", "openapi/.."),
    ),
    "documentation before the client": Mistake(
        nothing,
        "tasks-client/src/tasks_client: the generated package is missing",
        "Run `cloudjobs-generator client`.",
        ("docs",),
    ),
    "a HAR file that is not there": Mistake(
        nothing, "x.har: cannot be read", "Name a HAR file.", ("contract", "check", "--har", "x.har")
    ),
}


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafted")
    assert main(["new", "tasks", "--project", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_mistake_of_a_newcomer_is_explained(
    mistake: Mistake, drafted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = shutil.copytree(drafted, tmp_path / "project")
    monkeypatch.chdir(project)
    mistake.change()
    before = contents(project)
    assert main(list(mistake.command)) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith(mistake.where) and line.endswith(mistake.write)], lines
    assert lines[-1].startswith(f"{len(lines) - 1} problem(s)")
    assert contents(project) == before


def test_hand_edited_client_is_explained(
    drafted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shutil.copytree(drafted, tmp_path / "project"))
    assert main(["client"]) == 0
    file = "tasks-client/src/tasks_client/tasks/client.py"
    replaced(file, "class TasksClient", "class MyClient")()
    assert main(["check"]) == 1
    expected = f"{file}: differs from the generator's output. Run `cloudjobs-generator client`."
    assert capsys.readouterr().err.splitlines()[0] == expected
