"""`POST /v1/<function>`, as a client sees it."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from eitherside.http.multipart import read
from support.images import animated, picture

PROBLEM = "application/problem+json"


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Checks that the answer is the problem `code`, and returns it."""
    assert response.status_code == status, response.data
    assert response.content_type == PROBLEM
    found = json.loads(response.data)
    assert isinstance(found, dict)
    assert (found["code"], found["status"], found["type"]) == (code, status, f"/problems/{code}")
    assert found["title"]
    assert found["detail"]
    return found


def parts(response: TestResponse) -> dict[str, list[bytes]]:
    """Returns the parts of a multipart answer."""
    kind, parameters = parse_options_header(response.content_type)
    assert kind == "multipart/form-data"
    names = {"result": 1, "samples": 1000, "icc": 1, "image": 1}
    return {
        name: [bytes(item) for item in held]
        for name, held in read(response.data, parameters["boundary"], names).items()
    }


class TestAnswers:
    def test_without_outputs_the_result_is_the_body(self, client: FlaskClient, png: bytes) -> None:
        response = client.post("/v1/inspect", data=png)
        assert (response.status_code, response.content_type) == (200, "application/json")
        assert response.json is not None
        assert (response.json["format"], response.json["width"], response.json["height"]) == ("png", 40, 30)
        assert "Eitherside-Result" not in response.headers

    def test_one_output_is_the_body_and_the_result_a_header(self, client: FlaskClient, png: bytes) -> None:
        response = client.post("/v1/decode?type=u8", data=png, headers={"Accept": "application/octet-stream"})
        assert (response.status_code, response.content_type) == (200, "application/octet-stream")
        result = json.loads(response.headers["Eitherside-Result"])
        shape = result["height"], result["width"], result["channels"]
        samples = np.frombuffer(response.data, np.uint8).reshape(shape)
        np.testing.assert_array_equal(samples, np.asarray(Image.open(io.BytesIO(png))))

    def test_several_outputs_are_parts_in_order(self, client: FlaskClient, apng: bytes) -> None:
        response = client.post("/v1/decode?type=u8", data=apng)
        found = parts(response)
        assert next(iter(found)) == "result"
        assert len(found["samples"]) == len(json.loads(found["result"][0])["frames"]) == 3

    def test_parts_where_asked(self, client: FlaskClient, png: bytes) -> None:
        response = client.post("/v1/inspect", data=png, headers={"Accept": "multipart/form-data"})
        assert json.loads(parts(response)["result"][0])["width"] == 40

    def test_the_icc_profile_alone_where_asked(self, client: FlaskClient, png: bytes) -> None:
        kind = "application/vnd.iccprofile"
        response = client.post("/v1/decode", data=png, headers={"Accept": kind})
        assert (response.status_code, response.content_type) == (200, kind)
        assert response.data[36:40] == b"acsp"

    def test_a_long_result_is_left_out_of_the_header(self, client: FlaskClient) -> None:
        def result(frames: int) -> str | None:
            headers = {"Accept": "application/vnd.iccprofile"}
            response = client.post("/v1/decode", data=animated("PNG", frames=frames), headers=headers)
            assert response.status_code == 200
            return response.headers.get("Eitherside-Result")

        assert result(2) is not None
        assert result(200) is None

    def test_frames_cannot_be_one_body(self, client: FlaskClient, apng: bytes) -> None:
        response = client.post("/v1/decode", data=apng, headers={"Accept": "application/octet-stream"})
        assert "multipart/form-data" in problem(response, 406, "not_acceptable")["media_types"]

    def test_every_answer_tells_module_and_times(self, client: FlaskClient, png: bytes) -> None:
        response = client.post("/v1/inspect", data=png)
        module = client.get("/v1/interface").get_json()["module"]["sha256"]
        assert response.headers["Eitherside-Module"] == module
        stages = [entry.split(";")[0] for entry in response.headers["Server-Timing"].split(", ")]
        assert stages == ["body", "queue", "compute", "total"]


class TestInputs:
    def test_parts_and_raw_body_give_the_same(self, client: FlaskClient, png: bytes) -> None:
        raw = client.post("/v1/decode?type=u16", data=png)
        form = {"image": (io.BytesIO(png), "a.png"), "options": '{"type": "u16"}'}
        assert client.post("/v1/decode", data=form).data == raw.data

    def test_a_part_without_file_name_is_bytes_too(self, client: FlaskClient, png: bytes) -> None:
        body = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + png + b"\r\n--x--\r\n"
        response = client.post("/v1/inspect", data=body, content_type="multipart/form-data; boundary=x")
        assert response.get_json()["width"] == 40

    def test_curl_needs_no_content_type(self, client: FlaskClient, png: bytes) -> None:
        kind = "application/x-www-form-urlencoded"
        assert client.post("/v1/inspect", data=png, content_type=kind).status_code == 200

    def test_samples_in_order(self, client: FlaskClient) -> None:
        frames = [picture(16, 12, 3, seed=seed) for seed in range(3)]
        options = {
            "width": 16, "height": 12, "channels": 3, "type": "u8", "lossless": True, "effort": 1,
            "durations": [0.1, 0.2, 0.3],
        }  # fmt: skip
        form = {
            "options": json.dumps(options),
            "samples": [(io.BytesIO(frame.tobytes()), "frame") for frame in frames],
        }
        encoded = client.post("/v1/encode", data=form)
        assert (encoded.status_code, encoded.content_type) == (200, "image/jxl"), encoded.data
        found = parts(client.post("/v1/decode?type=u8", data=encoded.data))
        assert found["samples"] == [frame.tobytes() for frame in frames]

    def test_one_buffer_of_samples_with_options_in_the_query(self, client: FlaskClient) -> None:
        frame = picture(16, 12, 3)
        query = "width=16&height=12&channels=3&type=u8&distance=1&effort=1&durations="
        response = client.post(f"/v1/encode?{query}", data=frame.tobytes())
        assert (response.status_code, response.content_type) == (200, "image/jxl"), response.data
        assert json.loads(response.headers["Eitherside-Result"])["distance"] == 1

    def test_a_missing_part_is_named(self, client: FlaskClient) -> None:
        found = problem(
            client.post("/v1/inspect", data={"options": "{}"}, content_type="multipart/form-data"),
            400,
            "bad_input",
        )
        assert found["input"] == "image"

    def test_an_unknown_part_is_named(self, client: FlaskClient, png: bytes) -> None:
        form = {"image": (io.BytesIO(png), "a"), "<b>": (io.BytesIO(b""), "b")}
        response = client.post("/v1/inspect", data=form)
        assert problem(response, 400, "bad_input")["input"] == "<b>"
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    def test_an_input_that_is_not_repeated_comes_once(self, client: FlaskClient, png: bytes) -> None:
        form = {"image": [(io.BytesIO(png), "a"), (io.BytesIO(png), "b")]}
        assert problem(client.post("/v1/inspect", data=form), 400, "bad_input")["input"] == "image"

    @pytest.mark.parametrize(
        "kind", ["text/html", "application/json", "multipart/mixed; boundary=x", "video/mp4", "nonsense"]
    )
    def test_a_body_labelled_as_something_else(self, client: FlaskClient, png: bytes, kind: str) -> None:
        response = client.post("/v1/inspect", data=png, content_type=kind)
        assert "image/png" in problem(response, 415, "unsupported_media_type")["media_types"]

    @pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "gzip, identity"])
    def test_a_compressed_body(self, client: FlaskClient, png: bytes, coding: str) -> None:
        response = client.post("/v1/inspect", data=png, headers={"Content-Encoding": coding})
        problem(response, 415, "unsupported_media_type")
        assert response.headers["Accept-Encoding"] == "identity"

    def test_a_long_boundary(self, client: FlaskClient, png: bytes) -> None:
        boundary = "x" * 75
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"\r\n\r\n'
        body = head.encode() + png + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        assert client.post("/v1/inspect", data=body, content_type=kind).status_code == 200

    @pytest.mark.parametrize(
        "kind",
        [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            f"multipart/form-data; boundary={'x' * 201}",
        ],
    )
    def test_parts_without_boundary(self, client: FlaskClient, kind: str) -> None:
        problem(client.post("/v1/inspect", data=b"--\r\n", content_type=kind), 400, "bad_request")


class TestOptions:
    @pytest.mark.parametrize(
        ("query", "option"),
        [
            ("type=u7", "/type"),
            ("channels=many", "/channels"),
            ("channels=5", "/channels"),
            ("max_pixels=0", "/max_pixels"),
            ("nonsense=1", "/nonsense"),
            ("type=u8&type=u8", "/type"),
        ],
    )
    def test_a_bad_one_is_named(self, client: FlaskClient, png: bytes, query: str, option: str) -> None:
        found = problem(client.post(f"/v1/decode?{query}", data=png), 400, "bad_option")
        assert found["option"] == option

    def test_in_query_and_part(self, client: FlaskClient, png: bytes) -> None:
        form = {"image": (io.BytesIO(png), "a"), "options": '{"type": "u8"}'}
        found = problem(client.post("/v1/decode?type=u8", data=form), 400, "bad_option")
        assert found["option"] == "/type"

    @pytest.mark.parametrize(
        "text", ["", "[]", "{", '{"type": NaN}', "[" * 5000, '{"type": "u8", "type": "u8"}']
    )
    def test_a_part_that_is_no_object(self, client: FlaskClient, png: bytes, text: str) -> None:
        form = {
            "image": (io.BytesIO(png), "a"),
            "options": (io.BytesIO(text.encode()), "o", "application/json"),
        }
        problem(client.post("/v1/decode", data=form), 400, "bad_request")

    def test_the_module_checks_types_in_the_part(self, client: FlaskClient, png: bytes) -> None:
        form = {"image": (io.BytesIO(png), "a"), "options": '{"channels": "3"}'}
        assert problem(client.post("/v1/decode", data=form), 400, "bad_option")["option"] == "/channels"


class TestFormats:
    def test_accept_chooses(self, client: FlaskClient, jpeg: bytes) -> None:
        response = client.post("/v1/transcode", data=jpeg, headers={"Accept": "image/jxl"})
        assert (response.status_code, response.content_type) == (200, "image/jxl"), response.data
        assert json.loads(response.headers["Eitherside-Result"])["format"] == "jxl"
        back = client.post("/v1/transcode", data=response.data, headers={"Accept": "image/jpeg"})
        assert back.data == jpeg

    def test_the_option_wins(self, client: FlaskClient, png: bytes) -> None:
        response = client.post(
            "/v1/transcode?to=jpeg", data=png, headers={"Accept": "image/jpeg, image/png;q=0.9"}
        )
        assert response.content_type == "image/jpeg"

    def test_neither_is_a_bad_option(self, client: FlaskClient, png: bytes) -> None:
        response = client.post("/v1/transcode", data=png, headers={"Accept": "*/*"})
        found = problem(response, 400, "bad_option")
        assert found["option"] == "/to"
        assert "image/jxl" in found["media_types"]
        assert response.headers["Vary"] == "Accept"

    def test_an_unknown_format(self, client: FlaskClient, png: bytes) -> None:
        assert problem(client.post("/v1/transcode?to=bmp", data=png), 400, "bad_option")["option"] == "/to"

    @pytest.mark.parametrize(
        ("query", "accept"), [("", "text/html"), ("?to=png", "image/jxl"), ("", "image/bmp")]
    )
    def test_what_cannot_be_met(self, client: FlaskClient, png: bytes, query: str, accept: str) -> None:
        response = client.post(f"/v1/transcode{query}", data=png, headers={"Accept": accept})
        problem(response, 406, "not_acceptable")
        assert response.headers["Vary"] == "Accept"

    def test_parts_with_the_format_named_beside(self, client: FlaskClient, png: bytes) -> None:
        accept = "multipart/form-data, image/jxl;q=0.5"
        response = client.post("/v1/transcode?effort=1", data=png, headers={"Accept": accept})
        found = parts(response)
        assert json.loads(found["result"][0])["format"] == "jxl"
        assert found["image"][0][:2] == b"\xff\x0a"


class TestTags:
    def test_equal_calls_have_equal_tags(self, client: FlaskClient, png: bytes) -> None:
        def tag(path: str, **headers: str) -> str:
            return client.post(path, data=png, headers=headers).headers["ETag"]

        first = tag("/v1/decode")
        assert first.startswith('"')
        assert first == tag("/v1/decode?type=auto&channels=0")
        assert first != tag("/v1/decode?type=u16")
        assert first != tag("/v1/inspect")
        assert first != tag("/v1/decode", Accept="multipart/form-data")
        assert tag("/v1/measure", Accept="application/json") == tag("/v1/measure")

    def test_other_inputs_have_other_tags(self, client: FlaskClient, png: bytes, jpeg: bytes) -> None:
        tags = {client.post("/v1/inspect", data=data).headers["ETag"] for data in (png, jpeg)}
        assert len(tags) == 2

    def test_equal_tags_mean_equal_bytes(self, client: FlaskClient, apng: bytes) -> None:
        answers = [client.post("/v1/decode", data=apng) for _ in range(2)]
        assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
        assert answers[0].content_type == answers[1].content_type
        assert answers[0].data == answers[1].data

    def test_a_known_answer_is_not_computed_again(self, client: FlaskClient, png: bytes) -> None:
        tag = client.post("/v1/inspect", data=png).headers["ETag"]
        response = client.post("/v1/inspect", data=png, headers={"If-None-Match": f'"x", W/{tag}'})
        problem(response, 412, "precondition_failed")
        assert response.headers["ETag"] == tag
        assert "Server-Timing" not in response.headers

    def test_other_preconditions(self, client: FlaskClient, png: bytes) -> None:
        tag = client.post("/v1/inspect", data=png).headers["ETag"]

        def status(**headers: str) -> int:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            return client.post("/v1/inspect", data=png, headers=named).status_code

        assert status(If_None_Match='"other"') == 200
        assert status(If_None_Match="*") == 200
        assert status(If_Match=tag) == 200
        assert status(If_Match="*") == 200
        assert status(If_Match='"other"') == 412

    def test_an_answer_depends_on_accept_and_says_so(self, client: FlaskClient, png: bytes) -> None:
        assert client.post("/v1/inspect", data=png).headers["Vary"] == "Accept"
        assert client.get("/v1/interface").headers["Vary"] == "Accept-Encoding"


class TestBadImages:
    @pytest.mark.parametrize("data", [b"", b"hello", b"\0" * 1000, b"GIF87a", b"BM" + b"\0" * 100])
    def test_no_known_format(self, client: FlaskClient, data: bytes) -> None:
        response = client.post("/v1/decode", data=data)
        assert response.status_code in (415, 422), response.data
        assert response.content_type == PROBLEM

    def test_an_unknown_format_is_415(self, client: FlaskClient) -> None:
        found = problem(client.post("/v1/decode", data=b"BM" + b"\0" * 100), 415, "unknown_format")
        assert found.get("input", "image") == "image"

    @pytest.mark.parametrize("fixture", ["png", "jpeg"])
    def test_half_a_file_is_422(
        self, client: FlaskClient, fixture: str, request: pytest.FixtureRequest
    ) -> None:
        data: bytes = request.getfixturevalue(fixture)
        response = client.post("/v1/decode", data=data[: len(data) // 2])
        assert response.status_code == 422, response.data
        assert response.get_json(force=True)["code"] in ("truncated", "corrupt")

    def test_an_image_above_its_limit_is_413(self, client: FlaskClient, png: bytes) -> None:
        problem(client.post("/v1/decode?max_pixels=100", data=png), 413, "too_large")

    def test_a_huge_claim_is_413(self, client: FlaskClient) -> None:
        claim = f"P5\n{2**30} {2**30}\n255\n".encode()
        response = client.post("/v1/decode", data=claim)
        assert response.status_code in (413, 422), response.data
        assert client.get("/readyz").status_code == 200

    def test_nothing_of_the_request_is_echoed_as_markup(self, client: FlaskClient, png: bytes) -> None:
        markup = "<script>alert(1)</script>"
        responses = [
            client.post("/v1/decode", query_string={markup: markup}, data=png),
            client.get(f"/{markup}"),
            client.post("/v1/decode", data=png, content_type=markup),
        ]
        for response in responses:
            assert response.status_code >= 400
            assert response.content_type == PROBLEM
            assert response.headers["X-Content-Type-Options"] == "nosniff"
