"""Raw items, one by one: a poison item is put aside with its payload, the others go on."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from domain.errors import Unreadable
from domain.records import Json, Quarantined, RawItem, Source
from domain.statuses import EventStatus
from domain.text import fingerprint

logger = logging.getLogger(__name__)

Found = RawItem | Quarantined
"""What a kind yields: an announcement, or one it could not read, kept with its payload."""

T = TypeVar("T")

PAYLOAD_CHARACTERS = 20_000

WITHDRAWN = "retirée par sa source"
"""The tag of an announcement its source took back: kept, and cancelled."""


def read_each(
    payloads: Iterable[T],
    source: Source,
    *,
    read: Callable[[T], RawItem | Iterable[Found] | None],
    key: Callable[[T], str] = lambda payload: fingerprint(repr(payload))[:16],
) -> list[Found]:
    """`read` on each payload; one that fails becomes a Quarantined, the rest goes on.

    `read` returns an item, several, or None for what is not an announcement.
    """
    found: list[Found] = []
    for payload in payloads:
        try:
            one = read(payload)
            if isinstance(one, RawItem):
                found.append(one)
            elif one is not None:
                found.extend(one)
        # One of the two places of the house where everything is caught: an item must not
        # take its neighbours with it, whatever a parser raises on it.
        except Exception as error:  # noqa: BLE001
            logger.warning("%s: item put aside: %r", source.slug, error)
            found.append(put_aside(source, _key(payload, key), error, payload=payload))
    return found


def put_aside(source: Source, key: str, error: Exception, *, payload: object) -> Quarantined:
    """The quarantine entry of an item, with a reason in French and a payload JSON accepts."""
    why = (
        error.message
        if isinstance(error, Unreadable)
        else f"cette annonce n'a pas pu être lue ({type(error).__name__} : {error})"
    )
    return Quarantined(source=source.slug, key=key, why=why[:500], payload=as_json(payload))


def tombstone(source: Source, key: str) -> RawItem:
    """What a source says of an announcement it withdrew: laid over what it said before, it keeps
    title, date and place (flows.visiting). Only a source that says so makes one: a page that
    vanished is no tombstone (docs/decisions/0110)."""
    fields = {"status": EventStatus.CANCELLED.value, "tags": [WITHDRAWN]}
    return RawItem(source=source.slug, key=key, fields=fields)


def is_tombstone(item: RawItem) -> bool:
    """Whether an item says nothing but that it was withdrawn."""
    fields = item.fields
    return fields.get("status") == EventStatus.CANCELLED and not (
        fields.get("title") or fields.get("text") or fields.get("html")
    )


def _key(payload: T, key: Callable[[T], str]) -> str:
    try:
        return key(payload)
    except (AttributeError, KeyError, TypeError, ValueError):
        return fingerprint(repr(payload))[:16]


def as_json(value: object) -> Json:
    """The payload as JSON: mappings and lists kept, the rest as text, bounded."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return value[:PAYLOAD_CHARACTERS].decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in list(value.items())[:500]}
    if isinstance(value, list | tuple):
        return [as_json(v) for v in value[:500]]
    return str(value)[:PAYLOAD_CHARACTERS]
