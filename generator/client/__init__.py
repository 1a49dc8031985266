"""Makes the client distribution: openapi-python-client reads the documents, our templates and runtime do the rest."""

from generator.client.render import Distribution, build
from generator.client.template_model_builder import reserved_names
from generator.files import differences, publish

__all__ = ["Distribution", "build", "differences", "publish", "reserved_names"]
