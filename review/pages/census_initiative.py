"""`/recensement/initiative/{id}`: one initiative, for people and search engines (schema.org)."""

import json
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from census.table import CensusRow
from census.words import shown
from domain.errors import NotFound
from review import public
from review.auth import PUBLIC
from review.house import Here

router = APIRouter(dependencies=[PUBLIC])
_STATUS = {"annulee": "EventCancelled", "reportee": "EventPostponed"}


@router.get("/recensement/initiative/{identity}")
def show(request: Request, house: Here, identity: str) -> Response:
    found = public.snapshot(request, house)
    row = found.by_id.get(identity)
    if row is None:
        raise NotFound("no such initiative in the public census", about=identity[:60])
    address = f"{house.settings.public_url.rstrip('/')}/recensement/initiative/{identity}"
    return public.page(
        request,
        house,
        "census_initiative.html",
        found,
        row=row,
        spans=[span.split("/") for span in row["editions"]],
        row_themes=[
            slug for slug in found.campaign.themes if row[f"theme_{slug.replace('-', '_')}"]
        ],
        words=lambda name: shown(name, row[name]),
        each=shown,
        structured=embedded(event(row, address)),
    )


def event(row: CensusRow, address: str) -> dict[str, Any]:
    """schema.org: an Event when it has a date, else a Project."""
    place = {
        "@type": "Place",
        "name": row["lieu_nom"] or row["nom_commune"],
        "address": {
            "@type": "PostalAddress",
            "streetAddress": row["lieu_adresse"],
            "addressLocality": row["nom_commune"],
            "addressCountry": "FR",
        },
    }
    if row["position"] == "lieu":
        place["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": row["latitude"],
            "longitude": row["longitude"],
        }
    told = {
        "@context": "https://schema.org",
        "@type": "Event" if row["date_debut"] else "Project",
        "@id": address,
        "name": row["intitule"],
        "description": row["description"],
        "url": row["source_url"] or address,
    }
    if row["porteur_nom"]:
        told["organizer"] = {"@type": "Organization", "name": row["porteur_nom"]}
    if row["date_debut"]:
        told |= {
            "startDate": row["date_debut"],
            "endDate": row["date_fin"],
            "eventStatus": f"https://schema.org/{_STATUS.get(row['statut'], 'EventScheduled')}",
            "location": place,
        }
    return told


def embedded(value: Any) -> Markup:
    """JSON inside <script>: nothing in it can close the element (HTML, §4.12.1.3)."""
    text = json.dumps(value, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 — nothing in it is markup any more
