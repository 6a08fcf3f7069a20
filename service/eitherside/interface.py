"""The description that a module carries of itself, as typed objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .binary import custom_section
from .errors import BAD_CALL, INTERNAL, MEMORY_LIMIT, ErrorKind, ModuleError

SECTION = "eitherside:interface"
UNTRUSTED_MAXIMUM = "untrusted_maximum"

# Names become Python attributes, URL segments and command-line flags, so nothing else may pass.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
MediaType = Annotated[str, Field(pattern=r"^[a-z0-9.+-]+/[a-zA-Z0-9.+-]+$")]

_T = TypeVar("_T")


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Format(_Described):
    """A file format: its name, media type, file name extensions, and whether it is read or written."""

    name: Name
    title: str
    media_type: MediaType
    extensions: list[Annotated[str, Field(pattern=r"^[a-z0-9]+$")]]
    read: bool
    write: bool


class Array(_Described):
    """How a buffer is an array: `shape` and `dtype` name the fields that hold its sizes and its sample type.

    For an input they are options, for an output fields of the result. `items` names a list beside them, of
    which each item describes one buffer and comes first where it has such a member.
    """

    shape: list[str]
    dtype: str
    items: str | None = None


class Input(_Described):
    """An input buffer of a function. A `repeated` one takes any number of buffers, in order."""

    name: Name
    summary: str = ""
    media_type: MediaType | None = None
    formats: list[str] = []
    repeated: bool = False
    optional: bool = False
    array: Array | None = None


class Output(_Described):
    """An output buffer of a function; `format_from` names the result field that tells its format."""

    name: Name
    summary: str = ""
    media_type: MediaType | None = None
    format_from: str | None = None
    repeated: bool = False
    optional: bool = False
    array: Array | None = None


class Measure(_Described):
    """How to find what drives a call's cost: `function`, given the first `prefix` bytes of `input`."""

    function: Name
    input: Name
    prefix: Annotated[int, Field(ge=1)]


class Pushed(_Described):
    """That the buffer of `input` may be pushed in pieces, with answers in between (docs/abi.md)."""

    input: Name


class Cost(_Described):
    """What drives the cost of a function. `expressions` has the members that `eitherside.costs` evaluates."""

    model_config = ConfigDict(extra="allow")

    drivers: list[str] = []
    summary: str = ""
    measure: Measure | None = None

    @property
    def expressions(self) -> Mapping[str, Any]:
        """Kind, work, bytes of output and memory, as expressions; nothing is known of their form."""
        return self.model_extra or {}


class Function(_Described):
    """A function of the module. `options` and `result` are JSON Schemas (2020-12) of objects.

    `threads` tells whether helpers make its calls faster.
    """

    name: Name
    id: Annotated[int, Field(ge=0, lt=2**31)]
    summary: str
    description: str = ""
    idempotent: bool = True
    inputs: list[Input]
    options: dict[str, Any]
    outputs: list[Output]
    result: dict[str, Any]
    errors: list[str] = []
    cost: Cost = Cost()
    pushed: Pushed | None = None
    threads: bool = False

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        """The schema of each option, by name."""
        return dict(self.options.get("properties", {}))

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """The defaults of the options that have one, by name."""
        return {name: schema["default"] for name, schema in self.properties.items() if "default" in schema}

    def members(self, option: str | None) -> list[str]:
        """Names that the items of an option can have, where it is a list of objects."""
        items = self.properties.get(option, {}).get("items", {}) if option is not None else {}
        return list(items.get("properties", {})) if isinstance(items, dict) else []

    @property
    def required(self) -> list[str]:
        """Names of the options without which there is no call."""
        return list(self.options.get("required", []))

    @property
    def format_option(self) -> str | None:
        """Name of the option that chooses the output's format, where there is one."""
        return next((name for name, schema in self.properties.items() if schema.get("format_option")), None)

    @model_validator(mode="after")
    def _check(self) -> Function:
        for what, schema in (("options", self.options), ("result", self.result)):
            properties = schema.get("properties", {})
            if not isinstance(properties, dict) or not all(
                isinstance(item, dict) for item in properties.values()
            ):
                raise ValueError(f"{what}/properties is not an object of schemas")
            if not set(schema.get("required", [])) <= set(properties):
                raise ValueError(f"{what}/required names what properties does not have")
        for name, schema in self.properties.items():
            if not name.isidentifier():
                raise ValueError(f"the option name {name!r} is not an identifier")
            most, default = schema.get(UNTRUSTED_MAXIMUM, 0), schema.get("default", 0)
            is_fit = all(isinstance(each, int | float) for each in (most, default)) and default <= most
            if UNTRUSTED_MAXIMUM in schema and not is_fit:
                raise ValueError(f"the untrusted maximum of the option {name} is not from its default up")
        inputs = _by(self.inputs, lambda item: item.name, "input")
        _by(self.outputs, lambda item: item.name, "output")
        if self.pushed is not None and self.pushed.input not in inputs:
            raise ValueError(f"pushed names the unknown input {self.pushed.input}")
        return self


class _Kind(_Described):
    code: Name
    number: Annotated[int, Field(ge=1, lt=2**31)]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]


class _Document(_Described):
    eitherside: Literal[1]
    name: Name
    title: str = ""
    summary: str = ""
    formats: list[Format]
    errors: list[_Kind]
    functions: list[Function]


def _by(items: list[_T], key: Callable[[_T], Any], what: str) -> dict[Any, _T]:
    found: dict[Any, _T] = {}
    for item in items:
        if key(item) in found:
            raise ValueError(f"two {what}s have the name or number {key(item)!r}")
        found[key(item)] = item
    return found


class Interface:
    """A module's own description: formats, errors and functions.

    Attributes:
        raw: the document as the module has it.
        name, title, summary: of the whole module.
        formats: every format, by name.
        errors: every kind of error, by code.
        functions: every function, by name.
    """

    def __init__(self, raw: dict[str, Any]) -> None:
        """Checks and types the document `raw`.

        Raises:
            ModuleError: it is not a description as version 1 has them; the message tells where.
        """
        try:
            document = _Document.model_validate(raw)
            self.raw = raw
            self.name, self.title, self.summary = document.name, document.title, document.summary
            self.formats: Mapping[str, Format] = _by(document.formats, lambda item: item.name, "format")
            kinds = [ErrorKind(kind.code, kind.number, kind.title, kind.status) for kind in document.errors]
            self.errors: Mapping[str, ErrorKind] = _by(kinds, lambda kind: kind.code, "error")
            self._numbers = _by(kinds, lambda kind: kind.number, "error")
            self.functions: Mapping[str, Function] = _by(
                document.functions, lambda item: item.name, "function"
            )
            _by(document.functions, lambda item: item.id, "function")
            self._check()
        except ValidationError as error:
            first = error.errors()[0]
            where = "/".join(str(step) for step in first["loc"])
            raise ModuleError(f"the module's interface is malformed at /{where}: {first['msg']}") from None
        except ValueError as error:
            raise ModuleError(f"the module's interface is malformed: {error}") from None

    def _check(self) -> None:
        for code in (BAD_CALL, MEMORY_LIMIT, INTERNAL):
            if code not in self.errors:
                raise ValueError(f"it has no error {code}")
        for function in self.functions.values():
            for item in function.inputs:
                if unknown := set(item.formats) - set(self.formats):
                    raise ValueError(
                        f"input {item.name} of {function.name} names the unknown format {min(unknown)}"
                    )
            if unknown := set(function.errors) - set(self.errors):
                raise ValueError(f"{function.name} names the unknown error {min(unknown)}")
            measure = function.cost.measure
            if measure is not None and measure.function not in self.functions:
                raise ValueError(f"the cost of {function.name} names the unknown function {measure.function}")

    @classmethod
    def from_module(cls, wasm: bytes) -> Interface:
        """Reads the interface out of a module's custom section ``eitherside:interface``.

        Raises:
            ModuleError: the module or its section is malformed, or the section is absent.
        """
        section = custom_section(wasm, SECTION)
        if section is None:
            raise ModuleError(f"the module has no custom section {SECTION}: it is no Eitherside module")
        try:
            raw = json.loads(section)
        except (ValueError, RecursionError) as error:
            raise ModuleError(f"the module's interface is not JSON: {error}") from None
        if not isinstance(raw, dict):
            raise ModuleError("the module's interface is not a JSON object")
        return cls(raw)

    def error(self, number: int) -> ErrorKind:
        """Returns the kind of error that the status `number` stands for, `internal` where it is unknown."""
        return self._numbers.get(number, self.errors[INTERNAL])

    @cached_property
    def extensions(self) -> Mapping[str, Format]:
        """The format that each file name extension stands for; the first that claims it, where several do."""
        found: dict[str, Format] = {}
        for item in self.formats.values():
            for extension in item.extensions:
                found.setdefault(extension, item)
        return found
