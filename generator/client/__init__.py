"""Makes the client distribution: openapi-python-client reads the documents, our templates and runtime do the rest."""

from generator.client.atomic_output import differences
from generator.client.render import Distribution, build
from generator.client.template_model_builder import reserved_names
from generator.files import publish

__all__ = ["Distribution", "build", "differences", "publish", "reserved_names"]
