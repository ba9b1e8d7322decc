"""Une API JSON quelconque, décrite par des chemins : où sont les annonces, que veulent dire leurs
champs, comment vient la page suivante.

Un chemin est fait de noms et de rangs séparés par des points (data.items, lieux.0.nom).
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from collectors.answers import announcement, loaded, whole
from collectors.http import Http
from collectors.items import Found, read_each
from collectors.leftovers import Record, at
from collectors.mapped import dated, mapped, unknown_fields
from collectors.secret import WHERE, secret
from domain.errors import Unreadable
from domain.records import Json, Quarantined, RawItem, Source
from domain.text import fingerprint

TITLE = "API JSON"
OPTIONS: dict[str, str] = {
    "items": "chemin de la liste des annonces (data.items) ; la réponse elle-même par défaut",
    "mapping": 'champ de paat → chemin dans une annonce (title = "nom"), ou plusieurs',
    "key": "chemin de l'identifiant d'une annonce (id par défaut)",
    "published": "chemin de la date de publication ou de modification",
    "paging": "none (par défaut), page, offset, cursor ou next",
    "page_param": "paramètre de la page, du décalage ou du curseur (page, offset, cursor)",
    "first_page": "numéro de la première page (1 par défaut)",
    "size_param": "paramètre du nombre d'annonces par page",
    "size": "nombre d'annonces demandées par page",
    "next": "chemin du curseur, ou de l'adresse de la page suivante",
    "max_pages": "pages lues au plus (50 par défaut)",
    "token": f"jeton : {WHERE}",
    "token_header": "en-tête qui le porte (Authorization: Bearer par défaut)",
    "error": "chemin d'un message d'erreur rendu avec HTTP 200",
}
VERSION = 1
FILES = True
MAX_PAGES = 50
PAGING = ("none", "page", "offset", "cursor", "next")
_TEXTS = (
    *("items", "key", "published", "page_param", "size_param", "next", "token_header", "error"),
)


def check(options: Mapping[str, Json]) -> list[str]:
    problems = [
        f"{name} = {options[name]!r} où un texte est attendu"
        for name in _TEXTS
        if name in options and not isinstance(options[name], str)
    ]
    mapping = options.get("mapping")
    if not isinstance(mapping, dict) or not mapping:
        problems.append('mapping absent où une table est attendue; ajoutez { title = "…" }')
    else:
        problems += unknown_fields(mapping)
    style = options.get("paging", "none")
    if style not in PAGING:
        problems.append(f"paging = {style!r} où {', '.join(PAGING)} est attendu")
    if style in ("cursor", "next") and not options.get("next"):
        problems.append(f'paging = "{style}" sans next; dites le chemin de la suite')
    return problems + whole(options, "first_page", "size", "max_pages")


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """Every announcement, page by page, until one gives nothing new."""
    seen: set[str] = set()
    asked: set[str] = set()
    url: str | None = first_url(source)
    for number in range(int(source.options.get("max_pages", MAX_PAGES))):
        if url is None or url in asked:
            return
        asked.add(url)
        page = await http.get(
            url,
            headers=_authorised(source),
            published=True,
            whole=_style(source) != "none",
            also=(404,) if number else (),
            remember=f"{source.url}#{number}",
        )
        if page.status in (304, 404):
            return
        found = await http.parse(parse, page.body, source)
        fresh = [one for one in found if one.key not in seen]
        seen |= {one.key for one in fresh}
        if any(isinstance(one, Quarantined) for one in fresh):
            http.forget(f"{source.url}#{number}")
        if page.unchanged:
            http.tally.skipped += len(fresh)
        else:
            for one in fresh:
                yield one
        if not fresh:
            return  # past the end, some APIs give the last page again
        url = await http.parse(next_url, page.body, source, number=number, read=len(seen))


def first_url(source: Source) -> str:
    options = source.options
    asked: dict[str, Json] = {}
    if _style(source) == "page":
        asked[_param(source)] = options.get("first_page", 1)
    if _style(source) == "offset":
        asked[_param(source)] = 0
    return _with(source.url, {**_size(source), **asked})


def next_url(body: bytes, source: Source, *, number: int, read: int) -> str | None:
    """The address of the page after the `number`-th (from 0), `read` announcements being known."""
    style, options = _style(source), source.options
    if style == "none":
        return None
    if style == "page":
        page = int(options.get("first_page", 1)) + number + 1
        return _with(source.url, {**_size(source), _param(source): page})
    if style == "offset":
        return _with(source.url, {**_size(source), _param(source): read})
    value = at(loaded(body, about=source.url), str(options["next"]))
    if value in (None, "", False):
        return None
    if style == "cursor":
        return _with(source.url, {**_size(source), _param(source): value})
    following = urljoin(source.url, str(value))
    # The token goes to the source's own host only.
    return following if urlsplit(following).netloc == urlsplit(source.url).netloc else None


def parse(body: bytes, source: Source) -> list[Found]:
    """The announcements of one answer. Raises Unreadable with what the API says."""
    options = source.options
    data = loaded(body, about=source.url)
    told = at(data, str(options["error"])) if options.get("error") else None
    if told:
        raise Unreadable(f"l'API répond « {str(told)[:200]} »", about=source.url)
    path = str(options.get("items", ""))
    items = at(data, path) if path else data
    if not isinstance(items, list):
        raise Unreadable(
            f"pas de liste à « {path or 'la racine'} » ; vérifiez l'option items",
            about=source.url,
        )
    return read_each(items, source, read=lambda one: _item(one, source))


def _item(payload: Any, source: Source) -> RawItem:
    if not isinstance(payload, dict):
        raise Unreadable("annonce qui n'est pas un objet JSON")
    options = source.options
    record = Record(payload)
    fields = dated(mapped(record, options.get("mapping", {}), base=source.url))
    own = record.path(str(options.get("key", "id")))
    published = record.path(str(options["published"])) if options.get("published") else None
    return announcement(
        source,
        record,
        fields,
        key=str(own)[:500] if own is not None else fingerprint(payload)[:32],
        published=None if published is None else str(published),
        lacking="annonce sans titre ni texte ; complétez mapping",
    )


def _with(url: str, asked: Mapping[str, Json]) -> str:
    """The address with these parameters, in place of those it had."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in asked]
    return parts._replace(query=urlencode([*kept, *asked.items()])).geturl()


def _size(source: Source) -> dict[str, Json]:
    name, size = source.options.get("size_param"), source.options.get("size")
    return {str(name): size} if name and size else {}


def _style(source: Source) -> str:
    return str(source.options.get("paging", "none"))


def _param(source: Source) -> str:
    style = _style(source)
    return str(source.options.get("page_param", style))


def _authorised(source: Source) -> dict[str, str]:
    token = secret(source, "token")
    if not token:
        return {}
    header = str(source.options.get("token_header", ""))
    return {header: token} if header else {"Authorization": f"Bearer {token}"}
