"""`python -m tests.interop.tools.typed LANGUAGE SERVICE FOLDER`: check the types that openapi-generator wrote.

Some compilers are not available everywhere, and a program also compiles with an untyped member. So the declarations are
read: ID and state of a CCE job must have a type, and the type of GES times must hold microseconds.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs

_MEMBERS = {"cce": ("metadata", "status"), "ges": ("startTime",)}


@attrs.frozen
class Language:
    """The suffix of source files, a declaration with the member's name for %s, and the types that lose values."""

    suffix: str
    declaration: str
    untyped: str
    narrow: str = "(?!)"
    style: str = "camel"


LANGUAGES = {
    "java": Language(".java", r"public (\S+) get%s\(\)", "Object", "Integer", "pascal"),
    "go": Language(".go", r"^\t%s (\S+) `json", r"(\*?interface\{\}|any)", r"\*?int32", "pascal"),
    "rust": Language(".rs", r"pub %s: (.+),$", ".*serde_json::Value.*", ".*i32.*", "snake"),
    "kotlin": Language(".kt", r"val %s: ([\w.]+)", "kotlin.Any", "kotlin.Int"),
    "csharp": Language(".cs", r"public (\S+?)\?? %s \{", "Object", "int", "pascal"),
    "php": Language(".php", r"^        '%s' => '([^']+)'(?=,?$)", "mixed", style="snake"),
    "swift6": Language(".swift", r"public var %s: ([\w.]+)", "(JSONValue|AnyCodable)"),
    "dart": Language(".dart", r"^  (?:final )?(\S+?)\?? %s;", "(Object|dynamic)"),
}


def main(name: str, service: str, folder: str) -> int:
    """Print the declarations that lose values, and return 1 if there is one."""
    language, found = LANGUAGES[name], 0
    problems = []
    for member in _MEMBERS.get(service, ()):
        for path, type_ in _declarations(language, member, Path(folder)):
            found += 1
            if re.fullmatch(language.untyped, type_) or re.fullmatch(language.narrow, type_):
                problems.append(f"error: {member} of {path.name} is {type_}")
    if not found and service in _MEMBERS:
        problems.append(f"error: no declaration of {' or '.join(_MEMBERS[service])} in {name}")
    print("\n".join(problems))
    return int(bool(problems))


def _declarations(language: Language, member: str, folder: Path) -> Iterator[tuple[Path, str]]:
    snake = re.sub(r"(?=[A-Z])", "_", member).lower()
    names = {"camel": member, "pascal": member[0].upper() + member[1:], "snake": snake}
    pattern = re.compile(language.declaration % names[language.style], re.MULTILINE)
    for path in sorted(folder.rglob(f"*{language.suffix}")):
        if "test" in path.name.lower() or "/test" in str(path.parent).lower().removeprefix(str(folder).lower()):
            continue
        # The first one of a file: PHP repeats the names in tables of setters.
        if declared := pattern.search(path.read_text(encoding="utf-8")):
            yield path, declared[1]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
