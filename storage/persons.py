"""A person named in what was collected or typed: everything about them, and forgetting them.

RGPD art. 15 (access), 17 (erasure) and 21 (objection). A person is found by an e-mail, a telephone
number, however it is written, or a name. What was collected and typed loses it; decisions keep
their sense. The e-mail and the number stay forgotten: their mark (SHA-256) is kept, and what a
source says of them again is blanked before it is stored.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, and_, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import ColumnElement

from domain.errors import NotFound
from domain.records import Json, RawItem
from storage import accounts, lists, tables
from storage.codec import encode

_f = tables.forgotten
BLANK = "[effacé]"
LEAST = 5  # characters: less would blank half of what is known
AROUND = 60  # characters shown on each side of what was found

_WHERE: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (tables.raw_items, ("fields", "url")),
    (tables.quarantine, ("payload", "why")),
    (tables.mentions, ("record", "title_key")),
    (tables.mention_changes, ("changes",)),
    (tables.initiative_values, ("value", "alternatives")),
    (tables.joins, ("before",)),
    (tables.decisions, ("value", "before", "motive")),
    (tables.verdicts, ("note",)),
    (tables.suggestions, ("reasons",)),
    (tables.actors, ("name",)),
    (tables.actor_aliases, ("name",)),
    (tables.audits, ("about", "details")),
    (tables.outbox, ("payload",)),
    (tables.source_states, ("last_why",)),
    (tables.visits, ("why",)),
)
_EMAIL = re.compile(r"[^@\s,;:<>\"'()\[\]]+@[^@\s,;:<>\"'()\[\]]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<!\d)(?:(?:\+|00)33[\s.\-]*(?:\(0\))?|0)[\s.\-]*[1-9](?:[\s.\-]*\d){8}(?!\d)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Who is sought: what kind of words, and the pattern they make wherever they are written."""

    kind: str  # email | phone | name
    text: str  # normal form: lower case, ten digits
    pattern: re.Pattern[str]
    sql: str  # the same, more loosely, for PostgreSQL

    @property
    def mark(self) -> str:
        return hashlib.sha256(f"{self.kind}:{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A place that names the person."""

    table: str
    id: str
    field: str
    text: str  # what is around


def sought(text: str) -> Sought:
    """Whom these words name. Raises NotFound when they are too few."""
    given = " ".join(text.split())
    if _EMAIL.fullmatch(given):
        email = given.lower()
        inside = rf"(?<![\w.+-]){re.escape(email)}(?![\w-])"
        return _made("email", email, inside, re.escape(email))
    if _PHONE.fullmatch(given):
        digits = _digits(given)
        gap = r"[\s.\-]*"
        body = gap.join(digits[1:])
        inside = rf"(?<!\d)(?:(?:\+|00)33{gap}(?:\(0\))?|0){gap}{body}(?!\d)"
        return _made("phone", digits, inside, body)
    if len(given) < LEAST:
        raise NotFound(f"{given!r} where an e-mail, a telephone number or a name was expected")
    words = r"\s+".join(re.escape(word) for word in given.split())
    return _made("name", given.lower(), rf"(?<!\w){words}(?!\w)", words)


def _made(kind: str, text: str, inside: str, sql: str) -> Sought:
    return Sought(kind=kind, text=text, pattern=re.compile(inside, re.IGNORECASE), sql=sql)


def _digits(phone: str) -> str:
    """Ten digits, from any way of writing a French number."""
    return "0" + re.sub(r"\D", "", phone.replace("(0)", ""))[-9:]


def traces(conn: Connection, who: Sought) -> list[Trace]:
    """Every place that names them, the accounts apart (an account is exported by itself)."""
    found = []
    for table, names in _WHERE:
        for row in conn.execute(select(table).where(_named(table, names, who))).mappings():
            for name in names:
                for path, text in _texts(row[name], name):
                    found += [
                        Trace(
                            table=table.name,
                            id=_identity(table, row),
                            field=path,
                            text=text[max(0, hit.start() - AROUND) : hit.end() + AROUND],
                        )
                        for hit in who.pattern.finditer(text)
                    ]
    return found


def forget(conn: Connection, who: Sought, now: datetime, *, by: str) -> dict[str, int]:
    """Blank them everywhere, keep the mark so that it stays so; table → rows changed."""
    changed: dict[str, int] = {}
    touched: set[str] = set()
    for table, names in _WHERE:
        keys = list(table.primary_key.columns)
        for row in conn.execute(select(table).where(_named(table, names, who))).mappings():
            new = {name: _blanked(row[name], who.pattern) for name in names}
            new = {name: value for name, value in new.items() if value != row[name]}
            if not new:
                continue
            here = and_(*(column == row[column.name] for column in keys))
            conn.execute(update(table).where(here).values(new))
            changed[table.name] = changed.get(table.name, 0) + 1
            if table is tables.initiative_values:
                touched.add(row["initiative"])
            if table is tables.mentions:
                touched |= _initiatives_of(conn, row["id"])
    lists.refresh(conn, sorted(touched))
    if who.kind != "name":
        kept = {"mark": who.mark, "kind": who.kind, "at": now}
        conn.execute(insert(_f).values(kept).on_conflict_do_nothing())
    details = {"kind": who.kind, "mark": who.mark[:16], "rows": changed}
    accounts.audit(conn, by, "person.forgotten", now, details=details)
    return changed


def without_forgotten(conn: Connection, items: Sequence[RawItem]) -> list[RawItem]:
    """These announcements, blank where they name somebody who was forgotten."""
    marks = set(conn.execute(select(_f.c.mark)).scalars())
    return [replace(one, fields=_clean(one.fields, marks)) for one in items] if marks else [*items]


# --- where it is written ---------------------------------------------------------------------


def _clean(value: Json, marks: set[str]) -> Any:
    if isinstance(value, str):
        bare = _EMAIL.sub(lambda hit: _kept(hit.group(), "email", marks), value)
        return _PHONE.sub(lambda hit: _kept(hit.group(), "phone", marks), bare)
    if isinstance(value, dict):
        return {name: _clean(one, marks) for name, one in value.items()}
    return [_clean(one, marks) for one in value] if isinstance(value, list | tuple) else value


def _kept(text: str, kind: str, marks: set[str]) -> str:
    normal = _digits(text) if kind == "phone" else text.lower().rstrip(".")
    known = hashlib.sha256(f"{kind}:{normal}".encode()).hexdigest() in marks
    return BLANK if known else text


def _named(table: Table, names: Sequence[str], who: Sought) -> ColumnElement[bool]:
    return or_(*(_as_text(table.c[name]).op("~*")(who.sql) for name in names))


def _as_text(column: Column[Any]) -> ColumnElement[str]:
    return func.coalesce(cast(column, Text), "")


def _identity(table: Table, row: Any) -> str:
    return "/".join(str(row[column.name]) for column in table.primary_key.columns)


def _texts(value: Json, path: str) -> Iterator[tuple[str, str]]:
    """(path, text) of every text in there."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, f"{path}.{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts(one, f"{path}[{number}]")


def _blanked(value: Json, pattern: re.Pattern[str]) -> Json:
    if isinstance(value, str):
        return pattern.sub(BLANK, value)
    if isinstance(value, dict):
        return {name: _blanked(one, pattern) for name, one in value.items()}
    return [_blanked(one, pattern) for one in value] if isinstance(value, list) else value


def _initiatives_of(conn: Connection, mention: int) -> set[str]:
    places = tables.placements
    here = (places.c.mention == mention) & places.c.left_at.is_(None)
    return set(conn.execute(select(places.c.initiative).where(here)).scalars())


def as_json(found: Sequence[Trace]) -> list[Json]:
    """The traces, to hand over (art. 15)."""
    return [encode(one) for one in found]
