"""Hostile documents, pages and recordings get one clear error each, in bounded time."""

from __future__ import annotations

import contextlib
import faulthandler
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator.cli import main
from generator.documents import Workspace, load
from generator.documents.strict_yaml import MOST_LEVELS
from generator.errors import ValidationError
from generator.evidence.pages import compare_page, parameter_rows
from generator.evidence.pages import read_page as parts_of
from generator.evidence.pages.page import Table, cleaned, is_status, plain_type
from generator.evidence.pages.parameter_rows import groups
from tests.generator.directory_snapshots import ROOT, SERVICES, copy_tree, use_checkout, workshop

pytestmark = pytest.mark.sampled(3)

SIZE = 1_000_000
SECONDS = 120
"""A linear reader needs at most a few of them for `SIZE` characters, a quadratic one hours."""


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """End the whole run where a test hangs: no exception gets through a regular expression."""
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documents in a folder that the command line takes for the checkout."""
    copy = copy_tree(tmp_path / "checkout", "openapi", "cloudjobs.toml")
    use_checkout(monkeypatch, copy)
    monkeypatch.chdir(copy)
    return copy


class TestDeepNesting:
    @pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 1_000, 100_000])
    @pytest.mark.parametrize("form", ["[", "{a: ", "{a: [", "- ", "? "])
    def test_yaml_nested_too_deep_is_rejected(self, form: str, levels: int, tmp_path: Path) -> None:
        file = tmp_path / "deep.yaml"
        file.write_text("a: 1\nb:\n  " + form * levels, encoding="utf-8")
        with pytest.raises(ValidationError) as caught:
            load(file)
        [problem] = caught.value.problems
        assert (problem.line, problem.message) == (3, f"must be nested at most {MOST_LEVELS} levels deep, got more")

    def test_yaml_block_nested_too_deep_is_rejected(self, tmp_path: Path) -> None:
        file = tmp_path / "deep.yaml"
        file.write_text("".join(f"{' ' * level}a:\n" for level in range(1_000)), encoding="utf-8")
        with pytest.raises(
            ValidationError, match=rf"deep\.yaml:{MOST_LEVELS + 1}: must be nested at most {MOST_LEVELS} "
        ):
            load(file)

    def test_yaml_nested_to_the_limit_is_loaded(self, tmp_path: Path) -> None:
        file = tmp_path / "deep.yaml"
        file.write_text("[" * MOST_LEVELS + "1" + "]" * MOST_LEVELS, encoding="utf-8")
        value = load(file).data
        for _ in range(MOST_LEVELS):
            [value] = value
        assert value == 1

    def test_lint_process_deep_yaml_does_not_crash(self, tmp_path: Path) -> None:
        tree = copy_tree(tmp_path, "generator", "openapi", "cloudjobs.toml")
        document = tree / "openapi" / f"{SERVICES[0]}.yaml"
        lines = len(document.read_text(encoding="utf-8").splitlines())
        with document.open("a", encoding="utf-8") as opened:
            opened.write("x-deep: " + "[" * 100_000)
        done = workshop(tree, "lint")
        assert (done.returncode, done.stdout) == (1, "")
        message = f"must be nested at most {MOST_LEVELS} levels deep, got more. Use fewer levels."
        assert done.stderr.splitlines() == [
            f"openapi/{SERVICES[0]}.yaml:{lines + 1}: {message}",
            "1 problem(s).",
        ]

    @pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 900, 100_000])
    def test_recording_nested_too_deep_is_rejected(
        self, levels: int, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        name, recording = next(
            (name, recording)
            for name in SERVICES
            for recording in Workspace(ROOT).read(name).recordings.values()
            if recording.is_json and "raw" not in recording.source.data
        )
        path = checkout / recording.source.path.relative_to(ROOT)
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text[: text.index('body:')]}body: '{'[' * levels}{']' * levels}'\n", encoding="utf-8")
        assert main(["lint", "--services", name]) == 1
        first, summary = capsys.readouterr().err.splitlines()
        assert f"{path.name}" in first
        assert f"at /body must be nested at most {MOST_LEVELS} levels deep, got more. " in first
        assert summary == "1 problem(s)."

    @pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 900])
    def test_recordings_add_deep_entry_is_rejected(
        self, levels: int, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["recordings", "export", "--har", "all.har"]) == 0
        har = json.loads(Path("all.har").read_text(encoding="utf-8"))
        entry = next(entry for entry in har["log"]["entries"] if entry["response"]["status"] == 200)
        entry["response"]["content"]["text"] = '{"a":' * levels + "1" + "}" * levels
        Path("one.har").write_text(json.dumps({"log": {**har["log"], "entries": [entry]}}), encoding="utf-8")
        capsys.readouterr()
        code = main(["recordings", "add", "one.har", "--id", "new", "--summary", "A job.", "--location", "A test."])
        first, summary = capsys.readouterr().err.splitlines()
        assert (code, summary) == (1, "1 problem(s); nothing was written.")
        assert first.startswith("one.har: ")
        assert "nested" in first
        assert not list(checkout.rglob("new.yaml"))


class TestHostileYaml:
    def test_yaml_alias_bomb_is_rejected(self, tmp_path: Path) -> None:
        file = tmp_path / "bomb.yaml"
        lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
        file.write_text("\n".join(["a0: &a0 [1]", *lines]), encoding="utf-8")
        with pytest.raises(ValidationError, match="must not be an alias"):
            load(file)

    def test_yaml_long_key_above_many_values_is_rejected(self, tmp_path: Path) -> None:
        file = tmp_path / "key.yaml"
        file.write_text(f"? {'k' * SIZE}\n: [{'1, ' * 10_000}1]\n", encoding="utf-8")
        with pytest.raises(ValidationError, match=r"key\.yaml:1: must have pointers of at most 1000 characters"):
            load(file)

    @pytest.mark.parametrize("text", ["1" * SIZE + "x", "1_" * (SIZE // 2) + "x"], ids=["digits", "underscores"])
    def test_yaml_long_scalar_takes_linear_time(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "number.yaml"
        file.write_text(f"a: {text}\n", encoding="utf-8")
        assert load(file).data == {"a": text}

    def test_yaml_long_number_has_a_short_message(self, tmp_path: Path) -> None:
        file = tmp_path / "number.yaml"
        file.write_text(f"a: {'1' * SIZE}\n", encoding="utf-8")
        with pytest.raises(
            ValidationError, match=r"at /a must be quoted, got 1{80} …: YAML readers see different numbers"
        ) as caught:
            load(file)
        assert len(str(caught.value)) < 500


ALIASES = """\
    One:
      $ref: '#/components/schemas/Two'
    Two:
      $ref: '#/components/schemas/One'
"""
LOOPS = {
    "two aliases": (ALIASES, "One"),
    "itself": ("    One:\n      $ref: '#/components/schemas/One'\n", "One"),
    "allOf": ("    One:\n      allOf:\n      - $ref: '#/components/schemas/One'\n", "One"),
    "anyOf": ("    One:\n      anyOf:\n      - type: string\n      - $ref: '#/components/schemas/One'\n", "One"),
    "not": ("    One:\n      not:\n        $ref: '#/components/schemas/One'\n", "One"),
}


def with_loop(checkout: Path, schemas: str, name: str) -> None:
    """Let a field of an `x-job` path be a schema that leads back to itself."""
    document = checkout / "openapi" / "cce.yaml"
    text = document.read_text(encoding="utf-8")
    assert "'#/components/schemas/JobMetadata'" in text
    text = text.replace("'#/components/schemas/JobMetadata'", f"'#/components/schemas/{name}'")
    document.write_text(text.replace("  schemas:\n", f"  schemas:\n{schemas}", 1), encoding="utf-8")


class TestHostileReferences:
    @pytest.mark.parametrize(("schemas", "name"), LOOPS.values(), ids=LOOPS)
    def test_lint_reference_cycle_is_rejected(
        self, schemas: str, name: str, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with_loop(checkout, schemas, name)
        assert main(["lint", "--services", "cce"]) == 1
        first, summary = capsys.readouterr().err.splitlines()
        assert first.startswith("openapi/cce.yaml:")
        assert " must not refer to itself, got a cycle through /components/schemas/" in first
        assert first.endswith(". Replace a reference by the schema.")
        assert summary == "1 problem(s)."

    @pytest.mark.parametrize(
        "verb",
        [
            ("check", "--services", "cce"),
            ("evidence", "--services", "cce"),
            ("client",),
            ("docs",),
            ("bundle", "--output", "bundles"),
            ("recordings", "export", "--har", "new.har"),
            ("contract", "check"),
            ("contract", "diff", "openapi/cce.yaml", "openapi/cce.yaml"),
        ],
        ids=" ".join,
    )
    def test_commands_reference_cycle_is_rejected_by_each(
        self, verb: tuple[str, ...], checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with_loop(checkout, ALIASES, "One")
        before = sorted(checkout.rglob("*"))
        assert main(verb) == (3 if "diff" in verb else 1)
        assert " must not refer to itself, got a cycle through " in capsys.readouterr().err
        assert sorted(checkout.rglob("*")) == before

    def test_lint_recursion_through_items_is_not_a_cycle(
        self, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        loop = "    One:\n      type: array\n      items:\n        $ref: '#/components/schemas/One'\n"
        with_loop(checkout, loop, "One")
        assert main(["lint", "--services", "cce"]) == 1
        assert "refer to itself" not in capsys.readouterr().err

    def test_lint_long_reference_chain_takes_linear_time(self, checkout: Path) -> None:
        chain = "".join(f"    S{n}:\n      $ref: '#/components/schemas/S{n + 1}'\n" for n in range(3_000))
        with_loop(checkout, chain + "    S3000:\n      $ref: '#/components/schemas/S0'\n", "S0")
        assert main(["lint", "--services", "cce"]) == 1

    def test_lint_reference_with_huge_index_is_rejected(
        self, checkout: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        document = checkout / "openapi" / "cce.yaml"
        text = document.read_text(encoding="utf-8")
        document.write_text(text.replace("'#/components/schemas/JobMetadata'", f"'#/servers/{'9' * 5_000}'"), "utf-8")
        assert main(["lint", "--services", "cce"]) == 1
        assert "must refer to a value of the document, got #/servers/9" in capsys.readouterr().err


def read_page(text: str) -> None:
    """Read the tables of a page as `evidence compare` does. A broken one is refused."""
    with contextlib.suppress(ValidationError):
        list(groups([part for part in parts_of(text) if isinstance(part, Table)]))


def described(text: str) -> None:
    """Read a description as `evidence compare` does."""
    parameter_rows.default(text)
    parameter_rows.bounds(text)
    parameter_rows.enum_values(text, ["success", "failed"])
    parameter_rows.enum_values(text, [])
    parameter_rows.listed_words(text)


def typed(text: str) -> None:
    """Read a type or status as `evidence compare` does."""
    plain_type(text)
    is_status(text)


WORST: list[tuple[Callable[[str], object], str, str, str]] = [
    (read_page, "", " ", ""),
    (read_page, "", "\xa0", ""),
    (read_page, "", "<table", ""),
    (read_page, "", "<table>", ""),
    (read_page, "<table><tr><td>", "<!--", ""),
    (read_page, "<table><tr><td>", "<a ", ""),
    (read_page, "<table><tr><td>", '<a "', ""),
    (read_page, "<table><tr><td>", "</", ""),
    (read_page, "<table><tr><td>", "<script>", ""),
    (read_page, "", "--|--|\n", ""),
    (read_page, "a\n", "--|--\n", ""),
    (read_page, "", "--|", ""),
    (read_page, "+" + "--+" * 100_000 + "\n", "|\n", ""),
    (read_page, "+--+--+\n", "+--+\n", ""),
    (read_page, "== " * 100_000 + "\n", "a\n", ""),
    (read_page, "== ==\na\n", "  b\n", ""),
    (read_page, ".. list-table::\n", "   * - a\n", ""),
    (read_page, ".. list-table::\n   * - a\n", "     b\n", ""),
    (read_page, "name\nString\n", "said\n", ""),
    (read_page, "", "# a\n", ""),
    (read_page, "|a|b|\n|--|--|\n", "|`a`|[a](b)|\n", ""),
    (read_page, "|a|b|\n|--|--|\n", "*_`[<", ""),
    (read_page, "", "<div>", ""),
    (read_page, "<table><tr>", '<td colspan="999" rowspan="999">a', ""),
    (read_page, "", "a\tb\n", ""),
    (read_page, "", "{\n", ""),
    (read_page, "", "a:`b` ", ".. note::\n"),
    (cleaned, "", "`", ""),
    (cleaned, "", "-\n", ""),
    (described, "status: ", "a/", "!"),
    (described, "is ", "a and ", "!"),
    (described, "default", " ", "!"),
    (described, "default", "\n", "!"),
    (described, "the", " ", "!"),
    (described, "[", "1", "x"),
    (described, "", "1 ~", ""),
    (described, "1", " ", "!"),
    (described, "", "(", ""),
    (described, '"', "a", ""),
    (described, "success, ", '"a"', ""),
    (described, "- a", " ", "!"),
    (typed, "", "array of ", "string"),
    (typed, "string", "[]", ""),
    (typed, "map<", " ", ",a"),
    (typed, "400", " ", "!"),
]


class TestHostilePages:
    @pytest.mark.parametrize(
        ("read", "before", "unit", "after"), WORST, ids=[f"{each[0].__name__} {each[2]!r}" for each in WORST]
    )
    def test_pages_long_page_takes_linear_time(
        self, read: Callable[[str], object], before: str, unit: str, after: str
    ) -> None:
        read(before + unit * (SIZE // len(unit) // (10 if "\n" in unit else 1)) + after)

    def test_enum_values_many_values_take_linear_time(self) -> None:
        words = [f"w{number}" for number in range(5_000)]
        text = "".join(f'"{word}" or "success". ' for word in words)
        assert parameter_rows.enum_values(text, ["success"]) == ["success", *words]

    def test_compare_command_page_of_spaces_is_rejected(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        page = tmp_path / "page.txt"
        page.write_text(" " * 2_000_000, encoding="utf-8")
        assert main(["evidence", "compare", str(page), "--service", SERVICES[0]]) == 1
        assert capsys.readouterr().err.startswith(f"{page}: must have a table of parameters, got none. ")

    def test_compare_page_huge_character_reference_does_not_crash(self) -> None:
        with pytest.raises(ValidationError, match="must have a table of parameters, got none"):
            compare_page(Workspace(ROOT).read(SERVICES[0]), f"<table><td>&#{'9' * 5_000};</td></table>")


def test_path_pattern_many_braces_take_linear_time() -> None:
    from generator.documents.workspace import OperationRef

    operation = OperationRef("/" + "{" * 100_000, "get", {}, "")
    assert operation.path_names == []
    assert operation.path_pattern.search("/x") is None
