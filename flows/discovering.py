"""`paat source discover|add`: what addresses would give, and the block of the one that is kept."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from collectors import discovery, load
from collectors.client import Client
from collectors.discovery import Discovery
from collectors.page_links import Candidate
from domain.errors import ConfigError
from domain.records import Json, Source
from domain.settings import Settings
from domain.text import fold, one_line
from domain.times import system_clock

ADDED = "ajouts.toml"
_FRENCH = {
    "feed": "flux",
    "page": "page",
    "calendar": "calendrier",
    "events_calendar": "agenda WordPress",
    "wordpress": "WordPress",
    "opendatasoft": "données ouvertes",
    "openagenda": "OpenAgenda",
    "helloasso": "HelloAsso",
    "sitemap": "plan du site",
    "table": "tableau",
    "action_sheet": "fiche action",
}


def find(urls: Sequence[str], settings: Settings) -> list[Discovery]:
    """What each address would give, in their order; nothing is written."""
    for url in urls:
        check_address(url)

    async def all_of_them() -> list[Discovery]:
        async with Client(settings, system_clock) as client:
            return await discovery.discover_all(urls, client)

    return asyncio.run(all_of_them())


def check_address(url: str) -> None:
    """Raises ConfigError when it is not an http(s) address."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ConfigError(
            f"{url!r} où une adresse https://… est attendue ; copiez-la de votre navigateur",
            about=url,
        )


def addresses(text: str) -> list[str]:
    """The addresses of a pasted text, each once, in order; `ville.fr` is read as https://ville.fr.

    Lines that hold none are left; a line may say anything around its address.
    """
    found: list[str] = []
    for line in text.splitlines():
        words = re.findall(r"https?://[^\s<>\"';,]+", line)
        if not words and re.fullmatch(r"[\w.-]+\.[a-z]{2,}(?:/\S*)?", line.strip(), re.I):
            words = [f"https://{line.strip()}"]
        found += [word.rstrip(").]") for word in words]
    return list(dict.fromkeys(found))


def as_json(one: Discovery) -> dict[str, Json]:
    return {
        "url": one.url,
        "title": one.title,
        "why": one.why,
        "requests": one.requests,
        "candidates": [_candidate(c) for c in one.candidates],
    }


def _candidate(one: Candidate) -> dict[str, Json]:
    return {
        "kind": one.kind,
        "url": one.url,
        "why": one.why,
        "count": one.count,
        "more": one.more,
        "dated": one.dated,
        "sample": one.sample,
        "needs": one.needs,
        "problem": one.problem,
        "score": one.score,
        "options": dict(one.options),
    }


def line(one: Discovery) -> str:
    """One line an address: what is best there, what else there is."""
    if one.why:
        return f"✗ {one.url} — {one.why}"
    if one.best is None:
        waiting = [f"{told(c)} demande {c.needs}" for c in one.candidates if c.needs]
        return f"? {one.url} — {' ; '.join(waiting[:2]) or 'rien de lisible automatiquement'}"
    others = [told(c) for c in one.candidates if c is not one.best and (c.count or c.needs)]
    tail = f" (aussi : {', '.join(others[:3])})" if others else ""
    sample = f", ex. « {one.best.sample} »" if one.best.sample else ""
    return f"✓ {one.url} — {told(one.best)}{sample}{tail}"


def told(one: Candidate) -> str:
    """« calendrier, 34 annonces dont 30 datées »."""
    name = _FRENCH.get(one.kind, one.kind)
    if one.needs or not one.count:
        return name
    dated = f" dont {one.dated}{'+' if one.more else ''} datées" if one.dated else ""
    plural = "s" if one.count > 1 else ""
    return f"{name}, {one.count}{'+' if one.more else ''} annonce{plural}{dated}"


def preview(one: Discovery) -> str:
    """Everything that was found at one address, the best first."""
    if one.why:
        return f"{one.url}\n  illisible : {one.why}"
    lines = [f"{one.url}{' — ' + one.title if one.title else ''}"]
    for number, each in enumerate(one.candidates, 1):
        lines.append(f"  {number}. {told(each)} — {each.why}")
        lines.append(f"     {each.url}")
        if each.sample:
            lines.append(f"     ex. « {each.sample} »")
        if each.needs:
            lines.append(f"     il faut {each.needs}")
        if each.problem:
            lines.append(f"     {each.problem}")
    if not one.candidates:
        lines.append("  rien de lisible automatiquement")
    return "\n".join(lines)


def block(one: Discovery, settings: Settings, *, department: str | None) -> Source:
    """The source to write for the best of a discovery. Raises ConfigError when nothing is ready."""
    best = one.best
    if best is None:
        raise ConfigError("rien de lisible automatiquement à cette adresse", about=one.url)
    known, _ = load.load_sources(settings.sources)
    same = next((s for s in known if s.url == best.url and s.options == best.options), None)
    if same is not None:
        raise ConfigError(f"déjà suivie sous le nom {same.slug}", about=one.url)
    slug = _slug(one.url, best.kind, taken={source.slug for source in known})
    title = one.title or best.title or urlsplit(one.url).hostname or one.url
    source = discovery.source_of(
        best, slug=slug, title=one_line(title)[:120], department=department
    )
    written = load.write_block(source)
    # What is written is read again at once: a block that would be refused is never kept.
    load.read_block(_read_back(written), about=slug)
    return source


def write(source: Source, settings: Settings) -> Path:
    """Append the block to the file of its department (or `ajouts.toml`); the file's path."""
    folder = settings.sources
    folder.mkdir(parents=True, exist_ok=True)
    own = sorted(folder.glob(f"{source.department}-*.toml")) if source.department else []
    file = own[0] if own else folder / (f"{source.department}.toml" if source.department else ADDED)
    before = file.read_text("utf-8") if file.exists() else ""
    joint = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    temporary = file.with_suffix(".tmp")
    temporary.write_text(f"{before}{joint}{load.write_block(source)}", "utf-8")
    temporary.replace(file)
    return file


def _slug(url: str, kind: str, *, taken: set[str]) -> str:
    """`ville-gap-agenda`: from the address, with the kind then a number when it is taken."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").rsplit(".", 1)[0]
    steps = [step for step in parts.path.split("/") if step and "." not in step][:2]
    base = re.sub(r"[^a-z0-9]+", "-", fold(" ".join([host, *steps]))).strip("-")[:60] or "source"
    base = base if len(base) > 1 else f"source-{base}"
    for slug in (base, f"{base}-{kind.replace('_', '-')}", *(f"{base}-{n}" for n in range(2, 999))):
        if slug not in taken:
            return slug
    raise ConfigError("trop de sources à cette adresse", about=url)


def _read_back(written: str) -> dict[str, Json]:
    import tomllib

    block: dict[str, Json] = tomllib.loads(written)["source"][0]
    return block
