"""The settings file of a project folder, `cloudjobs.toml`: name, version and services of its client."""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from ..errors import Problem, ValidationError

SETTINGS_FILE = "cloudjobs.toml"
RUNTIME_PACKAGE = "cloudjobs"
"""The package, and the distribution, that has the runtime of generated clients."""
_VERSION = r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?"
_LONGEST_DESCRIPTION = 500


@attrs.frozen
class SiteSettings:
    """The table `[site]`: the brand of the documentation site. All keys are optional."""

    name: str | None = None
    """Name of the site; by default that of the client's distribution."""
    description: str | None = None
    """Description of the site, in one line; by default that of the distribution."""
    notice: str = ""
    """A line in the footer, such as a notice for readers."""
    logo: str | None = None
    """An image below the project, for the header and the browser's tab."""
    colour: str | None = None
    """Colour of links and buttons, dark enough to be read on white."""
    address: str | None = None
    """URL where the site will be published."""
    repository: str | None = None
    """URL of the repository, for a link in the header."""
    edit: str | None = None
    """URL before the path of a file, for links to edit it, such as `https://host/acme/jobs/edit/main/`."""


@attrs.frozen
class Settings:
    """The settings of a project. A key that the file lacks has its default."""

    file: Path
    package: str | None = None
    """Import name of the client's package. The distribution has the same name, with hyphens."""
    version: str | None = None
    """Version of the client's distribution; 0.1.0 by default."""
    description: str = "Typed clients of job-query endpoints, made from OpenAPI documents."
    """Description of the distribution, in one line."""
    services: list[str] | None = None
    """Services of the project; all documents of `openapi/` by default."""
    output: str | None = None
    """Folder of the client, relative to the project; by default the name of the distribution.

    If it is set, `check` requires that the folder exists.
    """
    standalone: bool = False
    """Whether the client has a copy of the runtime. By default it requires the distribution `cloudjobs`."""
    regenerate: str = "cloudjobs-generator client"
    """Command that writes the client. Messages and generated files quote it."""
    guides: str | None = None
    """Folder of hand-written pages of the site, relative to the project."""
    navigation: str | None = None
    """File with the order of the site's pages, relative to the project; by default guides come first."""
    site: SiteSettings = attrs.field(factory=SiteSettings)
    """The brand of the site."""

    @classmethod
    def read(cls, project: Path) -> Settings:
        """Read the settings of a project folder; all defaults if it has no settings file.

        Raises:
            ValidationError: The file cannot be read, or keys or values are invalid. It has a problem for each.
        """
        file = project / SETTINGS_FILE
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls(file)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ValidationError(Problem(file, f"cannot be read ({reason})", "Save it as TOML in UTF-8")) from None
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message, _, place = str(error).partition(" (at ")
            found = re.match(r"line (\d+)", place)
            remedy = 'Write lines such as package = "acme_jobs"'
            raise ValidationError(
                Problem(file, f"must be valid TOML, got an error: {message}", remedy, int(found[1]) if found else None)
            ) from None
        wrong = list(_problems(data, _CHECKS))
        if isinstance(table := data.get("site"), dict):
            wrong += [(f"site.{key}", must, remedy) for key, must, remedy in _problems(table, _SITE_CHECKS)]
        if wrong:
            raise ValidationError(
                [Problem(file, f"{key} {message}", remedy, _line(text, key)) for key, message, remedy in wrong]
            )
        return cls(file, **{**data, "site": SiteSettings(**data.get("site", {}))})


def _problems(data: dict[str, Any], checks: dict[str, Check]) -> Iterator[tuple[str, str, str]]:
    """Yield key, message and remedy of each invalid key."""
    for key, value in data.items():
        if key not in checks:
            yield key, "must be the name of a setting", f"Choose from {', '.join(checks)}"
            continue
        type_, must, fits = checks[key]
        if type(value) is not type_ or not fits(value):
            yield key, f"must be {must}, got {value!r}", f"Write for example {_EXAMPLES[key]}"


def is_package_name(text: str) -> bool:
    """Return whether a text can be the import name of a client's package."""
    return bool(re.fullmatch(r"[a-z][a-z0-9_]*", text)) and not keyword.iskeyword(text)


def is_version(text: str) -> bool:
    """Return whether a text is a version in the normal form of Python packages."""
    return bool(re.fullmatch(_VERSION, text, re.ASCII))


def is_description(text: str) -> bool:
    """Return whether a text can be the description of a distribution."""
    return 0 < len(text.strip()) <= _LONGEST_DESCRIPTION and text.isprintable()


def _is_below(path: str) -> bool:
    """Return whether a path is relative, and inside the project folder."""
    parts = Path(path).parts
    return bool(parts) and ".." not in parts and not Path(path).is_absolute()


def _are_names(names: list[Any]) -> bool:
    return bool(names) and all(isinstance(name, str) and is_package_name(name) for name in names)


def is_address(text: str) -> bool:
    """Return whether a text is an http or https URL without query and fragment."""
    return bool(re.fullmatch(r"https?://[^/?#\s\"'<>]+(/[^?#\s\"'<>]*)?", text))


def _is_dark(text: str) -> bool:
    """Return whether a text is a colour `#rrggbb` with a contrast to white of at least 4.5, as WCAG 2.2 requires."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        return False
    parts = [int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


Check = tuple[type, str, Callable[[Any], bool]]
"""The type of a value, its constraint in words, and a function that checks it."""

_CHECKS: dict[str, Check] = {
    "package": (str, "an import name of lower-case letters, digits and _", is_package_name),
    "version": (str, "a version such as 1.2.0", is_version),
    "description": (str, f"one line of at most {_LONGEST_DESCRIPTION} characters", is_description),
    "services": (list, "a list of service names", _are_names),
    "output": (
        str,
        "a folder below the project other than openapi",
        lambda path: _is_below(path) and Path(path).parts[0] != "openapi",
    ),
    "standalone": (bool, "true or false", lambda _: True),
    "regenerate": (str, "a command in one line", is_description),
    "guides": (str, "a folder below the project", _is_below),
    "navigation": (str, "a file below the project", _is_below),
    "site": (dict, "a table", lambda _: True),
}
"""The keys, each with its type, its constraint in words, and a function that checks it."""

_SITE_CHECKS: dict[str, Check] = {
    "name": (str, "one line of text", is_description),
    "description": (str, "one line of text", is_description),
    "notice": (str, "one line of text", is_description),
    "logo": (
        str,
        "an .svg or .png file below the project",
        lambda path: _is_below(path) and Path(path).suffix in (".svg", ".png"),
    ),
    "colour": (str, "a colour #rrggbb with a contrast to white of at least 4.5", _is_dark),
    "address": (str, "a URL without ? and #", is_address),
    "repository": (str, "a URL without ? and #", is_address),
    "edit": (str, "a URL without ? and # that ends with /", lambda text: is_address(text) and text.endswith("/")),
}

_EXAMPLES = {
    "package": 'package = "acme_jobs"',
    "version": 'version = "1.2.0"',
    "description": 'description = "Clients of our job endpoints."',
    "services": 'services = ["tasks"]',
    "output": 'output = "acme-jobs"',
    "standalone": "standalone = true",
    "regenerate": 'regenerate = "make client"',
    "guides": 'guides = "docs"',
    "navigation": 'navigation = "docs/navigation.yaml"',
    "site": '[site] and name = "Acme Jobs" below it',
    "name": 'name = "Acme Jobs"',
    "notice": 'notice = "For employees of Acme."',
    "logo": 'logo = "docs/logo.svg"',
    "colour": 'colour = "#7a1fa2"',
    "address": 'address = "https://docs.example.com/jobs/"',
    "repository": 'repository = "https://git.example.com/acme/jobs"',
    "edit": 'edit = "https://git.example.com/acme/jobs/edit/main/"',
}


def _line(text: str, key: str) -> int | None:
    """Return the line of a key, counted from 1. The key `site.name` is `name` in the table `[site]`."""
    table, _, key = key.rpartition(".")
    lines = list(enumerate(text.splitlines(), 1))
    if table:
        lines = lines[next((at for at, line in lines if line.strip().startswith(f"[{table}")), 0) :]
    pattern = re.compile(rf"\s*(\[+)?\s*[\"']?{re.escape(key)}\b")
    return next((number for number, line in lines if pattern.match(line)), None)
