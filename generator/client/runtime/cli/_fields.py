"""Fields of a job or row, as a caller names them: by wire or Python name, dotted where one lies within another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from .._models import Model, wire_names, wire_value


def names_of(models: Iterable[type[Model]]) -> list[str]:
    """The wire names of the models' fields."""
    return list(dict.fromkeys(name for model in models for name in wire_names(model)))


def checked(models: Iterable[type[Model]], field: str) -> str:
    """The field, if one of the models has it. Raises `ValueError` with the choice."""
    held = list(models)
    first = field.partition(".")[0]
    known = names_of(held)
    if first in known or any(first in wire_names(model).values() for model in held):
        return field
    raise ValueError(f"there is no field {field!r}: choose among {', '.join(known)}")


def value_at(model: object, field: str) -> Any:
    """What a field holds; None where it is absent or null."""
    value: Any = model
    for name in field.split("."):
        if isinstance(value, Model):
            names = wire_names(type(value))
            by_python = name not in names and name in names.values()
            value = getattr(value, name) if by_python else wire_value(value, name)
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def text_of(value: object) -> str:
    """A value as a caller writes it: a text as it is, anything else as JSON has it, and what is absent as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return "[…]" if not isinstance(value, Model | dict) else "{…}"


@attrs.frozen
class Condition:
    """A field and the value that it must have."""

    field: str
    value: str

    @classmethod
    def of(cls, text: str, models: Iterable[type[Model]]) -> Condition:
        """Read `field=value`. Raises `ValueError` where it is not of that form, or there is no such field."""
        field, equals, value = text.partition("=")
        if not equals or not field:
            raise ValueError(f"{text!r} is no condition: write field=value")
        return cls(checked(models, field), value)

    def holds(self, row: object) -> bool:
        """Whether a row has the value; a number is compared as a number."""
        found = value_at(row, self.field)
        if text_of(found) == self.value:
            return True
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        try:
            return found == float(self.value)
        except (ValueError, OverflowError):
            return False
