"""Import of vendors' OpenAPI documents, as they are published, into the form that the generator reads."""

from .importer import Imported, import_document

__all__ = ["Imported", "import_document"]
