"""What all checks of one process share: the module, its functions, its scores."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from ..codec import Codec
from ..methods import Call, calls
from ..module import Module
from ..settings import Settings
from .errors import GoldenError
from .exhibit import Exhibitor
from .metrics import Metric, metrics
from .options import Options
from .parts import Parts
from .pictures import Pictures

# What the fixture has beside the functions.
_RESERVED = ("check", "codec", "named", "scores", "within")


class Session:
    """The pinned module and what was found out about it; made when the first test asks for a golden."""

    def __init__(self, options: Options, parts: Parts) -> None:
        """Loads the module.

        Raises:
            ModuleError, SettingsError: there is no usable module.
            GoldenError: it is not the pinned one.
        """
        self.options = options
        self.parts = parts
        settings = Settings.load()
        module = Module.shipped(options.module or settings.module)
        if options.pin is not None and module.sha256 != options.pin:
            raise GoldenError(
                f"the module {module.path} has the SHA-256 {module.sha256}, but golden_module_sha256 pins "
                f"{options.pin}: install the pinned version, or pin this one and look at what changes"
            )
        self.codec = Codec(module, settings)
        self.module = module.sha256
        self.calls: Mapping[str, Call] = calls(module.interface, _RESERVED)
        self._used: dict[Path, str] = {}

    def close(self) -> None:
        """Gives the module's threads and memory back."""
        self.codec.close()

    @cached_property
    def pictures(self) -> Pictures:
        """The functions that are about pictures."""
        return Pictures(self.codec)

    @cached_property
    def known(self) -> Mapping[str, Metric]:
        """The scores that the module gives."""
        return metrics(self.pictures)

    @cached_property
    def exhibitor(self) -> Exhibitor:
        """Draws what the report shows."""
        return Exhibitor(self.pictures, self.parts, self.options.report_pixels, self.options.report_bytes)

    def claim(self, stem: Path, check: str) -> None:
        """Notes that a check has its golden at `stem`.

        Raises:
            GoldenError: another one has it there.
        """
        if self._used.setdefault(stem, check) != check:
            raise GoldenError(f"{stem}.json would be the golden of {self._used[stem]!r} and of {check!r}")
