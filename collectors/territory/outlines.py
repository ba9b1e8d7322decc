"""Outlines of groups of communes (departments, EPCI), dissolved from the outlines of the communes.

An edge two communes of one group share is inside it and cancels out; what is left is the outline.
Simplified arc by arc (Douglas-Peucker, 1973), an arc being what two groups share: neighbours keep
the same border, without gap nor overlap. Pure.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

Point = tuple[float, float]  # longitude, latitude
Ring = list[Point]  # closed: its first point is its last
Polygon = list[Ring]  # the outer ring, anticlockwise, then its holes (RFC 7946)
Edges = dict[tuple[Point, Point], None]  # in the order they came: same input, same output

DECIMALS = 4  # of a degree: eleven metres
TOLERANCE = 0.001  # degrees a simplified border may stray: about 100 m
_SLIVER = 1e-6  # square degrees: about a hectare; smaller is a seam between two communes


def add(edges: Edges, polygon: Sequence[Sequence[Sequence[float]]]) -> None:
    """Add a polygon of a member to the outline of its group; shared edges cancel out."""
    for number, ring in enumerate(polygon):
        points = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y, *_ in ring]
        if points and points[0] != points[-1]:
            points.append(points[0])
        if (area(points) > 0) == (number > 0):  # outer rings anticlockwise, holes clockwise
            points.reverse()
        for a, b in itertools.pairwise(points):
            if a == b:
                continue
            if (b, a) in edges:
                del edges[b, a]
            else:
                edges[a, b] = None


def outlines(
    groups: Mapping[str, Edges], *, tolerance: float = TOLERANCE
) -> dict[str, list[Polygon]]:
    """The polygons of each group, simplified together; slivers are left out."""
    sharing: defaultdict[frozenset[Point], set[str]] = defaultdict(set)
    for name, edges in groups.items():
        for a, b in edges:
            sharing[frozenset((a, b))].add(name)
    found = {}
    for name, edges in groups.items():
        rings = [_simplified(ring, sharing, tolerance) for ring in _rings(edges)]
        found[name] = _polygons(ring for ring in rings if abs(area(ring)) > _SLIVER)
    return found


def area(ring: Sequence[Point]) -> float:
    """Signed, in square degrees: positive when anticlockwise (shoelace formula)."""
    pairs = itertools.pairwise(ring)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def _rings(edges: Edges) -> Iterator[Ring]:
    """The edges chained into closed rings. An edge that leads nowhere is left out."""
    leaving: defaultdict[Point, list[Point]] = defaultdict(list)
    for a, b in edges:
        leaving[a].append(b)
    for start in list(leaving):
        while leaving[start]:
            ring = [start]
            while leaving[ring[-1]]:
                ring.append(leaving[ring[-1]].pop())
                if ring[-1] == start:
                    yield ring
                    break


def _simplified(ring: Ring, sharing: Mapping[frozenset[Point], set[str]], tolerance: float) -> Ring:
    owners = [sharing[frozenset(pair)] for pair in itertools.pairwise(ring)]
    # A junction is a point where the neighbour changes.
    cuts = [n for n in range(len(owners)) if owners[n] != owners[n - 1]]
    if not cuts:  # one neighbour all around: both must start at the same point
        cuts = [min(range(len(owners)), key=lambda n: ring[n])]
    turned = [*ring[cuts[0] : -1], *ring[: cuts[0] + 1]]
    bounds = [*(n - cuts[0] for n in cuts), len(ring) - 1]
    kept = turned[:1]
    for first, last in itertools.pairwise(bounds):
        kept += _arc(turned[first : last + 1], tolerance)[1:]
    return kept


def _arc(points: Ring, tolerance: float) -> Ring:
    """The same whichever way it is walked."""
    backwards = (points[-1], points[-2]) < (points[0], points[1])
    kept = thinned(points[::-1] if backwards else points, tolerance)
    return kept[::-1] if backwards else kept


def thinned(points: Sequence[Point], tolerance: float) -> Ring:
    """The points needed to stay within `tolerance` of the line; the ends are kept."""
    kept = {0, len(points) - 1}
    todo = [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        far, where = tolerance, 0
        for n in range(first + 1, last):
            if (distance := _distance(points[n], points[first], points[last])) > far:
                far, where = distance, n
        if where:
            kept.add(where)
            todo += [(first, where), (where, last)]
    return [points[n] for n in sorted(kept)]


def _distance(p: Point, a: Point, b: Point) -> float:
    """From a point to a segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length if length else 0.0
    t = max(0.0, min(1.0, t))
    return math.dist(p, (a[0] + t * dx, a[1] + t * dy))


def _polygons(rings: Iterable[Ring]) -> list[Polygon]:
    """Outer rings, largest first, each with the holes it holds."""
    ordered = sorted(rings, key=lambda ring: -abs(area(ring)))
    found: list[Polygon] = [[ring] for ring in ordered if area(ring) > 0]
    for hole in (ring for ring in ordered if area(ring) < 0):
        around = [one for one in found if _holds(one[0], hole)]
        if around:
            around[-1].append(hole)  # the smallest
    return found


def _holds(outer: Ring, inner: Ring) -> bool:
    """By a point that is not on the border: rings may touch."""
    border = set(outer)
    x, y = next((p for p in inner if p not in border), inner[0])
    inside = False
    for (x1, y1), (x2, y2) in itertools.pairwise(outer):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
