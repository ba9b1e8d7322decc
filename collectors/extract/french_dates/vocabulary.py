"""The French words of dates, folded, each with the one-letter code the grammar is written in.

Codes: W weekday · M month · S season · H movable or named holiday · A today/tomorrow ·
d of/from · a to · l the · c this · i in · e and · E every · O ordinal word · R next/last ·
j until · p from… on · k since · x anything else · b begin/middle/end · s week · w week-end ·
u year · h school · z month · q quarter/semester · Q fortnight · v holidays · r start of school ·
o « sur » · J days · U « un » · t part of the day · K except · B between · F « certains » ·
T clock word.
"""

from rapidfuzz.distance import OSA

Word = tuple[str, int | str]
"""(code, value)."""

_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_SHORT_MONTHS = (
    "jan janv 1;fev fevr feb 2;mar 3;avr 4;jun 6;juil juill jul jui 7;aou 8;"
    "sep sept 9;oct octo 10;nov nove 11;dec decem 12"
)
_ORDINALS = (
    "premier premiere premiers premieres 1er 1;deuxieme second seconde deuxiemes seconds 2;"
    "troisieme troisiemes 3;quatrieme quatriemes 4;cinquieme 5;"
    "dernier derniere derniers dernieres -1"
)
_OTHERS = {
    "d": "du de d des",
    "a": "au a aux",
    "l": "le la les l",
    "c": "ce cet cette ces",
    "i": "en dans pendant durant pour",
    "e": "et ou puis",
    "E": "tous toutes chaque tout",
    "R": "prochain prochaine prochains prochaines suivant",
    "j": "jusqu jusque jusqua avant tard",
    "p": "partir compter",
    "k": "depuis",
    "s": "semaine semaines sem",
    "w": "weekend weekends weekkend weekkends",
    "u": "annee annees saison exercice",
    "h": "scolaire scolaires universitaire sportive",
    "z": "mois",
    "v": "vacances",
    "r": "rentree",
    "o": "sur",
    "U": "un une",
    "t": "matin matinee apresxmidi apresxmidis soir soiree journee nuit",
    "K": "sauf hors excepte excepte exceptes exceptees hormis",
    "B": "entre",
    "F": "certains certaines plusieurs quelques",
    "J": "jours jour",
    "Q": "quinzaine",
}


def words_of(text: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(text.split())


def _vocabulary() -> dict[str, Word]:
    found: dict[str, Word] = {w: (code, w) for code, ws in _OTHERS.items() for w in ws.split()}
    for i, name in enumerate(_WEEKDAYS):
        found[name] = ("W", i)
        found[name + "s"] = ("W", i + 7)  # plural: « les mardis » is every Tuesday
        found[name[:3]] = ("W", i)
    found["merc"] = ("W", 2)
    found["vend"] = ("W", 4)
    for i, name in enumerate(_MONTHS, 1):
        found[name] = ("M", i)
    for group in _SHORT_MONTHS.split(";"):
        *names, number = group.split()
        found.update({n: ("M", int(number)) for n in names})
    for group in _ORDINALS.split(";"):
        *names, number = group.split()
        found.update({n: ("O", int(number)) for n in names})
    for word in ("debut", "mi", "fin", "courant"):
        found[word] = ("b", word)
    found["milieu"], found["cours"] = ("b", "mi"), ("b", "courant")
    found.update({s: ("S", s) for s in ("printemps", "ete", "automne", "hiver")})
    found["etes"] = ("x", "etes")
    for holiday in ("noel", "paques", "pentecote", "ascension", "toussaint", "assomption"):
        found[holiday] = ("H", holiday)
    found["armistice"] = ("H", "armistice")
    found["trimestre"] = ("q", 3)
    found["semestre"] = ("q", 6)
    found["demain"] = ("A", 1)
    found["apresxdemain"] = ("A", 2)
    found["aujourdxhui"] = ("A", 0)
    found["hier"] = ("A", -1)
    found["midi"] = ("T", 12 * 60)
    found["minuit"] = ("T", 0)
    return found


VOCABULARY = _vocabulary()
_LONG_MONTHS = {m: i for i, m in enumerate(_MONTHS, 1) if len(m) >= 5}
ABBREVIATIONS = frozenset(
    {w[:3] for w in _WEEKDAYS}
    | {"merc", "vend", "sem"}
    | {n for group in _SHORT_MONTHS.split(";") for n in group.split()[:-1]}
)


def misspelt(word: str) -> Word | None:
    """The month or weekday a word of 5 letters or more is one slip away from (septmbre, samdi)."""
    for month, number in _LONG_MONTHS.items():
        if word[0] == month[0] and OSA.distance(word, month, score_cutoff=1) <= 1:
            return ("M", number)
    if word.endswith(("di", "dis")):
        for i, day in enumerate(_WEEKDAYS):
            if word[0] == day[0] and OSA.distance(word, day, score_cutoff=1) <= 1:
                return ("W", i)
    return None
