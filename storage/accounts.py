"""Who may enter: local accounts, their one-time links, what they did (audit), their data (RGPD).

Passwords come here hashed; tokens are kept as their SHA-256 only.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Conflict, Expired, NotFound
from domain.records import Json
from domain.statuses import Role
from domain.text import fold
from storage import tables
from storage.codec import encode, safe

_t, _l, _s, _a = tables.accounts, tables.account_links, tables.sessions, tables.audits

FREE_FAILURES = 5  # wrong passwords in a row before waiting
LOCK_SECONDS = 30  # the first wait; doubled at each further failure, an hour at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may sign in. `departments` empty = the whole region."""

    id: int
    name: str
    role: Role
    full_name: str = ""
    email: str | None = None
    departments: tuple[str, ...] = ()
    organisation: str = ""
    preferences: Mapping[str, Json] = field(default_factory=dict)
    password_hash: str | None = field(default=None, repr=False)
    created_at: datetime
    locked_until: datetime | None = None
    disabled_at: datetime | None = None
    identified: bool = False  # tied to an identity of the provider

    @property
    def by(self) -> str:
        """How decisions, verdicts and values name this person."""
        return f"user:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    at: datetime
    by: str
    action: str
    about: str
    details: Mapping[str, Json]


def sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in_name(name: str) -> str:
    """The name as stored: `Élodie Martin` → `elodie.martin`. Empty when nothing is left."""
    return ".".join(safe(fold(name)).split())[:80]


# --- accounts --------------------------------------------------------------------------------


def add(
    conn: Connection,
    name: str,
    *,
    role: Role,
    now: datetime,
    full_name: str = "",
    email: str | None = None,
    departments: tuple[str, ...] = (),
    organisation: str = "",
) -> Account:
    """A new account without a password. Raises Conflict when the name is empty or taken."""
    wanted = sign_in_name(name)
    if not wanted:
        raise Conflict(f"{name!r} où un nom avec des lettres est attendu ; choisissez-en un autre")
    row = {
        "name": wanted,
        "full_name": safe(full_name or name),
        "email": email,
        "role": role,
        "departments": list(departments),
        "organisation": safe(organisation),
        "created_at": now,
    }
    added = conn.execute(insert(_t).values(row).on_conflict_do_nothing().returning(_t))
    found = added.one_or_none()
    if found is None:
        raise Conflict("ce nom est pris ; choisissez-en un autre", about=wanted)
    return account_of(found)


def get(conn: Connection, identity: int) -> Account:
    """Raises NotFound."""
    row = conn.execute(select(_t).where(_t.c.id == identity)).one_or_none()
    if row is None:
        raise NotFound("no such account", about=str(identity))
    return account_of(row)


def named(conn: Connection, name: str) -> Account | None:
    row = conn.execute(select(_t).where(_t.c.name == sign_in_name(name))).one_or_none()
    return None if row is None else account_of(row)


def all_of(conn: Connection) -> list[Account]:
    return [account_of(row) for row in conn.execute(select(_t).order_by(_t.c.name))]


def change(conn: Connection, identity: int, **columns: Any) -> None:
    """Set these columns (role, departments, organisation, full_name, email, issuer, subject…)."""
    conn.execute(update(_t).where(_t.c.id == identity).values(**columns))


def prefer(conn: Connection, identity: int, preferences: Mapping[str, Json]) -> None:
    """Merge these preferences into those of the account."""
    merged = _t.c.preferences.op("||")(func.cast(encode(preferences), _t.c.preferences.type))
    conn.execute(update(_t).where(_t.c.id == identity).values(preferences=merged))


def set_password(conn: Connection, identity: int, password_hash: str, now: datetime) -> None:
    """The password from now on; every session of the account ends."""
    change(conn, identity, password_hash=password_hash, failures=0, locked_until=None)
    _end_sessions(conn, identity, now)


def disable(conn: Connection, identity: int, now: datetime) -> None:
    """The person cannot enter any more; what they decided stays."""
    change(conn, identity, disabled_at=now)
    _end_sessions(conn, identity, now)


def enable(conn: Connection, identity: int) -> None:
    change(conn, identity, disabled_at=None, failures=0, locked_until=None)


def failed(conn: Connection, identity: int, now: datetime) -> None:
    """A wrong password: after five in a row, each further one doubles the wait."""
    power = func.least(_t.c.failures + 1 - FREE_FAILURES, 7)
    wait = timedelta(seconds=LOCK_SECONDS) * func.power(2, power)
    conn.execute(
        update(_t)
        .where(_t.c.id == identity)
        .values(
            failures=_t.c.failures + 1,
            locked_until=case((_t.c.failures + 1 >= FREE_FAILURES, now + wait), else_=None),
        )
    )


def succeeded(conn: Connection, identity: int) -> None:
    change(conn, identity, failures=0, locked_until=None)


def active_count(conn: Connection) -> int:
    """Accounts someone can or will be able to use."""
    return conn.execute(
        select(func.count()).select_from(_t).where(_t.c.disabled_at.is_(None))
    ).scalar_one()


def _end_sessions(conn: Connection, identity: int, now: datetime) -> None:
    open_ones = (_s.c.account == identity) & _s.c.revoked_at.is_(None)
    conn.execute(update(_s).where(open_ones).values(revoked_at=now, id_token=None))


def account_of(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        full_name=row.full_name,
        email=row.email,
        departments=tuple(row.departments),
        organisation=row.organisation,
        preferences=row.preferences,
        password_hash=row.password_hash,
        created_at=row.created_at,
        locked_until=row.locked_until,
        disabled_at=row.disabled_at,
        identified=row.subject is not None,
    )


# --- one-time links --------------------------------------------------------------------------


def put_link(
    conn: Connection, identity: int, token: str, now: datetime, *, hours: float = 72
) -> None:
    """A link to choose a password; those given before stop working."""
    conn.execute(delete(_l).where(_l.c.account == identity, _l.c.used_at.is_(None)))
    row = {"token_sha256": sha256(token), "account": identity, "created_at": now}
    conn.execute(insert(_l).values(**row, expires_at=now + timedelta(hours=hours)))


def link_of(conn: Connection, token: str, now: datetime) -> Account:
    """Whose link it is. Raises Expired when it is unknown, used or too old."""
    usable = (_l.c.token_sha256 == sha256(token)) & _l.c.used_at.is_(None) & (_l.c.expires_at > now)
    query = select(_t).join(_l, _l.c.account == _t.c.id).where(usable, _t.c.disabled_at.is_(None))
    row = conn.execute(query).one_or_none()
    if row is None:
        raise Expired("a link that is used or too old; ask an administrator for another")
    return account_of(row)


def use_link(conn: Connection, token: str, now: datetime) -> Account:
    """Whose link it is; it will not work twice, even at the same instant. Raises Expired."""
    account = link_of(conn, token, now)
    used = update(_l).where(_l.c.token_sha256 == sha256(token), _l.c.used_at.is_(None))
    if conn.execute(used.values(used_at=now)).rowcount == 0:
        raise Expired("this link was just used; ask an administrator for another")
    return account


# --- audit and personal data -----------------------------------------------------------------


def audit(
    conn: Connection,
    by: str,
    action: str,
    now: datetime,
    *,
    about: str = "",
    details: Mapping[str, Json] | None = None,
) -> None:
    """Note who did what, in the transaction of what was done."""
    row = {"at": now, "by": by, "action": action, "about": safe(about)}
    conn.execute(insert(_a).values(**row, details=encode(details or {})))


def audits(conn: Connection, *, by: str | None = None, limit: int = 200) -> list[Audit]:
    """The latest lines, first the last."""
    query = select(_a.c.at, _a.c.by, _a.c.action, _a.c.about, _a.c.details)
    if by is not None:
        query = query.where(_a.c.by == by)
    rows = conn.execute(query.order_by(_a.c.at.desc(), _a.c.id.desc()).limit(limit)).mappings()
    return [Audit(**row) for row in rows]


def everything_about(conn: Connection, account: Account) -> dict[str, Json]:
    """All that is kept about a person, as JSON (RGPD art. 15 and 20). No secret is in it."""
    tables_of = {
        "sessions": (_s, _s.c.account == account.id),
        "decisions": (tables.decisions, tables.decisions.c.by == account.by),
        "answers": (tables.answers, tables.answers.c.account == account.id),
        "verdicts": (tables.verdicts, tables.verdicts.c.by == account.by),
        "boxes": (tables.boxes, tables.boxes.c.account == account.id),
        "audits": (_a, _a.c.by == account.by),
    }
    secrets = {"token_sha256", "csrf", "password_hash", "id_token"}
    found: dict[str, Json] = {
        name: [
            {k: encode(v) for k, v in row.items() if k not in secrets}
            for row in conn.execute(select(table).where(condition)).mappings()
        ]
        for name, (table, condition) in tables_of.items()
    }
    mine = select(_t).where(_t.c.id == account.id)
    row = conn.execute(mine).mappings().one()
    return {"account": {k: encode(v) for k, v in row.items() if k not in secrets}} | found


def erase(conn: Connection, account: Account, now: datetime) -> str:
    """Forget who the person is: name, address, sessions, preferences. Their decisions stay, under
    a number (a public census must stay explainable: RGPD art. 17-3). The name they now bear.
    """
    name = f"compte-{account.id}"
    blank: dict[str, Any] = {
        "name": name,
        "full_name": "",
        "email": None,
        "password_hash": None,
        "organisation": "",
        "preferences": {},
        "issuer": None,
        "subject": None,
        "disabled_at": now,
    }
    change(conn, account.id, **blank)
    conn.execute(delete(_s).where(_s.c.account == account.id))
    conn.execute(delete(_l).where(_l.c.account == account.id))
    conn.execute(delete(tables.boxes).where(tables.boxes.c.account == account.id))
    new_by = f"user:{name}"
    for table in (tables.decisions, tables.verdicts, _a):
        conn.execute(update(table).where(table.c.by == account.by).values(by=new_by))
    values = tables.initiative_values
    conn.execute(update(values).where(values.c.rule == account.by).values(rule=new_by))
    return name
