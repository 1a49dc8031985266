"""Records conversations with a provider, without their secrets, and turns them into committed recordings."""

from generator.contract.har import HarWriter
from generator.contract.recording.import_har import ImportOptions, add_recording
from generator.contract.recording.proxy import recorder

__all__ = ["HarWriter", "ImportOptions", "add_recording", "recorder"]
