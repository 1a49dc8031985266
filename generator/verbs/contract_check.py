"""`contract check`: recorded replies and their requests against the documents, ours or those of HAR files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator.documents import Service, Workspace, lint
from generator.errors import Problem, Refused
from generator.files import write_files
from generator.verbs.parsers import Verbs, add_report, count, positive
from generator.verbs.preparing import ROOT, refuse_if

if TYPE_CHECKING:
    from generator.contract import Exchange


def add(contract: Verbs) -> None:
    """Add the verb to the group `contract`."""
    check = contract.add("check", _check, "check recorded replies and their requests; exits with 1 on findings")
    check.add_argument(
        "--har",
        type=Path,
        nargs="+",
        action="extend",
        metavar="FILE",
        help="HAR files to check, in place of openapi/recordings/; a document is found by path, whatever the host",
    )
    check.add_argument("--entry", type=count, metavar="N", help="only this entry of the HAR file, counted from 1")
    add_report(check)
    check.add_argument(
        "--stuck-after", type=count, metavar="N", help="a job that N replies in a row show unchanged is a finding"
    )
    check.add_argument(
        "--stuck-seconds", type=positive, metavar="S", help="a job that stays unchanged for S seconds is a finding"
    )


def _check(options: argparse.Namespace) -> int:
    from generator.contract.checker import Contracts
    from generator.contract.reports import FORMATS, Report
    from generator.contract.sequence_rules import Patience, check_history

    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    # Only their form: what is wrong with recordings is what this verb reports.
    refuse_if([problem for service in services for problem in lint(workspace, service)])
    contracts = Contracts.of(services)
    exchanges = _of_files(options) if options.har else _of_recordings(services)
    findings = [finding for exchange in exchanges for finding in contracts.check(exchange)]
    findings += check_history(contracts, exchanges, Patience(options.stuck_after, options.stuck_seconds))
    order = {exchange.source: number for number, exchange in enumerate(exchanges)}
    findings.sort(key=lambda finding: order[finding.source])
    report = Report([exchange.source for exchange in exchanges], findings)
    text = FORMATS[options.format](report)
    if options.output:
        write_files({options.output: text})
        print(report.summary)
    else:
        print(text, end="")
        if options.format != "text":
            print(report.summary, file=sys.stderr)
    return 1 if report.new else 0


def _of_files(options: argparse.Namespace) -> list[Exchange]:
    from generator.contract import read_har

    exchanges = [exchange for file in options.har for exchange in read_har(file)]
    if options.entry is None:
        return exchanges
    if len(options.har) != 1:
        raise Refused(Problem("--entry", "is of one HAR file, and there are several", "Name one"))
    chosen = [exchange for exchange in exchanges if exchange.source.endswith(f" entry {options.entry}")]
    if not chosen:
        raise Refused(
            Problem("--entry", f"{options.entry} is no entry of {options.har[0]} with a reply", "Count from 1")
        )
    return chosen


def _of_recordings(services: list[Service]) -> list[Exchange]:
    from generator.contract.exchange import recorded
    from generator.contract.recorded_checks import misaddressed

    refuse_if([problem for service in services for problem in misaddressed(service)])
    return [recorded(service, recording) for service in services for recording in service.recordings.values()]
