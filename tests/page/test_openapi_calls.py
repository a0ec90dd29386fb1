"""Calls as the OpenAPI document allows and as it forbids them, made up by schemathesis.

No answer is an error of the server, and each is as it is described.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from support.control_room import WAIT, ServedRoom

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        negative_data_rejection,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_schema_conformance, negative_data_rejection),
]

ENDLESS = {"get_events", "get_stream", "get_first_stream"}
"""Calls whose answers have no end: other tests read them."""

LASTING = {"start_sequence", "run_card_script", "run_lua"}
"""Calls that begin what goes on: it is ended before the next call."""

SLOW = {"take_together": 2}
"""Calls that take seconds, and how many there are at most."""


@pytest.mark.parametrize("calls", [160, pytest.param(5000, marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore")
@pytest.mark.timeout(1200)
def test_calls_that_are_made_up(control_room: ServedRoom, calls: int) -> None:
    document = control_room.get("openapi.json")
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)  # the token is in every call here
    schema = schemathesis.openapi.from_dict(document)
    operations = [
        operation
        for operation in map(_sound, schema.get_all_operations())
        if operation.definition.raw["operationId"] not in ENDLESS
    ]
    assert len(operations) > 25
    made, tried = 0, calls * 5 // 4  # some calls have few forms: others are made more often
    for operation in operations:
        name = operation.definition.raw["operationId"]
        each = min(-(-tried // len(operations)), SLOW.get(name, tried)) // 2 + 1
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            made += _try(control_room, operation, mode, each)
    assert made >= calls
    assert control_room.room.stations[0].is_present
    assert control_room.ask("frame.jpg")[0] == 200


def _sound(result: Any) -> Any:
    return result.ok()


def _try(served: ServedRoom, operation: Any, mode: GenerationMode, calls: int) -> int:
    """Make some calls, valid ones or not; return how many were made."""
    made = 0

    @settings(
        max_examples=calls,
        suppress_health_check=list(HealthCheck),
        deadline=None,
        derandomize=True,
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        nonlocal made
        made += 1
        headers = {"X-Chdkshell-Token": served.room.token, "X-Chdkshell-Client": "test"}
        case.call_and_validate(base_url=served.url, headers=headers, checks=CHECKS, timeout=WAIT)
        if operation.definition.raw["operationId"] in LASTING:
            served.room.work_of(served.room.stations[0]).stop()

    try:
        attempt()
    except Unsatisfiable:  # nothing can be wrong with a call without fields
        assert mode is GenerationMode.NEGATIVE
    return made
