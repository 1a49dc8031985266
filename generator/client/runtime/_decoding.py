"""Decoding of 2xx bodies: fast where the body keeps the contract, tolerant where it deviates.

Each schema becomes a hidden Struct that accepts exactly the values of the schema. A body that it refuses is decoded
tolerantly; a schema that msgspec's types cannot express (`UnsupportedSchema`) is always decoded that way.

The functions are generated code, as attrs generates `__init__`: one plain assignment per field is several times as fast
as a loop over fields. Models inside a model are built inline, without a call, while the function stays short. Strings
with a pattern are collected and matched together, which is faster than one by one.

Both ways give the same model; the tolerant one also reports every deviation.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from functools import cache
from threading import Lock
from typing import Annotated, Any, Literal

import attrs
import msgspec

from ._deviations import Deviation, DeviationReporter
from ._documents import (
    FlatSchema,
    Location,
    compiled,
    deviations,
    known_values,
    python_pattern,
    row_condition_deviations,
    schemas_of,
)
from ._forks import reset_in_child
from ._json import JSONDecodeError, parse
from ._models import NO_NULLS, AdditionalProperties, Model, reader, row_fields, wire_names
from ._operations import Operation, SuccessResponse
from ._rows import LazyList, check_rows, collector_paused
from .errors import InvalidResponseError

Write = Callable[[str], list[str]]
"""Given the variable of a decoded value, returns the statements that convert it to the value of the model."""

_REFUSALS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""The errors of msgspec for bytes that it rejects. The tolerant way decides whether they can be read."""

_LARGE = 100_000
"""Size in bytes above which a response makes so many models that the garbage collector takes noticeable time."""

_COLLECTOR_UNCHANGED = nullcontext()


@attrs.frozen
class Decoded:
    """The result of decoding some bytes."""

    value: Any
    """The model; if the bytes are not an object, their value."""
    deviations: list[Deviation]


class ResponseDecoder:
    """Reads JSON of one schema into models of one class."""

    def __init__(self, node: FlatSchema, model: type[Model]) -> None:
        self.node = node
        self.model = model
        self.attributes = wire_names[model]
        self.make: Callable[[bytes | msgspec.Raw], Any] = _refuse
        """The fast way: returns the model of bytes that keep the contract, and raises one of `_REFUSALS` for others."""
        package = _package(model)
        self._rows = {wire: decoder_of(package, _row_node(node, wire)) for wire in row_fields(model)}
        # msgspec raises TypeError and NotImplementedError for unsupported types, Python SyntaxError for too many nested
        # loops.
        with suppress(UnsupportedSchema, TypeError, NotImplementedError, SyntaxError):
            self.make = _types(package).decoder(node, rows=bool(self._rows))

    def read(self, content: bytes, reporter: DeviationReporter) -> Any:
        """Read a whole body. Deviations go to the reporter; those of a row when it is accessed.

        Raises:
            JSONDecodeError: The bytes are not valid JSON.
        """
        if self._rows and not content.isascii():
            # Rows are decoded later, and must not fail then because of invalid UTF-8.
            _must_be_utf8(content)
        found: list[Deviation] = []
        with collector_paused if len(content) > _LARGE else _COLLECTOR_UNCHANGED:
            try:
                value = self.make(content)
            except _REFUSALS:
                decoded = self.tolerant(content)
                value, found = decoded.value, decoded.deviations
        if isinstance(value, Model):
            for wire, rows in self._rows.items():
                attribute = self.attributes[wire]
                raws = getattr(value, attribute)
                if isinstance(raws, list):
                    source = RowDecoder(rows, Location().field(wire), reporter)
                    fields = {name: wire for wire, name in rows.attributes.items()}
                    setattr(value, attribute, LazyList.of_bytes(raws, source, fields))
        reporter.report(found)
        return value

    def tolerant(self, content: bytes, at: Location = Location()) -> Decoded:  # noqa: B008 - immutable
        """Read anything. Raises `JSONDecodeError` if it is not valid JSON."""
        try:
            return self._tolerant(content, at)
        except RecursionError:
            raise JSONDecodeError("nested too deeply") from None

    def _tolerant(self, content: bytes, at: Location) -> Decoded:
        rows, data = self._apart(content)
        # Rows stay undecoded, and do not count as deviations of the object around them.
        shown = {**data, **{wire: [] for wire in rows}} if rows else data
        found = list(deviations(self.node, shown, at))
        if not isinstance(data, dict):
            return Decoded(data, found)
        if rows:

            def whole() -> dict[str, Any]:
                return data | {wire: [parse(bytes(raw)) for raw in raws] for wire, raws in rows.items()}

            found += row_condition_deviations(self.node, shown, whole, at, found)
        model = self.model.from_dict(data)
        for wire, raws in rows.items():
            setattr(model, self.attributes[wire], raws)
        return Decoded(model, found)

    def _apart(self, content: bytes) -> tuple[dict[str, list[msgspec.Raw]], Any]:
        """Return the lists of rows, undecoded, and the data without them."""
        if not self._rows:
            return {}, parse(content)
        try:
            outer = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        except _REFUSALS:
            return {}, parse(content)
        rows: dict[str, list[msgspec.Raw]] = {}
        for wire in self._rows.keys() & outer.keys():
            try:
                rows[wire] = msgspec.json.decode(outer[wire], type=list[msgspec.Raw])
            except _REFUSALS:
                continue
            del outer[wire]
        return rows, {name: parse(bytes(raw)) for name, raw in outer.items()}


class RowDecoder:
    """Makes the rows of one list of one response, and reports the deviations of each row once."""

    def __init__(self, reader: ResponseDecoder, at: Location, reporter: DeviationReporter) -> None:
        self._reader = reader
        self._make = reader.make
        self._at = at
        self._reporter = reporter
        self._reported: set[int] = set()

    def __call__(self, raw: msgspec.Raw, place: int) -> Any:
        try:
            return self._make(raw)
        except _REFUSALS:
            return self._tolerantly(raw, place).value

    def all(self, raws: Iterable[msgspec.Raw], places: Iterable[int]) -> list[Any]:
        """Make many rows, without an additional Python call for each."""
        make = self._make
        models = []
        for raw, place in zip(raws, places, strict=True):
            try:
                models.append(make(raw))
            except _REFUSALS:
                models.append(self._tolerantly(raw, place).value)
        return models

    def check(self, raw: msgspec.Raw, place: int) -> list[Deviation]:
        """Return the deviations of a row. Reports them, unless that was done before."""
        try:
            self._make(raw)
        except _REFUSALS:
            return self._tolerantly(raw, place).deviations
        return []

    def _tolerantly(self, raw: msgspec.Raw, place: int) -> Decoded:
        try:
            read = self._reader.tolerant(bytes(raw), self._at.member(place))
        except JSONDecodeError as error:
            raise InvalidResponseError(
                f"{self._reporter.service}.{self._reporter.operation}: row {place} cannot be parsed: {error}",
                service=self._reporter.service,
                operation=self._reporter.operation,
                status_code=200,
                body=bytes(raw),
            ) from None
        if place not in self._reported:
            self._reported.add(place)
            self._reporter.report(read.deviations)
        return read


def check_all_rows(model: Model) -> None:
    """Read every row that a model holds, so that all deviations are known."""
    attributes = wire_names[type(model)]
    for wire in row_fields(type(model)):
        value = getattr(model, attributes[wire])
        if isinstance(value, LazyList):
            check_rows(value)


def read_payload(
    operation: Operation[Any], status: int, content: bytes, text: Callable[[], bytes], reporter: DeviationReporter
) -> Any:
    """Read the body of an operation with 2xx responses of several models.

    Args:
        operation: The operation.
        status: Status code of the response.
        content: The body as it was received.
        text: Returns the body in UTF-8.
        reporter: Receives deviations.

    Raises:
        JSONDecodeError: The body is not JSON, where the document declares JSON.
    """
    response = _declared(operation, status)
    if response.kind == "bytes":
        return content
    if response.kind == "none" or (not content and status in _WITHOUT_BODY):
        return None
    if response.kind == "text":
        return text().decode(errors="replace")
    node = schemas_of(operation.package).response(operation.id, response.status)
    if isinstance(response.type, type) and issubclass(response.type, Model):
        return decoder_of(operation.package, node).read(text(), reporter)
    value = parse(text())
    reporter.report(list(deviations(node, value)))
    return reader(response.type)(value)


_WITHOUT_BODY = (204, 205)


def _declared(operation: Operation[Any], status: int) -> SuccessResponse:
    """Return the response that the document declares for a status: by the code, by its range, or the default."""
    by_status = {each.status.upper(): each for each in operation.responses}
    known = (by_status.get(key) for key in (str(status), f"{status // 100}XX", "DEFAULT"))
    return next((each for each in known if each is not None), operation.responses[0])


@cache
def response_decoder(model: Any, operation_id: str) -> ResponseDecoder:
    """Return the reader of an operation's successful responses."""
    package = _package(model)
    return decoder_of(package, schemas_of(package).response(operation_id))


@cache
def decoder_of(package: str, node: FlatSchema) -> ResponseDecoder:
    """Return the reader of a schema, made at first use."""
    return ResponseDecoder(node, _models(package)[node.component or ""])


@cache
def _types(package: str) -> StructFactory:
    return StructFactory(_models(package))


@cache
def _models(package: str) -> dict[str, type[Model]]:
    module = sys.modules[f"{package}.models"]
    return {name: value for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, Model)}


def _row_node(node: FlatSchema, wire: str) -> FlatSchema:
    items = node.properties[wire].items
    if items is None:
        raise TypeError(f"{wire} has no rows")
    return items


def _package(model: type[Model]) -> str:
    return model.__module__.rpartition(".")[0]


def _must_be_utf8(content: bytes) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise JSONDecodeError(f"not UTF-8 at byte {error.start}") from None


def _refuse(content: bytes | msgspec.Raw) -> Any:
    raise msgspec.ValidationError("this schema has no fast decoder")


# The fast decoder

_ABSENT = msgspec.UNSET

_BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
}

_RANGE = ("minimum", "maximum")

_LARGEST_BOUND = 2**63 - 1


class UnsupportedSchema(TypeError):
    """A schema that msgspec's types cannot express."""


@attrs.frozen
class FieldCodec:
    """The decoding and conversion of a value."""

    type: Any
    write: Write | None = None
    """Converts the decoded value; None if the model holds it as it is."""
    pattern: str | None = None
    """The pattern that the type leaves out, because its strings are matched together after decoding."""


class StructFactory:
    """The codecs of one service's schemas, made at first use."""

    def __init__(self, models: dict[str, type[Model]]) -> None:
        self._models = models
        self._structs: dict[FlatSchema, FieldCodec] = {}
        self._builder = FunctionBuilder()
        self._lock = Lock()
        """Several threads may decode their first responses at once, and must not see an unfinished Struct."""
        reset_in_child(self)

    def after_fork(self) -> None:
        if self._lock.locked():
            # A thread of the parent was making Structs, which are not finished here.
            self._structs = {}
            self._builder = FunctionBuilder()
        self._lock = Lock()

    def codec(self, node: FlatSchema, rows: bool = False) -> FieldCodec:
        """Return the codec of a schema. With `rows`, the lists of rows in it stay undecoded."""
        if _is_listed(node):
            return FieldCodec(_literal(node))
        types = node.types
        if node.alternatives:
            raise UnsupportedSchema("alternatives of which a value's type selects none")
        if not types:
            if node.parts:
                raise UnsupportedSchema("constraints without a type")
            return FieldCodec(Any)
        members = [self._member(name, node, rows) for name in types]
        if len(members) == 1:
            return members[0]
        if any(member.write for member in members):
            raise UnsupportedSchema("alternatives of which one is a model")
        union = members[0].type
        for member in members[1:]:
            union = union | member.type
        return FieldCodec(union)

    def decoder(self, node: FlatSchema, rows: bool = False) -> Callable[[Any], Any]:
        """Return a function that decodes bytes which keep the contract. For others it raises the errors of msgspec."""
        with self._lock:
            known = dict(self._structs)
            try:
                codec = self.codec(node, rows)
            except UnsupportedSchema:
                # Structs made on the way can contain one that is not finished.
                self._structs = known
                raise
            decode = msgspec.json.Decoder(codec.type).decode
            return decode if codec.write is None else self._builder.compiled(decode, codec.write)

    def _member(self, name: str, node: FlatSchema, rows: bool) -> FieldCodec:
        match name:
            case "string":
                return FieldCodec(_bounded(str, node, ("minLength", "maxLength", "pattern")))
            case "integer":
                return FieldCodec(_bounded(int, node, _RANGE))
            case "number":
                # A float alone would turn 1 into 1.0.
                return FieldCodec(_bounded(int, node, _RANGE) | _bounded(float, node, _RANGE))
            case "boolean":
                return FieldCodec(bool)
            case "null":
                return FieldCodec(None)
            case "array":
                return self._array(node)
        return self._struct(node, rows) if node.properties else self._map(node)

    def _array(self, node: FlatSchema) -> FieldCodec:
        items = node.items
        inner = self.codec(items) if items is not None else FieldCodec(Any)
        type_ = _bounded(list[inner.type], node, ("minItems", "maxItems"))  # type: ignore[name-defined]
        return FieldCodec(type_, self._builder.write_list(inner.write) if inner.write else None)

    def _map(self, node: FlatSchema) -> FieldCodec:
        values = node.values
        if values is None or node.required:
            raise UnsupportedSchema("an object without properties")
        inner = self.codec(values)
        write = self._builder.write_map(inner.write) if inner.write else None
        return FieldCodec(dict[str, inner.type], write)  # type: ignore[name-defined]

    def _struct(self, node: FlatSchema, rows: bool) -> FieldCodec:
        known = None if rows else self._structs.get(node)
        if known is not None:
            return known
        if node.values is not None or set(node.required) - node.properties.keys():
            raise UnsupportedSchema("an object that requires or accepts fields without a name")
        model = self._models[node.component or ""]
        # The Struct's fields are numbered, since a wire name need not be an identifier.
        names = {f"f{number}": wire for number, wire in enumerate(node.properties)}
        struct = msgspec.defstruct(
            f"{model.__name__}Wire",
            [_field(node, name, wire) for name, wire in names.items()],
            rename=names,
            kw_only=True,
            forbid_unknown_fields=True,
            gc=False,
        )
        spec = self._builder.model_spec(model)
        codec = FieldCodec(struct, self._builder.write_model(spec))
        spec.broken = _broken_conditions(node, {wire: name for name, wire in names.items()})
        if not rows:
            # Before its fields are resolved, so that a recursive schema finds itself.
            self._structs[node] = codec
        undecoded, attributes = row_fields(model) if rows else set(), wire_names[model]
        for name, wire in names.items():
            inner = node.properties[wire]
            member = FieldCodec(list[msgspec.Raw]) if wire in undecoded else self._field_type(inner)
            # msgspec resolves the type that `_field` names here.
            setattr(struct, f"type_{name}", member.type)
            spec.fields.append(
                FieldSpec(name, attributes[wire], wire, _may_be_null(inner), member.write, member.pattern)
            )
        return codec

    def _field_type(self, node: FlatSchema) -> FieldCodec:
        """Return the codec of an object's field.

        Strings with a pattern are matched after decoding, if that is equivalent.
        """
        patterns = [part["pattern"] for part in node.parts if "pattern" in part]
        if node.types != ("string",) or _is_listed(node) or len(patterns) != 1 or not is_single_line(patterns[0]):
            return self.codec(node)
        return FieldCodec(_bounded(str, node, ("minLength", "maxLength")), pattern=patterns[0])


def _field(node: FlatSchema, name: str, wire: str) -> tuple[str, str] | tuple[str, str, Any]:
    """Return a field of a Struct.

    Its type is named, since it may be the Struct itself; an absent field decodes to None.
    """
    if wire in node.required:
        return name, f"type_{name}"
    return name, f"type_{name}", _ABSENT if _may_be_null(node.properties[wire]) else None


def _broken_conditions(node: FlatSchema, names: dict[str, str]) -> list[tuple[Test, ...]]:
    """Return tests of a Struct's fields. A Struct that passes all of one list may break a condition.

    Raises `UnsupportedSchema` for a condition that tests more than the values of fields.
    """
    found: list[tuple[Test, ...]] = []

    def test(wire: str, values: Iterable[Any] = (), *, or_absent: bool = False, negated: bool = True) -> Test:
        absent = [_ABSENT if _may_be_null(node.properties[wire]) else None] if or_absent else []
        return Test(names[wire], negated, (*absent, *values))

    for condition in node.conditions:
        if condition.when is None:
            # A Struct has no field that the schema does not name.
            when = [test(condition.field, or_absent=True)] if condition.field in names else None
        else:
            when = []
            for wire, values in _listed_strings(condition.when):
                if wire in names:
                    is_optional = wire not in condition.when.required
                    when.append(test(wire, values, or_absent=is_optional, negated=False))
                elif wire in condition.when.required:
                    when = None
                    break
        if when is None:
            continue
        try:
            listed = _listed_strings(condition.then)
        except UnsupportedSchema:
            # The tolerant way decides whether it breaks the condition.
            found.append(tuple(when))
            continue
        found += [(*when, test(wire, values, or_absent=True)) for wire, values in listed if wire in names]
    return found


def _listed_strings(node: FlatSchema) -> list[tuple[str, list[str]]]:
    """Return the fields of a condition, each with its values.

    Raises `UnsupportedSchema` if it consists of anything else.
    """
    found = [(wire, member.allowed) for wire, member in node.properties.items()]
    only_lists = all(part.keys() <= {"properties", "required", "unevaluatedProperties"} for part in node.parts) and all(
        part.keys() <= {"const", "enum"} for member in node.properties.values() for part in member.parts
    )
    if set(node.required) - node.properties.keys() or not only_lists:
        raise UnsupportedSchema("a condition that tests more than the values of fields")
    if any(values is None or not all(isinstance(each, str) for each in values) for _, values in found):
        raise UnsupportedSchema("a condition on values that are not strings")
    return [(wire, values or []) for wire, values in found]


def _may_be_null(node: FlatSchema) -> bool:
    return not node.types or "null" in node.types


def _is_listed(node: FlatSchema) -> bool:
    return node.allowed is not None or node.known_values is not None


def _literal(node: FlatSchema) -> Any:
    constants = [[part["const"]] for part in node.parts if "const" in part]
    lists = [part["enum"] for part in node.parts if "enum" in part]
    lists += [values for part in node.parts if (values := known_values(part)) is not None]
    given = [*constants, *lists]
    plain = {"string": str, "integer": int}.get(next(iter(node.types), ""))
    bounded = any(node.first(keyword) is not None for keyword in ("pattern", *_BOUNDS))
    if len(given) != 1 or len(node.types) != 1 or bounded or any(type(value) is not plain for value in given[0]):
        raise UnsupportedSchema("a list that msgspec has no type for")
    return Literal[tuple(given[0])]


def _bounded(kind: Any, node: FlatSchema, keywords: tuple[str, ...]) -> Any:
    limits: dict[str, Any] = {}
    for keyword in keywords:
        values = [part[keyword] for part in node.parts if keyword in part]
        if len(values) > 1:
            raise UnsupportedSchema("two bounds of one kind")
        if values and keyword == "pattern":
            limits["pattern"] = python_pattern(values[0])
        elif values:
            if not isinstance(values[0], int) or abs(values[0]) > _LARGEST_BOUND:
                raise UnsupportedSchema("a bound that msgspec has no place for")
            limits[_BOUNDS[keyword]] = values[0]
    return Annotated[kind, msgspec.Meta(**limits)] if limits else kind


_LONGEST = 120
"""Lines of a function, above which further models are built by separate functions."""

_DEEPEST = 4
"""Depth of inlined models, likewise: a model can contain itself."""

_PLAIN = """
def {name}(content):
    value, hold = {name}_decode(content), ()
    {statements}
    return value
"""

_HOLDING = """
def {name}(content):
    value, hold = {name}_decode(content), tuple([] for check in {name}_checks)
    {statements}
    for check, texts in zip({name}_checks, hold):
        if texts and not check(texts):
            raise Mismatch("a string must match its pattern")
    return value
"""
"""The variable `hold` has the strings to match, by the number of their pattern."""


class FieldSpec(msgspec.Struct, frozen=True):
    """A field of a Struct, and the attribute of the model."""

    name: str
    attribute: str
    wire_name: str
    may_be_null: bool
    write: Write | None
    """Converts the value; None if the model holds it as it is."""
    pattern: str | None
    """The pattern that its string is collected for."""


class Test(msgspec.Struct, frozen=True):
    """A test of the value of a Struct's field."""

    name: str
    negated: bool
    """Whether the value must differ from all of them."""
    values: tuple[Any, ...]


class ModelSpec:
    """The model that is built from a Struct."""

    def __init__(self, number: int) -> None:
        self.function = f"build{number}"
        self.model = f"class{number}"
        self.fields: list[FieldSpec] = []
        self.broken: list[tuple[Test, ...]] = []
        """Lists of tests of the Struct's fields. A Struct that passes all tests of one list is refused."""


class FunctionBuilder:
    """Writes and compiles the functions of one service."""

    def __init__(self) -> None:
        self._scope: dict[str, Any] = {"new": object.__new__, "NO_NULLS": NO_NULLS, "ABSENT": msgspec.UNSET}
        self._scope["Others"] = AdditionalProperties
        self._scope["Mismatch"] = msgspec.ValidationError
        self._patterns: list[str] = []
        self._specs = 0
        self._variables = 0
        self._lines = 0
        self._depth = 0
        self._called: list[ModelSpec] = []
        """Models that are built by a separate function."""

    def model_spec(self, model: type[Any]) -> ModelSpec:
        """Return a new spec. Its fields are added once they are known, since a model can contain itself."""
        self._specs += 1
        spec = ModelSpec(self._specs)
        self._scope[spec.model] = model
        return spec

    def write_model(self, spec: ModelSpec) -> Write:
        """Converts a Struct to its model."""
        return lambda variable: self._build(spec, variable)

    def write_list(self, write: Write) -> Write:
        """Converts each item of a list, in place."""
        return self._of_each("enumerate({})", write)

    def write_map(self, write: Write) -> Write:
        """Converts each value of a map, in place."""
        return self._of_each("{}.items()", write)

    def _of_each(self, pairs: str, write: Write) -> Write:
        def each(variable: str) -> list[str]:
            key, item = self._variable("key"), self._variable("item")
            loop = f"for {key}, {item} in {pairs.format(variable)}:"
            return [loop, *_indented(write(item)), f"    {variable}[{key}] = {item}"]

        return each

    def compiled(self, decode: Callable[[Any], Any], write: Write) -> Callable[[Any], Any]:
        """Return a function that decodes bytes and builds the model.

        It raises the errors of `decode`, and the same for a string that does not match its pattern.
        """
        name = self._variable("make")
        self._called.clear()
        self._lines = 0
        statements = write("value")
        while self._called:
            self._define(self._called.pop())
        self._scope[f"{name}_decode"] = decode
        self._scope[f"{name}_checks"] = [compile_batch(pattern) for pattern in self._patterns]
        # Rows are decoded one at a time, and most have no such pattern: nothing is collected for them.
        template = _HOLDING if self._patterns else _PLAIN
        exec(template.format(name=name, statements="\n    ".join(statements)), self._scope)
        make: Callable[[Any], Any] = self._scope[name]
        return make

    def _define(self, spec: ModelSpec) -> None:
        if spec.function not in self._scope:
            self._lines = 0
            lines = [f"def {spec.function}(value, hold):", *_indented(self._inline(spec, "value")), "    return value"]
            exec("\n".join(lines), self._scope)

    def _build(self, spec: ModelSpec, variable: str) -> list[str]:
        if self._depth > _DEEPEST or self._lines > _LONGEST:
            self._called.append(spec)
            return [f"{variable} = {spec.function}({variable}, hold)"]
        return self._inline(spec, variable)

    def _inline(self, spec: ModelSpec, variable: str) -> list[str]:
        """Return the statements that build one model."""
        self._depth += 1
        model, nulls = self._variable("model"), "NO_NULLS"
        lines = [f"{model} = new({spec.model})"]
        for tests in spec.broken:
            lines.append(f"if {' and '.join(self._test(each, variable) for each in tests) or True}:")
            lines.append('    raise Mismatch("a condition may be broken")')
        for member in spec.fields:
            target, value = f"{model}.{member.attribute}", f"{variable}.{member.name}"
            if member.may_be_null:
                if nulls == "NO_NULLS":
                    nulls = self._variable("nulls")
                    lines.append(f"{nulls} = NO_NULLS")
                lines += [f"{target} = field = {value}", "if field is None:"]
                lines.append(f"    {nulls} = {nulls} | {{{member.wire_name!r}}}")
                lines += ["elif field is ABSENT:", f"    {target} = None"]
            elif member.pattern:
                lines += [f"{target} = field = {value}", "if field is not None:"]
                lines.append(f"    hold[{self._number(member.pattern)}].append(field)")
            elif member.write:
                inner = self._variable("inner")
                lines += [f"{inner} = {value}", f"if {inner} is not None:", *_indented(member.write(inner))]
                lines.append(f"{target} = {inner}")
            else:
                lines.append(f"{target} = {value}")
        others = "None" if nulls == "NO_NULLS" else f"Others((), {nulls}) if {nulls} else None"
        lines += [f"{model}._additional_properties = {others}", f"{variable} = {model}"]
        self._depth -= 1
        self._lines += len(lines)
        return lines

    def _test(self, test: Test, variable: str) -> str:
        values = self._variable("values")
        self._scope[values] = test.values
        field, word = f"{variable}.{test.name}", "not in" if test.negated else "in"
        if test.negated and test.values in ((None,), (_ABSENT,)):
            return f"{field} is not {'None' if test.values[0] is None else 'ABSENT'}"
        return f"{field} {word} {values}"

    def _number(self, pattern: str) -> int:
        if pattern not in self._patterns:
            self._patterns.append(pattern)
        return self._patterns.index(pattern)

    def _variable(self, kind: str) -> str:
        self._variables += 1
        return f"{kind}{self._variables}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


_SINGLE_LINE = re.compile(
    r"\^(?:[A-Za-z0-9 :_,;/=@+-]|\\[dw.+*?()\[\]{}^$|/\\-]|\[[A-Za-z0-9 :_.,;/=@+-]+\]|[(){}?*+])*\$"
)
"""Patterns of whole strings that cannot match a line break, by their syntax: no `.`, no negated class, no alternative.
It does not find all such patterns, but those of timestamps, IDs and names.
"""

_PLAIN_GROUP = re.compile(r"(?<!\\)\((?!\?)")
"""A capturing group, which takes time and is not needed."""

_FEW = 16
"""Number of strings below which joining them takes longer than it saves."""


def is_single_line(pattern: str) -> bool:
    """Return whether strings can be matched against the pattern together."""
    return _SINGLE_LINE.fullmatch(pattern) is not None


def compile_batch(pattern: str) -> Callable[[list[str]], bool]:
    """Return a function that tests whether all strings match a pattern for which `is_single_line` is true."""
    single = compiled(pattern).search
    # Each string ends with a line break, and nothing in the pattern can match one.
    inner = _PLAIN_GROUP.sub("(?:", python_pattern(pattern).removeprefix("(?a)^").removesuffix(r"\Z"))
    lines = re.compile(rf"(?a)(?:(?:{inner})\n)*+").fullmatch

    def all_match(texts: list[str]) -> bool:
        if len(texts) < _FEW:
            return all(map(single, texts))
        joined = "\n".join(texts) + "\n"
        return joined.count("\n") == len(texts) and lines(joined) is not None

    return all_match
