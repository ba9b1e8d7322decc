"""A mention as the fields of a row (DESIGN §5): it is read as a table is."""

from typing import Any

from domain.records import Mention, When
from domain.statuses import Precision

COARSE = frozenset({Precision.MONTH, Precision.SEASON, Precision.YEAR})
"""Precisions that give a period, not a day: such an announcement counts as undated."""

FIELDS = (
    "title", "description", "organiser", "venue", "address", "commune", "insee", "postcode", "dep",
    "lat", "lon", "date_start", "date_end", "occurrences", "year", "url", "ticket", "links", "rna",
    "siren", "source", "status",
)  # fmt: skip
"""What is read of a row."""


def fields_of(mention: Mention) -> tuple[Any, ...]:
    """What is read of a mention, in the order of FIELDS."""
    when, where, who = mention.when, mention.where, mention.who
    dated = when.starts_on is not None and when.precision not in COARSE
    return (
        mention.title, mention.text, who.name, where.venue, where.address, where.commune_name,
        where.commune_code, where.postcode, where.department, where.latitude, where.longitude,
        start(when) if dated else None,
        when.ends_on.isoformat() if dated and when.ends_on else None,
        tuple(o.starts_on.toordinal() for o in when.occurrences) if dated else (),
        when.starts_on.year if when.starts_on else None,
        mention.url, mention.ticket, mention.links, who.rna, who.siren or (who.siret or "")[:9],
        mention.source, mention.status,
    )  # fmt: skip


def start(when: When) -> str | None:
    """The first day, with its hour when there is one slot."""
    if when.starts_on is None:
        return None
    slot = when.occurrences[0].starts_at if len(when.occurrences) == 1 else None
    return f"{when.starts_on} {slot:%H:%M}" if slot else str(when.starts_on)
