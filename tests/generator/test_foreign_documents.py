"""Documents of others, if a folder of them is given: `make foreign-documents DOCUMENTS=DIR`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.foreign_documents.__main__ import main
from tests.foreign_documents.samples import Responses, argument

FOLDER = os.environ.get("DOCUMENTS", "")


@pytest.mark.skipif(not FOLDER, reason="DOCUMENTS must be a folder of OpenAPI documents, see make foreign-documents")
def test_share_of_foreign_documents_is_that_of_openapi_python_client() -> None:
    assert main(Path(FOLDER)) == 0


def test_samples_answer_every_operation_of_a_document() -> None:
    job = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "next": {"$ref": "#/job"}}}
    document = {
        "job": job,
        "paths": {
            "/jobs/{id}": {
                "get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/job"}}}}}},
                "delete": {"responses": {"204": {}}},
            }
        },
    }
    responses = Responses(document)
    status, media_type, body = responses.response("GET", "/jobs/5")
    assert (responses.count, status, media_type) == (2, 200, "application/json")
    assert body.startswith(b'{"id": 1, "next": {"id": 1')
    assert responses.response("DELETE", "/jobs/5") == (204, "text/plain", b"")
    with pytest.raises(LookupError):
        responses.response("PUT", "/jobs/5")
    assert argument(list[int | None]) == [1]
