"""How a value is written in a cell, the same in every tabular format."""

import re
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from domain.records import Json

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: Json) -> str:
    """A value as text: lists joined by `|`, booleans `true`/`false`, unknown empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "|".join(map(text, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def neutralised(value: Json) -> str:
    """A text no spreadsheet runs: a leading `= + - @` gets an apostrophe (OWASP, CSV injection).

    A number is left as it is: -5.2 is not a formula.
    """
    written = text(value)
    risky = not isinstance(value, int | float) and written.startswith(_FORMULA)
    return f"'{written}" if risky else written


def xml(value: str) -> str:
    """Text for XML 1.0, without the characters it forbids."""
    return escape(_NOT_XML.sub("", value))


def instant(moment: datetime) -> str:
    """`2026-11-21T08:30:00Z`: the default date-time of TableSchema."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clean(value: Json) -> Json:
    """The same data without the characters XML forbids, whatever the depth: for documents."""
    if isinstance(value, str):
        return _NOT_XML.sub("", value)
    if isinstance(value, dict):
        return {name: clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one) for one in value]
    return value
