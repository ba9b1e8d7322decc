"""SCDL « subventions » 2.1.1: the funded actions, as the order of 17 November 2017 publishes them.

https://schema.data.gouv.fr/scdl/subventions/2.1.1/documentation.html. Only initiatives with an
amount granted. What announcements never say (who attributes, the day of the agreement, the nature)
comes from the source's own settings, else the campaign's; what nobody said stays empty, and `check`
tells what the published file would lack.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import IO

from census.cells import neutralised
from census.table import CensusRow, Table
from domain.campaigns import Subsidies
from domain.identifiers import siret
from domain.records import Json

SUFFIX = ".csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
TITLE = "Subventions (SCDL 2.1.1)"

FIELDS = (
    "nomAttribuant",
    "idAttribuant",
    "dateConvention",
    "referenceDecision",
    "nomBeneficiaire",
    "idBeneficiaire",
    "rnaBeneficiaire",
    "objet",
    "montant",
    "nature",
    "conditionsVersement",
    "datesPeriodeVersement",
    "idRAE",
    "notificationUE",
    "pourcentageSubvention",
    "dispositifAide",
)


NATURES = ("aide en numéraire", "aide en nature", "aide en numéraire;aide en nature")
REQUIRED = (
    *("nomAttribuant", "idAttribuant", "dateConvention", "nomBeneficiaire", "objet", "montant"),
    *("nature", "conditionsVersement", "notificationUE", "pourcentageSubvention"),
)


def write(table: Table, out: IO[bytes]) -> int:
    """Write the file (UTF-8, `,`, as the schema asks); the number of subsidies."""
    stream = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FIELDS)
    count = 0
    for count, row in enumerate(_subsidies(table), start=1):  # noqa: B007
        writer.writerow([neutralised(row.get(name)) for name in FIELDS])
    stream.detach()
    return count


def check(data: bytes) -> list[str]:
    """What the schema asks and the file lacks, in French: one line a field, with how many rows."""
    wrong: Counter[str] = Counter()
    for row in csv.DictReader(io.StringIO(data.decode("utf-8"))):
        wrong.update(_problems(row))
    return [f"{what} : {count} ligne{'s' if count > 1 else ''}" for what, count in wrong.items()]


def _problems(row: dict[str, str]) -> Iterator[str]:
    for name in REQUIRED:
        if not row[name]:
            yield f"« {name} » manque"
    for name in ("idAttribuant", "idBeneficiaire"):
        if row[name] and siret(row[name]) is None:
            yield f"« {name} » n'est pas un SIRET"
    if not row["idBeneficiaire"] and not row["rnaBeneficiaire"]:
        yield "ni « idBeneficiaire » ni « rnaBeneficiaire »"
    if row["nature"] and row["nature"] not in NATURES:
        yield f"« nature » n'est pas parmi {', '.join(NATURES)}"


def _subsidies(table: Table) -> Iterator[dict[str, Json]]:
    said = {one.slug: one.subsidies for one in table.watched if one.subsidies}
    for row in table:
        if row["montant_accorde"] is not None:
            told = (said[slug] for slug in row["sources"] or () if slug in said)
            yield _subsidy(row, next(told, table.campaign.subsidies), table.campaign.title)


def _subsidy(row: CensusRow, settings: Subsidies, title: str) -> dict[str, Json]:
    funders = row["financements"] or []
    amount = row["montant_accorde"]
    first, last = row["date_debut"], row["date_fin"]
    return {
        "nomAttribuant": settings.attributor or (funders[0] if len(funders) == 1 else None),
        "idAttribuant": settings.attributor_id or None,
        "dateConvention": settings.agreed_on.isoformat() if settings.agreed_on else None,
        "nomBeneficiaire": row["porteur_nom"],
        "idBeneficiaire": row["porteur_siret"],
        "rnaBeneficiaire": row["porteur_rna"],
        "objet": row["intitule"],
        "montant": amount,
        "nature": settings.nature,
        "conditionsVersement": settings.conditions or None,
        "datesPeriodeVersement": f"{first}/{last}" if first and last else None,
        "notificationUE": settings.notified_eu,
        # The share of this beneficiary in the subsidy (not in the budget): alone, it has it all.
        "pourcentageSubvention": 1,
        "dispositifAide": settings.scheme or title,
    }
