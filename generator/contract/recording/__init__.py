"""Records conversations with a provider, without their secrets, and turns them into committed recordings."""

from ..har import HarWriter
from .import_har import ImportOptions, add_recording
from .proxy import recorder

__all__ = ["HarWriter", "ImportOptions", "add_recording", "recorder"]
