"""An application over the test database, and people to use it. For TestClient and real browsers."""

import secrets
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.testclient import TestClient

from domain.identifiers import NewId, ulid
from domain.records import FieldValue, Mention
from domain.settings import Settings
from domain.statuses import CardState, DecisionKind, Role
from domain.times import Clock
from review.app import create_app
from storage import accounts, answers, initiatives, sessions, suggestions, tables
from storage.accounts import Account
from storage.answers import Answer, Answered
from storage.db import Connection, Database
from tests.builders import (
    NOW,
    a_mention,
    a_suggestion,
    a_value,
    stored_initiatives,
    stored_mentions,
)

CAMPAIGN = "SOP-2027"
_numbers = count(1)
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TestHouse:
    """What create_app needs."""

    __test__ = False
    database: Database
    settings: Settings = field(default_factory=lambda: Settings(_env_file=None))
    clock: Clock = lambda: NOW
    new_id: NewId = lambda prefix: f"{prefix}-{ulid(NOW)}"


def a_house(database: Database, **changes: Any) -> TestHouse:
    return TestHouse(database=database, **changes)


def an_account(
    conn: Connection, name: str = "lea", role: Role = Role.REVIEWER, **more: Any
) -> Account:
    return accounts.add(conn, name, role=role, now=more.pop("now", NOW), **more)


def a_session(conn: Connection, account: Account, now: Any = NOW) -> tuple[str, str]:
    """(cookie, CSRF token) of an open session, without the 0.3 s of a password."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    sessions.start(conn, account.id, token, csrf=csrf, now=now)
    return token, csrf


@dataclass(slots=True)
class Person:
    """A signed-in TestClient: `get(path)`, `post(path, field=…)` with its CSRF token."""

    client: TestClient
    account: Account | None = None
    csrf: str = ""

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.post(path, data={"jeton": self.csrf, **(data or {})}, **more)


def a_person(house: TestHouse, role: Role | None = Role.REVIEWER, **more: Any) -> Person:
    """Somebody of that role at their browser (None = nobody signed in)."""
    app = more.pop("app", None) or create_app(house)
    client = TestClient(
        app, headers=SAME_ORIGIN, follow_redirects=False, raise_server_exceptions=False
    )
    if role is None:
        return Person(client)
    with house.database.begin() as conn:
        account = an_account(conn, more.pop("name", role.value), role, **more)
        token, csrf = a_session(conn, account, house.clock())
    client.cookies.set("paat", token)
    return Person(client, account, csrf)


# --- the queue -------------------------------------------------------------------------------


def stored_cards(conn: Connection, how_many: int = 3, **mention: Any) -> list[str]:
    """So many initiatives to review, each with a card in SOP-2027; their ids in queue order."""
    given = [a_mention(f"carte-{next(_numbers)}", **mention) for _ in range(how_many)]
    names = stored_initiatives(conn, [[one] for one in stored_mentions(conn, given)])
    values = {n: _values(m) for n, m in zip(names, given, strict=True)}
    initiatives.save_values(conn, values, NOW)
    found = {n: [a_suggestion(n, campaign=CAMPAIGN)] for n in names}
    suggestions.save(conn, found, NOW, campaign=CAMPAIGN, model="rules:1")
    conn.execute(tables.cards.update().values(doubled=False))  # a sample is tested apart
    return names


def _values(mention: Mention) -> dict[str, FieldValue]:
    known = {
        "title": mention.title,
        "description": mention.text,
        "organiser": mention.who.name,
        "department": mention.where.department,
        "url": mention.url,
    }
    return {n: a_value(n, v, mention=mention.id or None) for n, v in known.items() if v}


def an_answer(initiative: str, kind: DecisionKind = DecisionKind.APPROVE, **more: Any) -> Answer:
    values = {"campaign": CAMPAIGN, "key": secrets.token_hex(8), "version": 2}
    if kind is DecisionKind.APPROVE:
        values["themes"] = ("heritage",)
    return Answer(initiative=initiative, kind=kind, **{**values, **more})


def stored_answer(conn: Connection, account: Account, initiative: str) -> Answered:
    """A card of that initiative in SOP-2027, answered."""
    found = {initiative: [a_suggestion(initiative, campaign=CAMPAIGN)]}
    suggestions.save(conn, found, NOW, campaign=CAMPAIGN, model="rules:1")
    conn.execute(tables.cards.update().values(state=CardState.OPEN))
    version = initiatives.get(conn, [initiative])[0].version
    return answers.answer(conn, account, an_answer(initiative, version=version), NOW)
