"""From groups to intents: which stored identifier each group keeps, takes back, or gets new.

The stored place of a mention stays when it is right. Groups that come apart where they were merged
take their former identifiers back: `former`, where mentions were before the merges that hold.
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
from matching.standing import Place, places_of


def moves(
    grouped: Grouped, initiatives: Sequence[Initiative], former: Mapping[int, Place],
    new_id: NewId, region: str,
) -> list[Intent]:  # fmt: skip
    """The intents that bring what is stored to what is grouped; none when it is there."""
    live = [one for one in initiatives if one.merged_into is None]
    merged = [one for one in initiatives if one.merged_into is not None]
    now = places_of(live)
    ids = [m.id for m in grouped.mentions]
    age = {one.id: (one.created_at.timestamp(), one.id) for one in initiatives}
    groups = {g: [ids[i] for i in held] for g, held in by_group(grouped.initiatives).items()}
    of = {m: home for m, (home, _) in now.items()}
    was = {m: home for m, (home, _) in former.items()}
    taken = _keep(groups, of, of | was, age)
    revived = _revive(groups, taken, was, sorted(merged, key=lambda one: age[one.id]))
    intents: list[Intent] = [Split(initiative=revived[g]) for g in sorted(revived)]
    taken |= revived
    for g in sorted(groups.keys() - taken.keys()):
        taken[g] = new_id(f"PAAT-{region}")
        intents.append(NewInitiative(initiative=taken[g]))
    made, names = _editions(grouped, live, former, taken, new_id)
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


def _keep(
    groups: Mapping[int, list[int]], now: Mapping[int, str], own: Mapping[int, str],
    age: Mapping[str, tuple[float, str]],
) -> dict[int, str]:  # fmt: skip
    """Which stored id each group keeps: the one with most of the members of its `own`, then with
    most of those it has `now`, oldest first."""
    votes: dict[tuple[str, int], tuple[int, int]] = {}
    for g, members in groups.items():
        for m in members:
            if name := now.get(m):
                mine, held = votes.get((name, g), (0, 0))
                votes[name, g] = mine + (own.get(m) == name), held + 1
    order = sorted(votes, key=lambda x: (*(-n for n in votes[x]), age.get(x[0], (0.0, x[0])), x[1]))
    taken: dict[int, str] = {}
    used: set[str] = set()
    for name, g in order:
        if g not in taken and name not in used:
            taken[g] = name
            used.add(name)
    return taken


def _revive(
    groups: Mapping[int, list[int]], taken: Mapping[int, str], was: Mapping[int, str],
    merged: Iterable[Initiative],
) -> dict[int, str]:  # fmt: skip
    """Merged initiatives whose mentions stand on their own again take their old id back: those they
    had, or that they remember by the provenance of their values."""
    out: dict[int, str] = {}
    for one in merged:
        told = {v.mention for v in one.values.values()} | {m for m, i in was.items() if i == one.id}
        free = [g for g in groups if g not in taken and g not in out]
        votes = {g: sum(m in told for m in groups[g]) for g in free}
        best = max(votes, key=lambda g: (votes[g], -g), default=None)
        if best is not None and votes[best]:
            out[best] = one.id
    return out


def _editions(
    grouped: Grouped, live: Sequence[Initiative], former: Mapping[int, Place],
    taken: Mapping[int, str], new_id: NewId,
) -> tuple[list[Intent], dict[int, str]]:  # fmt: skip
    """New editions, stored ones whose initiative or festival changed (festivals first), and the
    id of each edition group."""
    ids = [m.id for m in grouped.mentions]
    stored: dict[str, Edition] = {e.id: e for one in live for e in one.editions}
    held = by_group(grouped.editions)
    groups = {g: [ids[i] for i in some] for g, some in held.items()}
    of = {m: e for m, (_, e) in places_of(live).items() if e}
    was = {m: e for m, (_, e) in former.items() if e}
    days = {m for m, day in zip(ids, grouped.dated, strict=True) if day}
    own = {m: e for m, e in (of | was).items() if m in days}  # an undated one only follows
    names = _keep(groups, of, own, {})
    for g in sorted(groups.keys() - names.keys()):
        back = sorted({was[m] for m in groups[g] if m in was} - {*names.values()})
        if back:
            names[g] = max(back, key=lambda e: sum(was.get(m) == e for m in groups[g]))
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
