"""The archive keeps bytes once, forgets in time but the last good ones, and any person at once."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from collectors.upkeep import warc
from collectors.upkeep.archive import Archive, keep_days, since_of
from domain.errors import ConfigError
from domain.records import Visit
from domain.settings import Settings
from domain.statuses import Outcome
from tests.builders import NOW, a_source, later

PAGE = b"<html><body>" + b"Forum des associations de Gap. " * 200 + b"</body></html>"


def visit(
    archive: Archive,
    body: bytes = PAGE,
    *,
    days: float = 0,
    slug: str = "gap",
    path: str = "/flux",
    outcome: Outcome | None = Outcome.OK,
) -> None:
    """One visit that archived one answer, `days` after NOW; without outcome it was killed."""
    source, at = a_source(slug), later(days=days)
    shelf = archive.begin(source, {source.url: {"etag": "1"}} if days else {}, at)
    url = f"https://{slug}.example{path}"
    headers = {"content-type": "text/html", "set-cookie": "secret=1"}
    shelf.keep(url, body, url=url, status=200, headers=headers, at=at)
    if outcome is not None:
        shelf.end(Visit(source=slug, outcome=outcome, started_at=at, items=3))


def bodies(archive: Archive) -> list[Path]:
    return list((archive.folder / "bodies").glob("*/*.zst"))


def test_what_is_kept_reads_back_and_the_same_bytes_are_written_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    visit(archive)
    visit(archive, slug="embrun", days=1)
    (one,) = archive.visits("gap")
    (answer,) = one.snapshots
    assert archive.body(answer.sha256) == PAGE
    assert (answer.url, answer.status, answer.at) == ("https://gap.example/flux", 200, NOW)
    assert answer.headers == {"content-type": "text/html"}  # never a cookie
    assert (one.outcome, one.known) == ("ok", {})
    assert archive.visits("embrun")[0].known == {"https://embrun.example/flux": {"etag": "1"}}
    assert len(bodies(archive)) == 2  # the page, and what the second visit knew
    assert sum(path.stat().st_size for path in bodies(archive)) < len(PAGE) / 5


def test_a_visit_that_kept_nothing_writes_nothing(tmp_path: Path) -> None:
    shelf = Archive(tmp_path).begin(a_source(), {}, NOW)
    shelf.end(Visit(source="gap", outcome=Outcome.UNCHANGED, started_at=NOW))
    assert list(tmp_path.iterdir()) == []


def test_a_reserved_visit_is_discarded(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    shelf = archive.begin(a_source(), {}, NOW)
    shelf.keep("u", PAGE, url="u", status=200, headers={}, at=NOW)
    shelf.discard()
    assert archive.visits("gap") == []


def test_a_line_cut_by_a_kill_and_a_damaged_body_are_left_out(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    visit(archive, outcome=None)
    (one,) = archive.visits("gap")
    with one.path.open("a", encoding="utf-8") as out:
        out.write('{"asked": "https://gap.exam')
    bodies(archive)[0].write_bytes(b"x")
    (again,) = archive.visits("gap")
    assert (len(again.snapshots), again.outcome) == (1, "")
    assert archive.body(again.snapshots[0].sha256) is None
    (tmp_path / "visits" / "gap" / "2020.jsonl").write_text("", "utf-8")
    assert len(archive.visits("gap")) == 1


def test_retention_forgets_visits_then_bodies_but_never_the_last_good_one(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    visit(archive, b"un")
    visit(archive, b"deux", days=10)
    visit(archive, b"trois", days=20, outcome=Outcome.UNREADABLE)
    assert archive.prune({"gap": 30}, later(days=29), default=0) == 0
    assert archive.prune({"gap": 30}, later(days=100), default=0) == 2
    (left,) = archive.visits("gap")
    assert archive.body(left.snapshots[0].sha256) == b"deux"
    # Bodies younger than a day are spared: theirs may be a visit that is not over.
    assert archive.sweep(later(days=-1000)) == 0


def test_nothing_stays_of_a_source_that_keeps_nothing(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    visit(archive)
    assert archive.prune({"gap": 0}, later(days=2), default=30) == 1
    assert (archive.visits("gap"), bodies(archive)) == ([], [])


def test_nothing_of_persons_stays_after_its_days_not_even_the_last_good_visit(
    tmp_path: Path,
) -> None:
    archive = Archive(tmp_path)
    visit(archive, slug="formulaire")
    visit(archive)
    days = {"formulaire": 7, "gap": 7}
    assert archive.prune(days, later(days=6), default=30, personal={"formulaire"}) == 0
    assert archive.prune(days, later(days=8), default=30, personal={"formulaire"}) == 1
    assert (archive.visits("formulaire"), len(archive.visits("gap"))) == ([], 1)


def test_a_person_is_erased_from_every_visit_at_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    visit(archive, b"Contact : Jeanne.Dupont@ville.example", days=1)
    visit(archive, b"Contact : mairie@ville.example", days=2)
    visit(archive, "Présidée par Jeanne.Dupont@".encode("cp1252"), days=3)
    visit(archive, b"jeanne.dupont@ville.example partie", slug="embrun")
    gone = archive.erase(re.compile(r"jeanne\.dupont@", re.IGNORECASE), ["gap", "embrun"])
    assert [slug for slug, _, _ in gone] == ["gap", "gap", "embrun"]
    left = [one for slug in archive.slugs() for v in archive.visits(slug) for one in v.snapshots]
    assert [archive.body(one.sha256) for one in left] == [b"Contact : mairie@ville.example"]


def test_a_full_disk_stops_no_visit(tmp_path: Path) -> None:
    blocked = tmp_path / "archive"
    blocked.write_text("a file where a folder was due", "utf-8")
    visit(Archive(blocked))


@pytest.mark.parametrize(
    ("asked", "personal", "days"), [(None, False, 30), (None, True, 0), (7, True, 7), (0, False, 0)]
)
def test_forms_are_not_kept_unless_their_block_says_so(
    asked: int | None, personal: bool, days: int
) -> None:
    options = {} if asked is None else {"archive_days": asked}
    assert keep_days(a_source(options=options), Settings(), personal=personal) == days


def test_a_date_is_that_of_paris_and_a_wrong_one_is_told() -> None:
    assert since_of("2026-11-21").isoformat() == "2026-11-21T00:00:00+01:00"
    with pytest.raises(ConfigError, match="écrivez par exemple"):
        since_of("hier")


def test_the_warc_is_read_back_by_warcio(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    visit(archive)
    visit(archive, "Été à l’île".encode(), days=1, path="/agenda?id=3&lang=fr")
    out = io.BytesIO()
    assert warc.write(archive, archive.visits("gap"), out, now=NOW) == 2
    again = io.BytesIO()
    warc.write(archive, archive.visits("gap"), again, now=NOW)
    assert again.getvalue() == out.getvalue()
    out.seek(0)
    read = []
    for record in ArchiveIterator(out, check_digests="raise"):
        if record.rec_type == "response":
            body = record.content_stream().read()
            named = record.rec_headers.get_header
            assert record.http_headers.get_statuscode() == "200"
            assert record.rec_headers.protocol == "WARC/1.1"
            read.append((named("WARC-Target-URI"), named("WARC-Date")[:19], body))
    assert read == [
        ("https://gap.example/flux", f"{NOW:%Y-%m-%dT%H:%M:%S}", PAGE),
        (
            "https://gap.example/agenda?id=3&lang=fr",
            f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%S}",
            "Été à l’île".encode(),
        ),
    ]
