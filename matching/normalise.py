"""Text as matching compares it: one pass, one short table, each entry of which earned its place.

Folding goes through `str.translate` (1.3 M titles/s here, four times Unidecode). Titles are read
for what is not their name: years, edition numbers, days, status words; what stays is the core.
"""

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from domain import gazetteer
from domain.actors import WRITTEN_OUT, aliases
from matching import counting

LONGEST = 5_000
"""Characters of a cell that are compared: of a title of a megabyte, the beginning."""


def _fold_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {c: None for c in range(0x300, 0x370)}
    for code in (*range(0x250), *range(0x1E00, 0x1F00), *range(0x2000, 0x2070)):
        char = chr(code)
        plain = unicodedata.normalize("NFKD", char)
        plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
        table[code] = plain if plain.isascii() and plain.isalnum() else " "
    return table | {ord(k): v for k, v in _SPECIAL.items()}


_SPECIAL = {
    "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l",
    "đ": "d", "Đ": "d", "’": "'", "ʼ": "'", "'": "'", "&": " et ", "€": " ",
    "\u00ad": "", "\u200b": "",
}  # fmt: skip
_FOLD = _fold_table()
_ELISION = re.compile(r"\b(?:[ldjmtscn]|qu|jusqu|lorsqu|aujourd)'")
_MOJIBAKE = re.compile("Ã.|â€")
_SYMBOL = re.compile(r"[^\w\s']+")
"""What no table folds: emojis, arrows."""
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,5}|[a-zA-Z]{2,8});")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _set(
    "a au aux avec ce ces chez d dans de des du elle en et eu il ils je l la le les leur leurs lui "
    "ma mes mon ne nos notre nous on ou par pas pour qu que qui s sa se ses son sous sur ta te tes "
    "the of and to toi ton tu un une vos votre vous y est c j m n t"
)
ABBREVIATIONS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "av": "avenue", "ave": "avenue",
    "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard", "pl": "place", "rte": "route",
    "all": "allee", "ch": "chemin", "imp": "impasse", "sq": "square", "fg": "faubourg",
    "asso": "association", "assoc": "association", "asoc": "association", "cie": "compagnie",
    "fed": "federation", "cte": "comite", "dept": "departement", "dpt": "departement",
}  # fmt: skip
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"\b(?:(?:19|20)\d\d)(?: (?:(?:19|20)\d\d))?\b")
_GAMES = re.compile(
    r"\b(paris|londres|rio|tokyo|cortina|los angeles|alpes(?: francaises)?|generation|jop?|"
    r"terre de jeux|heritage|cap|cap sur|vers|objectif|horizon|"
    r"jeux (?:olympiques|paralympiques)(?: et paralympiques)?(?: d ete| d hiver| de paris)?)"
    r" (?:1924|1968|1992|2012|2016|2020|2024|2026|2028|2030)\b"
)
"""The Games and what they leave: that year is their name, not when the announced thing happens."""
MONTHS = {
    "janvier": 1, "janv": 1, "fevrier": 2, "fev": 2, "fevr": 2, "mars": 3, "avril": 4, "avr": 4,
    "mai": 5, "juin": 6, "juillet": 7, "juil": 7, "aout": 8, "septembre": 9, "sept": 9,
    "octobre": 10, "oct": 10, "novembre": 11, "nov": 11, "decembre": 12, "dec": 12,
}  # fmt: skip
_MONTH_WORD = "|".join(sorted(MONTHS, key=len, reverse=True))
DAY_MONTH = re.compile(
    rf"\b(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) )?"
    rf"(\d{{1,2}})(?: ?er)? ({_MONTH_WORD})\b(?: (\d{{4}}))?"
)
_CANCELLED = re.compile(r"\bannulee?s?\b|\bannulation\b|\bcancelled\b")
_PUT_OFF = r"reporte(?:e|s|es)?|decalee?s?(?= au\b)"
"""« Décalé au 3 mai »; « un humour décalé » is no news."""
_POSTPONED = re.compile(rf"\b(?:{_PUT_OFF}|nouvelles? dates?)\b")
_CALLS = re.compile(
    r"\b(?:save the date|a vos agendas|agenda|rappel|complet|inscriptions? ouvertes?|"
    r"dernieres? places?|edition|annulee?s?|nouvelles? dates?|"
    rf"(?:{_PUT_OFF})(?: au \d{{1,2}} \d{{1,2}}(?: \d{{2,4}})?)?)\b"
)
_CALL_WORDS = _set(
    "save agendas agenda rappel complet inscription inscriptions derniere dernieres edition annule "
    "annules annulee annulees reporte reportes reportee reportees decale decalee decales decalees "
    "nouvelle nouvelles"
)
"""A title without any of these holds no call: most are spared the search."""
_COMICS = re.compile(r"\bBD\b")
"""« Festival BD »; « bd » and « Bd » are a boulevard."""


_HASHTAGS = re.compile(r"^(?:\s*#\w+)+\s+(?=(?:\S+\s+)+\S)|(?<=\S)(?:\s+#\w+)+\s*$")
"""Hashtags around a title of several words."""


class Title(NamedTuple):
    """A title read: `core` words in order, and what was taken out of it."""

    core: tuple[str, ...]
    years: tuple[int, ...] = ()
    edition: int = 0  # 0 = none said
    numbers: tuple[str, ...] = ()  # other numbers that name something (jour 2, U13, 10 km)
    days: tuple[tuple[int, int], ...] = ()  # (day, month) said in the title
    cancelled: bool = False
    postponed: bool = False


def fold(text: str) -> str:
    """ASCII lower case, punctuation as spaces, elisions dropped, double encoding repaired; the
    beginning of a text too long to be one."""
    text = text[:LONGEST]
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if not text.isascii():
        if is_double_encoded(text):
            text = _repair(text)
        text = unicodedata.normalize("NFC", text)
    text = text.translate(_FOLD)
    if not text.isascii():
        text = _SYMBOL.sub(" ", text)
    return _ELISION.sub(" ", text).replace("'", " ") if "'" in text else text


def is_double_encoded(text: str) -> bool:
    """Whether UTF-8 was read as cp1252 somewhere in the text: it is repaired as a whole."""
    return ("Ã" in text or "â€" in text) and _MOJIBAKE.search(text) is not None


def _repair(text: str) -> str:
    """UTF-8 read as cp1252, put right when it can be; the text as it was otherwise."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def spell(tokens: list[str]) -> list[str]:
    """Abbreviations written out, runs of single letters joined (`a c l` is `acl`)."""
    if tokens and min(map(len, tokens)) > 1:
        if ABBREVIATIONS.keys().isdisjoint(tokens):
            return tokens
        return [*map(ABBREVIATIONS.get, tokens, tokens)]
    out: list[str] = []
    run = ""
    for token in tokens:
        if len(token) == 1 and token.isalpha():
            run += token
            continue
        if run:
            out.append(run)
            run = ""
        out.append(ABBREVIATIONS.get(token, token))
    if run:
        out.append(run)
    return out


def words(text: str) -> tuple[str, ...]:
    """The folded, spelt-out words of a text that carry meaning, in order."""
    return _meant(spell(fold(text).split()))


def _meant(told: list[str]) -> tuple[str, ...]:
    """Without the words that carry no meaning; « est », last, is where the sun rises."""
    kept = [w for w in told if w not in STOP]
    return (*kept, "est") if told[-1:] == ["est"] and kept else tuple(kept)


@lru_cache(maxsize=10_000)  # an arrival is read for its keys, at first sight, then with its kin
def title(text: str) -> Title:
    """`read_title`, remembered."""
    return read_title(text)


def read_title(text: str) -> Title:
    """A title without its year, edition, day and status words, which come apart."""
    text = _spelt_out(text)
    text, letters = counting.letters(text)
    folded = " ".join(fold(text).split())
    plain = folded
    days: list[tuple[int, int]] = []
    years: list[int] = []
    edition = 0
    cancelled = postponed = False
    counted = _DIGIT.search(plain) is not None
    if counted or "edition" in plain:
        for found in DAY_MONTH.finditer(plain):
            days.append((int(found[1]), MONTHS[found[2]]))
            if found[3]:
                years.append(int(found[3]))
        plain = DAY_MONTH.sub(" ", plain) if days else plain
        if _YEAR.search(plain):
            plain = _GAMES.sub(r"\1", plain)
            years += [int(y) for whole in _YEAR.findall(plain) for y in whole.split()]
            plain = _YEAR.sub(" ", plain)
        edition, plain = counting.edition(plain)
        plain = counting.one_way(plain)
    if not _CALL_WORDS.isdisjoint(plain.split()) and _CALLS.search(plain):
        cancelled = bool(_CANCELLED.search(plain))
        postponed = bool(_POSTPONED.search(plain))
        plain = _CALLS.sub(" ", plain)
    core = _meant(spell(plain.split()))
    if not _ACRONYMS.keys().isdisjoint(core):
        core = tuple(" ".join(_ACRONYMS.get(w, w) for w in core).split())
    if not core:
        core = tuple(spell(folded.split()))
    if core in _PLACEHOLDERS:
        core = ()
    numbers = letters
    if counted or not plain.isascii():
        numbers = (*[w for w in core if _COUNTING.fullmatch(w)], *letters)
    core = (*core, *letters) if letters else core
    return Title(core, tuple(years), edition, numbers, tuple(days), cancelled, postponed)


def _spelt_out(text: str) -> str:
    """The text without hashtags around it, its comics spelt out, Roman numbers in figures."""
    if "#" in text:
        text = _HASHTAGS.sub(" ", text)
    if "BD" in text:
        text = _COMICS.sub("bande dessinée", text)
    return counting.in_figures(text)


_COUNTING = re.compile(r"\d.*|.*\d|[a-z]{1,2}\d{1,2}[a-z]")
"""« 10km », « cm2 », « u13f »."""
_PLACEHOLDERS = frozenset(
    tuple(one.split()) for one in (
        "", "sans titre", "titre", "untitled", "sans nom", "sans objet", "nc", "nr", "neant",
        "inconnu", "inconnue", "non renseigne", "a definir", "definir", "a preciser", "preciser",
        "test", "xxx", "null", "none", "nan",
    )
)  # fmt: skip
"""What is written where there is no title (core words): nothing."""


_TOWN_HALL = _set(
    "mairie ville commune municipalite municipal municipale municipaux service services "
    "hotel conseil"
)
_SERVICES = _set("sport sports culture jeunesse associations vie associative")
LEGAL = _set("association comite club amicale societe groupement loi 1901")
_EXPANSIONS = {
    short: " ".join(w for w in long.split() if w not in STOP)
    for short, long in WRITTEN_OUT.items()
} | {
    "ass": "association", "ff": "federation francaise", "cs": "club sportif",
    "mdj": "maison jeunes", "soc": "societe", "dep": "departement", "departemental": "departement",
    "departementale": "departement", "reg": "region", "regional": "region",
    "regionale": "region", "inst": "institut", "nat": "national", "nationale": "national",
    "centr": "centre", "ctre": "centre", "dev": "developpement", "gpe": "groupe", "syn": "syndicat",
    "pdl": "pays loire", "hte": "haute", "int": "international", "educ": "education",
}  # fmt: skip


_USUAL = ("us", "uso", "mjc", "ccas", "oms", "cdos", "mdj")
_ACRONYMS = {short: _EXPANSIONS[short] for short in _USUAL} | {
    "ag": "assemblee generale", "sop": "semaine olympique paralympique"
}  # fmt: skip
"""Those that mean nothing else in a title (« as » and « ass » do)."""


@lru_cache(maxsize=200_000)
def organiser(text: str) -> tuple[str, ...]:
    """The words of an organiser's name, its usual acronyms written out (`US` union sportive); of a
    former name, those of today's (`DRJSCS PACA`: drajes provence alpes cote azur)."""
    name = _written_out(text)
    if name[:2] in _COUNCILS:
        name = (_COUNCILS[name[:2]], *name[2:])
    return _todays().get(name, name)


_COUNCILS: dict[tuple[str, ...], str] = {
    ("conseil", "general"): "departement", ("conseil", "departement"): "departement",
    ("conseil", "region"): "region",
}  # fmt: skip
"""A department or a region under the name of its assembly (general until 2015)."""


def _written_out(text: str) -> tuple[str, ...]:
    out: list[str] = []
    for word in words(text):
        out += _EXPANSIONS.get(word, word).split()
    return tuple(out)


@lru_cache(maxsize=1)
def _todays() -> dict[tuple[str, ...], tuple[str, ...]]:
    """The words of former names and other names (domain/data/actors.toml), and of today's."""
    return {_written_out(one.name): _written_out(one.current) for one in aliases()}


def is_town_hall(name: tuple[str, ...]) -> bool:
    """Whether the name starts as that of a town's services (mairie de, ville de, service…)."""
    return bool(name) and name[0] in _TOWN_HALL and name[:2] not in _COUNCILS


def proper(name: tuple[str, ...]) -> tuple[str, ...]:
    """The name without its legal form, unless nothing else is left; all of a town's services are
    its town hall (`Ville de Gap`, `Service des sports - Gap`: mairie gap)."""
    if is_town_hall(name):
        return ("mairie", *(w for w in name if w not in _TOWN_HALL and w not in _SERVICES))
    return tuple(w for w in name if w not in LEGAL) or name


_NOT_COMMUNE = re.compile(r"\b(?:cedex|arrondissement|\d+(?:er|e|eme)?)\b")
_SUR = re.compile(r"(?:\b[sS])?/(?:[sS]\b)?")
"""« La Seyne/Mer », « L'Isle s/ la Sorgue »."""
_ARTICLE = re.compile(r"^(?:le|la|les|l) | (?:le|la|les|l)$")


@lru_cache(maxsize=200_000)
def commune(text: str) -> str:
    """A commune's name as a key: no cedex, no article, saint written out (`St-Rémy` saint remy),
    its usual names as its own (`Antibes Juan-les-Pins` antibes)."""
    plain = _commune(text)
    return _usual().get(plain, plain)


@lru_cache(maxsize=1)
def _usual() -> dict[str, str]:
    return {_commune(name): _commune(own) for name, own in gazetteer.usual().items()}


def _commune(text: str) -> str:
    if "/" in text:
        text = _SUR.sub(" sur ", text)
    folded = _NOT_COMMUNE.sub(" ", " ".join(text.translate(_FOLD).replace("'", " ").split()))
    plain = " ".join(ABBREVIATIONS.get(w, w) for w in folded.split())
    return _ARTICLE.sub("", plain).strip()


@lru_cache(maxsize=100_000)
def acronym(name: tuple[str, ...]) -> str:
    """First letters of the words: what a long name may be called elsewhere."""
    return "".join(w[0] for w in name if w[0].isalpha())


_TRACKING = re.compile(r"(?:^|&)(?:utm_[^&]*|fbclid=[^&]*|gclid=[^&]*|xtor=[^&]*)")


def link(url: str) -> str:
    """An address as a key: no scheme, no www, no tracking, no fragment, no last slash; ""."""
    plain = url.strip()
    if not plain:
        return plain
    if "://" in plain:
        plain = plain.partition("://")[2]
    if "#" in plain:
        plain = plain.partition("#")[0]
    host, slash, path = plain.partition("/")
    if "?" in path:
        path, _, query = path.partition("?")
        query = _TRACKING.sub("", query).strip("&")
        path = f"{path}?{query}" if query else path
    path = path.rstrip("/")
    return f"{host.lower().removeprefix('www.')}{slash}{path}" if path else ""


def host(url: str) -> str:
    """The site of an address, without www; "" when there is none."""
    plain = url.split("://", 1)[-1]
    return plain.split("/", 1)[0].lower().removeprefix("www.") if "." in plain else ""
