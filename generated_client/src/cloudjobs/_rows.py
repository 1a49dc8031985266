# Generated from generator/client/runtime/_rows.py. Do not edit: change that, and run `make generate`.
"""Lazy sequence of the rows of a long list.

Python's garbage collector is paused while rows become models: none of the new models is garbage, and searching them
repeatedly can take longer than making them. The pause lasts while one response is read, and never while code of the
caller runs.
"""

from __future__ import annotations

import gc
import threading
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from functools import cache
from itertools import compress, repeat
from operator import eq
from typing import Any, Generic, Protocol, TypeVar, overload

import attrs
import msgspec
from msgspec.structs import astuple

from ._deviations import Deviation
from ._forks import reset_in_child
from ._json import parse


class _CollectorPaused:
    """A block that pauses the garbage collector. It stays paused while at least one thread is in such a block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0
        self._was_on = False
        reset_in_child(self)

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        # Threads in the block exist only in the parent process.
        if self._within and self._was_on:
            gc.enable()
        self._within = 0

    def __enter__(self) -> None:
        with self._lock:
            if self._within == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._within += 1

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            self._within -= 1
            if self._within == 0 and self._was_on:
                gc.enable()


collector_paused = _CollectorPaused()

T_co = TypeVar("T_co", covariant=True)


class DecodeRow(Protocol):
    """Makes the model of a row, given its bytes and its place in the response's list."""

    def __call__(self, raw: msgspec.Raw, place: int) -> Any: ...

    @abstractmethod
    def all(self, raws: Iterable[msgspec.Raw], places: Iterable[int]) -> list[Any]:
        """Return the models of many rows."""

    @abstractmethod
    def check(self, raw: msgspec.Raw, place: int) -> list[Deviation]:
        """Return the deviations of a row."""


@cache
def _part_decoder(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return a function that decodes only the fields of an object with those wire names."""
    return msgspec.json.Decoder(_part(names)).decode


def _part(names: tuple[str, ...]) -> Any:
    fields = {f"f{number}": name for number, name in enumerate(names)}
    return msgspec.defstruct("Part", [(field, Any, None) for field in fields], rename=fields, gc=False)


@cache
def _parts_decoder(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return the function of `_part_decoder` for an array of objects."""
    return msgspec.json.Decoder(list[_part(names)]).decode  # type: ignore[misc]


_CHUNK = 1000
"""Number of rows that are decoded together, because a call for a single row takes longer than its decoding."""


def _taken(data: object, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(data.get(name) if isinstance(data, dict) else None for name in names)


def _inner(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _wire_names(row: object) -> Iterable[str]:
    """Return the wire names of a model's fields. Models import this module."""
    types: Callable[[], dict[str, Any]] = getattr(type(row), "_wire_types", dict)
    return types()


class LazyList(Sequence[T_co], Generic[T_co]):
    """A sequence of models.

    A row of a response is decoded each time you access it, so code that changes a row must keep a reference to it. The
    bytes of the response stay in memory as long as an undecoded row of it; `list(rows)` releases them.

    Args:
        rows: Models, for a sequence of your own rows.
    """

    __slots__ = ("_fields", "_items", "_places", "_read")

    def __init__(self, rows: Iterable[T_co] = ()) -> None:
        self._items: list[Any] = list(rows)
        self._places: Sequence[int] = range(len(self._items))
        self._read: DecodeRow | None = None
        self._fields: dict[str, str] = {}

    @classmethod
    def of_bytes(cls, raws: list[msgspec.Raw], read: DecodeRow, fields: dict[str, str]) -> LazyList[T_co]:
        """Return rows of a response, with the wire name of each field."""
        rows: LazyList[T_co] = cls.__new__(cls)
        rows._items, rows._places, rows._read, rows._fields = raws, range(len(raws)), read, fields
        return rows

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> LazyList[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | LazyList[T_co]:
        if isinstance(index, slice):
            return self._some(self._items[index], self._places[index])
        row: T_co = self._made(self._items[index], self._places[index])
        return row

    def __iter__(self) -> Iterator[T_co]:
        read = self._read
        if read is None:
            yield from self._items
            return
        for place, item in zip(self._places, self._items, strict=True):
            yield read(item, place)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LazyList | list | tuple):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"

    def _repr_html_(self) -> str:
        """Return a table of the first rows for notebooks."""
        from ._frameworks import rows_table

        return rows_table(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from ._frameworks import rows_schema

        return rows_schema(cls, source, handler)

    def __copy__(self) -> LazyList[T_co]:
        return self[:]

    def __deepcopy__(self, memo: dict[int, Any]) -> LazyList[T_co]:
        # The bytes of a response never change, and each row made of them is new.
        return LazyList(deepcopy(self._items, memo)) if self._read is None else self[:]

    def __reduce__(self) -> tuple[Any, ...]:
        return LazyList, (self.to_list(),)

    def to_list(self) -> list[T_co]:
        """Return all rows as models, in half the time of `list(rows)`.

        Python's garbage collector is paused meanwhile: none of the new models is garbage, and searching them repeatedly
        takes as long as making them. A loop that keeps no model is as fast.
        """
        with collector_paused:
            return list(self) if self._read is None else self._read.all(self._items, self._places)

    @property
    def source(self) -> DecodeRow | None:
        """The decoder of a response's rows; None for given rows."""
        return self._read

    def _undecoded(self) -> Iterator[tuple[int, Any]]:
        """Return the rows as they came, with their places."""
        return zip(self._places, self._items, strict=True)

    def filter(self, **values: object) -> LazyList[T_co]:
        """Return the rows with these values, by the fields' Python names.

        Reads only those fields of each row.

        Raises:
            TypeError: The rows have no such field.
        """
        wanted = tuple(values.values())
        matching = list(map(eq, self._values(list(values)), repeat(wanted)))
        return self._some(list(compress(self._items, matching)), list(compress(self._places, matching)))

    def _positions(self, field: str) -> dict[str, int]:
        """Return the index of the first row for each text in a field. Reads only that field of each row.

        Raises:
            TypeError: The rows have no such field.
        """
        found: dict[str, int] = {}
        for index, (value,) in enumerate(self._values([field])):
            if isinstance(value, str):
                found.setdefault(value, index)
        return found

    def count_by(self, field: str) -> Counter[Any]:
        """Count the rows with each value of a field, by its Python name. Reads only that field of each row.

        Raises:
            TypeError: The rows have no such field.
        """
        return Counter(value if isinstance(value, str | int | float) else None for (value,) in self._values([field]))

    def columns(self, *names: str) -> dict[str, list[Any]]:
        """Return one list of values per field, for `pandas.DataFrame`, `polars.DataFrame` or `pyarrow.table`.

        No models are made, no deviations reported. A value is as in the JSON of its row; None where it is absent.

        Args:
            names: Wire names of fields, such as `jobId`; `a.b` for a field of a field. By default all documented ones.

        Raises:
            TypeError: The rows have no such field.
        """
        known = list(self._fields.values())
        if self._read is None:
            known = list(dict.fromkeys(name for row in self._items for name in _wire_names(row)))
        names = names or tuple(known)
        paths = [tuple(name.split(".")) for name in names]
        heads = tuple(dict.fromkeys(path[0] for path in paths))
        if (known or self._read is not None) and (unknown := [name for name in heads if name not in known]):
            raise TypeError(f"a field of the rows must be one of {', '.join(known)}, got {unknown[0]!r}")
        with collector_paused:
            values = dict(zip(heads, zip(*self._members(heads), strict=True), strict=True)) if self._items else {}
            return {
                name: [_inner(value, path[1:]) for value in values.get(path[0], ())]
                if path[1:]
                else list(values.get(path[0], ()))
                for name, path in zip(names, paths, strict=True)
            }

    def _members(self, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """Yield the values of these wire names in the JSON of each row."""
        if self._read is None:
            for row in self._items:
                data = row.to_dict() if hasattr(row, "to_dict") else row
                yield _taken(data, names)
            return
        decode_all, decode = _parts_decoder(names), _part_decoder(names)
        for start in range(0, len(self._items), _CHUNK):
            chunk = self._items[start : start + _CHUNK]
            try:
                yield from map(astuple, decode_all(b"[%b]" % b",".join(chunk)))
            except (msgspec.MsgspecError, RecursionError):
                for item in chunk:
                    try:
                        yield astuple(decode(item))
                    except (msgspec.MsgspecError, RecursionError):
                        # It is not an object, or contains a value that msgspec does not read.
                        yield _taken(parse(bytes(item)), names)

    def _values(self, names: list[str]) -> Iterator[tuple[Any, ...]]:
        if self._read is None:
            known = {field.name for row in self._items if attrs.has(type(row)) for field in attrs.fields(type(row))}
            known.discard("additional_properties")
            if unknown := [name for name in names if name.startswith("_") or (known and name not in known)]:
                raise TypeError(f"a field of the rows must be an attribute of their models, got {unknown[0]!r}")
            return (tuple(getattr(row, name, None) for name in names) for row in self._items)
        if unknown := [name for name in names if name not in self._fields]:
            raise TypeError(f"a field of the rows must be one of {', '.join(self._fields)}, got {unknown[0]!r}")
        decode = _part_decoder(tuple(self._fields[name] for name in names))
        try:
            return iter([astuple(decode(item)) for item in self._items])
        except (msgspec.MsgspecError, RecursionError):
            return self._decoded(decode, names)

    def _decoded(self, decode: Callable[[Any], Any], names: list[str]) -> Iterator[tuple[Any, ...]]:
        for place, item in zip(self._places, self._items, strict=True):
            try:
                yield astuple(decode(item))
            except (msgspec.MsgspecError, RecursionError):
                # It is not an object, or contains a value that msgspec does not read.
                row = self._made(item, place)
                yield tuple(getattr(row, name, None) for name in names)

    def _made(self, item: Any, place: int) -> Any:
        return item if self._read is None else self._read(item, place)

    def _some(self, items: list[Any], places: Sequence[int]) -> LazyList[T_co]:
        rows: LazyList[T_co] = LazyList.__new__(LazyList)
        rows._items, rows._places, rows._read, rows._fields = items, places, self._read, self._fields
        return rows


def check_rows(rows: LazyList[Any]) -> list[Deviation]:
    """Return the deviations of rows that a response holds. Each is read, and none is kept."""
    source = rows.source
    return [] if source is None else [found for place, raw in rows._undecoded() for found in source.check(raw, place)]
