"""`python -m tests.docs.samples PAGE.md …` writes into pages what their samples print.

For the hand-written pages: look at the difference before it is committed. With `generated_client/src` on `PYTHONPATH`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pytest

from .blocks import Block
from .running import Outcome, alike, run_page
from .sample_runner_env import SampleEnvironment


def refreshed(markdown: str, outcome: Outcome) -> str:
    """Return a page with the present output of its samples."""
    lines = markdown.splitlines(keepends=True)
    for sample, printed in reversed(outcome.printed):
        block = sample.block if sample.block.language == "console" else sample.shown
        said = printed.rstrip().splitlines()
        if block is None and said:
            block = sample.block
            lines[block.end + 1 : block.end + 1] = _indented(block, ["", "```text", *said, "```"])
        elif block is not None and not alike(block.text, printed, as_json=block.language == "json"):
            if block.language == "json":
                said = json.dumps(json.loads(printed), indent=2, ensure_ascii=False).splitlines()
            lines[block.first : block.end] = _indented(block, said)
    return "".join(lines)


def _indented(block: Block, lines: list[str]) -> list[str]:
    return [f"{block.indent}{line}".rstrip() + "\n" for line in lines]


def main(paths: list[Path]) -> int:
    """Refresh pages. Returns 1 where a sample cannot be run."""
    failed = False
    for path in paths:
        markdown = path.read_text(encoding="utf-8")
        with pytest.MonkeyPatch.context() as monkeypatch, tempfile.TemporaryDirectory() as folder:
            stage = SampleEnvironment(Path(folder), monkeypatch)
            try:
                outcome = run_page(path.name, markdown, stage)
            finally:
                stage.close()
                monkeypatch.undo()
        text = refreshed(markdown, outcome)
        if text != markdown:
            path.write_text(text, encoding="utf-8")
        for problem in outcome.problems:
            if "it prints" not in problem:
                failed = True
                print(problem)
        print(f"{path}: {outcome.ran} samples")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main([Path(name).absolute() for name in sys.argv[1:]]))
