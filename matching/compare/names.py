"""Who and where: names of organisers, venues and communes, each couple of them compared once."""

import numpy as np
from scipy import sparse

from matching.cards import NONE, Bools, Cards, Floats, Ints, Names, distance_km
from matching.compare.columns import F, alike, equal
from matching.compare.prepared import Known, Prepared
from matching.matrices import Matrix, binary, dots, row_sums, share


def fill_organisers(ready: Prepared, a: Ints, b: Ints, known: Known, out: Matrix) -> None:
    """Who organises."""
    codes = ready.cards.organiser[a], ready.cards.organiser[b]
    both = (codes[0] != NONE) & (codes[1] != NONE)
    same = both & (codes[0] == codes[1])
    out[same, F["organiser_ratio"]] = out[same, F["organiser_cover"]] = 1
    rows = np.flatnonzero(both & ~same)
    found = _by_name(ready.organiser_texts, ready.organiser, codes[0][rows], codes[1][rows])
    out[rows, F["organiser_ratio"]], out[rows, F["organiser_cover"]] = found
    town = ready.town_hall
    halls = town[codes[0]].astype(int) + town[codes[1]]
    out[:, F["organiser_town"]] = np.where(both, halls, np.nan)
    same &= ~town[codes[0]]  # which is compared as « mairie », and may not say the word
    out[:, F["organiser_said"]] = _said(ready.organiser, codes, known, same)


def _by_name(
    texts: list[str], weights: sparse.csr_array, a: Ints, b: Ints
) -> tuple[Floats, Floats]:
    """Ratio and word cover of pairs of names, computed once per distinct pair."""
    if not len(a):
        return np.zeros(0), np.zeros(0)
    low, high = np.minimum(a, b), np.maximum(a, b)
    pairs, back = np.unique(low * len(texts) + high, return_inverse=True)
    one, two = pairs // len(texts), pairs % len(texts)
    ratio = alike([texts[i] for i in one.tolist()], [texts[i] for i in two.tolist()])
    words_one, words_two = weights[one], weights[two]
    shared = dots(words_one, binary(words_two))
    cover = share(shared, np.minimum(row_sums(words_one), row_sums(words_two)))
    return ratio[back], cover[back]


def _said(names: sparse.csr_array, codes: tuple[Ints, Ints], known: Known, same: Bools) -> Floats:
    """The share of one record's name that the other says somewhere, the better of both sides; all
    of it where both have the `same`."""
    out = np.where(same, 1.0, np.nan)
    for code, other in zip(codes, reversed(known), strict=True):
        rows = np.flatnonzero(~same & (code != NONE))
        mine = names[code[rows]]
        out[rows] = np.fmax(out[rows], share(dots(mine, other[rows]), row_sums(mine)))
    return out


def fill_places(ready: Prepared, a: Ints, b: Ints, known: Known, out: Matrix) -> None:
    """Venue, address, commune, département, distance."""
    cards = ready.cards
    for name, codes, names in (
        ("venue_ratio", cards.venue, cards.venues),
        ("address_ratio", cards.address, cards.addresses),
        ("commune", cards.commune, cards.communes),
    ):
        out[:, F[name]] = _ratio(names, codes[a], codes[b])
    near = out[:, F["commune"]]
    out[:, F["commune"]] = np.where(np.isnan(near), np.nan, near >= 0.88)
    venues, communes = (cards.venue[a], cards.venue[b]), (cards.commune[a], cards.commune[b])
    out[:, F["venue_said"]] = _said(ready.venue, venues, known, _one(*venues))
    out[:, F["commune_said"]] = _said(ready.commune, communes, known, _one(*communes))
    _insee(cards, a, b, out)
    out[:, F["department"]] = equal(cards.department, a, b)
    out[:, F["postcode"]] = equal(cards.postcode, a, b)
    out[:, F["km"]] = np.log1p(distance_km(cards.latitude, cards.longitude, a, b))


def _insee(cards: Cards, a: Ints, b: Ints, out: Matrix) -> None:
    """Two codes decide whatever the names say (Saint-Denis 93066 is not 97411)."""
    same = equal(cards.insee, a, b)
    told = ~np.isnan(same)
    out[told, F["commune"]] = same[told]


def _one(a: Ints, b: Ints) -> Bools:
    """Whether two codes are one, and said."""
    return np.asarray((a == b) & (a != NONE))


def _ratio(names: Names, a: Ints, b: Ints) -> Floats:
    """How alike two names are, NaN where one is absent; computed once per distinct pair."""
    out = np.where(_one(a, b), 1.0, np.nan)
    rows = np.flatnonzero((a != NONE) & (b != NONE) & (a != b))
    if len(rows):
        size, one, two = len(names.values), a[rows], b[rows]
        pairs, back = np.unique(np.minimum(one, two) * size + np.maximum(one, two),
                                return_inverse=True)  # fmt: skip
        ends = ([names.values[i] for i in code.tolist()] for code in np.divmod(pairs, size))
        out[rows] = alike(*ends)[back]
    return out
