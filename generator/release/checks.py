"""Checks before a release: version, changelog and documents against the last one; and the built files.

Of the files: contents, metadata, dependencies, licences, and the tools that check them.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from ..contract.diff import Difference, Step, is_enough, is_version, next_version
from ..files import MANIFEST
from . import CheckResult

_SECTION = re.compile(r"^## \[(?P<title>[^\]]+)\](?: - (?P<date>\S+))?\s*$", re.MULTILINE)


def check_version(now: str, released: str | None, differences: Sequence[Difference]) -> CheckResult:
    """Check that the version is high enough after the last release, which is None before the first one."""
    where = "VERSION in generator/client/runtime/_version.py"
    if not is_version(now):
        return CheckResult("version", f"must be MAJOR.MINOR.PATCH, got {now}", f"Correct {where}")
    if released is None:
        return CheckResult("version", f"{now}, the first release")
    step = _required_step(differences)
    least = next_version(released, max(step, Step.PATCH))
    if not is_enough(released, now, max(step, Step.PATCH)):
        summary = f"must be {least} or later after {released} (a {max(step, Step.PATCH)} step), got {now}"
        return CheckResult("version", summary, f"Raise {where}, and run make generate")
    return CheckResult("version", f"{now} after {released}; the changes of the documents need {least} or later")


def _required_step(differences: Sequence[Difference]) -> Step:
    """Return the step that the version must take: major for a removed document, at most minor for a changed one."""
    if any(each.new_version is None for each in differences):
        return Step.MAJOR
    return min(max((each.step for each in differences), default=Step.NONE), Step.MINOR)


def check_documents(released: str | None, differences: Sequence[Difference]) -> CheckResult:
    """Check that each document's own version is high enough after the last release."""
    if released is None:
        return CheckResult("documents", "no release to compare with")
    short = [
        f"{each.name} must be {each.least_version} or later, got {each.new_version}"
        for each in differences
        if not each.is_enough
    ]
    if short:
        fix = f"Raise info.version; `python -m generator contract diff v{released}` lists the changes"
        return CheckResult("documents", ", ".join(short), fix)
    steps = ", ".join(f"{each.name} {each.step}" for each in differences if each.changes) or "no changes"
    return CheckResult("documents", f"against v{released}: {steps}")


def check_changelog(text: str, now: str) -> CheckResult:
    """Check that the changelog has a dated section of the version with entries, and nothing unreleased."""
    sections = list(_SECTION.finditer(text))
    bodies = {
        match["title"]: (match["date"], text[match.end() : following])
        for match, following in zip(sections, [*(m.start() for m in sections[1:]), len(text)], strict=True)
    }
    if now not in bodies:
        fix = f"Write ## [{now}] - YYYY-MM-DD below ## [Unreleased], and move the entries of that section there"
        return CheckResult("changelog", f"CHANGELOG.md must have a section [{now}], got none", fix)
    day, body = bodies[now]
    if not _is_day(day):
        summary = f"[{now}] must have a date, got {day or 'none'}"
        return CheckResult("changelog", summary, f"Write ## [{now}] - YYYY-MM-DD")
    if not re.search(r"^- \S", body, re.MULTILINE):
        return CheckResult("changelog", f"[{now}] must have entries, got none", "Describe the changes for users")
    left = re.findall(r"^- \S", bodies.get("Unreleased", ("", ""))[1], re.MULTILINE)
    if left:
        return CheckResult("changelog", f"[Unreleased] must be empty, got {len(left)} entries", f"Move them to [{now}]")
    return CheckResult("changelog", f"[{now}] of {day}, {len(re.findall(r'^- ', body, re.MULTILINE))} entries")


def _is_day(text: str | None) -> bool:
    try:
        return bool(text) and date.fromisoformat(text or "").isoformat() == text
    except ValueError:
        return False


def check_tree(root: Path) -> CheckResult:
    """Check that everything is committed."""
    fix = "Release from a git repository, so that a tag can identify the release"
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "status", "--porcelain"], capture_output=True, text=True, check=False
        )
    except OSError:
        return CheckResult("tree", "the program git is missing", "Install git")
    if done.returncode:
        return CheckResult("tree", "must be a git repository, got another folder", fix)
    if changed := done.stdout.splitlines():
        summary = f"all files must be committed, got {len(changed)} changed, {changed[0][3:]} first"
        return CheckResult("tree", summary, "Commit or remove them")
    return CheckResult("tree", "all files are committed")


def released_version(tag: str | None) -> str | None:
    """Return the version of a release tag."""
    return tag.removeprefix("v") if tag else None


def check_freshness(problems: Sequence[object]) -> CheckResult:
    """Check that the distribution's folder is up to date."""
    if problems:
        summary = f"generated_client/ must be up to date, got {len(problems)} files that are not"
        return CheckResult("freshness", summary, "Run make generate, and commit its output")
    return CheckResult("freshness", "generated_client/ is up to date")


def check_with_twine(tools: Path, files: Sequence[Path]) -> CheckResult:
    """Check that an index accepts the files: `twine check --strict`."""
    done = _run(tools / "bin" / "twine", "check", "--strict", *files)
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        summary = next((line for line in lines if re.search("ERROR|WARNING|FAILED|`", line)), (lines or ["failed"])[-1])
        fix = "Correct the README or the metadata of the distribution, and run make dist"
        return CheckResult("twine check", summary, fix)
    return CheckResult("twine check", f"{len(files)} files passed")


def install_dependencies(requirements: Sequence[str], pins: Path, environment: Path) -> CheckResult | None:
    """Make an environment with the dependencies alone, at the versions of the generator's lock.

    Returns the failed check, or None.
    """
    constraints = environment.with_name(f"{environment.name}-pins.txt")
    if environment.is_symlink() or (environment.exists() and not constraints.is_file()):
        # An environment of an earlier check has a file with its pins beside it.
        found = f"{environment} must be missing or an environment of an earlier check, got something else"
        return CheckResult("sbom", found, "Name another folder with --work")
    shutil.rmtree(environment, ignore_errors=True)
    # With a hash in the constraints, pip requires one for every package.
    pinned = re.findall(
        r"^([A-Za-z0-9][\w.-]*==[^\s;\\]+[^\\\n]*?)\s*\\?$", pins.read_text(encoding="utf-8"), re.MULTILINE
    )
    try:
        environment.parent.mkdir(parents=True, exist_ok=True)
        constraints.write_text("\n".join(pinned) + "\n", encoding="utf-8")
    except OSError as error:
        summary = f"{constraints} cannot be written ({error.strerror})"
        return CheckResult("sbom", summary, "Name another folder with --work")
    made = _run(sys.executable, "-m", "venv", "--without-pip", environment)
    if made.returncode == 0:
        install = (sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "install", "--quiet")
        made = _run(*install, "--no-compile", "--disable-pip-version-check", "--constraint", constraints, *requirements)
    if made.returncode:
        summary = f"the dependencies cannot be installed: {_last_line(made.stderr)}"
        return CheckResult("sbom", summary, "Check the network and the files in requirements/")
    return None


def write_sbom(tools: Path, environment: Path, pyproject: Path, sbom: Path) -> CheckResult | None:
    """Write the SBOM of an environment. Returns the failed check, or None."""
    sbom.parent.mkdir(parents=True, exist_ok=True)
    done = _run(
        *(tools / "bin" / "cyclonedx-py", "environment", "--output-reproducible", "--of", "JSON", "--sv", "1.6"),
        *("--mc-type", "library", "--pyproject", pyproject, "--output-file", sbom, environment / "bin" / "python"),
    )
    if done.returncode:
        return CheckResult(
            "sbom", f"cyclonedx-py failed: {_last_line(done.stderr)}", "Run it by hand to see all of its output"
        )
    return None


def _last_line(errors: str) -> str:
    return (errors.strip().splitlines() or ["failed"])[-1]


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", f"{command[0]}: {error.strerror}")


ALLOWED = {
    *("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "PSF-2.0", "Python-2.0", "MPL-2.0"),
    *("Unlicense", "CC0-1.0", "Zlib"),
}
"""Licences that only require users of the wheel to keep the text of the licence."""

_BSD = "BSD-2-Clause OR BSD-3-Clause"
"""The possible meanings of the word BSD alone."""

_CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": _BSD,
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: OSI Approved :: The Unlicense (Unlicense)": "Unlicense",
}

_SPELLINGS = {
    "apache 2.0": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd": _BSD,
    "bsd license": _BSD,
    "mit license": "MIT",
    "psf": "PSF-2.0",
}


def requirements(required: Iterable[str]) -> list[str]:
    """Return the requirements of a wheel's metadata, including those of every extra, as pip accepts them."""
    found = []
    for line in required:
        requirement, _, marker = line.partition(";")
        rest = re.sub(r"\(?\s*extra\s*==\s*['\"][^'\"]+['\"]\s*\)?", "", marker)
        rest = re.sub(r"^\s*and\s+|\s+and\s*$", "", rest.strip()).strip()
        found.append(f"{requirement.strip()} ; {rest}" if rest else requirement.strip())
    return list(dict.fromkeys(found))


def check_sbom(sbom: Path, required: Iterable[str], package: str, version: str) -> Iterator[CheckResult]:
    """Check that the SBOM is CycloneDX, about this release, complete, and that all licences are allowed."""
    try:
        data = json.loads(sbom.read_text(encoding="utf-8"))
        components = {_plain(each["name"]): each for each in data["components"]}
        root = data["metadata"]["component"]
        is_bill = data["bomFormat"] == "CycloneDX"
    except (OSError, ValueError, KeyError, TypeError):
        is_bill, components, root = False, {}, {}
    again = "Remove it, and run make release-check again"
    if not is_bill:
        yield CheckResult("sbom", f"{sbom.name} must be a CycloneDX bill of materials, got another file", again)
        return
    direct = {_plain(re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0]) for line in required}
    missing = sorted(direct - components.keys())
    unnamed = sorted(name for name, each in components.items() if not each.get("purl") or not each.get("version"))
    if (root.get("name"), root.get("version")) != (package, version):
        summary = f"must be of {package} {version}, got {root.get('name')} {root.get('version')}"
        yield CheckResult("sbom", summary, again)
    elif missing or unnamed:
        faults = [f"must have {', '.join(missing)}, got no such package"] if missing else []
        faults += (
            [f"must have an address and a version of each package, got none of {', '.join(unnamed)}"] if unnamed else []
        )
        yield CheckResult("sbom", "; ".join(faults), again)
    else:
        yield CheckResult("sbom", f"{sbom.name}, CycloneDX {data['specVersion']}, {len(components)} packages")
    yield _licences(components)


def _licences(components: dict[str, dict[str, Any]]) -> CheckResult:
    found = {name: _licence(each) for name, each in components.items()}
    refused = {name: licences for name, licences in found.items() if not _are_allowed(licences)}
    if refused:
        summary = ", ".join(f"{name} ({' and '.join(refused[name]) or 'none stated'})" for name in sorted(refused))
        fix = "Review the licence; add it to generator/release/checks.py, or replace the dependency"
        return CheckResult("licences", summary, fix)
    used = sorted({licence for licences in found.values() for licence in licences if _are_allowed([licence])})
    return CheckResult("licences", ", ".join(used))


def _are_allowed(licences: list[str]) -> bool:
    """Return whether every licence is allowed. Of an expression with OR, one choice must be."""
    return bool(licences) and all(
        any(
            all(part in ALLOWED for part in re.split(r"\s+AND\s+", choice.strip("() ")))
            for choice in re.split(r"\s+OR\s+", licence)
        )
        for licence in licences
    )


def _licence(component: dict[str, Any]) -> list[str]:
    """Return the licences of a package, in the spelling of SPDX if that is known."""
    found = []
    for entry in component.get("licenses", []):
        named = entry.get("license", {})
        text = str(entry.get("expression") or named.get("id") or named.get("name") or "").strip()
        text = _CLASSIFIERS.get(text, _SPELLINGS.get(text.casefold(), text))
        if text and "\n" not in text and not text.startswith("declared license of"):
            found.append(text)
    return list(dict.fromkeys(found))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def check_build(
    dist: Path, package: str, version: str, others: Sequence[str] = ()
) -> tuple[CheckResult, Path | None, Path | None]:
    """Check that there is one wheel and one sdist of the version and nothing else. Returns their paths as well.

    Args:
        others: Further packages that must have a wheel and sdist of the same version.
    """
    files = sorted(path.name for path in dist.glob("*")) if dist.is_dir() else []
    expected = [(f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.tar.gz") for name in (package, *others)]
    wheel, sdist = expected[0]
    if files != sorted(name for pair in expected for name in pair):
        wanted = ", ".join(name for pair in expected for name in pair)
        summary = f"{dist.name}/ must have {wanted} alone, got {', '.join(files) or 'no files'}"
        return CheckResult("build", summary, "Run make dist"), None, None
    readers = [(name, read) for pair in expected for name, read in zip(pair, (_packed, _unpacked), strict=True)]
    broken = [name for name, read in readers if not _is_whole(read, dist / name)]
    if broken:
        return CheckResult("build", f"{broken[0]} cannot be read", "Run make dist"), None, None
    return CheckResult("build", f"{wheel} and {sdist}"), dist / wheel, dist / sdist


def check_contents(wheel: Path, sdist: Path, distribution: Path) -> Iterator[CheckResult]:
    """Check that wheel and sdist hold the package of the distribution's folder, and nothing else."""
    source = distribution / "src"
    wanted = {path.relative_to(source).as_posix(): path.read_bytes() for path in _files(source)}
    for package in {name.partition("/")[0] for name in wanted}:
        wanted[f"{package}/{MANIFEST}"] = (distribution / MANIFEST).read_bytes()
    yield _compared("wheel", wanted, dict(_packed(wheel)))
    inside = {path.relative_to(distribution).as_posix(): path.read_bytes() for path in _files(distribution)}
    yield _compared("sdist", inside, dict(_unpacked(sdist)))


def metadata(wheel: Path) -> Message:
    """Return the wheel's METADATA; empty if it is missing."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(names[0]) if names else b"")


def check_metadata(wheel: Path, package: str, version: str) -> CheckResult:
    """Check that the metadata name the release and have every field that an index shows."""
    fields = metadata(wheel)
    wrong = [
        f"{key} must be {value}, got {fields[key]}"
        for key, value in (("Name", package), ("Version", version))
        if fields[key] != value
    ]
    wanted = ("Summary", "Requires-Python", "License-Expression", "License-File", "Description-Content-Type")
    missing = [key for key in wanted if not fields[key]]
    if wrong or missing:
        what = ", ".join([*wrong, *(f"{key} must have a value, got none" for key in missing)])
        fix = "Correct generator/client/templates/pyproject.toml.jinja, and run make generate dist"
        return CheckResult("metadata", what, fix)
    extras = fields.get_all("Provides-Extra") or []
    summary = f"{fields['License-Expression']}, Python {fields['Requires-Python']}, extras {', '.join(extras)}"
    return CheckResult("metadata", summary)


def _compared(name: str, wanted: dict[str, bytes], packed: dict[str, bytes]) -> CheckResult:
    differences = {
        "lacks": wanted.keys() - packed.keys(),
        "has besides the package": packed.keys() - wanted.keys(),
        "differs in": {key for key in wanted.keys() & packed.keys() if wanted[key] != packed[key]},
    }
    faults = [
        f"{word} {min(keys)}" + (f" and {len(keys) - 1} more" if len(keys) > 1 else "")
        for word, keys in differences.items()
        if keys
    ]
    if faults:
        fix = "Run make generate dist; if it fails again, see [tool.hatch.build] in generated_client/pyproject.toml"
        return CheckResult(name, "; ".join(faults), fix)
    return CheckResult(name, f"{len(wanted)} files, as in generated_client/")


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]


def _is_whole(read: Callable[[Path], Iterable[object]], file: Path) -> bool:
    try:
        return all(True for _ in read(file))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError):
        return False


def _packed(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the wheel's files without its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".dist-info/" not in name:
                yield name, archive.read(name)


def _unpacked(sdist: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the sdist's files without its metadata, relative to its top folder."""
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            name = member.name.partition("/")[2]
            if file is not None and name != "PKG-INFO":
                yield name, file.read()
