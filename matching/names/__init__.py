"""Names of associations, bodies and people: the same engine as announcements, other features.

`cards` reads them, `block` proposes pairs, `compare` measures them, `score` judges, `explain` says
why; `prior` composes fictional ones with their truth, `learn` makes models of them.
"""

from matching.names.block import between, candidates
from matching.names.cards import Cards, Said, counted, of_rows, read
from matching.names.compare import NAME_FEATURES, N, Prepared, features, prepare
from matching.names.explain import reasons
from matching.names.score import (
    NameModel,
    NameScores,
    load_name_prior,
    names_judged_again,
    score_names,
)

__all__ = [
    "NAME_FEATURES", "Cards", "N", "NameModel", "NameScores", "Prepared", "Said", "between",
    "candidates", "counted", "features", "load_name_prior", "names_judged_again", "of_rows",
    "prepare", "read", "reasons", "score_names",
]  # fmt: skip
