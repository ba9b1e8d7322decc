"""The place a free text speaks of. Precision first.

A commune is believed when something announces it: its postcode or department beside it, « à »,
a place that belongs to it (mairie de…), or when it stands apart in a title.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from collectors.extract.place_words import (
    ANNOUNCES,
    APART_AFTER,
    APART_BEFORE,
    AT,
    AU,
    ITINERANT,
    LABELLED,
    NOT_PLACE_AFTER,
    NOT_PLACE_BEFORE,
    NUMBERED,
    ONLINE,
    OPPONENT_BEFORE,
    ORDINARY,
    STREET,
    STREET_IN_TEXT,
    VENUE,
)
from domain import territory
from domain.gazetteer import Tier, expanded, gazetteer, key
from domain.records import Where
from domain.statuses import Attendance, Certainty
from domain.text import fold, one_line

_TOKEN = re.compile(r"[^\W_]+")
_BEFORE = 60  # characters looked at before a name
_ARTICLES = frozenset(("le", "la", "les", "l"))
_CONTRACTED = {"au": "le", "aux": "les", "du": "le", "des": "les"}
_TITLE = 200  # a text this short may set a place apart: « Fête du sport - Sisteron »
LONGEST_NAME = 7  # tokens of « Saint-Julien-le-Montagnier », « Saint-Martin-de-Queyrières »…

_BACKED, _APART, _ANNOUNCED, _SAID_AT, _SETTLED = range(5)
"""How strong a clue is: backed by the department · set apart · announced by a place it owns ·
« à » or a label « Lieu : » · postcode or department beside it. Only the strongest are believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clue:
    strength: int
    found: territory.Found


def find_where(text: str, *, department: str | None = None) -> Where:
    """The place a free text (title, then body) speaks of; `department` is its source's.

    Several communes as well announced as each other are asked, or itinerant when the text says so.
    """
    text = one_line(text)
    clues = list(_clues(text, department))
    venue, address = _venue(text), _street(text)
    if labelled := LABELLED.search(text):
        told, town = town_last(labelled[1], department)
        if town and (clue := _believed(town, department, strength=_SAID_AT)):
            clues.append(clue)
            venue = venue if told is None or STREET.search(told) else told
    online = bool(ONLINE.search(text))
    if not clues:
        return Where(
            venue=venue,
            address=address,
            attendance=Attendance.ONLINE if online else Attendance.ON_SITE,
        )
    strength = max(clue.strength for clue in clues)
    # Weak clues do not silence each other: « DRAGUIGNAN, FREJUS » is asked.
    best = [clue.found for clue in clues if clue.strength == strength or strength < _ANNOUNCED]
    codes = list(
        dict.fromkeys(code for f in best for code in ((f.code,) if f.code else f.candidates))
    )
    if (len(codes) == 1 and best[0].code) or len({f.code or f.candidates for f in best}) == 1:
        place = as_where(best[0])
    else:
        place = Where(
            certainty=Certainty.ASK,
            candidates=tuple(codes[: territory.MOST_CANDIDATES]),
            attendance=Attendance.ITINERANT if ITINERANT.search(text) else Attendance.ON_SITE,
            warnings=("plusieurs communes citées : à préciser",),
        )
    return replace(place, venue=venue, address=address)


def town_last(venue: str | None, department: str | None) -> tuple[str | None, str | None]:
    """(venue, commune) of « Salle X, Gap », « Salle X – Gap » or « Gap » alone.

    A calendar or an action sheet has one field for both. Only a commune of where the source
    speaks of counts: « Théâtre, La Scène » names no commune there.
    """
    parts = re.split(r"\s*[,;|]\s*|\s+[–—-]\s+", venue or "")
    last = parts[-1].strip(" .")
    wanted = territory.department(department) if department else None
    for code, tier in gazetteer().names.get(key(last), ()):
        here = code.startswith(wanted) if wanted else territory.in_region(code)
        if here and tier <= Tier.FORMER:
            return (venue or "")[: -len(parts[-1])].strip(" ,;|–—-") or None, last
    return venue, None


def as_where(found: territory.Found) -> Where:
    one = found.commune
    if one:
        certainty = Certainty.CERTAIN
    else:
        certainty = Certainty.ASK if found.candidates else Certainty.ABSENT
    return Where(
        commune_code=one.code if one else None,
        commune_name=one.name if one else None,
        department=one.department if one else None,
        postcode=found.postcode,
        certainty=certainty,
        candidates=found.candidates,
        warnings=found.warnings,
    )


def _clues(text: str, department: str | None) -> Iterator[_Clue]:
    tokens = list(_TOKEN.finditer(text))
    shouting = sum(c.isupper() for c in text) > 0.6 * max(1, sum(c.isalpha() for c in text))
    names, openings = gazetteer().names, gazetteer().openings
    folded = [fold(token[0]) for token in tokens]
    busy_until = 0
    for i, token in enumerate(tokens):
        if folded[i] not in openings or token.start() < busy_until:
            continue
        if not _may_begin(text, token):
            continue
        article = _CONTRACTED.get(folded[i - 1], "") if i else ""
        for j in range(min(len(tokens), i + LONGEST_NAME), i, -1):
            spelled = expanded(folded[i:j])
            if spelled not in names and not (article and f"{article} {spelled}" in names):
                continue
            if j > i + 1 and not _joined(text, tokens[i:j]):
                continue
            clue = _clue(text, (token.start(), tokens[j - 1].end()), department, shouting)
            if clue:
                busy_until = tokens[j - 1].end()
                yield clue
                break


def _may_begin(text: str, token: re.Match[str]) -> bool:
    """A name begins with a capital, an article, or anything after a postcode: the rest is prose."""
    if token[0][0].isupper() or token[0].lower() in _ARTICLES:
        return True
    return token[0].isalpha() and bool(re.search(r"\d[ ,–-]+$", text[: token.start()][-4:]))


def _joined(text: str, tokens: Sequence[re.Match[str]]) -> bool:
    """Tokens of one name are held by a space, a hyphen or an apostrophe, by nothing else."""
    pairs = pairwise(tokens)
    return all(re.fullmatch(r"[-'’ ]", text[a.end() : b.start()]) for a, b in pairs)


def _clue(text: str, span: tuple[int, int], department: str | None, shouting: bool) -> _Clue | None:
    """What the words of the span say of the place, if they are a commune announced as such."""
    start, end = span
    words, after = text[start:end], text[end : end + 40]
    before = text[max(0, start - _BEFORE) : start]
    name, spelled = _with_article(words, before)
    codes = gazetteer().names.get(spelled)
    if not codes:
        return None
    if re.match(r"[-'’]\w", after) or _hangs(before):
        return _backed(text, name, (before, after), department)
    if settled := _settled(name, before, after):
        return _Clue(strength=_SETTLED, found=settled)
    if not _capital(words):
        return None
    if not any(territory.in_region(code) and tier < Tier.NO_ARTICLE for code, tier in codes):
        return None
    strength = _announcement(text, span, (before, after), spelled, shouting)
    if strength is None and name == words and _heading(text, span, department, shouting):
        strength = _APART
    if strength is not None:
        return _believed(name, department, strength=strength)
    return _backed(text, name, (before, after), department)


def _announcement(
    text: str, span: tuple[int, int], around: tuple[str, str], spelled: str, shouting: bool
) -> int | None:
    """How strongly what surrounds a commune's name announces it; None when nothing does."""
    (start, end), (before, after) = span, around
    ordinary = spelled in ORDINARY
    if ordinary and re.match(r"\s+(?:de|du|des|d['’])(?!\w)", after):
        return None  # « au Mas de Pouane »
    if OPPONENT_BEFORE.search(before):
        return None
    if not (shouting and ordinary) and not NOT_PLACE_BEFORE.search(before):
        # « au Salon de l'entreprise »: a commune without an article takes « à ».
        salon = AU.search(before) and spelled == key(text[start:end])
        if AT.search(before) and not salon:
            return _SAID_AT
        if ANNOUNCES.search(before):
            return _ANNOUNCED
    at_start = start <= _BEFORE and APART_BEFORE.search(text[:start])
    apart = (at_start or APART_BEFORE.search("." + before)) and APART_AFTER.match(after)
    return _APART if apart and not ordinary and len(text) < _TITLE else None


def _heading(text: str, span: tuple[int, int], department: str | None, shouting: bool) -> bool:
    """« La Garde : toutes au hand ! » in a source of the Var: even an ordinary word is a place."""
    follows = re.match(r"\s*:\s", text[span[1] :])
    return bool(department and follows and span[0] == 0 and not shouting and len(text) < _TITLE)


def _backed(text: str, name: str, around: tuple[str, str], department: str | None) -> _Clue | None:
    """In a title whose department is known, a full commune name of that department is believed
    unannounced (« DDCS83-TOULON-CDV17 », « Les enfants de Manosque lisent »): the weakest clue."""
    before, after = around
    spelled = key(name)
    if not department or len(text) >= _TITLE or len(spelled) < 5 or spelled in ORDINARY:
        return None
    if NOT_PLACE_BEFORE.search(before) or NOT_PLACE_AFTER.match(after) or not _capital(name):
        return None
    if OPPONENT_BEFORE.search(before):
        return None
    if re.search(r"[’']$", before) and _hangs(before):
        return None
    hanging = _hangs(before) or re.match(r"[-'’]\w", after)
    if hanging and not (name.isupper() or any(c.isdigit() for c in text)):
        return None
    found = territory.find(name, department=department)
    if not found.code or found.warnings or not territory.in_region(found.code):
        return None
    return _Clue(strength=_BACKED, found=found)


def _capital(words: str) -> bool:
    """A proper name: its first word that is not an article has a capital (« la Garde »)."""
    first = next((w for w in _TOKEN.findall(words) if fold(w) not in _ARTICLES), words)
    return first[:1].isupper()


def _hangs(before: str) -> bool:
    """The name is the end of a longer word (`Aix-`), unless an elision leads to it (`d'`, `l'`)."""
    return bool(re.search(r"\w[-’']$", before)) and not re.search(r"(?<!\w)[dl][’']$", before, re.I)


def _settled(name: str, before: str, after: str) -> territory.Found | None:
    """A postcode before the name or a department after it: certain, in the whole country."""
    postcode = re.search(r"(?<!\d)(\d{2}) ?(\d{3})[ ,–-]+$", before)
    numbered = NUMBERED.match(after)
    said = territory.department(numbered[1]) if numbered else None
    if not (postcode or said):
        return None
    digits = "".join(postcode.groups()) if postcode else None
    found = territory.find(name, postcode=digits, department=said)
    return found if found.code else None


def _with_article(words: str, before: str) -> tuple[str, str]:
    """« au Castellet » speaks of « Le Castellet », « aux Pennes-Mirabeau » of « Les Pennes… »."""
    last = re.search(r"(\w+)\s$", before)
    article = _CONTRACTED.get(fold(last[1])) if last else None
    if article and key(f"{article} {words}") in gazetteer().names:
        tiers = dict(gazetteer().names[key(f"{article} {words}")])
        if Tier.PRESENT in tiers.values():
            return f"{article} {words}", key(f"{article} {words}")
    return words, key(words)


def _believed(name: str, department: str | None, *, strength: int) -> _Clue | None:
    found = territory.find(name, department=department) if department else territory.Found()
    if not found.code:
        found = territory.find(name)
    if not found.code and not found.candidates:
        return None
    if found.code and not territory.in_region(found.code):
        return None
    return _Clue(strength=strength, found=found)


def _venue(text: str) -> str | None:
    found = VENUE.search(text)
    if not found:
        return None
    name = re.split(r"\s[-–]\s", found[1])[0].strip(" -–'’\"«»")
    return name if len(name) > 6 and key(name) not in gazetteer().names else None


def _street(text: str) -> str | None:
    found = STREET_IN_TEXT.search(text)
    return re.sub(r"\s+\d{5}.*$", "", found[0]).strip() if found else None
