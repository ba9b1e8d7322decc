"""The doctor: what it finds of the machine, the network and the clock, on a loopback web."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from collectors.web import look
from domain.settings import Settings
from flows import doctor
from flows.commands.doctor import command
from flows.house import House
from storage import db, sources
from tests.builders import NOW, a_source, later
from tests.web import Web, answer


def examined(house: House, *, ahead: timedelta | None = None) -> dict[str, doctor.Check]:
    """The checks by name, with one source on a web whose clock is ours plus `ahead`; without
    `ahead` nobody answers there."""
    own = Settings(
        home=house.settings.home,
        sources=house.settings.sources,
        allow_loopback=True,
        per_host_seconds=0,
    )
    here = replace(house, settings=own, clock=lambda: NOW)

    async def run() -> dict[str, doctor.Check]:
        async with Web() as web:
            url = web.url("/flux") if ahead is not None else "http://127.0.0.1:9/flux"
            dated = {"Date": format_datetime(NOW + (ahead or timedelta()), usegmt=True)}
            web.raw("/robots.txt", answer(status="404 Not Found", headers=dated))
            with house.database.begin() as conn:
                sources.register(conn, [a_source(url=url), a_source("fichier", url="file:x")])
            found = await asyncio.to_thread(lambda: list(doctor.checks(here)))
            return {one.name: one for one in found}

    return asyncio.run(run())


def test_a_site_that_answers_tells_the_network_and_the_hour(house: House) -> None:
    found = examined(house, ahead=timedelta(seconds=2))
    assert found["réseau"].fine
    assert found["réseau"].found.startswith("1 site(s) sur 1 répondent, en ")
    assert found["heure des sites"].fine
    assert found["heure des sites"].found.startswith("-2 s d'écart")
    assert found["santé des sources"].found == "2 sur 2 se lisent"
    assert {"fichiers ouverts", "place sur le disque"} <= found.keys()


def test_a_clock_an_hour_off_is_told_with_what_to_do(house: House) -> None:
    hour = examined(house, ahead=timedelta(hours=-1))["heure des sites"]
    assert not hour.fine
    assert "3600 s d'écart" in hour.found
    assert "NTP" in hour.advice


def test_when_nobody_answers_nothing_is_said_of_the_hour(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = look.Look(site="https://gap.example", answered=False, why="gap n'a pas répondu")

    async def nobody(*_: object, **__: object) -> list[look.Look]:
        return [silent]

    async def alone(_: object) -> bool:
        return True  # not asked of the network of whoever runs this

    monkeypatch.setattr(doctor, "look", nobody)
    monkeypatch.setattr(doctor, "cut_off", alone)
    found = examined(house)
    assert not found["réseau"].fine
    assert "gap n'a pas répondu" in found["réseau"].found
    assert "cette machine est coupée du réseau" in found["réseau"].advice
    assert "heure des sites" not in found


def test_a_database_that_does_not_answer_is_a_finding_beside_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAAT_DATABASE_URL", "postgresql://x:y@127.0.0.1:1/z")
    monkeypatch.setenv("PAAT_SOURCES", str(Path(__file__).parent))  # no source to ask
    told = CliRunner().invoke(command, [], standalone_mode=False)
    assert told.return_value == 3
    assert "✓ Python" in told.output
    assert "✗ base de données : la base ne répond pas" in told.output


def test_an_empty_database_is_told_to_be_upgraded_and_the_rest_is_still_looked_at(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.connect(server_url) as there:
        empty = db.ensure_database(there, "paat_vide")
    monkeypatch.setenv("PAAT_DATABASE_URL", empty)
    monkeypatch.setenv("PAAT_SOURCES", str(Path(__file__).parent))
    told = CliRunner().invoke(command, [], standalone_mode=False)
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute("drop database paat_vide with (force)")
    assert told.return_value == 1
    assert "✗ schéma de la base : aucun" in told.output
    assert "réseau" in told.output


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"date": format_datetime(NOW, usegmt=True)}, 0),
        ({"date": format_datetime(later(hours=-1), usegmt=True), "age": "3600"}, 0),
        ({"date": "hier"}, None),
        ({"date": format_datetime(NOW, usegmt=True), "age": "beaucoup"}, None),
        ({}, None),
    ],
)
def test_the_hour_of_a_site_is_its_date_and_its_age(
    headers: dict[str, str], seconds: int | None
) -> None:
    found = look.skew(headers, NOW)
    assert (None if found is None else found.total_seconds()) == seconds


def test_one_wrong_server_does_not_make_our_clock_wrong() -> None:
    looks = [
        look.Look(site=str(n), answered=True, skew=timedelta(seconds=off))
        for n, off in enumerate((1, -86_400, 2))
    ]
    assert look.agreed(looks) == timedelta(seconds=1)
    assert look.agreed([]) is None
