"""Holds exchanges against the documents: our recordings, HAR files, providers."""

from generator.contract.checker import Contract, Contracts
from generator.contract.exchange import Exchange, recorded
from generator.contract.findings import Finding
from generator.contract.har import export_har, read_har
from generator.contract.recorded_checks import check_contradictions, check_recordings
from generator.contract.sequence_rules import check_history

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
