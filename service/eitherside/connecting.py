"""`connect`: the functions of a module, run here or on a service."""

from __future__ import annotations

import logging
import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .codec import Connected
from .connection import Connection, Where
from .errors import OTHER_MODULE, CallError, ModuleError, SettingsError
from .host import Host
from .interface import Interface
from .learning import Learning
from .memory import Memory
from .module import Module
from .places import LocalPlace, ServerPlace
from .planner import PlannerSettings, Priors
from .remote import Description, Remote
from .settings import Settings, available_cores, machine_memory

log = logging.getLogger(__name__)

_GIB = 1 << 30


def connect(
    url: str | None = None,
    place: Where | None = None,
    module: Module | Path | str | None = None,
    settings: Settings | None = None,
    **given: Any,
) -> Connected:
    """Returns a codec whose calls run here, on the service at `url`, or wherever each may end sooner.

    Both places compute with the same module, so results and errors are the same, and only
    `result.provenance` tells them apart. Where the service has another module than the one that was shipped,
    its module is loaded, into the same sandbox as any other; a `module` that is named is never replaced.

    Args:
        url: address of the service, as far as ``/v1`` but without it; absent, the one in the settings;
            without either, every call runs here.
        place: ``"auto"``, ``"local"`` or ``"server"``: where calls run that name no place; absent, as in the
            settings. With ``"server"``, no module is loaded or compiled here.
        module: the module or its path.
        settings: limits and the cache's folder; those of the environment where absent.
        given: single settings, by name, where `settings` is absent.

    Raises:
        SettingsError: a setting is wrong.
        ModuleError: there is no usable module.
        CallError: unreachable, bad_answer or other_module, where `place` is ``"server"``. Else the service
            may be away, and calls run here until it is back.

    Example:
        >>> codec = connect("http://127.0.0.1:8000")  # doctest: +SKIP
        >>> codec.connection.url  # doctest: +SKIP
        'http://127.0.0.1:8000/'
    """
    if settings is not None and given:
        raise SettingsError(f"{min(given)} is given beside settings, which has it")
    settings = settings if settings is not None else Settings.load(**given)
    url = url if url is not None else settings.url
    where: Where = place if place is not None else settings.place
    if where not in ("auto", "local", "server"):
        raise SettingsError(f"bad setting: place: {where!r} is not auto, local or server")
    if module is not None and not isinstance(module, Module):
        module = Module(module)
    elif module is None and settings.module is not None:
        module = Module(settings.module)
    if url is None:
        if where == "server":
            raise SettingsError("bad setting: place: server needs a url")
        return _alone(module, settings, where)
    remote = Remote(url, settings)
    try:
        return _together(remote, module, settings, where)
    except BaseException:
        remote.close()
        raise


def _alone(module: Module | None, settings: Settings, where: Where) -> Connected:
    module = module if module is not None else Module.shipped()
    local = LocalPlace(Host(module, settings))
    learning = Learning(module.sha256, "", _planner(settings), _priors(settings, None, module), Memory(None))
    return Connected(Connection(module.interface, module.sha256, local, None, learning, where))


def _together(remote: Remote, module: Module | None, settings: Settings, where: Where) -> Connected:
    memory = Memory(None if settings.cache_dir == "off" else settings.cache_dir)
    description: Description | None = None
    try:
        description = remote.describe()
    except CallError as error:
        if where == "server":
            raise
        log.warning("calls run here until the service is back: %s", error.message)
    if where == "server" and description is not None:
        return _server_alone(remote, description, module, settings, memory)
    if module is None:
        module = _module_of(remote, description, memory)
    server = ServerPlace(remote, module.interface, module.sha256)
    learning = Learning(
        module.sha256, remote.url, _planner(settings), _priors(settings, remote, module), memory
    )
    connection = Connection(
        module.interface, module.sha256, LocalPlace(Host(module, settings)), server, learning, where
    )
    if description is not None:
        server.learn(description)
        _look_around(remote, learning)
    if where == "auto":
        connection.warm()
    return Connected(connection)


def _server_alone(
    remote: Remote, description: Description, module: Module | None, settings: Settings, memory: Memory
) -> Connected:
    """Makes a codec without a module, or held to one."""
    found = description.module.sha256
    if module is not None and module.sha256 != found:
        raise CallError(OTHER_MODULE, f"the service runs the module {found}, not {module.sha256}")
    try:
        interface = module.interface if module is not None else Interface(description.interface)
    except ModuleError as error:
        raise ModuleError(f"the service at {remote.url}: {error}") from None
    server = ServerPlace(remote, interface, found)
    server.learn(description)
    learning = Learning(found, remote.url, _planner(settings), _priors(settings, remote, None), memory)
    return Connected(Connection(interface, found, None, server, learning, "server"))


def _module_of(remote: Remote, description: Description | None, memory: Memory) -> Module:
    """Returns the service's module: the shipped one where it is that, else from the cache or the service.

    Raises:
        ModuleError: there is none that can be used.
    """
    try:
        shipped = Module.shipped()
    except ModuleError:
        if description is None:
            raise
        shipped = None
    if shipped is not None and (description is None or description.module.sha256 == shipped.sha256):
        return shipped
    if description is None:
        raise ModuleError("there is no module")
    kept = memory.module(description.module.sha256)
    if kept is not None:
        return kept
    try:
        return memory.keep_module(remote.module(description.module))
    except (CallError, ModuleError) as error:
        if shipped is None:
            raise
        log.warning("calls run here, as the service's module is not ours and cannot be had: %s", error)
        return shipped


def _look_around(remote: Remote, learning: Learning) -> None:
    """Sees how far away the service is, and how busy."""
    began = time.perf_counter()
    try:
        capacity = remote.capacity()
    except CallError as error:
        log.debug("the service does not say how busy it is: %s", error.message)
        return
    learning.exchanged(200, 500, time.perf_counter() - began)
    if capacity is not None:
        learning.loaded(capacity)


def _planner(settings: Settings) -> PlannerSettings:
    return PlannerSettings(exploration=settings.exploration, hedging=settings.hedging)


def _priors(settings: Settings, remote: Remote | None, module: Module | None) -> Priors:
    return Priors(
        hardware_concurrency=available_cores(),
        device_memory=machine_memory() / _GIB,
        loopback=remote is not None and _is_loopback(remote.url),
        module_bytes=len(module.bytes) if module is not None else None,
    )


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
