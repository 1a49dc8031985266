"""All pages of the site, hand-written and generated, and their order."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Set
from functools import partial
from pathlib import Path

import attrs

from ..documents import load
from ..errors import Problem, ValidationError
from .comparison import comparison_page, contradictions_page
from .context import BundledService, Page, SiteContext, documents_table, read_head, service_table
from .macros import fill
from .reference import command_line_page, reference_pages
from .service_page.page import imported_page, service_page
from .translation import LANGUAGES, lagging, lagging_guide, say, speaking, translations_file

CONTENT = Path(__file__).parent / "content"
NAVIGATION = Path(__file__).parent / "navigation.yaml"


def assemble(context: SiteContext, parser: ArgumentParser | None, content: Path | None = CONTENT) -> list[Page]:
    """Return all pages.

    Args:
        parser: The command line of the generator, which is part of the page of commands; None leaves it out.
        content: The folder of the hand-written pages; None for a site without them.

    Raises:
        ValidationError: A page cannot be made. Names the problems of all pages.
    """
    written = (
        (path.relative_to(content).with_suffix("").as_posix() for path in content.rglob("*.md")) if content else ()
    )
    context = attrs.evolve(context.guarded, guides=frozenset(written))
    made: list[Page] = []
    problems: list[Problem] = []
    for make in (*_generated(context, parser), *(hand_written(context, content) if content else ())):
        try:
            made.append(make())
        except ValidationError as error:
            problems += error.problems
    pages: dict[str, Page] = {}
    names = {page.name for page in made}
    defaults = [page for page in (_home_page(context), _documents_page(context)) if page.name not in names]
    for page in (*defaults, *made, *reference_pages(context)):
        if page.name in pages:
            message = "must have one source, got a hand-written page and a generated one"
            problems.append(Problem(f"the page {page.name}", message, "Rename the hand-written page"))
        pages[page.name] = page
    if problems:
        raise ValidationError(problems)
    return list(pages.values())


def _generated(context: SiteContext, parser: ArgumentParser | None) -> Iterator[Callable[[], Page]]:
    for bundled in context.services:
        yield partial(imported_page if bundled.service.is_imported else service_page, context, bundled)
    for bundled, language, translations in translated_services(context):
        yield partial(_edition, context, bundled, language, translations)
    if context.services_with_evidence:
        with_evidence = attrs.evolve(context, services=context.services_with_evidence)
        yield partial(comparison_page, with_evidence)
        yield partial(contradictions_page, with_evidence)
    yield partial(command_line_page, context, parser)
    for file, (name, description) in _ROOT_PAGES.items():
        if (context.root / file).is_file():
            yield partial(_root_page, context, file, name, description)


def translated_services(context: SiteContext) -> Iterator[tuple[BundledService, str, Path]]:
    """Yield each service with a translation: its language and its translations file."""
    for language in LANGUAGES:
        for bundled in context.services_with_evidence:
            file = translations_file(context.root, language, bundled.name)
            if file.is_file():
                yield bundled, language, file


def _edition(context: SiteContext, bundled: BundledService, language: str, file: Path) -> Page:
    """Return the page of a service in another language."""
    translated = bundled.translated(language, file)
    with speaking(language):
        return attrs.evolve(service_page(context, translated), edits=context.place(file))


def _home_page(context: SiteContext) -> Page:
    """Return the home page of a site without one in its guides."""
    parts = [f"# {context.name}", context.description, "## The services", service_table(context)]
    return Page.from_parts("index", context.description, parts)


def _documents_page(context: SiteContext) -> Page:
    """Return the list of documents of a site without one in its guides."""
    description = "The OpenAPI documents, and the same for other tools."
    return Page.from_parts("documents", description, ["# Documents", description, documents_table(context)])


_LINK_TO_FILE = re.compile(r"\[([^\]]+)\]\((?![a-z]+:)[^)#]+\)")


_ROOT_PAGES = {
    "CHANGELOG.md": ("changelog", "Changes in each version, for users of the client."),
    "STABILITY.md": ("stability", "The public interface, and the promises of a version."),
    "openapi/STYLE.md": ("style", "The form of the documents, and the extensions that they use."),
}
"""Files of the project that are pages: each with its name on the site and its description."""


def _root_page(context: SiteContext, file: str, name: str, description: str) -> Page:
    text = _LINK_TO_FILE.sub(r"`\1`", (context.root / file).read_text(encoding="utf-8"))
    return Page(name, description, text, edits=file)


def hand_written(context: SiteContext, content: Path = CONTENT) -> Iterator[Callable[[], Page]]:
    """Yield a function for each hand-written page, which returns it or raises `ValidationError`."""
    for path in sorted(content.rglob("*.md")):
        yield partial(_hand_written, context, path, path.relative_to(content).with_suffix("").as_posix())


def _hand_written(context: SiteContext, path: Path, name: str) -> Page:
    text = path.read_text(encoding="utf-8")
    head, body = read_head(text, str(path))
    first_line = text[: len(text) - len(body)].count("\n") + 1
    markdown = _without_links_to(context.left_out, fill(body, context, str(path), first_line))
    if _lags(path, name, head["source"]):
        with speaking(name.partition("/")[0]):
            title, _, rest = markdown.partition("\n")
            markdown = f"{title}\n\n!!! warning\n\n    {say('The English page is newer.')}\n{rest}"
    return Page(name, head["description"], markdown, layout=head["layout"], source=path, edits=context.place(path))


_LINK_TO_SERVICE = re.compile(
    r"\[(?P<text>[^\[\]]+)\]\((?:\.\./)*(?:services|python)/(?P<name>\w+)\.md(?:#[^()\s]*)?\)"
)


def _without_links_to(left_out: Set[str], markdown: str) -> str:
    """Replace each link to a page of a service that is left out by its text."""
    return _LINK_TO_SERVICE.sub(lambda found: found["text" if found["name"] in left_out else 0], markdown)


def _lags(path: Path, name: str, source: str) -> list[Problem]:
    """Return the problem of a translated page if its English page has changed since."""
    language, _, original = name.partition("/")
    if language not in LANGUAGES:
        return []
    return lagging_guide(path, source, path.parents[name.count("/")] / f"{original}.md")


def lagging_translations(context: SiteContext, content: Path | None) -> list[Problem]:
    """Return the translations that are behind their English text: of guides, and of documents."""
    found = []
    for path in sorted(content.rglob("*.md")) if content else ():
        head, _ = read_head(path.read_text(encoding="utf-8"), str(path))
        found += _lags(path, path.relative_to(content or path).with_suffix("").as_posix(), head["source"])
    for bundled, _, file in translated_services(context):
        found += lagging(file, bundled.document, bundled.evidence["contradictions"])
    return found


@attrs.frozen
class Section:
    """A heading of the navigation with its pages; the home page has no heading."""

    title: str | None
    pages: list[str]


def _default_navigation(names: set[str]) -> list[Section]:
    """Return the order of a site without a navigation file."""
    services = ["services/index", *sorted(name for name in names if name.startswith("services/"))]
    python = ["python/index", *sorted(name for name in names if name.startswith("python/"))]
    sections = {
        "Services": [*services, "documents", "contradictions"],
        "Python": python,
        "Reference": ["command-line", "style", "stability", "changelog"],
    }
    for language, own_name in LANGUAGES.items():
        sections[own_name] = sorted(name for name in names if name.startswith(f"{language}/"))
    guides = names - {"index", *(name for pages in sections.values() for name in pages)}
    ordered = {"Guides": sorted(guides), **sections}
    found = [
        Section(title, [name for name in dict.fromkeys(pages) if name in names]) for title, pages in ordered.items()
    ]
    return [Section(None, ["index"]), *(section for section in found if section.pages)]


def read_navigation(names: Iterable[str], file: Path | None = NAVIGATION) -> list[Section]:
    """Return the sections with the names of their pages; without a file, guides come first.

    Raises:
        ValidationError: The file names a page that does not exist, or omits one.
    """
    if file is None:
        return _default_navigation(set(names))
    source = load(file)
    entries = [
        # The home page is alone, without a heading.
        [(f"/{index}/page", entry["page"])]
        if "page" in entry
        else [(f"/{index}/pages/{number}", name) for number, name in enumerate(entry.get("pages", []))]
        for index, entry in enumerate(source.data)
    ]
    left = dict.fromkeys(sorted(names))
    named = {name for section in entries for _, name in section}
    problems: list[Problem] = []
    sections: list[Section] = []
    for entry, pages in zip(source.data, entries, strict=True):
        section = Section(entry.get("section"), [])
        for pointer, name in pages:
            folder = name.removesuffix("*")
            found = [each for each in left if each.startswith(folder) and each not in named] if "*" in name else [name]
            if not found or (found == [name] and name not in left):
                message, fix = f"must name a page that exists, got {name}", "Write the page, or remove the name"
                problems.append(source.problem(pointer, message, fix))
                continue
            for each in found:
                del left[each]
            section.pages.extend(found)
        if section.pages:
            sections.append(section)
    missing = "must have an entry for each page, got none for"
    problems += [Problem(file, f"{missing} {name}", "Add the page to a section") for name in left]
    if problems:
        raise ValidationError(problems)
    return sections
