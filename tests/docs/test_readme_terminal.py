"""What the README shows of a terminal is what a terminal shows."""

from __future__ import annotations

import re
from pathlib import Path

from .demonstration import COMMAND, frames

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_readme_terminal_block_equals_the_terminal_output() -> None:
    (shown,) = re.findall(r"```text\n\$ (cloudjobs watch .*?)```", README, re.DOTALL)
    command, *screens = shown.rstrip("\n").split("\n\n")
    assert command == f"cloudjobs {' '.join(COMMAND)}"
    assert screens == frames()
