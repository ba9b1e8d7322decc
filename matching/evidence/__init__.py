"""What each piece of evidence says in French, for the person who decides: one file a subject.

Everything is said by columns, for all pairs at once: most texts are one of a few, and what is
composed (days, words) is composed once for all the pairs of which it is true.
"""

from collections.abc import Callable, Mapping

from matching.cards import Ints
from matching.compare import Prepared
from matching.evidence import days, facts, titles
from matching.evidence.texts import Texts
from matching.matrices import Matrix

SAY: Mapping[str, Callable[[Prepared, Ints, Ints, Matrix], Texts]] = {
    "title": titles.title, "family": titles.family, "dates": days.dates,
    "editions": days.editions, "numbers": facts.numbers, "practice": facts.practice,
    "organiser": facts.organiser, "venue": facts.venue, "commune": facts.commune,
    "link": facts.link, "identifier": facts.identifier, "status": facts.status, "text": facts.text,
}  # fmt: skip
"""Of each pair (a[i], b[i]) with its features, what that piece says; "" for nothing."""
