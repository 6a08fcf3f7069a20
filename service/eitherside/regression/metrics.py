"""The scores of the module's comparison, and bounds on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ModuleError
from .pictures import Pictures

_SIDE = 16
_LITTLE, _MUCH = 4, 64


@dataclass(frozen=True)
class Metric:
    """A score of the comparer.

    Attributes:
        name, title, unit, description: as the interface has them.
        grows: whether it grows as pictures differ more, so that a bound is the most it may be.
        equal_is_null: whether it is null for equal pictures; null otherwise means that there is no score.
    """

    name: str
    title: str
    unit: str
    description: str
    grows: bool
    equal_is_null: bool

    def holds(self, value: float | None, bound: float) -> bool:
        """Returns whether a score is within a bound."""
        if value is None:
            return self.equal_is_null
        return value <= bound if self.grows else value >= bound

    def shown(self, value: float | None) -> str:
        """Returns a score with its unit."""
        if value is None:
            return "no difference" if self.equal_is_null else "none"
        return f"{value:.4g} {self.unit}".strip()


def metrics(pictures: Pictures) -> dict[str, Metric]:
    """Returns the scores that the comparer gives, by name.

    The interface says what a score means in words alone. So which way it grows is measured: by a picture, one
    that differs from it a little, and one that differs much.

    Raises:
        ModuleError: a score is the same for both.
    """
    comparer = pictures.roles.comparer
    y, x = np.mgrid[0:_SIDE, 0:_SIDE]
    plain = np.repeat((96 + 2 * x + 2 * y)[..., np.newaxis], 3, axis=-1).astype(np.uint8)
    change = ((x + y) % 2).astype(np.uint8)[..., np.newaxis]
    original, little, much = (pictures.write(plain + change * by) for by in (0, _LITTLE, _MUCH))
    equal, near, far = (pictures.comparison(original, each).result for each in (original, little, much))
    found = {}
    for name, schema in comparer.result.get("properties", {}).items():
        kinds = schema.get("type")
        if "number" not in (kinds if isinstance(kinds, list) else [kinds]):
            continue
        if near[name] is None or far[name] is None or near[name] == far[name]:
            raise ModuleError(f"{comparer.name} gives no {name} that grows or falls with the difference")
        found[name] = Metric(
            name,
            str(schema.get("title", name)),
            str(schema.get("unit", "")),
            str(schema.get("description", "")),
            grows=far[name] > near[name],
            equal_is_null=equal[name] is None,
        )
    return found


@dataclass(frozen=True)
class Score:
    """A score that was reached, with its bound where it has one."""

    metric: Metric
    value: float | None
    bound: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is within its bound; true where it has none."""
        return self.bound is None or self.metric.holds(self.value, self.bound)

    @property
    def limit(self) -> str:
        """The bound in words."""
        if self.bound is None:
            return ""
        return f"at {'most' if self.metric.grows else 'least'} {self.bound:.4g}"

    def __str__(self) -> str:
        limit = f", must be {self.limit}" if self.bound is not None else ""
        return f"{self.metric.name} {self.metric.shown(self.value)}{limit}"


def checked(bounds: Mapping[str, Any], known: Mapping[str, Metric]) -> dict[str, float]:
    """Returns bounds as numbers by the names of scores.

    Raises:
        TypeError: there is no such score, or a bound is no finite number.
    """
    found = {}
    for name, bound in bounds.items():
        if name not in known:
            raise TypeError(f"there is no score {name}; there are {', '.join(known)}")
        if isinstance(bound, bool) or not isinstance(bound, int | float) or not math.isfinite(bound):
            raise TypeError(f"the bound of {name} is {bound!r}, not a finite number")
        found[name] = float(bound)
    if not found:
        raise TypeError(f"give a bound for one or more of {', '.join(known)}")
    return found


def scores(
    result: Mapping[str, Any], known: Mapping[str, Metric], bounds: Mapping[str, float]
) -> list[Score]:
    """Returns the scores of a comparison, those with a bound first."""
    found = [Score(metric, result[name], bounds.get(name)) for name, metric in known.items()]
    return sorted(found, key=lambda score: score.bound is None)
