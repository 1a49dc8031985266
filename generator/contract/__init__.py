"""Holds exchanges against the documents: our recordings, HAR files, providers."""

from generator.contract.checker import Contract, Contracts
from generator.contract.exchange import Exchange, exchange_from_recording
from generator.contract.findings import Finding
from generator.contract.har import HarFile, SkippedEntry, export_har, read_har
from generator.contract.recorded_checks import check_contradictions, check_recordings
from generator.contract.sequence_rules import check_sequence

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
