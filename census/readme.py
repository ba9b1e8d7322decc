"""What travels with the data: campaign, date, filters, licence, dictionary. In French."""

from census.table import LICENCE, LICENCE_URL, Table
from domain.times import french_date


def lines(table: Table, count: int) -> list[tuple[str, str]]:
    """The « Lisez-moi » as (label, words) lines."""
    return [
        ("Recensement", table.campaign.title),
        ("Campagne", table.campaign.code),
        ("Date de l'export", french_date(table.made_on)),
        ("Nombre d'initiatives", str(count)),
        ("Filtres", " ; ".join(table.notes) or "aucun"),
        ("Licence", LICENCE),
        ("Une ligne", "une initiative de la campagne ; ses éditions sont dans « Éditions »"),
        ("Relecture", "« recensée » : validée par une personne ; « à relire » : proposée"),
        ("", ""),
        ("Colonne", "Ce qu'elle contient"),
        *((f"{c.title} ({c.name})", _described(c.description, c.example)) for c in table.columns),
    ]


def markdown(table: Table, count: int) -> str:
    """The same as a README.md, for an archive."""
    head = [f"# {table.title}", ""]
    told = lines(table, count)
    cut = told.index(("", ""))
    head += [f"- **{label}** : {words}" for label, words in told[:cut]]
    head += ["", f"Licence : <{LICENCE_URL}>", "", "## Colonnes", "", "| colonne | contenu |"]
    head += ["|---|---|"]
    head += [f"| {_cell(label)} | {_cell(words)} |" for label, words in told[cut + 2 :]]
    return "\n".join([*head, ""])


def _described(description: str, example: str) -> str:
    shown = f"ex. : {example}" if example else ""
    return " — ".join(filter(None, (description, shown))) or "—"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
