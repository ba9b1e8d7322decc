"""What the public pages share: the rows that may be shown, kept while nothing changes, and answers
a cache may keep. No account, no cookie; only public rows (census.table.row_of).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from typing import Any

from fastapi import Request
from starlette.responses import Response

from census import table as census
from census.filters import Filter, filter_of
from census.table import CensusRow
from domain import territory
from domain.campaigns import Campaign, campaign, campaigns
from domain.errors import ConfigError, NotFound, ReviewError
from domain.text import fingerprint
from domain.times import paris_day
from review.house import House
from review.render import render
from storage import dossiers

FRESH_SECONDS = 60  # a proxy may answer for us that long
REVIEWED = "recensée"


class BadFilter(ReviewError):
    french = "Ce filtre n'existe pas : corrigez l'adresse ou revenez à la liste."


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The public rows of a campaign at a moment. `mark` names that state."""

    campaign: Campaign
    made_on: date
    mark: str
    rows: tuple[CensusRow, ...]
    by_id: Mapping[str, CensusRow]

    def kept(self, wanted: Filter) -> list[CensusRow]:
        return [row for row in self.rows if wanted(row)]


@dataclass(slots=True)
class Shelf:
    """The last snapshot of each campaign. One thread makes one; the others wait for it."""

    _kept: dict[str, Snapshot] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, house: House, code: str) -> Snapshot:
        """The rows as they are now: made again only when the database or the day changed."""
        chosen, today = campaign(code), paris_day(house.clock())
        with self._lock, house.database.reading() as conn:
            mark = _mark(house, dossiers.state(conn, code), today)
            found = self._kept.get(code)
            if found is None or found.mark != mark:
                keep = publishable(house, Filter())
                table = census.table(
                    dossiers.dossiers(conn, code),
                    chosen,
                    today=today,
                    commune=territory.commune,
                    keep=keep,
                )
                rows = tuple(sorted(table, key=_by_day))
                by_id = {str(row["animation_id"]): row for row in rows}
                found = Snapshot(campaign=chosen, made_on=today, mark=mark, rows=rows, by_id=by_id)
                self._kept[code] = found
        return found


def _mark(house: House, state: str, today: date) -> str:
    shown = (state, today.isoformat(), house.settings.public_proposed, version("paat"))
    return fingerprint(repr(shown))[:16]


def _by_day(row: CensusRow) -> tuple[str, str]:
    return str(row["date_debut"] or "9999"), str(row["animation_id"])


def publishable(house: House, wanted: Filter) -> Filter:
    """The filter, restricted to what a reviewer approved unless the house shows proposals."""
    return wanted if house.settings.public_proposed else replace(wanted, relecture=REVIEWED)


def code_of(request: Request, house: House) -> str:
    """The campaign asked, else the house's, else the one of the day."""
    asked = request.query_params.get("campagne") or house.settings.public_campaign
    if asked:
        if asked not in campaigns():
            raise NotFound(f"campaign {asked!r} where a known one was expected")
        return asked
    today = paris_day(house.clock())
    live = [one for one in campaigns().values() if one.starts_on <= today <= one.ends_on]
    return (live or list(campaigns().values()))[0].code


def snapshot(request: Request, house: House) -> Snapshot:
    """The rows of the campaign asked."""
    shelf: Shelf | None = getattr(request.app.state, "shelf", None)
    if shelf is None:
        shelf = request.app.state.shelf = Shelf()
    return shelf.of(house, code_of(request, house))


def wanted(request: Request) -> Filter:
    """The filter of the address. Raises BadFilter."""
    try:
        return filter_of(dict(request.query_params))
    except ConfigError as error:
        raise BadFilter(str(error)) from None


def unchanged(request: Request, mark: str) -> str | None:
    """The ETag of this address in that state; None when the reader has it already."""
    tag = f'W/"{fingerprint(f"{mark} {request.url.path}?{request.url.query}")[:20]}"'
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    return None if tag in known else tag


def answer(
    request: Request, mark: str, make: Callable[[], Response], *, embed: bool = False
) -> Response:
    """What `make` makes, cacheable; 304 when the reader has it. `embed` lets other sites frame it
    or read it: only for what is public anyway."""
    tag = unchanged(request, mark)
    made = Response(status_code=304) if tag is None else make()
    made.headers["etag"] = tag or request.headers["if-none-match"]
    made.headers["cache-control"] = f"public, max-age={FRESH_SECONDS}"
    made.headers["vary"] = "accept-encoding"
    if embed:
        made.headers["access-control-allow-origin"] = "*"
        made.headers["cross-origin-resource-policy"] = "cross-origin"
    return made


def page(request: Request, house: House, name: str, found: Snapshot, /, **context: Any) -> Response:
    """A public page, with what all of them show."""
    asked = wanted(request)
    around: dict[str, Any] = {
        "campaign": found.campaign,
        "campaigns": campaigns().values(),
        "made_on": found.made_on,
        "asked": asked.asked() | {"campagne": found.campaign.code},
        "filters": asked.french(),
        "proposed": house.settings.public_proposed,
        "public_url": house.settings.public_url.rstrip("/"),
    }
    return answer(request, found.mark, lambda: render(request, name, **(around | context)))
