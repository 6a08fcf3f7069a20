"""The planner decides and learns as the one of the client library does: both are held to the same vectors."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitherside.planner import (
    Battery,
    Exchange,
    Job,
    Observation,
    PlaceState,
    Planner,
    PlannerRecord,
    PlannerSettings,
    Priors,
    ServerLoad,
    Surroundings,
    parse_record,
    to_json,
)

VECTORS = Path(__file__).parents[1] / "placement" / "vectors.json"
_FILE: dict[str, Any] = json.loads(VECTORS.read_text())
_SEQUENCES: list[dict[str, Any]] = _FILE["sequences"]

T = TypeVar("T")


def snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)


def made(kind: type[T], given: dict[str, Any] | None) -> T:
    """An object of the planner from its JSON, in which what is unknown is left out."""
    assert given is not None
    fields = {
        item.name: None
        for item in dataclasses.fields(kind)  # type: ignore[arg-type]
        if item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    }
    values = {snake(name): value for name, value in given.items() if value is not None}
    if isinstance(values.get("battery"), dict):
        values["battery"] = Battery(**values["battery"])
    return kind(**{**fields, **values})


def differences(found: Any, expected: Any, where: str = "") -> list[str]:
    """Where an object of the planner is not what the vectors say."""
    if isinstance(expected, dict):
        names = {name: snake(name) for name in expected} if dataclasses.is_dataclass(found) else {}
        pairs = [
            (name, getattr(found, names[name], "absent") if names else found.get(name), value)
            for name, value in expected.items()
        ]
        return [text for name, one, other in pairs for text in differences(one, other, f"{where}/{name}")]
    if isinstance(expected, list):
        if len(found) != len(expected):
            return [f"{where}: {found} is not {expected}"]
        pairs = [(str(index), *both) for index, both in enumerate(zip(found, expected, strict=True))]
        return [text for name, one, other in pairs for text in differences(one, other, f"{where}/{name}")]
    same = found == expected
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        same = math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
    return [] if same else [f"{where}: {found!r} is not {expected!r}"]


def apply(planner: Planner, step: dict[str, Any]) -> Any:
    """Does one step of a sequence, and returns what it gave."""
    match step["do"]:
        case "decide":
            states = {name: made(PlaceState, state) for name, state in step["states"].items()}
            return planner.decide(made(Job, step["job"]), states, dry=step["dry"])
        case "begin":
            state = made(PlaceState, step["state"]) if step["state"] is not None else None
            return planner.begin(step["place"], made(Job, step["job"]), state)
        case "started":
            planner.started(step["ticket"])
        case "observe":
            planner.observe(step["ticket"], made(Observation, step["observation"]))
        case "hedge":
            return planner.spend_hedge()
        case "asked":
            planner.asked(made(Job, step["job"]), step["hit"])
        case "load":
            planner.server_load(made(ServerLoad, step["load"]))
        case "exchange":
            planner.exchange(made(Exchange, step["exchange"]))
        case "probe":
            planner.probe(step["place"], step["ms"], step["work"])
        case "priors":
            planner.priors(made(Priors, step["priors"]))
        case "record":
            return to_json(planner.record())["coefficients"]
        case other:
            raise AssertionError(f"an unknown step: {other}")
    return None


@pytest.mark.parametrize("sequence", _SEQUENCES, ids=[item["name"] for item in _SEQUENCES])
def test_the_shared_vectors(sequence: dict[str, Any]) -> None:
    now = 0.0
    settings = PlannerSettings(**{snake(name): value for name, value in sequence["settings"].items()})
    surroundings = Surroundings(lambda: now, lambda: _FILE["random"])
    planner = Planner(surroundings, _FILE["module"], _FILE["service"], settings)
    assert sequence["steps"]
    for index, step in enumerate(sequence["steps"]):
        now = step["at"]
        found = apply(planner, step)
        wrong = differences(found, step["expect"], f"step {index}, {step['do']}") if "expect" in step else []
        assert not wrong


def learned() -> PlannerRecord:
    now = 1e12
    planner = Planner(Surroundings(lambda: now, lambda: 0.5), "m", "s")
    job = Job("f", "k", 20.0, 1000, None, None)
    for total in (50.0, 60.0, 400.0):
        ticket = planner.begin("server", job)
        planner.observe(ticket, Observation("ok", total, queue=1.0, compute=30.0, bytes_down=500))
    return planner.record()


def test_a_record_goes_on_where_it_was() -> None:
    record = learned()
    again = parse_record(json.loads(json.dumps(to_json(record))), "m", "s", 1e12)
    assert again == record
    surroundings = Surroundings(lambda: 1e12, lambda: 0.5)
    one, other = (Planner(surroundings, "m", "s", record=kept) for kept in (record, again))
    job, states = Job("f", "k", 20.0, 1000, None, None), {"server": PlaceState(True)}
    assert one.decide(job, states) == other.decide(job, states)  # type: ignore[arg-type]


def test_a_record_of_something_else_is_none() -> None:
    document = to_json(learned())
    assert parse_record(document, "other", "s", 1e12) is None
    assert parse_record(document, "m", "other", 1e12) is None
    assert parse_record({**document, "version": 2}, "m", "s", 1e12) is None
    nothing: list[Any] = [None, [], "record", 1, {}]
    for nonsense in nothing:
        assert parse_record(nonsense, "m", "s", 1e12) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        [1, 2, 3],
        [1, 2, 3, "4"],
        [True, 0, 0, 1e12],
        [1e3, 0, 0, 1e12],
        [0, -1, 0, 1e12],
        [0, 0, 0, 2e12],
    ],
)
def test_coefficients_that_make_no_sense_are_left_out(value: Any) -> None:
    document = to_json(learned())
    document["coefficients"]["machine:local"] = value
    document["coefficients"]["nonsense:local"] = [0, 0, 0, 1e12]
    found = parse_record(document, "m", "s", 1e12)
    assert found is not None
    assert set(document["coefficients"]) - set(found.coefficients) == {"machine:local", "nonsense:local"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["machine:local", "rtt:server", "kind:local:f:k", "x"]),
        _JSON | st.lists(_JSON, max_size=5),
    )
)
def test_whatever_a_record_holds_a_planner_can_use_it(coefficients: dict[str, Any]) -> None:
    document = {"version": 1, "module": "m", "service": "s", "coefficients": coefficients}
    found = parse_record(document, "m", "s", 1e12)
    assert found is not None
    planner = Planner(Surroundings(lambda: 1e12, lambda: 0.5), "m", "s", record=found)
    states = {name: PlaceState(True) for name in ("local", "server")}
    decision = planner.decide(Job("f", "k", 20.0, 1000, None, None), states)  # type: ignore[arg-type]
    assert all(math.isfinite(each.expected) for each in decision.estimates)
