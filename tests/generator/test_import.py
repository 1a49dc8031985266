"""Import of vendors' documents: each form that OpenAPI 3.0 and 3.1 have, as a client that works or a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.client.template_model_builder import reserved_schema_names
from generator.docs.context import BundledService, SiteContext
from generator.docs.service_page.page import imported_page
from generator.documents import Service, Workspace
from generator.documents.mappings import AuthSpec, credential_classes
from generator.errors import ValidationError
from generator.imports import Imported, import_document
from tests.generator.directory_snapshots import python
from tests.generator.kinds import check_types, make_client, run

REF = "#/components/schemas/"


def body_of(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def response_of(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"description": "It.", **body_of(schema, media_type)}


def vendor(version: str = "3.0.3") -> dict[str, Any]:
    """Return a document as vendors write them."""
    return {
        "openapi": version,
        "info": {"title": "Vendor", "version": "2026-02-01", "description": 'Says "so"'},
        "servers": [{"url": "/api"}],
        "security": [{"key": []}],
        "paths": {
            "/jobs/{job-id}": {
                "parameters": [{"name": "job-id", "in": "path", "schema": {"type": "integer"}}],
                "get": {
                    "operationId": "jobs/get",
                    "deprecated": True,
                    "responses": {
                        "200": {"$ref": "#/components/responses/Job"},
                        "202": {"description": "Later."},
                        "404": response_of({"type": "object"}, "application/problem+json"),
                    },
                },
                "delete": {"responses": {"204": {"description": "Gone."}}},
            },
            "/jobs": {
                "get": {
                    "operationId": "jobs/list",
                    "parameters": [
                        {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                        {"$ref": "#/components/parameters/Limit"},
                    ],
                    "responses": {"200": response_of({"type": "array", "items": {"$ref": REF + "job-full"}})},
                },
                "post": {
                    "operationId": "jobs/create",
                    "requestBody": {"$ref": "#/components/requestBodies/NewJob"},
                    "responses": {"201": response_of({"$ref": REF + "job-full"})},
                },
                "put": {
                    "operationId": "close",
                    "requestBody": {
                        "required": True,
                        **body_of({"properties": {"f": {"type": "string"}}}, "multipart/form-data"),
                    },
                    "responses": {"default": response_of({"type": "string"}, "text/plain")},
                },
            },
            "/pets": {
                "get": {
                    "responses": {
                        "2XX": response_of({"$ref": REF + "Pet"}),
                    },
                },
            },
            "/file": {"get": {"responses": {"200": response_of({}, "*/*")}}},
            "/only-default": {"get": {"responses": {"default": response_of({"$ref": REF + "Cat"})}}},
            "/map": {
                "get": {"responses": {"200": response_of({"additionalProperties": {"$ref": REF + "Pet"}}, "*/*")}}
            },
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            "parameters": {"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 10}}},
            "requestBodies": {"NewJob": {"required": True, **body_of({"$ref": REF + "new_job"})}},
            "responses": {"Job": response_of({"$ref": REF + "Alias"})},
            "schemas": {
                "Alias": {"$ref": REF + "job-full"},
                "base": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"type": "integer", "readOnly": True}, "kind": {"type": "string"}},
                },
                "job-full": {
                    "allOf": [
                        {"$ref": REF + "base"},
                        {
                            "type": "object",
                            "required": ["status"],
                            "properties": {
                                "status": {"$ref": REF + "status"},
                                "old": {"type": "string", "deprecated": True},
                                "owner": {
                                    "type": "object",
                                    "nullable": True,
                                    "properties": {"name": {"type": "string"}},
                                },
                                "parent": {"nullable": True, "allOf": [{"$ref": REF + "job-full"}]},
                                "level": {"type": "integer", "enum": [1, 2, None], "nullable": True},
                                "labels": {"type": "object", "additionalProperties": {"$ref": REF + "status"}},
                                "value": {
                                    "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "array", "items": {}}]
                                },
                            },
                        },
                    ]
                },
                "new_job": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "status": {"$ref": REF + "status"}},
                },
                "status": {"type": "string", "enum": ["new", "done", "bad"]},
                "Pet": {
                    "oneOf": [{"$ref": REF + "Cat"}, {"$ref": REF + "LazyList"}],
                    "discriminator": {"propertyName": "type", "mapping": {"cat": REF + "Cat", "dog": REF + "LazyList"}},
                },
                "Cat": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {"type": {"type": "string"}, "lives": {"type": "integer"}},
                },
                "LazyList": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {"type": {"type": "string"}, "lives": {"type": "string"}},
                },
            },
        },
    }


def imported(data: Any, folder: Path) -> Imported:
    file = folder / "vendor.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return import_document(file, None, reserved_schema_names("own"))


@pytest.fixture(scope="module", params=["3.0.3", "3.1.0"])
def source(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    services: dict[str, Service],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The client of the vendor's document."""
    folder = tmp_path_factory.mktemp("vendor")
    made = imported(vendor(request.param), folder)
    assert (made.operations, made.left_out) == (9, [])
    return make_client(workspace, next(iter(services.values())), made.document, folder / "client")


def test_every_operation_of_a_vendor_is_called(source: Path) -> None:
    code = """
JOB = {"id": 5, "status": "done", "owner": None, "parent": {"id": 4, "status": "new"}, "level": None}
JOB |= {"labels": {"a": "bad"}, "value": [1]}
job = client(JOB).jobs_get(5)
print(type(job).__name__, job.to_dict() == JOB, type(job.parent).__name__, seen[-1].url.path)
print(client(status=202, content=b"").jobs_get(5), client(status=204).delete_jobs_job_id(5), seen[-1].method)
jobs = client([JOB]).jobs_list(ids=["a", "b"], limit=3)
print(type(jobs).__name__, type(jobs[0]).__name__, seen[-1].url.query.decode())
made = client(JOB, status=201).jobs_create(m.NewJob(name="n", status="new"))
print(type(made).__name__, seen[-1].content.decode(), seen[-1].method)
print(type(client({"type": "cat"}).get_only_default()).__name__)
print(client(content=b"said").close_operation({"f": "x"}), seen[-1].headers["content-type"][:19])
print(*(type(client({"type": kind, "lives": "x"}).get_pets()).__name__ for kind in ("dog", "cat")))
print(client(content=b"\\x00").get_file(), type(client({"a": {"type": "cat"}}).get_map()["a"]).__name__)
"""
    assert run(source, code).splitlines() == [
        "JobFull True JobFull /jobs/5",
        "None None DELETE",
        "list JobFull ids=a&ids=b&limit=3",
        'JobFull {"name":"n","status":"new"} POST',
        "Cat",
        "said multipart/form-data",
        "LazyList2 Cat",
        "b'\\x00' Cat",
    ]


def test_responses_of_a_vendor_that_are_valid_have_no_deviation(source: Path) -> None:
    code = """
for name, value in {
    "jobs_list": [{"id": 5, "status": "done", "owner": {"name": "x"}, "parent": None, "level": 1, "value": 1}],
    "get_pets": {"type": "dog", "lives": "x"},
    "get_map": {"a": {"type": "cat", "lives": 9}},
}.items():
    raw = getattr(client(value).with_raw_response, name)()
    raw.parse()
    print(name, [str(each) for each in raw.deviations])
raw = client([{"id": "5", "status": "odd"}]).with_raw_response.jobs_list()
raw.parse()
print([each.pointer for each in raw.deviations])
"""
    assert run(source, code).splitlines() == [
        "jobs_list []",
        "get_pets []",
        "get_map []",
        "['/0/id', '/0/status']",
    ]


def test_client_of_a_vendor_passes_strict_mypy(source: Path, tmp_path: Path) -> None:
    assert check_types(source, tmp_path) == ""


def test_import_keeps_marks_of_the_vendor(tmp_path: Path) -> None:
    document = imported(vendor(), tmp_path).document
    get = document["paths"]["/jobs/{job-id}"]["get"]
    job = document["components"]["schemas"]["JobFull"]["properties"]
    assert (get["operationId"], get["deprecated"], get["security"]) == ("jobsGet", True, [{"key": []}])
    assert (job["id"]["readOnly"], job["old"]["deprecated"]) == (True, True)
    assert document["info"]["version"] == "2026.2.1"
    assert document["x-imported"]["file"] == "vendor.json"


SCHEMES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "key": ({"type": "apiKey", "in": "header", "name": "X-Key"}, ("Token", "IamPassword")),
    "bearer": ({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}, ("Token",)),
    "basic": ({"type": "http", "scheme": "Basic"}, ("BasicAuth",)),
    "client": (
        {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {"jobs": "Jobs."}}}},
        ("ClientCredentials", "Token"),
    ),
    "person": (
        {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://a.example.com", "scopes": {}}}},
        ("Token",),
    ),
    "identity": ({"type": "openIdConnect", "openIdConnectUrl": "https://a.example.com"}, ("Token",)),
    "referred": ({"$ref": "#/components/securitySchemes/bearer"}, ("Token",)),
}
"""Security schemes, and the client's classes of credentials for them."""


def test_security_schemes_of_a_vendor_are_kept(tmp_path: Path) -> None:
    data = vendor("3.1.0")
    data["components"]["securitySchemes"] = {name: scheme for name, (scheme, _) in SCHEMES.items()}
    data["security"] = [{name: []} for name in SCHEMES]
    made = imported(data, tmp_path)
    kept = made.document["components"]["securitySchemes"]
    found = {name: tuple(credential_classes([spec])) for name in kept if (spec := AuthSpec.from_scheme(kept[name]))}
    assert found == {name: classes for name, (_, classes) in SCHEMES.items()}
    assert not made.warnings


@pytest.mark.parametrize(
    ("scheme", "got"),
    [
        ({"type": "apiKey", "in": "query", "name": "key"}, "apiKey in query"),
        ({"type": "apiKey", "in": "cookie", "name": "key"}, "apiKey in cookie"),
        ({"type": "http", "scheme": "digest"}, "http digest"),
        ({"type": "mutualTLS"}, "mutualTLS"),
        ({"type": "oauth2", "flows": {"clientCredentials": {}}}, "oauth2"),
        ({}, "nothing"),
        ("key", "nothing"),
    ],
)
def test_security_scheme_without_credentials_is_reported(scheme: Any, got: str, tmp_path: Path) -> None:
    data = vendor()
    data["components"]["securitySchemes"] = {"key": scheme}
    made = imported(data, tmp_path)
    assert "securitySchemes" not in made.document["components"]
    (warning,) = made.warnings
    assert warning.pointer == "/components/securitySchemes/key"
    assert f"got {got}; it is left out" in warning.message


def operation(**parts: Any) -> dict[str, Any]:
    return {"/x": {"get": {"responses": {"200": {"description": "It."}}, **parts}}}


@pytest.mark.parametrize(
    ("paths", "pointer", "message"),
    [
        (
            operation(parameters=[{"name": "b", "in": "body", "schema": {}}]),
            "/paths/~1x/get/parameters/0",
            "in must be one of path, query, header, cookie, got 'body'",
        ),
        (
            operation(responses={"200": response_of({"$ref": "other.yaml#/Job"})}),
            "/paths/~1x/get/responses/200/content/application~1json/schema",
            "must refer to a part of the document, got other.yaml#/Job",
        ),
        (
            operation(responses={"200": response_of({"$ref": REF + "Missing"})}),
            "/paths/~1x/get/responses/200/content/application~1json/schema",
            "which is missing",
        ),
        (
            operation(responses={"200": response_of({"$ref": REF + "Loop"})}),
            "/paths/~1x/get/responses/200/content/application~1json/schema",
            "must not refer to itself, got a cycle through ",
        ),
        (
            operation(responses={"200": response_of({"$ref": REF + "Endless"})}),
            "/components/schemas/Endless",
            "must not be part of its own allOf",
        ),
        (
            operation(responses={"200": response_of({"$ref": REF + "Broken"})}),
            "/components/schemas/Broken/properties/a",
            "which is missing",
        ),
    ],
)
def test_operation_that_cannot_be_imported_is_left_out_with_reason(
    paths: dict[str, Any], pointer: str, message: str, tmp_path: Path
) -> None:
    data = vendor()
    data["paths"] = {**paths, "/file": data["paths"]["/file"]}
    data["components"]["schemas"] |= {
        "Loop": {"$ref": REF + "Loop"},
        "Endless": {"type": "object", "allOf": [{"$ref": REF + "Endless"}, {"properties": {"a": {}}}]},
        "Broken": {"type": "object", "properties": {"a": {"$ref": REF + "Missing"}, "b": {"$ref": REF + "Broken"}}},
    }
    made = imported(data, tmp_path)
    [problem] = made.left_out
    assert (made.operations, list(made.document["paths"])) == (2, ["/file"])
    assert (problem.file, problem.pointer) == (tmp_path / "vendor.json", pointer)
    assert message in problem.message
    assert problem.remedy


def test_files_of_a_document_are_imported_with_it(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    job = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "next": {"$ref": "#/Job"}, "p": {"$ref": "a.yml"}},
    }
    (tmp_path / "shared" / "jobs.json").write_text(json.dumps({"Job": job}), encoding="utf-8")
    (tmp_path / "shared" / "a.yml").write_text("type: string\nenum: [a, b]\n", encoding="utf-8")
    get = {"responses": {"200": response_of({"$ref": "shared/jobs.json#/Job"})}}
    (tmp_path / "get.yaml").write_text(json.dumps(get), encoding="utf-8")
    missing = response_of({"$ref": "shared/missing.yml"})
    outside = response_of({"$ref": "../outside.yml"})
    data = vendor()
    data["paths"] = {
        "/jobs": {"get": {"$ref": "get.yaml"}},
        "/a": {"get": {"responses": {"200": missing}}},
        "/b": {"get": {"responses": {"200": outside}}},
        "/c": {"$ref": "missing.yaml"},
    }
    made = imported(data, tmp_path)
    schemas = made.document["components"]["schemas"]
    assert (made.operations, list(made.document["paths"]), list(schemas)) == (4, ["/jobs"], ["Job"])
    assert schemas["Job"]["properties"]["next"] == {"$ref": REF + "Job"}
    assert schemas["Job"]["properties"]["p"] == {"type": "string", "enum": ["a", "b"]}
    assert sorted(problem.message.rpartition(" ")[2] for problem in made.left_out) == [
        "../outside.yml",
        "missing.yaml",
        "shared/missing.yml",
    ]


@pytest.mark.parametrize(
    ("responses", "pointer"),
    [({}, "/paths/~1x/get/responses"), ({"abc": {}, "200": {}}, "/paths/~1x/get/responses/abc")],
)
def test_response_that_is_none_is_reported_and_left_out(
    responses: dict[str, Any], pointer: str, tmp_path: Path
) -> None:
    data = vendor()
    data["paths"] = operation(responses=responses)
    made = imported(data, tmp_path)
    assert [problem.pointer for problem in made.warnings] == [pointer]
    assert list(made.document["paths"]["/x"]["get"]["responses"]) == ["200"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{", "must be JSON"),
        ("a: [", "must be YAML"),
        ("- 1", "must be OpenAPI 3.0 or 3.1, got None"),
        ('{"swagger": "2.0"}', "must be OpenAPI 3, got Swagger 2.0"),
        ('{"openapi": "3.2.0"}', "must be OpenAPI 3.0 or 3.1, got '3.2.0'"),
        ('{"openapi": "3.1.0", "info": {}}', "must have paths as a mapping, got NoneType"),
        ('{"openapi": "3.1.0", "info": {}, "paths": {}}', "must have an operation that can be imported, got none"),
        ("a: &a [*a]", "must be nested at most"),
    ],
)
def test_document_that_is_not_openapi_is_refused(data: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as caught:
        imported(data, tmp_path)
    assert message in str(caught.value)
    assert "vendor.json" in str(caught.value)


OVERLAY = """
overlay: 1.0.0
info: {title: Jobs, version: '1'}
actions:
  - target: $.components.schemas['job-full']
    update:
      x-job:
        id: kind
        state: {field: status, running: [new], succeeded: [done], failed: [bad]}
  - target: $.paths['/jobs/{job-id}'].get
    update:
      x-poll: {argument: job-id}
  - target: $.paths['/jobs/{job-id}'].get.responses['202']
    remove: true
"""


def test_import_command_makes_a_job_service_without_evidence(tmp_path: Path) -> None:
    (tmp_path / "openapi" / "overlays").mkdir(parents=True)
    (tmp_path / "openapi" / "overlays" / "own.yaml").write_text(OVERLAY, encoding="utf-8")
    (tmp_path / "cloudjobs.toml").write_text('package = "ownpkg"\nstandalone = true\n', encoding="utf-8")
    data = vendor()
    data["paths"]["/jobs/{job-id}"]["parameters"][0]["schema"] = {"type": "string"}
    (tmp_path / "vendor.json").write_text(json.dumps(data), encoding="utf-8")

    def command(*words: str) -> tuple[int, list[str], str]:
        root = Path(__file__).parents[2]
        done = python(root, "-m", "generator", *words, "--project", str(tmp_path))
        return done.returncode, done.stdout.splitlines(), done.stderr

    code, printed, said = command("import", str(tmp_path / "vendor.json"), "--service", "own")
    assert (code, said) == (0, ""), said
    assert printed[0].endswith("own.yaml: 9 of 9 operations, without evidence")
    code, printed, said = command("check")
    assert (code, said) == (0, ""), said
    assert "imported, without evidence: own" in printed
    code, printed, said = command("lint")
    assert code == 0
    assert said.startswith("warning: ")
    assert "own: imported, without evidence; " in printed[0]
    code, _, said = command("client")
    assert (code, said) == (0, ""), said
    code = """
states = iter(["new", "done"])
class Later(httpx.BaseTransport):
    def handle_request(self, request):
        return httpx.Response(200, json={"kind": "5", "status": next(states)})
own = OwnClient("http://127.0.0.1:1", transport=Later(), auth=None)
print(own.wait_for_job("5", poll_interval=0.2).state.name)
"""
    assert run(tmp_path / "ownpkg" / "src", code) == "SUCCEEDED\n"
    page = imported_page(*site_of(tmp_path))
    assert "was **imported** from `vendor.json`" in page.plain
    assert "| `GET /jobs/{job-id}` | `jobs_get`, deprecated, awaited by `wait_for_job` | Jobs get |" in page.plain


def site_of(project: Path) -> tuple[SiteContext, BundledService]:
    """Return the site of a project with the client of one service, and that service."""
    service = Workspace(project).read("own")
    bundled = BundledService(service, service.document.data)
    return SiteContext(project, [bundled], package="ownpkg", client_folder=project / "ownpkg"), bundled


def test_import_command_leaves_a_hand_written_document(tmp_path: Path) -> None:
    (tmp_path / "openapi").mkdir()
    own = tmp_path / "openapi" / "own.yaml"
    own.write_text("openapi: 3.1.0\n", encoding="utf-8")
    (tmp_path / "vendor.json").write_text(json.dumps(vendor()), encoding="utf-8")
    words = ("import", tmp_path / "vendor.json", "--service", "own", "--project", tmp_path)
    done = python(Path(__file__).parents[2], "-m", "generator", *map(str, words))
    assert done.returncode == 1
    assert "must be an imported document, got a hand-written one" in done.stderr
    assert own.read_text(encoding="utf-8") == "openapi: 3.1.0\n"
