"""Records conversations with a provider, without their secrets, and turns them into committed recordings."""

from .har_writer import HarWriter, RecordedExchange
from .import_har import ImportOptions, add_recording
from .proxy import recorder

__all__ = ["HarWriter", "ImportOptions", "RecordedExchange", "add_recording", "recorder"]
