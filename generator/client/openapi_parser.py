"""openapi-python-client as the parser of one bundled document, and the Python types of its properties.

A reply is read as it comes, so a type is what JSON has: a date stays a text, an object without properties is a dict.
"""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties import AnyProperty, LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from ..documents.json_pointer import child, find
from ..documents.schema_view import COMPONENTS, flatten, known_values, walk_schemas
from ..errors import Problem, ValidationError


def parser_config(document: Path) -> Config:
    """The settings of openapi-python-client. Nothing of it formats or writes, so no output and no hooks."""
    return Config.from_sources(
        ConfigFile(literal_enums=True, post_hooks=[]),
        MetaType.NONE,
        document_source=document,
        file_encoding="utf-8",
        overwrite=False,
        output_path=None,
    )


def parse(document: dict[str, Any], path: Path) -> GeneratorData:
    """Parse a document. Every warning is an error: where it warns, openapi-python-client leaves something out."""
    parsed = GeneratorData.from_dict(folded(document), config=parser_config(path))
    if isinstance(parsed, GeneratorError):
        raise ValidationError(_problem(path, parsed))
    errors = [*parsed.errors]
    for collection in parsed.endpoint_collections_by_tag.values():
        errors += collection.parse_errors
        for endpoint in collection.endpoints:
            errors += endpoint.errors
    if errors:
        raise ValidationError([_problem(path, error) for error in errors])
    return parsed


def folded(document: dict[str, Any]) -> dict[str, Any]:
    """A copy with one class for each model, and with an open list as its type.

    An `allOf` that only adds `required`, and a component with `x-model`, would become a second class beside the first,
    and an open list a union.
    """
    copy = deepcopy(document)
    for location in walk_schemas(copy):
        if known_values(location.schema) is not None:
            del location.schema["anyOf"]
        name = location.schema.get("$ref", "").removeprefix(f"#{COMPONENTS}")
        if model := document.get("components", {}).get("schemas", {}).get(name, {}).get("x-model"):
            location.schema["$ref"] = f"#{COMPONENTS}{model}"
    for pointer, media in find(copy, "/paths/*/*/responses/*/content/*"):
        if "allOf" in media["schema"] and (model := flatten(document, child(pointer, "schema")).model):
            media["schema"] = {"$ref": f"#{COMPONENTS}{model}"}
    return copy


def _problem(path: Path, error: GeneratorError) -> Problem:
    # Its messages show the names it does not trust as Python objects.
    what = re.sub(
        r"<[^<>]*>",
        lambda tag: "…" if "UntrustedString" in tag[0] else tag[0],
        " ".join(f"{error.header} {error.detail or ''}".split()),
    )
    return Problem(path, f"openapi-python-client cannot read it: {what}", "Write that part so that it can")


_PLAIN: dict[type, str] = {
    AnyProperty: "Any",
    BooleanProperty: "bool",
    DateProperty: "str",
    DateTimeProperty: "str",
    FileProperty: "str",
    FloatProperty: "float",
    IntProperty: "int",
    StringProperty: "str",
    UuidProperty: "str",
}


def annotation(prop: PropertyProtocol) -> str:
    """The type of a property that is there, without None."""
    return " | ".join(dict.fromkeys(_members(prop))) or "Any"


def is_map(prop: PropertyProtocol) -> bool:
    """Whether an object has no properties of its own, and so needs no class."""
    return isinstance(prop, ModelProperty) and not (prop.data.properties or prop.data.allOf)


def _members(prop: PropertyProtocol) -> list[str]:
    if isinstance(prop, UnionProperty):
        return [name for member in prop.inner_properties for name in _members(member)]
    if isinstance(prop, NoneProperty):
        return []
    if isinstance(prop, ListProperty):
        return [f"list[{annotation(prop.inner_property)}]"]
    if isinstance(prop, ModelProperty):
        if not is_map(prop):
            return [str(prop.class_info.name)]
        values = annotation(prop.additional_properties) if prop.additional_properties else "Any"
        return [f"dict[str, {values}]"]
    if isinstance(prop, LiteralEnumProperty):
        return [str(prop.class_info.name)]
    if isinstance(prop, ConstProperty):
        return [f"Literal[{prop.value.python_code.as_unembedded_code()}]"]
    return [_PLAIN[type(prop)]]
