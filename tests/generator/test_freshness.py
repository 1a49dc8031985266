"""`python -m generator check` names each file that makes the committed distribution stale, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.client import differences
from tests.generator.directory_snapshots import OUTPUT, SERVICES, contents, first_difference, workshop

PACKAGE = f"{OUTPUT}/src/cloudjobs"
REMEDY = "Run `make generate`."


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def stale(tree: Path) -> list[str]:
    """Return the output of the command for a stale tree. Sees that it changes nothing."""
    before = contents(tree)
    done = workshop(tree, "check")
    assert first_difference(before, contents(tree)) is None
    assert done.returncode == 1, done.stdout
    assert "is up to date" not in done.stdout
    *problems, summary = done.stderr.splitlines()
    assert summary == f"{len(problems)} problem(s)."
    assert all(problem.endswith(REMEDY) for problem in problems)
    return problems


def test_check_command_fresh_tree_is_up_to_date(tree: Path) -> None:
    before = contents(tree)
    done = workshop(tree, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"documents, evidence and recordings of {', '.join(SERVICES)} are valid",
        f"{OUTPUT} is up to date",
    ]
    assert first_difference(before, contents(tree)) is None


RENDITIONS = [f"renditions/{name}.json" for name in ("ges-3.0", "joined", "postman")]
"""Renditions of the service `ges` that carry its descriptions and recordings."""


def test_check_command_in_another_folder_takes_the_project_option(tree: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = workshop(elsewhere, "check", "--project", tree, PYTHONPATH=str(tree))
    assert (done.returncode, done.stderr) == (0, "")
    done = workshop(elsewhere, "check", PYTHONPATH=str(tree))
    assert (done.returncode, done.stdout) == (1, "")
    assert "openapi: must contain an OpenAPI document <service>.yaml, got none. " in done.stderr


def test_check_command_edited_document_names_stale_files(tree: Path) -> None:
    edited(tree / "openapi" / "ges.yaml", "description: Name of the graph", "description: The name of the graph")
    why = "differs from the generator's output: openapi/ges.yaml changed after it was generated."
    package = ["ges/async_client.py", "ges/client.py", "ges/openapi.json", *RENDITIONS]
    package.append("renditions/arazzo.json")
    files = [f"{OUTPUT}/SOURCE.json", *(f"{PACKAGE}/{file}" for file in package)]
    assert sorted(stale(tree)) == sorted(f"{file}: {why} {REMEDY}" for file in files)


@pytest.mark.parametrize(
    ("change", "named", "files"),
    [
        pytest.param(
            lambda tree: edited(tree / "openapi" / "evidence" / "cce.yaml", "Reading Job Progress", "Job Progress"),
            "openapi/evidence/cce.yaml",
            {f"{OUTPUT}/SOURCE.json"},
            id="evidence",
        ),
        pytest.param(
            lambda tree: edited(
                tree / "openapi" / "recordings" / "ges" / "graph-not-found.yaml", "summary: A", "summary: One"
            ),
            "openapi/recordings/ges/graph-not-found.yaml",
            {
                f"{OUTPUT}/SOURCE.json",
                *(f"{PACKAGE}/{file}" for file in ("ges/openapi.json", "ges/recordings.json", *RENDITIONS)),
            },
            id="recording",
        ),
        pytest.param(
            lambda tree: edited(tree / "generator" / "client" / "runtime" / "errors.py", '"""', '"""My '),
            "generator/client/runtime/errors.py",
            {f"{OUTPUT}/SOURCE.json", f"{PACKAGE}/errors.py"},
            id="runtime",
        ),
        pytest.param(
            lambda tree: edited(tree / "generator" / "client" / "templates" / "README.md.jinja", "# ", "# My "),
            "generator/client/templates/README.md.jinja",
            {f"{OUTPUT}/SOURCE.json", f"{OUTPUT}/README.md"},
            id="template",
        ),
        pytest.param(
            lambda tree: edited(tree / "LICENSE", "Apache", "apache"),
            "LICENSE",
            {f"{OUTPUT}/SOURCE.json", f"{OUTPUT}/LICENSE"},
            id="licence",
        ),
    ],
)
def test_check_command_changed_input_names_its_outputs(
    change: Callable[[Path], None], named: str, files: set[str], tree: Path
) -> None:
    change(tree)
    problems = stale(tree)
    assert {problem.partition(":")[0] for problem in problems} == files
    assert all(
        f"differs from the generator's output: {named} changed after it was generated." in problem
        for problem in problems
    )


def test_check_command_removed_recording_is_reported(tree: Path) -> None:
    (tree / "openapi" / "recordings" / "yuanrong" / "job-not-found.yaml").unlink()
    edited(tree / "openapi" / "yuanrong.yaml", "          x-recordings: [job-not-found]\n", "")
    done = workshop(tree, "check")
    # The contradictions that rest on it are in the way first.
    assert done.returncode == 1
    assert "got no recording job-not-found" in done.stderr


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(
            lambda package: (package / "mine.py").write_text("mine\n", encoding="utf-8"),
            "mine.py: must not exist: the generator does not write it.",
            id="added",
        ),
        pytest.param(
            lambda package: (package / "ges" / "models.py").unlink(),
            "ges/models.py: is missing from the output.",
            id="deleted",
        ),
        pytest.param(
            lambda package: edited(package / "errors.py", "class ", "class  "),
            "errors.py: differs from the generator's output.",
            id="edited",
        ),
    ],
)
def test_check_command_changed_output_file_is_reported(
    change: Callable[[Path], None], problem: str, tree: Path
) -> None:
    change(tree / PACKAGE)
    assert stale(tree) == [f"{PACKAGE}/{problem} {REMEDY}"]


def test_check_command_missing_output_lists_all_files(tree: Path) -> None:
    (tree / OUTPUT).rename(tree / "elsewhere")
    names = [name for name, content in contents(tree / "elsewhere").items() if content is not None]
    assert stale(tree) == [f"{OUTPUT}/{name}: is missing from the output. {REMEDY}" for name in names]


def test_differences_compiled_python_is_ignored(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "SOURCE.json").write_text('{"inputs": {}}', encoding="utf-8")

    make(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"compiled")
    assert differences(make, tmp_path) == []


@pytest.mark.parametrize(
    "manifest",
    ["", "{}", "not JSON", *(pytest.param(text) for text in ("[]", "null", '{"inputs": 1}'))],
)
def test_differences_invalid_manifest_is_stale(manifest: str, tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "SOURCE.json").write_text('{"inputs": {"a": "1"}}', encoding="utf-8")

    (tmp_path / "SOURCE.json").write_text(manifest, encoding="utf-8")
    [problem] = differences(make, tmp_path)
    assert (problem.file, problem.message) == (tmp_path / "SOURCE.json", "differs from the generator's output")


def test_check_command_services_option_skips_distribution(tree: Path) -> None:
    (tree / PACKAGE / "errors.py").unlink()
    done = workshop(tree, "check", "--services", SERVICES[0])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"documents, evidence and recordings of {SERVICES[0]} are valid"]
