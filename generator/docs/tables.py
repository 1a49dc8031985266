"""Markdown tables, and the one of the services."""

from __future__ import annotations

from collections.abc import Sequence

from generator.docs.material import Material


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
