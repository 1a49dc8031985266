"""Command `release-check`: check that a release can be uploaded, and report how to correct each failure."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..cli import Commands
from ..documents import Workspace
from . import bundled_services

if TYPE_CHECKING:
    from ..release import CheckResult

_PACKAGE = "cloudjobs"
_DISTRIBUTION = "generated_client"
_GENERATOR = "cloudjobs_generator"


def add(commands: Commands) -> None:
    """Add the command."""
    help = "check whether the release can be uploaded; does not change it"
    check = commands.add("release-check", _check, help, services=False)
    check.add_argument(
        "--dist", type=Path, default=commands.project / "dist", help="folder with the wheel and the sdist"
    )
    check.add_argument(
        "--tools",
        type=Path,
        default=commands.project / "build" / "release-env",
        help="environment with requirements/release.txt",
    )
    check.add_argument("--work", type=Path, default=commands.project / "build", help="folder for the bill of materials")


def _check(options: argparse.Namespace) -> int:
    from ..release import report

    found: list[CheckResult] = []
    for each in _results(options):
        found.append(each)
        print(*report([each]), sep="\n", flush=True)
    failed = sum(not each.is_ok for each in found)
    print()
    if failed:
        print(f"{failed} of {len(found)} checks failed: do not upload the release")
        return 1
    print(f"all {len(found)} checks passed: tag the commit, then `twine upload {options.dist.name}/*`")
    return 0


def _results(options: argparse.Namespace) -> Iterator[CheckResult]:
    from ..client import Distribution, build, differences
    from ..client.runtime._version import VERSION
    from ..contract.diff import compare_documents, documents, last_release, of_checkout
    from ..release import checks

    workspace, root = Workspace(options.project), options.project
    tag = last_release(workspace)
    released = checks.released_version(tag)
    old, new = (documents(workspace, tag, None) if tag else {}), of_checkout(workspace, None)
    changed = [compare_documents(workspace, name, old.get(name), new.get(name)) for name in sorted(old | new)]
    yield checks.check_tree(root)
    yield checks.check_version(VERSION, released, changed if tag else [])
    log = root / "CHANGELOG.md"
    yield checks.check_changelog(log.read_text(encoding="utf-8") if log.is_file() else "", VERSION)
    yield checks.check_documents(released, changed)
    made = partial(build, Distribution(workspace, bundled_services(workspace, None)))
    yield checks.check_freshness(differences(made, root / _DISTRIBUTION))
    result, whl, sdist = checks.check_build(options.dist, _PACKAGE, VERSION, [_GENERATOR])
    yield result
    if whl is None or sdist is None:
        return
    yield from checks.check_contents(whl, sdist, root / _DISTRIBUTION)
    yield checks.check_metadata(whl, _PACKAGE, VERSION)
    yield checks.check_with_twine(options.tools, sorted(options.dist.iterdir()))
    required = checks.metadata(whl).get_all("Requires-Dist") or []
    environment, sbom = options.work / "wheel-env", options.work / f"{_PACKAGE}-{VERSION}.cdx.json"
    wrong = checks.install_dependencies(
        checks.requirements(required), root / "requirements" / "workshop.txt", environment
    )
    wrong = wrong or checks.write_sbom(options.tools, environment, root / _DISTRIBUTION / "pyproject.toml", sbom)
    if wrong:
        yield wrong
        return
    yield from checks.check_sbom(sbom, required, _PACKAGE, VERSION)
