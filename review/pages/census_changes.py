"""`/recensement/changements?depuis=AAAA-MM-JJ`: what changed in the public census since a day."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from census import digest
from census import table as census
from census.filters import Filter
from census.table import CensusRow
from domain import territory
from domain.campaigns import campaign
from domain.records import Dossier
from domain.times import PARIS, paris_day
from review import public
from review.auth import PUBLIC
from review.house import Here, House
from storage import dossiers, history
from storage.db import Connection

router = APIRouter(dependencies=[PUBLIC])
USUAL_DAYS = 30
MOST = 500  # initiatives compared: beyond, the answer is an export and `paat export changes`


class BadDay(public.BadFilter):
    french = "Cette date n'existe pas : écrivez-la AAAA-MM-JJ."


@router.get("/recensement/changements")
def show(request: Request, house: Here) -> Response:
    shown = public.snapshot(request, house)
    if public.unchanged(request, shown.mark) is None:
        return public.answer(request, shown.mark, Response)
    code, today = public.code_of(request, house), paris_day(house.clock())
    since = _day(request.query_params.get("depuis"), today)
    wanted = public.publishable(house, public.wanted(request))
    moment = datetime.combine(since, time(), PARIS)
    with house.database.reading() as conn:
        ids = {*history.touched(conn, moment), *history.merged(conn, moment).values()}
        too_many = len(ids) > MOST
        found = digest.Digest() if too_many else _found(conn, house, code, moment, wanted)
    return public.page(
        request,
        house,
        "census_changes.html",
        shown,
        since=since,
        too_many=too_many,
        nothing=found.nothing,
        summed_up=digest.summed_up(found),
        sections=[
            (title, [one.split("\n") for one in told]) for title, told in digest.sections(found)
        ],
        most=digest.MOST_TOLD,
    )


def _found(
    conn: Connection, house: House, code: str, moment: datetime, wanted: Filter
) -> digest.Digest:
    into = history.merged(conn, moment)
    ids = {*history.touched(conn, moment), *into.values()}

    def rows(some: Iterable[Dossier]) -> Iterable[CensusRow]:
        return census.table(
            some,
            campaign(code),
            today=paris_day(house.clock()),
            commune=territory.commune,
            keep=wanted,
        )

    def now() -> Iterator[Dossier]:
        return dossiers.dossiers(conn, code, ids=ids)

    return digest.since(
        history.before(conn, now(), moment),
        now(),
        gone=history.before(conn, dossiers.of_ids(conn, code, list(into)), moment),
        into=into,
        rows=rows,
    )


def _day(asked: str | None, today: date) -> date:
    if not asked:
        return today - timedelta(days=USUAL_DAYS)
    try:
        return date.fromisoformat(asked)
    except ValueError:
        raise BadDay(f"{asked[:20]!r} where AAAA-MM-JJ was expected") from None
