"""Other vendors' documents through `import` and `client`, compared with openapi-python-client without changes.

`make foreign-documents DOCUMENTS=DIR` generates a client of each document of a folder with both tools, imports every
module, checks the types, and calls every operation against a mock server that sends samples of the document's schemas.
These documents are not part of this repository.
"""
