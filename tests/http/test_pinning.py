"""The client's module and the service's: `Eitherside-Module` in a request."""

from __future__ import annotations

import http.client
import socket

import pytest
from flask.testing import FlaskClient

from server import Server

OTHER = "0" * 64


def test_the_same_module(client: FlaskClient, png: bytes) -> None:
    own = client.get("/v1/interface").get_json()["module"]["sha256"]
    assert client.post("/v1/inspect", data=png, headers={"Eitherside-Module": own}).status_code == 200


def test_another_module_is_412_and_tells_the_services(client: FlaskClient, png: bytes) -> None:
    response = client.post("/v1/inspect", data=png, headers={"Eitherside-Module": OTHER})
    found = response.get_json(force=True)
    assert (response.status_code, found["code"], found["status"]) == (412, "other_module", 412)
    assert found["module"] == client.get("/v1/interface").get_json()["module"]
    assert client.get(found["module"]["url"]).status_code == 200


def test_it_is_told_before_anything_else(client: FlaskClient) -> None:
    headers = {"Eitherside-Module": OTHER, "Content-Type": "text/html"}
    response = client.post("/v1/inspect?nonsense=1", data=b"", headers=headers)
    assert response.get_json(force=True)["code"] == "other_module"


@pytest.mark.parametrize("value", ["", "abc", "g" * 64, "A" * 64, f'"{OTHER}"', "0" * 65])
def test_what_is_no_hash_is_400(client: FlaskClient, png: bytes, value: str) -> None:
    response = client.post("/v1/inspect", data=png, headers={"Eitherside-Module": value})
    found = response.get_json(force=True)
    assert (response.status_code, found["code"]) == (400, "bad_request")
    assert "Eitherside-Module" in found["detail"]


def test_a_large_body_does_not_hide_the_answer(server: Server, png: bytes) -> None:
    # Larger than what the system holds for a connection, and sent whole before the answer is read.
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for _ in range(3):
        connection.request("POST", "/v1/inspect", b"\0" * 1_000_000, {"Eitherside-Module": OTHER})
        answer = connection.getresponse()
        assert (answer.status, b"other_module" in answer.read()) == (412, True)
        # The rest of the body is not taken for a request.
        connection.request("POST", "/v1/inspect", png)
        answer = connection.getresponse()
        assert (answer.status, b'"png"' in answer.read()) == (200, True)
    connection.close()


def test_a_body_larger_than_any_that_is_taken(server: Server) -> None:
    reply = server.request("POST", "/v1/inspect", b"\0" * 20_000_000, {"Eitherside-Module": OTHER})
    assert (reply.status, reply.json["code"]) == (412, "other_module")


def test_chunks(server: Server, png: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    pieces = (b"\0" * 50_000 for _ in range(20))
    connection.request("POST", "/v1/inspect", pieces, {"Eitherside-Module": OTHER}, encode_chunked=False)
    answer = connection.getresponse()
    assert (answer.status, b"other_module" in answer.read()) == (412, True)
    connection.request("POST", "/v1/inspect", png)
    assert connection.getresponse().status == 200
    connection.close()


def test_the_answer_does_not_wait_for_the_body(server: Server) -> None:
    lines = ["POST /v1/inspect HTTP/1.1", "Host: x", f"Eitherside-Module: {OTHER}", "Content-Length: 900000"]
    head = "\r\n".join([*lines, "", ""])
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head.encode())
        found = b""
        while b"\r\n\r\n" not in found and (piece := connection.recv(65536)):
            found += piece
        assert b" 412 " in found.splitlines()[0]
        # What never comes is waited for no longer than for any other body, which this server limits.
        while connection.recv(65536):
            pass
