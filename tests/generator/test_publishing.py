"""The distribution is swapped in whole or not at all.

Whatever fails, and whenever, what was there before is there afterwards, byte for byte, and nothing is left beside it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.cli import main
from generator.client import publish
from generator.problems import Problem, Refused
from tests.generator.trees import SERVICES, contents, workshop

SUMMARY = "1 problem(s); nothing was written."


@pytest.fixture
def output(built: Path, tmp_path: Path) -> Path:
    """A distribution that was made earlier."""
    folder = tmp_path / "home" / "distribution"
    (folder / "src").mkdir(parents=True)
    shutil.copy2(built / "SOURCE.json", folder)
    (folder / "src" / "old.py").write_text("made earlier\n", encoding="utf-8")
    return folder


def make(folder: Path) -> None:
    """Make a small distribution."""
    (folder / "SOURCE.json").write_text("{}", encoding="utf-8")
    (folder / "new.py").write_text("made now\n", encoding="utf-8")


class TestOutputsThatCannotBeReplaced:
    def said(self, output: Path, capsys: pytest.CaptureFixture[str]) -> str:
        assert main(["client", "--output", str(output)]) == 1
        first, summary = capsys.readouterr().err.splitlines()
        assert summary == SUMMARY
        return first

    def test_a_file_is_refused(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        output = tmp_path / "file"
        output.write_text("mine", encoding="utf-8")
        assert self.said(output, capsys) == f"{output}: is no folder. Name a folder for --output."
        assert output.read_text(encoding="utf-8") == "mine"

    def test_a_place_within_a_file_is_refused(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        before, output = contents(tmp_path), tmp_path / "file" / "output"
        assert self.said(output, capsys) == f"{output}: lies in a folder that is not there. Make the folder first."
        assert contents(tmp_path) == before

    def test_a_place_within_no_folder_is_refused(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        output = tmp_path / "no" / "output"
        assert self.said(output, capsys) == f"{output}: lies in a folder that is not there. Make the folder first."
        assert contents(tmp_path) == {}

    @pytest.mark.parametrize("target", ["there", "not there"])
    def test_a_link_is_refused(self, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "there").mkdir()
        output = tmp_path / "link"
        output.symlink_to(tmp_path / target)
        assert self.said(output, capsys) == f"{output}: is no folder. Name a folder for --output."
        assert output.is_symlink()

    def test_a_folder_of_somebody_else_is_refused(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        output = tmp_path / "thesis"
        output.mkdir()
        (output / "chapter.md").write_text("years of work", encoding="utf-8")
        before = contents(tmp_path)
        assert self.said(output, capsys) == (
            f"{output}: holds files and no SOURCE.json, so it is not ours to replace. "
            "Empty it, or name another --output."
        )
        assert contents(tmp_path) == before

    def test_a_folder_of_somebody_else_with_a_manifest_of_its_own_is_refused(self, tmp_path: Path) -> None:
        output = tmp_path / "thesis"
        output.mkdir()
        (output / "chapter.md").write_text("years of work", encoding="utf-8")
        (output / "SOURCE.json").write_text('{"bibliography": []}', encoding="utf-8")
        before = contents(tmp_path)
        assert main(["client", "--output", str(output)]) == 1
        assert contents(tmp_path) == before

    @pytest.mark.parametrize("there", [True, False], ids=["empty folder", "nothing"])
    def test_an_empty_folder_is_taken_like_none(self, there: bool, tmp_path: Path) -> None:
        output = tmp_path / "output"
        if there:
            output.mkdir()
        publish(make, output)
        assert contents(tmp_path).keys() == {"output", "output/SOURCE.json", "output/new.py"}

    def test_a_read_only_folder_is_refused(self, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # The tests may run as root, to whom nothing is read-only: so the system's answer is made up.
        monkeypatch.setattr(os, "access", lambda path, mode: not (Path(path) == output and mode == os.W_OK))
        before = contents(output.parent)
        with pytest.raises(Refused) as caught:
            publish(make, output)
        assert str(caught.value) == f"{output}: is read-only. Make it writable, or name another --output."
        assert contents(output.parent) == before

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_within_a_read_only_one_is_refused(self, output: Path) -> None:
        before = contents(output.parent)
        output.parent.chmod(0o555)
        try:
            with pytest.raises(Refused, match="cannot be written"):
                publish(make, output)
        finally:
            output.parent.chmod(0o755)
        assert contents(output.parent) == before

    @pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="has no file system that even root cannot write to")
    @pytest.mark.parametrize(
        "arguments",
        [
            ("client", "--output", "/proc/cloudjobs"),
            ("bundle", "--output", "/proc/cloudjobs"),
            ("recordings", "export", "--har", "/proc/cloudjobs/recordings.har"),
        ],
        ids=["client", "bundle", "recordings"],
    )
    def test_a_place_where_nobody_can_write_is_refused(
        self, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(arguments) == 1
        first, summary = capsys.readouterr().err.splitlines()
        assert first.startswith("/proc/cloudjobs")
        assert "cannot be written (" in first
        assert summary == SUMMARY

    def test_the_bundles_are_refused_where_a_file_is_in_the_way(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        assert main(["bundle", "--output", str(tmp_path / "file")]) == 1
        assert capsys.readouterr().err.startswith(f"{tmp_path / 'file'}")
        assert contents(tmp_path) == {"file": b"mine"}

    def test_no_bundle_is_written_where_one_of_them_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / f"{SERVICES[-1]}.json").mkdir()
        before = contents(tmp_path)
        assert main(["bundle", "--output", str(tmp_path)]) == 1
        assert contents(tmp_path) == before


class TestFailuresOnTheWay:
    @pytest.mark.parametrize(
        "error", [OSError(28, "No space left on device"), Refused(Problem("x", "is bad", "Mend it"))]
    )
    def test_what_fails_while_making_is_refused(self, error: Exception, output: Path) -> None:
        before = contents(output.parent)
        with pytest.raises(Refused):
            publish(fails_with(error), output)
        assert contents(output.parent) == before

    @pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyboardInterrupt()])
    def test_nothing_is_left_of_an_interrupted_run(self, error: BaseException, output: Path) -> None:
        before = contents(output.parent)
        with pytest.raises(type(error)):
            publish(fails_with(error), output)
        assert contents(output.parent) == before

    def test_a_full_disk_is_named(self, output: Path) -> None:
        with pytest.raises(Refused) as caught:
            publish(fails_with(OSError(28, "No space left on device")), output)
        assert str(caught.value) == (
            f"{output}: cannot be written (No space left on device). "
            "Make the folder around it writable, or name another --output."
        )

    @pytest.mark.parametrize("failing", [1, 2])
    def test_the_old_output_is_there_after_a_swap_that_fails(
        self, failing: int, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = contents(output.parent)
        renames = failing_renames(monkeypatch, {failing: OSError(1, "Operation not permitted")})
        with pytest.raises(Refused, match="cannot be written \\(Operation not permitted\\)"):
            publish(make, output)
        assert renames[0] >= failing
        assert contents(output.parent) == before

    def test_the_old_output_is_there_after_an_interrupted_swap(
        self, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = contents(output.parent)
        failing_renames(monkeypatch, {2: KeyboardInterrupt()})
        with pytest.raises(KeyboardInterrupt):
            publish(make, output)
        assert contents(output.parent) == before

    def test_the_old_output_is_somewhere_when_it_cannot_be_put_back(
        self, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = contents(output)
        error = OSError(1, "Operation not permitted")
        failing_renames(monkeypatch, {2: error, 3: error})
        with pytest.raises(Refused):
            publish(make, output)
        assert any(contents(folder) == before for folder in output.parent.rglob("*") if folder.is_dir())

    def test_an_exception_in_the_middle_of_the_generator_leaves_nothing(
        self, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def breaks(command: list[str], *, cwd: Path, **_: Any) -> None:
            # By now everything is written, and ruff is to format it.
            assert list((cwd / command[-1]).rglob("*.py"))
            raise RuntimeError("a bug")

        monkeypatch.setattr("subprocess.run", breaks)
        before = contents(output.parent)
        with pytest.raises(RuntimeError, match="a bug"):
            main(["client", "--output", str(output)])
        assert contents(output.parent) == before

    def test_a_broken_template_is_refused(self, tree: Path) -> None:
        template = tree / "generator" / "client" / "templates" / "package_init.py.jinja"
        template.write_text(template.read_text(encoding="utf-8") + "\nthis is (no Python\n", encoding="utf-8")
        before = contents(tree)
        done = workshop(tree, "client")
        assert (done.returncode, done.stdout) == (1, "")
        first, summary = done.stderr.splitlines()
        assert first.startswith("generator/client/templates: give Python that ruff refuses: invalid-syntax: ")
        assert re.search(r"/src/cloudjobs/\w+/__init__\.py:\d+:\d+ ", first)
        assert first.endswith(". Mend the template.")
        assert summary == SUMMARY
        assert contents(tree) == before

    def test_a_broken_template_is_refused_for_the_file_as_it_would_be_named(self, tree: Path) -> None:
        template = tree / "generator" / "client" / "templates" / "root_init.py.jinja"
        template.write_text("this is (no Python\n", encoding="utf-8")
        assert " generated_client/src/cloudjobs/__init__.py:" in workshop(tree, "client").stderr


def fails_with(error: BaseException) -> Callable[[Path], None]:
    """Making that comes half-way."""

    def half(folder: Path) -> None:
        make(folder)
        raise error

    return half


def failing_renames(monkeypatch: pytest.MonkeyPatch, failures: dict[int, BaseException]) -> list[int]:
    """Let renames fail by their number, from 1 on. Gives the count of them, in a list."""
    count, rename = [0], Path.rename

    def counted(self: Path, target: Path) -> Path:
        count[0] += 1
        if count[0] in failures:
            raise failures[count[0]]
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", counted)
    return count
