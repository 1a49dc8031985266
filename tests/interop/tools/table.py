"""The table of tools: `table.yaml`, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import yaml

HERE = Path(__file__).parent
SERVICES = ("cce", "ges", "ief", "yuanrong")


@attrs.frozen
class Environment:
    """Packages of a registry at pinned versions, in a separate folder."""

    name: str
    registry: str
    packages: tuple[str, ...]
    needs: tuple[str, ...] = ()
    scripts: bool = False

    def version(self, package: str) -> str:
        """Return the pinned version of a package. Raises `KeyError` if it is not one of them."""
        separator = "==" if self.registry == "pip" else "@"
        pinned = (each.rpartition(separator) for each in self.packages)
        return {name.partition("[")[0]: version for name, _, version in pinned}[package]


@attrs.frozen
class Tool:
    """A tool with the commands that show whether it can use the documents."""

    name: str
    group: str
    environment: Environment
    package: str
    checks: str
    run: tuple[tuple[str, ...], ...]
    reads: str = "3.1"
    services: tuple[str, ...] = SERVICES
    copies: tuple[str, ...] = ()
    output: str | None = None
    server: bool = False
    excused: str | None = None
    also: Environment | None = None

    @property
    def version(self) -> str:
        return self.environment.version(self.package)


def tools(path: Path = HERE / "table.yaml") -> list[Tool]:
    """Return the tools in the order of the table."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    environments = {name: _environment(name, each) for name, each in data["environments"].items()}
    return [_tool(each, environments) for each in data["tools"]]


def _environment(name: str, data: dict[str, Any]) -> Environment:
    return Environment(name, **{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def _tool(data: dict[str, Any], environments: dict[str, Environment]) -> Tool:
    environment = environments[data["environment"]]
    given = {
        **data,
        "environment": environment,
        "also": environments[data["also"]] if "also" in data else None,
        "run": tuple(tuple(str(part) for part in command) for command in data["run"]),
        "package": data.get("package", data["name"]),
    }
    return Tool(**{key: tuple(value) if isinstance(value, list) else value for key, value in given.items()})
