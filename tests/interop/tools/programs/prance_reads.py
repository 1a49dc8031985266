"""Usage: prance_reads.py DOCUMENT. Resolves and validates the document."""

import sys

import prance

# A job contains sub-jobs of the same schema, so the references are resolved to a chosen depth.
parser = prance.ResolvingParser(
    sys.argv[1],
    backend="openapi-spec-validator",
    recursion_limit_handler=lambda limit, reference, recursions: {"description": "as above"},
)
assert parser.specification["paths"], "the document has no paths"
