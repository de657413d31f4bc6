"""Engraving: every ornament is computed from sines, none is drawn by hand.

`rosette` is the seal of one record: its digest sets petals, depth and phase of each ring, so that one changed byte is
another seal. `strands` and `micro` draw the life line. `ornaments` are the tiles that the style sheets use; the
build writes them, so this file imports nothing but the standard library.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]
STRANDS = 5  # always five: never the number of bids
WOVEN = ("sealed", "opening", "evaluation")


class Ring(NamedTuple):
    path: str
    turns: tuple[float, ...]  # degrees at which the path is repeated


class Rosette(NamedTuple):
    """Drawn in a viewBox from -1000 to 1000."""

    rings: tuple[Ring, ...]
    rim: str
    core: int


class Micro(NamedTuple):
    """The life line small enough for a row of a list: past, current and coming part, in a box `width` x 18."""

    past: str
    now: str
    coming: str
    dot: int
    width: int


def path(points: Sequence[Point], close: bool = False) -> str:
    """Points as a compact relative SVG path of whole numbers."""
    whole = [(round(x), round(y)) for x, y in points]
    steps = [(x - px, y - py) for (px, py), (x, y) in pairwise(whole)]
    drawn = " ".join(f"{dx} {dy}" for dx, dy in steps).replace(" -", "-")
    return f"M{whole[0][0]} {whole[0][1]}l{drawn}{'z' if close else ''}"


@lru_cache(512)
def rosette(digest: str) -> Rosette:
    """The seal of a SHA-256 in hex: where the rings lie, how many petals, how deep, which weave."""
    seed = bytes.fromhex(digest)
    outer, inner = 560 + seed[1] * 170 // 255, 300 + seed[2] * 130 // 255
    spans = ((900, outer + 14), (outer - 14, inner + 10), (inner - 10, 165))
    families = ((0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1))[seed[0] % 6]
    rings = tuple(
        _ring(family, span, seed[4 + place * 6 : 10 + place * 6])
        for place, (family, span) in enumerate(zip(families, spans, strict=True))
    )
    rim = "".join(_rim_stroke(place, int(digit, 16)) for place, digit in enumerate(digest))
    return Rosette(rings, rim, core=90 + seed[3] * 60 // 255)


def _ring(family: int, span: tuple[int, int], seed: bytes) -> Ring:
    if family == 0:  # a woven band
        petals, copies, mix = 10 + seed[0] % 9, 6, 0.12 + seed[1] / 900
    elif family == 1:  # broad petals
        petals, copies, mix = 5 + seed[0] % 4, 5, 0.45 + seed[1] / 800
    else:  # an open chain
        petals, copies, mix = 16 + seed[0] % 13, 2 + seed[2] % 2, 0.0
    middle, depth = sum(span) / 2, (span[0] - span[1]) / 2
    overtone, phase = petals * (2 + seed[3] % 2), seed[4] / 255 * math.tau
    steps = petals * (20 if petals > 9 else 34)

    def point(angle: float) -> Point:
        wave = (math.cos(petals * angle) + mix * math.cos(overtone * angle + phase)) / (1 + mix)
        radius = middle + depth * wave
        return radius * math.cos(angle), radius * math.sin(angle)

    drawn = path([point(math.tau * step / steps) for step in range(steps)], close=True)
    return Ring(drawn, tuple(round(360 / petals / copies * copy, 2) for copy in range(copies)))


def _rim_stroke(place: int, digit: int) -> str:
    angle = math.tau * place / 64 - math.pi / 2
    x, y, end = math.cos(angle), math.sin(angle), 977 - digit * 3.2
    return f"M{round(985 * x)} {round(985 * y)}L{round(end * x)} {round(end * y)}"


@lru_cache(8)
def strands(shape: str) -> tuple[str, ...]:
    """One piece of the life line in a box 1000 x 400: five strands, or one straight line."""
    return tuple(path(points) for points in _strands(shape, STRANDS))


def _strands(shape: str, count: int) -> list[list[Point]]:
    if shape not in WOVEN:
        return [[(0, 200), (1000, 200)]]
    return [[(x * 20, 10 * _height(shape, x / 50, strand, count)) for x in range(51)] for strand in range(count)]


def _height(shape: str, along: float, strand: int, count: int) -> float:
    if shape == "sealed":  # plaited: no strand can be told from another
        return 20 + 14 * math.pow(math.sin(math.pi * along), 0.55) * math.sin(math.tau * (along * 2 + strand / count))
    apart = along if shape == "opening" else 1 - max(0, (along - 0.45) / 0.55)
    return 20 + (strand - (count - 1) / 2) * 7 * apart * apart * (3 - 2 * apart)


@lru_cache(16)
def micro(stage: str, stages: tuple[str, ...]) -> Micro:
    """The life line of a procurement that is in `stage`."""
    widths = {"sealed": 34, "opening": 14, "evaluation": 16, stages[-1]: 0}
    here, left, dot = stages.index(stage), 5, 5
    past, current, coming = 0, 1, 2
    parts = ["", "", ""]
    for place, name in enumerate(stages):
        width = widths.get(name, 10)
        part = past if place < here else current if place == here else coming
        if place == here:
            dot = left
        for strand in _strands(name, 4 if name == "sealed" else 3):
            if width:
                thinned = strand[::2]
                ends = thinned if len(thinned) > 1 else strand
                parts[part] += path([(left * 10 + x / 100 * width, 90 + (y - 200) * 0.42) for x, y in ends])
        left += width
    return Micro(parts[past], parts[current], parts[coming], dot, left + 6)


def ornaments() -> dict[str, str]:
    """File name -> SVG of every tile that the style sheets use as a mask."""
    return {
        "security.svg": _svg(1200, 1200, _envelope(), 11, size=(60, 60)),
        "band.svg": _svg(1000, 420, _band(1000, 420), 1.1, extra=' preserveAspectRatio="none"'),
        "edge-h.svg": _svg(600, 200, _border(), 8, size=(60, 20)),
        "edge-v.svg": _svg(200, 600, _border(), 8, size=(20, 60), turn=' transform="matrix(0 1 1 0 0 0)"'),
        "braid-v.svg": _svg(240, 480, _braid(), 12, size=(24, 48)),
    }


def _svg(
    width: int, height: int, d: str, stroke: float, size: tuple[int, int] | None = None, extra: str = "", turn: str = ""
) -> str:
    drawn = f' width="{size[0]}" height="{size[1]}"' if size else ""
    box = f'viewBox="0 0 {width} {height}"'
    line = f'<path{turn} d="{d}" fill="none" stroke="#000" stroke-width="{stroke}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg"{drawn} {box}{extra}>{line}</svg>'


def _envelope() -> str:
    """The printed inside of a security envelope."""

    def sway(x: int, row: int) -> float:
        return 90 * math.sin(math.tau * x / 60 + row * 1.05) * math.cos(math.tau * x / 120)

    rows = [(row, 200 * row + 100, side) for row in range(6) for side in (1, -1)]
    return "".join(path([(x * 10, base + side * sway(x, row)) for x in range(0, 121, 2)]) for row, base, side in rows)


def _band(width: int, height: int, lines: int = 18) -> str:
    """The ground of the home page: fine waves that gather and open."""

    def y(u: float, k: float) -> float:
        swing = height * 0.46 * (math.pow(max(0.0, math.sin(math.pi * u)), 1.2) * 0.75 + 0.1)
        return height / 2 + swing * math.sin(math.tau * (u * 1.25 + k)) * math.cos(math.tau * (u * 0.5 + k / 2))

    return "".join(path([(x / 100 * width, y(x / 100, k / lines)) for x in range(101)]) for k in range(lines))


def _border() -> str:
    """An interlaced band, 60 x 20, for the frame of a receipt."""
    return "".join(
        path([(x * 10, 100 + 75 * math.sin(math.tau * (x / 60 + k / 6))) for x in range(0, 61, 2)]) for k in range(6)
    )


def _braid() -> str:
    """The plaited stage of the life line where it runs downwards, on phones."""
    return "".join(
        path([(120 + 90 * math.sin(math.tau * (y / 48 + k / 5)), y * 10) for y in range(0, 49, 2)]) for k in range(5)
    )
