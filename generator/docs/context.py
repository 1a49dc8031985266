"""Pages, blocks, tables, and the services that pages are made from."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from generator.docs.api_source import Package
from generator.docs.escaping import mark_foreign
from generator.documents import Recording, Service, Source
from generator.errors import Problem, ValidationError

_HEAD = re.compile(r"---\n(.*?\n)---\n+", re.DOTALL)

_TITLE = re.compile(r"# (.+)\n")

LAYOUTS = {"prose": [], "wide": ["toc"], "home": ["navigation", "toc"]}
"""What a layout hides of what stands beside a page: nothing, its table of contents, or the navigation as well."""


@attrs.frozen
class Block:
    """What stands in a placeholder's place."""

    markdown: str
    """For the site: Markdown, or HTML that begins and ends a block of its own."""
    plain: str
    """For the Markdown copy of the page: the same, for whoever sees no HTML. A picture's text alternative."""

    @classmethod
    def same(cls, markdown: str) -> Block:
        """A block that is plain Markdown anyhow."""
        return cls(markdown, markdown)


@attrs.frozen
class Page:
    """One page, as the site builder is to have it, without its head."""

    name: str
    """Path below the site, without suffix: `services/index` is `/services/`, `changelog` is `/changelog/`."""
    description: str
    """One sentence: for the page's head, and for llms.txt."""
    markdown: str
    """The page for the site builder; the first line is its title, as `# …`."""
    plain: str
    """The page for its Markdown copy."""
    layout: str = "prose"
    """One of `LAYOUTS`."""
    source: Path | None = None
    """The file that a person wrote, where it is one."""

    @property
    def title(self) -> str:
        found = _TITLE.match(self.plain)
        return found[1].replace("`", "") if found else self.name

    @property
    def address(self) -> str:
        """Where the page is, relative to the site's root: `python/errors/`, and nothing for the home page."""
        return re.sub(r"(^|(?<=/))index/\Z", "", f"{self.name}/")


def read_head(text: str, file: str) -> tuple[dict[str, str], str]:
    """The head of a hand-written page (`---`, lines of `key: value`, `---`) and the rest. Raises `Refused`."""
    found = _HEAD.match(text)
    head = dict(re.findall(r"^(\w+): *(.*)$", found[1], re.MULTILINE)) if found else {}
    body = text[found.end() :] if found else text
    if "description" not in head or not set(head) <= {"description", "layout"}:
        raise ValidationError(
            Problem(file, "has no head with its description", "Begin with ---, description: …, ---", 1)
        )
    if head.setdefault("layout", "prose") not in LAYOUTS:
        raise ValidationError(
            Problem(file, f"has the layout {head['layout']}", f"Choose among {', '.join(LAYOUTS)}", 1)
        )
    if not _TITLE.match(body):
        raise ValidationError(Problem(file, "has no title", "Let the first line after the head be # and the title"))
    return head, body


@attrs.frozen(slots=False)
class BundledService:
    """One service, with the bundled copy of its document."""

    service: Service
    document: dict[str, Any]
    """As the client and the site carry it: recordings inlined, evidence ids and confidence at each place."""

    @classmethod
    def guarded(cls, each: BundledService) -> BundledService:
        """The same service with stand-ins in its text."""
        held = each.service
        recordings = [Recording(mark_foreign(name), _recorded(one)) for name, one in held.recordings.items()]
        service = Service(
            held.name, _source(held.document), _source(held.evidence), {one.id: one for one in recordings}
        )
        return cls(service, mark_foreign(each.document))

    @property
    def name(self) -> str:
        """Module name of the service."""
        return self.service.name

    @property
    def title(self) -> str:
        return str(self.document["info"]["title"])

    @property
    def evidence(self) -> dict[str, Any]:
        """The evidence file."""
        data: dict[str, Any] = self.service.evidence.data
        return data

    @cached_property
    def contradictions(self) -> dict[str, dict[str, Any]]:
        """The contradictions by id, in the order of the evidence."""
        return {entry["id"]: entry for entry in self.evidence["contradictions"]}

    @cached_property
    def entries(self) -> dict[str, dict[str, Any]]:
        """Rows, observations and facts by id."""
        parts = ("rows", "observed", "facts")
        return {entry["id"]: entry for part in parts for entry in self.evidence[part]}


@attrs.frozen(slots=False)
class SiteContext:
    """Everything that pages are made from."""

    root: Path
    """The checkout."""
    services: list[BundledService]
    package: str = "cloudjobs"
    """Import name of the generated client."""

    @property
    def guarded(self) -> SiteContext:
        """The same with stand-ins in all foreign text: what pages are put together from."""
        return attrs.evolve(self, services=list(map(BundledService.guarded, self.services)))

    @cached_property
    def client(self) -> Package:
        """The generated client's source."""
        return Package(self.root / "generated_client" / "src", self.package)


def _source(source: Source) -> Source:
    return attrs.evolve(source, data=mark_foreign(source.data))


def _recorded(recording: Recording) -> Source:
    source = _source(recording.source)
    if recording.is_json:
        # Its texts are foreign, and the signs of JSON between them are not.
        source.data["body"] = json.dumps(mark_foreign(recording.body), ensure_ascii=False)
    return source


def client_module(material: SiteContext, name: str = "") -> ModuleType:
    """A module of the client by its name below the package, or the package itself."""
    place = str(material.root / "generated_client" / "src")
    if place not in sys.path:
        sys.path.insert(0, place)
    return import_module(f"{material.package}.{name}" if name else material.package)


def rows(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *cells]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def services(material: SiteContext) -> str:
    """The services: what they answer, and what calls them."""
    return rows(
        ("Service", "What it tells", "Request"),
        [
            (
                f"[{each.title}](services/{each.name}.md)",
                f"{each.document['info'].get('summary', '')}",
                ", ".join(f"`{operation.method.upper()} {operation.path}`" for operation in each.service.operations),
            )
            for each in material.services
        ],
    )
