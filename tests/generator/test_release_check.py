"""`release-check`: each thing that keeps a release from being uploaded is said, with what to do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import attrs
import pytest

from generator.cli import main
from generator.contract.diff import Change, Difference, Direction, Effect, compare_documents
from generator.documents import Workspace
from generator.release import CheckResult, checks, report
from tests.generator.directory_snapshots import OUTPUT, ROOT

PACKAGE = "cloudjobs"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is missing")


def difference(name: str, effect: Effect | None, old: str | None = "0.1.0", new: str | None = "0.1.0") -> Difference:
    changes = (Change(effect, Direction.RESPONSE, "something", "somehow"),) if effect else ()
    return Difference(name, old, new, changes)


class TestVersionCheck:
    """The package's version after the last release's."""

    def test_version_first_release_is_ok(self) -> None:
        assert checks.check_version("0.1.0", None, []).is_ok

    @pytest.mark.parametrize(
        ("now", "effect", "is_ok"),
        [
            ("0.1.0", None, False),
            ("0.1.1", None, True),
            ("0.1.1", Effect.NEUTRAL, True),
            ("0.1.1", Effect.COMPATIBLE, False),
            ("0.2.0", Effect.COMPATIBLE, True),
            ("0.2.0", Effect.BREAKING, True),
            ("0.1.1", Effect.BREAKING, False),
            ("0.0.9", None, False),
            ("1.0", None, False),
        ],
    )
    def test_version_step_must_match_document_changes(self, now: str, effect: Effect | None, is_ok: bool) -> None:
        found = checks.check_version(now, "0.1.0", [difference("cce", effect), difference("ges", None)])
        assert found.is_ok is is_ok, found

    def test_version_corrected_document_needs_a_minor_step(self) -> None:
        assert checks.check_version("1.3.0", "1.2.3", [difference("cce", Effect.BREAKING)]).is_ok

    def test_version_removed_service_needs_a_major_step(self) -> None:
        gone = [difference("cce", Effect.BREAKING, new=None)]
        assert not checks.check_version("1.3.0", "1.2.3", gone).is_ok
        assert checks.check_version("2.0.0", "1.2.3", gone).is_ok

    def test_documents_breaking_change_needs_its_own_version(self) -> None:
        found = checks.check_documents("0.1.0", [difference("cce", Effect.BREAKING), difference("ges", None)])
        assert (found.is_ok, found.summary) == (False, "cce must be 0.2.0 or later, got 0.1.0")
        found = checks.check_documents("0.1.0", [difference("cce", Effect.BREAKING, new="0.2.0")])
        assert (found.is_ok, found.summary) == (True, "against v0.1.0: cce major")


class TestChangelogCheck:
    """The section of the version."""

    def test_changelog_dated_section_with_entries_is_ok(self) -> None:
        text = (
            "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-26\n\n- One.\n- Two.\n\n## [0.1.0] - 2026-01-01\n"
        )
        found = checks.check_changelog(text, "0.2.0")
        assert (found.is_ok, found.summary) == (True, "[0.2.0] of 2026-11-26, 2 entries")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("## [Unreleased]\n\n- One.\n", "CHANGELOG.md must have a section [0.2.0], got none"),
            (
                "## [Unreleased]\n\n- Left.\n\n## [0.2.0] - 2026-11-26\n\n- One.\n",
                "[Unreleased] must be empty, got 1 entries",
            ),
            ("## [0.2.0]\n\n- One.\n", "[0.2.0] must have a date, got none"),
            ("## [0.2.0] - 2026-13-26\n\n- One.\n", "[0.2.0] must have a date, got 2026-13-26"),
            ("## [0.2.0] - 2026-11-26\n\n## [0.1.0] - 2026-01-01\n\n- One.\n", "[0.2.0] must have entries, got none"),
        ],
    )
    def test_changelog_invalid_section_is_reported(self, text: str, said: str) -> None:
        found = checks.check_changelog(text, "0.2.0")
        assert (found.is_ok, found.summary) == (False, said)
        assert found.remedy

    def test_changelog_of_this_checkout_is_readable(self) -> None:
        text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert "must have a section" in checks.check_changelog(text, "999.0.0").summary


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel and an sdist as `make dist` makes them."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT / OUTPUT]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return folder


@pytest.fixture
def files(dist: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Copies of both, to spoil."""
    copied = shutil.copytree(dist, tmp_path / "dist")
    (whl,), (sdist,) = copied.glob("*.whl"), copied.glob("*.tar.gz")
    return whl, sdist


class TestArtifactChecks:
    """The files that are to be uploaded."""

    def test_artifacts_of_make_dist_are_ok(self, files: tuple[Path, Path]) -> None:
        whl, sdist = files
        version = whl.name.split("-")[1]
        found, one, other = checks.check_build(whl.parent, PACKAGE, version)
        assert (found.is_ok, one, other) == (True, whl, sdist)
        assert [each for each in checks.check_contents(whl, sdist, ROOT / OUTPUT) if not each.is_ok] == []
        assert checks.check_metadata(whl, PACKAGE, version).is_ok

    def test_artifacts_other_version_or_old_file_is_reported(self, files: tuple[Path, Path], tmp_path: Path) -> None:
        whl, _ = files
        assert not checks.check_build(whl.parent, PACKAGE, "9.9.9")[0].is_ok
        (whl.parent / "cloudjobs-0.0.1.tar.gz").write_bytes(b"")
        assert "cloudjobs-0.0.1.tar.gz" in checks.check_build(whl.parent, PACKAGE, whl.name.split("-")[1])[0].summary
        assert checks.check_build(tmp_path / "none", PACKAGE, "0.1.0")[0].summary.endswith(" alone, got no files")
        assert checks.check_metadata(whl, PACKAGE, "9.9.9").summary.startswith("Version must be 9.9.9, got ")

    def test_artifacts_unreadable_file_is_reported(self, files: tuple[Path, Path]) -> None:
        whl, sdist = files
        version = whl.name.split("-")[1]
        for file in (sdist, whl):
            whole = file.read_bytes()
            for spoilt in (b"nothing like it", whole[: len(whole) // 2]):
                file.write_bytes(spoilt)
                found, *_ = checks.check_build(whl.parent, PACKAGE, version)
                assert (found.is_ok, found.summary) == (False, f"{file.name} cannot be read")
            file.write_bytes(whole)

    def test_artifacts_wheel_without_metadata_is_reported(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "x.whl", "w") as archive:
            archive.writestr("cloudjobs/py.typed", b"")
        found = checks.check_metadata(tmp_path / "x.whl", PACKAGE, "0.1.0")
        assert (found.is_ok, found.summary.partition(",")[0]) == (False, f"Name must be {PACKAGE}")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (("drop", "cloudjobs/py.typed"), "lacks cloudjobs/py.typed"),
            (("add", "tests/test_x.py"), "has besides the package tests/test_x.py"),
            (("alter", "cloudjobs/__init__.py"), "differs in cloudjobs/__init__.py"),
        ],
    )
    def test_artifacts_wheel_differing_from_folder_is_reported(
        self, files: tuple[Path, Path], change: tuple[str, str], said: str
    ) -> None:
        whl, sdist = files
        how, name = change
        with zipfile.ZipFile(whl) as archive:
            contents = {each: archive.read(each) for each in archive.namelist()}
        if how == "drop":
            del contents[name]
        else:
            contents[name] = b"# other\n"
        with zipfile.ZipFile(whl, "w") as archive:
            for each, data in contents.items():
                archive.writestr(each, data)
        first, second = checks.check_contents(whl, sdist, ROOT / OUTPUT)
        assert (first.is_ok, first.summary) == (False, said)
        assert second.is_ok


REQUIRED = [
    "attrs>=23.2",
    "httpx<1,>=0.27",
    "aiohttp>=3.11; extra == 'aio'",
    "tomli>=2; (python_version < '3.11') and extra == 'cli'",
    "httpx<1,>=0.27; extra == 'testing'",
]


def component(name: str, *licences: str | dict[str, Any], version: str = "1.0") -> dict[str, Any]:
    stated = [each if isinstance(each, dict) else {"license": {"id": each}} for each in licences]
    return {"name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}", "licenses": stated}


class TestBillOfMaterials:
    """The bill of materials, and the licences in it."""

    def bill(self, tmp_path: Path, *components: dict[str, Any], **others: Any) -> list[CheckResult]:
        root = {"name": PACKAGE, "version": "0.1.0"}
        data = {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "metadata": {"component": root},
            "components": components,
        }
        path = tmp_path / "x.cdx.json"
        path.write_text(json.dumps(data | others))
        return list(checks.check_sbom(path, REQUIRED[:3], PACKAGE, "0.1.0"))

    def test_requirements_of_extras_are_in_pip_format(self) -> None:
        assert checks.requirements(REQUIRED) == [
            "attrs>=23.2",
            "httpx<1,>=0.27",
            "aiohttp>=3.11",
            "tomli>=2 ; (python_version < '3.11')",
        ]

    def test_bill_complete_with_allowed_licences_is_ok(self, tmp_path: Path) -> None:
        found = self.bill(
            tmp_path,
            component("attrs", "MIT"),
            component("httpx", {"license": {"name": "License :: OSI Approved :: BSD License"}}),
            component("AioHTTP", {"expression": "Apache-2.0 AND MIT"}),
            component("either", {"expression": "GPL-3.0-only OR MIT"}),
        )
        assert [each.is_ok for each in found] == [True, True]
        assert found[0].summary == "x.cdx.json, CycloneDX 1.6, 4 packages"

    def test_bill_missing_dependency_is_reported(self, tmp_path: Path) -> None:
        first, _ = self.bill(tmp_path, component("attrs", "MIT"), component("httpx", "MIT"))
        assert (first.is_ok, first.summary) == (False, "must have aiohttp, got no such package")

    @pytest.mark.parametrize(
        "licences", [("GPL-3.0-only",), (), ("MIT", "GPL-3.0-only"), ({"expression": "MIT AND X"},)]
    )
    def test_bill_restrictive_licence_is_reported(self, tmp_path: Path, licences: tuple[str, ...]) -> None:
        others = [component(name, "MIT") for name in ("attrs", "httpx")]
        _, second = self.bill(tmp_path, *others, component("aiohttp", *licences))
        assert not second.is_ok
        assert second.summary.startswith("aiohttp (")

    def test_bill_invalid_file_is_reported(self, tmp_path: Path) -> None:
        path = tmp_path / "x.cdx.json"
        for text in (None, "no JSON", "{}", '{"bomFormat": "SPDX", "components": [], "metadata": {"component": {}}}'):
            if text is not None:
                path.write_text(text)
            (found,) = checks.check_sbom(path, [], PACKAGE, "0.1.0")
            assert (found.is_ok, found.summary) == (
                False,
                "x.cdx.json must be a CycloneDX bill of materials, got another file",
            )
        other = self.bill(tmp_path, metadata={"component": {"name": PACKAGE, "version": "0.0.9"}})
        assert other[0].summary == f"must be of {PACKAGE} 0.1.0, got cloudjobs 0.0.9"


@needs_git
def test_tree_uncommitted_files_are_reported(tmp_path: Path) -> None:
    assert checks.check_tree(tmp_path).summary == "must be a git repository, got another folder"
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert checks.check_tree(tmp_path).is_ok
    (tmp_path / "new.txt").write_text("")
    found = checks.check_tree(tmp_path)
    assert (found.is_ok, found.summary) == (False, "all files must be committed, got 1 changed, new.txt first")


def test_install_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    found = checks.install_dependencies([], ROOT / "requirements" / "workshop.txt", tmp_path / "file" / "wheel-env")
    assert found is not None
    assert "cannot be written" in found.summary


def test_release_tools_missing_are_reported(tmp_path: Path) -> None:
    found = checks.check_with_twine(tmp_path, [tmp_path / "x.whl"])
    assert not found.is_ok
    assert "No such file or directory" in found.summary
    wrong = checks.write_sbom(tmp_path, tmp_path, tmp_path / "pyproject.toml", tmp_path / "x.json")
    assert wrong is not None
    assert "No such file or directory" in wrong.summary


def test_report_failed_check_has_a_fix() -> None:
    lines = list(report([CheckResult("version", "0.1.0"), CheckResult("build", "nothing", "Run make dist")]))
    assert lines == [
        "ok      version       0.1.0",
        "FAILED  build         nothing",
        "                      -> Run make dist",
    ]


def test_release_check_command_failure_lists_all_and_exits_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["release-check", "--dist", str(tmp_path / "dist"), "--work", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "FAILED  build         dist/ must have " in printed
    assert "-> Run make dist" in printed
    for name in ("tree", "version", "changelog", "documents", "freshness"):
        assert name in printed
    assert printed.endswith("checks failed: do not upload the release\n")
    assert list(tmp_path.iterdir()) == []


def test_documents_newer_version_than_tag_is_ok() -> None:
    workspace = Workspace(ROOT)
    service = workspace.read("cce")
    older = attrs.evolve(
        service.document, data={**service.document.data, "info": {**service.document.data["info"], "version": "0.0.1"}}
    )
    assert checks.check_documents("0.0.1", [compare_documents(workspace, "cce", older, service.document)]).is_ok
