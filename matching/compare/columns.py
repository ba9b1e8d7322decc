"""The features of a pair, by name and by number."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from matching.cards import NONE, Floats, Ints
from matching.matrices import Matrix

FEATURES = (
    "title_ratio", "title_cover_min", "title_cover_max", "left_min", "left_max", "left_mass_min",
    "left_mass_max", "left_count_min", "left_count_max", "left_ratio", "title_equal", "title_mass",
    "numbers_clash", "practice_clash",
    "text_cover", "text_same", "text_within", "text_mass",
    "gap", "start_gap", "end_gap", "span_min", "span_max", "inside", "week_rest", "year_rest",
    "year_gap", "title_year_clash", "edition_gap", "undated", "soft", "shared_days",
    "organiser_ratio", "organiser_cover", "organiser_town", "organiser_said",
    "venue_ratio", "venue_said", "address_ratio", "commune", "commune_said", "department",
    "postcode", "km", "link", "host", "source", "identifier", "moved",
)  # fmt: skip
F = {name: i for i, name in enumerate(FEATURES)}


def both_sides(out: Matrix, name: str, one: Floats, two: Floats) -> None:
    """Both sides of a measure as its minimum and maximum, so that a and b may swap."""
    out[:, F[f"{name}_min"]] = np.fmin(one, two)
    out[:, F[f"{name}_max"]] = np.fmax(one, two)


def equal(codes: Ints, a: Ints, b: Ints) -> Floats:
    """1 where both say the same, 0 where they do not, NaN where one is silent."""
    both = (codes[a] != NONE) & (codes[b] != NONE)
    return np.where(both, (codes[a] == codes[b]).astype(np.float64), np.nan)


def alike(one: Sequence[str], two: Sequence[str]) -> Floats:
    """How alike texts are, one by one, from 0 to 1."""
    found: Floats = process.cpdist(one, two, scorer=fuzz.ratio) / 100
    return found
