"""One value written in several ways: « 04 92 51 12 34 », « +33492511234 »; « 32 », « 32,00 € ».

A column is read as a whole: what is a unit or a code is seen from all its values.
"""

import re
from collections.abc import Collection

from matching import normalise

CODES = 0.9  # share of the values of a column, from which it is one of numbers and codes
_NUMBER = re.compile(r"(-?\d+)[.,](\d{1,2})")
_CODE = re.compile(r"\+?[\d\s.,/()-]*\d[\d\s./()-]*")
_MEASURE = re.compile(r"([\d\s.,]*\d)\s*([^\W\d]{1,8}|[€$£%])\.?")
"""A number and its unit."""
_ABROAD = re.compile(r"(?:00|\+)33(?:0?)(\d{9})")
_NOTHING = frozenset(("nan", "none", "null", "inf", "-inf"))


def spelt(texts: Collection[str]) -> tuple[dict[str, str], bool]:
    """What each text of a column says, written one way ("": nothing); and whether the column is
    one of numbers and codes, told by their digits."""
    plain = _without_unit({text: text.strip() for text in texts})
    told = [text for text in plain.values() if text]
    codes = sum(_CODE.fullmatch(text) is not None for text in told) > CODES * len(told)
    return {text: _code(value) if codes else _folded(value) for text, value in plain.items()}, codes


def _without_unit(texts: dict[str, str]) -> dict[str, str]:
    """Texts that are numbers without their unit, when the column knows but one."""
    measures = {
        text: found for text, value in texts.items() if (found := _MEASURE.fullmatch(value))
    }
    if len({found[2].lower() for found in measures.values()}) != 1:
        return texts
    return {text: measures[text][1] if text in measures else value for text, value in texts.items()}


def _folded(text: str) -> str:
    if number := _NUMBER.fullmatch(text):
        text = _decimal(number)
    folded = " ".join(normalise.fold(text).split())
    return "" if folded in _NOTHING else folded


def _code(text: str) -> str:
    if number := _NUMBER.fullmatch(text):
        return _decimal(number).replace(".", "")
    compact = re.sub(r"[^\d+]", "", text)
    if abroad := _ABROAD.fullmatch(compact):
        compact = abroad[1]
    digits = compact.lstrip("+")
    if _CODE.fullmatch(text):
        return digits.lstrip("0") or digits[:1]
    return _folded(text)


def _decimal(number: re.Match[str]) -> str:
    """« 119.00 » as « 119 », « 19,9 » as « 19.90 »."""
    whole, rest = number[1], number[2].ljust(2, "0")
    return whole if rest == "00" else f"{whole}.{rest}"
