# Generated from generator/client/templates/replay_clients.py.jinja. Do not edit: change that, and run `make generate`.
"""The clients of a replay, each of the type of its service's client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from .._client import AsyncClient, Client
from .._operations import Secret

if TYPE_CHECKING:
    from ..cce import AsyncCceClient, CceClient
    from ..ges import AsyncGesClient, GesClient
    from ..ief import AsyncIefClient, IefClient
    from ..yuanrong import AsyncYuanrongClient, YuanrongClient


class ReplayClients:
    """Makes the clients of a replay."""

    @overload
    def client(self, service: Literal["cce"], **options: Any) -> CceClient: ...
    @overload
    def client(self, service: Literal["ges"], **options: Any) -> GesClient: ...
    @overload
    def client(self, service: Literal["ief"], **options: Any) -> IefClient: ...
    @overload
    def client(self, service: Literal["yuanrong"], **options: Any) -> YuanrongClient: ...
    @overload
    def client(self, service: str, **options: Any) -> Any: ...
    def client(self, service: str, **options: Any) -> Any:
        """Return a synchronous client of a service that sends to this replay and uses its clock.

        Args:
            service: Its module name.
            options: Keywords of the client. By default it has a token if the service takes one, and a value for each
                parameter that a client is given once.

        Raises:
            ValueError: The service is not replayed here.
        """
        given = Secret(options)
        del options  # the variables of a frame are shown with an error
        return self._client(service, Client, given)

    @overload
    def async_client(self, service: Literal["cce"], **options: Any) -> AsyncCceClient: ...
    @overload
    def async_client(self, service: Literal["ges"], **options: Any) -> AsyncGesClient: ...
    @overload
    def async_client(self, service: Literal["ief"], **options: Any) -> AsyncIefClient: ...
    @overload
    def async_client(self, service: Literal["yuanrong"], **options: Any) -> AsyncYuanrongClient: ...
    @overload
    def async_client(self, service: str, **options: Any) -> Any: ...
    def async_client(self, service: str, **options: Any) -> Any:
        """Return an asynchronous client of a service; otherwise as `client`."""
        given = Secret(options)
        del options
        return self._client(service, AsyncClient, given)

    def _client(self, service: str, base: type[Client] | type[AsyncClient], options: Secret[dict[str, Any]]) -> Any:
        raise NotImplementedError
