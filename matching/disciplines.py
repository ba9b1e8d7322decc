"""What people practise: two sports are two things, however alike the rest of two titles.

« Portes ouvertes du Judo Club » and « Portes ouvertes de l'Aïkido Club », one dojo, one day: any
person sees two clubs. A title that names none says nothing.
"""

from collections.abc import Iterable

from matching.cards import NONE
from matching.families import families


def practices(words: Iterable[str]) -> list[int]:
    """The practice (a member of the first family) that each folded word names, NONE for none."""
    known = families()
    first = {w: m[0] for w, m in known.members.items() if not known.family[m[0]]}
    return [first.get(word, NONE) for word in words]


def practised(text: Iterable[str]) -> frozenset[int]:
    """The practices that folded words name."""
    return frozenset(practices(text)) - {NONE}
