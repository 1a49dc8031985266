"""Wait packages of other languages: their data, the command that writes them, and the pinned generators."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.cli import main
from generator.clients.wait_packages import LANGUAGES, RECIPES, service_data, wait_package
from generator.documents import Workspace
from generator.errors import ValidationError
from tests.interop.clients import __main__ as clients
from tests.interop.tools.table import tools
from tests.services.project import ROOT, make_project


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_project(tmp_path_factory.mktemp("made-up"))


def data_of(workspace: Workspace, name: str) -> dict[str, Any]:
    found = service_data(workspace.read(name))
    assert found is not None
    return found


def test_service_data_of_listing_has_rows_and_pages() -> None:
    data = data_of(Workspace(ROOT), "ges")
    assert (data["poll"]["argument"], data["poll"]["items"], data["poll"]["match"]) == ("", ["jobs"], ["jobId"])
    assert data["pages"]["offset"] == "offset"
    assert data["jobs"]["Job"]["started"]["zone"] == "+08:00"


def test_service_data_of_children_names_their_kind_and_mapping(made_up: Workspace) -> None:
    data = data_of(made_up, "tannery")
    kinds = [each["kind"] for each in data["jobs"][data["job"]]["children"]]
    assert kinds == ["one", "map"]
    assert data["jobs"]["Step"]["id"]
    nested = data_of(Workspace(ROOT), "cce")["jobs"]
    assert nested["SubJob"]["children"] == [{"path": ["spec", "subJobs"], "kind": "list", "job": "SubJob"}]


def test_service_data_of_cases_keeps_their_order_and_tests(made_up: Workspace) -> None:
    states = data_of(made_up, "forge")["jobs"]["Operation"]["states"]
    assert [each["is"] for each in states] == ["running", "failed", "succeeded"]
    assert states[1]["when"][0]["present"] is True
    conditions = json.dumps(data_of(made_up, "orchard")["jobs"])
    assert '{"key": "type", "text": ' in conditions


def test_service_data_of_poll_forms_has_their_fields(made_up: Workspace) -> None:
    assert data_of(made_up, "ferry")["poll"]["interval"] == 5
    assert data_of(made_up, "harbor")["poll"]["job"] == ["jobs", 0]
    assert data_of(made_up, "stall")["poll"]["bodyIsList"] is True
    beacon = data_of(made_up, "beacon")["poll"]
    assert (beacon["url"], beacon["statuses"]["202"]) == (True, "running")


@pytest.mark.parametrize("language", LANGUAGES)
def test_wait_package_of_made_up_services_has_each(language: str, made_up: Workspace) -> None:
    files = wait_package(language, made_up.select(None))
    text = "".join(text for name, text in files.items() if name.lower().startswith("services"))
    for name in made_up.service_names:
        assert (name.upper() if language == "java" else f"const {name}") in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_wait_package_knows_no_service(language: str) -> None:
    for path in (RECIPES / language / "wait").iterdir():
        text = path.read_text(encoding="utf-8").lower()
        assert not [name for name in Workspace(ROOT).service_names if f" {name} " in text], path


@pytest.mark.parametrize("language", LANGUAGES)
def test_wait_package_has_at_most_600_lines_of_code(language: str) -> None:
    lines = [
        line.strip()
        for path in (RECIPES / language / "wait").iterdir()
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    others = ("//", "/*", "*", "import ", "package ")
    assert len([line for line in lines if line and not line.startswith(others)]) <= 600


def test_wait_package_command_writes_and_replaces_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "src" / "wait"
    command = ["--project", str(ROOT), "wait-package", "typescript", "--output", str(folder), "--services", "ges"]
    assert [main(command), main(command)] == [0, 0]
    assert "export const ges: Service" in (folder / "services.ts").read_text(encoding="utf-8")
    (folder / "mine.ts").write_text("", encoding="utf-8")
    capsys.readouterr()
    assert main(command) == 1
    assert "mine.ts" in capsys.readouterr().err


def test_wait_package_of_service_without_poll_is_an_error(made_up: Workspace) -> None:
    service = made_up.read("forge")
    for item in service.document.data["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("x-poll", None)
    with pytest.raises(ValidationError) as caught:
        wait_package("java", [service])
    assert "must have an operation with x-poll, got none" in str(caught.value.problems[0])


def test_recipes_pin_the_versions_of_make_tools() -> None:
    npm = json.loads((RECIPES / "typescript" / "package.json").read_text(encoding="utf-8"))
    pinned = {**npm["dependencies"], **npm["devDependencies"]}
    for language in ("java", "go"):
        lines = (RECIPES / language / "requirements.txt").read_text(encoding="utf-8").split()
        pinned |= dict(line.split("==") for line in lines)
    known = {each for tool in tools() for each in tool.environment.packages}
    assert not [name for name, version in pinned.items() if not {f"{name}=={version}", f"{name}@{version}"} & known]


@pytest.mark.parametrize(("language", "needs"), [(each.name, each.advice) for each in clients.LANGUAGES])
def test_clients_without_toolchain_are_skipped_with_advice(
    language: str, needs: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert clients.main(["--language", language]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"- {language}: skipped, needs ")
    assert printed.endswith(f"{needs}\n")
    assert "apt-get install" in printed
