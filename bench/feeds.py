"""Entries a second of the feed path (bytes → raw items) against feedparser's defaults.

On a made feed of 500 entries of 2 kB of French HTML, three rounds each, best of three.
"""

import time
from collections.abc import Callable

import feedparser

from bench._measure import verdict
from collectors.kinds import feed
from domain.records import Source

ENTRIES, TIMES = 500, 3
_BODY = (
    "<p>Samedi 12 octobre, la commune invite les habitants à une fête du sport &amp; de l'été.</p>"
)


def a_feed() -> bytes:
    entries = "".join(
        f"<item><guid>{n}</guid><title>Fête du sport n° {n} &amp; des associations</title>"
        f"<link>https://exemple.fr/agenda/{n}</link>"
        f"<pubDate>Mon, 07 Oct 2024 08:00:{n % 60:02d} +0200</pubDate>"
        f"<description><![CDATA[{_BODY * 20}]]></description></item>"
        for n in range(ENTRIES)
    )
    head = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Essai</title>'
    return f"{head}{entries}</channel></rss>".encode()


def main() -> list[str]:
    body = a_feed()
    source = Source(slug="essai", title="Essai", kind="feed", url="https://exemple.fr/rss")
    ours = _rate(lambda: len(feed.parse(body, source)))
    theirs = _rate(lambda: len(feedparser.parse(body).entries))
    bare = _rate(
        lambda: len(
            feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False).entries
        )
    )
    return [
        f"paat feed path          {ours:8.0f} entries/s",
        f"feedparser, defaults    {theirs:8.0f} entries/s   paat is ×{ours / theirs:.1f} "
        f"(≥ {TIMES}: {verdict(ours >= TIMES * theirs)})",
        f"feedparser, no cleaning {bare:8.0f} entries/s   paat is ×{ours / bare:.1f}",
    ]


def _rate(parse: Callable[[], int]) -> float:
    best = 0.0
    for _ in range(3):
        started = time.process_time()
        count = parse()
        best = max(best, count / (time.process_time() - started))
        assert count == ENTRIES
    return best
