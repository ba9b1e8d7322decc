"""A text cut into tokens, one code letter each (see `vocabulary`), with their place in the text.

Besides words: N number of 1–2 digits · Y year of 4 digits · D numeric date · I ISO date ·
T clock time · X number that is no date (price, phone, postcode, « 24h/24 ») · , list mark ·
- range mark · n end of sentence or line · g glue (colon, brackets).
Every pattern is bounded: no repetition inside a repetition, so time grows with length only.
"""

import html
import re
import unicodedata
from datetime import datetime
from typing import NamedTuple

from collectors.extract.french_dates.vocabulary import ABBREVIATIONS, VOCABULARY, misspelt
from domain.times import PARIS

MAX_CHARS = 50_000  # a text longer than this is no date; the rest is not read, and said so

Value = int | str | tuple[int | str | None, ...]


class Token(NamedTuple):
    code: str
    value: Value
    start: int
    end: int


def _folding() -> dict[int, str]:
    """Character → one folded character: the length, hence every position, is kept."""
    table = {c: chr(c).lower() for c in range(ord("A"), ord("Z") + 1)}
    for c in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(c))[0].lower()
        if base.isascii() and base.isalpha():
            table[c] = base
    table.update(dict.fromkeys(map(ord, "‐‑‒–—―−→➔➜➝⇒►▶"), "-"))
    table.update(dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u3000\t\u200b"), " "))
    table.update(dict.fromkeys(map(ord, "’‘ʼ`´"), "'"))
    return table


_FOLD = _folding()
_TAG = re.compile(r"<[^<>]{0,300}>")
_SILENT = re.compile(r"https?://\S+|www\.\S+|\S{1,64}@\S{1,200}")
# Compound words become one word of the same length: their parts mean something else (midi, demain).
_COMPOUNDS = (
    ("week", re.compile(r"week[ -]end(s?)"), r"weekkend\1"),
    ("apres", re.compile(r"apres([ -])(midis?|demain)"), r"apresx\2"),
    ("aujourd", re.compile(r"aujourd'hui"), "aujourdxhui"),
)
_MONTH_AHEAD = r"(?!\s?(?:jan|fev|mars|avr|mai|jui|juil|aou|sep|oct|nov|dec)[a-z]*)"
_TOKEN = re.compile(
    r"(?P<q>[ts][1-4](?![\da-z]))|(?P<w>[a-z]+)"
    r"|(?P<X>(?<!\d)(?:\+33\s?|0)[1-9](?P<s>[ .-]?)\d\d(?:(?P=s)\d\d){3}(?!\d)"
    r"|(?:24\s?(?:h|heures)?\s?(?:/|sur)\s?24|7\s?(?:j|jours)?\s?(?:/|sur)\s?7)(?!\d|/)"
    r"|\d{1,9}(?:[.,]\d{1,3})?\s?(?:€|%|(?:euros?|eur|km|ans|m2|kg|mn|min|minutes)(?![a-z]))"
    r"|(?!20[0-4]\d[01]\d[0-3]\d(?!\d))\d{5,})"
    r"|(?P<I>(?<!\d)(?:\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d|20[0-4]\d[01]\d[0-3]\d)(?!\d)"
    r"(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?"
    r"(?:z|[+-]\d\d:?\d\d)?)?)"
    r"|(?P<D>(?<!\d)(?<!\d[./])(?:\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d\d)|(?!\d?\s?(?:jan|fev|mars|avr|mai|jui|aou|sep|oct|nov|dec)))(?!\d|/\d)"
    r"|\d{1,2}-\d{1,2}-(?:\d{4}|\d\d)(?!\d|-\d)"
    r"|\d{1,2}\.\d{1,2}\.\s?(?:\d{4}|\d\d)(?!\d|\.\d)"
    r"|\d\d\.\d\d(?=\s?(?:-|au|et)\s?\d\d\.\d\d\.)|(?<=di )\d\d\.\d\d(?!\d|\.\d|\s?h)))"
    rf"|(?P<T>(?<!\d)\d{{1,2}}\s?(?:h(?:eures?|rs?)?(?![a-z])|:(?=\d\d))(?:\s?\d\d(?!\d|\s?h|[/.:]\d){_MONTH_AHEAD})?)"
    r"|(?P<N>\d{1,4}(?:(?:\s?er|ers|eres?|emes?|nd|nde|e)(?![a-z])|[°º])?)"
    r"|(?P<p>[-,;:/&()\[\]|+~>.\n!?])"
)
_PUNCTUATION = {
    **dict.fromkeys(",;/|", ","),
    **dict.fromkeys("-~>", "-"),
    **dict.fromkeys("&+", "e"),
    **dict.fromkeys(":()[]", "g"),
    **dict.fromkeys(".\n!?", "n"),
}
_DIGITS = re.compile(r"\d+")
# Four digits after a month, unless they count something: « le 3 juin 1000 coureurs ».
_YEAR_AFTER = re.compile(r"[1-9]\d{3}(?!\d)(?!\s+(?!(?:a|au|aux|de|des|en|et|pour)\b)[a-z])")


def plain(text: str) -> str:
    """The text as it will be quoted: NFC, HTML leftovers decoded, at most MAX_CHARS."""
    text = text[:MAX_CHARS]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return text


def _silence(found: re.Match[str]) -> str:
    return "#" * (found.end() - found.start())


def fold_in_place(text: str) -> str:
    """Lower case without accents, same length; addresses of the web are hidden."""
    folded = text.translate(_FOLD)
    for mark, pattern, joined in _COMPOUNDS:
        if mark in folded:
            folded = pattern.sub(joined, folded)
    if "@" in folded or "www." in folded or "://" in folded:
        folded = _SILENT.sub(_silence, folded)
    return folded


def _number(text: str) -> tuple[str, Value]:
    digits = _DIGITS.match(text)
    number = int(digits[0]) if digits else 0
    if len(text) == 4 and text.isdigit():
        return ("Y", number) if 1900 <= number < 2100 else ("X", number)
    if number > 99:
        return "X", number
    return "N", number if text.isdigit() else number + 100  # +100: ordinal, « 1er », « 2e »


def _numeric_date(text: str) -> tuple[str, Value]:
    written = _DIGITS.findall(text)
    parts = [int(n) for n in written]
    year = None
    if len(parts) == 3:
        year = parts[2] if len(written[2]) == 4 else parts[2] + 2000  # 0001 is no 2001
    elif not (1 <= parts[0] <= 31 and 1 <= parts[1] <= 12):
        return "X", 0  # a fraction, a scale: 1/50
    return "D", (parts[0], parts[1], year)


def _time(text: str) -> tuple[str, Value]:
    parts = [int(n) for n in _DIGITS.findall(text)]
    return "T", parts[0] * 60 + (parts[1] if len(parts) > 1 else 0) + (
        10_000 if parts[0] > 24 or (len(parts) > 1 and parts[1] > 59) else 0
    )


def _iso(text: str) -> tuple[str, int | None]:
    """The Paris day of an ISO date or datetime, and its minutes after midnight."""
    try:
        instant = datetime.fromisoformat(text.upper().replace("/", "-"))
    except ValueError:
        return text[:10].replace("/", "-"), None  # an impossible day, told when it is resolved
    if instant.tzinfo is not None and 1 < instant.year < 9999:
        instant = instant.astimezone(PARIS)
    minutes = None if len(text) <= 10 else instant.hour * 60 + instant.minute
    return instant.date().isoformat(), minutes


_NUMERIC = {"N": _number, "D": _numeric_date, "T": _time}


def _word(word: str, previous: str) -> tuple[str, Value]:
    known = VOCABULARY.get(word)
    if known is None and len(word) >= 5 and (previous == "N" or word.endswith(("di", "dis"))):
        known = misspelt(word)
    return known or ("x", word)


def tokenize(text: str) -> list[Token]:
    """The tokens of a `plain` text, in order."""
    folded = fold_in_place(text)
    tokens: list[Token] = []
    add = tokens.append
    previous = ""
    value: Value
    for match in _TOKEN.finditer(folded):
        kind, found = match.lastgroup or "X", match[0]
        start, end = match.span()
        if kind == "w":
            code, value = _word(found, previous)
            if found == "des" and text[start:end].lower() == "dès":
                code = "p"
        elif kind == "q":  # « T1 2027 », « S2 2026 »
            add(Token("N", 100 + int(found[1]), start, end))
            code, value = "q", 3 if found[0] == "t" else 6
        elif kind == "p":
            code, value = _PUNCTUATION[found], found
            if found == "." and tokens and tokens[-1].value != "." and _abbreviated(folded, tokens):
                continue
        elif kind == "I":
            day, minutes = _iso(found)
            add(Token("I", day, start, end))
            code, value = ("T", minutes) if minutes is not None else ("I", day)
            if minutes is None:
                tokens.pop()
        elif kind in _NUMERIC:
            code, value = _NUMERIC[kind](found)
            if code == "X" and previous == "M" and _YEAR_AFTER.match(folded, start):
                code = "Y"  # « 3 juin 1890 », « 3 juin 3025 »: told, never read as another year
        else:
            code, value = kind, found
        add(Token(code, value, start, end))
        previous = code
    return tokens


def _abbreviated(folded: str, tokens: list[Token]) -> bool:
    last = tokens[-1]
    return last.code in "WMs" and folded[last.start : last.end] in ABBREVIATIONS
