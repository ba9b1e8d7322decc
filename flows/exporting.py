"""Hand over a campaign: its census in any format, and what changed since another export."""

from datetime import date
from inspect import signature
from pathlib import Path

from census import digest as digests
from census import table as census
from census import watching
from census.files import whole_file
from census.filters import EVERYTHING, Filter
from domain import territory
from domain.campaigns import Campaign, campaign
from domain.errors import ConfigError
from domain.times import paris_day
from flows.house import House
from storage import campaigns as closings
from storage import (
    dossiers,
    sources,
)
from storage.db import Connection


def export(
    house: House,
    code: str,
    name: str,
    path: Path,
    *,
    private: bool = False,
    keep: Filter = EVERYTHING,
    on: date | None = None,
    template: Path | None = None,
) -> int:
    """Write the census of a campaign in a format; the number of initiatives. `on` is the date it
    is made at (today; the day it was closed, for an archived campaign): same state and date, same
    bytes. `template` replaces that of a document.

    Raises ConfigError for an unknown campaign or format, or a place that cannot be written.
    """
    chosen, form = campaign(code), census.format_named(name, suffix=path.suffix)
    if template is not None and "template" not in signature(form.write).parameters:
        raise ConfigError(
            "ce format n'a pas de modèle là où --template en donne un ; retirez l'option",
            about=name,
        )
    more = {} if template is None else {"template": template}
    with house.database.reading() as conn, whole_file(path) as out:
        closed = closings.archived(conn).get(chosen.code)
        found = census.table(
            dossiers.dossiers(conn, chosen.code),
            chosen,
            today=on or paris_day(closed or house.clock()),
            commune=territory.commune,
            private=private,
            keep=keep,
            address=house.settings.public_url,
            watched=watched(conn),
            communes=of_campaign(chosen),
        )
        return int(form.write(found, out, **more))


def changes_since(house: House, code: str, before: Path) -> str:
    """What changed in a campaign since an export (json or jsonl), as a French page.

    Raises ConfigError for a file that is no such export.
    """
    chosen = campaign(code)
    since, old = digests.read_export(before.read_bytes(), about=str(before), campaign=code)
    today = paris_day(house.clock())
    with house.database.reading() as conn:
        found = dossiers.dossiers(conn, chosen.code)
        now = census.table(found, chosen, today=today, commune=territory.commune)
        told = digests.digest(old, now)
    return digests.markdown(told, since=since or today, until=today, campaign=chosen.title)


def watched(conn: Connection) -> tuple[census.Watched, ...]:
    """The sources as a census tells them, by slug."""
    return watching.watched(sources.known(conn), sources.states(conn))


def of_campaign(chosen: Campaign) -> tuple[territory.Commune, ...]:
    """The communes of its departments."""
    return tuple(c for c in territory.region_communes() if c.department in chosen.departments)
