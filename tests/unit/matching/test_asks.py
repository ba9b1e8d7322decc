"""When a thought is a new one."""

import pytest

from domain.records import Verdict
from domain.statuses import Relation
from matching import asks
from tests.builders import NOW


@pytest.mark.parametrize(
    ("relation", "before", "after", "same"),
    [
        (Relation.SAME, 0.80, 0.84, True),
        (Relation.SAME, 0.80, 0.86, False),
        # Across the edge of what is asked, however little it moved.
        (Relation.DIFFERENT, 0.87, 0.83, False),
        (Relation.SAME, 0.97, 0.99, False),
    ],
)
def test_a_thought_that_hardly_moves_is_the_same(
    relation: Relation, before: float, after: float, same: bool
) -> None:
    old = Verdict(a=1, b=2, relation=relation, by="matching:2", at=NOW, p=before)
    assert asks.same_thought(old, relation, after, "matching:2") is same
    assert not asks.same_thought(old, relation, before, "matching:3")
