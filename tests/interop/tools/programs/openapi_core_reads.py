"""Usage: openapi_core_reads.py DOCUMENT RECORDINGS. Validates and unmarshals the recorded responses."""

import json
import sys
from pathlib import Path

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])
api = OpenAPI.from_dict(document)
own = [each for each in recordings if each["template"] in document["paths"]]
assert own, "no recording is of this document"
host = document["servers"][0]["url"]
for name, variable in document["servers"][0].get("variables", {}).items():
    host = host.replace("{" + name + "}", variable["default"])
for each in own:
    request = MockRequest(
        host,
        "get",
        each["path"],
        path_pattern=each["template"],
        args=each["query"],
        headers={"X-Auth-Token": "x", "Authorization": "x"},
    )
    response = MockResponse(json.dumps(each["body"]).encode(), each["status"], content_type=each["content_type"])
    assert api.unmarshal_response(request, response).data is not None, each["name"]
