"""Upgrades of the service while pages are open: each page keeps what it began with."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from browser.viewer import Viewer
from browser.waiting import started, until
from eitherside.module import Module, shipped_folder
from server import running_server
from support.images import picture, saved

from .conftest import KEPT, Launch, kept, ready, visit
from .releases import lazy, next_release, running_release

PNG = saved(picture(60, 40, 3), "PNG")
# Not out of the browser's own cache.
HAS = "(name) => fetch(`assets/${name}`, { cache: 'no-store' }).then(({ ok }) => ok)"
LARGE = saved(picture(1500, 1000, 3), "PNG")
PRESS = """() => new Promise((resolve) => {
  const press = () => {
    if (document.querySelector('#busy').hidden) return requestAnimationFrame(press);
    document.querySelector('#renewal-reload').click();
    resolve(document.querySelector('#renewal-text').textContent);
  };
  press();
})"""
WAITS = "!document.querySelector('#renewal').hidden"
RENEWED = "navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => true)"


def test_pages_keep_their_builds(launch: Launch, tmp_path: Path) -> None:
    old = lazy(shipped_folder() / "static")
    new = lazy(next_release(tmp_path / "release", "Next"))
    modules = [
        Module(path).sha256
        for path in (shipped_folder() / "codec.wasm", tmp_path / "release/eitherside/build/codec.wasm")
    ]
    with launch(tmp_path / "profile") as context:
        with running_server() as server:
            port, url = server.port, server.url
            first = visit(context, url)
            ready(first)
            assert _modules(first) == modules[:1]
        with running_release(tmp_path / "release", port) as server:
            assert server.get(f"/assets/{old}").status == 404
            second = visit(context, url)
            assert second.title() == "Eitherside"
            until(second, WAITS)
            assert "A new version is ready." in second.locator("#renewal").inner_text()
            _works(first, old)
            # A call that runs is waited for.
            Viewer(second).drop(("large.png", LARGE))
            told = second.evaluate(PRESS)
            assert "The new version is loaded when" in told
            expect(second).to_have_title("Next", timeout=60_000)
            started(second)
            assert second.locator("#renewal").is_hidden()
            # The worker in charge now is not the first page's; it has that page's files all the same.
            until(first, WAITS)
            assert [_works(first, old), second.evaluate(HAS, new)] == [True, True]
            first.close()
            second.reload()
            started(second)
            _only(second, "Next", modules[1])
            assert not second.evaluate(HAS, old)
        with running_server(port=port):
            # Back again, which is an upgrade like any other; this time nobody asks for it.
            until(second, RENEWED)
            until(second, WAITS)
            third = _after_all_are_closed(context, url, [second])
            _only(third, "Eitherside", modules[0])


def _works(page: Page, script: str) -> bool:
    """Whether a page opens a file, and loads a script that it has not needed before."""
    Viewer(page).open(("a.png", PNG))
    page.locator("#histogram > summary").click()
    expect(page.locator("#histogram-plots")).not_to_be_empty()
    return bool(page.evaluate(HAS, script))


def _modules(page: Page) -> list[str]:
    (paths,) = (paths for name, paths in kept(page).items() if name.endswith(" modules"))
    return [
        path.removeprefix("/module/").removesuffix(".wasm") for path in paths if path.startswith("/module")
    ]


def _only(page: Page, title: str, module: str) -> None:
    """A page is of one build alone, and nothing else is kept."""
    assert page.title() == title
    build = page.locator("meta[name=build]").get_attribute("content")
    until(
        page,
        f"""(build) => ({KEPT})().then(Object.keys)
          .then((names) => names.filter((name) => name.includes(" build ")))
          .then((names) => names.length === 1 && names[0].endsWith(build))""",
        build,
    )
    until(
        page,
        f"""(sha256) => ({KEPT})().then(Object.entries)
          .then((kept) => kept.find(([name]) => name.endsWith(" modules"))[1])
          .then((paths) => paths.length === 2 && paths.every((path) => path.includes(sha256)))""",
        module,
    )


def _after_all_are_closed(context: BrowserContext, url: str, pages: list[Page]) -> Page:
    elsewhere = context.new_page()
    elsewhere.goto("about:blank")
    for page in pages:
        page.close()
    # Browsers take a moment to see that nobody is left.
    elsewhere.wait_for_timeout(1000)
    elsewhere.goto(url)
    started(elsewhere)
    return elsewhere
