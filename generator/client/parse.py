"""Drives openapi-python-client's parser, in this process, over one bundled document."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from generator.documents.json_pointer import find
from generator.errors import Problem, Refused


def parser_config(document: Path) -> Config:
    """The settings of openapi-python-client. Nothing of it formats or writes, so no output and no hooks."""
    return Config.from_sources(
        ConfigFile(literal_enums=True, post_hooks=[]),
        MetaType.NONE,
        document_source=document,
        file_encoding="utf-8",
        overwrite=False,
        output_path=None,
    )


def parse(document: dict[str, Any], path: Path) -> GeneratorData:
    """Parse a document. Every warning is an error: where it warns, openapi-python-client leaves something out."""
    parsed = GeneratorData.from_dict(folded(document), config=parser_config(path))
    if isinstance(parsed, GeneratorError):
        raise Refused(_problem(path, parsed))
    errors = [*parsed.errors]
    for collection in parsed.endpoint_collections_by_tag.values():
        errors += collection.parse_errors
        for endpoint in collection.endpoints:
            errors += endpoint.errors
    if errors:
        raise Refused([_problem(path, error) for error in errors])
    return parsed


def folded(document: dict[str, Any]) -> dict[str, Any]:
    """A copy in which a response's promise is folded into the schema it is about.

    An `allOf` that only adds `required` would become a second class beside the first.
    """
    copy = deepcopy(document)
    for _, media in find(copy, "/paths/*/*/responses/*/content/*"):
        schema = media["schema"]
        if "allOf" in schema:
            media["schema"] = schema["allOf"][0]
    return copy


def _problem(path: Path, error: GeneratorError) -> Problem:
    # Its messages show the names it does not trust as Python objects.
    what = re.sub(
        r"<[^<>]*>",
        lambda tag: "…" if "UntrustedString" in tag[0] else tag[0],
        " ".join(f"{error.header} {error.detail or ''}".split()),
    )
    return Problem(path, f"openapi-python-client cannot read it: {what}", "Write that part so that it can")
