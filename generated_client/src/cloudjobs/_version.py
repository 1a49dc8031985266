# Generated from generator/client/runtime/_version.py. Do not edit: change that, and run `make generate`.
"""The version of the client; everything else that shows it reads it from here."""

VERSION = "0.1.0"
