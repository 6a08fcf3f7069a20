"""``/v1/interface`` and the module itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import Response

from ..module import shipped_folder
from .coding import ENDINGS, Coded
from .options import canonical
from .state import Service

IMMUTABLE = "public, max-age=31536000, immutable"
WASM = "application/wasm"


def document(service: Service, prefix: str = "") -> dict[str, Any]:
    """Returns what ``/v1/interface`` tells: the module, its interface, what the service adds and limits.

    Args:
        service: of which it tells.
        prefix: path that the application is mounted under, as addresses have it.
    """
    settings = service.settings
    foreign = [
        {**item.model_dump(), "by": "pillow", "options": dict(service.foreign.options(item.name))}
        for item in service.foreign.formats
    ]
    extended = {
        endpoint.name: {
            "input": endpoint.foreign_input.name,
            "option": endpoint.format_option,
            "reads": [item.name for item in endpoint.foreign_reads],
            "writes": [item.name for item in endpoint.foreign_writes],
        }
        for endpoint in service.endpoints.values()
        if endpoint.foreign_input is not None
    }
    limits = {
        "max_body": int(settings.max_body),
        "body_time": settings.body_time,
        "time_limit": settings.time_limit,
        "queue_time": settings.queue_time,
        "queue_length": settings.queue_length,
        "memory_per_call": int(settings.memory_per_call),
        "result_store": int(settings.result_store),
        "result_size": int(settings.result_size),
        "result_time": settings.result_time,
        "option_ceilings": canonical(settings.option_ceilings, {}),
        "pillow_pixels": settings.pillow_pixels,
        "pillow_time": settings.pillow_time,
        # Whether there are any, which a page has to know before it keeps something.
        "libraries": settings.libraries,
        "upload_chunk": min(int(settings.upload_chunk), int(settings.max_body)),
        "sync_bytes": int(settings.sync_bytes),
    }
    return {
        "module": module(service, prefix),
        "interface": service.interface.raw,
        "service": {"formats": foreign, "functions": extended, "limits": limits},
    }


def module(service: Service, prefix: str = "") -> dict[str, Any]:
    """Returns what identifies the module, and where it is, below `prefix`."""
    return {
        "sha256": service.module.sha256,
        "bytes": len(service.module.bytes),
        "url": prefix + module_path(service),
    }


def module_path(service: Service) -> str:
    """Returns the path of the module in the application."""
    return f"/module/{service.module.sha256}.wasm"


def json_response(text: bytes) -> Callable[[], Response]:
    """Returns what answers with a document that changes only with the service: revalidated each time."""
    return Coded(text, hashlib.sha256(text).hexdigest(), "application/json", "no-cache").response


def module_file(service: Service) -> Coded:
    """Returns the module as it is sent: compressed by the build, where it has done so."""
    sha256 = service.module.sha256
    folder = shipped_folder() / "static" / "module"
    files = {coding: folder / f"{sha256}.wasm{ending}" for coding, ending in ENDINGS.items()}
    made = {coding: file for coding, file in files.items() if file.is_file()}
    # From memory, as the file may be another one by now.
    return Coded(service.module.bytes, sha256, WASM, IMMUTABLE, made)


def dump(found: Any) -> bytes:
    """Returns a document as JSON bytes."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
