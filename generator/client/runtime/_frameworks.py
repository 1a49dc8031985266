"""Support for notebooks and pydantic in models, snapshots and rows. Imported on demand.

Models are recognised by their method `__rich_repr__`, because `_models.py` imports this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import islice
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_MOST_ROWS = 20
"""Rows and items that a table shows; the rest are counted."""

_LONGEST = 200
"""Characters of a value that a table shows."""

_DEEPEST = 4
"""Depth of tables in tables; a model below has its repr."""


def snapshot_table(snapshot: Any) -> str:
    """Return a snapshot as HTML: its fields, and a line for each child."""
    fields = {
        "id": snapshot.id,
        "state": str(snapshot.state),
        "progress": None if snapshot.progress is None else f"{int(snapshot.progress * 100)}%",
        "started_at": snapshot.started_at,
        "ended_at": snapshot.ended_at,
        "reason": snapshot.reason,
        "code": snapshot.code,
    }
    known = {name: value for name, value in fields.items() if value is not None}
    rows = [_row([_heading(name), _cell(value)]) for name, value in known.items()]
    if snapshot.children:
        children = [[child.id, str(child.state), child.reason] for child in islice(snapshot.children, _MOST_ROWS)]
        inner = _grid(["id", "state", "reason"], children, len(snapshot.children))
        rows.append(_row([_heading("children"), f"<td>{inner}</td>"]))
    return _table(rows)


def model_table(model: Any, depth: int = 0) -> str:
    """Return a model as HTML: the present fields, nested models as nested tables."""
    rows = [_row([_heading(name), _cell(value, depth)]) for name, value in model.__rich_repr__()]
    return _table(rows) if rows else f"<code>{_text(model)}</code>"


def rows_table(rows: Sequence[Any]) -> str:
    """Return rows as HTML: a column for each field that one of the first rows has."""
    shown = [dict(row.__rich_repr__()) if _is_model(row) else {"": row} for row in rows[:_MOST_ROWS]]
    names = list(dict.fromkeys(name for row in shown for name in row))
    return _grid(names, [[row.get(name) for name in names] for row in shown], len(rows))


def _grid(names: Sequence[str], rows: Iterable[Sequence[Any]], total: int) -> str:
    lines = [_row([_cell(value, _DEEPEST) for value in row]) for row in rows]
    more = f"<p>{total - len(lines):,} more</p>" if total > len(lines) else ""
    return _table([_row([_heading(name) for name in names]), *lines]) + more if lines else "<p>0 rows</p>"


def _table(rows: Iterable[str]) -> str:
    return f"<table>{''.join(rows)}</table>"


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _heading(name: str) -> str:
    return f"<th>{escape(name)}</th>"


def _cell(value: Any, depth: int = 0) -> str:
    if value is None:
        return "<td></td>"
    if _is_model(value) and depth < _DEEPEST:
        return f"<td>{model_table(value, depth + 1)}</td>"
    if isinstance(value, Sequence) and value and not isinstance(value, str) and depth < _DEEPEST:
        items = [_row([_cell(item, depth + 1)]) for item in value[:_MOST_ROWS]]
        more = f"<p>{len(value) - len(items):,} more</p>" if len(value) > len(items) else ""
        return f"<td>{_table(items)}{more}</td>"
    return f"<td>{_text(value)}</td>"


def _is_model(value: object) -> bool:
    return hasattr(value, "__rich_repr__")


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


# Pydantic, and FastAPI with it


def model_schema(cls: Any) -> Any:
    """Return the core schema of a model: it validates instances and JSON objects, and writes `to_dict()`."""
    return _plain_schema(lambda value: value if isinstance(value, cls) else cls.from_dict(_object(value)), _ref(cls))


def model_json_schema(cls: Any, handler: Callable[[Any], Any]) -> Any:
    """Return the JSON Schema of a model, with a definition for it and for each model inside it."""
    return handler(_JsonTypes().of(cls))


def snapshot_schema(cls: Any, source: Any, from_job: Callable[[Any], Any]) -> Any:
    """Return the core schema of a snapshot. Without a model in its type, it validates instances alone."""
    model: Any = next(iter(get_args(source)), None)
    read = getattr(model, "from_dict", None)

    def validate(value: Any) -> Any:
        if isinstance(value, cls):
            if read is not None and not isinstance(value.job, model):
                raise ValueError(f"job must be a {_named(model)}, got {_named(type(value.job))}")
            return value
        if read is None:
            got, name = type(value).__name__, cls.__name__
            raise ValueError(f"must be a {name}, got {got}: annotate {name}[…] with a model to read JSON objects")
        return from_job(read(_object(_object(value).get("job"))))

    model = model if read else None
    return {**_plain_schema(validate, _ref(cls, *filter(None, [model]))), "metadata": {"model": model}}


def snapshot_json_schema(cls: Any, schema: Any, handler: Callable[[Any], Any]) -> Any:
    """Return the JSON Schema of `JobSnapshot.to_dict()`."""
    from pydantic_core import core_schema

    model = schema.get("metadata", {}).get("model")
    text, moment = core_schema.str_schema(), core_schema.datetime_schema()
    child_ref = f"{cls.__module__}.{cls.__name__}Child:{id(cls)}"
    fields = {
        "id": core_schema.nullable_schema(text),
        "state": core_schema.literal_schema([str(state) for state in get_type_hints(cls)["state"]]),
        "progress": core_schema.nullable_schema(core_schema.float_schema(ge=0, le=1)),
        "started_at": core_schema.nullable_schema(moment),
        "ended_at": core_schema.nullable_schema(moment),
        "reason": core_schema.nullable_schema(text),
    }
    field = core_schema.typed_dict_field
    children = field(core_schema.list_schema(core_schema.definition_reference_schema(child_ref)))
    own = {name: field(each) for name, each in fields.items()}
    # Absent without an error code, which few services have.
    own["code"] = field(text, required=False)
    child = core_schema.typed_dict_schema({**own, "children": children}, ref=child_ref)
    job = core_schema.dict_schema(text, core_schema.any_schema()) if model is None else _JsonTypes().of(model)
    whole = {**own, "children": field(core_schema.list_schema(child)), "job": field(job)}
    return handler(core_schema.typed_dict_schema(whole))


def rows_schema(cls: Any, source: Any, handler: Any) -> Any:
    """Return the core schema of lazy rows: it validates them as they are, and lists of models or JSON objects."""
    from pydantic_core import core_schema

    (row,) = get_args(source) or (Any,)
    items = core_schema.list_schema(handler.generate_schema(row))
    write = core_schema.plain_serializer_function_ser_schema(_written_rows)
    read = core_schema.no_info_after_validator_function(cls, items)
    return core_schema.union_schema([core_schema.is_instance_schema(cls), read], serialization=write)


def _written_rows(rows: Iterable[Any]) -> list[Any]:
    return [row.to_dict() if _is_model(row) else row for row in rows]


def _ref(cls: Any, *arguments: Any) -> str:
    """Return the name of a definition, as pydantic makes them: it leaves out the numbers, and the modules if it can."""
    inner = f"[{','.join(map(_ref, arguments))}]" if arguments else ""
    return f"{cls.__module__}.{cls.__qualname__}:{id(cls)}{inner}"


def _plain_schema(validate: Callable[[Any], Any], ref: str) -> Any:
    from pydantic_core import core_schema

    write = core_schema.plain_serializer_function_ser_schema(lambda value: value.to_dict())
    return core_schema.no_info_plain_validator_function(validate, ref=ref, serialization=write)


def _named(model: Any) -> str:
    """Return a model with the service that it is of."""
    return ".".join([*model.__module__.split(".")[-2:-1], model.__qualname__])


def _object(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(f"must be an object, got {type(value).__name__}")
    return value


class _JsonTypes:
    """Describes the JSON of models by the types of their fields, each model once."""

    def __init__(self) -> None:
        self._seen: set[Any] = set()

    def of(self, hint: Any) -> Any:
        """Return the core schema that pydantic turns into a JSON Schema. It is not used for validation."""
        from pydantic_core import core_schema

        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            kinds = [self.of(each) for each in arguments if each is not NoneType]
            whole = kinds[0] if len(kinds) == 1 else core_schema.union_schema(kinds)
            return core_schema.nullable_schema(whole) if NoneType in arguments else whole
        if origin is Literal:
            return core_schema.literal_schema(list(arguments))
        if origin is dict:
            return core_schema.dict_schema(self.of(arguments[0]), self.of(arguments[1]))
        if origin is not None and issubclass(origin, Sequence):
            return core_schema.list_schema(self.of(arguments[0]))
        if _is_model(hint):
            return self._model(hint)
        plain: dict[Any, Any] = {
            str: core_schema.str_schema(),
            int: core_schema.int_schema(),
            float: core_schema.float_schema(),
            bool: core_schema.bool_schema(),
        }
        return plain.get(hint, core_schema.any_schema())

    def _model(self, cls: Any) -> Any:
        from pydantic_core import core_schema

        ref = _ref(cls)
        if cls in self._seen:
            return core_schema.definition_reference_schema(ref)
        self._seen.add(cls)
        # No field is required: a service may omit what its document requires.
        fields = {
            name: core_schema.typed_dict_field(self.of(hint), required=False)
            for name, hint in cls._wire_types().items()
        }
        return core_schema.typed_dict_schema(fields, ref=ref, extra_behavior="allow")
