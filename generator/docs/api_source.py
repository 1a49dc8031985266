"""The generated client, read from its source without running it: its clients, methods, models and fields."""

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
    """The folder that contains the package's folder."""
    name: str

    @cached_property
    def module(self) -> Any:
        """The package. Raises `ValidationError` if it is missing."""
        try:
            extensions = griffe.load_extensions(Docstrings)
            return griffe.load(self.name, search_paths=[self.root], allow_inspection=False, extensions=extensions)
        except ImportError:
            raise _outdated(self.root / self.name, "is not there") from None

    def service(self, name: str) -> ServiceCode:
        """Return the code of a service. Raises `ValidationError` if it is missing."""
        if name not in self.module.members:
            raise _outdated(self.root / self.name / name, "is not there")
        return ServiceCode(self.module[name])


@attrs.frozen
class ServiceCode:
    """The generated package of one service."""

    module: Any

    @property
    def client(self) -> str:
        """Name of the synchronous client."""
        return self._class_of("client", "Client")

    @property
    def async_client(self) -> str:
        """Name of the asynchronous client."""
        return self._class_of("async_client", "AsyncClient")

    def method(self, operation_id: str) -> str:
        """Return the client's method for an operation. Raises `ValidationError` if it has none."""
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation_id).lower()
        if name not in self.module["client"][self.client].members:
            raise _outdated(self.module.filepath, f"has no method for {operation_id}")
        return name

    def fields(self, schema: str) -> dict[str, str]:
        """Return the model's names of a schema's fields by their wire names; empty for a schema without a model."""
        model = self.module["models"].members.get(schema)
        if model is None or not model.is_class:
            return {}
        values = {name: str(attribute.value) for name, attribute in model.members.items() if attribute.is_attribute}
        found = {name: re.match(r"field\(['\"](.*?)['\"]", value) for name, value in values.items()}
        return {mark_foreign(match[1]): name for name, match in found.items() if match}

    def _class_of(self, module: str, base: str) -> str:
        for name, member in self.module.members[module].members.items() if module in self.module.members else ():
            if not member.is_alias and member.is_class and [str(each) for each in member.bases] == [base]:
                return str(name)
        raise _outdated(self.module.filepath, f"has no class of {base}")


def _outdated(file: Path, message: str) -> ValidationError:
    return ValidationError(Problem(file, message, "Run `make generate`"))
