"""Commands `contract check`, `diff`, `record`, `verify`, `mutate`, `coverage`, and `recordings export` and `add`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cli import Commands, add_format, count, count_or_none, not_negative, percent, positive
from ..documents import Service, Workspace, lint, violations
from ..documents.strict_yaml import MOST_LEVELS
from ..errors import Problem, UsageError, ValidationError
from ..files import print_table, write_files
from . import PROGRAM, bundled_services, relative, runtime_folder, validate_service

if TYPE_CHECKING:
    import httpx

    from ..contract import Contracts, Exchange, HarFile, SkippedEntry
    from ..contract.diff import Difference
    from ..contract.diff.sources import Documents
    from ..contract.findings import Report
    from ..contract.recorder import SigningKeys
    from ..contract.redaction import Secrets
    from ..quality.mutation import Explanations, Outcome, Score

_VERIFY_EPILOG = """\
Only GET requests are sent. Credentials are read from the environment, as by the client: CLOUDJOBS_TOKEN and others.
Exit codes: 0 the provider matches its document, except for known contradictions; 1 new drift; 2 wrong usage, or no job
to request; 3 the provider cannot be checked.
"""

_DIFF_EPILOG = """\
OpenAPI 3.0, 3.1 and 3.2 are accepted, in YAML or JSON. The rules for breaking changes are those of oasdiff.
Exit codes: 0 the condition of --fail-on is not met; 1 it is met; 2 wrong usage; 3 a document cannot be compared: it is
missing, malformed or not OpenAPI 3, or it refers to a URL or to a file outside its folder.
"""

_SECRET_VARIABLES = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|COOKIE|_(AK|SK|KEY)\Z", re.IGNORECASE)
"""Names of environment variables that may contain credentials."""

_SURVIVORS = Path("tests", "contract", "survivors.yaml")
"""Default path of the file that explains survivors. It may be missing."""


def add(commands: Commands) -> None:
    """Add the groups `recordings` and `contract`."""
    recordings = commands.group("recordings", "the recorded responses")
    export = recordings.add("export", _export, "write the recorded responses to a HAR file", writes=True)
    help = "convert an entry of a HAR file to a recording in openapi/recordings/"
    _add_import_options(recordings.add("add", _add, help, writes=True))
    contract = commands.group("contract", "check exchanges, measure the checks, compare documents")
    help = "check recorded responses and their requests; exit code 1 if there are new findings"
    check = contract.add("check", _check, help)
    _add_check_options(check)
    help = "compare any OpenAPI documents: list changes by their effect on callers, and check the version numbers"
    _add_diff_options(contract.add("diff", _diff, help))
    help = "forward requests to a provider, and record the exchanges without secrets"
    record = contract.add("record", _record, help, writes=True)
    _add_record_options(record)
    help = "check a live provider against its document; exit code 1 if there is new drift"
    verify = contract.add("verify", _verify, help, services=False)
    _add_verify_options(verify)
    _add_quality_commands(commands, contract)
    for command in (export, record):
        command.add_argument("--har", type=commands.output, required=True, metavar="FILE", help="HAR file to write")
    for command in (check, verify):
        help = "report a job that is unchanged in N successive responses"
        command.add_argument("--stuck-after", type=count, metavar="N", help=help)
        add_format(command, "json", "junit", "sarif")
        help = "write the report to this file, not to the terminal"
        command.add_argument("--output", type=commands.output, metavar="FILE", help=help)


def _add_quality_commands(commands: Commands, group: Commands) -> None:
    mutate = group.add(
        "mutate", _mutate, "change each document in many ways, and measure how many of the changes are detected"
    )
    mutate.add_argument(
        "--min", type=percent, default=0.0, metavar="PERCENT", help="exit code 1 if a smaller share of all is detected"
    )
    mutate.add_argument(
        "--survivors",
        type=Path,
        metavar="FILE",
        help="file that explains survivors; others are an error (default: tests/contract/survivors.yaml)",
    )
    coverage = group.add("coverage", _coverage, "list the parts of each document that recordings and cases exercise")
    coverage.add_argument("--all", action="store_true", help="exit code 1 if any part is not exercised")
    for command, name in ((mutate, "mutation.json"), (coverage, "coverage.json")):
        help = f"JSON file to write (default: build/{name})"
        command.add_argument(
            "--output", type=commands.output, default=commands.project / "build" / name, metavar="FILE", help=help
        )


def _add_check_options(check: argparse.ArgumentParser) -> None:
    check.add_argument(
        "--har",
        type=Path,
        nargs="+",
        action="extend",
        metavar="FILE",
        help="HAR files to check instead of openapi/recordings/; requests to the servers of a document are checked, or"
        " if a file has no such requests, all requests to a path of a document",
    )
    check.add_argument(
        "--host",
        nargs="+",
        action="extend",
        default=[],
        metavar="HOST",
        help="hosts of the services in the HAR files, such as localhost:8010: all requests to them are checked",
    )
    check.add_argument("--entry", type=count, metavar="N", help="only this entry of the HAR file, counted from 1")
    check.add_argument(
        "--stuck-seconds",
        type=positive,
        metavar="S",
        help="report a job that is unchanged for S seconds in a HAR file",
    )


def _add_diff_options(diff: argparse.ArgumentParser) -> None:
    diff.epilog = _DIFF_EPILOG
    diff.formatter_class = argparse.RawDescriptionHelpFormatter
    diff.add_argument(
        "old", nargs="?", metavar="OLD", help="a document, a folder of documents, or a git revision such as v0.1.0"
    )
    diff.add_argument("new", nargs="?", metavar="NEW", help="the same (default: the documents of the project folder)")
    diff.add_argument(
        "--last-release",
        action="store_true",
        help="compare with the last release tag instead of OLD; without a tag, succeed",
    )
    add_format(diff, "json")
    diff.add_argument(
        "--fail-on",
        choices=["version", "breaking", "compatible", "neutral", "never"],
        default="version",
        help="condition of exit code 1: info.version is raised too little (version, the default); a change has this"
        " effect or a worse one (breaking, compatible, neutral); or never",
    )


def _add_record_options(record: argparse.ArgumentParser) -> None:
    record.add_argument("--upstream", type=_address, required=True, metavar="URL", help="URL of the provider")
    record.add_argument(
        "--port",
        type=_port,
        default=8011,
        help="port of 127.0.0.1 to listen on, 0 for any free port (default: %(default)s)",
    )
    record.add_argument(
        "--secret-variable",
        action="append",
        default=[],
        metavar="NAME",
        help="an environment variable with a secret value; variables with names such as *_TOKEN are included anyway",
    )


def _add_import_options(add: argparse.ArgumentParser) -> None:
    add.add_argument("har", type=Path, metavar="FILE.har", help="HAR file to read")
    add.add_argument(
        "--entry", type=count, metavar="N", help="entry of the file, counted from 1; required if the file has several"
    )
    add.add_argument("--id", required=True, help="name of the recording, such as get-job-failed")
    add.add_argument("--summary", required=True, help="content of the response, in one line")
    add.add_argument("--location", required=True, help="source of the response, in one line, without secrets")
    add.add_argument("--note", help="open questions and assumptions")


def _add_verify_options(verify: argparse.ArgumentParser) -> None:
    verify.epilog = _VERIFY_EPILOG
    verify.formatter_class = argparse.RawDescriptionHelpFormatter
    add = verify.add_argument
    add("url", type=_address, metavar="URL", help="URL of the provider, with a path if its API is below one")
    add("--service", required=True, metavar="S", help="service that the provider implements")
    help = "ID of a job to request (default: the jobs of the recordings)"
    add("--job", action="append", default=[], metavar="ID", help=help)
    help = "value of another path or header parameter (default: from the environment, or else from the recordings)"
    add("--parameter", type=_pair, action="append", default=[], metavar="NAME=VALUE", help=help)
    add("--rate", type=positive, default=5.0, metavar="N", help="most requests per second (default: %(default)g)")
    help = "most valid queries, and most invalid ones, to generate from the document; 0 for none (default: %(default)s)"
    add("--cases", type=count_or_none, default=20, metavar="N", help=help)
    add("--polls", type=count, default=3, metavar="N", help="requests for each job (default: %(default)s)")
    add(
        "--interval",
        type=not_negative,
        default=2.0,
        metavar="S",
        help="seconds between two requests for a job (default: %(default)g)",
    )
    help = "also send an invalid token, which the provider must reject; some services then lock the account"
    add("--probe-auth", action="store_true", help=help)
    add(
        "--probe-unknown",
        action="store_true",
        help="also request IDs that cannot exist, and that the provider must not find",
    )
    add(
        "--timeout",
        type=positive,
        default=30.0,
        metavar="S",
        help="most seconds to wait for data of a response (default: %(default)g)",
    )


def _check(options: argparse.Namespace) -> int:
    from ..contract import Contracts, check_sequence
    from ..contract.findings import Report
    from ..contract.sequence_rules import StuckThreshold

    for option, value in (
        ("--entry", options.entry),
        ("--stuck-seconds", options.stuck_seconds),
        ("--host", options.host or None),
    ):
        if value is not None and not options.har:
            raise ValidationError(Problem(option, "must be used with --har", "Add --har FILE, or leave the option out"))
    workspace = Workspace(options.project)
    services = workspace.select(options.services)
    # Check the form of the documents only: findings of the recordings are the output of this command.
    if problems := [problem for service in services for problem in lint(workspace, service)]:
        raise ValidationError(problems)
    contracts = Contracts.from_services(services)
    exchanges, skipped = (
        _exchanges_of_files(options, contracts) if options.har else (_exchanges_of_recordings(services), [])
    )
    findings = [finding for exchange in exchanges for finding in contracts.check(exchange)]
    findings += check_sequence(contracts, exchanges, StuckThreshold(options.stuck_after, options.stuck_seconds))
    order = {exchange.source: number for number, exchange in enumerate(exchanges)}
    findings.sort(key=lambda finding: order[finding.source])
    return _publish(Report([exchange.source for exchange in exchanges], findings, skipped), options)


def _publish(report: Report, options: argparse.Namespace) -> int:
    """Print or write a report in the chosen form. Returns the exit code."""
    from ..contract.findings import FORMATS

    text = FORMATS[options.format](report)
    if options.output:
        write_files({options.output: text})
        print(report.summary)
    else:
        print(text, end="")
        if options.format != "text":
            print(report.summary, file=sys.stderr)
    return 1 if report.new else 0


def _exchanges_of_files(options: argparse.Namespace, contracts: Contracts) -> tuple[list[Exchange], list[SkippedEntry]]:
    from ..contract import read_har

    files = [read_har(file) for file in options.har]
    where = " and ".join(map(str, options.har))
    if options.entry is not None:
        return [_chosen_entry(options, files)], []
    found = [file.of_services(contracts, options.host) for file in files]
    exchanges = [exchange for file in found for exchange in file.exchanges]
    unreadable = next((entry for file in files for entry in file.skipped if entry.detail), None)
    if unreadable and not any(file.exchanges for file in files):
        message = f"must have an entry that can be read, got none: {unreadable.detail}"
        raise ValidationError(Problem(where, message, "Save the file again, or save it with another tool"))
    if not exchanges and any(file.exchanges for file in files):
        hosts = ", ".join(sorted({exchange.host for file in files for exchange in file.exchanges}))
        if options.host:
            problem = Problem(
                "--host", f"must be a host of {where}, got {', '.join(options.host)}", f"Name one of {hosts}"
            )
        else:
            message = "must have a request to a path of a document, got none"
            problem = Problem(where, message, f"Name the service's host with --host: the hosts are {hosts}")
        raise ValidationError(problem)
    return exchanges, [entry for file in found for entry in file.skipped]


def _chosen_entry(options: argparse.Namespace, files: list[HarFile]) -> Exchange:
    """Return the entry of `--entry`, with any address."""
    from ..contract import SkippedEntry

    if len(files) != 1:
        message = f"must be used with one HAR file, got {len(files)}"
        raise ValidationError(Problem("--entry", message, "Name one file after --har"))
    (file,) = files
    try:
        entry = file.entry(options.entry)
    except LookupError:
        message = f"must be from 1 to {len(file.entries)} for {file.name}, got {options.entry}"
        raise ValidationError(Problem("--entry", message, "Name an entry of the file")) from None
    if isinstance(entry, SkippedEntry):
        message = f"must be an entry that can be checked, got {options.entry}: {entry.detail or entry.reason}"
        raise ValidationError(Problem("--entry", message, "Choose another entry"))
    return entry


def _exchanges_of_recordings(services: list[Service]) -> list[Exchange]:
    from ..contract import exchange_from_recording
    from ..contract.exchange import check_addresses

    if problems := [problem for service in services for problem in check_addresses(service)]:
        raise ValidationError(problems)
    return [
        exchange_from_recording(service, recording) for service in services for recording in service.recordings.values()
    ]


def _diff(options: argparse.Namespace) -> int:
    from ..contract.diff import as_json, as_text, compare_documents

    workspace = Workspace(options.project)
    old, new = _sides(workspace, options)
    if old is None:
        print("no release tag precedes this commit: nothing to compare")
        return 0
    if len(old) == len(new) == 1 and old.keys() != new.keys():
        # Two files are compared even if their names differ.
        old = dict(zip(new, old.values(), strict=True))
    found = [compare_documents(workspace, name, old.get(name), new.get(name)) for name in sorted(old | new)]
    print(as_json(found) if options.format == "json" else as_text(found))
    return 1 if any(_fails(each, options.fail_on) for each in found) else 0


def _sides(workspace: Workspace, options: argparse.Namespace) -> tuple[Documents | None, Documents]:
    from ..contract.diff import documents, last_release, of_checkout

    if options.last_release:
        if options.old:
            raise UsageError(
                Problem("--last-release", f"must be used without OLD, got {options.old}", "Leave out one of them")
            )
        tag = last_release(workspace)
        services = options.services
        return (documents(workspace, tag, services) if tag else None), of_checkout(workspace, services)
    if not options.old:
        raise UsageError(
            Problem("OLD", "must be a file, folder or revision, got none", "Name one, or use --last-release")
        )
    files = [Path(side) for side in (options.old, options.new) if side and Path(side).is_file()]
    if options.services and (len(files) == 2 or (files and len(options.services) > 1)):
        message = "must be left out with two files, and must be one service with one file"
        raise UsageError(Problem("--services", message, "Leave the option out"))
    # If one side is a file, it is compared with the document of the same name on the other side.
    services = [files[0].stem] if len(files) == 1 and not options.services else options.services
    old = documents(workspace, options.old, services)
    return old, documents(workspace, options.new, services) if options.new else of_checkout(workspace, services)


def _fails(difference: Difference, on: str) -> bool:
    if on in ("version", "never"):
        return on == "version" and not difference.is_enough
    order = ["neutral", "compatible", "breaking"]
    return any(order.index(change.effect) >= order.index(on) for change in difference.changes)


def _record(options: argparse.Namespace) -> int:
    from ..contract.recorder import HarWriter, listen, reach, recorder, serve

    if options.har.is_file() and not _is_empty_or_ours(options.har):
        message = "must be a HAR file of contract record, got another file"
        raise ValidationError(Problem(options.har, message, "Move it, or name another --har"))
    workspace = Workspace(options.project)
    services = workspace.select(options.services)
    writer = HarWriter(options.har, _secrets(services, options.secret_variable))
    reach(options.upstream)
    failures = _Failures()
    app = recorder(
        options.upstream,
        writer,
        named=partial(_operation_name, services),
        keys=_signing_keys(),
        failed=failures.add,
    )
    try:
        bound = listen(options.port)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise ValidationError(
            Problem("--port", f"must be a free port, got {options.port} ({reason})", "Choose another port, or 0")
        ) from None
    writer.write()
    with bound:
        print(f"http://127.0.0.1:{bound.getsockname()[1]} -> {options.upstream}; press Ctrl-C to stop", flush=True)
        serve(app, bound)
    writer.close()
    print(f"{options.har}: {len(writer)} exchange(s)" + (f", {failures.count} not recorded" if failures.count else ""))
    return 1 if failures.count else 0


class _Failures:
    """Exchanges that could not be recorded. The first of each reason is printed."""

    def __init__(self) -> None:
        self.count = 0
        self._printed: set[str] = set()

    def add(self, error: ValidationError) -> None:
        """Count an exchange, and print the reason why it is not in the file."""
        self.count += 1
        if str(error) not in self._printed:
            self._printed.add(str(error))
            print(f"{error} The exchange is not recorded.", file=sys.stderr, flush=True)


_SIGNING_VARIABLES = (("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"), ("HW_ACCESS_KEY", "HW_SECRET_KEY"))
"""Variables of the client that hold an access key and its secret."""


def _signing_keys() -> SigningKeys:
    """Return the access keys of the environment. The recorder signs requests again, for the provider's host."""
    from ..contract.recorder import SigningKeys

    pairs = [(os.environ.get(key), os.environ.get(secret)) for key, secret in _SIGNING_VARIABLES]
    if not any(all(pair) for pair in pairs):
        return SigningKeys({})
    runtime_folder()
    from cloudjobs.auth import AkSk

    return SigningKeys({key: AkSk(key, secret, header="Authorization") for key, secret in pairs if key and secret})


def _is_empty_or_ours(file: Path) -> bool:
    with file.open("rb") as opened:
        begin = opened.read(200)
    return not begin or b'"name": "cloudjobs"' in begin


def _secrets(services: Sequence[Service], variables: Sequence[str]) -> Secrets:
    from ..contract.recordings import credential_names, open_headers
    from ..contract.redaction import Secrets

    for name in variables:
        if not os.environ.get(name):
            raise ValidationError(
                Problem(
                    "--secret-variable",
                    f"must be a variable that is set, got {name}",
                    "Set it, or leave the option out",
                )
            )
    return Secrets(
        secrets_in_use(variables),
        names=[name for service in services for name in credential_names(service)],
        open_headers=[
            name for service in services for each in service.operations for name in open_headers(service, each)
        ],
    )


def secrets_in_use(variables: Sequence[str] = ()) -> list[str]:
    """Return the values of environment variables that may contain credentials, and of the named ones."""
    return [value for name, value in os.environ.items() if name in variables or _SECRET_VARIABLES.search(name)]


def _operation_name(services: Sequence[Service], method: str, path: str) -> str:
    from ..contract.recordings import operation_at

    found = operation_at(services, method, path)
    return f"{found[0].name}: {found[1].id}" if found else "no operation of a document"


def _address(text: str) -> str:
    from ..contract.live.http_client import provider_address

    # Check the URL here, so that no later function gets a password that is part of it.
    try:
        return provider_address(text)
    except ValueError as error:
        del text
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"must be an integer from 0 to 65535, got {text!r}")
    return int(text)


def _export(options: argparse.Namespace) -> None:
    from ..contract import export_har

    workspace = Workspace(options.project)
    services = workspace.select(options.services)
    if problems := [problem for service in services for problem in validate_service(workspace, service)]:
        raise ValidationError(problems)
    har = export_har(services)
    write_files({options.har: har})
    print(f"{options.har}: {len(har['log']['entries'])} recorded responses")


def _add(options: argparse.Namespace) -> None:
    from ..contract.recordings import ImportOptions, add_recording, as_yaml

    workspace = Workspace(options.project)
    services = workspace.select(options.services)
    if problems := [problem for service in services for problem in validate_service(workspace, service)]:
        raise ValidationError(problems)
    chosen = ImportOptions(
        har=options.har,
        entry=options.entry,
        id=options.id,
        summary=options.summary,
        location=options.location,
        note=options.note,
    )
    try:
        service, operation, recording = add_recording(services, chosen, secrets_in_use())
    except RecursionError:
        message = f"must have an entry nested at most {MOST_LEVELS} levels deep, got more"
        raise ValidationError(Problem(options.har, message, "Choose another entry")) from None
    for pointer, message in violations(workspace.schemas["recording"], recording):
        what = f"must have an entry that makes a valid recording, got one with an error at {pointer}: {message}"
        raise ValidationError(Problem(options.har, what, "Choose another entry, or correct this one"))
    file = workspace.openapi / "recordings" / service.name / f"{options.id}.yaml"
    write_files({file: as_yaml(recording)})
    print(f"{relative(file)}: review it for confidential data before you commit it")
    status = str(recording["status"])
    document = relative(service.document.path)
    if status in operation.definition["responses"]:
        line = service.document.line(f"{operation.pointer}/responses/{status}")
        print(f"{document}:{line}: add {options.id} to x-recordings of the response {status}")
    else:
        print(f"{document}: add the missing response {status}, with its evidence and x-recordings: [{options.id}]")
    print(f"then run: {workspace.settings.regenerate} && {PROGRAM} check", file=sys.stderr)


def _verify(options: argparse.Namespace) -> int:
    runtime_folder()
    from ..contract.findings import Report
    from ..contract.live import Plan, Provider, targets, verify
    from ..contract.live.http_client import is_encrypted

    service = _service(Workspace(options.project), options.service)
    chosen = targets(service, options.job, dict(options.parameter))
    # Credentials are only sent if the document declares them.
    needs_credentials = any(target.schemes for target in chosen)
    auth, variable = _credentials(service.name) if needs_credentials else (None, "")
    if auth is not None and not is_encrypted(options.url):
        message = "must be https, got http: credentials would be sent unencrypted to another host"
        raise UsageError(Problem("URL", message, "Use https"))
    provider = Provider(options.url, auth=auth, variable=variable, rate=options.rate, timeout=options.timeout)
    plan = Plan(
        cases=options.cases,
        polls=options.polls,
        interval=options.interval,
        stuck_after=options.stuck_after,
        probe_auth=options.probe_auth,
        probe_unknown=options.probe_unknown,
    )
    try:
        done = verify(service, provider, chosen, plan)
    finally:
        provider.close()
    code = _publish(Report(done.sources, done.findings), options)
    figures = f"{done.requests} request(s) in {done.seconds:.1f} s, {done.cases} of them made by schemathesis"
    print(figures, file=sys.stderr)
    return code


def _service(workspace: Workspace, name: str) -> Service:
    if name not in workspace.service_names:
        known = ", ".join(workspace.service_names)
        raise UsageError(Problem("--service", f"must be one of {known}, got {name!r}", "Correct the name"))
    service = workspace.read(name)
    if problems := lint(workspace, service):
        raise ValidationError(problems)
    return service


def _credentials(service: str) -> tuple[httpx.Auth, str]:
    """Return the credentials of the environment, and the variable of the token for curl commands of the report."""
    from cloudjobs.auth import from_environment

    from ..contract.live.targets import variables

    names = variables(service, "TOKEN")
    try:
        auth = from_environment(service)
    except ValueError as error:
        raise UsageError(
            Problem("--service", f"{service}: {error}", "Credentials are read from the environment")
        ) from None
    return auth, next((name for name in names if os.environ.get(name)), names[-1])


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, got {text!r}")
    return name, value


def _mutate(options: argparse.Namespace) -> int:
    from ..quality.mutation import (
        COLUMNS,
        Explanations,
        MutationRunner,
        Score,
        by_operator,
        by_service,
        survivors,
    )

    workspace = Workspace(options.project)
    services = [service for service, _ in bundled_services(workspace, options.services)]
    survivors_file = options.survivors or options.project / _SURVIVORS
    is_given = options.survivors or survivors_file.exists()
    explanations = Explanations.read(survivors_file) if is_given else Explanations.none(survivors_file)
    outcomes = [outcome for service in services for outcome in MutationRunner(service).outcomes()]
    left = survivors(outcomes)
    everything = Score.from_outcomes("all", outcomes)
    scores, operators = by_service(outcomes), by_operator(outcomes)
    write_files({options.output: _as_data(scores, operators, everything, left, explanations)})
    print_table(("service", *COLUMNS), [score.cells for score in [*scores, everything]])
    print()
    print_table(("operator", *COLUMNS), [score.cells for score in operators])
    print(f"\n{len(left)} survivor(s)")
    for outcome in left:
        print(f"  {outcome.id}\n    {_why(outcome, explanations)}\n    detected by: {_case(outcome, explanations)}")
    problems = explanations.problems(outcomes, left)
    if 100 * (everything.share or 0) < options.min:
        shown = everything.cells[-1]
        problems.append(
            Problem(
                "--min", f"{options.min:g} % of the mutants must be detected, got {shown}", "See the survivors above"
            )
        )
    for problem in problems:
        print(relative(problem), file=sys.stderr)
    return 1 if problems else 0


def _as_data(
    scores: list[Score], operators: list[Score], everything: Score, left: list[Outcome], explanations: Explanations
) -> dict[str, Any]:
    return {
        "total": everything.as_data("service"),
        "services": [score.as_data("service") for score in scores],
        "operators": [score.as_data("operator") for score in operators],
        "survivors": [
            {
                "id": outcome.id,
                "service": outcome.service,
                "operator": outcome.mutant.operator,
                "pointer": outcome.mutant.pointer,
                "change": outcome.mutant.change,
                "why": _why(outcome, explanations),
                "case": _case(outcome, explanations),
            }
            for outcome in left
        ],
    }


def _why(outcome: Outcome, explanations: Explanations) -> str:
    known = explanations.known.get(outcome.id)
    return known.why if known else "not explained"


def _case(outcome: Outcome, explanations: Explanations) -> str:
    known = explanations.known.get(outcome.id)
    if known:
        return known.case
    mutant = outcome.mutant
    about = ", ".join(outcome.about) or f"an entry that documents {mutant.pointer}"
    return f"an example of {about} that has another result after a change of {mutant.pointer}: {mutant.change}"


def _coverage(options: argparse.Namespace) -> int:
    from ..quality.coverage import KINDS, coverage

    workspace = Workspace(options.project)
    measured = [coverage(service) for service, _ in bundled_services(workspace, options.services)]
    missing = [(each.service, item) for each in measured for item in each.missing]
    data = {
        "services": [each.as_data for each in measured],
        "missing": [
            {"service": service, "kind": item.kind, "pointer": item.pointer, "aspect": item.aspect}
            for service, item in missing
        ],
    }
    write_files({options.output: data})
    print("parts exercised by recordings, exercised by recordings or cases, and in all:")
    rows = []
    for each in measured:
        counts = (each.counts(kind) for kind in KINDS)
        rows.append((each.service, *(f"{alone} {all_} /{total}" for alone, all_, total in counts)))
    print_table(("service", *KINDS), rows)
    for service, item in missing:
        print(f"not exercised: {service} {item}")
    return 1 if missing and options.all else 0
