"""The sources of the fictitious web: what `sources/*.toml` would say of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.records import Json, Source
from domain.statuses import Outcome, Publisher


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A source before its address is known: `path` is where the demonstration serves it."""

    slug: str
    title: str
    kind: str
    path: str
    publisher: Publisher
    department: str | None = None
    commune: str | None = None
    expect_min: int | None = 1
    outcome: Outcome = Outcome.OK  # what a first visit must say
    options: Mapping[str, Json] = field(default_factory=dict)


SITES: tuple[Site, ...] = (
    Site(slug="ville-digne", title="Ville de Digne-les-Bains – agenda", kind="page",
         path="/ville-digne/agenda/", publisher=Publisher.TOWN, department="04", commune="04070",
         options={"item": "article.evenement", "link": "h2 a", "next": "a.suivant"}),
    Site(slug="maisons-verdon", title="Maisons du Verdon – événements", kind="page",
         path="/maisons-verdon/evenements/", publisher=Publisher.ORGANISER, department="04",
         options={"item": "article.tribe-events-calendar-list__event",
                  "link": "a.tribe-events-calendar-list__event-title-link"}),
    Site(slug="fiches-ctg", title="Convention territoriale globale – fiches action",
         kind="action_sheet", path="/fiches-ctg/fiches-action-ctg.docx",
         publisher=Publisher.ORGANISER, department="04"),
    Site(slug="fil-brianconnais", title="Le Fil du Briançonnais", kind="feed",
         path="/fil-brianconnais/rss.xml", publisher=Publisher.PRESS, department="05"),
    Site(slug="agenda-gap", title="Agenda sportif du Gapençais", kind="calendar",
         path="/agenda-gap/agenda.ics", publisher=Publisher.AGENDA, department="05"),
    Site(slug="sport-alpes", title="Comité des sports alpins – actualités", kind="feed",
         path="/sport-alpes/atom.xml", publisher=Publisher.AGENDA, department=None),
    Site(slug="fiches-txt", title="Fiches action du Buëch et du Guil", kind="action_sheet",
         path="/fiches-txt/fiches.txt", publisher=Publisher.ORGANISER, department="05"),
    Site(slug="azur-sorties", title="Azur Sorties", kind="feed",
         path="/azur-sorties/feed.json", publisher=Publisher.AGENDA, department="06"),
    Site(slug="ville-grasse", title="Ville de Grasse – sortir et bouger", kind="page",
         path="/ville-grasse/agenda/", publisher=Publisher.TOWN, department="06", commune="06069",
         options={"item": "ul.liste-agenda > li", "link": "a.titre", "next": "a[rel=next]",
                  "title": "h1", "date": ".quand", "place": ".ou", "text": ".corps"}),
    Site(slug="centres-sociaux-13", title="Réseau des centres sociaux 13 – nouvelles", kind="feed",
         path="/centres-sociaux-13/feed", publisher=Publisher.ORGANISER, department="13"),
    Site(slug="ville-martigues", title="Ville de Martigues – actualités", kind="page",
         path="/ville-martigues/actualites.html", publisher=Publisher.TOWN, department="13",
         commune="13056",
         options={"item": "div.actu", "link": "a.lire", "title": "h1.titre-actu",
                  "date": "p.infos .date", "place": "p.infos .lieu", "text": "div.texte-actu"}),
    Site(slug="ville-salon", title="Ville de Salon-de-Provence – agenda", kind="page",
         path="/ville-salon/agenda/", publisher=Publisher.TOWN, department="13", commune="13103",
         outcome=Outcome.REFUSED, options={"item": "li", "link": "a"}),
    Site(slug="gazette-var", title="La Gazette du Var", kind="feed",
         path="/gazette-var/rss", publisher=Publisher.PRESS, department="83", expect_min=10),
    Site(slug="prefecture-83", title="Recensement de la préfecture du Var", kind="table",
         path="/prefecture-83/recensement.xlsx", publisher=Publisher.STATE, department="83"),
    Site(slug="vaucluse-ouvert", title="Vaucluse en données ouvertes – événements",
         kind="opendatasoft",
         path="/vaucluse-ouvert/api/explore/v2.1/catalog/datasets/evenements-vaucluse/records",
         publisher=Publisher.AGENDA, department="84"),
    Site(slug="mairie-apt", title="Mairie d'Apt – brèves", kind="feed",
         path="/mairie-apt/spip.php?page=backend", publisher=Publisher.TOWN, department="84",
         commune="84003"),
    Site(slug="fiches-cv", title="Contrat de ville – fiches action", kind="action_sheet",
         path="/fiches-cv/contrat-de-ville.docx", publisher=Publisher.STATE, department="84"),
    Site(slug="declarations", title="Formulaire régional de déclaration", kind="table",
         path="/declarations/export.csv", publisher=Publisher.ORGANISER),
    Site(slug="subventions", title="Subventions accordées", kind="table",
         path="/subventions/subventions.csv", publisher=Publisher.FUNDER),
    Site(slug="ligue-plein-air", title="Ligue des sports de pleine nature", kind="feed",
         path="/ligue-plein-air/rss.xml", publisher=Publisher.ORGANISER, expect_min=10,
         outcome=Outcome.IMPLAUSIBLE),
    Site(slug="radio-durance", title="Radio Durance – l'agenda", kind="feed",
         path="/radio-durance/agenda.rss", publisher=Publisher.PRESS, department="04",
         outcome=Outcome.UNREACHABLE),
)  # fmt: skip
"""In the order of the départements, then the regional ones."""


def sources(base_url: str) -> list[Source]:
    """The sources, at the address where the demonstration is served (`Running.url`)."""
    base = base_url.rstrip("/")
    return [
        Source(
            slug=site.slug,
            title=site.title,
            kind=site.kind,
            url=base + site.path,
            publisher=site.publisher,
            department=site.department,
            commune=site.commune,
            expect_min=site.expect_min,
            licence="Démonstration, contenu fictif",
            options=site.options,
        )
        for site in SITES
    ]
