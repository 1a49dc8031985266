"""Some 40 tools of other projects, run over our documents: `make tools`.

`table.yaml` has each tool with its pinned packages, its commands and their expected result. Each tool has an
environment in `build/tools/environments/`, because the dependencies of two of them rarely fit together. `before.json`
holds the results for the documents as they were before they were written for these tools.
"""
