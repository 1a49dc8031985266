"""Appends exchanges to a HAR file, each as soon as it is over, without their secrets.

The file is a whole HAR file at any moment: an exchange is one line, written over the end of the file in one step. The
cost of an exchange does not depend on how many there are.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from ...errors import Problem, ValidationError
from ...files import write_files
from ..exchange import header
from ..har import RECORDER_TAIL, Headers, clean_body, named_request, named_response, recorder_head
from ..redaction import Secrets

_WORD = re.compile(r"[A-Za-z0-9]{6,}")
"""A part of a text that a secret with letters and digits is found by."""

_MOST_WORDS = 1_000_000
"""Words of earlier exchanges that are remembered. Of a longer recording, the end of the recorder looks at all."""


@attrs.frozen(kw_only=True)
class RecordedExchange:
    """A request and its response, as they were relayed."""

    started: datetime
    seconds: float
    """How long the response took."""
    method: str
    url: str
    """The provider's address, not the recorder's."""
    request_headers: Headers
    request_body: bytes
    status: int
    reason: str
    """The status line's text."""
    response_headers: Headers
    response_body: bytes
    """Without its content coding."""
    comment: str = ""
    """Which operation it is."""


class HarWriter:
    """Writes exchanges into a HAR 1.2 file.

    Secrets are learned from each exchange. An exchange that is in the file already may quote one, since a token may be
    quoted before it is sent: then the file is redacted again, at once if the secret is a word of it, and once more as a
    whole when the recording ends.

    Args:
        file: The HAR file. It is replaced by an empty one with `write`, or with the first exchange.
        secrets: The redactor.
    """

    def __init__(self, file: Path, secrets: Secrets) -> None:
        self.file = file
        self._secrets = secrets
        self._lock = threading.Lock()
        self._opened: int | None = None
        self._end = 0
        """Offset of the last line, which ends the file."""
        self._count = 0
        self._words: set[int] = set()
        """Hashes of the words that are in the file."""
        self._is_unclean = False
        """Whether secrets were learned after an exchange was written."""

    def __len__(self) -> int:
        return self._count

    def write(self) -> None:
        """Write a file without exchanges. Raises `ValidationError` if it cannot be written."""
        with self._lock:
            self._create()

    def add(self, exchange: RecordedExchange) -> None:
        """Append an exchange. Raises `ValidationError` if it cannot be written; the file is as it was then."""
        with self._lock:
            if self._opened is None:
                self._create()
            self._learn(exchange)
            learned = self._secrets.learned()
            if self._count and learned:
                self._is_unclean = True
                if any(map(self._may_have, learned)):
                    self._clean()
            line = json.dumps(_entry(self._secrets, exchange), ensure_ascii=False)
            line = line.encode("utf-8", "backslashreplace").decode()
            self._append(((",\n" if self._count else "") + line).encode())
            self._count += 1
            if len(self._words) < _MOST_WORDS:
                self._words.update(map(hash, _WORD.findall(line)))

    def close(self) -> None:
        """Redact the file once more if secrets were learned after its first exchange, and close it."""
        with self._lock:
            if self._opened is None:
                return
            if self._is_unclean:
                self._clean()
            os.close(self._opened)
            self._opened = None

    def _create(self) -> None:
        head = recorder_head()
        write_files({self.file: head + RECORDER_TAIL})
        self._open(len(head))

    def _open(self, end: int) -> None:
        if self._opened is not None:
            os.close(self._opened)
        try:
            self._opened = os.open(self.file, os.O_RDWR)
        except OSError as error:
            raise self._unwritable(error) from None
        self._end = end

    def _append(self, line: bytes) -> None:
        """Write a line and the end of the file over its end."""
        assert self._opened is not None
        rest, at = memoryview(line + RECORDER_TAIL), self._end
        try:
            while rest:
                written = os.pwrite(self._opened, rest, at)
                rest, at = rest[written:], at + written
        except OSError as error:
            with contextlib.suppress(OSError):
                os.pwrite(self._opened, RECORDER_TAIL, self._end)
                os.ftruncate(self._opened, self._end + len(RECORDER_TAIL))
            raise self._unwritable(error) from None
        self._end += len(line)

    def _unwritable(self, error: OSError) -> ValidationError:
        return ValidationError(
            Problem(self.file, f"cannot be written ({error.strerror})", "Make room, or name another --har")
        )

    def _learn(self, exchange: RecordedExchange) -> None:
        secrets = self._secrets
        secrets.learn_request(exchange.request_headers, exchange.url)
        secrets.learn_response(exchange.response_headers)
        clean_body(exchange.request_body, exchange.request_headers, _learner(secrets.learn_request_body))
        clean_body(exchange.response_body, exchange.response_headers, _learner(secrets.learn_response_body))

    def _may_have(self, value: str) -> bool:
        """Whether a value can be in the file: it has words, and all of them are there."""
        words = _WORD.findall(value)
        return bool(words) and all(hash(word) in self._words for word in words)

    def _clean(self) -> None:
        """Redact the exchanges in the file with the secrets that are known now. The file is replaced as a whole."""
        folder, name = self.file.parent, f".{self.file.name}.redacted"
        made = folder / name
        try:
            with made.open("wb") as output:
                for line in self._cleaned():
                    output.write(line)
            made.chmod(self.file.stat().st_mode & 0o777)
            made.replace(self.file)
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            made.unlink(missing_ok=True)
        self._open(self.file.stat().st_size - len(RECORDER_TAIL))

    def _cleaned(self) -> Iterator[bytes]:
        with self.file.open("rb") as written:
            yield written.readline()
            for number in range(self._count):
                text = written.readline().decode().rstrip("\n").removesuffix(",")
                if self._secrets.text(text) != text:
                    entry = _redacted(self._secrets, json.loads(text))
                    text = json.dumps(entry, ensure_ascii=False)
                yield (",\n" if number else "").encode() + text.encode()
        yield RECORDER_TAIL


def _redacted(secrets: Secrets, value: Any) -> Any:
    """An entry without known secrets in its strings."""
    if isinstance(value, str):
        return secrets.text(value)
    if isinstance(value, list):
        return [_redacted(secrets, item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("encoding") == "base64" and isinstance(value.get("text"), str):
        kind = [("Content-Type", str(value.get("mimeType", "")))]
        body = clean_body(base64.b64decode(value["text"]), kind, lambda text, media_type: secrets.text(text))
        return {**value, "size": len(body), "text": base64.b64encode(body).decode()}
    clean = {key: _redacted(secrets, member) for key, member in value.items()}
    if isinstance(clean.get("text"), str) and "size" in clean:
        clean["size"] = len(clean["text"].encode())
    return clean


def _entry(secrets: Secrets, exchange: RecordedExchange) -> dict[str, Any]:
    sent, got = secrets.request_headers(exchange.request_headers), secrets.response_headers(exchange.response_headers)
    request = named_request(exchange.method, secrets.url(exchange.url), sent, len(exchange.request_body))
    if exchange.request_body:
        posted = _content(secrets, exchange.request_body, sent)
        request["postData"] = {key: posted[key] for key in ("mimeType", "text", "encoding") if key in posted}
    content = _content(secrets, exchange.response_body, got)
    response = named_response(exchange.status, secrets.text(exchange.reason), got, content)
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": exchange.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": milliseconds,
        "request": request,
        "response": {**response, "redirectURL": secrets.url(header(tuple(got), "location") or "")},
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": exchange.comment,
    }


def _content(secrets: Secrets, body: bytes, headers: Headers) -> dict[str, Any]:
    clean = clean_body(body, headers, secrets.body)
    content: dict[str, Any] = {"size": len(clean), "mimeType": header(tuple(headers), "content-type") or ""}
    try:
        return {**content, "text": clean.decode()}
    except UnicodeDecodeError:
        return {**content, "text": base64.b64encode(clean).decode(), "encoding": "base64"}


def _learner(learn: Callable[[str, str], None]) -> Callable[[str, str], str]:
    def leave(text: str, media_type: str) -> str:
        learn(text, media_type)
        return text

    return leave
