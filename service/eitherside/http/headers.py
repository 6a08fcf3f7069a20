"""Headers that every answer has: who computed it, what a browser may do with it, and who may read it."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, Response, request

PAGE_POLICY = (
    "default-src 'none'; "
    "script-src 'self' 'wasm-unsafe-eval'; "
    "worker-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' blob: data:; "
    "font-src 'self'; "
    "manifest-src 'self'; "
    "connect-src 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)
"""For the viewer and its files."""

DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""For everything else, which is data and never a document, whatever bytes a stranger may have got into it."""

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}

EXPOSED = (
    "ETag, Eitherside-Load, Eitherside-Memory, Eitherside-Module, Eitherside-Result, Eitherside-Result-Key, "
    "Location, Retry-After, Server-Timing, Upload-Complete, Upload-Length, Upload-Limit, Upload-Offset"
)
ALLOWED = (
    "Authorization, Content-Type, Eitherside-Call, Eitherside-Module, Idempotency-Key, If-Match, "
    "If-None-Match, Last-Event-ID, Range, Repr-Digest, Upload-Complete, Upload-Length, Upload-Offset"
)
PREFLIGHT_SECONDS = "600"

SCRIPTS = ("/element.js", "/client.js", "/library.js", "/worker.js")
"""What a page loads by name; the scripts that these import are among the assets."""

CODE = ("/v1/interface", "module")
"""Endpoints of what is the same for everybody and tells nothing of anybody: the interface and the module."""


def register(app: Flask, module: str, origins: Collection[str], *, is_public: bool = False) -> None:
    """Adds the headers to every answer of the application.

    Args:
        module: SHA-256 of the module.
        origins: other origins whose pages may call the service; compared exactly.
        is_public: whether pages of every origin may load what an ``<eitherside-image>`` is made of.
    """

    def finish(response: Response) -> Response:
        response.headers["Eitherside-Module"] = module
        for name, value in FIXED.items():
            response.headers[name] = value
        response.headers.setdefault("Content-Security-Policy", DATA_POLICY)
        if is_public and request.method in ("GET", "HEAD") and _is_code():
            _publish(response)
        if origins:
            _share(response, origins)
        return response

    app.after_request(finish)


def _is_code() -> bool:
    """Whether the request is for a script, the module or its interface."""
    path = request.path
    is_script = request.endpoint == "asset" and path.endswith(".js")
    return is_script or path in SCRIPTS or request.endpoint in CODE


def _publish(response: Response) -> None:
    """Lets every page load the answer. There are no credentials that it could depend on."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def _share(response: Response, origins: Collection[str]) -> None:
    """Lets pages of `origins` read the answer (the Fetch standard's CORS protocol)."""
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or origin not in origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    # A page that asks with CORS is not stopped by this policy, but one that embeds the answer would be.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = ALLOWED
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
