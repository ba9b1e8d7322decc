"""`paat source test`: visit, explain every decision, show the items, write nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from collectors import discovery, guess, http, load
from collectors.collect import Harvest, visit
from collectors.extract import mention as extracting
from collectors.items import is_tombstone
from collectors.kinds import kinds
from domain.errors import CollectError, ConfigError
from domain.records import Json, Quarantined, RawItem, Source
from domain.settings import Settings, load_settings
from domain.statuses import FRENCH, Outcome
from domain.text import one_line
from domain.times import system_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a dry run saw; `as_json` is the contract of DESIGN §5."""

    outcome: str
    why: str = ""
    items: tuple[dict[str, Json], ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    leftovers: tuple[str, ...] = ()
    file: str | None = None

    def as_json(self) -> dict[str, Json]:
        found: dict[str, Json] = {
            "outcome": self.outcome,
            "why": self.why,
            "items": list(self.items),
            "quarantined": [{"key": one.key, "why": one.why} for one in self.quarantined],
            "leftovers": list(self.leftovers),
        }
        return found if self.file is None else {"file": self.file, **found}

    def as_text(self) -> str:
        head = f"{self.file} : " if self.file else ""
        lines = [f"{head}{FRENCH[Outcome(self.outcome)]}" + (f" — {self.why}" if self.why else "")]
        lines += [_item_text(item) for item in self.items]
        lines += [f"  ? mise de côté {one.key} : {one.why}" for one in self.quarantined]
        if self.leftovers:
            lines.append(f"  champs que personne ne lit : {', '.join(self.leftovers)}")
        lines.append(f"  {len(self.items)} annonces, {len(self.quarantined)} mises de côté")
        return "\n".join(lines)


def _item_text(item: dict[str, Json]) -> str:
    when = item["when_text"] or item["starts_on"] or "sans date"
    where = item["commune_name"] or item["place"] or "sans lieu"
    told = [f"  • {item['title']}", f"    {when} · {where} · {item['organiser'] or 'sans porteur'}"]
    if item["url"]:
        told.append(f"    {item['url']}")
    told += [f"    ⚠ {warning}" for warning in item["warnings"]]
    return "\n".join(told)


def of_target(target: str, *, kind: str | None = None) -> Trial:
    """A known slug, or any address (its kind guessed from what it answers, or given)."""
    settings = load_settings()
    known, _ = load.load_sources(settings.sources)
    source = next((one for one in known if one.slug == target), None)
    if source is None:
        _check_address(target)
    if source is None and kind is not None:
        source = Source(slug="essai", title=target, kind=kind, url=target)
    return asyncio.run(_try(source or target, settings))


def _check_address(address: str) -> None:
    if urlsplit(address).scheme not in ("http", "https", "file"):
        raise ConfigError(
            f"{address!r} là où le nom d'une source ou une adresse http(s) est attendu ; "
            "`paat source list` montre les noms",
            about=address,
        )


async def _guess(address: str, client: http.Client) -> Source:
    """The source an address would be: told by itself, else the best a discovery finds there."""
    own = guess.by_address(address)
    if own is None and not address.startswith("file:"):
        best = (await discovery.discover(address, client)).best
        if best is not None:
            return discovery.source_of(best, slug="essai", title=address, department=None)
    return Source(slug="essai", title=address, kind=own or "page", url=address)


def of_files(kind: str, path: Path, *, base_url: str) -> Iterator[Trial]:
    """One trial a file; a folder is walked in order of names."""
    if kind not in kinds():
        raise ConfigError(
            f"type {kind!r} là où l'un de ceux-ci est attendu : {', '.join(kinds())}",
            about=kind,
        )
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        tried = _try_file(kind, file, base_url or file.resolve().as_uri())
        yield replace(tried, file=str(file)) if path.is_dir() else tried


def _try_file(kind: str, file: Path, url: str) -> Trial:
    """Parse the bytes of a file as if they had come from `url`."""
    source = Source(slug="essai", title=file.name, kind=kind, url=url)
    try:
        found = kinds()[kind].parse(file.read_bytes(), source)
    except CollectError as error:
        return Trial(outcome=_outcome(error), why=error.message)
    items = tuple(one for one in found if isinstance(one, RawItem))
    aside = tuple(one for one in found if isinstance(one, Quarantined))
    return _read(source, items, aside, Outcome.OK.value, "")


def _outcome(error: CollectError) -> str:
    name = type(error).__name__.lower()
    return name if name in set(Outcome) else Outcome.UNREADABLE.value


async def _try(target: Source | str, settings: Settings) -> Trial:
    async with http.Client(settings, system_clock) as client:
        guessed = isinstance(target, str)
        source = await _guess(target, client) if isinstance(target, str) else target
        harvest: Harvest = await visit(source, client, validators={}, now=system_clock())
    told = harvest.visit
    chosen = f"lue comme {source.kind} à {source.url}" if guessed else ""
    why = " — ".join(one for one in (told.why, chosen) if one)
    return _read(source, harvest.items, harvest.quarantined, told.outcome.value, why)


def _read(
    source: Source,
    items: tuple[RawItem, ...],
    aside: tuple[Quarantined, ...],
    outcome: str,
    why: str,
) -> Trial:
    from flows.steps import read_items

    # A tombstone says nothing by itself: it marks what was announced before.
    alive = [item for item in items if not is_tombstone(item)]
    mentions, bad = read_items((item, source) for item in alive)
    leftovers = sorted({one_line(name) for item in items for name in item.leftovers})
    return Trial(
        outcome=outcome,
        why=why,
        items=tuple(extracting.as_item(one) for one in mentions),
        quarantined=(*aside, *bad),
        leftovers=tuple(leftovers),
    )
