"""Accounts for every statement of a document: which row, observation, fact or decision supports it."""

from generator.evidence.account import Account, account
from generator.evidence.contradictions import broken_checks

__all__ = ["Account", "account", "broken_checks"]
