"""Check exchanges of recordings, HAR files and live services against the documents."""

from .checker import Contract, Contracts
from .exchange import Exchange, exchange_from_recording
from .findings import Finding
from .har import HarFile, SkippedEntry, export_har, read_har
from .recordings import check_contradictions, check_recordings
from .sequence_rules import check_sequence

__all__ = [
    "Contract",
    "Contracts",
    "Exchange",
    "Finding",
    "HarFile",
    "SkippedEntry",
    "check_contradictions",
    "check_recordings",
    "check_sequence",
    "exchange_from_recording",
    "export_har",
    "read_har",
]
