"""Annuaire HelloAsso : événements et campagnes publics des associations d'un territoire.

L'adresse est https://api.helloasso.com/v5/directory/forms (droit FormOpenDirectory). La première
visite lit tout, les suivantes ce qui a changé depuis, retraits compris : un formulaire retiré est
marqué annulé, jamais effacé.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from collectors.answers import announcement, asking, loaded, whole
from collectors.http import Http, Page
from collectors.items import Found, read_each, tombstone
from collectors.leftovers import Record, filled
from collectors.pages.markup import absolute, links_in, looks_html, safe_html, text_of, title_of
from collectors.pages.moments import iso_moment
from collectors.secret import WHERE, secret
from domain.errors import CollectError, Refused, Unreachable, Unreadable
from domain.records import Json, RawItem, Source
from domain.text import one_line

TITLE = "annuaire HelloAsso"
OPTIONS: dict[str, str] = {
    "client_id": f"identifiant du client d'API : {WHERE}",
    "client_secret": f"mot de passe du client d'API : {WHERE}",
    "filters": 'ce qui est demandé ({ formDepartments = ["Hautes-Alpes"], formTypes = ["Event"] })',
    "details": "false : ne pas ouvrir la fiche publique de chaque formulaire",
    "max_details": "fiches ouvertes par passage (200 par défaut) ; le reste est lu sans sa fiche",
}
VERSION = 1
PAGE = 100
MAX_PAGES = 1000
_EARLY = timedelta(minutes=1)  # a token is not used in its last minute
_GONE = ("deleted", "disabled", "draft", "private")
_NOISE = ("banner", "logo", "meta", "currency", "widgetButtonUrl", "widgetFullUrl", "formSlug")


def check(options: Mapping[str, Json]) -> list[str]:
    problems = []
    if not isinstance(options.get("filters", {}), dict):
        problems.append(f"filters = {options['filters']!r} où une table est attendue")
    problems += whole(options, "max_details")
    if ("client_id" in options) != ("client_secret" in options):
        problems.append("client_id et client_secret vont ensemble")
    return problems


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """The forms that appeared, changed or went since the token of the last committed visit."""
    access = _Access(source, http)
    memory = http.known().get(source.url, {})
    token, known = memory.get("token", ""), int(memory.get("total", 0))
    opened = read = 0
    for number in range(MAX_PAGES):
        try:
            page = await _ask(source, http, access, token)
        except Unreadable:
            if number or not token:
                raise
            token, known = "", 0  # the token kept from last time is no longer known: start again
            page = await _ask(source, http, access, token)
        entries, following = await http.parse(read_batch, page.body, source)
        for entry in entries:
            detail: Mapping[str, Any] = {}
            if _details(source, opened) and not is_gone(entry):
                opened += 1
                detail = await _detail(entry.get("record"), source, http, access)
            for one in await http.parse(read_entry, entry, source, detail=detail):
                yield one
        read += len(entries)
        token = following or token
        if not entries or following is None:
            break
    # What was read before counts for the bounds: this visit only sees changes.
    http.tally.skipped += known
    http.keep(source.url, token=token, total=str(known or read))


async def _ask(source: Source, http: Http, access: "_Access", token: str) -> Page:
    filters, url = source.options.get("filters", {}), page_url(source, token)
    return await access.call(lambda headers: http.post_json(url, filters, headers=headers))


def page_url(source: Source, token: str) -> str:
    return asking(source.url, filled(pageSize=PAGE, continuationToken=token))


def read_batch(body: bytes, source: Source) -> tuple[list[Mapping[str, Any]], str | None]:
    """(entries, token of the next page or None). Raises Unreadable."""
    data = loaded(body, about=source.url)
    entries = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        said = str(data.get("message", ""))[:200] if isinstance(data, dict) else ""
        raise Unreadable(f"HelloAsso répond sans liste « data » {said}".strip(), about=source.url)
    token = (data.get("pagination") or {}).get("continuationToken")
    return [one for one in entries if isinstance(one, dict)], str(token) if token else None


def is_gone(entry: Mapping[str, Any]) -> bool:
    """Whether the directory says this form is no longer public."""
    action = str(entry.get("action", "")).lower()
    form = entry.get("record")
    state = str(form.get("state", "")).lower() if isinstance(form, dict) else ""
    return action.startswith(("delete", "remove")) or state in _GONE


def read_entry(
    entry: Mapping[str, Any], source: Source, *, detail: Mapping[str, Any]
) -> list[Found]:
    """The announcement of one entry of the directory, or its tombstone."""

    def read(one: Mapping[str, Any]) -> RawItem:
        form = one.get("record")
        if not isinstance(form, dict):
            raise Unreadable("entrée de l'annuaire sans formulaire")
        if is_gone(one):
            return tombstone(source, _key(form))
        return _item({**form, **detail}, source)

    return read_each([entry], source, read=read)


def parse(body: bytes, source: Source) -> list[Found]:
    """The announcements of one answer of the directory, without their public pages."""
    entries, _ = read_batch(body, source)
    return [one for entry in entries for one in read_entry(entry, source, detail={})]


def _item(form: Mapping[str, Any], source: Source) -> RawItem:
    record = Record(form)
    key = _key(form)
    described = record.text("description") or ""
    link = absolute(record.text("url"), "https://www.helloasso.com/")
    start, end = record.text("startDate"), record.text("endDate")
    meta = form.get("meta") if isinstance(form.get("meta"), dict) else {}
    kind = record.text("formType")
    event = (kind or "Event").lower() == "event"
    # Only an event takes place on its dates: those of a collection are its opening and closing.
    words = " – ".join(one[:10] for one in (start, end) if one)
    fields = filled(
        title=title_of(record.text("title", "privateTitle") or ""),
        text=text_of(described),
        html=safe_html(described) if looks_html(described) else None,
        start=iso_moment(start) if event else None,
        end=iso_moment(end) if event else None,
        when=words if event and start and not iso_moment(start) else None,
        **_place(record.pop("place")),
        organiser=one_line(record.text("organizationName") or ""),
        organiser_kind="association",
        rna=record.text("rnaNumber"),
        type=record.text("activityType") or kind,
        links=links_in(described, link or "")[:50],
        ticket=link if event else None,
        url=link,
    )
    record.leave("state", "organizationSlug", "organizationLogo", "privateTitle", *_NOISE)
    published = str((meta or {}).get("updatedAt") or "")
    return announcement(
        source,
        record,
        fields,
        key=key,
        published=published,
        lacking="formulaire HelloAsso sans titre ni texte",
    )


def _place(value: Any) -> dict[str, Json]:
    place = value if isinstance(value, dict) else {}
    geo = place.get("geoLocation")
    geo = geo if isinstance(geo, dict) else {}
    lat, lon = geo.get("latitude"), geo.get("longitude")
    return filled(
        venue=one_line(str(place.get("name") or "")),
        address=one_line(str(place.get("address") or "")),
        commune=one_line(str(place.get("city") or "")),
        postcode=place.get("zipCode"),
        **({"lat": float(lat), "lon": float(lon)} if lat and lon else {}),
    )


def _key(form: Mapping[str, Any]) -> str:
    """organisation/type/form: what the address of a form is made of."""
    parts = [str(form.get(n) or "") for n in ("organizationSlug", "formType", "formSlug")]
    if not parts[0] or not parts[2]:
        raise Unreadable("formulaire HelloAsso sans organizationSlug ou formSlug")
    return "/".join(parts)


def _details(source: Source, opened: int) -> bool:
    most = int(source.options.get("max_details", 200))
    return source.options.get("details", True) is not False and opened < most


async def _detail(form: Any, source: Source, http: Http, access: "_Access") -> Mapping[str, Any]:
    """The public page of a form: its place and its description. Nothing when it does not answer."""
    if not isinstance(form, dict):
        return {}
    kind = form.get("formType") or "Event"
    path = f"organizations/{form.get('organizationSlug')}/forms/{kind}/{form.get('formSlug')}"
    url = f"{source.url.rsplit('/directory/', 1)[0]}/{path}/public"
    try:
        page = await access.call(
            lambda headers: http.get(url, headers=headers, published=True, whole=True)
        )
        data = json.loads(page.body)
    except Unreachable:
        raise  # the host is down or asks to wait: the token is not kept, all is asked again
    except (CollectError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


@dataclass(slots=True)
class _Access:
    """The access token of a visit (OAuth 2, client_credentials), asked again when it ends: it lives
    half an hour, a first visit may last longer."""

    source: Source
    http: Http
    headers: dict[str, str] = field(default_factory=dict)
    until: datetime | None = None

    async def call(self, ask: Callable[[Mapping[str, str]], Awaitable[Page]]) -> Page:
        """What `ask` gives with a token; once more with a new one when an old one is refused."""
        fresh = await self._renewed()
        try:
            return await ask(self.headers)
        except Refused:
            if fresh or not self.headers:
                raise
            self.until = None
            await self._renewed()
            return await ask(self.headers)

    async def _renewed(self) -> bool:
        """Whether a token had to be asked."""
        client, now = secret(self.source, "client_id"), self.http.now()
        if not client or (self.until is not None and now < self.until):
            return False
        parts = urlsplit(self.source.url)
        asked = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": secret(self.source, "client_secret"),
        }
        page = await self.http.post_form(f"{parts.scheme}://{parts.netloc}/oauth2/token", asked)
        try:
            answer = json.loads(page.body)
            token, seconds = answer["access_token"], float(answer.get("expires_in") or 0)
        except (ValueError, KeyError, TypeError):
            why = "HelloAsso ne donne pas de jeton ; vérifiez client_id"
            raise Refused(why, about=self.source.url) from None
        self.headers = {"Authorization": f"Bearer {token}"}
        self.until = now + timedelta(seconds=seconds) - _EARLY
        return True
