"""Why two names look alike or not, in French, for the screen."""

import numpy as np

from matching.matrices import Matrix
from matching.names.compare import N, Prepared
from matching.names.sections import SECTION, is_section

PLACES = (
    ("department", "même département", "départements différents"),
    ("identifier", "même identifiant", "identifiants différents"),
)


def reasons(ready: Prepared, a: int, b: int, x: Matrix) -> tuple[str, ...]:
    """Of one pair and its features: likeness first, then words of one side only, then places."""
    said = [_likeness(x)]
    if x[N["acronym"]] > 0.5:
        said.append("sigle de l'autre nom")
    cards = ready.cards
    words = [cards.titles[i].split() for i in (a, b)]
    if is_section(words[0], words[1], (cards.compacts[a], cards.compacts[b])):
        said.append(SECTION)
    left = [_only(ready, one, two) for one, two in ((a, b), (b, a))]
    if own := [w for side in left for w in side][:3]:
        said.append("d'un seul côté : " + ", ".join(f"« {w} »" for w in own))
    for name, same, other in PLACES:
        if x[N[name]] == x[N[name]]:
            said.append(same if x[N[name]] else other)
    if x[N["place"]] >= 0.9:
        said.append("même commune")
    if x[N["km"]] == x[N["km"]]:
        said.append(f"à {float(np.expm1(x[N['km']])):.1f} km".replace(".", ","))
    return tuple(said)


def _likeness(x: Matrix) -> str:
    if x[N["words_min"]] == 0:
        return "sans nom"
    return "même nom" if x[N["equal"]] else f"nom proche à {round(float(x[N['ratio']]) * 100)} %"


def _only(ready: Prepared, one: int, two: int) -> list[str]:
    """The two rarest words of one name that the other has not."""
    core = ready.cards.core
    left = set(core[one].tolist()) - set(core[two].tolist())
    return [ready.words[k] for k in sorted(left, key=lambda k: (-ready.idf[k], ready.words[k]))[:2]]
