"""The pairs of documents of oasdiff's own tests, with the verdicts that the tests expect.

They are read from a checkout or a bare repository of oasdiff; this repository has no copy. A test is used if it opens
two files, changes neither of them in Go, and uses oasdiff's default settings. Its verdict is the worst level of its
rules.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import attrs

_CHANGES_FILES = re.compile(
    r"\.Spec\b|s[12]\.|\bfor\b|Flatten|WithSeverity|WithDeprecation|WithOptionalCheck|Composed|Attributes|config\.|"
    r"ExtensionsCheck|IncludePathParams|MatchPath|transformed|apiVersion|AutoUpgrade"
)
"""The reason to skip a test that edits its documents, or has its own settings."""

_OPENED = re.compile(
    r'\b(?:open|load\w*)\("\.\./data/([^"]+)"|\b(\w+)\("([^"]+\.(?:yaml|json))"\)|\bl\(t, (\d+)|'
    r"\bd\(t, [^,]+, (\d+), (\d+)"
)

_ABSENT = re.compile(r"(?:NotContains|requireNo\w*|NotEqual|False\(t, containsId)\([^)]*?checker\.(\w+)")

_EMPTY = re.compile(r"require\.Empty\(t, \w+\)|Len\(t, \w+, 0\)")


@attrs.frozen
class Pair:
    """Two documents, and the verdict on the step from the first to the second."""

    old: str
    new: str
    is_breaking: bool
    directions: frozenset[str]
    """The directions of the verdict; for a test of a single rule, the direction of the rule."""
    rules: tuple[str, ...]
    """Names of the rules that the tests expect."""
    tests: tuple[str, ...]


@attrs.frozen
class Repository:
    """Files of oasdiff, from a work tree or from the last commit of a git directory."""

    folder: Path

    def text(self, path: str) -> str:
        """Return a file, decoded. Raises `LookupError` if it does not exist."""
        file = self.folder / path
        if file.is_file():
            return file.read_text(encoding="utf-8")
        done = self._git("show", f"HEAD:{path}")
        if done.returncode:
            raise LookupError(path)
        return done.stdout

    def names(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder."""
        if (self.folder / folder).is_dir():
            return sorted(f"{folder}/{file.name}" for file in (self.folder / folder).iterdir())
        return self._git("ls-tree", "--name-only", "HEAD", f"{folder}/").stdout.splitlines()

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def pairs(repository: Repository) -> list[Pair]:
    """Return the pairs with their verdicts, each once, in the order of the tests."""
    names, levels = _rules(repository)
    folders = dict(re.findall(r'(\w+)\s*=\s*dataFileFn\("([^"]+)"\)', repository.text("checker/helpers_test.go")))
    found: dict[tuple[str, str], list[tuple[str, set[str], bool]]] = {}
    for path in repository.names("checker"):
        if not path.endswith("_test.go"):
            continue
        text = repository.text(path)
        for test in re.finditer(r"^func (Test\w+)\(t \*testing\.T\) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
            name, body = test.groups()
            files = list(_files(body, folders))
            if len(set(files)) == 2 and not _CHANGES_FILES.search(body):
                rules = {rule for rule in re.findall(r"checker\.(\w+)", body) if rule in levels}
                rules -= set(_ABSENT.findall(body))
                if rules or _EMPTY.search(body):
                    found.setdefault((files[0], files[1]), []).append((name, rules, "singleCheckConfig" in body))
    return [
        Pair(
            *files,
            is_breaking=any(levels[rule] in ("ERR", "WARN") for _, rules, _ in tests for rule in rules),
            directions=_directions(tests, names),
            rules=tuple(sorted({names[rule] for _, rules, _ in tests for rule in rules})),
            tests=tuple(name for name, _, _ in tests),
        )
        for files, tests in found.items()
    ]


def _directions(tests: list[tuple[str, set[str], bool]], names: dict[str, str]) -> frozenset[str]:
    both = frozenset({"request", "response"})
    if not all(single for _, _, single in tests):
        return both
    begins = {names[rule].partition("-")[0] for _, rules, _ in tests for rule in rules}
    return frozenset({"request" if each == "new" else each for each in begins}) & both or both


def _rules(repository: Repository) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of the rules, and their levels, by their Go constants."""
    names: dict[str, str] = {}
    for path in repository.names("checker"):
        if path.endswith(".go") and not path.endswith("_test.go"):
            names |= dict(re.findall(r'^\s*(\w+)\s*=\s*"([a-z0-9-]+)"', repository.text(path), re.MULTILINE))
    levels = re.findall(r"newBackwardCompatibilityRule\((\w+),\s*(\w+),", repository.text("checker/rules.go"))
    return names, {constant: level for constant, level in levels if constant in names}


def _files(body: str, folders: dict[str, str]) -> Iterator[str]:
    """Yield the files that a test opens, below `data/`."""
    for opened in _OPENED.finditer(body):
        path, helper, name, *numbers = opened.groups()
        if path:
            yield path
        elif helper in folders:
            yield f"{folders[helper]}/{name}"
        yield from (f"openapi-test{number}.yaml" for number in numbers if number)
