"""Tokens → items: points in time, clock times, recurrences, bare numbers.

The grammar is a list of patterns over the string of token codes (see `vocabulary`), tried in
order at each place; every repetition is bounded or of single letters, so that no text is slow.
An item keeps the range of tokens it was read from.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from collectors.extract.french_dates.calendar import SCHOOL_HOLIDAYS
from collectors.extract.french_dates.tokens import Token


@dataclass(slots=True, kw_only=True)
class Point:
    """A point in time as written: what is absent is None until `resolve` fills it."""

    kind: str  # day month season holiday vacances schoolyear rentree year week weekend
    #            quarter nth relative
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    name: str = ""  # season, holiday, part of a month
    number: int = 0
    around: str = ""  # "week" | "weekend": the week or week-end around the day


class Rule(NamedTuple):
    """A recurrence as written. `every` weeks or months; empty `weekdays` = every day."""

    weekdays: tuple[int, ...]
    every: int = 1
    nth: tuple[int, ...] = ()  # n-th weekday of the month
    sure: bool = True  # False: « certains mercredis », no rule can be written
    habitual: bool = True  # False: bare weekdays, a rule only next to a period


class Clock(NamedTuple):
    """Minutes after midnight; 24:00 is 1440; above 10000 impossible."""

    start: int
    end: int | None


@dataclass(slots=True)
class Item:
    code: str  # P point · n bare number · T clock · E rule · Y bare year
    what: Point | Rule | Clock
    first: int
    last: int  # exclusive
    words: str = field(default="")  # the codes it was made of


_PATTERNS = (
    ("hours", r"(?<=d)N[a-]T|(?<![lMNe,])N-T"),
    ("clock", r"T(?:(?:j?a|-|,)l?T)?"),
    ("iso", r"(?:W[,gl]*)?I"),
    ("vacances", r"vh?[dlgh]*[HSM](?:[dlg]*Y(?:[,-][YN])?)?"),
    (
        "weekend",
        r"O?w[dlg]*(?:(?:W[gl]*)?NMY?(?![-a])|D(?![-a])|(?:W[dlg]*)?HY?|MY?)|[cl]?wR|cw|l?wO",
    ),
    ("week", r"s[dlg]*(?:W?NMY?|D)(?!l?[-a])|sx?N(?![-aMNe,])Y?|sR|cs|sO"),
    ("fortnight", r"[NO]Qd?MY?"),
    ("quarter", r"[NO]q[dlgui]*Y?"),
    (
        "nth",
        r"(?:E?l?[NO](?:[e,]{1,3}l?[NO]){0,5})W(?:[di]l?E?l?z|[dl]*MY?)|El?[NO](?:[e,]{1,3}l?[NO]){0,5}W",
    ),
    (
        "rule",
        r"El?W(?:[,e]{1,3}l?W){0,7}|El?[Jw]|lw(?=d?M)|U[Ww]ox|FW(?:[,e]{1,3}l?W){0,7}|dW[ja]*aW(?![,gl]*[NID])",
    ),
    ("relative", r"A|ct|W[RO](?![dl]*[zM])|cW(?![,gl]*[NDI])|[zu][RO]"),
    ("spaced", r"(?:W[,gl]*)?NNY"),
    (
        "date",
        r"(?:W[,gl]*)?NM(?:N(?:(?=[aej-]+l?W?NMN)|(?![xMhaeN-]))|,?Y|[RO])?|(?:W[,gl]*)?OM(?:,?Y)?|W[,gl]*N",
    ),
    ("numeric", r"(?:W[,gl]*)?D"),
    ("holiday", r"(?:W[dlg]*)?H[dlg]*Y?"),
    ("rentree", r"r[hd]*MY?|rh?[dlg]*Y(?:[,-][YN])?"),
    ("schoolyear", r"(?:u[dlgh]*)?Y[,-][YN](?![MNW,-])"),
    ("season", r"(?:b[-dlg]*)?S(?:[dlg]*Y(?:[,-][YN])?|R)?"),
    ("month", r"(?:b[-dlg]*)?z?d?M[dl]?Y?"),
    ("weekdays", r"W(?:[,e]{1,3}l?W){0,7}"),
    ("year", r"(?:b[-dlg]*)?(?:u[dlgh]*)?Y"),
    ("number", r"N"),
)
_GRAMMAR = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))
_FRENCH_HOURS = frozenset({"de", "entre"})


def _first(tokens: list[Token], code: str) -> Token | None:
    for token in tokens:
        if token.code == code:
            return token
    return None


def _value(tokens: list[Token], code: str) -> int | None:
    token = _first(tokens, code)
    return int(token.value) if token and isinstance(token.value, int) else None


def _plain(number: int | None) -> int | None:
    """A number without its ordinal mark (101 → 1)."""
    return number - 100 if number is not None and number > 100 else number


def _weekday(tokens: list[Token]) -> int | None:
    found = _value(tokens, "W")
    return None if found is None else found % 7


def _weekdays(tokens: list[Token]) -> tuple[int, ...]:
    return tuple(int(t.value) % 7 for t in tokens if t.code == "W" and isinstance(t.value, int))


def _part(tokens: list[Token]) -> str:
    found = _first(tokens, "b")
    return str(found.value) if found else ""


def _two_years(tokens: list[Token]) -> tuple[int, bool]:
    """First year, and whether the second one follows it (2026-2027, 2026/27)."""
    numbers = [int(t.value) for t in tokens if t.code in "YN" and isinstance(t.value, int)]
    years = [n for n in numbers if n >= 1900]
    if any(t.value == "," for t in tokens):
        return years[0], False  # « 2025, 2026 »
    if len(numbers) >= 2 and numbers[-1] < 100:
        return years[0], (years[0] + 1) % 100 == numbers[-1]
    return years[0], len(years) > 1 and years[1] == years[0] + 1


def _hours(tokens: list[Token], before: Token | None) -> Clock | None:
    start, end = _value(tokens, "N"), _value(tokens, "T")
    if start is None or end is None or start > 24:
        return None
    if tokens[1].code == "a" and (before is None or before.value not in _FRENCH_HOURS):
        return None  # « du 3 à 14h » is a day and a time, « de 14 à 18h » two times
    return Clock(start * 60, end)


def _clock(tokens: list[Token]) -> Clock:
    times = [int(t.value) for t in tokens if t.code == "T" and isinstance(t.value, int)]
    end = times[1] if len(times) > 1 else None
    if end == 0:
        end = 24 * 60  # « de 20h à minuit »
    return Clock(times[0], end)


def _numeric(tokens: list[Token]) -> Point:
    token = _first(tokens, "D")
    value = token.value if token else ()
    day, month, year = value if isinstance(value, tuple) else (None, None, None)
    return Point(
        kind="day",
        weekday=_weekday(tokens),
        day=day if isinstance(day, int) else None,
        month=month if isinstance(month, int) else None,
        year=year if isinstance(year, int) else None,
    )


def _iso(tokens: list[Token]) -> Point:
    token = _first(tokens, "I")
    digits = str(token.value).replace("-", "") if token else "00000000"
    return Point(
        kind="day",
        weekday=_weekday(tokens),
        year=int(digits[:4]),
        month=int(digits[4:6]),
        day=int(digits[6:8]),
    )


def _date(tokens: list[Token]) -> Point | None:
    rank = _value(tokens, "O")
    if rank not in (None, 1, -1):
        return None
    numbers = [int(t.value) for t in tokens if t.code == "N" and isinstance(t.value, int)]
    year = _value(tokens, "Y")
    if year is None and len(numbers) > 1:
        year = 2000 + numbers[1]  # « 12 sept. 26 »
    return Point(
        kind="day",
        weekday=_weekday(tokens),
        day=_plain(numbers[0]) if numbers else 1,  # « le premier mai »
        month=_value(tokens, "M"),
        year=year,
        number=_shift(tokens),
    )


def _shift(tokens: list[Token]) -> int:
    """1 for « prochain », −1 for « dernier », 0 for « ce »."""
    if _first(tokens, "R"):
        return 1
    return -1 if _value(tokens, "O") == -1 else 0


def _spaced(tokens: list[Token]) -> Point | None:
    """« 12 03 2027 », in form answers."""
    day, month = (int(t.value) for t in tokens if t.code == "N" and isinstance(t.value, int))
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    year = _value(tokens, "Y")
    return Point(kind="day", weekday=_weekday(tokens), day=day, month=month, year=year)


def _around(tokens: list[Token], what: str) -> Point | None:
    """The week or week-end named by a day, a holiday, a month and a rank, or the reference."""
    if _first(tokens, "H"):
        point = _holiday(tokens)
        point.around = what
        return point
    if _first(tokens, "D"):
        point = _numeric(tokens)
        point.around = what
        return point
    if _first(tokens, "N") and _first(tokens, "M"):
        point = _date(tokens) or Point(kind="day")
        point.around = what
        return point
    if _first(tokens, "N"):
        return Point(kind="week", number=_value(tokens, "N") or 0, year=_value(tokens, "Y"))
    if _first(tokens, "M"):
        rank = _value(tokens, "O")
        month = _value(tokens, "M")
        if rank is None:
            return None
        return Point(
            kind="nth",
            weekday=5,
            number=rank,
            month=month,
            year=_value(tokens, "Y"),
            around=what,
        )
    return Point(kind="relative", name=what, number=_shift(tokens))


def _nth(tokens: list[Token]) -> Point | Rule | None:
    ranks = [
        int(t.value) if t.code == "O" else int(t.value) - 100
        for t in tokens
        if t.code in "ON" and isinstance(t.value, int)
    ]
    if any(r not in (-1, 1, 2, 3, 4, 5) for r in ranks):
        return None
    weekday = _weekday(tokens)
    if weekday is None:
        return None
    if _first(tokens, "M"):
        return Point(
            kind="nth",
            weekday=weekday,
            number=ranks[0],
            month=_value(tokens, "M"),
            year=_value(tokens, "Y"),
        )
    return Rule((weekday,), nth=tuple(ranks))


def _rule(tokens: list[Token]) -> Rule:
    weekdays = _weekdays(tokens)
    head = tokens[0].code
    if head == "d":
        first, last = weekdays[0], weekdays[-1]
        return Rule(tuple((first + i) % 7 for i in range((last - first) % 7 + 1)))
    if _first(tokens, "w"):
        weekdays = (5, 6)
    if head == "U":
        return Rule(weekdays, every=2)
    return Rule(weekdays, sure=head != "F")


def _relative(tokens: list[Token]) -> Point:
    if tokens[-1].code == "t":
        return Point(kind="relative", name="day")  # « ce soir »
    if tokens[0].code == "A":
        return Point(kind="relative", name="day", number=_value(tokens, "A") or 0)
    if _first(tokens, "W"):
        shift = _shift(tokens)
        return Point(kind="relative", name="weekday", weekday=_weekday(tokens), number=shift)
    name = "month" if tokens[0].code == "z" else "year"
    return Point(kind="relative", name=name, number=_shift(tokens))


def _holiday(tokens: list[Token]) -> Point:
    found = _first(tokens, "H")
    return Point(
        kind="holiday",
        name=str(found.value) if found else "",
        weekday=_weekday(tokens),
        year=_value(tokens, "Y"),
    )


def _vacances(tokens: list[Token]) -> Point | None:
    named = _first(tokens, "H") or _first(tokens, "S")
    name = str(named.value) if named else {2: "hiver", 4: "printemps"}.get(_value(tokens, "M") or 0)
    name = {"paques": "printemps", "automne": "toussaint"}.get(name or "", name or "")
    if name not in SCHOOL_HOLIDAYS:
        return None
    year = _value(tokens, "Y")
    if year is not None and sum(t.code in "YN" for t in tokens) > 1:
        year += name in {"hiver", "printemps"}  # a school year is written: 2026-2027
    return Point(kind="vacances", name=name, year=year)


def _rentree(tokens: list[Token]) -> Point:
    if _first(tokens, "M"):
        return Point(kind="month", month=_value(tokens, "M"), year=_value(tokens, "Y"))
    return Point(kind="month", month=9, year=_value(tokens, "Y"))


def _schoolyear(tokens: list[Token]) -> Point | None:
    year, follows = _two_years(tokens)
    return Point(kind="schoolyear", year=year) if follows else None


def _season(tokens: list[Token]) -> Point:
    season = _first(tokens, "S")
    year = _value(tokens, "Y")
    if year is not None:
        year, follows = _two_years(tokens)
        if season and season.value == "hiver" and not follows:
            year -= 1  # « hiver 2027 » is the winter that ends in 2027
    name = str(season.value) if season else ""
    return Point(kind="season", name=name, year=year, number=_shift(tokens))


def _fortnight(tokens: list[Token]) -> Point | None:
    rank = _value(tokens, "O") or _plain(_value(tokens, "N"))
    if rank not in (1, 2, -1):
        return None
    half = "q1" if rank == 1 else "q2"
    return Point(kind="month", month=_value(tokens, "M"), year=_value(tokens, "Y"), name=half)


def _month(tokens: list[Token]) -> Point:
    return Point(
        kind="month", month=_value(tokens, "M"), year=_value(tokens, "Y"), name=_part(tokens)
    )


def _read(kind: str, tokens: list[Token], before: Token | None) -> Point | Rule | Clock | None:
    """What the tokens of one pattern mean; None when they mean nothing after all."""
    found: Point | Rule | Clock | None
    match kind:
        case "hours":
            found = _hours(tokens, before)
        case "clock":
            found = _clock(tokens)
        case "weekend" | "week":
            found = _around(tokens, kind)
        case "quarter":
            rank = _value(tokens, "O") or _plain(_value(tokens, "N")) or 0
            months = _value(tokens, "q") or 3
            ok = 1 <= rank <= 12 // months
            year = _value(tokens, "Y")
            found = Point(kind="quarter", number=months, day=rank, year=year) if ok else None
        case "weekdays":
            plural = any(t.code == "W" and isinstance(t.value, int) and t.value > 6 for t in tokens)
            found = Rule(_weekdays(tokens), habitual=plural)
        case "year":
            found = Point(kind="year", year=_value(tokens, "Y"), name=_part(tokens))
        case "number":
            day = _plain(_value(tokens, "N")) or 0
            found = Point(kind="day", day=day) if 1 <= day <= 31 else None
        case _:
            found = _READERS[kind](tokens)
    return found


_READERS = {
    "iso": _iso,
    "vacances": _vacances,
    "fortnight": _fortnight,
    "nth": _nth,
    "rule": _rule,
    "relative": _relative,
    "spaced": _spaced,
    "date": _date,
    "numeric": _numeric,
    "holiday": _holiday,
    "rentree": _rentree,
    "schoolyear": _schoolyear,
    "season": _season,
    "month": _month,
}


def _code(kind: str, what: Point | Rule | Clock) -> str:
    if isinstance(what, Clock):
        return "T"
    if isinstance(what, Rule):
        return "E"
    return {"number": "n", "year": "Y"}.get(kind, "P")


def _is_short_year(tokens: list[Token], last: int) -> bool:
    value = tokens[last - 1].value
    return isinstance(value, int) and 15 <= value <= 45


_TWO_YEARS = frozenset({"schoolyear", "season", "vacances", "rentree"})


def find_items(tokens: list[Token], codes: str) -> list[Item]:
    """The items of a text, in order. A pattern that means nothing is tried again one token on."""
    items: list[Item] = []
    at = 0
    while match := _GRAMMAR.search(codes, at):
        first, last = match.span()
        kind = match.lastgroup or ""
        if (
            kind == "date"
            and codes.endswith("MN", first, last)
            and not _is_short_year(tokens, last)
        ):
            last -= 1
        elif kind in _TWO_YEARS and codes[first:last].count("Y") + codes[first:last].count("N") > 1:
            if not _two_years(tokens[first:last])[1]:
                last -= 2
                kind = "year" if kind == "schoolyear" else kind
        elif kind == "clock" and "," in codes[first:last] and tokens[first + 1].value != "/":
            last = first + 1
        what = _read(kind, tokens[first:last], tokens[first - 1] if first else None)
        if what is None:
            at = first + 1
            continue
        items.append(Item(_code(kind, what), what, first, last, kind))
        at = last
    return items
