"""Copies of a document with something taken out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from generator.documents.workspace import operations


def without_inferred(document: dict[str, Any]) -> dict[str, Any]:
    """The document that contract checks run on: without responses that are only inferred.

    With `default`, `4XX` or `5XX` among the responses no status is ever undocumented.
    """
    view = deepcopy(document)
    for operation in operations(view):
        responses = operation.definition["responses"]
        for status in [status for status, response in responses.items() if response.get("x-confidence") == "inferred"]:
            del responses[status]
    return view
