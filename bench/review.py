"""The queue's figures: key → next card painted, server time a decision, weight of the first page.

    python -m bench review

A throw-away PostgreSQL (durable: fsync on), the real `paat serve` in a process of its own, Chromium
from apt. Round trips of 0, 40 and 120 ms are added in the browser, on every request of the queue.
Processor time does not depend on the load of the machine; the other figures do, so that it is told
beside them, with the floors of the issue (median 16 ms and p95 50 ms to paint, 8 ms a decision).
"""

import http.client
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, sync_playwright

from domain.statuses import Role
from domain.times import system_clock
from storage import db, embedded
from tests.review import CAMPAIGN, a_session, an_account, stored_cards

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


@contextmanager
def site(cards: int) -> Iterator[tuple[str, str, int]]:
    """(address, cookie, process) of `paat serve` with so many cards."""
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
            with served(database.url, home) as (url, process):
                yield url, cookie, process
    finally:
        shutil.rmtree(home)


@contextmanager
def served(database_url: str, home: Path) -> Iterator[tuple[str, int]]:
    """(address, process) of `paat serve` on that database."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    env = {**os.environ, "PAAT_DATABASE_URL": database_url, "PAAT_HOME": str(home / "paat")}
    command = [sys.executable, "-c", "from flows.cli import main; main()", "serve"]
    child = subprocess.Popen([*command, "--port", str(port)], env=env, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert child.poll() is None, "paat serve ended"
                assert time.monotonic() < deadline, "paat serve does not answer"
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", child.pid
    finally:
        child.kill()
        child.wait()


def processor_ms(process: int) -> float:
    """Processor time of that process so far, user and system."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1000


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


def decide_alone(
    url: str, cookie: str, process: int, *, number: int = 400
) -> tuple[list[float], float]:
    """(milliseconds seen by a client for each decision, processor milliseconds of the server for
    one), no browser beside it.
    """
    wire = http.client.HTTPConnection(url.removeprefix("http://"))
    headers = {"cookie": f"paat={cookie}", "sec-fetch-site": "same-origin"}
    kind = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    seen: list[float] = []
    spent = 0.0
    while len(seen) < number:
        wire.request("GET", f"/file/cartes?campagne={CAMPAIGN}", headers=headers)
        body = wire.getresponse().read().decode()
        before = processor_ms(process)
        for form in re.findall("<form.*?</form>", body, re.DOTALL):
            fields = dict(re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', form))
            data = urlencode(fields | {"acte": "approve", "themes": "heritage"})
            started = time.perf_counter()
            wire.request("POST", "/file/decision", data, headers | kind)
            answer = wire.getresponse()
            said = answer.read()
            seen.append((time.perf_counter() - started) * 1000)
            assert answer.status == 200, said
        spent += processor_ms(process) - before
        time.sleep(0.05)  # as a person would: the server's own limits are not what is measured
    return seen, spent / len(seen)


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
    with site(cards) as (url, cookie, process), sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(base_url=url)
        context.add_cookies([{"name": "paat", "value": cookie, "url": url}])
        found["first_page_bytes"] = first_page_bytes(context)
        seen, processor = decide_alone(url, cookie, process)
        found["decision_ms"] = _summary(seen)
        found["decision_cpu_ms"] = round(processor, 2)
        for delay in (0, 40, 120):
            times = key_to_paint(context, delay_ms=delay)
            found[f"key_to_paint_ms_{delay}"] = _summary(times)
        found["load"] = os.getloadavg()
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
