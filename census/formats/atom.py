"""Atom (RFC 4287): the entries of the census changed last, the freshest first.

At most MOST_ENTRIES of them.
"""

import heapq
from typing import IO

from census.cells import xml
from census.table import LICENCE, CensusRow, Table

SUFFIX = ".atom"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"
TITLE = "Flux Atom (nouveautés et modifications)"

MOST_ENTRIES = 200


def write(table: Table, out: IO[bytes]) -> int:
    """Write the feed; the number of its entries. Memory holds MOST_ENTRIES rows."""
    latest = heapq.nlargest(MOST_ENTRIES, table, key=_freshness)
    address = table.address or "https://example.invalid"
    updated = latest[0]["date_mise_a_jour"] if latest else f"{table.made_on.isoformat()}T00:00:00Z"
    name = " — ".join((table.title, *table.keep.french()))
    out.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:georss="http://www.georss.org/georss" xml:lang="fr">\n'
        f"<id>urn:paat:recensement:{xml(table.campaign.code)}</id>\n"
        f"<title>{xml(name)}</title>\n<updated>{updated}</updated>\n"
        f'<link rel="alternate" href="{xml(address)}/recensement"/>\n'
        f"<rights>{xml(LICENCE)}</rights>\n"
        "<author><name>paat, recensement territorial</name></author>\n".encode()
    )
    for row in latest:
        out.write(_entry(row, table).encode())
    out.write(b"</feed>\n")
    return len(latest)


def _freshness(row: CensusRow) -> tuple[str, str]:
    return str(row["date_mise_a_jour"]), str(row["animation_id"])


def _entry(row: CensusRow, table: Table) -> str:
    identity = xml(str(row["animation_id"]))
    page = f"{table.address}/recensement/initiative/{identity}"
    link = page if table.address else row["source_url"]
    parts = [
        "<entry>",
        f"<id>urn:paat:{identity}</id>",
        f"<title>{xml(str(row['intitule'] or 'Sans titre'))}</title>",
        f"<updated>{row['date_mise_a_jour']}</updated>",
    ]
    if row["date_collecte"]:
        parts.append(f"<published>{row['date_collecte']}</published>")
    if link:
        quoted = xml(str(link)).replace('"', "&quot;")
        parts.append(f'<link rel="alternate" href="{quoted}"/>')
    if row["porteur_nom"]:
        parts.append(f"<author><name>{xml(str(row['porteur_nom']))}</name></author>")
    parts.append(f"<summary>{xml(_summary(row))}</summary>")
    parts += [
        f'<category term="{slug}"/>'
        for slug in table.campaign.themes
        if row.get(f"theme_{slug.replace('-', '_')}")
    ]
    if row["latitude"] is not None and row["longitude"] is not None:
        parts.append(f"<georss:point>{row['latitude']} {row['longitude']}</georss:point>")
    return "\n".join([*parts, "</entry>\n"])


def _summary(row: CensusRow) -> str:
    days = " – ".join(dict.fromkeys(str(d) for d in (row["date_debut"], row["date_fin"]) if d))
    head = " · ".join(filter(None, (days, str(row["nom_commune"] or ""), str(row["statut"]))))
    return "\n".join(filter(None, (head, str(row["description"] or ""))))
