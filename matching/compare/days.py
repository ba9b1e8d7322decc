"""How two announcements lie in time: days, years, editions."""

import numpy as np

from matching.cards import Cards, Floats, Ints
from matching.compare.columns import F, both_sides
from matching.matrices import Matrix

YEAR_DAYS = 365.25


def fill_days(cards: Cards, a: Ints, b: Ints, out: Matrix) -> None:
    """Days, years and editions."""
    first_a, first_b, last_a, last_b = cards.first[a], cards.first[b], cards.last[a], cards.last[b]
    gap = np.maximum(0, np.maximum(first_a, first_b) - np.minimum(last_a, last_b))
    start = np.abs(first_a - first_b)
    out[:, F["gap"]] = np.log1p(gap)
    out[:, F["start_gap"]] = np.log1p(start)
    out[:, F["end_gap"]] = np.log1p(np.abs(last_a - last_b))
    span_a, span_b = last_a - first_a, last_b - first_b
    both_sides(out, "span", np.log1p(span_a), np.log1p(span_b))
    a_in_b = (first_a >= first_b) & (last_a <= last_b)
    within = a_in_b | ((first_b >= first_a) & (last_b <= last_a))
    out[:, F["inside"]] = np.where(np.isnan(gap), np.nan, within & (span_a != span_b))
    rest = np.mod(start, 7)
    out[:, F["week_rest"]] = np.where(
        (start > 3) & (start < 200), np.minimum(rest, 7 - rest), np.nan
    )
    turns = np.maximum(1, np.round(start / YEAR_DAYS))
    out[:, F["year_rest"]] = np.where(start > 150, np.abs(start - turns * YEAR_DAYS), np.nan)
    out[:, F["year_gap"]] = np.abs(cards.year[a] - cards.year[b])
    own_a, own_b = edition_year(cards, a), edition_year(cards, b)
    clash = np.fmax(np.abs(own_a - cards.year[b]), np.abs(own_b - cards.year[a]))
    out[:, F["title_year_clash"]] = clash
    said = (cards.edition[a] > 0) & (cards.edition[b] > 0)
    out[:, F["edition_gap"]] = np.where(said, np.abs(cards.edition[a] - cards.edition[b]), np.nan)
    none_a, none_b = np.isnan(first_a), np.isnan(first_b)
    # « Plan 2019 » in both titles is what they are called, when one gives a day of 2024 or a grant
    # is of 2020.
    named = (none_a | none_b) & (cards.title_year[a] == cards.title_year[b])
    out[named, F["title_year_clash"]] = 0
    from_title = np.where(none_a, cards.year[a], cards.year[b]) == cards.title_year[a]
    out[named & from_title & (none_a != none_b), F["year_gap"]] = np.nan
    out[:, F["undated"]] = none_a.astype(int) + none_b
    out[:, F["soft"]] = cards.soft[a].astype(int) + cards.soft[b]
    if cards.days:
        _several_days(cards, a, b, out)


def edition_year(cards: Cards, i: Ints) -> Floats:
    """The year that the title gives its edition; « 2030, et après ? » held in 2026 gives none: a
    year far from the day is what it is about."""
    told = cards.title_year[i]
    far = ~np.isnan(cards.first[i]) & (np.abs(told - cards.year[i]) > 1)
    return np.where(far, np.nan, told)


def _several_days(cards: Cards, a: Ints, b: Ints, out: Matrix) -> None:
    """Records with separate days meet on a day they share, not between their first and last."""
    for i, (one, two) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        if (one in cards.days or two in cards.days) and not out[i, F["undated"]]:
            each = [
                cards.days.get(x) or frozenset(range(int(cards.first[x]), int(cards.last[x]) + 1))
                for x in (one, two)
            ]
            common = len(each[0] & each[1])
            out[i, F["shared_days"]] = common / min(len(each[0]), len(each[1]))
            if not common:
                closest = min(abs(x - y) for x in each[0] for y in each[1])
                out[i, F["gap"]] = np.log1p(closest)
