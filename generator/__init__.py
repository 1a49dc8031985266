"""The workshop: turns hand-written OpenAPI documents and their evidence into everything else.

Layers, each of which imports only those before it: `documents` (files as they are), `evidence` (what supports them),
`bundle` (the copy that other tools read); then, side by side and unaware of each other, `client`, `contract` and
`docs`; and `release`, `verbs` and `cli`, which put them together.
"""
