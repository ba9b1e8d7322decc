"""What was said of pairs of mentions, and the pairs to ask about."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Float,
    Row,
    Select,
    TableValuedAlias,
    Text,
    and_,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from domain.errors import NotFound
from domain.records import Question, Verdict
from domain.statuses import Relation
from storage import tables
from storage.rows import columns_of, table_of

_v, _q = tables.verdicts, tables.questions


# --- verdicts --------------------------------------------------------------------------------


def add_verdicts(conn: Connection, verdicts: Sequence[Verdict]) -> None:
    """Remember them, each superseding its author's earlier one on the pair.

    Who repeats himself adds nothing. A person's verdict closes the question on the pair.
    """
    given = {(one.a, one.b, _author(one.by)): one for one in verdicts}
    if not given:
        return
    rows = [_row(one) | {"author": author} for (_, _, author), one in given.items()]
    told = table_of(rows, **_VERDICT, author=Text)
    held = [_v.c[name] == told.c[name] for name in ("a", "b", "author")]
    both = told.outerjoin(_v, and_(*held, _v.c.superseded_at.is_(None)))
    other = or_(*(told.c[name].is_distinct_from(_v.c[name]) for name in _THOUGHT))
    new = select(told, _v.c.id.label("old")).select_from(both).where(other).cte("new")
    gone = update(_v).where(_v.c.id == new.c.old).values(superseded_at=new.c.at)
    ended = gone.returning(_v.c.id).cte("gone")  # before the insertion: one holds at a time
    some = select(*(new.c[name] for name in _VERDICT)).order_by(new.c.a, new.c.b)
    some = some.where(select(func.count(ended.c.id)).scalar_subquery() >= 0)
    conn.execute(insert(_v).from_select([*_VERDICT], some))
    answered = [one for one in given.values() if one.by_person]
    if answered:
        pairs, last = _pairs([(one.a, one.b) for one in answered]), max(v.at for v in answered)
        open_ones = (_q.c.a == pairs.c.a) & (_q.c.b == pairs.c.b)
        conn.execute(update(_q).where(open_ones, _q.c.closed_at.is_(None)).values(closed_at=last))


def forget(conn: Connection, pairs: Collection[tuple[int, int]], now: datetime) -> None:
    """What the machine thought of these pairs holds no longer."""
    if pairs:
        these = _pairs(pairs)
        held = (_v.c.a == these.c.a) & (_v.c.b == these.c.b) & _v.c.superseded_at.is_(None)
        gone = update(_v).where(held, _v.c.by.not_like("user:%"))
        conn.execute(gone.values(superseded_at=now))


def take_back(conn: Connection, pair: tuple[int, int], by: str, now: datetime) -> None:
    """What this person said of the pair holds no longer; raises NotFound when there is nothing."""
    theirs = (_v.c.a == pair[0], _v.c.b == pair[1], _v.c.by == by, _v.c.superseded_at.is_(None))
    gone = conn.execute(update(_v).where(*theirs).values(superseded_at=now).returning(_v.c.id))
    if gone.first() is None:
        raise NotFound("no answer of theirs to take back", about=f"{pair[0]}/{pair[1]}")


def answered_at(conn: Connection, pairs: Collection[tuple[int, int]], by: str) -> set[datetime]:
    """When this person gave the answers of these pairs that hold."""
    given = _pairs(pairs)
    query = select(_v.c.at).join(given, (_v.c.a == given.c.a) & (_v.c.b == given.c.b))
    query = query.where(_v.c.by == by, _v.c.superseded_at.is_(None))
    return set(conn.execute(query).scalars())


_VERDICT: Mapping[str, Any] = {
    "a": BigInteger, "b": BigInteger, "relation": Text, "by": Text, "at": DateTime(timezone=True),
    "p": Float, "note": Text,
}  # fmt: skip
_THOUGHT = ("relation", "by", "p", "note")
_READ = select(_v.c.id, *(_v.c[name] for name in _VERDICT))


def _row(one: Verdict) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _VERDICT}


def _pairs(pairs: Collection[tuple[int, int]]) -> TableValuedAlias:
    return columns_of(a=(a for a, _ in pairs), b=(b for _, b in pairs))


def verdicts(conn: Connection, mentions: Collection[int]) -> list[Verdict]:
    """What is held true of pairs with at least one of these mentions; people may disagree."""
    ids = list(mentions)
    concerned = or_(_v.c.a == func.any(ids), _v.c.b == func.any(ids))
    return _found(conn, _READ.where(concerned, _v.c.superseded_at.is_(None)))


def between(conn: Connection, mentions: Collection[int]) -> list[Verdict]:
    """What is held true of pairs of these mentions."""
    there = columns_of(id=mentions)
    query = _READ.join(there, there.c.id == _v.c.b).where(_v.c.a == func.any(list(mentions)))
    return _found(conn, query.where(_v.c.superseded_at.is_(None)))


def history(conn: Connection, a: int, b: int) -> list[Verdict]:
    """Everything ever said of a pair, oldest first."""
    return _found(conn, _READ.where(_v.c.a == a, _v.c.b == b))


def by_people(conn: Connection) -> list[Verdict]:
    """Every current verdict of a person: what a scorer learns from."""
    return _found(conn, _READ.where(_PEOPLE))


def _found(conn: Connection, query: Select[Any]) -> list[Verdict]:
    return [
        Verdict(id=id_, a=a, b=b, relation=Relation(relation), by=by, at=at, p=p, note=note)
        for id_, a, b, relation, by, at, p, note in conn.execute(query.order_by(_v.c.id)).all()
    ]


_PEOPLE = text("verdicts.superseded_at is null and verdicts.by like 'user:%'")  # as the indexes say

_TIED = """
    with recursive tied(id) as (
        select unnest(cast(:ids as bigint[]))
        union
        select case when v.a = tied.id then v.b else v.a end
        from tied join lateral (
            select a, b from verdicts where a = tied.id and superseded_at is null
                and by like 'user:%' and relation in ('same', 'other_edition', 'part_of')
            union all
            select a, b from verdicts where b = tied.id and superseded_at is null
                and by like 'user:%' and relation in ('same', 'other_edition', 'part_of')
        ) v on true
    )
    select id from tied
    """
_TIED_BY_PEOPLE = text(_TIED)
_TIED_BY_ANYONE = text(_TIED.replace("and by like 'user:%'", ""))


def tied(conn: Connection, mentions: Collection[int], *, thought: bool = False) -> set[int]:
    """These mentions and all those that people's answers tie to them, one after the other: what a
    plan must see whole, to obey these answers or find that they contradict each other. With
    `thought`, those too that the machine thinks of one initiative."""
    told = _TIED_BY_ANYONE if thought else _TIED_BY_PEOPLE
    return set(conn.execute(told, {"ids": list(mentions)}).scalars())


def _author(by: str) -> str:
    return by if by.startswith("user:") else by.split(":", 1)[0]


# --- questions -------------------------------------------------------------------------------


def put_questions(conn: Connection, questions: Sequence[Question], now: datetime) -> None:
    """Ask these. A pair a person has answered (even « undecidable ») is never asked again."""
    asked = {(one.a, one.b): one for one in questions}
    for pair in _answered(conn, list(asked)):
        del asked[pair]
    if not asked:
        return
    rows = [{name: getattr(asked[pair], name) for name in _QUESTION} for pair in sorted(asked)]
    given = table_of(rows, **_QUESTION)
    new = insert(_q).from_select([*_QUESTION, "asked_at"], select(*given.c, literal(now)))
    fresh = {name: new.excluded[name] for name in ("p", "worth")}
    conn.execute(
        new.on_conflict_do_update(index_elements=[_q.c.a, _q.c.b], set_=fresh | {"closed_at": None})
    )


def withdraw(conn: Connection, pairs: Collection[tuple[int, int]], now: datetime) -> None:
    """The open questions on these pairs are asked no longer."""
    if pairs:
        these = _pairs(pairs)
        gone = (_q.c.a == these.c.a) & (_q.c.b == these.c.b) & _q.c.closed_at.is_(None)
        conn.execute(update(_q).where(gone).values(closed_at=now))


_QUESTION: Mapping[str, Any] = {"a": BigInteger, "b": BigInteger, "p": JSONB, "worth": Float}


def questions(conn: Connection, limit: int) -> list[Question]:
    """The open ones, those whose answer changes most first."""
    query = select(_q).where(_q.c.closed_at.is_(None))
    query = query.order_by(_q.c.worth.desc(), _q.c.a, _q.c.b).limit(limit)
    return [_question(row) for row in conn.execute(query)]


def _question(row: Row[Any]) -> Question:
    return Question(
        a=row.a,
        b=row.b,
        p={Relation(name): p for name, p in row.p.items()},
        worth=row.worth,
    )


def _answered(conn: Connection, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    given = _pairs(pairs)
    query = select(_v.c.a, _v.c.b).distinct()
    query = query.join(given, (_v.c.a == given.c.a) & (_v.c.b == given.c.b))
    query = query.where(_v.c.superseded_at.is_(None), _v.c.by.like("user:%"))
    return [(row.a, row.b) for row in conn.execute(query)]


def question(conn: Connection, a: int, b: int) -> Question | None:
    """What was asked of that pair, answered since or not."""
    row = conn.execute(select(_q).where(_q.c.a == a, _q.c.b == b)).one_or_none()
    return None if row is None else _question(row)


def questions_between(conn: Connection, mentions: Collection[int]) -> list[Question]:
    """The open questions on two of these mentions."""
    there = columns_of(id=mentions)
    query = select(_q).join(there, there.c.id == _q.c.b).where(_q.c.a == func.any(list(mentions)))
    return [_question(row) for row in conn.execute(query.where(_q.c.closed_at.is_(None)))]


def questions_about(
    conn: Connection, mentions: Collection[int], *, closed: Collection[datetime] = ()
) -> list[Question]:
    """The open questions on a pair with one of these mentions, the most useful first, and those
    that the answers given at these instants `closed`."""
    ids = list(mentions)
    query = select(_q).where(or_(_q.c.a == func.any(ids), _q.c.b == func.any(ids)))
    open_ = or_(_q.c.closed_at.is_(None), _q.c.closed_at.in_(list(closed)))
    query = query.where(open_).order_by(_q.c.worth.desc(), _q.c.a, _q.c.b)
    return [_question(row) for row in conn.execute(query)]
