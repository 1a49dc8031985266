"""Documents of others through `import` and `client`, compared with openapi-python-client as it comes.

`make foreign-documents DOCUMENTS=DIR` generates a client of each document of a folder with both tools, imports every
module, checks the types, and calls every operation against a mock server that answers with samples of the document's
schemas. Documents of others are not part of this repository.
"""
