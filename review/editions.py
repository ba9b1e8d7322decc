"""An initiative as it is held: its editions in order, the parts of a festival under it, the
announcements of each and what put them there. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.records import Edition, Initiative, Mention, Occurrence, Question, Verdict
from domain.series import shape
from domain.statuses import Relation
from domain.times import MONTHS, french_date

MOST_DATES = 12  # of an edition, written out
Kind = tuple[Relation, bool]
_TIES: Mapping[Kind, str] = {
    (Relation.SAME, True): "même édition que",
    (Relation.PART_OF, False): "même festival ou même journée que",
    (Relation.OTHER_EDITION, False): "autre édition de",
    (Relation.SAME, False): "proche de",
}
"""What ties two announcements, and whether they stand in one edition, the strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """An announcement, and why it stands here."""

    mention: Mention
    why: str  # « même édition que « … » d'après la machine (98 %) »; "" when nothing tells
    pair: tuple[int, int] | None  # the pair that tells it
    question: tuple[int, int] | None  # the first pair about it that waits for an answer
    inside: bool  # that question is about the edition, not about another initiative


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One edition."""

    title: str
    when: str  # "" when no day is known
    edition: Edition
    announced: tuple[Announced, ...]
    parts: tuple["Held", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The initiative: what it is called as a whole, its editions, what is of no edition."""

    shape: str
    editions: tuple[Held, ...]
    undated: tuple[Announced, ...]


def whole(
    one: Initiative,
    read: Mapping[int, Mention],
    *,
    verdicts: Sequence[Verdict] = (),
    questions: Sequence[Question] = (),
) -> Whole:
    """`verdicts`: those between its mentions; `questions`: the open ones about them. An edition
    that no announcement speaks of any more is left out."""
    place = {m: e.id for e in one.editions for m in e.mentions}
    ties = [(v, kind) for v in verdicts if (kind := _kind(v, place)) in _TIES]
    told = {m: _announced(m, read, ties, _about(m, questions, one)) for m in one.mentions}
    spoken = sorted((e for e in one.editions if e.mentions), key=_first)
    there = {e.id for e in spoken}
    under: dict[str, list[Held]] = {}
    for edition in spoken:
        if edition.part_of in there:
            under.setdefault(str(edition.part_of), []).append(_held(edition, read, told, ()))
    tops = tuple(
        _held(e, read, told, under.get(e.id, ())) for e in spoken if e.part_of not in there
    )
    dated = [e for e in spoken if e.part_of not in there and e.occurrences]
    return Whole(
        shape=shape(
            len(dated),
            days=len({when(e.occurrences) for e in dated}),
            dates=len(dated[0].occurrences) if dated else 0,
            parts=sum(map(len, under.values())),
        ),
        editions=tops,
        undated=tuple(told[m] for m in one.undated),
    )


def _first(edition: Edition) -> tuple[date, str]:
    return min((o.starts_on for o in edition.occurrences), default=date.max), edition.id


def _held(
    edition: Edition,
    read: Mapping[int, Mention],
    told: Mapping[int, Announced],
    parts: Sequence[Held],
) -> Held:
    return Held(
        title=read[min(edition.mentions)].title,
        when=when(edition.occurrences),
        edition=edition,
        announced=tuple(told[m] for m in edition.mentions),
        parts=tuple(parts),
    )


def _announced(
    mention: int,
    read: Mapping[int, Mention],
    ties: Sequence[tuple[Verdict, Kind]],
    about: Sequence[Question],
) -> Announced:
    mine = [tie for tie in ties if mention in (tie[0].a, tie[0].b)]
    tie = max(mine, key=_strength, default=None)
    return Announced(
        mention=read[mention],
        why=_why(*tie, mention, read) if tie else "",
        pair=_pair(tie and tie[0], mention, read),
        question=(about[0].a, about[0].b) if about else None,
        inside=bool(about) and about[0].a in read and about[0].b in read,
    )


def _about(mention: int, questions: Sequence[Question], one: Initiative) -> list[Question]:
    """The questions on that announcement; which edition an undated one is of is asked of it."""
    return [
        q
        for q in questions
        if mention in (q.a, q.b)
        and (mention in one.undated or not {q.a, q.b} - {mention} <= set(one.undated))
    ]


def _kind(verdict: Verdict, place: Mapping[int, str]) -> Kind:
    one = place.get(verdict.a)
    return verdict.relation, one is not None and one == place.get(verdict.b)


def _strength(tie: tuple[Verdict, Kind]) -> tuple[bool, int, float]:
    verdict, kind = tie
    return verdict.by_person, -list(_TIES).index(kind), verdict.p or 0.0


def _pair(tie: Verdict | None, mention: int, read: Mapping[int, Mention]) -> tuple[int, int] | None:
    """The pair that tells why; with the first of the others where none was kept."""
    if tie is not None:
        return tie.a, tie.b
    others = [m for m in read if m != mention]
    return (min(mention, others[0]), max(mention, others[0])) if others else None


def _why(tie: Verdict, kind: Kind, mention: int, read: Mapping[int, Mention]) -> str:
    other = read[tie.b if tie.a == mention else tie.a].title
    by = tie.by.removeprefix("user:") if tie.by_person else "la machine"
    sure = f" ({min(99, round(tie.p * 100))} %)" if tie.p is not None else ""
    return f"{_TIES[kind]} « {other} » d'après {by}{sure}"


def united_by(verdicts: Sequence[Verdict], held: Collection[int], at: datetime) -> str:
    """Who united the announcements `held` with the others: the person whose answer tied them by
    then, else the machine."""
    for one in verdicts:
        tie = (one.relation, False) in _TIES and (one.a in held) != (one.b in held)
        if tie and one.by_person and one.at <= at:
            return one.by.removeprefix("user:")
    return "la machine"


def when(slots: Sequence[Occurrence], *, most: int = MOST_DATES) -> str:
    """« 6 mars 2027 à 14 h 30, du 4 au 6 juin 2027 et 3 autres dates »."""
    said = ", ".join(dict.fromkeys(map(_timed, slots[:most])))
    more = len(slots) - most
    return f"{said} et {more} {'autres dates' if more > 1 else 'autre date'}" if more > 0 else said


def _timed(slot: Occurrence) -> str:
    if slot.starts_at is None:
        return days(slot)
    return f"{days(slot)} à {slot.starts_at.hour} h {slot.starts_at:%M}"


def days(slot: Occurrence) -> str:
    """« 4 juin 2027 », « du 4 au 6 juin 2027 », « du 30 mai 2027 au 2 juin 2027 »."""
    first, last = slot.starts_on, slot.ends_on
    if first == last:
        return french_date(first)
    if (first.year, first.month) == (last.year, last.month):
        start = "1er" if first.day == 1 else first.day
        return f"du {start} au {last.day} {MONTHS[last.month - 1]} {last.year}"
    return f"du {french_date(first)} au {french_date(last)}"
