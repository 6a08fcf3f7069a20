"""What the module under test makes of a bitstream in an engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import to_array
from ..engines import Engine, Job, Reply
from ..errors import EithersideError
from ..interface import Interface, Output
from .description import Call, Decoding, Description, Field, lookup
from .measure import Samples


class CallFailed(EithersideError):
    """A call of the module failed, or its answer is not what its interface says."""


@dataclass(frozen=True)
class Picture:
    """Samples, their profile, and whether colours are multiplied by alpha."""

    samples: Samples
    icc: bytes
    premultiplied: bool = False

    @property
    def icc_hash(self) -> str:
        """SHA-256 of the profile; empty where there is none."""
        return hashlib.sha256(self.icc).hexdigest() if self.icc else ""


class Subject:
    """One bitstream, in one engine; each call is made once, when it is first asked for."""

    def __init__(self, engine: Engine, interface: Interface, description: Description, path: Path) -> None:
        self._engine = engine
        self._interface = interface
        self._description = description
        self._data = path.read_bytes()
        self._pictures: dict[int, Picture] = {}
        self._facts: Mapping[str, Any] | None = None

    def facts(self) -> Mapping[str, Any]:
        """Returns what is told of the file."""
        if self._facts is None:
            self._facts = self._call(self._description.facts).result
        return self._facts

    def fact(self, field: Field) -> Any:
        """Returns one of the facts.

        Raises:
            KeyError: it is not told.
        """
        return lookup(self.facts(), field)

    def jpeg(self) -> bytes:
        """Returns the reconstructed JPEG file."""
        reply = self._call(self._description.jpeg)
        found = reply.named(self._description.jpeg.output)
        if len(found) != 1:
            raise CallFailed(f"{len(found)} files were reconstructed")
        return found[0]

    def picture(self, profile: int = 0) -> Picture:
        """Returns the frames in one of the profiles that the description names."""
        if profile not in self._pictures:
            self._pictures[profile] = self._decode(self._description.samples.profiles[profile])
        return self._pictures[profile]

    def in_profile(self, icc: bytes) -> Picture:
        """Returns the frames in the profile `icc`.

        Raises:
            CallFailed: the module gives them in none that is the same.
        """
        for index in range(len(self._description.samples.profiles)):
            found = self.picture(index)
            if found.icc == icc:
                return found
        raise CallFailed("the samples come in no profile that is the reference decoder's")

    def preview(self) -> Picture:
        """Returns the embedded preview as a picture of one frame."""
        options = self._description.samples.preview
        if options is None:
            raise CallFailed("the module does not say how it decodes previews")
        return self._decode({**self._description.samples.profiles[0], **options})

    def _call(self, call: Call, options: Mapping[str, Any] | None = None) -> Reply:
        job = Job(call.function, {**call.options, **(options or {})}, {call.input: [self._data]})
        (reply,) = self._engine.run(job)
        if reply.failure is not None:
            raise CallFailed(f"{call.function}: {reply.failure.code}: {reply.failure.message}")
        return reply

    def _decode(self, options: Mapping[str, Any]) -> Picture:
        told = self._description.samples
        reply = self._call(told, options)
        icc = reply.named(told.icc)
        premultiplied = told.premultiplied is not None and reply.result.get(told.premultiplied) is True
        return Picture(self._assembled(told, reply), icc[0] if icc else b"", premultiplied)

    def _assembled(self, told: Decoding, reply: Reply) -> Samples:
        """Puts the channels of each frame into the suite's order."""
        facts = self._description.facts
        colours, types = self.fact(facts.colour_channels), self.fact(facts.extra_channels)
        extra = self._extra(told, reply)
        frames = []
        for index, data in enumerate(reply.named(told.samples)):
            whole = self._array(told.function, told.samples, reply, index, data)
            others = {channel: array for (frame, channel), array in extra.items() if frame == index}
            # What is interleaved with the colours is the extra channel that does not come by itself.
            missing = [channel for channel in range(len(types)) if channel not in others]
            if whole.shape[2] != colours + len(missing):
                raise CallFailed(
                    f"{whole.shape[2]} channels came, and {len(others)} by themselves; "
                    f"the file has {colours} of colour and {len(types)} others"
                )
            others |= {channel: whole[..., colours + nth] for nth, channel in enumerate(missing)}
            parts = [whole[..., :colours], *(others[channel][..., np.newaxis] for channel in sorted(others))]
            frames.append(np.concatenate(parts, axis=-1))
        if not frames or any(frame.shape != frames[0].shape for frame in frames):
            raise CallFailed("no frame came, or frames of several sizes")
        return np.stack(frames)

    def _extra(self, told: Decoding, reply: Reply) -> dict[tuple[int, int], Samples]:
        buffers = reply.named(told.extra) if told.extra is not None else []
        if told.extra is None or not buffers:
            return {}
        array = self._output(told.function, told.extra).array
        items = reply.result.get(array.items or "", []) if array is not None else []
        if len(items) != len(buffers):
            raise CallFailed(
                f"{len(buffers)} buffers of {told.extra} came, and {len(items)} items about them"
            )
        return {
            (item[told.frame], item[told.channel]): self._array(
                told.function, told.extra, reply, index, buffers[index]
            )
            for index, item in enumerate(items)
        }

    def _output(self, function: str, name: str) -> Output:
        return next(item for item in self._interface.functions[function].outputs if item.name == name)

    def _array(self, function: str, name: str, reply: Reply, index: int, data: bytes) -> Samples:
        described = self._output(function, name).array
        if described is None:
            raise CallFailed(f"the interface does not say how {name} is an array")
        try:
            found = to_array(data, described, reply.result, index)
        except ValueError as error:
            raise CallFailed(str(error)) from None
        if found.dtype != np.float32:
            raise CallFailed(f"{name} came as {found.dtype}, not as float32")
        return found
