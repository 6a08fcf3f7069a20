"""The service against its own OpenAPI document: calls that it allows, and calls that it does not."""

from __future__ import annotations

import copy
import tempfile
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import BaseSchema, Case, SerializationContext
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from eitherside.http import create_app
from eitherside.settings import Settings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]

data = tempfile.TemporaryDirectory(prefix="eitherside-contract-")
app = create_app(
    Settings.load(time_limit=2, option_ceilings={"max_pixels": 1e6}, data_dir=data.name, libraries_per_hour=3)
)
whole = schemathesis.openapi.from_wsgi("/openapi.json", app)
FILES = {
    kind
    for path in whole.raw_schema["paths"].values()
    for kind in path.get("post", {}).get("requestBody", {}).get("content", {})
    if kind.startswith("image/")
}
PARTIAL = "application/partial-upload"
FORM = "multipart/form-data"


@schemathesis.serializer(*FILES, PARTIAL)
def as_bytes(context: SerializationContext, value: Any) -> bytes:
    """Sends a made-up file as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


def with_each_option_once() -> BaseSchema:
    """Returns the document without the options that an earlier operation has in the same words.

    Dozens of values are made up for each option, and the same code reads it for every operation.
    """
    document = copy.deepcopy(whole.raw_schema)
    seen: list[Any] = []
    for methods in document["paths"].values():
        for operation in methods.values():
            asked = [each for each in operation.get("parameters", []) if each["in"] == "query"]
            gone = {each["name"] for each in asked if each in seen and not each.get("required")}
            seen += asked
            if not gone:
                continue
            operation["parameters"] = [each for each in operation["parameters"] if each["name"] not in gone]
            options = operation["requestBody"]["content"][FORM]["schema"]["properties"]["options"]
            for name in gone:
                del options["properties"][name]
    found = schemathesis.openapi.from_dict(document)
    found.app = app
    return found


schema = with_each_option_once()


@pytest.mark.filterwarnings("ignore")
@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_answers_are_as_described(case: Case[Any]) -> None:
    # What calls an application without a server undoes no content coding.
    case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})
