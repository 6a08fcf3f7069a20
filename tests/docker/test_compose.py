"""The compose file is valid, and keeps its promises; read by Compose itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rehearsal import compose
from rehearsal.dockerfile import Dockerfile
from rehearsal.errors import RehearsalError

from eitherside import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker" / "compose.yaml"
MIB = 1 << 20
PROCESS = 512 * MIB
"""What Python, the compiled module and answers on their way take, generously."""


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    if compose.compose_program() is None:
        pytest.skip("Docker Compose is not installed: no wheel for this platform")
    return compose.read(FILE)


@pytest.fixture(scope="module")
def service(project: dict[str, Any]) -> dict[str, Any]:
    assert list(project["services"]) == ["eitherside"]
    found = project["services"]["eitherside"]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def settings(service: dict[str, Any]) -> Settings:
    """What the service's settings are in the container."""
    environment = compose.container(service).environment
    return Settings.load(
        **{name.removeprefix("EITHERSIDE_").lower(): value for name, value in environment.items()}
    )


def test_a_bad_file_is_refused(tmp_path: Path) -> None:
    """Else that ours is accepted would say nothing."""
    if compose.compose_program() is None:
        pytest.skip("Docker Compose is not installed: no wheel for this platform")
    bad = tmp_path / "compose.yaml"
    bad.write_text("services:\n  eitherside:\n    image: eitherside\n    read_onyl: true\n")
    with pytest.raises(RehearsalError, match="read_onyl"):
        compose.read(bad)


def test_only_this_machine_reaches_it(service: dict[str, Any]) -> None:
    assert [(port["host_ip"], port["published"], port["target"]) for port in service["ports"]] == [
        ("127.0.0.1", "8000", 8000)
    ]
    assert "network_mode" not in service


def test_it_has_no_rights_that_it_does_not_need(service: dict[str, Any]) -> None:
    promised = compose.container(service)
    assert promised.is_read_only
    assert promised.drops_all
    assert promised.no_new_privileges
    assert "user" not in service  # the image's own, which is not root
    assert not service.get("privileged")
    assert not service.get("devices")
    assert all("noexec" in options and "nosuid" in options for options in promised.tmpfs.values())


def test_the_cache_is_a_named_volume(service: dict[str, Any], dockerfile: Dockerfile) -> None:
    volumes = [step.words for step in dockerfile.stages["runtime"].steps if step.name == "VOLUME"]
    assert [tuple(compose.container(service).volumes)] == volumes
    assert all(entry["type"] == "volume" for entry in service["volumes"])


def test_its_memory_holds_what_the_settings_allow(service: dict[str, Any], settings: Settings) -> None:
    limit = int(service["mem_limit"])
    assert int(settings.memory_total) == 0  # half of the limit
    calls = max(limit // 2, int(settings.memory_per_call))
    bodies = max(int(settings.body_memory), int(settings.max_body))
    pillow = settings.thread_count * int(settings.pillow_memory)
    in_memory_files = 2 * 64 * MIB
    assert calls + bodies + pillow + in_memory_files + PROCESS <= limit
    assert service["memswap_limit"] == service["mem_limit"]


def test_its_processes_are_enough_and_finite(service: dict[str, Any], settings: Settings) -> None:
    threads_of_pillow = 8
    compiling = 128
    computing = settings.thread_count * (1 + threads_of_pillow)
    assert settings.connections + computing + compiling < int(service["pids_limit"]) <= 1024


def test_running_calls_may_end(service: dict[str, Any], settings: Settings) -> None:
    promised = compose.container(service)
    assert promised.stop_seconds > settings.queue_time + settings.time_limit + 5


def test_it_builds_the_image_from_this_dockerfile(service: dict[str, Any], dockerfile: Dockerfile) -> None:
    build = service["build"]
    assert Path(build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()
    assert build["target"] in dockerfile.stages
    assert set(build["args"]) <= set(dockerfile.arguments)
    assert build["args"]["MODULE"] == dockerfile.arguments["MODULE"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("160s", 160), ("2m40s", 160), ("1h0m1s", 3601), ("1.5s", 1.5)]
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert compose.seconds(text) == seconds
