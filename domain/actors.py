"""Names of organisers: shown, compared, and what kind of body they are. Pure rules, no registry.

The rules and the dated aliases are data: domain/data/actors.toml.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from domain.statuses import ActorKind
from domain.text import fold, one_line

_FILE = Path(__file__).parent / "data" / "actors.toml"
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_LEGAL = re.compile(
    r"\b(?:association|asso|assoc|ass)\b(?: (?:loi|de la loi))?(?: (?:du 1er juillet )?1901)?"
    r"|\b(?:loi|type)(?: (?:du 1er juillet )?| de )1901\b|\bloi 1901\b"
    r"|\b(?:sas|sasu|sarl|eurl|scop|scic|reconnue d utilite publique)\b"
)
_STOP = frozenset(
    [
        "le",
        "la",
        "les",
        "l",
        "un",
        "une",
        "des",
        "de",
        "du",
        "d",
        "et",
        "en",
        "a",
        "au",
        "aux",
        "pour",
        "par",
        "sur",
        "the",
        "of",
    ]
)
WRITTEN_OUT = {
    "us": "union sportive", "as": "association sportive", "fc": "football club",
    "sc": "sporting club", "ac": "athletic club", "oc": "olympique club",
    "uso": "union sportive olympique", "mjc": "maison des jeunes et de la culture",
    "cdos": "comite departemental olympique et sportif",
    "cros": "comite regional olympique et sportif",
    "ccas": "centre communal d action sociale", "cias": "centre intercommunal d action sociale",
    "oms": "office municipal des sports", "cc": "communaute de communes",
    "ca": "communaute d agglomeration", "cu": "communaute urbaine",
}  # fmt: skip
"""Acronyms of bodies and what they stand for, folded: read from short to long when words are
compared (matching.normalise), from long to short in a key."""
_SHORT = {long: short for short, long in WRITTEN_OUT.items()} | {
    "saint": "st", "sainte": "ste", "mairie": "commune", "ville": "commune",
    "municipalite": "commune", "hotel de ville": "commune", "conseil departemental": "departement",
    "conseil general": "departement", "comite departemental": "cd", "comite regional": "cr",
}  # fmt: skip
_ACRONYMS = frozenset(
    [
        "us",
        "as",
        "fc",
        "oc",
        "sc",
        "rc",
        "es",
        "ac",
        "mjc",
        "cdos",
        "cros",
        "ccas",
        "cias",
        "cc",
        "ca",
        "unss",
        "usep",
        "ugsel",
        "ufolep",
        "fsgt",
        "fscf",
        "ffsu",
        "drajes",
        "sdjes",
        "drac",
        "ars",
        "ddets",
        "dreets",
        "anct",
        "caf",
        "creps",
        "paca",
        "tpm",
        "amp",
        "nca",
        "dlva",
        "ddt",
        "ddcs",
        "rna",
        "sas",
        "sarl",
        "ape",
        "apel",
        "fcpe",
        "ufcv",
        "cemea",
        "cpie",
        "esat",
        "ime",
        "itep",
        "cfa",
        "iut",
        "lgt",
        "lpo",
        "pnr",
        "bmx",
        "vtt",
        "jo",
        "ans",
        "cnosf",
        "cpsf",
        "omcs",
        "oms",
        "hb",
        "bc",
        "vb",
        "gr",
        "rcs",
        "ess",
    ]
)
_SMALL = _STOP | {"lès", "à", "sous", "près", "ou", "sans", "avec", "dans", "chez"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    kind: ActorKind
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Another name of a body; `until` is its last day, None when it is still used."""

    name: str
    current: str
    until: date | None = None


def display_name(name: str) -> str:
    """A name as shown: one line, not shouted, acronyms kept: `US STE TULLE` → `US Ste Tulle`."""
    name = one_line(name).strip(" \"'«»,;")
    letters = [c for c in name if c.isalpha()]
    if len(letters) < 6 or sum(c.isupper() for c in letters) < 0.9 * len(letters):
        return name
    pieces = re.split(r"([\s\-'’./()]+)", name.lower())
    shown = []
    for i, piece in enumerate(pieces):
        if i % 2 or not piece or (i and piece in _SMALL):
            shown.append(piece)
        elif fold(piece) in _ACRONYMS or (len(piece) <= 5 and not re.search("[aeiouyà-ÿ]", piece)):
            shown.append(piece.upper())
        else:
            shown.append(piece[:1].upper() + piece[1:])
    return "".join(shown)


def comparison_key(name: str) -> str:
    """What two writings of one organiser share; legal forms, articles and case do not count.

    A former name gives the key of today's: `DRJSCS PACA` and `DRAJES PACA` compare equal.
    """
    key = _plain_key(name)
    alias = _aliases().get(key)
    return _plain_key(alias.current) if alias else key


def acronym(name: str) -> str:
    """The initials of the words that count: « Maison des jeunes et de la culture » → `mjc`."""
    words = _NOT_WORD.sub(" ", fold(name)).split()
    return "".join(word[0] for word in words if word not in _STOP)


def kind_of(name: str) -> ActorKind | None:
    """The nature the name itself shows, or None when it shows none (a person must say)."""
    folded = _NOT_WORD.sub(" ", fold(name)).strip()
    for rule in _rules():
        if rule.pattern.search(folded) and not (rule.unless and rule.unless.search(folded)):
            return rule.kind
    return None


def alias_of(name: str, *, on: date | None = None) -> Alias | None:
    """The alias a name is, if any; with `on`, only if the name was in use that day."""
    found = _aliases().get(_plain_key(name))
    if found and on and found.until and on > found.until:
        return None
    return found


def aliases() -> Collection[Alias]:
    """Every alias known, former names included."""
    return _aliases().values()


def _plain_key(name: str) -> str:
    words = _NOT_WORD.sub(" ", fold(name)).strip()
    words = _LEGAL.sub(" ", words)
    for long, short in _SHORT.items():
        words = re.sub(rf"\b{long}\b", short, words)
    kept = [word for word in words.split() if word not in _STOP]
    return " ".join(kept) or _NOT_WORD.sub(" ", fold(name)).strip()


@lru_cache(maxsize=1)
def _data() -> Mapping[str, list[dict[str, object]]]:
    return tomllib.loads(_FILE.read_text("utf-8"))


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            kind=ActorKind(str(one["value"])),
            pattern=_any_of(one["patterns"]),
            unless=_any_of(one["unless"]) if "unless" in one else None,
        )
        for one in _data()["kind"]
    )


def _any_of(patterns: object) -> re.Pattern[str]:
    assert isinstance(patterns, list)  # noqa: S101  the shape is tested
    # Folded names have spaces where the rules write an apostrophe as « . ».
    return re.compile("|".join(f"(?:{p})" for p in patterns))


@lru_cache(maxsize=1)
def _aliases() -> Mapping[str, Alias]:
    found: dict[str, Alias] = {}
    for one in _data()["alias"]:
        former = one["formerly"]
        assert isinstance(former, list)  # noqa: S101
        for other in former:
            alias = Alias(name=other["name"], current=str(one["name"]), until=other.get("until"))
            found[_plain_key(alias.name)] = alias
    return found
