"""The Python types of the client, from what openapi-python-client made of a schema.

A reply is read as it comes, so a type is what JSON has: a date stays a text, an object without properties is a dict.
"""

from __future__ import annotations

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
    return isinstance(prop, ModelProperty) and not prop.data.properties


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
