"""`python -m benchmarks.scoreboard.peers FOLDER`: prints the findings of schemathesis and openapi-core as JSON.

Runs in the environment of the scoreboard, on the files that `benchmarks.scoreboard` has written into the folder. The
output has for each tool and entry whether the tool reports a fault.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Document = dict[str, Any]
Entry = dict[str, Any]


def schemathesis_objects(document: Document, entry: Entry) -> bool:
    """Return whether `is_valid_response` refuses the response, or the schema has no such operation."""
    import requests
    import schemathesis
    from schemathesis.core.errors import OperationNotFound

    request, reply = entry["request"], entry["response"]
    schema = schemathesis.openapi.from_dict(document)
    template = _template(document, urlsplit(request["url"]).path)
    if template is None:
        # It cannot find an operation by a path: such a recording is skipped.
        return False
    try:
        operation = schema[template][request["method"]]
    except (LookupError, OperationNotFound):
        return True
    response = schemathesis.Response(
        status_code=reply["status"],
        headers={pair["name"]: [pair["value"]] for pair in reply["headers"]},
        content=reply["content"]["text"].encode(),
        request=requests.Request(request["method"], request["url"]).prepare(),
        elapsed=0.0,
        verify=True,
    )
    return not operation.is_valid_response(response)


def openapi_core_objects(document: Document, entry: Entry) -> bool:
    """Return whether validating the request or the response raises."""
    from openapi_core import Config, OpenAPI
    from openapi_core.exceptions import OpenAPIError
    from openapi_core.testing import MockRequest, MockResponse

    asked, reply = entry["request"], entry["response"]
    address = urlsplit(asked["url"])
    request = MockRequest(
        f"{address.scheme}://{address.netloc}",
        asked["method"].lower(),
        address.path,
        args=dict(parse_qsl(address.query)),
        headers={pair["name"]: pair["value"] for pair in asked["headers"]},
    )
    response = MockResponse(
        reply["content"]["text"].encode(),
        status_code=reply["status"],
        content_type=reply["content"]["mimeType"],
    )
    try:
        # The setting of openapi-core that reports fields which a document does not have.
        openapi = OpenAPI.from_dict(document, config=Config(additional_properties_default_policy="forbid"))
        openapi.validate_request(request)
        openapi.validate_response(request, response)
    except OpenAPIError:
        return True
    return False


def _template(document: Document, path: str) -> str | None:
    for template in document["paths"]:
        pattern = re.sub(r"\\\{.+?\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            return str(template)
    return None


TOOLS: dict[str, Callable[[Document, Entry], bool]] = {
    "schemathesis": schemathesis_objects,
    "openapi-core": openapi_core_objects,
}


def main(folder: str) -> None:
    documents = {path.stem: json.loads(path.read_text()) for path in (Path(folder) / "documents").glob("*.json")}
    said: dict[str, Any] = {}
    for name, objects in TOOLS.items():
        verdicts = {}
        for har in sorted((Path(folder) / "har").glob("*.har")):
            service = har.name.partition("--")[0]
            (entry,) = json.loads(har.read_text())["log"]["entries"]
            verdicts[har.stem] = objects(documents[service], entry)
        said[name] = {"version": version(name), "verdicts": verdicts}
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
