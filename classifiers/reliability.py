"""The reliability plot: does « 0.8 » mean right eight times out of ten? A small SVG, no library."""

from collections.abc import Mapping, Sequence
from html import escape

SIZE = 220
MARGIN = 34


def svg(curves: Mapping[str, Sequence[tuple[float, float, int]]]) -> str:
    """One square per name; points are (probability said, share right, how many)."""
    width = MARGIN + len(curves) * (SIZE + MARGIN)
    height = SIZE + 2 * MARGIN
    squares = "".join(
        _square(name, points, MARGIN + i * (SIZE + MARGIN))
        for i, (name, points) in enumerate(curves.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="11">'
        "<title>Fiabilité : probabilité annoncée (abscisse), part de justes (ordonnée)</title>"
        f"{squares}</svg>\n"
    )


def _square(name: str, points: Sequence[tuple[float, float, int]], left: int) -> str:
    most = max((n for _, _, n in points), default=1)
    placed = [
        (left + said * SIZE, MARGIN + (1 - was) * SIZE, 2 + 6 * (n / most) ** 0.5, said, was, n)
        for said, was, n in points
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in placed)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="#1f5fa8">'
        f"<title>annoncé {said:.2f}, juste {was:.2f}, {n} textes</title></circle>"
        for x, y, r, said, was, n in placed
    )
    return (
        f'<text x="{left}" y="{MARGIN - 10}">{escape(name)}</text>'
        f'<rect x="{left}" y="{MARGIN}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#999"/>'
        f'<line x1="{left}" y1="{MARGIN + SIZE}" x2="{left + SIZE}" y2="{MARGIN}"'
        ' stroke="#999" stroke-dasharray="4"/>'
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8"/>{dots}'
        f'<text x="{left}" y="{MARGIN + SIZE + 14}">0</text>'
        f'<text x="{left + SIZE - 6}" y="{MARGIN + SIZE + 14}">1</text>'
    )
