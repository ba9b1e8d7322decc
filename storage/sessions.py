"""Open sessions: kept here so that they can be revoked. The cookie's value is never stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from storage import tables
from storage.accounts import Account, account_of, sha256
from storage.codec import safe

_s, _t = tables.sessions, tables.accounts

HOURS = 12  # the life of a ProConnect session
SEEN_EVERY = timedelta(minutes=5)  # how often activity is written down


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser of a person; `token_sha256` names it, `csrf` goes in its forms."""

    token_sha256: str
    csrf: str
    account: Account
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def start(
    conn: Connection,
    account: int,
    token: str,
    *,
    csrf: str,
    now: datetime,
    address: str = "",
    agent: str = "",
    id_token: str | None = None,
) -> None:
    """Open a session of 12 hours for the bearer of `token`."""
    conn.execute(
        insert(_s).values(
            token_sha256=sha256(token),
            account=account,
            csrf=csrf,
            address=address,
            agent=safe(agent)[:200],
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=HOURS),
            id_token=id_token,
        )
    )


def find(conn: Connection, token: str, now: datetime) -> Session | None:
    """The session of that cookie; None when unknown, revoked, expired or the account disabled."""
    columns = [_s.c[name].label(f"s_{name}") for name in _s.c.keys()]  # noqa: SIM118 — a collection of columns
    query = (
        select(*columns, _t)
        .join(_t, _t.c.id == _s.c.account)
        .where(_s.c.token_sha256 == sha256(token), _s.c.revoked_at.is_(None))
        .where(_s.c.expires_at > now, _t.c.disabled_at.is_(None))
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    if now - row.s_seen_at > SEEN_EVERY:
        conn.execute(update(_s).where(_s.c.token_sha256 == row.s_token_sha256).values(seen_at=now))
    return Session(
        token_sha256=row.s_token_sha256,
        csrf=row.s_csrf,
        account=account_of(row),
        address=row.s_address,
        agent=row.s_agent,
        created_at=row.s_created_at,
        seen_at=row.s_seen_at,
        expires_at=row.s_expires_at,
    )


def of(conn: Connection, account: Account, now: datetime) -> list[Session]:
    """The open sessions of a person, the latest used first."""
    query = select(_s).where(_s.c.account == account.id, _s.c.revoked_at.is_(None))
    query = query.where(_s.c.expires_at > now).order_by(_s.c.seen_at.desc())
    return [
        Session(
            token_sha256=row.token_sha256,
            csrf=row.csrf,
            account=account,
            address=row.address,
            agent=row.agent,
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
        )
        for row in conn.execute(query)
    ]


def revoke(conn: Connection, token_sha256: str, account: int, now: datetime) -> None:
    """End that session of that account. Twice is harmless."""
    mine = (_s.c.token_sha256 == token_sha256) & (_s.c.account == account)
    ended = {"revoked_at": now, "id_token": None}
    conn.execute(update(_s).where(mine, _s.c.revoked_at.is_(None)).values(ended))


def id_token(conn: Connection, token_sha256: str) -> str | None:
    """The provider's token of an open session."""
    query = select(_s.c.id_token).where(_s.c.token_sha256 == token_sha256)
    return conn.execute(query).scalar_one_or_none()


def forget_old(conn: Connection, now: datetime, *, days: float = 30) -> int:
    """Drop sessions ended for that long (RGPD: addresses are not kept); how many."""
    return conn.execute(delete(_s).where(_s.c.expires_at < now - timedelta(days=days))).rowcount
