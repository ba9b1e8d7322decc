"""What of an announcement changes by itself and says nothing: two texts equal without it are one.

Used only to compare, never to show. Whole words of French sites: counters, dates of generation,
countdowns, advertisements, tracking parameters, spacing.
"""

import re
from collections.abc import Mapping
from typing import Any

from domain.addresses import address_of
from domain.text import clean, fingerprint

_NUMBER = r"\d{1,3}(?:[ .]?\d{3}){0,3}"  # bounded: a page of digits must not take minutes
_HOUR = r"\d{1,2} ?[h:] ?\d{0,2}(?: ?[:m] ?\d{0,2})?"
_MONTHS = "janv|févr|fevr|mars|avr|mai|juin|juil|août|aout|sept|oct|nov|déc|dec"
_DAY = (
    r"(?:\w+ )?(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}}(?:er)? (?:{_MONTHS})\w*\.? \d{{4}})"
)
_STAMP = rf"{_DAY}(?:[ T,à-]*{_HOUR})?"
_COUNTED = (
    r"vues?|clics?|partages?|j['’]aime|likes?|commentaires?|réactions?|téléchargements?"
    r"|abonnés?|inscrits?|personnes? (?:intéressées?|inscrites?|participent)"
)
# Words that may also announce something real (« visites : 14 h », « 3 visites ») are not here.
_NOISE = re.compile(
    "|".join(
        (
            # counters: views, shares, comments, registrations
            r"\b(?:vue?s?|lue?s?|consultée?s?|visitée?s?|téléchargée?s?|partagée?s?|affichée?s?)"
            rf" {_NUMBER} ?fois",
            rf"\b{_NUMBER} ?(?:{_COUNTED})\b",
            r"\b(?:vues?|nombre d(?:e |['’])(?:vues|visites|lectures|clics|inscrits)|partages"
            rf"|commentaires|j['’]aime|inscrits|popularité) ?[:(] ?{_NUMBER}(?: ?/ ?\d+)?\)?"
            r"(?! ?[h€\d])",
            rf"\b(?:(?:il )?reste |plus que )?{_NUMBER} ?"
            r"places? (?:restantes?|disponibles?|libres?)",
            r"\bplaces? (?:restantes?|disponibles?) ?: ?\d+(?: ?/ ?\d+)?",
            # when the page was made, read or printed
            r"\b(?:(?:dernière )?(?:mise à jour|modification|actualisation)|mise? à jour|modifiée?"
            r"|actualisée?|générée?|imprimée?|consultée?|exportée?)(?: de (?:la )?page)?"
            rf"(?: effectuée)? ?(?:le|:|du|,|au)? ?(?:le )?{_STAMP}",
            rf"\b(?:nous sommes le|aujourd['’]hui,? (?:le )?) ?{_STAMP}",
            r"\bpage générée en [\d.,]+ ?(?:(?:milli)?secondes?|m?s)\b",
            rf"\bil est (?:actuellement )?{_HOUR}",
            # how long ago, how long still
            r"\bil y a (?:environ )?(?:\d+|une?|quelques) "
            r"(?:secondes?|minutes?|heures?|jours?|semaines?|mois|ans?)",
            r"\b(?:plus que|encore|il reste) \d+ (?:jours?|heures?|minutes?|semaines?)",
            r"\bj ?- ?\d+\b",
        )
    ),
    re.I,
)
_AD = re.compile(
    r"(?im)^[ \t*–-]*(?:publicité|annonce(?:s)? sponsorisée(?:s)?|contenu sponsorisé|sponsorisé"
    r"|partenaire publicitaire|advertisement|la suite après cette publicité)\b[ :.]*(?:\n(?!\n).*)*"
)
_LINK = re.compile(r"https?://\S+")
_UNREAD = frozenset(("html",))  # the text says it; its tags and attributes are not read


def settled(text: str) -> str:
    """The text without what changes by itself, on one line."""
    text = _NOISE.sub(" ", _AD.sub("", clean(text)))
    return " ".join(_LINK.sub(_bare, text).split())


def text_sha256(fields: Mapping[str, Any]) -> str:
    """What an announcement says: equal for two collections of an announcement nobody touched."""
    said = {name: _said(name, value) for name, value in fields.items()}
    if said.get("text"):
        said = {name: value for name, value in said.items() if name not in _UNREAD}
    return fingerprint({name: value for name, value in said.items() if value not in (None, "", [])})


def _said(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _bare_address(value) if name in ("url", "ticket") else settled(value)
    if isinstance(value, list | tuple):
        # The order of links and tags says nothing; that of dates is told by themselves.
        return sorted((_said(name, one) for one in value), key=repr)
    if isinstance(value, Mapping):
        return {str(key): _said(str(key), one) for key, one in value.items()}
    return value


def _bare(found: re.Match[str]) -> str:
    return _bare_address(found[0])


def _bare_address(url: str) -> str:
    found = address_of(url)
    return f"{found.host}{found.path}" if found else url
