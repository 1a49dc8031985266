# Generated from generator/client/runtime/_base.py. Do not edit: change that, and run `make generate`.
"""What the synchronous and the asynchronous client share: their options, and how a call becomes a request."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import httpx

from ._addresses import PACKAGE, Service, checked_base_url, is_local, is_proxied, must_be_private, without_proxy
from ._clock import Clock
from ._decompression import ACCEPTED
from ._deviations import Deviation
from ._forks import PerProcess
from ._headers import header_name, header_value, is_credential
from ._http import SIZE_EXTENSION, Outgoing
from ._operations import Operation, target
from ._options import UNCHANGED, Options, Unchanged, checked_timeout
from ._security import SCHEMES_EXTENSION, Secret
from ._version import VERSION

_LONGEST_PATH = 60_000
"""Characters. httpx refuses a longer address, in words of its own."""
_AGENT = f"{PACKAGE}/{VERSION} httpx/{httpx.__version__}"


class Base:
    """What the synchronous and the asynchronous client share: where requests go, and what becomes of failures."""

    _service: ClassVar[Service]
    _owns_http: bool
    _is_callers_http: bool
    _shared_http: PerProcess[Any]
    _agent: str

    def __init__(
        self,
        base_url: str | None,
        of_client: Mapping[str, object],
        *,
        auth: httpx.Auth | None,
        strict: bool,
        on_deviation: Callable[[Deviation], object] | None,
        max_retries: int,
        deadline: float | None,
        allow_insecure: bool,
    ) -> None:
        self._base_url = checked_base_url(self._service, base_url)
        if auth is not None and not isinstance(auth, httpx.Auth):
            # Not shown: whoever gives a text gives a token.
            raise ValueError(f"auth is a {type(auth).__name__}: give a Token, an AkSk or another httpx.Auth")
        if auth is not None and not allow_insecure:
            must_be_private(self._base_url)
        self._of_client = dict(of_client)
        self._auth = auth
        self._allow_insecure = allow_insecure
        self._options = Options(strict=strict, on_deviation=on_deviation, max_retries=max_retries, deadline=deadline)
        self._clock = Clock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base_url}>"

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | Unchanged | None = UNCHANGED,
        headers: Mapping[str, str] | Unchanged = UNCHANGED,
        strict: bool | Unchanged = UNCHANGED,
        on_deviation: Callable[[Deviation], object] | Unchanged | None = UNCHANGED,
        max_response_size: int | Unchanged = UNCHANGED,
        max_retries: int | Unchanged = UNCHANGED,
        deadline: float | Unchanged | None = UNCHANGED,
    ) -> Self:
        """A client with other options, over the same connections; this one stays as it is.

        Args:
            timeout: Seconds for each connect, write and read; None for no limit.
            headers: Further headers of each request, such as a User-Agent to stand before the client's own.
            strict: Raise `ContractViolation` where a reply deviates from its document.
            on_deviation: Called with each deviation.
            max_response_size: Bytes of a body after decompression, beyond which it is refused. By default 256 MiB.
            max_retries: How often a call is made again after a passing failure: no connection, no reply in time, or
                one of the statuses 408, 429, 500, 502, 503, 504. By default 2; 0 is never.
            deadline: Seconds for a whole call: its tries, the pauses between them, and reading. By default None, for
                no limit but those of `timeout` and `max_retries`.

        Raises:
            ValueError: A header's value cannot be sent, or is a credential that would be sent over plain HTTP to
                another machine, or a number is none that is possible.
        """
        given = headers if isinstance(headers, Unchanged) else Secret(headers)
        del headers  # the variables of a frame are shown with an error
        if isinstance(given, Secret):
            given = _checked_headers(given)
            if any(map(is_credential, given.reveal())):
                self._require_privacy()
        client = copy.copy(self)
        client._owns_http = False
        client._options = self._options.changed(
            {
                "timeout": timeout,
                "headers": given,
                "strict": strict,
                "on_deviation": on_deviation,
                "max_response_size": max_response_size,
                "max_retries": max_retries,
                "deadline": deadline,
            }
        )
        return client

    @property
    def _http(self) -> httpx.Client | httpx.AsyncClient:
        found: httpx.Client | httpx.AsyncClient = self._shared_http.get()
        return found

    def _mounts(self) -> dict[str, Any]:
        """The `mounts` of an httpx client of ours, which uses the proxies of the environment."""
        return without_proxy(*self._addresses()) if self._owns_http else {}

    def _addresses(self) -> list[str]:
        """The addresses that credentials are sent to, as far as they are known: the service's, and IAM's."""
        return [self._base_url, *getattr(self._auth, "_addresses", ())]

    def _check_credentials(self) -> None:
        """Raise `ValueError` where credentials of the client or of its httpx client could be read on their way."""
        http = self._http
        if self._auth is not None or http.auth is not None or any(map(is_credential, http.headers)):
            self._require_privacy()

    def _require_privacy(self) -> None:
        """Raise `ValueError` where credentials could be read on their way to the service, or to what authenticates."""
        if self._allow_insecure:
            return
        must_be_private(self._base_url)
        plain = [url for url in self._addresses() if url.startswith("http:") and is_local(url)]
        if proxied := [url for url in plain if is_proxied(self._http, url)]:
            raise ValueError(
                f"http_client must send requests to {proxied[0]} without a proxy, got one that uses a proxy: give it "
                "trust_env=False or a transport in mounts, or give allow_insecure=True to the client"
            )

    def _outgoing(self, operation: Operation[Any], arguments: Mapping[str, object], options: Options) -> Outgoing:
        call = target(operation, arguments, self._of_client)
        headers = Secret(
            {
                "Accept": "application/json",
                "Accept-Encoding": ACCEPTED,
                "User-Agent": self._agent,
                **call.headers,
                **options.headers.reveal(),
            }
        )
        if "User-Agent" in options.headers.reveal():
            headers.reveal()["User-Agent"] += f" {_AGENT}"
        if len(call.path) > _LONGEST_PATH:
            raise ValueError(
                f"The address of {operation.id} would be too long: an argument has thousands of characters"
            )
        timeout = checked_timeout(options.timeout)
        url = self._base_url + call.path
        job_id = operation.requested_job(arguments)
        largest = options.max_response_size
        return Outgoing(operation.method, url, call.query, headers, operation.schemes, timeout, largest, job_id)

    def _built(
        self, http: httpx.Client | httpx.AsyncClient, outgoing: Outgoing, timeout: httpx.Timeout | None
    ) -> httpx.Request:
        extensions: dict[str, Any] = {SCHEMES_EXTENSION: outgoing.schemes, SIZE_EXTENSION: outgoing.largest}
        query = outgoing.query or None
        if self._is_callers_http:
            timeout_or_its_own = timeout or httpx.USE_CLIENT_DEFAULT
            return http.build_request(
                outgoing.method,
                outgoing.url,
                params=query,
                headers=outgoing.headers.reveal(),
                timeout=timeout_or_its_own,
                extensions=extensions,
            )
        # A client of ours has nothing to add, and looking for it takes a tenth of a call. Nor does it keep cookies.
        extensions["timeout"] = (timeout or http.timeout).as_dict()
        headers = outgoing.headers
        return httpx.Request(
            outgoing.method, outgoing.url, params=query, headers=headers.reveal(), extensions=extensions
        )

    def _sending(self) -> dict[str, Any]:
        """How requests are sent. A redirect is a reply like another: following it could take credentials elsewhere."""
        self._shared_http.is_used = True
        return {"auth": self._auth or httpx.USE_CLIENT_DEFAULT, "follow_redirects": False, "stream": True}


def _checked_headers(given: Secret[Mapping[str, str]]) -> Secret[Mapping[str, str]]:
    """Headers that can be sent. Raises `ValueError`, which shows no value."""
    for name in given.reveal():
        header_value(header_name(name), given.reveal()[name])
    return Secret(dict(given.reveal()))


def agent_beside(http: httpx.Client | httpx.AsyncClient | None) -> str:
    """The User-Agent: ours, after that of a caller's httpx client if it has one of its own."""
    callers = "" if http is None else http.headers.get("User-Agent", "")
    return _AGENT if not callers or callers.startswith("python-httpx/") else f"{callers} {_AGENT}"
