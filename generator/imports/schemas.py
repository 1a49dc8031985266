"""Normal form of schemas and names: objects with properties are components, `allOf` is merged, unions are `anyOf`.

Keywords that the client does not check, such as `not`, are left out. If a schema cannot be expressed, the
operations that need it are refused (`Unsupported`).
"""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Iterable, Iterator
from keyword import iskeyword
from typing import Any
from urllib.parse import unquote

from openapi_python_client.strings import ClassName, pascal_case, snake_case

from ..documents.json_pointer import PointerNotFound, child, resolve, segments
from .vendor_files import FILES

REFERENCE = "#/components/schemas/"

_KEPT = (
    *("title", "description", "type", "const", "enum", "default", "format", "minimum", "maximum", "exclusiveMinimum"),
    *("exclusiveMaximum", "minLength", "maxLength", "pattern", "contentMediaType", "contentEncoding", "examples"),
    *("minItems", "maxItems", "uniqueItems", "items", "additionalProperties", "anyOf", "required", "properties"),
    *("deprecated", "readOnly", "writeOnly", "x-job", "x-error", "x-model"),
)
"""Keywords of a normal schema, in their order."""

_ANNOTATIONS = {
    *("title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "nullable"),
    *("externalDocs", "xml", "discriminator"),
}
"""Keywords that do not change the values that a reference beside them allows."""

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems")
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_PYTHON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
_MOST_MEMBERS = 200
"""The most alternatives of a union. A larger one is a mistake, or the product of several unions."""


class Unsupported(Exception):
    """A part of the document that the generator cannot express."""

    def __init__(self, pointer: str, message: str, remedy: str) -> None:
        self.pointer = pointer
        self.message = message
        self.remedy = remedy
        super().__init__(message)


class SchemaNormalizer:
    """Rewrites the schemas of one document.

    Args:
        document: The vendor's document.
        reserved: Names that no component may have.
    """

    def __init__(self, document: dict[str, Any], reserved: Iterable[str]) -> None:
        self._document = document
        self._names = Names(reserved)
        self._classes: dict[str, str] = {}
        """Names of the components made for the schemas at pointers."""
        self._tags: list[tuple[str, str, str]] = []
        """Component, property and value of each member of a union with a discriminator."""
        self.components: dict[str, dict[str, Any]] = {}
        self.failed: dict[str, Unsupported] = {}
        """Components that could not be made."""

    def schema(self, node: Any, pointer: str, hint: str, stack: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the normal form of a schema.

        Args:
            node: The schema.
            pointer: Its place, for errors.
            hint: Name of the component that is made if it is an object with properties.
            stack: Pointers of the schemas around it that have no component.

        Raises:
            Unsupported: It cannot be expressed.
        """
        if not isinstance(node, dict):
            return {}
        if isinstance(target := _alias(node), str):
            return self._reference(target, node, pointer, hint, stack)
        return self._normal(self._flat(node, pointer, ()), pointer, hint, stack)

    def finish(self) -> None:
        """Write the values of discriminators as constants, after all components are made."""
        values: dict[tuple[str, str], list[str]] = {}
        for component, name, value in self._tags:
            values.setdefault((component, name), []).append(value)
        for (component, name), found in values.items():
            schema = self.components.get(component, {}).get("properties", {}).get(name)
            if schema is None or "const" in schema or "enum" in schema or schema.get("type") != "string":
                continue
            unique = list(dict.fromkeys(found))
            schema |= {"const": unique[0]} if len(unique) == 1 else {"enum": unique}

    def target(self, reference: str, pointer: str) -> tuple[Any, str]:
        """Return the target of a reference, and its pointer. Raises `Unsupported` if it is not in the document."""
        if not reference.startswith("#/"):
            remedy = "Bundle the document first, for instance with redocly bundle"
            raise Unsupported(pointer, f"must refer to a part of the document, got {reference}", remedy)
        place = unquote(reference[1:])
        try:
            return resolve(self._document, place), place
        except PointerNotFound:
            message = f"must refer to a part of the document, got {reference}, which is missing"
            raise Unsupported(pointer, message, "Correct the reference, or remove it with an overlay") from None

    def _reference(
        self, reference: str, node: dict[str, Any], pointer: str, hint: str, stack: tuple[str, ...]
    ) -> dict[str, Any]:
        seen = []
        while True:
            target, place = self.target(reference, pointer)
            if place in seen:
                message = f"must not refer to itself, got a cycle through {place}"
                raise Unsupported(pointer, message, "Replace one reference by its target")
            seen.append(place)
            if not isinstance(target, dict) or not isinstance(further := _alias(target), str):
                break
            reference = further
        about = {key: value for key, value in node.items() if key in _ANNOTATIONS}
        if place in self._classes:
            return self._used(self._classes[place], about)
        flat = self._flat(target, place, ())
        if self._is_class(flat):
            return self._used(self._make(flat, place, _name_of(place) or hint), about)
        if place in stack:
            # A schema that contains itself without an object with properties between: it has no component to refer to.
            return {}
        inner = self._normal(flat, place, _name_of(place) or hint, (*stack, place))
        inner |= _picked(about, "title", "description", "deprecated")
        return _nullable(inner) if about.get("nullable") is True else inner

    def _used(self, name: str, about: dict[str, Any]) -> dict[str, Any]:
        """Return the reference to a component, with the annotations beside it."""
        if name in self.failed:
            raise self.failed[name]
        schema: dict[str, Any] = {"$ref": REFERENCE + name}
        if isinstance(about.get("description"), str):
            schema = {"description": about["description"], **schema}
        schema |= {key: True for key in ("deprecated", "readOnly", "writeOnly") if about.get(key) is True}
        return _nullable(schema) if about.get("nullable") is True else schema

    def _is_class(self, flat: dict[str, Any]) -> bool:
        return bool(flat.get("properties")) and not flat.get("unions") and "object" in _types(flat)

    def _make(self, flat: dict[str, Any], pointer: str, hint: str) -> str:
        """Make a component of an object with properties. Returns its name."""
        name = self._names.unique(class_name(hint))
        self._classes[pointer] = name
        try:
            self.components[name] = self._object(flat, pointer, name)
        except Unsupported as error:
            self.failed[name] = error
            raise
        return name

    def _object(self, flat: dict[str, Any], pointer: str, name: str) -> dict[str, Any]:
        properties = {
            wire: self.schema(member, child(pointer, "properties", wire), f"{name}{pascal_case(wire)}")
            for wire, member in flat["properties"].items()
        }
        schema = {"description": f"{name}.", **flat, "type": "object", "properties": properties}
        schema["required"] = [wire for wire in _strings(flat.get("required")) if wire in properties]
        others = flat.get("additionalProperties")
        schema.pop("additionalProperties", None)
        if others is True:
            schema["additionalProperties"] = True
        elif isinstance(others, dict):
            inner = self.schema(others, child(pointer, "additionalProperties"), f"{name}Value")
            schema["additionalProperties"] = inner or True
        return _kept(schema)

    # Merging

    def _flat(self, node: dict[str, Any], pointer: str, seen: tuple[str, ...]) -> dict[str, Any]:
        """Return one schema for one with `$ref` and `allOf`.

        Its unions are under `unions`, its properties as they were.
        """
        if pointer in seen:
            message = "must not be part of its own allOf, got a reference to itself"
            raise Unsupported(pointer, message, "Replace the reference by its properties")
        seen = (*seen, pointer)
        own = {key: value for key, value in node.items() if key not in ("$ref", "allOf", "anyOf", "oneOf")}
        unions = [
            (node[key], child(pointer, key), node.get("discriminator"))
            for key in ("oneOf", "anyOf")
            if isinstance(node.get(key), list) and node[key]
        ]
        if unions:
            own["unions"] = unions
        parts = []
        if isinstance(node.get("$ref"), str):
            target, place = self.target(node["$ref"], pointer)
            parts.append((target, place))
        all_of = node.get("allOf")
        parts += [
            (each, child(pointer, "allOf", at)) for at, each in enumerate(all_of if isinstance(all_of, list) else ())
        ]
        for part, place in parts:
            if isinstance(part, dict):
                own = _merged(own, self._flat(part, place, seen))
        return own

    # Normal forms

    def _normal(self, flat: dict[str, Any], pointer: str, hint: str, stack: tuple[str, ...]) -> dict[str, Any]:
        if unions := flat.get("unions"):
            rest = {key: value for key, value in flat.items() if key != "unions"}
            return self._union(rest, unions, pointer, hint, stack)
        if self._is_class(flat):
            kinds = _types(flat)
            # The schema at a pointer is one class, even if it is read several times.
            name = self._classes.get(pointer) or self._make(flat, pointer, hint)
            schema = self._used(name, {})
            others = [kind for kind in kinds if kind not in ("object", "null")]
            if others:
                schema = {"anyOf": [schema, *({"type": kind} for kind in others)]}
            return _nullable(schema) if "null" in kinds or flat.get("nullable") is True else schema
        return self._plain(flat, pointer, hint, stack)

    def _plain(self, flat: dict[str, Any], pointer: str, hint: str, stack: tuple[str, ...]) -> dict[str, Any]:
        """Return a schema of a value without properties."""
        schema = dict(flat)
        schema.pop("properties", None)
        schema.pop("required", None)
        kinds = _types(flat)
        _write_values(schema, kinds)
        kinds = _types(schema) or kinds
        if flat.get("nullable") is True and kinds and "null" not in kinds:
            kinds = [*kinds, "null"]
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
        if kinds:
            schema["type"] = kinds[0] if len(kinds) == 1 else kinds
        else:
            schema.pop("type", None)
        if "array" in kinds:
            self._write_items(schema, flat, pointer, hint, stack)
        else:
            schema.pop("items", None)
        values = schema.pop("additionalProperties", None)
        patterns = flat.get("patternProperties")
        if not isinstance(values, dict) and isinstance(patterns, dict) and len(patterns) == 1:
            pattern = next(iter(patterns))
            values, pointer = patterns[pattern], child(pointer, "patternProperties", pattern)
        elif isinstance(values, dict):
            pointer = child(pointer, "additionalProperties")
        if "object" in kinds and isinstance(values, dict):
            inner = self.schema(values, pointer, f"{hint}Value", stack)
            schema["additionalProperties"] = inner or True
        elif "object" in kinds:
            schema["additionalProperties"] = True
        return _kept(schema)

    def _write_items(
        self, schema: dict[str, Any], flat: dict[str, Any], pointer: str, hint: str, stack: tuple[str, ...]
    ) -> None:
        prefix = flat.get("prefixItems")
        if isinstance(prefix, list) and prefix:
            rest = flat.get("items")
            members = [(each, child(pointer, "prefixItems", at)) for at, each in enumerate(prefix)]
            members += [(rest, child(pointer, "items"))] if isinstance(rest, dict) else []
            # Items after those of `prefixItems` may have any value, unless the schema restricts them.
            is_open = not isinstance(rest, dict) and rest is not False and flat.get("maxItems") != len(prefix)
            made = [self.schema(each, place, f"{hint}Item{at + 1}", stack) for at, (each, place) in enumerate(members)]
            schema["items"] = {} if is_open else _simplified(made)
        else:
            schema["items"] = self.schema(flat.get("items"), child(pointer, "items"), f"{hint}Item", stack)

    def _union(
        self, rest: dict[str, Any], unions: list[Any], pointer: str, hint: str, stack: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return a union, or an object with unions that only require some of its properties together."""
        unions = [each for each in unions if not all(map(_only_requires, each[0]))]
        if not unions:
            return self._normal(rest, pointer, hint, stack)
        members, place, discriminator = unions[0]
        if len(members) > _MOST_MEMBERS:
            raise Unsupported(
                pointer,
                f"must have at most {_MOST_MEMBERS} alternatives, got {len(members)}",
                "Remove some with an overlay",
            )
        has_base = bool(rest.get("properties")) or len(unions) > 1
        made: list[dict[str, Any]] = []
        for index, member in enumerate(members):
            here = child(place, index)
            if not isinstance(member, dict):
                made.append({})
                continue
            named = member.get("title") if isinstance(member.get("title"), str) else f"Option{index + 1}"
            if has_base:
                inner = self._distributed(rest, unions[1:], member, here, f"{hint}{pascal_case(str(named))}", stack)
            else:
                inner = self.schema(_typed(member, rest), here, f"{hint}{pascal_case(str(named))}", stack)
            made.append(inner)
            self._tag(member, inner, discriminator)
        schema = _simplified(made)
        if rest.get("nullable") is True:
            schema = _nullable(schema)
        if "$ref" in schema:
            return schema
        return _kept({**schema, **_picked(rest, "title", "description", "deprecated", "x-job", "x-error")})

    def _distributed(
        self,
        rest: dict[str, Any],
        unions: list[Any],
        member: dict[str, Any],
        pointer: str,
        hint: str,
        stack: tuple[str, ...],
    ) -> dict[str, Any]:
        """Return one alternative of a union, merged with the properties that are beside the union."""
        base = {key: value for key, value in rest.items() if key not in ("title", "nullable", "discriminator")}
        flat = _merged(base, self._flat(member, pointer, ()))
        if unions:
            flat["unions"] = [*flat.get("unions", []), *unions]
        return self._normal(flat, pointer, hint, stack)

    def _tag(self, member: dict[str, Any], made: dict[str, Any], discriminator: Any) -> None:
        """Record the values of a discriminator that select an alternative."""
        name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        reference = made.get("$ref")
        if not isinstance(name, str) or not isinstance(reference, str) or not isinstance(member.get("$ref"), str):
            return
        mapping = discriminator.get("mapping")
        mapping = mapping if isinstance(mapping, dict) else {}
        component = segments(member["$ref"][1:])[-1]
        values = [value for value, target in mapping.items() if target in (member["$ref"], component)] or [component]
        self._tags += [(reference.removeprefix(REFERENCE), name, value) for value in values]


def _alias(node: dict[str, Any]) -> str | None:
    """Return the reference of a schema that is only one: a `$ref`, or an `allOf`, `anyOf` or `oneOf` of one `$ref`."""
    own = {key for key in node if not key.startswith("x-")} - _ANNOTATIONS
    if isinstance(node.get("$ref"), str):
        return node["$ref"] if own == {"$ref"} else None
    for keyword in ("allOf", "anyOf", "oneOf"):
        members = node.get(keyword)
        if own == {keyword} and isinstance(members, list) and len(members) == 1 and isinstance(members[0], dict):
            return members[0].get("$ref") if members[0].keys() == {"$ref"} else None
    return None


def _name_of(pointer: str) -> str:
    """Return the name of a component, or of a schema in another file; empty for another place."""
    parts = segments(pointer)
    if parts[:1] == [FILES]:
        return parts[-1].rpartition("/")[2].partition(".")[0]
    return parts[2] if parts[:2] == ["components", "schemas"] and len(parts) == 3 else ""


def _only_requires(member: Any) -> bool:
    return (
        isinstance(member, dict)
        and member.keys() <= {"required", "not", "title", "description", "properties"}
        and (all(not value or value is True for value in member.get("properties", {}).values()))
    )


def _typed(member: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    """Return an alternative with the type that the schema has beside the union."""
    outer = rest.get("type")
    if outer is None or "type" in member or isinstance(_alias(member), str) or "$ref" in member or outer == "null":
        return member
    return {**member, "type": outer} if not member.keys() & {"anyOf", "oneOf", "allOf"} else member


def _strings(value: Any) -> list[str]:
    return list(dict.fromkeys(each for each in value if isinstance(each, str))) if isinstance(value, list) else []


def _types(schema: dict[str, Any]) -> list[str]:
    """Return the types that a schema allows, from its keywords if it has no `type`."""
    stated = schema.get("type")
    kinds = [stated] if isinstance(stated, str) else _strings(stated)
    kinds = [kind for kind in kinds if kind in _TYPES]
    if kinds:
        return kinds
    if schema.get("properties") or "additionalProperties" in schema or "patternProperties" in schema:
        return ["object"]
    if isinstance(schema.get("items"), dict) or "prefixItems" in schema:
        return ["array"]
    return []


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return one schema for two that apply to the same value.

    The annotations of the first go before those of the second.
    """
    merged = {**second, **first}
    if "properties" in first or "properties" in second:
        one, other = first.get("properties") or {}, second.get("properties") or {}
        merged["properties"] = {**other, **one}
        for name in one.keys() & other.keys():
            if one[name] != other[name] and isinstance(one[name], dict) and isinstance(other[name], dict):
                merged["properties"][name] = _both(one[name], other[name])
    if "required" in first and "required" in second:
        merged["required"] = [*_strings(second["required"]), *_strings(first["required"])]
    if "unions" in first and "unions" in second:
        merged["unions"] = [*first["unions"], *second["unions"]]
    if "type" in first and "type" in second:
        both = [kind for kind in _types(first) if kind in _types(second)]
        merged["type"] = both or _types(first)
    if isinstance(first.get("enum"), list) and isinstance(second.get("enum"), list):
        merged["enum"] = [value for value in first["enum"] if value in second["enum"]] or first["enum"]
    if second.get("nullable") is True and "nullable" not in first and first.keys() & {"type", "properties"}:
        del merged["nullable"]
    return merged


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of a property that two parts of an `allOf` declare; only one if the other adds just a type."""
    if one.keys() <= _ANNOTATIONS:
        return {**other, **one}
    for more, less in ((one, other), (other, one)):
        if less.keys() - _ANNOTATIONS <= {"type"} and "$ref" not in less:
            return {**less, **more}
    return {"allOf": [one, other]}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema, with null allowed."""
    if not schema or "null" in _types(schema):
        return schema
    if "$ref" in schema or "const" in schema:
        about = {
            key: value for key, value in schema.items() if key in ("description", "deprecated", "readOnly", "writeOnly")
        }
        inner = {key: value for key, value in schema.items() if key not in about}
        return {**about, "anyOf": [inner, {"type": "null"}]}
    if "anyOf" in schema:
        if schema.get("type"):
            return {**schema, "type": [*_types(schema), "null"]}
        has_null = any(member.get("type") == "null" for member in schema["anyOf"])
        return schema if has_null else {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "type" not in schema:
        return schema
    listed = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*_types(schema), "null"], **listed}


def _write_values(schema: dict[str, Any], kinds: list[str]) -> None:
    """Write `const` and `enum` with the type of their values, without those that the type rules out."""
    if "const" in schema:
        kind = _PYTHON_TYPES.get(type(schema["const"]))
        if kind in (None, "null") or (kinds and kind not in kinds and not (kind == "integer" and "number" in kinds)):
            del schema["const"]
        if kind is not None and not kinds:
            schema["type"] = kind
    values = schema.get("enum")
    if not isinstance(values, list) or not values:
        schema.pop("enum", None)
        return
    unique = [value for at, value in enumerate(values) if not any(_same(value, each) for each in values[:at])]
    found = list(dict.fromkeys(_PYTHON_TYPES.get(type(value), "object") for value in unique))
    if "object" in found:
        del schema["enum"]
    elif not kinds:
        schema |= {"enum": unique, "type": found}
    elif set(found) - {"null"} <= set(kinds) | ({"integer"} if "number" in kinds else set()):
        schema["enum"] = unique
        if "null" in found and "null" not in kinds:
            schema["type"] = [*kinds, "null"]
    else:
        # For example numbers, or the words yes and no of YAML 1.1, in a list of strings.
        del schema["enum"]


def _picked(schema: dict[str, Any], *keywords: str) -> dict[str, Any]:
    return {keyword: schema[keyword] for keyword in keywords if keyword in schema}


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _simplified(members: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a union in its simplest form: flat, without repetitions; strings, lists and maps each as one schema."""
    flat = list(_opened(members))
    if any(not member for member in flat):
        return {}
    has_null = any("null" in _types(member) for member in flat)
    flat = [without for member in flat if (without := _without_null(member)) is not None]
    unique = {json.dumps(_essence(member), sort_keys=True): member for member in reversed(flat)}
    flat = list(reversed(unique.values()))
    for kind in ("string", "integer", "number", "boolean"):
        flat = _joined(flat, kind, _one_of_scalars)
    flat = _joined(flat, "array", _one_array)
    flat = _joined(flat, "object", _one_map)
    if not flat:
        return {"type": "null"}
    schema = flat[0] if len(flat) == 1 else {"anyOf": flat}
    return _nullable(schema) if has_null else schema


def _opened(members: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for member in members:
        if "anyOf" in member and "type" not in member:
            yield from _opened(member["anyOf"])
        elif isinstance(member.get("type"), list) and not member.keys() & {"enum", "const", "anyOf"}:
            yield from ({**member, "type": kind} for kind in member["type"])
        else:
            yield member


def _essence(member: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in member.items() if key not in ("title", "description", "examples", "default")}


def _without_null(member: dict[str, Any]) -> dict[str, Any] | None:
    kinds = _types(member)
    if "null" not in kinds:
        return member
    rest = [kind for kind in kinds if kind != "null"]
    if not rest:
        return None
    listed = {"enum": [value for value in member["enum"] if value is not None]} if "enum" in member else {}
    return {**member, "type": rest[0] if len(rest) == 1 else rest, **listed}


def _joined(members: list[dict[str, Any]], kind: str, join: Any) -> list[dict[str, Any]]:
    """Join the members of the same type into one, at the place of the first."""
    those = [member for member in members if member.get("type") == kind]
    if len(those) < 2:
        return members
    joined = join(those, kind)
    first = next(at for at, member in enumerate(members) if member is those[0])
    return [
        joined if at == first else member for at, member in enumerate(members) if at == first or member not in those
    ]


def _one_of_scalars(members: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    values = [
        value for member in members for value in member.get("enum", [member["const"]] if "const" in member else [])
    ]
    unique = list(dict.fromkeys(values))
    is_open = any(not member.keys() & {"enum", "const", "anyOf"} for member in members)
    if not is_open and not any("anyOf" in member for member in members):
        return {"type": kind, "enum": unique}
    if kind == "string" and unique and all(isinstance(value, str) for value in unique):
        # A list of known values, and any other value: the form that this project has for an open list.
        return {"type": kind, "anyOf": [{"type": kind, "enum": unique}, {"type": kind}]}
    return {"type": kind}


def _one_array(members: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return {"type": kind, "items": _simplified([member.get("items", {}) for member in members])}


def _one_map(members: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    values = [member.get("additionalProperties", True) for member in members]
    inner = _simplified([value if isinstance(value, dict) else {} for value in values])
    return {"type": kind, "additionalProperties": inner or True}


def _kept(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the keywords of the normal form, each with a value that it can have."""
    example = schema.get("example")
    if "examples" not in schema and isinstance(example, str | int | float):
        schema["examples"] = [example]
    kept: dict[str, Any] = {}
    for keyword in _KEPT:
        if keyword in schema and _is_valid(keyword, schema[keyword], schema):
            kept[keyword] = schema[keyword]
    if isinstance(kept.get("description"), str):
        kept["description"] = clean(kept["description"])
    return kept


def clean(text: Any) -> str:
    """Return text on one line, without control characters; empty for another value."""
    if not isinstance(text, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _is_valid(keyword: str, value: Any, schema: dict[str, Any]) -> bool:
    if keyword in _BOUNDS:
        return isinstance(value, int | float) and not isinstance(value, bool) and _is_plain(value)
    if keyword in _COUNTS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if keyword == "pattern":
        return isinstance(value, str) and _compiles(value)
    if keyword in ("title", "description", "format", "contentMediaType", "contentEncoding"):
        return isinstance(value, str) and bool(value.strip())
    if keyword in ("deprecated", "readOnly", "writeOnly", "uniqueItems"):
        return value is True
    if keyword == "default":
        return _PYTHON_TYPES.get(type(value), "") in _types(schema) and _is_plain(value)
    if keyword == "examples":
        kinds = _types(schema)
        is_listed = isinstance(value, list) and bool(value)
        return is_listed and all(_PYTHON_TYPES.get(type(each), "") in kinds and _is_plain(each) for each in value)
    return value not in ([], None)


def _is_plain(value: Any) -> bool:
    """Return whether all readers of YAML read a number equally, because it has no exponent."""
    return not isinstance(value, float) or "e" not in repr(value)


def _compiles(pattern: str) -> bool:
    """Return whether Python's regular expressions accept the pattern."""
    if re.search(r"\\[pPxuc]|\(\?[<#]|\\[AzZG]|\[\[:", pattern):
        return False
    try:
        re.compile(f"(?a){pattern}")
    except (re.error, OverflowError, RecursionError):
        return False
    return True


class Names:
    """Unique names of one kind.

    Args:
        reserved: Names that none may have.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._reserved = set(reserved)
        self._taken: set[str] = set()

    def unique(self, name: str, separator: str = "") -> str:
        """Return the name, with a number if it is taken."""
        number, found = 2, name
        while found in self._reserved or self._key(found) in self._taken:
            found, number = f"{name}{separator}{number}", number + 1
        self._taken.add(self._key(found))
        return found

    def _key(self, name: str) -> str:
        return name


class OperationNames(Names):
    """Names of operations. They are equal if the Python methods have equal names."""

    def _key(self, name: str) -> str:
        return snake_case(name)


def class_name(text: str) -> str:
    """Return the name of a class for a schema, in PascalCase."""
    name = str(pascal_case(text))
    for _ in range(3):
        name = str(ClassName(name, "Model")).rstrip("_")
    if not name.isidentifier() or not name.isascii() or hasattr(builtins, name) or iskeyword(name):
        name = f"{re.sub(r'[^A-Za-z0-9]', '', name)}Model"
    return name if name[:1].isalpha() and name[:1].isupper() else f"Model{name}"


def operation_id(declared: str, method: str, path: str) -> str:
    """Return the operationId in camelCase, made from method and path if none is declared."""
    words = re.findall(r"[A-Za-z0-9]+", declared or f"{method} {re.sub(r'[{}]', ' ', path)}")
    if not words or not words[0][:1].isalpha():
        words.insert(0, method)
    first, *rest = (str(word) for word in words)
    first = first.lower() if first.isupper() else first[:1].lower() + first[1:]
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
