"""`new SERVICE`: each scaffold passes check, client and contract check as it is, or nothing is written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.cli import main
from generator.scaffold.inference import JobFields, class_name, find_job, singular, states
from tests.generator.directory_snapshots import ROOT, contents, python

PAGE = """\
# Querying a build

GET /v2/{project_id}/builds/{build_id}

## Path parameters

| Parameter | Mandatory | Type | Description |
|---|---|---|---|
| project_id | Yes | String | Project of the build. |
| build_id | Yes | String | The build. |

## Request parameters

| Parameter | Mandatory | Type | Description |
|---|---|---|---|
| X-Auth-Token | Yes | String | Token of the user. |
| Content-Type | Yes | String | application/json |
| verbose | No | Boolean | Whether logs are returned. |
| limit | Yes | Integer | How many logs, from 1 to 100. |

## Response parameters

| Parameter | Type | Description |
|---|---|---|
| build_id | String | The build. |
| status | String | State of the build. Options: "waiting", "building", "done" and "broken". |
| labels | Map<String,String> | Labels. |
| logs | Array of LogEntry objects | The logs. |
| owner | Owner object | Who started it. |
| exit_code | int32 | Exit code. |

## Data structure of LogEntry

| Parameter | Type | Description |
|---|---|---|
| line | String | A line. |
| at | Long | Milliseconds. |

## Status codes

| Status | Meaning |
|---|---|
| 200 | OK |
| 404 | No such build |
"""
BODY = {
    "taskId": "6f1c-77",
    "state": "IN_PROGRESS",
    "owner": {"name": "x", "tags": {"a-b": "c"}},
    "steps": [{"id": 1, "phase": "DONE", "note": None, "ratio": 0.5}, {"id": 2, "phase": "QUEUED", "ratio": 1}],
    "nothing": None,
    "empty": [],
    "mixed": [1, "a"],
    "password": "correct-horse-battery",
}
URL = "https://jobs.example.com/api/v2.1/tasks/6f1c-77?verbose=true&limit=20"
CURL = f"""\
HTTP/1.1 200 Connection established

HTTP/2 200
content-type: application/json; charset=utf-8
set-cookie: session=1

{json.dumps(BODY)}
"""


def har(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": list(entries)}})


def entry(body: Any, url: str = URL, method: str = "GET", status: int = 200, media: str = "application/json") -> Any:
    headers = [{"name": "Authorization", "value": "Bearer abcdef-secret-token"}]
    return {
        "request": {"method": method, "url": url, "headers": headers, "queryString": []},
        "response": {
            "status": status,
            "headers": [{"name": "Content-Type", "value": media}],
            "content": {"mimeType": media, "text": body if isinstance(body, str) else json.dumps(body)},
        },
    }


LISTING = {"total": 2, "runs": [{"id": 5, "status": "done"}, {"id": 6, "status": "new"}], "next": None}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the current one, with sources outside it."""
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "curl.txt").write_text(CURL, encoding="utf-8")
    (tmp_path / "body.json").write_text(json.dumps(BODY), encoding="utf-8")
    (tmp_path / "one.har").write_text(har(entry(BODY)), encoding="utf-8")
    (tmp_path / "two.har").write_text(har(entry(BODY), entry(LISTING, "https://h/v1/p/runs")), encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def document(project: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((project / "openapi" / "tasks.yaml").read_text(encoding="utf-8"))
    return read


def accepted(project: Path, *commands: list[str]) -> None:
    for command in commands or (["check"], ["contract", "check"]):
        assert main(command) == 0, command


SOURCES = {
    "empty": [],
    "page": ["--page", "../page.md"],
    "curl": ["--response", "../curl.txt", "--url", URL],
    "body": ["--response", "../body.json", "--url", URL],
    "har": ["--har", "../one.har"],
    "har listing": ["--har", "../two.har", "--entry", "2"],
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_new_scaffold_passes_as_it_is(source: list[str], project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "tasks", *source]) == 0, capsys.readouterr().err
    assert [line for line in capsys.readouterr().out.splitlines() if line in contents(project)] == [
        "openapi/tasks.yaml",
        "openapi/evidence/tasks.yaml",
        "openapi/recordings/tasks/first-response.yaml",
        "cloudjobs.toml",
    ]
    accepted(project, ["check"], ["evidence"], ["contract", "check"])
    found = [each["x-job"] for each in document(project)["components"]["schemas"].values() if "x-job" in each]
    # A list without offset and limit has no `x-job`, because no interpretation can be about it.
    assert [mapping["state"].keys() >= {"field", "succeeded"} for mapping in found] == [True] * (
        "--entry" not in source
    )


def test_new_page_turns_each_row_into_evidence(project: Path) -> None:
    assert main(["new", "tasks", "--page", "../page.md"]) == 0
    evidence = yaml.safe_load((project / "openapi/evidence/tasks.yaml").read_text(encoding="utf-8"))
    rows = {(row["kind"], row["section"], row["name"]): row for row in evidence["rows"]}
    assert rows.keys() == {
        ("operation", "Path parameters", "GET /v2/{project_id}/builds/{build_id}"),
        ("path", "Path parameters", "project_id"),
        ("path", "Path parameters", "build_id"),
        ("authentication", "Request parameters", "X-Auth-Token"),
        ("header", "Request parameters", "Content-Type"),
        ("query", "Request parameters", "verbose"),
        ("query", "Request parameters", "limit"),
        *(("field", "Response parameters", n) for n in ("build_id", "status", "labels", "logs", "owner", "exit_code")),
        ("field", "Data structure of LogEntry", "line"),
        ("field", "Data structure of LogEntry", "at"),
        ("status", "Status codes", "200"),
        ("status", "Status codes", "404"),
    }
    status = rows["field", "Response parameters", "status"]
    assert (status["type"], status["values"]) == ("String", ["waiting", "building", "done", "broken"])
    assert evidence["page"]["title"] == "Querying a build"
    schemas = document(project)["components"]["schemas"]
    assert schemas["Build"]["properties"]["logs"]["items"] == {"$ref": "#/components/schemas/LogEntry"}
    assert schemas["LogEntry"]["properties"].keys() == {"line", "at"}
    assert schemas["Build"]["x-job"] == {
        "id": "build_id",
        "state": {
            "field": "status",
            "pending": ["waiting"],
            "running": ["building"],
            "succeeded": ["done"],
            "failed": ["broken"],
        },
    }
    [operation] = [path["get"] for path in document(project)["paths"].values()]
    assert operation["security"] == [{"token": []}]
    assert operation["x-poll"] == {"argument": "build_id"}


def test_new_page_with_an_example_records_it(project: Path) -> None:
    example = (
        '\n## Example\n\n```json\n{"build_id": "b-1", "status": "done", "exit_code": 0, "labels": {"a": "b"}}\n```\n'
    )
    (project.parent / "page.md").write_text(PAGE + example, encoding="utf-8")
    assert main(["new", "tasks", "--page", "../page.md"]) == 0
    recording = yaml.safe_load((project / "openapi/recordings/tasks/first-response.yaml").read_text(encoding="utf-8"))
    assert json.loads(recording["body"])["exit_code"] == 0
    assert recording["provenance"] == {"source": "page", "location": "The example"}
    assert recording["request"]["path"]["build_id"] == "b-1"
    accepted(project)


def test_new_response_has_schema_and_redacted_recording(project: Path) -> None:
    assert main(["new", "tasks", "--har", "../one.har"]) == 0
    written = b"".join(content or b"" for content in contents(project).values())
    assert b"correct-horse" not in written
    assert b"abcdef-secret" not in written
    made = document(project)
    [path] = made["paths"]
    assert path == "/api/v2.1/tasks/{task_id}"
    schemas = made["components"]["schemas"]
    assert schemas.keys() == {"Task", "Owner", "Step"}
    assert schemas["Step"]["properties"]["note"]["type"] == ["string", "null"]
    assert schemas["Owner"]["properties"]["tags"]["additionalProperties"] == {"type": "string"}
    assert schemas["Task"]["x-job"] == {
        "id": "taskId",
        "state": {"field": "state", "running": ["IN_PROGRESS"], "succeeded": ["SUCCEEDED"], "failed": ["FAILED"]},
    }
    recording = yaml.safe_load((project / "openapi/recordings/tasks/first-response.yaml").read_text(encoding="utf-8"))
    assert recording["request"] == {"path": {"task_id": "6f1c-77"}, "query": {"verbose": "true", "limit": 20}}


def test_new_path_option_names_the_parameters(project: Path) -> None:
    options = ["--response", "../curl.txt", "--url", URL, "--path", "/api/{version}/tasks/{id}"]
    assert main(["new", "tasks", *options]) == 0
    assert list(document(project)["paths"]) == ["/api/{version}/tasks/{id}"]
    accepted(project)


def test_new_client_of_a_scaffold_decodes_its_recording(project: Path) -> None:
    assert main(["new", "tasks", "--response", "../curl.txt", "--url", URL]) == 0
    accepted(project, ["client"], ["check"])
    code = """
import httpx
import json
from importlib.resources import files
from tasks_client import JobSnapshot, TasksClient

recordings = json.loads((files("tasks_client") / "tasks" / "recordings.json").read_text(encoding="utf-8"))
body = recordings["first-response"]["body"]
transport = httpx.MockTransport(lambda request: httpx.Response(200, text=body))
with TasksClient("https://jobs.example.com", auth=None, transport=transport) as tasks:
    task = tasks.get_task("6f1c-77", limit=20)
print(JobSnapshot.from_job(task).state, task.steps[0].ratio, tasks.snapshot("6f1c-77").id)
"""
    path = os.pathsep.join((str(project / "tasks-client" / "src"), str(ROOT / "generated_client" / "src")))
    done = python(project, "-W", "error", "-c", code, PYTHONPATH=path)
    assert (done.stdout, done.stderr) == ("running 0.5 6f1c-77\n", "")


def test_new_second_service_keeps_the_settings(project: Path) -> None:
    assert main(["new", "tasks"]) == 0
    settings = (project / "cloudjobs.toml").read_bytes()
    assert main(["new", "runs"]) == 0
    assert (project / "cloudjobs.toml").read_bytes() == settings
    accepted(project)


BAD = [
    (["My-Tasks"], "SERVICE must be lower-case letters, digits and _, with a letter first, got 'My-Tasks'. "),
    (["errors"], "SERVICE must not be the name of a module of the client's runtime, got errors. Write a name such as"),
    (["tasks", "--entry", "1"], "--entry must be used with --har. "),
    (["tasks", "--url", URL], "--url must be used with --response. "),
    (["tasks", "--path", "/a"], "--path must be used with --har or --response. "),
    (["tasks", "--page", "../none.md"], "../none.md: cannot be read (No such file or directory). "),
    (["tasks", "--page", "../curl.txt"], "../curl.txt: must have a table of parameters, got none. "),
    (["tasks", "--page", "../post.md"], "../post.md: must describe a GET request, got POST /v1/builds. "),
    (
        ["tasks", "--response", "../curl.txt", "--path", "/a"],
        "../curl.txt: must have the request as curl -v prints it, got a response alone. Add the",
    ),
    (
        ["tasks", "--response", "../curl.txt", "--url", URL, "--path", "/a"],
        "--path: must match the request's path /api/",
    ),
    (
        ["tasks", "--response", "../list.json", "--url", URL],
        "../list.json: the response must be a JSON object, got list",
    ),
    (["tasks", "--response", "../text.txt", "--url", URL], "../text.txt: must have a JSON response, got text/html. "),
    (
        ["tasks", "--response", "../broken.json", "--url", URL],
        "../broken.json: the body of the response must be JSON, got ",
    ),
    (["tasks", "--response", "../empty.txt", "--url", URL], "../empty.txt: must have a response body, got none. "),
    (
        ["tasks", "--har", "../two.har"],
        "../two.har: must have one entry, got 2. Choose one with --entry N: 1 is GET /api/v2.1/tasks/",
    ),
    (["tasks", "--har", "../two.har", "--entry", "3"], "--entry: must be from 1 to 2 for ../two.har, got 3. "),
    (["tasks", "--har", "../post.har"], "../post.har: must be a GET request, got POST. "),
    (["tasks", "--har", "../404.har"], "../404.har: must have a successful response, got status 404. "),
    (["tasks", "--har", "../curl.txt"], "../curl.txt: "),
]


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=[" ".join(arguments)[:60] for arguments, _ in BAD])
def test_new_invalid_input_writes_nothing(
    arguments: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {
        "post.md": PAGE.replace("GET /v2/{project_id}/builds/{build_id}", "POST /v1/builds"),
        "list.json": "[1]",
        "text.txt": "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<p>no</p>\n",
        "broken.json": '{"a": ',
        "empty.txt": "HTTP/1.1 200 OK\nContent-Type: application/json\n\n",
        "post.har": har(entry(BODY, method="POST")),
        "404.har": har(entry({"error": "none"}, status=404)),
    }
    for name, text in texts.items():
        (project.parent / name).write_text(text, encoding="utf-8")
    assert main(["new", *arguments]) in (1, 2)
    error = capsys.readouterr().err
    assert said.replace("SERVICE ", "SERVICE: ").replace(" must be used", ": must be used") in error
    assert error.endswith("1 problem(s); nothing was written.\n")
    assert contents(project) == {}


def test_new_existing_file_is_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "openapi" / "evidence" / "tasks.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("mine\n", encoding="utf-8")
    before = contents(project)
    assert main(["new", "tasks"]) == 1
    assert (
        "openapi/evidence/tasks.yaml: must not exist, got an existing file. Choose another name for the service"
        in capsys.readouterr().err
    )
    assert contents(project) == before


def test_new_failing_write_leaves_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "openapi").mkdir()
    (project / "openapi" / "recordings").write_text("a file where a folder must be\n", encoding="utf-8")
    before = contents(project)
    assert main(["new", "tasks"]) == 1
    assert "cannot be written (Not a directory)" in capsys.readouterr().err
    assert contents(project) == before


def test_new_reports_services_of_the_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "cloudjobs.toml").write_text('package = "a"\nservices = ["runs"]\n', encoding="utf-8")
    assert main(["new", "tasks"]) == 1
    assert (
        "cloudjobs.toml: services must contain tasks, got a list without it. Add it to the list"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("body", "ids", "found"),
    [
        ({"id": "a", "status": "x"}, [], JobFields(None, ("id",), ("status",))),
        ({"a_id": "a", "b_id": "b", "phase": "x"}, ["b"], JobFields(None, ("b_id",), ("phase",))),
        (
            {"metadata": {"uid": "u"}, "status": {"phase": "x"}},
            [],
            JobFields(None, ("metadata", "uid"), ("status", "phase")),
        ),
        ({"jobs": [{"jobId": "j", "jobStatus": "x"}]}, [], JobFields("jobs", ("jobId",), ("jobStatus",))),
        ({"id": "a"}, [], None),
        ({"status": "x"}, [], None),
    ],
)
def test_find_job_returns_id_and_state(body: dict[str, Any], ids: list[str], found: JobFields | None) -> None:
    assert find_job(body, ids) == found


def test_states_sorts_values_by_their_words() -> None:
    values = ["Initializing", "IN_PROGRESS", "COMPLETED", "Partially_successful", "timed_out", "Cancelled", "Stopping"]
    assert states([*values, "weird"]) == {
        "pending": ["Initializing"],
        "running": ["IN_PROGRESS", "Stopping", "weird"],
        "succeeded": ["COMPLETED"],
        "partial": ["Partially_successful"],
        "failed": ["timed_out"],
        "stopped": ["Cancelled"],
    }


def test_names_of_components_are_singular_and_capitalised() -> None:
    assert [class_name(each) for each in ("driver_info", "subJobs", "x-y", "1st")] == [
        "DriverInfo",
        "SubJobs",
        "XY",
        "Item1st",
    ]
    assert [singular(each) for each in ("jobs", "policies", "statuses", "status", "access")] == [
        "job",
        "policy",
        "status",
        "status",
        "access",
    ]


def test_new_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["new", "--help"])
    assert "Texts that you must write are marked TODO." in capsys.readouterr().out.replace("\n", " ")
    assert (ROOT / "generator" / "scaffold").is_dir()
