"""The queue's figures: key → next card painted, server time a decision, weight of the first page.

    python -m bench review

A throw-away PostgreSQL (durable: fsync on), uvicorn on loopback, Chromium from apt. Round trips of
0, 40 and 120 ms are added in the browser, on every request of the queue.
"""

import http.client
import os
import re
import shutil
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from playwright.sync_api import BrowserContext, sync_playwright

from domain.settings import Settings
from domain.statuses import Role
from domain.times import system_clock
from review.app import create_app
from review.security import Buckets
from storage import db, embedded
from tests.review import CAMPAIGN, TestHouse, a_session, an_account, stored_cards

KEYS = 60  # decisions measured at each delay
PATH = f"/file?campagne={CAMPAIGN}"

# After a key: the next frame, then a message that runs once that frame is painted.
WATCH = """() => {
  window.painted = [];
  addEventListener("keydown", (event) => {
    const from = event.timeStamp;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.painted.push(performance.now() - from);
      channel.port2.postMessage(0);
    });
  }, true);
}"""


class Timed:
    """ASGI: how long the application took for each decision, in milliseconds."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.spent: list[float] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        started = time.perf_counter()
        await self.app(scope, receive, send)
        if scope["type"] == "http" and scope["path"] == "/file/decision":
            self.spent.append((time.perf_counter() - started) * 1000)


@contextmanager
def site(cards: int) -> Iterator[tuple[str, str, Timed]]:
    """(address, cookie, timings) of an application with so many cards."""
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with embedded.start(home) as server, db.connect(server.url) as database:
            db.upgrade(database)
            with database.begin() as conn:
                for _ in range(cards // 500):
                    stored_cards(conn, 500, text=" ".join(["Une course solidaire."] * 25))
                conn.exec_driver_sql("analyze")
                account = an_account(conn, "lea", Role.REVIEWER)
                cookie, _ = a_session(conn, account, system_clock())
            house = TestHouse(database=database, settings=_settings(), clock=system_clock)
            buckets = Buckets(clock=lambda: time.monotonic() * 1000)  # never limited
            app = Timed(create_app(house, buckets=buckets))
            with served(app) as url:
                yield url, cookie, app
    finally:
        shutil.rmtree(home)


def _settings() -> Settings:
    return Settings(_env_file=None)  # type: ignore[call-arg]


@contextmanager
def served(app: Any) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


def key_to_paint(context: BrowserContext, *, delay_ms: int) -> list[float]:
    """Milliseconds from each key to the frame that shows the next card."""
    page = context.new_page()

    def late(route: Any) -> None:
        time.sleep(delay_ms / 1000)
        route.continue_()

    page.goto(PATH)
    page.wait_for_function("() => document.querySelectorAll('#queue .card').length === 8")
    page.evaluate(WATCH)
    if delay_ms:
        page.route("**/file/**", late)
    for number in range(KEYS):
        page.keyboard.press("v" if number % 3 else "r")
        page.wait_for_timeout(250)
    found: list[float] = page.evaluate("() => window.painted")
    page.close()
    return found


def decide_alone(url: str, cookie: str, app: Timed, *, number: int = 200) -> list[float]:
    """Milliseconds of the application for each decision, no browser beside it."""
    wire = http.client.HTTPConnection(url.removeprefix("http://"))
    headers = {"cookie": f"paat={cookie}", "sec-fetch-site": "same-origin"}
    app.spent.clear()
    while len(app.spent) < number:
        wire.request("GET", f"/file/cartes?campagne={CAMPAIGN}", headers=headers)
        body = wire.getresponse().read().decode()
        for form in re.findall("<form.*?</form>", body, re.DOTALL):
            fields = dict(re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', form))
            data = urlencode(fields | {"acte": "approve", "themes": "heritage"})
            kind = {"content-type": "application/x-www-form-urlencoded"}
            accept = {"accept": "application/json"}
            wire.request("POST", "/file/decision", data, headers | kind | accept)
            answer = wire.getresponse()
            assert answer.status == 200, answer.read()
            answer.read()
    return list(app.spent)


def first_page_bytes(context: BrowserContext) -> int:
    """Bytes received to show the queue for the first time, without images nor fonts."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wanted: dict[str, str] = {}
    received: dict[str, int] = {}
    wire.on("Network.responseReceived", lambda e: wanted.update({e["requestId"]: e["type"]}))
    wire.on(
        "Network.loadingFinished",
        lambda e: received.update({e["requestId"]: int(e["encodedDataLength"])}),
    )
    page.goto(PATH, wait_until="load")
    size = sum(
        n for i, n in received.items() if wanted.get(i) in ("Document", "Stylesheet", "Script")
    )
    page.close()
    return size


def measure(cards: int) -> dict[str, Any]:
    chromium = shutil.which("chromium")
    found: dict[str, Any] = {"cards": cards}
    with site(cards) as (url, cookie, app), sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(base_url=url)
        context.add_cookies([{"name": "paat", "value": cookie, "url": url}])
        found["first_page_bytes"] = first_page_bytes(context)
        found["server_alone_ms"] = _summary(decide_alone(url, cookie, app))
        for delay in (0, 40, 120):
            app.spent.clear()
            times = key_to_paint(context, delay_ms=delay)
            found[f"key_to_paint_ms_{delay}"] = _summary(times)
            found[f"server_ms_{delay}"] = _summary(app.spent)
        browser.close()
    return found


def _summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "n": len(ordered),
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95) - 1], 1),
    }


def main() -> Iterator[str]:
    """The figures, a line each. `PAAT_BENCH_CARDS` cards (10,000)."""
    if shutil.which("chromium") is None:
        yield "chromium is not installed: apt-get install chromium"
        return
    for name, value in measure(int(os.environ.get("PAAT_BENCH_CARDS", "10000"))).items():
        yield f"{name:<22} {value}"
