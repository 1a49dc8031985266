"""Usage: aiopenapi3_reads.py DOCUMENT RECORDINGS SERVER. Calls the server and reads the recorded responses."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import httpx2
from aiopenapi3 import OpenAPI

document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])
document["servers"] = [{"url": sys.argv[3]}]


def sent(each):
    """Return the body that the server sends to a recorded request; a listing is cut to its limit."""
    try:
        query = urllib.parse.urlencode(each["query"])
        request = urllib.request.Request(f"{sys.argv[3]}{each['path']}?{query}", headers={"X-Auth-Token": "x"})
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        return json.load(error)


own = [each for each in recordings if each["template"] in document["paths"]]
assert own, "no recording is of this document"


def session(*arguments: object, **options: object) -> httpx2.Client:
    return httpx2.Client(*arguments, **options)


api = OpenAPI(sys.argv[3], document, session_factory=session)
api.raise_on_http_status = []
if "token" in document["components"].get("securitySchemes", {}):
    api.authenticate(token="x")
for each in own:
    request = api.createRequest((each["template"], "get"))
    _, data, response = request.request(parameters=each["parameters"])
    assert response.status_code == each["status"], response.text
    read = data if isinstance(data, str) else json.loads(data.model_dump_json(by_alias=True, exclude_unset=True))
    assert read == sent(each), f"error: {each['name']} must be read without a change, got {read}"
