# Generated from generator/client/runtime/_decoding.py. Do not edit: change that, and run `make generate`.
"""Decoding of 2xx bodies: fast where the body keeps the contract, tolerant where it deviates.

Both ways give the same model; the tolerant one also says every deviation.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from functools import cache
from typing import Any

import attrs
import msgspec

from ._fast_decoder import StructFactory, UnsupportedSchema
from ._json import JSONDecodeError, parse
from ._models import Model, row_fields, wire_names
from ._rows import LazyList, check_rows, collector_paused
from ._validation import Deviation, DeviationReporter, FlatSchema, Location, deviations, schemas_of
from .errors import InvalidResponseError

_REFUSALS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes it does not take. Whether they can be read at all, the tolerant way decides."""


_LARGE = 100_000
"""Bytes, above which a reply makes enough models for the garbage collector to matter."""


@attrs.frozen
class Decoded:
    """What became of some bytes."""

    value: Any
    """The model; where the bytes are no object, their value."""
    deviations: list[Deviation]


class ResponseDecoder:
    """Reads JSON of one schema into models of one class."""

    def __init__(self, node: FlatSchema, model: type[Model]) -> None:
        self.node = node
        self.model = model
        self.attributes = wire_names(model)
        self.make: Callable[[bytes | msgspec.Raw], Any] = _refuse
        """The fast way: the model of what keeps the contract. Raises one of `_REFUSALS` for anything else."""
        package = _package(model)
        self._rows = {wire: decoder_of(package, _row_node(node, wire)) for wire in row_fields(model)}
        # msgspec raises the latter two for types it does not take; Python the last for more loops than it takes.
        with suppress(UnsupportedSchema, TypeError, NotImplementedError, SyntaxError):
            self.make = _types(package).decoder(node, rows=bool(self._rows))

    def read(self, content: bytes, reporter: DeviationReporter) -> Any:
        """Read a whole body. Deviations go to the reporter; those of rows when they are touched.

        Raises:
            Unreadable: The bytes are no JSON.
        """
        if self._rows and not content.isascii():
            # Rows are left undecoded, and must not turn out to be unreadable later.
            _must_be_utf8(content)
        with collector_paused if len(content) > _LARGE else nullcontext():
            try:
                read = Decoded(self.make(content), [])
            except _REFUSALS:
                read = self.tolerant(content)
        if isinstance(read.value, Model):
            for wire, rows in self._rows.items():
                attribute = self.attributes[wire]
                raws = getattr(read.value, attribute)
                if isinstance(raws, list):
                    source = RowDecoder(rows, Location().field(wire), reporter)
                    fields = {name: wire for wire, name in rows.attributes.items()}
                    setattr(read.value, attribute, LazyList.of_bytes(raws, source, fields))
        reporter.report(read.deviations)
        return read.value

    def tolerant(self, content: bytes, at: Location = Location()) -> Decoded:  # noqa: B008 - immutable
        """Read anything. Raises `JSONDecodeError` where it is no JSON."""
        try:
            return self._tolerant(content, at)
        except RecursionError:
            raise JSONDecodeError("it is nested too deep") from None

    def _tolerant(self, content: bytes, at: Location) -> Decoded:
        rows, data = self._apart(content)
        # Rows stay undecoded, and are no deviation of the object around them.
        shown = {**data, **{wire: [] for wire in rows}} if rows else data
        found = list(deviations(self.node, shown, at))
        if not isinstance(data, dict):
            return Decoded(data, found)
        model = self.model.from_dict(data)
        for wire, raws in rows.items():
            setattr(model, self.attributes[wire], raws)
        return Decoded(model, found)

    def _apart(self, content: bytes) -> tuple[dict[str, list[msgspec.Raw]], Any]:
        """The lists of rows, undecoded, and the data without them."""
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
    """Makes the rows of one list of one reply, and reports the deviations of each row once."""

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
        """Make many rows, without a call of Python's for each that only calls another."""
        make = self._make
        models = []
        for raw, place in zip(raws, places, strict=True):
            try:
                models.append(make(raw))
            except _REFUSALS:
                models.append(self._tolerantly(raw, place).value)
        return models

    def check(self, raw: msgspec.Raw, place: int) -> list[Deviation]:
        """The deviations of a row, reported if they were not yet."""
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
                f"{self._reporter.service}.{self._reporter.operation}: row {place} cannot be read: {error}",
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
    attributes = wire_names(type(model))
    for wire in row_fields(type(model)):
        value = getattr(model, attributes[wire])
        if isinstance(value, LazyList):
            check_rows(value)


@cache
def response_decoder(model: Any, operation_id: str) -> ResponseDecoder:
    """The reader of an operation's successful replies."""
    package = _package(model)
    return decoder_of(package, schemas_of(package).response(operation_id))


@cache
def decoder_of(package: str, node: FlatSchema) -> ResponseDecoder:
    """The reader of a schema, made at first use."""
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
        raise JSONDecodeError(f"it is not UTF-8 at byte {error.start}") from None


def _refuse(content: bytes | msgspec.Raw) -> Any:
    raise msgspec.ValidationError("there is no fast way to read this schema")
