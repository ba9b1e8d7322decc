"""What is put aside at first sight would have changed next to nothing."""

from datetime import date

import numpy as np
import pytest

from bench import _announcements as announcements
from matching import block, compare, levels, plan, prior, score, sieve
from matching import cards as columns
from matching.cards import Ints
from tests.unit.matching.test_plan import announcement


@pytest.mark.parametrize("seed", [55, 900, 901])
def test_groups_are_those_of_all_the_candidates_but_one_in_a_hundred(seed: int) -> None:
    rows = prior.generate(seed, events=150)
    some = [announcements.mention({**row, "id": str(i)}) for i, row in enumerate(rows)]
    mentions = tuple(sorted(some, key=lambda m: (m.source, m.key)))
    cards = columns.of_mentions(mentions)
    a, b = block.candidates(cards)
    pairs = [(mentions[i].id, mentions[j].id) for i, j in zip(a.tolist(), b.tolist(), strict=True)]
    model = score.load_prior()
    kept = sieve.likely(mentions, pairs, model)
    assert 0 < len(kept) < len(pairs) * 0.85
    place = {m.id: i for i, m in enumerate(mentions)}
    ready = compare.prepare(cards, model.rarity, own=False)
    of_kept = np.array([(place[x], place[y]) for x, y in kept], dtype=np.int64)
    whole, part = (
        levels.group(
            mentions, cards, score.score(ready, ends, model, together=plan.TOGETHER), [], place
        )
        for ends in ((a, b), (of_kept[:, 0], of_kept[:, 1]))
    )
    assert moved(whole.initiatives, part.initiatives) <= len(mentions) / 100
    assert moved(whole.editions, part.editions) == 0


def moved(one: Ints, two: Ints) -> int:
    """How many records have other companions in the second groups than in the first."""
    return sum(
        np.flatnonzero(one == one[i]).tolist() != np.flatnonzero(two == two[i]).tolist()
        for i in range(len(one))
    )


def test_a_pair_is_judged_by_itself() -> None:
    """Other announcements in sight change nothing: order and size of a batch do not show."""
    forum = announcement(1, "Forum des associations de Gap", date(2024, 9, 7))
    again = announcement(2, "Forum des associations", date(2024, 9, 7), organiser="Mairie de Gap")
    chess = announcement(3, "Tournoi d'échecs des aînés", date(2025, 1, 4), commune="Briançon",
                         organiser="Échiquier briançonnais")  # fmt: skip
    pairs = [(1, 2), (1, 3), (2, 3)]
    model = score.load_prior()
    assert sieve.likely([forum, again, chess], pairs, model) == [(1, 2)]
    assert sieve.likely([again, forum], pairs[:1], model) == [(1, 2)]
    assert sieve.likely([forum], [], model) == []
