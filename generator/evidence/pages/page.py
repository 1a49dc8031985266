"""A page of a vendor: its tables, the text between them, and the words of its headings, types and flags."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs


@attrs.frozen
class Block:
    """A paragraph, a heading, an item of a list, or an example."""

    section: str
    """The nearest heading before it, or its line."""
    text: str
    """Each line break is one on the page as it is shown."""


@attrs.frozen
class Table:
    """A table: headings, and rows of as many cells."""

    place: str
    """The number of the table on the page, or the line on which it begins."""
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    """The text before it, cut to a line."""


Part = Block | Table


def with_captions(parts: Sequence[Part]) -> list[Part]:
    """Return the parts, with the caption of each table."""
    found: list[Part] = []
    before = ""
    for part in parts:
        if isinstance(part, Table):
            found.append(attrs.evolve(part, caption=before))
        else:
            before = " ".join(part.text.split())[:_LONGEST_CAPTION]
            found.append(part)
    return found


_LONGEST_CAPTION = 200

MOST_COLUMNS = 20
"""Columns of the widest table that is compared."""

_CODE_MARKS = re.compile(r"``?|’’|‘‘")


def cleaned(text: str) -> str:
    """Return text without needless spaces; literals have one kind of quotes."""
    lines = (" ".join(line.split()) for line in _CODE_MARKS.sub('"', text).replace("\xa0", " ").splitlines())
    return re.sub(r"^([-*•·–])\n", r"\1 ", "\n".join(line for line in lines if line), flags=re.MULTILINE)


NAME_HEADINGS = {
    *("parameter", "parameters", "name", "field", "attribute", "参数", "参数名", "名称", "字段", "參數"),
    *("paramètre", "parámetro", "parametro", "parâmetro", "параметр", "パラメータ", "パラメーター", "매개변수"),
}
FLAG_HEADINGS = {
    *("mandatory", "required", "mandatory or not", "是否必选", "是否必须", "必选", "必填", "是否必填", "是否必選"),
    *("pflicht", "erforderlich", "obligatorisch", "obligatoire", "obligatorio", "obligatório", "обязательный"),
    *("必須", "필수"),
}
TYPE_HEADINGS = {
    *("type", "parameter type", "data type", "类型", "参数类型", "数据类型", "typ", "datentyp", "parametertyp", "tipo"),
    *("тип", "類型", "型", "データ型", "タイプ", "유형"),
}
TEXT_HEADINGS = {
    *("description", "meaning", "remarks", "描述", "说明", "参数说明", "含义", "beschreibung", "descripción"),
    *("descrizione", "descrição", "описание", "説明", "설명"),
}
STATUS_HEADINGS = {"status code", "return value", "code", "状态码", "返回值", "statuscode", "编码"}

_YES = {
    *("yes", "y", "true", "required", "mandatory", "m", "是", "必选", "必填", "必须", "ja", "oui", "sí", "si", "sì"),
    *("sim", "да", "はい", "必須", "예", "tak", "evet"),
}
_NO = {
    *("no", "n", "false", "optional", "o", "否", "可选", "非必填", "不必选", "nein", "non", "não", "нет"),
    *("いいえ", "任意", "아니요", "nie", "hayır"),
}

_SAME_TYPE = {"int": "integer", "bool": "boolean", "str": "string", "dict": "object"}
_SAME_TYPE |= dict.fromkeys(("double", "float"), "number")
_SCALAR = re.compile(
    r"string|integer|int|int32|int64|long|boolean|bool|number|float|double|object|array|list|map|dict|str|timestamp|date"
    r"|datetime|null|any|json|enum|byte|bytes|file|uuid|url"
)
_ARRAY = re.compile(r"(?:array|list)\s*(?:of\s+(?P<of>.+?)|<\s*(?P<angle>.+?)\s*>|\[\s*(?P<square>.+?)\s*\])")
_ITEMS = re.compile(r"(?P<item>.+?)\s*\[\s*\]")
_MAP = re.compile(r"map\s*(?:<\s*(?P<key>[^,<>]+?)\s*,\s*(?P<value>.+?)\s*>|\[\s*(?P<index>[^\]]+?)\s*\]\s*(?P<of>.+))")
_OBJECT = re.compile(r"(?P<name>[\w.-]+)\s+objects?")

_LONGEST_TYPE = 200


def flag(word: str) -> bool | None:
    """Return whether a word means mandatory; None for a word that means neither mandatory nor optional."""
    plain = word.strip().casefold().rstrip(".")
    return True if plain in _YES else False if plain in _NO else None


def plain_type(word: str) -> str | None:
    """Return a type in one spelling: `Array of Task objects` and `Array<Task>` are equal. None for an unknown word."""
    if len(word) > _LONGEST_TYPE:
        return None
    text = " ".join(word.split()).casefold().strip("\"' .")
    if match := _ARRAY.fullmatch(text):
        item = match["of"] or match["angle"] or match["square"]
        return f"array<{_item(item)}>"
    if match := _ITEMS.fullmatch(text):
        return f"array<{_item(match['item'])}>"
    if match := _MAP.fullmatch(text):
        key, value = match["key"] or match["index"], match["value"] or match["of"]
        return f"map<{plain_type(key) or key},{plain_type(value) or value}>"
    if match := _OBJECT.fullmatch(text):
        return match["name"] if match["name"] != "object" else "object"
    return _SAME_TYPE.get(text, text) if _SCALAR.fullmatch(text) else None


def _item(word: str) -> str:
    """Return the item type of a list; `Task objects`, `Task` and, of scalars, a plural are the same."""
    word = re.sub(r"\s+objects?\Z", "", word)
    singular = word.removesuffix("s")
    return plain_type(word) or plain_type(singular) or word


def is_status(cell: str) -> str | None:
    """Return the status that a cell is about, as `400 Bad Request` is about 400."""
    match = re.fullmatch(r"([1-5][0-9]{2})(?:\s+[^\W\d][^\n]*)?", cell.strip("\"' "))
    return match[1] if match else None
