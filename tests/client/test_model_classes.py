"""The model classes: named and typed as their schemas, and pleasant to hold in the hand."""

from __future__ import annotations

import copy
import json
import keyword
import pickle
import re
from importlib import import_module
from typing import Any

import attrs
import pytest
from rich.pretty import pretty_repr

from cloudjobs import LazyList, cce, ief, yuanrong
from tests.reference import REFERENCE

from .doc_examples import (
    Operation,
    all_models,
    attribute_of,
    component_named,
    components,
    model_named,
    models,
    named,
    operations,
    pascal,
    properties_of,
    recorded_successes,
    recordings,
    resolved,
    schema_of,
    service_of,
    snake,
)
from .transports import assert_same_json

every_model = pytest.mark.parametrize("model", all_models(), ids=named)
every_operation = pytest.mark.parametrize("operation", operations(), ids=named)
UNKNOWN: dict[str, Any] = {"not in any document": [1, 1.0, True, None, {"deep": []}]}


PAGED = [
    (operation.reply, operation.node["x-pagination"]["items"])
    for operation in operations()
    if "x-pagination" in operation.node
]


def rows_of(model: Any) -> list[Any]:
    """Return the rows that a model holds."""
    values = [getattr(model, field.name) for field in attrs.fields(type(model))]
    return [value for value in values if isinstance(value, LazyList)]


def test_responses_include_a_page() -> None:
    assert PAGED


@pytest.mark.parametrize("service", REFERENCE)
def test_model_exists_for_each_response_object(service: str) -> None:
    seen: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        name = model_named(service, node)
        schema = resolved(service, node)
        if name is not None and "properties" in schema:
            if name in seen:
                return
            seen.add(name)
        inner = [*schema.get("properties", {}).values(), *schema.get("allOf", ())]
        for child in [*inner, schema["items"]] if "items" in schema else inner:
            walk(child)

    for operation in operations():
        if operation.service == service:
            walk(operation.success_schema)
    assert seen
    assert set(models(service)) == seen


@every_model
def test_model_fields_have_python_names(model: type[Any]) -> None:
    attributes = {name: attribute_of(model, name) for name in properties_of(model)}
    assert {name: attribute.rstrip("_") for name, attribute in attributes.items()} == {
        name: snake(name) for name in attributes
    }
    assert not any(keyword.iskeyword(attribute) or attribute.startswith("_") for attribute in attributes.values())


@every_model
def test_model_of_nested_object_is_its_component(model: type[Any]) -> None:
    of_service = models(service_of(model))
    for name, node in schema_of(model)["properties"].items():
        row = model_named(service_of(model), resolved(service_of(model), node).get("items", {}))
        attribute = attribute_of(model, name)
        if row is None:
            read = type(getattr(model.from_dict({name: {}}), attribute))
            assert read is of_service.get(component_named(node) or "", dict), name
        else:
            rows = getattr(model.from_dict({name: [{}, {}]}), attribute)
            assert type(rows) is (LazyList if (model, name) in PAGED else list), name
            assert [type(one) for one in rows] == [of_service[row], of_service[row]], name


OPEN = [
    pytest.param(model, name, node["anyOf"][0]["enum"], id=f"{named(model)}.{name}")
    for model in all_models()
    for name, node in properties_of(model).items()
    if "enum" in node.get("anyOf", [{}])[0]
]


@pytest.mark.parametrize(("model", "name", "known"), OPEN)
def test_constants_of_open_list_are_its_known_values(model: type[Any], name: str, known: list[str]) -> None:
    constants = getattr(import_module(model.__module__), f"{model.__name__}{pascal(name)}Values")
    values = {key: value for key, value in vars(constants).items() if not key.startswith("_")}
    assert sorted(values.values()) == sorted(known)
    assert all(key.isidentifier() and key.isupper() for key in values)


def test_constants_have_names_of_their_values() -> None:
    assert cce.JobSpecTypeValues.CREATE_NODE_VM == "CreateNodeVM"
    assert ief.BatchJobStatusValues.PARTIALLY_SUCCESSFUL == "Partially_successful"
    assert yuanrong.JobStatusValues.EMPTY == ""


def test_model_fields_are_read_by_python_name() -> None:
    job = cce.Job.from_dict(json.loads(recordings("cce")["get-job-running"]["body"]))
    assert job.api_version == "v3"
    assert job.spec is not None
    assert job.spec.type_ == cce.JobSpecTypeValues.CREATE_CLUSTER
    assert job.spec.extend_param == {"serverID": "bc467e3a-2338-11e8-825b-0255ac100c13"}
    assert job.spec.sub_jobs is not None
    assert [job.spec.type_ for job in job.spec.sub_jobs if job.spec] == ["InstallMaster", "CreatePSMCert"]
    assert [type(sub_job) for sub_job in job.spec.sub_jobs] == [cce.Job, cce.Job]


@pytest.mark.parametrize("service", REFERENCE)
def test_error_schemas_have_no_model(service: str) -> None:
    assert not {name for name in models(service) if "x-error" in components(service)[name]}


@every_model
def test_model_is_attrs_class_with_keyword_arguments(model: type[Any]) -> None:
    assert attrs.has(model)
    assert all(field.kw_only for field in attrs.fields(model) if field.init)
    with pytest.raises(TypeError):
        model("a positional argument")
    with pytest.raises(TypeError):
        model(not_a_field=1)


@every_model
def test_model_made_by_hand_writes_given_fields(model: type[Any]) -> None:
    given_fields = {name: f"value of {name}" for name in properties_of(model)}
    made = model(**{attribute_of(model, name): value for name, value in given_fields.items()})
    assert made.to_dict() == given_fields


@every_model
def test_model_equality_follows_fields(model: type[Any]) -> None:
    for name in properties_of(model):
        assert model.from_dict({name: "a"}) == model.from_dict({name: "a"})
        assert model.from_dict({name: "a"}) != model.from_dict({name: "b"})
        assert model.from_dict({name: "a"}) != model.from_dict({})
        assert model.from_dict({name: "a"}) != {name: "a"}


@every_model
def test_model_with_null_field_differs_from_absent(model: type[Any]) -> None:
    for name in properties_of(model):
        null = model.from_dict({name: None})
        assert null != model()
        assert null == model.from_dict({name: None})
        setattr(null, attribute_of(model, name), "a")
        # A field with a value is equal to one that had another value before.
        assert null == model.from_dict({name: "a"})


@every_model
def test_model_asdict_has_fields_and_unknown_ones_only(model: type[Any]) -> None:
    fields = [attribute_of(model, name) for name in properties_of(model)]
    shown = attrs.asdict(model.from_dict({**dict.fromkeys(properties_of(model)), **UNKNOWN}))
    assert shown == {**dict.fromkeys(fields), "additional_properties": UNKNOWN}


@every_model
def test_model_printed_by_rich_shows_what_repr_shows(model: type[Any]) -> None:
    for data in ({}, dict.fromkeys(properties_of(model)), dict.fromkeys(properties_of(model), "a"), UNKNOWN):
        one = model.from_dict(data)
        assert pretty_repr(one, max_width=1000) == repr(one)


@every_model
def test_model_html_escapes_every_name_and_value(model: type[Any]) -> None:
    hostile = "<script>&\"'"
    one = model.from_dict({**dict.fromkeys(properties_of(model), hostile), hostile: {hostile: [hostile]}})
    shown = one._repr_html_()
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;&amp;&quot;&#x27;") >= len(properties_of(model))
    assert set(re.findall(r"<(\w+)", shown)) <= {"table", "tr", "th", "td"}


def test_model_html_has_nested_models_and_counts_long_lists() -> None:
    sub_jobs = [{"metadata": {"uid": f"sub-{number}"}} for number in range(30)]
    shown = cce.Job.from_dict({"kind": "Job", "spec": {"subJobs": sub_jobs}})._repr_html_()
    assert "<th>kind</th><td>Job</td>" in shown
    assert "<th>uid</th><td>sub-19</td>" in shown
    assert "sub-20" not in shown
    assert "<p>10 more</p>" in shown
    assert cce.Job()._repr_html_() == "<code>Job()</code>"


@every_model
def test_model_with_other_unknown_fields_is_not_equal(model: type[Any]) -> None:
    assert model.from_dict(UNKNOWN) == model.from_dict(UNKNOWN)
    assert model.from_dict(UNKNOWN) != model.from_dict({})


@every_operation
def test_model_repr_evaluates_to_equal_model(operation: Operation) -> None:
    for value in recorded_successes(operation):
        reply = operation.reply.from_dict(value | UNKNOWN)
        shown = repr(reply)
        for rows in rows_of(reply):
            assert repr(rows) == f"<{len(rows)} rows>"
            shown = shown.replace(repr(rows), f"LazyList({list(rows)!r})", 1)
        assert eval(shown, {"LazyList": LazyList, **models(operation.service)}) == reply
        assert "_nulls" not in shown


@every_model
def test_model_repr_omits_none(model: type[Any]) -> None:
    assert repr(model()) == f"{model.__name__}()"
    assert repr(model.from_dict(dict.fromkeys(properties_of(model)))) == f"{model.__name__}()"
    for name in properties_of(model):
        assert repr(model.from_dict({name: "text"})) == f"{model.__name__}({attribute_of(model, name)}='text')"
    assert repr(model.from_dict(UNKNOWN)) == f"{model.__name__}(additional_properties={UNKNOWN!r})"


@every_model
def test_model_evolved_copy_keeps_unknown_fields(model: type[Any]) -> None:
    first, *others = properties_of(model)
    before = model.from_dict({first: "before", **dict.fromkeys(others, "same"), **UNKNOWN})
    after = attrs.evolve(before, **{attribute_of(model, first): "after"})
    assert after.to_dict() == {first: "after", **dict.fromkeys(others, "same"), **UNKNOWN}
    assert before.to_dict()[first] == "before"


def test_model_evolved_copy_keeps_nulls() -> None:
    before = yuanrong.Job.from_dict({"metadata": None, "status": "RUNNING"})
    after = attrs.evolve(before, status=yuanrong.JobStatusValues.SUCCEEDED)
    assert after.to_dict() == {"metadata": None, "status": "SUCCEEDED"}


@every_model
@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_model_copy_and_pickle_write_same_json(model: type[Any], duplicate: Any) -> None:
    first, *others = properties_of(model)
    data = {first: None, **dict.fromkeys(others, "text"), **UNKNOWN}
    one = model.from_dict(data)
    again = duplicate(one)
    assert type(again) is model
    assert again == one
    assert_same_json(again.to_dict(), data)
    again.additional_properties["another"] = 1
    assert "another" not in one.additional_properties


class JobOfUser(cce.Job):
    """A user's subclass with additional attributes of instances."""


@pytest.mark.parametrize("duplicate", [copy.copy, lambda value: pickle.loads(pickle.dumps(value))])
def test_model_subclass_copy_and_pickle_keep_own_attributes(duplicate: Any) -> None:
    one = JobOfUser.from_dict({"kind": "Job"})
    one.note = "mine"  # type: ignore[attr-defined]
    again = duplicate(one)
    assert (type(again), again.kind, again.note) == (JobOfUser, "Job", "mine")


def test_model_of_older_pickle_has_new_fields() -> None:
    one = cce.Job.__new__(cce.Job)
    one.__setstate__({"kind": "Job"})
    assert one == cce.Job(kind="Job")
