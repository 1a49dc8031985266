"""The rules for parameters, security schemes, schemas and recordings: each is held, with place and remedy."""

from __future__ import annotations

from typing import Any

import pytest

from generator.documents import Service, Workspace, lint
from generator.documents.json_pointer import find, matches
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
from tests.generator.edits import all_of, drop, last, put, with_document, with_recording

Services = dict[str, Service]

PROGRESS = f"{JOB}/properties/progress"
ERROR = "/components/schemas/Error"
LIST = {"$ref": "#/components/schemas/JobList"}
TYPES = [{"type": "boolean"}, {"type": "string"}]
COMPONENTS = [{"$ref": f"#/components/schemas/{name}"} for name in ("ServiceError", "GatewayError")]

PARTS = [
    case(
        "schema that nothing uses",
        put("/components/schemas/Unused", {"description": "Nothing.", "type": "string"}),
        "/components/schemas/Unused",
        "is used by no operation",
        "Refer to it, or take it out",
    ),
    case(
        "parameter that nothing uses",
        put("/components/parameters/x", {"name": "x", "in": "query", **PARAMETER}),
        "/components/parameters/x",
        "is used by no operation",
        "Refer to it, or take it out",
    ),
    case(
        "security scheme that nothing uses",
        drop(f"{GET}/security/1"),
        "/components/securitySchemes/aksk",
        "is used by no operation",
        "Refer to it, or take it out",
    ),
    case(
        "parameter under another name than on the wire",
        put("/components/parameters/limit/name", "page_size"),
        "/components/parameters/limit",
        "is not named as on the wire, page_size",
        STYLE,
    ),
    *(
        case(
            f"header parameter {name}",
            all_of(
                put(f"/components/parameters/{name}", {"name": name, "in": "header", **PARAMETER}),
                put(f"{GET}/parameters/-", {"$ref": f"#/components/parameters/{name}"}),
            ),
            f"/components/parameters/{name}",
            "is a header that OpenAPI ignores as a parameter",
            "Use x-request-headers or a security scheme",
        )
        for name in ("Content-Type", "Accept", "Authorization", "content-type")
    ),
    case(
        "parameter without a description",
        drop("/components/parameters/limit/description"),
        "/components/parameters/limit",
        "has no description",
        "Describe it for the caller",
    ),
    case(
        "parameter with its keys in another order",
        last("/components/parameters/limit/name"),
        "/components/parameters/limit",
        "has its keys in the order in, ",
        "Write them as name, in, description",
    ),
    case(
        "security scheme without a description",
        drop("/components/securitySchemes/token/description"),
        "/components/securitySchemes/token",
        "has no description",
        "Describe it for the caller",
    ),
    case(
        "security scheme with its keys in another order",
        last("/components/securitySchemes/token/type"),
        "/components/securitySchemes/token",
        "has its keys in the order description",
        "Write them as type, ",
    ),
]

HEADER = "/components/headers/Retry-After"
FILE = "/components/schemas/ImportedFile/properties"
SMALL = {"format": "int32", "minimum": 0, "maximum": 2**31 - 1}
LIMIT = "/components/parameters/limit/schema"

EXAMPLES = [
    case(
        "example that its schema does not allow",
        put(f"{LIMIT}/examples", [10, 0]),
        f"{LIMIT}/examples/1",
        "0 is less than the minimum of 1",
        "See the OpenAPI specification",
    ),
    case(
        "example larger than the format of its schema",
        put("/components/parameters/offset/schema/examples", [2**63]),
        "/components/parameters/offset/schema/examples/0",
        "value must be within int64, got 9223372036854775808",
        "Write format: int64",
    ),
    case(
        "example of a response that its schema does not allow",
        put(f"{OK}/content/*/examples", {"empty": {"value": {}}}),
        f"{OK}/content/*/examples/empty/value",
        '"jobs" is a required property',
        "See the OpenAPI specification",
    ),
]

HEADERS = [
    case(
        "header without a description",
        drop(f"{HEADER}/description"),
        HEADER,
        "has no description",
        "Describe it for the caller",
    ),
    case(
        "header that is required",
        put(f"{HEADER}/required", True),
        f"{HEADER}/required",
        "required is not a header key that all our readers know",
        STYLE,
    ),
    case(
        "header of a response written inline",
        put(f"{GET}/responses/503/headers/Age", {"description": "Age.", "schema": {"type": "string"}}),
        f"{GET}/responses/503/headers/Age",
        "is written inline",
        "Make it a component",
    ),
    case(
        "header that no response has",
        put("/components/headers/Age", {"description": "Age.", "schema": {"type": "string"}}),
        "/components/headers/Age",
        "is used by no operation",
        "Refer to it, or take it out",
    ),
]

SCHEMAS = [
    case(
        "integer without a format",
        drop(f"{FILE}/endTime/format"),
        f"{FILE}/endTime",
        "format of an integer must be int32 or int64, got None",
        "Choose the one that holds its values",
    ),
    case(
        "integer among other types with a format of text",
        put(f"{JOB}/properties/jobId", {"description": "X.", "type": ["integer", "string"], "format": "uuid"}),
        f"{JOB}/properties/jobId",
        "format of an integer must be int32 or int64, got 'uuid'",
        "Choose the one that holds its values",
    ),
    case(
        "int32 without a maximum",
        drop(f"{LIMIT}/maximum"),
        LIMIT,
        "format int32 must have a minimum and a maximum that prove it",
        "Write format: int64",
    ),
    case(
        "int32 with a larger maximum",
        put(f"{LIMIT}/maximum", 2**31),
        f"{LIMIT}/maximum",
        "value must be within int32, got 2147483648",
        "Write format: int64",
    ),
    case(
        "int64 with a larger default",
        put("/components/parameters/offset/schema/default", 2**63),
        "/components/parameters/offset/schema/default",
        "value must be within int64, got 9223372036854775808",
        "Write format: int64",
    ),
    case(
        "schema without a description",
        drop(f"{JOB}/description"),
        JOB,
        "has no description",
        "Describe it for the caller",
    ),
    case(
        "property without a description",
        drop(f"{JOB}/properties/jobId/description"),
        f"{JOB}/properties/jobId",
        "has no description",
        "Describe it for the caller",
    ),
    case(
        "property with a description without a full stop",
        put(f"{JOB}/properties/jobId/description", "ID of the job"),
        f"{JOB}/properties/jobId/description",
        "does not end with a full stop",
        STYLE,
    ),
    case(
        "schema with its keys in another order",
        last(f"{JOB}/properties/status/description"),
        f"{JOB}/properties/status",
        "has its keys in the order type, anyOf, description",
        "Write them as description, type, anyOf",
    ),
    *(
        case(
            f"keyword {keyword}",
            put(f"{JOB}/properties/jobId/{keyword}", value),
            f"{JOB}/properties/jobId/{keyword}",
            f"{keyword} is not a schema key that all our readers know",
            "Write type: [string, 'null']" if keyword == "nullable" else STYLE,
        )
        for keyword, value in (
            ("title", "ID"),
            ("multipleOf", 2),
            ("oneOf", [{"type": "string"}]),
            ("not", {"type": "null"}),
            ("exclusiveMinimum", 0),
            ("patternProperties", {"^a": {"type": "string"}}),
            ("dependentRequired", {"jobId": ["status"]}),
            ("unevaluatedProperties", False),
            ("nullable", True),
            ("readOnly", True),
        )
    ),
    *(
        case(
            f"anyOf {name}",
            put(f"{JOB}/properties/status/anyOf", members),
            f"{JOB}/properties/status/anyOf",
            "must be an open list of strings, alternatives of a type each, or a union of components",
            STYLE,
        )
        for name, members in (
            ("without known values", [{"type": "string"}]),
            ("of another type", [{"type": "string", "enum": ["failed"]}, {"type": ["string", "boolean"]}]),
            ("without the type of the known values", [{"enum": ["failed"]}, {"type": "string"}]),
            ("with a value twice", [{"type": "string", "enum": ["failed", "failed"]}, {"type": "string"}]),
            ("of numbers", [{"type": "string", "enum": [1]}, {"type": "string"}]),
            ("in another order", [{"type": "string"}, {"type": "string", "enum": ["failed"]}]),
        )
    ),
    *(
        case(
            f"anyOf {name}",
            put(place, schema),
            f"{place}/anyOf",
            "must be an open list of strings, alternatives of a type each, or a union of components",
            STYLE,
            also=("must name a number or a string, got progress, which is object",) if "in a property" in name else (),
        )
        for name, place, schema in (
            ("of one type twice", PROGRESS, {"description": "X.", "anyOf": [{"type": "string"}, {"type": "string"}]}),
            ("of one alternative", PROGRESS, {"description": "X.", "anyOf": [{"type": "string"}]}),
            ("with an object", PROGRESS, {"description": "X.", "anyOf": [{"type": "string"}, {"type": "object"}]}),
            ("beside a type", PROGRESS, {"description": "X.", "type": "string", "anyOf": TYPES}),
            ("with an enum", PROGRESS, {"description": "X.", "anyOf": [TYPES[0], {**TYPES[1], "enum": ["1"]}]}),
            ("of components in a property", PROGRESS, {"description": "X.", "anyOf": COMPONENTS}),
            ("of one component twice", ERROR, {"description": "X.", "anyOf": [COMPONENTS[0], *COMPONENTS]}),
            ("beside properties", ERROR, {"description": "X.", "anyOf": COMPONENTS, "properties": {}}),
        )
    ),
    case(
        "properties that some languages give one name",
        put("/components/schemas/ServiceError/properties/error_code", {"description": "X.", "type": "string"}),
        "/components/schemas/ServiceError/properties/error_code",
        "error_code must differ from other properties by more than snake and camel case",
        STYLE,
    ),
    *(
        case(
            f"condition {name}",
            put(f"{JOB}/{pointer}", value),
            f"{JOB}/{place}",
            message,
            fix,
        )
        for name, pointer, value, place, message, fix in (
            (
                "of an unknown field",
                "dependentSchemas/reason",
                {"properties": {"status": {"const": "failed"}}},
                "dependentSchemas/reason",
                "must be of an optional property of the schema, got reason",
                STYLE,
            ),
            (
                "of a required field",
                "dependentSchemas/jobId",
                {"properties": {"status": {"const": "failed"}}},
                "dependentSchemas/jobId",
                "must be of an optional property of the schema, got jobId",
                STYLE,
            ),
            (
                "by a type",
                "dependentSchemas/files",
                {"properties": {"taskType": {"type": "string"}}},
                "dependentSchemas/files",
                "must consist of properties with a const or enum each",
                STYLE,
            ),
            (
                "by an unknown field",
                "dependentSchemas/files",
                {"properties": {"type": {"const": "ImportGraph"}}},
                "dependentSchemas/files/properties/type/const",
                "is about type, which the schema lacks",
                "Name a property",
            ),
            (
                "by an unlisted value",
                "dependentSchemas/files",
                {"properties": {"taskType": {"enum": ["ImportGraph", "Import"]}}},
                "dependentSchemas/files/properties/taskType/enum",
                "must be a known value of taskType, got Import",
                "Add it to the list, or correct it",
            ),
            (
                "by a value of another type",
                "dependentSchemas/files",
                {"properties": {"canStop": {"const": "no"}}},
                "dependentSchemas/files/properties/canStop/const",
                'is not OpenAPI 3.1: "no" is not of type "boolean"',
                "See the OpenAPI specification",
            ),
        )
    ),
    case(
        "condition without a consequence",
        drop("/components/schemas/JobList/then"),
        "/components/schemas/JobList",
        "must have both if and then, got one of them",
        STYLE,
    ),
    *(
        case(f"condition {name}", put(f"/components/schemas/JobList/{pointer}", value), place, message, fix)
        for name, pointer, value, place, message, fix in (
            (
                "that an absent field meets",
                "if",
                {"properties": {"result": {"const": "failed"}}, "required": []},
                "/components/schemas/JobList/if",
                "must consist of properties with a const or enum each, all of them required",
                STYLE,
            ),
            (
                "that demands a field",
                "then",
                {"required": ["errorCode"]},
                "/components/schemas/JobList/then",
                "must consist of properties, items, const and enum",
                STYLE,
            ),
            (
                "about an unknown field of the items",
                "then/properties/jobs/items/properties",
                {"state": {"const": ""}},
                "/components/schemas/JobList/then/properties/jobs/items/properties/state/const",
                "is about jobs.*.state, which the schema lacks",
                "Name a property",
            ),
        )
    ),
    case(
        "keyword in the values of a map",
        put("/components/schemas/JobSpec/properties/extendParam/additionalProperties/title", "A value"),
        "/components/schemas/JobSpec/properties/extendParam/additionalProperties/title",
        "title is not a schema key that all our readers know",
        STYLE,
        service="cce",
    ),
    case(
        "component in another case",
        all_of(
            put("/components/schemas/jobList", {"description": "X.", "type": "string"}),
            put(f"{JOB}/properties/jobId", {"description": "X.", "$ref": "#/components/schemas/jobList"}),
        ),
        "/components/schemas/jobList",
        "jobList is not PascalCase",
        STYLE,
    ),
    case(
        "inline object with properties",
        put(
            f"{JOB}/properties/jobId",
            {"description": "X.", "type": "object", "properties": {"x": {"description": "X.", "type": "string"}}},
        ),
        f"{JOB}/properties/jobId",
        "is an inline object with properties",
        "Make it a component schema",
        also=("must name a string or an integer, got jobId, which is object",),
    ),
    case(
        "allOf in a property",
        put(f"{JOB}/properties/jobId", {"description": "X.", "allOf": [{"type": "string"}]}),
        f"{JOB}/properties/jobId",
        "is an allOf other than a response's promise",
        STYLE,
    ),
    case(
        "promise in a property",
        put(
            f"{JOB}/properties/jobId",
            {"description": "X.", "allOf": [{"$ref": "#/components/schemas/Error"}, {"required": ["result"]}]},
        ),
        f"{JOB}/properties/jobId",
        "is an allOf other than a response's promise",
        STYLE,
        also=("must name a string or an integer, got jobId, which is object",),
    ),
    *(
        case(
            name,
            put(f"{OK}/content/*/schema", {"allOf": members}),
            f"{OK}/content/*/schema",
            "is an allOf other than a response's promise",
            STYLE,
        )
        for name, members in (
            ("promise that states a type", [LIST, {"type": "object", "required": ["jobCount"]}]),
            ("promise that states the type of a member", [LIST, {"properties": {"jobs": {"type": "array"}}}]),
            ("promise about nothing", [LIST]),
            ("allOf of two references", [LIST, {"$ref": "#/components/schemas/ServiceError"}]),
        )
    ),
]


@pytest.mark.parametrize("broken", [*PARTS, *EXAMPLES, *HEADERS, *SCHEMAS])
def test_lint_broken_component_rule_is_one_problem(
    broken: BrokenDocument, workspace: Workspace, services: Services
) -> None:
    assert_single_problem(broken, workspace, services)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("default", "x"),
        ("format", "uuid"),
        ("minLength", 1),
        ("maxLength", 9),
        ("pattern", "^x$"),
        ("minItems", 1),
        ("maxItems", 9),
    ],
)
def test_lint_common_keyword_is_accepted(keyword: str, value: Any, workspace: Workspace, services: Services) -> None:
    service = with_document(services["ges"], put(f"{JOB}/properties/jobId/{keyword}", value))
    assert lint(workspace, service) == []


@pytest.mark.parametrize("name", ["accept", "content-type", "authorization"])
def test_lint_query_parameter_named_like_header_is_accepted(
    name: str, workspace: Workspace, services: Services
) -> None:
    added = all_of(
        put(f"/components/parameters/{name}", {"name": name, "in": "query", **PARAMETER}),
        put(f"{GET}/parameters/-", {"$ref": f"#/components/parameters/{name}"}),
    )
    assert lint(workspace, with_document(services["ges"], added)) == []


def test_lint_missing_recording_is_rejected(workspace: Workspace, services: Services) -> None:
    service = with_document(services["ges"], put(f"{OK}/x-recordings/-", "another-page"))
    problem = single_problem(lint(workspace, service))
    assert problem.file == service.document.path
    assert problem.pointer is not None
    assert matches(f"{OK}/x-recordings/1", problem.pointer)
    assert problem.message == "names the recording another-page, which is not there"
    assert problem.remedy == "Record it, or take the name out"


def test_lint_unnamed_recording_is_rejected(workspace: Workspace, services: Services) -> None:
    service = with_document(services["ges"], drop(f"{OK}/x-recordings"))
    problem = single_problem(lint(workspace, service))
    assert problem.file == service.recordings["list-jobs-page"].source.path
    assert problem.message == "is named by no response"
    assert problem.remedy == "List it in x-recordings of ges.yaml"


def test_lint_recorded_integer_larger_than_its_format_is_rejected(workspace: Workspace, services: Services) -> None:
    small = all_of(*(put(f"{FILE}/startTime/{key}", value) for key, value in SMALL.items()))
    problems = lint(workspace, with_document(services["ges"], small))
    recording = services["ges"].recordings["list-jobs-page"]
    assert [problem.message for problem in problems] == [
        f"value must be within int32, the format in the document, got {value}"
        for group in ("edgeFiles", "vertexFiles")
        for _, value in find(recording.as_data, f"/body/jobs/*/files/*/{group}/*/startTime")
    ]
    assert {problem.file for problem in problems} == {recording.source.path}


def test_lint_recording_named_by_two_responses_is_rejected(workspace: Workspace, services: Services) -> None:
    service = with_document(services["ges"], put(f"{GET}/responses/404/x-recordings", ["graph-not-found"]))
    problem = single_problem(lint(workspace, service))
    assert problem.file == service.recordings["graph-not-found"].source.path
    assert problem.message == "is not a reply of listJobs with 404, where the document names it"
    assert problem.remedy == "Name it at its own response"


def test_lint_recording_named_twice_is_rejected(workspace: Workspace, services: Services) -> None:
    service = with_document(services["ges"], put(f"{OK}/x-recordings/-", "list-jobs-page"))
    problem = single_problem(lint(workspace, service))
    assert problem.pointer is not None
    assert matches(f"{OK}/x-recordings", problem.pointer)
    assert problem.remedy == "See openapi/schemas/x-recordings.json"


def test_lint_recording_at_other_response_is_rejected(workspace: Workspace, services: Services) -> None:
    problem = single_problem(lint(workspace, with_recording(services["ges"], "list-jobs-page", put("/status", 404))))
    assert problem.file == services["ges"].recordings["list-jobs-page"].source.path
    assert (problem.pointer, problem.remedy) == ("/status", "Name it at its own response")
    assert problem.message == "is not a reply of listJobs with 200, where the document names it"


def test_lint_recording_of_an_unknown_operation_is_rejected(workspace: Workspace, services: Services) -> None:
    edit = put("/operation", "getJob")
    problem = single_problem(lint(workspace, with_recording(services["ges"], "list-jobs-page", edit)))
    assert (problem.pointer, problem.remedy) == ("/operation", "Write one of listJobs")
    assert problem.message == "must be an operationId of the document, got getJob"
