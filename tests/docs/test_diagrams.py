"""The diagrams of the site, and their text alternatives, agree with documents, figures and client."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import attrs
import pytest

from cloudjobs.testing import Replay
from generator.docs import SiteContext
from generator.docs.context import figures_file
from generator.docs.diagrams import BAD, DIAGRAMS, GOOD, WIDTH, Drawing, diagram, pauses
from generator.docs.escaping import plain
from generator.docs.macros import copy_measurements, other_tools, renderers, scoreboard
from generator.errors import ValidationError
from tests.reference import REFERENCE

SERVICES = list(REFERENCE)
SVG = "{http://www.w3.org/2000/svg}"
WORDS = [*([name] for name in DIAGRAMS if name != "states"), *(["states", name] for name in SERVICES)]


def drawn(context: SiteContext, name: str, *words: str) -> Drawing:
    (drawing,) = DIAGRAMS[name](context, *words)
    return drawing


def texts(drawing: Drawing) -> list[str]:
    return [str(each.text) for each in ElementTree.fromstring(drawing.svg()).iter(f"{SVG}text")]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_diagram_svg_is_standalone_and_described(context: SiteContext, words: list[str]) -> None:
    markdown = diagram(context, words)
    assert markdown == diagram(context, words)
    assert "\n" not in markdown
    for drawing in DIAGRAMS[words[0]](context, *words[1:]):
        assert drawing.description in plain(markdown)
        figure = ElementTree.fromstring(drawing.svg())
        svg = figure[0]
        assert svg.tag == f"{SVG}svg"
        assert [each.tag for each in svg[:2]] == [f"{SVG}title", f"{SVG}desc"]
        assert svg.attrib["aria-labelledby"].split() == [each.attrib["id"] for each in svg[:2]]
        # Nothing comes from elsewhere, and text has the colour of the page.
        assert re.findall(r"https?://[^\"]*", drawing.svg()) == ["http://www.w3.org/2000/svg"]
        assert not re.search(r"\b(href|src|url)\b", drawing.svg())
        assert {each.attrib["fill"] for each in svg.iter(f"{SVG}text")} == {"currentColor"}


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_diagram_text_stays_inside_the_image(context: SiteContext, words: list[str]) -> None:
    for drawing in DIAGRAMS[words[0]](context, *words[1:]):
        for each in ElementTree.fromstring(drawing.svg()).iter(f"{SVG}text"):
            share = 0.62 if "font-family" in each.attrib else 0.52
            width = share * float(each.attrib["font-size"]) * len(str(each.text))
            left = float(each.attrib["x"]) - {"middle": width / 2, "end": width}.get(each.get("text-anchor", ""), 0)
            assert left > -8, each.text
            assert left + width < WIDTH + 8, each.text


@pytest.mark.parametrize("name", SERVICES)
def test_states_diagram_shows_each_word_with_its_state(context: SiteContext, name: str) -> None:
    drawing = drawn(context, "states", name)
    shown = texts(drawing)
    (bundled,) = (each for each in context.services if each.name == name)
    schemas = bundled.document["components"]["schemas"].values()
    for state in (schema["x-job"]["state"] for schema in schemas if "x-job" in schema):
        for kind, words in state.items():
            if kind != "field":
                assert f"{', '.join(words)} ({kind})" in drawing.description
                assert shown[shown.index(kind) :][1 : 1 + len(words)] == words
        assert state["field"] in shown
        in_progress, final = drawing.description.split(" It is final with ")
        for kind in ("pending", "running"):
            assert f"({kind})" in in_progress
        assert "(succeeded)" in final


def test_states_diagram_unmapped_word_is_never_final(context: SiteContext) -> None:
    name = SERVICES[0]
    (bundled,) = (each for each in context.services if each.name == name)
    text = json.dumps(bundled.document)
    word = next(
        words[0]
        for schema in bundled.document["components"]["schemas"].values()
        for words in [schema.get("x-job", {}).get("state", {}).get("running")]
        if words
    )
    # The list of known values keeps it, and no state has it any more.
    less = json.loads(re.sub(rf'"running": \["{word}"', '"running": ["another"', text))
    changed = attrs.evolve(context, services=[attrs.evolve(bundled, document=less)])
    assert f"anything else, such as {word}: not final" in texts(drawn(changed, "states", name))


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_schedule_diagram_delays_equal_those_of_a_wait(
    context: SiteContext, chance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = pauses(context, chance)
    with Replay() as replay:
        monkeypatch.setattr(replay.clock, "random", lambda: chance)
        service = replay.services[0]
        job = replay.add_job(service, polls=len(expected))
        replay.client(service).wait_for_job(job.id)
        moments = [asked.at for asked in replay.requests]
    assert [later - sooner for sooner, later in pairwise(moments)][: len(expected)] == (pytest.approx(expected))


def test_benchmark_diagram_bar_length_follows_ratio(tmp_path: Path) -> None:
    rows = [
        {"workload": "twice", "peer": "a", "ratio": 4.0, "target": ">= 2", "met": True},
        {"workload": "twice as well", "peer": "b", "ratio": 0.25, "target": "<= 0.5", "met": True},
        {"workload": "not met", "peer": "c", "ratio": 2.0, "target": "<= 1.5", "met": False},
    ]
    figures_file(tmp_path, "bench").parent.mkdir(parents=True)
    figures_file(tmp_path, "bench").write_text(json.dumps({"measured": "here", "rows": rows}))
    drawing = drawn(SiteContext(tmp_path, []), "benchmark")
    bars = list(ElementTree.fromstring(drawing.svg()).iter(f"{SVG}rect"))
    twice, as_well, not_met = (float(each.attrib["width"]) for each in bars)
    assert [each.attrib["fill"] for each in bars] == [GOOD, GOOD, BAD]
    assert twice == as_well > not_met
    assert "2 of 3 targets met. here" in drawing.title
    assert "2, target at most 1.5" in texts(drawing)


def test_mutation_diagram_shows_score_beside_recordings(tmp_path: Path) -> None:
    services = [{"service": "any", "mutants": 200, "noticed": 150, "score": 0.75, "score_recordings": 0.25}]
    figures_file(tmp_path, "mutation").parent.mkdir(parents=True)
    figures_file(tmp_path, "mutation").write_text(json.dumps({"measured": "here", "services": services}))
    drawing = drawn(SiteContext(tmp_path, []), "mutation")
    *_, all_of_it, alone = (each for each in ElementTree.fromstring(drawing.svg()).iter(f"{SVG}rect"))
    assert float(all_of_it.attrib["width"]) == pytest.approx(3 * float(alone.attrib["width"]), rel=0.01)
    assert "any: 150 of 200 (75.0 %), by recordings alone 25.0 %." in drawing.description


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no-such-picture"], "got 'no-such-picture'"),
        (["states", "no-such-service"], "got no-such-service"),
        (["states"], "got no service"),
        (["schedule", "of", "what"], "without further words, got of what"),
        (["benchmark"], "bench.json cannot be read"),
    ],
)
def test_diagram_that_cannot_be_drawn_raises_lookup_error(tmp_path: Path, words: list[str], said: str) -> None:
    with pytest.raises(LookupError, match=said):
        diagram(SiteContext(tmp_path, []), words)


def test_copy_measurements_keeps_figures_unchanged(tmp_path: Path) -> None:
    rows = [{"workload": "w", "peer": "p", "ratio": 1.5, "target": ">= 1", "met": True}]
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "bench.json").write_text(json.dumps({"rows": rows}))
    ((path, data),) = copy_measurements(tmp_path).items()
    assert path == figures_file(tmp_path, "bench")
    assert data["rows"] == rows
    assert "cores" in data["measured"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "must have bench.json or lighthouse.json or mutation.json or scoreboard.json or tools.json, got none"),
        ("no JSON", "cannot be read"),
        ('{"rows": []}', "must match its schema: "),
        ('{"rows": [{"workload": "w", "peer": "p", "ratio": 0, "target": ">= 1", "met": true}]}', "at /rows/0/ratio"),
    ],
)
def test_copy_measurements_invalid_figures_are_rejected(tmp_path: Path, text: str | None, said: str) -> None:
    (tmp_path / "build").mkdir()
    if text is not None:
        (tmp_path / "build" / "bench.json").write_text(text)
    with pytest.raises(ValidationError, match=said):
        copy_measurements(tmp_path)


def test_drawing_markup_in_text_is_escaped() -> None:
    said = '<script src="x">&amp;'
    drawing = Drawing("any", said, said)
    drawing.text(0, 10, said)
    figure = ElementTree.fromstring(drawing.svg())
    assert [each.text for each in figure.iter() if each.text] == [said] * 4
    assert not list(figure.iter(f"{SVG}script"))


def test_scoreboard_shows_what_each_tool_missed(tmp_path: Path) -> None:
    tools = {
        "ours": {"version": "1", "missed": [], "false_alarms": []},
        "theirs": {"version": "2", "missed": ["any--bad-value"], "false_alarms": ["any--sound"]},
    }
    figures_file(tmp_path, "scoreboard").parent.mkdir(parents=True)
    figures_file(tmp_path, "scoreboard").write_text(
        json.dumps({"faults": ["any--bad-value", "any--new-value"], "sound": ["any--sound"], "tools": tools})
    )
    shown = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in scoreboard(SiteContext(tmp_path, [])).splitlines()
    ]
    assert ["bad value", "found", "missed"] in shown
    assert ["new value", "found", "found"] in shown
    assert ["**of 2**", "**2**", "**1**"] in shown
    assert ["false alarms, of 1 sound ones", "0", "1"] in shown


def test_other_tools_shows_each_group_with_foreign_text_escaped(tmp_path: Path) -> None:
    row = {"version": "1", "checks": "it reads", "before": "1 of 4", "after": "4 of 4", "fault": "tool: <b>"}
    data = {"measured": "here", "rows": [{**row, "group": group, "tool": tool} for group, tool in ("Ax", "By", "Az")]}
    figures_file(tmp_path, "tools").parent.mkdir(parents=True)
    figures_file(tmp_path, "tools").write_text(json.dumps(data))
    shown = other_tools(SiteContext(tmp_path, []))
    assert [line for line in shown.splitlines() if line.startswith("###")] == ["### A", "### B"]
    assert shown.index("| x 1 | it reads | 1 of 4 | 4 of 4 |") < shown.index("| z 1 |") < shown.index("### B")
    assert "<b>" not in shown


def test_renderers_table_has_time_and_memory_of_each_page(tmp_path: Path) -> None:
    row = {"page": "theirs", "version": "2", "first_text_ms": 1353, "complete_ms": 2000, "blocked_ms": 0}
    row |= {"bytes": 113_150, "memory": 42_795_008, "performance": 70, "accessibility": 99}
    figures_file(tmp_path, "lighthouse").parent.mkdir(parents=True)
    figures_file(tmp_path, "lighthouse").write_text(json.dumps({"rows": [row]}))
    cells = [cell.strip() for cell in renderers(SiteContext(tmp_path, [])).splitlines()[-1].strip("| ").split("|")]
    assert cells == ["theirs 2", "1 353", "2 000", "0", "113", "43", "70", "99"]
