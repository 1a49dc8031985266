"""Check the English of the repository against the style rules of CONTRIBUTING.md.

`make lint` runs `python -m tests.prose`. Each hit is one line, `file:line: pattern: text -> hint`. Ordinary uses of a
pattern are listed under `allowed` in `tests/prose.yaml`.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
SETTINGS = Path("tests/prose.yaml")
SUFFIXES = frozenset({".py", ".md", ".yaml", ".yml", ".jinja", ".toml", ".js", ".css", ".html"})
FOLDERS = ("benchmarks", "examples", "generated_client", "generator", "openapi", "requirements", "tests")
NAMES = frozenset({"Makefile", "Containerfile"})
# Recorded responses, and the files that quote the patterns.
SKIPPED = ("openapi/recordings/", "tests/docs/test_prose.py", "tests/prose.")


class Pattern(NamedTuple):
    """A form of sentence that is hard to read, and advice for its replacement."""

    name: str
    regex: re.Pattern[str]
    hint: str


class Hit(NamedTuple):
    """A place where a pattern matches."""

    file: str
    line: int
    pattern: Pattern
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.pattern.name}: {self.text} -> {self.pattern.hint}"


def _pattern(name: str, regex: str, hint: str) -> Pattern:
    """Make a pattern in which a space matches any white space, also a line break."""
    return Pattern(name, re.compile(regex.replace(" ", r"\s+")), hint)


PATTERNS = (
    _pattern(
        "what clause",
        r"\b[Ww]hat(?:ever)? (?:is|are|was|were|has|have|had|comes?|came|makes?|made|takes?|took|cannot|can"
        r"|it|they|a|the|an|one|no|this|that)\b",
        "use a noun: 'the value', 'the response body'",
    ),
    _pattern(
        "is no",
        r"\b(?:is|are|was|were|be|been|as) no\b(?! (?:longer|more|less|fewer))",
        "write 'is not a', 'invalid', 'missing' or 'there is no'",
    ),
    _pattern("is none", r"\b(?:is|are|was|were|be|has|have) none\b", "write 'is missing', 'has no …' or 'is not a …'"),
    _pattern("who", r"\b(?:[Ww]hoever|[Nn]obody|[Ss]omebody|[Ww]hose)\b", "name the person or thing, or use 'with'"),
    _pattern(
        "stand",
        r"\b[Ss]t(?:and|ands|ood) (?:in|at|for|where|beside|on|there|here|below|above|under|alone|once|twice|with"
        r"|before|as)\b",
        "write 'is', 'replaces', 'represents' or 'is in'",
    ),
    _pattern(
        "tell",
        r"\b(?:[Tt]old|[Tt]ells? (?:of|by|apart|from|it|how|what))\b",
        "write 'reports', 'states', 'distinguishes' or 'configured'",
    ),
    _pattern(
        "same",
        r"\b(?:all the same|of (?:its|their|his|her) own|in (?:its|their) turn)\b",
        "write 'anyway', 'still', 'separate' or 'own'",
    ),
    _pattern(
        "held to",
        r"\b(?:[Hh]eld|[Hh]olds?) (?:\w+ )?(?:against|to)\b",
        "write 'is compared with' or 'is checked against'",
    ),
    _pattern(
        "error form",
        r"\bis \{[^{}]*\}[:;] give|\{[^{}]*\} is not a (?:number|service|fault|setting)\b"
        r"|\b[Cc]hoose among \{[^{}]*\}",
        "write '<subject> must be <constraint>, got <value>', then one hint",
    ),
)
DOCSTRING_PATTERNS = (
    _pattern(
        "docstring",
        r"\A\s*(?:What|Whatever|Whoever|Where|How)\b",
        "begin with a noun or an imperative, at most 12 words",
    ),
)
FUNCTION_PATTERNS = (
    *DOCSTRING_PATTERNS,
    _pattern(
        "imperative", r"\A\s*(?:The|An?|Whether|Every|Each|All)\b", "begin with an imperative: 'Return …', 'Yield …'"
    ),
)
MESSAGE_PATTERNS = (
    _pattern(
        "message",
        r"\A(?:\{\} )?(?:is|are|has|have|names?|lacks?|refers|repeats|uses|gives|holds|lies|does|says|asks|answers)\b"
        r"(?! (?:missing|stale|not installed)\b)",
        "write 'must <constraint>, got <value>', or name the cause: 'cannot be …', 'is missing'",
    ),
    _pattern(
        "remedy",
        r"\A(?:Mend|Look|Say|Take|Bring|Let|Unpack|Give (?:it|them))\b",
        "write 'Correct', 'Check', 'Choose', 'Add', 'Remove' or 'Name', with the object",
    ),
)
"""Patterns of the arguments of `MESSAGE_CALLS`, and of variables with the names of their parameters."""
MESSAGE_CALLS = frozenset({"Problem", "problem", "_problem", "_refuse", "ArgumentTypeError"})
MESSAGE_NAMES = frozenset({"message", "remedy"})
MESSAGE_FILES = ("generator/commands/", "generator/contract/", "generator/documents/", "generator/files.py")


class Text(NamedTuple):
    """A piece of prose in a file."""

    line: int
    text: str
    patterns: tuple[Pattern, ...] = ()
    """Patterns of this kind of text, besides those of all."""


def _patterns_of_docstring(node: ast.AST) -> tuple[Pattern, ...]:
    """Return the patterns of the docstring of a node. Properties, fixtures and tests are named by nouns."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("test_"):
        return DOCSTRING_PATTERNS
    is_noun = any(re.search("property|fixture|composite", ast.unparse(each)) for each in node.decorator_list)
    return DOCSTRING_PATTERNS if is_noun else FUNCTION_PATTERNS


def _messages(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the strings that are error messages or remedies."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in MESSAGE_CALLS:
            yield from node.args
        elif isinstance(node, ast.Assign) and MESSAGE_NAMES & {ast.unparse(target) for target in node.targets}:
            yield node.value


def _python_texts(source: str, *, with_messages: bool) -> Iterator[Text]:
    """Yield docstrings, other strings (an f-string as one, without its expressions) and blocks of comments."""
    tree = ast.parse(source)
    messages = dict.fromkeys(_messages(tree) if with_messages else (), MESSAGE_PATTERNS)
    docstrings: dict[ast.expr, tuple[Pattern, ...]] = {}
    parts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                docstrings[first.value] = _patterns_of_docstring(node)
        elif isinstance(node, ast.JoinedStr):
            values = [value for value in node.values if isinstance(value, ast.Constant)]
            parts.update(values)
            text = "".join(v.value if v in parts else "{}" for v in node.values)
            yield Text(node.lineno, text, messages.get(node, ()))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
            yield Text(node.lineno, node.value, (*docstrings.get(node, ()), *messages.get(node, ())))
    block: list[str] = []
    start = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if block and token.start[0] != start + len(block):
            yield Text(start, "\n".join(block))
            block = []
        if not block:
            start = token.start[0]
        block.append(token.string.lstrip("#: "))
    if block:
        yield Text(start, "\n".join(block))


def _texts(name: str, source: str) -> Iterator[Text]:
    """Yield the prose of a file; of a file that is not Python, all of it without the marks of comments."""
    if name.endswith(".py"):
        yield from _python_texts(source, with_messages=name.startswith(MESSAGE_FILES))
    else:
        yield Text(1, re.sub(r"^[ \t]*#[#: ]*", "", source, flags=re.MULTILINE))


def find(name: str, source: str) -> list[Hit]:
    """Return the hits in a file's text, in order of lines."""
    hits = []
    for line, text, patterns in _texts(name, source):
        for pattern in PATTERNS + patterns:
            for match in pattern.regex.finditer(text):
                before = re.split(r"\n\s*\n", text[max(0, match.start() - 40) : match.start()])[-1]
                after = re.split(r"\n\s*\n", text[match.end() : match.end() + 40])[0]
                quote = " ".join(f"{before}{match.group()}{after}".split())
                hits.append(Hit(name, line + text.count("\n", 0, match.start()), pattern, quote))
    return sorted(hits, key=lambda hit: hit.line)


def count_words(name: str, source: str) -> int:
    """Return the number of words of prose in a file."""
    return sum(len(re.findall(r"[A-Za-z]{2,}", text.text)) for text in _texts(name, source))


def files(root: Path = ROOT) -> list[str]:
    """Return the names of the files to check: in the root folder and in `FOLDERS`."""
    paths = [*root.iterdir(), *(path for folder in FOLDERS for path in (root / folder).rglob("*"))]
    names = [
        path.relative_to(root).as_posix()
        for path in paths
        if path.is_file() and (path.suffix in SUFFIXES or path.name in NAMES)
    ]
    return sorted(name for name in names if not name.startswith(SKIPPED))


def is_allowed(hit: Hit, allowed: Iterable[str]) -> bool:
    """Return whether an entry `file: words` names the file of a hit and words of its text."""
    return any(
        hit.file == file and words in hit.text for file, _, words in (entry.partition(": ") for entry in allowed)
    )


def over_budget(hits: Iterable[Hit], budget: dict[str, int]) -> list[Hit]:
    """Return the hits of the folders with more hits than their budget, which is 0 for a folder that has no entry."""

    def folder(hit: Hit) -> str:
        return max((name for name in budget if hit.file.startswith(name)), key=len, default="")

    hits = list(hits)
    counts = Counter(map(folder, hits))
    return [hit for hit in hits if counts[folder(hit)] > budget.get(folder(hit), 0)]


def main() -> int:
    """Print the hits above the budget; with `--all` every hit, and the rate."""
    settings = yaml.safe_load((ROOT / SETTINGS).read_text(encoding="utf-8"))
    hits: list[Hit] = []
    words = 0
    for name in files():
        source = (ROOT / name).read_text(encoding="utf-8")
        words += count_words(name, source)
        hits += [hit for hit in find(name, source) if not is_allowed(hit, settings["allowed"])]
    if "--all" in sys.argv[1:]:
        print(*hits, f"{len(hits)} hits in {words} words: {len(hits) / words * 10_000:.1f} per 10,000", sep="\n")
        return 0
    shown = over_budget(hits, settings["budget"])
    print(*shown, sep="\n", end="\n" if shown else "")
    if shown:
        print(
            f"{len(shown)} sentences with a forbidden pattern: rewrite them (CONTRIBUTING.md, Style)", file=sys.stderr
        )
    return bool(shown)


if __name__ == "__main__":
    sys.exit(main())
