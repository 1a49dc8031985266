"""Another team makes the distribution under its own name, with the services that it needs."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.generator.directory_snapshots import ROOT, SERVICES, contents, python, workshop


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another team's distribution: two services under another name, made by the command line."""
    folder = tmp_path_factory.mktemp("other") / "theirs"
    services = ",".join(SERVICES[:2])
    made = workshop(ROOT, "client", "--package", "acme_jobs", "--services", services, "--output", folder)
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == f"{folder}: acme_jobs with {', '.join(SERVICES[:2])}"
    return folder


def test_custom_package_contains_only_requested_services(other: Path) -> None:
    package = other / "src" / "acme_jobs"
    assert sorted(path.parent.name for path in package.glob("*/openapi.json")) == SERVICES[:2]
    manifest = json.loads((other / "SOURCE.json").read_text(encoding="utf-8"))
    assert (manifest["package"], manifest["services"]) == ("acme_jobs", SERVICES[:2])
    assert not [name for name in manifest["inputs"] if any(f"/{left}" in name for left in SERVICES[2:])]


def test_custom_package_is_a_separate_distribution(other: Path) -> None:
    project = tomllib.loads((other / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["name"] == "acme-jobs"
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["src/acme_jobs"]


def test_custom_package_names_no_other_package(other: Path) -> None:
    assert [
        name for name, content in contents(other).items() if name != "LICENSE" and content and b"cloudjobs" in content
    ] == []


def test_custom_package_modules_import_without_warnings(other: Path) -> None:
    code = """
import importlib, pkgutil, acme_jobs
for each in pkgutil.walk_packages(acme_jobs.__path__, "acme_jobs."):
    if not each.name.endswith(("__main__", ".airflow._sensor")):  # `make airflow` imports the latter
        importlib.import_module(each.name)
for name in acme_jobs.__all__:
    assert getattr(acme_jobs, name)
print(*acme_jobs.services(), *(acme_jobs.document(name)["openapi"] for name in acme_jobs.services()))
"""
    done = python(other / "src", "-W", "error", "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*SERVICES[:2], "3.1.0", "3.1.0"]


def test_custom_package_base_url_has_its_own_variable(other: Path) -> None:
    client = f"{SERVICES[0].capitalize()}Client"
    code = f"import acme_jobs; print(acme_jobs.{client}())"
    variable = f"ACME_JOBS_{SERVICES[0].upper()}_URL"
    done = python(other / "src", "-c", code, **{variable: "https://jobs.example.com/"})
    assert done.stdout.strip() == f"<{client} https://jobs.example.com>", done.stderr


@pytest.mark.exhaustive
def test_custom_package_passes_strict_mypy(other: Path, tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    # `make airflow` checks the modules that import Airflow, with its types.
    without_airflow = "[mypy-airflow.*]\nignore_missing_imports = True\n"
    config.write_text(f"[mypy]\n{without_airflow}[mypy-acme_jobs.airflow.*]\ndisallow_subclassing_any = False\n")
    settings = ("--strict", "--python-version", "3.11", "--config-file", config, "--cache-dir", tmp_path)
    done = python(other / "src", "-m", "mypy", *settings, "--package", "acme_jobs")
    assert done.returncode == 0, done.stdout + done.stderr
