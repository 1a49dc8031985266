"""The workshop's command line. Puts the parts together; every verb says what is wrong and exits with 1, or does all."""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

from generator.contract import export_har
from generator.documents import Workspace, lint
from generator.errors import Problem, Refused
from generator.evidence import Account, account
from generator.files import print_table, write_files
from generator.verbs import (
    contract_check,
    contract_coverage,
    contract_diff,
    contract_mutate,
    contract_record,
    contract_verify,
    docs,
    docs_figures,
    evidence_compare,
    release_check,
)
from generator.verbs.parsers import Verbs
from generator.verbs.preparing import ROOT, bundles, form, output, refuse_if, relative

_PACKAGE = "cloudjobs"
_OUTPUT = "generated_client"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns the exit code: 0 done, 1 the input has problems, 2 the command line has; some have more."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except Refused as refused:
        for problem in refused.problems:
            print(relative(problem), file=sys.stderr)
        print(f"{len(refused.problems)} problem(s); nothing was written.", file=sys.stderr)
        return refused.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Makes everything that is made from openapi/."
    )
    verbs = Verbs(parser)
    client = verbs.add("client", _client, "make the client distribution")
    client.add_argument(
        "--package", type=_package, default=_PACKAGE, help="import name of the package (default: %(default)s)"
    )
    client.add_argument("--output", type=output, help=f"folder of the distribution (default: {_OUTPUT})")
    verbs.add(
        "check", _check, "check documents, evidence and recordings, and that the client is up to date; changes nothing"
    )
    verbs.add("lint", _lint, "check documents, evidence and recordings for form")
    evidence = verbs.add(
        "evidence", _evidence, "account for every row of the pages and every statement of the documents"
    )
    evidence_compare.add(verbs.below(evidence))
    bundled = verbs.add("bundle", _bundle, "write the bundled documents as JSON")
    bundled.add_argument("--output", type=output, required=True, help="folder for <service>.json")
    docs.add(verbs, parser)
    docs_figures.add(verbs)
    recordings = verbs.group("recordings", "the recorded replies")
    export = recordings.add("export", _export, "write the recorded replies as a HAR file")
    export.add_argument("--har", type=output, required=True, metavar="FILE", help="HAR file to write")
    contract_record.add_to_recordings(recordings)
    contract = verbs.group("contract", "the contract: check, measure, compare")
    contract_check.add(contract)
    contract_diff.add(contract)
    contract_record.add(contract)
    contract_verify.add(contract)
    contract_mutate.add(contract)
    contract_coverage.add(contract)
    release_check.add(verbs)
    return parser


def _client(options: argparse.Namespace) -> None:
    from generator.client import Distribution, build, publish  # takes half a second that other verbs need not wait for

    workspace = Workspace(ROOT)
    place = options.output or ROOT / _OUTPUT
    if options.output is None and (options.package != _PACKAGE or options.services):
        raise Refused(
            Problem(
                "--output", f"is missing, and {_OUTPUT} holds all services as {_PACKAGE}", "Name a folder for your own"
            )
        )
    distribution = Distribution(workspace, bundles(workspace, options.services), options.package)
    publish(partial(build, distribution), place.absolute())
    print(
        f"{relative(place)}: {options.package} with {', '.join(service.name for service, _ in distribution.services)}"
    )


def _check(options: argparse.Namespace) -> None:
    from generator.client import Distribution, build, differences

    workspace = Workspace(ROOT)
    prepared = bundles(workspace, options.services)
    print(f"documents, evidence and recordings of {', '.join(service.name for service, _ in prepared)} are in order")
    if options.services is None:
        stale = differences(partial(build, Distribution(workspace, prepared)), ROOT / _OUTPUT)
        if stale:
            raise Refused(stale)
        print(f"{_OUTPUT} is up to date")


def _lint(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    refuse_if([problem for service in services for problem in form(workspace, service)])
    print(f"{', '.join(service.name for service in services)}: in order")


def _evidence(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    refuse_if([problem for service in services for problem in lint(workspace, service)])
    accounts = [account(service) for service in services]
    columns = ("service", "rows", "carried", "rejected", "seen only in recordings", "contradictions", "unaccounted for")
    rows = [
        (
            a.service,
            a.rows,
            a.carried,
            a.rejected,
            a.observed,
            a.contradictions,
            a.rows - a.carried - a.rejected + len(a.problems),
        )
        for a in accounts
    ]
    print_table(columns, rows)
    print()
    print_table(("service", "statements", "documented", "observed", "inferred"), [_confidences(a) for a in accounts])
    refuse_if([problem for a in accounts for problem in a.problems])


def _bundle(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    prepared = bundles(workspace, options.services)
    files = {options.output / f"{service.name}.json": document for service, document in prepared}
    refuse_if(
        [
            Problem(file, "must be a bundled document, got another file", "Move it, or name another --output")
            for file in files
            if file.is_file() and b'"x-evidence": [' not in file.read_bytes()
        ]
    )
    write_files(files)
    print(f"{options.output}: {', '.join(service.name for service, _ in prepared)}")


def _export(options: argparse.Namespace) -> None:
    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    refuse_if([problem for service in services for problem in form(workspace, service)])
    har = export_har(services)
    write_files({options.har: har})
    print(f"{options.har}: {len(har['log']['entries'])} recorded replies")


def _confidences(each: Account) -> tuple[Any, ...]:
    counts = [each.count(word) for word in ("documented", "observed", "inferred")]
    return each.service, sum(counts), *counts


def _package(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text) or keyword.iskeyword(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no package name: write lower-case letters, digits and _, a letter first"
        )
    return text
