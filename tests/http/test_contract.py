"""The service against its own OpenAPI document: calls that it allows, and calls that it does not."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
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

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
)

schema = schemathesis.openapi.from_wsgi(
    "/openapi.json", create_app(Settings.load(time_limit=5, option_ceilings={"max_pixels": 1e6}))
)


@pytest.mark.filterwarnings("ignore")
@schema.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_answers_are_as_described(case: Case) -> None:
    case.call_and_validate(checks=CHECKS)
