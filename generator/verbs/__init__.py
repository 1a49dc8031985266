"""The verbs of the command line that are modules of their own: each has `add`, which adds its parser.

A module here only reads arguments, calls the package that does the work and prints; its imports are inside functions,
so that a verb loads only what it uses.
"""
