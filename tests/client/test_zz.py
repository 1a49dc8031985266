"""Schemas that no document has yet: what they make of a value, held to a JSON Schema validator; fast and slow agree."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudjobs import DeviationKind, Severity
from cloudjobs._conformance import deviations
from cloudjobs._reading import Reader
from cloudjobs._schemas import Schemas

from .hostile import DETERMINISTIC, joined, oracle, same, standalone, undocumented
from .made_up import documents, models, reply_of, values
from .mutations import text
from .test_conformance import agree_both_ways, path_of, places_of, points_into, without_surrogates

THOROUGH = settings(DETERMINISTIC, max_examples=3000)


@given(st.data())
@THOROUGH
def test_deviations_are_what_a_validator_rejects_and_what_is_undocumented(data: st.DataObject) -> None:
    document = data.draw(documents())
    value = data.draw(values(document))
    reply, components = reply_of(document), document["components"]["schemas"]
    found = list(deviations(Schemas(document).reply("op"), value))
    violations = [one for one in found if one.severity is Severity.VIOLATION]
    fields = {one.pointer for one in violations if one.kind is DeviationKind.UNDOCUMENTED}
    assert fields == undocumented(joined(reply, components), value, components)
    rejected = jsonschema_rs.Draft202012Validator(standalone(reply, components)).iter_errors(without_surrogates(value))
    assert places_of(violations) == {path_of(error.instance_path) for error in rejected if not _closed(error)}
    for deviation in found:
        points_into(value, deviation)


def _closed(error: Any) -> bool:
    """Whether it is a field of an object that is to have no others: the client calls that undocumented."""
    return bool(error.schema_path[-1] == "additionalProperties")


@given(st.data())
@THOROUGH
def test_the_fast_way_takes_nothing_that_departs_and_gives_the_same_model(data: st.DataObject) -> None:
    document = data.draw(documents())
    value = data.draw(values(document))
    content = text(value)
    with models(document) as classes:
        reader = Reader(Schemas(document).reply("op"), next(iter(classes.values())))
        slow = reader.tolerant(content)
        assert same(slow.value.to_dict(), oracle(content))
        agree_both_ways(reader, content)
