"""Holds a live provider against its document: read-only requests, at a rate that it can bear.

Nothing but GET is ever sent to it, redirects are not followed, certificates are verified, and no credential is shown.
"""

from generator.contract.live.http_client import Provider, Unreachable
from generator.contract.live.runner import Plan, Verification, verify
from generator.contract.live.targets import Target, targets
from generator.errors import UsageError

__all__ = ["Plan", "Provider", "Target", "Unreachable", "UsageError", "Verification", "targets", "verify"]
