"""At first sight: most candidates are clearly different, and nothing around them need be read."""

from collections.abc import Sequence

import numpy as np

from domain.records import Mention
from matching import cards as columns
from matching import compare
from matching.caps import HARDLY
from matching.prudence import prudent
from matching.score import SETTLED, Model


def likely(
    mentions: Sequence[Mention], pairs: Sequence[tuple[int, int]], model: Model, *,
    read: columns.Read = columns.of_mentions,
) -> list[tuple[int, int]]:  # fmt: skip
    """The pairs of ids that `plan` may have something to say of: those the first forest does not
    settle as different, nor prudence. The others would never be shown to the second forest, tie
    nothing together, and be neither asked about nor remembered.
    """
    if not pairs:
        return []
    place = {one.id: i for i, one in enumerate(mentions)}
    a, b = np.array([(place[a], place[b]) for a, b in pairs], dtype=np.int64).T
    ready = compare.prepare(read(mentions), model.rarity, own=False)
    x = compare.features(ready, a, b)
    p = model.first.predict(x)
    heard = prudent(ready, a, b, x, p)[:, 3]
    kept = (1 - p[:, 3] > SETTLED) & ((heard <= p[:, 3]) | (1 - heard > HARDLY))
    return [pairs[i] for i in np.flatnonzero(kept).tolist()]
