"""Redact secrets: values with the name or the form of a secret, and the credentials in use.

In doubt a value is removed, because recordings are committed and published. Patterns are applied to untrusted text, so
their time must be proportional to its length (`tests/contract/test_linear_patterns.py`).
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode, urlsplit, urlunsplit

_QUOTED = re.compile(r"%[0-9A-F]{2}")

_ESCAPE = re.compile(r"\\u[0-9a-f]{4}")

_BETWEEN = re.compile(r"[\s,;]+")


MARK = "REDACTED"
"""The text that replaces a secret."""

_SHORTEST = 6
"""Fewest characters of a credential that is removed everywhere. A shorter one may be part of unrelated words, so it is
removed only by its name."""

_MOST_KNOWN = 5_000
"""Most learned values that are kept. Each request has a new signature, so their number would grow without limit."""

_FEW = 300
"""Most spellings that are searched one by one. For more, it is faster to look up each part of the text."""

_PIECE = 1_000_000
"""Characters of the pieces of a long text that are searched one after the other."""

_MOST_REMEMBERED = 10_000
"""Most names, and most short texts, with a cached result."""

_LONGEST_REMEMBERED = 200
"""Most characters of a text with a cached result."""

_SHORTEST_RETURNED = 8
"""Fewest characters of a value of a response that is removed everywhere. It must also have a digit, because
`"session": "running"` is a state."""

_MOST_LEARNED = 100
"""Most values of one body that are removed everywhere. Further ones are removed only by their names."""

_OPEN_HEADERS = {
    *("accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection"),
    *("content-encoding", "content-language", "content-length", "content-type", "date", "host", "if-modified-since"),
    *("if-none-match", "prefer", "user-agent", "x-request-id", "x-sdk-date"),
}
"""Request headers without secrets."""

_SECRET_WORDS = (
    *("authorization", "apikey", "accesskey", "accountkey", "authkey", "cookie", "credential", "encryptionkey"),
    *(
        "masterkey",
        "passcode",
        "passphrase",
        "passwd",
        "password",
        "privatekey",
        "pwd",
        "secret",
        "session",
        "sharedkey",
    ),
    *("signature", "signingkey", "sshkey", "subscriptionkey", "subjecttoken", "token"),
)

_SECRET_NAMES = frozenset(
    {
        *(
            "ak",
            "sk",
            "access",
            "assertion",
            "auth",
            "bearer",
            "cvc",
            "cvv",
            "jwt",
            "mfacode",
            "otp",
            "otpcode",
            "pass",
        ),
        *("pin", "pincode", "psw", "pw", "samlresponse", "sid", "sig", "totp", "verificationcode"),
    }
)

_PAIRED = frozenset({"name", "key"})
"""Fields with the name of the value that is in a field beside them."""

_HOLDERS = frozenset({"value", "values", "content", "data", "default", "plaintext", "string", "text"})
"""Fields with a value that belongs to the name of the field or element around them, or beside them."""

_SHAPES = re.compile(
    r"""
      (?<![A-Za-z0-9_-])(?>([A-Za-z0-9_-]*?)(?=eyJ))eyJ[A-Za-z0-9_-]{5,}+\.[A-Za-z0-9_-]{5,}+(?:\.[A-Za-z0-9_-]*+)?
                                                                       # a JSON Web Token, from the first eyJ of a word
    | \bMII[A-Za-z0-9+/_=-]{60,}                                       # DER in base64: certificates, the IAM's tokens
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
    | \b(?:Bearer|Basic|Digest|Negotiate)\ +[A-Za-z0-9+/._~=-]{8,}
    | \b(?:AKIA|ASIA|HST|HPUA)[A-Z0-9]{16,17}\b                        # access keys of clouds
    | \b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,})
    | (?:Access|Signature|Credential)=[A-Za-z0-9+/=._-]{8,}            # the parts of a signature
    """,
    re.VERBOSE | re.DOTALL,
)

_USER_PART = re.compile(
    r"""
    ((?::|%(?:25)*3A)(?:/|%(?:25)*2F){2})                              # ://, which may be quoted, once or twice
    (?:(?!(?::|%(?:25)*3A)(?:/|%(?:25)*2F){2})[^\s/?#"'<>&\\])+        # up to the last @ before the path
    (?=@|%(?:25)*40)
    """,
    re.VERBOSE | re.IGNORECASE,
)

_QUOTE = r"""(?:\\*+["']|&(?:quot|apos|\#0*3[49]|\#x0*2[27]);)"""

_ASSIGNED = re.compile(
    rf"(?<![\w-])(?P<name>[\w-]++)(?:\]|%5D)?+{_QUOTE}?+\s*+(?:=>|[:=]|%(?:25)*3D|%(?:25)*3A)\s*+", re.IGNORECASE
)
"""`password=`, `"token": `, `sk%3D`: a name with an assigned value."""

_VALUE = re.compile(
    rf"""
      \"\"\"(?P<long>.+?)(?=\"\"\"|\Z)                                   # GraphQL
    | (?P<quote>["'])(?P<quoted>(?:(?!(?P=quote))[^\\\n]|\\.)++)
    | \\++["'](?P<escaped>[^"'\\\n]++)
    | {_QUOTE}(?P<inner>(?:[^"'\n<>&]|&(?!quot;|apos;|\#))++)
    | (?P<bare>[^\s"'&,;<>}}\\]++)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
"""The value of an assignment."""

_HEADER_LINE = re.compile(
    r"(?:(?<![\w-])(?P<whole>(?:set-|proxy-)?(?:cookie|authorization))|^[ \t>*-]*+(?P<name>[\w.-]++))"
    r"(?P<gap>\\*+[\"']?[ \t]*+:[ \t]++\\*+[\"']?)(?P<value>(?:[^\r\n\"'<\\]|<(?![^\r\n<>]*+>))++)",
    re.IGNORECASE | re.MULTILINE,
)
"""A header such as `Cookie: a=b; c=d`, or a line of YAML. The value is the rest of the line."""

_PART = re.compile(
    r"^content-disposition:(?P<said>[^\r\n]*+)(?:\r?\n[^\r\n]++){0,20}+\r?\n\r?\n(?P<content>.*?)(?=\r?\n--(?!---)|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
"""A part of a multipart body."""

_PART_NAME = re.compile(r"\bname\*?=\"?([^\";]*+)", re.IGNORECASE)

_MARKUP = re.compile(
    r"""
      <!\[CDATA\[(?P<data>.*?)(?P<end>\]\]>|\Z)
    | <!--.*?(?:-->|\Z)
    | <(?P<close>/?)(?P<name>[\w.:-]++)(?P<rest>(?:"[^"]*+"|'[^']*+'|[^<>"'])*+)>
    | &lt;(?P<escaped>[\w.:-]++)(?:[^<>&]|&(?!lt;|gt;))*+&gt;(?P<inner>(?:[^<>&]|&(?!lt;|gt;))++)
    """,
    re.VERBOSE | re.DOTALL,
)

_ATTRIBUTE = re.compile(
    r"""(?<![\w.:-])(?P<name>[\w.:-]++)(?P<gap>\s*+=\s*+["']?)"""
    r"""(?P<value>(?<=")[^"]++|(?<=')[^']++|(?<!["'])[^\s"'<>]++)"""
)

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")

_UNNAMED = re.compile(r"[^a-z0-9]")


class Secrets:
    """Redacts secrets: known values, credentials learned from requests, and values with the name or form of a secret.

    Args:
        known: Values that are secret wherever they occur, such as the credentials of the environment.
        names: Further names of headers, parameters or fields with secret values, such as those of the documents'
        security schemes.
        open_headers: Further request headers without secrets, such as documented parameters.
    """

    def __init__(self, known: Iterable[str] = (), names: Iterable[str] = (), open_headers: Iterable[str] = ()) -> None:
        self._known = _Known()
        self._new: list[str] = []
        self._is_secret: dict[str, bool] = {}
        self._clean_names: dict[str, str] = {}
        self._harmless: set[str] = set()
        """Short texts in which no secret was found. They are cached because rows of a listing repeat them."""
        self._names = {_plain(name) for name in names}
        self._open = _OPEN_HEADERS | {name.lower() for name in open_headers}
        self._taken: dict[str, None] | None = None
        """While values are collected: those that were removed because of their names, in order."""
        for value in known:
            if len(value) >= _SHORTEST:
                self._known.add(value, keep=True)

    def __repr__(self) -> str:
        return f"<Secrets: {len(self._known)} known>"

    def learned(self) -> list[str]:
        """Return the values that were learned since the last call."""
        found, self._new = self._new, []
        return found

    def learn(self, values: Iterable[str]) -> None:
        """Remove these values in later texts, also inside other values."""
        for value in values:
            if len(value) >= _SHORTEST and value != MARK and self._known.add(value):
                self._new.append(value)
                self._harmless.clear()
                self._clean_names.clear()

    def learn_request(self, headers: Iterable[tuple[str, str]], url: str) -> None:
        """Remove the credentials of a request in later texts."""
        for name, value in headers:
            if self.is_secret(name) or not self._is_open(name):
                self.learn({value, *parts(value)})
        address = urlsplit(url)
        self.learn(value for name, value in parse_qsl(address.query) if self.is_secret(name))
        self.learn(unquote(value) for value in (address.username, address.password) if value)

    def learn_request_body(self, text: str, media_type: str) -> None:
        """Remove the credentials of a request's body in later texts: a response may quote them under other names."""
        self.learn(self._named(text, media_type))

    def learn_response(self, headers: Iterable[tuple[str, str]]) -> None:
        """Remove the credentials of a response's headers, such as a token or a cookie, in later texts."""
        for name, value in headers:
            if self.is_secret(name):
                # A cookie has its value before the first semicolon; its lifetime and scope follow.
                first = value.partition(";")[0]
                self.learn({first, *parts(first)})

    def learn_response_body(self, text: str, media_type: str) -> None:
        """Remove the credentials of a response's body in later texts: a token may be sent or quoted later."""
        found = self._named(text, media_type)
        self.learn(value for value in found if len(value) >= _SHORTEST_RETURNED and any(map(str.isdigit, value)))

    def _named(self, text: str, media_type: str) -> list[str]:
        """Return the values of a body with the name of a secret."""
        self._taken = taken = dict[str, None]()
        try:
            self.body(text, media_type)
        finally:
            self._taken = None
        return [value.strip() for value in islice(taken, _MOST_LEARNED)]

    def is_secret(self, name: str) -> bool:
        """Return whether a name is that of a secret."""
        found = self._is_secret.get(name)
        if found is None:
            if len(self._is_secret) >= _MOST_REMEMBERED:
                self._is_secret.clear()
            found = self._is_secret[name] = self._has_secret_name(name)
        return found

    def _has_secret_name(self, name: str) -> bool:
        plain = _plain(name)
        if plain in self._names or plain in _SECRET_NAMES:
            return True
        if name[-4:].lower() == "-key" and "public" not in plain and "idempotency" not in plain:
            return True
        return any(word in plain for word in _SECRET_WORDS) and not plain.endswith(("expiresat", "expiresin", "type"))

    def request_headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return a request's headers.

        The value of a header is removed unless the header is known to have no secrets: a credential can have any name.
        """
        return [(name, self.value(name, value) if self._is_open(name) else MARK) for name, value in headers]

    def response_headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return a response's headers.

        A header may contain a URL with secrets in its query, such as the target of a redirect.
        """
        return [(name, self.value(name, value)) for name, value in headers]

    def url(self, url: str) -> str:
        """Return a URL without secrets in its query, its user part or its path."""
        try:
            address = urlsplit(url)
        except ValueError:
            return self._in_text(url)
        query = [(name, self.value(name, value)) for name, value in parse_qsl(address.query, keep_blank_values=True)]
        host, path = address.netloc.rpartition("@")[2], self.text(address.path)
        # Redact assignments such as ;jsessionid=…, but not colons, which may be part of an operation's name.
        path = self._assigned(path) if "=" in unquote(path) else path
        return urlunsplit((address.scheme, host, path, urlencode(query), ""))

    def value(self, name: str, value: str) -> str:
        """Return a named value without secrets."""
        return self._mark(value) if value and self.is_secret(name) else self._inner(value)

    def text(self, text: str) -> str:
        """Redact known secrets in a text, and parts that have the form of a secret."""
        for secret in self._known.found_in(text):
            text = text.replace(secret, MARK)
        return _USER_PART.sub(rf"\1{MARK}", _SHAPES.sub(lambda match: f"{match[1] or ''}{MARK}", text))

    def body(self, text: str, media_type: str) -> str:
        """Return a body without secrets.

        JSON keeps its form: only values that have the name of a secret, or contain a secret, change.
        """
        if media_type == "application/x-www-form-urlencoded":
            return urlencode(
                [(name, self.value(name, value)) for name, value in parse_qsl(text, keep_blank_values=True)]
            )
        clean = self._json_text(text, indent=2)
        return self._unread(text) if clean is None else clean

    def json(self, data: Any, name: str = "") -> Any:
        """Return JSON data without secrets, also inside strings that contain JSON."""
        try:
            return self._json(data, name)
        except RecursionError:
            return MARK

    def _json(self, data: Any, name: str = "") -> Any:
        if isinstance(data, dict):
            # {"name": "DB_PASSWORD", "value": …}
            paired = next((each for key, each in data.items() if _plain(key) in _PAIRED and isinstance(each, str)), "")
            around = paired if paired and self.is_secret(paired) else name
            return {
                self._name(key): self._json(member, around if _plain(key) in _HOLDERS else key)
                for key, member in data.items()
            }
        if isinstance(data, list):
            return [self._json(item, name) for item in data]
        if name and self.is_secret(name) and data not in (None, "", True, False):
            return self._mark(str(data))
        if isinstance(data, str):
            return self._inner(data)
        return MARK if isinstance(data, int) and str(data) in self._known else data

    def _name(self, name: str) -> str:
        """Return the name of a field without secrets."""
        found = self._clean_names.get(name)
        if found is None:
            found = self.text(name)
            if len(name) <= _LONGEST_REMEMBERED and len(self._clean_names) < _MOST_REMEMBERED:
                self._clean_names[name] = found
        return found

    def _inner(self, text: str) -> str:
        """Return a string of other data without secrets. The string may contain JSON."""
        if text in self._harmless:
            return text
        clean = self._json_text(text) if text.lstrip()[:1] in ("{", "[") else None
        clean = self._unread(text) if clean is None else clean
        if clean == text and len(text) <= _LONGEST_REMEMBERED:
            if len(self._harmless) >= _MOST_REMEMBERED:
                self._harmless.clear()
            self._harmless.add(text)
        return clean

    def _json_text(self, text: str, indent: int | None = None) -> str | None:
        """Return a JSON text without secrets, unchanged if it has no secrets; None if it is not JSON."""
        try:
            data = json.loads(text, object_pairs_hook=_once)
            clean = self._json(data)
        except (ValueError, RecursionError):
            return None
        separators = None if indent else (",", ":")
        return text if clean == data else json.dumps(clean, ensure_ascii=False, indent=indent, separators=separators)

    def _unread(self, text: str) -> str:
        """Return a text without secrets that is not JSON: base64, lines of JSON, or another text."""
        if _BASE64.fullmatch(packed := "".join(text.split())):
            return self._packed(text, packed)
        if "\n" in text:
            text = "\n".join(map(self._line, text.split("\n")))
        return self._in_text(text)

    def _packed(self, text: str, packed: str) -> str:
        """Return a text without secrets that may be base64 of another text."""
        altchars = b"-_" if "-" in packed or "_" in packed else None
        try:
            inner = base64.b64decode(packed.rstrip("=") + "=" * (-len(packed.rstrip("=")) % 4), altchars).decode()
        except ValueError:
            return self._in_text(text)
        clean = self.body(inner, "")
        return self._in_text(text) if clean == inner else base64.b64encode(clean.encode(), altchars).decode()

    def _line(self, line: str) -> str:
        """Return a line without secrets. It may be JSON, as in logs and event streams."""
        start = len(line) - len(line.removeprefix("data:").lstrip())
        clean = self._json_text(line[start:]) if line[start : start + 1] in ("{", "[") else None
        return line if clean is None else line[:start] + clean

    def _in_text(self, text: str) -> str:
        """Redact secrets in any text: known ones, and those in forms, markup, header lines and assignments."""
        text = _PART.sub(self._part, self.text(text))
        if "<" in text or "&lt;" in text:
            text = self._markup(text)
        if ":" in text:
            text = _HEADER_LINE.sub(self._header_line, text)
        return self._assigned(text)

    def _part(self, match: re.Match[str]) -> str:
        name, content = _PART_NAME.search(match["said"]), match["content"]
        start = match.start("content") - match.start()
        if name and content.strip() and self.is_secret(unquote(name[1])):
            return match[0][:start] + self._mark(content)
        return match[0][:start] + (self._json_text(content) or content)

    def _markup(self, text: str) -> str:
        """Return XML or HTML without values of secret names: elements, attributes, and values beside a name."""
        made, rest, secret, beside = [], 0, False, False
        for match in _MARKUP.finditer(text):
            between = text[rest : match.start()]
            made.append(self._mark(between) if secret and between.strip() else between)
            rest = match.end()
            if (data := match["data"]) is not None:
                clean = self._mark(data) if secret and data.strip() else self._json_text(data)
                if clean is None:
                    # Redact markup inside too, except beside a second start of CDATA, which parsers ignore.
                    clean = data if "<![CDATA[" in data else self._markup(data)
                made += ["<![CDATA[", clean, match["end"]]
            elif escaped := match["escaped"]:
                hidden = self.is_secret(_local(escaped))
                start = match.start("inner")
                made += [text[match.start() : start], self._mark(match["inner"]) if hidden else match["inner"]]
            elif match["name"] is None:
                made.append(match[0])
            elif match["close"]:
                made.append(match[0])
                beside = _plain(_local(match["name"])) in _PAIRED and self.is_secret(between.strip())
                secret = False
            else:
                name, attributes = _local(match["name"]), match["rest"]
                named = self._names_a_secret(attributes)
                secret = self.is_secret(name) or named or ((secret or beside) and _plain(name) in _HOLDERS)
                secret = secret and not attributes.endswith("/")
                beside = False
                made += [f"<{match['name']}", self._attributes(attributes, named), ">"]
        return "".join([*made, text[rest:]])

    def _names_a_secret(self, attributes: str) -> bool:
        """Return whether the attributes of an element mark a secret, such as `name="password"` or `type="password"`."""
        return any(
            self.is_secret(match["value"])
            for match in _ATTRIBUTE.finditer(attributes)
            if _plain(match["name"]) in _PAIRED or match["value"].lower() == "password"
        )

    def _attributes(self, attributes: str, named: bool) -> str:
        def without(match: re.Match[str]) -> str:
            name = _local(match["name"])
            if self.is_secret(name) or (named and _plain(name) in _HOLDERS):
                return f"{match['name']}{match['gap']}{self._mark(match['value'])}"
            return match[0]

        return _ATTRIBUTE.sub(without, attributes)

    def _header_line(self, match: re.Match[str]) -> str:
        if not self.is_secret(match["whole"] or match["name"]):
            return match[0]
        return match[0][: match.start("value") - match.start()] + self._mark(match["value"])

    def _assigned(self, text: str) -> str:
        """Redact values that are assigned to the name of a secret, as in the query of a URL or on a command line."""
        made, rest = [], 0
        for match in _ASSIGNED.finditer(text):
            name, start = match["name"], match.start()
            # In %3Fpassword%3D… the name begins after the digits.
            if text[start - 1 : start] == "%":
                name = name[2:]
            if start >= rest and self.is_secret(name) and (found := _VALUE.match(text, match.end())):
                value = next(group for group in ("long", "quoted", "escaped", "inner", "bare") if found[group])
                made += [text[rest : found.start(value)], self._mark(found[value])]
                rest = found.end(value)
        return "".join([*made, text[rest:]])

    def _mark(self, value: str) -> str:
        if self._taken is not None:
            self._taken[value] = None
        return MARK

    def _is_open(self, name: str) -> bool:
        return name.lower() in self._open


class _Known:
    """Known secrets in all their spellings. The time to find them depends on the text, not on their number.

    Only the last `_MOST_KNOWN` of the learned values are kept. A value that is sent again becomes the last one.
    """

    def __init__(self) -> None:
        self._kept: set[str] = set()
        self._values: dict[str, tuple[str, ...]] = {}
        self._by_end: dict[str, dict[str, None]] = {}
        """Spellings by their last characters."""

    def __len__(self) -> int:
        return len(self._values) + len(self._kept)

    def __contains__(self, text: str) -> bool:
        return text in self._by_end.get(text[-_SHORTEST:], {})

    def add(self, value: str, *, keep: bool = False) -> bool:
        """Add a value. With `keep` it is never dropped. Returns whether it was unknown."""
        if value in self._kept:
            return False
        if value in self._values:
            self._values[value] = self._values.pop(value)
            return False
        forms = tuple({form for form in spellings(value) if len(form) >= _SHORTEST})
        if keep:
            self._kept.add(value)
        else:
            self._values[value] = forms
        for form in forms:
            self._by_end.setdefault(form[-_SHORTEST:], {})[form] = None
        if len(self._values) > _MOST_KNOWN:
            self._forget(next(iter(self._values)))
        return True

    def _forget(self, value: str) -> None:
        for form in self._values.pop(value):
            here = self._by_end.get(form[-_SHORTEST:], {})
            here.pop(form, None)
            if not here:
                self._by_end.pop(form[-_SHORTEST:], None)

    def found_in(self, text: str) -> list[str]:
        """Return the spellings in a text, longest first, because a credential may be part of another."""
        if len(self._by_end) <= min(_FEW, len(text)):
            ends: Iterable[str] = (end for end in self._by_end if end in text)
        else:
            pieces = (text[at : at + _PIECE + _SHORTEST] for at in range(0, len(text), _PIECE))
            ends = {
                end
                for piece in pieces
                for end in self._by_end.keys() & {piece[at : at + _SHORTEST] for at in range(len(piece))}
            }
        return sorted((form for end in ends for form in self._by_end[end] if form in text), key=len, reverse=True)


def spellings(value: str) -> Iterator[str]:
    """Yield encodings of a value: in JSON, in a URL, in HTML, in base64."""
    yield value
    for text in (json.dumps(value)[1:-1], _escaped(value)):
        yield text
        yield text.replace("/", "\\/")
        yield _ESCAPE.sub(lambda match: f"\\u{match[0][2:].upper()}", text)
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    data = value.encode("utf-8", "surrogatepass")
    for text in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield text
        yield _QUOTED.sub(lambda match: match[0].lower(), text)
        yield quote(text, safe="")
    yield html.escape(value)
    yield html.escape(value, quote=False)
    yield html.escape(value).replace("&#x27;", "&#39;")
    yield "".join(letter if letter.isalnum() else f"&#{ord(letter)};" for letter in value)
    yield "".join({"&": "&amp;", "<": "&lt;", ">": "&gt;", "+": "&#43;"}.get(letter, letter) for letter in value)
    yield from _in_base64(data)


def _escaped(value: str) -> str:
    return "".join(letter if letter.isalnum() and letter.isascii() else f"\\u{ord(letter):04x}" for letter in value)


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield a value in base64: alone, and inside longer data, where it may begin at three different bits."""
    yield base64.b64encode(data).decode()
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + data).decode()
        # These characters depend only on the value, not on the data before or after it.
        own = whole[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
        yield own
        yield own.replace("+", "-").replace("/", "_")


def parts(value: str) -> Iterator[str]:
    """Yield parts of a header that may be quoted: `Bearer abc` as `abc`, a cookie or a signature without its name."""
    words = _BETWEEN.split(value)
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


@lru_cache(maxsize=10_000)
def _plain(name: str) -> str:
    return _UNNAMED.sub("", name.lower())


def _local(name: str) -> str:
    """Return the name of an element without its namespace."""
    return name.rpartition(":")[2]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. Raises `ValueError` for a repeated name, because the data would hide one of the values."""
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("an object must have each name once")
    return data
