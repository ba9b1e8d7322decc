"""SCDL « subventions » 2.1.1: the funded actions, as the order of 17 November 2017 publishes them.

https://schema.data.gouv.fr/scdl/subventions/2.1.1/documentation.html. Only initiatives with an
amount granted. What the census does not know stays empty: the attributing body must complete
`idAttribuant` and the date of the agreement before publishing, and the guide says so.
"""

import csv
import io
from collections.abc import Iterator
from typing import IO

from census.cells import neutralised
from census.table import CensusRow, Table
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


def _subsidies(table: Table) -> Iterator[dict[str, Json]]:
    for row in table:
        if row["montant_accorde"] is not None:
            yield _subsidy(row) | {"dispositifAide": table.campaign.title}


def _subsidy(row: CensusRow) -> dict[str, Json]:
    funders = row["financements"] or []
    budget, amount = row["budget_total"], row["montant_accorde"]
    share = round(amount / budget, 4) if budget and budget >= amount else None
    first, last = row["date_debut"], row["date_fin"]
    return {
        "nomAttribuant": funders[0] if len(funders) == 1 else None,
        "nomBeneficiaire": row["porteur_nom"],
        "idBeneficiaire": row["porteur_siret"],
        "rnaBeneficiaire": row["porteur_rna"],
        "objet": row["intitule"],
        "montant": amount,
        "nature": "aide en numéraire",
        "datesPeriodeVersement": f"{first}/{last}" if first and last else None,
        "pourcentageSubvention": share,
    }
