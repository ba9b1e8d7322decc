"""At first sight: most candidates are clearly different, and nothing around them need be read."""

from collections.abc import Sequence

import numpy as np

from domain.records import Mention
from matching import cards as columns
from matching import compare, forest
from matching.caps import HARDLY
from matching.cards import Bools, Ints
from matching.compare import Prepared
from matching.matrices import chunks
from matching.prudence import prudent
from matching.score import Model

WORTH = 0.3
"""At first sight, of one initiative at less than this: not worth reading all that is around. Of the
gold and of 20,000 fictional announcements, no group is missed and 3 to 5 % of the questions, those
least worth asking (docs/decisions/0300)."""


def likely(
    mentions: Sequence[Mention], pairs: Sequence[tuple[int, int]], model: Model, *,
    read: columns.Read = columns.of_mentions,
) -> list[tuple[int, int]]:  # fmt: skip
    """The pairs of ids that `plan` may have something to say of: those the first forest does not
    find unlikely, nor prudence. The others would tie nothing together, and are neither asked about
    nor remembered.
    """
    if not pairs:
        return []
    place = {one.id: i for i, one in enumerate(mentions)}
    a, b = np.array([(place[a], place[b]) for a, b in pairs], dtype=np.int64).T
    ready = compare.prepare(read(mentions), model.rarity, own=False)
    return [pairs[i] for i in np.flatnonzero(open_pairs(ready, (a, b), model)).tolist()]


def open_pairs(ready: Prepared, pairs: tuple[Ints, Ints], model: Model) -> Bools:
    """Which of these pairs of records `likely` keeps; the features of some at a time."""
    kept = np.zeros(len(pairs[0]), dtype=np.bool_)
    for part in chunks(len(kept), forest.CHUNK):
        a, b = (end[part] for end in pairs)
        x = compare.features(ready, a, b)
        p = model.first.predict(x)
        heard = prudent(ready, a, b, x, p)[:, 3]
        kept[part] = (1 - p[:, 3] > WORTH) & ((heard <= p[:, 3]) | (1 - heard > HARDLY))
    return kept
