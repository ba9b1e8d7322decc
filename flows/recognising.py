"""One place where entries are recognised: read what is known, judge, keep what was learned.

`collectors.identity` judges; a source whose identifiers do not hold is told once, by the event
`paat.source.identity`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from collectors import identity as judging
from collectors.identity import Resolved, Sight
from collectors.kinds import kinds
from domain.records import RawItem, Source
from domain.statuses import FRENCH, Identity
from domain.times import french_date, paris_day
from storage import identity, outbox, sources
from storage.db import Connection
from storage.identity import Known

log = logging.getLogger(__name__)

_ASKED = {"link": Identity.URL, "title": Identity.TITLE}  # the option `key` of a feed


def recognised(
    conn: Connection, source: Source, items: Sequence[RawItem], now: datetime
) -> list[RawItem]:
    """The entries of a visit under the keys they are known by.

    Call it in the transaction that stores them: it holds the source until then.
    """
    state = sources.hold(conn, source.slug)
    policy = policy_of(source, state)
    # Trusted again by a person: the identifiers of this visit are new to us, and not a lie.
    renewed = state == sources.RENEWED
    told = judged(conn, source, items, policy=policy, doubting=not renewed)
    identity.remember(conn, source.slug, told.aliases, now)
    if renewed and items:
        sources.recognise(conn, source.slug, {})
    elif told.policy is not policy:
        _tell(conn, source, told.policy, told.why, now)
    return list(told.items)


def judged(
    conn: Connection,
    source: Source,
    items: Sequence[RawItem],
    *,
    policy: Identity,
    doubting: bool = True,
) -> Resolved:
    """The same, deciding and writing nothing."""
    if not items or not getattr(kinds()[source.kind], "LOOSE_KEYS", False):
        return Resolved(items=tuple(items), policy=policy)
    found = identity.by_keys(conn, source.slug, {one.key for one in items})
    settled = [one for one in items if _same(one, found)]
    doubtful = [one for one in items if not _same(one, found)]
    if not doubtful:
        return Resolved(items=tuple(items), policy=policy)
    near = identity.alike(conn, source.slug, doubtful)
    everyone = {one.id: one for one in (*near, *found.values())}
    told = judging.resolve(
        doubtful,
        [sight_of(one) for one in everyone.values()],
        {key: one.id for key, one in found.items()},
        policy=policy,
        settled=settled,
        doubting=doubting,
    )
    return replace(told, items=(*settled, *told.items))


def policy_of(source: Source, state: Mapping[str, str]) -> Identity:
    """By what its announcements are recognised: what it showed, or what its block asks for."""
    order = list(Identity)
    asked = _ASKED.get(str(source.options.get("key", "")), Identity.GUID)
    return max(asked, Identity(state.get("policy", Identity.GUID)), key=order.index)


def recognition(source: Source, state: Mapping[str, str]) -> str:
    """By what its announcements are recognised and why, in French."""
    by = f"annonces reconnues par {FRENCH[policy_of(source, state)]}"
    if "policy" not in state:
        return f"{by} ; rien ne l'a démenti"
    return f"{by} depuis le {french_date(_day(state))} : {state.get('why', '')}"


def _day(state: Mapping[str, str]) -> date:
    return paris_day(datetime.fromisoformat(state["since"]))


def sight_of(one: Known) -> Sight:
    return Sight(
        id=one.id,
        key=one.key,
        url=one.url,
        title=one.title,
        published_at=one.published_at,
        start=one.start,
        mark=one.likeness_mark,
    )


def _same(item: RawItem, found: Mapping[str, Known]) -> bool:
    """Known under this very key with this very content: nothing to judge."""
    known = found.get(item.key)
    return (
        known is not None and known.key == item.key and known.content_sha256 == item.content_sha256
    )


def _tell(conn: Connection, source: Source, policy: Identity, why: str, now: datetime) -> None:
    log.debug("%s: announcements are now recognised by %s (%s)", source.slug, policy, why)
    kept = {"policy": policy.value, "why": why, "since": now.isoformat()}
    sources.recognise(conn, source.slug, kept)
    told = f"ses annonces sont désormais reconnues par {FRENCH[policy]} : {why}"
    outbox.put(
        conn,
        "paat.source.identity",
        resource=source.slug,
        now=now,
        payload={"policy": policy.value, "why": told},
    )
