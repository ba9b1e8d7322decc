"""How well-known data sets write their records: record → RawItem fields, one function each.

The names are those of the data sets (domain.fr.md §4.2 and §2.1). A name a data set no longer has
reads as absent; a new one shows up in the leftovers.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from collectors.leftovers import Record, filled
from collectors.pages.markup import (
    absolute,
    links_in,
    looks_html,
    safe_html,
    text_of,
    title_of,
    unique,
)
from collectors.pages.moments import iso_moment
from domain.records import Json
from domain.statuses import EventStatus
from domain.text import fold, one_line

Fields = dict[str, Json]

_OPENAGENDA_STATUS = {  # developers.openagenda.com: 1 scheduled … 6 cancelled
    2: EventStatus.MOVED,  # reprogrammé
    4: EventStatus.POSTPONED,
    6: EventStatus.CANCELLED,
}
_ATTENDANCE = {1: "on_site", 2: "online"}
_OPENAGENDA_NOISE = (
    *("image", "imagecredits", "originalimage", "thumbnail", "location_image", "location_uid"),
    *("location_imagecredits", "location_countrycode", "location_region", "location_district"),
    *("originagenda_uid", "contributor_email", "contributor_contactnumber", "contributor_position"),
    *(
        "contributor_contactname",
        "country_fr",
        "slug",
        "uid",
        "updatedat",
        "location_description_fr",
    ),
    *("location_access_fr", "location_website", "location_phone", "location_links"),
    *("accessibility", "accessibility_label_fr"),
    *("location_tags", "firstdate_end", "lastdate_begin", "title_fr", "canonicalurl", "category"),
)


def openagenda(record: Record) -> Fields:
    """Events of OpenAgenda: the national mirror (v1 and v2.1) and its plainer exports."""
    html = record.text("longdescription_fr", "long_description") or ""
    short = record.text("description_fr", "description") or ""
    asked = record.text("conditions_fr") or ""
    booked = absolute(asked, "")
    priced = f"Conditions : {text_of(asked)}" if asked and not booked else ""
    body = "\n\n".join(
        unique([without_marks(text_of(short)), without_marks(text_of(html)), priced])
    )
    timings = _timings(record.pop("timings"))
    first = record.text("firstdate_begin", "first_date")
    last = record.text("lastdate_end", "last_date")
    url = absolute(record.text("canonicalurl", "url"), "https://openagenda.com/")
    booking, contacts = _registration(record.pop("registration"))
    agenda = record.text("originagenda_title")
    fields = filled(
        title=title_of(record.text("title_fr", "title") or ""),
        text=body,
        html=safe_html(html) if looks_html(html) else None,
        when=record.text("daterange_fr", "date_display"),
        start=iso_moment(first),
        end=iso_moment(last),
        timings=timings if len(timings) > 1 else None,
        venue=record.text("location_name"),
        address=record.text("location_address"),
        commune=record.text("location_city"),
        postcode=record.text("location_postalcode"),
        insee=record.text("location_insee"),
        department=record.text("location_department"),
        **_coordinates(record.pop("location_coordinates"), record),
        attendance=_attendance(record.pop("attendancemode"), record.text("onlineaccesslink")),
        status=_OPENAGENDA_STATUS.get(_number(record.pop("status")) or 0),
        organiser=record.text("contributor_organization"),
        audience=_ages(record.pop("age_min"), record.pop("age_max")),
        tags=unique([*_words(record.pop("keywords_fr", "keywords")), agenda]),
        ticket=booking or booked,
        links=unique(
            [*_links(record.pop("links")), *links_in(html, url or ""), *_MARKED_LINK.findall(html)]
        )[:50],
        url=url,
        **contacts,
    )
    record.leave(*_OPENAGENDA_NOISE)
    return fields


def olympiade_culturelle(record: Record) -> Fields:
    """Events of the Cultural Olympiad (paris-2024-evenements-olympiade-culturelle)."""
    record.leave("tarif_du_projet_c", "id")
    links = (record.text(f"{network}_link") for network in ("instagram", "facebook", "twitter"))
    return filled(
        title=title_of(record.text("name") or ""),
        text=text_of(record.text("presentation_synthetique_du_projet_c") or ""),
        start=iso_moment(record.text("date_de_debut_c")),
        end=iso_moment(record.text("date_de_fin_c")),
        venue=record.text("lieu_de_presentation_c"),
        address=record.text("adresse_c"),
        commune=record.text("commune"),
        department=record.text("departement"),
        **_coordinates(record.pop("geolocation", "point_geo"), record),
        discipline=_words(record.pop("discipline_principale_du_projet_c")),
        links=unique(absolute(link, "") for link in links),
        labels=["Olympiade culturelle"],
    )


def terre_de_jeux(record: Record) -> Fields:
    """Territories with the Terre de Jeux 2024 label: the label, on an actor, without a date."""
    name = record.text("nom", "name", "territoire", "nom_territoire", "collectivite", "title")
    record.leave("id", "geo_shape")
    return filled(
        title=f"Terre de Jeux 2024 : {one_line(name)}" if name else None,
        organiser=name,
        commune=record.text("commune", "ville", "nom_commune"),
        insee=record.text("code_insee", "insee", "code_commune", "insee_code"),
        department=record.text("departement", "code_departement", "dept", "department"),
        **_coordinates(record.pop("geolocation", "geo_point_2d", "point_geo", "position"), record),
        labels=["Terre de Jeux 2024"],
        year=2024,
    )


def centre_de_preparation(record: Record) -> Fields:
    """Preparation centres (paris-2024-centres-de-preparation-aux-jeux), one row per discipline."""
    place = _parsed(record.pop("location", "geo_area")) or {}
    place = place if isinstance(place, dict) else {}
    latlng = _parsed(place.get("latlng")) or place
    record.leave("id", "lang", "picture", "gallery", "meteo", "altitude", "geo_area", "image")
    name = record.text("title")
    facilities = _parsed(record.pop("facilities"))
    named = facilities if isinstance(facilities, list) else []
    sports = [
        str(f.get("sport") or f.get("discipline") or "") for f in named if isinstance(f, dict)
    ]
    return filled(
        title=f"Centre de préparation aux Jeux : {one_line(name)}" if name else None,
        text=text_of(record.text("description", "special_features", "known_for") or ""),
        venue=name,
        commune=place.get("city") or record.text("subtitle"),
        postcode=str(place.get("postcode") or ""),
        department=place.get("county"),
        **_coordinates(latlng, record),
        discipline=unique([*_words(record.pop("discipline", "sport", "sports")), *sports]),
        labels=["Centre de préparation aux Jeux"],
        year=2024,
    )


def generation_2024(record: Record) -> Fields:
    """Schools with the Génération 2024 label: 44 of the 79 columns are always empty.

    `mail` and `effectif` are left on purpose: personal data, and nobody needs them."""
    name = record.text("nom_etablissement")
    for number in range(36, 80):
        record.leave(f"column_{number}")
    record.leave("mail", "effectif", "academie", "region", "statut_public_prive", "telephone")
    since, until = record.text("debut_labellisation"), record.text("fin_labellisation")
    return filled(
        title=f"Génération 2024 : {one_line(name)}" if name else None,
        organiser=name,
        organiser_kind="etablissement_scolaire",
        type=record.text("type"),
        address=record.text("adresse_1"),
        commune=record.text("commune"),
        postcode=record.text("cp", "code_postal"),
        department=record.text("dept", "departement"),
        **_coordinates(record.pop("position"), record),
        labels=["Génération 2024"],
        when=f"labellisé du {since} au {until}" if since and until else None,
        year=2024,
    )


def journal_officiel(record: Record) -> Fields:
    """Notices of the Journal officiel des associations (jo_associations)."""
    rna = record.text("numero_rna") or ""
    record.leave("contenu", "id", "source", "region_libelle", "localisation_facette")
    record.leave("lieu_declaration_facette", "annonce_type_facette", "departement_libelle")
    fields = filled(
        title=title_of(record.text("titre") or ""),
        text=text_of(record.text("objet") or ""),
        organiser=record.text("titre_association"),
        organiser_kind="association",
        # An old announcement number sometimes sits there: only a real RNA is kept.
        rna=rna if re.fullmatch(r"W[0-9A-Z]{9}", rna) else None,
        address=record.text("adresse_actuelle"),
        commune=record.text("commune_actuelle"),
        postcode=record.text("codepostal_actuel"),
        department=record.text("departement_code"),
        **_coordinates(record.pop("geo_point"), record),
        type=record.text("typeavis"),
        tags=_words(record.pop("domaine_activite_libelle_categorise"), r"###|/"),
        links=unique([absolute(record.text("siteweb"), "")]),
    )
    if "organiser" not in fields and "title" in fields:
        fields["organiser"] = fields["title"]
    return fields


PRESETS: Mapping[str, Callable[[Record], Fields]] = {
    "openagenda": openagenda,
    "olympiade-culturelle": olympiade_culturelle,
    "terre-de-jeux": terre_de_jeux,
    "centres-de-preparation": centre_de_preparation,
    "generation-2024": generation_2024,
    "journal-officiel": journal_officiel,
}

_MARKED_LINK = re.compile(r"\]\((https?://[^)\s]+)\)")

SIGNS: Mapping[str, tuple[str, ...]] = {
    "openagenda": ("uid", "location_city"),
    "olympiade-culturelle": ("presentation_synthetique_du_projet_c",),
    "generation-2024": ("nom_etablissement", "debut_labellisation"),
    "centres-de-preparation": ("special_features", "facilities"),
    "journal-officiel": ("numero_rna", "typeavis"),
}
"""Columns that tell a data set by themselves, when a source names no preset."""


def recognised(record: Mapping[str, Any]) -> str | None:
    """The preset a record is obviously written for, or None."""
    return next((name for name, signs in SIGNS.items() if all(s in record for s in signs)), None)


KEYS = ("uid", "id", "recordid", "uai", "numero_rna", "identifiant", "code_insee", "slug")
"""Where a record's own identity usually is, in order."""

STAMPS = ("updatedat", "updated_at", "createdat", "dateparution", "record_timestamp")
"""Where its publication or last change is."""


def from_agenda(record: Mapping[str, Any], names: list[str]) -> bool:
    """Whether an OpenAgenda event comes from one of these agendas (by title or address)."""
    title = fold(str(record.get("originagenda_title") or ""))
    url = fold(str(record.get("canonicalurl") or record.get("url") or ""))
    for name in names:
        bare = fold(name)
        if bare in title or re.sub(r"[^a-z0-9]", "", bare) in re.sub(r"[^a-z0-9/]", "", url):
            return True
    return False


def without_marks(text: str) -> str:
    """A text without the Markdown some agendas write in: **bold**, _words_, [link](address)."""
    text = re.sub(r"\[([^\]\n]{1,300})\]\(https?://[^)\s]+\)", r"\1", text)
    text = re.sub(r"\*{2,3}(?=\S)([^*\n]+?)(?<=\S)\*{2,3}", r"\1", text)
    return re.sub(r"(?<![\w/])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w/])", r"\1", text)


def _parsed(value: Any) -> Any:
    """A value that may be JSON written as text: `"{\\"id\\": 1}"`."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _timings(value: Any) -> list[dict[str, str]]:
    slots = _parsed(value)
    found = []
    for slot in slots if isinstance(slots, list) else []:
        if isinstance(slot, dict):
            start, end = iso_moment(slot.get("begin")), iso_moment(slot.get("end"))
            if start:
                found.append({"start": start, "end": end or start})
    return sorted(found, key=lambda s: s["start"])


def _number(value: Any) -> int | None:
    """`1`, `{"id": 1, …}` or its JSON text."""
    value = _parsed(value)
    value = value.get("id") if isinstance(value, dict) else value
    return int(value) if isinstance(value, int) or str(value).isdigit() else None


def _attendance(value: Any, online: str | None) -> str | None:
    return _ATTENDANCE.get(_number(value) or 0) or ("online" if online else None)


def _ages(low: Any, high: Any) -> str | None:
    if low is None and high is None:
        return None
    return f"de {low or 0} à {high} ans" if high is not None else f"dès {low} ans"


def _words(value: Any, separator: str = r"[;|]") -> list[str]:
    values = value if isinstance(value, list) else re.split(separator, str(value or ""))
    return unique(one_line(str(v)) for v in values)


def _links(value: Any) -> list[str]:
    found = _parsed(value)
    links = [x.get("link") if isinstance(x, dict) else x for x in found or []]
    return unique(absolute(str(link), "") for link in links if link)


def _registration(value: Any) -> tuple[str | None, Fields]:
    """(booking address, contacts) from OpenAgenda's registration list."""
    found = _parsed(value)
    listed = found if isinstance(found, list) else []
    ways = [w if isinstance(w, dict) else _way(str(w)) for w in listed]
    first: dict[str, str] = {}
    for way in ways:
        first.setdefault(str(way.get("type")), str(way.get("value") or ""))
    return absolute(first.get("link"), ""), filled(
        email=first.get("email"), phone=first.get("phone")
    )


def _way(value: str) -> dict[str, str]:
    """A way of registering written as a bare address, e-mail or number."""
    kind = "link" if value.startswith("http") else "email" if "@" in value else "phone"
    return {"type": kind, "value": value}


def _coordinates(value: Any, record: Record) -> dict[str, float]:
    """lat and lon from {lat, lon}, [lat, lon], "lat, lon" or two columns; 0, 0 is nowhere."""
    value = _parsed(value)
    lat, lon = record.pop("latitude", "lat"), record.pop("longitude", "lon", "lng")
    if isinstance(value, dict):
        lat, lon = value.get("lat"), value.get("lon", value.get("lng"))
    elif isinstance(value, list) and len(value) == 2:
        lat, lon = value
    elif isinstance(value, str) and value.count(",") == 1:
        lat, lon = value.split(",")
    try:
        latitude, longitude = float(lat), float(lon)
    except (TypeError, ValueError):
        return {}
    inside = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return {"lat": latitude, "lon": longitude} if inside and (latitude or longitude) else {}
