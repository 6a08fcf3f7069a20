"""What a service tells of itself, checked: it may say anything."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import BAD_ANSWER, CallError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0, le=1 << 53)]
_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def checked(cls, document: object, what: str) -> Self:
        """Returns a document as this class.

        Raises:
            CallError: bad_answer, it is something else.
        """
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            first = error.errors()[0]
            where = "/".join(str(step) for step in first["loc"])
            raise CallError(BAD_ANSWER, f"{what} is malformed at /{where}: {first['msg']}") from None


class ModuleFacts(_Told):
    """A module at a service: its identity, size and address."""

    sha256: Sha256
    bytes: _Count
    url: Annotated[str, Field(max_length=4096)]


class Limits(_Told):
    """What the service allows; None where it does not say."""

    max_body: _Count | None = None
    time_limit: _Seconds | None = None
    memory_per_call: _Count | None = None
    option_ceilings: dict[str, float] = {}


class Extension(_Told):
    """The formats that the service itself adds to a function."""

    option: str | None = None
    reads: list[str] = []
    writes: list[str] = []


class ServiceFacts(_Told):
    """What the service adds to the module's interface."""

    functions: dict[str, Extension] = {}
    limits: Limits = Limits()


class Description(_Told):
    """``/v1/interface``; `interface` is checked by `eitherside.Interface`."""

    module: ModuleFacts
    interface: dict[str, Any]
    service: ServiceFacts = ServiceFacts()


class Load(_Told):
    """How busy a service is; `wait` is seconds in the queue of a call that comes now."""

    running: _Count = 0
    waiting: _Count = 0
    threads: Annotated[int, Field(ge=1, le=65536)] = 1
    wait: _Seconds = 0.0

    @classmethod
    def of_header(cls, text: str | None) -> Load | None:
        """Returns what the header ``Eitherside-Load`` says, a dictionary (RFC 9651); None without sense."""
        found = dict(_MEMBER.findall(text[:1000])) if text else {}
        try:
            return cls.model_validate(found) if found else None
        except ValidationError:
            return None


_MEMBER = re.compile(r"([a-z]+)=([0-9]{1,15}(?:\.[0-9]{1,3})?)(?=\s*(?:[,;]|$))")


class Memory(_Told):
    """Bytes of all calls at once, and of one."""

    total: _Count
    reserved: _Count = 0
    per_call: _Count


class Capacity(Load):
    """``/v1/capacity``; `speed` is milliseconds for each unit of work."""

    module: ModuleFacts
    queue_length: _Count = 0
    memory: Memory
    max_body: _Count
    time_limit: _Seconds
    speed: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = None
