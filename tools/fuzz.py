"""Fuzz the readers of what comes from the web, guided by coverage (atheris, not a dependency):

    uv run --with atheris python -m tools.fuzz feed -max_total_time=120 CORPUS_FOLDER

A reader may refuse a document (PaatError); anything else it raises, an item PostgreSQL would not
take, or 20 s on one document, is a finding: libFuzzer writes it as crash-… or timeout-… where it
runs. `python -m tools.fuzz feed FILE…` tries files again. What was found is kept as small tests in
tests/unit/collectors/test_hostile_bytes.py. Without arguments: the names of the targets.
"""

import json
import logging
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

try:
    import atheris
except ImportError:  # only needed here
    sys.exit("atheris is not installed: uv run --with atheris python -m tools.fuzz …")

with atheris.instrument_imports(include=["collectors", "domain"], enable_loader_override=False):
    from collectors import imports
    from collectors.documents import decoding, feed_reader
    from collectors.documents.instants import read_instant
    from collectors.documents.xml import checked
    from collectors.extract import mention
    from collectors.extract.when import find_when, read_when
    from collectors.items import Found
    from collectors.kinds import action_sheet, calendar, feed, mailbox, page, sitemap
    from collectors.pages import markup
    from collectors.pages.json_ld import json_ld_events
    from collectors.pages.moments import iso_moment
    from collectors.pages.page_links import find_links
    from collectors.pages.schema_org import event_fields
    from collectors.tables import reading as tables
    from domain.errors import PaatError
    from domain.records import Quarantined, Source

EXAMPLES = Path(__file__).parent.parent / "tests" / "examples"
TODAY = date(2026, 11, 21)


def source(kind: str) -> Source:
    return Source(slug="essai", title="Essai", kind=kind, url="https://mairie.example/x")


def storable(found: Iterable[Found], of: Source) -> None:
    """Every item can be read as a mention and written in a PostgreSQL jsonb."""
    for one in found:
        told = one.payload if isinstance(one, Quarantined) else dict(one.fields)
        text = json.dumps([told, one.key], ensure_ascii=False, allow_nan=False)
        if not isinstance(one, Quarantined):
            text.encode()  # no lone surrogate
            expect("\\u0000" not in text, "a NUL that PostgreSQL refuses")
            expect(0 < len(one.key) <= 500, f"a key of {len(one.key)} characters")
            mention.read(one, of)


def expect(fine: bool, told: str) -> None:
    if not fine:
        raise AssertionError(told)


def _feed(body: bytes) -> None:
    storable(feed.parse(body, source("feed")), source("feed"))


def _both_feeds(body: bytes) -> None:
    """The quick reader against feedparser."""
    own = source("feed")
    text = checked(decoding.decode(body).text)
    quick = feed_reader.read(text)
    if quick is None:
        return
    slow = feed.items_of(feed._by_feedparser(text, own), own, own.url)
    fast = feed.items_of(quick, own, own.url)
    expect([_shown(o) for o in fast] == [_shown(o) for o in slow], f"{fast}\n{slow}")


def _shown(one: Found) -> object:
    return (one.key, one.why) if isinstance(one, Quarantined) else one


def _page(body: bytes) -> None:
    found, _ = page.parse(body, source("page")), find_links(body.decode("latin-1"), "https://a.fr/")
    storable(found, source("page"))


def _json_ld(body: bytes) -> None:
    text = decoding.decode(body).text
    script = f'<script type="application/ld+json">{text}</script>'
    for event in json_ld_events(script):
        event_fields(event, base="https://a.fr/")
    _page(f"<html><head>{script}</head></html>".encode("utf-8", "replace"))


def _dates(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    for read in (read_when, find_when):
        read(text, reference=TODAY)
    read_instant(text)
    iso_moment(text, text[::-1])


def _addresses(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    for one in (markup.tidy(text), markup.absolute(text, "https://a.fr/b/"), markup.plain(text)):
        expect(one is None or "\0" not in one, "a NUL")
    markup.links_in(text, "https://a.fr/")


def _decode(body: bytes) -> None:
    for declared in ("", "text/html; charset=iso-8859-1", "text/xml; charset=utf-16"):
        decoding.decode(body, declared)
    decoding.text(body, about="essai")


def _table(body: bytes) -> None:
    list(tables.read_table(body).rows)
    imports.read_import(body, name="essai")


def _calendar(body: bytes) -> None:
    storable(calendar.parse(body, source("calendar")), source("calendar"))


def _sitemap(body: bytes) -> None:
    sitemap.parse(body, source("sitemap"))


def _mail(body: bytes) -> None:
    storable(mailbox.parse(body, source("mailbox")), source("mailbox"))


def _sheet(body: bytes) -> None:
    storable(action_sheet.parse(body, source("action_sheet")), source("action_sheet"))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "decode": _decode,
    "feed": _feed,
    "readers": _both_feeds,
    "page": _page,
    "json_ld": _json_ld,
    "dates": _dates,
    "addresses": _addresses,
    "table": _table,
    "calendar": _calendar,
    "sitemap": _sitemap,
    "mail": _mail,
    "action_sheet": _sheet,
}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"one of {', '.join(TARGETS)}, then the options of libFuzzer")
    logging.disable()
    target = TARGETS[sys.argv.pop(1)]

    def once(body: bytes) -> None:
        try:
            target(body)
        except PaatError:
            return

    if not any(Path(one).exists() for one in sys.argv[1:]):
        sys.argv.append(_seeds())
    atheris.Setup([*sys.argv, "-timeout=20", "-rss_limit_mb=2048"], once)
    atheris.Fuzz()


def _seeds() -> str:
    """The frozen examples, each file a seed, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="paat-fuzz-"))
    for number, file in enumerate(sorted(EXAMPLES.rglob("*.*"))):
        if file.is_file() and file.stat().st_size < 100_000:
            (folder / str(number)).write_bytes(file.read_bytes())
    return str(folder)


if __name__ == "__main__":
    main()
