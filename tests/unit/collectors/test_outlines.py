"""Outlines dissolved from communes: borders inside cancel, neighbours keep the same line."""

from hypothesis import given
from hypothesis import strategies as st

from collectors.territory.outlines import Edges, add, area, outlines, thinned


def square(x: float, y: float, side: float = 1) -> list[list[list[float]]]:
    return [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]]


def drawn(**members: list[list[list[list[float]]]]) -> dict[str, Edges]:
    groups: dict[str, Edges] = {}
    for name, polygons in members.items():
        edges = groups.setdefault(name, {})
        for polygon in polygons:
            add(edges, polygon)
    return groups


def test_two_squares_side_by_side_are_one_rectangle() -> None:
    (polygon,) = outlines(drawn(a=[square(0, 0), square(1, 0)]))["a"]
    assert [area(ring) for ring in polygon] == [2]
    assert set(polygon[0]) == {(0, 0), (2, 0), (2, 1), (0, 1)}


def test_the_way_a_ring_is_walked_does_not_matter() -> None:
    clockwise = [square(1, 0)[0][::-1]]
    assert outlines(drawn(a=[square(0, 0), clockwise])) == outlines(
        drawn(a=[square(0, 0), square(1, 0)])
    )


def test_an_enclave_is_a_hole_of_one_and_an_island_of_the_other() -> None:
    around = [square(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    found = outlines(drawn(drome=around, vaucluse=[square(1, 1), square(5, 5)]))
    (drome,) = found["drome"]
    assert [area(ring) for ring in drome] == [9, -1]
    assert sorted(area(p[0]) for p in found["vaucluse"]) == [1, 1]


def test_a_seam_between_communes_is_not_an_island() -> None:
    seam = [[[0.5, 1.0], [0.9, 1.0], [0.9, 1.0001], [0.5, 1.0]]]
    assert len(outlines(drawn(a=[square(0, 0), seam]))["a"]) == 1


bumps = st.lists(st.floats(-0.05, 0.05), min_size=1, max_size=30)


@given(bumps)
def test_neighbours_keep_the_same_border_once_simplified(shifts: list[float]) -> None:
    ys = [(n + 1) / (len(shifts) + 1) for n in range(len(shifts))]
    border = [[1 + dx, y] for dx, y in zip(shifts, ys, strict=True)]
    west = [[[0, 0], [1, 0], *border, [1, 1], [0, 1], [0, 0]]]
    east = [[[1, 0], [2, 0], [2, 1], [1, 1], *border[::-1], [1, 0]]]
    found = outlines(drawn(west=[west], east=[east]), tolerance=0.02)
    (w,), (e,) = found["west"], found["east"]
    shared = {p for p in w[0] if 0.5 < p[0] < 1.5}
    assert shared == {p for p in e[0] if 0.5 < p[0] < 1.5}
    assert abs(area(w[0]) + area(e[0]) - 2) < 1e-6


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40))
def test_thinning_keeps_the_ends_and_only_points_that_were_there(
    points: list[tuple[float, float]],
) -> None:
    kept = thinned(points, 0.1)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert set(kept) <= set(points)
