"""The terminal output in the README is that of a real terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .demonstration import ARGUMENTS, CASES, frames

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```text\n\$ (cloudjobs w.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("index", range(len(CASES)), ids=[f"{command}-{columns}" for command, columns in CASES])
def test_readme_terminal_block_equals_the_terminal_output(index: int) -> None:
    command, *screens = BLOCKS[index].rstrip("\n").split("\n\n")
    assert command == f"cloudjobs {' '.join((CASES[index][0], *ARGUMENTS))}"
    assert screens == frames(*CASES[index])


def test_readme_terminal_blocks_are_those_of_the_cases() -> None:
    assert len(BLOCKS) == len(CASES)
