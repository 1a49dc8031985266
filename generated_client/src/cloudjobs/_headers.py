# Generated from generator/client/runtime/_headers.py. Do not edit: change that, and run `make generate`.
"""What HTTP takes for the name and the value of a header."""

from __future__ import annotations

import re

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?")

_CREDENTIAL = re.compile(r"auth|cookie|credential|key|passw|secret|session|signature|token", re.IGNORECASE)
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def is_credential(name: str) -> bool:
    """Whether the name of a header says that its value is a credential."""
    return _CREDENTIAL.search(name) is not None


def header_name(name: str) -> str:
    """The name, if it is one. Raises `ValueError`."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header")
    return name


def is_header_value(text: str) -> bool:
    """Whether a text can stand in a header, and cannot end its line."""
    return _VALUE.fullmatch(text) is not None


def is_unicode(text: str) -> bool:
    """Whether a text can be encoded. What was decoded with `surrogateescape`, as the environment is, may not."""
    return not _SURROGATE.search(text)


def header_value(name: str, text: str) -> str:
    """The value, if it is one. Raises `ValueError`, which does not show it: it may be a secret."""
    complaint = ""
    if not isinstance(text, str):
        complaint = f"{name} is a {type(text).__name__}: give a text"
    elif not is_header_value(text):
        complaint = f"{name} has a line break, a space around it or another character that no header takes"
    if complaint:
        del text  # the variables of a frame are shown with the error
        raise ValueError(complaint)
    return text
