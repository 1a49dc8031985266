"""Pages in the forms that vendors publish, made from the facts of the evidence, in all formats and some languages."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from itertools import groupby
from typing import Any

import attrs

from generator.documents import Service
from generator.evidence.pages import fingerprints
from tests.generator.edits import put, with_evidence

Row = dict[str, Any]
"""A row of the evidence."""


@attrs.define
class PageTable:
    """A table of a page, with the rows of the evidence that it states."""

    caption: str
    rows: list[Row]
    number: int = 0

    @property
    def columns(self) -> list[str]:
        """The columns that the table has."""
        if any(row["kind"] == "status" for row in self.rows):
            return ["status", "text"]
        has_flags = any("mandatory" in row for row in self.rows)
        has_types = any("type" in row for row in self.rows)
        return ["name", *(["flag"] if has_flags else []), *(["type"] if has_types else []), "text"]


@attrs.frozen
class Language:
    """The words of a page."""

    headings: dict[str, str]
    flags: dict[bool, str]
    table: str
    words: str
    """The first words of every description."""
    listed: Sequence[Callable[[list[str]], str]]
    """Ways to name the values of a list."""
    fixed: str
    example: str
    default: str
    range: str
    maximum: str


def _explained(values: list[str], aside: str) -> list[str]:
    return [f"{value} {aside}" for value in values]


ENGLISH = Language(
    headings={"name": "Parameter", "flag": "Mandatory", "type": "Type", "text": "Description", "status": "Status Code"},
    flags={True: "Yes", False: "No"},
    table="Table",
    words="Words about this, e.g. for ID or JSON.",
    listed=(
        lambda values: (
            f"Sort, including {', '.join(_explained(values[:-1], '(of this)'))}, and {values[-1]} (of that)."
        ),
        lambda values: (
            "The options are as follows:\n" + "\n".join(f'• Const{value} Const = "{value}"' for value in values)
        ),
        lambda values: f"The value is {' and '.join(f'{value} for a case' for value in values)}.",
        lambda values: f"Options: {', '.join(values)}.",
        lambda values: "Possible values:\n" + "\n".join(f'• "{value}": words about it' for value in values),
    ),
    fixed="The value is fixed at {} and cannot be changed.",
    example="Its meaning, for example, {}.",
    default="Default: {}",
    range="The value range is [{}, {}].",
    maximum="Maximum: {}",
)
CHINESE = Language(
    headings={"name": "参数", "flag": "是否必选", "type": "参数类型", "text": "描述", "status": "状态码"},
    flags={True: "是", False: "否"},
    table="表",
    words="这是说明，用于ID。",
    listed=(
        lambda values: f"取值包括：{'、'.join(f'{value}（说明）' for value in values)}。",
        lambda values: "取值如下：\n" + "\n".join(f'• Const{value} Const = "{value}"' for value in values),
        lambda values: f"取值为{'、'.join(values[:-1])}和{values[-1]}。" if len(values) > 1 else f"取值为{values[0]}。",
    ),
    fixed="固定值“{}”，该值不可修改。",
    example="类型，例如{}。",
    default="默认值为{}。",
    range="取值范围：{}~{}。",
    maximum="最大值：{}",
)
GERMAN = Language(
    headings={"name": "Parameter", "flag": "Pflicht", "type": "Typ", "text": "Beschreibung", "status": "Statuscode"},
    flags={True: "Ja", False: "Nein"},
    table="Tabelle",
    words="Worte dazu, auch zu ID und JSON.",
    listed=(
        lambda values: (
            f"Zulässig: {', '.join(values[:-1])} und {values[-1]}." if len(values) > 1 else f"Nur {values[0]}."
        ),
        lambda values: "Zulässig:\n" + "\n".join(f"• „{value}“ (Worte)" for value in values),
    ),
    fixed="Der Wert ist immer „{}“.",
    example="Was es ist, zum Beispiel {}.",
    default="Der Standardwert ist {}.",
    range="Zulässig ist [{}, {}].",
    maximum="Maximal: {}",
)
LANGUAGES = {"English": ENGLISH, "Chinese": CHINESE, "German": GERMAN}


def tables_of(service: Service) -> list[PageTable]:
    """Return the tables of a service's page, as the evidence has them."""
    rows = [row for row in service.evidence.data["rows"] if row["kind"] not in ("operation", "server")]
    return [
        PageTable(place, deepcopy(list(group)), number)
        for number, (place, group) in enumerate(groupby(rows, key=lambda row: str(row["section"])), 1)
    ]


def read_from(service: Service, text: str) -> Service:
    """Return the service with the fingerprints of this page in its evidence."""
    return with_evidence(service, put("/page/fingerprints", fingerprints(service, text)))


def page(
    service: Service,
    tables: Sequence[PageTable],
    form: str,
    language: Language,
    paragraphs: Sequence[str] = (),
    example: Any = None,
) -> str:
    """Return the text of a page with these tables, paragraphs and example."""
    outside = [row["name"] for row in service.evidence.data["rows"] if row["kind"] in ("operation", "server")]
    parts = ["A page", *outside]
    for table in tables:
        cells = [[_cell(row, column, language) for column in table.columns] for row in table.rows]
        headings = [language.headings[column] for column in table.columns]
        parts += [language.words, FORMS[form](f"{language.table} {table.number} {table.caption}", headings, cells)]
    parts += [language.words, '{\n    "kind": "Job",\n    "code": 200\n}', language.words]
    if "HTML" in form:
        parts = [part if part.startswith("<") else f"<p>{html.escape(part, quote=False)}</p>" for part in parts]
        paragraphs = [f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs]
    parts += paragraphs
    if example is not None:
        parts.append(_example(json.dumps(example, indent=2, ensure_ascii=False), form))
    return "\n\n".join(parts) + "\n"


def _example(text: str, form: str) -> str:
    if "HTML" in form:
        return f'<pre class="screen">{html.escape(text, quote=False)}</pre>'
    if form.startswith("RST"):
        return ".. code-block:: json\n\n" + "\n".join(f"   {line}" for line in text.splitlines())
    return f"```json\n{text}\n```" if form == "Markdown" else text


def _cell(row: Row, column: str, language: Language) -> str:
    if column in ("name", "status"):
        return str(row["name"])
    if column == "flag":
        return language.flags[row["mandatory"]] if "mandatory" in row else ""
    if column == "type":
        return str(row.get("type", ""))
    return "\n".join(_sentences(row, language))


def _sentences(row: Row, language: Language) -> Iterator[str]:
    yield language.words
    values = [str(value) for value in row.get("values", [])]
    if len(values) == 1:
        yield (language.example if row.get("open") else language.fixed).format(values[0])
    elif values:
        yield language.listed[row.get("listed", len(row["name"])) % len(language.listed)](values)
    if row.get("sentence"):
        yield row["sentence"]
    if "default" in row:
        yield language.default.format(row["default"])
    if "minimum" in row:
        yield language.range.format(row["minimum"], row["maximum"])
    elif "maximum" in row:
        yield language.maximum.format(row["maximum"])


def _cells_with_pipes(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    lines = [f"{heading} |" for heading in headings] + ["|".join(["---"] * len(headings)) + "|"]
    return "\n".join([*lines, *(f"{cell} |" for row in rows for cell in row)])


def _cells_on_lines(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    cells = [cell for row in rows for cell in row if cell]
    return "\n\n".join([caption, "<br>", *headings, *("\n\n".join(cell.splitlines()) for cell in cells)])


def _markdown(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells) + " |"

    marked = [[f"**{row[0]}**", *row[1:]] for row in rows]
    return "\n".join([f"**{caption}**", "", line(headings), line([":---"] * len(headings)), *map(line, marked)])


def _html(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    def cells(tag: str, texts: list[str]) -> str:
        inner = "".join(f"<{tag}><p>{html.escape(text).replace(chr(10), '</p><p>')}</p></{tag}>\n" for text in texts)
        return f"<tr>{inner}</tr>"

    return "\n".join(
        [
            "<table><thead>",
            cells("th", headings),
            "</thead><tbody>",
            *(cells("td", row) for row in rows),
            "</tbody></table>",
        ]
    )


def _support_html(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    """Return a table in the HTML of a vendor's help centre: attributes, nested elements, links."""

    def cells(tag: str, texts: list[str]) -> str:
        return "".join(
            f'<{tag} align="left" class="cellrowborder" valign="top" headers="mcps1.3.{number}"><p id="p{number}">'
            f"{html.escape(text).replace(chr(10), '</p><p>')}</p></{tag}>"
            for number, text in enumerate(texts)
        )

    head = f'<thead align="left"><tr id="r0">{cells("th", headings)}</tr></thead>'
    body = "".join(f'<tr id="r{number}">{cells("td", row)}</tr>' for number, row in enumerate(rows, 1))
    return (
        f'<div class="tablenoborder"><a name="t"></a><table frame="border"><caption><b>{caption}</b></caption>'
        f"<colgroup><col width='20%'><col></colgroup>{head}<tbody>{body}</tbody></table></div>"
    )


def _tabs(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    return "\n".join([caption, *("\t".join(cell.replace("\n", " ") for cell in row) for row in [headings, *rows])])


def _widths(headings: list[str], rows: list[list[str]]) -> list[int]:
    return [
        max(len(line) for row in [headings, *rows] for line in [*row[index].splitlines(), ""]) + 4
        for index in range(len(headings))
    ]


def _grid(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    widths = _widths(headings, rows)

    def rule(mark: str) -> str:
        return "   +" + "+".join(mark * (width + 2) for width in widths) + "+"

    def drawn(row: list[str]) -> list[str]:
        height = max(len(cell.splitlines()) for cell in row)
        lines = [[*cell.splitlines(), *[""] * height][:height] for cell in row]
        return [
            "   | " + " | ".join(part.ljust(width) for part, width in zip(parts, widths, strict=True)) + " |"
            for parts in zip(*lines, strict=True)
        ]

    body = [line for row in rows for line in [*drawn([f"``{row[0]}``", *row[1:]]), rule("-")]]
    return "\n".join([f".. table:: **{caption}**", "", rule("-"), *drawn(headings), rule("="), *body])


def _simple(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    widths = _widths(headings, rows)
    rule = "   " + " ".join("=" * width for width in widths)
    lines = []
    for row in rows:
        first, *more = row[-1].splitlines()
        lines.append(
            "   " + " ".join(cell.ljust(width) for cell, width in zip([*row[:-1], first], widths, strict=True)).rstrip()
        )
        lines += [" " * (3 + sum(widths[:-1]) + len(widths) - 1) + line for line in more]
    heads = "   " + " ".join(cell.ljust(width) for cell, width in zip(headings, widths, strict=True)).rstrip()
    return "\n".join([f".. table:: **{caption}**", "", rule, heads, rule, *lines, rule])


def _list(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    def item(row: list[str]) -> list[str]:
        marks = ["   * - ", *["     - "] * (len(row) - 1)]
        return [(mark + cell.replace("\n", "\n\n       ")).rstrip() for mark, cell in zip(marks, row, strict=True)]

    lines = [line for row in [headings, *rows] for line in item(row)]
    return "\n".join([f".. list-table:: {caption}", "   :header-rows: 1", "", *lines])


FORMS: dict[str, Callable[[str, list[str], list[list[str]]], str]] = {
    "cells with pipes": _cells_with_pipes,
    "cells on lines": _cells_on_lines,
    "Markdown": _markdown,
    "HTML": _html,
    "support HTML": _support_html,
    "tabs": _tabs,
    "RST grid": _grid,
    "RST simple": _simple,
    "RST list": _list,
}
