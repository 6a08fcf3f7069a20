"""``/v1/interface`` and the module itself."""

from __future__ import annotations

import gzip
import json
from functools import cached_property
from io import BytesIO
from typing import Any

import brotli
from flask import Response, request

from .options import canonical
from .state import Service

IMMUTABLE = "public, max-age=31536000, immutable"
WASM = "application/wasm"


def document(service: Service) -> dict[str, Any]:
    """Returns what ``/v1/interface`` tells: the module, its interface, what the service adds and limits."""
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
    }
    return {
        "module": module(service),
        "interface": service.interface.raw,
        "service": {"formats": foreign, "functions": extended, "limits": limits},
    }


def module(service: Service) -> dict[str, Any]:
    """Returns what identifies the module, and where it is."""
    return {
        "sha256": service.module.sha256,
        "bytes": len(service.module.bytes),
        "url": module_path(service),
    }


def module_path(service: Service) -> str:
    """Returns the address of the module."""
    return f"/module/{service.module.sha256}.wasm"


def json_response(text: bytes, etag: str, media_type: str = "application/json") -> Response:
    """Returns the response for a document that changes only with the service, to be revalidated each time."""
    response = Response(text, content_type=media_type)
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


class ModuleFile:
    """The module as it is sent: as shipped, or compressed, each form made once."""

    def __init__(self, service: Service) -> None:
        self._bytes = service.module.bytes
        self._sha256 = service.module.sha256

    @cached_property
    def _brotli(self) -> bytes:
        # 9 takes a tenth of the time of 11 and gives nearly the same; it is done once in a process.
        return bytes(brotli.compress(self._bytes, quality=9))

    @cached_property
    def _gzip(self) -> bytes:
        # No time stamp: the same bytes from every process.
        return gzip.compress(self._bytes, 9, mtime=0)

    def response(self) -> Response:
        """Returns the module in the coding that the client prefers; parts of it come uncompressed."""
        coding = "identity" if "Range" in request.headers else self._coding()
        data = {"br": lambda: self._brotli, "gzip": lambda: self._gzip, "identity": lambda: self._bytes}[
            coding
        ]()
        response = Response(BytesIO(data), content_type=WASM, direct_passthrough=True)
        response.content_length = len(data)
        # Each coding is another representation, and a strong tag must tell them apart.
        response.set_etag(self._sha256 if coding == "identity" else f"{self._sha256}-{coding}")
        response.headers["Cache-Control"] = IMMUTABLE
        response.headers["Vary"] = "Accept-Encoding"
        if coding != "identity":
            response.headers["Content-Encoding"] = coding
            response.make_conditional(request)
        else:
            response.make_conditional(request, accept_ranges=True, complete_length=len(data))
        return response

    def _coding(self) -> str:
        accept = request.accept_encodings
        rated = [(accept.quality(name), -rank, name) for rank, name in enumerate(("br", "gzip")) if accept]
        best = max(rated, default=(0.0, 0, "identity"))
        return best[2] if best[0] > 0 else "identity"


def dump(found: Any) -> bytes:
    """Returns a document as JSON bytes."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
