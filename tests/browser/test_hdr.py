"""High dynamic range, on a screen that has it.

Chromium pretends the screen, and computes WebGPU in software. That one loses its device as soon as a canvas
of it is presented, so what the viewer would present is drawn into a texture, from which it can also be read.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Playwright, expect

from eitherside import Codec
from server import Server
from support.chromium import sandbox

from .conftest import watched
from .viewer import Viewer
from .waiting import started

FLAGS = (
    "--force-color-profile=scrgb-linear", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader",
    "--disable-background-networking",
)  # fmt: skip
DIFFUSE_WHITE = 203
"""cd/m² of the page's white (Report ITU-R BT.2408)."""
PATIENCE = 60_000
CATCH = """
  const configure = GPUCanvasContext.prototype.configure;
  GPUCanvasContext.prototype.configure = function (settings) {
    configure.call(this, settings);
    this.caught = settings;
  };
  GPUCanvasContext.prototype.getCurrentTexture = function () {
    const { device, format } = this.caught;
    const { width, height } = this.canvas;
    const usage = GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC;
    window.caught = { device, texture: device.createTexture({ size: [width, height], format, usage }) };
    return window.caught.texture;
  };
"""
READ = """async (key) => {
  dispatchEvent(new KeyboardEvent('keydown', { key }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const { device, texture } = window.caught;
  const { width, height } = texture;
  const bytesPerRow = Math.ceil((width * 8) / 256) * 256;
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
  const buffer = device.createBuffer({ size: bytesPerRow * height, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow }, [width, height]);
  device.queue.submit([encoder.finish()]);
  await buffer.mapAsync(GPUMapMode.READ);
  return [bytesPerRow / 8, height, [...new Uint16Array(buffer.getMappedRange())]];
}"""


@pytest.fixture(scope="module")
def bright(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Chromium with an HDR screen."""
    launched = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *sandbox()])
    yield launched
    launched.close()


def drawn(page: Page, key: str) -> NDArray[np.float32]:
    """What is drawn of the picture after a key: coded as Display P3, 1 being the page's white."""
    width, height, data = page.evaluate(READ, key)
    seen = np.array(data, np.uint16).view(np.float16).astype(np.float32).reshape(height, width, 4)
    ys, xs = np.nonzero(seen[..., 3])
    assert len(ys) == 64 * 48
    return seen[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1, :3]


def wanted(codec: Codec, hdr: bytes) -> NDArray[np.float32]:
    """What is to be drawn, from samples that are not tone-mapped."""
    coded = codec.decode(hdr, type="f32", colour="display_p3", intensity_target=4000).samples[0]
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    seen = np.maximum(linear, 0) * 4000 / DIFFUSE_WHITE
    return np.asarray(
        np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055), np.float32
    )


def test_brighter_than_white(bright: Browser, server: Server, codec: Codec) -> None:
    ramp = np.linspace(0.1, 0.7, 48 * 64 * 3, dtype=np.float32).reshape(48, 64, 3)
    hdr = bytes(codec.encode(ramp, colour="rec2020_pq", intensity_target=4000, distance=0.5).image)
    with watched(bright, server) as page:
        page.add_init_script(CATCH)
        page.set_viewport_size({"width": 320, "height": 320})
        page.goto("/")
        started(page)
        viewer = Viewer(page)
        viewer.open(("hdr.jxl", hdr))
        label = page.locator("#range-text")
        expect(label).to_have_text("HDR, up to 4000 cd/m²", timeout=PATIENCE)
        expected = wanted(codec, hdr)
        assert expected.max() > 1.5
        np.testing.assert_allclose(drawn(page, "1"), expected, rtol=0.01, atol=0.01)
        np.testing.assert_allclose(drawn(page, "r"), np.rot90(expected, -1), rtol=0.01, atol=0.01)
        # The graphics card is gone: the picture is tone-mapped, and said to be.
        page.evaluate("window.caught.device.destroy()")
        expect(label).to_contain_text("Tone-mapped", timeout=PATIENCE)
        expect(page.locator("#high")).to_be_hidden()
        page.keyboard.press("1")
        assert viewer.pixels()[..., 3].max() == 255
