"""The only sender of `contract verify`: GET requests to one provider, at a limited rate."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import ssl
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlencode, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import attrs
import httpx

from ...documents.mappings import AuthSpec
from ...errors import Problem, UsageError, ValidationError
from ..exchange import Exchange, curl, exchange_from_response

_TARGET = re.compile(r"/[!\"$-~]*")
"""A path and a query: visible ASCII without #."""

_MAX_QUOTED = 80

_LAST_PORT = 65_535
_LONGEST_HOST = 253
_LONGEST_LABEL = 63
"""Bytes of a host name, and of each label between its dots (RFC 1035)."""


def provider_address(url: str) -> str:
    """Return the URL of a provider without a slash at its end.

    Raises:
        ValueError: It is not the URL of a server, or has more than a host and a path. Neither the message nor a
            variable of a frame contains it, because it may have a password.
    """
    wrong = _address_fault(url)
    address = "" if wrong else str(httpx.URL(url)).rstrip("/")
    del url
    if wrong:
        raise ValueError(f"{wrong}. Write https://host or https://host/path")
    return address


def _address_fault(url: str) -> str:
    """Return the error of a URL that cannot be that of a provider; empty for a valid one."""
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.removesuffix(b".")
        is_host = len(host) <= _LONGEST_HOST and all(0 < len(label) <= _LONGEST_LABEL for label in host.split(b"."))
        is_address = parsed.scheme in ("http", "https") and is_host and 0 <= (parsed.port or 0) <= _LAST_PORT
    except (httpx.InvalidURL, UnicodeError):
        is_address = False
    if not is_address:
        return "must be the http or https URL of a server, got another text"
    if parsed.userinfo or "?" in url or "#" in url:
        return "must have only a host and a path, got a user, a query or a fragment"
    return ""


def is_encrypted(url: str) -> bool:
    """Return whether requests to a URL are private: they use TLS, or stay on this machine."""
    parsed = httpx.URL(url)
    return parsed.scheme == "https" or is_this_machine(parsed.host)


def below(base: httpx.URL, target: str) -> httpx.URL:
    """Return the URL of a path and query at a provider.

    Scheme, host and port are always those of the provider, independent of the target.

    Args:
        base: URL of the provider, which may have a path.
        target: The path, percent-encoded, and the query.

    Raises:
        ValueError: The target is not a path, or could leave the path of the provider.
    """
    if not _TARGET.fullmatch(target):
        shown = repr(target[:_MAX_QUOTED])
        raise ValueError(f"the request target must be a path of visible ASCII that begins with /, got {shown}")
    if _climbs(target.partition("?")[0]):
        raise ValueError(f"the request target must have no segment . or .., got {target[:_MAX_QUOTED]!r}")
    prefix = base.raw_path.rstrip(b"/")
    try:
        url = base.copy_with(raw_path=prefix + target.encode("ascii"))
    except httpx.InvalidURL:
        raise ValueError(f"the request target must be valid in a URL, got {target[:_MAX_QUOTED]!r}") from None
    same = (url.scheme, url.netloc, url.userinfo) == (base.scheme, base.netloc, base.userinfo)
    if not same or not url.raw_path.startswith(prefix + b"/"):
        raise ValueError(f"the request target must stay below the provider's URL, got {target[:_MAX_QUOTED]!r}")
    return url


def _climbs(path: str) -> bool:
    """Return whether a server could find a segment `.` or `..` in a path, even encoded twice or with parameters."""
    readings = (path, unquote(path), unquote(unquote(path)))
    segments = (each for reading in readings for each in reading.replace("\\", "/").split("/"))
    return any(segment.partition(";")[0] in (".", "..") for segment in segments)


def environment_proxy(url: str) -> httpx.Proxy | None:
    """Return the proxy of the environment for a URL. `HTTPS_PROXY` and `NO_PROXY` are read as by curl and urllib.

    Networks such as `10.0.0.0/8` may be in `NO_PROXY` too. Requests to this machine have no proxy.

    Raises:
        UsageError: The variable is not the URL of a proxy. The message does not quote it: it may have a password.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    found = getproxies_environment()
    if is_this_machine(host) or proxy_bypass(parts.netloc, found) or _is_in_networks(host, found.get("no", "")):
        return None
    variable = next((name for name in (parts.scheme, "all") if found.get(name)), None)
    if variable is None:
        return None
    address = found[variable] if "://" in found[variable] else f"http://{found[variable]}"
    try:
        proxy = httpx.Proxy(address)
        if proxy.url.host:
            return proxy
    except (ValueError, httpx.InvalidURL):
        pass
    name = f"{variable.upper()}_PROXY"
    message = "must be the URL of an HTTP or SOCKS5 proxy such as http://host:port, got another value"
    raise UsageError(Problem(name, message, "Correct or unset the variable"))


def is_this_machine(host: str) -> bool:
    """Return whether a host is this machine by its name or address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # Python 3.11 does not count ::ffff:127.0.0.1.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _is_in_networks(host: str, no_proxy: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for entry in no_proxy.replace(",", " ").split():
        with contextlib.suppress(ValueError):
            if address in ipaddress.ip_network(entry.strip("[]"), strict=False):
                return True
    return False


def tls_problem(url: str, error: ssl.SSLError) -> Problem:
    """Return the problem of a failed TLS handshake with a provider."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"must have a trusted certificate, got an error ({error.verify_message})"
        return Problem(url, why, "Install a valid certificate, or set SSL_CERT_FILE to its authority")
    return Problem(
        url, f"must accept TLS, got an error ({error.reason or 'connection closed'})", "Check scheme and port"
    )


def certificates_problem(error: OSError) -> Problem:
    """Return the problem of certificates in the environment that cannot be read."""
    why = f"must name readable certificates, got an error ({error.strerror or error})"
    return Problem("SSL_CERT_FILE or SSL_CERT_DIR", why, "Correct or unset the variable")


_TRIES = 3

CHECK_PROVIDER = "Correct the provider, or try again later"

_LONGEST_PAUSE = 60.0
"""Most seconds to wait for a provider's `Retry-After`."""

_MAX_RESPONSE_SIZE = 256 * 1024 * 1024

_SCHEMES_EXTENSION = "cloudjobs.schemes"
"""Request extension in which the client's credentials look up the schemes of the operation."""


class Unreachable(ValidationError):
    """The provider cannot be reached."""

    code = 3


@attrs.frozen
class RequestResult:
    """An exchange with the provider."""

    exchange: Exchange
    response: httpx.Response


class Provider:
    """A provider at a URL.

    Args:
        url: Its URL, as `provider_address` returns it.
        auth: Credentials, if any.
        variable: Environment variable with the token, for command lines that reproduce a request.
        rate: Most requests per second.
        timeout: Most seconds to wait for data of a response.
        largest: Most bytes of a response as it is sent. A larger response is an error.
        transport: Transport to use instead of the network.
        clock: Function that returns seconds.
        sleep: Function that waits for a number of seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        auth: httpx.Auth | None = None,
        variable: str = "TOKEN",
        rate: float = 5.0,
        timeout: float = 30.0,
        largest: int = _MAX_RESPONSE_SIZE,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.url = url
        self.requests = 0
        self._auth = auth
        self._variable = variable
        self._gap = 1 / rate
        self._clock, self._sleep = clock, sleep
        self._earliest = 0.0
        self._carrier = _Bounded(transport or _Network(url), urlsplit(url), largest)
        # No trust_env: proxies are chosen for each URL, and .netrc would add credentials.
        self._client = httpx.Client(transport=self._carrier, timeout=timeout, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def identifies_itself(self) -> bool:
        """Whether there are credentials."""
        return self._auth is not None

    def pause(self, seconds: float) -> None:
        """Wait for a number of seconds."""
        self._sleep(seconds)

    def get(
        self,
        path: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        schemes: Sequence[AuthSpec] = (),
        identified: bool = True,
        arbitrary: str | None = None,
        limited: Callable[[RequestResult], object] | None = None,
        what: str = "",
    ) -> RequestResult:
        """Send one request and read the response.

        Args:
            path: Path below the provider's URL, percent-encoded.
            query: Values by name. A list repeats the name.
            headers: Headers other than credentials.
            schemes: Security schemes of the operation.
            identified: Whether to send credentials, if there are any.
            arbitrary: A value to send in the headers of credentials instead of credentials.
            limited: Function to call with each exchange of status 429, before the request is sent again.
            what: A short description of the request, for findings.

        Raises:
            Unreachable: The provider did not respond, or the last response is 429.
            UsageError: The path could leave the provider's URL.
        """
        target = path + (f"?{urlencode(query, doseq=True)}" if query else "")
        try:
            url = below(httpx.URL(self.url), target)
        except ValueError as error:
            raise UsageError(Problem(self.url, str(error), "Correct the values of the path parameters")) from None
        self._carrier.token_urls |= {str(url.join(each.token_url)) for each in schemes if each.token_url}
        sent = {} if arbitrary is None else {each.header: f"{each.prefix}{arbitrary}" for each in schemes}
        extra = dict(headers or {}) | sent
        for tried in range(1, _TRIES + 1):
            started = datetime.now(UTC)
            request = self._client.build_request("GET", url, headers=extra, extensions={_SCHEMES_EXTENSION: schemes})
            plain = {name.lower() for name in request.headers}
            response = self._send(request, (identified and arbitrary is None and self._auth) or None)
            pause = _requested_pause(response)
            if pause is None:
                break
            if limited is not None:
                limited(self._result(request, response, plain, extra, schemes, started, what))
            if tried == _TRIES:
                raise Unreachable(Problem(self.url, "rejects further requests (429)", "Lower --rate, or wait"))
            self._sleep(pause)
        return self._result(request, response, plain, extra, schemes, started, what)

    def _result(
        self,
        request: httpx.Request,
        response: httpx.Response,
        plain: Container[str],
        headers: Mapping[str, str] | None,
        schemes: Sequence[AuthSpec],
        started: datetime,
        what: str,
    ) -> RequestResult:
        """Return the exchange, with a command to reproduce it. `plain` has the names of headers without credentials."""
        added = {name.lower() for name in response.request.headers if name.lower() not in plain}
        used = {each.header.lower() for each in schemes} & added
        shown = [f"{name}: {value}" for name, value in (headers or {}).items()]
        prefixes = {each.header: each.prefix for each in schemes if each.header.lower() in used}
        variables = [(f"{name}: {prefix}", self._variable) for name, prefix in prefixes.items()]
        exchange = exchange_from_response(
            response,
            f"request {self.requests}" + (f", {what}" if what else ""),
            reproduce=curl("GET", str(request.url), shown, variables),
            credentials=frozenset(used),
        )
        return RequestResult(attrs.evolve(exchange, started=started), response)

    def _send(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        from cloudjobs.errors import CloudJobsError  # the recorder uses this module without the generated client

        for again in (True, False):
            self._keep_to_the_rate()
            self.requests += 1
            try:
                return self._client.send(request, auth=auth)
            except httpx.RemoteProtocolError:
                # The provider may have closed a kept connection. A GET may be sent again.
                if not again:
                    raise Unreachable(
                        Problem(self.url, "closed the connection during a response", CHECK_PROVIDER)
                    ) from None
            except httpx.DecodingError:
                problem = Problem(self.url, "sent a body that cannot be decompressed", CHECK_PROVIDER)
                raise Unreachable(problem) from None
            except httpx.TransportError as error:
                raise Unreachable(_why(self.url, error)) from None
            except (ValueError, CloudJobsError) as error:
                # The credentials raise these errors, with texts without secrets.
                raise UsageError(
                    Problem("the credentials of the environment", str(error), "Correct the variables")
                ) from None
        raise AssertionError("unreachable")

    def _keep_to_the_rate(self) -> None:
        now = self._clock()
        if now < self._earliest:
            self._sleep(self._earliest - now)
        self._earliest = max(now, self._earliest) + self._gap


class _Network(httpx.BaseTransport):
    """Connections over the proxies of the environment, one transport for each."""

    def __init__(self, url: str) -> None:
        self._transports: dict[str, httpx.HTTPTransport] = {}
        self._transport(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # Credentials may be requested from another host than the provider.
        return self._transport(str(request.url)).handle_request(request)

    def _transport(self, url: str) -> httpx.HTTPTransport:
        proxy = environment_proxy(url)
        key = "" if proxy is None else str(proxy.url)
        if key not in self._transports:
            try:
                self._transports[key] = httpx.HTTPTransport(proxy=proxy)
            except OSError as error:
                raise UsageError(certificates_problem(error)) from None
            except ImportError:
                message = "must be an HTTP proxy without the package socksio, got a SOCKS proxy"
                raise UsageError(Problem("the proxy of the environment", message, "Install httpx[socks]")) from None
        return self._transports[key]

    def close(self) -> None:
        for transport in self._transports.values():
            transport.close()


class _Bounded(httpx.BaseTransport):
    """Rejects requests to the provider other than GET, and limits the size of every response.

    Credentials may be requested from another host with any method, and from a token URL that the document names.
    """

    def __init__(self, carrier: httpx.BaseTransport, provider: SplitResult, largest: int) -> None:
        self.token_urls: set[str] = set()
        self._carrier = carrier
        self._largest = largest
        self._host, self._port = provider.hostname, provider.port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_own = (request.url.host, request.url.port) == (self._host, self._port)
        if request.method != "GET" and is_own and str(request.url) not in self.token_urls:
            raise AssertionError(f"a {request.method} was about to be sent to the provider")
        response = self._carrier.handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _BoundedBody(response.stream, self._largest)
        return response

    def close(self) -> None:
        self._carrier.close()


class _BoundedBody(httpx.SyncByteStream):
    def __init__(self, body: httpx.SyncByteStream, largest: int) -> None:
        self._body = body
        self._largest = largest

    def __iter__(self) -> Iterator[bytes]:
        room = self._largest
        for chunk in self._body:
            room -= len(chunk)
            if room < 0:
                raise httpx.ReadError(f"a response of more than {self._largest} bytes")
            yield chunk

    def close(self) -> None:
        self._body.close()


def _requested_pause(response: httpx.Response) -> float | None:
    """Return the seconds to wait before the same request after a 429; None for another response."""
    if response.status_code != 429:
        return None
    text = response.headers.get("retry-after", "")
    return min(float(text), _LONGEST_PAUSE) if text.isascii() and text.isdigit() else 1.0


def _why(url: str, error: httpx.TransportError) -> Problem:
    # The request may have been for a token, at another host.
    requested = error.request.url
    if requested.host != urlsplit(url).hostname:
        url = f"{requested.scheme}://{requested.netloc.decode('ascii')}"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return tls_problem(url, cause)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return Problem(url, "did not respond in time", "Check that it is running, or raise --timeout")
    if isinstance(error, httpx.ConnectError):
        return Problem(
            url, f"cannot be reached ({_plainly(error)})", "Check the URL, and whether the provider is running"
        )
    return Problem(url, f"did not complete the response ({_plainly(error)})", CHECK_PROVIDER)


def _plainly(error: Exception) -> str:
    return str(error).removeprefix("[").replace("]", ":", 1) if str(error) else type(error).__name__
