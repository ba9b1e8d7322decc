"""Which commune is meant: a name, and what else is known, → one INSEE code, or who to choose from.

The rules (docs/territoire.md, decision 0040): a department, a postcode or coordinates settle a
name; a name alone is certain when it can only be one commune; homonyms and former names without
evidence, and evidence that contradicts itself, are asked to a person, never settled silently.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from domain.gazetteer import Commune, Tier, department_of, gazetteer, key, without_article
from domain.identifiers import commune_code
from domain.text import fold, one_line

__all__ = [
    "Commune", "Found", "at", "commune", "department", "department_of", "epci_communes",
    "find", "in_region", "region_communes",
]  # fmt: skip

NEAR_KM, FAR_KM = 15.0, 40.0
"""A centre closer than NEAR confirms a name, farther than FAR contradicts it (the largest commune
of the region, Arles, spans 45 km: between the two, coordinates say nothing)."""
DOMINANT = 10
"""A name with homonyms in other regions only is certain when this many times more populous."""
SPELLING = 88.0
"""rapidfuzz ratio above which a name is a misspelling of another (« Barcelonette »)."""
MOST_CANDIDATES = 12

_POSTCODE = re.compile(r"(?<!\d)(\d{2})[ .]?(\d{3})(?!\d)")
_CEDEX = re.compile(r"\bcedex\b(?:\s*\d{1,2}\b)?", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(\s*([^()]{2,30}?)\s*\)")
_ARRONDISSEMENT = re.compile(
    r"\b(marseille|lyon|paris)[\s,–-]*(\d{1,2})\s*(?:er|e|è|ème|eme|ième)?\b(?:\s*arr(?:\.|ondissement)?)?",
    re.IGNORECASE,
)
_CITY = {"marseille": ("13055", "130"), "lyon": ("69123", "690"), "paris": ("75056", "750")}
_DISTRICTS = {"marseille": 16, "lyon": 9, "paris": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`code` when it is certain; else `candidates`, best first, when a person must choose."""

    code: str | None = None
    candidates: tuple[str, ...] = ()
    postcode: str | None = None  # read in the name, or that of the arrondissement
    warnings: tuple[str, ...] = ()

    @property
    def commune(self) -> Commune | None:
        return commune(self.code) if self.code else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    department: str | None
    postcode: str | None
    point: tuple[float, float] | None
    inside: str | None  # the commune whose contour holds the point


def commune(code: str) -> Commune | None:
    """The present commune of an INSEE code, also when the code is an arrondissement's or former."""
    g = gazetteer()
    code = code.strip().upper()
    if code in g.former:
        code = g.former[code][0]
    elif code[:3] == "751" and code[3:].isdigit():
        code = "75056"
    elif code[:4] == "6938" and code[4:].isdigit():
        code = "69123"
    return g.region.get(code) or g.elsewhere.get(code)


def in_region(code: str) -> bool:
    return code in gazetteer().region


def region_communes() -> tuple[Commune, ...]:
    """The present communes of the region, by code."""
    return tuple(gazetteer().region.values())


def epci_communes(siren: str) -> tuple[Commune, ...]:
    return tuple(c for c in region_communes() if c.epci == siren)


def department(text: str) -> str | None:
    """The code of a department said by code (`5`, `05`, `2a`) or by name (`Hautes-Alpes`)."""
    departments = gazetteer().departments
    compact = text.strip().upper()
    if compact.isdigit():
        compact = compact.zfill(2)
    if compact in departments:
        return compact
    wanted = key(text)
    return next((code for code, name in departments.items() if key(name) == wanted), None)


def department_name(code: str) -> str | None:
    return gazetteer().departments.get(code)


def at(latitude: float, longitude: float) -> Commune | None:
    """The commune whose contour holds the point; None before `paat territory refresh`."""
    g = gazetteer()
    for code, rings in g.contours.items():
        if any(ring.holds(longitude, latitude) for ring in rings):
            return g.region.get(code)
    return None


def find(
    name: str | None,
    *,
    department: str | None = None,
    postcode: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Found:
    """The commune a name means, with what else the text says. `department` is a code or a name.

    Without a name, the postcode then the coordinates are used alone.
    """
    words, said_postcode, said_department = _read(name or "")
    point = (latitude, longitude) if latitude is not None and longitude is not None else None
    holder = at(*point) if point else None
    evidence = _Evidence(
        department=_department(department) or said_department,
        postcode=_postcode(postcode) or said_postcode,
        point=point,
        inside=holder.code if holder else None,
    )
    if not key(words):
        return _without_name(evidence)
    named = gazetteer().names.get(key(words), ())
    found = _weigh(words, dict(named), evidence) if named else _misspelt(words, evidence)
    if said_postcode and not found.postcode:
        return Found(
            code=found.code,
            candidates=found.candidates,
            postcode=said_postcode,
            warnings=found.warnings,
        )
    return found


def _department(text: str | None) -> str | None:
    return department(text) if text else None


def _postcode(text: str | None) -> str | None:
    found = _POSTCODE.search(text.strip()) if text else None
    if found:
        return found[1] + found[2]
    digits = (text or "").strip()
    # A spreadsheet has eaten the zero of 05000.
    return digits.zfill(5) if len(digits) == 4 and digits.isdigit() else None


def _read(name: str) -> tuple[str, str | None, str | None]:
    """(name alone, postcode, department) of « 13233 Marseille cedex 20 », « Gap (05) »…"""
    text = _CEDEX.sub(" ", one_line(name))
    postcode = said = None
    if found := _POSTCODE.search(text):
        postcode = found[1] + found[2]
        text = text[: found.start()] + " " + text[found.end() :]
    for inside in _IN_BRACKETS.finditer(text):
        if code := department(inside[1]):
            said, text = code, text.replace(inside[0], " ")
    if found := _ARRONDISSEMENT.search(text):
        city = fold(found[1])
        if 1 <= int(found[2]) <= _DISTRICTS[city]:
            postcode = postcode or f"{_CITY[city][1]}{int(found[2]):02}"
            text = text[: found.start()] + found[1] + text[found.end() :]
    return text.strip(" ,;-–—"), postcode, said


def _weigh(words: str, named: dict[str, Tier], evidence: _Evidence) -> Found:
    """Among the communes a name may name, those the evidence supports, else asks."""
    against = {code: _contradictions(code, evidence) for code in named}
    supported = [code for code in named if not against[code] and _supports(code, evidence)]
    if supported:
        best = min(named[code] for code in supported)
        kept = [code for code in supported if named[code] is best]
        if len(kept) > 1:
            kept = _nearest(kept, evidence)
        if len(kept) > 1:
            return _ask(kept, f"« {words} » désigne {len(kept)} communes")
        return _certain(words, kept[0], best, evidence)
    free = {code: tier for code, tier in named.items() if not against[code]}
    if not free:
        why = next(iter(against.values()))
        wanted = [c for c in named if in_region(c)] or list(named)
        others = gazetteer().postcodes.get(evidence.postcode or "", ())
        return _ask([*wanted, *others], f"« {words} » : {why}")
    return _alone(words, free, evidence)


def _alone(words: str, named: dict[str, Tier], evidence: _Evidence) -> Found:
    """A name nothing supports nor contradicts: certain only if it can be but one commune."""
    here = {code: tier for code, tier in named.items() if in_region(code)}
    usual = [code for code, tier in here.items() if tier is Tier.USUAL]
    if len(usual) == 1 and Tier.PRESENT not in here.values():
        return _certain(words, usual[0], Tier.USUAL, evidence)
    # Without evidence a homonym counts whatever its tier, but for abbreviations of longer names.
    rivals = {code: tier for code, tier in here.items() if tier < Tier.NO_ARTICLE} or here
    if len(rivals) == 1:
        (code, tier), *_ = rivals.items()
        elsewhere = [c for c, t in named.items() if not in_region(c) and t <= tier]
        if tier is Tier.FORMER:
            name = gazetteer().region[code].name
            return _ask([code, *here], f"« {words} » est un ancien nom ({name})")
        if tier is Tier.SHORT or (tier is Tier.NO_ARTICLE and elsewhere):
            return _ask([code, *elsewhere], f"« {words} » n'est pas un nom complet de commune")
        if not elsewhere or _dominates(code, elsewhere):
            return _certain(words, code, tier, evidence)
        return _ask([code, *elsewhere], f"« {words} » existe aussi dans une autre région")
    if rivals:
        return _ask(list(rivals), f"« {words} » désigne {len(rivals)} communes de la région")
    best = min(named.values())
    elsewhere = [code for code, tier in named.items() if tier is best]
    largest = max(elsewhere, key=_population)
    others = [code for code in elsewhere if code != largest]
    if best is Tier.PRESENT and (not others or _dominates(largest, others)):
        return _certain(words, largest, best, evidence)
    return _ask(elsewhere, f"« {words} » désigne {len(elsewhere)} communes hors de la région")


def _certain(words: str, code: str, tier: Tier, evidence: _Evidence) -> Found:
    one = commune(code)
    assert one is not None  # noqa: S101  every code of the index is in a table
    warnings = []
    if tier is Tier.FORMER:
        warnings.append(f"« {words} » est un ancien nom de {one.name}")
    if tier in {Tier.NO_ARTICLE, Tier.SHORT} and key(words) != key(one.name):
        warnings.append(f"« {words} » compris comme {one.name}")
    postcode = evidence.postcode
    known = postcode in gazetteer().postcodes
    if postcode and known and postcode not in one.postcodes:
        warnings.append(f"{postcode} n'est pas un code postal de {one.name}")
    return Found(
        code=code,
        postcode=postcode or (one.postcodes[0] if len(one.postcodes) == 1 else None),
        warnings=tuple(warnings),
    )


def _ask(codes: Sequence[str], why: str) -> Found:
    unique = tuple(dict.fromkeys(codes))
    shown = unique[:MOST_CANDIDATES]
    return Found(candidates=shown, warnings=(f"{why} : à préciser",))


def _supports(code: str, evidence: _Evidence) -> bool:
    one = commune(code)
    if one is None:
        return False
    distance = _distance(one, evidence)
    return (
        evidence.inside == code
        or (evidence.postcode is not None and _same_area(one, evidence.postcode))
        or evidence.department == one.department
        or (distance is not None and distance <= NEAR_KM)
    )


def _contradictions(code: str, evidence: _Evidence) -> str:
    """What speaks against a commune, in French; empty when nothing does."""
    one = commune(code)
    if one is None:
        return "code inconnu"
    if evidence.postcode and not _same_area(one, evidence.postcode):
        return f"le code postal {evidence.postcode} n'est pas de ce département"
    if evidence.department and evidence.department != one.department:
        return f"n'est pas dans le département {evidence.department}"
    if evidence.inside and not in_region(code):
        return "les coordonnées sont dans la région"
    distance = _distance(one, evidence)
    if distance is not None and distance > FAR_KM:
        return f"les coordonnées sont à {distance:.0f} km"
    return ""


def _same_area(one: Commune, postcode: str) -> bool:
    """A postcode of the commune, or of its department (CEDEX, quarters), speaks for it."""
    if postcode in one.postcodes:
        return True
    wanted = "20" if one.department in {"2A", "2B"} else one.department
    return postcode.startswith(wanted)


def _distance(one: Commune, evidence: _Evidence) -> float | None:
    if evidence.point is None or one.latitude is None or one.longitude is None:
        return None
    return kilometres(evidence.point, (one.latitude, one.longitude))


def exchanged(latitude: float, longitude: float) -> bool:
    """Whether these are metropolitan France's (41–51.5° N, 5.5° W–10° E) the other way round:
    nothing French lies where they say."""
    return 41 <= longitude <= 51.5 and -5.5 <= latitude <= 10


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance between two (latitude, longitude), flat-earth: right to 1 % below 200 km."""
    north = (a[0] - b[0]) * 111.2
    east = (a[1] - b[1]) * 111.2 * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(north, east)


def _nearest(codes: list[str], evidence: _Evidence) -> list[str]:
    """Several supported: the exact postcode, then the contour, may still tell them apart."""
    exact = [c for c in codes if (one := commune(c)) and evidence.postcode in one.postcodes]
    if exact:
        codes = exact
    return [evidence.inside] if evidence.inside in codes else codes


def _dominates(code: str, others: Sequence[str]) -> bool:
    return _population(code) >= DOMINANT * sum(_population(other) for other in others)


def _population(code: str) -> int:
    one = commune(code)
    return (one.population or 0) if one else 0


def _without_name(evidence: _Evidence) -> Found:
    if evidence.postcode:
        codes = gazetteer().postcodes.get(evidence.postcode, ())
        if len(codes) == 1:
            return Found(code=codes[0], postcode=evidence.postcode)
        if evidence.inside in codes:
            return Found(code=evidence.inside, postcode=evidence.postcode)
        if codes:
            why = f"{evidence.postcode} est le code postal de {len(codes)} communes"
            return _ask(codes, why)
    if evidence.inside:
        return Found(code=evidence.inside, warnings=("commune déduite des coordonnées",))
    if evidence.point:
        near = sorted(
            (distance, c.code)
            for c in region_communes()
            if (distance := _distance(c, evidence)) is not None and distance <= NEAR_KM
        )
        if near:
            return _ask([code for _, code in near[:3]], "commune à déduire des coordonnées")
    return Found()


def _misspelt(words: str, evidence: _Evidence) -> Found:
    """An unknown name close to a commune of the same postcode or department is its misspelling."""
    folded = without_article(key(words))
    pool = [c for c in region_communes() if not _contradictions(c.code, evidence)]
    scored = [(fuzz.ratio(folded, without_article(key(c.name))), c.code) for c in pool]
    close = sorted((pair for pair in scored if pair[0] >= SPELLING), reverse=True)
    if not close or len(folded) < 5:
        return Found()
    name = gazetteer().region[close[0][1]].name
    if len(close) == 1 and _supports(close[0][1], evidence):
        return Found(
            code=close[0][1],
            postcode=evidence.postcode,
            warnings=(f"« {words} » compris comme {name}",),
        )
    return _ask([code for _, code in close], f"« {words} » ressemble à {name}")


def valid_code(text: str) -> str | None:
    """The present code of an INSEE code as written (`6088` from a spreadsheet), or None."""
    compact = text.strip()
    written = commune_code(compact.zfill(5) if compact.isdigit() else compact)
    one = commune(written) if written else None
    return one.code if one else None
