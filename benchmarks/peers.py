"""Baselines of the client, made from the bundled documents: stock output, pydantic models, bare Structs."""

from __future__ import annotations

import functools
import importlib
import operator
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Decode = Callable[[bytes], Any]


def make(documents: Path, folder: Path) -> None:
    """Generate the code of the baselines. Call it in the environment of the benchmark."""
    bin_folder = Path(sys.executable).parent
    folder.mkdir(parents=True, exist_ok=True)
    # The other files beside them are renditions.
    services = sorted(path.stem for path in (Path(__file__).parents[1] / "openapi").glob("*.yaml"))
    for document in (documents / f"{service}.json" for service in services):
        package = f"stock_{document.stem}"
        config = folder / f"{package}.yaml"
        config.write_text(f"package_name_override: {package}\nproject_name_override: {package}\npost_hooks: []\n")
        _run(
            *(bin_folder / "openapi-python-client", "generate", "--path", document, "--config", config, "--overwrite"),
            *("--meta", "none", "--output-path", folder / package),
        )
        _run(
            *(bin_folder / "datamodel-codegen", "--input", document, "--input-file-type", "openapi"),
            *("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"),
            *("--disable-timestamp", "--formatters", "builtin", "--output", folder / f"pydantic_{document.stem}.py"),
        )


def stock(service: str, model: str) -> Decode:
    """Return the decoder of the stock client: `json.loads`, then `from_dict`."""
    import json

    cls = getattr(importlib.import_module(f"stock_{service}.models"), model)
    return lambda content: cls.from_dict(json.loads(content))


def pydantic(service: str, model: str) -> Decode:
    """Return the decoder of pydantic: its JSON parser, which makes models."""
    cls = getattr(importlib.import_module(f"pydantic_{service}"), model)
    decode: Decode = cls.model_validate_json
    return decode


def structs(document: dict[str, Any], component: str) -> Decode:
    """Return the decoder of msgspec: Structs of plain types, without bounds, patterns and unknown fields."""
    import msgspec

    schemas = document["components"]["schemas"]
    made: dict[str, Any] = {}

    def type_of(schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return struct(schema["$ref"].rpartition("/")[2])
        if "type" not in schema:
            return functools.reduce(operator.or_, map(type_of, schema["anyOf"]))
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        union: Any = None
        for kind in kinds:
            plain = {"string": str, "integer": int, "boolean": bool, "null": None, "number": float}
            one: Any = plain.get(kind)
            if kind == "array":
                one = list[type_of(schema["items"])]  # type: ignore[misc]
            elif kind == "object":
                values = schema.get("additionalProperties", True)
                one = dict[str, Any if values is True else type_of(values)]  # type: ignore[misc]
            union = one if union is None else union | one
        return union

    def struct(name: str) -> Any:
        if name not in made:
            properties = schemas[name]["properties"]
            fields = [(f"f{number}", f"t{number}", msgspec.UNSET) for number in range(len(properties))]
            rename = {f"f{number}": wire for number, wire in enumerate(properties)}
            made[name] = msgspec.defstruct(name, fields, rename=rename)
            for number, schema in enumerate(properties.values()):
                setattr(made[name], f"t{number}", type_of(schema) | msgspec.UnsetType)
        return made[name]

    decode: Decode = msgspec.json.Decoder(struct(component)).decode
    return decode


def vendor_sdk(response: str) -> Decode:
    """Return the decoder of the vendor's SDK, from the text of a response to its model."""
    client = importlib.import_module("huaweicloudsdkcce.v3").CceClient()

    class Reply:
        headers: dict[str, str] = {}  # noqa: RUF012 - only read

        def __init__(self, content: bytes) -> None:
            self.text = content.decode()

    return lambda content: client.deserialize(Reply(content), response, None)


def _run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stdout}{done.stderr}")
