"""Run a case on a sender, and compare the result with the expected one."""

from __future__ import annotations

import asyncio
import copy
import faulthandler
import inspect
import pickle
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import attrs
import pytest

from cloudjobs import errors
from cloudjobs.auth import AkSk, IamPassword, Token
from tests.exhaustive import IS_EXHAUSTIVE

from ..senders import SENDERS, Sender
from .cases import ANYTHING, TOKEN, Case, Difference, Expect, KnownFault
from .differences import DIFFERENCES
from .known_faults import KNOWN_FAULTS
from .servers import Handler, Proxy, RawServer, Request, by_path, in_order, running, server_context

HERE = Path(__file__).parent
CERTIFICATES = {"localhost": HERE.parent / "localhost.pem", "jobs": HERE / "jobs.pem"}
LONG_TOKEN = "MIIa" + "Ab0-" * 4095
SECRET_KEY = "secret-key-canary-77aa"
_ENVIRONMENT = re.compile(r"(?i)(.*_proxy|ssl_cert_(file|dir)|(cloudjobs|huaweicloud|hw)_.*)")
_HANGS = 60.0


@attrs.define
class Outcome:
    """The result of a call."""

    value: Any = None
    error: BaseException | None = None

    @property
    def kind(self) -> str:
        return "job" if self.error is None else type(self.error).__name__


@attrs.define
class Observation:
    """The results of the calls of a case, and the requests that the servers received."""

    outcomes: list[Outcome] = attrs.field(factory=list)
    seconds: float = 0.0
    growth: float | None = None
    """Growth in MiB; None if the system does not provide it."""


class Calls:
    """Makes calls of either kind; the asynchronous ones in one event loop."""

    def __init__(self, asynchronous: bool) -> None:
        self.is_asynchronous = asynchronous
        self._runner = asyncio.Runner() if asynchronous else None

    def __enter__(self) -> Calls:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._runner is not None:
            self._runner.close()

    def run(self, function: Callable[[], Any]) -> Any:
        """Call a function, and await its result in the event loop."""
        if self._runner is None:
            return function()

        async def awaited() -> Any:
            result = function()
            return await result if inspect.isawaitable(result) else result

        return self._runner.run(awaited())


def check(case: Case, sender: Sender) -> None:
    """Fail unless the result of a case on a sender is the expected one, with its documented difference."""
    different = difference(case.name, sender)
    if different is not None:
        assert _found(case, sender), f"the sender has no such difference any more: {different.reason}"
        case = attrs.evolve(case, **different.changes)
    found = _found(case, sender)
    # Without lone surrogates, which a report cannot contain.
    assert not found, "; ".join(found).encode("ascii", "backslashreplace").decode()


def _found(case: Case, sender: Sender) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        return list(_problems(case, sender, patch))


class Runnable(Protocol):
    """A case or a scene."""

    name: str
    asynchronous: bool | None
    full: bool


def cases_for(cases: Iterable[Case]) -> list[Any]:
    """Return the parameters `case` and `sender` of a test: each case with each sender."""
    return [
        pytest.param(case, sender, id=f"{case}-{sender}", marks=marks_for(case.name, sender))
        for case in cases
        for sender in SENDERS
        if runs(case, sender)
    ]


def runs(case: Runnable, sender: Sender) -> bool:
    """Return whether a case runs on a sender.

    In the core each quick case runs on a quarter of the senders, so that each sender has a quarter of the cases.
    """
    if case.asynchronous not in (None, sender.asynchronous):
        return False
    return IS_EXHAUSTIVE or (not case.full and (crc32(case.name.encode()) + SENDERS.index(sender)) % 4 == 0)


def marks_for(name: str, sender: Sender) -> list[pytest.MarkDecorator]:
    """Return the marks of a case on a sender: a known fault is expected to fail."""
    marks = [
        pytest.mark.xfail(strict=True, reason=fault.reason, raises=AssertionError)
        for fault in KNOWN_FAULTS
        if concerns(fault, name, sender)
    ]
    return marks if sender.is_installed else [pytest.mark.skip(reason=f"needs {sender.library}")]


def concerns(entry: Difference | KnownFault, name: str, sender: Sender) -> bool:
    """Return whether an entry is about a case on a sender."""
    return any(fnmatchcase(name, each) for each in entry.cases) and any(
        fnmatchcase(str(sender), each) for each in entry.senders
    )


def difference(name: str, sender: Sender) -> Difference | None:
    """Return the documented difference of a sender in a case."""
    found = [each for each in DIFFERENCES if concerns(each, name, sender)]
    assert len(found) < 2
    return found[0] if found else None


def _problems(case: Case, sender: Sender, patch: pytest.MonkeyPatch) -> Iterator[str]:
    server = RawServer(
        _handler(case.answers),
        None if case.tls is None else server_context(CERTIFICATES[case.tls]),
        case.before,
        case.host,
    )
    proxy = Proxy(
        in_order(case.proxy or ((),)),
        server.port,
        None if case.proxy_tls is None else server_context(CERTIFICATES[case.proxy_tls]),
    )
    host = f"[{case.host}]" if ":" in case.host else case.host
    names = {
        "server": f"http{'s' if case.tls else ''}://{host}:{server.port}",
        "port": server.port,
        "proxy": f"http{'s' if case.proxy_tls else ''}://127.0.0.1:{proxy.port}",
        "proxy_port": proxy.port,
        **CERTIFICATES,
    }
    set_environment(patch, {name: value.format(**names) for name, value in case.environment.items()})
    for module in case.hidden:
        patch.setitem(sys.modules, module, None)
    with running(server, proxy), time_limit():
        seen = _observe(case, sender, case.url.format(**names), case.iam.format(**names))
    yield from _differing_outcomes(case, seen.outcomes)
    if seen.seconds > case.within:
        yield f"the calls took {seen.seconds:.1f} s, at most {case.within} s are expected"
    if case.memory is not None and seen.growth is not None and seen.growth > case.memory:
        yield f"the process grew by {seen.growth:.0f} MiB, at most {case.memory} MiB are expected"
    yield from _differing_traffic(case, server, proxy)


def _handler(answers: Any) -> Handler:
    if callable(answers):
        answers = answers()
    return by_path(answers) if isinstance(answers, Mapping) else in_order(answers)


def set_environment(patch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Remove all variables that clients read, and set some."""
    import os

    for name in [*os.environ]:
        if _ENVIRONMENT.fullmatch(name):
            patch.delenv(name)
    # A single certificate, which is loaded faster than those of all authorities.
    for name, value in {"SSL_CERT_FILE": str(CERTIFICATES["localhost"]), **variables}.items():
        if value:
            patch.setenv(name, value)
        else:
            patch.delenv(name, raising=False)


def auth_of(kind: str, iam_url: str) -> Any:
    """Return the credentials of a case."""
    return {
        "token": lambda: Token(TOKEN, header="X-Auth-Token"),
        "long": lambda: Token(LONG_TOKEN, header="X-Auth-Token"),
        "iam": lambda: IamPassword("jane", TOKEN, "acme", "p", iam_url=iam_url, header="X-Auth-Token"),
        "aksk": lambda: AkSk("ACCESSKEY1", SECRET_KEY),
        "none": lambda: None,
    }[kind]()


def _observe(case: Case, sender: Sender, url: str, iam_url: str) -> Observation:
    seen = Observation()
    began = time.monotonic()
    with memory() as growth, Calls(sender.asynchronous) as calls:
        try:
            options = {"project_id": "p", "max_retries": 0, **case.options}
            client = sender.client("cce", url, auth=auth_of(case.auth, iam_url), **options)
        except Exception as error:
            seen.outcomes = [Outcome(error=error)]
            return seen
        used = client.with_options(**case.call_options) if case.call_options else client
        for number in range(len(case.expect)):
            pause(calls, case.between if number else 0.0)
            try:
                seen.outcomes.append(Outcome(calls.run(lambda: used.get_job(case.job_id)).to_dict()))
            except Exception as error:
                seen.outcomes.append(Outcome(error=error))
        seen.seconds = time.monotonic() - began
        calls.run(client.aclose if sender.asynchronous else client.close)
    seen.growth = growth()
    return seen


def pause(calls: Calls, seconds: float) -> None:
    """Wait for some seconds, while the event loop runs."""
    if seconds:
        calls.run(lambda: asyncio.sleep(seconds) if calls.is_asynchronous else time.sleep(seconds))


def _differing_outcomes(case: Case, outcomes: Sequence[Outcome]) -> Iterator[str]:
    if len(outcomes) != len(case.expect):
        yield f"{len(outcomes)} outcomes, the first is {_shown(outcomes[0])}, {len(case.expect)} are expected"
        return
    for number, (outcome, expected) in enumerate(zip(outcomes, case.expect, strict=True), 1):
        where = f"call {number}" if len(outcomes) > 1 else "the call"
        for problem in (*_differing_outcome(outcome, expected), *_bad_error(outcome.error)):
            yield f"{where}: {problem} ({_shown(outcome)})"


def _differing_outcome(outcome: Outcome, expected: Expect) -> Iterator[str]:
    if outcome.kind not in expected.outcome.split("|"):
        yield f"expected {expected.outcome}"
        return
    if outcome.error is None:
        if expected.value is not None and outcome.value != expected.value:
            yield f"expected {expected.value}"
        return
    for name in ("status_code", "code", "message", "body", "retry_after"):
        wanted = expected.status if name == "status_code" else getattr(expected, name)
        found = getattr(outcome.error, name, None)
        if wanted is not ANYTHING and (name != "status_code" or wanted is not None) and found != wanted:
            yield f"{name} is {found!r:.200}, expected {wanted!r:.200}"
    text = str(outcome.error)
    if not re.search(expected.text, text):
        yield f"expected a text with {expected.text!r}"
    if expected.without and re.search(expected.without, f"{text} {outcome.error!r}"):
        yield f"expected a text without {expected.without!r}"


def _bad_error(error: BaseException | None) -> Iterator[str]:
    """Yield the problems of an error that any error must be free of."""
    if error is None:
        return
    text = str(error)
    if not text or not text.isprintable() or len(text) > 1000:
        yield f"the text must be one printable line, got {text!r:.200}"
    if isinstance(error, errors.CloudJobsError) and (error.service, error.operation) not in (
        ("cce", "getJob"),
        ("iam", "createToken"),
    ):
        yield f"the error is of {error.service}.{error.operation}"
    if isinstance(error, errors.CloudJobsError):
        for copied in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
            if (type(copied), str(copied), copied.__dict__) != (type(error), text, error.__dict__):
                yield f"a copy of the error is {copied!r:.200}"
    while error is not None:
        shown = f"{error!s} {error!r} {error.args!r} {getattr(error, '__notes__', '')}"
        if any(secret in shown for secret in (TOKEN, LONG_TOKEN[:200], SECRET_KEY)):
            yield f"{type(error).__name__} shows the credential"
        error = error.__cause__ or error.__context__


def _differing_traffic(case: Case, server: RawServer, proxy: Proxy) -> Iterator[str]:
    for name, wanted, found in (
        ("requests", case.requests, len(server.requests)),
        ("connections", case.connections, server.connections),
    ):
        if wanted is not None and found != wanted:
            yield f"{found} {name}, expected {wanted}"
    if case.target is not None and [each.target for each in server.requests[:1]] != [case.target]:
        yield f"the targets are {[each.target for each in server.requests]}, expected {case.target}"
    proxied = [f"{each.method} {each.target}" for each in proxy.requests]
    if case.proxied is not None and proxied != [each.format(port=server.port) for each in case.proxied]:
        yield f"the proxy received {proxied}, expected {[*case.proxied]}"
    yield from _differing_headers("the server", server.requests, case.received)
    yield from _differing_headers("the proxy", proxy.requests, case.proxy_received)
    if not case.tunnelled_token and any(TOKEN in request.text for request in proxy.requests):
        yield "the proxy received the credential"


def _differing_headers(who: str, requests: Sequence[Request], expected: Mapping[str, str | None]) -> Iterator[str]:
    for name, wanted in expected.items():
        found = requests[-1].header(name) if requests else "no request"
        if found != wanted:
            yield f"{who} received {name}: {found!r:.200}, expected {wanted!r:.200}"


def _shown(outcome: Outcome) -> str:
    return f"{outcome.value!r:.200}" if outcome.error is None else f"{outcome.kind}: {outcome.error!s:.400}"


@contextmanager
def time_limit(seconds: float = _HANGS) -> Iterator[None]:
    """End the process after some seconds, with a traceback of each thread."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@contextmanager
def memory() -> Iterator[Callable[[], float | None]]:
    """Measure by how many MiB the resident memory of the process grows at most; on Linux."""
    before = _resident("VmRSS") if _reset_peak() else None
    growth: float | None = None
    yield lambda: growth
    after = _resident("VmHWM")
    if before is not None and after is not None:
        growth = after - before


def _reset_peak() -> bool:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _resident(name: str) -> float | None:
    try:
        found = re.search(rf"{name}:\s*(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None
