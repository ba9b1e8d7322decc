"""Any table, deduplicated: rows and what their columns are → groups, pairs and reasons (DESIGN §5).

Three engines, chosen by the columns there are: announcements (a title with dates, venues or links),
names (a name with perhaps a place), and everything else (Fellegi–Sunter without labels).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from domain.errors import ConfigError, QualityError
from domain.statuses import Relation
from matching import block, compare, explain, names, unknown
from matching import cards as columns
from matching.cards import Floats, Ints, text_of
from matching.cluster import Link, Linkage, partition
from matching.compare import Matrix
from matching.names_score import NameModel, load_name_prior, score_names, settled
from matching.score import RELATIONS, Model, load_prior, score

EVENT_COLUMNS = frozenset(("date_start", "date_end", "venue", "ticket", "when", "occurrences"))
NAME_COLUMNS = frozenset(("title", "organiser"))
EVENT_LINKAGE = Linkage(threshold=0.6, missing=0.36)
SERIES_LINKAGE = Linkage(threshold=0.3, missing=0.27)
NAME_LINKAGE = Linkage(threshold=0.5, missing=0.3)
SURE_SAME, SURE_OTHER, SURE_DIFFERENT, KEEP = 0.975, 0.9, 0.95, 0.05
SHOWN = 3_000  # pairs whose reasons are weighed by the model; beyond, reasons come unweighed
ENOUGH = 25  # verdicts worth learning from (reference: retrain every ≥ 25)
DECISIONS = frozenset((*(r.value for r in RELATIONS), "ask"))

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows (numbers from 0) and what is thought of them. `score` is P(same)."""

    a: int
    b: int
    score: float
    decision: str  # same | other_edition | part_of | different | ask
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """What `paat match` writes: per row its groups, its score and reasons; and the pairs."""

    engine: str  # events | names | unknown
    cluster: tuple[int, ...]  # row → number of its group (0…), numbered by first row
    series: tuple[int, ...]
    scores: tuple[float | None, ...]  # None: alone
    reasons: tuple[str, ...]
    pairs: tuple[Pair, ...] = ()
    warnings: tuple[str, ...] = ()  # French
    conflicts: tuple[tuple[int, int], ...] = ()
    candidates: int = 0  # pairs compared


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidate pairs with P of RELATIONS, and how to say why."""

    engine: str
    n: int
    a: Ints
    b: Ints
    p: Floats
    why: Callable[[Ints], list[tuple[str, ...]]]
    inputs: Matrix | None = None  # what the second forest read, for learning


def match_rows(
    rows: Sequence[Mapping[str, Any]],
    mapping: Mapping[str, str],
    *,
    across: str | None = None,
    verdicts: Sequence[tuple[str, str, str]] = (),
    model: Model | None = None,
    name_model: NameModel | None = None,
    with_pairs: bool = True,
    progress: Progress | None = None,
) -> Matches:
    """Groups of rows that speak of the same thing.

    `mapping`: field (DESIGN §5) → column. `across`: only rows that differ in that column are
    compared. `verdicts`: (id, id, decision) people gave; they always win, a contradiction merges
    nothing and is listed in `conflicts`. Raises ConfigError when there is nothing to compare.
    """
    tell = progress or (lambda _: None)
    warnings: list[str] = []
    tell("lecture")
    first_of, distinct = _collapse(rows, mapping, across)
    if len(distinct) < len(rows):
        warnings.append(f"{len(rows) - len(distinct)} lignes identiques à une autre")
    kept = [rows[i] for i in distinct]
    tell("comparaison")
    judged = judge_rows(kept, mapping, across=across, model=model, name_model=name_model)
    said, doubled = _said(rows, mapping, verdicts, first_of)
    warnings += doubled
    judged, told = _learnt(judged, said, model, name_model)
    warnings += told
    tell("regroupement")
    cluster, series, conflicts = _group(judged, said)
    best = _best(judged, cluster)
    shown = _shown(judged) if with_pairs else np.zeros(0, dtype=np.int64)
    tell("explications")
    why = judged.why(np.concatenate([shown, best[best >= 0]]))
    pairs = tuple(
        _pair(judged, k, distinct, reason)
        for k, reason in zip(shown.tolist(), why[: len(shown)], strict=True)
    )
    scores, reasons = _per_row(judged, best, why[len(shown) :], first_of, distinct)
    back = np.array(first_of, dtype=np.int64)
    return Matches(
        engine=judged.engine,
        cluster=_numbered(cluster[back]),
        series=_numbered(series[back]),
        scores=scores,
        reasons=reasons,
        pairs=pairs,
        warnings=tuple(warnings),
        conflicts=tuple((distinct[a], distinct[b]) for a, b in conflicts),
        candidates=len(judged.a),
    )


def _pair(judged: Judged, k: int, distinct: Sequence[int], why: tuple[str, ...]) -> Pair:
    a, b = distinct[int(judged.a[k])], distinct[int(judged.b[k])]
    return Pair(a, b, round(float(judged.p[k, 0]), 4), decision(judged.p[k]), why)


def _collapse(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], across: str | None
) -> tuple[list[int], list[int]]:
    """For each row the number of its distinct row, and the first row of each: a million identical
    rows cost one. The identifier does not count; everything else that is read does."""
    fields = sorted({c for f, c in mapping.items() if f != "id"} | ({across} if across else set()))
    if not NAME_COLUMNS & set(mapping) and rows:
        fields = sorted(c for c in rows[0] if c != mapping.get("id"))
    known: dict[int, int] = {}
    first_of: list[int] = []
    distinct: list[int] = []
    for i, row in enumerate(rows):
        key = hash(tuple(str(row.get(c)) for c in fields))
        number = known.setdefault(key, len(distinct))
        if number == len(distinct):
            distinct.append(i)
        first_of.append(number)
    return first_of, distinct


def engine_of(mapping: Mapping[str, str]) -> str:
    """events, names or unknown, from the fields there are."""
    fields = set(mapping)
    if "title" in fields and fields & EVENT_COLUMNS:
        return "events"
    return "names" if fields & NAME_COLUMNS else "unknown"


def judge_rows(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], *, across: str | None = None,
    model: Model | None = None, name_model: NameModel | None = None,
) -> Judged:  # fmt: skip
    """The candidate pairs of a table, judged by the engine its columns call for."""
    engine = engine_of(mapping)
    if engine == "events":
        return _events(rows, mapping, across, model or load_prior())
    if engine == "names":
        return _names(rows, mapping, across, name_model or load_name_prior())
    return _unknown(rows, mapping, across)


def by_field(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The rows under the names of the fields."""
    items = list(mapping.items())
    for row in rows:
        yield {name: row.get(column) for name, column in items}


def _across(
    rows: Sequence[Mapping[str, Any]], across: str | None, pairs: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    if across is None:
        return pairs
    if rows and across not in rows[0]:
        raise ConfigError(
            f"column {across!r} where one of {', '.join(rows[0])} was expected; "
            "name a column of the table",
            about="--across",
        )
    values = np.unique([text_of(row, across) for row in rows], return_inverse=True)[1]
    keep = values[pairs[0]] != values[pairs[1]]
    return pairs[0][keep], pairs[1][keep]


def _events(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], across: str | None, model: Model
) -> Judged:
    cards = columns.of_rows(rows, mapping)
    pairs = _across(rows, across, block.candidates(cards))
    ready = compare.prepare(cards, model.rarity)
    found = score(ready, pairs, model)

    def why(which: Ints) -> list[tuple[str, ...]]:
        a, b, x = found.a[which], found.b[which], found.features[which]
        judge = model.first if len(which) <= SHOWN else None
        return [tuple(r.text for r in one) for one in explain.reasons(ready, a, b, x, judge)]

    return Judged("events", cards.n, found.a, found.b, found.p, why, found.inputs)


def _names(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], across: str | None,
    model: NameModel,
) -> Judged:  # fmt: skip
    cards = names.of_rows(by_field(rows, mapping))
    pairs = _across(rows, across, names.candidates(cards))
    ready = names.prepare(cards)
    found = score_names(ready, pairs, model)

    def why(which: Ints) -> list[tuple[str, ...]]:
        return [names.reasons(ready, int(found.a[k]), int(found.b[k]), found.features[k])
                for k in which.tolist()]  # fmt: skip

    return Judged("names", cards.n, found.a, found.b, found.p, why, found.inputs)


def _unknown(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], across: str | None
) -> Judged:
    skip = {mapping.get("id"), across}
    told = [c for c in (rows[0] if rows else ()) if c not in skip]
    told = [c for c in told if not unknown.is_noise([text_of(r, c) for r in rows[:2000]])]
    table = unknown.read(rows, told)
    if not table.columns:
        raise ConfigError(
            "no column to compare where at least one with different values was expected; "
            "name them with --map COLUMN=FIELD",
            about="match",
        )
    a, b = _across(rows, across, unknown.candidates(table))
    same = unknown.probabilities(table, a, b)
    zero = np.zeros_like(same)
    p = np.stack([same, zero, zero, 1 - same], axis=1)

    def why(which: Ints) -> list[tuple[str, ...]]:
        return [unknown.reasons(table, int(a[k]), int(b[k])) for k in which.tolist()]

    return Judged("unknown", table.n, a, b, p, why)


# --- people's verdicts ---------------------------------------------------------------------------


def _said(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str],
    verdicts: Sequence[tuple[str, str, str]], first_of: Sequence[int],
) -> tuple[dict[str, list[Link]], list[str]]:  # fmt: skip
    """The verdicts between distinct rows, by decision. Raises ConfigError for an unknown id or
    decision, or an id that several different rows bear."""
    column = mapping.get("id")
    place: dict[str, set[int]] = {}
    for i, row in enumerate(rows):
        name = text_of(row, column) if column else str(i)
        place.setdefault(name, set()).add(first_of[i])
    doubled = sum(len(where) > 1 for where in place.values())
    warnings = [f"{doubled} identifiants portés par plusieurs lignes"] if doubled else []
    said: dict[str, list[Link]] = {name: [] for name in DECISIONS}
    for one, two, verdict in verdicts:
        if verdict not in DECISIONS:
            raise ConfigError(
                f"decision {verdict!r} where one of {', '.join(sorted(DECISIONS))} was expected; "
                "correct the pairs file",
                about="--learn",
            )
        for name in (one, two):
            if len(place.get(name, ())) != 1:
                found = "no row" if name not in place else "several rows"
                raise ConfigError(
                    f"id {name!r}: {found} where one was expected; correct the pairs file",
                    about="--learn",
                )
        said[verdict].append((min(place[one]), min(place[two])))
    return said, warnings


def _learnt(
    judged: Judged, said: Mapping[str, Sequence[Link]], model: Model | None,
    name_model: NameModel | None,
) -> tuple[Judged, list[str]]:  # fmt: skip
    """The pairs judged again by a model that learnt from the verdicts, when there are enough and
    it is better; in any case the verdicts themselves hold."""
    known = {
        (min(link), max(link)): k
        for k, relation in enumerate(RELATIONS)
        for link in said[relation.value]
    }
    pairs = zip(judged.a.tolist(), judged.b.tolist(), strict=True)
    told = [(i, known[pair]) for i, pair in enumerate(pairs) if pair in known] if known else []
    if len(told) < ENOUGH or judged.inputs is None:
        return judged, []
    from matching import learn  # scikit-learn takes a second to load: only when it is needed

    rows, y = (np.array(side, dtype=np.int64) for side in zip(*told, strict=True))
    try:
        if judged.engine == "events":
            taught = learn.learn(model or load_prior(), learn.Examples(judged.inputs[rows], y))
            return replace(judged, p=taught.second.predict(judged.inputs)), []
        found = learn.Examples(judged.inputs[rows], np.minimum(y, 1))
        names_model = learn.learn_names(name_model or load_name_prior(), found)
        p = settled(judged.inputs, names_model.second.predict(judged.inputs))
        return replace(judged, p=p), []
    except QualityError as error:
        return judged, [f"verdicts appliqués, mais non appris : {error.screen}"]


def _group(
    judged: Judged, said: Mapping[str, Sequence[Link]]
) -> tuple[Ints, Ints, tuple[Link, ...]]:
    same, other, part, different = (list(said[r.value]) for r in RELATIONS)
    pairs = (judged.a, judged.b)
    event = judged.engine == "events"
    linkage = EVENT_LINKAGE if event else NAME_LINKAGE
    first = partition(
        judged.n, pairs, judged.p[:, 0], linkage=linkage, must=same, cannot=other + part + different
    )
    if not event and not other and not part:
        return first.labels, first.labels, first.conflicts
    held = [(i, int(g)) for i, g in enumerate(first.labels.tolist()) if g != i]
    second = partition(
        judged.n, pairs, 1 - judged.p[:, 3], linkage=SERIES_LINKAGE, must=held + other + part,
        cannot=different,
    )  # fmt: skip
    return first.labels, second.labels, tuple(sorted({*first.conflicts, *second.conflicts}))


def group_rows(judged: Judged) -> tuple[Ints, Ints]:
    """The groups and initiatives of judged rows, no verdict told."""
    nothing: dict[str, list[Link]] = {name: [] for name in DECISIONS}
    cluster, series, _ = _group(judged, nothing)
    return cluster, series


def decision(p: Floats) -> str:
    """What can be said without asking: `same` at a precision of 0.98, `ask` in the grey zone."""
    if p[0] >= SURE_SAME:
        return Relation.SAME.value
    if p[3] >= SURE_DIFFERENT:
        return Relation.DIFFERENT.value
    for k in (1, 2):
        if p[k] >= SURE_OTHER:
            return RELATIONS[k].value
    return "ask"


def _shown(judged: Judged) -> Ints:
    """The pairs worth writing, likeliest first."""
    keep = np.flatnonzero(1 - judged.p[:, 3] >= KEEP)
    order = np.lexsort((judged.b[keep], judged.a[keep], -judged.p[keep, 0]))
    return keep[order]


def _best(judged: Judged, cluster: Ints) -> Ints:
    """For each record the number of its best pair within its group, -1 when it is alone."""
    inside = np.flatnonzero(cluster[judged.a] == cluster[judged.b])
    best = np.full(judged.n, -1, dtype=np.int64)
    order = inside[np.lexsort((inside, judged.p[inside, 0]))]
    best[judged.a[order]] = order
    from_b = np.full(judged.n, -1, dtype=np.int64)
    from_b[judged.b[order]] = order
    score = np.append(judged.p[:, 0], -1.0)
    return np.where(score[from_b] > score[best], from_b, best)


def _per_row(
    judged: Judged, best: Ints, why: Sequence[tuple[str, ...]], first_of: Sequence[int],
    distinct: Sequence[int],
) -> tuple[tuple[float | None, ...], tuple[str, ...]]:  # fmt: skip
    told = iter(why)
    reason = ["; ".join(next(told)) if k >= 0 else "" for k in best.tolist()]
    value = [round(float(judged.p[k, 0]), 4) if k >= 0 else None for k in best.tolist()]
    count = np.bincount(first_of, minlength=len(distinct))
    for i in np.flatnonzero(count > 1).tolist():
        if value[i] is None:
            value[i], reason[i] = 1.0, "lignes identiques"
    return tuple(value[i] for i in first_of), tuple(reason[i] for i in first_of)


def _numbered(labels: Ints) -> tuple[int, ...]:
    """Groups numbered 0, 1, 2… in the order of their first row."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return tuple(rank[back].tolist())
