"""How titles differ: their letters, their words, the members of a family that they name."""

from itertools import pairwise

import numpy as np

from matching.cards import Ints
from matching.compare import F, Prepared
from matching.details import opposed
from matching.evidence.texts import Texts, chosen, once, percents
from matching.families import difference, families
from matching.matrices import Matrix, unsaid

WORDS, ONE_SIDE = 3, 2  # words told, at most; of one title, at most
NEAR = 60  # percent


def title(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Texts:
    """How alike their letters are, and the rarest words that the other announcement lacks."""
    words = np.diff(ready.cards.core.starts)

    def told(rows: Ints) -> Texts:
        missing = _missing(ready, a[rows], b[rows])
        return once(_title, percents(x[rows, F["title_ratio"]]), missing)

    return chosen(
        (x[:, F["title_equal"]] == 1, "même titre"),
        ((words[a] == 0) | (words[b] == 0), "une annonce n'a pas de titre"),
        (np.ones(len(a), np.bool_), told),
    )


def _title(ratio: int, missing: str) -> str:
    near = f"titre proche à {ratio} %" if ratio >= NEAR else f"titres différents ({ratio} %)"
    return f"{near}, absent de l'autre annonce : {missing}" if missing else near


def _missing(ready: Prepared, a: Ints, b: Ints) -> Texts:
    """The words of each title that the other announcement says nowhere, the rarest first, those
    of `a` before those of `b`."""
    rows, kinds = zip(*(_rarest(ready, *ends) for ends in ((a, b), (b, a))), strict=True)
    row, kind = np.concatenate(rows), np.concatenate(kinds)
    order = np.argsort(row, kind="stable")
    row = row[order]
    first = np.arange(len(row)) - np.searchsorted(row, row) < WORDS
    row, words = row[first], _quoted(ready, kind[order][first])
    cuts = np.searchsorted(row, np.arange(len(a) + 1)).tolist()
    out = np.empty(len(a), dtype=object)
    out[:] = [", ".join(words[i:j]) for i, j in pairwise(cuts)]
    return out


def _rarest(ready: Prepared, one: Ints, two: Ints) -> tuple[Ints, Ints]:
    """The rarest words of each title that the other announcement lacks, row by row: rows, words.
    Of equal ones the longest, then in the order of the spelling, which is that of their numbers."""
    left = unsaid(ready.core[one], ready.known[two])
    rows = np.repeat(np.arange(len(one)), np.diff(left.indptr))
    kinds, back = np.unique(left.indices, return_inverse=True)
    length = np.array([len(ready.words[k]) for k in kinds.tolist()], dtype=np.int64)
    place = np.empty(len(kinds), dtype=np.int64)
    place[np.lexsort((kinds, -length, -ready.idf[kinds]))] = np.arange(len(kinds))
    order = np.lexsort((place[back], rows))
    rows, words = rows[order], kinds[back[order]].astype(np.int64)
    keep = np.arange(len(rows)) - np.searchsorted(rows, rows) < ONE_SIDE
    return rows[keep], words[keep]


def _quoted(ready: Prepared, words: Ints) -> list[str]:
    written = ready.cards.accents.written
    kinds, back = np.unique(words, return_inverse=True)
    told = [f"« {written(ready.words[k])} »" for k in kinds.tolist()]
    return [told[i] for i in back.tolist()]


def family(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Texts:
    """What `prudence` heard: « public : « hommes » / « femmes » »."""
    out = np.full(len(a), "", dtype=object)
    rows = np.flatnonzero(x[:, F["title_equal"]] != 1)
    rows = rows[np.logical_or(*opposed(ready, a[rows], b[rows]))]
    for row in rows.tolist():
        out[row] = _family(ready, int(a[row]), int(b[row]))
    return out


def _family(ready: Prepared, a: int, b: int) -> str:
    cards, words, members = ready.cards, ready.words, families().members
    core, known = (
        [{w for k in bags[i].tolist() if (w := words[k]) in members} for i in (a, b)]
        for bags in (cards.core, cards.known)
    )
    name, one, two = difference((core[0], core[1]), (known[0], known[1]))
    one, two = (cards.accents.written(word) for word in (one, two))
    return (
        f"{name} : « {one} » / « {two} »"
        if two
        else f"{name} : « {one} », absent de l'autre annonce"
    )
