"""Tables made from the documents, for placeholders of the kind `table`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from generator.docs.material import Material
from generator.docs.measured import figures
from generator.docs.page import Block


def table(material: Material, words: list[str]) -> Block:
    """The table of that name. Raises `LookupError` where there is none."""
    name = " ".join(words)
    if name not in TABLES:
        raise LookupError(f"there is no table {name!r}; there are {', '.join(sorted(TABLES))}")
    return Block.same(TABLES[name](material))


def rows(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *cells]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def services(material: Material) -> str:
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


def scoreboard(material: Material) -> str:
    """What each tool finds in the recordings with a fault, and in those without."""
    data = figures(material.root, "scoreboard")
    tools: dict[str, dict[str, Any]] = data["tools"]
    cells = [
        (_fault(fault), *("missed" if fault in tool["missed"] else "found" for tool in tools.values()))
        for fault in data["faults"]
    ]
    found = [len(data["faults"]) - len(tool["missed"]) for tool in tools.values()]
    cells.append((f"**of {len(data['faults'])}**", *(f"**{number}**" for number in found)))
    alarms = [str(len(tool["false_alarms"])) for tool in tools.values()]
    cells.append((f"false alarms, of {len(data['sound'])} sound ones", *alarms))
    cells.append(("version", *(tool["version"] for tool in tools.values())))
    return rows(("A recording with", *(f"`{name}`" for name in tools)), cells)


def _fault(name: str) -> str:
    """`service--what-is-wrong` as words."""
    return name.partition("--")[2].replace("-", " ")


TABLES: dict[str, Callable[[Material], str]] = {
    "scoreboard": scoreboard,
    "services": services,
}
