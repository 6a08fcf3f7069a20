"""Formats that Pillow has and the module has not, on the service's side only, in killable processes."""

from .pillow import Foreign

__all__ = ["Foreign"]
