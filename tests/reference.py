"""The services that tests know in detail. Any further service in `openapi/` has the tests of `tests/services`.

Tests that read a document by their own means know the forms of these services: another one may have states of several
fields, tokens of pages, or neither a token nor a signature.
"""

from __future__ import annotations

from typing import Any

REFERENCE = ("cce", "ges", "ief", "yuanrong")

_PAGES = {"offset", "limit", "items", "count"}


def is_of_reference_form(document: dict[str, Any]) -> bool:
    """Return whether a document has no more forms of jobs and calls than those of the reference services."""
    operations = [
        operation for item in document["paths"].values() for method, operation in item.items() if method == "get"
    ]
    if sum(len(item) for item in document["paths"].values()) != len(operations):
        return False
    schemas = document["components"]["schemas"].values()
    schemes = document["components"].get("securitySchemes", {}).values()
    return (
        all(_is_plain_call(document, operation) for operation in operations)
        and all(_is_plain_job(schema["x-job"]) for schema in schemas if "x-job" in schema)
        and all((scheme["type"], scheme.get("in")) == ("apiKey", "header") for scheme in schemes)
    )


def _is_plain_call(document: dict[str, Any], operation: dict[str, Any]) -> bool:
    poll, pages = operation.get("x-poll", {}), operation.get("x-pagination")
    argument = document["components"].get("parameters", {}).get(poll.get("argument"), {})
    is_by_path = set(poll) == {"argument"} and argument.get("in") == "path" and argument["schema"]["type"] == "string"
    is_listed = set(poll) == {"items", "match"} and poll["items"].isidentifier() and pages is not None
    return (is_by_path or is_listed) and (pages is None or _PAGES <= pages.keys() <= _PAGES | {"total"})


def _is_plain_job(job: dict[str, Any]) -> bool:
    values = [value for key, listed in job["state"].items() if isinstance(listed, list) for value in listed]
    paths = [job["id"], job.get("children", ""), job["state"].get("field", "[")]
    return (
        {"code", "otherwise"}.isdisjoint({*job, *job["state"]})
        and "format" not in job.get("progress", {})
        and all(isinstance(value, str) for value in values)
        and all(isinstance(path, str) and "[" not in path for path in paths)
    )
