# Generated from generator/client/runtime/_response.py. Do not edit: change that, and run `make generate`.
"""Responses: a model of a 2xx response, an exception for any other; credentials are redacted."""

from __future__ import annotations

import re
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ._deviations import Deviation, DeviationReporter, Severity, json_type
from ._jobs import other_id
from ._json import JSONDecodeError, parse
from ._messages import Response, as_utf8, is_ascii
from ._models import Model, as_text, pointer, value_at
from ._operations import Header, Operation, Secret
from ._options import UNCHANGED, Options, Unchanged, retry_after
from ._urls import parse_url
from .errors import APIStatusError, CloudJobsError, ContractViolationError, InvalidResponseError, status_error_class

if TYPE_CHECKING:
    import httpx

_MARK = "***"

_PUBLIC_HEADERS = {
    "accept",
    "accept-encoding",
    "connection",
    "content-type",
    "host",
    "user-agent",
    "x-request-id",
    "x-sdk-date",
}
"""Headers without secrets. Any other header may have one, since custom authentication can use any header."""

_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")

_SHORTEST = 6
"""Fewest characters of a credential that is redacted. A shorter one would match parts of unrelated words."""


class Redactor:
    """Replaces secrets by `***`."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets

    @classmethod
    def from_headers(cls, sent: Mapping[str, str]) -> Redactor:
        """Return a redactor of the credentials in a request's headers."""
        import httpx

        headers = httpx.Headers(sent)
        values = {value for name, value in headers.items() if name not in _PUBLIC_HEADERS}
        # A signature lists the names of the headers that it signs.
        found = values | {part for value in values for part in _parts(value) if part.lower() not in headers}
        return cls.knowing(*found)

    @classmethod
    def knowing(cls, *secrets: str) -> Redactor:
        """Return a redactor of these secrets."""
        # The longest first: a credential may be part of another.
        return cls(tuple(sorted((secret for secret in secrets if len(secret) >= _SHORTEST), key=len, reverse=True)))

    def text(self, text: str | None) -> str | None:
        """Return the string without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _MARK) if text else text
        return text

    def bytes(self, content: bytes) -> bytes:
        """Return the bytes without the secrets."""
        for encoding in ("utf-8", *(_WIDE if b"\0" in content else ())):
            for secret in self._secrets:
                content = content.replace(secret.encode(encoding, "replace"), _MARK.encode(encoding))
        return content


def _parts(value: str) -> Iterator[str]:
    """Yield the parts of a header that a service might quote.

    They are `abc` of `Bearer abc`, a cookie or a signature without its name, and the password of basic authentication.
    """
    words = re.split(r"[\s,;]+", value)
    if words[0].lower() == "basic":
        with suppress(ValueError):
            yield b64decode(words[-1]).decode("utf-8", "replace").partition(":")[2]
    for number, word in enumerate(words):
        _, equals, named = word.partition("=")
        if equals and named.strip("="):
            yield named
        elif number:
            yield word


M_co = TypeVar("M_co", covariant=True)


class RawResponse(Generic[M_co]):
    """A response, whatever its status, before it is decoded."""

    def __init__(
        self, operation: Operation[M_co], options: Options, response: Response, job_id: str | None = None
    ) -> None:
        self._operation = operation
        self._options = options
        self._response = response
        self._job_id = job_id
        self._other: str | None = None
        """The ID in the response, where it is not the requested one."""
        self._headers: httpx.Headers | None = None
        self._reporter = DeviationReporter(operation.service, operation.name, options.on_deviation)
        self._parsed: M_co | Unchanged = UNCHANGED
        self._failure: CloudJobsError | None = None

    @property
    def status_code(self) -> int:
        """Status of the response."""
        return self._response.status_code

    @property
    def headers(self) -> httpx.Headers:
        """Headers of the response."""
        if self._headers is None:
            import httpx

            self._headers = httpx.Headers(list(self._response.headers))
        return self._headers

    @property
    def retry_after(self) -> float | None:
        """Seconds until the next request that the service asks for, if it sent a valid `Retry-After`."""
        # Most responses lack it: they need not be searched with the lower-case keys of httpx.
        if not any(name.lower() == b"retry-after" for name, _ in self._response.headers):
            return None
        return retry_after(self.headers, time.time())

    @property
    def content(self) -> bytes:
        """The body's bytes, decompressed."""
        return self._response.content

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """The deviations found so far: rows of a list are decoded when they are accessed."""
        return tuple(self._reporter.deviations)

    def __repr__(self) -> str:
        return f"<RawResponse {self.status_code}, {len(self.content)} bytes>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(
            "a RawResponse cannot be pickled, since it holds the request's credentials: pickle the result of parse()"
        )

    def parse(self) -> M_co:
        """Return the model of the response; the same one each time.

        Raises:
            APIStatusError: The status is not 2xx.
            InvalidResponseError: The body is not a JSON object.
            ContractViolationError: The response violates the contract, with `strict=True`.
        """
        if self._failure is not None:
            raise self._failure
        if isinstance(self._parsed, Unchanged):
            try:
                self._parsed = self._decode()
            except CloudJobsError as error:
                # Decoding again would report each deviation again.
                self._failure = error
                raise
        return self._parsed

    def started_job(self) -> str:
        """Return the ID of the job that the operation started, or its URL.

        Raises:
            InvalidResponseError: The response has neither.
        """
        model, spec = self.parse(), self._operation.start
        assert spec is not None
        found: str | None
        if isinstance(spec.place, Header):
            found, where = self.headers.get(spec.place.name), f"header {spec.place.name}"
        else:
            found, where = as_text(value_at(model, spec.place)), spec.place
        if not found:
            raise self._invalid(f"{where} must have the ID of the started job, got no value")
        return found

    def parse_awaited(self) -> M_co:
        """Return the model of the response to a poll.

        Raises:
            InvalidResponseError: As `parse`, or the response is about another job than the requested one.
        """
        model = self.parse()
        if self._other is not None:
            other = one_line(self._redactor().text(self._other) or "")
            raise self._invalid(f"the body must be of the requested job {self._job_id!r}, got job {other!r}")
        return model

    def _decode(self) -> M_co:
        if not 200 <= self.status_code <= 299:
            raise self._status_error()
        # Imported with the first 2xx response: until then nothing is decoded.
        from ._decoding import check_all_rows, read_payload, response_decoder

        operation = self._operation
        expected: Any = operation.response
        model, unreadable = None, ""
        try:
            if operation.responses:
                model = read_payload(operation, self.status_code, self.content, self._utf8, self._reporter)
            else:
                model = response_decoder(expected, operation.id).read(self._utf8(), self._reporter)
        except JSONDecodeError as error:
            unreadable = str(error)
        if unreadable:
            # Not inside `except`: the context of the exception has the body, which can quote a credential.
            raise self._invalid(f"the body cannot be parsed: {unreadable}")
        if not operation.responses and not isinstance(model, operation.response):
            raise self._invalid(f"the body must be a JSON object, got {json_type(model)}")
        # A response without an ID is accepted.
        path = (operation.poll.job if operation.poll else "") or "$"
        job = value_at(model, path)
        if self._job_id is not None and isinstance(job, Model) and (found := other_id(job, self._job_id)) is not None:
            at = pointer(path)
            self._other = str(found.actual)
            self._reporter.report([found.below(at, at) if at else found])
        if self._options.strict:
            if isinstance(model, Model):
                check_all_rows(model)
            violations = [each for each in self._reporter.deviations if each.severity is Severity.VIOLATION]
            if violations:
                raise ContractViolationError(
                    f"{operation} deviates from its document in {len(violations)} place(s): "
                    + "; ".join(str(each) for each in violations[:3]),
                    service=operation.service,
                    operation=operation.id,
                    violations=violations,
                )
        return cast("M_co", model)

    def _status_error(self) -> APIStatusError:
        operation, status = self._operation, self.status_code
        redact = self._redactor()
        try:
            body = parse(self._utf8())
        except JSONDecodeError:
            body = None
        mapping = operation.errors
        code = redact.text(self._field(body, mapping.code))
        message = body if isinstance(body, str) else self._field(body, mapping.message) or self._other_message(body)
        message = redact.text(message)
        request_id = redact.text(self._field(body, mapping.request_id))
        said = (
            " ".join(part for part in (code, message) if part) or redact.text(self._response.reason) or "no explanation"
        )
        return status_error_class(status)(
            f"{operation} returned status {status}: {one_line(said)}{redact.text(self._redirection())}",
            service=operation.service,
            operation=operation.id,
            status_code=status,
            code=code,
            message=message,
            request_id=request_id,
            retry_after=self.retry_after,
            body=redact.bytes(self.content),
        )

    def _field(self, body: Any, locations: tuple[str | Header, ...]) -> str | None:
        """Return a field of an error, from the first location that is not empty."""
        found = (self.headers.get(each.name) if isinstance(each, Header) else _at(body, each) for each in locations)
        value = next((value for value in found if value not in (None, "")), None)
        return value if value is None or isinstance(value, str) else str(value)

    def _invalid(self, what: str) -> InvalidResponseError:
        operation = self._operation
        return InvalidResponseError(
            f"{operation} returned status {self.status_code}: {what}",
            service=operation.service,
            operation=operation.id,
            status_code=self.status_code,
            body=self._redactor().bytes(self.content),
        )

    def _other_message(self, body: Any) -> str | None:
        """Return the message of a gateway: a plain-text body, or a problem (RFC 9457); None for HTML."""
        media_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type == "application/problem+json":
            found = (_at(body, name) for name in ("title", "detail"))
            return ": ".join(each for each in found if isinstance(each, str) and each) or None
        if body is not None or media_type != "text/plain":
            return None
        return one_line(self._utf8().decode(errors="replace")) or None

    def _redirection(self) -> str:
        """Return the target of a redirect, without secret parts of the address."""
        location = self.headers.get("Location", "")
        if not location or not 300 <= self.status_code <= 399:
            return ""
        url = parse_url(Secret(location))
        if url is None:
            return " (redirects are not followed)"
        place = str(url.reveal().copy_with(userinfo=b"", query=None, fragment=None))
        return f" (redirects are not followed; this one leads to {one_line(place)})"

    def _utf8(self) -> bytes:
        content = self.content
        return content if is_ascii(content) else as_utf8(content, self.headers.get("Content-Type", ""))

    def _redactor(self) -> Redactor:
        return Redactor.from_headers(self._response.sent)


def _at(body: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def one_line(text: str) -> str:
    """Return a service's message on one line, shortened, for the text of an error."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


_LONGEST_LINE = 500
