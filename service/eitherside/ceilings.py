"""What a service lets everyone ask for: largest values of options, the module's own or the owner's."""

from __future__ import annotations

from collections.abc import Mapping

from .interface import UNTRUSTED_MAXIMUM, Function


def not_allowed(
    function: Function, options: Mapping[str, object], ceilings: Mapping[str, float]
) -> tuple[str, float] | None:
    """Returns the first option that no stranger may set as high as a call does, and how high one may.

    Args:
        function: whose options' schemas may have `untrusted_maximum`.
        options: as given.
        ceilings: the setting `option_ceilings`; the options it names are the owner's to judge.
    """
    for name, schema in function.properties.items():
        most = schema.get(UNTRUSTED_MAXIMUM)
        if most is not None and name not in ceilings and exceeds(options.get(name), most):
            return name, most
    return None


def lowered(
    function: Function, options: Mapping[str, object], ceilings: Mapping[str, float]
) -> dict[str, int | float]:
    """Returns the options that `ceilings` give another value than was given, or is the default."""
    found: dict[str, int | float] = {}
    for name, ceiling in ceilings.items():
        schema = function.properties.get(name)
        value = options.get(name, schema.get("default")) if schema else None
        if exceeds(value, ceiling):
            found[name] = int(ceiling) if float(ceiling).is_integer() else ceiling
    return found


def exceeds(value: object, ceiling: float) -> bool:
    """Tells whether a value is a number above `ceiling`; what is wrong with others is the module's to say."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > ceiling
