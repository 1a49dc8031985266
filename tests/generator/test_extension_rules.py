"""An extension is at an allowed place, matches its schema, and fits the document around it."""

from __future__ import annotations

from typing import Any

import pytest

from generator.documents import Service, Workspace, lint
from tests.generator.broken_documents import (
    GET,
    JOB,
    OK,
    PARAMETER,
    STYLE,
    BrokenDocument,
    assert_single_problem,
    case,
    single_problem,
)
from tests.generator.edits import all_of, put, with_document

Services = dict[str, Service]

X_JOB = f"{JOB}/x-job"
LACKS = "must name a field of the schema, got "
DOTTED = "Write the path of a property, such as status.phase"
EXTENSIONS = [
    *(
        case(
            f"unknown extension in {place or 'the document'}",
            put(f"{place}/x-jobs", True),
            f"{place}/x-jobs",
            "must be an extension that openapi/STYLE.md describes, got x-jobs",
            "Correct the name, or describe it there and in openapi/schemas/",
        )
        for place in (
            "",
            "/info",
            "/servers/0",
            "/tags/0",
            "/paths/*",
            GET,
            OK,
            f"{OK}/content/*",
            f"{OK}/content/*/schema",
            "/components",
            "/components/parameters/limit",
            "/components/parameters/limit/schema",
            JOB,
            f"{JOB}/properties/files",
            f"{JOB}/properties/files/items",
            "/components/securitySchemes/token",
        )
    ),
    *(
        case(
            f"{key}, which only bundled copies have",
            put(f"{JOB}/{key}", ["ges.job.status"]),
            f"{JOB}/{key}",
            f"must be an extension that openapi/STYLE.md describes, got {key}",
            "Correct the name, or describe it there and in openapi/schemas/",
        )
        for key in ("x-evidence", "x-contradictions")
    ),
    *(
        case(
            f"{name} in the wrong place",
            put(f"{place}/{name}", value),
            f"{place}/{name}",
            "must be a key of /",
            STYLE,
        )
        for name, place, value in (
            ("x-job", f"{JOB}/properties/files/items", {"id": "fileName", "state": {"field": "status", "running": []}}),
            ("x-error", GET, {"code": ["errorCode"]}),
            ("x-poll", "/paths/*", {"argument": "graph_name"}),
            ("x-pagination", OK, {"offset": "offset", "limit": "limit", "items": "jobs"}),
            ("x-request-headers", OK, {"Accept": "application/json"}),
            ("x-client-parameter", "/components/parameters/limit/schema", True),
            ("x-auth", "/components/parameters/limit", {"method": "token"}),
            ("x-recordings", GET, ["list-jobs-page"]),
            ("x-confidence", GET, "observed"),
            ("x-confidence", f"{JOB}/properties/jobId", "observed"),
        )
    ),
    *(
        case(
            f"{name} that is not as its schema says",
            put(pointer, value),
            pointer.rpartition("/")[0] if inner is None else pointer + inner,
            message,
            f"See openapi/schemas/{name}.json",
        )
        for name, pointer, value, inner, message in (
            ("x-job", f"{X_JOB}/started/zone", "CST", "", "does not match"),
            ("x-job", f"{X_JOB}/started/formats", ["rfc-3339"], "/0", "is not one of"),
            ("x-job", f"{X_JOB}/state/done", ["success"], None, "done"),
            ("x-poll", f"{GET}/x-poll", {}, "", "not valid under any of"),
            ("x-pagination", f"{GET}/x-pagination", {"offset": "offset", "limit": "limit"}, "", "items"),
            ("x-client-parameter", "/components/parameters/project_id/x-client-parameter", False, "", "true"),
            ("x-auth", "/components/securitySchemes/token/x-auth/method", "basic", "", "is not one of"),
            ("x-auth", "/components/securitySchemes/token/x-auth/maxLength", 0, "", "minimum"),
            ("x-confidence", f"{GET}/responses/404/x-confidence", "certain", "", "is not one of"),
            ("x-error", "/components/schemas/Error/x-error", {"codes": ["errorCode"]}, "", "codes"),
            ("x-model", "/components/schemas/ServiceError/x-model", "service error", "", "does not match"),
            ("x-request-headers", f"{GET}/x-request-headers", {"X-Auth-Token": "t"}, "", "X-Auth-Token"),
        )
    ),
    *(
        case(f"x-job with {key} that is not a field", put(f"{X_JOB}/{key}", value), f"{X_JOB}/{named}", LACKS, DOTTED)
        for key, value, named in (
            ("id", "jobName", "id"),
            ("id", ["jobId", "job.id"], "id"),
            ("reason", "reason", "reason"),
            ("children", "tasks", "children"),
            ("state/field", "phase", "state/field"),
            ("started/field", "start_time", "started/field"),
            ("ended/field", ["endTime", "files.edgeFiles.end"], "ended/field"),
            ("progress/field", "percent", "progress/field"),
            ("progress", {"done": ["progress", "failed"], "total": "progress"}, "progress/done"),
            ("progress", {"done": ["progress"], "total": "total"}, "progress/total"),
        )
    ),
    case(
        "value of two states",
        put(f"{X_JOB}/state/stopped", ["failed"]),
        f"{X_JOB}/state",
        "must have each value in one state, got failed in two",
        "Keep one",
    ),
    case(
        "progress of children that are not declared",
        put(f"{X_JOB}/progress", {"from": "children"}),
        f"{X_JOB}/progress",
        "must count declared children, got none",
        "Add children",
    ),
    case(
        "x-poll by an argument that is not a parameter",
        put(f"{GET}/x-poll", {"argument": "job_id", "items": "jobs", "match": "jobId"}),
        f"{GET}/x-poll",
        "must name a parameter of the operation, got job_id",
        "Correct the name",
    ),
    case(
        "x-poll of items that are not a field",
        put(f"{GET}/x-poll/items", "rows"),
        f"{GET}/x-poll",
        "must name a property of the response, got rows",
        "Correct the path",
    ),
    case(
        "x-poll that matches no field of an item",
        put(f"{GET}/x-poll/match", "id"),
        f"{GET}/x-poll",
        "must name a property of the items, got id",
        "Correct the path",
    ),
    *(
        case(
            f"x-pagination with {key} that is not a parameter",
            put(f"{GET}/x-pagination/{key}", "marker"),
            f"{GET}/x-pagination",
            "must name a parameter of the operation, got marker",
            "Correct the name",
        )
        for key in ("offset", "limit")
    ),
    *(
        case(
            f"x-pagination with {key} that is not a field",
            put(f"{GET}/x-pagination/{key}", "total"),
            f"{GET}/x-pagination",
            "must name a property of the response, got total",
            "Correct the path",
        )
        for key in ("items", "count", "total")
    ),
    *(
        case(
            f"x-model of {name}",
            put("/components/schemas/SubJob/x-model", model),
            "/components/schemas/SubJob/x-model",
            message,
            fix,
            service="cce",
        )
        for name, model, message, fix in (
            ("no component", "Work", "must name a component schema without x-model, got Work", "Correct the name"),
            ("itself", "SubJob", "must name a component schema without x-model, got SubJob", "Correct the name"),
            (
                "other properties",
                "JobStatus",
                "must name a component with the same properties, got JobStatus",
                "Give both the same properties",
            ),
        )
    ),
    case(
        "x-error of a field that is not there",
        put("/components/schemas/Error/x-error/message/-", "reason"),
        "/components/schemas/Error/x-error/message",
        "must name a property of the schema, got reason",
        "Correct the path",
    ),
]


@pytest.mark.parametrize("broken", [*EXTENSIONS])
def test_extension_rules_broken_rule_is_one_problem(
    broken: BrokenDocument, workspace: Workspace, services: Services
) -> None:
    assert_single_problem(broken, workspace, services)


@pytest.mark.parametrize("kind", ["properties", "x-request-headers", "headers", "parameters"])
def test_extension_rules_vendor_names_may_begin_with_x(kind: str, workspace: Workspace, services: Services) -> None:
    text = {"description": "X.", "type": "string"}
    edits = {
        "properties": put(f"{JOB}/properties/x-trace", text),
        "x-request-headers": put(f"{GET}/x-request-headers", {"Accept": "application/json"}),
        "headers": all_of(
            put("/components/headers/x-trace", {"description": "X.", "schema": {"type": "string"}}),
            put(f"{OK}/headers", {"x-trace": {"$ref": "#/components/headers/x-trace"}}),
        ),
        "parameters": all_of(
            put("/components/parameters/x-trace", {"name": "x-trace", "in": "header", **PARAMETER}),
            put(f"{GET}/parameters/-", {"$ref": "#/components/parameters/x-trace"}),
        ),
    }
    problems = lint(workspace, with_document(services["ges"], edits[kind]))
    assert [problem for problem in problems if "keys in order" not in problem.message] == []


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/components/schemas/JobSpec/properties/extendParam/default", {"x-trace": "1"}),
        ("/components/schemas/JobSpec/properties/extendParam/const", {"x-trace": "1"}),
        ("/components/schemas/JobSpec/properties/extendParam/enum", [{"x-trace": "1"}]),
        (f"{OK}/content/*/example", {"x-trace": "1"}),
        (
            f"{GET}/responses/404/content/*/examples",
            {"one": {"value": {"errorCode": "1", "errorMessage": "", "x-trace": "1"}}},
        ),
    ],
)
def test_extension_rules_names_within_data_are_ignored(
    pointer: str, value: Any, workspace: Workspace, services: Services
) -> None:
    # The one at the top is still found: extensions are checked.
    service = with_document(services["cce"], all_of(put(pointer, value), put("/info/x-wait", 1)))
    problems = [problem for problem in lint(workspace, service) if "must be an extension" in problem.message]
    assert [problem.pointer for problem in problems] == ["/info/x-wait"]


@pytest.mark.parametrize("name", ["default", "const", "enum", "example", "examples"])
def test_extension_rules_any_property_name_is_checked(name: str, workspace: Workspace, services: Services) -> None:
    text = {"description": "X.", "type": "string", "x-wait": 1}
    service = with_document(services["ges"], put(f"{JOB}/properties/{name}", text))
    assert single_problem(lint(workspace, service)).pointer == f"{JOB}/properties/{name}/x-wait"
