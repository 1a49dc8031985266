"""Bad input is refused: exit code not 0, a line for each problem with file, place and remedy, and nothing written.

After any failure at any time, the previous files are unchanged, byte for byte, and nothing is left beside them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

import attrs
import pytest

from generator.cli import main
from generator.client import reserved_names
from generator.client.template_model_builder import RUNTIME
from tests.generator.directory_snapshots import (
    INPUTS,
    OUTPUT,
    ROOT,
    SERVICES,
    contents,
    copy_tree,
    make_earlier_output,
    use_checkout,
    workshop,
)

pytestmark = pytest.mark.sampled(2)

Change = Callable[[Path], object]
SUMMARY = "{} problem(s); nothing was written."
CHECKED = "{} problem(s)."
"""The summary of commands that only check."""


def replaced(name: str, old: str, new: str) -> Change:
    """Change a file of `openapi/`, once."""

    def change(openapi: Path) -> None:
        path = openapi / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def without_documents(openapi: Path) -> None:
    for path in openapi.glob("*.yaml"):
        path.unlink()


@attrs.frozen
class Bad:
    """A change to `openapi/`, and the first line about it."""

    change: Change
    file: str
    says: str
    at: str | None = None
    """A text on the line that is named."""

    def expected(self, openapi: Path) -> str:
        line = ""
        if self.at is not None:
            lines = (openapi / self.file).read_text(encoding="utf-8").splitlines()
            line = f":{next(number for number, text in enumerate(lines, 1) if self.at in text)}"
        return f"openapi/{self.file}{line}: {self.says}".replace("openapi/:", "openapi:")


GET = "/paths/~1ges~1v1.0~1{project_id}~1graphs~1{graph_name}~1jobs~1status/get"
REFUSAL = "recordings/ges/graph-not-found.yaml"
BAD_INPUTS = {
    "duplicate key": Bad(
        replaced("ges.yaml", "info:\n", "info:\n  version: 7.0.0\n"),
        "ges.yaml",
        "at /info/version must have each key once, got 'version' again. Keep one of them.",
        "  version: 0.",
    ),
    "remote reference": Bad(
        replaced("ges.yaml", "'#/components/schemas/JobList'", "https://example.com/ges.yaml#/Jobs"),
        "ges.yaml",
        f"at {GET}/responses/200/content/application~1json/schema/$ref must refer to the same document, got "
        "https://example.com/ges.yaml#/Jobs. Copy the target into the document's components.",
        "https://example.com",
    ),
    "unknown extension": Bad(
        replaced("ges.yaml", "      x-poll:", "      x-wait:"),
        "ges.yaml",
        f"at {GET}/x-wait must be an extension that openapi/STYLE.md describes, got x-wait. "
        "Correct the name, or describe it there and in openapi/schemas/.",
        "x-wait",
    ),
    "row with neither carrier nor rejection": Bad(
        replaced("evidence/ges.yaml", "    documents: [/components/parameters/project_id]\n", ""),
        "evidence/ges.yaml",
        "at /rows/0 ",
        "id: ges.path.project_id",
    ),
    "row that nothing carries": Bad(
        replaced("evidence/ges.yaml", "/components/parameters/project_id]", "/components/parameters/tenant]"),
        "evidence/ges.yaml",
        "at /rows/0/documents/0 ges.path.project_id: the document must have /components/parameters/tenant, "
        "got nothing there. Add it to the document, or reject the row by a contradiction.",
        "documents: [/components/parameters/tenant]",
    ),
    "recording that is not JSON": Bad(
        replaced(REFUSAL, '"GES.8000",', '"GES.8000"'),
        REFUSAL,
        "at /body must be valid JSON, got an error: Expecting ',' ",
        "body: |",
    ),
    "recording of a constant that JSON lacks": Bad(
        replaced(REFUSAL, '"GES.8000"', "NaN"),
        REFUSAL,
        "at /body must be valid JSON, got an error: NaN is not a JSON value. Repair it, ",
        "body: |",
    ),
    "recording of another status": Bad(
        replaced(REFUSAL, "status: 400", "status: 410"),
        REFUSAL,
        "at /status must be 400 of listJobs, where the document names the recording, got 410 of listJobs",
        "status: 410",
    ),
    "recording with an undocumented field": Bad(
        replaced(REFUSAL, '"errorMessage"', '"error"'),
        REFUSAL,
        "at /body /error must be a field of the document. Add the field to the document, with its evidence.",
        "body: |",
    ),
    "file that is not a recording": Bad(
        lambda openapi: (openapi / "recordings" / "ges" / "notes.txt").write_text("mine", encoding="utf-8"),
        "recordings/ges/notes.txt",
        "must be a recording <id>.yaml, got another name. Rename or remove it.",
    ),
    "no evidence": Bad(
        lambda openapi: (openapi / "evidence" / "ges.yaml").unlink(),
        "evidence/ges.yaml",
        "must exist and contain the evidence of ges, got no file. Copy the form of the draft ",
    ),
    "document that is a list": Bad(
        lambda openapi: (openapi / "ges.yaml").write_text("[]", encoding="utf-8"),
        "ges.yaml",
        "must be an OpenAPI document, got a list or scalar. Write a mapping with openapi, info and paths.",
        "[]",
    ),
    "no document at all": Bad(
        without_documents,
        "",
        "must contain an OpenAPI document <service>.yaml, got none. ",
    ),
}
VERBS = [
    pytest.param(("client",), id="client"),
    pytest.param(("client", "--output", "{checkout}/mine"), id="client elsewhere"),
    pytest.param(("check",), id="check"),
    pytest.param(("bundle", "--output", "{checkout}/bundles"), id="bundle"),
]


@pytest.fixture
def checkout(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documents and a distribution made earlier, in a folder that the command line takes for the checkout."""
    copy = copy_tree(tmp_path / "checkout", "openapi", "cloudjobs.toml")
    make_earlier_output(built, copy / OUTPUT)
    use_checkout(monkeypatch, copy)
    monkeypatch.chdir(copy)
    return copy


def refused(*arguments: str) -> None:
    """Run the command line, and see that it refuses its input."""
    try:
        code = main(arguments)
    except SystemExit as error:
        code = int(error.code or 0)
    assert code != 0


class TestCommandsInvalidInput:
    @pytest.mark.parametrize("any_verb", VERBS)
    @pytest.mark.parametrize("bad", [pytest.param(bad, id=name) for name, bad in BAD_INPUTS.items()])
    def test_commands_invalid_input_is_reported_and_writes_nothing(
        self, bad: Bad, any_verb: tuple[str, ...], checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bad.change(checkout / "openapi")
        before = contents(checkout)
        refused(*(argument.format(checkout=checkout) for argument in any_verb))
        *said, summary = capsys.readouterr().err.splitlines()
        assert summary == (CHECKED if any_verb == ("check",) else SUMMARY).format(len(said))
        assert said[0].startswith(bad.expected(checkout / "openapi"))
        assert all(line.startswith("openapi") and line.endswith(".") for line in said)
        assert contents(checkout) == before

    @pytest.mark.parametrize(
        "verb", [*VERBS, pytest.param(("lint",), id="lint"), pytest.param(("evidence",), id="evidence")]
    )
    def test_commands_problems_of_all_services_are_reported(
        self, verb: tuple[str, ...], checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for name in SERVICES:
            replaced(f"{name}.yaml", "info:\n", "info:\n  x-wait: 1\n")(checkout / "openapi")
        refused(*(argument.format(checkout=checkout) for argument in verb))
        said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("openapi/")]
        assert [line.partition(":")[0] for line in said] == [f"openapi/{name}.yaml" for name in SERVICES]

    def test_lint_command_unselected_services_are_ignored(self, checkout: Path) -> None:
        replaced("ges.yaml", "info:\n", "info:\n  x-wait: 1\n")(checkout / "openapi")
        others = ",".join(name for name in SERVICES if name != "ges")
        assert main(["lint", "--services", others]) == 0
        assert main(["lint"]) == 1

    def test_client_process_invalid_input_has_no_traceback(self, tmp_path: Path) -> None:
        checkout = copy_tree(tmp_path, *INPUTS)
        bad = BAD_INPUTS["duplicate key"]
        bad.change(checkout / "openapi")
        before = contents(checkout)
        done = workshop(checkout, "client")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines() == [bad.expected(checkout / "openapi"), SUMMARY.format(1)]
        assert contents(checkout) == before

    def test_commands_document_with_broken_rule_exit_1(self, checkout: Path, tmp_path: Path) -> None:
        replaced("ges.yaml", "https://{endpoint}", "https://{host}")(checkout / "openapi")
        replaced("ges.yaml", "      endpoint:\n", "      host:\n")(checkout / "openapi")
        for verb in (["lint"], ["evidence"], ["check"], ["client"], ["bundle", "--output", str(tmp_path / "bundles")]):
            assert main(verb) == 1

    def test_export_command_document_with_broken_rule_exits_1(self, checkout: Path, tmp_path: Path) -> None:
        replaced("ges.yaml", "https://{endpoint}", "https://{host}")(checkout / "openapi")
        replaced("ges.yaml", "      endpoint:\n", "      host:\n")(checkout / "openapi")
        assert main(["recordings", "export", "--har", str(tmp_path / "new.har")]) == 1

    def test_export_command_invalid_recording_exits_1(
        self, checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bad = BAD_INPUTS["recording with an undocumented field"]
        bad.change(checkout / "openapi")
        assert main(["recordings", "export", "--har", str(tmp_path / "new.har")]) == 1
        assert capsys.readouterr().err.startswith(bad.expected(checkout / "openapi"))
        assert not (tmp_path / "new.har").exists()


class TestCommandsValidInput:
    def test_lint_command_valid_documents_are_listed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["lint"]) == 0
        assert capsys.readouterr() == (f"{', '.join(SERVICES)}: valid\n", "")

    def test_bundle_command_prints_what_it_wrote(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bundle", "--output", str(tmp_path), "--services", SERVICES[0]]) == 0
        made = f"{SERVICES[0]}, {SERVICES[0]}-3.0, joined, postman, arazzo, {SERVICES[0]}-vectors"
        assert capsys.readouterr() == (f"{tmp_path}: {made}\n", "")


class TestCommandArguments:
    @pytest.mark.parametrize("name", ["1x", "a-b", "class", "a.b", "A", "_a", "", "a b", "../a", "ä", "None", "a\n"])
    def test_client_command_invalid_package_name_is_rejected(
        self, name: str, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = contents(checkout)
        refused("client", "--package", name, "--output", str(checkout / "mine"))
        last = capsys.readouterr().err.splitlines()[-1]
        assert last.endswith(
            "argument --package: must be an import name of lower-case letters, digits and _, such as acme_jobs, "
            f"got {name!r}"
        )
        assert contents(checkout) == before

    @pytest.mark.parametrize("verb", [*VERBS[1:], pytest.param(("docs", "--output", "{checkout}/site"), id="docs")])
    def test_commands_unknown_services_are_rejected(
        self, verb: tuple[str, ...], checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = contents(checkout)
        named = f"nosuch,{SERVICES[0]},other"
        refused(*(argument.format(checkout=checkout) for argument in verb), "--services", named)
        assert capsys.readouterr().err.splitlines() == [
            f"--services: must be names from {', '.join(SERVICES)}, got nosuch, other. Correct the names.",
            (CHECKED if verb == ("check",) else SUMMARY).format(1),
        ]
        assert contents(checkout) == before

    @pytest.mark.parametrize("text", ["", ",", " , "])
    def test_lint_command_empty_services_are_rejected(self, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        refused("lint", "--services", text)
        assert (
            f"argument --services: must be names of services separated by commas, got {text!r}"
            in capsys.readouterr().err
        )

    @pytest.mark.parametrize("arguments", [["--package", "acme"], ["--services", SERVICES[0]]])
    def test_client_command_custom_package_needs_output_option(
        self, arguments: list[str], checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = contents(checkout)
        refused("client", *arguments)
        said = capsys.readouterr().err
        assert said.startswith(
            "--output: must be given, got none: generated_client is the folder of cloudjobs with all services. "
        )
        assert contents(checkout) == before

    @pytest.mark.parametrize("name", ["figures", "release-check"])
    def test_command_of_all_services_takes_no_services(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        refused(name, "--services", SERVICES[0])
        assert f"unrecognized arguments: --services {SERVICES[0]}" in capsys.readouterr().err

    def test_compare_after_services_is_refused(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        page = tmp_path / "page.md"
        page.write_text("A page.", encoding="utf-8")
        refused("evidence", "--services", SERVICES[0], "compare", str(page), "--service", SERVICES[1])
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("--services: must not be used with --service. ")

    def test_generator_without_command_is_rejected(self, capsys: pytest.CaptureFixture[str]) -> None:
        refused()
        assert "COMMAND" in capsys.readouterr().err


class TestProcessEnd:
    """A signal ends it without a traceback."""

    def test_process_interrupt_prints_a_line_and_exits_130(self, tmp_path: Path) -> None:
        page = tmp_path / "page"
        os.mkfifo(page)
        command = [sys.executable, "-m", "generator", "evidence", "compare", str(page), "--service", SERVICES[0]]
        with (
            subprocess.Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE) as process,
            page.open("wb"),  # waits until the verb has begun to read
        ):
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (130, b"", b"interrupted\n")

    def test_process_closed_output_exits_141(self) -> None:
        command = [sys.executable, "-m", "generator", "lint", "--services", SERVICES[0]]
        with subprocess.Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            err = process.stderr.read()
        assert (process.returncode, err) == (141, b"")


class TestReservedNames:
    def test_reserved_names_include_runtime_modules_and_exports(self) -> None:
        modules = {path.name.partition(".")[0] for path in RUNTIME.iterdir() if not path.name.startswith("__")}
        assert modules
        assert modules | {"document", "recordings", "services"} <= reserved_names()

    @pytest.mark.parametrize("name", ["auth", "errors", "testing", "document", "recordings", "services"])
    def test_client_command_reserved_service_name_is_rejected(
        self, name: str, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        openapi = checkout / "openapi"
        (openapi / "yuanrong.yaml").rename(openapi / f"{name}.yaml")
        (openapi / "recordings" / "yuanrong").rename(openapi / "recordings" / name)
        evidence = (openapi / "evidence" / "yuanrong.yaml").read_text(encoding="utf-8")
        (openapi / "evidence" / "yuanrong.yaml").unlink()
        evidence = evidence.replace("yuanrong.", f"{name}.").replace("service: yuanrong", f"service: {name}")
        (openapi / "evidence" / f"{name}.yaml").write_text(evidence, encoding="utf-8")
        before = contents(checkout)
        refused("client")
        message = "the service must not have the name of a module of the client's runtime"
        assert capsys.readouterr().err.splitlines() == [
            f"openapi/{name}.yaml:1: {message}, got {name}. Rename the document.",
            SUMMARY.format(1),
        ]
        assert contents(checkout) == before
