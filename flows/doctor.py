"""Checks of the machine and of the house: what was found, and what to do when it is not fine."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

from collectors import load
from domain.errors import PaatError
from flows.house import House
from storage import db, runs

FREE_BYTES = 500_000_000
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


def checks(house: House) -> Iterator[Check]:
    """Every check that can be made here, in an order that puts causes before effects."""
    yield _python()
    yield from _pins()
    yield _disk(house)
    yield _schema(house)
    yield _clock(house)
    yield _sources(house)
    yield _contact(house)
    yield from _prefect()


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


def _disk(house: House) -> Check:
    free = shutil.disk_usage(house.settings.home.resolve().anchor).free
    if house.settings.home.exists():
        free = shutil.disk_usage(house.settings.home).free
    return Check(
        name="place sur le disque",
        fine=free >= FREE_BYTES,
        found=f"{free / 1e9:.1f} Go libres",
        advice="libérez de la place : une base pleine refuse d'enregistrer",
    )


def _schema(house: House) -> Check:
    state = db.status(house.database)
    return Check(
        name="schéma de la base",
        fine=state.up_to_date,
        found=str(state.current),
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


def _sources(house: House) -> Check:
    found, problems = load.load_sources(house.settings.sources)
    return Check(
        name="fichiers de sources",
        fine=bool(found) and not problems,
        found=f"{len(found)} sources, {len(problems)} erreurs",
        advice="; ".join(map(str, problems[:3])) or "ajoutez une source : « paat source add »",
    )


def _contact(house: House) -> Check:
    contact = house.settings.contact
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
