"""Holds exchanges against the documents: our recordings, HAR files, providers."""

from generator.contract.checking import Contract, Contracts
from generator.contract.exchanges import Exchange, recorded
from generator.contract.findings import Finding
from generator.contract.har import export_har
from generator.contract.har_entries import read_har
from generator.contract.history import check_history
from generator.contract.recordings import check_contradictions, check_recordings

__all__ = [
    "Contract",
    "Contracts",
    "Exchange",
    "Finding",
    "check_contradictions",
    "check_history",
    "check_recordings",
    "export_har",
    "read_har",
    "recorded",
]
