"""Commands `evidence`, `evidence compare` and `evidence fingerprints`."""

from __future__ import annotations

import argparse
import hashlib
import json
import textwrap
from pathlib import Path
from typing import Any

from ..cli import Commands, add_format
from ..documents import Service, Workspace, lint
from ..documents.strict_yaml import read_utf8
from ..errors import Problem, ValidationError
from ..evidence import TraceabilityReport, trace
from ..files import print_table


def add(commands: Commands) -> None:
    """Add the commands."""
    evidence = commands.add(
        "evidence",
        _evidence,
        "check that documents represent each row of the pages, and evidence supports each statement",
    )
    group = Commands(evidence, commands.project, required=False)
    help = "compare a newer copy of a vendor's page with the evidence"
    compare = group.add("compare", _compare, help, services=False)
    help = "print the digests of a page, for the key `page` of its evidence"
    digests = group.add("fingerprints", _fingerprints, help, services=False)
    for command in (compare, digests):
        command.add_argument(
            "page", type=Path, metavar="PAGE", help="the page as text: copied from a browser, Markdown, RST or HTML"
        )
        command.add_argument("--service", required=True, metavar="NAME", help="the service of the page")
    add_format(compare, "json")


def _evidence(options: argparse.Namespace) -> None:
    from ..quality.suite import interpretation_problems

    workspace = Workspace(options.project)
    services = workspace.select(options.services)
    if problems := [problem for service in services for problem in lint(workspace, service)]:
        raise ValidationError(problems)
    accounts = [trace(service) for service in services]
    columns = ("service", "rows", "represented", "rejected", "only in recordings", "contradictions", "problems")
    rows = [
        (
            a.service,
            a.rows,
            a.documented,
            a.rejected,
            a.observed,
            a.contradictions,
            a.rows - a.documented - a.rejected + len(a.problems),
        )
        for a in accounts
    ]
    print_table(columns, rows)
    print()
    print_table(("service", "statements", "documented", "observed", "inferred"), [_confidences(a) for a in accounts])
    if problems := [problem for a in accounts for problem in a.problems]:
        raise ValidationError(problems)
    if problems := [problem for service in services for problem in interpretation_problems(service)]:
        raise ValidationError(problems)


def _confidences(each: TraceabilityReport) -> tuple[Any, ...]:
    counts = [each.count(word) for word in ("documented", "observed", "inferred")]
    return each.service, sum(counts), *counts


def _compare(options: argparse.Namespace) -> int:
    from ..evidence.pages import compare_page

    service, content, text = _page(options)
    found = compare_page(service, text, str(options.page))
    page = service.evidence.data["page"]
    same = hashlib.sha256(content).hexdigest() == page["sha256"]
    if options.format == "json":
        differences = [
            {"kind": each.kind, "name": each.name, "row": each.row, "section": each.section, "what": each.what}
            for each in found
        ]
        report = {"service": service.name, "page": page["title"], "same_text": same, "differences": differences}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        count = f"{len(found)} difference(s)" if found else "no differences"
        form = ", except for the form of the text" if not found and "fingerprints" in page else ""
        note = ", and it is the text that the evidence was written from" if same else form
        print(f"{service.name}: {count} between {options.page} and the evidence of {page['title']!r}{note}")
        if found:
            rows = [(each.kind, each.name, each.row or "", f"{each.section}: {each.what}") for each in found]
            print()
            print_table(("change", "name", "row", "what"), rows, right=False)
    return 1 if found else 0


def _fingerprints(options: argparse.Namespace) -> None:
    from ..evidence.pages import fingerprints

    service, content, text = _page(options)
    digests = fingerprints(service, text, str(options.page))
    print(f"  sha256: {hashlib.sha256(content).hexdigest()}\n  fingerprints: >-")
    print(textwrap.fill(digests, 110, initial_indent="    ", subsequent_indent="    "))


def _page(options: argparse.Namespace) -> tuple[Service, bytes, str]:
    """Return the service, and the page as bytes and text."""
    if options.services:
        message = "must not be used with --service"
        raise ValidationError(Problem("--services", message, "Leave --services out"))
    workspace = Workspace(options.project)
    if options.service not in workspace.service_names:
        known = ", ".join(workspace.service_names)
        raise ValidationError(
            Problem("--service", f"must be one of {known}, got {options.service}", "Correct the name")
        )
    content = read_utf8(options.page, "Name a file with the page's text")
    return workspace.read(options.service), content, content.decode("utf-8-sig")
