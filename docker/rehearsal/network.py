"""What makes pip and npm reach their registries on this machine; lent to steps, never part of a stage."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = "/run/rehearsal"
CERTIFICATES = f"{FOLDER}/certificates.pem"
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True)
class Lent:
    """Environment variables for steps, and files of this machine by where steps see them."""

    environment: dict[str, str] = field(default_factory=dict)
    files: dict[Path, str] = field(default_factory=dict)


def lend() -> Lent:
    """Find proxies, certificates, and the addresses of registries that are set on this machine."""
    environment = {
        name: value
        for proxy in _PROXIES
        for name in (proxy, proxy.upper())
        if (value := os.environ.get(name))
    }
    pip = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    for name, command in (
        ("PIP_INDEX_URL", pip),
        ("npm_config_registry", ["npm", "config", "get", "registry"]),
    ):
        address = os.environ.get(name) or _ask(command)
        if address.startswith(("http://", "https://")):
            environment[name] = address
    files = {}
    named = os.environ.get("SSL_CERT_FILE")
    found = next((Path(name) for name in (named, *_BUNDLES) if name and Path(name).is_file()), None)
    if found is not None:
        files[found] = CERTIFICATES
        for name in ("PIP_CERT", "NODE_EXTRA_CA_CERTS", "npm_config_cafile"):
            environment[name] = CERTIFICATES
    return Lent(environment, files)


def _ask(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
