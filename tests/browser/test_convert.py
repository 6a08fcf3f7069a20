"""Converting in the viewer: the form that the interface makes, what it remembers, and the live preview."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from eitherside import CallError, Codec
from server import Server
from support.images import picture, saved

from .conftest import connected
from .converting import Converting
from .waiting import started

PHOTO = picture(300, 200, 3)
PNG = saved(PHOTO, "PNG")
TIMES, MINUS = "\u00d7", "\u2212"
JPEG = saved(PHOTO, "JPEG", quality=85)


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """One page for all: starting the viewer takes longer than most of these tests."""
    with connected(browser, server) as opened:
        yield opened


@pytest.fixture
def viewer(page: Page) -> Converting:
    viewer = Converting(page)
    viewer.fresh()
    return viewer


def unlike(schema: dict[str, Any]) -> list[Any]:
    """Values of an option that are allowed and not its default."""
    if "enum" in schema:
        return [each for each in schema["enum"] if each != schema.get("default")]
    if schema["type"] == "boolean":
        return [not schema.get("default")]
    if schema["type"] == "array":
        return [[1] * schema.get("maxItems", 1)]
    return [each for each in (schema["minimum"], schema["maximum"]) if each != schema.get("default")]


def test_only_options_that_do_something_are_asked_for(
    viewer: Converting, codec: Codec, server: Server
) -> None:
    """What the form leaves out for a format changes nothing in the module's output, or is refused."""
    small = saved(picture(24, 16, 4), "PNG")
    viewer.open(("small.png", small))
    viewer.settle()
    assert viewer.told() == {}, "nobody asked for a preview"
    interface = server.get("/v1/interface").json["interface"]
    properties = next(each for each in interface["functions"] if each["name"] == "transcode")["options"][
        "properties"
    ]
    left_out = 0
    for format_ in interface["formats"]:
        if not format_["write"]:
            continue
        viewer.choose(format_["title"])
        asked = set(
            viewer.page.evaluate(
                """() => [...document.querySelectorAll('#save [id^="option-"]:is(input, select)')]
                  .map((each) => each.id.replace('option-', ''))"""
            )
        ) | set(
            viewer.page.evaluate(
                "[...document.querySelectorAll('#save-aim option')].map((each) => each.value)"
            )
        )
        plain = codec.transcode(small, to=format_["name"]).image
        for name, schema in properties.items():
            if name in asked or name == "to" or name in ("max_pixels", "max_frames"):
                continue
            left_out += 1
            for value in unlike(schema):
                try:
                    assert codec.transcode(small, to=format_["name"], **{name: value}).image == plain, name
                except CallError as error:
                    assert error.code in ("bad_option", "unsupported"), (name, value)
    assert left_out > 100


def test_labels_ranges_defaults_and_help_are_the_schemas(viewer: Converting, server: Server) -> None:
    viewer.open(("photo.png", PNG))
    viewer.choose("JPEG XL")
    viewer.page.get_by_text("More options", exact=True).click()
    functions = server.get("/v1/interface").json["interface"]["functions"]
    properties = next(each for each in functions if each["name"] == "transcode")["options"]["properties"]
    viewer.aim("Distance")
    for name in (
        "distance",
        "effort",
        "mode",
        "progressive",
        "photon_noise",
        "group_order_centre",
        "resampling",
    ):
        control = viewer.page.locator(f"#option-{name}")
        expect(control).to_have_accessible_description(properties[name]["description"])
        assert properties[name]["title"] in viewer.page.locator(f"label[for=option-{name}]").inner_text()
    slider = viewer.page.locator("#save-aim-field input[type=range]")
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("0", "25")
    slider.press("ArrowRight")
    expect(viewer.page.locator("#option-distance")).to_have_value("1.1")
    viewer.page.locator("#option-distance").fill("99")
    viewer.page.get_by_role("button", name="Save", exact=True).click()
    assert viewer.page.evaluate("document.activeElement.id") == "option-distance"
    assert not any(row[0] == "transcode" for row in viewer.calls())


def test_options_are_found_reset_and_kept(viewer: Converting, server: Server) -> None:
    page = viewer.page
    viewer.open(("photo.png", PNG))
    viewer.choose("JPEG XL")
    page.locator("#save-preset").select_option(label="Hardly distinguishable (Target SSIMULACRA 2 score 90)")
    expect(page.locator("#save-aim")).to_have_value("target_ssimulacra2")
    viewer.aim("Distance", "2.5")
    expect(page.locator("#save-preset")).to_have_value("own")
    page.get_by_text("More options", exact=True).click()
    page.get_by_label("Find an option").fill("code smaller")
    expect(page.locator("#save-found")).to_have_text("2 options found")
    expect(page.locator("#option-resampling")).to_be_visible()
    expect(page.locator("#option-mode")).to_be_hidden()
    page.locator("#option-resampling").select_option("2")
    page.get_by_label("Find an option").fill("")
    page.locator("#option-group_order_centre").fill("10, 20")
    page.locator("#option-effort").fill("3")
    # Another file, another visit: the same options.
    page.reload()
    started(page)
    viewer.open(("again.png", PNG))
    expect(page.locator("#save-format")).to_have_value("jxl")
    expect(page.locator("#option-distance")).to_have_value("2.5")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save", exact=True).click()
    options = "to=jxl&distance=2.5&effort=3&resampling=2&group_order_centre=[10,20]"
    reply = server.post(f"/v1/transcode?{options}", PNG)
    assert reply.status == 200, reply.body
    assert download.value.path().read_bytes() == reply.body
    page.get_by_role("button", name="Reset Effort").click()
    expect(page.locator("#option-effort")).to_have_value("")
    page.get_by_role("button", name="Reset options").click()
    expect(page.locator("#save-aim")).to_have_value("")
    expect(page.locator("#option-distance")).to_have_count(0)


def test_what_is_kept_is_not_trusted(viewer: Converting) -> None:
    kept = {
        "format": "jxl",
        "byFormat": {
            "jxl": {
                "aim": "lossless",
                "values": {"effort": "<b>", "epf": 99, "mode": "modular", "lossless": True},
            }
        },
    }
    for text in (json.dumps(kept), "{", json.dumps({"format": {}, "byFormat": 7})):
        viewer.page.evaluate("(text) => localStorage.setItem('eitherside:viewer:convert', text)", text)
        viewer.page.reload()
        started(viewer.page)
        if text[-1:] == "}" and "modular" in text:
            expect(viewer.page.locator("#save-aim")).to_have_value("lossless")
            expect(viewer.page.locator("#option-mode")).to_have_value("modular")
            expect(viewer.page.locator("#option-effort")).to_have_value("")
            expect(viewer.page.locator("#option-epf")).to_have_value("")
        else:
            expect(viewer.page.locator("#save-format")).to_have_value("jxl")


@pytest.mark.parametrize("place", ["Browser", "Server"])
def test_the_preview_is_what_saving_gives(viewer: Converting, server: Server, place: str) -> None:
    """The picture is seen whole: its preview is the file that would be saved, to the byte."""
    viewer.run_in(place)
    viewer.open(("photo.png", PNG))
    viewer.choose("JPEG XL")
    viewer.aim("Distance", "3")
    viewer.settle()
    file = server.post("/v1/transcode?to=jxl&distance=3", PNG).body
    told = viewer.told()
    size = f"{len(file) / 1000:.{2 if len(file) < 10_000 else 1}f} kB"
    assert told["This part"] == f"{size}, 300 {TIMES} 200 pixels"
    assert told["Whole file"].startswith(f"about {size} ({MINUS}") and told["Whole file"].endswith(
        "an estimate"
    )
    assert told["Distance"] == "3"
    body, kind = multipart(a=PNG, b=file)
    scores = server.post("/v1/compare", body, Content_Type=kind, Accept="application/json").json
    assert told["SSIMULACRA 2"] == f"{scores['ssimulacra2']:.1f}"
    assert told["Butteraugli"] == f"{scores['butteraugli']:.2f}"
    assert told["Ran"].startswith("in this browser" if place == "Browser" else "on the server")
    viewer.said("Preview: This part")


def multipart(**parts: bytes) -> tuple[bytes, str]:
    boundary = "between-the-parts"
    head = '--{0}\r\nContent-Disposition: form-data; name="{1}"; filename="{1}"\r\n\r\n'
    body = b"".join(head.format(boundary, name).encode() + data + b"\r\n" for name, data in parts.items())
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def test_only_the_last_of_many_changes_counts(viewer: Converting, server: Server) -> None:
    viewer.run_in("Browser")
    viewer.open(("photo.png", PNG))
    viewer.aim("Distance")
    for distance in ("1", "2", "4", "8", "16"):
        viewer.page.locator("#option-distance").fill(distance)
        viewer.page.wait_for_timeout(180)
    viewer.settle()
    assert viewer.told()["Distance"] == "16"
    viewer.page.get_by_label("Live").uncheck()
    assert viewer.told() == {}
    viewer.page.locator("#option-distance").fill("1")
    viewer.page.wait_for_timeout(400)
    assert viewer.told() == {}


def test_a_part_of_a_large_picture_is_tried(viewer: Converting) -> None:
    large = np.tile(picture(500, 400, 3), (4, 4, 1))
    viewer.open(("large.png", saved(large, "PNG", compress_level=1)))
    viewer.choose("JPEG")
    viewer.settle()
    told = viewer.told()
    width, height = map(int, told["This part"].split(", ")[1].removesuffix(" pixels").split(f" {TIMES} "))
    assert 100_000 < width * height <= 1_000_000
    assert told["Whole file"].startswith("about ") and told["Whole file"].endswith(", an estimate")
    # Where encoding is slow, a smaller part of what was taken is tried.
    viewer.choose("JPEG XL")
    viewer.page.locator("#option-effort").fill("8")
    viewer.settle()
    size = viewer.told()["This part"].split(", ")[1].removesuffix(" pixels").split(f" {TIMES} ")
    assert int(size[0]) * int(size[1]) < width * height


def test_jpeg_data_that_is_carried_over_is_told_as_it_is(viewer: Converting, server: Server) -> None:
    viewer.open(("photo.jpg", JPEG))
    viewer.choose("JPEG XL")
    viewer.page.locator("#option-progressive").check()
    viewer.page.locator("#option-progressive").uncheck()
    viewer.settle()
    file = server.post("/v1/transcode?to=jxl", JPEG).body
    told = viewer.told()
    assert told["Whole file"].startswith(
        f"{len(file) / 1000:.2f} kB (" if len(file) < 10_000 else f"{len(file) / 1000:.1f} kB ("
    )
    assert "bit for bit" in told["Loss"]
    viewer.aim("Distance", "2")
    viewer.settle()
    assert "Loss" not in viewer.told()


def test_a_target_size_is_met(viewer: Converting) -> None:
    viewer.open(("photo.png", PNG))
    viewer.choose("JPEG XL")
    viewer.page.locator("#option-effort").fill("3")
    viewer.aim("Target size", "9000")
    viewer.settle()
    assert float(viewer.told()["This part"].split(" kB")[0]) <= 9.0
    with viewer.page.expect_download() as download:
        viewer.page.get_by_role("button", name="Save", exact=True).click()
    assert 7000 < len(download.value.path().read_bytes()) <= 9000


def test_an_error_of_the_module_points_at_the_option(viewer: Converting) -> None:
    viewer.open(("photo.png", PNG))
    viewer.choose("JPEG XL")
    viewer.page.locator("#option-effort").fill("10")
    viewer.settle()
    expect(viewer.page.locator("#preview-note")).to_contain_text("bad_option")
    viewer.page.get_by_role("button", name="Save", exact=True).click()
    expect(viewer.page.locator("#save-result")).to_contain_text("bad_option")
    assert viewer.page.evaluate("document.activeElement.id") == "option-effort"
