"""Checks of the machine and of the house: what was found, and what to do when it is not fine."""

import asyncio
import os
import resource
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from collectors import load
from collectors.web import network
from collectors.web.client import Client
from collectors.web.look import Look, agreed, cut_off, look
from collectors.web.sites import site_of
from domain.errors import PaatError
from domain.settings import Settings
from domain.statuses import SourceHealth
from domain.times import Clock, system_clock
from flows.house import House
from storage import db, runs, sources

FREE_BYTES = 500_000_000
MEMORY_BYTES = 400_000_000
SITES = 3  # asked for one page each
CLOCK_DRIFT = timedelta(minutes=5)

# Why: docs/decisions/0001 and reference/prefect.md §0 — outside these bounds Prefect 3.8.8 fails
# silently (no scheduled run is ever created) or at the first request.
PINS = {
    "prefect": ((3, 8, 8), (3, 9)),
    "fastapi": ((0, 139), (0, 151)),
    "sqlalchemy": ((2, 0, 40), (2, 1)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One answer of the doctor. `advice` is a French sentence when it is not fine."""

    name: str
    fine: bool
    found: str
    advice: str = ""


def checks(house: House, *, network: bool = True) -> Iterator[Check]:
    """Every check that can be made here, in an order that puts causes before effects.

    `network` asks a few sites of the sources for one page each: not for a check every hour.
    """
    yield from _here(house.settings)
    schema = _schema(house)
    yield schema
    yield _clock(house)
    if network:
        urls = _urls(house) if schema.fine else _urls_of_files(house.settings)
        yield from _outside(house.settings, house.clock, urls)
    if schema.fine:
        yield _health(house)
    yield from _prefect()


def without_database(settings: Settings, error: PaatError) -> Iterator[Check]:
    """The same when the database cannot be opened: that is a finding, not the end."""
    yield from _here(settings)
    yield Check(name="base de données", fine=False, found=error.message, advice=error.french)
    yield from _outside(settings, system_clock, _urls_of_files(settings))
    yield from _prefect()


def _here(settings: Settings) -> Iterator[Check]:
    yield _python()
    yield from _pins()
    yield from _machine(settings)
    yield _disk(settings)
    yield _sources(settings)
    yield _contact(settings)


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    fine = (3, 11) <= sys.version_info[:2] <= (3, 14)
    return Check(name="Python", fine=fine, found=found, advice="installez Python 3.11 à 3.14")


def _pins() -> Iterator[Check]:
    for package, (low, high) in PINS.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            found = "absent"
        number = tuple(int(part) for part in found.split(".") if part.isdigit())
        low_text, high_text = ".".join(map(str, low)), ".".join(map(str, high))
        yield Check(
            name=f"version de {package}",
            fine=low <= number < high,
            found=found,
            advice=f"il faut ≥ {low_text} et < {high_text} : « make setup »",
        )


def _machine(settings: Settings) -> Iterator[Check]:
    """Memory for the readers of documents, and sockets for the hosts visited together."""
    memory = _available_memory()
    workers = settings.parse_workers
    if memory is not None:
        yield Check(
            name="mémoire",
            fine=memory >= MEMORY_BYTES,
            found=f"{_gigabytes(memory)} disponibles, lecteurs de documents : {workers}",
            advice="libérez de la mémoire, ou baissez PAAT_PARSE_WORKERS et PAAT_CONCURRENCY",
        )
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.concurrency * 2 + 128
    yield Check(
        name="fichiers ouverts",
        fine=limit == resource.RLIM_INFINITY or limit >= needed,
        found=f"{limit} permis pour {settings.concurrency} sites à la fois",
        advice=f"relevez la limite à {needed} (« ulimit -n »), ou baissez PAAT_CONCURRENCY",
    )


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} Go".replace(".", ",")


def _available_memory() -> int | None:
    """Bytes, as Linux tells them; None elsewhere."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else None


def _urls(house: House) -> list[str]:
    """The addresses of the sources, those that are well first."""
    with house.database.reading() as conn:
        known, states = sources.known(conn), sources.states(conn)
    fine = [slug for slug, one in states.items() if one.health is SourceHealth.OK and slug in known]
    return [known[slug].url for slug in [*fine, *known] if network.host(known[slug])]


def _urls_of_files(settings: Settings) -> list[str]:
    found, _ = load.load_sources(settings.sources)
    return [one.url for one in found if network.host(one)]


def _outside(settings: Settings, clock: Clock, urls: Sequence[str]) -> Iterator[Check]:
    """Do sites answer from here, and does our clock agree with theirs?"""
    hosts = list(dict.fromkeys(map(site_of, urls)))[:SITES]
    if not hosts:
        yield Check(name="réseau", fine=True, found="aucune source sur le web à essayer")
        return
    looks, alone = asyncio.run(_look(settings, clock, hosts))
    yield _network(looks, alone=alone)
    drift = agreed(looks)
    if drift is not None:
        yield Check(
            name="heure des sites",
            fine=abs(drift) < CLOCK_DRIFT,
            found=f"{drift.total_seconds():.0f} s d'écart avec l'heure des sites (en-tête Date)",
            advice="réglez l'heure de la machine (NTP) : dates de lecture et attentes en dépendent",
        )


async def _look(settings: Settings, clock: Clock, urls: Sequence[str]) -> tuple[list[Look], bool]:
    """A look at each site; whether this machine itself is cut off, when none answers."""
    async with Client(settings, clock) as client:
        looks = await look(client, urls)
        alone = not any(one.answered for one in looks) and await cut_off(client)
    return looks, alone


def _network(looks: Sequence[Look], *, alone: bool) -> Check:
    """One site may be down; when none answers, it is us."""
    good = [one for one in looks if one.answered]
    times = [one.milliseconds for one in good if one.milliseconds is not None]
    speed = f", en {max(times)} ms au plus" if times else ""
    mute = next((one.why for one in looks if not one.answered), "")
    return Check(
        name="réseau",
        fine=bool(good),
        found=f"{len(good)} site(s) sur {len(looks)} répondent{speed}"
        + (f" ({mute})" if mute else ""),
        advice="cette machine est coupée du réseau : vérifiez sa connexion et son DNS"
        if alone
        else "le DNS répond mais aucun de ces sites : vérifiez le pare-feu ou le mandataire",
    )


def _health(house: House) -> Check:
    """How many sources want a look; details are on the sources' page."""
    with house.database.reading() as conn:
        states = sources.states(conn)
    fine = (SourceHealth.OK, SourceHealth.PAUSED, SourceHealth.DEGRADED)
    ill = sorted(slug for slug, one in states.items() if one.health not in fine)
    return Check(
        name="santé des sources",
        fine=len(ill) * 2 <= len(states),  # one dead site is not our illness
        found=f"{len(states) - len(ill)} sur {len(states)} se lisent",
        advice=f"voyez « paat source list » : {', '.join(ill[:5])}{'…' if len(ill) > 5 else ''}",
    )


def _disk(settings: Settings) -> Check:
    place = settings.home if settings.home.exists() else Path(settings.home.resolve().anchor)
    free = shutil.disk_usage(place).free
    return Check(
        name="place sur le disque",
        fine=free >= FREE_BYTES,
        found=f"{_gigabytes(free)} libres",
        advice="libérez de la place : une base pleine refuse d'enregistrer",
    )


def _schema(house: House) -> Check:
    state = db.status(house.database)
    return Check(
        name="schéma de la base",
        fine=state.up_to_date,
        found=str(state.current or "aucun"),
        advice="lancez « paat db upgrade »",
    )


def _clock(house: House) -> Check:
    with house.database.reading() as conn:
        drift = abs(db.server_time(conn) - house.clock())
    return Check(
        name="horloge",
        fine=drift < CLOCK_DRIFT,
        found=f"{drift.total_seconds():.0f} s d'écart avec la base",
        advice="réglez l'heure de la machine (NTP) : les passages programmés en dépendent",
    )


def _sources(settings: Settings) -> Check:
    found, problems = load.load_sources(settings.sources)
    return Check(
        name="fichiers de sources",
        fine=bool(found) and not problems,
        found=f"{len(found)} sources, {len(problems)} erreurs",
        advice="; ".join(map(str, problems[:3])) or "ajoutez une source : « paat source add »",
    )


def _contact(settings: Settings) -> Check:
    contact = settings.contact
    fine = contact.isascii() and "example." not in contact
    return Check(
        name="adresse de contact",
        fine=fine,
        found=contact,
        advice="mettez la vôtre dans PAAT_CONTACT : les sites visités doivent pouvoir vous joindre",
    )


def _prefect() -> Iterator[Check]:
    """Only when a server is set: does it answer, and do scheduled runs exist?"""
    if not os.environ.get("PREFECT_API_URL"):
        return
    from flows import deploy

    yield _guarded("ordonnanceur", deploy.server_answers)
    yield _guarded("passages programmés", deploy.scheduled_runs)


def _guarded(name: str, ask: Callable[[], str]) -> Check:
    try:
        return Check(name=name, fine=True, found=ask())
    except PaatError as error:
        return Check(name=name, fine=False, found=error.message, advice="relancez « paat up »")


def last_run(house: House) -> str:
    """When the last run ended, in French; or that there was none."""
    with house.database.reading() as conn:
        found = runs.last(conn)
    return f"{found[0].started_at:%d/%m/%Y %H:%M} UTC" if found else "aucun passage"
