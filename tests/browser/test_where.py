"""Where calls run: the switch, the panel that tells why, and the page without its server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from support.images import animated, picture, saved

from .viewer import Viewer
from .waiting import started, until

PNG = saved(picture(300, 200, 3), "PNG")
OWN = "Browser\N{RIGHT SINGLE QUOTATION MARK}s own decoder"


@pytest.fixture
def viewer(shared: Page) -> Viewer:
    return Viewer(shared)


def posts(page: Page) -> list[str]:
    """Addresses of calls that are sent from now on, by the page or a worker of it."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    page.context.on("request", note)
    return sent


def places(viewer: Viewer) -> dict[str, str]:
    """Where each function was called last."""
    return {row[0]: row[2] for row in reversed(viewer.calls())}


def chosen(page: Page) -> str:
    """The value that the switch has."""
    return str(page.evaluate("document.querySelector('input[name=place]:checked').value"))


def test_the_choice_is_remembered_and_its_meaning_told(page: Page) -> None:
    viewer = Viewer(page)
    privacy = page.locator("#privacy")
    assert chosen(page) == "auto"
    expect(privacy).to_contain_text("may be sent to this page")
    for place, meaning in (("Server", "are sent to this page"), ("Browser", "stay in this browser")):
        viewer.run_in(place)
        expect(privacy).to_contain_text(meaning)
    page.reload()
    started(page)
    assert chosen(page) == "local"
    expect(privacy).to_contain_text("stay in this browser")


def test_a_browser_that_forbids_storage(page: Page) -> None:
    page.add_init_script(
        """Object.defineProperty(window, 'localStorage', {
          get() { throw new DOMException('no', 'SecurityError') },
        })"""
    )
    page.reload()
    started(page)
    viewer = Viewer(page)
    viewer.run_in("Server")
    viewer.open(("photo.png", PNG))
    assert set(places(viewer).values()) == {"server"}


def test_browser_keeps_everything_here(viewer: Viewer) -> None:
    sent = posts(viewer.page)
    viewer.run_in("Browser")
    viewer.open(("photo.png", PNG))
    with viewer.page.expect_download():
        viewer.page.get_by_role("button", name="Save", exact=True).click()
    assert places(viewer) == {"inspect": "browser", "decode": "browser", "transcode": "browser"}
    assert sent == []


def test_server_sends_everything_there(viewer: Viewer) -> None:
    sent = posts(viewer.page)
    viewer.run_in("Server")
    viewer.open(("photo.png", PNG))
    assert places(viewer) == {"inspect": "server", "decode": "server"}
    assert [url.rsplit("/", 1)[1] for url in sent] == ["inspect", "decode"]


def test_the_browsers_own_decoder_is_chosen_in_the_panel(viewer: Viewer) -> None:
    page = viewer.page
    expect(page.locator("#place-native")).to_be_hidden()
    viewer.open(("photo.png", PNG))
    viewer.open_panel()
    page.get_by_label("Run in", exact=True).select_option(label=OWN)
    assert chosen(page) == "native"
    expect(page.locator("#place-native")).to_be_visible()
    sent = posts(page)
    viewer.open(("other.png", PNG))
    assert places(viewer) == {"inspect": "browser", "decode": "own decoder"}
    viewer.open(("moving.png", animated("PNG")))
    assert places(viewer)["decode"] == "browser"
    assert sent == []
    viewer.run_in("Auto")
    expect(page.locator("#place-native")).to_be_hidden()


def test_the_panel_tells_what_each_place_would_take(viewer: Viewer) -> None:
    page = viewer.page
    viewer.open(("photo.png", PNG))
    viewer.open_panel()
    heads = [text.split("\n")[0] for text in page.locator("#where-head th").all_inner_texts()]
    assert heads == [OWN, "Browser", "Server"]
    rows = page.locator("#where-rows tr")
    labels = [text.split("\t")[0].strip() for text in rows.all_inner_texts()]
    assert labels[:8] == [
        "Predicted",
        "Likely range",
        "Queue",
        "Start",
        "Round trip",
        "Upload",
        "Compute",
        "Download",
    ]
    for cell in rows.first.locator("td").all_inner_texts():
        assert re.fullmatch(r"[\d.]+ (ms|s)", cell)
    expect(page.locator("#where-why span").last).to_have_text(re.compile(r"\w.+\.$"))
    expect(page.locator("#where-head .chosen")).to_have_count(1)
    facts = page.locator("#where-facts")
    sha256 = page.evaluate(
        "fetch('/v1/interface').then((reply) => reply.json()).then((it) => it.module.sha256)"
    )
    expect(facts).to_contain_text(sha256)
    expect(facts).to_contain_text("threads busy")


def test_the_panel_follows_the_place_and_the_options(viewer: Viewer) -> None:
    page = viewer.page
    viewer.open(("photo.png", PNG))
    viewer.open_panel()
    why = page.locator("#where-why")
    for place in ("Server", "Browser"):
        viewer.run_in(place)
        expect(why).to_contain_text(place)
        expect(page.get_by_label("Run in", exact=True)).to_have_value(
            "server" if place == "Server" else "local"
        )
    page.get_by_label("Which call").select_option(label="Save with the options above")
    expect(page.locator("#where-head")).not_to_contain_text(OWN)
    page.get_by_label("Format").select_option(label="JPEG XL")
    known = page.locator("#where-known")
    page.locator("#option-effort").fill("3")
    expect(known).to_contain_text("of work on the reference machine")
    # Typing is waited for, and asking takes a moment.
    page.wait_for_timeout(1500)
    before = known.inner_text()
    page.locator("#option-effort").fill("9")
    expect(known).not_to_have_text(before)
    page.locator("#option-effort").fill("99")
    expect(page.locator("#where-none")).to_contain_text("not valid")


def test_the_panel_follows_the_picture(viewer: Viewer) -> None:
    page = viewer.page
    viewer.open(("photo.png", PNG))
    viewer.open_panel()
    head = page.locator("#where-head")
    expect(head).to_contain_text(OWN)
    viewer.open(("moving.png", animated("PNG")))
    # All frames of an animation are decoded, which no browser does for a page.
    expect(head).not_to_contain_text(OWN)
    page.get_by_role("button", name="Close moving.png").click()
    viewer.wait("photo.png")
    expect(head).to_contain_text(OWN)


def test_the_plot_grows_with_each_call(page: Page) -> None:
    viewer = Viewer(page)
    viewer.open(("photo.png", PNG))
    viewer.open_panel()
    until(page, "document.querySelectorAll('#plot .point').length === 2")
    for count, (title, place) in enumerate([(OWN, "native"), ("Browser", "local"), ("Server", "server")], 3):
        shapes = page.locator(f"#plot .mark.{place}")
        before = shapes.count()
        viewer.attempt(title)
        assert viewer.marks() == count
        assert shapes.count() == before + 1
    # One shape for each place, not only one colour.
    tags = page.evaluate(
        "['native', 'local', 'server'].map((place) => document.querySelector(`#plot .mark.${place}`).tagName)"
    )
    assert len(set(tags)) == 3
    expect(page.locator("#plot .range")).to_have_count(viewer.marks())
    summary = page.get_by_role("table", name="How good the predictions were")
    expect(summary.locator("tbody tr")).to_have_count(3)
    for text in summary.locator("tbody tr").all_inner_texts():
        assert re.search(r"\d+\s+[\d.]+ .\s+\d+ %", text)
    # A call that was only timed leaves the picture alone.
    assert viewer.calls()[0][:2] == ["decode", "photo.png"]
    expect(page.locator("#file-name")).to_have_text("photo.png")


def test_the_plot_by_keyboard(page: Page) -> None:
    viewer = Viewer(page)
    viewer.open(("photo.png", PNG))
    viewer.open_panel()
    viewer.attempt("Browser")
    point = page.locator('#plot .point[tabindex="0"]')
    expect(point).to_have_count(1)
    point.focus()
    readout = page.locator("#plot-readout")
    expect(readout).to_contain_text("decode, browser: predicted")
    last = readout.inner_text()
    page.keyboard.press("ArrowLeft")
    expect(readout).not_to_have_text(last)
    page.keyboard.press("End")
    expect(readout).to_have_text(last)
    page.keyboard.press("Home")
    expect(readout).to_contain_text("inspect")
    assert page.evaluate("document.activeElement.matches('#plot .point')")


def test_the_table_of_calls_has_the_prediction_and_the_reason(viewer: Viewer) -> None:
    page = viewer.page
    viewer.open(("photo.png", PNG))
    heads = page.locator("#calls-section thead th").all_inner_texts()
    row = dict(zip(heads, viewer.calls()[0], strict=False))
    for name in ("Predicted", "Took"):
        assert re.fullmatch(r"[\d.]+ (ms|s)", row[name])
    title = page.locator("#calls tr").first.locator("td").nth(1).get_attribute("title")
    assert title is not None
    assert title.endswith(".")


def test_without_the_network_the_page_says_so_and_goes_on(viewer: Viewer) -> None:
    page = viewer.page
    away = page.locator("#away")
    expect(away).to_be_hidden()
    viewer.open(("first.png", PNG))
    page.context.set_offline(True)
    expect(away).to_contain_text("The server cannot be reached. Work goes on in this browser.")
    expect(page.locator("dialog[open]")).to_have_count(0)
    viewer.open(("photo.png", PNG))
    expect(page.locator("#failure")).to_be_hidden()
    assert "server" not in list(places(viewer).values())
    viewer.open(("moving.png", animated("PNG")))
    expect(page.locator("#failure")).to_be_hidden()
    viewer.run_in("Server")
    expect(away).to_contain_text("Choose “Auto” or “Browser” above")
    page.context.set_offline(False)
    expect(away).to_be_hidden()


def test_a_server_that_goes_away_is_noticed(viewer: Viewer) -> None:
    page = viewer.page

    def cut(route: Route) -> None:
        route.abort()

    page.context.route("**/v1/inspect", cut)
    viewer.run_in("Server")
    viewer.open(("photo.png", PNG))
    expect(page.locator("#failure")).to_contain_text("unreachable")
    expect(page.locator("#failure-advice")).to_contain_text("“Browser”")
    expect(page.locator("#away")).to_contain_text("The server cannot be reached.")
    page.context.unroute("**/v1/inspect")
    page.get_by_role("button", name="Try again").click()
    viewer.wait("photo.png")
    expect(page.locator("#failure")).to_be_hidden()
    expect(page.locator("#away")).to_be_hidden()


def test_what_was_learned_can_be_forgotten(viewer: Viewer) -> None:
    page = viewer.page
    viewer.open(("photo.png", PNG))
    viewer.open_panel()
    facts = page.locator("#where-facts")
    expect(facts).to_contain_text("kind")
    page.get_by_role("button", name="Forget what was learned").click()
    expect(facts).not_to_contain_text("kind")
    expect(page.locator("#announce")).to_have_text("What was learned is forgotten")
