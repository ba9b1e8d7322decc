"""Jeux de données Opendatasoft (API Explore v2.1) : miroir national d'OpenAgenda, jeux officiels.

L'adresse est celle des enregistrements (…/catalog/datasets/JEU/records) ; un fichier déjà exporté
(JSON v1, v2, liste ou JSONL) se lit aussi. Au-delà de 10 000 lignes, l'export complet est pris.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from collectors.answers import EXPORT_BYTES, EXPORT_SECONDS, loaded, whole
from collectors.documents.instants import read_instant
from collectors.http import Http
from collectors.items import Found, read_each
from collectors.leftovers import Record, filled
from collectors.mapped import mapped, shaped, unknown_fields
from collectors.presets import KEYS, PRESETS, STAMPS, from_agenda, recognised
from domain.errors import Unreadable
from domain.records import RAW_FIELDS, Json, RawItem, Source
from domain.text import fingerprint

TITLE = "portail Opendatasoft"
OPTIONS: dict[str, str] = {
    "preset": f"lecture toute prête d'un jeu connu : {', '.join(PRESETS)}",
    "where": "filtre ODSQL ; {today} et {today-30} y deviennent des dates : fin >= date'{today}'",
    "order_by": "ordre stable de lecture (le nom d'une colonne)",
    "refine": 'facettes : { colonne = "valeur" }',
    "exclude": 'facettes à écarter : { colonne = "valeur" }',
    "mapping": 'champ de paat → chemin dans l\'enregistrement (title = "fields.nom", ou une liste)',
    "key": "chemin de l'identifiant de l'enregistrement",
    "exclude_agendas": "agendas OpenAgenda à écarter (France Travail par défaut)",
    "max_records": "nombre d'enregistrements au-delà duquel on s'arrête (100 000 par défaut)",
}
VERSION = 2
FILES = True

PAGE = 100  # the API's own limit
DEEPEST = 10_000  # limit + offset


def check(options: Mapping[str, Json]) -> list[str]:
    problems = []
    preset = options.get("preset")
    if preset is not None and preset not in PRESETS:
        problems.append(f"preset = {preset!r} où {', '.join(PRESETS)} est attendu")
    for name in ("refine", "exclude", "mapping"):
        if not isinstance(options.get(name, {}), dict):
            problems.append(f"{name} = {options[name]!r} où une table est attendue")
    mapping = options.get("mapping")
    problems += unknown_fields(mapping if isinstance(mapping, dict) else {})
    return problems + whole(options, "max_records", least=1)


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """Every record of the data set, page by page; an unchanged page is not given again."""
    if not _is_records(source.url):
        page = await http.get(
            source.url, published=True, max_bytes=EXPORT_BYTES, total_seconds=EXPORT_SECONDS
        )
        if not page.unchanged:
            for one in await http.parse(parse, page.body, source):
                yield one
        return
    today = http.now().date()
    most = int(source.options.get("max_records", 100_000))
    memory = http.known().get(_name(source, "size"), {})
    total, rows = int(memory.get("total", 1)), int(memory.get("rows", PAGE))
    offset = 0
    while offset < min(total, most, DEEPEST):
        url = page_url(source, offset=offset, today=today)
        page = await http.get(url, published=True, remember=_name(source, offset))
        if page.status == 304:  # as many rows as last time, which `size` kept
            http.tally.skipped += min(rows, total - offset)
            offset += rows
            continue
        total, count = await http.parse(size, page.body, source)
        if offset == 0 and min(total, most) > DEEPEST:
            async for one in _export(source, http):
                yield one
            return
        if count == 0:
            break
        rows = count if offset == 0 else rows
        if page.unchanged:
            http.tally.skipped += count
        else:
            for one in await http.parse(parse, page.body, source):
                yield one
        offset += count  # some servers give fewer rows than asked
    http.keep(_name(source, "size"), total=str(total), rows=str(rows))


async def _export(source: Source, http: Http) -> AsyncIterator[Found]:
    dataset = source.url.rsplit("/records", 1)[0]
    page = await http.get(
        f"{dataset}/exports/jsonl?{_query(source, http.now().date())}",
        published=True,
        remember=_name(source, "export"),
        max_bytes=EXPORT_BYTES,
        total_seconds=EXPORT_SECONDS,
    )
    if not page.unchanged:
        most = int(source.options.get("max_records", 100_000))
        for one in (await http.parse(parse, page.body, source))[:most]:
            yield one


def page_url(source: Source, *, offset: int, today: date) -> str:
    """The address of one page of records."""
    tail = urlencode({"limit": min(PAGE, DEEPEST - offset), "offset": offset})
    query = _query(source, today)
    return f"{source.url}{'&' if '?' in source.url else '?'}{query + '&' if query else ''}{tail}"


def parse(body: bytes, source: Source) -> list[Found]:
    """The announcements of one answer or export, whatever its shape. Raises Unreadable."""
    skipped = source.options.get("exclude_agendas", ["France Travail"])
    read = _reader(source)

    def one(payload: Any) -> RawItem | None:
        if isinstance(payload, str):
            payload = json.loads(payload)
        if not isinstance(payload, dict):
            raise Unreadable("enregistrement qui n'est pas un objet JSON")
        fields, envelope = _unwrapped(payload)
        return None if from_agenda(fields, list(skipped)) else read(fields, envelope)

    return read_each(_records(body, source), source, read=one)


def size(body: bytes, source: Source) -> tuple[int, int]:
    """(total announced, records in this page)."""
    data = _loaded(body, source)
    if isinstance(data, dict):
        total = data.get("total_count", data.get("nhits"))
        count = len(list(_records(body, source)))
        return (total if isinstance(total, int) else count), count
    return len(data), len(data)


def _reader(source: Source) -> Any:
    """(fields, envelope) → RawItem, by preset or mapping."""
    preset = source.options.get("preset")
    mapping: Mapping[str, Any] = source.options.get("mapping", {})
    path = source.options.get("key")

    def read(values: Mapping[str, Any], envelope: Mapping[str, Any]) -> RawItem:
        record = Record(values)
        key = _key(values, envelope, path)
        published = _stamp(values, envelope)
        known = preset or (None if mapping else recognised(values))
        base = PRESETS[known](record) if known else {} if mapping else _by_name(record)
        fields = {**base, **mapped(record, mapping)}
        if "title" not in fields and "text" not in fields:
            raise Unreadable("enregistrement sans titre ni texte; complétez mapping")
        record.leave(*KEYS, *STAMPS, *((path,) if path else ()))
        return RawItem(
            source=source.slug,
            key=key,
            url=fields.get("url"),
            fields=fields,
            published_at=published,
            leftovers=record.leftovers,
        )

    return read


def _by_name(record: Record) -> dict[str, Json]:
    """No preset, no mapping: columns already named like ours."""
    return filled(**{name: shaped(name, record.pop(name)) for name in RAW_FIELDS})


def _key(values: Mapping[str, Any], envelope: Mapping[str, Any], path: str | None) -> str:
    if path:
        found = Record(values).path(path)
        if found is None:
            raise Unreadable(f"enregistrement sans « {path} », son identifiant")
        return str(found)[:500]
    own = [values.get(name) for name in KEYS] + [envelope.get("recordid"), envelope.get("id")]
    known = next((str(v) for v in own if isinstance(v, str | int) and str(v).strip()), None)
    return known[:500] if known else fingerprint(values)[:32]


def _stamp(values: Mapping[str, Any], envelope: Mapping[str, Any]) -> datetime | None:
    found = [values.get(name) or envelope.get(name) for name in STAMPS[:-1]]
    return read_instant(next((str(v) for v in found if v), None))


def _unwrapped(payload: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """(fields, envelope): v1 has `fields`, v2.0 `record.fields`, v2.1 and exports are bare."""
    inner = payload.get("record") if isinstance(payload.get("record"), dict) else payload
    fields = inner.get("fields") if isinstance(inner, dict) else None
    return (fields, inner) if isinstance(fields, dict) and inner else (payload, {})


def _records(body: bytes, source: Source) -> Iterator[Any]:
    text = body.lstrip(b"\xef\xbb\xbf \r\n\t")
    first = text.split(b"\n", 1)[0].rstrip()
    if first.startswith(b"{") and first.endswith(b"}") and b"\n" in text.strip():
        yield from (line for line in text.decode("utf-8", "replace").splitlines() if line.strip())
        return
    data = _loaded(body, source)
    if isinstance(data, list):
        yield from data
        return
    for name in ("results", "records", "data", "events", "features"):
        if isinstance(data.get(name), list):
            yield from data[name]
            return
    raise Unreadable("JSON sans liste d'enregistrements", about=source.url)


def _loaded(body: bytes, source: Source) -> Any:
    data = loaded(body, about=source.url)
    if not isinstance(data, dict | list):
        raise Unreadable("JSON où des enregistrements sont attendus", about=source.url)
    if isinstance(data, dict) and "error_code" in data:
        told = str(data.get("message", ""))[:300]
        raise Unreadable(f"l'API refuse la demande : {told}", about=source.url)
    return data


def _name(source: Source, part: int | str) -> str:
    """Under which a page's validator is kept: `where` may hold today's date, this does not."""
    return f"{source.url}#{part}"


def _query(source: Source, today: date) -> str:
    options = source.options

    def day(match: re.Match[str]) -> str:
        return (today + timedelta(days=int(match[1] or 0))).isoformat()

    pairs = [(name, str(options[name])) for name in ("where", "order_by") if options.get(name)]
    pairs = [(name, re.sub(r"\{today([+-]\d{1,5})?\}", day, value)) for name, value in pairs]
    for name in ("refine", "exclude"):
        for column, value in options.get(name, {}).items():
            quoted = str(value).replace('"', '\\"')
            pairs.append((name, f'{column}:"{quoted}"'))
    return urlencode([*pairs, ("lang", "fr"), ("timezone", "Europe/Paris")])


def _is_records(url: str) -> bool:
    return bool(re.search(r"/api/explore/v2\.\d/catalog/datasets/[^/]+/records/?(?:\?|$)", url))
