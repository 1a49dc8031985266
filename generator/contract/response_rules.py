"""The response of an exchange against its operation: status, headers, media type, body."""

from __future__ import annotations

from collections.abc import Container, Iterator
from fnmatch import fnmatchcase
from typing import Any

from generator.contract.exchange import Exchange
from generator.contract.findings import NOTICE, RawFinding, join_values
from generator.contract.request_rules import ParameterRule
from generator.contract.schema_rules import CompiledSchemas
from generator.documents import OperationRef, is_json
from generator.documents.json_pointer import child, resolve


class ResponseChecks:
    """What an operation promises of its responses."""

    def __init__(self, document: dict[str, Any], schemas: CompiledSchemas, operation: OperationRef) -> None:
        self._document = document
        self._schemas = schemas
        self._place = child(operation.pointer, "responses")
        self._responses: dict[str, Any] = operation.definition.get("responses", {})

    def findings(self, exchange: Exchange) -> Iterator[RawFinding]:
        """What is wrong with a response."""
        status = str(exchange.status)
        key = listed_status(self._responses, exchange.status)
        if key is None:
            yield RawFinding(
                "status",
                self._place,
                f"a status that the document lists ({join_values(self._responses)})",
                actual=status,
            )
            return
        pointer = child(self._place, key)
        response = self._responses[key]
        if "$ref" in response:
            pointer = response["$ref"][1:]
            response = resolve(self._document, pointer)
        yield from self._headers(exchange, response, pointer)
        yield from self._content(exchange, response.get("content", {}), child(pointer, "content"))

    def _headers(self, exchange: Exchange, response: dict[str, Any], pointer: str) -> Iterator[RawFinding]:
        for name, stated in response.get("headers", {}).items():
            here = stated["$ref"][1:] if "$ref" in stated else child(child(pointer, "headers"), name)
            header = resolve(self._document, here)
            value = exchange.header(name)
            if value is None:
                if header.get("required"):
                    yield RawFinding("header", here, f"the header {name}", actual="none of that name")
            elif "schema" in header:
                schema = self._schemas.at(child(here, "schema"))
                if wrong := ParameterRule(name, "header", False, here, schema).finding(value):
                    yield RawFinding(
                        "header", wrong.document_pointer, f"in {name} {wrong.expected}", value=value, name=name
                    )

    def _content(self, exchange: Exchange, content: dict[str, Any], pointer: str) -> Iterator[RawFinding]:
        if exchange.method == "HEAD" or (not content and not exchange.body):
            return
        media_type = exchange.media_type
        key = next((key for key in content if _matches(key, media_type)), None)
        if key is None:
            yield RawFinding(
                "media-type",
                pointer,
                f"a body of type {' or '.join(content)}" if content else "no body",
                actual=media_type or ("no Content-Type" if content else "a body without a Content-Type"),
            )
        elif exchange.body is None:
            yield RawFinding(
                "body",
                child(pointer, key),
                "the body",
                actual="an entry that did not keep it, so it was not checked",
                severity=NOTICE,
            )
        elif "schema" in content[key]:
            yield from self._body(exchange, media_type, child(child(pointer, key), "schema"))

    def _body(self, exchange: Exchange, media_type: str, pointer: str) -> Iterator[RawFinding]:
        what = "JSON" if is_json(media_type) else "text"
        try:
            yield from self._of_value(exchange, media_type, pointer)
        except UnicodeDecodeError as error:
            yield _unreadable(pointer, what, f"not UTF-8 at byte {error.start}")
        except RecursionError:
            yield _unreadable(pointer, what, "nested too deep")
        except ValueError as error:
            # `InvalidJSON`, and what is JSON to Python's reader and none to the validator: half a surrogate pair.
            yield _unreadable(pointer, what, " ".join(str(error).split())[:80])

    def _of_value(self, exchange: Exchange, media_type: str, pointer: str) -> list[RawFinding]:
        value = exchange.json if is_json(media_type) else (exchange.body or b"").decode()
        schema = self._schemas.at(pointer)
        wrong = [] if schema.takes(value) else list(schema.findings(value))
        return [*wrong, *schema.undocumented(value)]


def listed_status(responses: Container[str], status: int) -> str | None:
    """The key that stands for a status among an operation's responses: itself, its range, or the rest."""
    return next((key for key in (str(status), f"{status // 100}XX", "default") if key in responses), None)


def _matches(stated: str, media_type: str) -> bool:
    stated = stated.partition(";")[0].strip().lower()
    return stated == media_type or ("*" in stated and fnmatchcase(media_type, stated))


def _unreadable(pointer: str, what: str, reason: str) -> RawFinding:
    return RawFinding("body", pointer, what, actual=f"a body that is none: {reason}", pointer="")
