"""Figures as SVG, each with a title and a description; the table that says the same stands beside.

Drawn by hand: a few shapes are enough, and their bytes depend on the numbers alone.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from census.cells import xml
from census.indicators import Count
from domain.outlines import Outline

INK, BAR, SOFT, DOT = "#1f2733", "#2f5d8a", "#d9e2ec", "#b3432b"
PAPER, LINE = "#f4f6f9", "#9aa7b5"
SHADES = ("#f4f6f9", "#dbe6f1", "#b3cbe2", "#7ba3c9", "#2f5d8a")  # none, then four quarters
WHITE_FROM = 4  # the shade from which ink is white: contrast ≥ 4.5 on each
_FONT = 'font-family="Libertinus Serif, serif" font-size="11"'


def bars(counts: Sequence[Count], *, title: str, width: int = 480) -> str:
    """A horizontal bar a count, its label and number written."""
    most = max((one.count for one in counts), default=0) or 1
    left, line = 190, 22
    height = line * len(counts) + 8
    parts = []
    for number, one in enumerate(counts):
        y = 4 + number * line
        length = round((width - left - 50) * one.count / most, 1)
        label = one.label if len(one.label) <= 34 else f"{one.label[:33]}…"
        parts.append(
            f'<text x="{left - 8}" y="{y + 14}" text-anchor="end" {_FONT} fill="{INK}">'
            f'{xml(label)}</text><rect x="{left}" y="{y + 3}" width="{length}" height="14" '
            f'fill="{BAR}"/><text x="{left + length + 6}" y="{y + 14}" {_FONT} fill="{INK}">'
            f"{one.count}</text>"
        )
    return _svg("".join(parts), title, describe(counts), width=width, height=height)


def columns(counts: Sequence[Count], *, title: str, width: int = 480, height: int = 170) -> str:
    """A vertical bar a count, one label in a few: for months."""
    most = max((one.count for one in counts), default=0) or 1
    base, step = height - 42, (width - 40) / max(len(counts), 1)
    every = max(1, math.ceil(len(counts) / 12))
    parts = [f'<line x1="30" y1="{base}" x2="{width - 6}" y2="{base}" stroke="{INK}"/>']
    for value in (most, most / 2):
        y = round(base - (base - 14) * value / most, 1)
        parts.append(
            f'<line x1="30" y1="{y}" x2="{width - 6}" y2="{y}" stroke="{SOFT}"/>'
            f'<text x="26" y="{y + 4}" text-anchor="end" {_FONT} fill="{INK}">{value:g}</text>'
        )
    for number, one in enumerate(counts):
        x, tall = round(32 + number * step, 1), round((base - 14) * one.count / most, 1)
        wide = round(max(step - 2, 1), 1)
        parts.append(
            f'<rect x="{x}" y="{round(base - tall, 1)}" width="{wide}" height="{tall}" '
            f'fill="{BAR}"/>'
        )
        if number % every == 0:
            parts.append(
                f'<text transform="translate({x + step / 2:.1f} {base + 10}) rotate(35)" {_FONT} '
                f'fill="{INK}">{one.code[5:7]}/{one.code[2:4]}</text>'
            )
    return _svg("".join(parts), title, describe(counts), width=width, height=height)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Degrees to drawing units: equirectangular, right to a percent over a region."""

    west: float
    north: float
    squeeze: float
    scale: float
    width: int
    height: int

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        x = 20 + (lon - self.west) * self.squeeze * self.scale
        return round(x, 1), round(20 + (self.north - lat) * self.scale, 1)

    def path(self, shape: Outline) -> str:
        """The outline as an SVG path; holes are left empty by the even-odd rule."""
        rings = (ring for polygon in shape.polygons for ring in polygon)
        return "".join(self._ring(ring) for ring in rings)

    def _ring(self, ring: Iterable[tuple[float, float]]) -> str:
        pairs = (f"{x:g} {y:g}" for x, y in (self.at(lat, lon) for lon, lat in ring))
        return "M" + "L".join(pair for pair, _ in groupby(pairs)) + "Z"


def _frame(points: Sequence[tuple[float, float]], width: int) -> _Frame:
    """What holds every (latitude, longitude), in that width."""
    south, north = min(p[0] for p in points), max(p[0] for p in points)
    west, east = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (width - 40) / max((east - west) * squeeze, 0.01)
    height = round((north - south) * scale + 40)
    return _Frame(west=west, north=north, squeeze=squeeze, scale=scale, width=width, height=height)


def _corners(shapes: Iterable[Outline]) -> list[tuple[float, float]]:
    boxes = [one.box for one in shapes]
    return [corner for w, s, e, n in boxes for corner in ((s, w), (n, e))]


def points(
    places: Sequence[tuple[float, float, int]],
    background: Sequence[tuple[float, float]],
    *,
    title: str,
    shapes: Sequence[Outline] = (),
    width: int = 480,
) -> str:
    """(latitude, longitude, count) as discs whose area is the count, over the outlines of the
    territory and the centres known."""
    corners = _corners(shapes)
    everywhere = corners or [(lat, lon) for lat, lon, _ in places] + list(background)
    if not everywhere:
        return _svg("", title, "aucun lieu connu", width=width, height=40)
    frame = _frame(everywhere, width)
    parts = [
        f'<path d="{frame.path(one)}" fill="{PAPER}" fill-rule="evenodd" stroke="{LINE}" '
        'stroke-width="0.8"/>'
        for one in shapes
    ]
    for lat, lon in background:
        x, y = frame.at(lat, lon)
        parts.append(f'<circle cx="{x}" cy="{y}" r="0.9" fill="{LINE}"/>')
    for lat, lon, count in sorted(places, key=lambda one: -one[2]):
        x, y = frame.at(lat, lon)
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="{3 + 2 * math.sqrt(count):.1f}" fill="{DOT}" '
            'fill-opacity="0.55"/>'
        )
    said = f"{len(places)} lieux, {sum(one[2] for one in places)} initiatives"
    return _svg("".join(parts), title, said, width=width, height=frame.height)


def territory(
    counts: Sequence[Count],
    shapes: Mapping[str, Outline],
    around: Iterable[Outline] = (),
    *,
    title: str,
    width: int = 480,
) -> str:
    """Each territory shaded by its count, its code and count written on it: the number is never
    told by the colour alone. `around` are the neighbours, left white."""
    known = [one for one in counts if one.code in shapes]
    if not known:
        return _svg("", title, describe(counts), width=width, height=40)
    frame = _frame(_corners(shapes[one.code] for one in known), width)
    most = max(one.count for one in known) or 1
    parts = [
        f'<path d="{frame.path(one)}" fill="none" stroke="{SOFT}" stroke-width="0.8"/>'
        for one in around
    ]
    for one in known:
        step = math.ceil(one.count / most * (len(SHADES) - 1))
        parts.append(
            f'<path d="{frame.path(shapes[one.code])}" fill="{SHADES[step]}" '
            f'fill-rule="evenodd" stroke="{INK}" stroke-width="0.7"/>'
        )
    for one in known:
        x, y = frame.at(*_middle(shapes[one.code]))
        dark = math.ceil(one.count / most * (len(SHADES) - 1)) >= WHITE_FROM
        ink = "#ffffff" if dark else INK
        parts.append(
            f'<text x="{x}" y="{y}" text-anchor="middle" {_FONT} fill="{ink}">{xml(one.code)}'
            f'</text><text x="{x}" y="{y + 15:g}" text-anchor="middle" {_FONT} '
            f'font-weight="bold" fill="{ink}">{one.count}</text>'
        )
    return _svg("".join(parts), title, describe(counts), width=width, height=frame.height)


def _middle(shape: Outline) -> tuple[float, float]:
    """(latitude, longitude) of a place to write on: the middle of the widest chord of its largest
    polygon, among a few near its mid-height. A centroid may fall in a lagoon."""
    rings = max(shape.polygons, key=lambda polygon: _extent(polygon[0]))
    ys = [y for _, y in rings[0]]
    south, north = min(ys), max(ys)
    chords = []
    for step in range(30, 71, 5):
        lat = south + (north - south) * step / 100
        xs = sorted(x for ring in rings for x in _crossed(ring, lat))
        chords += [
            (b - a, -abs(step - 50), lat, (a + b) / 2)
            for a, b in zip(xs[::2], xs[1::2], strict=True)
        ]
    _, _, lat, lon = max(chords)
    return lat, lon


def _extent(ring: Sequence[tuple[float, float]]) -> float:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def _crossed(ring: Sequence[tuple[float, float]], lat: float) -> Iterable[float]:
    """The longitudes where a ring crosses a parallel."""
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat):
            yield x1 + (x2 - x1) * (lat - y1) / (y2 - y1)


def describe(counts: Sequence[Count]) -> str:
    """The figure in words: « Gap : 4 ; Nice : 2 »."""
    return " ; ".join(f"{one.label} : {one.count}" for one in counts) or "aucune donnée"


def _svg(body: str, title: str, words: str, *, width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img"><title>{xml(title)}</title>'
        f"<desc>{xml(words)}</desc>{body}</svg>"
    )
