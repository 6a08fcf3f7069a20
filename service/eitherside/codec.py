"""The functions of a module as Python methods, made from its interface at run time (types: codec.pyi)."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import field, make_dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from .arrays import from_arrays, to_array
from .errors import BAD_CALL, INTERNAL, CallError
from .host import Answer, Host
from .interface import Function, Input
from .module import Module
from .settings import Settings
from .signatures import Parameter, docstring, parameters, python_name, result_fields, result_name, signature


class Codec:
    """A module's functions as methods: NumPy arrays in and out, files as bytes or paths.

    A call blocks, and any number of threads may make calls. Ctrl-C stops a call.

    Example:
        >>> codec = Codec()
        >>> sorted(codec.host.interface.functions)  # each is a method; help() on one tells its options
        [...]
    """

    def __init__(self, module: Module | Path | str | None = None, settings: Settings | None = None) -> None:
        """Makes a codec; the module is compiled, or loaded compiled, with the first call.

        Args:
            module: the module or its path; absent, the one in the settings, else the one that was shipped.
            settings: limits and the cache's folder; those of the environment where absent.

        Raises:
            ModuleError, SettingsError: there is no usable module, or a setting is wrong.
        """
        settings = settings if settings is not None else Settings.load()
        if not isinstance(module, Module):
            module = Module.shipped(module or settings.module)
        self.host = Host(module, settings)
        for function in module.interface.functions.values():
            setattr(self, python_name(function.name), _method(self.host, function))

    def close(self) -> None:
        """Cancels running calls; later ones fail as cancelled."""
        self.host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _method(host: Host, function: Function) -> Callable[..., Any]:
    form = signature(function)
    known = {item.name: item for item in parameters(function)}
    inputs = {item.name: item for item in function.inputs}
    result = _result_class(function)
    mutable = any(item.array for item in function.outputs)

    def method(*args: Any, **kwargs: Any) -> Any:
        given = form.bind(*args, **kwargs).arguments
        try:
            buffers, options = _arguments(given, known, inputs)
        except ValueError as error:
            raise CallError(host.interface.errors[BAD_CALL], f"{function.name}: {error}") from None
        answer = host.call(function.name, options, buffers, mutable=mutable)
        try:
            return result(**_fields(function, answer))
        except ValueError as error:
            raise CallError(host.interface.errors[INTERNAL], f"{function.name}: {error}") from None

    method.__name__ = method.__qualname__ = function.name
    method.__doc__ = docstring(function, host.interface)
    method.__signature__ = form  # type: ignore[attr-defined]
    return method


def _arguments(
    given: Mapping[str, Any], known: Mapping[str, Parameter], inputs: Mapping[str, Input]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sorts the arguments into buffers and options, and lets arrays tell their shapes."""
    buffers: dict[str, Any] = {}
    options: dict[str, Any] = {}
    told: dict[str, Any] = {}
    for name, value in given.items():
        item = known[name]
        if value is None:
            continue
        if item.kind == "option":
            options[item.described] = value.item() if isinstance(value, np.generic) else value
            continue
        described = inputs[item.described]
        if described.array is not None and _has_arrays(value):
            buffers[item.described], told = from_arrays(value, described.array)
        else:
            several = isinstance(value, list | tuple)
            buffers[item.described] = [_bytes(part) for part in value] if several else _bytes(value)
    for name, value in told.items():
        if options.setdefault(name, value) != value:
            raise ValueError(f"the option {name} is {options[name]!r}, but the array says {value!r}")
    return buffers, options


def _has_arrays(value: Any) -> bool:
    first = value[0] if isinstance(value, list | tuple) and value else value
    return isinstance(first, np.ndarray)


def _bytes(value: Any) -> Any:
    return Path(value).read_bytes() if isinstance(value, os.PathLike) else value


def _result_class(function: Function) -> type:
    shown = {python_name(name) for name in function.result.get("properties", {})}
    fields = [(name, hint, field(repr=name in shown)) for name, hint, _ in result_fields(function)]
    made = make_dataclass(result_name(function), fields, frozen=True, eq=False, kw_only=True)
    made.__doc__ = f"What {function.name} gives."
    made.__module__ = __name__
    return made


def _fields(function: Function, answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = {python_name(name): None for name in function.result.get("properties", {})}
    found |= {name: value for key, value in answer.result.items() if (name := python_name(key)) in found}
    for item in function.outputs:
        parts: list[Any] = [output.data for output in answer.outputs if output.name == item.name]
        if item.array is not None:
            parts = [to_array(part, item.array, answer.result) for part in parts]
        else:
            parts = [bytes(part) for part in parts]
        if not (parts or item.repeated or item.optional):
            raise ValueError(f"the output {item.name} is missing")
        found[python_name(item.name)] = parts if item.repeated else next(iter(parts), None)
    return found
