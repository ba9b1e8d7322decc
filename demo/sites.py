"""The web sites: lists and detail pages, with JSON-LD, with microdata, and with nothing at all."""

import json
from collections.abc import Iterator
from html import escape

from demo.documents import Document, link, of
from demo.story import Announcement
from demo.words import capital, hours, place, short, status_sentence, title, when

_STATUS = {
    "planned": "https://schema.org/EventScheduled",
    "cancelled": "https://schema.org/EventCancelled",
    "postponed": "https://schema.org/EventRescheduled",
}
PER_PAGE = 8
_STYLE = (
    "<style>body{max-width:46rem;margin:0 auto;padding:0 1rem 2rem;font:1.05rem/1.6 system-ui,"
    "sans-serif;color:#222}header nav ul{display:flex;gap:1.5rem;list-style:none;padding:1rem 0;"
    "border-bottom:3px solid #2a6f7f}main{padding:1rem 0}h1,h2,h3{line-height:1.25;color:#174855}"
    "footer{margin-top:3rem;border-top:1px solid #ccc;font-size:.85rem;color:#555}"
    "a{color:#1b6276}</style>"
)


def documents(base: str, state: str) -> Iterator[Document]:
    yield from _digne(base, state)
    yield from _verdon(base, state)
    yield from _grasse(base, state)
    yield from _martigues(base, state)
    for one in of("ville-salon", state):
        yield _page("/ville-salon/agenda/", "Agenda", f'<li><a href="{link(one)}">Fête</a></li>')
        yield article(one, one.text)


def article(one: Announcement, text: str) -> Document:
    """The page a feed entry or an API record points to."""
    return _page(link(one), title(one), f"<h1>{escape(title(one))}</h1><p>{escape(text)}</p>")


def _page(path: str, name: str, main: str, *, head: str = "", site: str = "") -> Document:
    crumbs = site or name
    html = (
        '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8">'
        f"<title>{escape(name)}</title>{_STYLE}{head}</head><body>\n"
        f"<header><nav><ul><li>Accueil</li><li>Démarches</li><li>{escape(crumbs)}</li></ul></nav>"
        "<form role='search'><label>Rechercher <input name='q'></label></form></header>\n"
        f"<main>\n{main}\n</main>\n"
        "<footer><p>Site de démonstration : lieux réels, contenus inventés.</p>"
        "<p>Mentions légales – Plan du site – Accessibilité : non conforme</p></footer>"
        "</body></html>\n"
    )
    return Document(path=path, content_type="text/html; charset=utf-8", body=html.encode())


def _moment(one: Announcement, *, end: bool) -> str:
    """ISO 8601: a naive local time when hours are known, else a day."""
    day = one.ends_on if end else one.starts_on
    slot = hours(one)
    at = (slot[1] if end else slot[0]) if slot else None
    text = day.isoformat() if day else ""
    return f"{text}T{at:%H:%M}:00" if at else text


def _json_ld(one: Announcement, base: str) -> str:
    event = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": one.title,
        "description": one.text,
        "startDate": _moment(one, end=False),
        "endDate": _moment(one, end=True),
        "eventStatus": _STATUS[one.status],
        "url": base + link(one),
        "organizer": {"@type": "Organization", "name": one.organiser},
        "location": {
            "@type": "Place",
            "name": one.venue,
            "address": {
                "@type": "PostalAddress",
                "addressLocality": one.town.name if one.town else "",
                "postalCode": one.town.postcode if one.town else "",
                "addressCountry": "FR",
            },
        },
    }
    if one.was_on:
        event["previousStartDate"] = one.was_on.isoformat()
    return json.dumps(event, ensure_ascii=False, indent=1).replace("</", "<\\/")


def _digne(base: str, state: str) -> Iterator[Document]:
    """A municipal site that describes its events for machines."""
    every = of("ville-digne", state)
    for number, lot in enumerate(_lots(every), 1):
        cards = "\n".join(
            f'<article class="evenement"><h2><a href="{link(one)}">{escape(title(one))}</a></h2>'
            f"<p>{escape(capital(when(one)))}</p></article>"
            for one in lot
        )
        last = number * PER_PAGE >= len(every)
        after = (
            ""
            if last
            else f'<a class="suivant" href="/ville-digne/agenda/page/{number + 1}/">Suite</a>'
        )
        path = "/ville-digne/agenda/" if number == 1 else f"/ville-digne/agenda/page/{number}/"
        yield _page(path, "Agenda – Ville de Digne-les-Bains", cards + after)
    for one in every:
        script = f'<script type="application/ld+json">{_json_ld(one, base)}</script>'
        note = f"<p>{status_sentence(one)}</p>" if one.status != "planned" else ""
        main = f"<h1>{escape(title(one))}</h1>{note}<p>{escape(one.text)}</p>"
        yield _page(link(one), f"{one.title} – Digne-les-Bains", main, head=script, site="Agenda")


def _verdon(base: str, state: str) -> Iterator[Document]:
    """A WordPress agenda: the classes of The Events Calendar, schema.org microdata."""
    every = of("maisons-verdon", state)
    cards = "\n".join(
        f'<article class="tribe-events-calendar-list__event tribe_events type-tribe_events">'
        f'<time class="tribe-events-calendar-list__event-datetime" datetime="{one.starts_on}">'
        f"{escape(when(one))}</time><h3 class='tribe-events-calendar-list__event-title'>"
        f'<a class="tribe-events-calendar-list__event-title-link" href="{base}{link(one)}/" '
        f'rel="bookmark">{escape(title(one))}</a></h3>'
        f"<p>{escape(short(one))}</p></article>"
        for one in every
    )
    yield _page("/maisons-verdon/evenements/", "Événements – Maisons du Verdon", cards)
    for one in every:
        yield _page(f"{link(one)}/", f"{one.title} – Maisons du Verdon", _microdata(one, base))


def _microdata(one: Announcement, base: str) -> str:
    town = one.town
    where = (
        '<div itemprop="location" itemscope itemtype="https://schema.org/Place">'
        f'<span itemprop="name">{escape(one.venue)}</span> '
        '<span itemprop="address" itemscope itemtype="https://schema.org/PostalAddress">'
        f'<span itemprop="postalCode">{town.postcode}</span> '
        f'<span itemprop="addressLocality">{escape(town.name)}</span></span></div>'
        if town
        else ""
    )
    return (
        '<div class="tribe-events-single" itemscope itemtype="https://schema.org/Event">'
        f'<h1 class="tribe-events-single-event-title" itemprop="name">{escape(one.title)}</h1>'
        f'<link itemprop="eventStatus" href="{_STATUS[one.status]}">'
        f'<link itemprop="url" href="{base}{link(one)}/">'
        f'<meta itemprop="startDate" content="{_moment(one, end=False)}">'
        f'<meta itemprop="endDate" content="{_moment(one, end=True)}">'
        f'<p class="tribe-events-schedule">{escape(capital(when(one)))}</p>'
        f'<div class="tribe-events-content" itemprop="description">'
        f"{escape(' '.join(p for p in (status_sentence(one), one.text) if p))}</div>{where}"
        '<div itemprop="organizer" itemscope itemtype="https://schema.org/Organization">'
        f'<span itemprop="name">{escape(one.organiser)}</span></div></div>'
    )


def _grasse(base: str, state: str) -> Iterator[Document]:
    """A municipal site for eyes only: pages of links, date and place in their own blocks."""
    every = of("ville-grasse", state)
    for number, lot in enumerate(_lots(every), 1):
        rows = "\n".join(
            f'<li><a class="titre" href="../agenda/{one.slug}">{escape(title(one))}</a> '
            f"<em>{escape(when(one, weekday=False))}</em></li>"
            for one in lot
        )
        path = "/ville-grasse/agenda/" if number == 1 else f"/ville-grasse/agenda/?page={number}"
        after = f'<a rel="next" href="?page={number + 1}">Page suivante</a>'
        more = after if number * PER_PAGE < len(every) else ""
        yield _page(path, "Sortir et bouger", f'<ul class="liste-agenda">\n{rows}\n</ul>{more}')
    for one in every:
        main = (
            f"<h1>{escape(title(one))}</h1>"
            f'<p class="quand">{escape(capital(when(one)))}</p>'
            f'<p class="ou">{escape(place(one))}</p>'
            f'<div class="corps"><p>{escape(one.text)}</p>'
            f"<p>Organisé par : {escape(one.organiser)}.</p></div>"
            "<aside><h2>À lire aussi</h2><p>Le marché se déplace place aux Aires.</p></aside>"
        )
        yield _page(link(one), f"{one.title} | Ville de Grasse", main, site="Agenda")


def _martigues(base: str, state: str) -> Iterator[Document]:
    """News of a town: events among road works, links relative to the folder."""
    every = of("ville-martigues", state)
    cards = "\n".join(
        f'<div class="actu"><h2>{escape(title(one))}</h2>'
        f"<p>{escape(short(one))}</p>"
        f'<a class="lire" href="actualites/{one.slug}">Lire la suite</a></div>'
        for one in every
    )
    yield _page("/ville-martigues/actualites.html", "Actualités", cards)
    for one in every:
        main = (
            f'<h1 class="titre-actu">{escape(title(one))}</h1>'
            f'<p class="infos"><span class="date">{escape(capital(when(one)))}</span> | '
            f'<span class="lieu">{escape(one.venue)}</span></p>'
            f'<div class="texte-actu"><p>{escape(one.text)}</p>'
            f"<p>Renseignements : {escape(one.organiser)}.</p></div>"
        )
        yield _page(link(one), f"{one.title} – Martigues", main, site="Actualités")


def _lots(every: list[Announcement]) -> list[list[Announcement]]:
    return [every[i : i + PER_PAGE] for i in range(0, len(every), PER_PAGE)]
