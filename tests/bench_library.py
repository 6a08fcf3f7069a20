"""How long a library of 10,000 pictures takes to open, and how smoothly it scrolls: `make bench-library`."""

from __future__ import annotations

import statistics
import tempfile

from playwright.sync_api import Page, sync_playwright

from browser.shelf import Shelf
from browser.waiting import until
from server import running_server
from support.chromium import FLAGS, installed, sandbox

COUNT = 10_000
ROUNDS = 5
WATCH = """
window.long = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.long.push(Math.round(duration));
}).observe({ entryTypes: ["longtask"] });
const look = () => {
  const tiles = document.querySelectorAll("#shelf-list li");
  if (tiles.length > 0) window.tiles ??= performance.now();
  if ([...tiles].filter((each) => each.querySelector("img")?.complete).length >= 8) window.painted ??= performance.now();
  if (window.painted === undefined) requestAnimationFrame(look);
};
addEventListener("DOMContentLoaded", look);
"""  # noqa: E501
FILL = """async (count) => {
  const { Library } = await import("/library.js");
  const library = await Library.open({ site: new URL("/", location) });
  const head = new TextEncoder().encode("P6 8 6 255\\n");
  const files = Array.from({ length: count }, (_, index) => {
    const samples = Uint8Array.from({ length: 8 * 6 * 3 }, (_, at) => [index, index >> 8, at * 7 + index][at % 3]);
    return new File([head, samples], `${String(index).padStart(5, "0")}.ppm`, { type: "image/x-portable-anymap" });
  });
  const begun = performance.now();
  await library.add(files);
  const took = performance.now() - begun;
  await library.close();
  return took;
}"""  # noqa: E501


def opened(page: Page) -> tuple[float, float]:
    """Milliseconds from the navigation to the tiles, and to eight thumbnails."""
    page.add_init_script(WATCH)
    page.goto("/#library")
    until(page, "window.painted !== undefined")
    tiles, painted = page.evaluate("[window.tiles, window.painted]")
    return tiles, painted


def main() -> None:
    """Measures and prints."""
    with (
        tempfile.TemporaryDirectory() as data,
        running_server(data_dir=data) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=installed(), args=[*FLAGS, *sandbox()])
        context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 860})
        page = context.new_page()
        page.goto("/")
        print(f"{COUNT} pictures kept in {page.evaluate(FILL, COUNT) / 1000:.1f} s", flush=True)
        times = []
        for _ in range(ROUNDS):
            page.close()
            page = context.new_page()
            times.append(opened(page))
        for name, found in zip(("tiles", "8 thumbnails"), zip(*times, strict=True), strict=True):
            median = statistics.median(found)
            print(
                f"opened to {name}: {median:.0f} ms (from {min(found):.0f} to {max(found):.0f})", flush=True
            )
        page.wait_for_timeout(2000)
        page.evaluate("window.long.length = 0")
        for step in range(40):
            page.locator("#shelf-scroll").evaluate("(each, at) => { each.scrollTop = at; }", step * 7000)
            page.wait_for_timeout(100)
        tiles = page.locator("#shelf-list li").count()
        print(f"40 leaps: tasks over 50 ms: {page.evaluate('window.long')}; {tiles} tiles in the page")
        assert Shelf(page).count() == COUNT
        browser.close()


if __name__ == "__main__":
    main()
