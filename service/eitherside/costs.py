"""What a call will take, by the expressions that an interface has for it. They may be a stranger's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import rfc8785

Value = float | str | bool | None
"""What an expression gives; None stands for *unknown*. Numbers are always finite."""

_DEEPEST = 64
_MOST = 4096
_LONGEST_KIND = 80
_DEFAULTED = ("option", "measured", "choose")
_FOLDS: Mapping[str, Callable[[float, float], float]] = {
    "sum": lambda one, other: one + other,
    "product": lambda one, other: one * other,
    "max": max,
    "min": min,
}
_EMPTY = {"sum": 0.0, "product": 1.0}


@dataclass(frozen=True)
class Facts:
    """What an expression may refer to.

    Attributes:
        options: as the caller gave them.
        defaults: of the options that have one.
        inputs: for each input the sizes of its buffers in bytes.
        measured: the result of the interface's measuring function; None where nothing was measured.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[int]] = field(default_factory=dict)
    measured: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Needs:
    """What a call will take.

    Attributes:
        kind: calls of one kind share coefficients.
        work: milliseconds of computing on one thread of the reference machine; None where unknown, as below.
        output_bytes: bytes of the outputs.
        memory: bytes of linear memory at the peak.
    """

    kind: str
    work: float | None
    output_bytes: float | None
    memory: float | None


def evaluate(expression: object, facts: Facts) -> Value:
    """Returns the value of an expression. Total: what makes no sense is unknown, whatever is given."""
    return _Evaluation(facts).value(expression, 0)


def needs(cost: object, facts: Facts) -> Needs:
    """Returns what a function's `cost` says; negative numbers and what is absent are unknown."""
    members: Mapping[Any, Any] = cost if isinstance(cost, Mapping) else {}

    def number(name: str) -> float | None:
        value = evaluate(members.get(name), facts)
        return value if _is_number(value) and value >= 0 else None

    parts = members.get("kind")
    texts = [
        _text(evaluate(part, facts)) for part in (parts[:_LONGEST_KIND] if isinstance(parts, list) else [])
    ]
    kind = "/".join("?" if text is None else text for text in texts)
    return Needs(kind[:_LONGEST_KIND], number("work"), number("output_bytes"), number("memory"))


class _Evaluation:
    """One evaluation, which ends soon: an expression is neither deeper nor larger than any honest one."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._left = _MOST

    def value(self, expression: object, depth: int) -> Value:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            return None
        if not isinstance(expression, Mapping):
            return _scalar(expression)
        operators = [name for name in _OPERATORS if name in expression]
        if len(operators) != 1:
            return None
        operator = operators[0]
        found = _OPERATORS[operator](self, operator, expression, depth + 1)
        if found is None and operator in _DEFAULTED and "else" in expression:
            return self.value(expression["else"], depth + 1)
        return found

    def _input_bytes(self, operator: str, whole: Mapping[Any, Any], depth: int) -> Value:
        name = whole[operator]
        return _scalar(sum(self._facts.inputs.get(name, ()))) if isinstance(name, str) else None

    def _count(self, operator: str, whole: Mapping[Any, Any], depth: int) -> Value:
        name = whole[operator]
        return float(len(self._facts.inputs.get(name, ()))) if isinstance(name, str) else None

    def _given(self, operator: str, whole: Mapping[Any, Any], depth: int) -> Value:
        name = whole[operator]
        return self._facts.options.get(name) is not None if isinstance(name, str) else None

    def _option(self, operator: str, whole: Mapping[Any, Any], depth: int) -> Value:
        name = whole[operator]
        if not isinstance(name, str):
            return None
        given = self._facts.options.get(name)
        return _scalar(given if given is not None else self._facts.defaults.get(name))

    def _measured(self, operator: str, whole: Mapping[Any, Any], depth: int) -> Value:
        name = whole[operator]
        measured = self._facts.measured or {}
        return _scalar(measured.get(name)) if isinstance(name, str) else None

    def _choose(self, operator: str, whole: Mapping[Any, Any], depth: int) -> Value:
        key = _text(self.value(whole[operator], depth))
        table = whole.get("from")
        if key is None or not isinstance(table, Mapping) or key not in table:
            return None
        return self.value(table[key], depth)

    def _fold(self, operator: str, whole: Mapping[Any, Any], depth: int) -> Value:
        operands = whole[operator]
        if not isinstance(operands, list):
            return None
        result: float | None = None
        for operand in operands:
            value = self.value(operand, depth)
            if not _is_number(value):
                return None
            result = value if result is None else _FOLDS[operator](result, value)
        return _EMPTY.get(operator) if result is None else _scalar(result)


_OPERATORS: Mapping[str, Callable[[_Evaluation, str, Mapping[Any, Any], int], Value]] = {
    "input_bytes": _Evaluation._input_bytes,
    "count": _Evaluation._count,
    "option": _Evaluation._option,
    "given": _Evaluation._given,
    "measured": _Evaluation._measured,
    **dict.fromkeys(_FOLDS, _Evaluation._fold),
    "choose": _Evaluation._choose,
}


def _is_number(value: Value) -> TypeGuard[float]:
    return isinstance(value, float)


def _scalar(value: object) -> Value:
    if isinstance(value, bool | str):
        return value
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(value: Value) -> str | None:
    """Returns a value as JSON writes it, without quotes; whole numbers without a fraction."""
    if value is None or isinstance(value, str):
        return value
    # As ECMAScript writes numbers, so that both sides look the same text up.
    return rfc8785.dumps(value).decode()
