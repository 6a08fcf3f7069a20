"""The states of the viewer that its pictures show, and how a person brings them about."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.converting import Converting  # noqa: E402
from browser.shelf import Shelf  # noqa: E402
from browser.waiting import until  # noqa: E402
from eitherside import Codec  # noqa: E402
from server import Server  # noqa: E402
from support.dripping import dripping  # noqa: E402
from support.images import picture, saved  # noqa: E402

ROUNDS = 3
"""How often the panel's call is made in each place before its picture is taken."""


def landscape(width: int = 1600, height: int = 1067, hour: float = 0.0) -> NDArray[np.uint8]:
    """Hills in the evening, painted with sines, of shape (height, width, 3); `hour` moves sun and ridges."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width] / height
    sky = np.stack([0.98 - 0.45 * (1 - y) ** 1.4, 0.62 + 0.05 * y, 0.42 + 0.42 * (1 - y) ** 1.2], axis=-1)
    sun = np.exp(-(((x - 1.02 + hour / 4) ** 2 + (y - 0.44 + hour / 9) ** 2) / 0.02))[..., None]
    painted = sky + sun * np.array([0.5, 0.42, 0.2])
    for depth in range(6):
        base = 0.48 + 0.085 * depth
        ridge = base - 0.05 * np.sin(3.1 * x + 2.3 * depth + hour) - 0.025 * np.sin(9.7 * x + depth)
        ridge -= 0.008 * np.sin(41 * x + 5 * depth)
        shade = np.array([0.44, 0.35, 0.47]) * (1 - 0.15 * depth) + 0.03 * sun
        mist = np.clip((y - ridge) * 3.2, 0, 1)[..., None] * 0.18
        hill = shade + mist * np.array([1.0, 0.75, 0.6]) / (depth + 1) ** 0.5
        painted = np.where((y > ridge)[..., None], hill, painted)
    painted += rng.normal(0, 0.008, painted.shape)
    return (np.clip(painted, 0, 1) * 255).astype(np.uint8)


class Files:
    """The files that the pictures are taken with, each made once."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec

    @cached_property
    def png(self) -> bytes:
        """The landscape as a PNG file."""
        return saved(landscape(), "PNG")

    @cached_property
    def jpeg(self) -> bytes:
        """The landscape as a JPEG file."""
        return saved(landscape(), "JPEG", quality=90)

    @cached_property
    def jxl(self) -> bytes:
        """The landscape as a progressive JPEG XL file."""
        return bytes(self.codec.encode(landscape(), distance=1, progressive=True).image)

    @cached_property
    def described(self) -> bytes:
        """The landscape as a JPEG file that says when and how it was taken."""
        exif = Image.Exif()
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Evening", "Hills 5"
        exif[ExifTags.Base.ImageDescription] = "Six ridges, one sun"
        taken = exif.get_ifd(ExifTags.IFD.Exif)
        taken[ExifTags.Base.ExposureTime] = TiffImagePlugin.IFDRational(1, 250)
        taken[ExifTags.Base.FNumber] = TiffImagePlugin.IFDRational(8)
        taken[ExifTags.Base.ISOSpeedRatings] = 100
        xmp = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4" xmp:Label="hills"/>'
            "</rdf:RDF></x:xmpmeta>"
        )
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        return saved(landscape(), "JPEG", quality=90, exif=exif, xmp=xmp.encode(), icc_profile=profile)

    @cached_property
    def high(self) -> bytes:
        """The landscape in PQ, its sun brighter than most screens."""
        samples = (landscape(960, 640) / np.float32(255)) ** np.float32(1.4) * np.float32(0.8)
        return bytes(self.codec.encode(samples, colour="rec2020_pq", distance=1).image)

    @cached_property
    def moving(self) -> bytes:
        """The sun going down, as an animated PNG."""
        frames = [Image.fromarray(landscape(480, 320, hour / 8)) for hour in range(8)]
        file = io.BytesIO()
        frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], duration=120, loop=0)
        return file.getvalue()

    @cached_property
    def many(self) -> list[tuple[str, bytes]]:
        """Files of all kinds, whole and broken, with names short, long and in another direction."""
        small = [saved(landscape(240, 160 + 20 * (n % 3), n / 6), "JPEG", quality=85) for n in range(24)]
        return [
            ("hills.jxl", self.jxl),
            ("half.jxl", self.jxl[: len(self.jxl) // 3]),
            ("notes.txt", b"no picture"),
            ("تصویر.png", saved(landscape(160, 240), "PNG")),
            ("the view from the hill behind the house.jpg", small[0]),
            *((f"IMG_{2040 + index}.jpg", data) for index, data in enumerate(small[1:])),
        ]

    @cached_property
    def layered(self) -> bytes:
        """A picture with alpha, a spot colour and two layers."""
        ground, ink = picture(480, 320, 4), picture(480, 320, 1, seed=7)[..., 0]
        ground[..., :3] = landscape(480, 320)
        figure = np.zeros_like(ground)
        figure[80:240, 120:360] = picture(240, 160, 4, seed=3)
        described: list[dict[str, Any]] = [{"type": "spot", "name": "gold", "spot": [1.0, 0.7, 0.1, 0.75]}]
        return bytes(
            self.codec.encode(
                [ground, figure], extra=[ink, ink], extra_channels=described, lossless=True,
                layers=[{"save_as": 1, "name": "ground"}, {"name": "figure", "blend": "blend", "source": 1}],
            ).image
        )  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A page with the viewer that is about to be photographed."""

    page: Page
    viewer: Converting
    files: Files
    server: Server

    def scroll(self, selector: str) -> None:
        """Brings what is to be seen to the top of a page that is too small for all."""
        self.page.locator(selector).first.evaluate("(each) => each.scrollIntoView({ block: 'start' })")


@dataclass(frozen=True)
class State:
    """One state of the viewer: its name, what is to be seen, and what of narrow and wide pages is on top."""

    name: str
    text: str
    bring: Callable[[Scene], None]
    narrow: str = "body"
    wide: str = "body"


@contextmanager
def arrived(files: Files, server: Server, page: Page) -> Iterator[None]:
    """A page whose link's file has come in part."""
    data = files.jxl
    cut = len(data) * 2 // 5
    with dripping([data[:cut], data[cut:]], server) as drip:
        page.add_init_script("localStorage.setItem('eitherside:viewer:place', 'local')")
        page.goto(f"{drip.origin}/?src=/file")
        drip.release()
        label = "document.querySelector('#canvas').getAttribute('aria-label')"
        until(page, f"{label}.startsWith('file, ')")
        page.wait_for_timeout(1500)
        yield


def _empty(_: Scene) -> None:
    pass


def _start(scene: Scene) -> None:
    scene.page.route("**/v1/interface*", lambda route: route.abort())
    scene.page.route("**/module/*", lambda route: route.abort())
    scene.page.reload()
    scene.page.locator("#banner").wait_for()


def _dropping(scene: Scene) -> None:
    transfer = scene.page.evaluate_handle(
        "() => { const all = new DataTransfer(); all.items.add(new File(['x'], 'x.jxl')); return all; }"
    )
    scene.page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
    scene.page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    scene.page.locator("#dropping").wait_for()


def _photo(scene: Scene) -> None:
    scene.viewer.open(("hills.jxl", scene.files.jxl))
    scene.viewer.settle()


def _strip(scene: Scene) -> None:
    scene.viewer.open(*scene.files.many)
    until(scene.page, "document.querySelectorAll('#files-list img').length >= 3")
    scene.viewer.settle()


def _none(scene: Scene) -> None:
    _strip(scene)
    scene.page.locator("#files-filter").fill("winter")
    scene.page.locator("#files-none").wait_for()


def _partial(scene: Scene) -> None:
    scene.viewer.run_in("Browser")
    scene.viewer.open(("half.jxl", scene.files.jxl[: len(scene.files.jxl) // 3]))
    scene.page.locator("#notice-text").wait_for()
    scene.viewer.settle()


def _failed(scene: Scene) -> None:
    scene.viewer.run_in("Browser")
    scene.viewer.open(("scan.tif", saved(picture(30, 20, 3), "TIFF")))


def _away(scene: Scene) -> None:
    scene.page.route("**/v1/**", lambda route: route.abort())
    scene.viewer.run_in("Server")
    scene.viewer.open(("hills.jxl", scene.files.jxl))


def _link(scene: Scene) -> None:
    scene.page.goto("/?src=https://example.org/hills.jxl")
    scene.viewer.wait("https://example.org/hills.jxl")


def _pixel(scene: Scene) -> None:
    scene.viewer.open(("hills.jpg", scene.files.jpeg))
    scene.page.keyboard.press("i")
    for _ in range(18):
        scene.page.keyboard.press("+")
    scene.page.locator("#pixel-values dd").first.wait_for()
    scene.page.locator("#canvas").focus()
    scene.page.keyboard.press("ArrowRight")
    scene.viewer.settle()


def _turned(scene: Scene) -> None:
    scene.viewer.open(("hills.jxl", scene.files.jxl))
    scene.page.keyboard.press("r")
    scene.viewer.settle()


def _moving(scene: Scene) -> None:
    scene.viewer.open(("sunset.png", scene.files.moving))
    scene.page.locator("#scrub").fill("3")
    scene.viewer.settle()


def _parts(scene: Scene) -> None:
    scene.viewer.open(("layers.jxl", scene.files.layered))
    scene.page.get_by_label("“gold” alone").check()
    scene.viewer.said("Shown: “gold” alone")
    scene.viewer.settle()


def _hdr(scene: Scene) -> None:
    scene.viewer.open(("sunset-pq.jxl", scene.files.high))
    scene.page.locator("#range-text").click()
    scene.viewer.settle()


def _histogram(scene: Scene) -> None:
    scene.viewer.open(("hills.jpg", scene.files.jpeg))
    scene.viewer.settle()
    scene.page.locator("#histogram > summary").click()
    scene.page.locator(".bars").first.wait_for()


def _metadata(scene: Scene) -> None:
    scene.viewer.open(("hills.jpg", scene.files.described))
    scene.viewer.settle()
    scene.page.locator("#metadata > summary").click()
    scene.page.locator("[data-part='XMP']").wait_for()
    for summary in scene.page.locator("#metadata-parts > details > summary").all():
        summary.click()


def _convert(scene: Scene) -> None:
    viewer = scene.viewer
    viewer.run_in("Browser")
    viewer.open(("hills.png", scene.files.png))
    scene.page.keyboard.press("1")
    viewer.choose("JPEG XL")
    scene.page.locator("#option-effort").fill("4")
    viewer.aim("Distance", "6")
    viewer.settle()


def _difference(scene: Scene) -> None:
    _convert(scene)
    scene.page.locator(".views").get_by_text("Difference").click()
    scene.viewer.settle()


def _options(scene: Scene) -> None:
    _convert(scene)
    scene.page.get_by_text("More options", exact=True).click()
    scene.page.get_by_label("Find an option").fill("filter")
    scene.viewer.settle()


def _wrong(scene: Scene) -> None:
    _convert(scene)
    scene.page.locator("#save-aim-field input[type=number]").fill("400")
    scene.page.get_by_role("button", name="Save", exact=True).click()
    scene.page.wait_for_timeout(500)


def _exact(scene: Scene) -> None:
    scene.viewer.open(("hills.jxl", bytes(scene.files.codec.transcode(scene.files.jpeg, to="jxl").image)))
    scene.viewer.settle()


def _batch(scene: Scene) -> None:
    viewer, page = scene.viewer, scene.page
    viewer.run_in("Browser")
    viewer.open(
        ("hills.png", scene.files.png),
        ("صور العطلة.png", saved(landscape(300, 200), "PNG")),
        ("broken.jxl", b"\xff\x0a"),
    )
    viewer.choose("JPEG XL")
    page.evaluate("delete window.showSaveFilePicker")
    with page.expect_download():
        page.get_by_role("button", name="Save all 3 (zip)").click()
    page.locator("#files-list li.failed").wait_for()
    viewer.settle()


def _both(scene: Scene) -> None:
    scene.viewer.open(("hills.jpg", scene.files.jpeg))
    scene.page.get_by_role("button", name="Compare").click()
    scene.page.locator(".verdict").wait_for()
    scene.viewer.settle()


def _where(scene: Scene) -> None:
    viewer, page = scene.viewer, scene.page
    viewer.open(("hills.jxl", scene.files.jxl))
    viewer.open_panel()
    for call in ("decode", "save"):
        page.locator("#where-call").select_option(call)
        page.wait_for_timeout(1000)
        for _ in range(ROUNDS):
            for title in page.locator("#where-head .place").all_inner_texts():
                viewer.attempt(title)
    page.locator("#where-call").select_option("decode")
    page.wait_for_timeout(2000)


def _shelf(scene: Scene) -> Shelf:
    """The library with eight pictures, one of which is described."""
    shelf = Shelf(scene.page)
    scene.page.evaluate("location.hash = 'library'")
    shelf.ready()
    shelf.add(*((f"{hour}.png", saved(landscape(600, 400, hour), "PNG")) for hour in range(8)))
    for hour in range(4):
        shelf.painted(f"{hour}.png")
    shelf.select("0.png")
    shelf.caption("Evening hills")
    shelf.tile("0.png").press("4")
    until(scene.page, "document.querySelector('#edit-picture').naturalWidth > 0")
    return shelf


def _shelf_empty(scene: Scene) -> None:
    scene.page.evaluate("location.hash = 'library'")
    Shelf(scene.page).ready()


def _shelf_full(scene: Scene) -> None:
    _shelf(scene)


def _recipe(scene: Scene) -> None:
    shelf, page = _shelf(scene), scene.page
    page.locator("#edit-crop").fill("150 100 300 200")
    page.locator("#edit-exposure").fill("0.5")
    page.get_by_role("button", name="Crop", exact=True).click()
    until(page, "document.querySelector('#crop-box').clientWidth > 0")
    shelf.page.wait_for_timeout(1500)


def _made(scene: Scene) -> None:
    shelf, page = _shelf(scene), scene.page
    page.get_by_role("button", name="Convert", exact=True).click()
    page.get_by_label("Saved as").select_option("png")
    page.get_by_role("button", name="Convert", exact=True).click()
    page.get_by_role("button", name="Download png").wait_for()
    shelf.page.wait_for_timeout(1000)


def _unsent(scene: Scene) -> None:
    shelf, page = _shelf(scene), scene.page
    page.context.set_offline(True)
    page.locator("#sync > summary").click()
    page.get_by_role("button", name="Keep on the server, too").click()
    until(page, "document.querySelectorAll('#sync-rows tr').length > 5")
    shelf.page.wait_for_timeout(1000)


def _help(scene: Scene) -> None:
    scene.page.get_by_role("button", name="Help and keys").click()


STATES = (
    State("empty", "Nothing is open yet.", _empty),
    State("start", "The page cannot start: what is missing, and a way to try again.", _start),
    State("dropping", "Files are held over the page.", _dropping),
    State(
        "photo",
        "A photograph, what it would become in another format, and what there is to know of it.",
        _photo,
    ),
    State("strip", "Many files: whole, broken, and no pictures.", _strip),
    State("none", "No name fits the filter.", _none),
    State("arriving", "A link's file is arriving; what has come of it is shown already.", _empty),
    State("partial", "A file that breaks off: as much of it as there is.", _partial),
    State("failed", "A file that cannot be opened here, and where it can.", _failed),
    State("away", "The server was asked for and cannot be reached.", _away),
    State("link", "A link that leads elsewhere is not followed.", _link),
    State("pixel", "Enlarged, with the pixel under the cross-hair.", _pixel),
    State("turned", "Turned for looking at it.", _turned),
    State("moving", "An animation, paused at a frame.", _moving),
    State("parts", "One extra channel alone; layers to leave out.", _parts, "#parts-title"),
    State("hdr", "A picture of high dynamic range on a screen without, and what is done about it.", _hdr),
    State("histogram", "How often which value occurs.", _histogram, "#histogram"),
    State("metadata", "What the file says of itself.", _metadata, "#metadata", "#metadata"),
    State("convert", "Before and after, split.", _convert),
    State("difference", "Where before and after differ, by Butteraugli.", _difference),
    State("options", "Options that a search finds.", _options, "#save-options", "#save-options"),
    State("wrong", "An option that is out of its range.", _wrong, "#save", "#save"),
    State("exact", "A JPEG XL file that holds a JPEG file, bit for bit.", _exact, "#save"),
    State("batch", "All were saved as one archive, but for a broken one.", _batch, "#save-button"),
    State("both", "One call on both sides: the same bytes.", _both, "#both-title", "#both-title"),
    State(
        "where",
        "What the next call would take in each place, and how predictions turned out.",
        _where,
        "#where",
        "#where",
    ),
    State("library-empty", "The library, before anything is kept.", _shelf_empty),
    State("library", "The library: pictures, one of them described.", _shelf_full),
    State("recipe", "An edit recipe: the crop is drawn on the picture.", _recipe, "#edit-title"),
    State("made", "Conversions of a picture.", _made, "#made-title", "#made-title"),
    State("unsent", "No network: what waits to be sent.", _unsent, "#sync", "#sync"),
    State("help", "The keys.", _help),
)
"""All states, in the order of docs/states.md."""
