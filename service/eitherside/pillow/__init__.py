"""JPEG XL in Pillow: importing this registers it for `Image.open` and `Image.save` (docs/pillow.md).

Example:
    >>> import eitherside.pillow
    >>> from PIL import Image
    >>> Image.open("photo.jxl").save("small.jxl", distance=2)  # doctest: +SKIP
"""

from __future__ import annotations

from PIL import Image

from .calls import own_format
from .header import accepts
from .reading import JxlImageFile
from .sharing import use
from .writing import save, save_all

__all__ = ["JxlImageFile", "register", "use"]


def register() -> None:
    """Registers JPEG XL with Pillow, as importing this does; again, where another plugin took its place.

    Raises:
        ModuleError, SettingsError: there is no usable module, or a setting of the environment is wrong.
    """
    described = own_format()
    name = JxlImageFile.format
    Image.register_open(name, JxlImageFile, accepts)
    Image.register_save(name, save)
    Image.register_save_all(name, save_all)
    Image.register_extensions(name, [f".{extension}" for extension in described.extensions])
    Image.register_mime(name, described.media_type)


register()
