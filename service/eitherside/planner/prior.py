"""What the surroundings let expect before anything is measured, and what costs more than time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .types import PlaceName, PlannerSettings, Priors

# Round trip in milliseconds and bits per second, down and up, by kind of connection: middling ones.
_CONNECTIONS: Mapping[str, tuple[float, float, float]] = {
    "cellular": (80, 20e6, 6e6),
    "bluetooth": (100, 1e6, 1e6),
    "wimax": (80, 10e6, 3e6),
    "wifi": (30, 50e6, 15e6),
    "ethernet": (15, 100e6, 40e6),
}
_UNKNOWN_CONNECTION = (50.0, 20e6, 8e6)
_LOOPBACK = (1.0, 4e9, 4e9)
# Uploads are slower by so much where only the way down is known.
_ASYMMETRY = 3
# Browsers cap `downlink`, against fingerprinting: at or above that it says little.
_CAPPED_DOWNLINK = 10e6
_BITS_TO_MS_PER_BYTE = 8000
# Milliseconds that a byte of compiled module takes to get ready, on the reference machine.
_COMPILE_PER_BYTE = 1.5e-5
_LOW_BATTERY = 0.2


class LinkPrior(NamedTuple):
    """Round trip in milliseconds, and milliseconds per byte each way."""

    rtt: float
    up: float
    down: float


def slowness(priors: Priors) -> float:
    """Returns the slowness against the reference machine; the probe soon knows better."""
    factor = 1.6
    cores = priors.hardware_concurrency
    if cores is not None:
        factor = 1 if cores >= 12 else 1.3 if cores >= 8 else 2 if cores >= 4 else 3
    if priors.device_memory is not None and priors.device_memory <= 2:
        factor = max(factor, 4)
    if priors.mobile is True:
        factor = max(factor, 3)
    return factor


def connection_of(priors: Priors) -> LinkPrior:
    """Returns what the connection's hints let expect."""
    if priors.loopback is True:
        return _per_byte(*_LOOPBACK)
    typical_rtt, typical_down, typical_up = _CONNECTIONS.get(priors.connection or "", _UNKNOWN_CONNECTION)
    hinted = None if priors.downlink is None or not priors.downlink > 0 else priors.downlink * 1e6
    if hinted is None:
        down = typical_down
    else:
        down = max(hinted, typical_down) if hinted >= _CAPPED_DOWNLINK else hinted
    up = typical_up if hinted is None or hinted >= _CAPPED_DOWNLINK else hinted / _ASYMMETRY
    rtt = typical_rtt if priors.rtt is None or not priors.rtt > 0 else priors.rtt
    return _per_byte(rtt, down, up)


def _per_byte(rtt: float, down: float, up: float) -> LinkPrior:
    return LinkPrior(rtt, _BITS_TO_MS_PER_BYTE / up, _BITS_TO_MS_PER_BYTE / down)


def cold_start(priors: Priors) -> float:
    """Returns the expected milliseconds of a cold start on the reference machine."""
    return 20 + _COMPILE_PER_BYTE * (4e6 if priors.module_bytes is None else priors.module_bytes)


class Weights:
    """What bytes, and time computed here, cost the user beside waiting.

    Attributes:
        because: what makes them so, for the sentence that explains a decision; None where nothing does.
    """

    def __init__(self, priors: Priors, settings: PlannerSettings) -> None:
        battery = priors.battery
        is_low = battery is not None and not battery.charging and battery.level <= _LOW_BATTERY
        is_cellular = priors.connection == "cellular"
        saves = priors.save_data is True
        per, computing = settings.byte_weight, settings.compute_weight
        metered = max(per.save_data if saves else 0.0, per.cellular if is_cellular else 0.0)
        self._byte = (metered + (per.battery if is_low else 0.0)) / 1e6
        pressure = {"critical": computing.critical, "serious": computing.serious}.get(
            priors.pressure or "", 0.0
        )
        self._compute = (computing.battery if is_low else 0.0) + pressure
        reasons = [
            "data is to be saved" if saves else "the connection may be metered" if is_cellular else "",
            "the battery is low" if is_low else "",
            "the processor is hot" if pressure > 0 else "",
        ]
        self.because = " and ".join(reason for reason in reasons if reason) or None

    def penalty(self, place: PlaceName, sent: float, computing: float) -> float:
        """Returns milliseconds for `sent` bytes, or for so many milliseconds of computing here."""
        return sent * self._byte if place == "server" else computing * self._compute

    @property
    def is_metered(self) -> bool:
        """Whether bytes cost something: then nothing is sent that may turn out to be of no use."""
        return self._byte > 0
