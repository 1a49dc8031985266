"""The generated client as its source says it, read without running it: its clients, methods, models and fields."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import griffe

from generator.docs.escaping import Docstrings, mark_foreign
from generator.errors import Problem, ValidationError


@attrs.frozen(slots=False)
class Package:
    """The generated package."""

    root: Path
    """Folder that holds the package's folder."""
    name: str

    @cached_property
    def module(self) -> Any:
        """The package. Raises `Refused` where it is not there."""
        try:
            guard = griffe.load_extensions(Docstrings)
            return griffe.load(self.name, search_paths=[self.root], allow_inspection=False, extensions=guard)
        except ImportError:
            problem = Problem(self.root / self.name, "is not there", "Run `make generate`")
            raise ValidationError(problem) from None

    def service(self, name: str) -> ServiceCode:
        """The code of a service. Raises `Refused` where there is none."""
        if name not in self.module.members:
            raise ValidationError(Problem(self.root / self.name / name, "is not there", "Run `make generate`"))
        return ServiceCode(self.module[name])


@attrs.frozen
class ServiceCode:
    """The generated package of one service."""

    module: Any

    @property
    def client(self) -> str:
        """Name of the synchronous client."""
        return self._class_of("Client")

    @property
    def async_client(self) -> str:
        """Name of the asynchronous client."""
        return self._class_of("AsyncClient")

    def method(self, operation_id: str) -> str:
        """The client's method for an operation. Raises `Refused` where it has none."""
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation_id).lower()
        if name not in self.module["client"][self.client].members:
            raise ValidationError(
                Problem(self.module.filepath, f"has no method for {operation_id}", "Run `make generate`")
            )
        return name

    def has(self, method: str) -> bool:
        """Whether the client has a method of that name."""
        return method in self.module["client"][self.client].members

    def fields(self, schema: str) -> dict[str, str]:
        """Wire names of a schema's fields, and what the model calls them. Empty where no model is made of it."""
        model = self.module["models"].members.get(schema)
        if model is None or not model.is_class:
            return {}
        values = {name: str(attribute.value) for name, attribute in model.members.items() if attribute.is_attribute}
        found = {name: re.match(r"field\(['\"](.*?)['\"]", value) for name, value in values.items()}
        return {mark_foreign(match[1]): name for name, match in found.items() if match}

    def _class_of(self, base: str) -> str:
        for name, member in self.module["client"].members.items():
            if not member.is_alias and member.is_class and [str(each) for each in member.bases] == [base]:
                return str(name)
        raise ValidationError(Problem(self.module.filepath, f"has no class of {base}", "Run `make generate`"))
