"""Holds a live provider against its document: read-only requests, at a rate that it can bear.

Nothing but GET is ever sent to it, redirects are not followed, certificates are verified, and no credential is shown.
"""

from generator.contract.live.provider import Misused, Provider, Unreachable
from generator.contract.live.subjects import Subject, subjects
from generator.contract.live.verifying import Plan, Verification, verify

__all__ = ["Misused", "Plan", "Provider", "Subject", "Unreachable", "Verification", "subjects", "verify"]
