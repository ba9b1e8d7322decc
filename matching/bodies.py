"""Whether two names may be those of one body, or of one house: what each says alone decides.

« Judo » and « aïkido », in two « Club de Gap », are two. Acronyms and départements come written in
several ways: « TC Gap » and « Tennis club de Gap », « USEP 05 » and « USEP Hautes-Alpes » have
nothing of their own. Names are sequences of folded words, as `normalise.organiser` gives them.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from domain import gazetteer
from matching.normalise import LEGAL, commune, words

Words = Sequence[str]
ALIKE = 75.0  # percent: one word, misspelt
STEM = 3  # letters that « Gap » and « gapençais » share
SHORT, LONG = 2, 6  # letters of an acronym
_LETTERS_AND_NUMBER = re.compile(r"([a-z]{2,})(\d\d)")
"""« CD06 »."""
_UNSAID = re.compile(r"\d+|[^aeiouy\d]{2}|(?=.{3,5}$).*[^aeiouy\d]{3}.*")
COUNTY = "departement"
_COUNCIL = dict.fromkeys(("cd", "departemental", "departementale"), COUNTY)


def own(one: Words, two: Words) -> tuple[set[str], set[str]]:
    """What each name says that the other does not, in any way of writing it, legal form aside."""
    mine, theirs = _written(one), _written(two)
    left = _alone(mine, theirs) - LEGAL, _alone(theirs, mine) - LEGAL
    return _of_one(left[0], left[1], theirs), _of_one(left[1], left[0], mine)


def unlike(one: Collection[str], two: Collection[str]) -> bool:
    """Whether both say something, and no word of one is one of the other's, misspelt or derived."""
    return bool(one and two) and not any(_alike(x, y) for x in one for y in two)


def akin(one: Words, two: Words) -> bool:
    """Whether two names may have anything in common: a beginning of a word, a département however
    written, or an acronym alone."""
    heads = [{word[:STEM] for word in _written(name)} for name in (one, two)]
    return min(len(one), len(two)) == 1 or not heads[0].isdisjoint(heads[1])


def forms(name: Words) -> set[str]:
    """How a name may be shortened: its first words as initials, the rest by their beginning (« jc
    gap » of « Judo club gapençais », « rcd »)."""
    told = _written(name)
    whole = range(SHORT, min(len(told), LONG) + 1)
    short = [("".join(w[0] for w in told[:k]), *(w[:STEM] for w in told[k:])) for k in whole]
    plain = (*told[:1], *(w[:STEM] for w in told[1:]))
    return {" ".join(one) for one in (plain, *short) if len("".join(one)) >= STEM}


def two_acronyms(one: Collection[str], two: Collection[str]) -> bool:
    """Whether what each name says alone is an acronym (« ascv », « ascb »), a few letters that
    nobody says together, or a number. « ball » cut short is none."""
    short, long = sorted(("".join(one), "".join(two)), key=len)
    cut = long.startswith(short) and not long.isdigit()
    told = len(one) == len(two) == 1 and not cut
    return told and all(map(_UNSAID.fullmatch, (short, long)))


def two_departments(one: Words, two: Words) -> bool:
    """Whether both name a département, by number or by name, and not the same."""
    told = [_departments(_written(name)) for name in (one, two)]
    return bool(told[0] and told[1]) and not told[0] & told[1]


def two_towns(one: Words, two: Words) -> bool:
    """Whether both name a commune of the region, and not the same."""
    told = [_towns(name) for name in (one, two)]
    return bool(told[0] and told[1]) and not told[0] & told[1]


def _written(name: Words) -> Words:
    """The words of a name, a département always by its name."""
    return _read(tuple(name))


@lru_cache(maxsize=100_000)  # a name is met with many others
def _read(name: tuple[str, ...]) -> tuple[str, ...]:
    out: list[str] = []
    for word in name:
        found = _LETTERS_AND_NUMBER.fullmatch(word)
        for part in found.groups() if found else (word,):
            out += _names().get(part) or (_COUNCIL.get(part, part),)
    return tuple(out)


def _alone(one: Words, two: Words) -> set[str]:
    """The words of one that two does not say: neither spelt out nor as initials."""
    mine, theirs = ("".join(word[0] for word in name) for name in (one, two))
    covered = {*two}
    for word in two:
        start = mine.find(word) if SHORT <= len(word) <= LONG else -1
        if start >= 0:
            covered.update(one[start : start + len(word)])
    return {w for w in one if w not in covered and not (SHORT <= len(w) <= LONG and w in theirs)}


def _of_one(mine: set[str], theirs: set[str], other: Words) -> set[str]:
    """Mine, without « départemental » where the other names its département, and the other way
    round (« Comité départemental de voile », « Voile 83 »)."""
    if COUNTY in mine and _departments(other):
        return mine - {COUNTY}
    return mine - _of_departments() if COUNTY in theirs else mine


@lru_cache(maxsize=1)
def _of_departments() -> frozenset[str]:
    return frozenset(word for name in _names().values() for word in name)


def _alike(one: str, two: str) -> bool:
    short = min(len(one), len(two)) == STEM and one[:STEM] == two[:STEM]
    return short or fuzz.ratio(one, two) >= ALIKE


def _departments(name: Words) -> frozenset[str]:
    return _named(f" {' '.join(name)} ")


@lru_cache(maxsize=100_000)
def _named(told: str) -> frozenset[str]:
    return frozenset(code for code, known in _spaced() if known in told)


@lru_cache(maxsize=1)
def _spaced() -> tuple[tuple[str, str], ...]:
    """The name of each département between spaces, by number."""
    return tuple((code, f" {' '.join(known)} ") for code, known in _names().items())


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, ...]]:
    """The words of each département's name, by number."""
    names = gazetteer.departments()
    return {code: words(name) for code, name in names.items() if len(code) == 2}


def _towns(name: Words) -> set[tuple[str, ...]]:
    said = {*name}
    return {town for word in said for town in _communes().get(word, ()) if said.issuperset(town)}


@lru_cache(maxsize=1)
def _communes() -> dict[str, list[tuple[str, ...]]]:
    """The communes of the region as words, by their first one."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for one in gazetteer.shipped():
        town = words(commune(one.name))
        if town:
            found.setdefault(town[0], []).append(town)
    return found
