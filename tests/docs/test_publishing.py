"""Versions of a site side by side: their list for the theme, and a page that needs no script."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from generator.commands.docs import _release
from generator.docs import publish
from generator.docs.publishing import list_versions

from .programs import ROOT


def test_list_versions_is_newest_first_and_leads_to_each(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0", "0.10.1"):
        publish(lambda folder: (folder / "index.html").write_text("A site", encoding="utf-8"), tmp_path / version)
        list_versions(tmp_path, "Acme & others")
    (tmp_path / "notes").mkdir()
    versions = json.loads((tmp_path / "versions.json").read_text(encoding="utf-8"))
    assert [each["version"] for each in versions] == ["0.10.1", "0.10.0", "0.9.0"]
    assert [each["aliases"] for each in versions] == [["latest"], [], []]
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<h1>Acme &amp; others</h1>" in page
    for link in re.findall(r'href="([^"]+)"', page):
        assert (tmp_path / link).is_file()


PREVIEW = """
import sys
from pathlib import Path
from generator.docs.publishing import preview

work = Path(sys.argv[1])
(work / "docs").mkdir()
(work / "docs" / "index.md").write_text("# Home")
(work / "mkdocs.yml").write_text("site_name: Home")
preview(work, int(sys.argv[2]), [work / "docs"], lambda changed: None)
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs the list of child processes of Linux")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_preview_ended_by_a_signal_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    command = [sys.executable, "-c", PREVIEW, str(tmp_path), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "reloads when a source changes" in process.stdout.readline()
        [server] = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        process.send_signal(number)
        assert process.wait(30) == (0 if number == signal.SIGINT else 128 + number)
    with pytest.raises(ProcessLookupError):
        os.killpg(server, 0)


def test_release_name_is_one_folder() -> None:
    assert _release("1.2.0-rc1") == "1.2.0-rc1"
    for text in ("", "..", "a/b", "/tmp", ".hidden", "a b"):
        with pytest.raises(ArgumentTypeError, match="must be at most 41 letters, digits, "):
            _release(text)
