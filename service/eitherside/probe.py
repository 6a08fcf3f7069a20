"""The short call that a module names to tell how fast a machine is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .interface import Interface

_SEED = 2463534242
_MASK = 0xFFFFFFFF


class _Noise(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    noise: Annotated[int, Field(ge=0, le=1 << 24)]


class Probe(BaseModel):
    """A call of `function` with `options`; `work` is what it takes, in the unit that the costs are in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    function: str
    options: dict[str, Any] = {}
    inputs: dict[str, _Noise] = {}
    work: Annotated[float, Field(gt=0, allow_inf_nan=False)]

    @classmethod
    def of(cls, interface: Interface) -> Probe | None:
        """Returns the probe of a module, or None where it names none that could be made."""
        try:
            found = cls.model_validate(interface.raw.get("probe"))
        except ValidationError:
            return None
        return found if found.function in interface.functions else None

    @property
    def buffers(self) -> Mapping[str, bytes]:
        """The inputs' bytes."""
        return {name: noise(item.noise) for name, item in self.inputs.items()}


def noise(count: int) -> bytes:
    """Returns `count` bytes, the same everywhere: the low bytes of Marsaglia's xorshift32 (13, 17, 5)."""
    found, x = bytearray(count), _SEED
    for index in range(count):
        x ^= (x << 13) & _MASK
        x ^= x >> 17
        x ^= (x << 5) & _MASK
        found[index] = x & 255
    return bytes(found)
