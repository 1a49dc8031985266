"""Records conversations with a provider, without their secrets, and turns them into committed recordings."""

from generator.contract.har import Journal
from generator.contract.recording.import_har import Chosen, add_recording
from generator.contract.recording.proxy import recorder

__all__ = ["Chosen", "Journal", "add_recording", "recorder"]
