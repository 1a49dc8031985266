"""Commands `new` and `import`: the files of a service, drafted or from a vendor's OpenAPI document."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..cli import Commands, count
from ..documents import Workspace
from ..documents.settings import is_package_name
from ..documents.strict_yaml import read_text
from ..documents.workspace import is_imported
from ..errors import Problem, UsageError, ValidationError
from ..files import write_files
from . import PROGRAM, bundled_services, relative

if TYPE_CHECKING:
    from ..scaffold import Draft

_EPILOG = """\
The commands check, client and contract check accept the files without changes. Texts that you must write are marked
TODO. For the first service of a project, the settings file cloudjobs.toml is written too.
"""


def add(commands: Commands) -> None:
    """Add the commands."""
    help = "write a document, evidence and a recording for a new service"
    new = commands.add("new", _new, help, services=False, writes=True)
    new.epilog = _EPILOG
    new.add_argument("service", metavar="SERVICE", help="module name of the service, such as tasks")
    source = new.add_mutually_exclusive_group()
    help = "the vendor's page as text or HTML: its tables become rows of the evidence"
    source.add_argument("--page", type=Path, metavar="FILE", help=help)
    source.add_argument("--har", type=Path, metavar="FILE", help="a HAR file with a response of the service")
    source.add_argument("--response", type=Path, metavar="FILE", help="the output of curl -i, or a response body alone")
    new.add_argument("--entry", type=count, metavar="N", help="entry of the HAR file, counted from 1")
    new.add_argument("--url", metavar="URL", help="address of the request of --response")
    help = (
        "path of the operation, such as /v1/tasks/{task_id} (default: from the request, with a parameter for each ID)"
    )
    new.add_argument("--path", metavar="PATH", help=help)
    help = "convert a vendor's OpenAPI document to openapi/<service>.yaml, without evidence"
    command = commands.add("import", _import, help, services=False, writes=True)
    command.add_argument("file", type=Path, metavar="FILE", help="document of OpenAPI 3.0 or 3.1, YAML or JSON")
    command.add_argument("--service", metavar="NAME", help="name of the service (default: from the name of the file)")
    command.add_argument(
        "--overlay",
        type=Path,
        metavar="FILE",
        help="OpenAPI Overlay that adds extensions for jobs (default: openapi/overlays/<service>.yaml, if it exists)",
    )


def _new(options: argparse.Namespace) -> None:
    from ..client import reserved_names
    from ..scaffold import create, empty_draft, exchange_draft, files_of, page_draft
    from .contract import secrets_in_use

    name = options.service
    if not is_package_name(name):
        message = f"must be lower-case letters, digits and _, with a letter first, got {name!r}"
        raise UsageError(Problem("SERVICE", message, "Write a name such as tasks"))
    if name in reserved_names():
        message = f"must not be the name of a module of the client's runtime, got {name}"
        raise UsageError(Problem("SERVICE", message, f"Write a name such as {name}_jobs"))
    for option, value, needs, given in (
        ("--entry", options.entry, "--har", options.har),
        ("--url", options.url, "--response", options.response),
        ("--path", options.path, "--har or --response", options.har or options.response),
    ):
        if value is not None and given is None:
            raise UsageError(Problem(option, f"must be used with {needs}", f"Add {needs}, or leave the option out"))
    workspace = Workspace(options.project)
    settings = workspace.settings
    draft: Draft
    if options.page:
        draft = page_draft(name, options.page)
    elif options.har:
        draft = exchange_draft(name, options.har, options.entry, options.path, secrets_in_use())
    elif options.response:
        draft = _from_curl(options, name, secrets_in_use())
    else:
        draft = empty_draft(name)
    files = {workspace.openapi / path: text for path, text in files_of(draft, PROGRAM, _validate).items()}
    if not settings.file.exists():
        files[settings.file] = (
            f'package = "{name}_client"\nversion = "0.1.0"\ndescription = "A typed client of {draft.title}."\n'
        )
    elif settings.services is not None and name not in settings.services:
        message = f"services must contain {name}, got a list without it"
        raise ValidationError(Problem(settings.file, message, "Add it to the list, or remove the list"))
    create(files)
    for file in files:
        print(relative(file))
    document = workspace.openapi / f"{name}.yaml"
    if "x-job:" not in files[document]:
        print(f"{relative(document)}: no field with the state of a job was found. If there is one, add x-job")
    print(f"next: {PROGRAM} check, then {PROGRAM} client")


def _validate(project: Path) -> None:
    bundled_services(Workspace(project), None)


def _from_curl(options: argparse.Namespace, service: str, known: list[str]) -> Draft:
    from ..scaffold import curl_exchange, exchange_draft

    file = options.response
    entry = curl_exchange(read_text(file, "Save the output of curl -i URL"), options.url, str(file))
    with tempfile.TemporaryDirectory(prefix="response-") as folder:
        har = Path(folder) / "response.har"
        har.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}), encoding="utf-8")
        return exchange_draft(service, har, None, options.path, known, str(file))


def _import(options: argparse.Namespace) -> None:
    from ..client import reserved_names
    from ..client.template_model_builder import reserved_schema_names
    from ..imports import import_document
    from ..imports.vendor_files import as_yaml

    workspace = Workspace(options.project)
    service = options.service or re.sub(r"[^a-z0-9]+", "_", options.file.stem.lower()).strip("_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", service) or service in reserved_names():
        message = f"must be lower-case letters, digits and _, and not a module of the client's runtime, got {service!r}"
        raise ValidationError(Problem("--service", message, "Choose another name"))
    target = workspace.openapi / f"{service}.yaml"
    if target.is_file() and not _was_imported(target):
        remedy = "Choose another name with --service, or move the file"
        raise ValidationError(Problem(target, "must be an imported document, got a hand-written one", remedy))
    beside = workspace.openapi / "overlays" / f"{service}.yaml"
    overlay = options.overlay or (beside if beside.is_file() else None)
    made = import_document(options.file, overlay, reserved_schema_names(service))
    for problem in made.warnings:
        print(f"warning: {relative(problem)}", file=sys.stderr)
    for problem in made.left_out:
        print(f"left out: {relative(problem)}", file=sys.stderr)
    header = f"Imported from {options.file.name}. Do not edit: change its overlay, and import it again."
    write_files({target: as_yaml(made.document, header).encode()})
    print(f"{relative(target)}: {made.imported} of {made.operations} operations, without evidence")


def _was_imported(path: Path) -> bool:
    from ..imports.vendor_files import read_document

    return is_imported(read_document(path))
