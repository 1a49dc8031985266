"""Usage: openapi3_reads.py DOCUMENT. Parses the document."""

import json
import sys
from pathlib import Path

from openapi3 import OpenAPI

document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
assert OpenAPI(document, validate=False).paths, "the document has no paths"
errors = OpenAPI(document, validate=True).errors()
assert not errors, errors
