"""Pairs of announcements: those a person is asked about, where both stand, what contradicts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.records import Edition, Initiative, Mention, Question, Verdict
from domain.statuses import FRENCH, Relation
from matching import said
from matching.score import RELATIONS
from review.auth import Viewer
from storage import initiatives, matches, mentions
from storage.db import Connection

LIST = 200  # questions at once: the worthiest
LIKELY = 0.1  # a relation less likely than that is not told
Asked = tuple[Question, Mention, Mention]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer just given, and where it leaves both announcements."""

    pair: Pair
    relation: str
    stand: str
    home: Initiative | None  # where both are
    contradicts: bool


def asked(
    conn: Connection, viewer: Viewer, questions: Sequence[Question] | None = None
) -> list[Asked]:
    """The open questions (or those given) of the person's territory, with both announcements."""
    found = matches.questions(conn, LIST) if questions is None else questions
    known = {m.id: m for m in mentions.by_ids(conn, {i for q in found for i in (q.a, q.b)})}
    pairs = [(q, known[q.a], known[q.b]) for q in found]
    return [
        (q, a, b)
        for q, a, b in pairs
        if viewer.covers(a.where.department) or viewer.covers(b.where.department)
    ]


def following(some: Sequence[Asked], pair: Pair | None) -> list[Pair]:
    """The pairs after that one, in order; all of them when it is not there."""
    pairs = [(q.a, q.b) for q, _, _ in some]
    return pairs[pairs.index(pair) + 1 :] if pair in pairs else pairs


def likely(chances: Mapping[Relation, float]) -> list[tuple[Relation, float]]:
    """What the machine leans to, the likeliest first."""
    found = sorted(chances.items(), key=lambda one: -one[1])
    return [(relation, p) for k, (relation, p) in enumerate(found) if not k or p >= LIKELY]


def of_text(text: str) -> Pair | None:
    """« 12-34 » in an address."""
    a, _, b = text.partition("-")
    return (int(a), int(b)) if a.isdigit() and b.isdigit() and len(text) < 40 else None


def answered(conn: Connection, text: str, relation: str) -> Answered | None:
    """What became of the pair `text` (« 12-34 ») once answered; None for no pair."""
    pair = of_text(text)
    if pair is None or relation not in set(Relation):
        return None
    homes = initiatives.by_mentions(conn, pair)
    return Answered(
        pair=pair,
        relation=FRENCH[Relation(relation)],
        stand=stand(homes, *pair),
        home=homes[0] if len(homes) == 1 else None,
        contradicts=bool(against(conn, pair)),
    )


def stand(homes: Sequence[Initiative], a: int, b: int) -> str:
    """Where both announcements are, in French; `homes`: the initiatives that hold them."""
    if not {a, b} <= {m for one in homes for m in one.mentions}:
        return "l'une n'est encore rattachée à aucune initiative"
    if len(homes) > 1:
        return "dans deux initiatives"
    one, two = (_edition(homes[0], m) for m in (a, b))
    if one is None or two is None:
        return "dans la même initiative, l'une sans édition parce qu'elle ne dit pas de date"
    if one.id == two.id:
        return "dans la même édition de la même initiative"
    if two.id == one.part_of or one.id == two.part_of:
        return f"dans la même initiative, {'A' if two.id == one.part_of else 'B'} partie de l'autre"
    return "dans la même initiative, à deux éditions"


def _edition(home: Initiative, mention: int) -> Edition | None:
    return next((e for e in home.editions if mention in e.mentions), None)


def against(conn: Connection, pair: Pair) -> list[tuple[Verdict, ...]]:
    """The contradictions of people's answers that this pair is in."""
    told = matches.between(conn, matches.tied(conn, pair))
    found = contradictions([one for one in told if one.by_person])
    return [some for some in found if any((one.a, one.b) == pair for one in some)]


def contradictions(told: Sequence[Verdict]) -> list[tuple[Verdict, ...]]:
    """The answers that contradict each other: one that tells a pair apart, then those that tie it
    together, one step after the other. Nothing is merged by them until one is changed."""
    numbers = {relation: k for k, relation in enumerate(RELATIONS)}
    links: dict[int, list[Pair]] = defaultdict(list)
    of_pair: dict[Pair, list[Verdict]] = defaultdict(list)
    for one in told:
        if one.relation in numbers:
            links[numbers[one.relation]].append((one.a, one.b))
            of_pair[one.a, one.b].append(one)
    found = []
    for way in said.contradictions(links):
        steps = [(min(pair), max(pair)) for pair in pairwise(way)]
        ends = (way[0], way[-1])
        pairs = [ends] if steps == [ends] else [ends, *steps]
        found.append(tuple(one for pair in pairs for one in of_pair[pair]))
    return found
