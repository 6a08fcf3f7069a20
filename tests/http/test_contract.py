"""The service against its own OpenAPI document: calls that it allows, and calls that it does not."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, SerializationContext
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
schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
FILES = {
    kind
    for path in app.test_client().get("/openapi.json").get_json()["paths"].values()
    for kind in path.get("post", {}).get("requestBody", {}).get("content", {})
    if kind.startswith("image/")
}
PARTIAL = "application/partial-upload"


@schemathesis.serializer(*FILES, PARTIAL)
def as_bytes(context: SerializationContext, value: Any) -> bytes:
    """Sends a made-up file as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.mark.filterwarnings("ignore")
@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_answers_are_as_described(case: Case[Any]) -> None:
    # What calls an application without a server undoes no content coding.
    case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})
