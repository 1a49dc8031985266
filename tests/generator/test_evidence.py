"""Document and evidence account for each other: what a document has less or more than its evidence fails by name.

Services are those of this checkout, found by their files; every property, list and constraint of each is tried.
"""

from __future__ import annotations

from typing import Any

import pytest

from generator.documents import Service
from generator.documents.json_pointer import find, matches, resolve, segments
from generator.evidence import TraceabilityReport, trace
from tests.generator.accounts import (
    ENTRIES,
    SUPPORT,
    each_service,
    is_at,
    is_named,
    lists_of,
    problems_with,
    properties,
    schema_places,
)
from tests.generator.edits import all_of, drop, put

Services = dict[str, Service]


@each_service
def test_everything_is_accounted_for(name: str, services: Services) -> None:
    assert trace(services[name]).problems == []


@each_service
def test_the_counts_add_up(name: str, services: Services) -> None:
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
def test_everything_that_supports_is_in_the_evidence(name: str, services: Services) -> None:
    evidence = services[name].evidence.data
    known = {entry["id"] for part in ENTRIES for entry in evidence[part]}
    assert {supporter for each in trace(services[name]).support.values() for supporter, _ in each} <= known


def test_the_best_of_several_confidences_counts(services: Services) -> None:
    result = TraceabilityReport("x", rows=0, documented=0, rejected=0, observed=0, contradictions=0)
    result.support = {
        "/a": [("x.1", "inferred"), ("x.2", "documented"), ("x.3", "observed")],
        "/b": [("x.3", "observed")],
    }
    assert [result.confidence(pointer) for pointer in ("/a", "/b", "/c")] == ["documented", "observed", None]
    assert [result.count(word) for word in ("documented", "observed", "inferred")] == [1, 1, 0]


class TestTheDocumentHasLess:
    @each_service
    def test_deleting_any_property_fails_by_name(self, name: str, services: Services) -> None:
        places = properties(services[name])
        assert places
        unnoticed = [place for place in places if not is_named(place, problems_with(services[name], drop(place)))]
        assert unnoticed == []

    @each_service
    def test_deleting_any_parameter_fails_by_name(self, name: str, services: Services) -> None:
        places = [pointer for pointer, _ in find(services[name].document.data, "/components/parameters/*")]
        assert places
        unnoticed = [place for place in places if not is_named(place, problems_with(services[name], drop(place)))]
        assert unnoticed == []

    @each_service
    def test_deleting_any_response_fails_by_name(self, name: str, services: Services) -> None:
        for pointer, _ in find(services[name].document.data, "/paths/*/*/responses/*"):
            status = segments(pointer)[-1]
            found = problems_with(services[name], drop(pointer))
            assert any(problem.message.endswith(f"/responses/{status}") for problem in found), pointer

    @each_service
    def test_deleting_any_security_scheme_fails_by_name(self, name: str, services: Services) -> None:
        for pointer, _ in find(services[name].document.data, "/components/securitySchemes/*"):
            assert is_named(pointer, problems_with(services[name], drop(pointer))), pointer

    @each_service
    def test_dropping_a_value_of_any_list_fails_by_name(self, name: str, services: Services) -> None:
        tried = 0
        for pointer, keyword, values in lists_of(services[name]):
            for index in range(len(values)):
                found = problems_with(services[name], drop(f"{pointer}/{keyword}/{index}"))
                assert is_named(f"{pointer}/{keyword}", found), (pointer, values[index])
                tried += 1
        assert tried

    @each_service
    @pytest.mark.parametrize("keyword", ["required", "format", "default", "pattern", "const", "contentMediaType"])
    def test_taking_a_stated_constraint_away_fails_by_name(self, keyword: str, name: str, services: Services) -> None:
        for pointer, schema in schema_places(services[name]):
            if keyword in schema:
                found = problems_with(services[name], drop(f"{pointer}/{keyword}"))
                # A list of one value may stand as const or as enum: the row names the other where one is gone.
                assert any(
                    is_named(f"{pointer}/{word}", found)
                    for word in (keyword, "enum" if keyword == "const" else keyword)
                ), pointer

    def test_a_row_is_waived_only_where_a_contradiction_decides(self, services: Services) -> None:
        unnoticed = []
        for service in services.values():
            for pointer in properties(service):
                for keyword in ("type", "minimum", "maximum"):
                    if keyword in resolve(service.document.data, pointer):
                        here = f"{pointer}/{keyword}"
                        if not is_named(here, problems_with(service, drop(here))):
                            unnoticed.append(f"{service.name}: {here}")
        assert unnoticed == []

    def test_a_mandatory_parameter_made_optional_fails_by_name(self, services: Services) -> None:
        pointer = "/components/parameters/graph_name/required"
        assert is_named(pointer, problems_with(services["ges"], put(pointer, False)))

    def test_a_request_header_taken_away_fails_by_name(self, services: Services) -> None:
        found = problems_with(services["cce"], drop("/paths/*/get/x-request-headers/Content-Type"))
        assert any("/x-request-headers/Content-Type" in problem.message for problem in found)


class TestTheDocumentHasMore:
    @each_service
    def test_adding_required_to_any_object_fails_by_name(self, name: str, services: Services) -> None:
        tried = 0
        for pointer, schema in find(services[name].document.data, "/components/schemas/*"):
            for member in schema.get("properties", {}):
                required = schema.get("required", [])
                if member not in required:
                    found = problems_with(services[name], put(f"{pointer}/required", [*required, member]))
                    assert is_at(f"{pointer}/required", found, SUPPORT), (pointer, member)
                    tried += 1
        assert tried

    def test_adding_to_the_promise_of_a_response_fails_by_name(self, services: Services) -> None:
        tried = 0
        for service in services.values():
            for pointer, part in find(service.document.data, "/paths/*/*/responses/*/content/*/schema/allOf/*"):
                if "required" in part:
                    found = problems_with(service, put(f"{pointer}/required/-", "reason"))
                    assert is_at(f"{pointer}/required", found, SUPPORT)
                    tried += 1
        assert tried

    @each_service
    def test_widening_any_closed_list_fails_by_name(self, name: str, services: Services) -> None:
        for pointer, keyword, _ in lists_of(services[name]):
            if keyword == "enum":
                found = problems_with(services[name], put(f"{pointer}/enum/-", "Made-up"))
                assert is_named(f"{pointer}/enum", found), pointer

    def test_there_are_closed_lists_to_widen(self, services: Services) -> None:
        keywords = {keyword for service in services.values() for _, keyword, _ in lists_of(service)}
        assert keywords == {"enum", "x-enum-open"}

    def test_widening_any_open_list_fails_by_name(self, services: Services) -> None:
        unnoticed = [
            f"{service.name}: {pointer}"
            for service in services.values()
            for pointer, keyword, _ in lists_of(service)
            if keyword == "x-enum-open"
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
            ("x-enum-open", ["made-up"]),
            ("contentMediaType", "text/made-up"),
            ("additionalProperties", False),
        ],
    )
    def test_a_constraint_added_to_any_schema_fails_by_name(
        self, keyword: str, value: Any, name: str, services: Services
    ) -> None:
        # All at once: what is added in one place says nothing of another.
        places = [f"{pointer}/{keyword}" for pointer, schema in schema_places(services[name]) if keyword not in schema]
        found = problems_with(services[name], all_of(*(put(place, value) for place in places)))
        assert places
        assert [place for place in places if not is_at(place, found, SUPPORT)] == []

    @each_service
    @pytest.mark.parametrize(
        "keyword", ["type", "const", "default", "format", "minimum", "maximum", "minLength", "pattern", "enum"]
    )
    def test_a_constraint_changed_in_any_schema_fails_by_name(
        self, keyword: str, name: str, services: Services
    ) -> None:
        edits = {}
        for pointer, schema in schema_places(services[name]):
            if keyword in schema and not (keyword == "type" and "properties" in schema):
                value = schema[keyword]
                other: Any = value + 1 if isinstance(value, int) else f"{value}?"
                if keyword == "type":
                    other = [*([value] if isinstance(value, str) else value), "boolean"]
                edits[f"{pointer}/{keyword}"] = put(f"{pointer}/{keyword}", other)
        found = problems_with(services[name], all_of(*edits.values()))
        assert [place for place in edits if not is_at(place, found)] == []

    def test_the_type_of_any_component_fails_by_name_when_changed(self, services: Services) -> None:
        unnoticed = [
            f"{service.name}: {pointer}"
            for service in services.values()
            for pointer, schema in find(service.document.data, "/components/schemas/*")
            if "properties" in schema
            and not is_named(f"{pointer}/type", problems_with(service, put(f"{pointer}/type", ["object", "null"])))
        ]
        assert unnoticed == []

    def test_a_reference_to_another_component_fails_by_name(self, services: Services) -> None:
        unnoticed = []
        for service in services.values():
            components = [f"#{pointer}" for pointer, _ in find(service.document.data, "/components/schemas/*")]
            for pointer, schema in schema_places(service):
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
    def test_a_thing_that_is_added_fails_by_name(
        self, pointer: str, value: Any, claimed: str, name: str, services: Services
    ) -> None:
        wanted = pointer.rpartition("/")[0] if claimed == "/.." else pointer + claimed
        edit = all_of(put("/components/securitySchemes", with_schemes(services[name])), put(pointer, value))
        found = problems_with(services[name], edit)
        assert any(
            problem.pointer and matches(wanted, problem.pointer) and SUPPORT in problem.message for problem in found
        )

    @each_service
    def test_a_property_added_to_any_object_fails_by_name(self, name: str, services: Services) -> None:
        for pointer, schema in find(services[name].document.data, "/components/schemas/*"):
            if "properties" in schema:
                here = f"{pointer}/properties/made_up"
                found = problems_with(services[name], put(here, {"description": "X.", "type": "string"}))
                assert is_at(here, found, f"{SUPPORT} this")
                assert is_at(f"{here}/type", found, f"{SUPPORT} 'string'")

    @pytest.mark.parametrize(
        ("name", "pointer"),
        [
            ("cce", "/components/schemas/JobSpec/properties/extendParam/additionalProperties/maxLength"),
            ("ges", "/components/schemas/JobList/properties/jobs/items/maxLength"),
            ("ges", "/components/parameters/graph_name/schema/maxLength"),
            ("yuanrong", "/paths/*/get/responses/404/content/application~1json/schema/maxLength"),
        ],
    )
    def test_schemas_within_others_are_accounted_for(self, name: str, pointer: str, services: Services) -> None:
        [problem] = problems_with(services[name], put(pointer, 9))
        assert problem.pointer
        assert matches(pointer, problem.pointer)
        assert problem.message == f"{SUPPORT} 9"

    def test_a_limit_of_a_credential_that_is_added_fails_by_name(self, services: Services) -> None:
        pointer = "/components/securitySchemes/aksk/x-auth/maxLength"
        assert is_at(pointer, problems_with(services["cce"], put(pointer, 99)), f"{SUPPORT} 99")

    def test_what_is_unsupported_is_told_what_to_do(self, services: Services) -> None:
        pointer = "/components/parameters/limit/schema/maxLength"
        service = services["ges"]
        [problem] = problems_with(service, put(pointer, 9))
        assert (problem.file, problem.pointer) == (service.document.path, pointer)
        assert problem.line == service.document.line("/components/parameters/limit/schema")
        assert problem.remedy == "Take it out, or give its evidence in ges.yaml"


def with_schemes(service: Service) -> dict[str, Any]:
    return dict(service.document.data["components"].get("securitySchemes", {}))
