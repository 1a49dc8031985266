"""The generated client reads the parts of an error from the fields that `x-error` names."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from cloudjobs import CceClient, errors
from cloudjobs._operations import ErrorMapping, Header
from cloudjobs.cce.operations import GET_JOB
from generator.client.template_model import Method
from generator.documents import mappings

Places = dict[str, list[str | dict[str, str]]]
ANYWHERE: Places = {
    "code": [{"header": "X-Code"}, "error.code", "errorCode"],
    "message": ["error.text", {"header": "X-Message"}, "message"],
    "request_id": [{"header": "X-Request-Id"}, {"header": "X-Trace"}, "request_id"],
}


def raised(places: Places, body: Any, headers: dict[str, str]) -> errors.APIStatusError:
    """Return the error that a client of a document with those fields raises."""
    # The expression that the template writes into the generated module.
    method = Method.__new__(Method)
    object.__setattr__(method, "errors", mappings.ErrorMapping.from_extension(places))
    mapping = eval(str(method.error_mapping), {"ErrorMapping": ErrorMapping, "Header": Header})
    answer = httpx.MockTransport(lambda request: httpx.Response(418, json=body, headers=headers))
    cce = CceClient("https://cce.example.com", project_id="p", transport=answer)
    with pytest.raises(errors.APIStatusError) as caught:
        cce._send(msgspec.structs.replace(GET_JOB, errors=mapping), {"job_id": "j"}).parse()
    return caught.value


@pytest.mark.parametrize("part", ANYWHERE)
def test_error_mapping_first_nonempty_location_wins(part: str) -> None:
    places = ANYWHERE[part]
    for number in range(len(places)):
        body: dict[str, Any] = {"error": {}}
        headers: dict[str, str] = {}
        for place in places[:number]:
            said(place, "", body, headers)
        for place in places[number:]:
            said(place, f"at {place}", body, headers)
        assert getattr(raised(ANYWHERE, body, headers), part) == f"at {places[number]}"
    assert getattr(raised(ANYWHERE, {"error": "no object"}, {}), part) is None
    assert getattr(raised({}, body, headers), part) is None


def said(place: str | dict[str, str], text: str, body: dict[str, Any], headers: dict[str, str]) -> None:
    """Say a text at a place of a response."""
    if isinstance(place, dict):
        headers[place["header"]] = text
    elif place.startswith("error."):
        body["error"][place.removeprefix("error.")] = text
    else:
        body[place] = text
