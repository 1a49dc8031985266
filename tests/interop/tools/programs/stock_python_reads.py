"""Usage: stock_python_reads.py DOCUMENT RECORDINGS SERVER. Calls the server with openapi-generator's Python client."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, ".")
import stock

document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])


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
client = stock.ApiClient(stock.Configuration(host=sys.argv[3]))
client.set_default_header("X-Auth-Token", "x")
api = stock.JobsApi(client)
for each in own:
    snake = "".join("_" + letter.lower() if letter.isupper() else letter for letter in each["operation"])
    arguments = {
        "".join("_" + letter.lower() if letter.isupper() else letter for letter in name): value
        for name, value in each["parameters"].items()
    }
    try:
        value = getattr(api, snake)(**arguments)
    except stock.ApiException as error:
        value = error.data
    read = value if isinstance(value, str) else json.loads(value.to_json())
    assert read == sent(each), f"error: {each['name']} must be read without a change, got {read}"
