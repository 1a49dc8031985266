"""Makes models of decoded Structs, by functions that are written for each service and compiled once.

As code, like attrs writes `__init__`: one plain assignment a field is several times as fast as any loop over fields,
and what is made inside a model is made where it stands, without a call, so far as a function stays of readable length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from ._patterns import together

Write = Callable[[str], list[str]]
"""Given the variable that holds a decoded value, the statements after which it holds what a model does."""

_LONGEST = 120
"""Lines of a function, beyond which what is still to come is left to functions of its own."""

_DEEPEST = 4
"""Models in models, likewise: a model can have itself inside."""

_PLAIN = """
def {name}(content):
    value, hold = {name}_decode(content), ()
    {statements}
    return value
"""
_HOLDING = """
def {name}(content):
    value, hold = {name}_decode(content), tuple([] for check in {name}_checks)
    {statements}
    for check, texts in zip({name}_checks, hold):
        if texts and not check(texts):
            raise Mismatch("a text does not match its pattern")
    return value
"""
"""`hold` has the texts of each pattern, by its number."""


class Member(msgspec.Struct, frozen=True):
    """A field of a Struct, and where a model has it."""

    name: str
    attribute: str
    wire_name: str
    may_be_null: bool
    write: Write | None
    """How its value is made into what the model holds; None where it is the same."""
    pattern: str | None
    """What its text is held for, to be checked with others."""


class Part:
    """The model that a Struct becomes."""

    def __init__(self, number: int) -> None:
        self.function = f"build{number}"
        self.model = f"class{number}"
        self.members: list[Member] = []


class Builder:
    """Writes and compiles the functions of one service."""

    def __init__(self) -> None:
        self._scope: dict[str, Any] = {"new": object.__new__, "NO_NULLS": frozenset(), "ABSENT": msgspec.UNSET}
        self._scope["Mismatch"] = msgspec.ValidationError
        self._patterns: list[str] = []
        self._parts = 0
        self._variables = 0
        self._lines = 0
        self._depth = 0
        self._called: list[Part] = []
        """Those that are made by a function of their own."""

    def part(self, model: type[Any]) -> Part:
        """A new part. Its members are added once they are known, since a model can have itself inside."""
        self._parts += 1
        part = Part(self._parts)
        self._scope[part.model] = model
        return part

    def of_part(self, part: Part) -> Write:
        """Makes a Struct into its model."""
        return lambda held: self._made(part, held)

    def of_list(self, write: Write) -> Write:
        """Makes each item of a list, in place."""
        return self._of_each("enumerate({})", write)

    def of_map(self, write: Write) -> Write:
        """Makes each value of a map, in place."""
        return self._of_each("{}.items()", write)

    def _of_each(self, pairs: str, write: Write) -> Write:
        def each(held: str) -> list[str]:
            key, item = self._variable("key"), self._variable("item")
            return [
                f"for {key}, {item} in {pairs.format(held)}:",
                *_indented(write(item)),
                f"    {held}[{key}] = {item}",
            ]

        return each

    def compiled(self, decode: Callable[[Any], Any], write: Write) -> Callable[[Any], Any]:
        """What decodes bytes and makes what a model holds. Raises what `decode` raises, also for a text in it."""
        name = self._variable("make")
        self._called.clear()
        self._lines = 0
        statements = write("value")
        while self._called:
            self._define(self._called.pop())
        self._scope[f"{name}_decode"] = decode
        self._scope[f"{name}_checks"] = [together(pattern) for pattern in self._patterns]
        # Rows are made one at a time, and most have no such pattern: nothing is to be held for them.
        template = _HOLDING if self._patterns else _PLAIN
        exec(template.format(name=name, statements="\n    ".join(statements)), self._scope)
        make: Callable[[Any], Any] = self._scope[name]
        return make

    def _define(self, part: Part) -> None:
        if part.function not in self._scope:
            self._lines = 0
            lines = [f"def {part.function}(value, hold):", *_indented(self._inside(part, "value")), "    return value"]
            exec("\n".join(lines), self._scope)

    def _made(self, part: Part, held: str) -> list[str]:
        if self._depth > _DEEPEST or self._lines > _LONGEST:
            self._called.append(part)
            return [f"{held} = {part.function}({held}, hold)"]
        return self._inside(part, held)

    def _inside(self, part: Part, held: str) -> list[str]:
        """The statements of one model."""
        self._depth += 1
        model, nulls = self._variable("model"), "NO_NULLS"
        lines = [f"{model} = new({part.model})"]
        for member in part.members:
            target, value = f"{model}.{member.attribute}", f"{held}.{member.name}"
            if member.may_be_null:
                if nulls == "NO_NULLS":
                    nulls = self._variable("nulls")
                    lines.append(f"{nulls} = NO_NULLS")
                lines += [f"{target} = field = {value}", "if field is None:"]
                lines.append(f"    {nulls} = {nulls} | {{{member.wire_name!r}}}")
                lines += ["elif field is ABSENT:", f"    {target} = None"]
            elif member.pattern:
                lines += [f"{target} = field = {value}", "if field is not None:"]
                lines.append(f"    hold[{self._number(member.pattern)}].append(field)")
            elif member.write:
                inner = self._variable("inner")
                lines += [f"{inner} = {value}", f"if {inner} is not None:", *_indented(member.write(inner))]
                lines.append(f"{target} = {inner}")
            else:
                lines.append(f"{target} = {value}")
        lines += [f"{model}._additional_properties = None", f"{model}._nulls = {nulls}", f"{held} = {model}"]
        self._depth -= 1
        self._lines += len(lines)
        return lines

    def _number(self, pattern: str) -> int:
        if pattern not in self._patterns:
            self._patterns.append(pattern)
        return self._patterns.index(pattern)

    def _variable(self, kind: str) -> str:
        self._variables += 1
        return f"{kind}{self._variables}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]
