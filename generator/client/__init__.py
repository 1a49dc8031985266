"""Makes the client distribution: openapi-python-client reads the documents, our templates and runtime do the rest."""

from ..files import differences, publish
from .render import Distribution, build
from .template_model_builder import reserved_names

__all__ = ["Distribution", "build", "differences", "publish", "reserved_names"]
