"""Pictures of a run's figures, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .report import TITLES

_COLOURS = {
    "wasmtime 1": "#7fb3d5", "wasmtime all": "#1f618d", "native 1": "#b2babb", "native all": "#5d6d7e",
    "pillow": "#d4ac0d", "chromium 1": "#7fb3d5", "chromium all": "#1f618d", "jsquash 1": "#e59866",
    "jsquash all": "#ba4a00", "jxl-oxide": "#a569bd", "browser": "#5d6d7e",
}  # fmt: skip


def plots(run: dict[str, Any], folder: Path) -> list[Path]:
    """Draws megapixels a second of each side, for each place and function; returns the files.

    Raises:
        ImportError: Matplotlib is not installed.
    """
    drawn = []
    for place in ("server", "browser"):
        for function in ("decode", "encode"):
            cases = [case for case in run["cases"] if case["place"] == place and case["function"] == function]
            path = folder / f"{function}-{'in-a-process' if place == 'server' else 'in-Chromium'}.svg"
            if cases:
                _draw(cases, path)
                drawn.append(path)
    return drawn


def _draw(cases: Sequence[dict[str, Any]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    # The same figures make the same bytes, and the text stays text.
    mpl.rcParams.update({"svg.hashsalt": path.stem, "svg.fonttype": "none", "font.size": 9})
    from matplotlib.figure import Figure

    present = dict.fromkeys(
        side for case in cases for side, found in case["sides"].items() if "median" in found
    )
    sides = [side for side in _COLOURS if side in present]
    thick = 0.8 / len(sides)
    figure = Figure(figsize=(9, 0.6 + len(cases) * (0.25 + 0.13 * len(sides))), layout="constrained")
    axes = figure.add_subplot()
    for number, side in enumerate(sides):
        rows = [
            (row + (number - (len(sides) - 1) / 2) * thick, case["megapixels"], case["sides"][side])
            for row, case in enumerate(cases)
            if "median" in case["sides"].get(side, {})
        ]
        speeds = [pixels / found["median"] for _, pixels, found in rows]
        # Quartiles of the time, turned round into those of the speed.
        below = [
            speed - pixels / found["high"] for speed, (_, pixels, found) in zip(speeds, rows, strict=True)
        ]
        above = [
            pixels / found["low"] - speed for speed, (_, pixels, found) in zip(speeds, rows, strict=True)
        ]
        axes.barh(
            [at for at, _, _ in rows], speeds, thick, xerr=[below, above], label=TITLES[side],
            color=_COLOURS[side], error_kw={"linewidth": 0.7, "ecolor": "#333333"},
        )  # fmt: skip
    axes.set_yticks(range(len(cases)), [case["name"].partition(" ")[2] for case in cases])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("megapixels a second (longer is faster; median and quartiles)")
    axes.grid(axis="x", which="both", linewidth=0.3)
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.4, 1.0 + 1.2 / figure.get_figheight() * 0.5),
        ncols=3,
        frameon=False,
    )
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(".new")
    figure.savefig(temporary, format="svg", metadata={"Date": None, "Creator": None})
    temporary.replace(path)
