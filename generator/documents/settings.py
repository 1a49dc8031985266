"""The settings file of a project folder, `cloudjobs.toml`: name, version and services of its client."""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Callable
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
class Settings:
    """The settings of a project. A key that the file lacks has its default."""

    file: Path
    package: str | None = None
    """Import name of the client's package. The distribution has the same name, with hyphens."""
    version: str | None = None
    """Version of the client's distribution; 0.1.0 by default."""
    description: str = "Typed clients of job-query endpoints, made from OpenAPI documents."
    """Description of the distribution, in a line."""
    services: list[str] | None = None
    """Services of the project; all documents of `openapi/` by default."""
    output: str | None = None
    """Folder of the client, relative to the project; the distribution's name by default.

    If it is given, `check` requires that the client is there.
    """
    standalone: bool = False
    """Whether the client has a copy of the runtime. By default it requires the distribution `cloudjobs`."""
    regenerate: str = "cloudjobs-generator client"
    """Command that writes the client, as messages and generated files name it."""
    guides: str | None = None
    """Folder of hand-written pages of the site, relative to the project."""
    navigation: str | None = None
    """File with the order of the site's pages, relative to the project; by default guides come first."""

    @classmethod
    def read(cls, project: Path) -> Settings:
        """Read the settings of a project folder; all defaults if it has no settings file.

        Raises:
            ValidationError: The file cannot be read, or a key or a value is invalid. Names all of them.
        """
        file = project / SETTINGS_FILE
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls(file)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ValidationError(Problem(file, f"cannot be read ({reason})", "Write it as a TOML file")) from None
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message, _, place = str(error).partition(" (at ")
            found = re.match(r"line (\d+)", place)
            remedy = 'Write lines such as package = "acme_jobs"'
            raise ValidationError(
                Problem(file, f"is not TOML: {message}", remedy, int(found[1]) if found else None)
            ) from None
        problems = [
            Problem(file, f"{key} {message}", remedy, _line(text, key)) for key, message, remedy in _problems(data)
        ]
        if problems:
            raise ValidationError(problems)
        return cls(file, **data)


def _problems(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return key, message and remedy of each invalid key."""
    found = []
    for key, value in data.items():
        if key not in _CHECKS:
            found.append((key, "is not a setting", f"Settings are {', '.join(_CHECKS)}"))
            continue
        type_, must, fits = _CHECKS[key]
        if type(value) is not type_ or not fits(value):
            found.append((key, f"must be {must}, got {value!r}", f"Write for example {_EXAMPLES[key]}"))
    return found


def is_package_name(text: str) -> bool:
    """Whether a text can be the import name of a client's package."""
    return bool(re.fullmatch(r"[a-z][a-z0-9_]*", text)) and not keyword.iskeyword(text)


def is_version(text: str) -> bool:
    """Whether a text is a version as Python's package index accepts it, in its normal form."""
    return bool(re.fullmatch(_VERSION, text, re.ASCII))


def is_description(text: str) -> bool:
    """Whether a text can be the description of a distribution."""
    return 0 < len(text.strip()) <= _LONGEST_DESCRIPTION and text.isprintable()


def _is_below(path: str) -> bool:
    """Whether a path names something inside the project folder, and not one of its inputs."""
    parts = Path(path).parts
    return bool(parts) and ".." not in parts and not Path(path).is_absolute()


def _are_names(names: list[Any]) -> bool:
    return bool(names) and all(isinstance(name, str) and is_package_name(name) for name in names)


_CHECKS: dict[str, tuple[type, str, Callable[[Any], bool]]] = {
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
}
"""The keys, each with its type, the constraint of its value, and a check of that."""

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
}


def _line(text: str, key: str) -> int | None:
    """Return the line of a key, counted from 1."""
    lines = enumerate(text.splitlines(), 1)
    pattern = re.compile(rf"\s*(\[+)?\s*[\"']?{re.escape(key)}\b")
    return next((number for number, line in lines if pattern.match(line)), None)
