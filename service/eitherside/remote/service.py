"""A service elsewhere, and calls that run there."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx2

from ..errors import BAD_ANSWER, CANCELLED, OTHER_MODULE, TIME_LIMIT, CallError, SettingsError
from ..host import Output
from ..interface import Interface
from ..provenance import Times
from ..request import Request
from ..settings import Settings
from . import answers, problems
from .documents import Capacity, Description, Load, ModuleFacts
from .wire import Interrupted, Patience, Wire, Work

MODULE_HEADER = "Eitherside-Module"
CALL_HEADER = "Eitherside-Call"
LOAD_HEADER = "Eitherside-Load"
KEY_HEADER = "Eitherside-Result-Key"

_MAX_DOCUMENT = 16 << 20
_MAX_MODULE = 256 << 20
_MAX_PROBLEM = 64 << 10


@dataclass(frozen=True)
class RemoteAnswer:
    """What a call on a service gave.

    Attributes:
        result: the fields that the function's ``result`` schema describes.
        outputs: the output buffers, in order.
        times: seconds; `queue` and `compute` as the service tells them.
        download: seconds from the answer's headers to its end.
        bytes_up, bytes_down: of the bodies.
        call: the call's id; None where the result was asked for by its key.
        key: the key under which the service keeps the result, where it does.
    """

    result: dict[str, Any]
    outputs: list[Output]
    times: Times
    download: float
    bytes_up: int
    bytes_down: int
    call: str | None
    key: str | None


class Remote:
    """A service. Any number of threads may make calls."""

    def __init__(self, url: str, settings: Settings, on_load: Callable[[Load], None] | None = None) -> None:
        """Makes no connection yet.

        Args:
            url: address of the service, under which ``v1/interface`` lies.
            settings: limits of time and size.
            on_load: is told how busy the service is, with each answer that says so.

        Raises:
            SettingsError: `url` is no address that can be used.
        """
        self.url = _base(url)
        self._most = int(settings.max_answer)
        self.on_load = on_load
        self._wire = Wire(Patience(settings.connect_time, settings.answer_time))

    def close(self) -> None:
        """Ends all connections; calls that run fail as cancelled."""
        self._wire.close()

    def describe(self) -> Description:
        """Returns what the service tells of its module and itself.

        Raises:
            CallError: unreachable, bad_answer, or what the service says.
        """
        return Description.checked(self._document("v1/interface"), "the service's description")

    def capacity(self) -> Capacity | None:
        """Returns how busy the service is; None where it is too old to say.

        Raises:
            CallError: unreachable, bad_answer, or what the service says.
        """
        try:
            found = self._document("v1/capacity")
        except CallError as error:
            if error.status == 404:
                return None
            raise
        return Capacity.checked(found, "the service's capacity")

    def module(self, facts: ModuleFacts) -> bytes:
        """Returns the module that the service says it runs.

        Raises:
            CallError: unreachable; bad_answer, where its hash is another or its address is not the service's.
        """
        address = httpx2.URL(self.url).join(facts.url)
        if address.host != httpx2.URL(self.url).host or address.port != httpx2.URL(self.url).port:
            raise CallError(BAD_ANSWER, "the service names a module at another address than its own")
        data = self._get(str(address), min(facts.bytes, _MAX_MODULE))
        if hashlib.sha256(data).hexdigest() != facts.sha256:
            raise CallError(BAD_ANSWER, f"the service's module is not the one it names, {facts.sha256}")
        return bytes(data)

    def call(
        self,
        interface: Interface,
        module: str,
        request: Request,
        *,
        cancel: threading.Event | None = None,
        end: float | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> RemoteAnswer:
        """Makes a call and waits for its answer. Whatever ends the wait early ends the call there, too.

        Args:
            interface: of the module, whose errors the service gives.
            module: SHA-256 of the module; the service refuses the call where it runs another.
            request: the call.
            cancel: set it, from any thread, to cancel the call.
            end: when to give up, by `time.monotonic`.
            progress: is told ``sending`` and ``receiving``, in a thread of the client.

        Raises:
            CallError: of the module, the service, or of `REMOTE_ERRORS`.
        """
        for last in (False, True):
            call = secrets.token_urlsafe(24)
            exchange = _Exchange(self, interface, module, request, progress)
            try:
                return self._wait(partial(exchange.post, call=call), cancel, end, call)
            except httpx2.HTTPError as error:
                # The service may have closed a connection that was kept, just as it was taken up again.
                again = exchange.reused and not exchange.answered and request.function.idempotent
                if last or not again or not problems.is_cut_off(error):
                    raise problems.transport_error(error) from None
        raise AssertionError("a second try either answers or raises")

    def kept(
        self,
        interface: Interface,
        module: str,
        request: Request,
        key: str,
        *,
        cancel: threading.Event | None = None,
        end: float | None = None,
    ) -> RemoteAnswer | None:
        """Returns the result that the service keeps under `key`, or None. Nothing of the call is sent.

        Raises:
            CallError: as for `call`.
        """
        exchange = _Exchange(self, interface, module, request, None)
        try:
            return self._wait(partial(exchange.kept, key=key), cancel, end, None)
        except httpx2.HTTPError as error:
            raise problems.transport_error(error) from None
        except CallError as error:
            if error.status == 404:
                return None
            raise

    def told(self, headers: httpx2.Headers) -> None:
        """Passes the load on that an answer's headers tell."""
        load = Load.of_header(headers.get(LOAD_HEADER))
        if load is not None and self.on_load is not None:
            self.on_load(load)

    def _wait(
        self,
        work: Work[RemoteAnswer],
        cancel: threading.Event | None,
        end: float | None,
        call: str | None,
    ) -> RemoteAnswer:
        try:
            return self._wire.run(work, cancel=cancel, end=end)
        except BaseException as error:
            # Ctrl-C, too: whoever stops waiting wants the work stopped.
            if call is not None and not isinstance(
                error, CallError | httpx2.NetworkError | httpx2.ProtocolError
            ):
                self._stop(call)
            if not isinstance(error, Interrupted):
                raise
            if error.reason == "time":
                raise CallError(TIME_LIMIT, "the service's answer was not there in time") from None
            raise CallError(CANCELLED, "the call was cancelled") from None

    def _stop(self, call: str) -> None:
        """Tells the service that nobody waits any more; a proxy may hide that the connection ended."""

        async def delete(client: httpx2.AsyncClient) -> None:
            await client.delete(f"{self.url}v1/calls/{call}")

        self._wire.say(delete)

    def _document(self, path: str) -> object:
        data = self._get(self.url + path, _MAX_DOCUMENT)
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise CallError(BAD_ANSWER, f"the service's /{path} is not JSON: {error}") from None

    def _get(self, address: str, most: int) -> bytearray:
        async def get(client: httpx2.AsyncClient) -> bytearray:
            async with client.stream("GET", address) as response:
                if response.status_code != 200:
                    raise await _failure(response, None, None)
                self.told(response.headers)
                return await answers.body(response, most)

        try:
            return self._wire.run(get)
        except httpx2.HTTPError as error:
            raise problems.transport_error(error) from None
        except Interrupted:
            raise CallError(CANCELLED, "the connection was closed") from None


class _Exchange:
    """One request for a call, and its answer."""

    def __init__(
        self,
        remote: Remote,
        interface: Interface,
        module: str,
        request: Request,
        progress: Callable[[str], None] | None,
    ) -> None:
        self._remote = remote
        self._interface = interface
        self._module = module
        self._request = request
        self._progress = progress or (lambda stage: None)
        self.reused = True
        self.answered = False

    async def post(self, client: httpx2.AsyncClient, call: str) -> RemoteAnswer:
        """Makes the call under the id `call`."""
        request = self._request
        files: list[tuple[str, Any]] = [("options", ("options", request.text, answers.JSON))]
        for index, view in request.rows:
            item = request.function.inputs[index]
            kind = item.media_type or answers.OCTETS
            files.append((item.name, (item.name, _Reader(view), kind)))
        self._progress("sending")
        return await self._exchange(
            client,
            "POST",
            f"v1/{quote(request.function.name)}",
            call,
            files=files,
            headers={CALL_HEADER: call, MODULE_HEADER: self._module},
        )

    async def kept(self, client: httpx2.AsyncClient, key: str) -> RemoteAnswer:
        """Asks for the result that is kept under `key`."""
        return await self._exchange(client, "GET", f"v1/results/{key}", None, headers={})

    async def _exchange(
        self,
        client: httpx2.AsyncClient,
        method: str,
        path: str,
        call: str | None,
        *,
        headers: dict[str, str],
        files: Any = None,
    ) -> RemoteAnswer:
        began = time.perf_counter()
        function = self._request.function
        accept = answers.MULTIPART if function.outputs else answers.JSON
        stream = client.stream(
            method,
            self._remote.url + path,
            files=files,
            headers={"Accept": accept, **headers},
            extensions={"trace": self._trace},
        )
        async with stream as response:
            self.answered = True
            self._remote.told(response.headers)
            if response.status_code != 200:
                raise await _failure(response, self._interface, self._request)
            self._check_module(response)
            self._progress("receiving")
            opened = time.perf_counter()
            result, outputs = await answers.read(response, function, self._remote._most)
            ended = time.perf_counter()
            down = response.num_bytes_downloaded
        told = answers.timing(response.headers.get("Server-Timing"))
        queue, compute = (told.get("queue", 0.0), told.get("compute", 0.0)) if call else (0.0, 0.0)
        transfer = max(0.0, ended - began - queue - compute)
        return RemoteAnswer(
            result,
            outputs,
            Times(queue=queue, compute=compute, transfer=transfer, total=ended - began),
            ended - opened,
            int(response.request.headers.get("Content-Length", "0")),
            down,
            call,
            response.headers.get(KEY_HEADER),
        )

    def _check_module(self, response: httpx2.Response) -> None:
        # A service that does not know the request's header computes with whatever it has.
        named = response.headers.get(MODULE_HEADER)
        if named is None:
            raise CallError(BAD_ANSWER, "the service does not tell with which module it computed")
        if named != self._module:
            raise CallError(OTHER_MODULE, f"the service runs the module {named[:64]}, not {self._module}")

    async def _trace(self, event: str, info: dict[str, Any]) -> None:
        if event.startswith("connection.connect_"):
            self.reused = False


class _Reader(io.RawIOBase):
    """A buffer as a file, of which nothing is copied before it is sent."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._view[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        self._at = min(max(0, start + offset), len(self._view))
        return self._at

    def tell(self) -> int:
        return self._at


async def _failure(
    response: httpx2.Response, interface: Interface | None, request: Request | None
) -> CallError:
    return problems.to_error(response, bytes(await answers.body(response, _MAX_PROBLEM)), interface, request)


def _base(url: str) -> str:
    try:
        found = httpx2.URL(url)
    except (httpx2.InvalidURL, TypeError) as error:
        raise SettingsError(f"bad setting: url: {url!r} is no address: {error}") from None
    if found.scheme not in ("http", "https") or not found.host:
        raise SettingsError(
            f"bad setting: url: {url!r} is not an address that begins with http:// or https://"
        )
    if found.query or found.fragment or found.userinfo:
        raise SettingsError(f"bad setting: url: {url!r} has more than a host, a port and a path")
    path = found.path if found.path.endswith("/") else f"{found.path}/"
    return str(found.copy_with(path=path))
