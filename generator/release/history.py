"""Checks of the version, the changelog and the documents against the last release."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ..contract.diff import Difference, Step, is_enough, is_version, next_version
from . import CheckResult

_SECTION = re.compile(r"^## \[(?P<title>[^\]]+)\](?: - (?P<date>\S+))?\s*$", re.MULTILINE)


def check_version(now: str, released: str | None, differences: Sequence[Difference]) -> CheckResult:
    """Check that the version is high enough after the last release, which is None before the first one."""
    where = "VERSION in generator/client/runtime/_version.py"
    if not is_version(now):
        return CheckResult("version", f"{now} is not a semantic version", f"Write MAJOR.MINOR.PATCH as {where}")
    if released is None:
        return CheckResult("version", f"{now}, the first release")
    step = _required_step(differences)
    least = next_version(released, max(step, Step.PATCH))
    if not is_enough(released, now, max(step, Step.PATCH)):
        summary = f"{now} after {released}, and a {max(step, Step.PATCH)} step is demanded"
        return CheckResult("version", summary, f"Write {least} or later as {where}, and run make generate")
    return CheckResult("version", f"{now} after {released}, where {least} would be enough for the documents' changes")


def _required_step(differences: Sequence[Difference]) -> Step:
    """Any change of a document needs a minor version of the package at most; its removal needs a major one."""
    if any(each.new_version is None for each in differences):
        return Step.MAJOR
    return min(max((each.step for each in differences), default=Step.NONE), Step.MINOR)


def check_documents(released: str | None, differences: Sequence[Difference]) -> CheckResult:
    """Check that each document's own version is high enough after the last release."""
    if released is None:
        return CheckResult("documents", "no release to compare with")
    short = [f"{each.name} needs {each.least_version}" for each in differences if not each.is_enough]
    if short:
        fix = f"Raise info.version; `python -m generator contract diff v{released}` says why"
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
        return CheckResult("changelog", f"CHANGELOG.md has no section [{now}]", fix)
    day, body = bodies[now]
    if not _is_day(day):
        return CheckResult("changelog", f"[{now}] has no day", f"Write ## [{now}] - YYYY-MM-DD")
    if not re.search(r"^- \S", body, re.MULTILINE):
        return CheckResult("changelog", f"[{now}] is empty", "Describe the changes for users")
    left = re.findall(r"^- \S", bodies.get("Unreleased", ("", ""))[1], re.MULTILINE)
    if left:
        return CheckResult("changelog", f"{len(left)} entries are under [Unreleased]", f"Move them to [{now}]")
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
        return CheckResult("tree", "git is not here", fix)
    if done.returncode:
        return CheckResult("tree", "is not a git repository", fix)
    if changed := done.stdout.splitlines():
        summary = f"{len(changed)} files are not committed, {changed[0][3:]} first"
        return CheckResult("tree", summary, "Commit them, or put them away")
    return CheckResult("tree", "all is committed")


def released_version(tag: str | None) -> str | None:
    """The version of a release tag."""
    return tag.removeprefix("v") if tag else None


def check_freshness(problems: Sequence[object]) -> CheckResult:
    """Check that the distribution's folder is up to date."""
    if problems:
        summary = f"{len(problems)} files of generated_client/ are stale"
        return CheckResult("freshness", summary, "Run make generate, and commit")
    return CheckResult("freshness", "generated_client/ is up to date")
