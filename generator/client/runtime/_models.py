"""Base class of all models and its codec: attrs classes with a wire name for each field.

The codec loses no data. It keeps values of undeclared types unchanged, puts undeclared fields into
`additional_properties`, and remembers each `null`; so `from_dict(x).to_dict() == x` for every JSON object.

A path names a field of a model or of plain JSON: dotted wire names, `[0]` for an item, `[type=Ready]` for the first
item with that value. A name with a dot or a bracket is in double quotes, and `$` is the value itself.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from functools import cache, partial
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Self,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs
import msgspec

from ._deviations import Deviation, escape
from ._rows import LazyList, check_rows

_WIRE_NAME = "wire name"
T = TypeVar("T")


def field(wire_name: str) -> Any:
    """Return a field of a model: optional, absent unless given, under that name on the wire."""
    return attrs.field(default=None, metadata={_WIRE_NAME: wire_name})


@dataclass_transform(kw_only_default=True, field_specifiers=(attrs.field,))
def define(cls: type[T]) -> type[T]:
    """Make a model of a class with fields declared by `field`.

    `Model` itself compares, copies and pickles models: attrs would write functions for each class, in each import.
    """
    return attrs.define(cls, kw_only=True, repr=False, eq=False, getstate_setstate=False)


if TYPE_CHECKING:

    @attrs.define
    class _AttrsClass:
        """Base class for mypy, which does not see that `define` makes an attrs class, as `attrs.evolve` needs."""

else:
    _AttrsClass = object

NO_NULLS: frozenset[str] = frozenset()


class AdditionalProperties(dict[str, Any]):
    """Fields that the document does not know, under their wire names.

    `attrs.evolve` must copy the names of the fields that were `null`, and `attrs.asdict` must not show them. Both use
    every field of a model, so the names are kept here, where only `attrs.evolve` copies them.
    """

    __slots__ = ("nulls",)

    def __init__(self, fields: Mapping[str, Any] | tuple[()] = (), nulls: frozenset[str] = NO_NULLS) -> None:
        super().__init__(fields)
        self.nulls = nulls
        """Wire names of the declared fields that were `null`, which the model shows as None like absent ones."""

    def __reduce__(self) -> tuple[Any, ...]:
        return AdditionalProperties, (dict(self), self.nulls)


@define
class Model(_AttrsClass):
    """A JSON object of a service.

    Fields are keyword arguments and attributes; one that is absent or `null` on the wire reads None. A value that
    deviates from the document is kept unchanged in its field.

    Two models are equal if their JSON is: a field that is `null` differs from one that is absent.

    Attributes:
        additional_properties: Fields that the document does not know, under their wire names.
    """

    additional_properties: dict[str, Any] = attrs.field(default=None)
    # None instead of an empty dict saves memory: a page has many models. See `_additional_properties` below.

    if TYPE_CHECKING:
        _additional_properties: ClassVar[AdditionalProperties | None]

    @property
    def _nulls(self) -> frozenset[str]:
        return NO_NULLS if self._additional_properties is None else self._additional_properties.nulls

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, Model):
            return NotImplemented
        if (self._additional_properties or None) != (other._additional_properties or None):
            return False
        fields = wire_names[type(self)]
        if any(getattr(self, name) != getattr(other, name) for name in fields.values()):
            return False
        return self._nulls == other._nulls or all(
            getattr(self, fields[name]) is not None for name in self._nulls ^ other._nulls
        )

    __hash__ = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        """Yield the arguments that `rich.print` shows: those of the repr."""
        for name in wire_names[type(self)].values():
            value = getattr(self, name)
            if value is not None:
                yield name, value
        if self._additional_properties:
            yield "additional_properties", self._additional_properties

    def _repr_html_(self) -> str:
        """Return a table for notebooks."""
        from ._frameworks import model_table

        return model_table(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from ._frameworks import model_schema

        return model_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        from ._frameworks import model_json_schema

        return model_json_schema(cls, handler)

    @classmethod
    def _wire_types(cls) -> dict[str, Any]:
        """Return the type of each field by its wire name."""
        hints = get_type_hints(cls)
        return {name: hints[attribute] for name, attribute in wire_names[cls].items()}

    def __getstate__(self) -> dict[str, Any]:
        names = {*wire_names[type(self)].values(), *getattr(self, "__dict__", ())}
        state = {name: value for name in names if (value := getattr(self, name)) is not None}
        return {**state, "additional_properties": self._additional_properties}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Every slot has a value, those of fields that the class did not have yet when it was pickled too.
        for name in {*wire_names[type(self)].values(), "additional_properties", *state}:
            setattr(self, name, state.get(name))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a parsed JSON object. Any JSON object is accepted."""
        fields = _fields(cls)
        known: dict[str, Any] = {}
        unknown: dict[str, Any] = {}
        nulls = []
        for name, value in data.items():
            described = fields.get(name)
            if described is None:
                unknown[name] = value
            elif value is None:
                nulls.append(name)
            else:
                known[described.attribute] = described.read(value)
        model = cls(**known)
        if unknown or nulls:
            model.additional_properties = AdditionalProperties(unknown, frozenset(nulls))
        return model

    def to_dict(self) -> dict[str, Any]:
        """Write the JSON object, with wire names; the reverse of `from_dict`."""
        data: dict[str, Any] = to_json(self)
        return data

    def _members(self) -> Iterator[tuple[str, Any]]:
        """Yield the present fields by their wire names."""
        nulls = self._nulls
        for name, attribute in wire_names[type(self)].items():
            value = getattr(self, attribute)
            if value is not None or name in nulls:
                yield name, value
        if self._additional_properties:
            yield from self._additional_properties.items()

    def check(self) -> list[Deviation]:
        """Return every deviation of the model from its schema in the document; an empty list if there is none.

        Constraints that apply only to a whole response are not checked.
        """
        # Imported here, because most programs do not call this.
        from ._documents import deviations, row_condition_deviations, schemas_of

        cls = generated(type(self))
        node = schemas_of(cls.__module__.rpartition(".")[0]).component(cls.__name__)
        bare, kept = self, []
        for name in row_fields(cls):
            attribute = _fields(cls)[name].attribute
            rows = getattr(self, attribute)
            if isinstance(rows, LazyList) and rows.source is not None:
                # Rows of a response are checked one by one, so that none of them is kept.
                kept.append(rows)
                bare = copy(bare)
                setattr(bare, attribute, LazyList())
        data = bare.to_dict()
        found = list(deviations(node, data))
        if kept:
            found += row_condition_deviations(node, data, self.to_dict, found=found)
        for rows in kept:
            found += check_rows(rows)
        return found


def _additional_properties(model: Model) -> dict[str, Any]:
    if model._additional_properties is None:
        _SLOT.__set__(model, AdditionalProperties())
    return cast(AdditionalProperties, model._additional_properties)


def _set_additional_properties(model: Model, fields: Mapping[str, Any] | None) -> None:
    # A copy, since `attrs.evolve` and `copy.copy` pass on those of another model.
    # A new model has an empty slot; reading that is an AttributeError.
    nulls = fields.nulls if isinstance(fields, AdditionalProperties) else getattr(model, "_nulls", NO_NULLS)
    _SLOT.__set__(model, AdditionalProperties(fields or (), nulls) if fields or nulls else None)


_SLOT: Any = Model.__dict__["additional_properties"]
if not TYPE_CHECKING:
    # The slot that attrs made for the field keeps its value, and the field itself is a property that makes it.
    Model._additional_properties = _SLOT
    Model.additional_properties = property(_additional_properties, _set_additional_properties)


class _WireNames(dict[type[Model], dict[str, str]]):
    """For each class of models, the attribute of each field by its wire name."""

    def __missing__(self, cls: type[Model]) -> dict[str, str]:
        names = self[cls] = {name: described.attribute for name, described in _fields(cls).items()}
        return names


wire_names = _WireNames()
"""A mapping rather than a function: the snapshot of a small job looks up dozens of fields."""


def row_fields(cls: type[Model]) -> set[str]:
    """Return wire names of the fields that hold rows."""
    return {name for name, described in _fields(cls).items() if described.rows}


def generated(cls: type[Model]) -> type[Model]:
    """Return the generated class of a model, which a caller may have subclassed: the one just below `Model`."""
    place = cls.__mro__.index(Model)
    if place == 0:
        raise TypeError("the class must be a model of a service, got the base class Model")
    found: type[Model] = cls.__mro__[place - 1]
    return found


class _Field(msgspec.Struct, frozen=True):
    attribute: str
    read: Callable[[Any], Any]
    rows: bool


_known_fields: dict[type[Model], dict[str, _Field]] = {}


def _fields(cls: type[Model]) -> dict[str, _Field]:
    """Return the fields of a model by wire name.

    Resolved at first use, since models refer to each other and to themselves.
    """
    fields = _known_fields.get(cls)
    if fields is None:
        hints = get_type_hints(cls)
        fields = {
            attribute.metadata[_WIRE_NAME]: _Field(
                attribute.name, reader(hints[attribute.name]), _is_rows(hints[attribute.name])
            )
            for attribute in attrs.fields(cast(Any, cls))
            if _WIRE_NAME in attribute.metadata
        }
        _known_fields[cls] = fields
    return fields


def _is_rows(hint: Any) -> bool:
    return get_origin(hint) is LazyList or any(map(_is_rows, get_args(hint)))


def _as_it_came(value: Any) -> Any:
    return value


def reader(hint: Any) -> Callable[[Any], Any]:
    """Return the function that turns a value of JSON into one of that type."""
    return _reader(hint) or _as_it_came


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    """Return the converter of values of that type, or None if nothing needs conversion."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        models = [each for each in arguments if isinstance(each, type) and issubclass(each, Model)]
        others = [each for each in arguments if each not in models]
        of_models = [partial(_read_closest, models)] if len(models) > 1 else map(_reader, models)
        readers = [each for each in (*of_models, *map(_reader, others)) if each]
        return _first(readers) if len(readers) > 1 else next(iter(readers), None)
    if isinstance(hint, type) and issubclass(hint, Model):
        return lambda value: hint.from_dict(value) if isinstance(value, dict) else value
    if origin is LazyList:
        return partial(_read_rows, _reader(arguments[0]) or _as_it_came)
    if origin is list and (item := _reader(arguments[0])):
        return partial(_read_list, item)
    if origin is dict and (item := _reader(arguments[1])):
        return partial(_read_map, item)
    return None


def _read_list(read: Callable[[Any], Any], value: Any) -> Any:
    return [read(item) for item in value] if isinstance(value, list) else value


def _read_rows(read: Callable[[Any], Any], value: Any) -> Any:
    return LazyList([read(item) for item in value]) if isinstance(value, list) else value


def _read_map(read: Callable[[Any], Any], value: Any) -> Any:
    return {key: read(member) for key, member in value.items()} if isinstance(value, dict) else value


def _read_closest(models: list[type[Model]], value: Any) -> Any:
    """Read an object as the model with the fewest deviations."""
    if not isinstance(value, dict):
        return value
    from ._documents import closest, schemas_of  # most services have no such field

    nodes = {schemas_of(cls.__module__.rpartition(".")[0]).component(cls.__name__): cls for cls in models}
    node = closest(nodes, value)
    return value if node is None else nodes[node].from_dict(value)


def _first(readers: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        return next((result for reader in readers if (result := reader(value)) is not value), value)

    return read


def to_json(value: Any) -> Any:
    """Return the JSON of a value. Not by recursion: a valid value can be nested deeper than Python's calls."""
    whole: list[Any] = [value]
    left: list[tuple[Any, Any]] = [(whole, 0)]
    while left:
        place, key = left.pop()
        value = place[key]
        if isinstance(value, list | LazyList):
            made: Any = list(value)
            members: Iterable[tuple[Any, Any]] = enumerate(made)
        elif isinstance(value, Model | dict):
            made = dict(value._members() if isinstance(value, Model) else value)
            members = made.items()
        else:
            continue
        place[key] = made
        left += [(made, name) for name, member in members if isinstance(member, _NESTING)]
    return whole[0]


_NESTING = (list, dict, Model, LazyList)


_NAME = r'"([^"]+)"|([^.\s\[\]"]+)'

_STEP = rf'(?:^|\.)(?:{_NAME})|\[([0-9]+)\]|\[(?:"([^"]+)"|([^.\s\[\]"=]+))=([^\]]+)\]'

Step = str | int | tuple[str, str]
"""A step of a path: a name, an index, or a name with the text that selects an item."""


@cache
def steps(path: str) -> tuple[Step, ...]:
    """Split a valid path into its steps."""
    if not any(character in path for character in '"[$'):
        return tuple(path.split("."))
    return () if path == "$" else tuple(map(_step, re.finditer(_STEP, path)))


def _step(match: re.Match[str]) -> Step:
    quoted, name, index, quoted_key, key, text = match.groups()
    if index is not None:
        return int(index)
    return (quoted_key or key, text) if text is not None else quoted or name


def value_at(value: object, path: str) -> object:
    """Return the value of a field in a model or in JSON; None where it is missing."""
    for step in steps(path):
        value = _member(value, step) if isinstance(step, str) else _item(value, step)
    return value


def _member(value: object, name: str) -> object:
    if isinstance(value, Model):
        attribute = wire_names[type(value)].get(name)
        return value.additional_properties.get(name) if attribute is None else getattr(value, attribute)
    return value.get(name) if isinstance(value, dict) else None


def _item(value: object, step: int | tuple[str, str]) -> object:
    if not isinstance(value, list | LazyList):
        return None
    if isinstance(step, int):
        return value[step] if step < len(value) else None
    name, text = step
    return next((item for item in value if as_text(_member(item, name)) == text), None)


def as_text(value: object) -> str | None:
    """Return a scalar as the text that a path or a request has for it; None for any other value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def pointer(path: str) -> str:
    """Return a path as a JSON Pointer. An item that a value selects is `*`: which one it is depends on the response."""
    return "".join(f"/{escape(key)}" for key in _keys(path))


def _keys(path: str) -> Iterator[str]:
    for step in steps(path):
        yield "*" if isinstance(step, tuple) else str(step)
