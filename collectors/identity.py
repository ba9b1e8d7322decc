"""Which known announcement each entry of a visit is: pure, whatever its identifier pretends.

Identifiers are trusted until what is observed refutes them, and then for ever less (Identity):

    guid      the identifier alone; a lost one is found again by address and title
    guid+url  identifiers used twice: alone they say nothing
    url       identifiers missing or new at each visit: the address, if the titles are related
    title     addresses that name nothing or change as well: title, date and place

Every pair (entry, known announcement) is ranked by its evidence and taken once, the strongest
first: an announcement is never claimed by two entries of one visit, nor an entry by two.
Only kinds whose identifiers are free text say `LOOSE_KEYS`: an API's or a table's own ids are kept.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from rapidfuzz import fuzz

from collectors.items import is_tombstone
from domain.addresses import Address, address_of
from domain.identity import likeness_mark
from domain.records import RawItem
from domain.statuses import Identity
from domain.text import fingerprint, fold
from domain.times import MONTHS

ALIKE = 90.0  # of 100: the same title, edited
MOST = 50  # known announcements compared with one entry for one reason
TOO_MANY = 0.05  # share of entries whose identifier is missing or used twice (FreshRSS #4487)
FEW = 2  # entries that must agree before a source is said to change its identifiers

_ORDER = tuple(Identity)


@dataclass(frozen=True)
class Sight:
    """What is known of an announcement: one stored, or one entry of a visit. `id` 0 = an entry."""

    key: str
    url: str | None = None
    title: str = ""
    published_at: datetime | None = None
    start: str = ""
    mark: str | None = None  # domain.identity.likeness_mark
    id: int = 0

    @cached_property
    def address(self) -> Address | None:
        return address_of(self.url)

    @cached_property
    def key_address(self) -> Address | None:
        return address_of(self.key)

    @cached_property
    def folded(self) -> str:
        return " ".join(fold(self.title).split())

    @cached_property
    def words(self) -> set[str]:
        """Those that say what it is about: not its date."""
        found = set(re.findall(r"[a-z]{4,}", self.folded))
        return found - {fold(month) for month in MONTHS}

    @cached_property
    def numbers(self) -> list[str]:
        return re.findall(r"\d+", self.folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The entries under the keys they are known by, and what was learned of the source."""

    items: tuple[RawItem, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)  # another identifier → the known key
    policy: Identity = Identity.GUID
    why: str = ""  # French, when the policy is not what it was

    @property
    def found_again(self) -> int:
        return len(self.aliases)


def sight_of(item: RawItem) -> Sight:
    """An entry of a visit, as it is compared."""
    return Sight(
        key=item.key,
        url=item.url,
        title=str(item.fields.get("title") or ""),
        published_at=item.published_at,
        start=str(item.fields.get("start") or ""),
        mark=likeness_mark(item),
    )


def resolve(
    items: Sequence[RawItem],
    known: Iterable[Sight],
    by_key: Mapping[str, int],
    *,
    policy: Identity = Identity.GUID,
    settled: Sequence[RawItem] = (),
    doubting: bool = True,
) -> Resolved:
    """Give each entry the key of the announcement it is, or a key of its own.

    `known`: stored announcements that share a key, an address or a likeness with an entry;
    `by_key`: which of them each entry's key leads to (its own key, or one it had before);
    `settled`: the other entries of the visit, known under their key with the same content;
    `doubting`: whether what the visit shows may cost its identifiers their trust.
    """
    loose = [one for one in items if not is_tombstone(one)]
    visit = _Visit(loose, known, by_key, settled)
    chosen = visit.assign(policy)
    after, why = _judged(visit, chosen, policy) if doubting else (policy, "")
    if after is not policy:
        chosen = visit.assign(after)
    named, aliases = visit.named(chosen, after)
    kept = iter(named)
    told = tuple(one if is_tombstone(one) else next(kept) for one in items)
    return Resolved(items=told, aliases=aliases, policy=after, why=why)


class _Visit:
    """The entries of one visit beside what is known. No state beyond what it was given."""

    def __init__(
        self,
        items: Sequence[RawItem],
        known: Iterable[Sight],
        by_key: Mapping[str, int],
        settled: Sequence[RawItem],
    ) -> None:
        self.items = items
        self.settled = settled
        self.by_key = by_key
        self.keys = {one.key for one in (*items, *settled)}
        here = {one.key for one in settled}
        # What an entry of this visit is already sure to be is no other entry's.
        self.known = {one.id: one for one in known if one.key not in here}
        self.sights = [sight_of(one) for one in items]
        addresses = Counter(
            address for one in (*items, *settled) if (address := address_of(one.url))
        )
        self.hosts = {one.host for one in addresses}
        # An address several entries share names none of them.
        self.own = [
            one.address if one.address and addresses[one.address] == 1 else None
            for one in self.sights
        ]
        self._by_path: dict[str, list[int]] = {}
        self._by_mark: dict[str, list[int]] = {}
        for one in self.known.values():
            for path in {place.path for place in (one.address, one.key_address) if place}:
                self._by_path.setdefault(path, []).append(one.id)
            if one.mark:
                self._by_mark.setdefault(one.mark, []).append(one.id)

    def assign(self, policy: Identity) -> dict[int, tuple[int, int]]:
        """entry number → (id of the announcement it is, rank of the evidence)."""
        pairs = sorted(
            (rank, one, number)
            for number in range(len(self.items))
            for one in self.candidates(number)
            if (rank := self._rank(number, self.known[one], policy)) is not None
        )
        chosen: dict[int, tuple[int, int]] = {}
        taken: set[int] = set()
        for rank, one, number in pairs:
            if number not in chosen and one not in taken:
                chosen[number] = (one, rank)
                taken.add(one)
        return chosen

    def candidates(self, number: int) -> set[int]:
        sight = self.sights[number]
        found = {self.by_key.get(sight.key, 0)}
        for address in (self.own[number], sight.key_address):
            found.update(self._by_path.get(address.path, ())[:MOST] if address else ())
        found.update(self._by_mark.get(sight.mark or "", ())[:MOST])
        return found & self.known.keys()

    def _rank(self, number: int, known: Sight, policy: Identity) -> int | None:
        """How strong the evidence is that they are one (0 the strongest); None = they are not."""
        sight, own = self.sights[number], self.own[number]
        same_key = self.by_key.get(sight.key) == known.id
        alike, related = _titles(sight, known)
        day = _same_day(sight, known)
        there = self.there(own, known.address)
        elsewhere = bool(own and known.address) and not there
        if same_key and alike and not elsewhere:
            return 0
        if there and alike and day is not False:
            return 1
        if same_key and (there or alike) and policy is not Identity.TITLE:
            return 2
        if self.there(sight.key_address, known.key_address) and (alike or day):
            return 3
        if sight.mark and sight.mark == known.mark and (not elsewhere or policy is Identity.TITLE):
            return 4
        if policy is Identity.URL and there and related:
            return 5
        # Edited from top to bottom, or an identifier used again for something else.
        reused = not related and day is False and not there
        return 6 if same_key and policy is Identity.GUID and not reused else None

    def there(self, one: Address | None, other: Address | None) -> bool:
        """The same page; on another host only if the site has left the former one."""
        if one is None or other is None or one.path != other.path:
            return False
        return one.host == other.host or other.host not in self.hosts

    def named(
        self, chosen: Mapping[int, tuple[int, int]], policy: Identity
    ) -> tuple[list[RawItem], dict[str, str]]:
        """The entries under their final keys, and the identifiers to remember."""
        found, aliases = [], {}
        for number, item in enumerate(self.items):
            if number in chosen:
                key = self.known[chosen[number][0]].key
                if item.key not in self.by_key and policy in (Identity.GUID, Identity.GUID_URL):
                    aliases[item.key] = key
            else:
                key = self._new_key(number)
            found.append(item if key == item.key else replace(item, key=key))
        return found, aliases

    def _new_key(self, number: int) -> str:
        """Its own key, completed when that one already names something else."""
        sight, own = self.sights[number], self.own[number]
        if sight.key not in self.by_key:
            return sight.key
        more = own.path if own else sight.mark or fingerprint(self.items[number].fields)
        return f"{sight.key[:400]}#{fingerprint(more)[:16]}"


def _judged(
    visit: _Visit, chosen: Mapping[int, tuple[int, int]], policy: Identity
) -> tuple[Identity, str]:
    """The policy this visit justifies, never more trusting than before, and why in French."""
    count = len(visit.items) + len(visit.settled)
    found = [*_declared(visit, count)]
    kept = len(visit.settled)
    kept += sum(visit.by_key.get(visit.sights[n].key) == one for n, (one, _) in chosen.items())
    lost = [n for n, (one, _) in chosen.items() if _lost(visit, n, one)]
    if len(lost) >= FEW and len(lost) > kept:
        policy_of = Identity.URL if any(visit.own[n] for n in lost) else Identity.TITLE
        why = f"{len(lost)} identifiants sur {count} ont changé pour les mêmes annonces"
        found.append((policy_of, why))
    for policy_of, twins in _twins(visit, chosen).items():
        if twins >= FEW and twins > kept + len(lost):
            why = f"{twins} annonces sur {count} reviennent sous un autre identifiant"
            found.append((policy_of, why))
    wrong = sum(
        one.key in visit.by_key and chosen.get(n, (0,))[0] != visit.by_key[one.key]
        for n, one in enumerate(visit.sights)
    )
    if wrong >= FEW or 0 < wrong == count:
        found.append((Identity.GUID_URL, f"{wrong} identifiants sur {count} ont servi deux fois"))
    worst = max(found, key=lambda one: _ORDER.index(one[0]), default=(policy, ""))
    return worst if _ORDER.index(worst[0]) > _ORDER.index(policy) else (policy, "")


def _declared(visit: _Visit, count: int) -> Iterable[tuple[Identity, str]]:
    """What the identifiers of this visit say by themselves: missing, or given twice."""
    declared = [one.declared for one in (*visit.items, *visit.settled)]
    if None in declared or not declared:
        return
    empty = sum(not one for one in declared)
    times = Counter(one for one in declared if one)
    double = sum(number for number in times.values() if number > 1)
    places = [address_of(one.url) for one in (*visit.items, *visit.settled)]
    located = len({one for one in places if one}) * 2 >= count
    if empty > TOO_MANY * count:
        policy = Identity.URL if located else Identity.TITLE
        yield policy, f"{empty} annonces sur {count} sans identifiant"
    if double > TOO_MANY * count:
        policy = Identity.GUID_URL if located else Identity.TITLE
        yield policy, f"{double} annonces sur {count} partagent leur identifiant"


def _lost(visit: _Visit, number: int, one: int) -> bool:
    """Known under an identifier this visit no longer has, which is no mere change of host."""
    sight, known = visit.sights[number], visit.known[one]
    if sight.key in visit.by_key or known.key in visit.keys:
        return False
    mine, its = sight.key_address, known.key_address
    return not (mine and its and mine.path == its.path)


def _twins(visit: _Visit, chosen: Mapping[int, tuple[int, int]]) -> dict[Identity, int]:
    """Entries nothing recognises beside known announcements with the same address and title
    (their dates change too), or the same title and date (their addresses change too)."""
    taken = {one for one, _ in chosen.values()}
    found = dict.fromkeys((Identity.URL, Identity.TITLE), 0)
    for number, sight in enumerate(visit.sights):
        if number in chosen:
            continue
        for one in sorted(visit.candidates(number) - taken):
            known = visit.known[one]
            if known.key in visit.keys:
                continue
            there = visit.there(visit.own[number], known.address) and _titles(sight, known)[0]
            if there or (sight.mark and sight.mark == known.mark):
                found[Identity.URL if there else Identity.TITLE] += 1
                taken.add(one)
                break
    return found


def _titles(one: Sight, other: Sight) -> tuple[bool, bool]:
    """(the same title or nearly, with the same numbers; with words in common)."""
    if not one.folded or not other.folded:
        return False, False
    alike = one.numbers == other.numbers and fuzz.ratio(one.folded, other.folded) >= ALIKE
    fewest = min(len(one.words), len(other.words))
    common = len(one.words & other.words)
    return alike, alike or (fewest > 0 and common * 2 >= fewest)


def _same_day(one: Sight, other: Sight) -> bool | None:
    """Whether they are of the same moment: published, else starting; None = nobody says."""
    if one.published_at and other.published_at:
        return one.published_at == other.published_at
    if one.start and other.start:
        return one.start == other.start
    return None
