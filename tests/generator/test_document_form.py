"""The form of our four documents that lint asks of no other: each point is a fault that tools had with them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from generator.docs.service_page.schemas import examples
from generator.documents import Service
from generator.documents.json_pointer import find
from generator.documents.schema_view import flatten, walk_schemas
from tests.reference import REFERENCE


@pytest.fixture(params=REFERENCE)
def service(request: pytest.FixtureRequest, services: dict[str, Service]) -> Service:
    return services[request.param]


def test_responses_have_no_ranges_of_statuses(service: Service) -> None:
    statuses = [pointer.rpartition("/")[2] for pointer, _ in find(service.document.data, "/paths/*/*/responses/*")]
    assert [status for status in statuses if not re.fullmatch("[1-5][0-9]{2}|default", status)] == []
    assert "default" in statuses


def test_integers_have_a_format(service: Service) -> None:
    places = [place for place in walk_schemas(service.document.data) if "type" in place.schema]
    integers = [place for place in places if "integer" in flatten(service.document.data, place.pointer).types]
    assert [place.pointer for place in integers if "format" not in place.schema] == []


def test_info_has_licence_maintainers_and_the_published_page(service: Service) -> None:
    document = service.document.data
    assert document["info"]["license"]["identifier"] == "Apache-2.0"
    assert document["info"]["contact"]["name"]
    assert document["externalDocs"]["url"].startswith("https://")


def test_server_variables_have_no_description(service: Service) -> None:
    variables = dict(find(service.document.data, "/servers/*/variables/*"))
    assert variables
    assert [pointer for pointer, variable in variables.items() if "description" in variable] == []
    assert all(server["description"].endswith(".") for _, server in find(service.document.data, "/servers/*"))


def test_tags_have_a_description(service: Service) -> None:
    tags = dict(find(service.document.data, "/tags/*"))
    assert tags
    assert all(tag["description"].endswith(".") for tag in tags.values())


def test_error_responses_declare_retry_after_and_never_require_it(service: Service) -> None:
    responses = dict(find(service.document.data, "/paths/*/*/responses/*"))
    declaring = {pointer[-3:] for pointer, each in responses.items() if "Retry-After" in each.get("headers", {})}
    statuses = {pointer[-3:] for pointer in responses}
    assert declaring == {"ult", *statuses & {"429", "503"}}
    assert not any(header.get("required") for _, header in find(service.document.data, "/components/headers/*"))


def test_error_responses_have_an_example(service: Service, bundles: list[tuple[Service, dict[str, Any]]]) -> None:
    media = dict(find(bundled(service, bundles), "/paths/*/*/responses/*/content/*"))
    assert [pointer for pointer, each in media.items() if not each.get("examples")] == []


def test_parameters_have_an_example(service: Service, bundles: list[tuple[Service, dict[str, Any]]]) -> None:
    parameters = dict(find(bundled(service, bundles), "/components/parameters/*"))
    assert [
        pointer
        for pointer, each in parameters.items()
        if not each.get("examples") and not each["schema"].get("examples")
    ] == []


def test_properties_have_an_example(service: Service, bundles: list[tuple[Service, dict[str, Any]]]) -> None:
    """Objects and lists are left out: their content has examples."""
    document = bundled(service, bundles)
    shown = examples(document)
    lacking = [
        place.pointer
        for place in walk_schemas(document)
        if place.role == "property" and "/allOf/" not in place.pointer
        if flatten(document, place.pointer).kinds - {"object", "array", "null"}
        if place.pointer not in shown and not place.schema.get("examples") and "const" not in place.schema
    ]
    assert lacking == []


def bundled(service: Service, bundles: list[tuple[Service, dict[str, Any]]]) -> dict[str, Any]:
    return next(document for each, document in bundles if each.name == service.name)


def test_facts_from_outside_the_page_have_the_date_of_reading(service: Service) -> None:
    for fact in service.evidence.data["facts"]:
        is_outside = not fact["origin"].startswith("The page") or ";" in fact["origin"]
        assert "seen" in fact or not is_outside, fact["id"]
        assert date.fromisoformat(fact.get("seen", "2026-11-22")) >= date(2026, 11, 22)
