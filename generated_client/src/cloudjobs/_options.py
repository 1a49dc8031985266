# Generated from generator/client/runtime/_options.py. Do not edit: change that, and run `make generate`.
"""Options of a client and of single calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any, cast

import msgspec

from ._clock import is_duration
from ._deviations import Deviation
from ._jobs import JobSnapshot
from ._operations import Opaque, Secret
from ._stacks import AnyTimeout, require_stack

if TYPE_CHECKING:
    import httpx


class _DefaultTimeout:
    """A minute for each read, five seconds for the connection. A listing may be large."""

    def as_dict(self) -> dict[str, float]:
        """The seconds, as `httpx.Timeout` takes them. To import httpx for a default would slow down each import."""
        return {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}

    def __repr__(self) -> str:
        return f"Timeout({', '.join(f'{name}={seconds}' for name, seconds in self.as_dict().items())})"


DEFAULT_TIMEOUT = cast("AnyTimeout", _DefaultTimeout())
"""Seconds of each connect, read and write, if a caller gives none."""
DEFAULT_RESPONSE_SIZE = 256 * 1024 * 1024
"""Bytes after decompression. The longest documented listing takes about a quarter of it."""
DEFAULT_RETRIES = 2


class Unchanged:
    """An option that is left unchanged, where None has another meaning."""

    def __repr__(self) -> str:
        return "unchanged"


UNCHANGED = Unchanged()


class FromEnvironment:
    """The credentials that `from_environment` finds."""

    def __repr__(self) -> str:
        return "from_environment()"


FROM_ENVIRONMENT = FromEnvironment()


def validate_timeout(timeout: float | AnyTimeout | Unchanged | None) -> httpx.Timeout | None:
    """The timeout as httpx takes it; None where it is left as it is. Raises `ValueError`, or `TypeError`."""
    if isinstance(timeout, Unchanged):
        return None
    import httpx

    if timeout is None or isinstance(timeout, int | float):
        made = httpx.Timeout(timeout)
    else:
        if timeout is not DEFAULT_TIMEOUT:
            require_stack("timeout", Secret(timeout), "Timeout", "a number of seconds")
        made = httpx.Timeout(**timeout.as_dict())
    if not all(part is None or is_duration(part) for part in made.as_dict().values()):
        raise ValueError(f"timeout must be a number of seconds >= 0, or None for no limit, got {timeout!r}")
    return made


class Options(Opaque, msgspec.Struct, frozen=True):
    """The options of a client."""

    timeout: float | AnyTimeout | Unchanged | None = UNCHANGED
    """Of each connect, write and read in seconds; None for none; unchanged for that of the httpx client."""
    headers: Secret[Mapping[str, str]] = msgspec.field(default_factory=lambda: Secret({}))
    """Further headers of each request."""
    strict: bool = False
    """Raise `ContractViolationError` where a response deviates from its document."""
    on_deviation: Callable[[Deviation], object] | None = None
    """Called with each deviation."""
    max_response_size: int = DEFAULT_RESPONSE_SIZE
    """Bytes of a body after decompression, beyond which it is refused."""
    max_retries: int = DEFAULT_RETRIES
    """How often a call is made again after a passing failure."""
    deadline: float | None = None
    """Seconds for a whole call: its tries, the time between them, and reading."""

    def __post_init__(self) -> None:
        validate_timeout(self.timeout)
        retries, deadline, size = self.max_retries, self.deadline, self.max_response_size
        if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
            raise ValueError(f"max_retries must be an integer >= 0, got {retries!r}")
        if deadline is not None and not (is_duration(deadline) and deadline > 0):
            raise ValueError(f"deadline must be a number of seconds above 0, or None for no deadline, got {deadline!r}")
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise ValueError(f"max_response_size must be a number of bytes >= 0, got {size!r}")

    def __repr__(self) -> str:
        # A header can hold a credential.
        return f"<options, {len(self.headers.reveal())} headers>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("the options of a client cannot be pickled, since a header can hold a credential")

    def changed(self, changes: dict[str, Any]) -> Options:
        """Options with those that are not `UNCHANGED` changed; headers are added to those there are."""
        wanted = {name: value for name, value in changes.items() if not isinstance(value, Unchanged)}
        if "headers" in wanted:
            # Names as httpx writes them, so that one given twice in two spellings is one.
            wanted["headers"] = Secret(
                {**self.headers.reveal(), **{name.title(): value for name, value in wanted["headers"].reveal().items()}}
            )
        return msgspec.structs.replace(self, **wanted)


class WaitOptions(msgspec.Struct, frozen=True):
    """The options of a wait."""

    timeout: float | None = None
    """Seconds for the whole wait."""
    poll_interval: float | None = None
    """Seconds between polls; None for the schedule of the poller."""
    not_found_grace: float = 0
    """Seconds during which a job that does not exist yet is awaited."""
    on_progress: Callable[[JobSnapshot[Any]], object] | None = None
    """Called with each changed snapshot. In asynchronous clients, it may be a coroutine function."""
    headers: Secret[Mapping[str, str] | None] = msgspec.field(default_factory=lambda: Secret(None))
    """Further headers of each request."""
    elapsed: float = 0
    """Seconds that another process has waited before. The wait continues its schedule; `timeout` is what is left."""

    def __post_init__(self) -> None:
        for name in ("timeout", "poll_interval", "not_found_grace", "elapsed"):
            value = getattr(self, name)
            if not (is_duration(value) or (value is None and name in ("timeout", "poll_interval"))):
                raise ValueError(f"{name} must be a number of seconds >= 0, got {value!r}")

    def require_function(self) -> None:
        """Raise `TypeError` if `on_progress` is a coroutine function, which a synchronous client cannot await."""
        given = self.on_progress
        if iscoroutinefunction(given) or iscoroutinefunction(getattr(given, "__call__", None)):  # noqa: B004
            raise TypeError("on_progress must be a function, got a coroutine function: use the asynchronous client")

    def report(self, changed: list[JobSnapshot[Any]]) -> None:
        """Call `on_progress` with each changed snapshot."""
        if self.on_progress is not None:
            for snapshot in changed:
                self.on_progress(snapshot)

    async def report_async(self, changed: list[JobSnapshot[Any]]) -> None:
        """Call `on_progress` with each changed snapshot, and await the result if it can be awaited."""
        if self.on_progress is not None:
            for snapshot in changed:
                result = self.on_progress(snapshot)
                if isawaitable(result):
                    await result
