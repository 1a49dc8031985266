"""`contract record`: a recording proxy on loopback, and `recordings add`: an entry of its file becomes a recording."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.documents import Service, Workspace, violations
from generator.documents.strict_yaml import MOST_LEVELS
from generator.errors import Problem, Refused
from generator.files import write_files
from generator.verbs.parsers import Verbs
from generator.verbs.preparing import ROOT, form, output, refuse_if

if TYPE_CHECKING:
    from generator.contract.redaction import Secrets

_SECRET_VARIABLES = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|COOKIE|_(AK|SK|KEY)\Z", re.IGNORECASE)
"""Names of environment variables that hold what may be in use."""


def add(contract: Verbs) -> None:
    """Add the verb to the group `contract`."""
    record = contract.add("record", _record, "pass requests on to a provider, and record them without their secrets")
    record.add_argument("--upstream", required=True, metavar="URL", help="the provider's address")
    record.add_argument("--har", type=output, required=True, metavar="FILE", help="HAR file to write")
    record.add_argument(
        "--port", type=_port, default=8011, help="port of 127.0.0.1 to listen on, 0 for any (%(default)s)"
    )
    record.add_argument(
        "--secret-variable",
        action="append",
        default=[],
        metavar="NAME",
        help="an environment variable whose value is secret, besides those that look as if they were",
    )


def add_to_recordings(recordings: Verbs) -> None:
    """Add the verb to the group `recordings`."""
    verb = recordings.add("add", _add, "turn an entry of a HAR file into a recording under openapi/recordings/")
    verb.add_argument("har", type=Path, metavar="FILE.har", help="HAR file to read")
    verb.add_argument("--entry", type=int, metavar="N", help="which entry, counted from 1; needed where there are more")
    verb.add_argument("--id", required=True, help="the recording's name, such as get-job-failed")
    verb.add_argument("--summary", required=True, help="what the reply shows, in a line")
    verb.add_argument("--place", required=True, help="where the reply comes from, in a line, without secrets")
    verb.add_argument("--note", help="what is left open, or was assumed")


def _record(options: argparse.Namespace) -> None:
    import socket

    from generator.contract.recording import Journal, recorder
    from generator.contract.recording.proxy import address, reach, serve

    address(options.upstream)
    if options.har.is_file() and not _is_empty_or_ours(options.har):
        message = "must be a HAR file of contract record, got another file"
        raise Refused(Problem(options.har, message, "Move it, or name another --har"))
    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    journal = Journal(options.har, _secrets(services, options.secret_variable))
    reach(options.upstream)
    app = recorder(options.upstream, journal, named=_namer(services))
    try:
        bound = socket.create_server(("127.0.0.1", options.port))
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise Refused(Problem("--port", f"{options.port} cannot be had ({reason})", "Choose another, or 0")) from None
    journal.write()
    with bound:
        print(f"http://127.0.0.1:{bound.getsockname()[1]} -> {options.upstream}; Ctrl-C ends it", flush=True)
        serve(app, bound)
    print(f"{options.har}: {len(journal)} exchange(s)")


def _is_empty_or_ours(file: Path) -> bool:
    with file.open("rb") as opened:
        begin = opened.read(200)
    return not begin or b'"name": "cloudjobs"' in begin


def _add(options: argparse.Namespace) -> None:
    from generator.contract.recording import Chosen, add_recording
    from generator.contract.recording.import_har import as_yaml

    workspace = Workspace(ROOT)
    services = workspace.select(options.services)
    refuse_if([problem for service in services for problem in form(workspace, service)])
    chosen = Chosen(
        har=options.har,
        entry=options.entry,
        id=options.id,
        summary=options.summary,
        place=options.place,
        note=options.note,
    )
    try:
        service, operation, recording = add_recording(services, chosen, _in_use())
    except RecursionError:
        message = f"must hold an entry nested at most {MOST_LEVELS} levels deep, got more"
        raise Refused(Problem(options.har, message, "Choose another entry")) from None
    for pointer, message in violations(workspace.schemas["recording"], recording):
        what = f"the entry makes no recording: at {pointer} {message}"
        raise Refused(Problem(options.har, what, "Choose another, or mend it"))
    file = workspace.openapi / "recordings" / service.name / f"{options.id}.yaml"
    write_files({file: as_yaml(recording)})
    print(f"{file.relative_to(ROOT)}: read it, and look for what nobody should see")
    status = str(recording["status"])
    document = service.document.path.relative_to(ROOT)
    if status in operation.definition["responses"]:
        line = service.document.line(f"{operation.pointer}/responses/{status}")
        print(f"{document}:{line}: name it there, under x-recordings of the response {status}: {options.id}")
    else:
        print(f"{document}: has no response {status}: add it, with its evidence, and x-recordings: [{options.id}]")
    print("then: make generate && make check", file=sys.stderr)


def _secrets(services: Sequence[Service], variables: Sequence[str]) -> Secrets:
    from generator.contract.recording.import_har import credential_names, open_headers
    from generator.contract.redaction import Secrets

    for name in variables:
        if not os.environ.get(name):
            raise Refused(
                Problem("--secret-variable", f"{name} is not set in the environment", "Set it, or leave it out")
            )
    return Secrets(
        _in_use(variables),
        names=[name for service in services for name in credential_names(service)],
        open_headers=[
            name for service in services for each in service.operations for name in open_headers(service, each)
        ],
    )


def _in_use(variables: Sequence[str] = ()) -> list[str]:
    """The credentials of the environment."""
    return [value for name, value in os.environ.items() if name in variables or _SECRET_VARIABLES.search(name)]


def _namer(services: Sequence[Service]) -> Callable[[str, str], str]:
    from generator.contract.recording.import_har import operation_at

    def named(method: str, path: str) -> str:
        found = operation_at(services, method, path)
        return f"{found[0].name}: {found[1].id}" if found else "no operation of a document"

    return named


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 65535")
    return int(text)
