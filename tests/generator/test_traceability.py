"""Document and evidence account for each other: each statement that only the document or only the evidence has fails by
name.

Services are those of this checkout, found by their files; every property, list and constraint of each is tried.
"""

from __future__ import annotations

from typing import Any

import pytest

from generator.documents import Service
from generator.documents.json_pointer import find, matches, resolve, segments
from generator.documents.schema_view import open_list
from generator.evidence import TraceabilityReport, trace
from generator.evidence.traceability import KNOWN_VALUES
from tests.generator.edits import all_of, drop, put
from tests.generator.traceability_helpers import (
    ENTRIES,
    SUPPORT,
    each_service,
    has_problem_at,
    is_named,
    problems_with,
    properties,
    schemas_by_pointer,
    value_lists_of,
)

pytestmark = pytest.mark.sampled(2)

Services = dict[str, Service]


@each_service
def test_trace_committed_documents_have_no_problems(name: str, services: Services) -> None:
    assert trace(services[name]).problems == []


@each_service
def test_trace_counts_add_up(name: str, services: Services) -> None:
    service, result = services[name], trace(services[name])
    evidence = service.evidence.data
    assert result.service == name
    assert result.rows == len(evidence["rows"]) == result.documented + result.rejected
    assert result.observed == len(evidence["observed"])
    assert result.contradictions == len(evidence["contradictions"])
    assert result.documented > 0
    assert result.contradictions > 0
    by_confidence = {word: result.count(word) for word in ("documented", "observed", "inferred")}
    assert all(by_confidence.values())
    assert sum(by_confidence.values()) == len(result.support)


@each_service
def test_trace_supporting_ids_exist_in_the_evidence(name: str, services: Services) -> None:
    evidence = services[name].evidence.data
    known = {entry["id"] for part in ENTRIES for entry in evidence[part]}
    assert {supporter for each in trace(services[name]).support.values() for supporter, _ in each} <= known


def test_traceability_report_uses_the_best_confidence(services: Services) -> None:
    result = TraceabilityReport("x", rows=0, documented=0, rejected=0, observed=0, contradictions=0)
    result.support = {
        "/a": [("x.1", "inferred"), ("x.2", "documented"), ("x.3", "observed")],
        "/b": [("x.3", "observed")],
    }
    assert [result.confidence(pointer) for pointer in ("/a", "/b", "/c")] == ["documented", "observed", None]
    assert [result.count(word) for word in ("documented", "observed", "inferred")] == [1, 1, 0]


class TestTraceReducedDocument:
    @each_service
    def test_trace_deleted_property_is_reported(self, name: str, services: Services) -> None:
        places = properties(services[name])
        assert places
        unnoticed = [place for place in places if not is_named(place, problems_with(services[name], drop(place)))]
        assert unnoticed == []

    @each_service
    def test_trace_deleted_parameter_is_reported(self, name: str, services: Services) -> None:
        places = [pointer for pointer, _ in find(services[name].document.data, "/components/parameters/*")]
        assert places
        unnoticed = [place for place in places if not is_named(place, problems_with(services[name], drop(place)))]
        assert unnoticed == []

    @each_service
    def test_trace_deleted_response_is_reported(self, name: str, services: Services) -> None:
        for pointer, _ in find(services[name].document.data, "/paths/*/*/responses/*"):
            status = segments(pointer)[-1]
            found = problems_with(services[name], drop(pointer))
            assert any(f"/responses/{status}, got" in problem.message for problem in found), pointer

    @each_service
    def test_trace_deleted_security_scheme_is_reported(self, name: str, services: Services) -> None:
        for pointer, _ in find(services[name].document.data, "/components/securitySchemes/*"):
            assert is_named(pointer, problems_with(services[name], drop(pointer))), pointer

    @each_service
    def test_trace_deleted_enum_value_is_reported(self, name: str, services: Services) -> None:
        tried = 0
        for pointer, keyword, values in value_lists_of(services[name]):
            for index in range(len(values)):
                found = problems_with(services[name], drop(f"{pointer}/{keyword}/{index}"))
                assert is_named(f"{pointer}/{keyword}", found), (pointer, values[index])
                tried += 1
        assert tried

    @each_service
    @pytest.mark.parametrize("keyword", ["required", "format", "default", "pattern", "const", "contentMediaType"])
    def test_trace_deleted_constraint_is_reported(self, keyword: str, name: str, services: Services) -> None:
        for pointer, schema in schemas_by_pointer(services[name]):
            if keyword in schema:
                found = problems_with(services[name], drop(f"{pointer}/{keyword}"))
                # A list of one value may be const or enum: the row names the other if one is gone.
                assert any(
                    is_named(f"{pointer}/{word}", found)
                    for word in (keyword, "enum" if keyword == "const" else keyword)
                ), pointer

    def test_trace_deleted_type_or_bound_is_reported(self, services: Services) -> None:
        unnoticed = []
        for service in services.values():
            for pointer in properties(service):
                for keyword in ("type", "minimum", "maximum"):
                    if keyword in resolve(service.document.data, pointer):
                        here = f"{pointer}/{keyword}"
                        if not is_named(here, problems_with(service, drop(here))):
                            unnoticed.append(f"{service.name}: {here}")
        assert unnoticed == []

    def test_trace_parameter_made_optional_is_reported(self, services: Services) -> None:
        pointer = "/components/parameters/graph_name/required"
        assert is_named(pointer, problems_with(services["ges"], put(pointer, False)))

    def test_trace_deleted_request_header_is_reported(self, services: Services) -> None:
        found = problems_with(services["cce"], drop("/paths/*/get/x-request-headers/Content-Type"))
        assert any("/x-request-headers/Content-Type" in problem.message for problem in found)


class TestTraceExtendedDocument:
    @each_service
    def test_trace_added_required_field_is_reported(self, name: str, services: Services) -> None:
        tried = 0
        for pointer, schema in find(services[name].document.data, "/components/schemas/*"):
            for member in schema.get("properties", {}):
                required = schema.get("required", [])
                if member not in required:
                    found = problems_with(services[name], put(f"{pointer}/required", [*required, member]))
                    assert has_problem_at(f"{pointer}/required", found, SUPPORT), (pointer, member)
                    tried += 1
        assert tried

    @each_service
    def test_trace_added_closed_enum_value_is_reported(self, name: str, services: Services) -> None:
        for pointer, keyword, _ in value_lists_of(services[name]):
            if keyword == "enum":
                found = problems_with(services[name], put(f"{pointer}/enum/-", "Made-up"))
                assert is_named(f"{pointer}/enum", found), pointer

    def test_documents_contain_closed_and_open_enums(self, services: Services) -> None:
        keywords = {keyword for service in services.values() for _, keyword, _ in value_lists_of(service)}
        assert keywords == {"enum", KNOWN_VALUES}

    def test_trace_added_open_enum_value_is_reported(self, services: Services) -> None:
        unnoticed = [
            f"{service.name}: {pointer}"
            for service in services.values()
            for pointer, keyword, _ in value_lists_of(service)
            if keyword == KNOWN_VALUES
            and not is_named(f"{pointer}/{keyword}", problems_with(service, put(f"{pointer}/{keyword}/-", "Made-up")))
        ]
        assert unnoticed == []

    @each_service
    @pytest.mark.parametrize(
        ("keyword", "value"),
        [
            ("minimum", 3),
            ("maximum", 77),
            ("minLength", 3),
            ("maxLength", 77),
            ("minItems", 3),
            ("maxItems", 77),
            ("pattern", "^made-up$"),
            ("format", "uuid"),
            ("default", "made-up"),
            ("const", "made-up"),
            ("enum", ["made-up"]),
            ("contentMediaType", "text/made-up"),
            ("additionalProperties", False),
        ],
    )
    def test_trace_added_constraint_is_reported(self, keyword: str, value: Any, name: str, services: Services) -> None:
        # All at once: an addition in one place does not apply to another.
        places = [
            f"{pointer}/{keyword}" for pointer, schema in schemas_by_pointer(services[name]) if keyword not in schema
        ]
        found = problems_with(services[name], all_of(*(put(place, value) for place in places)))
        assert places
        assert [place for place in places if not has_problem_at(place, found, SUPPORT)] == []

    @each_service
    def test_trace_added_open_list_is_reported(self, name: str, services: Services) -> None:
        places = [
            pointer
            for pointer, schema in schemas_by_pointer(services[name])
            if schema.get("type") == "string" and not {"anyOf", "enum", "const"} & schema.keys()
        ]
        added = open_list("string", ["made-up"])
        found = problems_with(services[name], all_of(*(put(f"{place}/anyOf", added) for place in places)))
        assert places
        assert [place for place in places if not has_problem_at(f"{place}/{KNOWN_VALUES}", found, SUPPORT)] == []

    @each_service
    @pytest.mark.parametrize(
        "keyword", ["type", "const", "default", "format", "minimum", "maximum", "minLength", "pattern", "enum"]
    )
    def test_trace_changed_constraint_is_reported(self, keyword: str, name: str, services: Services) -> None:
        edits = {}
        for pointer, schema in schemas_by_pointer(services[name]):
            if keyword in schema and not (keyword == "type" and "properties" in schema):
                value = schema[keyword]
                other: Any = value + 1 if isinstance(value, int) else f"{value}?"
                if keyword == "type":
                    other = [*([value] if isinstance(value, str) else value), "boolean"]
                edits[f"{pointer}/{keyword}"] = put(f"{pointer}/{keyword}", other)
        found = problems_with(services[name], all_of(*edits.values()))
        assert [place for place in edits if not has_problem_at(place, found)] == []

    def test_trace_changed_component_type_is_reported(self, services: Services) -> None:
        unnoticed = [
            f"{service.name}: {pointer}"
            for service in services.values()
            for pointer, schema in find(service.document.data, "/components/schemas/*")
            if "properties" in schema
            and not is_named(f"{pointer}/type", problems_with(service, put(f"{pointer}/type", ["object", "null"])))
        ]
        assert unnoticed == []

    def test_trace_changed_reference_is_reported(self, services: Services) -> None:
        unnoticed = []
        for service in services.values():
            components = [f"#{pointer}" for pointer, _ in find(service.document.data, "/components/schemas/*")]
            for pointer, schema in schemas_by_pointer(service):
                other = next(name for name in components if name != schema.get("$ref"))
                if "$ref" in schema and not is_named(
                    f"{pointer}/$ref", problems_with(service, put(f"{pointer}/$ref", other))
                ):
                    unnoticed.append(f"{service.name}: {pointer}")
        assert unnoticed == []

    @each_service
    @pytest.mark.parametrize(
        ("pointer", "value", "claimed"),
        [
            ("/components/parameters/made_up", {"name": "made_up", "in": "query", "schema": {"type": "string"}}, ""),
            ("/components/securitySchemes/made_up", {"type": "http", "scheme": "basic"}, ""),
            ("/components/securitySchemes/made_up", {"type": "http", "scheme": "basic"}, "/scheme"),
            ("/paths/*/get/responses/418", {"description": "I'm a teapot."}, ""),
            ("/paths/*/get/responses/200/content/text~1plain", {"schema": {"type": "string"}}, "/.."),
            ("/paths/*/get/security/-", {"made_up": []}, "/.."),
            ("/paths/*/get/x-request-headers", {"Accept": "application/json"}, "/Accept"),
            ("/paths/*/post", {"responses": {}}, ""),
        ],
        ids=["parameter", "scheme", "kind of scheme", "status", "media type", "security", "header", "operation"],
    )
    def test_trace_added_component_is_reported(
        self, pointer: str, value: Any, claimed: str, name: str, services: Services
    ) -> None:
        wanted = pointer.rpartition("/")[0] if claimed == "/.." else pointer + claimed
        edit = all_of(put("/components/securitySchemes", with_schemes(services[name])), put(pointer, value))
        found = problems_with(services[name], edit)
        assert any(
            problem.pointer and matches(wanted, problem.pointer) and SUPPORT in problem.message for problem in found
        )

    @each_service
    def test_trace_added_property_is_reported(self, name: str, services: Services) -> None:
        for pointer, schema in find(services[name].document.data, "/components/schemas/*"):
            if "properties" in schema:
                here = f"{pointer}/properties/made_up"
                found = problems_with(services[name], put(here, {"description": "X.", "type": "string"}))
                assert has_problem_at(here, found, f"{SUPPORT} this")
                assert has_problem_at(f"{here}/type", found, f"{SUPPORT} 'string'")

    @pytest.mark.parametrize(
        ("name", "pointer"),
        [
            ("cce", "/components/schemas/JobSpec/properties/extendParam/additionalProperties/maxLength"),
            ("ges", "/components/schemas/JobList/properties/jobs/items/maxLength"),
            ("ges", "/components/parameters/graph_name/schema/maxLength"),
            ("yuanrong", "/paths/*/get/responses/404/content/application~1json/schema/maxLength"),
        ],
    )
    def test_trace_nested_schema_constraint_is_reported(self, name: str, pointer: str, services: Services) -> None:
        [problem] = problems_with(services[name], put(pointer, 9))
        assert problem.pointer
        assert matches(pointer, problem.pointer)
        assert problem.message == f"{SUPPORT} 9"

    def test_trace_added_credential_limit_is_reported(self, services: Services) -> None:
        pointer = "/components/securitySchemes/aksk/x-auth/maxLength"
        assert has_problem_at(pointer, problems_with(services["cce"], put(pointer, 99)), f"{SUPPORT} 99")

    def test_trace_unsupported_problem_has_location_and_fix(self, services: Services) -> None:
        pointer = "/components/parameters/limit/schema/maxLength"
        service = services["ges"]
        [problem] = problems_with(service, put(pointer, 9))
        assert (problem.file, problem.pointer) == (service.document.path, pointer)
        assert problem.line == service.document.line("/components/parameters/limit/schema")
        assert problem.remedy == "Remove it, or add evidence to ges.yaml"


def with_schemes(service: Service) -> dict[str, Any]:
    return dict(service.document.data["components"].get("securitySchemes", {}))
