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

pytestmark = pytest.mark.sampled(2)

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
        "must be used by the document, got no reference",
        "Refer to it, or remove it",
    ),
    case(
        "parameter that nothing uses",
        put("/components/parameters/x", {"name": "x", "in": "query", **PARAMETER}),
        "/components/parameters/x",
        "must be used by the document, got no reference",
        "Refer to it, or remove it",
    ),
    case(
        "security scheme that nothing uses",
        drop(f"{GET}/security/1"),
        "/components/securitySchemes/aksk",
        "must be used by the document, got no reference",
        "Refer to it, or remove it",
    ),
    case(
        "parameter under another name than on the wire",
        put("/components/parameters/limit/name", "page_size"),
        "/components/parameters/limit",
        "must have the key page_size, its name on the wire, got another",
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
            f"must not be a header that OpenAPI ignores as a parameter, got {name}",
            "Use x-request-headers or a security scheme",
        )
        for name in ("Content-Type", "Accept", "Authorization", "content-type")
    ),
    case(
        "parameter without a description",
        drop("/components/parameters/limit/description"),
        "/components/parameters/limit",
        "must have a description, got none",
        "Describe it for the caller",
    ),
    case(
        "parameter with its keys in another order",
        last("/components/parameters/limit/name"),
        "/components/parameters/limit",
        "must have its keys in order, got in, ",
        "Write them as name, in, description",
    ),
    case(
        "security scheme without a description",
        drop("/components/securitySchemes/token/description"),
        "/components/securitySchemes/token",
        "must have a description, got none",
        "Describe it for the caller",
    ),
    case(
        "security scheme with its keys in another order",
        last("/components/securitySchemes/token/type"),
        "/components/securitySchemes/token",
        "must have its keys in order, got description",
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
        "must match its schema: 0 is less than the minimum of 1",
        "Correct the value or the schema",
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
        'must match its schema: "jobs" is a required property',
        "Correct the value or the schema",
    ),
]

HEADERS = [
    case(
        "header without a description",
        drop(f"{HEADER}/description"),
        HEADER,
        "must have a description, got none",
        "Describe it for the caller",
    ),
    case(
        "header that is required",
        put(f"{HEADER}/required", True),
        f"{HEADER}/required",
        "must be a key that all our readers know in a header, got required",
        STYLE,
    ),
    case(
        "header of a response written inline",
        put(f"{GET}/responses/503/headers/Age", {"description": "Age.", "schema": {"type": "string"}}),
        f"{GET}/responses/503/headers/Age",
        "must be a reference to a component, got an inline header",
        "Make it a component",
    ),
    case(
        "header that no response has",
        put("/components/headers/Age", {"description": "Age.", "schema": {"type": "string"}}),
        "/components/headers/Age",
        "must be used by the document, got no reference",
        "Refer to it, or remove it",
    ),
]

SCHEMAS = [
    case(
        "integer without a format",
        drop(f"{FILE}/endTime/format"),
        f"{FILE}/endTime",
        "format of an integer must be int32 or int64, got None",
        "Choose the format that fits its values",
    ),
    case(
        "integer among other types with a format of text",
        put(f"{JOB}/properties/jobId", {"description": "X.", "type": ["integer", "string"], "format": "uuid"}),
        f"{JOB}/properties/jobId",
        "format of an integer must be int32 or int64, got 'uuid'",
        "Choose the format that fits its values",
    ),
    case(
        "int32 without a maximum",
        drop(f"{LIMIT}/maximum"),
        LIMIT,
        "must have minimum and maximum with format int32, got one or none",
        "Add them, or write format: int64",
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
        "must have a description, got none",
        "Describe it for the caller",
    ),
    case(
        "property without a description",
        drop(f"{JOB}/properties/jobId/description"),
        f"{JOB}/properties/jobId",
        "must have a description, got none",
        "Describe it for the caller",
    ),
    case(
        "property with a description without a full stop",
        put(f"{JOB}/properties/jobId/description", "ID of the job"),
        f"{JOB}/properties/jobId/description",
        "must end with a full stop",
        STYLE,
    ),
    case(
        "schema with its keys in another order",
        last(f"{JOB}/properties/status/description"),
        f"{JOB}/properties/status",
        "must have its keys in order, got type, anyOf, description",
        "Write them as description, type, anyOf",
    ),
    *(
        case(
            f"keyword {keyword}",
            put(f"{JOB}/properties/jobId/{keyword}", value),
            f"{JOB}/properties/jobId/{keyword}",
            f"must be a key that all our readers know in a schema, got {keyword}",
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
            "must be an open list of strings, alternatives of different types, or a union, got another form",
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
            "must be an open list of strings, alternatives of different types, or a union, got another form",
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
        "must differ from other properties in its letters or digits, got error_code",
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
                "must consist of properties with a const or enum each, got other keywords",
                STYLE,
            ),
            (
                "by an unknown field",
                "dependentSchemas/files",
                {"properties": {"type": {"const": "ImportGraph"}}},
                "dependentSchemas/files/properties/type/const",
                "must be about a property of the schema, got type",
                "Correct the name",
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
                'must match its schema: "no" is not of type "boolean"',
                "Correct the value or the schema",
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
                "must consist of required properties with a const or enum each, got another form",
                STYLE,
            ),
            (
                "that demands a field",
                "then",
                {"required": ["errorCode"]},
                "/components/schemas/JobList/then",
                "must consist of properties, items, const and enum, got other keywords",
                STYLE,
            ),
            (
                "about an unknown field of the items",
                "then/properties/jobs/items/properties",
                {"state": {"const": ""}},
                "/components/schemas/JobList/then/properties/jobs/items/properties/state/const",
                "must be about a property of the schema, got jobs.*.state",
                "Correct the name",
            ),
        )
    ),
    case(
        "keyword in the values of a map",
        put("/components/schemas/JobSpec/properties/extendParam/additionalProperties/title", "A value"),
        "/components/schemas/JobSpec/properties/extendParam/additionalProperties/title",
        "must be a key that all our readers know in a schema, got title",
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
        "must have a name in PascalCase, got jobList",
        STYLE,
    ),
    case(
        "inline object with properties",
        put(
            f"{JOB}/properties/jobId",
            {"description": "X.", "type": "object", "properties": {"x": {"description": "X.", "type": "string"}}},
        ),
        f"{JOB}/properties/jobId",
        "must be a component schema, got an inline object with properties",
        "Make it a component",
        also=("must name a string or an integer, got jobId, which is object",),
    ),
    case(
        "allOf in a property",
        put(f"{JOB}/properties/jobId", {"description": "X.", "allOf": [{"type": "string"}]}),
        f"{JOB}/properties/jobId",
        "must not have allOf, except a response",
        STYLE,
    ),
    case(
        "promise in a property",
        put(
            f"{JOB}/properties/jobId",
            {"description": "X.", "allOf": [{"$ref": "#/components/schemas/Error"}, {"required": ["result"]}]},
        ),
        f"{JOB}/properties/jobId",
        "must not have allOf, except a response",
        STYLE,
        also=("must name a string or an integer, got jobId, which is object",),
    ),
    *(
        case(
            name,
            put(f"{OK}/content/*/schema", {"allOf": members}),
            f"{OK}/content/*/schema",
            "must not have allOf, except a response",
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
    assert problem.message == "must be the name of a recording, got another-page"
    assert problem.remedy == "Add the recording, or remove the name"


def test_lint_unnamed_recording_is_rejected(workspace: Workspace, services: Services) -> None:
    service = with_document(services["ges"], drop(f"{OK}/x-recordings"))
    problem = single_problem(lint(workspace, service))
    assert problem.file == service.recordings["list-jobs-page"].source.path
    assert problem.message == "must be named by a response, got none"
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
    assert problem.message == ("must be 404 of listJobs, where the document names the recording, got 400 of listJobs")
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
    assert problem.message == ("must be 200 of listJobs, where the document names the recording, got 404 of listJobs")


def test_lint_recording_of_an_unknown_operation_is_rejected(workspace: Workspace, services: Services) -> None:
    edit = put("/operation", "getJob")
    problem = single_problem(lint(workspace, with_recording(services["ges"], "list-jobs-page", edit)))
    assert (problem.pointer, problem.remedy) == ("/operation", "Choose from listJobs")
    assert problem.message == "must be an operationId of the document, got getJob"
