"""`paat source freeze`: the pages of a source, kept as an example of the tests."""

import asyncio
import json
from pathlib import Path

from collectors import freeze as freezer
from collectors import load
from collectors.collect import Harvest
from collectors.web.client import Client
from domain.errors import ConfigError
from domain.settings import load_settings
from domain.statuses import Outcome
from domain.times import system_clock


def freeze(slug: str, folder: Path) -> tuple[str, bool]:
    """(what happened, in French; whether an example was written). Raises ConfigError."""
    settings = load_settings()
    known, _ = load.load_sources(settings.sources)
    source = next((one for one in known if one.slug == slug), None)
    if source is None:
        raise ConfigError(
            f"{slug!r} où le nom d'une source est attendu ; `paat source list` les montre",
            about=slug,
        )

    async def once() -> Harvest:
        async with Client(settings, system_clock) as client:
            return await freezer.freeze(source, client, folder)

    harvest = asyncio.run(once())
    seen = harvest.visit
    place = folder / slug
    if seen.outcome is not Outcome.OK or not (place / "pages.json").exists():
        return f"{slug} : rien d'enregistré, {seen.why or 'aucune page lue'}", False
    pages = len(json.loads((place / "pages.json").read_text("utf-8"))["pages"])
    return f"{slug} : {seen.items} annonce(s), {pages} page(s) dans {place}", True
