"""Texts and names of a document: they are unchanged in the generated Python, or rejected by name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from generator.client import Distribution, build
from generator.documents import Service, Workspace
from generator.documents.bundle import bundle
from generator.errors import Problem, ValidationError
from generator.evidence import trace
from tests.generator.directory_snapshots import contents
from tests.generator.edits import all_of, put, with_document

pytestmark = pytest.mark.sampled(3)

DESCRIPTIONS = (
    "/info/description",
    "/info/summary",
    "/paths/*/get/description",
    "/components/schemas/Job/description",
    "/components/schemas/Job/properties/jobId/description",
    "/components/parameters/limit/description",
)
TITLES = ("/info/title", "/paths/*/get/summary")
"""Places of a document's texts in the generated Python."""


@pytest.mark.parametrize(
    "text", ['a "quoted" word', "it's", "{{ braces }}", "{% tag %}", "ends with \\", "\\d", "\\N{x}", '"""']
)
def test_build_any_description_stays_a_string(
    text: str, workspace: Workspace, services: dict[str, Service], tmp_path: Path
) -> None:
    told = {place: f"Text {index}: {text}." for index, place in enumerate(DESCRIPTIONS)}
    assert missing_strings(told, workspace, services["ges"], tmp_path) == []


@pytest.mark.parametrize("text", ['a "quoted" word', "it's", "{{ braces }}", "{% tag %}"])
def test_build_any_title_stays_a_string(
    text: str, workspace: Workspace, services: dict[str, Service], tmp_path: Path
) -> None:
    told = {place: f"Text {index}: {text}" for index, place in enumerate(TITLES)}
    assert missing_strings(told, workspace, services["ges"], tmp_path) == []


@pytest.mark.parametrize("place", TITLES)
@pytest.mark.parametrize("text", ['"""', "\\d"])
def test_build_title_with_python_escapes_stays_a_string(
    text: str, place: str, workspace: Workspace, services: dict[str, Service], tmp_path: Path
) -> None:
    assert missing_strings({place: f"Text: {text}"}, workspace, services["ges"], tmp_path) == []


def missing_strings(told: dict[str, str], workspace: Workspace, service: Service, folder: Path) -> list[str]:
    """Return texts put into a document that none of the strings in the Python made of it says."""
    edited = with_document(service, all_of(*(put(place, text) for place, text in told.items())))
    build(Distribution(workspace, [(edited, bundle(edited, trace(edited)))]), folder)
    # Warnings are errors here, that of an invalid escape among them.
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")]
    said = [
        " ".join(node.value.split())
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [text for text in told.values() if not any(text in each for each in said)]


class TestBuildUnsupportedFields:
    def refused(self, workspace: Workspace, service: Service, folder: Path, *names: str) -> list[Problem]:
        """Return the problems of a document with further schemas of these names, to which properties refer."""
        schema = {"description": "It.", "type": "object", "properties": {"a": {"description": "A.", "type": "string"}}}
        edits = [put(f"/components/schemas/{name}", schema) for name in names]
        edits += [
            put(f"/components/schemas/Job/properties/{name}", {"$ref": f"#/components/schemas/{name}"})
            for name in names
        ]
        wider = with_document(service, all_of(*edits))
        with pytest.raises(ValidationError) as caught:
            build(Distribution(workspace, [(wider, bundle(wider, trace(wider)))]), folder)
        assert contents(folder) == {}
        return caught.value.problems

    def test_build_schema_named_as_the_module_of_models_is_rejected(
        self, workspace: Workspace, services: dict[str, Service], tmp_path: Path
    ) -> None:
        [problem] = self.refused(workspace, services["ges"], tmp_path, "LazyList")
        assert (problem.file, problem.pointer) == (services["ges"].document.path, "/components/schemas/LazyList")
        assert problem.message == "must have another name, got LazyList, a name of the client"
