"""The indicators of the census as JSON: counts with their n, shares with their interval."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import IO, Any

from census import indicators
from census.measures import french, totals
from census.sheets import told
from census.table import LICENCE, Table
from census.zoning import zoning
from domain.campaigns import Campaign
from domain.records import Json

SUFFIX = ".json"
MEDIA_TYPE = "application/json"
TITLE = "Indicateurs (JSON)"

COLUMNS = (
    *("code_departement", "epci_nom", "type_animation", "porteur_type", "publics"),
    *("labels_nationaux", "statut", "temps_fort", "zone_frr"),
)


def write(table: Table, out: IO[bytes]) -> int:
    """Write the object; the number of initiatives."""
    pairs = list(table.pairs())
    rows = [row for _, row in pairs]
    silences = indicators.silences(rows, table.communes, table.campaign)
    zoned = zoning(rows, table.campaign)
    sheets = [told(entry, private=table.private) for entry, _ in pairs]
    measured = totals(sheets)
    left_out = sorted(set(measured.left_out))
    content: dict[str, Json] = {
        "campagne": table.campaign.code,
        "date_export": table.made_on.isoformat(),
        "filtres": list(table.notes),
        "licence": LICENCE,
        "ensemble": asdict(indicators.summary(rows)),
        "par": {"theme": _counts(indicators.by_theme(rows, table.campaign))}
        | {name: _counts(indicators.by(rows, name)) for name in COLUMNS}
        | {"mois": _counts(indicators.by_month(rows))},
        "croisements": {"code_departement × theme": _crossed(rows, table.campaign)},
        "silences": asdict(silences),
        "territoires_prioritaires": asdict(zoned) if zoned else None,
        "sources": [
            {"source": one.source.slug, "titre": one.source.title, "etat": one.source.health}
            | {"attendu": one.source.expected, "recueilli": one.source.collected}
            | {"initiatives": one.initiatives, "en_defaut": one.short}
            for one in indicators.coverage(rows, table.watched)
        ],
        "labels": [asdict(one) for one in indicators.proposed_labels(rows, table.campaign)],
        "fiches_action": [asdict(one) for one in indicators.sheet_indicators(sheets)],
        "fiches_action_chiffres": {
            "cumuls": [asdict(one) | {"en_clair": french(one)} for one in measured.totals],
            "non_cumules": [{"indicateur": text, "pourquoi": why} for text, why in left_out],
        },
    }
    out.write(json.dumps(content, ensure_ascii=False, indent=1, default=str).encode() + b"\n")
    return len(rows)


def _counts(found: Iterable[indicators.Count]) -> list[dict[str, Any]]:
    """Each count with its share of n and the interval of that share."""
    shares = []
    for one in found:
        share = indicators.wilson(one.count, one.n)
        shares.append(
            {"code": one.code, "libelle": one.label, "nombre": one.count, "n": one.n}
            | {"part": share.p, "intervalle_95": [share.low, share.high]}
        )
    return shares


def _crossed(rows: list[Any], campaign: Campaign) -> dict[str, Any]:
    return asdict(indicators.crossing(rows, "code_departement", campaign)) | {
        "masque": f"null : entre 1 et {indicators.SMALLEST - 1}, ou ce qui le ferait retrouver"
    }
