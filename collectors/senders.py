"""Who signs a message or an event: a body, or a person, whose name must not be shown. Pure."""

import re
from functools import lru_cache

from collectors.leftovers import filled
from domain.actors import kind_of
from domain.privacy import is_function_mailbox
from domain.records import Json
from domain.territory import region_communes
from domain.text import fold, one_line

_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def signed(name: str, address: str) -> dict[str, Json]:
    """`organiser` for a body, `contact` for a person (kept apart, masked wherever it is shown).

    A name is a person's when its own address is made of it, « Jeanne Martin <j.martin@…> », and
    nothing says that it is a club, a town or a mailbox of a service."""
    name = one_line(name).strip("\"'")
    name = "" if "@" in name else name
    field = "contact" if name and is_person(name, address) else "organiser"
    return filled(**{field: name}, email=address)


def is_person(name: str, address: str) -> bool:
    words = name.split()
    shaped = all(_WORD.fullmatch(word) and word[0].isupper() for word in words)
    if not 2 <= len(words) <= 3 or not shaped or is_function_mailbox(address):
        return False
    if kind_of(name) is not None or any(fold(word) in _places() for word in words):
        return False
    local = re.sub(r"[^a-z]", "", fold(address.partition("@")[0]))
    first, last = (re.sub(r"[^a-z]", "", fold(word)) for word in (words[0], words[-1]))
    own = {first + last, last + first, first[:1] + last, last + first[:1]}
    return bool(local) and (local in own or local.startswith((first + last, last + first)))


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    return frozenset(fold(one.name) for one in region_communes())
