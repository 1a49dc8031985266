"""Compare documents: the changes, their effect on callers, and the version step that they require."""

from .changes import Change, Direction, Effect, Step, is_enough, is_version, next_version
from .compare import Difference, IncomparableError, as_json, as_text, compare_documents
from .sources import documents, last_release, of_checkout

__all__ = [
    "Change",
    "Difference",
    "Direction",
    "Effect",
    "IncomparableError",
    "Step",
    "as_json",
    "as_text",
    "compare_documents",
    "documents",
    "is_enough",
    "is_version",
    "last_release",
    "next_version",
    "of_checkout",
]
