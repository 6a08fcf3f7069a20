"""The browser and the service give the same bytes, and the same errors."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import json
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from server import Server
from support.conformance import CONFORMANCE
from support.images import animated, picture, saved

from .client import Client
from .conftest import connected

RGB = saved(picture(120, 90, 3), "PNG")
RGBA = saved(picture(70, 50, 4), "PNG")
GREY = saved(picture(64, 64, 1), "PNG")
JPEG = saved(picture(160, 112, 3), "JPEG", quality=88, subsampling=2)
GIF = animated("GIF")
APNG = animated("PNG")
FILES = {"rgb": RGB, "rgba": RGBA, "grey": GREY, "jpeg": JPEG, "gif": GIF, "apng": APNG}
# Of several frames, with alpha, of grey; that all of the suite comes out right in browsers is seen in
# tests/conformance, that it is the same bytes in tests/golden.
CASES = ("animation_icos4d", "alpha_premultiplied", "grayscale_jpeg")

Digests = dict[str, list[str]]


@pytest.fixture(scope="module")
def client(optimising_browser: Browser, server: Server) -> Iterator[Client]:
    """One client for all: calls leave nothing behind, and a page that compiles the module takes seconds."""
    with connected(optimising_browser, server) as page:
        yield Client(page)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def of_service(server: Server, fn: str, data: bytes, options: Mapping[str, object]) -> Digests:
    """Calls the service from outside of the browser: the SHA-256 of each output buffer, by output."""
    reply = server.post(
        f"/v1/{fn}?{urlencode(options)}",
        data,
        accept="multipart/form-data",
        content_type="application/octet-stream",
    )
    assert reply.status == 200, reply.body
    head = f"Content-Type: {reply.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + reply.body, EmailMessage, policy=email.policy.HTTP)
    found: Digests = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="Content-Disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if name != "result":
            found.setdefault(str(name), []).append(digest(content))
    return found


@pytest.mark.parametrize(
    "options", [{}, {"type": "f32"}, {"type": "u8", "channels": 4, "colour": "srgb"}], ids=str
)
@pytest.mark.parametrize("name", FILES)
def test_decode(client: Client, server: Server, name: str, options: dict[str, object]) -> None:
    expected = of_service(server, "decode", FILES[name], options)
    assert client.digests("decode", FILES[name], options=options) == expected
    assert client.digests("decode", FILES[name], options=options, place="server") == expected


@pytest.mark.parametrize("name", CASES)
def test_decode_conformance(client: Client, server: Server, name: str) -> None:
    path = CONFORMANCE / name / "input.jxl"
    if not path.is_file():
        pytest.skip(f"the conformance suite is not at {CONFORMANCE}")
    data = path.read_bytes()
    assert client.digests("decode", data) == of_service(server, "decode", data, {})


TRANSCODES: list[tuple[str, dict[str, object]]] = [
    ("rgb", {"to": "jxl"}),
    ("rgb", {"to": "jxl", "distance": 0.7, "effort": 3}),
    ("rgb", {"to": "jxl", "lossless": True, "effort": 4, "mode": "modular"}),
    ("rgb", {"to": "jxl", "quality": 60, "progressive": True}),
    ("rgb", {"to": "jpeg", "quality": 75}),
    ("rgb", {"to": "pnm"}),
    ("rgb", {"to": "pfm"}),
    ("rgba", {"to": "jxl", "distance": 2, "container": "always"}),
    ("rgba", {"to": "png"}),
    ("grey", {"to": "jxl", "effort": 9}),
    ("jpeg", {"to": "jxl"}),
    ("jpeg", {"to": "jxl", "jpeg": "pixels", "distance": 1}),
    ("jpeg", {"to": "png"}),
    ("gif", {"to": "jxl"}),
    ("gif", {"to": "apng"}),
    ("apng", {"to": "jxl", "lossless": True}),
]


@pytest.mark.parametrize(("name", "options"), TRANSCODES, ids=str)
def test_transcode(client: Client, server: Server, name: str, options: dict[str, object]) -> None:
    text = {key: json.dumps(value) if isinstance(value, bool) else value for key, value in options.items()}
    expected = of_service(server, "transcode", FILES[name], text)
    assert client.digests("transcode", FILES[name], options=options) == expected
    assert client.digests("transcode", FILES[name], options=options, place="server") == expected


@pytest.mark.parametrize("sample_type", ["u8", "u16", "f32"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_encode(client: Client, sample_type: str, channels: int) -> None:
    frames = [picture(61, 47, channels, sample_type, seed).tobytes() for seed in (1, 2)]
    options = {
        "width": 61,
        "height": 47,
        "channels": channels,
        "type": sample_type,
        "durations": [0.1, 0.25],
        "effort": 3,
    }
    local = client.digests("encode", frames, options=options)
    assert local == client.digests("encode", frames, options=options, place="server")
    assert len(local["image"]) == 1


def test_jpeg_comes_back_bit_for_bit(client: Client) -> None:
    back = client.page.evaluate(
        """async (text) => {
          const { codec, bytes } = driver;
          const there = await codec.transcode(bytes(text), { to: "jxl" });
          const back = await codec.transcode(there.image, { to: "jpeg" }, { place: "server", digest: true });
          return [there.exact_jpeg, back.exact_jpeg, back.provenance.outputs.image[0].sha256];
        }""",
        base64.b64encode(JPEG).decode(),
    )
    assert back == [True, True, digest(JPEG)]


def test_inspect(client: Client) -> None:
    for data in FILES.values():
        local, remote = (client.call("inspect", data, place=place)["fields"] for place in ("local", "server"))
        provenance = local.pop("provenance"), remote.pop("provenance")
        assert local == remote
        assert provenance[0]["module"] == provenance[1]["module"]


BAD: dict[str, tuple[str, bytes, dict[str, object]]] = {
    "empty": ("decode", b"", {}),
    "unknown": ("inspect", b"this is no image", {}),
    "truncated": ("decode", RGB[: len(RGB) // 2], {}),
    "corrupt": ("decode", RGB[:3000] + bytes(40) + RGB[3040:], {}),
    "wrong type": ("decode", RGB, {"channels": "four"}),
    "out of range": ("transcode", RGB, {"to": "jxl", "effort": 11}),
    "unknown option": ("inspect", RGB, {"no_such_option": 1}),
    "too large": ("decode", RGB, {"max_pixels": 100}),
    "short samples": ("encode", bytes(11), {"width": 2, "height": 2, "channels": 3, "type": "u8"}),
}


@pytest.mark.parametrize("name", BAD)
def test_the_same_errors(client: Client, name: str) -> None:
    fn, data, options = BAD[name]
    local, remote = (
        client.call(fn, data, options=options, place=place)["error"] for place in ("local", "server")
    )
    assert local == remote
    assert local["message"]
