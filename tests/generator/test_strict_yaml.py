"""YAML is read strictly: what readers of YAML disagree about is refused at its line, and what remains is JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.documents import load
from generator.errors import Problem, ValidationError
from tests.exhaustive import sample

DETERMINISTIC = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=sample(100),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],  # a busy machine is not a fault
)
AS_GENERATED = settings(DETERMINISTIC, phases=[Phase.generate])
"""Without shrinking: the texts are short, and shrinking them takes seconds."""

BOOLEAN = ("some YAML readers see a boolean", "Write true or false, or quote it")
DATE = ("some YAML readers see a date", "Quote it")
NUMBER = ("YAML readers see different numbers", "Quote it, or write it as in JSON")
EMPTY = ("must have a value, got none", "Write null, or '' for an empty string")
NO_TEXT = ("must have strings as keys, got ", "Quote the key")
ALIAS = ("must not be an alias", "Repeat the value in full")
BROKEN = ("must be valid YAML, got an error: ", "Correct the YAML there")


def refused(path: Path) -> Problem:
    """Return the one problem that a file is refused for."""
    with pytest.raises(ValidationError) as caught:
        load(path)
    [problem] = caught.value.problems
    return problem


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "document.yaml"


@pytest.mark.parametrize(
    ("text", "line", "pointer", "said"),
    [
        pytest.param(
            "a: 1\nb: 2\na: 3\n",
            3,
            "/a",
            ("must have each key once, got 'a' again", "Keep one of them"),
            id="duplicate key",
        ),
        pytest.param(
            "o:\n  a: 1\n  'a': 3\n",
            3,
            "/o/a",
            ("must have each key once, got 'a' again", "Keep one of them"),
            id="duplicate key, nested",
        ),
        *(
            pytest.param(f"a: 1\nb: {word}\n", 2, "/b", BOOLEAN, id=word)
            for word in ("yes", "no", "on", "off", "y", "n", "Yes", "NO", "True", "FALSE")
        ),
        *(
            pytest.param(f"a: 1\nb: [{text}]\n", 2, "/b/0", DATE, id=text)
            for text in ("2020-01-01", "2020-1-1", "2020-01-01T10:00:00Z", "2020-01-01 10:00:00")
        ),
        *(
            pytest.param(f"a: 1\nb: {text}\n", 2, "/b", NUMBER, id=text)
            for text in ("3.10", "0x1F", "0b11", "017", "0o17", "1:30", "12:30:45.5", "1_000", "+1", "1.", ".5", "1e5")
        ),
        *(pytest.param(f"a: 1\nb: {text}\n", 2, "/b", NUMBER, id=text) for text in (".inf", "-.inf", ".NaN", "1e999")),
        *(
            pytest.param(f"a: 1\nb: {text}\nc: 1\n", 2, "/b", EMPTY, id=f"no value, written {text!r}")
            for text in ("", "~", "Null", "NULL")
        ),
        pytest.param("a: &x [*x]\n", 1, "/a/0", ALIAS, id="alias of itself"),
        pytest.param(
            "a:\n  <<: {b: 1}\n",
            2,
            "/a",
            ("must not have a merge key, got <<", "Repeat the values in full"),
            id="merge key",
        ),
        pytest.param("a: 1\n200: x\n", 2, None, NO_TEXT, id="number as a key"),
        pytest.param("a: 1\ntrue: x\n", 2, None, NO_TEXT, id="boolean as a key"),
        pytest.param("a: 1\n? [b]\n: x\n", 2, None, NO_TEXT, id="list as a key"),
        pytest.param("a: 1\nno: x\n", 2, None, BOOLEAN, id="no as a key"),
        pytest.param("a: 1\nb: }\nc: 1\n", 2, None, BROKEN, id="syntax error"),
        pytest.param("a: 1\n---\nb: 2\n", 2, None, BROKEN, id="second document"),
        pytest.param("a: 1\n\tb: 2\n", 2, None, BROKEN, id="tab as indentation"),
    ],
)
def test_load_ambiguous_yaml_is_rejected_at_its_line(
    file: Path, text: str, line: int, pointer: str | None, said: tuple[str, str]
) -> None:
    file.write_text(text, encoding="utf-8")
    problem = refused(file)
    message, remedy = said
    assert (problem.file, problem.line, problem.pointer) == (file, line, pointer)
    assert message in problem.message
    assert problem.remedy == remedy
    assert str(problem).startswith(f"{file}:{line}: ")


@pytest.mark.parametrize("text", ["a: !!str 3", "a: !!int '3'", "a: !ours {b: 1}", "a: &unused 1"])
def test_load_tags_and_anchors_are_rejected(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    assert refused(file).line == 1


def test_load_alias_is_rejected_at_its_line(file: Path) -> None:
    file.write_text("a: &x {b: 1}\nc: *x\n", encoding="utf-8")
    problem = refused(file)
    assert (problem.pointer, problem.message, problem.remedy) == ("/c", *ALIAS)
    assert problem.line == 2


@pytest.mark.parametrize(
    ("content", "message", "remedy"),
    [
        pytest.param(b"a: caf\xe9\n", "must be UTF-8, got other bytes", "Save it as UTF-8", id="latin-1"),
        pytest.param("a: 1\n".encode("utf-16"), "must be UTF-8, got other bytes", "Save it as UTF-8", id="utf-16"),
        pytest.param(b"", "must have content, got an empty file", "Write its content, or remove it", id="empty"),
        pytest.param(
            b"# a remark\n",
            "must have content, got an empty file",
            "Write its content, or remove it",
            id="remark alone",
        ),
        pytest.param(
            b"a: \x00\n", "must be valid YAML, got an error: ", "Correct the YAML there", id="control character"
        ),
    ],
)
def test_load_unreadable_file_is_rejected(file: Path, content: bytes, message: str, remedy: str) -> None:
    file.write_bytes(content)
    problem = refused(file)
    assert (problem.file, problem.remedy) == (file, remedy)
    assert message in problem.message


def test_load_missing_file_is_rejected(file: Path) -> None:
    problem = refused(file)
    assert (problem.file, problem.remedy) == (file, "Create the file, or make it readable")
    assert "cannot be read" in problem.message


def test_load_folder_as_file_is_rejected(file: Path) -> None:
    file.mkdir()
    assert "cannot be read" in refused(file).message


def test_load_overlong_integer_is_rejected(file: Path) -> None:
    file.write_text(f"a: {'1' * 5000}\n", encoding="utf-8")
    assert refused(file).line == 1


def test_load_all_problems_of_a_file_are_reported(file: Path) -> None:
    file.write_text("a: yes\nb: 2020-01-01\nb: 1\n", encoding="utf-8")
    with pytest.raises(ValidationError) as caught:
        load(file)
    assert [(problem.line, problem.pointer) for problem in caught.value.problems] == [(1, "/a"), (2, "/b"), (3, "/b")]


@pytest.mark.parametrize(
    "word", ["yes", "2020-01-01", "3.10", "0x1F", "1:30", "~", "", "null", "true", "1", "*x", "<<"]
)
def test_load_quoted_scalar_stays_a_string(file: Path, word: str) -> None:
    file.write_text(f"single: '{word}'\ndouble: \"{word}\"\n'{word}': key\n", encoding="utf-8")
    assert load(file).data == {"single": word, "double": word, word: "key"}


def test_load_block_scalar_stays_a_string(file: Path) -> None:
    file.write_text("kept: |\n  yes\n  no\nfolded: >-\n  3.10\n", encoding="utf-8")
    assert load(file).data == {"kept": "yes\nno\n", "folded": "3.10"}


def test_load_plain_json_values_are_decoded_as_json(file: Path) -> None:
    file.write_text("[null, true, false, 0, -7, 120, 1.5, -0.25, 1e-07, text, v1.0, {a: []}]", encoding="utf-8")
    wanted: list[Any] = [None, True, False, 0, -7, 120, 1.5, -0.25, 1e-07, "text", "v1.0", {"a": []}]
    assert repr(load(file).data) == repr(wanted)


def test_source_line_missing_pointer_has_enclosing_line(file: Path) -> None:
    file.write_text("a: 1\nb:\n  c:\n    - d\n", encoding="utf-8")
    source = load(file)
    assert [source.line(pointer) for pointer in ("", "/a", "/b/c/0", "/b/c/7/x", "/nothing")] == [1, 1, 4, 4, 1]


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=40), inner, max_size=4),
    max_leaves=12,
)
SPECIAL_TO_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@DETERMINISTIC
@given(value=st.dictionaries(st.text(max_size=40), json_values, max_size=5), indent=st.none() | st.just(2))
def test_load_any_json_object_equals_json_loads(
    value: dict[str, Any], indent: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # YAML has characters that must be escaped, and which JSON may leave as they are.
    text = SPECIAL_TO_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8")
    assert repr(load(path).data) == repr(value)


def implicit(tag: str) -> st.SearchStrategy[str]:
    """Return plain texts that YAML 1.1 gives a tag other than that of text."""
    patterns = {
        pattern
        for resolvers in yaml.SafeLoader.yaml_implicit_resolvers.values()
        for of, pattern in resolvers
        if of == f"tag:yaml.org,2002:{tag}"
    }
    return st.one_of([st.from_regex(pattern, fullmatch=True) for pattern in patterns]).map(str.strip)


@pytest.mark.parametrize(
    "tag",
    [
        "bool",
        "int",
        "null",
        pytest.param(
            "float",
        ),
        pytest.param(
            "timestamp",
        ),
    ],
)
def test_load_yaml_1_1_values_are_never_strings(tag: str, tmp_path: Path) -> None:
    @AS_GENERATED
    @given(text=implicit(tag))
    def check(text: str) -> None:
        path = tmp_path / "plain.yaml"
        path.write_text(f"[{text}]\n" if text else "a:\n", encoding="utf-8")
        try:
            [value] = load(path).data
        except ValidationError:
            return
        assert not isinstance(value, str)
        assert repr([value]) == repr(yaml.safe_load(path.read_text(encoding="utf-8")))

    check()
