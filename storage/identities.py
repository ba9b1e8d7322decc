"""Signing in with an identity provider: the way there and back, and whose identity it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Conflict
from storage import tables
from storage.accounts import Account, account_of, sha256
from storage.codec import safe

_w, _t = tables.sign_ins, tables.accounts

MINUTES = 10  # to show who one is; ProConnect's code itself lasts 30 seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What was sent to the provider and must come back; `next` is the page wanted."""

    nonce: str
    verifier: str
    next: str


def leave(conn: Connection, state: str, leaving: Leaving, now: datetime) -> None:
    """Remember a browser that leaves for the provider. Only the mark of its state is kept."""
    conn.execute(delete(_w).where(_w.c.expires_at < now))
    conn.execute(
        insert(_w).values(
            state_sha256=sha256(state),
            nonce=leaving.nonce,
            verifier=leaving.verifier,
            next=leaving.next,
            expires_at=now + timedelta(minutes=MINUTES),
        )
    )


def come_back(conn: Connection, state: str, now: datetime) -> Leaving | None:
    """What left with that state, once: the second time, or after ten minutes, None."""
    gone = delete(_w).where(_w.c.state_sha256 == sha256(state), _w.c.expires_at > now)
    row = conn.execute(gone.returning(_w.c.nonce, _w.c.verifier, _w.c.next)).one_or_none()
    return None if row is None else Leaving(nonce=row.nonce, verifier=row.verifier, next=row.next)


def owner(conn: Connection, issuer: str, subject: str) -> Account | None:
    """The account tied to that identity, disabled ones included."""
    query = select(_t).where(_t.c.issuer == issuer, _t.c.subject == subject)
    row = conn.execute(query).one_or_none()
    return None if row is None else account_of(row)


def with_email(conn: Connection, email: str) -> list[Account]:
    """The accounts bearing that address, whatever its case."""
    same = func.lower(_t.c.email) == safe(email).strip().lower()
    return [account_of(row) for row in conn.execute(select(_t).where(same).order_by(_t.c.id))]


def tie(conn: Connection, account: Account, issuer: str, subject: str) -> None:
    """Tie an account without identity to this one. Raises Conflict when it has one already."""
    free = (_t.c.id == account.id) & _t.c.subject.is_(None)
    tied = conn.execute(update(_t).where(free).values(issuer=issuer, subject=safe(subject)))
    if tied.rowcount == 0:
        raise Conflict("this account is tied to another identity", about=account.name)


def untie(conn: Connection, account: int) -> None:
    """The person will be recognised by their address again."""
    conn.execute(update(_t).where(_t.c.id == account).values(issuer=None, subject=None))
