"""Puts the module, its provenance and the viewer into a wheel; run "make static" before."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Products(BuildHookInterface):  # type: ignore[type-arg]
    """Adds build/ to wheels, but not to editable installations, which use the checkout's."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the files; hatchling fails where one is missing."""
        if version == "standard":
            for name in ("codec.wasm", "codec.json", "static"):
                build_data["force_include"][f"build/{name}"] = f"eitherside/build/{name}"
