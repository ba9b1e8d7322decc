"""What counts in a title: its edition, and the other numbers and letters that tell it apart.

« 6e édition » is an edition; « classe de 6e », « 1er degré », « Marseille 13e », « poule A » and
« Triathlon S » name something else than a year of the same.
"""

import re
from itertools import pairwise

_ORDINAL = re.compile(r"\b(\d{1,3}) ?(?:ers?|eres?|res?|e|emes?|iemes?|nde?s?|ieme)\b")
_RANKED = re.compile(
    r" (?:degre|cycle|classe|college|annee|trimestre|semestre|age|siecle|chance|tour|manche|"
    r"etape|partie|phase|seance|session|division|serie|groupe|tranche|attribution|arrondissement|"
    r"circonscription|etage)s?\b| journee(?:$| de championnat\b)"
)
"""What an ordinal may number besides editions: « 1er degré », « 2e tour », « 3e âge »."""
_DISTRICT_OF = re.compile(r"\b(?:marseille|lyon|paris) $")
_FORM = re.compile(r"\b(?:classes?|eleves?|cm2|[3-6]e)(?: (?:de|en|et))* $")
_FORMS = re.compile(r" (?:et )?[3-6]e\b|$")
"""« Concours de dessin 6e 5e », « élèves de 3e »: forms of a collège, where nothing follows."""
_EDITION = re.compile(
    r"\b(?:edition|ed|acte|saison|vol|volume)s? (?:no?|numero )? ?(\d{1,3}|[ivx]{2,5})\b"
)
_OF_HOW_MANY = re.compile(
    r"\b((?:jour|journee|seance|etape|partie|manche|episode|soiree|session|j) ?\d{1,2})"
    r" (?:sur )?\d{1,2}\b"
)
"""« jour 1/2 » is day one: of how many names nothing."""
_UNIT = re.compile(r"(\d) ?(?:(h|heures?)|kms?|kilometres?)\b")
_ROMAN = re.compile(r"\b(?!VIE\b)[IVX]{2,6}(?=(?:[eE]|[eèEÈ]mes?|[EÈ]MES?)\b)")
"""« XIIIe Foulées »; « VIE » is a word."""

_ALONE = re.compile(r"\s[A-Ha-h](?![\w'’])")
_LETTER = re.compile(
    r"(?i:(\b(?:poule|groupe|[eé]quipe|s[eé]rie|division|zone|vague|salle) +)([a-h])(?![\w'’]))|"
    r"(?<=\s)([A-H])(?=\s*(?:$|[-–—,;:)/|]))"
)
"""« Poule A », « Stage B »: a letter that counts, as a number would; a capital in `Title`."""
_SIZE = re.compile(r"(?i:(athlon +)(x{0,2}[ls]|m)(?![\w'’]))()")
"""« Triathlon S », « Triathlon M »: other distances."""
_LETTER_WITHIN = re.compile(
    r"((?i:\b(?:club|conseil|niveau|cat[eé]gorie|b[aâ]timent|terrain|parcours|circuit|atelier)) +)"
    r"([A-H])(?= [a-zà-ÿ])|(?<=[a-zà-ÿ] )([B-H])(?= [a-zà-ÿ])"
)
"""« Tournoi du club A de pétanque »: of a title that is not all capitals."""


def in_figures(text: str) -> str:
    """The text with its Roman ranks in figures (« 13e Foulées »)."""
    if "I" not in text and "X" not in text:
        return text
    return _ROMAN.sub(lambda found: str(_roman(found[0])), text)


def letters(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without its letters that count, and they."""
    if not _ALONE.search(text) and "athlon" not in text and "ATHLON" not in text:
        return text, ()
    found: list[str] = []
    for pattern in (_SIZE, _LETTER) if text.isupper() else (_SIZE, _LETTER, _LETTER_WITHIN):
        found += [(one[2] or one[3]).upper() for one in pattern.finditer(text)]
        text = pattern.sub(lambda one: f"{one[1] or ''} ", text)
    return text, tuple(found)


def edition(plain: str) -> tuple[int, str]:
    """The edition that a folded title tells (0: none), and the title without it."""
    ranked = _ORDINAL.search(plain) is not None
    plain = _ORDINAL.sub(r"\1e", plain) if ranked else plain
    for rank in _ORDINAL.finditer(plain) if ranked else ():
        before, after = plain[: rank.start()], plain[rank.end() :]
        form = rank[1] in ("3", "4", "5", "6") and (_FORMS.match(after) or _FORM.search(before))
        if not (form or _RANKED.match(after) or _DISTRICT_OF.search(before)):
            return int(rank[1]), f"{before} {after}"
    found = _EDITION.search(plain)
    if found:
        number = int(found[1]) if found[1].isdigit() else _roman(found[1].upper())
        return number, plain[: found.start()] + " " + plain[found.end() :]
    return 0, plain


def one_way(plain: str) -> str:
    """A folded title, its numbers written in one way: « 24h » as « 24 heures », no « jour 1/2 »."""
    plain = _OF_HOW_MANY.sub(r"\1", plain)
    return _UNIT.sub(lambda one: f"{one[1]} {'heures' if one[2] else 'km'}", plain)


def _roman(text: str) -> int:
    """XIV as 14."""
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in text]
    return sum(v if v >= after else -v for v, after in pairwise([*values, 0]))
