"""Usage: pydantic_reads.py MODELS DOCUMENT RECORDINGS. Reads the recorded responses with generated pydantic models."""

import importlib.util
import json
import sys
from pathlib import Path

from pydantic import BaseModel, RootModel, TypeAdapter

document, recordings = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[2:4])
spec = importlib.util.spec_from_file_location("models", sys.argv[1])
models = importlib.util.module_from_spec(spec)
sys.modules["models"] = models
spec.loader.exec_module(models)


def schema_names(schema):
    """Yield the names of the schemas that a response may be of."""
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from schema_names(part)


own = [each for each in recordings if each["template"] in document["paths"]]
assert own, "no recording is of this document"
for each in own:
    responses = document["paths"][each["template"]]["get"]["responses"]
    schema = responses[str(each["status"])]["content"][each["content_type"]]["schema"]
    problems = []
    for name in schema_names(schema):
        model = getattr(models, name)
        try:
            value = TypeAdapter(model).validate_python(each["body"])
        except ValueError as error:
            problems.append(f"error: {each['name']} as {name}: {error}".replace("\n", " "))
            continue
        dumped = TypeAdapter(model).dump_python(value, mode="json", by_alias=True, exclude_unset=True)
        assert isinstance(value, (BaseModel, RootModel, str)), f"error: {name} must be a model, got an untyped value"
        if dumped == each["body"]:
            break
        problems.append(f"error: {each['name']} as {name} loses values: {dumped}")
    else:
        sys.exit("; ".join(problems) or f"error: {each['name']} must match a named schema, got none")
