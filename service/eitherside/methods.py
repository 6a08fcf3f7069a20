"""The functions of an interface as Python methods, made at run time (types: codec.pyi)."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .arrays import from_arrays, to_array
from .errors import BAD_ANSWER, BAD_CALL, INTERNAL, CallError, ModuleError
from .host import Answer
from .interface import Function, Interface
from .provenance import Attempt, Provenance, Times
from .push import Push
from .signatures import (
    async_docstring,
    async_name,
    docstring,
    parameters,
    pushed_docstring,
    python_name,
    result_fields,
    result_name,
    signature,
)
from .stream import Stream

PROVENANCE = "provenance"


@dataclass(frozen=True)
class Performed:
    """What a call gave, and where it came from."""

    answer: Answer
    provenance: Provenance


class Performer(Protocol):
    """Makes the calls of the methods. Outputs should be bytearrays, which arrays can be written in."""

    def __call__(
        self,
        function: Function,
        options: dict[str, Any],
        inputs: dict[str, Any],
        cancel: threading.Event | None = None,
    ) -> Performed:
        """Makes a call, options and inputs by their names in the interface; setting `cancel` stops it."""
        ...


class Beginner(Protocol):
    """Begins the pushed calls of the methods."""

    def __call__(self, function: Function, options: dict[str, Any], inputs: dict[str, Any]) -> Push:
        """Begins a call, options and inputs by their names in the interface."""
        ...


class Call:
    """One function: what its arguments mean, and what its answers are."""

    def __init__(self, function: Function, interface: Interface) -> None:
        """Reads the function's description.

        Raises:
            ModuleError: names in it hide each other.
        """
        self.function = function
        self.interface = interface
        self.signature = signature(function)
        self.pushed_signature = signature(function, pushed=True)
        self._known = {item.name: item for item in parameters(function)}
        self._inputs = {item.name: item for item in function.inputs}
        self._result = _result_class(function)

    def bind(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], *, pushed: bool = False
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Returns the options and the buffers that the arguments of a method stand for.

        Args:
            args, kwargs: the arguments.
            pushed: they are those of a pushed call, which lack the input that comes in pieces.

        Raises:
            TypeError: an argument is missing or unknown.
            CallError: bad_call, where they fit the interface but not each other.
            OSError: a file cannot be read.
        """
        form = self.pushed_signature if pushed else self.signature
        given = form.bind(*args, **kwargs).arguments
        try:
            return self._sorted(given)
        except ValueError as error:
            kind = self.interface.errors[BAD_CALL]
            raise CallError(kind, f"{self.function.name}: {error}") from None

    def _sorted(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Sorts the arguments into options and buffers, and lets arrays tell their shapes."""
        options: dict[str, Any] = {}
        inputs: dict[str, Any] = {}
        for name, value in given.items():
            item = self._known[name]
            if value is None:
                continue
            if item.kind == "option":
                options[item.described] = value.item() if isinstance(value, np.generic) else value
            else:
                inputs[item.described] = value
        buffers: dict[str, Any] = {}
        for name, value in inputs.items():
            described = self._inputs[name].array
            if described is not None and _has_arrays(value):
                members = self.function.members(described.items)
                buffers[name], told = from_arrays(value, described, options, members)
                options |= told
            else:
                several = isinstance(value, list | tuple)
                buffers[name] = [_bytes(part) for part in value] if several else _bytes(value)
        return options, buffers

    def result(self, performed: Performed) -> Any:
        """Returns an answer as an object of the function's class of results.

        Raises:
            CallError: the answer is not what the interface says.
        """
        try:
            made = self._result(**_fields(self.function, performed.answer))
        except (ValueError, TypeError) as error:
            local = performed.provenance.place == "local"
            kind = self.interface.errors[INTERNAL] if local else BAD_ANSWER
            raise CallError(kind, f"{self.function.name}: {error}") from None
        # Beside the fields: what the result is, not where it came from, is its value.
        object.__setattr__(made, PROVENANCE, performed.provenance)
        return made


def calls(interface: Interface, reserved: Collection[str]) -> dict[str, Call]:
    """Returns a call for each function of an interface, by the method's name.

    Raises:
        ModuleError: a function, or its twin for asyncio, has one of the `reserved` names or that of another
            function, or names in one hide each other.
    """
    functions = interface.functions.values()
    taken = [*reserved, *(python_name(function.name) for function in functions)]
    taken += [async_name(function.name) for function in functions]
    for name, count in Counter(taken).items():
        if count > 1:
            raise ModuleError(
                f"the interface has a function {name}, a name that codecs have for something else"
            )
    return {python_name(function.name): Call(function, interface) for function in functions}


def method(call: Call, perform: Performer, begin: Beginner) -> Callable[..., Any]:
    """Returns the method of a function; it has an attribute `pushed` where the function can be pushed to."""

    def made(*args: Any, **kwargs: Any) -> Any:
        options, inputs = call.bind(args, kwargs)
        return call.result(perform(call.function, options, inputs))

    made.__name__ = made.__qualname__ = call.function.name
    made.__doc__ = docstring(call.function, call.interface)
    made.__signature__ = call.signature  # type: ignore[attr-defined]
    if call.function.pushed is not None:
        made.pushed = _pushed(call, begin)  # type: ignore[attr-defined]
    return made


def async_method(call: Call, perform: Performer) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Returns the twin of a function's method for asyncio."""

    async def made(*args: Any, **kwargs: Any) -> Any:
        cancel = threading.Event()

        def work() -> Any:
            options, inputs = call.bind(args, kwargs)
            return call.result(perform(call.function, options, inputs, cancel))

        try:
            return await asyncio.to_thread(work)
        finally:
            # By then it is over, or nobody waits for it any more.
            cancel.set()

    made.__name__ = made.__qualname__ = async_name(call.function.name)
    made.__doc__ = async_docstring(call.function)
    made.__signature__ = call.signature  # type: ignore[attr-defined]
    return made


def _pushed(call: Call, begin: Beginner) -> Callable[..., Stream[Any]]:
    def pushed(*args: Any, **kwargs: Any) -> Stream[Any]:
        options, inputs = call.bind(args, kwargs, pushed=True)

        def shown(push: Push, answer: Answer) -> Any:
            return call.result(Performed(answer, _provenance(push, options, answer)))

        return Stream(lambda: begin(call.function, options, inputs), shown)

    pushed.__qualname__ = f"{call.function.name}.pushed"
    pushed.__doc__ = pushed_docstring(call.function)
    pushed.__signature__ = call.pushed_signature  # type: ignore[attr-defined]
    return pushed


def _provenance(push: Push, options: dict[str, Any], answer: Answer) -> Provenance:
    times = Times(queue=answer.waited, compute=answer.ran, total=answer.waited + answer.ran)
    return Provenance(
        function=push.function.name,
        place="local",
        why="Pushed calls run here.",
        module=push.host.module.sha256,
        options=options,
        times=times,
        attempts=(Attempt("local", "ok", "", times),),
        bytes_in=push.bytes_in,
        bytes_out=sum(len(item.data) for item in answer.outputs),
        threads=answer.threads,
    )


def _has_arrays(value: Any) -> bool:
    first = value[0] if isinstance(value, list | tuple) and value else value
    return isinstance(first, np.ndarray)


def _bytes(value: Any) -> Any:
    return Path(value).read_bytes() if isinstance(value, os.PathLike) else value


def _result_class(function: Function) -> type:
    shown = {python_name(name) for name in function.result.get("properties", {})}
    described = result_fields(function)
    if any(name == PROVENANCE for name, _, _ in described):
        raise ModuleError(f"{function.name} has an output or result field {PROVENANCE}, which results have")
    fields = [(name, hint, field(repr=name in shown)) for name, hint, _ in described]
    made = make_dataclass(result_name(function), fields, frozen=True, eq=False, kw_only=True)
    made.__doc__ = f"What {function.name} gives; `{PROVENANCE}` tells where it came from."
    made.__module__ = __name__
    return made


def _fields(function: Function, answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = {python_name(name): None for name in function.result.get("properties", {})}
    found |= {name: value for key, value in answer.result.items() if (name := python_name(key)) in found}
    for item in function.outputs:
        parts: list[Any] = [output.data for output in answer.outputs if output.name == item.name]
        if item.array is not None:
            parts = [to_array(part, item.array, answer.result, index) for index, part in enumerate(parts)]
        else:
            parts = [bytes(part) for part in parts]
        if not (parts or item.repeated or item.optional):
            raise ValueError(f"the output {item.name} is missing")
        found[python_name(item.name)] = parts if item.repeated else next(iter(parts), None)
    return found
