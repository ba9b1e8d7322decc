"""What a regional plan document says, section by section (domain.fr.md §1.4): plain data that the
DOCX template and the typst page lay out. Every text comes from rows: nothing personal is in it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from census import figures, indicators
from census.indicators import Count
from census.measures import french, totals
from census.sheets import euros, span, told
from census.table import LICENCE, CensusRow, Table
from census.words import shown
from census.zoning import zoning
from domain.highlights import highlights
from domain.labels import labels
from domain.outlines import Outline, outlines
from domain.records import Json
from domain.times import french_date

MOST_DATES = 4  # of an initiative, in a line of a table
MOST_SILENT = 40  # communes named; the rest is counted
GLOSSARY: tuple[tuple[str, str], ...] = (
    ("Initiative", "action recensée, portée par un ou plusieurs acteurs ; elle a des éditions."),
    ("Édition", "tenue d'une initiative : une année, une session."),
    ("EPCI", "établissement public de coopération intercommunale : communauté, métropole."),
    ("QPV", "quartier prioritaire de la politique de la ville."),
    (
        "Temps fort",
        "moment du calendrier auquel une initiative se rattache par sa date ou ses mots.",
    ),
    ("Héritage", "effet qui reste après l'événement : équipement, habitude, compétence, lien."),
    ("Recensée", "validée par un relecteur ; « à relire » : proposée par la veille."),
    ("DRAJES", "délégation régionale académique à la jeunesse, à l'engagement et aux sports."),
    ("CRDS", "conférence régionale du sport."),
)


def contents(table: Table) -> dict[str, Json]:
    """Every section, as texts, numbers, lists; SVG figures under `figures`."""
    pairs = list(table.pairs())
    rows = [row for _, row in pairs]
    summary = indicators.summary(rows)
    campaign = table.campaign
    months = indicators.by_month(rows)
    departments = [
        Count(code=c, label=shown("code_departement", c), count=_in(rows, c), n=len(rows))
        for c in campaign.departments
    ]
    themes = indicators.by_theme(rows, campaign)
    sheets = [told(entry, private=table.private) for entry, _ in pairs]
    return {
        "code": campaign.code,
        "title": campaign.title,
        "made_on": french_date(table.made_on),
        "period": span(campaign.starts_on, campaign.ends_on),
        "licence": LICENCE,
        "filters": list(table.notes),
        "games": ", ".join(campaign.games),
        "n": summary.n,
        "summary": [
            ["Initiatives", str(summary.n)],
            ["Communes concernées", str(summary.communes)],
            ["Initiatives datées", indicators.wilson(summary.dated, summary.n).french()],
            ["Initiatives localisées", indicators.wilson(summary.placed, summary.n).french()],
            ["Initiatives relues", summary.reviewed.french()],
            ["Initiatives ayant un thème", summary.themed.french()],
            ["Subventions connues", f"{summary.with_amount}, {euros(summary.granted)}"],
        ],
        "departments": _counted(departments),
        "themes": _counted(themes),
        "months": _counted([one for one in months if one.count]),
        **_zones(rows, table),
        "measures": _measures(sheets),
        "types": _counted(indicators.by(rows, "type_animation")),
        "organisers": _counted(indicators.by(rows, "porteur_type")),
        "audiences": _counted(indicators.by(rows, "publics")),
        "communes": [[one.label, str(one.count)] for one in indicators.by(rows, "nom_commune")],
        "epcis": _counted(indicators.by(rows, "epci_nom")),
        "crossing": _crossing(rows, table),
        "silences": _silences(rows, table),
        "phases": _phases(rows, table),
        "highlights": _highlights(rows, table),
        "tables": _tables(rows, table),
        "financing": _financing(rows),
        "labels": _labels(rows),
        "label_rules": [
            [f"{one.name} ({one.issuer})", one.why, str(one.held), str(one.proposed)]
            for one in indicators.proposed_labels(rows, campaign)
        ],
        "credit": outlines().credit,
        "heritage": [_line(row) for row in rows if row.get("theme_heritage")],
        "sheet_indicators": [
            [one.text, str(one.sheets)] for one in indicators.sheet_indicators(sheets)[:30]
        ],
        "sources": _sources(rows, table),
        "glossary": [list(pair) for pair in GLOSSARY],
        "figures": {
            "departments": _figure(
                "Initiatives par département", _shaded(departments), departments
            ),
            "themes": _figure(
                "Initiatives par thème",
                figures.bars(themes, title="Initiatives par thème"),
                themes,
            ),
            "months": _figure(
                "Initiatives par mois",
                figures.columns(months, title="Initiatives par mois"),
                months,
            ),
            "map": _map(rows, table),
        },
    }


def _in(rows: Sequence[CensusRow], department: str) -> int:
    return sum(row["code_departement"] == department for row in rows)


def _counted(counts: Sequence[Count]) -> list[list[str]]:
    return [[one.label, str(one.count), _percent(one)] for one in counts]


def _percent(one: Count) -> str:
    share = indicators.wilson(one.count, one.n)
    if share.p is None or share.low is None or share.high is None:
        return "—"
    p, low, high = (f"{100 * v:.0f}" for v in (share.p, share.low, share.high))
    return f"{p} % [{low} ; {high}]"


def _crossing(rows: Sequence[CensusRow], table: Table) -> dict[str, Json]:
    found = indicators.crossing(rows, "code_departement", table.campaign)
    hidden = "masqué"
    cells = [[hidden if v is None else str(v) for v in line] for line in found.cells]
    return {
        "columns": list(found.columns),
        "rows": [[label, *line] for label, line in zip(found.rows, cells, strict=True)],
    }


def _silences(rows: Sequence[CensusRow], table: Table) -> dict[str, Json]:
    found = indicators.silences(rows, table.communes, table.campaign)
    return {
        "communes": [
            [one.name, one.department, _number(one.population)]
            for one in found.communes[:MOST_SILENT]
        ],
        "others": max(0, len(found.communes) - MOST_SILENT),
        "epcis": [[one.name, str(one.communes), _number(one.population)] for one in found.epcis],
        "themes": [
            [shown("code_departement", department), shown("theme", slug)]
            for department, slug in found.themes
        ],
        "sentence": (
            f"{_number(len(found.communes))} communes sur {_number(found.total_communes)} n'ont "
            f"aucune initiative recensée : {_number(found.population)} habitants sur "
            f"{_number(found.total_population)}."
        )
        if found.total_communes
        else "Le territoire n'est pas décrit : les communes sans initiative ne sont pas connues.",
    }


def _measures(sheets: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """The numbers of the action sheets, gathered where they compare, and what was not."""
    found = totals(sheets)
    reasons = Counter(why for _, why in found.left_out)
    told = ", ".join(f"{count} {why}" for why, count in sorted(reasons.items()))
    return {
        "rows": [[one.label, one.nature, french(one), str(one.n)] for one in found.totals[:30]],
        "left_out": f"Non cumulés : {told}." if told else "",
    }


def _zones(rows: Sequence[CensusRow], table: Table) -> dict[str, Json]:
    """The priority territories: a sentence, and the quarters with their initiatives."""
    found = zoning(rows, table.campaign)
    if found is None:
        return {
            "qpv": "Quartiers prioritaires et communes France ruralités revitalisation : non "
            "renseignés (`paat territory refresh` les lit).",
            "quarters": [],
        }
    return {
        "qpv": (
            f"Initiatives dont le lieu précis est connu et situé dans un quartier prioritaire : "
            f"{found.placed.french()}. Initiatives dans une commune France ruralités "
            f"revitalisation : {found.rural.french()} ; {_number(found.silent_rural)} de ces "
            f"{_number(found.rural_communes)} communes n'en ont aucune."
        ),
        "quarters": [
            [f"{one.name} ({one.code})", ", ".join(one.communes), str(one.inside), str(one.around)]
            for one in found.quarters
        ],
    }


def _phases(rows: Sequence[CensusRow], table: Table) -> list[dict[str, Json]]:
    """Before, during and after the window of the Games of the campaign, when it has one."""
    windows = [w for code in ("JO", "JP") if code in table.campaign.highlights
               for w in highlights()[code].windows]  # fmt: skip
    dated = sorted((row for row in rows if row["date_debut"]), key=_by_day)

    def between(first: str, last: str) -> list[CensusRow]:
        """Those with an edition in these days: one a year is before and after, not during."""
        return [r for r in dated if any(a <= last and b >= first for a, b in _spans(r))]

    undated = [row for row in rows if not row["date_debut"]]
    if windows:
        first = min(w.starts_on for w in windows).isoformat()
        last = max(w.ends_on for w in windows).isoformat()
        groups = [
            (f"Avant ({french_date(date.fromisoformat(first))})",
             [r for r in dated if any(b < first for _, b in _spans(r))]),
            ("Pendant", between(first, last)),
            (f"Après ({french_date(date.fromisoformat(last))})",
             [r for r in dated if any(a > last for a, _ in _spans(r))]),
        ]  # fmt: skip
    else:
        today = table.made_on.isoformat()
        groups = [
            ("Passées", [r for r in dated if all(b < today for _, b in _spans(r))]),
            ("En cours", between(today, today)),
            ("À venir", [r for r in dated if any(a > today for a, _ in _spans(r))]),
        ]
    groups.append(("Sans date", undated))
    return [
        {"name": name, "count": len(found), "rows": [_line(row) for row in found]}
        for name, found in groups
    ]


def _spans(row: CensusRow) -> list[tuple[str, str]]:
    """The first and last day of each edition."""
    return [(a, b) for a, _, b in (one.partition("/") for one in row["editions"])]


def _highlights(rows: Sequence[CensusRow], table: Table) -> list[list[str]]:
    """The temps forts of the campaign, their days and how many initiatives belong to each."""
    found = Counter(row["temps_fort"] for row in rows)
    lines = []
    for code in dict.fromkeys((*table.campaign.highlights, *filter(None, found))):
        one = highlights().get(code)
        if one is None:
            lines.append([code, "", str(found[code])])
            continue
        inside = [
            span(first, last)
            for w in one.windows
            for year in _years(table)
            for first, last in [w.in_year(year)]
            if (w.yearly or first.year == year)
            and first <= table.campaign.ends_on
            and last >= table.campaign.starts_on
        ]
        days = list(dict.fromkeys(inside))
        lines.append([one.name, " ; ".join(days) or "—", str(found[code])])
    return lines


def _years(table: Table) -> range:
    return range(table.campaign.starts_on.year, table.campaign.ends_on.year + 1)


def _tables(rows: Sequence[CensusRow], table: Table) -> list[dict[str, Json]]:
    groups: defaultdict[str, list[CensusRow]] = defaultdict(list)
    for row in rows:
        groups[row["code_departement"] or ""].append(row)
    order = [*table.campaign.departments, *sorted(set(groups) - set(table.campaign.departments))]
    return [
        {
            "name": shown("code_departement", code) if code else "Département non renseigné",
            "rows": [_line(row) for row in sorted(groups[code], key=_by_day)],
        }
        for code in order
        if groups[code]
    ]


def _by_day(row: CensusRow) -> tuple[str, str]:
    return row["date_debut"] or "9999", str(row["animation_id"])


def _line(row: CensusRow) -> list[str]:
    """Title, organiser, commune, days, themes, status: a line of a census table."""
    spans = [one.split("/") for one in row["editions"]]
    shown_days = [_day(a) if a == b else f"{_day(a)} – {_day(b)}" for a, b in spans[:MOST_DATES]]
    days = ", ".join(shown_days) + (" …" if len(spans) > MOST_DATES else "") or "—"
    themes = [
        shown("theme", slug.removeprefix("theme_").replace("_", "-"))
        for slug, value in row.items()
        if slug.startswith("theme_") and value is True
    ]
    return [
        str(row["intitule"] or "Sans titre"),
        str(row["porteur_nom"] or "—"),
        str(row["nom_commune"] or "—"),
        days,
        ", ".join(themes) or "—",
        shown("statut", row["statut"]),
    ]


def _day(iso: str | None) -> str:
    return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]}" if iso else "—"


def _financing(rows: Sequence[CensusRow]) -> dict[str, Json]:
    granted = [row for row in rows if row["montant_accorde"] is not None]
    granted.sort(key=lambda row: (-row["montant_accorde"], str(row["animation_id"])))
    funders = [one for one in indicators.by(granted, "financements") if one.code]
    return {
        "total": euros(float(sum(row["montant_accorde"] for row in granted))),
        "rows": [
            [str(row["intitule"]), str(row["porteur_nom"] or "—"), euros(row["montant_accorde"])]
            for row in granted
        ],
        "funders": [[one.label, str(one.count)] for one in funders],
    }


def _labels(rows: Sequence[CensusRow]) -> list[list[str]]:
    held = Counter(code for row in rows for code in row["labels_nationaux"])
    cited = Counter(code for row in rows for code in row["labels_cites"])
    return [
        [one.name, one.issuer, str(held[code]), str(cited[code])]
        for code, one in labels().items()
        if held[code] or cited[code]
    ]


def _sources(rows: Sequence[CensusRow], table: Table) -> list[list[str]]:
    return [
        [
            one.source.title,
            one.source.health,
            _day(one.source.last_ok_on.isoformat()) if one.source.last_ok_on else "jamais",
            f"{one.source.expected or '—'} / {one.source.collected or 0:g}",
            str(one.initiatives),
        ]
        for one in indicators.coverage(rows, table.watched)
    ]


def _map(rows: Sequence[CensusRow], table: Table) -> dict[str, str]:
    found = Counter(
        (row["latitude"], row["longitude"]) for row in rows if row["latitude"] is not None
    )
    places = [(lat, lon, count) for (lat, lon), count in sorted(found.items())]
    centres = [
        (one.latitude, one.longitude)
        for one in table.communes
        if one.latitude is not None and one.longitude is not None
    ]
    svg = figures.points(
        places, centres, shapes=list(_shapes(table).values()), title="Lieux des initiatives"
    )
    alt = f"{len(places)} lieux ; le tableau par commune suit."
    return {"title": "Lieux des initiatives", "svg": svg, "alt": alt}


def _shaded(departments: Sequence[Count]) -> str:
    """Departments shaded by their count; bars when their outlines are not known."""
    drawn = outlines().departments
    shapes = {one.code: drawn[one.code] for one in departments if one.code in drawn}
    if len(shapes) < len(departments):
        return figures.bars(departments, title="Initiatives par département")
    around = [one for code, one in drawn.items() if code not in shapes]
    return figures.territory(departments, shapes, around, title="Initiatives par département")


def _shapes(table: Table) -> dict[str, Outline]:
    drawn = outlines().departments
    return {code: drawn[code] for code in table.campaign.departments if code in drawn}


def _figure(title: str, svg: str, counts: Sequence[Count]) -> dict[str, str]:
    return {"title": title, "svg": svg, "alt": figures.describe(counts)}


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")
