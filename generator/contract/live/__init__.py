"""Check a live provider against its document, with read-only requests at a limited rate.

Only GET requests are sent to it, redirects are not followed, certificates are verified, and no credential is shown.
"""

from ...errors import UsageError
from .http_client import Provider, Unreachable
from .runner import Plan, Verification, verify
from .targets import OperationTarget, targets

__all__ = ["OperationTarget", "Plan", "Provider", "Unreachable", "UsageError", "Verification", "targets", "verify"]
