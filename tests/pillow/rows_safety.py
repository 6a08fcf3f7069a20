"""Broken files, limits, threads, and what it takes to have the plugin."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import os
import pickle
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from pillow.plugin import OURS, PEER, Plugin, Rows, yes

ROWS = Rows()


@ROWS.row("a file that is cut off")
def _truncated(plugin: Plugin) -> str:
    plugin.open("truncated").load()
    return "a picture"


@ROWS.row("… with `LOAD_TRUNCATED_IMAGES`")
def _cut(plugin: Plugin) -> str:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image = plugin.open("truncated").convert("RGB")
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    right = np.asarray(plugin.open("whole").convert("RGB"), int)
    top = np.abs(np.asarray(image, int) - right)[:128].mean()
    return "what there is" if top < 8 else "a blank picture"


@ROWS.row("a file that is no picture")
def _bad(plugin: Plugin) -> str:
    try:
        plugin.open("bad")
    except OSError as error:
        has_reason = bool(re.search(r"\.jxl'?: \w", str(error)))
        return f"`{type(error).__name__}`" + (", with the reason" if has_reason else "")
    return "opened"


@ROWS.row("`verify()` of a file that is cut off")
def _verified(plugin: Plugin) -> str:
    plugin.open("truncated").verify()
    return "nothing"


@ROWS.row("more than twice `MAX_IMAGE_PIXELS`")
def _bomb(plugin: Plugin) -> str:
    usual, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, 512 * 512 // 2 - 1
    try:
        plugin.open("large")
        return "opened"
    except Image.DecompressionBombError:
        # Where the damaged pixels of such a picture are what fails, they were decoded first.
        try:
            plugin.open("damaged")
        except Image.DecompressionBombError:
            return "refused before decoding"
        except Exception:  # noqa: BLE001
            return "refused after decoding"
        return "opened"
    finally:
        Image.MAX_IMAGE_PIXELS = usual


@ROWS.row("a picture of 27 MB, a ceiling of 24 MiB")
def _ceiling(plugin: Plugin) -> str:
    if plugin.is_ours:
        from eitherside import Codec, Settings
        from eitherside.pillow import use

        with Codec(settings=Settings.load(memory_per_call="24MiB")) as small:
            use(small)
            try:
                plugin.open("flat").load()
            except OSError as error:
                return "`OSError`" if "memory" in str(error) else str(error)
            finally:
                use(None)
        return "decoded"
    # From here on the peak is counted anew.
    Path("/proc/self/clear_refs").write_text("5")
    before = _peak()
    plugin.open("flat").load()
    took = _peak() - before
    return "no ceiling" if took > 24 << 20 else "less was taken"


def _peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


@ROWS.row("the decoder runs")
def _where(plugin: Plugin) -> str:
    native = [
        each for each in plugin.modules() if str(getattr(each, "__file__", "")).endswith((".so", ".pyd"))
    ]
    return "as native code of the process" if native else "in WebAssembly"


@ROWS.row("8 threads")
def _threads(plugin: Plugin) -> str:
    def opened(_: int) -> bool:
        return np.array_equal(np.asarray(plugin.open("large")), plugin.expected("large"))

    with ThreadPoolExecutor(8) as threads:
        return yes(all(threads.map(opened, range(16))))


@ROWS.row("Python goes on while pixels are decoded")
def _gil(plugin: Plugin) -> str:
    # Held in all of three tries, or it is not held.
    return yes(any(_goes_on(plugin) for _ in range(3)))


def _goes_on(plugin: Plugin) -> bool:
    times: list[float] = []

    def decode() -> None:
        began = time.perf_counter()
        plugin.open("flat").load()
        times.append(time.perf_counter() - began)

    thread = threading.Thread(target=decode)
    longest, last = 0.0, time.perf_counter()
    thread.start()
    while thread.is_alive():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest < times[0] / 2


@ROWS.row("after a fork")
def _forked(plugin: Plugin) -> str:
    plugin.open("rgb").load()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            same = np.array_equal(np.asarray(plugin.open("rgb")), plugin.expected("rgb"))
            os._exit(0 if same else 1)
        except BaseException:  # noqa: BLE001 -- nothing may go on in the child
            os._exit(2)
    return yes(os.waitpid(child, 0)[1] == 0)


@ROWS.row("pickling an image")
def _pickled(plugin: Plugin) -> str:
    again = pickle.loads(pickle.dumps(plugin.open("rgb")))  # noqa: S301 -- ours
    return yes(np.array_equal(np.asarray(again), plugin.expected("rgb")))


@ROWS.row("functions with types for all they take and give")
def _typed(plugin: Plugin) -> str:
    found = {}
    for module in plugin.modules():
        for owner in (module, *(each for each in vars(module).values() if inspect.isclass(each))):
            for each in vars(owner).values():
                plain = (
                    each.fget
                    if isinstance(each, property)
                    else inspect.unwrap(each)
                    if callable(each)
                    else each
                )
                # Not what dataclasses make for themselves.
                if inspect.isfunction(plain) and plain.__code__.co_filename == module.__file__:
                    found[f"{plain.__module__}.{plain.__qualname__}"] = _is_typed(plain)
    return f"{sum(found.values())} of {len(found)}" if not all(found.values()) else "all"


def _is_typed(function: Any) -> bool:
    told = inspect.signature(function)
    items = [item for item in told.parameters.values() if item.name not in ("self", "cls")]
    empty = inspect.Parameter.empty
    return told.return_annotation is not empty and all(item.annotation is not empty for item in items)


_DISTRIBUTIONS = {OURS: "eitherside", PEER: "pillow-jxl-plugin"}


@ROWS.row("runs on Python")
def _python(plugin: Plugin) -> str:
    return (
        importlib.metadata.metadata(_DISTRIBUTIONS[plugin.name])["Requires-Python"].removeprefix(">=")
        + " or later"
    )


@ROWS.row("packages that it needs")
def _needs(plugin: Plugin) -> str:
    needed = importlib.metadata.requires(_DISTRIBUTIONS[plugin.name]) or []
    names = {re.split(r"[^\w-]", each)[0] for each in needed if "extra ==" not in each}
    return str(len(names | {"pillow"}))
