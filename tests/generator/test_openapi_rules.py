"""Rules of OpenAPI 3.1: compared with the standard validator, which gives the same verdicts and takes longer."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import partial
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from generator.documents import Service, Source, Workspace
from generator.documents.lint import _references, openapi_problems
from tests.client.malformed_bodies import DETERMINISTIC
from tests.client.mutations import anything, places, replaced, without
from tests.generator.edits import Edit, all_of, drop, put

Services = dict[str, Service]
GET = "/paths/*/get"
REFUSED = {
    "no OpenAPI at all": drop("/info"),
    "a tag twice": put("/tags", [{"name": "jobs"}, {"name": "jobs"}]),
    "an operationId twice": put("/paths/~1other", {"get": {"operationId": "listJobs", "responses": {}}}),
    "a parameter twice": all_of(put(f"{GET}/parameters/-", {"name": "a", "in": "query", "schema": {}}),
                                put(f"{GET}/parameters/-", {"name": "a", "in": "query", "schema": {}})),
    "a reference to a parameter twice": put(f"{GET}/parameters/-", {"$ref": "#/components/parameters/limit"}),
    "a parameter of a path twice": put("/paths/*/parameters", [{"name": "a", "in": "query", "schema": {}}] * 2),
    "a path parameter that the path has not": put(
        f"{GET}/parameters/-", {"name": "other", "in": "path", "required": True, "schema": {}}
    ),
    "a path parameter that is not described": drop(f"{GET}/parameters/0"),
    "a default of another type": put("/components/parameters/limit/schema/default", "many"),
    "a default beyond its bounds": put("/components/parameters/limit/schema/default", -1),
    "a type that there is not": put("/components/schemas/Job/properties/status/type", "text"),
    "a bound that is not a number": put("/components/parameters/limit/schema/minimum", "0"),
    "an invalid pattern": put("/components/schemas/Job/properties/status/pattern", "(("),
    "an invalid schema": put("/components/schemas/Job/properties/status", 1),
}  # fmt: skip
TAKEN = {
    "the document": put("/openapi", "3.1.0"),
    "a parameter of the path": all_of(drop(f"{GET}/parameters/0"), put("/paths/*/parameters", [
        {"name": "project_id", "in": "path", "required": True, "schema": {"type": "string"}}])),
    "a name in two places": all_of(put(f"{GET}/parameters/-", {"name": "a", "in": "query", "schema": {}}),
                                   put(f"{GET}/parameters/-", {"name": "a", "in": "header", "schema": {}})),
    "a default of null": put("/components/parameters/limit/schema", {"type": ["integer", "null"], "default": None}),
    "a key of the schema's own": put("/components/schemas/Job/x-more", {"type": 1}),
}  # fmt: skip


def rejected_by_generator(source: Source, workspace: Workspace) -> bool:
    """Return whether we refuse a document, each step resting on the one before, as in lint."""
    return any(
        next(iter(check(source)), None)
        for check in (_references, partial(workspace.violations, "document"), openapi_problems)
    )


def rejected_by_validator(source: Source) -> bool:
    """Return whether the field's validator does."""
    return next(iter(OpenAPIV31SpecValidator(source.data).iter_errors()), None) is not None


def is_unicode(value: Any) -> bool:
    """Return whether a file can hold a value: half of a surrogate pair is refused when one is read."""
    try:
        return bool(json.dumps(value, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False


def edited(service: Service, edit: Edit) -> Source:
    """Return the document of a service after an edit."""
    data = deepcopy(service.document.data)
    edit(data)
    return attrs.evolve(service.document, data=data)


@pytest.mark.parametrize("edit", REFUSED.values(), ids=REFUSED)
def test_openapi_rules_reject_what_the_validator_rejects(edit: Edit, services: Services, workspace: Workspace) -> None:
    source = edited(services["ges"], edit)
    assert rejected_by_validator(source)
    assert rejected_by_generator(source, workspace)


def test_openapi_rules_default_is_checked_against_the_ref(services: Services) -> None:
    schema = {"$ref": "#/components/schemas/Job", "default": 1}
    source = edited(services["ges"], put("/components/parameters/limit/schema", schema))
    (problem,) = openapi_problems(source)
    assert problem.pointer == "/components/parameters/limit/schema/default"


@pytest.mark.parametrize("edit", TAKEN.values(), ids=TAKEN)
def test_openapi_rules_accept_what_the_validator_accepts(edit: Edit, services: Services) -> None:
    source = edited(services["ges"], edit)
    assert not rejected_by_validator(source)
    assert not list(openapi_problems(source))


def test_openapi_rules_accepted_random_edit_is_valid(services: Services, workspace: Workspace) -> None:
    whole = services["yuanrong"].document
    pointers = [pointer for pointer in places(whole.data) if pointer and "/x-" not in pointer]
    taken: list[str] = []

    @given(st.sampled_from(pointers), st.none() | anything.filter(is_unicode))
    # Of 25 random values too few are accepted.
    @settings(
        DETERMINISTIC, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
    )
    def hold(pointer: str, value: Any) -> None:
        data = replaced(whole.data, pointer, value) if value is not None else without(whole.data, pointer)
        source = attrs.evolve(whole, data=data)
        if not rejected_by_generator(source, workspace):
            taken.append(pointer)
            assert not rejected_by_validator(source), pointer

    hold()
    assert len(taken) > 10
