"""Takes secrets out of a conversation: by the name they have, by their shape, and by being the credentials in use.

Deliberately takes out too much rather than too little: a recording is committed and published.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode, urlsplit, urlunsplit

MARK = "REDACTED"
"""What stands where a secret was."""

_SHORTEST = 6
"""Characters. A shorter value that was sent as a credential is taken out by name only: it would be found in words that
have nothing to do with it."""

_OPEN_HEADERS = {
    *("accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection"),
    *("content-encoding", "content-language", "content-length", "content-type", "date", "host", "if-modified-since"),
    *("if-none-match", "prefer", "user-agent", "x-request-id", "x-sdk-date"),
}
"""Request headers that hold nothing secret."""

_SECRET_WORDS = (
    *("authorization", "apikey", "accesskey", "cookie", "credential", "passphrase", "passwd", "password", "privatekey"),
    *("pwd", "secret", "session", "signature", "subjecttoken", "token"),
)
_SECRET_NAMES = frozenset({"ak", "sk", "access", "auth", "jwt", "pass", "sig", "sid", "otp"})

_SHAPES = re.compile(
    r"""
      eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?    # a JSON Web Token
    | \bMII[A-Za-z0-9+/_=-]{60,}                                       # DER in base64: certificates, the IAM's tokens
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
    | \b(?:Bearer|Basic|Digest|Negotiate)\ +[A-Za-z0-9+/._~=-]{8,}
    | \b(?:AKIA|ASIA|HST|HPUA)[A-Z0-9]{16,17}\b                        # access keys of clouds
    | \b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,})
    | (?:Access|Signature|Credential)=[A-Za-z0-9+/=._-]{8,}            # the parts of a signature
    | (?<=://)[^\s/@:"']+:[^\s/@"']+(?=@)                              # a user and password in an address
    """,
    re.VERBOSE | re.DOTALL,
)


class Secrets:
    """Knows what is secret, and learns the credentials of each request that passes.

    Args:
        known: Values that are secret wherever they stand, such as the credentials of the environment.
        names: Further names of headers, parameters or fields whose values are secret, such as those of the
            documents' security schemes.
        open_headers: Further request headers that hold nothing secret, such as documented parameters.
    """

    def __init__(self, known: Iterable[str] = (), names: Iterable[str] = (), open_headers: Iterable[str] = ()) -> None:
        self._known: list[str] = []
        self._names = {_plain(name) for name in names}
        self._open = _OPEN_HEADERS | {name.lower() for name in open_headers}
        self.learn(known)

    def __repr__(self) -> str:
        return f"<Secrets: {len(self._known)} known>"

    def learn(self, values: Iterable[str]) -> None:
        """Take these values out from now on, whatever they are part of."""
        found = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
        # The longest first: a credential may be part of another.
        self._known = sorted({*self._known, *found}, key=len, reverse=True)

    def learn_request(self, headers: Iterable[tuple[str, str]], url: str) -> None:
        """Take out from now on what a request identifies itself with."""
        for name, value in headers:
            if self.is_secret(name) or not self._is_open(name):
                self.learn({value, *_parts(value)})
        parts = urlsplit(url)
        self.learn(value for name, value in parse_qsl(parts.query) if self.is_secret(name))
        self.learn(unquote(value) for value in (parts.username, parts.password) if value)

    def learn_request_body(self, text: str, media_type: str) -> None:
        """Take out from now on what a request's body gives as a credential: a reply may quote it in other words."""
        if media_type == "application/x-www-form-urlencoded":
            self.learn(value for name, value in parse_qsl(text) if self.is_secret(name))
            return
        try:
            self.learn(self._named(json.loads(text)))
        except (ValueError, RecursionError):
            return

    def learn_reply(self, headers: Iterable[tuple[str, str]]) -> None:
        """Take out from now on what a reply's headers give as credentials: a token, the values of a cookie."""
        for name, value in headers:
            if self.is_secret(name):
                # Of a cookie, what stands before the first semicolon; the rest says how long and where it holds.
                first = value.partition(";")[0]
                self.learn({first, *_parts(first)})

    def _named(self, data: Any, name: str = "") -> Iterator[str]:
        """The texts of JSON data that have a secret's name."""
        if isinstance(data, dict):
            for key, member in data.items():
                yield from self._named(member, key)
        elif isinstance(data, list):
            for item in data:
                yield from self._named(item, name)
        elif isinstance(data, str) and name and self.is_secret(name):
            yield data

    def is_secret(self, name: str) -> bool:
        """Whether what has this name is secret, by the name alone."""
        plain = _plain(name)
        if plain in self._names or plain in _SECRET_NAMES:
            return True
        return any(word in plain for word in _SECRET_WORDS) and not plain.endswith(("expiresat", "expiresin", "type"))

    def request_headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """A request's headers. One that is not known to be open loses its value: a credential can have any name."""
        return [(name, self.value(name, value) if self._is_open(name) else MARK) for name, value in headers]

    def reply_headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """A reply's headers. One may hold an address, such as that of a redirection, with secrets in its query."""
        return [(name, self._assigned(self.value(name, value))) for name, value in headers]

    def url(self, url: str) -> str:
        """The address without secrets in its query, its user part or its path."""
        parts = urlsplit(url)
        query = [(name, self.value(name, value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, self.text(parts.path), urlencode(query), ""))

    def value(self, name: str, value: str) -> str:
        """A named value without secrets."""
        return MARK if value and self.is_secret(name) else self.text(value)

    def text(self, text: str) -> str:
        """A text without what is known to be secret and what has the shape of a secret."""
        for secret in self._known:
            text = text.replace(secret, MARK)
        return _SHAPES.sub(MARK, text)

    def body(self, text: str, media_type: str) -> str:
        """A body without secrets. JSON keeps its form: only values of a secret name, or that hold one, change."""
        if media_type == "application/x-www-form-urlencoded":
            return urlencode(
                [(name, self.value(name, value)) for name, value in parse_qsl(text, keep_blank_values=True)]
            )
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            # Broken JSON may hold what is named like a secret; so may HTML.
            return self._named_in(self.text(text))
        clean = self.json(data)
        return text if clean == data else json.dumps(clean, ensure_ascii=False, indent=2)

    def json(self, data: Any, name: str = "") -> Any:
        """JSON data without secrets, texts that hold JSON included."""
        if isinstance(data, dict):
            return {self.text(key): self.json(member, key) for key, member in data.items()}
        if isinstance(data, list):
            return [self.json(item, name) for item in data]
        if name and self.is_secret(name) and data not in (None, "", True, False):
            return MARK
        if isinstance(data, str):
            return self._inner(data)
        return MARK if isinstance(data, int) and str(data) in self._known else data

    def _inner(self, text: str) -> str:
        """A text of JSON data: it may be JSON itself."""
        if text[:1] in ("{", "["):
            try:
                data = json.loads(text)
            except (ValueError, RecursionError):
                return self._named_in(self.text(text))
            clean = self.json(data)
            return text if clean == data else json.dumps(clean, ensure_ascii=False, separators=(",", ":"))
        return self._assigned(self.text(text))

    def _assigned(self, text: str) -> str:
        """A text without what is assigned to a secret's name, as in an address's query or on a command line."""

        def without(match: re.Match[str]) -> str:
            return f"{match[1]}={MARK}" if self.is_secret(match[1]) else match[0]

        return re.sub(r"""([A-Za-z][\w-]*)=([^\s"'&,;<>}]+)""", without, text)

    def _named_in(self, text: str) -> str:
        """A text that is no JSON, without what stands after a secret's name: `password=…`, `"token": "…"`."""

        def without(match: re.Match[str]) -> str:
            return f"{match[1]}{match[2]}{MARK}" if self.is_secret(match[1]) else match[0]

        return re.sub(r"""([A-Za-z][\w-]*)(["']?\s*[:=]\s*["']?)([^\s"'&,;<>}]+)""", without, text)

    def _is_open(self, name: str) -> bool:
        return name.lower() in self._open


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _forms(value: str) -> Iterator[str]:
    """How a value may be written elsewhere: in JSON, in an address, in base64."""
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    encoded = base64.b64encode(value.encode())
    yield encoded.decode()
    yield base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def _parts(value: str) -> Iterator[str]:
    """What may be quoted of a header: `Bearer abc` as `abc`, a cookie or a signature without its name."""
    words = re.split(r"[\s,;]+", value)
    for number, word in enumerate(words):
        name, equals, named = word.partition("=")
        if equals and name != "SignedHeaders":
            yield named
        elif number:
            yield word
    if words[0].lower() == "basic" and len(words) == 2:
        try:
            yield from base64.b64decode(words[1]).decode().split(":", 1)
        except ValueError:
            return
