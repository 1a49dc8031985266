"""Check that regular expressions take linear time on any text: measured on the worst of many texts.

A match of a pattern cannot be interrupted, so only linear patterns have a bound on their time.
"""

from __future__ import annotations

import ast
import re
import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import attrs

from tests.exhaustive import IS_EXHAUSTIVE

_MATCHING = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
_ALPHABET = "aA0_ -\n\"'<>=:%/@\\{[(.,&;#!~\x00é"
_FIRST, *_FURTHER = (15_000, 50_000, 200_000, *((1_000_000,) if IS_EXHAUSTIVE else ()))
_SUSPICIOUS = 0.006
"""Seconds for the first size, from which on a text is tried at the further ones."""
_SEARCHING = _MATCHING - {"match", "fullmatch"}
_FIXED, _PER_CHARACTER = 0.25, 4e-6
"""Seconds of processor time that are allowed: several times the time of the slowest linear pattern."""


@attrs.frozen
class SourcePattern:
    """A pattern in a source file."""

    file: Path
    line: int
    pattern: re.Pattern[str] | None
    """The pattern; None if the program makes it at run time."""
    uses: frozenset[str]
    """The functions of `re` that it is given to, or its methods that are called in the file."""

    @property
    def id(self) -> str:
        """Its place, for a report."""
        return f"{self.file.name}:{self.line}"


def patterns(files: Sequence[Path]) -> Iterator[SourcePattern]:
    """Yield every pattern that the source files give to a function of `re`."""
    for file in files:
        text = file.read_text(encoding="utf-8")
        if "re." not in text:
            continue
        tree = ast.parse(text)
        nodes = list(ast.walk(tree))
        names = {
            id(node.value): node.targets[0].id
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in nodes:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in {*_MATCHING, "compile"}
            ):
                uses = {node.func.attr} if node.func.attr != "compile" else _uses(nodes, names.get(id(node)))
                yield SourcePattern(file, node.lineno, _compiled(node, constants), frozenset(uses))


def _uses(nodes: Sequence[ast.AST], name: str | None) -> set[str]:
    """Return the methods of a pattern that a module calls; all methods if it passes the pattern to other code."""
    called = [
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    ]
    loaded = [node for node in nodes if isinstance(node, ast.Name) and node.id == name and type(node.ctx) is ast.Load]
    return set(called) if called and len(called) == len(loaded) else set(_MATCHING)


def _compiled(call: ast.Call, constants: Mapping[str, object]) -> re.Pattern[str] | None:
    argument = call.args[0]
    pattern = constants.get(argument.id) if isinstance(argument, ast.Name) else getattr(argument, "value", None)
    if not isinstance(pattern, str):
        return None
    position = {"compile": 1, "sub": 4, "subn": 4}.get(call.func.attr, 2)  # type: ignore[attr-defined]
    flags = [each.value for each in call.keywords if each.arg == "flags"] or call.args[position : position + 1]
    value = eval(compile(ast.Expression(flags[0]), "flags", "eval"), {"re": re}) if flags else 0
    return re.compile(pattern, value)


def slowest(pattern: re.Pattern[str], uses: frozenset[str] = frozenset(_MATCHING)) -> str | None:
    """Return a text for which a pattern takes more than linear time; None if no tested text does.

    Args:
        pattern: The pattern.
        uses: The methods of it that are called.
    """
    methods = [_finds] if uses & _SEARCHING else [_matches]
    worst: tuple[float, str, Callable[[int], str]] = (0.0, "", str)
    for name, make in _texts(pattern):
        for use in methods:
            taken = _time(use, pattern, make(_FIRST))
            if taken > _SUSPICIOUS and (wrong := _grows(use, pattern, name, make)):
                return wrong
            worst = max(worst, (taken, name, make), key=lambda each: each[0])
    return _grows(methods[0], pattern, *worst[1:])


def _grows(use: Callable[..., object], pattern: re.Pattern[str], name: str, make: Callable[[int], str]) -> str | None:
    for size in _FURTHER:
        taken = _time(use, pattern, make(size))
        if taken > _limit(size):
            return f"more than {_limit(size):.1f} s for {size} characters of {name}"
    return None


def _limit(size: int) -> float:
    return _FIXED + size * _PER_CHARACTER


def _finds(pattern: re.Pattern[str], text: str) -> None:
    for _ in pattern.finditer(text):
        pass


def _matches(pattern: re.Pattern[str], text: str) -> None:
    pattern.match(text)
    pattern.fullmatch(text)


def _time(use: Callable[[re.Pattern[str], str], object], pattern: re.Pattern[str], text: str) -> float:
    try:
        with _at_most(_limit(len(text))):
            before = time.process_time()
            use(pattern, text)
            return time.process_time() - before
    except TimeoutError:  # around the whole block, since the signal may arrive after the match has ended
        return float("inf")


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Interrupt the block after some seconds. `re` checks for signals, so even an exponential match ends."""

    def end(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _texts(pattern: re.Pattern[str]) -> Iterator[tuple[str, Callable[[int], str]]]:
    """Yield texts of any size, each with a name: many repetitions of a match or a part of it, then a mismatch."""
    tree = list(parser.parse(pattern.pattern, pattern.flags))
    starts = {_sample(branch[:end]) for branch in _branches(tree) for end in range(1, len(branch) + 1)} - {""}
    pieces = list(_pieces(tree))
    repeated = {" ", "a", *(_sample(list(value[2])) for ((code, value),) in _single(pieces) if code in _REPEATS)}
    units = {*_ALPHABET, *starts, *map(_sample, pieces), *(f"{unit}{sign}" for unit in starts for sign in ' \n"=')}
    for unit in sorted(units - {""}):
        yield f"{unit!r} * n", _maker("", unit)
    for start in sorted(starts):
        for unit in sorted(repeated - {""}):
            yield f"{start!r} + {unit!r} * n", _maker(start, unit)


def _single(pieces: Sequence[list[Any]]) -> Iterator[list[Any]]:
    return (piece for piece in pieces if len(piece) == 1)


def _maker(start: str, unit: str) -> Callable[[int], str]:
    return lambda size: start + unit * (size // len(unit)) + "\x01"


def _branches(tree: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield the alternatives of a pattern, each as a sequence."""
    for at, (code, value) in enumerate(tree):
        if code is codes.BRANCH:
            for branch in value[1]:
                for rest in _branches(list(branch)):
                    yield [*tree[:at], *rest, *tree[at + 1 :]]
            return
        if code is codes.SUBPATTERN and len(tree) == 1:
            yield from _branches(list(value[3]))
            return
    yield list(tree)


def _pieces(tree: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield every piece of a pattern, and its repeated parts."""
    for code, value in tree:
        yield [(code, value)]
        for inner in _inner(code, value):
            yield list(inner)
            yield from _pieces(list(inner))


_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def _inner(code: Any, value: Any) -> list[Any]:
    if code in _REPEATS:
        return [value[2]]
    if code is codes.SUBPATTERN:
        return [value[3]]
    if code is codes.BRANCH:
        return list(value[1])
    if code is codes.ATOMIC_GROUP:
        return [value]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [value[1]]
    return []


def _sample(tree: Sequence[Any]) -> str:
    """Return a short text that fits a piece of a pattern, or nearly."""
    made = ""
    for code, value in tree:
        if code is codes.LITERAL:
            made += chr(value)
        elif code is codes.NOT_LITERAL:
            made += "a" if chr(value) != "a" else "0"
        elif code is codes.ANY:
            made += "a"
        elif code is codes.IN:
            made += _member(value)
        elif code in _REPEATS:
            made += _sample(list(value[2])) * min(max(value[0], 1), 100)
        elif code is codes.BRANCH:
            made += _sample(list(value[1][0]))
        elif code in (codes.SUBPATTERN, codes.ATOMIC_GROUP):
            made += _sample(list(_inner(code, value)[0]))
    return made


def _member(members: Sequence[Any]) -> str:
    for letter in _ALPHABET + "".join(map(chr, range(256))):
        if _takes(members, letter):
            return letter
    return "\u4e2d"


def _takes(members: Sequence[Any], letter: str) -> bool:
    negated, taken = members[0][0] is codes.NEGATE, False
    for code, value in members:
        if code is codes.LITERAL:
            taken |= ord(letter) == value
        elif code is codes.RANGE:
            taken |= value[0] <= ord(letter) <= value[1]
        elif code is codes.CATEGORY:
            taken |= _CATEGORIES[str(value)](letter)
    return taken is not negated


_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_NOT_DIGIT": lambda letter: not letter.isdecimal(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda letter: not letter.isspace(),
    "CATEGORY_WORD": lambda letter: letter.isalnum() or letter == "_",
    "CATEGORY_NOT_WORD": lambda letter: not (letter.isalnum() or letter == "_"),
}
