"""A real Chromium on a real server, over the test database. `pytest -m browser` runs these.

Every page fails its test when it breaks the CSP, logs an error or has an axe violation
(`check_page`). Skipped, with the reason, where Chromium is not installed.
"""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from domain.statuses import Role
from review.app import create_app
from storage.db import Database
from tests.review import TestHouse, a_house, a_session, an_account

LONG_MS = 600_000  # a busy machine is slow, not wrong
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as engine:
        opened = engine.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS), timeout=LONG_MS
        )
        yield opened
        opened.close()


@dataclass(frozen=True, slots=True)
class Site:
    """The running application, and a way to enter it."""

    url: str
    house: TestHouse
    browser: Browser

    def enter(
        self, role: Role | None = Role.REVIEWER, *, name: str = "", **options: Any
    ) -> "Visitor":
        """A fresh browser of somebody signed in with that role (None = nobody)."""
        more = options.pop("account", {})
        context = self.browser.new_context(base_url=self.url, locale="fr-FR", **options)
        context.set_default_timeout(LONG_MS)
        if role is not None:
            with self.house.database.begin() as conn:
                account = an_account(conn, name or role.value, role, **more)
                token, _ = a_session(conn, account, self.house.clock())
            context.add_cookies([{"name": "paat", "value": token, "url": self.url}])
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return Visitor(page, context, faults)


@dataclass(frozen=True, slots=True)
class Visitor:
    page: Page
    context: BrowserContext
    faults: list[str]


@pytest.fixture
def site(database: Database, browser: Browser) -> Iterator[Site]:
    """The application on a free port of loopback, until the test ends."""
    house = a_house(database)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(house), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 600
    while not server.started:
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.01)
    found = Site(f"http://127.0.0.1:{port}", house, browser)
    yield found
    for context in list(browser.contexts):
        context.close()
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def check_page() -> Callable[[Visitor], None]:
    """No axe nor CSP violation, no error in the console, no sideways scrolling at 320 px."""

    def check(visitor: Visitor) -> None:
        found = Axe().run(visitor.page)
        assert found.violations_count == 0, found.generate_report()
        size = visitor.page.viewport_size
        visitor.page.set_viewport_size({"width": 320, "height": 640})
        wide = visitor.page.evaluate(
            "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        )
        assert wide <= 0, f"{visitor.page.url}: {wide} px too wide at 320 px"
        if size:
            visitor.page.set_viewport_size(size)
        assert visitor.faults == []

    return check
