"""Usage: opc_reads.py CLIENT DOCUMENT RECORDINGS. Reads the recorded responses with openapi-python-client's models."""

import importlib
import json
import pkgutil
import sys
from pathlib import Path

import httpx

document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[2:4])
sys.path.insert(0, str(Path(sys.argv[1]).resolve().parent))
package = Path(sys.argv[1]).name
client = importlib.import_module(package).Client(base_url="http://127.0.0.1")
api = importlib.import_module(f"{package}.api")
modules = {
    name.rpartition(".")[2].replace("_", ""): name
    for _, name, _ in pkgutil.walk_packages(api.__path__, f"{package}.api.")
}
own = [each for each in recordings if each["template"] in document["paths"]]
assert own, "no recording is of this document"
for each in own:
    module = importlib.import_module(modules[each["operation"].lower()])
    response = httpx.Response(each["status"], json=each["body"])
    value = module._parse_response(client=client, response=response)
    read = value if isinstance(value, str) else value.to_dict()
    assert read == each["body"], f"error: {each['name']} must be read without a change, got {read}"
