"""OpenAPI Overlays: the effect of each kind of action, and rejected overlays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from generator.errors import ValidationError
from generator.imports.overlay import apply_overlay
from generator.imports.vendor_files import read_document

FILE = Path("own.overlay.yaml")

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Own", "version": "1"},
    "servers": [{"url": "https://a"}, {"url": "https://b"}, {"url": "https://c"}],
    "paths": {
        "/jobs": {"get": {"tags": ["old"], "responses": {"200": {}, "500": {}}}},
        "/tasks": {"get": {"responses": {"200": {}, "500": {}}}},
    },
    "components": {"schemas": {"Job": {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}}},
}


def overlay(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"overlay": "1.1.0", "info": {"title": "Own", "version": "1"}, "actions": list(actions), **more}


def applied(*actions: dict[str, Any]) -> Any:
    result, unmatched = apply_overlay(DOCUMENT, overlay(*actions), FILE)
    assert unmatched == []
    return result


def test_update_merges_mappings_and_replaces_values() -> None:
    info = applied({"target": "$.info", "update": {"title": "New", "contact": {"name": "N"}}})["info"]
    assert info == {"title": "New", "version": "1", "contact": {"name": "N"}}
    assert DOCUMENT["info"] == {"title": "Own", "version": "1"}


def test_update_of_list_appends_and_nested_lists_are_joined() -> None:
    assert applied({"target": "$.servers", "update": {"url": "https://d"}})["servers"][3] == {"url": "https://d"}
    paths = applied({"target": "$.paths['/jobs'].get", "update": {"tags": ["new"]}})["paths"]
    assert paths["/jobs"]["get"]["tags"] == ["old", "new"]


def test_update_with_wildcard_reaches_each_match() -> None:
    paths = applied({"target": "$.paths.*.get", "update": {"x-own": True}})["paths"]
    assert [item["get"]["x-own"] for item in paths.values()] == [True, True]


def test_remove_takes_filtered_items_and_members_away() -> None:
    result = applied(
        {"target": "$.servers[?(@.url != 'https://b')]", "remove": True},
        {"target": "$.paths..responses['500']", "remove": True},
        {"target": "$..properties[?(@.type == 'string')]", "remove": True},
    )
    assert result["servers"] == [{"url": "https://b"}]
    assert result["paths"]["/tasks"]["get"]["responses"] == {"200": {}}
    assert list(result["components"]["schemas"]["Job"]["properties"]) == ["b"]


def test_copy_merges_one_part_into_another() -> None:
    result = applied({"target": "$.paths['/tasks'].get", "copy": "$.paths['/jobs'].get"})
    assert result["paths"]["/tasks"]["get"]["tags"] == ["old"]


def test_later_actions_see_earlier_ones() -> None:
    result = applied({"target": "$", "update": {"x-a": {"b": 1}}}, {"target": "$.x-a", "update": {"c": 2}})
    assert result["x-a"] == {"b": 1, "c": 2}


def test_action_without_match_is_reported_and_no_error() -> None:
    result, [problem] = apply_overlay(DOCUMENT, overlay({"target": "$.nothing", "remove": True}), FILE)
    assert result == DOCUMENT
    assert str(problem).startswith("own.overlay.yaml: at /actions/0/target target must match a part")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "must be a mapping with overlay, info and actions"),
        (overlay({"target": "$"}, overlay="2.0.0"), "must be a version 1.0.x or 1.1.x, got '2.0.0'"),
        (
            overlay({"target": "$"}, info={"title": "Own"}),
            "must be a mapping with the strings title and version, got title",
        ),
        (overlay(), "must be a list of at least one action"),
        (
            overlay({"target": "$", "updates": {}}),
            "key must be one of copy, description, remove, target, update or begin with x-, got updates",
        ),
        (overlay({"target": "info"}), "target must be a JSONPath that begins with $, got 'info'"),
        (overlay({"target": "$.paths[", "remove": True}), "must be a JSONPath (RFC 9535), got '$.paths['"),
        (overlay({"target": "$.info", "update": 5}), "update must be a mapping"),
        (overlay({"target": "$", "remove": "yes"}), "remove must be of type bool, got str"),
        (overlay({"target": "$", "copy": "$.servers[*]"}), "copy must match one part of the document"),
    ],
)
def test_invalid_overlay_is_refused_with_place(data: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        apply_overlay(DOCUMENT, data, FILE)
    assert all(problem.file == FILE for problem in caught.value.problems)
    assert any(message in problem.message for problem in caught.value.problems)


EXAMPLES = os.environ.get("OVERLAY_EXAMPLES", "")


@pytest.mark.skipif(not EXAMPLES, reason="OVERLAY_EXAMPLES must be a checkout of OAI/Overlay-Specification")
def test_examples_of_the_specification_give_its_output() -> None:
    folders = [path.parent for path in sorted(Path(EXAMPLES, "compliant-sets").glob("*/overlay.yaml"))]
    assert folders
    for folder in folders:
        file = folder / "overlay.yaml"
        result, _ = apply_overlay(read_document(folder / "openapi.yaml"), read_document(file), file)
        assert result == read_document(folder / "output.yaml"), folder.name
    for file in sorted(Path(EXAMPLES, "tests").glob("v1.[01]/fail/*.yaml")):
        with pytest.raises(ValidationError):
            apply_overlay({}, read_document(file), file)
