"""What the public pages share: the rows that may be shown, kept while nothing changes, and answers
a cache may keep. No account, no cookie; only public rows (census.table.row_of).
"""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from starlette.responses import Response

from census.filters import Filter, filter_of
from domain.campaigns import campaigns
from domain.errors import ConfigError, NotFound, ReviewError
from domain.text import fingerprint
from domain.times import paris_day
from review.house import House
from review.render import render
from review.shelf import Shelf, Snapshot, publishable

__all__ = ["Snapshot", "publishable"]  # made in shelf, wanted here

FRESH_SECONDS = 60  # a proxy may answer for us that long


class BadFilter(ReviewError):
    french = "Ce filtre n'existe pas : corrigez l'adresse ou revenez à la liste."


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
