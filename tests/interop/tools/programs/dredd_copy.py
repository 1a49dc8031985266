"""Usage: dredd_copy.py DOCUMENT RECORDINGS OUTPUT. Writes a copy with one example for each parameter.

Dredd reads `example` of a parameter and no `examples`, so it gets those of the successful recording.
"""

import json
import sys
from pathlib import Path

document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])
names = [each["name"] for each in recordings if each["template"] in document["paths"] and each["status"] == 200]
for parameter in document["components"]["parameters"].values():
    examples = parameter.pop("examples", {})
    for name in names:
        if name in examples:
            parameter["example"] = examples[name]["value"]
Path(sys.argv[3]).write_text(json.dumps(document, indent=1), encoding="utf-8")
