"""Usage: openapi_pydantic_reads.py DOCUMENT. Parses the document."""

import json
import sys
from pathlib import Path

from openapi_pydantic import parse_obj

assert parse_obj(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).paths, "the document has no paths"
