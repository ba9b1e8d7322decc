"""From judgements to intents: which mention belongs where, with identifiers that stay.

Pure: takes the new mentions with everything they touch, returns what storage must do. The same
inputs in any order give the same plan; nothing to change gives an empty one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from domain.identifiers import NewId
from domain.intents import Intent
from domain.records import Initiative, Mention, Question, Verdict
from matching import asks, block, compare, levels, sieve, standing
from matching import cards as columns
from matching.cards import Ints
from matching.compare import Prepared
from matching.moves import moves
from matching.score import Model, Scores, score
from matching.standing import Past

NOTHING = Past()
TOGETHER = 30
"""Up to this many mentions that look alike, one after the other, have all their pairs judged."""


def plan(
    mentions: Sequence[Mention], pairs: Sequence[tuple[int, int]] | None, *,
    initiatives: Sequence[Initiative], verdicts: Sequence[Verdict], model: Model, new_id: NewId,
    now: datetime, region: str, past: Past = NOTHING, asked: Sequence[Question] = (),
    read: columns.Read = columns.of_mentions,
) -> Iterator[Intent]:  # fmt: skip
    """What to do so that mentions stand where the model and people say. What is to be remembered
    comes first, while the rest is still to be thought out: it may be written meanwhile.

    `mentions`: the new ones, every candidate, every member of their initiatives. `pairs`: ids of
    candidates; None: these mentions are all there is, and are judged anew whatever their order of
    arrival, candidates found among them. `initiatives`: those touched, and those merged into them.
    `verdicts`: those standing between these mentions, people's and the machine's. `past`: where
    they were before. `asked`: the open questions about them. `read`: what makes columns of
    mentions.
    """
    if not mentions:
        return
    ordered, place, people, ready, scores = _judged(mentions, pairs, verdicts, model, read)
    yield from asks.thoughts(ordered, scores, verdicts, version=model.version, now=now)
    grouped = levels.group(ordered, ready.cards, scores, people, place)
    yield from moves(grouped, initiatives, past, new_id, region)
    yield from asks.questions(grouped, scores, verdicts, asked)


def answer(
    mentions: Sequence[Mention], pairs: Sequence[tuple[int, int]], *,
    answered: Sequence[tuple[int, int]], initiatives: Sequence[Initiative],
    verdicts: Sequence[Verdict], model: Model, new_id: NewId, region: str,
    past: Past, asked: Sequence[Question],
) -> list[Intent]:  # fmt: skip
    """What to do once a person answered of these pairs, or took an answer back: where the chain put
    mentions, and what the answers that hold (`verdicts`) make of it (matching.standing). Of the
    questions `asked` about these mentions, those still open are asked again. The rest as in `plan`.
    """
    if not mentions:
        return []
    ordered, place, people, ready, scores = _judged(mentions, pairs, verdicts, model)
    stood = standing.stand(
        [m.id for m in ordered], levels.dated(ready.cards), initiatives=initiatives, past=past,
        answered=answered,
    )  # fmt: skip
    grouped = levels.group(ordered, ready.cards, scores, people, place, stood)
    places = moves(grouped, initiatives, past, new_id, region)
    return [*places, *asks.still(grouped, asked)]


class _Judged(NamedTuple):
    """Mentions in canonical order, the place of each id there, what people said of them, and what
    is thought of their pairs."""

    mentions: tuple[Mention, ...]
    place: dict[int, int]
    people: list[Verdict]
    ready: Prepared
    scores: Scores


def _judged(
    mentions: Sequence[Mention], pairs: Sequence[tuple[int, int]] | None,
    verdicts: Sequence[Verdict], model: Model, read: columns.Read = columns.of_mentions,
) -> _Judged:  # fmt: skip
    unique = {m.id: m for m in mentions}
    ordered = tuple(sorted(unique.values(), key=lambda m: (m.source, m.key)))
    place = {m.id: i for i, m in enumerate(ordered)}
    people = [v for v in verdicts if v.by_person and v.a in place and v.b in place]
    ready = compare.prepare(read(ordered), model.rarity, own=False)
    if pairs is None:
        wanted = _afresh(ready, people, place, model)
    else:
        wanted = _wanted(pairs, verdicts, place)
    scores = score(ready, wanted, model, together=TOGETHER)
    return _Judged(ordered, place, people, ready, scores)


def _afresh(
    ready: Prepared, people: Sequence[Verdict], place: Mapping[int, int], model: Model
) -> tuple[Ints, Ints]:
    """The pairs to judge of everything: the likely candidates, and what people judged."""
    a, b = block.among(ready.cards)
    kept = sieve.open_pairs(ready, (a, b), model)
    said = np.array([sorted((place[v.a], place[v.b])) for v in people], np.int64).reshape(-1, 2)
    both = np.concatenate([np.stack([a[kept], b[kept]], axis=1), said])
    table = np.unique(both, axis=0)
    return table[:, 0], table[:, 1]


def _wanted(
    pairs: Sequence[tuple[int, int]], verdicts: Sequence[Verdict], place: Mapping[int, int]
) -> tuple[Ints, Ints]:
    """The pairs to judge: candidates, and pairs already judged."""
    found = {(place[a], place[b]) for a, b in pairs if a in place and b in place}
    found |= {(place[v.a], place[v.b]) for v in verdicts if v.a in place and v.b in place}
    ordered = sorted({(min(x), max(x)) for x in found if x[0] != x[1]})
    table = np.array(ordered, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
