"""Accounts for every statement of a document: which row, observation, fact or decision supports it."""

from generator.evidence.checks import broken_checks
from generator.evidence.traceability import Account, account

__all__ = ["Account", "account", "broken_checks"]
