"""`contract verify`: a live provider against its document, with harmless requests alone."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from generator.documents import Service, Workspace, lint
from generator.errors import Problem, Refused
from generator.files import write_files
from generator.verbs.parsers import Verbs, add_report, count, not_negative, positive
from generator.verbs.preparing import ROOT, use_client

if TYPE_CHECKING:
    import httpx

    from generator.contract.live import Verification

_EPILOG = """\
Only GET requests are sent. Credentials come from the environment, as for the client: CLOUDJOBS_TOKEN and others.
Exit codes: 0 as documented, but for known contradictions; 1 there is new drift; 2 wrong usage, or nothing there to ask
about; 3 the provider cannot be looked at.
"""


def add(contract: Verbs) -> None:
    """Add the verb to the group `contract`."""
    verb = contract.add(
        "verify", _verify, "hold a live provider against its document; exits with 1 on new drift", services=False
    )
    verb.epilog = _EPILOG
    verb.formatter_class = argparse.RawDescriptionHelpFormatter
    verb.add_argument("url", metavar="URL", help="the provider's address, with a path if it lies below one")
    verb.add_argument("--service", required=True, metavar="S", help="which service it is said to be")
    verb.add_argument(
        "--job",
        action="append",
        default=[],
        metavar="ID",
        help="a job to ask about; by default those of the recordings",
    )
    verb.add_argument(
        "--parameter",
        type=_pair,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another parameter of path or header; by default as for the client, or of the recordings",
    )
    verb.add_argument("--rate", type=positive, default=5.0, metavar="N", help="requests a second at most (%(default)g)")
    verb.add_argument(
        "--cases",
        type=count,
        default=20,
        metavar="N",
        help="right and wrong queries made from the document, of each at most (%(default)s)",
    )
    verb.add_argument(
        "--polls", type=count, default=3, metavar="N", help="how often each job is asked for (%(default)s)"
    )
    verb.add_argument(
        "--interval", type=not_negative, default=2.0, metavar="S", help="seconds between two polls (%(default)g)"
    )
    verb.add_argument(
        "--stuck-after", type=count, metavar="N", help="a job that N replies in a row show unchanged is a finding"
    )
    verb.add_argument(
        "--timeout", type=positive, default=30.0, metavar="S", help="seconds that it may be silent (%(default)g)"
    )
    add_report(verb)


def _verify(options: argparse.Namespace) -> int:
    use_client()
    from generator.contract.live import Plan, Provider, subjects, verify
    from generator.contract.reports import FORMATS, Report

    service = _service(options.service)
    asked_about = subjects(service, options.job, dict(options.parameter))
    # One that declares no credentials is told none.
    declared = any(subject.schemes for subject in asked_about)
    auth, variable = _credentials(service.name) if declared else (None, "")
    provider = Provider(
        _address(options.url, auth), auth=auth, variable=variable, rate=options.rate, timeout=options.timeout
    )
    plan = Plan(cases=options.cases, polls=options.polls, interval=options.interval, stuck_after=options.stuck_after)
    try:
        done = verify(service, provider, asked_about, plan)
    finally:
        provider.close()
    report = Report(done.sources, done.findings)
    text = FORMATS[options.format](report)
    if options.output:
        write_files({options.output: text})
    else:
        print(text, end="")
    if options.output or options.format != "text":
        print(report.summary, file=sys.stderr)
    print(_figures(done), file=sys.stderr)
    return 1 if report.new else 0


def _figures(done: Verification) -> str:
    return f"{done.requests} request(s) in {done.seconds:.1f} s, {done.cases} of them made by schemathesis"


def _service(name: str) -> Service:
    from generator.contract.live import Misused

    workspace = Workspace(ROOT)
    if name not in workspace.service_names:
        known = ", ".join(workspace.service_names)
        raise Misused(Problem("--service", f"{name!r} is no service", f"Choose among {known}"))
    (service,) = workspace.select([name])
    if problems := lint(workspace, service):
        raise Refused(problems)
    return service


def _credentials(service: str) -> tuple[httpx.Auth | None, str]:
    """What the environment holds, and the variable that a command line to reproduce a request takes a token from."""
    from cloudjobs.auth import from_environment
    from cloudjobs.cli._client_factory import variables
    from generator.contract.live import Misused

    names = variables(service, "TOKEN")
    try:
        auth = from_environment(service)
    except ValueError as error:
        raise Misused(Problem("--service", f"{service}: {error}", "Credentials come from the environment")) from None
    return auth, next((name for name in names if os.environ.get(name)), names[-1])


def _address(url: str, auth: httpx.Auth | None) -> str:
    from cloudjobs._urls import Service as Addressed
    from cloudjobs._urls import checked_base_url, must_be_private
    from generator.contract.live import Misused

    try:
        address = checked_base_url(Addressed("provider", ""), url)
    except ValueError as error:
        raise Misused(
            Problem("URL", str(error).removeprefix("base_url "), "Write https://host, with a path if need be")
        ) from None
    if auth is not None:
        try:
            must_be_private(address)
        except ValueError:
            raise Misused(
                Problem("URL", "is plain http, and credentials would be sent to another host in the clear", "Use https")
            ) from None
    return address


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    return name, value
