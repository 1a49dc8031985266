"""Making pages: unknown content stops the build with its file and place, and nothing is written."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs
import pytest

from generator.cli import _parser
from generator.docs import BundledService, Page, SiteContext, assemble, publish
from generator.docs.comparison import comparison_page
from generator.docs.diagrams import states
from generator.docs.escaping import plain
from generator.docs.pages import hand_written, read_navigation
from generator.docs.service_page.page import service_page
from generator.docs.service_page.schemas import tree
from generator.documents.json_pointer import find
from generator.errors import Problem, ValidationError

UNKNOWN = {
    "of the document": "/",
    "of the information": "/info",
    "of a server": "/servers/0",
    "of a variable": "/servers/0/variables/*",
    "of a tag": "/tags/0",
    "of an operation": "/paths/*/*",
    "of a response": "/paths/*/*/responses/404",
    "of a body": "/paths/*/*/responses/200/content/*",
    "of the components": "/components",
    "of a parameter": "/components/parameters/*",
    "of a parameter's schema": "/components/parameters/*/schema",
    "of a component": "/components/schemas/*",
    "of a field": "/components/schemas/*/properties/*",
    "of items": "/components/schemas/*/properties/*/items",
    "of values by name": "/components/schemas/*/properties/*/additionalProperties",
    "of a scheme": "/components/securitySchemes/*",
    "of its method": "/components/securitySchemes/*/x-auth",
    "of how a job is read": "/components/schemas/*/x-job",
    "of its states": "/components/schemas/*/x-job/state",
    "of its times": "/components/schemas/*/x-job/started",
    "of its progress": "/components/schemas/*/x-job/progress",
    "of how an error is read": "/components/schemas/*/x-error",
    "of how a job is asked for": "/paths/*/*/x-poll",
    "of pages": "/paths/*/*/x-pagination",
    "of a promise": "/paths/*/*/responses/200/content/*/schema/allOf/1",
}


def with_promise(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a document with responses that require one more field than their component."""
    copy = deepcopy(document)
    for _, media in find(copy, "/paths/*/*/responses/200/content/*"):
        media["schema"] = {"allOf": [media["schema"], {"required": ["status"]}]}
    return copy


def with_unknown(context: SiteContext, pattern: str) -> tuple[BundledService, str]:
    """Return a service with an unknown keyword, and its pointer."""
    for each in context.services:
        document = with_promise(each.document) if "allOf" in pattern else deepcopy(each.document)
        places = [("", document)] if pattern == "/" else list(find(document, pattern))
        for pointer, value in places:
            if isinstance(value, dict):
                value["nullable"] = True
                return attrs.evolve(each, document=document), f"{pointer}/nullable"
    raise AssertionError(f"no document has {pattern}")


@pytest.mark.parametrize("pattern", UNKNOWN.values(), ids=UNKNOWN)
def test_service_page_unknown_keyword_is_an_error(context: SiteContext, pattern: str) -> None:
    changed, pointer = with_unknown(context, pattern)
    with pytest.raises(ValidationError) as refused:
        service_page(context, changed)
    problems = [problem for problem in refused.value.problems if problem.pointer == pointer]
    assert problems
    assert problems[0].file == changed.service.document.path
    assert problems[0].message == "must be a key that the site shows, got nullable"


def with_entry(each: BundledService, change: Any) -> BundledService:
    source = each.service.evidence
    data = deepcopy(source.data)
    change(data)
    return attrs.evolve(each, service=attrs.evolve(each.service, evidence=attrs.evolve(source, data=data)))


@pytest.mark.parametrize("part", ["rows", "observed", "facts", "contradictions", "page"])
def test_service_page_unknown_evidence_key_is_an_error(context: SiteContext, part: str) -> None:
    chosen = next(each for each in context.services if each.evidence[part])
    held = (lambda data: data[part]) if part == "page" else (lambda data: data[part][0])
    changed = with_entry(chosen, lambda data: held(data).update(new="thing"))
    with pytest.raises(ValidationError, match="must be a key that the site shows, got new") as refused:
        service_page(context, changed)
    assert refused.value.problems[0].file == chosen.service.evidence.path


@pytest.mark.parametrize("part", ["", "request", "provenance"])
def test_service_page_unknown_recording_key_is_an_error(context: SiteContext, part: str) -> None:
    each = next(each for each in context.services if each.service.recordings)
    name, recording = next(iter(each.service.recordings.items()))
    data = deepcopy(recording.source.data)
    (data[part] if part else data)["new"] = "thing"
    replaced = attrs.evolve(recording, source=attrs.evolve(recording.source, data=data))
    service = attrs.evolve(each.service, recordings={**each.service.recordings, name: replaced})
    with pytest.raises(ValidationError, match="must be a key that the site shows, got new"):
        service_page(context, attrs.evolve(each, service=service))


def test_service_page_promise_before_its_reference_is_the_same(context: SiteContext) -> None:
    each = next(service for service in context.services if service.name == "cce")
    document, swapped = with_promise(each.document), with_promise(each.document)
    for _, members in find(swapped, "/paths/*/*/responses/200/content/*/schema/allOf"):
        members.reverse()
    assert document != swapped
    pages = [service_page(context, attrs.evolve(each, document=one)) for one in (document, swapped)]
    assert pages[0] == pages[1]


def test_tables_of_a_composed_job_link_to_its_fields(context: SiteContext) -> None:
    each = next(service for service in context.services if service.name == "ges")
    document = deepcopy(each.document)
    schemas = document["components"]["schemas"]
    schemas["JobFields"] = {"type": "object", "properties": schemas["Job"].pop("properties")}
    schemas["Job"]["allOf"] = [{"required": ["status"]}, {"$ref": "#/components/schemas/JobFields"}]
    changed = attrs.evolve(context, services=[attrs.evolve(each, document=document)])
    assert "ges.md#JobFields.jobId" in comparison_page(changed).markdown
    schemas["JobFields"]["properties"]["status"]["anyOf"][0]["enum"].append("paused")
    (drawing,) = states(changed, "ges")
    assert "anything else, such as paused" in drawing.description.lower()


def test_response_tree_recursive_schema_is_expanded_once() -> None:
    node = {"properties": {"below": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}}}
    document = {"components": {"schemas": {"Node": node}}}
    assert tree(document, "/components/schemas/Node") == "- [`below`](#Node.below) array of Node, again as above"


def guide(context: SiteContext, folder: Path, text: str) -> Page:
    (folder / "guide.md").write_text(text, encoding="utf-8")
    (make,) = hand_written(context, folder)
    return make()


HEAD = "---\ndescription: A guide.\n---\n\n# Guide\n\n"


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("# Guide\n", "head must have description and may have layout, got none", 1),
        (
            "---\ndescription: A guide.\nlayout: poster\n---\n\n# Guide\n",
            "layout must be one of prose, wide, home, got poster",
            1,
        ),
        ("---\ndescription: A guide.\n---\n\nGuide\n", "first line after the head must be a title, got 'Guide'", None),
        (f"{HEAD}{{{{ table: nothing }}}}\n", "got 'nothing'", 7),
        (f"{HEAD}{{{{ film: states }}}}\n", "kind of a placeholder must be diagram or table, got film", 7),
        (f"{HEAD}text\n\n{{{{ table }}}}\n", "must be a placeholder {{ kind: words }}, got", 9),
    ],
)
def test_guide_invalid_page_is_rejected_with_line(
    context: SiteContext, tmp_path: Path, text: str, said: str, line: int | None
) -> None:
    with pytest.raises(ValidationError) as refused:
        guide(context, tmp_path, text)
    (problem,) = refused.value.problems
    assert (problem.file, problem.line) == (str(tmp_path / "guide.md"), line)
    assert said in problem.message


def test_guide_macro_in_code_block_is_kept(context: SiteContext, tmp_path: Path) -> None:
    page = guide(context, tmp_path, f"{HEAD}```text\n{{{{ table: services }}}}\n```\n")
    assert "{{ table: services }}" in page.markdown
    assert "{{ table: services }}" in page.plain


def test_assemble_repeated_page_name_is_rejected(context: SiteContext, tmp_path: Path) -> None:
    (tmp_path / "changelog.md").write_text(HEAD, encoding="utf-8")
    with pytest.raises(ValidationError, match="the page changelog: must have one source"):
        assemble(context, _parser(()), tmp_path)


def test_read_navigation_pages_and_names_must_match(tmp_path: Path) -> None:
    place = tmp_path / "navigation.yaml"
    place.write_text("- page: index\n- section: More\n  pages:\n    - python/first\n    - python/*\n", encoding="utf-8")
    names = ["index", "python/b", "python/first", "python/a"]
    home, more = read_navigation(names, place)
    assert (home.title, home.pages) == (None, ["index"])
    assert (more.title, more.pages) == ("More", ["python/first", "python/a", "python/b"])
    with pytest.raises(ValidationError) as refused:
        read_navigation(["index", "python/a", "stray"], place)
    assert [(problem.line, problem.message) for problem in refused.value.problems] == [
        (4, "must name a page that exists, got python/first"),
        (None, "must have an entry for each page, got none for stray"),
    ]


def test_publish_folder_with_other_files_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "mine"
    output.mkdir()
    (output / "thesis.txt").write_text("all of it", encoding="utf-8")
    with pytest.raises(
        ValidationError, match=r"must be empty or have a SOURCE\.json that lists its files, got thesis\.txt"
    ):
        publish(lambda folder: None, output)
    assert (output / "thesis.txt").read_text(encoding="utf-8") == "all of it"


def test_publish_file_as_output_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "site"
    output.write_text("all of it", encoding="utf-8")
    with pytest.raises(ValidationError, match="must be a folder, got a file or a link"):
        publish(lambda folder: None, output)
    assert output.read_text(encoding="utf-8") == "all of it"


def test_publish_failing_build_keeps_the_previous_site(tmp_path: Path) -> None:
    output = tmp_path / "site"

    def make(text: str) -> Any:
        return lambda folder: (folder / "llms.txt").write_text(text, encoding="utf-8")

    def fail(folder: Path) -> None:
        (folder / "llms.txt").write_text("half", encoding="utf-8")
        raise ValidationError(Problem("page", "is broken", "Mend it"))

    publish(make("first"), output)
    with pytest.raises(ValidationError, match="is broken"):
        publish(fail, output)
    assert (output / "llms.txt").read_text(encoding="utf-8") == "first"
    publish(make("second"), output)
    assert (output / "llms.txt").read_text(encoding="utf-8") == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize(
    ("shown", "copied"),
    [
        (
            '=== "Python"\n\n    ```python\n    a = 1\n    ```\n\n=== "curl"\n\n    text\n',
            "**Python**\n\n```python\na = 1\n```\n\n**curl**\n\ntext\n",
        ),
        ('!!! note "Mind"\n\n    One.\n\n    Two.\n\nAfter.\n', "> **Mind**\n>\n> One.\n>\n> Two.\n\nAfter.\n"),
        ("## A title { #anchor }\n", "## A title\n"),
        ("Grey words.\n{: .meta }\n", "Grey words.\n"),
        ('<div class="x" markdown>\n\nText.\n\n</div>\n', "Text.\n"),
        ("<details markdown>\n<summary>More</summary>\n\nText.\n\n</details>\n", "**More**\n\nText.\n"),
        ('A <span class="y">word</span>, `<span>`.\n', "A word, `<span>`.\n"),
        ("[To](it.md){ .button } there\n", "[To](it.md) there\n"),
        ("```text\n<div>\n=== no tab\n## x { #y }\n```\n", "```text\n<div>\n=== no tab\n## x { #y }\n```\n"),
    ],
)
def test_plain_markdown_copy_has_no_site_syntax(shown: str, copied: str) -> None:
    assert plain(shown) == copied
