"""What stands when a person answers: nothing is thought over but what the answers tear.

The chain judges all that surrounds a new announcement. A person who answers brings no news of the
others: they stay where they are (decision 0266). A group that answers tear is first cut where it
was merged, so that an answer taken back gives back what was there; what is still torn is judged.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.records import Initiative
from matching.cards import NONE, Bools, Ints
from matching.cluster import Level, Link, united

Place = tuple[str, str | None]
"""An initiative, and an edition or none."""


@dataclass(frozen=True, slots=True)
class Stood:
    """The groups of one level, each called by its lowest record: now, and before the merges."""

    now: Ints
    before: Ints


@dataclass(frozen=True, slots=True)
class Standing:
    """Where mentions stand; `parts`: a mention of a sub-event, one of its festival; `doubted`:
    pairs of which people no longer say that they belong together."""

    editions: Stood
    initiatives: Stood
    parts: Sequence[Link]
    doubted: Sequence[Link]


def stand(
    ids: Sequence[int], dated: Bools, *, initiatives: Sequence[Initiative],
    former: Mapping[int, Place], doubted: Collection[Link],
) -> Standing:  # fmt: skip
    """`former`: where mentions were before the merges that hold. An undated announcement follows
    its initiative, not its edition: it is attached anew."""
    places = places_of(initiatives)
    now = [places.get(i, (None, None)) for i in ids]
    before = [(*former.get(i, where), *where) for i, where in zip(ids, now, strict=True)]
    held = {e.id: e for one in initiatives if one.merged_into is None for e in one.editions}
    index = {m: i for i, m in enumerate(ids)}
    seen = {e: [index[m] for m in one.mentions if m in index] for e, one in held.items()}
    return Standing(
        editions=Stood(
            _labels([e if day else None for (_, e), day in zip(now, dated, strict=True)]),
            _labels([(b[1], b[3]) if b[3] and day else None
                     for b, day in zip(before, dated, strict=True)]),
        ),
        initiatives=Stood(
            _labels([home for home, _ in now]), _labels([(b[0], b[2]) if b[2] else None
                                                         for b in before])
        ),
        parts=[
            (seen[e][0], seen[one.part_of][0])
            for e, one in sorted(held.items())
            if one.part_of in seen and seen[e] and seen[one.part_of]
        ],
        doubted=[(index[a], index[b]) for a, b in doubted if a in index and b in index],
    )  # fmt: skip


def places_of(initiatives: Sequence[Initiative]) -> dict[int, Place]:
    """Where each mention is now."""
    found: dict[int, Place] = {}
    for one in initiatives:
        if one.merged_into is None:
            found |= dict.fromkeys(one.undated, (one.id, None))
            for edition in one.editions:
                found |= dict.fromkeys(edition.mentions, (one.id, edition.id))
    return found


def _labels(keys: Sequence[Hashable]) -> Ints:
    """The lowest index with the same key; its own when there is none."""
    first: dict[Hashable, int] = {}
    found = [i if key is None else first.setdefault(key, i) for i, key in enumerate(keys)]
    return np.array(found, dtype=np.int64)


def held(
    stood: Stood, base: Ints, levels: Sequence[Level], doubted: Sequence[Link]
) -> tuple[Ints, Ints]:
    """The groups to start from, and for each record the torn group it is in (NONE: it is in none).

    Groups of `base`, each called by its lowest record, stay whole.
    """
    whole, pieces = (
        united(base, [*enumerate(some.tolist())]) for some in (stood.now, stood.before)
    )
    torn = {int(whole[a]) for a, b in doubted if whole[a] == whole[b] and pieces[a] != pieces[b]}
    torn |= _torn(whole, levels)
    start = np.where(np.isin(whole, [*torn]), pieces, whole)
    start = np.where(np.isin(start, [*_torn(start, levels)]), base, start)
    return start, np.where(np.isin(whole, [*torn]), whole, NONE)


def _torn(groups: Ints, levels: Sequence[Level]) -> set[int]:
    """The groups that cannot all be obeyed as they are: what people said together would unite two
    records that they told apart."""
    found: set[int] = set()
    for level in levels:
        wholes = united(groups, level.must)
        wrong = [wholes[a] for a, b in level.cannot if wholes[a] == wholes[b]]
        found |= set(groups[np.isin(wholes, wrong)].tolist())
    return found
