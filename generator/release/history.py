"""The version against what was released before: tags, the changelog, and what the documents' changes demand."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from generator.contract.diff import Difference, Step, is_enough, is_version, next_version
from generator.release import CheckResult

_SECTION = re.compile(r"^## \[(?P<title>[^\]]+)\](?: - (?P<date>\S+))?\s*$", re.MULTILINE)


def version(now: str, released: str | None, differences: Sequence[Difference]) -> CheckResult:
    """Whether the package's version is far enough from the last release's, which is None before the first one."""
    where = "VERSION in generator/client/runtime/_version.py"
    if not is_version(now):
        return CheckResult("version", f"{now} is no semantic version", f"Write MAJOR.MINOR.PATCH as {where}")
    if released is None:
        return CheckResult("version", f"{now}, the first release")
    step = _demanded(differences)
    least = next_version(released, max(step, Step.PATCH))
    if not is_enough(released, now, max(step, Step.PATCH)):
        said = f"{now} after {released}, and a {max(step, Step.PATCH)} step is demanded"
        return CheckResult("version", said, f"Write {least} or later as {where}, and run make generate")
    return CheckResult("version", f"{now} after {released}, where {least} would be enough for the documents' changes")


def _demanded(differences: Sequence[Difference]) -> Step:
    """A document that is found wrong is corrected in a minor version of the package; a document that goes is not."""
    if any(each.new_version is None for each in differences):
        return Step.MAJOR
    return min(max((each.step for each in differences), default=Step.NONE), Step.MINOR)


def documents(released: str | None, differences: Sequence[Difference]) -> CheckResult:
    """Whether each document's own version is far enough from the last release's."""
    if released is None:
        return CheckResult("documents", "no release to compare with")
    short = [f"{each.name} needs {each.least_version}" for each in differences if not each.is_enough]
    if short:
        remedy = f"Raise info.version; `python -m generator contract diff v{released}` says why"
        return CheckResult("documents", ", ".join(short), remedy)
    steps = ", ".join(f"{each.name} {each.step}" for each in differences if each.changes) or "no changes"
    return CheckResult("documents", f"against v{released}: {steps}")


def changelog(text: str, now: str) -> CheckResult:
    """Whether the changelog has the version's section, dated and filled, and nothing left unreleased."""
    sections = list(_SECTION.finditer(text))
    bodies = {
        match["title"]: (match["date"], text[match.end() : following])
        for match, following in zip(sections, [*(m.start() for m in sections[1:]), len(text)], strict=True)
    }
    if now not in bodies:
        remedy = f"Write ## [{now}] - YYYY-MM-DD below ## [Unreleased], and move there what stands under that"
        return CheckResult("changelog", f"CHANGELOG.md has no section [{now}]", remedy)
    day, body = bodies[now]
    if not _is_day(day):
        return CheckResult("changelog", f"[{now}] has no day", f"Write ## [{now}] - YYYY-MM-DD")
    if not re.search(r"^- \S", body, re.MULTILINE):
        return CheckResult("changelog", f"[{now}] is empty", "Say what a user gets")
    left = re.findall(r"^- \S", bodies.get("Unreleased", ("", ""))[1], re.MULTILINE)
    if left:
        return CheckResult("changelog", f"{len(left)} entries are under [Unreleased]", f"Move them to [{now}]")
    return CheckResult("changelog", f"[{now}] of {day}, {len(re.findall(r'^- ', body, re.MULTILINE))} entries")


def _is_day(text: str | None) -> bool:
    try:
        return bool(text) and date.fromisoformat(text or "").isoformat() == text
    except ValueError:
        return False


def tree(root: Path) -> CheckResult:
    """Whether all that is released is committed."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "status", "--porcelain"], capture_output=True, text=True, check=False
        )
    except OSError:
        return CheckResult(
            "tree", "git is not here", "Release from a git repository, so that a tag can name what was released"
        )
    if done.returncode:
        return CheckResult("tree", "is no git repository", "Release from one, so that a tag can name what was released")
    changed = done.stdout.splitlines()
    if changed:
        return CheckResult(
            "tree", f"{len(changed)} files are not committed, {changed[0][3:]} first", "Commit them, or put them away"
        )
    return CheckResult("tree", "all is committed")


def released_version(tag: str | None) -> str | None:
    """The version that a release tag names."""
    return tag.removeprefix("v") if tag else None


def stale(problems: Sequence[object]) -> CheckResult:
    """Whether the distribution's folder is what the generator makes."""
    if problems:
        return CheckResult(
            "freshness", f"{len(problems)} files of generated_client/ are stale", "Run make generate, and commit"
        )
    return CheckResult("freshness", "generated_client/ is what the generator makes")
