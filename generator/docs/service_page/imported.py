"""The page of an imported service: its operations and their methods. Its vendor publishes the rest."""

from __future__ import annotations

from collections.abc import Iterator

from ..context import BundledService, Page, SiteContext, rows
from ..macros import fill
from .schema_text import code as code_of


def imported_page(context: SiteContext, bundled: BundledService) -> Page:
    """Return the page of a service with an imported document."""
    name, description = f"services/{bundled.name}", f"{bundled.title}, imported: operations and their methods."
    return Page(name, description, fill("\n\n".join(_parts(context, bundled)) + "\n", context, name), layout="wide")


def _parts(context: SiteContext, bundled: BundledService) -> Iterator[str]:
    origin, code = bundled.document["x-imported"], context.client.service(bundled.name)
    files = ", ".join(f"[{kind.upper()}](../openapi/{bundled.name}.{kind})" for kind in ("yaml", "json"))
    yield f"# {bundled.title}"
    yield (
        f"This document was **imported** from {code_of(origin['file'])}, which its vendor publishes. It has no "
        "evidence: nothing here has been compared with a page or with recorded responses."
    )
    facts = [
        ("Document", f"OpenAPI {bundled.document['openapi']}, version {bundled.document['info']['version']}: {files}"),
        ("Python", f"[`{code.client}`, `{code.async_client}`](../python/{bundled.name}.md)"),
    ]
    if "overlay" in origin:
        facts.append(("Overlay", f"{code_of(origin['overlay'])}, which has the extensions of a job service"))
    yield "\n\n".join(f"{term}\n:   {text}" for term, text in facts)
    yield "## Operations"
    cells = []
    for operation in bundled.service.operations:
        marks = [word for key, word in _MARKS.items() if operation.definition.get(key)]
        request = code_of(f"{operation.method.upper()} {operation.path}")
        method = f"`{code.method(operation.id)}`{''.join(f', {mark}' for mark in marks)}"
        cells.append((request, method, str(operation.definition["summary"])))
    yield rows(("Request", "Method", "Summary"), cells)


_MARKS = {"deprecated": "deprecated", "x-poll": "awaited by `wait_for_job`", "x-pagination": "in pages"}
