"""Names that the generated code must not use twice."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

RUNTIME = Path(__file__).parent / "runtime"
TEMPLATES = Path(__file__).parent / "templates"

_EXPORTS = {"document", "recordings", "services"}
_OF_MODELS = {"additional_properties", "define", "field", "from_dict", "to_dict"}
"""What a model inherits, and what its class body calls: a field of that name would hide it."""


def reserved_names() -> set[str]:
    """Names that no service may have: those of the runtime's modules, and what stands beside them in the package."""
    return _EXPORTS | {
        path.stem for path in RUNTIME.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }


def attribute(python_name: str) -> str:
    """The name of a model's field, moved aside where the model needs the name itself."""
    return f"{python_name}_" if python_name in _OF_MODELS else python_name


def class_prefix(service: str) -> str:
    """How the service's name stands in the names of its clients."""
    return "".join(part.capitalize() for part in service.split("_"))


def constants(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """A constant's name for each value. Raises `ValueError` where two values would have one name."""
    seen: dict[str, str] = {}
    for value in values:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+", "_", value)
        name = words.strip("_").upper() or "EMPTY"
        if not name.isidentifier() or keyword.iskeyword(name):
            name = f"VALUE_{name}"
        if name in seen:
            raise ValueError(f"{seen[name]!r} and {value!r} would both be {name}")
        seen[name] = value
        yield name, value
