"""Every hostile document of the list, one after the other, read by one run in a bounded memory.

The run is a process of its own with the settings of everyone; its peak and that of its readers are
the kernel's (VmHWM), which no busy machine changes. The web that serves them is in this process.
"""

import asyncio
import gzip
import json
import sys

import pytest

from tests.faults.test_documents import LAUGHS, doctype
from tests.faults.test_parse_pool import MONSTERS
from tests.hostile import GOOD, XML, drip, entry, rss
from tests.web import Handler, Web, answer

pytestmark = pytest.mark.faults

MEGABYTES = 150  # of the run, and of each reader
HTML = {"Content-Type": "text/html"}
EVENT = {"@type": "Event", "name": "Fête", "startDate": "2027-06-03"}


def json_ld(count: int) -> bytes:
    events = json.dumps([{**EVENT, "name": f"Fête {n}"} for n in range(count)])
    script = f'<script type="application/ld+json">{events}</script>'
    return answer(f"<html><head><title>A</title>{script}</head></html>", headers=HTML)


def old_pages(count: int) -> bytes:
    urls = (
        f"<url><loc>http://127.0.0.1/{n}</loc><lastmod>2019-01-01</lastmod></url>"
        for n in range(count)
    )
    return answer(f"<urlset>{''.join(urls)}</urlset>", headers={"Content-Type": "text/xml"})


BOMB = gzip.compress(b"\0" * 300_000_000, 1)
QUICK: dict[str, tuple[str, bytes | Handler]] = {
    "good": ("feed", GOOD),
    "laughs": ("feed", answer(doctype(LAUGHS), headers=XML)),
    "bomb": ("feed", answer(BOMB, headers={**XML, "Content-Encoding": "gzip"})),
    "comments": ("feed", MONSTERS["half a comment"][0]),
    "deep": ("json_api", answer("[" * 200_000 + "]" * 200_000)),
    "endless": ("page", drip(b"HTTP/1.1 200 OK\r\n\r\n", b"<p>Bonjour</p>" * 8000, every=0)),
}
ALL = QUICK | {
    **{name.replace(" ", "-"): (kind, body) for name, (body, kind) in MONSTERS.items()},
    "ten-thousand": ("feed", answer(rss(*(entry(n) for n in range(10_000))), headers=XML)),
    "five-megabytes": ("feed", answer(rss(entry(1, "mot " * 1_300_000)), headers=XML)),
    "structured": ("page", json_ld(10_000)),
    "sixty-thousand": ("sitemap", old_pages(60_000)),
}


@pytest.mark.parametrize(
    "documents", [QUICK, pytest.param(ALL, marks=pytest.mark.slow)], ids=["quick", "all"]
)
def test_every_hostile_document_is_read_in_a_bounded_memory(
    documents: dict[str, tuple[str, bytes | Handler]],
) -> None:
    async def run() -> dict[str, list[int]]:
        async with Web() as web:
            for name, (_, body) in documents.items():
                web.raw(f"/{name}", body) if isinstance(body, bytes) else web.on(f"/{name}", body)
            asked = [[kind, web.url(f"/{name}")] for name, (kind, _) in documents.items()]
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.devouring", json.dumps(asked)),
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await process.communicate()
            return json.loads(said)  # type: ignore[no-any-return]

    peaks = asyncio.run(run())
    print(peaks)  # shown by `pytest -s`: docs/collecte-mesures.md
    assert len(peaks) == len(documents)
    assert max(peak for both in peaks.values() for peak in both) <= MEGABYTES, peaks
