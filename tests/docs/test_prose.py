"""Tests of `tests.prose`, the check of the English of the repository."""

import pytest

from tests import prose

# One sentence that each pattern must find.
HARD = {
    "what clause": "What came is kept.",
    "is no": "'0' is no number.",
    "is none": "There is no base URL, or it is none.",
    "who": "A clock that nobody waits for.",
    "stand": "What they say stands in the document.",
    "tell": "The subclasses tell apart the common statuses.",
    "same": "A poll that fails all the same is made again.",
    "held to": "A provider is held to its document.",
    "error form": "Choose among {x}",
}
ORDINARY = (
    "There is nothing to do.",
    "The value is not a number.",
    "It has no name, and a job that is no longer running.",
    "The standard library, or a standing order.",
    "Print the value and hold the lock.",
    "See what happens, and ask who did it.",
    "The same job in its own project.",
)


def lines(name, source):
    return [(hit.pattern.name, hit.line) for hit in prose.find(name, source)]


@pytest.mark.parametrize("pattern", [pattern.name for pattern in prose.PATTERNS])
@pytest.mark.parametrize(
    ("name", "source", "line"),
    [
        ("a.py", '"""Docstring.\n\n{}\n"""\n', 3),
        ("a.py", '"""Docstring."""\n\nx = 1  # {}\n', 3),
        ("a.py", 'def f(x):\n    raise ValueError(f"{{x!r}}: {}")\n', 2),
        ("a.py", 'x = (\n    "Text. "\n    "{}"\n)\n', 2),
        ("a.md", "# Title\n\n{}\n", 3),
        ("a.yaml", "# {}\na: 1\n", 1),
        ("a.jinja", "{{% if a %}}\n# {}\n{{% endif %}}\n", 2),
    ],
)
def test_find_hard_sentence_anywhere_is_found(pattern, name, source, line):
    assert (pattern, line) in lines(name, source.format(HARD[pattern]))


@pytest.mark.parametrize("sentence", ORDINARY)
def test_find_ordinary_sentence_has_no_hit(sentence):
    assert lines("a.py", f'"""{sentence}"""\n# {sentence}\nx = f"{sentence}"\n') == []
    assert lines("a.md", sentence) == []


@pytest.mark.parametrize("message", ["rows is {n!r}: give a number", "{n!r} is not a number >= 0", "choose among {n}"])
def test_find_error_of_another_form_is_found(message):
    assert lines("a.py", f'raise ValueError(f"{message}")\n') == [("error form", 1)]


def test_find_error_with_subject_constraint_and_value_has_no_hit():
    assert lines("a.py", 'raise ValueError(f"rows must be one of {known}, got {n!r}: pass another")\n') == []


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ('Problem(file, f"{name} is not a module", "Rename the file")', "message"),
        ('source.problem("/", "has no description", "Describe it")', "message"),
        ('raise ArgumentTypeError(f"names no {thing}")', "message"),
        ('message = f"lacks the parameter {name}"', "message"),
        ('Problem(file, "must be a list, got a string", "Mend the list")', "remedy"),
        ('remedy = "Take it out"', "remedy"),
    ],
)
def test_find_message_of_another_form_is_found_in_the_packages_that_keep_it(line, pattern):
    assert lines("generator/documents/a.py", f"{line}\n") == [(pattern, 1)]
    assert lines("generator/docs/a.py", f"{line}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        'Problem(file, f"must be one of {known}, got {name}", "Correct the name")',
        'Problem(file, f"cannot be read ({reason})", "Make it readable")',
        'Problem(file, "is missing", "Run make generate")',
        'print("is no longer a message")',
    ],
)
def test_find_message_in_the_form_has_no_hit(line):
    assert lines("generator/documents/a.py", f"{line}\n") == []


def test_find_sentence_across_comment_lines_is_found():
    assert lines("a.py", "x = 1\n# A value that is\n# no number.\n") == [("is no", 2)]
    assert lines("a.yaml", "# A value that is\n# no number.\n") == [("is no", 1)]


def test_find_names_and_code_have_no_hit():
    assert lines("a.py", "def nobody(whose):\n    return whose is None\n") == []


@pytest.mark.parametrize("word", ["What", "Whatever", "Whoever", "Where", "How"])
def test_find_headless_docstring_is_found(word):
    assert ("docstring", 2) in lines("a.py", f'def f():\n    """{word} to do next."""\n')
    assert ("docstring", 1) not in lines("a.py", f'x = "{word} to do next."\n')


@pytest.mark.parametrize("word", ["The", "A", "An", "Whether", "Every", "Each", "All"])
def test_find_function_docstring_that_is_a_noun_is_found(word):
    docstring = f'"""{word} value."""'
    assert ("imperative", 2) in lines("a.py", f"def f():\n    {docstring}\n")
    for exempt in (
        f"@property\ndef f():\n    {docstring}\n",
        f"def test_f():\n    {docstring}\n",
        f"class C:\n    {docstring}\n",
    ):
        assert lines("a.py", exempt) == []


def test_hit_is_one_line_with_place_text_and_hint():
    (hit,) = prose.find("a.md", "One.\n\nA value that is\nno number.\n")
    assert str(hit) == (
        "a.md:3: is no: A value that is no number. -> write 'is not a', 'invalid', 'missing' or 'there is no'"
    )


def test_over_budget_folder_with_too_many_hits_is_reported():
    hits = [hit for name in ("a/x.md", "a/b/y.md", "c.md") for hit in prose.find(name, "It is no number.\n")]
    assert [hit.file for hit in prose.over_budget(hits, {"a/": 2})] == ["c.md"]
    assert [hit.file for hit in prose.over_budget(hits, {"a/b/": 0, "a/": 1, "c.md": 1})] == ["a/b/y.md"]


def test_is_allowed_entry_names_file_and_words():
    (hit,) = prose.find("a.md", "It is no number.\n")
    assert prose.is_allowed(hit, ["a.md: is no number"])
    assert not prose.is_allowed(hit, ["b.md: is no number", "a.md: is no text"])


def test_files_cover_every_kind_and_leave_out_recordings():
    names = prose.files()
    assert {"README.md", "Makefile", "openapi/ges.yaml", "tests/prose.yaml"} - set(names) == {"tests/prose.yaml"}
    assert any(name.startswith("generated_client/src/") for name in names)
    assert any(name.endswith(".jinja") for name in names)
    assert not any(name.startswith("openapi/recordings/") for name in names)
