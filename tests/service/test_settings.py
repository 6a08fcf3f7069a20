"""Settings: defaults that are safe, the environment, and errors that name what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from eitherside import Settings, SettingsError


def test_the_defaults_are_safe() -> None:
    settings = Settings.load()
    assert settings.host == "127.0.0.1"
    assert settings.max_body and settings.memory_per_call and settings.time_limit and settings.queue_length
    assert settings.memory_budget >= settings.memory_per_call


def test_the_environment_and_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EITHERSIDE_MEMORY_PER_CALL", "512MiB")
    monkeypatch.setenv("EITHERSIDE_QUEUE_LENGTH", "7")
    monkeypatch.setenv("EITHERSIDE_OPTION_CEILINGS", '{"effort": 5}')
    settings = Settings.load(queue_length=9)
    assert settings.memory_per_call == 512 << 20
    assert settings.queue_length == 9
    assert settings.option_ceilings == {"effort": 5}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"port": "http"}, r"bad setting: port \(EITHERSIDE_PORT\): .*integer"),
        ({"port": 70000}, r"port \(EITHERSIDE_PORT\): .*65535"),
        ({"host": "example.org/"}, r"host \(EITHERSIDE_HOST\)"),
        ({"memory_per_call": "lots"}, r"memory_per_call \(EITHERSIDE_MEMORY_PER_CALL\)"),
        ({"memory_per_call": 10}, "a call needs at least 65536 bytes"),
        ({"time_limit": 0}, r"time_limit \(EITHERSIDE_TIME_LIMIT\)"),
        ({"time_limit": "nan"}, r"time_limit"),
        ({"memory_total": "1MiB"}, "memory_total is less than memory_per_call"),
        ({"log_level": "loud"}, "log_level"),
        ({"no_such": 1}, "no_such"),
    ],
)
def test_bad_values_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.load(**given)


def test_workers_divide_what_there_is() -> None:
    settings = Settings.load(
        workers=4, threads=8, queue_length=10, memory_total="16GiB", memory_per_call="1GiB"
    )
    assert (settings.thread_count, settings.waiting, settings.memory_budget) == (2, 3, 4 << 30)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
