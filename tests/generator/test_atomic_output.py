"""The distribution is swapped in whole or not at all.

After any failure at any time, the previous files are unchanged, byte for byte, and nothing is left beside them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.cli import main
from generator.client import publish
from generator.docs import publish as publish_site
from generator.errors import Problem, ValidationError
from generator.files import write_files
from generator.release import checks
from tests.generator.directory_snapshots import ROOT, SERVICES, contents, copy_tree, make_earlier_output, workshop

pytestmark = pytest.mark.sampled(3)

SUMMARY = "1 problem(s); nothing was written."
ONE = ("--services", SERVICES[-1])
"""One service is enough to see where files are written."""


@pytest.fixture
def output(built: Path, tmp_path: Path) -> Path:
    """A distribution that was made earlier."""
    return make_earlier_output(built, tmp_path / "home" / "distribution")


def make(folder: Path) -> None:
    """Make a small distribution."""
    (folder / "SOURCE.json").write_text("{}", encoding="utf-8")
    (folder / "new.py").write_text("made now\n", encoding="utf-8")


class TestPublishUnusableOutput:
    def said(self, output: Path, capsys: pytest.CaptureFixture[str]) -> str:
        assert main(["client", *ONE, "--output", str(output)]) == 1
        first, summary = capsys.readouterr().err.splitlines()
        assert summary == SUMMARY
        return first

    def test_client_command_file_as_output_is_rejected(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        output = tmp_path / "file"
        output.write_text("mine", encoding="utf-8")
        assert (
            self.said(output, capsys)
            == f"{output}: must be a folder, got a file or a link. Name a folder for --output."
        )
        assert output.read_text(encoding="utf-8") == "mine"

    def test_client_command_output_within_file_is_rejected(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        before, output = contents(tmp_path), tmp_path / "file" / "output"
        assert self.said(output, capsys) == (
            f"{output}: must be in a folder that exists, got one that is missing. Create that folder first."
        )
        assert contents(tmp_path) == before

    def test_client_command_missing_parent_is_rejected(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        output = tmp_path / "no" / "output"
        assert self.said(output, capsys) == (
            f"{output}: must be in a folder that exists, got one that is missing. Create that folder first."
        )
        assert contents(tmp_path) == {}

    @pytest.mark.parametrize("target", ["there", "not there"])
    def test_client_command_link_as_output_is_rejected(
        self, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "there").mkdir()
        output = tmp_path / "link"
        output.symlink_to(tmp_path / target)
        assert (
            self.said(output, capsys)
            == f"{output}: must be a folder, got a file or a link. Name a folder for --output."
        )
        assert output.is_symlink()

    def test_client_command_foreign_folder_is_rejected(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        output = tmp_path / "thesis"
        output.mkdir()
        (output / "chapter.md").write_text("years of work", encoding="utf-8")
        before = contents(tmp_path)
        assert self.said(output, capsys) == (
            f"{output}: must be empty or have a SOURCE.json that lists its files, got chapter.md. "
            "Move them to another folder, or name another --output."
        )
        assert contents(tmp_path) == before

    def test_client_command_foreign_manifest_is_rejected(self, tmp_path: Path) -> None:
        output = tmp_path / "thesis"
        output.mkdir()
        (output / "chapter.md").write_text("years of work", encoding="utf-8")
        (output / "SOURCE.json").write_text('{"bibliography": []}', encoding="utf-8")
        before = contents(tmp_path)
        assert main(["client", *ONE, "--output", str(output)]) == 1
        assert contents(tmp_path) == before

    @pytest.mark.parametrize("there", [True, False], ids=["empty folder", "nothing"])
    def test_publish_empty_or_missing_folder_is_written(self, there: bool, tmp_path: Path) -> None:
        output = tmp_path / "output"
        if there:
            output.mkdir()
        publish(make, output)
        assert contents(tmp_path).keys() == {"output", "output/SOURCE.json", "output/new.py"}

    def test_publish_read_only_folder_is_rejected(self, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # The tests may run as root, to whom nothing is read-only: so the system's answer is made up.
        monkeypatch.setattr(os, "access", lambda path, mode: not (Path(path) == output and mode == os.W_OK))
        before = contents(output.parent)
        with pytest.raises(ValidationError) as caught:
            publish(make, output)
        assert str(caught.value) == (
            f"{output}: must be writable, got a read-only folder. Make it writable, or name another --output."
        )
        assert contents(output.parent) == before

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_publish_read_only_parent_is_rejected(self, output: Path) -> None:
        before = contents(output.parent)
        output.parent.chmod(0o555)
        try:
            with pytest.raises(ValidationError, match="cannot be written"):
                publish(make, output)
        finally:
            output.parent.chmod(0o755)
        assert contents(output.parent) == before

    @pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="has no file system that even root cannot write to")
    @pytest.mark.parametrize(
        "arguments",
        [
            ("client", *ONE, "--output", "/proc/cloudjobs"),
            ("bundle", *ONE, "--output", "/proc/cloudjobs"),
            ("recordings", "export", "--har", "/proc/cloudjobs/recordings.har"),
        ],
        ids=["client", "bundle", "recordings"],
    )
    def test_commands_unwritable_output_is_rejected(
        self, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(arguments) == 1
        first, summary = capsys.readouterr().err.splitlines()
        assert first.startswith("/proc/cloudjobs")
        assert "cannot be written (" in first
        assert summary == SUMMARY

    def test_bundle_command_file_as_output_is_rejected(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        assert main(["bundle", *ONE, "--output", str(tmp_path / "file")]) == 1
        assert capsys.readouterr().err.startswith(f"{tmp_path / 'file'}")
        assert contents(tmp_path) == {"file": b"mine"}

    def test_bundle_command_one_failure_writes_none(self, tmp_path: Path) -> None:
        (tmp_path / f"{SERVICES[-1]}.json").mkdir()
        before = contents(tmp_path)
        assert main(["bundle", *ONE, "--output", str(tmp_path)]) == 1
        assert contents(tmp_path) == before


class TestPublishForeignFiles:
    """Files that the generator did not write are kept, and their folder too."""

    @pytest.mark.parametrize(
        ("names", "said"),
        [
            ([".git/HEAD", ".git/config", "tests/test_mine.py"], ".git/, tests/test_mine.py"),
            (["src/mine.py"], "src/mine.py"),
            (["src/old/old.py"], "src/old/old.py"),
            (["empty/"], "empty/"),
            (["src/__pycache__/notes.txt"], "src/__pycache__/notes.txt"),
            (["mine.pyc"], "mine.pyc"),
            ([f"{number:02}.txt" for number in range(13)], ", ".join(f"{n:02}.txt" for n in range(10)) + " and 3 more"),
        ],
    )
    @pytest.mark.parametrize("verb", ["client", "docs"])
    def test_publish_output_with_foreign_files_is_kept(
        self, verb: str, names: list[str], said: str, output: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for name in names:
            path = output / name
            (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                path.write_text("precious", encoding="utf-8")
        before = contents(output.parent)
        if verb == "client":
            assert main(["client", *ONE, "--output", str(output)]) == 1
            first, summary = capsys.readouterr().err.splitlines()
            assert summary == SUMMARY
        else:
            with pytest.raises(ValidationError) as caught:
                publish_site(make, output)
            first = str(caught.value)
        assert first == (
            f"{output}: must contain only the files that its SOURCE.json lists, got {said}. "
            "Move them to another folder, or name another --output."
        )
        assert contents(output.parent) == before

    @pytest.mark.parametrize("target", ["file", "folder", "nothing"])
    def test_publish_output_containing_link_is_rejected(self, target: str, output: Path, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        (output / "src" / "old.py").unlink()
        (output / "src" / "old.py").symlink_to(tmp_path / target)
        with pytest.raises(ValidationError, match=r"lists, got src/old\.py"):
            publish(make, output)
        assert (output / "src" / "old.py").is_symlink()

    def test_publish_file_added_meanwhile_is_kept(self, output: Path) -> None:
        def slow(folder: Path) -> None:
            make(folder)
            (output / "late.txt").write_text("precious", encoding="utf-8")

        with pytest.raises(ValidationError, match=r"got late\.txt"):
            publish(slow, output)
        assert contents(output).keys() == {"SOURCE.json", "late.txt", "src", "src/old.py"}
        assert list(output.parent.iterdir()) == [output]

    def test_publish_output_with_own_files_is_replaced(self, output: Path) -> None:
        (output / "src" / "__pycache__").mkdir()
        (output / "src" / "__pycache__" / "old.cpython-311.pyc").write_bytes(b"compiled")
        output.chmod(0o750)
        publish(make, output)
        assert contents(output.parent).keys() == {
            "distribution",
            "distribution/SOURCE.json",
            "distribution/new.py",
        }
        assert output.stat().st_mode & 0o777 == 0o750

    def test_client_command_folder_around_project_is_rejected(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        copy_tree(tmp_path / "around" / "project", "openapi", "cloudjobs.toml")
        monkeypatch.chdir(tmp_path / "around" / "project")
        before = contents(tmp_path)
        for place, said in ((tmp_path / "around", "got project/"), (Path(), "got cloudjobs.toml, openapi/")):
            assert main(["client", *ONE, "--output", str(place)]) == 1
            assert said in capsys.readouterr().err
        assert contents(tmp_path) == before

    @pytest.mark.parametrize(
        "verb",
        [
            ("client", "--output"),
            ("bundle", "--output"),
            ("docs", "--output"),
            ("docs", "--archive"),
            ("recordings", "export", "--har"),
            ("contract", "record", "--upstream", "http://127.0.0.1:1", "--har"),
            ("contract", "check", "--output"),
            ("contract", "mutate", "--output"),
            ("contract", "coverage", "--output"),
        ],
        ids=" ".join,
    )
    def test_commands_output_among_inputs_is_rejected(
        self, verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = ROOT / "openapi" / "recordings" / "new"
        with pytest.raises(SystemExit) as caught:
            main([*verb, str(place)])
        assert caught.value.code == 2
        last = capsys.readouterr().err.splitlines()[-1]
        assert last.endswith(f"argument {verb[-1]}: must be outside openapi/, which has the inputs, got '{place}'")
        assert not place.exists()


class TestWriteExistingFiles:
    """A single file is replaced where it is named, or where it is of the same kind."""

    def test_bundle_command_foreign_file_is_rejected(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / f"{SERVICES[-1]}.json").write_text('{"mine": true}', encoding="utf-8")
        before = contents(tmp_path)
        assert main(["bundle", *ONE, "--output", str(tmp_path)]) == 1
        assert capsys.readouterr().err.splitlines()[0] == (
            f"{tmp_path / SERVICES[-1]}.json: must be a file written by bundle, got another file. "
            "Move it, or name another --output."
        )
        assert contents(tmp_path) == before

    def test_bundle_command_own_files_are_replaced(self, tmp_path: Path) -> None:
        assert [main(["bundle", *ONE, "--output", str(tmp_path)]) for _ in range(2)] == [0, 0]

    def test_record_command_foreign_file_is_rejected(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        har = tmp_path / "mine.txt"
        har.write_text("precious", encoding="utf-8")
        assert main(["contract", "record", "--upstream", "http://127.0.0.1:1", "--har", str(har)]) == 1
        assert "must be a HAR file of contract record, got another file. " in capsys.readouterr().err
        assert har.read_text(encoding="utf-8") == "precious"

    def test_write_files_link_is_rejected(self, tmp_path: Path) -> None:
        (tmp_path / "target").write_text("precious", encoding="utf-8")
        (tmp_path / "link").symlink_to(tmp_path / "target")
        with pytest.raises(ValidationError, match="must be a regular file, got a link or device"):
            write_files({tmp_path / "link": "new"})
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "link").read_text(encoding="utf-8") == "precious"

    def test_write_files_device_is_rejected(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ValidationError, match="must be a regular file, got a link or device"):
            write_files({tmp_path / "pipe": "new"})
        assert (tmp_path / "pipe").is_fifo()

    def test_write_files_replaced_file_keeps_permissions(self, tmp_path: Path) -> None:
        file = tmp_path / "private"
        file.write_text("old", encoding="utf-8")
        file.chmod(0o600)
        write_files({file: "new"})
        assert (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777) == ("new", 0o600)

    def test_install_foreign_environment_is_kept(self, tmp_path: Path) -> None:
        mine = tmp_path / "wheel-env" / "mine.txt"
        mine.parent.mkdir()
        mine.write_text("precious", encoding="utf-8")
        found = checks.install_dependencies([], ROOT / "requirements" / "workshop.txt", mine.parent)
        assert found is not None
        assert "must be missing or an environment of an earlier check" in found.summary
        assert mine.read_text(encoding="utf-8") == "precious"


class TestPublishFailures:
    @pytest.mark.parametrize(
        "error", [OSError(28, "No space left on device"), ValidationError(Problem("x", "is bad", "Mend it"))]
    )
    def test_publish_build_error_keeps_the_old_output(self, error: Exception, output: Path) -> None:
        before = contents(output.parent)
        with pytest.raises(ValidationError):
            publish(fails_with(error), output)
        assert contents(output.parent) == before

    @pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyboardInterrupt()])
    def test_publish_interrupted_build_leaves_nothing(self, error: BaseException, output: Path) -> None:
        before = contents(output.parent)
        with pytest.raises(type(error)):
            publish(fails_with(error), output)
        assert contents(output.parent) == before

    def test_publish_full_disk_is_reported(self, output: Path) -> None:
        with pytest.raises(ValidationError) as caught:
            publish(fails_with(OSError(28, "No space left on device")), output)
        assert str(caught.value) == (
            f"{output}: cannot be written (No space left on device). "
            "Make the folder around it writable, or name another --output."
        )

    @pytest.mark.parametrize("failing", [1, 2])
    def test_publish_failing_swap_keeps_the_old_output(
        self, failing: int, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = contents(output.parent)
        renames = failing_renames(monkeypatch, {failing: OSError(1, "Operation not permitted")})
        with pytest.raises(ValidationError, match="cannot be written \\(Operation not permitted\\)"):
            publish(make, output)
        assert renames[0] >= failing
        assert contents(output.parent) == before

    def test_publish_interrupted_swap_keeps_the_old_output(self, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = contents(output.parent)
        failing_renames(monkeypatch, {2: KeyboardInterrupt()})
        with pytest.raises(KeyboardInterrupt):
            publish(make, output)
        assert contents(output.parent) == before

    def test_publish_failing_restore_keeps_a_copy(self, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = contents(output)
        error = OSError(1, "Operation not permitted")
        failing_renames(monkeypatch, {2: error, 3: error})
        with pytest.raises(ValidationError):
            publish(make, output)
        assert any(contents(folder) == before for folder in output.parent.rglob("*") if folder.is_dir())

    def test_client_command_exception_leaves_nothing(self, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def breaks(command: list[str], *, cwd: Path, **_: Any) -> None:
            # By now everything is written, and ruff is to format it.
            assert list((cwd / command[-1]).rglob("*.py"))
            raise RuntimeError("a bug")

        monkeypatch.setattr("subprocess.run", breaks)
        before = contents(output.parent)
        with pytest.raises(RuntimeError, match="a bug"):
            main(["client", *ONE, "--output", str(output)])
        assert contents(output.parent) == before

    def test_client_command_invalid_template_is_rejected(self, tree: Path) -> None:
        template = tree / "generator" / "client" / "templates" / "package_init.py.jinja"
        template.write_text(template.read_text(encoding="utf-8") + "\nthis is (no Python\n", encoding="utf-8")
        before = contents(tree)
        done = workshop(tree, "client")
        assert (done.returncode, done.stdout) == (1, "")
        first, summary = done.stderr.splitlines()
        assert first.startswith("generator/client/templates: must give Python that ruff accepts, got invalid-syntax: ")
        assert re.search(r"/src/cloudjobs/\w+/__init__\.py:\d+:\d+ ", first)
        assert first.endswith(". Correct the template.")
        assert summary == SUMMARY
        assert contents(tree) == before

    def test_client_command_invalid_template_names_output_file(self, tree: Path) -> None:
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
