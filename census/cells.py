"""How a value is written in a cell, the same in every tabular format."""

from domain.records import Json

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def text(value: Json) -> str:
    """A value as text: lists joined by `|`, booleans `true`/`false`, unknown empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "|".join(map(text, value))
    return str(value)


def neutralised(value: str) -> str:
    """A text no spreadsheet runs: a leading `= + - @` gets an apostrophe (OWASP, CSV injection)."""
    return f"'{value}" if value.startswith(_FORMULA) else value
