"""What strangers may ask a service for: the module's `untrusted_maximum`, unless the owner says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import eitherside
from eitherside import CallError, Host, Module, ModuleError, Settings
from eitherside.http import create_app
from server import Server, running_server
from support import wat
from support.images import picture

LIMITED = {"type": "integer", "default": 3, "untrusted_maximum": 5}


def described(**schema: object) -> dict[str, Any]:
    document = wat.interface()
    document["functions"][0]["options"]["properties"] = {"strength": {**LIMITED, **schema}}
    return document


@pytest.fixture
def small(tmp_path: Path) -> Module:
    return Module(wat.write(tmp_path, wat.build(wat.OK, described=described())))


def test_a_service_refuses_more(small: Module) -> None:
    client = create_app(Settings.load(), small).test_client()
    for allowed in ("", "?strength=5", "?strength=-1"):
        assert client.post(f"/v1/act{allowed}").status_code == 200
    answer = client.post("/v1/act?strength=6")
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    told = answer.get_json()
    assert (told["code"], told["option"], told["limit"]) == ("not_allowed", "/strength", 5)
    assert "EITHERSIDE_OPTION_CEILINGS" in told["detail"]
    assert client.get("/problems/not_allowed").status_code == 200


def test_in_the_part_as_in_the_query(small: Module) -> None:
    client = create_app(Settings.load(), small).test_client()
    answer = client.post("/v1/act", data={"options": '{"strength": 5.5}'}, content_type="multipart/form-data")
    assert answer.get_json()["code"] == "not_allowed"


@pytest.mark.parametrize("value", ["true", "high", "[9]"])
def test_what_is_no_number_is_the_modules_to_judge(small: Module, value: str) -> None:
    assert (
        create_app(Settings.load(), small).test_client().post(f"/v1/act?strength={value}").status_code == 200
    )


def test_the_owner_may_allow_more_or_less(small: Module) -> None:
    for ceiling, value in ((8, 8), (8, 9), (2, 4)):
        settings = Settings.load(option_ceilings={"strength": ceiling})
        client = create_app(settings, small).test_client()
        assert client.post(f"/v1/act?strength={value}").status_code == 200
        with Host(small, settings) as host:
            function = small.interface.functions["act"]
            assert host.lowered(function, {"strength": value}).get("strength", value) == min(value, ceiling)


def test_who_computes_for_himself_is_not_limited(small: Module) -> None:
    with Host(small, Settings.load()) as host:
        assert host.call("act", {"strength": 9}).result == {"ok": True}


@pytest.mark.parametrize("schema", [{"untrusted_maximum": "5"}, {"untrusted_maximum": None}, {"default": 6}])
def test_a_maximum_that_makes_no_sense(tmp_path: Path, schema: dict[str, object]) -> None:
    with pytest.raises(ModuleError, match="untrusted maximum of the option strength"):
        Module(wat.write(tmp_path, wat.build(wat.OK, described=described(**schema))))


class TestPlaces:
    """A caller who knows the service keeps such calls here."""

    @pytest.fixture
    def server(self, small: Module) -> Any:
        with running_server(module=small.path, threads=1) as started:
            yield started

    def test_they_stay_here(self, server: Server) -> None:
        with eitherside.connect(server.url) as connected:
            codec: Any = connected  # the functions of another module than the shipped one
            assert codec.act(strength=6).provenance.place == "local"
            assert "allows no strength above 5" in codec.explain("act", strength=6).why
            with pytest.raises(CallError) as caught:
                codec.using(place="server").act(strength=6)
            assert (caught.value.code, caught.value.status) == ("not_allowed", 403)
            assert caught.value.option == "/strength"
            # The service is as good a place as before.
            assert codec.using(place="server").act(strength=5).provenance.place == "server"


class TestShipped:
    """The codec's own."""

    @pytest.fixture
    def limited(self, module: Module) -> str:
        function = module.interface.functions["encode"]
        if "max_effort" not in function.properties:
            pytest.skip("the module is from before efforts had a limit")
        return "samples"

    def post(self, query: str, **settings: Any) -> Any:
        client = create_app(Settings.load(**settings)).test_client()
        samples = picture(16, 16, 3).tobytes()
        return client.post(f"/v1/encode?width=16&height=16&channels=3&type=u8&{query}", data=samples)

    def test_the_highest_effort_is_behind_a_limit(self, limited: str) -> None:
        assert self.post("effort=9").status_code == 200
        told = self.post("effort=10").get_json()
        assert (told["code"], told["option"]) == ("bad_option", "/effort")
        told = self.post("effort=10&max_effort=10").get_json()
        assert (told["code"], told["option"], told["limit"]) == ("not_allowed", "/max_effort", 9)

    def test_the_owner_may_allow_it(self, limited: str) -> None:
        answer = self.post("effort=10&max_effort=10", option_ceilings={"max_effort": 10})
        assert answer.status_code == 200
