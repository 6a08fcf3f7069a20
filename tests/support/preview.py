"""A JPEG XL codestream with a preview, which libjxl reads and does not write (ISO/IEC 18181-1, headers)."""

from __future__ import annotations

# Signature, a square size in multiples of 8, default metadata: what precedes the first frame.
_HEADER = 4


class _Bits:
    def __init__(self) -> None:
        self._bits: list[int] = []

    def add(self, count: int, value: int) -> None:
        self._bits += [value >> i & 1 for i in range(count)]

    def bytes(self) -> bytes:
        bits = self._bits + [0] * (-len(self._bits) % 8)
        return bytes(sum(bits[i + k] << k for k in range(8)) for i in range(0, len(bits), 8))


def with_preview(small: bytes, large: bytes, preview_size: int, size: int) -> bytes:
    """The picture `large` with `small` as its preview; both square and lossy, 8 bits, sRGB, without alpha."""
    for file, side in ((small, preview_size), (large, size)):
        # Size, then "all default" for the metadata and for the transform.
        bits = int.from_bytes(file[2:_HEADER], "little")
        assert file[:2] == b"\xff\x0a"
        assert bits & 0x7FF == 1 | (side // 8 - 1) << 1 | 1 << 6 | 3 << 9
    header = _Bits()
    for count, value in ((1, 1), (5, size // 8 - 1), (3, 1)):
        header.add(count, value)
    # Metadata with extra fields: orientation, no intrinsic size, a preview.
    for count, value in ((1, 0), (1, 1), (3, 0), (1, 0), (1, 1)):
        header.add(count, value)
    # The preview's size: in multiples of 8, the third distribution, square.
    for count, value in ((1, 1), (2, 2), (5, preview_size // 8 - 1), (3, 1)):
        header.add(count, value)
    # No animation, 8 bits, 16-bit buffers, no extra channels, XYB, default colours and tones, no extensions.
    for count, value in ((1, 0), (1, 0), (2, 0), (1, 1), (2, 0), (1, 1), (1, 1), (1, 1), (2, 0), (1, 1)):
        header.add(count, value)
    return b"\xff\x0a" + header.bytes() + small[_HEADER:] + large[_HEADER:]
