"""Regular expressions that read foreign text take linear time on any text."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from cloudjobs import _senders
from cloudjobs._documents import compiled
from generator.cli import main
from generator.contract import Contract, redaction
from generator.contract.redaction import Secrets
from generator.documents import Service, Workspace
from generator.documents.workspace import operations

from .contracts import ROOT
from .linear_patterns import SourcePattern, patterns, slowest

pytestmark = pytest.mark.sampled(3)

FOLDERS = ("generator/contract", "generator/quality", "generator/client/runtime")
FILES = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
FOUND = list(patterns(FILES))
WRITTEN = [found for found in FOUND if found.pattern is not None]
PUT_TOGETHER = {
    "redaction.py": "tested below",
    "_senders.py": "tested below",
    "checker.py": "hosts of the servers of documents, on a host of a HAR file, tested below",
    "cases.py": "patterns of documents, on values that are made from them",
    "operators.py": "three patterns, on patterns of documents; words of a description of a document",
    "_documents.py": "patterns of documents, tested below",
    "_decoding.py": "patterns of documents, tested below",
    "_models.py": "paths of documents",
    "_router.py": "paths of documents, on a segment of a path that the server has limited to 64 kB",
}
DOCUMENTS = Workspace(ROOT).select(None)
MEGABYTE = 1_000_000
SECONDS = 20
"""Of processor time: ten times what any of these takes."""


def document_patterns() -> set[str]:
    """Return the patterns of the documents' schemas."""
    texts = [json.dumps(service.document.data, default=str) for service in DOCUMENTS]
    return {json.loads(each) for text in texts for each in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', text)}


@pytest.mark.parametrize("found", WRITTEN, ids=lambda found: found.id)
def test_source_pattern_any_string_takes_linear_time(found: SourcePattern) -> None:
    assert found.pattern is not None
    assert slowest(found.pattern, found.uses) is None


def test_source_pattern_built_at_runtime_is_listed() -> None:
    assert {found.file.name for found in FOUND if found.pattern is None} == set(PUT_TOGETHER)


def test_redaction_assignment_patterns_take_linear_time() -> None:
    assert slowest(redaction._ASSIGNED) is None
    assert slowest(redaction._VALUE, frozenset({"match"})) is None


@pytest.mark.parametrize("pattern", [_senders._PAIR, _senders._REASON])
def test_secret_guard_pattern_on_a_log_record_is_linear(pattern: str) -> None:
    assert slowest(re.compile(pattern)) is None


@pytest.mark.parametrize("pattern", sorted(document_patterns()))
def test_document_pattern_any_string_takes_linear_time(pattern: str) -> None:
    assert slowest(compiled(pattern)) is None


@pytest.mark.parametrize("service", DOCUMENTS, ids=lambda service: service.name)
def test_host_pattern_any_host_takes_linear_time(service: Service) -> None:
    for pattern in Contract.from_service(service)._hosts:
        assert slowest(pattern, frozenset({"fullmatch"})) is None


@pytest.mark.parametrize("service", DOCUMENTS, ids=lambda service: service.name)
def test_path_pattern_any_path_takes_linear_time(service: object) -> None:
    for operation in operations(service.document.data):  # type: ignore[attr-defined]
        assert slowest(operation.path_pattern) is None


@pytest.mark.parametrize(
    "pattern", [r"([A-Za-z][\w-]*)=x", r"a\s*(?:=b)?\s*,", r"\[(?:\\.|[^\]])*\]", r"eyJ[\w-]{5,}\.", "(a|b|ab)*c"]
)
def test_slowest_nonlinear_pattern_is_detected(pattern: str) -> None:
    assert slowest(re.compile(pattern)) is not None


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "eyJ", "A1_-", "<a ", "<a b=\"' c", "<![CDATA[", "&lt;a&gt;", "content-disposition: x\n", "password="),
        *('password="', "cookie:", "://a:", "%3A%2F%2F", "{", '\\"', "YWJj", "%25"),
    ],
)
def test_redaction_megabyte_string_takes_linear_time(unit: str) -> None:
    text = unit * (MEGABYTE // len(unit))
    before = time.process_time()
    Secrets(["a-known-secret"]).body(text, "text/plain")
    assert time.process_time() - before < SECONDS


def test_check_command_megabyte_word_takes_linear_time(tmp_path: Path) -> None:
    word = "a" * MEGABYTE
    request = {"method": "GET", "url": "https://x/api/v3/projects/p/jobs/j", "headers": []}
    body = json.dumps({"status": {"phase": word, word: word}, "spec": word})
    content = {"mimeType": "application/json", "text": body}
    har = tmp_path / "x.har"
    har.write_text(
        json.dumps(
            {"log": {"entries": [{"request": request, "response": {"status": 200, "headers": [], "content": content}}]}}
        )
    )
    before = time.process_time()
    assert main(["contract", "check", "--har", str(har), "--output", str(tmp_path / "report.txt")]) == 1
    assert time.process_time() - before < SECONDS
