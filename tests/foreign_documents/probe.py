"""Import a generated client and call each of its operations. Prints the counts as JSON.

Run in a process for each client: `python -m tests.foreign_documents.probe KIND DOCUMENT PACKAGE`.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
import typing
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from generator.imports.vendor_files import read_document, with_files

from .samples import Responses, argument

ADDRESS = "http://127.0.0.1:1"


def main(kind: str, document: str, package: str) -> None:
    """Probe one client."""
    file = Path(document)
    responses = Responses(with_files(read_document(file), file))
    calls = dict((_stock_calls if kind == "stock" else _own_calls)(package, responses))
    called, failures = 0, Counter[str]()
    examples: dict[str, str] = {}
    for name, call in calls.items():
        try:
            if call is None:
                raise ImportError(name)
            call()
            called += 1
        except Exception as error:
            text = " ".join(f"{type(error).__name__}: {error}".split())[:160]
            failures[type(error).__name__] += 1
            examples.setdefault(type(error).__name__, f"{name}: {text}")
    importable = sum(call is not None for call in calls.values())
    print(
        json.dumps(
            {
                "operations": responses.count,
                "generated": len(calls),
                "importable": importable,
                "called": called,
                "failures": [f"{count} x {examples[error]}" for error, count in failures.most_common(5)],
            }
        )
    )


def _transport(responses: Responses) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        status, media_type, body = responses.response(request.method, request.url.path)
        return httpx.Response(status, content=body, headers={"Content-Type": media_type})

    return httpx.MockTransport(answer)


def _arguments(function: Callable[..., Any], skipped: set[str]) -> dict[str, Any]:
    """Return values of the arguments that a call must have."""
    hints = typing.get_type_hints(function)
    return {
        name: argument(hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is inspect.Parameter.empty and name not in skipped
    }


def _stock_calls(package: str, responses: Responses) -> Iterator[tuple[str, Callable[[], Any] | None]]:
    """Yield the calls of a client of openapi-python-client; None for a module that cannot be imported."""
    api = importlib.import_module(f"{package}.api")
    for each in pkgutil.walk_packages(api.__path__, f"{package}.api."):
        if each.ispkg:
            continue
        try:
            module = importlib.import_module(each.name)
        except Exception:
            yield each.name, None
            continue
        yield each.name, _stock_call(package, module, responses)


def _stock_call(package: str, module: Any, responses: Responses) -> Callable[[], Any]:
    def call() -> None:
        client = importlib.import_module(f"{package}.client")
        hint = typing.get_type_hints(module.sync_detailed)["client"]
        settings = {"base_url": ADDRESS, "httpx_args": {"transport": _transport(responses)}}
        made = client.AuthenticatedClient(token="x", **settings)
        if hint is not client.AuthenticatedClient:
            made = client.Client(**settings)
        module.sync_detailed(client=made, **_arguments(module.sync_detailed, {"client"}))

    return call


def _own_calls(package: str, responses: Responses) -> Iterator[tuple[str, Callable[[], Any] | None]]:
    """Yield the calls of our client, with a service named `own`."""
    importlib.import_module(f"{package}.own")
    for each in pkgutil.iter_modules(importlib.import_module(f"{package}.own").__path__, f"{package}.own."):
        importlib.import_module(each.name)
    operations = importlib.import_module(f"{package}.own.operations")
    client = importlib.import_module(package).OwnClient(ADDRESS, transport=_transport(responses), auth=None)
    for operation in vars(operations).values():
        if type(operation).__name__ == "Operation":
            yield operation.id, _own_call(client, operation.method_name)


def _own_call(client: Any, name: str) -> Callable[[], Any]:
    def call() -> None:
        method = getattr(client, name)
        method(**_arguments(method, set()))

    return call


if __name__ == "__main__":
    main(*sys.argv[1:])
