"""The formats that Pillow adds, as the service and the command line use them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator

from ..errors import CallError
from ..interface import Format
from ..settings import Settings
from . import formats as catalogue
from .errors import failure
from .process import SLICE, run

log = logging.getLogger(__name__)

MAX_FRAMES = 4096
PROBE_SECONDS = 30.0


class Foreign:
    """Reads and writes files of Pillow's formats, by way of PNG (APNG for animations).

    Every image has a process of its own, with limits on its time, memory and pixels; as many run at once as
    the service has threads that compute. Colour is carried at 8 bits and grey at up to 16, as Pillow does;
    deeper samples are refused rather than cut where the format could hold them.

    Example:
        >>> foreign = Foreign(Settings())
        >>> png = foreign.to_png(data, foreign.sniff(data).name)
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = threading.BoundedSemaphore(settings.thread_count)
        self._taken = 0
        self._lock = threading.Lock()

    @cached_property
    def _probe(self) -> dict[str, Any]:
        if not self._settings.pillow:
            return {}
        plugins = [entry.plugin for entry in catalogue.KNOWN]
        try:
            request = {"do": "probe", "plugins": plugins}
            found, _ = run(request, memory=int(self._settings.pillow_memory), seconds=PROBE_SECONDS)
        except (CallError, OSError) as error:
            log.warning("Pillow cannot be used, so its formats are off: %s", error)
            return {}
        return found

    @cached_property
    def _entries(self) -> dict[str, catalogue.Foreign]:
        found: dict[str, catalogue.Foreign] = {}
        for entry in catalogue.KNOWN:
            read, write = (entry.plugin in self._probe.get(what, ()) for what in ("reads", "writes"))
            if read or write:
                told = entry.format.model_copy(update={"read": read, "write": write})
                found[told.name] = catalogue.Foreign(
                    told, entry.plugin, entry.animated, entry.matches, entry.options
                )
        return found

    @property
    def taken(self) -> int:
        """How many images are worked on or wait."""
        return self._taken

    @property
    def identity(self) -> str:
        """What an output depends on besides options and input: versions of Pillow and of its libraries."""
        libraries = self._probe.get("libraries", {})
        return "/".join(
            [
                f"pillow-{self._probe.get('version')}",
                *(f"{name}-{libraries[name]}" for name in sorted(libraries)),
            ]
        )

    @property
    def formats(self) -> list[Format]:
        """The formats that are there: none where the setting is off or Pillow is missing."""
        return [entry.format for entry in self._entries.values()]

    def reads(self, name: str) -> bool:
        """Tells whether the format `name` is one of these and is read."""
        return name in self._entries and self._entries[name].format.read

    def writes(self, name: str) -> bool:
        """Tells whether the format `name` is one of these and is written."""
        return name in self._entries and self._entries[name].format.write

    def animates(self, name: str) -> bool:
        """Tells whether the format `name` holds animations."""
        return self._entries[name].animated

    def options(self, name: str) -> Mapping[str, catalogue.Schema]:
        """Returns the JSON Schema of each option of writing the format `name`."""
        return self._entries[name].options

    def sniff(self, data: bytes | bytearray | memoryview) -> Format | None:
        """Returns the format of a file by its first bytes, or None where it is none of these."""
        head = bytes(data[: catalogue.HEAD])
        return next(
            (entry.format for entry in self._entries.values() if entry.format.read and entry.matches(head)),
            None,
        )

    def to_png(
        self, data: bytes | bytearray | memoryview, format: str, *, cancel: threading.Event | None = None
    ) -> bytes:
        """Turns a file of `format` into an upright PNG (APNG where animated) with profile, Exif and XMP.

        Raises:
            CallError: the file is broken, has what PNG cannot hold, or a limit was reached.
        """
        entry = self._entry(format, "read")
        return self._run({"do": "to_png", "plugin": entry.plugin}, data, cancel)

    def from_png(
        self,
        png: bytes | bytearray | memoryview,
        format: str,
        options: Mapping[str, object] | None = None,
        *,
        cancel: threading.Event | None = None,
    ) -> bytes:
        """Turns a PNG or APNG into a file of `format`, upright as its Exif asks.

        Args:
            options: values for the schemas of `options`; defaults fill the rest.

        Raises:
            CallError: an option is wrong, the format cannot hold the image, or a limit was reached.
        """
        entry = self._entry(format, "write")
        filled = self.check(format, options or {})
        return self._run({"do": "from_png", "plugin": entry.plugin, "options": filled}, png, cancel)

    def check(self, format: str, options: Mapping[str, object]) -> dict[str, object]:
        """Returns `options` with defaults filled in.

        Raises:
            CallError: `bad_option`, with a pointer to one that is unknown, of the wrong type or out of range.
        """
        schemas = self.options(format)
        for name, value in options.items():
            if name not in schemas:
                raise failure("bad_option", f"{format} output has no option {name}", option=f"/{name}")
            error = next(iter(Draft202012Validator(schemas[name]).iter_errors(value)), None)
            if error is not None:
                raise failure(
                    "bad_option", f"{name} for {format} output: {error.message[:200]}", option=f"/{name}"
                )
        return {name: options.get(name, schema["default"]) for name, schema in schemas.items()}

    def _entry(self, name: str, what: str) -> catalogue.Foreign:
        entry = self._entries.get(name)
        if entry is None or not (entry.format.read if what == "read" else entry.format.write):
            raise failure("unknown_format", f"the service does not {what} the format {name}")
        return entry

    def _run(
        self, head: dict[str, Any], data: bytes | bytearray | memoryview, cancel: threading.Event | None
    ) -> bytes:
        limits = {"max_pixels": self._settings.pillow_pixels, "max_frames": MAX_FRAMES}
        with self._place(cancel):
            _, body = run(
                head | limits,
                memoryview(data),
                memory=int(self._settings.pillow_memory),
                seconds=self._settings.pillow_time,
                cancel=cancel,
            )
        return bytes(body)

    @contextmanager
    def _place(self, cancel: threading.Event | None) -> Iterator[None]:
        """Waits for a place to run a process in; the queue is as finite as that of the module's calls."""
        with self._lock:
            full = self._taken >= self._settings.waiting + self._settings.thread_count
            self._taken += not full
        if full:
            raise failure("over_capacity", "too many images wait for Pillow", retry_after=5)
        try:
            self._acquire(cancel)
            try:
                yield
            finally:
                self._places.release()
        finally:
            with self._lock:
                self._taken -= 1

    def _acquire(self, cancel: threading.Event | None) -> None:
        end = time.monotonic() + self._settings.queue_time
        while not self._places.acquire(timeout=max(0.0, min(SLICE, end - time.monotonic()))):
            if cancel is not None and cancel.is_set():
                raise failure("cancelled", "the call was cancelled while it waited")
            if time.monotonic() >= end:
                raise failure("over_capacity", "no process of Pillow's became free in time", retry_after=5)
