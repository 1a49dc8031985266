"""Every sample of the documentation is run, and prints the output on the page.

`python -m tests.docs.samples` writes into the hand-written pages what their samples print now.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.docs import Page
from generator.docs.translation import LANGUAGES
from generator.documents import Workspace
from tests.reference import REFERENCE

from .programs import ROOT
from .samples.blocks import blocks, samples
from .samples.running import alike, run_page
from .samples.sample_runner_env import SampleEnvironment

PROSE = ROOT / "generator" / "docs" / "content"
SERVICES = list(REFERENCE)
# Named here, since the pages themselves take a second to put together.
WITH_SAMPLES = [
    "README",
    *sorted(
        path.relative_to(PROSE).with_suffix("").as_posix()
        for path in PROSE.rglob("*.md")
        if any(not sample.block.not_run for sample in samples(path.read_text(encoding="utf-8")))
    ),
    *(
        f"{edition}services/{name}"
        for edition in ("", *(f"{language}/" for language in LANGUAGES))
        for name in SERVICES
    ),
]
_SIGNATURE = re.compile(r"\w+\([^\n]*\) -> [^\n]+\n")
NOT_RUN = 20
"""How many samples of the whole site are marked as not run; `make clients` runs 12 of them. One more needs a reason."""


@pytest.fixture(scope="module")
def pages(assembled: list[Page]) -> dict[str, str]:
    """The Markdown of all pages, as it is published, by name; and the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return {**{page.name: page.plain for page in assembled}, "README": readme}


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleEnvironment]:
    made = SampleEnvironment(tmp_path, monkeypatch)
    yield made
    made.close()


@pytest.mark.parametrize("name", WITH_SAMPLES)
def test_samples_of_each_page_print_what_is_shown(name: str, pages: dict[str, str], stage: SampleEnvironment) -> None:
    folder, _, service = name.rpartition("/")
    replies: list[str] = []
    if folder.endswith("services"):
        replies = list(_replies(service))
    outcome = run_page(name, pages[name], stage, replies)
    if outcome.problems:
        # Without the traceback, which would show the whole site.
        pytest.fail("\n\n".join(outcome.problems), pytrace=False)
    assert outcome.ran or outcome.unavailable
    if outcome.unavailable:
        pytest.skip(f"{outcome.unavailable} of {outcome.ran + outcome.unavailable} samples need curl or Node")


def _replies(name: str) -> Iterator[str]:
    """Yield the recorded responses of a service, cut to the limit of the recorded request."""
    service = Workspace(ROOT).read(name)
    for recording in service.recordings.values():
        operation = service.operation(recording.operation)
        assert operation is not None
        pages, body = operation.definition.get("x-pagination", {}), recording.body
        limit = recording.source.data["request"].get("query", {}).get(pages.get("limit"))
        if limit is not None:
            body[pages["items"]] = body[pages["items"]][:limit]
            body[pages["count"]] = len(body[pages["items"]])
        yield json.dumps(body)


def test_samples_each_page_with_samples_is_listed(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        if name.startswith("python/"):
            # Made from docstrings, with signatures as their blocks.
            assert all(_SIGNATURE.fullmatch(sample.block.text) for sample in samples(text)), name
        elif name not in WITH_SAMPLES:
            assert all(sample.block.not_run for sample in samples(text)), name


def test_samples_marked_as_not_run_match_the_count(pages: dict[str, str]) -> None:
    marked = [block.not_run for text in pages.values() for block in blocks(text) if block.not_run]
    assert len(marked) == NOT_RUN


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", "it prints\n1"),
        ("```python\nprint(1)\n```\n", "it prints\n1"),
        ("```python\n1 / 0\n```\n", "ZeroDivisionError"),
        ("```python\nprint(1)\n```\n\nBetween.\n\n```text\n1\n```\n", "it prints\n1"),
        ("```console\n$ cloudjobs get cce no-such-job\n```\n", "the last command must succeed"),
        ("```console\n$ rm -rf openapi\n```\n", "command must be one of cat, "),
        ("```sh\nmake no-such-target\n```\n", "target must be in the Makefile, got no-such-target"),
        ("```sh\npip install 'cloudjobs[nothing]'\n```\n", "extra must be one of the distribution, got nothing"),
        ('```python title="unused.py"\nprint(1)\n```\n', "nothing on the page uses unused.py"),
    ],
)
def test_run_page_different_output_is_a_problem(page: str, said: str, stage: SampleEnvironment) -> None:
    (problem,) = run_page("page", page, stage).problems
    assert "page, line" in problem
    assert said in problem


def test_alike_only_omitted_lines_and_durations_may_differ() -> None:
    assert alike("one\n…\nfour\n", "one\ntwo\nthree\nfour\n")
    assert not alike("one\n…\nfour\n", "one\ntwo\nthree\nfour\nfive\n")
    assert alike("3 passed in 0.10s\n", "3 passed in 12.34s\n")
    assert not alike("3 passed in 0.10s\n", "4 passed in 0.10s\n")
    assert alike('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', as_json=True)
    assert not alike('{"a": 1}', '{"a": 1, "b": 2}', as_json=True)
