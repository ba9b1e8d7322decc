"""`paat source discover`, `add`, `freeze` and `test` from an address, on a loopback web."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collectors.load import load_sources
from flows import discovering
from flows.cli import paat
from tests.web import Web

FEED = (
    "<rss version='2.0'><channel><title>Ville</title>"
    "<item><title>Fête du sport, 3 juin 2027</title><guid>1</guid></item></channel></rss>"
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A town's site served by another thread; sources/ is a folder of the test."""
    monkeypatch.setenv("PAAT_ALLOW_LOOPBACK", "true")
    monkeypatch.setenv("PAAT_PER_HOST_SECONDS", "0")
    monkeypatch.setenv("PAAT_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setenv("PAAT_HOME", str(tmp_path / "home"))
    ready, stop = threading.Event(), threading.Event()
    found: list[str] = []

    async def serve() -> None:
        async with Web() as web:
            link = '<link rel="alternate" type="application/rss+xml" href="/flux.xml">'
            web.page("/", f"<html><head><title>Ville de Gap</title>{link}</head></html>")
            web.page("/flux.xml", FEED, kind="application/rss+xml")
            found.append(web.url("/"))
            ready.set()
            while not stop.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(600)
    yield found[0]
    stop.set()
    thread.join()


def run(*words: str, given: str = "") -> Result:
    """As the shell calls it; click keeps what a command learnt from its first parent."""
    whole = ["-q", "source", *words]
    return CliRunner().invoke(paat, whole, input=given, standalone_mode=False)


def test_addresses_pasted_in_any_form_are_found_once() -> None:
    text = (
        "1. Gap : https://gap.example/agenda.\nville.example\nrien ici\nhttps://gap.example/agenda"
    )
    assert discovering.addresses(text) == ["https://gap.example/agenda", "https://ville.example"]


def test_discover_prints_a_table_with_what_to_do_next(site: str, tmp_path: Path) -> None:
    file = tmp_path / "adresses.txt"
    file.write_text(f"{site}\n{site}absent\nhttps://www.facebook.com/villedegap\n{site}#haut\n")
    told = run("discover", "--file", str(file))
    head, first, absent, closed, again, _, total = told.stdout.splitlines()
    assert head.split()[:2] == ["adresse", "ce"]
    assert first.startswith("✓")
    assert "flux RSS ou Atom         1   100 %" in first
    assert first.endswith("Fête du sport, 3 juin 2027, 3 juin 2027")
    assert absent.startswith("✗")
    assert f"→ cherchez la page à partir de {site}" in absent
    assert "Facebook interdit la lecture automatique → cherchez le site" in closed
    assert again.endswith("(comme la ligne 1)")
    assert total.startswith("4 adresses : 2 collectable(s), 0 à compléter, 2 sans rien à lire.")
    assert told.return_value == 1
    found = json.loads(run("discover", site, "--json").stdout)
    assert found["candidates"][found["best"]]["kind"] == "feed"


def test_what_is_not_an_address_does_not_stop_the_others(site: str) -> None:
    bad, good = map(json.loads, run("discover", "mairie", site, "--json").stdout.splitlines())
    assert (bad["why"], bad["best"]) == ("ce n'est pas une adresse https://…", None)
    assert good["best"] is not None


def test_add_writes_a_block_that_loads_and_refuses_it_twice(site: str, tmp_path: Path) -> None:
    assert run("add", site, "--department", "05", "--yes").return_value == 0
    (source,), errors = load_sources(tmp_path / "sources")
    assert errors == []
    assert (source.kind, source.department, source.title) == ("feed", "05", "Ville de Gap")
    assert source.url.endswith("/flux.xml")
    again = run("add", site, "--department", "05", "--yes")
    assert again.return_value == 1
    assert f"déjà suivie sous le nom {source.slug}" in again.output
    assert len(load_sources(tmp_path / "sources")[0]) == 1


def test_add_asks_first_and_freeze_keeps_the_pages(site: str, tmp_path: Path) -> None:
    run("add", site, given="n\n")
    assert not (tmp_path / "sources" / "ajouts.toml").exists()
    run("add", site, given="o\n")
    (source,), _ = load_sources(tmp_path / "sources")
    assert run("freeze", source.slug, "--to", str(tmp_path / "ex")).return_value == 0
    example = tmp_path / "ex" / source.slug
    assert (example / "pages.json").exists()
    examples = ("--examples", str(tmp_path / "ex"))
    assert "vient d'être écrit" in run("test", "--frozen", *examples).stdout
    assert run("test", "--frozen", *examples).return_value == 0
    assert run("check", source.slug, *examples).return_value == 0
    wanted = (example / "expected.json").read_text("utf-8")
    (example / "expected.json").write_text(wanted.replace('"title"', '"venue"'), "utf-8")
    told = run("check", source.slug, *examples)
    assert told.return_value == 1
    assert "venue : rempli à 100% dans l'exemple, à 0% aujourd'hui" in told.stdout
    assert run("check").return_value is None  # neither a slug nor --changed


def test_test_guesses_the_kind_of_an_address_and_says_it(site: str) -> None:
    told = json.loads(run("test", site, "--json").stdout)
    assert told["outcome"] == "ok"
    assert told["items"][0]["starts_on"] == "2027-06-03"
    assert "lue comme feed" in told["why"]


def test_a_trial_explains_every_decision(site: str) -> None:
    told = json.loads(run("test", f"{site}flux.xml", "--json").output)
    decided = {one["about"]: one["what"] for one in told["decisions"]}
    assert decided["type"].startswith("feed (Flux")
    assert "deviné" in decided["type"]
    assert "permise" in decided["robots.txt"]
    assert f"{site}flux.xml (demandée entière) : 200" in decided["demande"]
    assert "1 annonces" in decided["gardé"]
    assert decided["remplissage"].startswith("dates 100 %, lieux 0 %")  # told in the title
    assert "ETag" in decided["la prochaine fois"]
    assert decided["santé"] == "serait en bonne santé"
    assert "toutes les 24 h : réglage de la source" in decided["prochain passage"]
    shown = run("test", f"{site}flux.xml").output
    assert "Ce qui a été décidé, et pourquoi :" in shown
