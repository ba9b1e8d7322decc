"""Where: the fields a source names → Where, with the INSEE code when it is certain."""

import math
import re
from dataclasses import dataclass, replace

from collectors.extract.place_words import ONLINE, STREET, VENUES
from collectors.extract.places import as_where, find_where, town_last
from domain import territory
from domain.gazetteer import gazetteer, key
from domain.records import Where
from domain.statuses import Attendance, Certainty
from domain.text import fold, one_line

__all__ = ["coordinates", "find_where", "read_where", "split_address"]

_POSTCODE_NAME = re.compile(r"(?<![\d.,])(\d{5}|\d{2} \d{3})[ ,–-]+(?=[^\W\d_])")
_ONLINE_WORDS = frozenset(("en ligne", "online", "internet", "visio", "distanciel"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    postcode: str | None
    latitude: float | None
    longitude: float | None

    def find(self, name: str | None, department: str | None) -> territory.Found:
        return territory.find(
            name,
            department=department,
            postcode=self.postcode,
            latitude=self.latitude,
            longitude=self.longitude,
        )


def read_where(
    *,
    venue: str | None = None,
    address: str | None = None,
    commune: str | None = None,
    postcode: str | None = None,
    insee: str | None = None,
    department: str | None = None,
    latitude: object = None,
    longitude: object = None,
    attendance: str | None = None,
    usual_department: str | None = None,
) -> Where:
    """The place of fields a source names. `usual_department` is where the source usually speaks
    of: it settles a homonym, it never contradicts what the fields say."""
    lat, lon, warnings = coordinates(latitude, longitude)
    venue, address, tail = split_address(venue, address)
    known = _Known(postcode=postcode or tail.postcode, latitude=lat, longitude=lon)
    name = commune or tail.commune_name
    if not (name or insee or postcode or tail.postcode):
        venue, name = town_last(venue, usual_department)
        if not name:
            address, name = town_last(address, usual_department)
    names = _several(name) if name else []
    if len(names) > 1:
        codes = [c.code for n in names if (c := territory.find(n, department=department)).code]
        place = Where(
            candidates=tuple(dict.fromkeys(filter(None, codes))),
            certainty=Certainty.ASK,
            attendance=Attendance.ITINERANT,
            warnings=(f"plusieurs communes : {name}",),
        )
    else:
        found = _with_insee(insee, name, known, department or usual_department)
        if not found.code and usual_department and not department:
            bare = _with_insee(insee, name, known, None)
            found = bare if bare.code or not found.candidates else found
        place = _keep_unknown(as_where(found), name)
    said = _attendance(attendance, f"{venue or ''} {commune or ''}", place)
    if said is Attendance.ONLINE and venue and ONLINE.fullmatch(venue.strip()):
        venue = None
    return replace(
        place,
        venue=venue,
        address=address,
        postcode=place.postcode or known.postcode,
        department=place.department or (territory.department(department) if department else None),
        latitude=lat,
        longitude=lon,
        attendance=said,
        warnings=(*warnings, *place.warnings),
    )


def _keep_unknown(place: Where, name: str | None) -> Where:
    """A name that is no commune is kept as it was written, and told."""
    if name is None or place.commune_code or place.candidates or ONLINE.search(name):
        return place
    told = f"commune inconnue : « {one_line(name)} »"
    return replace(
        place,
        commune_name=one_line(name),
        certainty=Certainty.ASK,
        warnings=(*place.warnings, *(() if place.warnings else (told,))),
    )


def coordinates(
    latitude: object, longitude: object
) -> tuple[float | None, float | None, list[str]]:
    """(latitude, longitude, warnings): numbers on Earth, in the right order, or None twice."""
    numbers = [_number(latitude), _number(longitude)]
    if latitude in (None, "") and longitude in (None, ""):
        return None, None, []
    lat, lon = numbers
    if lat is None or lon is None or not (math.isfinite(lat) and math.isfinite(lon)):
        return None, None, [f"coordonnées illisibles : {latitude} / {longitude}"]
    if abs(lat) < 0.01 and abs(lon) < 0.01:
        return None, None, ["coordonnées 0, 0 ignorées"]
    if territory.exchanged(lat, lon):
        return lon, lat, ["latitude et longitude étaient inversées"]
    if abs(lat) > 90 or abs(lon) > 180:
        return None, None, [f"coordonnées impossibles : {latitude} / {longitude}"]
    return lat, lon, []


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(str(value).strip().replace(",", "."))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tail:
    postcode: str | None = None
    commune_name: str | None = None


def split_address(venue: str | None, address: str | None) -> tuple[str | None, str | None, _Tail]:
    """(venue, street, end) of fields that may hold all three: « Stade X, 12 rue Y, 05000 Gap »."""
    venue, address = one_line(venue or "") or None, one_line(address or "") or None
    if venue and not address and (STREET.search(venue) or _POSTCODE_NAME.search(venue)):
        venue, address = None, venue
    if venue and address and fold(venue) == fold(address):
        venue = None
    if not address:
        return venue, None, _Tail()
    tail = _Tail()
    ends = list(_POSTCODE_NAME.finditer(address))
    if ends:
        last = ends[-1]
        name = re.split(r"[,;(|]|\s[–-]\s|\bfrance\b", address[last.end() :], flags=re.IGNORECASE)[
            0
        ]
        tail = _Tail(postcode=last[1].replace(" ", ""), commune_name=name.strip() or None)
        address = address[: last.start()].strip(" ,;–-")
    street = STREET.search(address)
    if street and street.start() > 0:
        before = address[: street.start()].strip(" ,;:–-")
        if not venue:
            venue, address = before or None, address[street.start() :]
        elif fold(before) == fold(venue):
            address = address[street.start() :]
    elif not street and not venue and re.match(rf"(?:{VENUES})\b", address, re.IGNORECASE):
        venue, address = address, ""
    return venue, address.strip() or None, tail


def _several(name: str) -> list[str]:
    """« Arles / Tarascon » holds two communes, « Saint-Jean, Saint-Nicolas » may be but one."""
    if territory.find(name).code or territory.find(name).candidates:
        return [name]
    parts = [p.strip() for p in re.split(r"\s*[/;,]\s*|\s+(?:et|&)\s+", name) if p.strip()]
    known = [p for p in parts if key(p) in gazetteer().names]
    return known if len(known) > 1 else [name]


def _with_insee(
    insee: str | None, name: str | None, known: _Known, department: str | None
) -> territory.Found:
    found = known.find(name, department)
    if not insee:
        return found
    code = territory.valid_code(insee)
    if code is None:
        return replace(found, warnings=(*found.warnings, f"code INSEE inconnu : {insee}"))
    if not name or found.code == code or code in found.candidates:
        return territory.Found(code=code, postcode=found.postcode)
    if not found.code and not found.candidates:
        return territory.Found(code=code, postcode=found.postcode)
    said = territory.commune(code)
    return territory.Found(
        candidates=tuple(dict.fromkeys((code, *filter(None, (found.code,)), *found.candidates))),
        warnings=(f"le code {insee} est {said.name if said else '?'}, pas {name} : à préciser",),
    )


def _attendance(said: str | None, words: str, place: Where) -> Attendance:
    try:
        return Attendance(said or "")
    except ValueError:
        pass
    if place.attendance is not Attendance.ON_SITE:
        return place.attendance
    online = bool(ONLINE.search(f"{said or ''} {words}")) or fold(words).strip() in _ONLINE_WORDS
    # A hybrid event has a place: it is on site.
    return Attendance.ONLINE if online and not place.commune_code else Attendance.ON_SITE
