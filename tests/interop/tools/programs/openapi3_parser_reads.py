"""Usage: openapi3_parser_reads.py DOCUMENT. Parses the document."""

import sys

from openapi_parser import parse

assert parse(sys.argv[1]).paths, "the document has no paths"
