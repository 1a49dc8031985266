"""`contract diff` on files and revisions: its output, its exit code, and the version that the last release requires."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from generator.cli import main
from generator.contract.diff import Step
from generator.contract.diff.changes import is_enough, next_version
from generator.documents import Workspace
from tests.contract.contracts import ROOT

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
Diff = Callable[..., tuple[int, str, str]]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Documents in a separate folder for the command."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "openapi", root / "openapi")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def repository(checkout: Path) -> Path:
    git(checkout, "init", "--quiet")
    git(checkout, "add", ".")
    commit(checkout)
    return checkout


@pytest.fixture
def diff(capsys: pytest.CaptureFixture[str]) -> Diff:
    def run(*arguments: object) -> tuple[int, str, str]:
        code = main(["contract", "diff", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, "-C", root, *arguments], check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "commit", "--quiet", "--all", "--message", "State")


def edit(root: Path, service: str, old: str, new: str) -> Path:
    path = root / "openapi" / f"{service}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def break_cce(root: Path) -> Path:
    return edit(
        root, "cce", "[Initializing, Running, Failed, Success]", "[Initializing, Running, Failed, Success, Lost]"
    )


class TestDiffFiles:
    """Two files with any names, or one beside the checkout."""

    def test_diff_same_file_is_unchanged(self, checkout: Path, diff: Diff) -> None:
        file = checkout / "openapi" / "cce.yaml"
        assert diff(file, file) == (0, "cce: no change, 0.2.0 -> 0.2.0\n", "")

    def test_diff_breaking_change_shows_pointer_and_version(self, checkout: Path, diff: Diff) -> None:
        old = shutil.copy(checkout / "openapi" / "cce.yaml", checkout / "old.yaml")
        new = break_cce(checkout)
        code, printed, _ = diff(old, new)
        assert code == 1
        verdict, place, said, *rest = printed.splitlines()
        assert verdict == "cce: a major step, 0.2.0 -> 0.2.0: info.version must be at least 0.3.0"
        assert place.split() == ["breaking", "response", "/components/schemas/JobStatus/properties/phase/enum"]
        assert said.strip() == (
            'the values gain "Lost": a caller that distinguishes the values receives an unknown one'
        )
        assert rest == []

    def test_diff_sufficient_version_exits_0(self, checkout: Path, diff: Diff) -> None:
        old = shutil.copy(checkout / "openapi" / "cce.yaml", checkout / "old.yaml")
        break_cce(checkout)
        new = edit(checkout, "cce", "version: 0.2.0", "version: 0.3.0")
        code, printed, _ = diff(old, new)
        assert code == 0
        assert printed.startswith("cce: a major step, 0.2.0 -> 0.3.0\n")
        assert diff(old, new, "--fail-on", "breaking")[0] == 1

    @pytest.mark.parametrize(
        ("fail_on", "code"), [("version", 1), ("breaking", 0), ("compatible", 0), ("neutral", 1), ("never", 0)]
    )
    def test_diff_neutral_change_exit_code_follows_fail_on(
        self, checkout: Path, diff: Diff, fail_on: str, code: int
    ) -> None:
        old = shutil.copy(checkout / "openapi" / "cce.yaml", checkout / "old.yaml")
        new = edit(checkout, "cce", "title: Huawei CCE job query", "title: CCE jobs")
        assert diff(old, new, "--fail-on", fail_on)[0] == code

    def test_diff_json_format_lists_every_change(self, checkout: Path, diff: Diff) -> None:
        old = shutil.copy(checkout / "openapi" / "cce.yaml", checkout / "old.yaml")
        code, printed, _ = diff(old, break_cce(checkout), "--format", "json")
        (document,) = json.loads(printed)["documents"]
        (change,) = document.pop("changes")
        assert code == 1
        assert document == {
            "document": "cce",
            "old_version": "0.2.0",
            "new_version": "0.2.0",
            "step": "major",
            "least_version": "0.3.0",
            "enough": False,
        }
        assert (change["effect"], change["direction"]) == ("breaking", "response")
        assert change["old"] == change["new"] == "/components/schemas/JobStatus/properties/phase/enum"

    def test_diff_bundled_document_is_accepted(self, diff: Diff) -> None:
        bundled = ROOT / "generated_client" / "src" / "cloudjobs" / "cce" / "openapi.json"
        code, printed, _ = diff(bundled, bundled)
        assert (code, printed) == (0, "openapi: no change, 0.2.0 -> 0.2.0\n")

    def test_diff_open_list_of_an_earlier_document_is_the_same(self, checkout: Path, diff: Diff) -> None:
        document = yaml.safe_load((checkout / "openapi" / "ges.yaml").read_text("utf-8"))
        kind = document["components"]["schemas"]["Job"]["properties"]["taskType"]
        kind["x-enum-open"] = kind.pop("anyOf")[0]["enum"]
        (checkout / "ges.yaml").write_text(json.dumps(document), "utf-8")
        code, output, _ = diff("ges.yaml")
        assert (code, output) == (0, "ges: no change, 0.2.0 -> 0.2.0\n")

    def test_diff_single_file_uses_checkout_document_of_its_name(self, checkout: Path, diff: Diff) -> None:
        (checkout / "old").mkdir()
        old = shutil.copy(checkout / "openapi" / "cce.yaml", checkout / "old" / "cce.yaml")
        break_cce(checkout)
        code, printed, _ = diff(old)
        assert code == 1
        assert [line for line in printed.splitlines() if not line.startswith(" ")] == [
            "cce: a major step, 0.2.0 -> 0.2.0: info.version must be at least 0.3.0"
        ]

    def test_diff_keyword_of_another_author_is_compared(self, checkout: Path, diff: Diff) -> None:
        old = shutil.copy(checkout / "openapi" / "ges.yaml", checkout / "old.yaml")
        new = edit(checkout, "ges", "        minimum: 1\n", "        multipleOf: 5\n")
        code, printed, _ = diff(old, new, "--fail-on", "breaking")
        assert code == 1
        assert "multipleOf none becomes 5" in printed
        new = edit(checkout, "ges", "        multipleOf: 5\n", "        minimum: 1\n        x-unit: jobs\n")
        code, printed, _ = diff(old, new, "--fail-on", "neutral")
        assert code == 1
        assert "x-unit is new" in printed
        assert "breaking" not in printed


@needs_git
class TestDiffRevisions:
    """States of the repository."""

    def test_diff_two_revisions_compares_all_services(self, repository: Path, diff: Diff) -> None:
        break_cce(repository)
        commit(repository)
        code, printed, _ = diff("HEAD~1", "HEAD")
        assert code == 1
        compared = [line.split(":")[0] for line in printed.splitlines() if not line.startswith(" ")]
        assert compared == list(Workspace(ROOT).service_names)
        assert diff("HEAD~1", "HEAD", "--services", "ges")[0] == 0

    def test_diff_added_and_removed_service_are_reported(self, repository: Path, diff: Diff) -> None:
        for path in (repository / "openapi").rglob("yuanrong*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        code, printed, _ = diff("HEAD")
        assert code == 0
        assert "yuanrong: removed after 0.2.0; the version of the package must have a breaking step" in printed
        assert "breaking    client    the whole document (old)" in printed
        assert diff("HEAD", "--fail-on", "breaking")[0] == 1
        commit(repository)
        code, printed, _ = diff("HEAD", "HEAD~1")
        assert "yuanrong: new, 0.2.0" in printed
        assert code == 0

    def test_diff_last_release_compares_with_latest_tag(self, repository: Path, diff: Diff) -> None:
        assert diff("--last-release") == (0, "no release tag precedes this commit: nothing to compare\n", "")
        git(repository, "tag", "v0.1.0")
        git(repository, "tag", "some-other-mark")
        assert diff("--last-release")[0] == 0
        break_cce(repository)
        assert diff("--last-release")[0] == 1
        commit(repository)
        assert diff("--last-release")[0] == 1
        edit(repository, "cce", "version: 0.2.0", "version: 0.3.0")
        assert diff("--last-release")[0] == 0
        commit(repository)
        git(repository, "tag", "v0.2.0")
        code, printed, _ = diff("--last-release")
        assert (code, printed.splitlines()[0]) == (0, "cce: no change, 0.3.0 -> 0.3.0")

    def test_diff_last_release_without_repository_exits_0(self, checkout: Path, diff: Diff) -> None:
        assert diff("--last-release")[0] == 0

    def test_diff_last_release_without_git_exits_0(
        self, repository: Path, diff: Diff, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git(repository, "tag", "v0.1.0")
        break_cce(repository)
        monkeypatch.setenv("PATH", str(repository))
        assert diff("--last-release")[0] == 0
        code, printed, errors = diff("v0.1.0")
        assert (code, printed) == (3, "")
        assert errors.splitlines()[0] == (
            "v0.1.0: must be a file or folder, because git is not installed. Name a file."
        )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "OLD: must be a file, folder or revision, got none"),
        (["no-such-thing"], 3, "no-such-thing: must be a file, a folder or a revision"),
        (["openapi/cce.yaml", "no-such-thing"], 3, "no-such-thing: must be a file, a folder or a revision"),
        (["openapi/cce.yaml", "--last-release"], 2, "--last-release: must be used without OLD, got openapi/cce.yaml"),
        (["openapi/evidence"], 3, "openapi/evidence/cce.yaml:1: must be an OpenAPI document"),
        (["openapi/recordings"], 3, "openapi/recordings: must contain a document, got none"),
        (["openapi", "--services", "no_such"], 3, "openapi: must contain a document of no_such, got none"),
        (
            ["openapi/cce.yaml", "openapi/ges.yaml", "--services", "cce"],
            2,
            "--services: must be left out with two files",
        ),
        (["openapi/cce.yaml", "--services", "cce,ges"], 2, "--services: must be left out with two files"),
        (["openapi/STYLE.md", "openapi/cce.yaml"], 3, "openapi/STYLE.md:"),
        (["broken.yaml", "openapi/cce.yaml"], 3, "broken.yaml:2: must be valid YAML or JSON"),
        (["empty.yaml", "openapi/cce.yaml"], 3, "empty.yaml: must be a document, got an empty file"),
        (["list.yaml", "openapi/cce.yaml"], 3, "list.yaml:1: must be an OpenAPI document"),
        (["repeated.yaml", "openapi/cce.yaml"], 3, "repeated.yaml:2: must have each key once, got openapi again"),
        (["swagger.yaml", "openapi/cce.yaml"], 3, "must be OpenAPI 3.0, 3.1 or 3.2, got Swagger 2.0"),
        (["other-file.yaml", "openapi/cce.yaml"], 3, "must name a file that can be read, got other.yaml#/JobSpec"),
        (["dangling.yaml", "openapi/cce.yaml"], 3, "must name a part of the document, got #/components/schemas/Gone"),
        (["text.yaml", "openapi/cce.yaml"], 3, "/components/schemas/Error/properties must be a mapping, got text"),
        (["deep.yaml", "openapi/cce.yaml"], 3, "levels"),
        (["bytes.yaml", "openapi/cce.yaml"], 3, "bytes.yaml: must be UTF-8, got other bytes"),
    ],
)
def test_diff_invalid_input_prints_only_an_error(
    checkout: Path, diff: Diff, arguments: list[str], code: int, said: str
) -> None:
    document = (checkout / "openapi" / "cce.yaml").read_text(encoding="utf-8")
    reference = "$ref: '#/components/schemas/JobSpec'"
    (checkout / "broken.yaml").write_text("a: [1")
    (checkout / "empty.yaml").write_text("")
    (checkout / "list.yaml").write_text("[1, 2]")
    (checkout / "repeated.yaml").write_text("openapi: 3.1.0\nopenapi: 3.1.0\n")
    (checkout / "deep.yaml").write_text("openapi: 3.1.0\nx: " + "[" * 5000 + "]" * 5000)
    (checkout / "bytes.yaml").write_bytes(b"\xff\xfe")
    (checkout / "swagger.yaml").write_text(document.replace("openapi: 3.1.0", "swagger: '2.0'"))
    (checkout / "other-file.yaml").write_text(document.replace(reference, "$ref: other.yaml#/JobSpec"))
    (checkout / "dangling.yaml").write_text(document.replace(reference, "$ref: '#/components/schemas/Gone'"))
    (checkout / "text.yaml").write_text(
        "openapi: 3.0.0\ninfo: {title: A, version: 1.0.0}\npaths: {}\n"
        "components: {schemas: {Error: {properties: text}}}"
    )
    exit_code, printed, errors = diff(*arguments)
    assert (exit_code, printed) == (code, "")
    assert said in errors
    assert "Traceback" not in errors


def test_diff_document_of_another_author_is_compared(tmp_path: Path, diff: Diff) -> None:
    """OpenAPI 3.0 with anchors, numeric keys, dates, a version that is not semantic, and an extension of our name."""
    text = """\
openapi: 3.0.0
info: {title: Orders, version: 2024-05-01, x-job: true}
paths:
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        200: &ok
          description: The order.
          content: {application/json: {schema: {type: object, properties: {total: {type: number, nullable: true}}}}}
        201: *ok
        default: {description: A failure.}
"""
    old, new = tmp_path / "old.yaml", tmp_path / "new.json"
    old.write_text(text, encoding="utf-8")
    assert diff(old, old) == (0, "old: no change, 2024-05-01 -> 2024-05-01\n", "")
    data = yaml.safe_load(text.replace("nullable: true", "nullable: false").replace("2024-05-01", "'2024-06-01'"))
    new.write_text(json.dumps(data), encoding="utf-8")
    code, printed, _ = diff(new, old)
    assert code == 1
    assert "type number becomes number or null" in printed
    assert "both versions must be MAJOR.MINOR.PATCH to be compared" in printed
    assert diff(old, new)[0] == 0


@pytest.mark.parametrize(
    ("old", "step", "least"),
    [
        ("1.2.3", Step.NONE, "1.2.3"),
        ("1.2.3", Step.PATCH, "1.2.4"),
        ("1.2.3", Step.MINOR, "1.3.0"),
        ("1.2.3", Step.MAJOR, "2.0.0"),
        ("0.2.3", Step.MAJOR, "0.3.0"),
        ("0.2.3", Step.MINOR, "0.3.0"),
        ("0.2.3", Step.PATCH, "0.2.4"),
        ("1.0.0-rc.1", Step.MAJOR, "1.0.0"),
        ("1.2.3+built", Step.PATCH, "1.2.4"),
    ],
)
def test_next_version_one_step_further_is_enough(old: str, step: Step, least: str) -> None:
    assert next_version(old, step) == least
    assert is_enough(old, least, step)
    assert is_enough(old, "3.0.0", step)


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("1.2.3", "1.2.3", Step.PATCH),
        ("1.2.3", "1.2.4", Step.MINOR),
        ("1.2.3", "1.9.0", Step.MAJOR),
        ("1.10.0", "1.9.9", Step.NONE),
        ("0.2.0", "0.1.9", Step.MAJOR),
        ("1.0.0-rc.1", "1.0.0-rc.1", Step.PATCH),
    ],
)
def test_is_enough_insufficient_version_returns_false(old: str, new: str, step: Step) -> None:
    assert not is_enough(old, new, step)


def test_diff_checkout_documents_are_supported(diff: Diff) -> None:
    for service in sorted((ROOT / "openapi").glob("*.yaml")):
        version = yaml.safe_load(service.read_text(encoding="utf-8"))["info"]["version"]
        assert diff(service, service) == (0, f"{service.stem}: no change, {version} -> {version}\n", "")


PARTS = {
    "api.yaml": """\
openapi: 3.1.0
info: {title: Jobs, version: 1.0.0}
paths:
  /jobs: {$ref: paths/jobs.yaml}
  /jobs/{id}:
    get:
      parameters: [{$ref: 'common.yaml#/components/parameters/Id'}]
      responses:
        '200': {description: The job., content: {application/json: {schema: {$ref: '#/components/schemas/Job'}}}}
        default: {$ref: 'common.yaml#/components/responses/Failure'}
components:
  schemas:
    Job: {$ref: schemas/job.json}
""",
    "paths/jobs.yaml": """\
get:
  responses:
    '200':
      description: The jobs.
      content:
        application/json: {schema: {type: array, items: {$ref: '../api.yaml#/components/schemas/Job'}}}
    default: {$ref: '../common.yaml#/components/responses/Failure'}
""",
    "common.yaml": """\
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string}}
  responses:
    Failure:
      description: A failure.
      content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}
  schemas:
    Failure: {type: object, properties: {message: {type: string}, inner: {$ref: '#/components/schemas/Failure'}}}
""",
    "schemas/job.json": """\
{"type": "object", "required": ["id"],
 "properties": {"id": {"type": "string"}, "state": {"$ref": "../states.yaml#/State"}, "parts": {"type": "array",
  "items": {"$ref": "#"}}}}
""",
    "states.yaml": "State: {type: string, enum: [running, done]}\n",
}
JOINED = """\
openapi: 3.1.0
info: {title: Jobs, version: 1.0.0}
paths:
  /jobs:
    get:
      responses:
        '200':
          description: The jobs.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Job'}}}}
        default: {$ref: '#/components/responses/Failure'}
  /jobs/{id}:
    get:
      parameters: [{$ref: '#/components/parameters/Id'}]
      responses:
        '200': {description: The job., content: {application/json: {schema: {$ref: '#/components/schemas/Job'}}}}
        default: {$ref: '#/components/responses/Failure'}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string}}
  responses:
    Failure: {description: A failure., content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}}
  schemas:
    Job:
      type: object
      required: [id]
      properties:
        id: {type: string}
        state: {$ref: '#/components/schemas/State'}
        parts: {type: array, items: {$ref: '#/components/schemas/Job'}}
    State: {type: string, enum: [running, done]}
    Failure: {type: object, properties: {message: {type: string}, inner: {$ref: '#/components/schemas/Failure'}}}
"""


def write_parts(folder: Path, **changed: str) -> Path:
    """Write the document of several files; returns its main file."""
    for name, text in (PARTS | changed).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "api.yaml"


class TestDiffSeveralFiles:
    """Documents with references to files in their folder."""

    def test_diff_document_joined_into_one_file_states_the_same(self, tmp_path: Path, diff: Diff) -> None:
        parts, joined = write_parts(tmp_path / "parts"), tmp_path / "api.yaml"
        joined.write_text(JOINED, encoding="utf-8")
        for old, new in ((parts, joined), (joined, parts)):
            code, printed, _ = diff(old, new, "--fail-on", "compatible")
            assert (code, "breaking" in printed, "compatible" in printed) == (0, False, False), printed

    @pytest.mark.parametrize(
        ("file", "old", "new", "found"),
        [
            ("states.yaml", "done]", "done, lost]", "lost"),
            ("schemas/job.json", '["id"]', '["id", "state"]', "state"),
            ("common.yaml", "message: {type: string}", "message: {type: integer}", "integer"),
            (
                "common.yaml",
                "in: path, required: true, schema: {type: string}",
                "in: path, required: true, schema: {type: string, maxLength: 5}",
                "maxLength",
            ),
            ("paths/jobs.yaml", "type: array, ", "type: array, maxItems: 9, ", "maxItems"),
        ],
    )
    def test_diff_change_of_a_part_is_found(
        self, tmp_path: Path, diff: Diff, file: str, old: str, new: str, found: str
    ) -> None:
        assert old in PARTS[file]
        one, other = (
            write_parts(tmp_path / "old"),
            write_parts(tmp_path / "new", **{file: PARTS[file].replace(old, new)}),
        )
        code, printed, errors = diff(one, other, "--fail-on", "compatible")
        assert (code, errors) == (1, "")
        assert found in printed

    @needs_git
    def test_diff_folders_and_revisions_with_parts_are_compared(self, repository: Path, diff: Diff) -> None:
        write_parts(repository / "openapi")
        git(repository, "add", ".")
        commit(repository)
        changed = write_parts(repository / "changed", **{"states.yaml": "State: {type: string, enum: [done]}\n"}).parent
        code, printed, errors = diff("HEAD", changed, "--services", "api")
        assert (code, errors) == (1, "")
        assert "api: a minor step" in printed
        assert "/components/schemas/State/enum" in printed
        code, printed, errors = diff(repository / "changed", changed)
        assert (code, printed, errors) == (0, "api: no change, 1.0.0 -> 1.0.0\n", "")

    @pytest.mark.parametrize(
        ("reference", "said"),
        [
            ("https://example.com/states.yaml#/State", "must be a reference to a file in the folder of the document"),
            ("//example.com/states.yaml", "must be a reference to a file in the folder of the document"),
            ("../../secret.yaml", "must be a reference to a file in the folder of the document"),
            ("/etc/hostname", "must be a reference to a file in the folder of the document"),
            ("link.yaml", "must be in the folder of the document"),
            ("../none.yaml", "must name a file that can be read, got ../none.yaml: cannot be read (No such file"),
            ("../states.yaml#/Gone", "must name a part of states.yaml, got ../states.yaml#/Gone"),
            ("../states.yaml#Gone", "must name a part of states.yaml, got ../states.yaml#Gone"),
        ],
    )
    def test_diff_reference_out_of_the_folder_or_to_nothing_is_an_error(
        self, tmp_path: Path, diff: Diff, reference: str, said: str
    ) -> None:
        job = PARTS["schemas/job.json"].replace("../states.yaml#/State", reference)
        file = write_parts(tmp_path / "parts", **{"schemas/job.json": job})
        (tmp_path / "secret.yaml").write_text("type: string\n", encoding="utf-8")
        (tmp_path / "parts" / "schemas" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
        code, printed, errors = diff(file, file)
        assert (code, printed) == (3, "")
        assert said in errors
        assert "job.json" in errors
