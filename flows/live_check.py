"""`paat source check`: sources visited live, beside their frozen example. Nothing is stored.

Meant for the night, on the sources a change touches (`--changed main`): the examples prove that the
rules still read yesterday's pages; this says whether today's pages still look like them.
"""

import asyncio
import json
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from collectors import freeze, load
from collectors.collect import Harvest, visit
from collectors.kinds import kinds
from collectors.web.client import Client
from domain.errors import ConfigError
from domain.records import Json
from domain.settings import Settings
from domain.statuses import FRENCH, Outcome
from domain.times import system_clock
from flows.contracts import Contract

USUAL, LOST = 0.5, 0.1  # share of the items that fill a field: in the example, and now


def check(settings: Settings, examples: Path, slugs: Sequence[str]) -> list[Contract]:
    """Each source visited once, politely, and what is wrong with it. Raises ConfigError."""
    known = {one.slug: one for one in load.load_sources(settings.sources)[0]}
    for slug in slugs:
        if slug not in known:
            raise ConfigError(
                f"{slug!r} là où une source connue est attendue ; `paat source list` les montre",
                about=slug,
            )
    chosen = [known[slug] for slug in slugs]

    async def all_of_them() -> list[Harvest]:
        async with Client(settings, system_clock) as client:
            # One after the other: a check is never in a hurry.
            return [await visit(one, client, validators={}, now=system_clock()) for one in chosen]

    return [
        Contract(slug=one.slug, items=len(got.items), differences=tuple(_wrong(got, examples)))
        for one, got in zip(chosen, asyncio.run(all_of_them()), strict=True)
    ]


def _wrong(harvest: Harvest, examples: Path) -> list[str]:
    seen = harvest.visit
    told = []
    if seen.outcome is not Outcome.OK:
        told.append(f"{FRENCH[seen.outcome]} : {seen.why}")
    if harvest.quarantined:
        told.append(f"{len(harvest.quarantined)} mises de côté : {harvest.quarantined[0].why}")
    expected = examples / seen.source / freeze.EXPECTED
    if expected.exists() and harvest.items:
        frozen = [one["fields"] for one in json.loads(expected.read_text("utf-8"))["items"]]
        told += thinner(frozen, [one.fields for one in harvest.items])
    return told


def thinner(frozen: Sequence[Mapping[str, Json]], live: Sequence[Mapping[str, Json]]) -> list[str]:
    """The fields the example fills and that today's items no longer do, in French. Pure."""
    told = []
    for name in sorted({name for one in frozen for name in one}):
        before, now = (sum(name in one for one in some) / len(some) for some in (frozen, live))
        if before >= USUAL and now < LOST:
            told.append(f"{name} : rempli à {before:.0%} dans l'exemple, à {now:.0%} aujourd'hui")
    return told


def touched(sources: Path, ref: str) -> list[str]:
    """The sources that differ from a Git reference: their block, or the reader of their kind.

    Raises ConfigError when Git does not know it.
    """
    names = _git("diff", "--name-only", ref, "--", str(sources), "collectors").splitlines()
    readers = {Path(n).stem for n in names if n.startswith("collectors/kinds/")} & kinds().keys()
    before: dict[str, Json] = {}
    for name in names:
        if name.endswith(".toml"):
            old = _git("show", f"{ref}:{name}", missing="")
            before |= {one["slug"]: one for one in tomllib.loads(old).get("source", [])}
    files = {Path(name).name for name in names}
    found = []
    for file in sorted(sources.glob("*.toml")):
        for block in tomllib.loads(file.read_text("utf-8")).get("source", []):
            changed = file.name in files and before.get(block["slug"]) != block
            if changed or block["kind"] in readers:
                found.append(str(block["slug"]))
    return found


def _git(*arguments: str, missing: str | None = None) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode and missing is not None:
        return missing
    if done.returncode:
        raise ConfigError(
            f"git {' '.join(arguments)} : {done.stderr.strip()} ; donnez une référence de Git "
            "(main), depuis le dossier du projet",
            about="--changed",
        )
    return done.stdout
