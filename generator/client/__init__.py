"""Makes the client distribution: openapi-python-client reads the documents, our templates and runtime do the rest."""

from generator.client.build import Distribution, build
from generator.client.names import reserved_names
from generator.client.publish import differences
from generator.files import publish

__all__ = ["Distribution", "build", "differences", "publish", "reserved_names"]
