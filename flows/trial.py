"""`paat source test`: visit, explain every decision, show the items, write nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from collectors import load
from collectors.collect import Harvest, visit
from collectors.discovery import discover as discovery
from collectors.discovery import guess
from collectors.extract import mention as extracting
from collectors.items import is_tombstone
from collectors.kinds import kinds
from collectors.upkeep import health, moves, yields
from collectors.web.client import Client
from domain.errors import CollectError, ConfigError, PaatError
from domain.records import Json, Quarantined, RawItem, Source, SourceState
from domain.settings import Settings, load_settings
from domain.statuses import FRENCH, Outcome
from domain.text import one_line
from domain.times import PARIS, system_clock
from flows import steps, visiting
from flows.house import open_house
from storage import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a dry run saw; `as_json` is the contract of DESIGN §5."""

    outcome: str
    why: str = ""
    items: tuple[dict[str, Json], ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    leftovers: tuple[str, ...] = ()
    decisions: tuple[tuple[str, str], ...] = ()  # about what, which and why, in French
    file: str | None = None

    def as_json(self) -> dict[str, Json]:
        found: dict[str, Json] = {
            "outcome": self.outcome,
            "why": self.why,
            "items": list(self.items),
            "quarantined": [{"key": one.key, "why": one.why} for one in self.quarantined],
            "leftovers": list(self.leftovers),
            "decisions": [{"about": about, "what": what} for about, what in self.decisions],
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
        if self.decisions:
            lines += ["", "Ce qui a été décidé, et pourquoi :"]
            lines += [f"  {about} : {what}" for about, what in self.decisions]
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


async def _guess(address: str, client: Client) -> Source:
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
    state = SourceState(source="essai")
    decided: list[tuple[str, str]] = []
    if isinstance(target, Source):
        state, told = _remembered(target, settings)
        decided += [("mémoire", told)] if told else []
    now = system_clock()
    async with Client(settings, system_clock) as client:
        guessed = isinstance(target, str)
        own = await _guess(target, client) if isinstance(target, str) else target
        source = moves.effective(own, state.memory)
        harvest: Harvest = await visit(
            source,
            client,
            validators={},
            now=now,
            usual=state.usual_items,
            reserved=state.memory.tdm,
        )
    chosen = f"lue comme {source.kind} à {source.url}" if guessed else ""
    why = " — ".join(one for one in (harvest.visit.why, chosen) if one)
    read = _read(source, harvest.items, harvest.quarantined, harvest.visit.outcome.value, why)
    decided += [_kind_chosen(source, guessed=guessed), *_address(own, source), *harvest.notes]
    decided += [_reader(settings), *_kept(harvest, source)]
    decided += _afterwards(state, own, harvest, settings, now=now)
    return replace(read, decisions=tuple(decided))


def _remembered(source: Source, settings: Settings) -> tuple[SourceState, str]:
    """What the house knows of a source, when its database is there already; what to say of it."""
    state = SourceState(source=source.slug)
    if settings.database_url is None and not (settings.home / "postgres").exists():
        return state, "aucune base ici : essayée comme une source neuve"
    try:
        with open_house(settings, upgrade=False) as house, house.database.reading() as conn:
            found = sources.states(conn, [source.slug]).get(source.slug)
    except PaatError as error:
        return state, f"la base ne répond pas ({error.french}) : essayée comme une source neuve"
    if found is None:
        return state, "jamais visitée : essayée comme une source neuve"
    last = found.last_ok_at
    seen = f"lue pour la dernière fois le {last.astimezone(PARIS):%d/%m/%Y à %H:%M}" if last else ""
    return found, f"{FRENCH[found.health]}, {seen or 'jamais lue'} ; demandée en entier ici"


def _kind_chosen(source: Source, *, guessed: bool) -> tuple[str, str]:
    kind = kinds()[source.kind]
    first = (kind.__doc__ or "").strip().split("\n")[0].rstrip(".")
    how = "deviné d'après ce que l'adresse répond" if guessed else "dit par le bloc de la source"
    return ("type", f"{source.kind} ({first}), {how} ; lecteur version {_version(kind)}")


def _version(kind: object) -> int:
    return int(getattr(kind, "VERSION", 1))


def _address(own: Source, visited: Source) -> Iterator[tuple[str, str]]:
    if own.url != visited.url:
        yield "adresse", f"{visited.url}, où elle a déménagé, au lieu de {own.url}"


def _reader(settings: Settings) -> tuple[str, str]:
    if not settings.parse_seconds:
        return ("lecture", "dans le programme même (PAAT_PARSE_SECONDS = 0)")
    return (
        "lecture",
        f"dans un processus à part, abandonnée au bout de {settings.parse_seconds:g} s",
    )


def _kept(harvest: Harvest, source: Source) -> Iterator[tuple[str, str]]:
    """What a real visit would keep, and what not."""
    told = harvest.visit
    if told.why and not harvest.items:
        yield "gardé", "rien : un échec n'efface rien et n'enseigne rien"
    elif harvest.tdm:
        yield "gardé", f"{told.items} annonces, leurs faits seulement : {harvest.tdm}"
    else:
        yield "gardé", f"{told.items} annonces, chacune sous sa clé, et chaque contenu différent"
    if harvest.fill:
        shares = (
            f"{yields.FIELDS[code][0]} {share:.0%}".replace("%", " %")
            for code, share in harvest.fill.items()
        )
        yield "remplissage", ", ".join(shares)
    if told.quarantined:
        yield "mis de côté", f"{told.quarantined} avec leur contenu et la raison, rejouables"
    marks = harvest.validators.get(source.url, {})
    named = {"etag": "ETag", "last_modified": "Last-Modified", "sha256": "empreinte du contenu"}
    found = [f"{name} {marks[code][:40]}" for code, name in named.items() if marks.get(code)]
    if found:
        yield "la prochaine fois", f"redemandée seulement si elle a changé ({', '.join(found)})"


def _afterwards(
    state: SourceState, source: Source, harvest: Harvest, settings: Settings, *, now: datetime
) -> Iterator[tuple[str, str]]:
    """What this visit would make of the source, were it a real one."""
    after = health.next_state(
        state,
        source,
        harvest.visit,
        now=now,
        signals=harvest.signals,
        bounds=visiting.bounds(settings),
    )
    alarm = f" : {after.last_why}" if after.memory.alarms and after.last_why else ""
    yield "santé", f"serait {FRENCH[after.health]}{alarm}"
    if after.next_visit_at is not None:
        when = f"{after.next_visit_at.astimezone(PARIS):%d/%m/%Y à %H:%M}"
        yield "prochain passage", f"serait le {when}, {after.memory.next_why}"
    if after.memory.moving is not None:
        moving = after.memory.moving
        yield (
            "déménagement",
            f"redirigée pour toujours vers {moving.to} ({moving.seen} fois sur "
            f"{moves.SIGHTINGS}, un jour d'écart au moins, avant de la suivre)",
        )
    place = load.place_of(settings.sources, source.slug)
    for task in health.tasks(source, after, now=now, place=place):
        yield "à faire", task


def _read(
    source: Source,
    items: tuple[RawItem, ...],
    aside: tuple[Quarantined, ...],
    outcome: str,
    why: str,
) -> Trial:
    # A tombstone says nothing by itself: it marks what was announced before.
    alive = [item for item in items if not is_tombstone(item)]
    mentions, bad = steps.read_items((item, source) for item in alive)
    leftovers = sorted({one_line(name) for item in items for name in item.leftovers})
    return Trial(
        outcome=outcome,
        why=why,
        items=tuple(extracting.as_item(one) for one in mentions),
        quarantined=(*aside, *bad),
        leftovers=tuple(leftovers),
    )
