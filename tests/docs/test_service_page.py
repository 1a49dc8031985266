"""Everything that a document, its evidence and its recordings say is on the service's page, without a script.

What must be there is taken from the files here, with nothing of the code that makes the pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.docs import BundledService, SiteContext
from generator.documents import walk_schemas
from tests.reference import REFERENCE

from .html_pages import preformatted, statements, visible

WORDS = {
    "const": "Always {}",
    "enum": "One of {}",
    "anyOf": "Known values: {}; there may be others",
    "default": "Default: {}",
    "minimum": "At least {}",
    "maximum": "At most {}",
    "minLength": "At least {} character",
    "maxLength": "At most {} character",
    "minItems": "At least {} item",
    "maxItems": "At most {} item",
    "pattern": "Pattern: {}",
    "format": "Format: {}",
    "contentMediaType": "text of the media type {}",
}
"""How a limit is to be read: a bare number would be found in a description as well."""
SERVICES = list(REFERENCE)


@pytest.fixture(params=SERVICES)
def bundled(request: pytest.FixtureRequest, context: SiteContext) -> BundledService:
    return next(each for each in context.services if each.name == request.param)


@pytest.fixture
def page(bundled: BundledService, site: Path) -> Path:
    return site / "services" / bundled.name / "index.html"


def plain(markdown: str) -> str:
    """Return a description as it is read: without the marks of code."""
    return " ".join(markdown.replace("`", "").split())


def said(value: Any) -> str:
    """Return a value as it is shown."""
    return '""' if value == "" else value if isinstance(value, str) else json.dumps(value)


def leaves(definition: dict[str, Any]) -> Iterator[str]:
    """Yield each thing that a schema says, as it must be read; not those of schemas inside it."""
    for key, value in definition.items():
        if key in ("properties", "items", "additionalProperties", "allOf", "required", "x-job", "x-error", "x-model"):
            continue
        if key in ("dependentSchemas", "if", "then", "unevaluatedProperties"):
            # Shown at the fields, see the test below; unevaluatedProperties is `true`, which constrains nothing.
            continue
        if key == "description":
            yield plain(value)
        elif key == "anyOf" and "type" not in definition:
            for member in value:
                yield from leaves(member)
        elif key == "anyOf":
            yield WORDS[key].format(", ".join(map(said, value[0]["enum"])))
        elif key == "$ref":
            yield value.rpartition("/")[2]
        elif isinstance(value, list) and key != "type":
            told = [said(item) for item in value]
            yield from [WORDS[key].format(", ".join(told))] if key in WORDS else told
        else:
            text = " or ".join(value) if isinstance(value, list) else said(value)
            yield WORDS.get(key, "{}").format(text)


def lacking(text: str, wanted: Iterator[str]) -> list[str]:
    return [each for each in wanted if each not in text]


def test_service_page_each_field_shows_its_whole_schema(bundled: BundledService, page: Path) -> None:
    shown, missing = statements(page), {}
    schemas = bundled.document["components"]["schemas"]
    titles = {name: entry["title"] for name, entry in bundled.contradictions.items()}
    count = 0
    for name, schema in schemas.items():
        for link, definition in [
            (name, schema),
            *((f"{name}.{key}", value) for key, value in schema.get("properties", {}).items()),
        ]:
            wanted = [titles.get(each, each) for each in leaves(definition)]
            if lack := lacking(shown.get(link, ""), iter(wanted)):
                missing[link] = lack
            count += len(wanted)
    assert not missing
    assert count > 60


def test_service_page_shows_conditions_in_words_at_the_field(site: Path) -> None:
    shown = statements(site / "services" / "ges" / "index.html")
    assert "Only when status is failed" in shown["Job.failReason"]
    assert "Only when taskType is ImportGraph" in shown["Job.files"]
    assert 'When result is failed, status of each item is ""' in shown["JobList.jobs"]
    assert sum("nly when" in text or "When result" in text for text in shown.values()) == 3


def test_service_page_shows_nested_schemas_in_place(bundled: BundledService, page: Path) -> None:
    shown = statements(page)
    for place in walk_schemas(bundled.document):
        parts = place.pointer.split("/")
        if place.role == "part" and parts[1:3] == ["components", "schemas"]:
            link = f"{parts[3]}.{parts[5]}" if len(parts) > 5 and parts[4] == "properties" else parts[3]
            assert not lacking(shown[link], leaves(place.schema)), place.pointer


def test_service_page_shows_whether_a_field_may_be_absent(bundled: BundledService, page: Path) -> None:
    shown = statements(page)
    for name, schema in bundled.document["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            wanted = "always present" if field in schema.get("required", []) else "may be absent"
            assert wanted in shown[f"{name}.{field}"], field


def test_service_page_shows_parameters_headers_credentials(bundled: BundledService, page: Path) -> None:
    shown = statements(page)
    components = bundled.document["components"]
    for operation in bundled.service.operations:
        for reference in operation.definition.get("parameters", []):
            parameter = components["parameters"][reference["$ref"].rpartition("/")[2]]
            text = shown[f"{operation.id}.{parameter['name']}"]
            assert f"in the {parameter['in']}" in text
            assert ("required" if parameter["required"] else "optional") in text
            assert not lacking(text, leaves(parameter["schema"]))
            rest = {key: value for key, value in parameter.items() if key in ("name", "description", "x-evidence")}
            assert not lacking(text, leaves(rest))
            titles = [bundled.contradictions[name]["title"] for name in parameter.get("x-contradictions", [])]
            assert not lacking(text, iter(titles))
            assert not parameter.get("x-client-parameter") or "set once" in text
        for name, value in operation.definition.get("x-request-headers", {}).items():
            assert value in shown[f"{operation.id}.{name}"]
        names = [name for choice in operation.definition["security"] for name in choice]
        assert names or "None is documented." in visible(page)
    for name, scheme in components.get("securitySchemes", {}).items():
        text = shown[f"scheme.{name}"]
        assert scheme["name"] in text
        assert plain(scheme["description"]) in text
        assert str(scheme["x-auth"].get("maxLength", "")) in text


def test_service_page_shows_each_status_and_its_body(bundled: BundledService, page: Path) -> None:
    shown = statements(page)
    for operation in bundled.service.operations:
        for status, response in operation.definition["responses"].items():
            text = shown[f"{operation.id}.{status}"]
            name = f"{status} {HTTPStatus(int(status)).phrase}" if status.isdecimal() else "Any other error"
            assert text.startswith(name)
            assert plain(response["description"]) in text
            assert response.get("x-confidence", "documented") in text
            for media, content in response["content"].items():
                assert media in text
                for part in content["schema"].get("allOf", [])[1:]:
                    assert not lacking(text, iter(promised(part, "")))


def promised(part: dict[str, Any], before: str) -> list[str]:
    below = [name for key, inner in part.get("properties", {}).items() for name in promised(inner, f"{before}{key}.")]
    return [f"{before}{name}" for name in part.get("required", [])] + below


def test_service_page_shows_each_recording_verbatim(bundled: BundledService, page: Path) -> None:
    blocks, shown = preformatted(page), statements(page)
    assert bundled.service.recordings
    for name, recording in bundled.service.recordings.items():
        assert f"recording.{name}" in shown
        assert recording.source.data["summary"] in visible(page)
        if recording.is_json:
            assert any(parsed(block) == recording.body for block in blocks)
        else:
            assert any(block.strip() == recording.text.strip() for block in blocks)
        if raw := recording.source.data.get("raw"):
            assert any(block.strip() == raw.strip() for block in blocks)


def parsed(block: str) -> Any:
    try:
        return json.loads(block)
    except ValueError:
        return None


def test_known_issues_are_once_on_the_service_page_and_linked_elsewhere(
    bundled: BundledService, page: Path, site: Path
) -> None:
    here, listed = visible(page), (site / "contradictions" / "index.html").read_text(encoding="utf-8")
    assert bundled.contradictions
    for name, entry in bundled.contradictions.items():
        for key in ("page", "other", "decision", "consequence"):
            text = plain(entry[key])
            # Short ones, such as "Nothing to do.", are those of several.
            assert here.count(text) == 1 or (text in here and len(text) < 60), (name, key)
        assert f'id="{name}"' in page.read_text(encoding="utf-8")
        assert f'href="../services/{bundled.name}/#{name}">{entry["title"].partition("`")[0]}' in listed


def test_service_page_begins_with_the_needs_of_a_call(bundled: BundledService, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    text = text[text.index("<article") :]
    operation, *_ = bundled.service.operations
    hosts = [each["url"] for each in bundled.document["servers"]]
    tokens = [each["name"] for each in bundled.document["components"].get("securitySchemes", {}).values()]
    order = [*hosts, *tokens, operation.path, "TypeScript", "200 OK", 'id="errors"', 'id="issues"', 'id="fields"']
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    regions = [
        value for each in bundled.document["servers"] for value in each["variables"].get("region", {}).get("enum", [])
    ]
    for region in regions:
        assert re.search(rf"<td>(<[^>]+>)*{region}</code></td>", text), region
    errors = text[text.index('id="errors"') : text.index('id="issues"')]
    for status in operation.definition["responses"]:
        assert (f"#{operation.id}.{status}" in errors) is not status.startswith("2")
    assert errors.count("Error</code>") == len(operation.definition["responses"]) - 1


def test_service_page_shows_each_evidence_entry(bundled: BundledService, page: Path) -> None:
    text, shown = visible(page), statements(page)
    for name, entry in bundled.entries.items():
        assert name in shown
        for key in ("section", "statement", "origin", "note", "confidence"):
            assert plain(entry.get(key, "")) in text, (name, key)
    for key in ("title", "edition", "sha256"):
        assert bundled.evidence["page"][key] in text
    for reading in bundled.evidence.get("interpretations", []):
        assert reading["id"] in page.read_text(encoding="utf-8")
        assert plain(reading["statement"]) in text
        assert plain(reading["origin"]) in text


def test_service_page_shows_meaning_of_each_job_state(bundled: BundledService, page: Path) -> None:
    text = visible(page)
    for schema in bundled.document["components"]["schemas"].values():
        for key, value in schema.get("x-job", {}).get("state", {}).items():
            if key != "field":
                for word in value:
                    assert f"{said(word)} {key}" in text, word


def test_site_contains_openapi_documents_for_tools(bundled: BundledService, site: Path) -> None:
    for path, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        text = (site / "openapi" / f"{bundled.name}.{path}").read_text(encoding="utf-8")
        assert read(text) == bundled.document
