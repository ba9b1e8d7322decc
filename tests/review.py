"""An application over the test database, and people to use it. For TestClient and real browsers."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from domain.identifiers import NewId, ulid
from domain.settings import Settings
from domain.statuses import Role
from domain.times import Clock
from review.app import create_app
from storage import accounts, sessions
from storage.accounts import Account
from storage.db import Connection, Database
from tests.builders import NOW

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
