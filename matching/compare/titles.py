"""What two titles have in common, and what each announcement tells of the other's."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.cards import Floats, Ints
from matching.compare.columns import F, alike, both_sides
from matching.compare.prepared import Known, Prepared
from matching.matrices import Matrix, binary, dots, meet, row_sums, share, unsaid


def fill_titles(ready: Prepared, a: Ints, b: Ints, known: Known, out: Matrix) -> None:
    """Letters, words, numbers and practices of titles, then descriptions."""
    written = ready.titles
    out[:, F["title_ratio"]] = alike(written[a].tolist(), written[b].tolist())
    out[:, F["title_equal"]] = out[:, F["title_ratio"]] == 1
    core_a, core_b = ready.core[a], ready.core[b]
    mass_a, mass_b = ready.title_mass[a], ready.title_mass[b]
    shared = dots(core_a, binary(core_b))
    cover_a, cover_b = share(shared, mass_a), share(shared, mass_b)
    both_sides(out, "title_cover", cover_a, cover_b)
    out[:, F["title_mass"]] = shared
    unsaid_a = unsaid(core_a, known[1])
    unsaid_b = unsaid(core_b, known[0])
    lost_a, lost_b = row_sums(unsaid_a), row_sums(unsaid_b)
    both_sides(out, "left", share(lost_a, mass_a), share(lost_b, mass_b))
    both_sides(out, "left_mass", lost_a, lost_b)
    counts = [np.diff(m.indptr).astype(np.float64) for m in (unsaid_a, unsaid_b)]
    both_sides(out, "left_count", counts[0], counts[1])
    out[:, F["left_ratio"]] = _left_ratio(ready.spelt, unsaid_a, unsaid_b)
    out[:, F["numbers_clash"]] = 1 - meet(ready.numbers, a, b)
    out[:, F["practice_clash"]] = 1 - meet(ready.practices, a, b)
    _texts(ready, (a, b), (core_a, core_b), (mass_a, mass_b), out)


def _texts(
    ready: Prepared, ends: tuple[Ints, Ints], cores: Known, masses: tuple[Floats, Floats],
    out: Matrix,
) -> None:  # fmt: skip
    """What each description says of the other's title, and what both tell that names nothing: a
    sentence copied into a longer text is `within` it, whatever surrounds it."""
    (a, b), (core_a, core_b), (mass_a, mass_b) = ends, cores, masses
    text_a, text_b = ready.text[a], ready.text[b]
    said_a = share(dots(core_a, text_b), mass_a)
    said_b = share(dots(core_b, text_a), mass_b)
    none_a, none_b = np.diff(text_a.indptr) == 0, np.diff(text_b.indptr) == 0
    said = np.fmax(np.where(none_b, np.nan, said_a), np.where(none_a, np.nan, said_b))
    out[:, F["text_cover"]] = said
    common = dots(ready.story[a], binary(ready.story[b]))
    story_a, story_b = ready.story_mass[a], ready.story_mass[b]
    told = (story_a > 0) & (story_b > 0)
    out[:, F["text_same"]] = np.where(told, share(common, story_a + story_b - common), np.nan)
    out[:, F["text_within"]] = np.where(told, share(common, np.minimum(story_a, story_b)), np.nan)
    out[:, F["text_mass"]] = np.where(told, common, np.nan)


def _left_ratio(words: NDArray[np.object_], one: sparse.csr_array, two: sparse.csr_array) -> Floats:
    """How alike what is left on both sides is: a typo is near 1, another sport near 0."""
    out = np.full(one.shape[0], np.nan)
    both = np.flatnonzero((np.diff(one.indptr) > 0) & (np.diff(two.indptr) > 0))
    if len(both):
        left, right = (_spelt(words, side, both) for side in (one, two))
        out[both] = alike(left, right)
    return out


def _spelt(words: NDArray[np.object_], matrix: sparse.csr_array, rows: Ints) -> list[str]:
    """The words of these rows in the order of their spelling, which is that of their numbers."""
    matrix.sort_indices()
    starts, counts = matrix.indptr[rows], np.diff(matrix.indptr)[rows]
    out = words[matrix.indices[starts]]
    for k in range(1, counts.max()):
        more = np.flatnonzero(counts > k)
        out[more] += " " + words[matrix.indices[starts[more] + k]]
    return list(out.tolist())
