"""What the build needs of the WebAssembly format: reading imports, adding a custom section."""

from __future__ import annotations

from collections.abc import Iterator

MAGIC = b"\0asm\x01\0\0\0"


def unsigned(value: int) -> bytes:
    """LEB128 of an unsigned number (WebAssembly core specification, 5.2.2)."""
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def read_unsigned(data: bytes, at: int) -> tuple[int, int]:
    """Read LEB128 at an offset.

    Returns:
        The number and the offset behind it.
    """
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def sections(module: bytes) -> Iterator[tuple[int, bytes]]:
    """The id and the content of each section, in order."""
    at = len(MAGIC)
    while at < len(module):
        kind = module[at]
        size, start = read_unsigned(module, at + 1)
        yield kind, module[start : start + size]
        at = start + size


def with_custom_section(module: bytes, name: str, content: bytes) -> bytes:
    """The module with one more custom section at its end."""
    body = unsigned(len(name)) + name.encode() + content
    return module + b"\0" + unsigned(len(body)) + body


def imports(module: bytes) -> list[str]:
    """The imports as `module.name`, in order."""
    for kind, content in sections(module):
        if kind == 2:
            return list(_imports(content))
    return []


def _imports(content: bytes) -> Iterator[str]:
    count, at = read_unsigned(content, 0)
    for _ in range(count):
        names = []
        for _ in range(2):
            size, at = read_unsigned(content, at)
            names.append(content[at : at + size].decode())
            at += size
        kind = content[at]
        at += 1
        if kind == 0:
            _, at = read_unsigned(content, at)
        elif kind == 2:
            flags = content[at]
            _, at = read_unsigned(content, at + 1)
            if flags & 1:
                _, at = read_unsigned(content, at)
        else:
            at += 2 if kind == 3 else 3
        yield ".".join(names)
