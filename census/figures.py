"""Figures as SVG, each with a title and a description; the table that says the same stands beside.

Drawn by hand: two shapes are enough, and their bytes depend on the numbers alone.
"""

import math
from collections.abc import Sequence

from census.cells import xml
from census.indicators import Count

INK, BAR, SOFT, DOT = "#1f2733", "#2f5d8a", "#d9e2ec", "#b3432b"
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


def points(
    places: Sequence[tuple[float, float, int]],
    background: Sequence[tuple[float, float]],
    *,
    title: str,
    width: int = 480,
) -> str:
    """(latitude, longitude, count) as discs whose area is the count, over the centres known."""
    everywhere = [(lat, lon) for lat, lon, _ in places] + list(background)
    if not everywhere:
        return _svg("", title, "aucun lieu connu", width=width, height=40)
    south, north = min(p[0] for p in everywhere), max(p[0] for p in everywhere)
    west, east = min(p[1] for p in everywhere), max(p[1] for p in everywhere)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (width - 40) / max((east - west) * squeeze, 0.01)
    height = round((north - south) * scale + 40)

    def at(lat: float, lon: float) -> tuple[float, float]:
        return round(20 + (lon - west) * squeeze * scale, 1), round(20 + (north - lat) * scale, 1)

    parts = []
    for lat, lon in background:
        x, y = at(lat, lon)
        parts.append(f'<circle cx="{x}" cy="{y}" r="1.4" fill="#9aa7b5"/>')
    for lat, lon, count in sorted(places, key=lambda one: -one[2]):
        x, y = at(lat, lon)
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="{3 + 2 * math.sqrt(count):.1f}" fill="{DOT}" '
            'fill-opacity="0.55"/>'
        )
    said = f"{len(places)} lieux, {sum(one[2] for one in places)} initiatives"
    return _svg("".join(parts), title, said, width=width, height=height)


def describe(counts: Sequence[Count]) -> str:
    """The figure in words: « Gap : 4 ; Nice : 2 »."""
    return " ; ".join(f"{one.label} : {one.count}" for one in counts) or "aucune donnée"


def _svg(body: str, title: str, words: str, *, width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img"><title>{xml(title)}</title>'
        f"<desc>{xml(words)}</desc>{body}</svg>"
    )
