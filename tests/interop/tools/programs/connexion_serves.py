"""Usage: connexion_serves.py DOCUMENT RECORDINGS. Serves the document from its examples and validates its responses."""

import json
import sys
from pathlib import Path

import connexion
from connexion.mock import MockResolver

document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])
own = [each for each in recordings if each["template"] in document["paths"] and each["status"] == 200]
assert own, "no successful recording is of this document"
for operation in (method for path in document["paths"].values() for method in path.values()):
    operation["security"] = []
app = connexion.AsyncApp("stock")
app.add_api(document, resolver=MockResolver(mock_all=True), validate_responses=True, base_path="")
with app.test_client() as client:
    for each in own:
        response = client.get(each["path"], params=each["query"])
        assert response.status_code == 200, response.text
        assert response.json() == each["body"], (
            f"error: {each['name']} must get the recorded body, got {response.text[:100]}"
        )
