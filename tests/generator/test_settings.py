"""The settings file `cloudjobs.toml`: defaults, and an error with line and example for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.documents import Settings, Workspace
from generator.documents.settings import SiteSettings
from generator.errors import ValidationError


def read(folder: Path, text: str) -> Settings:
    (folder / "cloudjobs.toml").write_text(text, encoding="utf-8")
    return Settings.read(folder)


def test_settings_missing_file_has_defaults(tmp_path: Path) -> None:
    settings = Settings.read(tmp_path)
    assert (settings.package, settings.version, settings.services, settings.standalone) == (None, None, None, False)


def test_settings_each_key_is_read(tmp_path: Path) -> None:
    text = """
package = "acme_jobs"
version = "1.2.0"
description = "Clients."
services = ["tasks", "runs"]
output = "clients/acme"
standalone = true
regenerate = "make client"
guides = "docs"
navigation = "docs/navigation.yaml"

[site]
name = "Acme Jobs"
colour = "#7a1fa2"
"""
    settings = read(tmp_path, text)
    assert settings == Settings(
        tmp_path / "cloudjobs.toml",
        "acme_jobs",
        "1.2.0",
        "Clients.",
        ["tasks", "runs"],
        "clients/acme",
        True,
        "make client",
        "docs",
        "docs/navigation.yaml",
        SiteSettings("Acme Jobs", colour="#7a1fa2"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "package = acme",
            "cloudjobs.toml:1: must be valid TOML, got an error: Invalid value. Write lines such as package = ",
        ),
        (
            '\npackage = "Acme-Jobs"',
            ":2: package must be an import name of lower-case letters, digits and _, got 'Acme-Jobs'",
        ),
        ('package = "class"', "got 'class'. Write for example package = "),
        (
            '[site]\nlogo = "../logo.svg"',
            ":2: site.logo must be an .svg or .png file below the project, got '../logo.svg'. ",
        ),
        (
            '[site]\n\ncolour = "#ffee00"',
            ":3: site.colour must be a colour #rrggbb with a contrast to white of at least",
        ),
        ('site = "Acme"', "site must be a table, got 'Acme'. Write for example [site] and name = "),
        (
            '[site]\ntitle = "Acme"',
            ":2: site.title must be the name of a setting. Choose from name, description, notice, logo, ",
        ),
        (
            '[site]\nedit = "https://git.example.com/edit"',
            "site.edit must be a URL without ? and # that ends with /",
        ),
        ('version = "one"', ":1: version must be a version such as 1.2.0, got 'one'. "),
        ("version = 1.0", "version must be a version such as 1.2.0, got 1.0. Write for example version = "),
        ('description = "two\\nlines"', "description must be one line of at most 500 characters, got "),
        (
            'services = "tasks"',
            "services must be a list of service names, got 'tasks'. Write for example services = [\"tasks\"]",
        ),
        ("services = []", "services must be a list of service names, got []. "),
        ('output = "../elsewhere"', "output must be a folder below the project other than openapi, got '../elsewhere'"),
        ('output = "openapi/client"', "output must be a folder below the project other than openapi, got "),
        ('standalone = "yes"', "standalone must be true or false, got 'yes'. Write for example standalone = true"),
        ('\n\npakage = "acme"', ":3: pakage must be the name of a setting. Choose from package, version, "),
        ('[package]\nname = "acme"', ":1: package must be an import name"),
    ],
)
def test_settings_invalid_file_is_an_error_with_line_and_example(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        read(tmp_path, text)
    (problem,) = raised.value.problems
    assert said in str(problem)
    assert problem.line


def test_settings_service_without_document_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "tasks.yaml").write_text("openapi: 3.1.0\n", encoding="utf-8")
    read(tmp_path, 'services = ["tasks", "runs"]')
    with pytest.raises(
        ValidationError, match=r"services must be names of documents in openapi/, got runs\. Choose from tasks"
    ):
        _ = Workspace(tmp_path).service_names


def test_settings_services_choose_among_documents(tmp_path: Path) -> None:
    (tmp_path / "openapi").mkdir()
    for name in ("tasks", "runs"):
        (tmp_path / "openapi" / f"{name}.yaml").write_text("openapi: 3.1.0\n", encoding="utf-8")
    assert Workspace(tmp_path).service_names == ["runs", "tasks"]
    read(tmp_path, 'services = ["tasks"]')
    assert Workspace(tmp_path).service_names == ["tasks"]
