"""« Ce qui a changé depuis » : the census of today beside that of a day, rebuilt from history."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from census import digest
from census import table as census
from domain import territory
from domain.campaigns import campaign
from domain.records import Dossier
from domain.times import PARIS, paris_day
from flows.house import House
from storage import dossiers, history


def changes(house: House, code: str, since: date) -> str:
    """What changed in a campaign from that day on, as a French page."""
    chosen, today = campaign(code), paris_day(house.clock())
    moment = datetime.combine(since, time(), PARIS)

    def rows(some: Iterable[Dossier]) -> Iterable[census.CensusRow]:
        return census.table(some, chosen, today=today, commune=territory.commune)

    with house.database.reading() as conn:
        into = history.merged(conn, moment)
        ids = {*history.touched(conn, moment), *into.values()}

        def now() -> Iterator[Dossier]:
            return dossiers.dossiers(conn, chosen.code, ids=ids)

        found = digest.since(
            history.before(conn, now(), moment),
            now(),
            gone=history.before(conn, dossiers.of_ids(conn, chosen.code, list(into)), moment),
            into=into,
            rows=rows,
        )
    return digest.markdown(found, since=since, until=today, campaign=chosen.title)
