"""A slow network in front of a server: a proxy on the loopback with a round trip time and bandwidths."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STEP = 16384
HELD = 0.25
"""Seconds of traffic that the link holds, as a router's buffer does, before it stops reading."""


@dataclass
class Link:
    """A network between client and server. Change it while it is used, and later traffic goes the new way.

    Attributes:
        round_trip: seconds.
        up, down: bytes a second to the server and from it, shared by all connections.
        cut: whether the network is gone: connections are reset and new ones refused.
        sent_up, sent_down: bytes that it has carried.
    """

    round_trip: float = 0.0
    up: float = 1e9
    down: float = 1e9
    cut: bool = False
    sent_up: int = 0
    sent_down: int = 0


class _Lane:
    """One direction of the link, shared by all connections."""

    def __init__(self) -> None:
        self.free = 0.0

    async def send(self, size: int, rate: float) -> float:
        """Waits until there is room for `size` bytes; returns when the last of them has left."""
        now = asyncio.get_running_loop().time()
        self.free = max(now, self.free) + size / rate
        ahead = self.free - now
        if ahead > HELD:
            await asyncio.sleep(ahead - HELD)
        return self.free


class _Proxy:
    def __init__(self, link: Link, port: int) -> None:
        self.link = link
        self.port = port
        self.up, self.down = _Lane(), _Lane()
        self.open: set[asyncio.StreamWriter] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.link.cut:
            writer.transport.abort()
            return
        # The handshake takes a round trip before the first byte may go.
        await asyncio.sleep(self.link.round_trip)
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            writer.transport.abort()
            return
        self.open |= {writer, server_writer}
        try:
            await asyncio.gather(
                self.carry(reader, server_writer, self.up, up=True),
                self.carry(server_reader, writer, self.down, up=False),
            )
        except asyncio.CancelledError:
            # The link ends; asyncio would report each of its connections.
            pass
        finally:
            self.open -= {writer, server_writer}
            for each in (writer, server_writer):
                each.close()

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lane: _Lane, *, up: bool
    ) -> None:
        """Carries one direction: what was read arrives half a round trip after it has left."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self.deliver(under_way, writer))
        try:
            while data := await reader.read(STEP):
                left = await lane.send(len(data), self.link.up if up else self.link.down)
                if up:
                    self.link.sent_up += len(data)
                else:
                    self.link.sent_down += len(data)
                under_way.put_nowait((left + self.link.round_trip / 2, data))
        except OSError:
            writer.transport.abort()
        under_way.put_nowait((0.0, b""))
        await delivery

    async def deliver(
        self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            try:
                if not data:
                    if writer.can_write_eof():
                        writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()
            except (OSError, RuntimeError):
                return

    async def watch(self) -> None:
        """Resets every connection while the link is cut."""
        while True:
            if self.link.cut:
                for writer in list(self.open):
                    writer.transport.abort()
            await asyncio.sleep(0.01)


@contextmanager
def slow_link(link: Link, port: int) -> Iterator[str]:
    """Runs a proxy to `port` of the loopback that is as slow as `link` says; yields its address."""
    loop = asyncio.new_event_loop()
    started: list[int] = []
    ready = threading.Event()

    async def run() -> None:
        proxy = _Proxy(link, port)
        server = await asyncio.start_server(proxy.connected, "127.0.0.1", 0)
        started.append(server.sockets[0].getsockname()[1])
        ready.set()
        await proxy.watch()

    def main() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(run())
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            for left in asyncio.all_tasks(loop):
                left.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()

    thread = threading.Thread(target=main, name="slow link", daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield f"http://127.0.0.1:{started[0]}"
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(10)
