"""`paat source discover|add`: what addresses would give, and the block of the one that is kept."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from collectors import load
from collectors.discovery import discover as discovery
from collectors.discovery.discover import Discovery
from collectors.kinds import title
from collectors.pages.page_links import Candidate
from collectors.web.client import Client
from domain.errors import ConfigError
from domain.records import Json, Source
from domain.settings import Settings
from domain.text import fold, one_line
from domain.times import french_date, system_clock

ADDED = "ajouts.toml"
_WIDE = 46  # characters of an address and of a title in the table


def find(urls: Sequence[str], settings: Settings) -> list[Discovery]:
    """What each address would give, in their order; nothing is written."""
    good = [url for url in urls if not wrong_address(url)]

    async def all_of_them() -> list[Discovery]:
        async with Client(settings, system_clock) as client:
            return await discovery.discover_all(good, client)

    found = {one.url: one for one in asyncio.run(all_of_them())} if good else {}
    return [found.get(url) or _not_one(url) for url in urls]


def wrong_address(url: str) -> bool:
    """Whether it is anything but an http(s) address."""
    try:
        parts = urlsplit(url)
        return parts.scheme not in ("http", "https") or not parts.hostname
    except ValueError:
        return True


def _not_one(text: str) -> Discovery:
    why = "ce n'est pas une adresse https://…"
    return Discovery(url=text, why=why, advice="copiez-la de la barre de votre navigateur")


def addresses(text: str) -> list[str]:
    """The addresses of a pasted text, each once, in order; `ville.fr` is read as https://ville.fr.

    Lines that hold none are left; a line may say anything around its address.
    """
    found: list[str] = []
    for line in text.splitlines():
        words = re.findall(r"https?://[^\s<>\"';,]+", line, re.I)
        if not words and re.fullmatch(r"[\w.-]+\.[a-z]{2,}(?:/\S*)?", line.strip(), re.I):
            words = [f"https://{line.strip()}"]
        found += [word.rstrip(").]") for word in words]
    return list(dict.fromkeys(found))


def as_json(one: Discovery) -> dict[str, Json]:
    return {
        "url": one.url,
        "led_to": one.led_to,
        "title": one.title,
        "why": one.why,
        "advice": one.advice,
        "requests": one.requests,
        "best": one.candidates.index(one.best) if one.best else None,
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
        "fill": dict(one.fill),
        "sample": one.sample,
        "sample_on": one.sample_on.isoformat() if one.sample_on else None,
        "needs": one.needs,
        "problem": one.problem,
        "score": one.score,
        "options": dict(one.options),
    }


def table(found: Sequence[Discovery], known: Sequence[Source] = ()) -> str:
    """One row an address: the best that is there, how much, how well filled in, an example."""
    rows = [("", "adresse", "ce qui s'y lit", "annonces", "datées", "situées", "exemple, ou suite")]
    firsts: dict[tuple[str, str], int] = {}
    for number, one in enumerate(found, 1):
        rows.append(_row(one, number, firsts, known))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if 3 <= i <= 5 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row[:6], widths, strict=True))
        ]
        lines.append("  ".join([*cells, row[6]]).rstrip())
    return "\n".join([*lines, "", summary(found)])


def _row(
    one: Discovery, number: int, firsts: dict[tuple[str, str], int], known: Sequence[Source]
) -> tuple[str, str, str, str, str, str, str]:
    best = one.best
    where = _short(one.url)
    if best is None:
        todo = " → ".join(words for words in (one.why, one.advice) if words)
        return (mark(one), where, _waiting(one), "", "", "", todo)
    same = next((s.slug for s in known if _same(s, best)), "")
    first = firsts.setdefault((best.kind, best.url), number)
    tail = f"déjà suivie : {same}" if same else f"comme la ligne {first}" if first < number else ""
    others = [c for c in one.candidates if c is not best and not c.is_text and (c.count or c.needs)]
    tail = tail or (f"{len(others)} autre{'s' if len(others) > 1 else ''}" if others else "")
    return (
        mark(one),
        where,
        title(best.kind),
        f"{best.count}{'+' if best.more else ''}",
        _percent(best.fill.get("date")),
        _percent(best.fill.get("place")),
        f"{example(best)}{f'  ({tail})' if tail else ''}",
    )


def mark(one: Discovery) -> str:
    """✓ something can be kept, ? something is there and needs a person, ✗ nothing."""
    if one.best is not None:
        return "✓"
    return "?" if any(c.needs or (c.problem and not c.is_text) for c in one.candidates) else "✗"


def summary(found: Sequence[Discovery]) -> str:
    """« 40 adresses : 26 collectables, 5 à compléter, 9 sans rien à lire. »"""
    marks = [mark(one) for one in found]
    plural = "s" if len(found) > 1 else ""
    return (
        f"{len(found)} adresse{plural} : {marks.count('✓')} collectable(s), "
        f"{marks.count('?')} à compléter, {marks.count('✗')} sans rien à lire. "
        "« paat source add ADRESSE » garde la meilleure ; --detail montre tout."
    )


def _waiting(one: Discovery) -> str:
    named = next((c for c in one.candidates if c.needs or (c.problem and not c.is_text)), None)
    return title(named.kind) if named else "rien"


def _short(url: str) -> str:
    """The address without what every one has, cut in its middle."""
    bare = re.sub(r"^https?://(?:www\.)?", "", url)
    return bare if len(bare) <= _WIDE else f"{bare[: _WIDE - 15]}…{bare[-14:]}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{round(100 * share)} %"


def example(one: Candidate) -> str:
    """« Fête du sport, 12 juin 2027 »."""
    words = one.sample if len(one.sample) <= _WIDE else f"{one.sample[: _WIDE - 1]}…"
    day = french_date(one.sample_on) if one.sample_on else ""
    return ", ".join(part for part in (words, day) if part)


def told(one: Candidate) -> str:
    """« calendrier, 34 annonces, datées à 90 %, situées à 40 % »."""
    name = title(one.kind)
    if one.needs or not one.count:
        return name
    shares = [
        f"{words} à {_percent(one.fill[field])}"
        for field, words in (("date", "datées"), ("place", "situées"), ("organiser", "attribuées"))
        if one.fill.get(field)
    ]
    plural = "s" if one.count > 1 else ""
    return ", ".join([f"{name}, {one.count}{'+' if one.more else ''} annonce{plural}", *shares])


def preview(one: Discovery) -> str:
    """Everything that was found at one address, the best first."""
    lines = [f"{one.url}{' — ' + one.title if one.title else ''}"]
    lines += [f"  mène à {one.led_to}"] if one.led_to else []
    for number, each in enumerate(one.candidates, 1):
        chosen = "  ← proposée" if each is one.best else ""
        lines.append(f"  {number}. {told(each)} — {each.why}{chosen}")
        lines.append(f"     {each.url}")
        lines += [f"     ex. « {example(each)} »"] if each.sample else []
        lines += [f"     il faut {each.needs}"] if each.needs else []
        lines += [f"     {each.problem}"] if each.problem else []
    if one.best is None:
        lines += [f"  {words}" for words in (one.why, f"→ {one.advice}") if words]
    return "\n".join(lines)


def block(one: Discovery, settings: Settings, *, department: str | None) -> Source:
    """The source to write for the best of a discovery. Raises ConfigError when nothing is ready."""
    best = one.best
    if best is None:
        raise ConfigError(one.why or one.advice, about=one.url)
    known, _ = load.load_sources(settings.sources)
    same = next((s for s in known if _same(s, best)), None)
    if same is not None:
        raise ConfigError(f"déjà suivie sous le nom {same.slug}", about=one.url)
    slug = _slug(one.url, best.kind, taken={source.slug for source in known})
    name = one.title or best.title or urlsplit(one.url).hostname or one.url
    source = discovery.source_of(best, slug=slug, title=one_line(name)[:120], department=department)
    written = load.write_block(source)
    # What is written is read again at once: a block that would be refused is never kept.
    load.read_block(_read_back(written), about=slug)
    return source


def _same(source: Source, one: Candidate) -> bool:
    return source.url == one.url and source.kind == one.kind and source.options == one.options


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
