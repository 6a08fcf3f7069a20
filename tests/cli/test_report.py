"""`compare --html`: one file with the pictures and every score, safe whatever the files are called."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from eitherside import Codec
from support.commands import command, names, ok
from support.images import animated, picture, saved

HOSTILE = "<img src=x onerror=alert(1)>\"'&.png"


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A picture with a hostile name, and one that differs in a corner, as JPEG XL."""
    monkeypatch.chdir(tmp_path)
    original = picture(64, 48, 3)
    changed = original.copy()
    changed[30:, 40:] //= 2
    (tmp_path / HOSTILE).write_bytes(saved(original, "PNG"))
    (tmp_path / "b.png").write_bytes(saved(changed, "PNG"))
    ok("transcode", "b.png", "b.jxl", "--distance", "0", "--effort", "1")
    return HOSTILE, "b.jxl"


class Tags(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_has_everything_and_loads_nothing(pair: tuple[str, str]) -> None:
    told = ok("compare", *pair, "--html", "report.html", "--json").lines[0]
    text = Path("report.html").read_text()
    page = Tags(text)
    sources = [given["src"] or "" for tag, given in page.tags if tag == "img"]
    assert len(sources) == 3
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert {tag for tag, _ in page.tags} & {"script", "iframe", "object", "link"} == set()
    assert not any(name.startswith("on") for _, given in page.tags for name in given)
    assert HOSTILE in page.text
    for name in ("butteraugli", "ssimulacra2", "psnr"):
        assert f"{told[name]:.6g}" in page.text
        assert f"{told['frames'][0][name]:.6g}" in page.text
    assert any(
        "default-src 'none'" in (given.get("content") or "") for tag, given in page.tags if tag == "meta"
    )
    assert told["difference_format"] == "png"


def test_moving_pictures_stay_so_and_each_frame_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.png").write_bytes(animated("PNG"))
    ok("transcode", "a.png", "b.jxl", "--distance", "4", "--effort", "1")
    told = ok("compare", "a.png", "b.jxl", "--html", "report.html", "--json").lines[0]
    text = Path("report.html").read_text()
    assert len(told["frames"]) == 3
    assert all(f"{frame['psnr']:.6g}" in text for frame in told["frames"])
    converted = base64.b64decode(re.findall(r"data:image/png;base64,([^\"]+)", text)[1])
    assert b"acTL" in converted


def test_a_picture_that_is_too_large_is_told_of(pair: tuple[str, str]) -> None:
    ok("--report-bytes", "1kB", "compare", *pair, "--html", "report.html")
    page = Tags(Path("report.html").read_text())
    assert [tag for tag, _ in page.tags if tag == "img"] == []
    assert "more than 1,000" in page.text


def test_a_report_for_each_pair(pair: tuple[str, str]) -> None:
    Path("x").mkdir()
    Path("y").mkdir()
    for folder in ("x", "y"):
        Path(folder, "1.png").write_bytes(Path("b.png").read_bytes())
        Path(folder, "2.png").write_bytes(Path(HOSTILE).read_bytes())
    done = ok("compare", "x", "y", "--html", "reports", "--json")
    assert names(Path("reports")) == ["1.html", "2.html"]
    assert [line["outputs"] for line in done.lines] == [["reports/1.html"], ["reports/2.html"]]
    again = command("compare", "x", "y", "--html", "reports")
    assert (again.status, again.stderr.count("is there already")) == (1, 2)


def test_the_difference_is_written_and_shown(pair: tuple[str, str]) -> None:
    ok("compare", *pair, "-o", "heat.jxl", "--html", "report.html")
    assert Path("heat.jxl").read_bytes()[:2] == b"\xff\x0a"
    assert Path("report.html").read_text().count("<img ") == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_it_reads_on_any_screen(pair: tuple[str, str], browser: Browser, scheme: str, width: int) -> None:
    ok("compare", *pair, "--html", "report.html", "--overwrite")
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append("dialog"))
    page.goto(Path("report.html").absolute().as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth === 64)")
    ground, text = page.evaluate(
        """["backgroundColor", "color"].map((name) => {
          const [red, green, blue] = getComputedStyle(document.body)[name].match(/[0-9.]+/g).map(Number);
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        })"""
    )
    assert (ground < 60 and text > 200) if scheme == "dark" else (ground > 200 and text < 60)
    assert page.locator("figure:visible").count() == 3
    page.locator("input[type=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("figure:visible").count() == 1
    assert HOSTILE in page.locator("figure:visible").inner_text()
    page.get_by_label("Enlarge").check()
    assert page.locator("figure:visible img").evaluate("(image) => image.getBoundingClientRect().width") > 200
    assert said == []
    page.close()


def test_it_is_the_same_here_and_there(pair: tuple[str, str], codec: Codec) -> None:
    """What is shown of a file that browsers do not show is what the codec decodes."""
    ok("compare", *pair, "--html", "report.html")
    found = re.findall(r"data:image/png;base64,([^\"]+)", Path("report.html").read_text())
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))))
    assert np.array_equal(shown, codec.decode(Path("b.jxl"), type="u8").samples[0])
