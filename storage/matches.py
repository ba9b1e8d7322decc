"""What was said of pairs of mentions, and the pairs to ask about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

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
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from domain.records import Question, Reason, Verdict
from domain.statuses import Relation
from storage import tables
from storage.codec import decode_all
from storage.rows import columns_of, table_of

_v, _q = tables.verdicts, tables.questions


# --- verdicts --------------------------------------------------------------------------------


def add_verdicts(conn: Connection, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Remember them, each superseding its author's earlier one on the pair; with their ids.

    A machine that repeats itself adds nothing. A person's verdict closes the question on the pair.
    """
    given = {(one.a, one.b, _author(one.by)): one for one in verdicts}
    current = _current(conn, list(given))
    said = {key: one for key, one in given.items() if not _repeats(current.get(key), one)}
    if not said:
        return []
    new = list(said.values())
    last = max(one.at for one in new)
    replaced = [current[key].id for key in said if key in current]
    if replaced:
        conn.execute(update(_v).where(_v.c.id == func.any(replaced)).values(superseded_at=last))
    ids = _insert_verdicts(conn, new)
    answered = [(one.a, one.b) for one in new if one.by_person]
    if answered:
        given_pairs = _pairs(answered)
        open_ones = (_q.c.a == given_pairs.c.a) & (_q.c.b == given_pairs.c.b)
        conn.execute(update(_q).where(open_ones, _q.c.closed_at.is_(None)).values(closed_at=last))
    return [replace(one, id=ids[key]) for key, one in said.items()]


def _insert_verdicts(conn: Connection, new: Sequence[Verdict]) -> dict[tuple[int, int, str], int]:
    """One statement whatever their number; (a, b, author) → id."""
    rows = [_verdict_row(one) for one in new]
    given = table_of(rows, **_VERDICT)
    some = select(*(given.c[name] for name in _VERDICT)).order_by(given.c.a, given.c.b)
    statement = insert(_v).from_select([*_VERDICT], some)
    found = conn.execute(statement.returning(_v.c.id, _v.c.a, _v.c.b, _v.c.author))
    return {(row.a, row.b, row.author): row.id for row in found}


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

_TIED = text(
    """
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
)


def tied(conn: Connection, mentions: Collection[int]) -> set[int]:
    """These mentions and all those that people's answers tie to them, one after the other: what a
    plan must see whole, to obey these answers or find that they contradict each other."""
    return set(conn.execute(_TIED, {"ids": list(mentions)}).scalars())


def _author(by: str) -> str:
    return by if by.startswith("user:") else by.split(":", 1)[0]


def _current(
    conn: Connection, keys: list[tuple[int, int, str]]
) -> dict[tuple[int, int, str], Verdict]:
    given = table_of(
        [{"a": a, "b": b, "author": author} for a, b, author in keys],
        a=BigInteger,
        b=BigInteger,
        author=Text,
    )
    same = (_v.c.a == given.c.a) & (_v.c.b == given.c.b) & (_v.c.author == given.c.author)
    query = select(_v).join(given, same).where(_v.c.superseded_at.is_(None))
    query = query.with_for_update(of=_v)
    return {
        (row["a"], row["b"], row["author"]): _verdict(row) for row in conn.execute(query).mappings()
    }


def _repeats(old: Verdict | None, new: Verdict) -> bool:
    return old is not None and replace(old, id=0, at=new.at) == replace(new, id=0)


def _verdict_row(one: Verdict) -> dict[str, object]:
    names = ("a", "b", "relation", "by", "at", "p", "note")
    return {name: getattr(one, name) for name in names} | {"reasons": one.reasons}


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


def put_questions(
    conn: Connection,
    questions: Sequence[Question],
    now: datetime,
    *,
    reconsidered: Collection[int] = (),
) -> None:
    """Ask these; withdraw the open ones about `reconsidered` mentions that are not asked again.

    A pair a person has answered (even « undecidable ») is never asked again.
    """
    asked = {(one.a, one.b): one for one in questions}
    if reconsidered:
        ids = list(reconsidered)
        gone = or_(_q.c.a == func.any(ids), _q.c.b == func.any(ids)) & _q.c.closed_at.is_(None)
        if asked:
            again = _pairs(asked)
            gone &= tuple_(_q.c.a, _q.c.b).not_in(select(again.c.a, again.c.b))
        conn.execute(update(_q).where(gone).values(closed_at=now))
    for pair in _answered(conn, list(asked)):
        del asked[pair]
    if not asked:
        return
    given = table_of([_question_row(asked[pair], now) for pair in sorted(asked)], **_QUESTION)
    new = insert(_q).from_select([*_QUESTION], select(*(given.c[name] for name in _QUESTION)))
    fresh = {name: new.excluded[name] for name in ("p", "reasons", "worth")}
    conn.execute(
        new.on_conflict_do_update(index_elements=[_q.c.a, _q.c.b], set_=fresh | {"closed_at": None})
    )


_QUESTION: Mapping[str, Any] = {
    "a": BigInteger, "b": BigInteger, "p": JSONB, "reasons": JSONB, "worth": Float,
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
        reasons=decode_all(Reason, row.reasons),
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
        "reasons": one.reasons,
        "worth": one.worth,
        "asked_at": now,
    }


def question(conn: Connection, a: int, b: int) -> Question | None:
    """What was asked of that pair, answered since or not."""
    row = conn.execute(select(_q).where(_q.c.a == a, _q.c.b == b)).one_or_none()
    return None if row is None else _question(row)


def questions_about(conn: Connection, mentions: Collection[int]) -> list[Question]:
    """The open questions on a pair with one of these mentions, the most useful first."""
    ids = list(mentions)
    query = select(_q).where(or_(_q.c.a == func.any(ids), _q.c.b == func.any(ids)))
    query = query.where(_q.c.closed_at.is_(None)).order_by(_q.c.worth.desc(), _q.c.a, _q.c.b)
    return [_question(row) for row in conn.execute(query)]
