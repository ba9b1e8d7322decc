"""`paat source quarantine`: what is put aside, told; and read again after a fix."""

from datetime import timedelta

from collectors.upkeep import archive
from domain.records import Json
from domain.times import PARIS
from flows import replaying, steps, visiting
from flows.house import House
from storage import aside
from storage.aside import Aside

DAYS = 30


def listed(house: House, slug: str | None = None) -> list[Aside]:
    """What is aside now, of one source or of all, the latest first."""
    with house.database.reading() as conn:
        return aside.everything(conn, slug)


def retry(house: House, slug: str | None = None, *, since: str | None = None) -> str:
    """Read it again: what is stored, then the archive of its sources. What became of it, French."""
    before = listed(house, slug)
    with house.database.begin() as conn:
        aside.retry(conn, slug)
    steps.process(house)
    start = archive.since_of(since) if since else house.clock() - timedelta(days=DAYS)
    kept = archive.of_settings(house.settings)
    slugs = {one.source for one in before if not one.stored} & set(kept.slugs())
    sources = visiting.known_sources(house, sorted(slugs)) if slugs else []
    replaying.replay(house, sources, since=start, apply=True)
    left = {(one.source, one.key) for one in listed(house, slug)}
    done = sum((one.source, one.key) not in left for one in before)
    return f"{done} sur {len(before)} relues ; {len(before) - done} restent de côté."


def as_json(one: Aside) -> dict[str, Json]:
    return {
        "source": one.source,
        "key": one.key,
        "why": one.why,
        "attempts": one.attempts,
        "first_at": one.first_at.isoformat(),
        "last_at": one.last_at.isoformat(),
        "kind": "document" if one.document else "annonce" if one.stored else "entrée",
        "payload": one.payload,
    }


def as_text(one: Aside) -> str:
    when = f"{one.last_at.astimezone(PARIS):%d/%m/%Y %H:%M}"
    times = f"{one.attempts} fois" if one.attempts > 1 else "une fois"
    return f"{one.source:<34} {when}, {times}\n    {one.key[:120]}\n    → {one.why}"
