"""What stands when a person answers: where the chain put announcements, and the answers that hold.

Every answer, given or taken back, starts again from where the chain put the announcements
concerned (`Past.moved`), and obeys the answers that hold now:
one that is taken back leaves nothing behind (decision 0283). Nothing is thought over but what the
answers tear; such a group is first cut where it was merged, and judged if it is torn still.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from domain.records import Initiative
from matching.cards import NONE, Bools, Ints
from matching.cluster import Level, Link, united

Place = tuple[str, str | None]
"""An initiative, and an edition or none."""


@dataclass(frozen=True, slots=True)
class Past:
    """Where some mentions were: `moved`, those that answers moved, where the chain had put them
    (initiative, edition, and its festival); `former`, before the merges of the chain that hold;
    `once`, in initiatives that answers emptied, where they may come back."""

    moved: Mapping[int, tuple[str, str | None, str | None]] = field(default_factory=dict)
    former: Mapping[int, Place] = field(default_factory=dict)
    once: Mapping[int, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stood:
    """The groups of one level, each called by its lowest record: as the chain found them, cut where
    they are cut now, and cut where they were merged."""

    found: Ints
    now: Ints
    before: Ints


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the chain put mentions; `parts`: a mention of a sub-event, one of its festival;
    `answered`: the pairs of the answers given or taken back now."""

    editions: Stood
    initiatives: Stood
    parts: Sequence[Link]
    answered: Sequence[Link]


def stand(
    ids: Sequence[int], dated: Bools, *, initiatives: Sequence[Initiative], past: Past,
    answered: Sequence[Link],
) -> Standing:  # fmt: skip
    """Where these mentions stand. An undated announcement follows its initiative, not its edition:
    it is attached anew."""
    places, chosen = places_of(initiatives), found(initiatives, past)
    nowhere: tuple[None, None] = (None, None)
    put = [chosen.get(i, nowhere) for i in ids]
    now = [places.get(i, nowhere) for i in ids]
    before = [past.former.get(i, where) for i, where in zip(ids, put, strict=True)]

    def stood(level: int, known: Sequence[object]) -> Stood:
        """Records of which nothing is `known` are each alone."""

        def cut(more: Sequence[Place | tuple[None, None]]) -> Ints:
            pairs = zip(known, put, more, strict=True)
            return _labels([(x[level], y[level]) if k and x[level] else None for k, x, y in pairs])

        return Stood(cut(put), cut(now), cut(before))

    index = {m: i for i, m in enumerate(ids)}
    return Standing(
        editions=stood(1, dated.tolist()),
        initiatives=stood(0, [True] * len(ids)),
        parts=_parts([edition for _, edition in put], dated, initiatives, past),
        answered=[(index[a], index[b]) for a, b in answered if a in index and b in index],
    )


def places_of(initiatives: Sequence[Initiative]) -> dict[int, Place]:
    """Where each mention is now."""
    out: dict[int, Place] = {}
    for one in initiatives:
        if one.merged_into is None:
            out |= dict.fromkeys(one.undated, (one.id, None))
            for edition in one.editions:
                out |= dict.fromkeys(edition.mentions, (one.id, edition.id))
    return out


def found(initiatives: Sequence[Initiative], past: Past) -> dict[int, Place]:
    """Where the chain put each mention."""
    return places_of(initiatives) | {m: (home, held) for m, (home, held, _) in past.moved.items()}


def _parts(
    editions: Sequence[str | None], dated: Bools, initiatives: Sequence[Initiative], past: Past
) -> list[Link]:
    """The first dated mention of each sub-event that the chain found, and that of its festival."""
    festivals = {e.id: e.part_of for one in initiatives for e in one.editions}
    festivals |= {held: festival for _, held, festival in past.moved.values() if held}
    first: dict[str, int] = {}
    for i, held in enumerate(editions):
        if held and dated[i]:
            first.setdefault(held, i)
    return [
        (first[inner], first[outer])
        for inner, outer in sorted(festivals.items())
        if inner in first and outer in first
    ]


def _labels(keys: Sequence[Hashable]) -> Ints:
    """The lowest index with the same key; its own when there is none."""
    first: dict[Hashable, int] = {}
    labels = [i if key is None else first.setdefault(key, i) for i, key in enumerate(keys)]
    return np.array(labels, dtype=np.int64)


def held(
    stood: Stood, base: Ints, levels: Sequence[Level], answered: Sequence[Link]
) -> tuple[Ints, Ints]:
    """The groups to start from, and for each record the torn group to judge again that it is in
    (NONE: it is in none). Groups of `base`, each called by its lowest record, stay whole.

    A torn group of which nothing was `answered` now stays cut as it is.
    """
    whole, now, before = (
        united(base, [*enumerate(some.tolist())]) for some in (stood.found, stood.now, stood.before)
    )
    torn = np.isin(whole, [*_torn(whole, levels)])
    fresh = np.isin(whole, whole[np.array(answered, dtype=np.int64).ravel()])
    start = np.where(torn, np.where(fresh, before, now), whole)
    wrong = np.isin(start, [*_torn(start, levels)])
    again = np.isin(whole, whole[torn & fresh | wrong])
    return np.where(wrong, base, start), np.where(again, whole, NONE)


def _torn(groups: Ints, levels: Sequence[Level]) -> set[int]:
    """The groups that cannot all be obeyed as they are: what people said together would unite two
    records that they told apart."""
    wrong: set[int] = set()
    for level in levels:
        wholes = united(groups, level.must)
        apart = [wholes[a] for a, b in level.cannot if wholes[a] == wholes[b]]
        wrong |= set(groups[np.isin(wholes, apart)].tolist())
    return wrong
