"""No order of visits, change of host nor rotation of identifiers doubles an announcement, and two
different announcements are never joined. A small memory stands for the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.identity import Resolved, Sight, resolve, sight_of
from collectors.kinds import feed
from domain.records import RawItem, Source
from domain.statuses import Identity

OPENING = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)


@dataclass
class Memory:
    """What storage would keep of one source: key → sight, and other keys."""

    policy: Identity = Identity.GUID
    known: dict[str, Sight] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def visit(self, items: Sequence[RawItem]) -> Resolved:
        keys = {one.key: self.aliases.get(one.key, one.key) for one in items}
        by_key = {k: self.known[own].id for k, own in keys.items() if own in self.known}
        found = resolve(items, self.known.values(), by_key, policy=self.policy)
        self.policy = found.policy
        self.told += [found.why] if found.why else []
        self.aliases.update(found.aliases)
        for one in found.items:
            number = self.known[one.key].id if one.key in self.known else len(self.known) + 1
            self.known[one.key] = replace(sight_of(one), id=number)
        return found


@dataclass(frozen=True)
class Notice:
    """An announcement of the world, whatever its feed calls it."""

    number: int
    title: str
    path: str | None
    at: datetime | None


def entry(one: Notice, *, guid: str | None, host: str = "ville.example", **changes: str) -> RawItem:
    url = f"https://{host}{one.path}" if one.path else None
    key = guid or url or f"sans-{one.title}-{one.at}"
    fields = {"title": one.title, "url": url, "text": f"texte {one.number}", **changes}
    return RawItem(
        source="s", key=key, url=url, fields=fields, published_at=one.at, declared=guid or ""
    )


def notices(count: int = 6) -> list[Notice]:
    return [
        Notice(n, f"Fête du sport numéro {n}", f"/actu/{n}-fete", OPENING + timedelta(hours=n))
        for n in range(count)
    ]


def guids(world: Sequence[Notice], prefix: str = "g") -> list[RawItem]:
    return [entry(one, guid=f"{prefix}-{one.number}") for one in world]


# --- the cases sites show --------------------------------------------------------------------


def test_new_identifiers_for_the_same_addresses_are_the_same_announcements() -> None:
    memory, world = Memory(), notices()
    for visit in range(4):
        memory.visit(guids(world, f"alea{visit}"))
    assert len(memory.known) == 6
    assert memory.policy is Identity.URL
    assert memory.told == ["6 identifiants sur 6 ont changé pour les mêmes annonces"]


def test_new_identifiers_without_addresses_are_recognised_by_title_and_date() -> None:
    memory, world = Memory(), [replace(one, path=None) for one in notices()]
    for visit in range(3):
        memory.visit(guids(world, f"alea{visit}"))
    assert (len(memory.known), memory.policy) == (6, Identity.TITLE)


def test_new_identifiers_and_new_dates_at_each_visit_are_recognised_by_address() -> None:
    memory, world = Memory(), notices()
    for visit in range(3):
        now = [replace(one, at=OPENING + timedelta(days=visit)) for one in world]
        memory.visit(guids(now, f"alea{visit}"))
    assert (len(memory.known), memory.policy) == (6, Identity.URL)


def test_new_identifiers_and_new_addresses_at_each_visit_are_recognised_by_title() -> None:
    memory, world = Memory(), notices()
    for visit in range(4):
        now = [replace(one, path=f"/n/{visit}{one.number}") for one in world]
        memory.visit(guids(now, f"alea{visit}"))
    assert (len(memory.known), memory.policy) == (6, Identity.TITLE)


def test_a_site_that_changes_host_keeps_its_announcements_and_its_trust() -> None:
    memory, world = Memory(), notices()
    for host in ("ville.example", "www.ville.example", "nouvelle-ville.example"):
        memory.visit(
            [entry(one, guid=f"https://{host}/?p={one.number}", host=host) for one in world]
        )
    assert (len(memory.known), memory.policy, memory.told) == (6, Identity.GUID, [])


def test_an_edited_title_and_address_under_one_identifier_is_one_announcement() -> None:
    memory, (one, *_) = Memory(), notices()
    memory.visit(guids([one]))
    memory.visit(guids([replace(one, title="Journée olympique", path="/actu/journee")]))
    assert list(memory.known) == ["g-0"]


def test_an_identifier_lost_once_is_remembered_as_another_of_the_same() -> None:
    memory, (one, *others) = Memory(), notices()
    memory.visit(guids([one, *others]))
    memory.visit([entry(one, guid="migre"), *guids(others)])
    assert (memory.aliases, memory.policy) == ({"migre": "g-0"}, Identity.GUID)
    moved = replace(one, title="Autre titre", path="/tout/autre")
    memory.visit([entry(moved, guid="migre"), *guids(others)])
    assert len(memory.known) == 6


def test_identifiers_that_are_ranks_in_the_list_say_nothing() -> None:
    memory, world = Memory(), notices(12)
    for start in (6, 5, 3, 0):
        window = world[start : start + 6]
        memory.visit([entry(one, guid=str(rank)) for rank, one in enumerate(window)])
    assert len(memory.known) == 12
    assert memory.policy is Identity.GUID_URL
    assert {one.title for one in memory.known.values()} == {one.title for one in world}


def test_one_identifier_for_a_feed_of_one_entry_is_not_one_announcement() -> None:
    memory = Memory()
    for one in notices(4):
        other = replace(one, title=("Loto", "Belote", "Concert", "Bal")[one.number])
        memory.visit([entry(other, guid="https://ville.example/")])
    assert len(memory.known) == 4


def test_missing_and_double_identifiers_are_told() -> None:
    memory, world = Memory(), notices()
    memory.visit([entry(one, guid=None) for one in world])
    assert (memory.policy, memory.told) == (Identity.URL, ["6 annonces sur 6 sans identifiant"])
    twice = Memory()
    body = "".join(
        f"<item><guid>a</guid><title>T{n}</title><link>https://v.example/{n}</link></item>"
        for n in range(3)
    )
    source = Source(slug="s", title="S", kind="feed", url="https://v.example/flux")
    read = feed.parse(f"<rss version='2.0'><channel>{body}</channel></rss>".encode(), source)
    twice.visit([one for one in read if isinstance(one, RawItem)])
    assert (len(twice.known), twice.policy) == (3, Identity.GUID_URL)
    assert twice.told == ["3 annonces sur 3 partagent leur identifiant"]


def test_trust_lost_is_not_given_back() -> None:
    memory, world = Memory(policy=Identity.URL), notices()
    memory.visit(guids(world))
    memory.visit(guids(world))
    assert (memory.policy, len(memory.known), memory.aliases) == (Identity.URL, 6, {})


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"title": "Loto du 10 juin"}, 2),  # another number in the title
        ({"at": OPENING + timedelta(days=30)}, 2),  # next month's, at the same address
        ({"title": "Concert de Noël"}, 2),
        ({"path": "/autre-page"}, 2),  # two rooms, one title, one day
        ({}, 1),
    ],
)
def test_what_shares_only_an_address_or_a_title_is_another_announcement(
    change: dict[str, object], count: int
) -> None:
    memory = Memory()
    one = Notice(0, "Loto du 3 juin", "/agenda", OPENING)
    memory.visit([entry(one, guid="a")])
    memory.visit([entry(replace(one, **change), guid="b")])  # type: ignore[arg-type]
    assert len(memory.known) == count


# --- properties ------------------------------------------------------------------------------

HOSTS = ("ville.example", "www.ville.example", "mairie-de-gap.example")
_world = st.lists(
    st.tuples(
        st.sampled_from(["Loto", "Loto du club", "Fête du sport", "Vide-grenier", "Conseil"]),
        st.integers(1, 28),
        st.sampled_from(["own", "none", "agenda"]),
    ),
    min_size=2,
    max_size=7,
    unique=True,
)


def world_of(drawn: Sequence[tuple[str, int, str]]) -> list[Notice]:
    """Different announcements: two with one title differ by their date, as in life."""
    made, seen = [], set()
    for number, (title, day, where) in enumerate(drawn):
        if (title, day) in seen:
            continue
        seen.add((title, day))
        path = {"own": f"/actu/{number}", "none": None, "agenda": "/agenda"}[where]
        made.append(Notice(number, title, path, OPENING + timedelta(days=day)))
    return made


@settings(max_examples=100)
@given(_world, st.lists(st.permutations(range(7)), min_size=1, max_size=4), st.data())
def test_no_order_nor_host_nor_rotation_doubles_or_joins(
    drawn: list[tuple[str, int, str]], orders: list[list[int]], data: st.DataObject
) -> None:
    world, memory = world_of(drawn), Memory()
    how = data.draw(st.sampled_from(["stable", "rotating", "host"]))
    truth: dict[str, int] = {}
    for visit, order in enumerate([list(range(7)), *orders]):
        host = data.draw(st.sampled_from(HOSTS)) if how == "host" else HOSTS[0]
        shown = [world[n] for n in order if n < len(world)]
        if visit:
            shown = shown[: data.draw(st.integers(0, len(shown)))]
        given = [
            entry(
                one,
                guid={
                    "stable": f"g{one.number}",
                    "rotating": f"g{visit}-{one.number}",
                    "host": f"https://{host}/?p={one.number}",
                }[how],
                host=host,
            )
            for one in shown
        ]
        for one, item in zip(shown, memory.visit(given).items, strict=True):
            assert truth.setdefault(item.key, one.number) == one.number, "two joined"
    assert len(memory.known) == len(world), "one doubled"


@settings(max_examples=60)
@given(_world, st.lists(st.sets(st.integers(0, 6), min_size=1), min_size=1, max_size=6))
def test_trusted_identifiers_survive_any_windows_and_edits(
    drawn: list[tuple[str, int, str]], windows: list[set[int]]
) -> None:
    world, memory = world_of(drawn), Memory()
    seen: set[int] = set()
    for visit, window in enumerate(windows):
        shown = [one for one in world if one.number in window]
        edited = [replace(one, title=f"{one.title} (édition {visit})") for one in shown]
        found = memory.visit(guids(edited))
        assert [one.key for one in found.items] == [f"g-{one.number}" for one in shown]
        seen |= {one.number for one in shown}
    assert len(memory.known) == len(seen)
