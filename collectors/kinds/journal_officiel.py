"""Annonces du Journal officiel des associations (jeu jo_associations d'Opendatasoft).

L'adresse est celle des enregistrements (…/catalog/datasets/jo_associations/records). Une
association y a plusieurs annonces (création, modification, dissolution) : chacune est lue à part.
Un numéro RNA n'est gardé que s'il en a la forme (W et neuf signes).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from collectors.answers import whole
from collectors.http import Http
from collectors.items import Found
from collectors.kinds import opendatasoft
from domain.records import Json, Source
from domain.territory import region_communes

TITLE = "Journal officiel"
OPTIONS: dict[str, str] = {
    "departments": 'départements lus (["05"]) ; celui de la source, sinon toute la région',
    "past_days": "jours d'annonces relus à chaque passage (120 par défaut)",
    "words": 'mots dont l\'un au moins est dans l\'annonce (["sport", "olympique"])',
    "notices": 'types d\'avis gardés (["Création"]) ; tous par défaut',
    "max_records": "nombre d'annonces au-delà duquel on s'arrête (10 000 par défaut)",
}
VERSION = 1
PAST_DAYS, MOST = 120, 10_000


def check(options: Mapping[str, Json]) -> list[str]:
    problems = [
        f"{name} = {options[name]!r} où une liste de textes est attendue"
        for name in ("departments", "words", "notices")
        if name in options and not _texts(options[name])
    ]
    return problems + whole(options, "past_days", "max_records")


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """The notices of the territory, as the Opendatasoft kind reads them."""
    async for one in opendatasoft.collect(as_opendatasoft(source), http):
        yield one


def parse(body: bytes, source: Source) -> list[Found]:
    """The notices of one answer or export. Raises Unreadable."""
    return opendatasoft.parse(body, as_opendatasoft(source))


def as_opendatasoft(source: Source) -> Source:
    """The same source written as the general kind would need it."""
    options = source.options
    chosen = options.get("departments") or ([source.department] if source.department else [])
    departments = chosen or sorted({one.department for one in region_communes()})
    parts = [
        'source = "joafe"',  # the others are yearly accounts (dca)
        f"dateparution >= date'{{today-{options.get('past_days', PAST_DAYS)}}}'",
        f"departement_code in ({', '.join(map(_quoted, departments))})",
    ]
    for name, column in (("words", ""), ("notices", "typeavis")):
        asked = [
            f"{column} = {_quoted(w)}" if column else f"search(*, {_quoted(w)})"
            for w in options.get(name, [])
        ]
        if asked:
            parts.append(f"({' or '.join(asked)})")
    kept = {k: v for k, v in options.items() if k not in OPTIONS}
    return replace(
        source,
        kind="opendatasoft",
        options={
            **kept,
            "preset": "journal-officiel",
            "where": " and ".join(parts),
            "order_by": "dateparution desc, id",
            "max_records": options.get("max_records", MOST),
        },
    )


def _quoted(text: str) -> str:
    """An ODSQL string: double quotes, those inside escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)
