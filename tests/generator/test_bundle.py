"""The bundled copy of a document: all that another tool needs, with recordings as examples and evidence by its ids.

Tools that know nothing of this project read it: the validator of OpenAPI 3.1 and the stock openapi-python-client.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from generator.cli import main
from generator.documents import Service
from generator.documents.bundle import bundle
from generator.documents.json_pointer import child, find, resolve
from generator.evidence import trace
from tests.generator.directory_snapshots import SERVICES
from tests.generator.edits import all_of, drop, put, with_document, with_evidence, with_recording
from tests.reference import REFERENCE

Services = dict[str, Service]
DERIVED = ("examples", "unevaluatedProperties", "x-evidence", "x-contradictions", "x-confidence")
BIN = Path(sys.executable).parent

each_service = pytest.mark.parametrize("name", REFERENCE)


@pytest.fixture(scope="session")
def documents(bundles: list[tuple[Service, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    return {service.name: document for service, document in bundles}


@pytest.fixture(scope="session")
def files(documents: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled documents as files, written by the verb."""
    folder = tmp_path_factory.mktemp("bundle") / "new"
    assert main(["bundle", "--output", str(folder)]) == 0
    return folder


@each_service
def test_bundle_examples_equal_the_recorded_bodies(
    name: str, services: Services, documents: dict[str, dict[str, Any]]
) -> None:
    seen = {}
    for pointer, media in find(documents[name], "/paths/*/*/responses/*/content/*"):
        by_hand = resolve(services[name].document.data, pointer).get("examples", {})
        for example, told in media.get("examples", {}).items():
            if example in by_hand:
                assert told == by_hand[example]
                continue
            recording = services[name].recordings[example]
            operation, _, rest = pointer.partition("/responses/")
            assert resolve(documents[name], operation)["operationId"] == recording.operation
            assert rest == f"{recording.status}/content/{recording.content_type.replace('/', '~1')}"
            assert json.dumps(told["value"]) == json.dumps(json.loads(recording.text))
            assert told == {"summary": recording.source.data["summary"], "value": told["value"]}
            seen[example] = pointer
    assert seen.keys() == services[name].recordings.keys()


@each_service
def test_bundle_parameters_have_the_recorded_values_under_the_name_of_the_response(
    name: str, services: Services, documents: dict[str, dict[str, Any]]
) -> None:
    found = {
        (example, parameter["in"], parameter["name"]): told["value"]
        for _, parameter in find(documents[name], "/components/parameters/*")
        for example, told in parameter.get("examples", {}).items()
    }
    assert found == {
        (recording.id, "header" if place == "headers" else place, key): value
        for recording in services[name].recordings.values()
        for place in ("path", "query", "headers")
        for key, value in recording.source.data["request"].get(place, {}).items()
    }
    assert found


def test_bundle_header_of_a_recording_is_an_example_in_any_case(services: Services) -> None:
    service = with_recording(
        services["ief"], "get-batch-job-successful", put("/request/headers", {"IEF-Instance-ID": "7"})
    )
    [parameter] = [
        each for _, each in find(bundle(service, trace(service)), "/components/parameters/*") if each["in"] == "header"
    ]
    assert parameter["examples"]["get-batch-job-successful"]["value"] == "7"


def test_bundle_body_without_json_is_a_string_example(services: Services) -> None:
    told = all_of(put("/content_type", "text/plain"), put("/body", {"looks": "like JSON"}))
    service = with_recording(services["ges"], "graph-not-found", told)
    plain = {"text/plain": {"schema": {"type": "string"}}}
    service = with_document(service, put("/paths/*/get/responses/400/content", plain))
    [media] = [media for _, media in find(bundle(service, trace(service)), "/paths/*/get/responses/400/content/*")]
    assert media["examples"]["graph-not-found"]["value"] == '{"looks": "like JSON"}'


@each_service
def test_bundle_leaves_the_source_document_unchanged(name: str, services: Services) -> None:
    service = services[name]
    before = deepcopy(service.document.data)
    document = bundle(service, trace(service))
    document["info"]["title"] = "Mine"
    document["components"]["schemas"].clear()
    assert service.document.data == before


@each_service
def test_bundle_adds_only_derived_keys(name: str, services: Services, documents: dict[str, dict[str, Any]]) -> None:
    def without(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            names = key in ("properties", "parameters", "schemas")
            return {member: without(inner, member) for member, inner in value.items() if names or member not in DERIVED}
        return [without(item) for item in value] if isinstance(value, list) else value

    assert json.dumps(without(documents[name])) == json.dumps(without(services[name].document.data))


@each_service
def test_bundle_evidence_ids_exist_in_the_evidence(
    name: str, services: Services, documents: dict[str, dict[str, Any]]
) -> None:
    evidence = services[name].evidence.data
    known = {entry["id"] for part in ("rows", "observed", "facts", "contradictions") for entry in evidence[part]}
    contradictions = {entry["id"] for entry in evidence["contradictions"]}
    shown = list(values_of("x-evidence", documents[name]))
    assert shown
    for ids in shown:
        assert set(ids) <= known
        assert len(set(ids)) == len(ids) > 0
    about = list(values_of("x-contradictions", documents[name]))
    assert about
    for ids in about:
        assert set(ids) <= contradictions
        assert len(set(ids)) == len(ids) > 0


@each_service
def test_bundle_each_carried_row_is_in_x_evidence(
    name: str, services: Services, documents: dict[str, dict[str, Any]]
) -> None:
    evidence = services[name].evidence.data
    shown = {each for ids in values_of("x-evidence", documents[name]) for each in ids}
    carried = {row["id"] for part in ("rows", "observed") for row in evidence[part] if "documents" in row}
    # An address of the service is not a claim of the document: nothing contradicts or constrains it.
    carried -= {row["id"] for row in evidence["rows"] if row["kind"] == "server"}
    assert carried - shown == set()


@each_service
def test_bundle_each_contradiction_is_in_x_contradictions(
    name: str, services: Services, documents: dict[str, dict[str, Any]]
) -> None:
    evidence = services[name].evidence.data
    shown = {each for ids in values_of("x-contradictions", documents[name]) for each in ids}
    carried = {row["id"] for part in ("rows", "observed") for row in evidence[part] if "documents" in row}
    # A contradiction without a decision and without a row in the document has no place there: an example that is not
    # JSON, a rejected row.
    placed = {
        entry["id"] for entry in evidence["contradictions"] if entry.get("resolution") or carried & set(entry["rows"])
    }
    assert shown == placed


@each_service
def test_bundle_confidence_equals_that_of_the_evidence(
    name: str, services: Services, documents: dict[str, dict[str, Any]]
) -> None:
    result = trace(services[name])
    tried = 0
    for pattern in (
        "/components/schemas/*/properties/*",
        "/components/parameters/*",
        "/components/securitySchemes/*",
        "/paths/*/*/responses/*",
    ):
        for pointer, thing in find(documents[name], pattern):
            assert thing["x-confidence"] == result.confidence(pointer)
            tried += 1
    assert tried
    assert not list(values_of("x-confidence", services[name].document.data["components"]))


def test_bundle_supported_element_has_confidence_of_fact(services: Services) -> None:
    index = [fact["id"] for fact in services["cce"].evidence.data["facts"]].index("cce.fact.errors")
    service = with_evidence(services["cce"], put(f"/facts/{index}/confidence", "inferred"))
    document = bundle(service, trace(service))
    assert document["components"]["schemas"]["ServiceError"]["properties"]["errorCode"]["x-confidence"] == "inferred"
    assert document["components"]["schemas"]["Job"]["properties"]["kind"]["x-confidence"] == "documented"


@each_service
def test_bundle_is_valid_openapi_3_1(name: str, documents: dict[str, dict[str, Any]]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(documents[name]).iter_errors()] == []


def test_openapi_validator_invalid_document_is_rejected(documents: dict[str, dict[str, Any]]) -> None:
    document = deepcopy(documents[SERVICES[0]])
    drop("/info/title")(document)
    assert list(OpenAPIV31SpecValidator(document).iter_errors())


@each_service
def test_bundle_command_writes_the_bundled_documents(
    name: str, files: Path, documents: dict[str, dict[str, Any]]
) -> None:
    text = (files / f"{name}.json").read_text(encoding="utf-8")
    assert text == json.dumps(documents[name], indent=2, ensure_ascii=False) + "\n"
    of_each = [f"{each}{suffix}" for each in SERVICES for suffix in ("", "-3.0", "-vectors")]
    names = [*of_each, "joined", "postman", "arazzo"]
    assert sorted(path.name for path in files.iterdir()) == sorted(f"{each}.json" for each in names)


@each_service
def test_bundle_is_accepted_by_openapi_python_client(name: str, files: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [
            BIN / "openapi-python-client",
            "generate",
            "--fail-on-warning",
            "--path",
            files / f"{name}.json",
            "--output-path",
            tmp_path / "stock",
        ],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    [package] = [path.parent for path in (tmp_path / "stock").glob("*/__init__.py")]
    modules = f"pkgutil.walk_packages({package.name}.__path__, '{package.name}.')"
    everything = f"print(len([importlib.import_module(each.name) for each in {modules}]))"
    code = f"import importlib, pkgutil, {package.name}; {everything}"
    imported = subprocess.run(
        [sys.executable, "-c", code], cwd=package.parent, capture_output=True, text=True, check=False, timeout=60
    )
    assert imported.returncode == 0, imported.stderr
    assert int(imported.stdout) > 5


def values_of(key: str, value: Any, pointer: str = "") -> Iterator[Any]:
    """Yield every value under that key, at any depth."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        if name == key:
            yield member
        else:
            yield from values_of(key, member, child(pointer, name))
