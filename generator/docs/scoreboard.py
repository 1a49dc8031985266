"""The table of the scoreboard: what each tool finds in recordings with a fault, from the committed figures."""

from __future__ import annotations

from typing import Any

from generator.docs.material import Material
from generator.docs.measured import figures
from generator.docs.tables import rows


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
