"""The public site: the map of 10,000 points in Chromium, the memory of 100,000 rows on the shelf.

    python -m bench public

The map: our page and our script with frozen points, a real Chromium; the milliseconds from the
points' arrival to the marks drawn (floor: 300 ms), once for a warm engine, then each time.
The shelf: rows made one by one, what a process that keeps them weighs, and the time of a filter.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Route, sync_playwright

from bench.census import a_table
from census.filters import Filter
from domain.outlines import geojson, outlines
from review.shelf import Row, Snapshot, Spool

POINTS, ROWS, TIMES, FLOOR_MS = 10_000, 100_000, 5, 300
STATIC = Path(__file__).parent.parent / "review" / "static"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PAGE = """<!doctype html><html lang="fr"><title>Carte</title>
<link rel="stylesheet" href="/s/vendor/leaflet-1.9.4.css">
<link rel="stylesheet" href="/s/census.css">
<div id="carte" style="height: 32rem" data-points="/points" data-contours="/contours"
 data-drawn-by="x" data-tiles="" data-credit="" data-campagne="X"></div><p id="carte-etat"></p>
<script src="/s/vendor/leaflet-1.9.4.js"></script>
<script src="/s/vendor/supercluster-8.0.1.min.js"></script>
<script src="/s/census-map.js"></script>"""


def points(count: int) -> str:
    """As the page asks them: scattered over the territory, a third at centres of communes."""
    made = []
    for n in range(count):
        spread = 0 if n % 3 == 0 else (n * 7919 % 1000) / 9000
        latitude, longitude = 43.1 + (n * 37 % 190) / 100 + spread, 4.4 + (n * 53 % 310) / 100
        made.append([latitude, longitude, f"PAAT-93-{n}", f"Fête du sport {n}", "Gap", "lieu"])
    return json.dumps(made, ensure_ascii=False)


def main() -> Iterator[str]:
    for count in (1, ROWS):
        done = subprocess.run(
            [sys.executable, "-m", "bench.public", str(count)],
            capture_output=True,
            text=True,
            check=True,
        )
        yield done.stdout.strip()
    found = sorted(map_of(points(POINTS)))
    yield (
        f"carte, {POINTS} points : médiane {median(found):.0f} ms, "
        f"pire {found[-1]:.0f} ms sur {TIMES} (seuil {FLOOR_MS})"
    )


def map_of(body: str) -> list[float]:
    """Milliseconds from the points to the marks, each time in a fresh page."""
    shapes = json.dumps(geojson((one, {"genre": "ici"}) for one in outlines().departments.values()))

    def answer(route: Route) -> None:
        path = route.request.url.partition("//carte.test")[2]
        if path.startswith("/s/"):
            route.fulfill(path=STATIC / path[3:])
        elif path in ("/points", "/contours"):
            route.fulfill(
                body=body if path == "/points" else shapes, content_type="application/json"
            )
        else:
            route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

    found = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for _ in range(TIMES):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.route("**/*", answer)
            page.goto("http://carte.test/")
            page.wait_for_selector("#carte[data-milliseconds]")
            found.append(float(page.locator("#carte").get_attribute("data-milliseconds") or "nan"))
            page.locator(".mark").first.focus()
            page.keyboard.press("Enter")
            page.close()
        browser.close()
    return found


def shelf(count: int) -> str:
    """A campaign of so many rows kept as the site keeps them."""
    spool, table = Spool(), a_table(count)
    rows = {str(row["animation_id"]): Row(spool, row) for row in table}
    kept: dict[str, Any] = {"mark": "", "basis": "", "seen_at": None, "spool": spool}
    found = Snapshot(
        campaign=table.campaign,
        made_on=table.made_on,
        rows=tuple(rows.values()),
        by_id=rows,
        **kept,
    )
    start = time.process_time()
    few = len(found.kept(Filter(departement="05", theme="heritage")))
    filtered = time.process_time() - start
    words = len(found.kept(Filter(q="sport 99")))
    searched = time.process_time() - start - filtered
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"étagère, {count} lignes : {peak:.0f} Mo, {spool.size / 1e6:.0f} Mo sur disque ; "
        f"filtre {1000 * filtered:.0f} ms ({few}), mots {1000 * searched:.0f} ms ({words})"
    )


if __name__ == "__main__":
    print(shelf(int(sys.argv[1])))
