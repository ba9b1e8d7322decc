"""Identifiers: ours (ULID) and the State's (RNA, SIREN, SIRET, INSEE code of a commune)."""

import re
import secrets
from collections.abc import Callable
from datetime import datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RNA = re.compile(r"W\d[A-Z0-9]\d{7}")
_COMMUNE = re.compile(r"(?:\d{2}|2[AB])\d{3}")
_LA_POSTE = "356000000"

NewId = Callable[[str], str]
"""Makes a fresh identifier with the given prefix (`PAAT-93`, `ED`)."""


def ulid(now: datetime, randomness: int | None = None) -> str:
    """26 characters, sortable by time (github.com/ulid/spec)."""
    if randomness is None:
        randomness = secrets.randbits(80)
    number = (int(now.timestamp() * 1000) << 80) | randomness
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def _luhn(digits: str) -> bool:
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def rna(text: str) -> str | None:
    """A valid RNA number (`W131000001`) or None. Source: service-public, format W + 9."""
    compact = re.sub(r"[\s.\-]", "", text).upper()
    return compact if _RNA.fullmatch(compact) else None


def siren(text: str) -> str | None:
    """Nine digits with a right Luhn key, or None (INSEE)."""
    digits = re.sub(r"[\s.\-\u00a0]", "", text)
    return (
        digits
        if len(digits) == 9 and digits.isascii() and digits.isdigit() and _luhn(digits)
        else None
    )


def siret(text: str) -> str | None:
    """Fourteen digits with a right Luhn key, or None; La Poste sums to a multiple of 5 (INSEE)."""
    digits = re.sub(r"[\s.\-\u00a0]", "", text)
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()):
        return None
    if digits.startswith(_LA_POSTE):
        return digits if sum(map(int, digits)) % 5 == 0 or _luhn(digits) else None
    return digits if _luhn(digits) else None


def commune_code(text: str) -> str | None:
    """An INSEE code of a commune in its written form (`06088`, `2A004`), or None."""
    compact = text.strip().upper()
    return compact if _COMMUNE.fullmatch(compact) else None
