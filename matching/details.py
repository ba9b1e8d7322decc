"""One detail is enough to tell two things apart: a word, an edition, an hour, a house.

Words are those of `families` (hommes / femmes, demi-finale / finale). Numbers always told apart
(U11 and U13, jour 1 and jour 2). The rest is asked, never merged without.
"""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from matching import bodies
from matching.caps import ASKED, HARDLY, OTHER, PART, PERHAPS, SAME, Cap
from matching.cards import NONE, Bools, Cards, Floats, Ints
from matching.compare import F, Prepared
from matching.families import families, of_members
from matching.matrices import Matrix, binary, chunks, dots, row_sums, same_rows, unsaid

Both = tuple[sparse.csr_array, sparse.csr_array]  # of the first, of the second of pairs
MISSPELT = 0.8  # likeness of two words, from which they are one
KNOWN = 0.9  # rarity under which a word is of the language, and no misspelling
HOURS = 2  # between two sessions of a day: under, doors open and the match begins
ONE_HOUSE = 0.9  # likeness of two venues, from which they are one


def details(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats) -> Iterator[Cap]:
    """What may still be thought the same of pairs that a detail tells apart."""
    of_day = np.where(_one_day(x), PART, OTHER)  # held together, or again
    counted = _counted(ready, a, b, x)
    yield Cap(counted, HARDLY, to=of_day[counted])
    rows = np.flatnonzero(p[:, SAME] > PERHAPS)
    two_members, alone = opposed(ready, a[rows], b[rows])
    one, two, seen = a[rows], b[rows], x[rows]
    editions = (seen[:, F["edition_gap"]] > 0) & ~(seen[:, F["gap"]] > 0)
    yield Cap(rows[editions], PERHAPS)
    members = rows[two_members]
    yield Cap(members, PERHAPS, to=of_day[members])
    doubtful = (
        alone
        | _other_words(seen)
        | _two_acronyms(ready, one, two, seen)
        | _sessions(ready.cards, one, two)
    )
    doubtful |= _other_house(ready, one, two, seen) | _other_side(ready, one, two, seen)
    asked = rows[doubtful | _two_houses(ready, one, two, seen)]
    yield Cap(asked, ASKED, to=of_day[asked])


def _one_day(x: Matrix) -> Bools:
    """Whether both are held on the same days: two of them are parts of one thing, no editions."""
    return np.asarray((x[:, F["start_gap"]] == 0) & (x[:, F["end_gap"]] == 0))


def opposed(ready: Prepared, a: Ints, b: Ints) -> tuple[Bools, Bools]:
    """Whether titles name different members of one family, what people practise aside (the forest
    knows it); whether one names a member that is enough and that the other says nowhere."""
    out = np.zeros((2, len(a)), np.bool_)
    for part in chunks(len(a)):
        said, known = ((m[a[part]], m[b[part]]) for m in (ready.core, ready.known))
        out[:, part] = named(ready.members, said, known)
    return out[0], out[1]


def named(word: sparse.csr_array, said: Both, known: Both) -> tuple[Bools, Bools]:
    """The same of names or titles (`said`: their words); `known`: all that is said; `word`: as
    `naming`."""
    family = of_members()
    one, two = (binary(sparse.csr_array(side @ word)) for side in said)
    all_one, all_two = (binary(sparse.csr_array(side @ word)) for side in known)
    two_members = dots(unsaid(one, two) @ family, unsaid(two, one) @ family) > 0
    enough = families().enough.astype(np.float32)
    alone = unsaid(one, all_two) @ enough + unsaid(two, all_one) @ enough
    return np.asarray(two_members), np.asarray(alone > 0)


def _other_words(x: Matrix) -> Bools:
    """Whether each title says one word that the other announcement does not, both known words, and
    neither the other's misspelling."""
    one = (x[:, F["left_count_max"]] == 1) & (x[:, F["left_ratio"]] < MISSPELT)
    return np.asarray(one & (x[:, F["left_mass_max"]] < KNOWN))


def _two_acronyms(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Bools:
    """Whether each title says one acronym of no language that the other announcement does not
    (« Tournoi ASCV », « Tournoi ASCB »): one letter makes another body."""
    each = (x[:, F["left_count_min"]] == 1) & (x[:, F["left_count_max"]] == 1)
    out = each & (x[:, F["left_mass_min"]] >= KNOWN)
    rows = np.flatnonzero(out)
    ends = (a[rows], b[rows]), (b[rows], a[rows])
    own = [unsaid(ready.core[i], ready.known[j]).indices.tolist() for i, j in ends]
    words = ready.words
    out[rows] = [bodies.two_acronyms([words[i]], [words[j]]) for i, j in zip(*own, strict=True)]
    return np.asarray(out)


def _other_house(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Bools:
    """Whether a title names what the other's venue is called, and the other title something else
    (« Visite du vieux port », « Visite du Panier », both from the old port)."""
    out = np.zeros(len(a), np.bool_)
    left = (x[:, F["left_count_min"]] == 0) & (x[:, F["left_count_max"]] > 0)
    rows = np.flatnonzero(left & (x[:, F["title_cover_max"]] < 1))  # each has words of its own
    for one, two in ((a[rows], b[rows]), (b[rows], a[rows])):
        core, other = ready.core[one], ready.core[two]
        own, elsewhere = unsaid(core, binary(other)), unsaid(other, ready.known[one])
        house = ready.venue[ready.cards.venue[two]]
        named = (row_sums(own) > 0) & (row_sums(unsaid(own, binary(house))) == 0)
        out[rows] |= named & (row_sums(elsewhere) > 0)
    return out


def _other_side(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Bools:
    """Whether venues are nearly one name, but for a word of a family (plage Est, plage Ouest)."""
    out, venue = np.zeros(len(a), np.bool_), ready.cards.venue
    rows = np.flatnonzero((x[:, F["venue_ratio"]] >= MISSPELT) & (venue[a] != venue[b]))
    said = ready.venue[venue[a[rows]]], ready.venue[venue[b[rows]]]
    out[rows] = named(ready.members, said, said)[0]
    return out


def _sessions(cards: Cards, a: Ints, b: Ints) -> Bools:
    """Whether both tell at what hour of one day they begin, and not the same."""
    day = (cards.first[a] == cards.last[a]) & (cards.first[b] == cards.last[b])
    day &= cards.first[a] == cards.first[b]
    return np.asarray(day & (np.abs(cards.hour[a] - cards.hour[b]) >= HOURS))


def _two_houses(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Bools:
    """Whether venues are of one kind and of two names (école Pasteur, école Mermoz; court 1, court
    2), and neither announcement says the other's."""
    cards, out = ready.cards, np.zeros(len(a), np.bool_)
    rows = np.flatnonzero((x[:, F["venue_ratio"]] < ONE_HOUSE) | _numbered(ready, a, b))
    couples = np.stack([cards.venue[a[rows]], cards.venue[b[rows]]], axis=1)
    first, back = same_rows(*couples.T)
    words = cards.venues.words
    told = [bodies.own(words[i], words[j]) if words[i][:1] == words[j][:1] else ((), ())
            for i, j in couples[first].tolist()]  # fmt: skip
    apart = np.array([bodies.unlike(*own) for own in told], dtype=np.bool_)
    out[rows] = apart[back]
    return out


def _numbered(ready: Prepared, a: Ints, b: Ints) -> Bools:
    """Whether both name a venue, at least one of them with a number."""
    venues = ready.cards.venues
    digit = np.array([any(map(str.isdigit, w)) for w in venues.words] + [False])
    one, two = ready.cards.venue[a], ready.cards.venue[b]
    return np.asarray((one != NONE) & (two != NONE) & (one != two) & (digit[one] | digit[two]))


def _counted(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Ints:
    """The pairs whose titles differ by numbers only (U11 and U13, « U9 poule A » and « … B »)."""
    both = ~np.isnan(x[:, F["numbers_clash"]])
    rows = np.flatnonzero(both & (x[:, F["left_count_min"]] > 0))
    for one, two in ((a, b), (b, a)):
        left = binary(unsaid(ready.core[one[rows]], ready.known[two[rows]]))
        rows = rows[row_sums(left) == dots(left, binary(ready.numbers[one[rows]]))]
    return rows
