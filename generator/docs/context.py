"""The data that pages are made from (`SiteContext`), and the parts that they are made of (`Page`, tables).

Code that renders a mapping of a hand-written file takes its keys from a `StrictMapping`. A keyword that the code does
not use stops the build with file and pointer, so a list of the keywords beside the code that shows them is not needed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import griffe

from ..documents import Recording, Service, Source
from ..documents.json_pointer import child, resolve
from ..documents.renditions import BUNDLED, KINDS, VECTORS, Rendition
from ..documents.settings import SiteSettings
from ..errors import Problem, ValidationError
from .escaping import Docstrings, in_markdown, mark_foreign, plain, raw
from .translation import LANGUAGES, speaking, translate

LAYOUTS = {"prose": [], "wide": ["toc"], "home": ["navigation", "toc"]}
"""Layouts, and the sidebars that each hides: none, the table of contents, or also the navigation."""

_TITLE = re.compile(r"# (.+)\n")


@attrs.frozen(slots=False)
class SiteContext:
    """Everything that pages are made from."""

    root: Path
    """The project folder."""
    services: list[BundledService]
    package: str = "cloudjobs"
    """Import name of the generated client."""
    client_folder: Path | None = None
    """Folder of the client's distribution, by default `generated_client` in the project."""
    regenerate: str = "make generate"
    """The command that writes the client."""
    runtime_folder: Path | None = None
    """Folder with the package `cloudjobs` if the client requires it; None if the client has a copy of the runtime."""
    site: SiteSettings = attrs.field(factory=SiteSettings)
    """The brand of the site."""
    vectors: list[Rendition] = attrs.field(factory=list)
    """Test vectors of the services; an empty list leaves them out of the site."""
    guides: frozenset[str] = frozenset()
    """Names of the hand-written pages, which generated pages may link to."""
    left_out: frozenset[str] = frozenset()
    """Services of the project that the site has no pages of."""
    has_consoles: bool = False
    """Whether each document has a console page."""

    @property
    def name(self) -> str:
        """Name of the site."""
        return self.site.name or self.package.replace("_", "-")

    @property
    def description(self) -> str:
        """Description of the site, in a line."""
        return self.site.description or "Typed Python clients of job-query endpoints, and the documents of these."

    def place(self, path: Path) -> str:
        """Return a file of the project as a path below it; empty for a file elsewhere."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else ""

    def changes(self, service: str) -> list[dict[str, Any]]:
        """Return the comparisons of a document's versions in `openapi/changes/`, newest first, with stand-ins.

        Each file is the output of `contract diff --format json` for a version.
        """
        found = []
        for file in (self.root / "openapi" / "changes").glob("*.json"):
            documents = json.loads(file.read_text(encoding="utf-8"))["documents"]
            found += [each for each in documents if each["document"] == service]
        newest_first = sorted(
            found, key=lambda each: [int(part) for part in each["new_version"].split(".")], reverse=True
        )
        return [mark_foreign(each) for each in newest_first]

    @property
    def services_with_evidence(self) -> list[BundledService]:
        """The services with evidence: all but those with imported documents."""
        return [each for each in self.services if not each.service.is_imported]

    @property
    def guarded(self) -> SiteContext:
        """The same context with stand-ins in all foreign text; pages are assembled from it."""
        return attrs.evolve(self, services=list(map(BundledService.guarded, self.services)))

    @cached_property
    def client(self) -> Package:
        """The generated client's source."""
        folder = self.client_folder or self.root / "generated_client"
        return Package(folder / "src", self.package, self.regenerate)

    @cached_property
    def runtime(self) -> Package:
        """The source of the package with the runtime."""
        if self.runtime_folder is None:
            return self.client
        return Package(self.runtime_folder, "cloudjobs", self.regenerate)

    def import_runtime(self, module: str) -> Any:
        """Import a module of the package with the runtime."""
        self.import_client()
        return import_module(f"{self.runtime.name}.{module}")

    def import_client(self, module: str = "") -> Any:
        """Import a module of the client by its name below the package, or the package itself."""
        folder = str(self.client.root)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        return import_module(f"{self.package}.{module}" if module else self.package)


@attrs.frozen(slots=False)
class BundledService:
    """One service, with the bundled copy of its document."""

    service: Service
    document: dict[str, Any]
    """The document that the client and the site carry, with recordings, evidence ids and confidence."""
    language: str = ""
    """The language of the page's edition; empty for English."""

    @classmethod
    def guarded(cls, bundled: BundledService) -> BundledService:
        """Return the same service with stand-ins in its text."""
        service = bundled.service
        recordings = [Recording(mark_foreign(name), _guarded(one)) for name, one in service.recordings.items()]
        document, evidence = (
            attrs.evolve(source, data=mark_foreign(source.data)) for source in (service.document, service.evidence)
        )
        guarded = Service(service.name, document, evidence, {one.id: one for one in recordings})
        return cls(guarded, mark_foreign(bundled.document))

    def translated(self, language: str, file: Path) -> BundledService:
        """Return the same guarded service with the texts of a translations file."""
        with speaking(language):
            evidence = self.service.evidence
            document, contradictions = translate(file, self.document, evidence.data["contradictions"])
            own, _ = translate(file, self.service.document.data, [])
        service = attrs.evolve(
            self.service,
            document=attrs.evolve(self.service.document, data=own),
            evidence=attrs.evolve(evidence, data={**evidence.data, "contradictions": contradictions}),
        )
        return BundledService(service, document, language)

    @property
    def page(self) -> str:
        """Name of the service's page."""
        return f"{self.language}/services/{self.name}" if self.language else f"services/{self.name}"

    @property
    def base(self) -> str:
        """The site's root, relative to the service's page."""
        return "../" * self.page.count("/")

    @property
    def english(self) -> str:
        """The English page relative to that of this edition; empty if it is the same page."""
        return f"{self.base}services/{self.name}.md" if self.language else ""

    @property
    def name(self) -> str:
        """Module name of the service."""
        return self.service.name

    @property
    def title(self) -> str:
        """Title of the document."""
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
        return {entry["id"]: entry for kind in ("rows", "observed", "facts") for entry in self.evidence[kind]}


def _guarded(recording: Recording) -> Source:
    source = attrs.evolve(recording.source, data=mark_foreign(recording.source.data))
    if recording.is_json:
        # The strings of a JSON body are foreign, its punctuation is not.
        source.data["body"] = json.dumps(mark_foreign(recording.body), ensure_ascii=False)
    return source


@attrs.frozen
class Page:
    """One page without its head."""

    name: str
    """Path below the site, without suffix: `services/index` is `/services/`, `changelog` is `/changelog/`."""
    description: str
    """One sentence, for the page's head and for llms.txt."""
    markdown: str
    """The page for the site builder; the first line is its title, as `# …`."""
    plain: str = attrs.field()
    """The page for its Markdown copy; by default made from `markdown`."""
    layout: str = "prose"
    """One of `LAYOUTS`."""
    source: Path | None = None
    """The file of a hand-written page."""
    edits: str = ""
    """The file of the project to edit for a change of the page, as a path below the project."""

    @plain.default
    def _plain(self) -> str:
        return plain(self.markdown)

    @classmethod
    def from_parts(cls, name: str, description: str, parts: Iterable[str], layout: str = "prose") -> Page:
        """Return a page of blocks of Markdown."""
        return cls(name, description, "\n\n".join(parts) + "\n", layout=layout)

    @property
    def readable(self) -> Page:
        """The page without stand-ins, for a preview: text of documents is the project's own there."""
        return attrs.evolve(self, markdown=in_markdown(self.markdown) + "\n")

    @property
    def title(self) -> str:
        """The title without backquotes."""
        found = _TITLE.match(self.plain)
        return found[1].replace("`", "") if found else self.name

    @property
    def language(self) -> str:
        """The language of the edition that the page belongs to; empty for English."""
        folder = self.name.partition("/")[0]
        return folder if folder in LANGUAGES else ""

    @property
    def original(self) -> str:
        """Name of the English page: that of an edition without the folder of its language."""
        return self.name.removeprefix(f"{self.language}/") if self.language else self.name

    @property
    def address(self) -> str:
        """Address relative to the site's root: `python/errors/`; empty for the home page."""
        return re.sub(r"(^|(?<=/))index/\Z", "", f"{self.name}/")


@attrs.define
class SourceFile:
    """The bundled document of a service, its evidence, or a recording, while pages are made of it."""

    data: dict[str, Any]
    source: Source
    """The hand-written file; problems name its lines."""
    problems: list[Problem] = attrs.field(factory=list)

    @contextmanager
    def reading(self, pointer: str) -> Iterator[StrictMapping]:
        """Yield the mapping at a pointer. Adds a problem for each key that is unused at the end."""
        mapping = StrictMapping(self, pointer, resolve(self.data, pointer))
        yield mapping
        for key in (key for key in mapping.value if key not in mapping.used):
            message = f"must be a key that the site shows, got {raw(key)}"
            fix = "Remove it, or show it in generator/docs"
            self.problems.append(self.source.problem(raw(child(pointer, key)), message, fix))


@attrs.define
class StrictMapping:
    """A mapping that remembers which of its keys were used."""

    file: SourceFile
    pointer: str
    value: dict[str, Any]
    used: set[str] = attrs.field(factory=set)

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key."""
        self.used.add(key)
        return self.value.get(key, default)

    def at(self, key: str) -> str:
        """Return the pointer of a key's value, which the caller reads in turn."""
        self.used.add(key)
        return child(self.pointer, key)

    def keys_of(self, key: str) -> list[str]:
        """Return the pointers of the members of the mapping or list under a key."""
        pointer, members = self.at(key), self.value.get(key, {})
        return [child(pointer, name) for name in (members if isinstance(members, dict) else range(len(members)))]


_HEAD = re.compile(r"---\n(.*?\n)---\n+", re.DOTALL)


def read_head(text: str, file: str) -> tuple[dict[str, str], str]:
    """Split a hand-written page into its head (`---`, lines of `key: value`, `---`) and the rest.

    A translated page names the digits of its English text as `source`.

    Raises:
        ValidationError: The head or the title is missing or invalid.
    """
    found = _HEAD.match(text)
    head = dict(re.findall(r"^(\w+): *(.*)$", found[1], re.MULTILINE)) if found else {}
    source = head.pop("source", "")
    body = text[found.end() :] if found else text
    given = ", ".join(head) or "none"
    layout = head.setdefault("layout", "prose")
    if "description" not in head or set(head) != {"description", "layout"}:
        message = f"head must have description and may have layout, got {given}"
        problem = Problem(file, message, "Begin the page with the lines ---, description: …, ---", 1)
    elif layout not in LAYOUTS:
        message = f"layout must be one of {', '.join(LAYOUTS)}, got {layout}"
        problem = Problem(file, message, "Write one of them, or leave layout out", 1)
    elif not _TITLE.match(body):
        message = f"first line after the head must be a title, got {body.partition(chr(10))[0]!r}"
        problem = Problem(file, message, "Begin the line with # and a space")
    else:
        return head | {"source": source}, body
    raise ValidationError(problem)


def rows(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [columns, ["---"] * len(columns), *cells]
    escaped = [[" ".join(cell.split()).replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def service_table(context: SiteContext) -> str:
    """Return the table of services: each with its summary and its requests."""
    cells = []
    for each in context.services:
        requests = ", ".join(f"`{operation.method.upper()} {operation.path}`" for operation in each.service.operations)
        cells.append((f"[{each.title}](services/{each.name}.md)", each.document["info"].get("summary", ""), requests))
    return rows(("Service", "Content", "Request"), cells)


def hosts_table(context: SiteContext) -> str:
    """Return the table of hosts: each server of a document, its regions, and the variable of its address."""
    cells = []
    for each in context.services:
        variable = f"`{context.runtime.name.upper()}_{each.name.upper()}_URL`"
        for server in each.document.get("servers", []):
            values = {name: entry.get("enum", []) for name, entry in server.get("variables", {}).items()}
            listed = ", ".join(f"`{value}`" for known in values.values() for value in known)
            cells.append((f"[{each.title}](services/{each.name}.md)", f"`{server['url']}`", listed or "–", variable))
    return rows(("Service", "Address", "Regions", "Variable for another address"), cells)


def documents_table(context: SiteContext) -> str:
    """Return the table of the documents and their renditions, each with the tools that it is for and its files."""
    cells = []
    for kind in (*KINDS, *([VECTORS] if context.vectors else [])):
        # Imported documents have no renditions.
        services = context.services if kind is BUNDLED else context.services_with_evidence
        names = [each.name for each in services] if "{service}" in kind.file else [""] if services else []
        if not names:
            continue
        files = []
        for service in names:
            file = kind.file.format(service=service)
            links = [f"[{suffix.upper()}](openapi/{file}.{suffix})" for suffix in kind.formats]
            files.append(" ".join([*([f"`{service}`"] if service else []), *links]))
        cells.append((kind.label, kind.purpose, "<br>".join(files)))
    return rows(("Document", "Which tools", "Files"), cells)


@attrs.frozen(slots=False)
class Package:
    """The generated package."""

    root: Path
    """The folder that contains the package's folder."""
    name: str
    regenerate: str
    """The command that writes it."""

    @cached_property
    def module(self) -> Any:
        """The package. Raises `ValidationError` if it is missing."""
        try:
            extensions = griffe.load_extensions(Docstrings)
            return griffe.load(self.name, search_paths=[self.root], allow_inspection=False, extensions=extensions)
        except ImportError:
            raise self._outdated(self.root / self.name, "the generated package is missing") from None

    def service(self, name: str) -> ServiceCode:
        """Return the code of a service. Raises `ValidationError` if it is missing."""
        if name not in self.module.members:
            raise self._outdated(self.root / self.name / name, "the generated package of the service is missing")
        return ServiceCode(self.module[name], self.regenerate)

    def _outdated(self, file: Path, message: str) -> ValidationError:
        return ValidationError(Problem(file, message, f"Run `{self.regenerate}`"))


@attrs.frozen
class ServiceCode:
    """The generated package of one service."""

    module: Any
    regenerate: str

    @property
    def client(self) -> str:
        """Name of the synchronous client."""
        return self._class_of("client", "Client")

    @property
    def async_client(self) -> str:
        """Name of the asynchronous client."""
        return self._class_of("async_client", "AsyncClient")

    def method(self, operation_id: str) -> str:
        """Return the client's method for an operation. Raises `ValidationError` if it is missing."""
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation_id).lower()
        if name not in self.module["client"][self.client].members:
            raise self._outdated(f"must have a method for {operation_id}, got none")
        return name

    def fields(self, schema: str) -> dict[str, str]:
        """Return the model's names of a schema's fields by their wire names; empty for a schema without a model."""
        model = self.module["models"].members.get(schema)
        if model is None or not model.is_class:
            return {}
        values = {name: str(attribute.value) for name, attribute in model.members.items() if attribute.is_attribute}
        found = {name: re.match(r"field\(['\"](.*?)['\"]", value) for name, value in values.items()}
        return {mark_foreign(match[1]): name for name, match in found.items() if match}

    def _class_of(self, module: str, base: str) -> str:
        for name, member in self.module.members[module].members.items() if module in self.module.members else ():
            if not member.is_alias and member.is_class and [str(each) for each in member.bases] == [base]:
                return str(name)
        raise self._outdated(f"must have a class derived from {base}, got none")

    def _outdated(self, message: str) -> ValidationError:
        return ValidationError(Problem(self.module.filepath, message, f"Run `{self.regenerate}`"))


def figures_file(root: Path, name: str) -> Path:
    """Return the path of the committed figures of that name."""
    return root / "generator" / "docs" / "figures" / f"{name}.json"


def figures(root: Path, name: str) -> dict[str, Any]:
    """Return committed figures. Raises `LookupError`, a message and a hint, if the file is missing or not JSON."""
    path = figures_file(root, name)
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LookupError(f"{path.name} cannot be read ({type(error).__name__})", "Run make docs-figures") from None
    return data
