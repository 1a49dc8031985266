"""The Python reference: a page of docstrings for each public module, and one page that lists every method and type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.copies import plain
from generator.docs.material import Material
from generator.docs.page import Page
from generator.docs.tables import rows

_SHARED = ("errors", "auth", "testing")
"""Public modules besides the services; the package itself comes first."""


def reference_pages(material: Material) -> Iterator[Page]:
    """The index, and a page for each module."""
    package = material.client.module
    yield _index(material, package)
    for name, module, members in _modules(material, package):
        yield _module(module, name, members)


def exports(module: Any) -> list[Any]:
    """What a module gives out: the targets of its `__all__`, an asynchronous class after its synchronous twin."""
    names = sorted(
        map(str, module.exports or []), key=lambda name: (name.removeprefix("Async").lower(), name.startswith("Async"))
    )
    found = [module[name] for name in names if name in module.members]
    return [member.final_target if member.is_alias else member for member in found]


def _module(module: Any, name: str, members: list[Any]) -> Page:
    told = [member for member in members if _doc(member) or not member.is_attribute]
    head = [f"# {module.path}", _doc(module)]
    text = "\n\n".join([*head, *(f"::: {member.canonical_path}" for member in told)]) + "\n"
    copied = "\n\n".join([*head, *(_copied(member) for member in told)]) + "\n"
    return Page(f"python/{name}", _first_line(_doc(module)), text, plain(copied))


def _index(material: Material, package: Any) -> Page:
    parts = ["# Methods and types", "Every public name of the client, with a link to what it does."]
    for name, module, members in _modules(material, package):
        lines = [line for member in members for line in _lines(name, member)]
        parts += [f"## {module.path}", rows(("Name", "What it is"), lines)]
    text = "\n\n".join(parts) + "\n"
    return Page("python/index", "Every method and type of the client on one page.", text, plain(text))


def _modules(material: Material, package: Any) -> Iterator[tuple[str, Any, list[Any]]]:
    """Name of the page, module and what it gives out, of every public module."""
    services = [each.name for each in material.services]
    inner = tuple(f"{package.path}.{name}." for name in services)
    # What a service gives out is on its own page alone, though the package gives some of it out again.
    yield "package", package, [each for each in exports(package) if not each.canonical_path.startswith(inner)]
    for name in (*_SHARED, *services):
        yield name, package[name], exports(package[name])


def _lines(page: str, member: Any) -> Iterator[tuple[str, str]]:
    """A name with its first sentence; a class that has methods, with each of them."""
    yield f"[`{member.name}`]({page}.md#{member.canonical_path})", _first_line(_doc(member))
    if member.is_class:
        for name, method in member.members.items():
            if method.is_function and not name.startswith("_") and _doc(method):
                called = f"`{member.name}.{name}({_arguments(method)})`"
                yield f"[{called}]({page}.md#{method.canonical_path})", _first_line(_doc(method))


def _arguments(method: Any) -> str:
    names = [parameter.name for parameter in method.parameters if parameter.name not in ("self", "cls")]
    return ", ".join(names)


def _doc(member: Any) -> str:
    return member.docstring.value if member.docstring else ""


def _first_line(text: str) -> str:
    paragraph = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return paragraph if paragraph.endswith((".", ":")) or not paragraph else f"{paragraph}."


def _copied(member: Any) -> str:
    """A member in the Markdown copy: its signature and its docstring as it is written."""
    parts = [f"## `{member.name}`"]
    if member.is_function:
        parts.append(f"```python\n{member.signature()}\n```")
    parts.append(_doc(member))
    if member.is_class:
        for name, inner in member.members.items():
            if name.startswith("_") or not _doc(inner):
                continue
            # A member of an enumeration has a value and no annotation.
            declared = f"{name}: {inner.annotation}" if inner.annotation else name
            title = inner.signature() if inner.is_function else declared
            parts.append(f"### `{title}`\n\n{_doc(inner)}")
    return "\n\n".join(part for part in parts if part)
