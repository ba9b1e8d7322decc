"""Columns of codes that name organisers, recognised by what they hold."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from domain.identifiers import rna, siren, siret
from domain.records import Json

LOOKED_AT = 5_000  # rows
FEW, SHARE, RIGHT = 10, 0.02, 0.9
"""Codes with a right check digit: at least this many and this share of the cells, and this share
of those that look like a SIREN or a SIRET (one random number in ten is right)."""
_BODY = re.compile(r"[A-Za-z]{0,3}[-_:. ]?(\d{9}|\d{14})")
_LONGEST = 24  # characters of a code


def body_key(value: Json) -> str | None:
    """The SIREN in a code (`S423838481`, a SIRET), else the code as written: whatever it is, two
    rows that bear it are of one body."""
    text = "".join(str(value).split()).upper()
    inside = None if rna(text) else _BODY.fullmatch(text)
    return inside[1][:9] if inside and _is_right(inside[1]) else text or None


def body_column(columns: Sequence[str], rows: Iterable[Mapping[str, Json]]) -> str | None:
    """The column that names bodies (`benef_id`: `S423838481`, `N52e6c26a780e`), or None: every
    cell a code, enough of them a SIREN, a SIRET or a RNA number."""
    sample = list(islice(rows, LOOKED_AT)) if columns else []
    sure = {c: _sure([str(v) for row in sample if (v := row.get(c)) is not None]) for c in columns}
    best = max(columns, key=lambda c: sure[c], default=None)
    return best if best is not None and sure[best] else None


def _sure(cells: Sequence[str]) -> int:
    """How many of these cells are certainly bodies; 0 when they are not codes of bodies."""
    if any(len(one) > _LONGEST or " " in one.strip() for one in cells):
        return 0
    others = [one.strip() for one in cells if not rna(one)]
    numbers = [found[1] for one in others if (found := _BODY.fullmatch(one))]
    right = sum(map(_is_right, numbers))
    if right < RIGHT * len(numbers):
        return 0
    right += len(cells) - len(others)
    return right if right >= max(FEW, SHARE * len(cells)) else 0


def _is_right(digits: str) -> bool:
    return bool(siren(digits) or siret(digits))
