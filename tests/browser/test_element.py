"""`<eitherside-image>` in pages of another origin than the service."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from eitherside import Codec
from eitherside.module import shipped_folder
from server import Server, running_server
from support.images import picture, saved
from support.site import Site, other_site

from .axe import violations
from .waiting import until

EXAMPLE = Path(__file__).parents[2] / "examples" / "element"

LOG = """
  window.told = [];
  for (const kind of ["load", "error", "progress"]) {
    // They do not bubble.
    document.addEventListener(kind, ({ target, error, loaded }) => {
      if (target.localName !== "eitherside-image") return;
      told.push([target.id, kind, error?.code ?? target.stage ?? null]);
    }, true);
  }
"""
PIXELS = """(id) => {
  const canvas = find(id).shadowRoot.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let text = "";
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return [canvas.width, canvas.height, btoa(text)];
}"""
FIND = """
  window.find = (id) => {
    const within = (root) => root.getElementById(id) ?? [...root.querySelectorAll("*")]
      .filter((each) => each.shadowRoot).map((each) => within(each.shadowRoot)).find((each) => each);
    return within(document);
  };
"""


def tag(name: str, src: str, more: str = 'order="local" alt=""', content: str = "") -> str:
    """An image's markup."""
    return f'<eitherside-image id="{name}" src="{src}" {more}>{content}</eitherside-image>'


class Guest:
    """A page of the site."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []

    def wait(self, name: str, *, settled: bool = True) -> None:
        """Waits until an image has come to its end, or has a picture."""
        expression = "find(id)?.complete" if settled else "find(id)?.shadowRoot.querySelector('canvas')"
        until(self.page, f"(id) => !!({expression})", arg=name)

    def get(self, name: str, what: str) -> Any:
        """A property of an image."""
        return self.page.evaluate(
            "([id, what]) => what.split('.').reduce((at, key) => at?.[key], find(id)) ?? null", [name, what]
        )

    def pixels(self, name: str) -> NDArray[np.uint8]:
        """What an image's canvas holds, of shape (height, width, 4)."""
        width, height, text = self.page.evaluate(PIXELS, name)
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)

    def told(self, name: str) -> list[list[str | None]]:
        """Its events: their kind, and the code or the stage that went with them."""
        found: list[list[str | None]] = self.page.evaluate(
            "(id) => told.filter(([each]) => each === id).map((each) => each.slice(1))", name
        )
        return found


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Somebody else's site."""
    with other_site() as made:
        yield made


@pytest.fixture(scope="module")
def service(site: Site) -> Iterator[Server]:
    """A service whose element every page may load; those of the site's other name may call it, too."""
    if not (shipped_folder() / "static" / "element.js").is_file():
        pytest.skip("the element is not built (make static)")
    with running_server(public_element=True, allowed_origins=json.dumps([site.alias])) as started:
        yield started


@pytest.fixture(scope="module")
def still() -> NDArray[np.uint8]:
    """An array of shape (192, 256, 4), opaque."""
    samples = picture(256, 192, 4)
    samples[..., 3] = 255
    return samples


@pytest.fixture(scope="module")
def jxl(codec: Codec, still: NDArray[np.uint8]) -> bytes:
    """A progressive file."""
    return codec.encode(still[..., :3], distance=1.0, progressive=True, effort=3).image


@pytest.fixture(scope="module")
def moving(codec: Codec) -> bytes:
    """Three frames, each of one colour, 60 ms each, played twice."""
    frames = [np.full((24, 32, 3), value, np.uint8) for value in (40, 120, 200)]
    return codec.encode(frames, lossless=True, effort=1, durations=[0.06] * 3, loops=2).image


@pytest.fixture
def opened(browser: Browser, site: Site, service: Server) -> Iterator[Callable[..., Guest]]:
    """Opens pages of the site, whose body is given; fails on any error that scripts do not handle."""
    made: list[tuple[Guest, list[str]]] = []

    def make(
        html: str, *, script: bool = True, csp: str | None = None, origin: str = site.origin, **context: Any
    ) -> Guest:
        page = browser.new_context(
            viewport={"width": 1280, "height": 800}, service_workers="block", **context
        ).new_page()
        guest, failures = Guest(page), list[str]()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda told: guest.errors.append(told.text) if told.type == "error" else None)
        page.add_init_script(LOG + FIND)
        head = f'<script type="module" src="{service.url}/element.js"></script>' if script else ""
        headers = {"Content_Security_Policy": csp} if csp else {}
        path = f"/{len(site.files)}.html"
        site.page(path, head + html, **headers)
        page.goto(origin + path)
        made.append((guest, failures))
        return guest

    yield make
    for guest, failures in made:
        guest.page.context.close()
        assert failures == []


def test_two_lines_in_a_page_of_another_origin(
    browser: Browser, site: Site, service: Server, opened: Callable[..., Guest]
) -> None:
    """The example as it is, but for the service's address; then without the browser's own decoder."""
    html = (EXAMPLE / "index.html").read_text().replace("http://127.0.0.1:8000", service.url)
    file = (EXAMPLE / "hills.jxl").read_bytes()
    site.put("/hills.jxl", file)
    guest = opened(html.replace("<eitherside-image ", '<eitherside-image id="a" '), script=False)
    requests: list[tuple[str, str]] = []
    guest.page.on("request", lambda asked: requests.append((asked.method, asked.url)))
    guest.wait("a")
    assert (guest.get("a", "naturalWidth"), guest.get("a", "error")) == (720, None)
    before = guest.page.evaluate("find('a').getBoundingClientRect().toJSON()")
    guest.page.evaluate("find('a').order = 'local'")
    until(guest.page, "find('a').provenance?.place === 'local'")
    assert guest.page.evaluate("find('a').getBoundingClientRect().toJSON()") == before
    assert guest.told("a")[-1] == ["load", "full"]
    # The service sends its code; nothing of the page goes there.
    to_service = [
        (method, url.removeprefix(service.url)) for method, url in requests if url.startswith(service.url)
    ]
    assert to_service
    assert {method for method, _ in to_service} == {"GET"}
    assert all(
        url.startswith(("/assets/", "/module/", "/client.js", "/worker.js", "/v1/interface"))
        for _, url in to_service
    )
    assert guest.errors == []


LAYOUTS = {
    "plain": ("", ""),
    "width": ('width="100"', ""),
    "height": ('height="50"', ""),
    "both": ('width="100" height="100"', ""),
    "percent": ('width="50%"', ""),
    "responsive": ('width="800" height="600"', "max-width: 100%; height: auto"),
    "css width": ("", "width: 80px"),
    "css height": ("", "height: 90px"),
    "hint and css": ('width="10" height="10"', "width: 120px; height: auto"),
    "block": ("", "display: block"),
    "block, responsive": ("", "display: block; max-width: 100%; height: auto"),
    "padding and border": ("", "padding: 5px 9px; border: 3px solid"),
    "border-box": ('width="120"', "box-sizing: border-box; padding: 10px; height: auto"),
    "max-height": ("", "max-height: 60px; width: auto"),
    "absolute": ("", "position: absolute; left: 10px; width: 50px"),
    "cover": ("", "width: 100px; height: 100px; object-fit: cover; object-position: left"),
    "floating": ("", "float: right; width: 40%"),
    "hidden": ("hidden", ""),
}


def test_it_is_laid_out_as_img_is(opened: Callable[..., Guest], site: Site, jxl: bytes) -> None:
    """The browser's own element of the same file, attributes and style, and both kinds of this one."""
    site.put("/a.jxl", jxl)
    kinds = {"img": "img", "native": "eitherside-image", "local": "eitherside-image"}
    row = '<div id="{0} {1}" style="{2}">{3} <{4} class="it" order="{0}" src="/a.jxl" alt="" {5}></{4}></div>'
    rows = [
        row.format(kind, name, "", "before", element, f'{attributes} style="{style}"')
        for name, (attributes, style) in LAYOUTS.items()
        for kind, element in kinds.items()
    ]
    rows += [
        row.format(kind, display, f"display: {display}", "", element, "")
        for display in ("flex", "grid")
        for kind, element in kinds.items()
    ]
    style = "<style>div { display: flow-root; width: 300px; font: 16px/1.5 sans-serif }</style>"
    guest = opened(style + "".join(rows))
    until(guest.page, "[...document.querySelectorAll('.it')].every((each) => each.complete && !each.error)")
    found: dict[str, list[float]] = guest.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("div")].map((row) => {
          const image = row.querySelector(".it");
          const [outer, inner] = [row.getBoundingClientRect(), image.getBoundingClientRect()];
          const { width, height, left, top } = inner;
          // One that is not shown is nowhere.
          const at = width > 0 ? [left - outer.left, top - outer.top] : [];
          return [row.id, [width, height, outer.height, ...at].map(Math.round)];
        }))"""
    )
    for name in (*LAYOUTS, "flex", "grid"):
        wanted = found[f"img {name}"]
        assert [found[f"{kind} {name}"] for kind in ("native", "local")] == [wanted, wanted], name


def test_what_it_shows_while_it_arrives(
    opened: Callable[..., Guest], site: Site, jxl: bytes, still: NDArray[np.uint8], codec: Codec
) -> None:
    step = len(jxl) // 6 + 1
    pieces = [jxl[:100], *(jxl[at : at + step] for at in range(100, len(jxl) - 1, step)), jxl[-1:]]
    pieces[-2] = pieces[-2][: len(jxl) - 1 - sum(map(len, pieces[:-2]))]
    file = site.hold("/slow.jxl", pieces)
    guest = opened(tag("a", "/slow.jxl"))
    waiting = "window.decoded = find('a').decode().then(() => 'whole')"
    until(guest.page, "!!find('a').decode")
    guest.page.evaluate(f"() => {{ {waiting} }}")
    file.release()
    until(guest.page, "find('a').naturalWidth === 256")
    # Its room is kept as soon as the header is here.
    assert guest.page.evaluate("[find('a').offsetWidth, find('a').offsetHeight, find('a').complete]") == [
        256,
        192,
        False,
    ]
    assert (guest.get("a", "stage"), guest.get("a", "provenance")) == ("header", None)
    file.release(len(pieces) - 2)
    guest.wait("a", settled=False)
    # The last byte is still held back.
    coarse = guest.pixels("a")
    assert guest.told("a")[-1][0] == "progress"
    file.release()
    assert guest.page.evaluate("decoded") == "whole"
    whole = guest.pixels("a")
    wanted = codec.decode(jxl, type="u8", channels=4).samples[0]
    assert np.array_equal(whole, wanted)
    errors = [np.mean((each.astype(float) - wanted) ** 2) for each in (coarse, whole)]
    assert errors[0] > errors[1] == 0
    assert [kind for kind, _ in guest.told("a") if kind != "progress"] == ["load"]
    seen = [each for kind, each in guest.told("a") if kind == "progress"]
    assert [each for each in ("header", "dc", "pass", "full") if each in seen][-1] == "full"
    assert seen[0] in ("header", None)
    assert guest.get("a", "provenance.call.bytes.in") == len(jxl)
    assert guest.get("a", "currentSrc") == f"{site.origin}/slow.jxl"
    # Another address in the middle of a load; then the element is taken away.
    again = site.hold("/again.jxl", pieces)
    again.release(2)
    guest.page.evaluate(
        "() => { find('a').src = '/again.jxl'; window.left = find('a').decode().catch(({ name }) => name) }"
    )
    until(guest.page, "find('a').naturalWidth === 256 && find('a').currentSrc.endsWith('/again.jxl')")
    guest.page.evaluate("find('a').src = '/slow.jsl'.replace('jsl', 'jxl')")
    assert again.gone.wait(20)
    assert guest.page.evaluate("left") == "AbortError"
    file.release(len(pieces))
    guest.wait("a")
    third = site.hold("/third.jxl", pieces)
    third.release(2)
    guest.page.evaluate("() => { window.a = find('a'); a.src = '/third.jxl' }")
    until(guest.page, "a.currentSrc.endsWith('/third.jxl') && a.naturalWidth === 256")
    # One that is only moved goes on; one that is removed does not.
    guest.page.evaluate("() => document.body.append(a)")
    guest.page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    assert not third.gone.is_set()
    guest.page.evaluate("() => a.remove()")
    assert third.gone.wait(20)
    assert guest.page.evaluate("[a.naturalWidth, a.complete, a.shadowRoot.querySelector('canvas')]") == [
        0,
        True,
        None,
    ]


def test_what_is_broken(opened: Callable[..., Guest], site: Site, jxl: bytes) -> None:
    site.put("/cut.jxl", jxl[: len(jxl) * 3 // 4])
    site.put("/none.jxl", b"\xff\x0a")
    site.put("/noise.jxl", jxl[:200] + bytes(range(256)) * 20)
    with other_site() as elsewhere:
        closed = elsewhere.put("/a.jxl", jxl)
        shared = elsewhere.put("/b.jxl", jxl, Access_Control_Allow_Origin="*")
        sources = {
            "cut": "/cut.jxl",
            "none": "/none.jxl",
            "noise": "/noise.jxl",
            "absent": "/absent.jxl",
            "closed": closed,
            "shared": shared,
        }
        images = [
            f'<eitherside-image id="{name}" order="local" alt="{name}" src="{url}"></eitherside-image>'
            for name, url in sources.items()
        ]
        images.append(tag("own", "/none.jxl", content="<b>a stand-in</b>"))
        images.append(tag("both", "/cut.jxl", 'alt=""'))
        guest = opened("".join(images))
        for name in (*sources, "own", "both"):
            guest.wait(name)
    codes = {name: guest.get(name, "error.code") for name in sources}
    assert codes.pop("noise") in ("corrupt", "truncated")
    assert codes == {
        "cut": "truncated",
        "none": "truncated",
        "absent": "unreachable",
        "closed": "unreachable",
        "shared": None,
    }
    assert guest.told("cut")[-1] == ["error", "truncated"]
    # What there is of it stays; where there is nothing, what it would show is said.
    assert guest.pixels("cut")[..., 3].min() == 255
    assert "(CORS)" in guest.get("closed", "error.message")
    assert "status 404" in guest.get("absent", "error.message")
    assert guest.page.evaluate("find('none').getBoundingClientRect().width > 10")
    assert guest.page.locator("#none slot").evaluate("(slot) => slot.textContent") == "none"
    assert guest.page.get_by_text("a stand-in").is_visible()
    assert guest.page.evaluate("find('none').decode().catch(({ code }) => code)") == "truncated"


def test_under_a_strict_policy(opened: Callable[..., Guest], site: Site, service: Server, jxl: bytes) -> None:
    """The policy of docs/element.md; and without `blob:`, with the site's own script for workers."""
    site.put("/strict.jxl", jxl)
    scripts = f"script-src 'self' {service.url} 'wasm-unsafe-eval'"
    common = f"default-src 'none'; img-src 'self'; connect-src 'self' {service.url}; {scripts}"
    html = tag("a", "/strict.jxl")
    guest = opened(html, csp=f"{common}; worker-src blob: {service.url}")
    guest.wait("a")
    assert (guest.get("a", "error"), guest.get("a", "provenance.place"), guest.errors) == (None, "local", [])
    site.put(
        "/worker.js",
        f'import "{service.url}/worker.js";',
        Content_Security_Policy=f"{common}; worker-src {service.url}",
    )
    # Instead of the first of the two lines: what it sets must be known before the first image is loaded.
    setup = f'import {{ EithersideImage }} from "{service.url}/element.js";'
    setup += 'EithersideImage.worker = "/worker.js";'
    site.put("/setup.js", setup)
    guest = opened(
        f'<script type="module" src="/setup.js"></script>{html}',
        script=False,
        csp=f"{common}; worker-src 'self' {service.url}",
    )
    guest.wait("a")
    assert (guest.get("a", "error"), guest.get("a", "provenance.place"), guest.errors) == (None, "local", [])
    # A page that allows no WebAssembly: an error that says so, and no other place unless the page names one.
    guest = opened(html, csp=f"{common}; worker-src blob: {service.url}".replace(" 'wasm-unsafe-eval'", ""))
    guest.wait("a")
    assert guest.get("a", "error.code") == "bad_module"


def test_what_it_is_called(opened: Callable[..., Guest], site: Site, jxl: bytes) -> None:
    site.put("/my%20cat.jxl".replace("%20", "-"), jxl)
    source = 'order="local" src="/my-cat.jxl"'
    guest = opened(
        f"""<main><h1>Names</h1>
        <eitherside-image id="told" {source} alt="A cat"></eitherside-image>
        <eitherside-image id="empty" {source} alt=""></eitherside-image>
        <eitherside-image id="missing" {source}></eitherside-image>
        <eitherside-image id="labelled" {source} aria-label="By its label"></eitherside-image>
        <eitherside-image id="native" src="/my-cat.jxl" alt="The browser's"></eitherside-image></main>"""
    )
    for name in ("told", "empty", "missing", "labelled", "native"):
        guest.wait(name)
    session = guest.page.context.new_cdp_session(guest.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    names = [
        node["name"]["value"]
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in ("img", "image")
    ]
    assert names == ["A cat", "my-cat.jxl", "By its label", "The browser's"]
    assert [each for each in guest.errors if "has no alt" in each] == guest.errors
    assert len(guest.errors) == 1
    assert 'src="/my-cat.jxl"' in guest.errors[0]
    assert violations(guest.page) == []


def test_an_animation(opened: Callable[..., Guest], site: Site, moving: bytes) -> None:
    site.put("/moving.jxl", moving)
    guest = opened(
        tag("a", "/moving.jxl") + '<div style="height: 5000px"></div>' + tag("below", "/moving.jxl")
    )
    seen = """() => {
      window.shades = { a: [], below: [] };
      const draw = CanvasRenderingContext2D.prototype.drawImage;
      CanvasRenderingContext2D.prototype.drawImage = function (...values) {
        draw.apply(this, values);
        const host = this.canvas.getRootNode().host;
        if (host) shades[host.id].push(this.getImageData(0, 0, 1, 1).data[0]);
      };
    }"""
    guest.page.add_init_script(f"({seen})()")
    guest.page.reload()
    for name in ("a", "below"):
        guest.wait(name)
    assert guest.get("a", "error") is None
    until(guest.page, "shades.a.length >= 6")
    guest.page.wait_for_timeout(150)
    # Twice, then it rests; below nobody looks.
    assert guest.page.evaluate("shades") == {"a": [40, 120, 200] * 2, "below": [40]}
    guest.page.evaluate("scrollTo(0, 9999)")
    until(guest.page, "shades.below.length > 1")
    guest.page.evaluate("() => { find('a').still = true }")
    until(guest.page, "shades.a.at(-1) === 40")
    assert guest.get("a", "complete")
    still = opened(
        tag("a", "/moving.jxl"),
        reduced_motion="reduce",
    )
    still.wait("a")
    assert still.pixels("a")[0, 0, 0] == 40
    still.page.wait_for_timeout(150)
    assert still.pixels("a")[0, 0, 0] == 40
    # The browser would play it.
    still.page.evaluate("() => { find('a').order = 'native' }")
    still.wait("a", settled=False)
    assert still.get("a", "provenance.place") in ("native", None)
    still.page.emulate_media(reduced_motion="no-preference")
    until(still.page, "find('a').shadowRoot.querySelector('img') !== null")


def test_many_on_a_page(opened: Callable[..., Guest], site: Site, service: Server, jxl: bytes) -> None:
    """They share one connection and its workers; those far below wait."""
    site.put("/many.jxl", jxl)
    images = [
        "<p>"
        + tag(
            f"i{index}",
            f"/many.jxl?{index}",
            f'order="local" alt="" loading="{kind}" width="256" height="192"',
        )
        for index, kind in enumerate(["eager"] * 24 + ["lazy"] * 24)
    ]
    before = site.asked["/many.jxl"]
    guest = opened("<style>p { height: 300px }</style>" + "".join(images))
    workers: list[str] = []
    interfaces: list[str] = []
    guest.page.on("worker", lambda worker: workers.append(worker.url))
    guest.page.on("request", lambda asked: interfaces.append(asked.url) if "/v1/" in asked.url else None)
    guest.page.reload()
    until(guest.page, "[...document.querySelectorAll('[loading=eager]')].every((each) => each.complete)")
    assert (
        guest.page.evaluate("[...document.querySelectorAll('[loading=lazy]')].some((each) => each.complete)")
        is False
    )
    # Those that wait have been asked for once in all, by the page before.
    assert site.asked["/many.jxl"] - before <= 48
    assert interfaces == [f"{service.url}/v1/interface"]
    # One for each of the three that are decoded at a time, one that measures, one for calls.
    assert len(workers) <= 5
    guest.page.evaluate("find('i47').scrollIntoView()")
    guest.wait("i47")
    assert guest.get("i47", "error") is None
    assert guest.get("i30", "complete") is False
    # Whoever waits for one has it loaded.
    guest.page.evaluate("find('i30').decode()")
    assert guest.get("i30", "stage") == "full"


def test_only_the_pixels_that_are_needed(opened: Callable[..., Guest], site: Site, codec: Codec) -> None:
    site.put("/large.jxl", codec.encode(picture(600, 450, 3), distance=2.0, effort=3).image)
    html = tag("a", "/large.jxl", 'order="local" alt="" style="width: 75px"')
    size = "[find('a').shadowRoot.querySelector('canvas').width, find('a').naturalWidth]"
    for scale, wanted in ((1, 75), (2, 150)):
        guest = opened(html, device_scale_factor=scale)
        guest.wait("a")
        assert guest.page.evaluate(size) == [wanted, 600]
    guest.page.evaluate("() => { find('a').style.width = '500px' }")
    until(guest.page, f"{size}[0] === 600")
    assert [kind for kind, _ in guest.told("a")].count("load") == 1
    # As a page's memory asks for it.
    guest.page.evaluate("() => find('a').evict()")
    assert (guest.page.evaluate(size), guest.get("a", "offsetWidth")) == ([1, 600], 500)
    assert guest.get("a", "complete")
    guest.page.evaluate("() => { find('a').style.marginTop = '9000px' }")
    guest.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    guest.page.evaluate("() => { find('a').style.marginTop = '0' }")
    until(guest.page, f"{size}[0] === 600")


def test_where_it_stands(opened: Callable[..., Guest], site: Site, service: Server, jxl: bytes) -> None:
    """In a shadow tree; in markup and with properties that were there before; another format."""
    site.put("/place.jxl", jxl)
    site.put("/dot.png", saved(picture(36, 24, 3), "PNG"))
    guest = opened(
        '<div id="outside"><template shadowrootmode="open"><style>eitherside-image { width: 64px }</style>'
        + tag("inside", "/place.jxl")
        + '</template></div><eitherside-image id="before" alt="" width="100">'
        + '<img src="/dot.png" alt="" loading="lazy"></eitherside-image>'
        + tag("other", "/dot.png", 'alt="" order="native local"'),
        script=False,
    )
    guest.page.evaluate("() => { find('before').src = '/place.jxl'; find('before').order = 'local' }")
    guest.page.evaluate("(url) => import(url)", f"{service.url}/element.js")
    for name in ("inside", "before", "other"):
        guest.wait(name)
        assert guest.get(name, "error") is None
    assert guest.page.evaluate("[find('inside').offsetWidth, find('inside').offsetHeight]") == [64, 48]
    assert guest.page.evaluate("[find('before').offsetWidth, find('before').offsetHeight]") == [100, 75]
    assert (guest.get("other", "provenance.place"), guest.get("other", "naturalWidth")) == ("native", 36)
    created = """async () => {
      const image = document.createElement("eitherside-image");
      Object.assign(image, { alt: "", order: "local", src: "/place.jxl", id: "made" });
      document.body.append(image);
      await image.decode();
      return [image.naturalWidth, image.complete, image.width];
    }"""
    assert guest.page.evaluate(created) == [256, True, 256]


def test_the_service_decodes_where_the_page_says_so(
    opened: Callable[..., Guest], site: Site, service: Server, jxl: bytes
) -> None:
    site.put("/sent.jxl", jxl)
    guest = opened(tag("a", "/sent.jxl", 'order="server" alt=""'), origin=site.alias)
    guest.wait("a")
    assert (guest.get("a", "error"), guest.get("a", "provenance.place")) == (None, "server")
    assert guest.get("a", "provenance.call.bytes.up") == len(jxl)
    # A page that allows no WebAssembly.
    policy = f"default-src 'none'; connect-src 'self' {service.url}; script-src {service.url}"
    html = tag("a", "/sent.jxl", 'order="local server" alt=""')
    guest = opened(html, origin=site.alias, csp=f"{policy}; worker-src blob: {service.url}")
    guest.wait("a")
    assert [(each["place"], each["code"]) for each in guest.get("a", "provenance.tried")] == [
        ("local", "bad_module")
    ]
    assert guest.get("a", "provenance.place") == "server"
