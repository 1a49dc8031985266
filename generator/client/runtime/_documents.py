"""The documents that clients were made from: recordings, schemas, and validation of values against them.

Services of other distributions, which use this runtime, are found by their entry points. Validation agrees with a JSON
Schema validator. A model finds its schema by its name in the document of its package, so that no constraint is repeated
in code.

In addition to JSON Schema, fields that no schema describes are reported, and unlisted values of open lists as notices.
`format`, `contentMediaType` and `examples` assert nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
import msgspec

from ._deviations import JSON_TYPES, Deviation, DeviationKind, Severity, escape
from ._json import NumberText

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["document", "recordings", "services"]

_PACKAGE = __name__.rpartition(".")[0]
_DOCUMENT = "openapi.json"
_RECORDINGS = "recordings.json"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def package_files(package: str) -> Traversable:
    """Return the files of a package, which may be in a zip archive."""
    from importlib.resources import files  # slow to import, and most programs read no file at first

    return files(package)


@cache
def services() -> tuple[str, ...]:
    """Return the sorted names of the services: of this package, and of installed distributions that use its runtime.

    If several packages have a service of one name, its name is the full name of the package, such as `acme_jobs.tasks`.
    """
    return tuple(sorted(_modules()))


def service_module(service: str) -> str:
    """Import name of the package of a service. Raises `ValueError` for an unknown one."""
    module = _modules().get(service)
    if module is None:
        raise ValueError(f"service must be one of {', '.join(services())}, got {service!r}")
    return module


@cache
def _modules() -> dict[str, str]:
    """Import name of each service's package."""
    from importlib.metadata import entry_points  # slow to import

    own = (entry for entry in package_files(_PACKAGE).iterdir() if entry.is_dir() and (entry / _DOCUMENT).is_file())
    found = {entry.name: f"{_PACKAGE}.{entry.name}" for entry in own}
    others = sorted({(point.name, point.value) for point in entry_points(group=f"{_PACKAGE}.services")})
    names = [*found, *(name for name, _ in others)]
    return found | {name if names.count(name) == 1 else module: module for name, module in others}


def document(service: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a service, as a new copy that you may change.

    Its recorded responses are inlined as examples.

    Raises:
        ValueError: The service is unknown.
    """
    read: dict[str, Any] = json.loads(_text(service, _DOCUMENT))
    return read


def recordings(service: str) -> dict[str, dict[str, Any]]:
    """Return the recorded responses of a service by ID: operation, request, status, content type, body, provenance.

    Raises:
        ValueError: The service is unknown.
    """
    read: dict[str, dict[str, Any]] = json.loads(_text(service, _RECORDINGS))
    return read


def _text(service: str, name: str) -> str:
    package, *folders = service_module(service).split(".")
    # The path begins at the outer package, since access to the service's package would load its code.
    return package_files(package).joinpath(*folders, name).read_text(encoding="utf-8")


def resolve(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return the target of a reference within the document; other values are returned unchanged."""
    while "$ref" in value:
        target: Any = document
        for segment in value["$ref"].removeprefix("#/").split("/"):
            target = target[segment.replace("~1", "/").replace("~0", "~")]
        value = {**target, **{keyword: each for keyword, each in value.items() if keyword != "$ref"}}
    return value


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and definition of each operation; its parameters include those of its path."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                levels = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                # A parameter of the operation replaces the one of the path that has its location and name.
                merged = {(each["in"], each["name"]): each for each in (resolve(document, level) for level in levels)}
                yield method.upper(), path, {**item[method], "parameters": list(merged.values())}


_ASSERTIONS = {
    *("type", "const", "enum", "anyOf", "oneOf", "minimum", "maximum", "minLength", "maxLength", "pattern"),
    *("minItems", "maxItems", "items", "additionalProperties", "required", "properties"),
    *("dependentSchemas", "if", "then"),
}
"""Keywords that constrain a value. Others describe it."""

_ANNOTATIONS = {"default", "x-error", "x-job"}

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@attrs.frozen(eq=False, slots=False)
class FlatSchema:
    """The schemas that together apply to one value: `$ref` followed, `allOf` merged."""

    merged: tuple[dict[str, Any], ...]
    """The schemas that `$ref` and `allOf` lead to, the outermost one last."""
    component: str | None
    """Name of the component that it is, if it is one."""
    schemas: ServiceSchemas = attrs.field(repr=False)

    @cached_property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """The schemas that constrain the value."""
        return tuple(schema for schema in self.merged if schema.keys() & _ASSERTIONS)

    def annotation(self, keyword: str) -> Any:
        """Return the outermost value of a keyword that is not an assertion, or None."""
        return next((schema[keyword] for schema in reversed(self.merged) if keyword in schema), None)

    def first(self, keyword: str) -> Any:
        """Return the keyword's value in the first subschema that has it, or None."""
        return next((part[keyword] for part in self.parts if keyword in part), None)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The allowed types; empty if all are."""
        declared = [part["type"] for part in self.parts if "type" in part]
        lists = [[names] if isinstance(names, str) else names for names in declared]
        names = dict.fromkeys(name for each in lists for name in each)
        wider = {"integer": "number"}
        kept = [name for name in names if all(name in each or wider.get(name) in each for each in lists)]
        return tuple(kept or names)

    @cached_property
    def allowed(self) -> list[Any] | None:
        """The values that each `const` and `enum` allows; None without either."""
        lists = [[part["const"]] for part in self.parts if "const" in part]
        lists += [part["enum"] for part in self.parts if "enum" in part]
        if not lists:
            return None
        return [value for value in lists[0] if all(any(_same(value, other) for other in each) for each in lists)]

    @cached_property
    def known_values(self) -> list[Any] | None:
        """The known values of an open list; None without one."""
        return next((values for part in self.parts if (values := known_values(part)) is not None), None)

    @cached_property
    def alternatives(self) -> tuple[tuple[FlatSchema, ...], ...]:
        """The members of each `anyOf` and `oneOf` that is not an open list. A value must be valid for one member."""
        lists = [part[name] for part in self.parts for name in ("anyOf", "oneOf") if name in part]
        open_lists = [part["anyOf"] for part in self.parts if known_values(part) is not None]
        return tuple(
            tuple(self.schemas.node(member) for member in each)
            for each in lists
            if not any(each is one for one in open_lists)
        )

    @cached_property
    def plain(self) -> frozenset[type]:
        """The Python types of which every value is valid."""
        if any(part.keys() & _ASSERTIONS - {"type"} for part in self.parts):
            return frozenset()
        names = self.types if self.parts else _PYTHON_TYPES.keys()
        return frozenset(kind for name in names for kind in _PYTHON_TYPES.get(name, ()))

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for part in self.parts for name in part.get("required", ())))

    @cached_property
    def properties(self) -> dict[str, FlatSchema]:
        """The documented fields, each with all schemas that apply to it."""
        named: dict[str, list[dict[str, Any]]] = {}
        for part in self.parts:
            for name, schema in part.get("properties", {}).items():
                named.setdefault(name, []).append(schema)
        return {name: self.schemas.node(*parts) for name, parts in named.items()}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The constraints that depend on other fields."""
        return tuple(self._conditions())

    def _conditions(self) -> Iterator[Condition]:
        for part in self.parts:
            for field, schema in part.get("dependentSchemas", {}).items():
                yield Condition(field, None, self.schemas.node(schema), join_fields(schema))
            if "if" in part and "then" in part:
                node = self.schemas.node
                yield Condition(None, node(part["if"]), node(part["then"]), join_fields(part["if"]))

    @cached_property
    def items(self) -> FlatSchema | None:
        schemas = [part["items"] for part in self.parts if "items" in part]
        return self.schemas.node(*schemas) if schemas else None

    @cached_property
    def values(self) -> FlatSchema | None:
        """The schema of fields that the document does not name; None if further fields are forbidden."""
        found = [part.get("additionalProperties", False) for part in self.parts]
        schemas = [schema for schema in found if schema is not False]
        return self.schemas.node(*({} if schema is True else schema for schema in schemas)) if schemas else None


def known_values(schema: dict[str, Any]) -> list[Any] | None:
    """Return the known values of an open list: `anyOf` of those values and of any others of the schema's type."""
    of_type = {"type": schema["type"]} if "type" in schema else {}
    match schema.get("anyOf"):
        case [{"enum": list(values), **rest}, others] if rest == others == of_type:
            return values
    return None


def has_alternatives_by_type(schema: dict[str, Any]) -> bool:
    """Return whether the type of a value is enough to select one schema of its `anyOf`."""
    members = schema.get("anyOf", ())
    return (
        bool(members) and "type" not in schema and all("type" in member and "enum" not in member for member in members)
    )


def merge_alternatives(schema: dict[str, Any]) -> dict[str, Any]:
    """Merge alternatives of different types into one schema. A keyword such as `pattern` constrains only one type."""
    merged = {key: value for key, value in schema.items() if key != "anyOf"}
    for member in schema["anyOf"]:
        merged |= member
    return merged | {"type": [member["type"] for member in schema["anyOf"]]}


class ServiceSchemas:
    """The schemas of one document. Nodes are cached, so that recursive schemas refer to themselves."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._components: dict[str, dict[str, Any]] = document.get("components", {}).get("schemas", {})
        self._nodes: dict[tuple[int, ...], FlatSchema] = {}
        self._merged: dict[int, dict[str, Any]] = {}
        """Schemas that were merged from alternatives of different types."""

    def component(self, name: str) -> FlatSchema:
        """Return the schema of a model."""
        # Of components that share a class, the one that names it with `x-model` has the fewest constraints.
        shared = (other for other, schema in self._components.items() if schema.get("x-model") == name)
        return self.node({"$ref": f"#/components/schemas/{next(shared, name)}"})

    def response(self, operation_id: str, declared: str = "2") -> FlatSchema:
        """Return the schema of an operation's 2xx response: of its model, and of the outermost object.

        Args:
            operation_id: `operationId` in the document.
            declared: Beginning of the response's key in `responses`, such as `2` or `200`.
        """
        found = next(each for _, _, each in operations(self.document) if each.get("operationId") == operation_id)
        success = next(response for status, response in found["responses"].items() if status.startswith(declared))
        return self.node(next(iter(resolve(self.document, success)["content"].values()))["schema"])

    def node(self, *schemas: dict[str, Any]) -> FlatSchema:
        """Return the node of schemas that apply together."""
        parts: list[dict[str, Any]] = []
        names: list[str] = []
        for schema in schemas:
            self._flatten(schema, parts, names)
        key = tuple(id(part) for part in parts)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = FlatSchema(tuple(parts), names[0] if names else None, self)
        return node

    def _flatten(self, schema: dict[str, Any], parts: list[dict[str, Any]], names: list[str]) -> None:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            names.append(self._components[name].get("x-model", name))
            self._flatten(self._components[name], parts, names)
        for member in schema.get("allOf", ()):
            self._flatten(member, parts, names)
        if has_alternatives_by_type(schema):
            schema = self._merged.setdefault(id(schema), merge_alternatives(schema))
        if schema.keys() & (_ASSERTIONS | _ANNOTATIONS) and not any(part is schema for part in parts):
            parts.append(schema)


@cache
def schemas_of(package: str) -> ServiceSchemas:
    """Return the schemas of the document in a service's package."""
    return ServiceSchemas(msgspec.json.decode((package_files(package) / "openapi.json").read_bytes()))


class Location(NamedTuple):
    """Location of a value in a response."""

    pointer: str = ""
    wildcard: str = ""
    """The pointer with `*` for an index, and for a name that the document does not know."""

    def field(self, name: str) -> Location:
        """Return the location of a documented field."""
        step = f"/{escape(name)}"
        return Location(self.pointer + step, self.wildcard + step)

    def member(self, key: str | int) -> Location:
        """Return the location of an item, or of a field that the document does not name."""
        return Location(f"{self.pointer}/{escape(str(key))}", f"{self.wildcard}/*")

    def deviates(
        self, expected: str, actual: object, kind: DeviationKind, severity: Severity = Severity.VIOLATION
    ) -> Deviation:
        """Return the deviation of the value at this location."""
        return Deviation(self.pointer, expected, actual, kind, severity, self.wildcard)


def deviations(node: FlatSchema, value: Any, at: Location = Location()) -> Iterator[Deviation]:  # noqa: B008 - immutable
    """Yield every deviation of a value and its members, in the order of the value."""
    if isinstance(value, NumberText):
        yield at.deviates("a number in the range of a float", str(value), DeviationKind.NUMBER)
        return
    if not node.parts:
        yield from _numbers(value, at)
        return
    types = node.types
    if types and not any(JSON_TYPES[name](value) for name in types):
        yield at.deviates(" or ".join(types), value, DeviationKind.TYPE)
        return
    yield from _of_value(node, value, at)
    if isinstance(value, str):
        yield from _of_text(node, value, at)
    elif isinstance(value, list):
        yield from _of_count(node, value, at)
        items = node.items
        if items is not None:
            for index, item in enumerate(value):
                if type(item) not in items.plain:
                    yield from deviations(items, item, at.member(index))
    elif isinstance(value, dict):
        yield from _of_object(node, value, at)
    elif JSON_TYPES["number"](value):
        yield from _of_number(node, value, at)
    for members in node.alternatives:
        yield from _of_alternatives(node, members, value, at)


def _of_alternatives(node: FlatSchema, members: Iterable[FlatSchema], value: Any, at: Location) -> Iterator[Deviation]:
    """Yield the deviations from the member that the value deviates from least."""
    least: list[Deviation] | None = None
    declared = {at.field(name).pointer for name in node.properties}
    for member in members:
        found = [
            each for each in deviations(member, value, at) if each.pointer not in declared or not _is_unknown(each)
        ]
        if not found:
            return
        if least is None or _distance(found) < _distance(least):
            least = found
    yield from least or ()


def _is_unknown(found: Deviation) -> bool:
    return found.kind is DeviationKind.UNDOCUMENTED


def _distance(found: list[Deviation]) -> tuple[int, int]:
    """Return the distance of a value from a schema: violations, then undocumented fields."""
    unknown = sum(map(_is_unknown, found))
    return sum(each.severity is Severity.VIOLATION for each in found) - unknown, unknown


def closest(candidates: Iterable[FlatSchema], value: dict[str, Any]) -> FlatSchema | None:
    """Return the schema that an object deviates from least; None if each declares another `const` for a field of it."""
    best: tuple[tuple[int, int], FlatSchema] | None = None
    for node in candidates:
        if any(_is_other_constant(member, value[name]) for name, member in node.properties.items() if name in value):
            continue
        distance = _distance(list(deviations(node, value)))
        if best is None or distance < best[0]:
            best = distance, node
        if distance == (0, 0):
            break
    return best[1] if best else None


def _is_other_constant(node: FlatSchema, value: Any) -> bool:
    return any("const" in part and not _same(part["const"], value) for part in node.parts)


@attrs.frozen(eq=False)
class Condition:
    """A constraint that applies to an object while a field is present (`dependentSchemas`), or by its values (`if`)."""

    field: str | None
    when: FlatSchema | None
    then: FlatSchema
    text: str
    """The values of other fields that the constraint depends on, for an error message."""

    def applies(self, value: dict[str, Any]) -> bool:
        """Return whether the constraint applies to an object."""
        if self.when is None:
            return self.field in value
        return next(_violations(self.when, value, Location()), None) is None

    def deviations(self, value: dict[str, Any], at: Location) -> Iterator[Deviation]:
        """Yield the deviations of a condition: a field that must not be present, or values that are not allowed."""
        if not self.applies(value):
            return
        found = _violations(self.then, value, at)
        if self.field is None:
            for each in found:
                expected = f"{each.expected} when {self.text}"
                yield attrs.evolve(each, expected=expected, kind=DeviationKind.CONDITION)
        elif next(found, None) is not None:
            expected = f"no {self.field} unless {self.text}"
            yield at.field(self.field).deviates(expected, value[self.field], DeviationKind.CONDITION)


def row_condition_deviations(
    node: FlatSchema,
    value: dict[str, Any],
    whole: Callable[[], dict[str, Any]],
    at: Location = Location(),  # noqa: B008 - immutable
    found: Iterable[Deviation] = (),
) -> list[Deviation]:
    """Return the broken conditions about rows, without those found in an object with empty lists of rows.

    The object with its rows, `whole`, is made only if a condition applies, which is rare.
    """
    applying = [each for each in node.conditions if each.applies(value)]
    broken = [each for condition in applying for each in condition.deviations(whole(), at)]
    return [each for each in broken if each not in found]


def _violations(node: FlatSchema, value: Any, at: Location) -> Iterator[Deviation]:
    """Return the deviations that make a value invalid by JSON Schema."""
    return (
        each
        for each in deviations(node, value, at)
        if each.severity is Severity.VIOLATION and each.kind is not DeviationKind.UNDOCUMENTED
    )


def join_fields(schema: dict[str, Any]) -> str:
    """Return the fields of the schema of a condition with their values, as words."""
    stated = [
        f"{name} is {' or '.join(map(repr, [member['const']] if 'const' in member else member['enum']))}"
        for name, member in schema.get("properties", {}).items()
        if isinstance(member, dict) and member.keys() & {"const", "enum"}
    ]
    return " and ".join(stated) or "other fields allow it"


def _of_object(node: FlatSchema, value: dict[str, Any], at: Location) -> Iterator[Deviation]:
    for name in node.required:
        if name not in value:
            yield at.field(name).deviates("a required field", None, DeviationKind.MISSING)
    properties, values = node.properties, node.values
    for name, member in value.items():
        described = properties.get(name, values)
        if described is not None and type(member) in described.plain:
            # Most fields are valid: they need no location.
            continue
        here = at.field(name) if name in properties else at.member(name)
        if described is not None:
            yield from deviations(described, member, here)
        elif not node.alternatives:
            yield here.deviates("no field of this name", member, DeviationKind.UNDOCUMENTED)
    for condition in node.conditions:
        yield from condition.deviations(value, at)


def _numbers(value: Any, at: Location) -> Iterator[Deviation]:
    """Yield the numbers that no float can hold, in a value without a schema."""
    if isinstance(value, NumberText):
        yield at.deviates("a number in the range of a float", str(value), DeviationKind.NUMBER)
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _numbers(member, at.member(key))


def _of_value(node: FlatSchema, value: Any, at: Location) -> Iterator[Deviation]:
    for part in node.parts:
        for listed in ([part["const"]] if "const" in part else None, part.get("enum")):
            if listed is None or any(_same(value, one) for one in listed):
                continue
            yield at.deviates(f"one of {', '.join(map(repr, listed))}", value, DeviationKind.ENUM)
        known = known_values(part)
        if known is not None and value not in known:
            expected = f"one of the known values {', '.join(map(repr, known))}"
            yield at.deviates(expected, value, DeviationKind.ENUM, Severity.NOTICE)


def _of_text(node: FlatSchema, value: str, at: Location) -> Iterator[Deviation]:
    for part in node.parts:
        pattern = part.get("pattern")
        if pattern is not None and not compiled(pattern).search(value):
            yield at.deviates(f"a string that matches {pattern}", value, DeviationKind.PATTERN)
        yield from _bounds(part, "minLength", "maxLength", len(value), "characters", value, at)


def _of_count(node: FlatSchema, value: list[Any], at: Location) -> Iterator[Deviation]:
    for part in node.parts:
        yield from _bounds(part, "minItems", "maxItems", len(value), "items", value, at)


def _of_number(node: FlatSchema, value: float, at: Location) -> Iterator[Deviation]:
    for part in node.parts:
        yield from _bounds(part, "minimum", "maximum", value, "", value, at)


def _bounds(
    part: dict[str, Any], least: str, most: str, measured: float, unit: str, value: Any, at: Location
) -> Iterator[Deviation]:
    if least in part and measured < part[least]:
        yield at.deviates(f"at least {part[least]} {unit}".rstrip(), value, DeviationKind.RANGE)
    if most in part and measured > part[most]:
        yield at.deviates(f"at most {part[most]} {unit}".rstrip(), value, DeviationKind.RANGE)


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON: a boolean is not a number, 1.0 is 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of ECMA 262 for Python: Python's `$` would match before a trailing line break."""
    return re.compile(python_pattern(pattern))


def python_pattern(pattern: str) -> str:
    """Return the pattern's text for Python."""
    inner = re.sub(r"\\.|\[(?:\\.|[^\]\\])*+\]?|\$", lambda match: r"\Z" if match[0] == "$" else match[0], pattern)
    return f"(?a){inner}"
