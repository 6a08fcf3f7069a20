"""Whether a call is large enough for helpers.

To have one costs about a millisecond: an instance, a thread that wakes, and loops that wait for it. What
a call will take is known from the interface's expressions (docs/abi.md); where these know nothing, the size
of what it is given tells. A short call so runs on one thread even where cores are idle: it would gain less
than it costs, and the cores are free for the next one at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .costs import Facts, evaluate
from .interface import Function

WORK = 12.0
"""Milliseconds on the reference machine from which on helpers pay."""

BYTES = 1 << 16
"""Bytes of input from which on they do, where nothing else is known."""


def is_worth_helpers(
    function: Function, options: Mapping[str, object], sizes: Sequence[tuple[int, int]]
) -> bool:
    """Returns whether helpers would pay.

    Args:
        function: that is called.
        options: as given.
        sizes: for each buffer the index of its input in the interface, and its bytes.
    """
    if not function.threads:
        return False
    inputs: dict[str, list[int]] = {}
    for index, size in sizes:
        inputs.setdefault(function.inputs[index].name, []).append(size)
    # Nothing was measured: that is a call of its own, which takes longer than what it could save here.
    facts = Facts(options, function.defaults, inputs)
    work = evaluate(function.cost.expressions.get("work"), facts)
    return work >= WORK if isinstance(work, float) else sum(size for _, size in sizes) >= BYTES
