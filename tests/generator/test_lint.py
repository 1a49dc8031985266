"""The rules for a document as a whole, its references and its operations: each is held, with place and remedy."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from generator.documents import Service, Workspace, lint
from tests.generator.broken_documents import (
    GET,
    JOB,
    OK,
    STYLE,
    BrokenDocument,
    assert_single_problem,
    case,
    single_problem,
)
from tests.generator.directory_snapshots import ROOT, SERVICES
from tests.generator.edits import all_of, drop, last, put, with_document, with_evidence

Services = dict[str, Service]

DOCUMENTS = [
    case(
        "not OpenAPI 3.1",
        put("/openapi", "3.0.3"),
        "/openapi",
        "must be a version 3.1 of OpenAPI",
        "Write openapi: 3.1.0",
    ),
    case(
        "against the OpenAPI schema",
        put("/info/termsOfService", 7),
        "/info/termsOfService",
        "must be valid OpenAPI 3.1: ",
        "See the OpenAPI specification",
    ),
    case(
        "version that is not semantic",
        put("/info/version", "1.0"),
        "/info/version",
        "must be a semantic version, got 1.0",
        "Write MAJOR.MINOR.PATCH",
    ),
    case(
        "document without a description",
        drop("/info/description"),
        "/info",
        "must have a description, got none",
        "Describe the endpoint",
    ),
    case(
        "no servers",
        drop("/servers"),
        "/servers",
        "must have a server with the variable endpoint, got none",
        "Write url: https://{endpoint}, and the variable",
    ),
    case(
        "server without the endpoint variable",
        put("/servers", [{"url": "https://ges.example.com", "description": "Another."}]),
        "/servers",
        "must have a server with the variable endpoint, got none",
        "Write url: https://{endpoint}, and the variable",
    ),
    case(
        "server with a variable in its url alone",
        put("/servers/0/url", "https://{endpoint}/{region}"),
        "/servers/0",
        "must have each variable in url and in variables, got region in one of them",
        "Add it to the other",
    ),
    case(
        "default that is not among the values of a variable",
        put("/servers/0/variables/region/default", "moon-1"),
        "/servers/0/variables/region/default",
        "default must be in the enum, got moon-1",
        "Add it to the enum, or choose another",
        service="cce",
    ),
    case(
        "tag without an entry",
        put(f"{GET}/tags", ["work"]),
        f"{GET}/tags/0",
        "must be a tag of /tags, got work",
        "Describe it there",
    ),
]

REFERENCES = [
    case(
        name,
        put(f"{OK}/content/*/schema/$ref", target),
        f"{OK}/content/*/schema/$ref",
        f"must refer to the same document, got {target}",
        "Copy the target into the document's",
    )
    for name, target in (
        ("reference to another host", "https://example.com/jobs.yaml#/JobList"),
        ("reference to another file", "common.yaml#/components/schemas/JobList"),
        ("reference to an anchor", "#JobList"),
    )
] + [
    case(
        "reference to another file in a list",
        put(f"{GET}/parameters/0/$ref", "common.yaml#/project_id"),
        f"{GET}/parameters/0/$ref",
        "must refer to the same document, got common.yaml#/project_id",
        "Copy the target into the document's components",
    ),
    case(
        "reference to nothing",
        put(f"{OK}/content/*/schema/$ref", "#/components/schemas/Jobs"),
        f"{OK}/content/*/schema/$ref",
        "must refer to a value of the document, got #/components/schemas/Jobs",
        "Correct the reference",
    ),
]

OPERATIONS = [
    case(
        "operationId in another case",
        put(f"{GET}/operationId", "ListJobs"),
        GET,
        "must have an operationId in camelCase, got 'ListJobs'",
        "Write for example getJob",
        also=("must be an operationId of the document, got listJobs",) * 2,
    ),
    case(
        "operationId of another method",
        put(f"{GET}/operationId", "snapshot"),
        GET,
        "operationId must not be the name of another method of the clients, got 'snapshot'",
        "Choose another name",
        also=("must be an operationId of the document, got listJobs",) * 2,
    ),
    case(
        "request body",
        put(f"{GET}/requestBody", {"content": {"application/json": {"schema": {"type": "object"}}}}),
        f"{GET}/requestBody",
        "must not be the body of a GET or DELETE, got GET",
        "Send the values as parameters",
        also=("must have a description", "got an inline schema", "must have its keys in order"),
    ),
    case(
        "summary with a full stop",
        put(f"{GET}/summary", "List the jobs of a graph."),
        f"{GET}/summary",
        "must be an imperative without a full stop",
        STYLE,
    ),
    case(
        "summary in lower case",
        put(f"{GET}/summary", "list the jobs"),
        f"{GET}/summary",
        "must be an imperative without a full stop",
        STYLE,
    ),
    case(
        "no word on authentication",
        drop(f"{GET}/security"),
        GET,
        "must have security, got none",
        "List its security schemes, or write security: []",
        service="yuanrong",
    ),
    case(
        "operation without a description",
        drop(f"{GET}/description"),
        GET,
        "must have a description, got none",
        "Describe it for the caller",
    ),
    case(
        "description without a full stop",
        put(f"{GET}/description", "Returns the jobs"),
        f"{GET}/description",
        "must end with a full stop",
        STYLE,
    ),
    case(
        "operation with its keys in another order",
        last(f"{GET}/operationId"),
        GET,
        "must have its keys in order, got summary",
        "Write them as operationId, summary",
    ),
    case(
        "extension before other keys",
        last(f"{GET}/security"),
        GET,
        "must have its keys in order, got operationId",
        "security, x-poll, x-pagination",
    ),
    case(
        "key that our readers do not know",
        put(f"{GET}/deprecated", True),
        f"{GET}/deprecated",
        "must be a key that all our readers know in an operation, got deprecated",
        STYLE,
    ),
    case(
        "inline parameter",
        put(f"{GET}/parameters/-", {"name": "x", "in": "query", "description": "X.", "schema": {"type": "string"}}),
        f"{GET}/parameters/4",
        "must be a reference to a component, got an inline parameter",
        "Make it a component",
    ),
    case(
        "response without a description",
        put(f"{GET}/responses/404/description", ""),
        f"{GET}/responses/404",
        "must have a description, got none",
        "Describe it for",
    ),
    case(
        "response with its keys in another order",
        last(f"{GET}/responses/404/description"),
        f"{GET}/responses/404",
        "must have its keys in order, got headers, content, description",
        "Write them as description, headers, content",
    ),
    case(
        "range of statuses that is not inferred",
        drop(f"{GET}/responses/default/x-confidence"),
        f"{GET}/responses/default",
        "must have x-confidence: inferred, got a range or default without it",
        "Add the key",
    ),
    case(
        "default response that is not inferred",
        put(
            f"{GET}/responses/default",
            {
                "description": "Anything.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        ),
        f"{GET}/responses/default",
        "must have x-confidence: inferred, got a range or default without it",
        "Add the key",
    ),
    case(
        "plain status that is inferred",
        put(f"{GET}/responses/404/x-confidence", "inferred"),
        f"{GET}/responses/404",
        "must not have x-confidence: inferred, got it for a single status",
        "Remove the key",
    ),
]


@pytest.mark.parametrize("broken", [*DOCUMENTS, *REFERENCES, *OPERATIONS])
def test_lint_broken_document_rule_is_one_problem(
    broken: BrokenDocument, workspace: Workspace, services: Services
) -> None:
    assert_single_problem(broken, workspace, services)


@pytest.mark.parametrize("name", SERVICES)
def test_lint_committed_documents_have_no_problems(name: str, workspace: Workspace, services: Services) -> None:
    assert lint(workspace, services[name]) == []


@pytest.mark.parametrize("name", ["Ges", "1ges", "g-es", "class", "gés"])
def test_lint_invalid_module_name_is_rejected(name: str, workspace: Workspace, services: Services) -> None:
    service = attrs.evolve(services["ges"], name=name)
    service = with_evidence(service, put("/service", name))
    problem = single_problem(lint(workspace, service))
    assert problem.file == service.document.path
    assert problem.message == f"must have a Python module name as file name, got {name}"
    assert "lower-case letters, digits and _" in problem.remedy


def test_lint_evidence_of_other_service_is_rejected(workspace: Workspace, services: Services) -> None:
    service = with_evidence(services["ges"], put("/service", "cce"))
    problem = single_problem(lint(workspace, service))
    assert (problem.file, problem.pointer, problem.message) == (
        service.evidence.path,
        "/service",
        "must be ges, the name of the file, got cce",
    )
    assert problem.remedy == "Correct the name, or rename the file"


def test_lint_repeated_operation_id_is_rejected(workspace: Workspace, services: Services) -> None:
    ges = services["ges"]
    [operation] = ges.operations
    twin = put("/paths/~1other", {"get": {**operation.definition, "parameters": []}})
    problem = single_problem(lint(workspace, with_document(ges, twin)))
    assert problem.file == ges.document.path
    assert problem.message == "must have its own operationId, got listJobs again"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head"])
def test_lint_method_other_than_get_is_rejected(method: str, workspace: Workspace, services: Services) -> None:
    def to_method(document: dict[str, Any]) -> None:
        for item in document["paths"].values():
            item[method] = item.pop("get")

    problem = single_problem(lint(workspace, with_document(services["ges"], to_method)))
    assert problem.message.endswith(f", or another method with x-start, got {method.upper()}")
    assert problem.remedy == "Document only operations that query or start jobs"


def test_lint_post_that_neither_reads_nor_starts_a_job_is_rejected(workspace: Workspace, services: Services) -> None:
    def to_post(document: dict[str, Any]) -> None:
        for item in document["paths"].values():
            item["post"] = item.pop("get")
            del item["post"]["x-poll"]

    problem = single_problem(lint(workspace, with_document(services["cce"], to_post)))
    assert problem.message == "must have x-poll or x-start, got a POST without them"


def test_lint_remote_reference_is_not_fetched(workspace: Workspace, services: Services) -> None:
    # Were this reference followed, it would lead to the same file, which says no other.
    own = (ROOT / "openapi" / "ges.yaml").as_uri()
    service = with_document(services["ges"], put(f"{OK}/content/*/schema/$ref", f"{own}#/components/schemas/JobList"))
    assert "must refer to the same document" in single_problem(lint(workspace, service)).message


def test_lint_problems_are_in_file_order(workspace: Workspace, services: Services) -> None:
    # Extensions are checked last, and this one is before the schemas.
    edit = all_of(drop(f"{JOB}/description"), put("/info/version", "1"), put(f"{GET}/x-poll/match", "id"))
    lines = [problem.line or 0 for problem in lint(workspace, with_document(services["ges"], edit))]
    assert len(lines) == 3
    assert lines == sorted(lines)
