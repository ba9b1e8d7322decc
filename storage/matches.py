"""What was said of pairs of mentions, and the pairs to ask about."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Float,
    Row,
    RowMapping,
    TableValuedAlias,
    Text,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from domain.errors import NotFound
from domain.records import Question, Reason, Verdict
from domain.statuses import Relation
from storage import tables
from storage.codec import decode_all, plain
from storage.rows import columns_of, table_of

_v, _q = tables.verdicts, tables.questions


# --- verdicts --------------------------------------------------------------------------------


def add_verdicts(conn: Connection, verdicts: Sequence[Verdict]) -> None:
    """Remember them, each superseding its author's earlier one on the pair.

    A machine that repeats itself adds nothing. A person's verdict closes the question on the pair.
    """
    given = {(one.a, one.b, _author(one.by)): one for one in verdicts}
    current = _current(conn, given)
    new = {
        key: one
        for key, one in given.items()
        if key not in current or current[key].thought != _thought(one)
    }
    if not new:
        return
    last = max(one.at for one in new.values())
    replaced = [current[key].id for key in new if key in current]
    if replaced:
        conn.execute(update(_v).where(_v.c.id == func.any(replaced)).values(superseded_at=last))
    rows = [{name: getattr(one, name) for name in _VERDICT} for one in new.values()]
    told = table_of(rows, **_VERDICT)
    some = select(*(told.c[name] for name in _VERDICT)).order_by(told.c.a, told.c.b)
    conn.execute(insert(_v).from_select([*_VERDICT], some))
    answered = [(one.a, one.b) for one in new.values() if one.by_person]
    if answered:
        pairs = _pairs(answered)
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
    "p": Float, "note": Text, "reasons": JSONB,
}  # fmt: skip


def _pairs(pairs: Collection[tuple[int, int]]) -> TableValuedAlias:
    return columns_of(a=(a for a, _ in pairs), b=(b for _, b in pairs))


def verdicts(conn: Connection, mentions: Collection[int]) -> list[Verdict]:
    """What is held true of pairs with at least one of these mentions; people may disagree."""
    ids = list(mentions)
    query = select(_v).where(or_(_v.c.a == func.any(ids), _v.c.b == func.any(ids)))
    query = query.where(_v.c.superseded_at.is_(None)).order_by(_v.c.id)
    return [_verdict(row) for row in conn.execute(query).mappings().all()]


def between(conn: Connection, mentions: Collection[int]) -> list[Verdict]:
    """What is held true of pairs of these mentions: what a plan looks at, so without reasons."""
    there = columns_of(id=mentions)
    query = select(*(_v.c[name] for name in ("id", *_VERDICT) if name != "reasons"))
    query = query.join(there, there.c.id == _v.c.b).where(_v.c.a == func.any(list(mentions)))
    query = query.where(_v.c.superseded_at.is_(None)).order_by(_v.c.id)
    return [
        Verdict(id=id_, a=a, b=b, relation=Relation(relation), by=by, at=at, p=p, note=note)
        for id_, a, b, relation, by, at, p, note in conn.execute(query).all()
    ]


def history(conn: Connection, a: int, b: int) -> list[Verdict]:
    """Everything ever said of a pair, oldest first."""
    query = select(_v).where(_v.c.a == a, _v.c.b == b).order_by(_v.c.id)
    return [_verdict(row) for row in conn.execute(query).mappings().all()]


def by_people(conn: Connection) -> list[Verdict]:
    """Every current verdict of a person: what a scorer learns from."""
    query = select(_v).where(_PEOPLE)
    return [_verdict(row) for row in conn.execute(query.order_by(_v.c.id)).mappings()]


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


def _current(
    conn: Connection, keys: Collection[tuple[int, int, str]]
) -> dict[tuple[int, int, str], "_Held"]:
    """(a, b, author) → what is held true of the pair."""
    given = _pairs([(a, b) for a, b, _ in keys])
    columns = (_v.c.a, _v.c.b, _v.c.author, _v.c.id, *(_v.c[name] for name in _THOUGHT))
    query = select(*columns).join(given, (_v.c.a == given.c.a) & (_v.c.b == given.c.b))
    query = query.where(_v.c.superseded_at.is_(None)).with_for_update(of=_v)
    return {
        (a, b, author): _Held(id_, tuple(thought))
        for a, b, author, id_, *thought in conn.execute(query).all()
    }


class _Held(NamedTuple):
    id: int
    thought: tuple[Any, ...]


_THOUGHT = ("relation", "by", "p", "note", "reasons")


def _thought(one: Verdict) -> tuple[Any, ...]:
    """What makes it another verdict, as the database gives it back."""
    return (one.relation, one.by, one.p, one.note, plain(one.reasons) if one.reasons else [])


def _verdict(row: RowMapping) -> Verdict:
    return Verdict(
        id=row["id"],
        a=row["a"],
        b=row["b"],
        relation=Relation(row["relation"]),
        by=row["by"],
        at=row["at"],
        p=row["p"],
        reasons=decode_all(Reason, row["reasons"]),
        note=row["note"],
    )


# --- questions -------------------------------------------------------------------------------


def put_questions(conn: Connection, questions: Sequence[Question], now: datetime) -> None:
    """Ask these. A pair a person has answered (even « undecidable ») is never asked again."""
    asked = {(one.a, one.b): one for one in questions}
    for pair in _answered(conn, list(asked)):
        del asked[pair]
    if not asked:
        return
    given = table_of([_question_row(asked[pair], now) for pair in sorted(asked)], **_QUESTION)
    new = insert(_q).from_select([*_QUESTION], select(*(given.c[name] for name in _QUESTION)))
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


_QUESTION: Mapping[str, Any] = {
    "a": BigInteger, "b": BigInteger, "p": JSONB, "worth": Float,
    "asked_at": DateTime(timezone=True),
}  # fmt: skip


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


def _question_row(one: Question, now: datetime) -> dict[str, object]:
    return {
        "a": one.a,
        "b": one.b,
        "p": one.p,
        "worth": one.worth,
        "asked_at": now,
    }


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
