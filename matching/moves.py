"""From groups to intents: which stored identifier each group keeps, takes back, or gets new.

A group is called what the chain called most of it; else what it is called now; else what it was
called once. So what comes back takes its own name again. Editions as initiatives.
"""

from collections.abc import Iterable, Mapping, Sequence

from domain.identifiers import NewId
from domain.intents import (
    Intent,
    JoinInitiative,
    MoveEdition,
    NewEdition,
    NewInitiative,
    PlaceMention,
    Split,
)
from domain.records import Edition, Initiative
from matching import merge
from matching.festivals import by_group
from matching.levels import Grouped
from matching.standing import Past, Place, found, places_of

Names = Mapping[int, str]
"""What each mention is in: initiatives, or editions."""
Places = Mapping[int, Place]
Groups = Mapping[int, Sequence[int]]
"""The mentions of each group."""


def moves(
    grouped: Grouped, initiatives: Sequence[Initiative], past: Past, new_id: NewId, region: str
) -> list[Intent]:
    """The intents that bring what is stored to what is grouped; none when it is there."""
    live = [one for one in initiatives if one.merged_into is None]
    merged = {one.id for one in initiatives if one.merged_into is not None}
    now, calls = places_of(live), _calls(live, past)
    ids = [m.id for m in grouped.mentions]
    age = {one.id: (one.created_at.timestamp(), one.id) for one in initiatives}
    groups = {g: [ids[i] for i in held] for g, held in by_group(grouped.initiatives).items()}
    homes = [
        ({m: i for m, (i, _) in some.items()}, {m: i for m, (i, _) in best.items()})
        for some, best in calls
    ]
    taken = _named(groups, homes, age)
    intents: list[Intent] = [Split(initiative=name) for name in sorted({*taken.values()} & merged)]
    for g in sorted(groups.keys() - taken.keys()):
        taken[g] = new_id(f"PAAT-{region}")
        intents.append(NewInitiative(initiative=taken[g]))
    made, names = _editions(grouped, live, calls, taken, new_id)
    places = {
        m: (taken[int(i)], names.get(int(e)))
        for m, i, e in zip(ids, grouped.initiatives, grouped.editions, strict=True)
    }
    placed = [
        PlaceMention(mention=m, initiative=home, edition=edition)
        for m, (home, edition) in sorted(places.items())
        if now.get(m) != (home, edition)
    ]
    return [*intents, *made, *placed, *_joined(live, places)]


def _calls(live: Sequence[Initiative], past: Past) -> list[tuple[Places, Places]]:
    """What mentions go by, the best names first: where the chain put them (at best, those it did
    not bring there by a merge), where they are, and where they were."""
    put, now = found(live, past), places_of(live)
    others = ((some, some) for some in (now, past.former, past.once))
    return [(put, {**put, **past.former}), *others]


def _named(
    groups: Groups, calls: Iterable[tuple[Names, Names]], age: Mapping[str, tuple[float, str]]
) -> dict[int, str]:
    """The id of each group: of the ids that its members go by, the first kind of them first, the
    one that most of them go by at best, then at all, then the oldest. An id is of one group."""
    taken: dict[int, str] = {}
    for names, best in calls:
        votes: dict[tuple[str, int], tuple[int, int]] = {}
        for g in groups.keys() - taken.keys():
            for m in groups[g]:
                if name := names.get(m):
                    first, held = votes.get((name, g), (0, 0))
                    votes[name, g] = first + (best.get(m) == name), held + 1
        used = {*taken.values()}
        for name, g in sorted(
            votes, key=lambda x: (*(-n for n in votes[x]), age.get(x[0], (0.0, x[0])), x[1])
        ):
            if g not in taken and name not in used:
                taken[g] = name
                used.add(name)
    return taken


def _editions(
    grouped: Grouped, live: Sequence[Initiative], calls: Sequence[tuple[Places, Places]],
    taken: Mapping[int, str], new_id: NewId,
) -> tuple[list[Intent], dict[int, str]]:  # fmt: skip
    """New editions, stored ones whose initiative or festival changed (festivals first), and the
    id of each edition group."""
    ids = [m.id for m in grouped.mentions]
    stored: dict[str, Edition] = {e.id: e for one in live for e in one.editions}
    held = by_group(grouped.editions)
    groups = {g: [ids[i] for i in some] for g, some in held.items()}
    days = {m for m, day in zip(ids, grouped.dated, strict=True) if day}
    editions = [
        ({m: e for m, (_, e) in some.items() if e},
         {m: e for m, (_, e) in best.items() if e and m in days})  # an undated one only follows
        for some, best in calls
    ]  # fmt: skip
    names = _named(groups, editions, {})
    intents: list[Intent] = []
    for g in sorted(groups, key=lambda g: (g in grouped.parents, g)):
        home = taken[int(grouped.initiatives[held[g][0]])]
        parent = names[grouped.parents[g]] if g in grouped.parents else None
        if g not in names:
            names[g] = new_id("ED")
            label = merge.edition_label([grouped.mentions[i] for i in held[g]])
            intents.append(
                NewEdition(edition=names[g], initiative=home, label=label, part_of=parent)
            )
            continue
        one = stored.get(names[g])
        if one is None or (one.initiative, one.part_of) != (home, parent):
            intents.append(MoveEdition(edition=names[g], initiative=home, part_of=parent))
    return intents, names


def _joined(
    live: Iterable[Initiative], places: Mapping[int, tuple[str, str | None]]
) -> list[Intent]:
    """Initiatives that lost every mention point to where most of theirs went."""
    kept = {home for home, _ in places.values()}
    out: list[Intent] = []
    for one in sorted(live, key=lambda o: o.id):
        went = [places[m][0] for m in one.mentions if m in places]
        if went and len(went) == len(one.mentions) and one.id not in kept:
            into = max(sorted(set(went)), key=went.count)
            out.append(JoinInitiative(initiative=one.id, into=into))
    return out
