"""Any table, deduplicated: rows and what their columns are → groups, pairs and reasons (DESIGN §5).

Three engines, chosen by the columns there are: announcements (a title with dates, venues or links),
names (a name with perhaps a place), and everything else (Fellegi–Sunter without labels).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, cast

import numpy as np

from domain.errors import ConfigError
from matching import block, compare, explain, names, unknown
from matching import cards as columns
from matching.cards import Floats, Ints, text_of
from matching.cluster import Link
from matching.grouping import (
    ASK,
    LEFT,
    Judged,
    Said,
    Taught,
    answered,
    decisions,
    group,
    heeded,
    questions_of,
    relation_number,
)
from matching.names_score import NameModel, load_name_prior, names_judged_again, score_names
from matching.normalise import fold
from matching.questions import Groups
from matching.rows import column, picked
from matching.score import RELATIONS, Model, judged_again, load_prior, score
from matching.surfaces import as_texts

EVENT_COLUMNS = frozenset(("date_start", "date_end", "venue", "ticket", "when", "occurrences"))
PURPOSE = re.compile(r"\b(?:objet|purpose|projet|actions?|operation|intitule|evenement)\b")
NAME_COLUMNS = frozenset(("title", "organiser"))
KEEP = 0.05
SHOWN = 3_000  # pairs whose reasons are weighed by the model; beyond, reasons come unweighed
DECISIONS = frozenset((*(r.value for r in RELATIONS), ASK))

NOTHING = np.zeros(0, dtype=np.int64)
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
    kept = picked(rows, distinct)
    tell("comparaison")
    judged = judge_rows(kept, mapping, across=across, model=model, name_model=name_model)
    said, doubled = _said(rows, mapping, verdicts, first_of)
    warnings += doubled
    p, told = heeded(judged, said)
    judged = replace(judged, p=p)
    warnings += told
    tell("regroupement")
    groups = group(judged, p, said)
    best = _best(judged, groups.cluster)
    shown, decided = _shown(judged, said, groups) if with_pairs else (NOTHING, [])
    tell("explications")
    why = judged.why(np.concatenate([shown, best[best >= 0]]))
    pairs = tuple(
        Pair(
            distinct[int(judged.a[k])],
            distinct[int(judged.b[k])],
            round(float(judged.p[k, 0]), 4),
            said_of,
            reason,
        )
        for k, said_of, reason in zip(shown.tolist(), decided, why[: len(shown)], strict=True)
    )
    scores, reasons = _per_row(judged, best, why[len(shown) :], first_of, distinct)
    back = np.array(first_of, dtype=np.int64)
    return Matches(
        engine=judged.engine,
        cluster=_numbered(groups.cluster[back]),
        series=_numbered(groups.series[back]),
        scores=scores,
        reasons=reasons,
        pairs=pairs,
        warnings=tuple(warnings),
        conflicts=tuple((distinct[a], distinct[b]) for a, b in groups.conflicts),
        candidates=len(judged.a),
    )


def _collapse(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], across: str | None
) -> tuple[list[int], list[int]]:
    """For each row the number of its distinct row, and the first row of each: a million identical
    rows cost one. The identifier does not count, nor another column where no two rows agree (a row
    number); a column that is not read does: two grants of one amount may have two holders."""
    read = {column for field, column in mapping.items() if field != "id"}
    others = (c for c in (rows[0] if rows else ()) if c not in read and c != mapping.get("id"))
    fields = sorted(
        read | ({across} if across else set()) | {c for c in others if _repeats(column(rows, c))}
    )
    known: dict[int, int] = {}
    first_of: list[int] = []
    distinct: list[int] = []
    texts = [map(str, column(rows, c)) for c in fields]
    for i, cells in enumerate(zip(*texts, strict=True) if fields else repeat((), len(rows))):
        number = known.setdefault(hash(cells), len(distinct))
        if number == len(distinct):
            distinct.append(i)
        first_of.append(number)
    return first_of, distinct


def _repeats(values: Sequence[Any]) -> bool:
    """Whether two rows agree on a column; stops at the first two."""
    seen: set[str] = set()
    for text in map(str, values):
        if text in seen:
            return True
        seen.add(text)
    return False


def engine_of(mapping: Mapping[str, str]) -> str:
    """events, names or unknown, from the fields there are: the purpose of a subsidy is a title
    (« Quartiers d'été 2024 »), not the name of a body."""
    fields = set(mapping)
    if "title" in fields and (fields & EVENT_COLUMNS or PURPOSE.search(fold(mapping["title"]))):
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
            f"colonne {across!r} là où l'une de celles-ci est attendue : {', '.join(rows[0])}",
            about="--across",
        )
    known: dict[str, int] = {}
    texts = as_texts(column(rows, across))
    values = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int64)
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

    def again(rows: Ints, relations: Ints, taught: Taught) -> Floats:
        return judged_again(ready, found, (rows, relations), cast(Model, taught))

    def teach(rows: Ints, relations: Ints) -> Taught:
        from matching import learn  # scikit-learn takes a second to load: only when needed

        return learn.learn(model, learn.Examples(found.inputs[rows], relations))

    return Judged("events", cards.n, found.a, found.b, found.p, why, again, teach, model)


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

    def again(rows: Ints, relations: Ints, taught: Taught) -> Floats:
        return names_judged_again(cards, found, (rows, relations), cast(NameModel, taught))

    def teach(rows: Ints, relations: Ints) -> Taught:
        from matching import learn_names  # scikit-learn takes a second to load

        y = np.minimum(relations, 1)
        return learn_names.learn_names(model, cards, found, (rows, y))

    return Judged("names", cards.n, found.a, found.b, found.p, why, again, teach, model)


def _unknown(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], across: str | None
) -> Judged:
    skip = {mapping.get("id"), across}
    told = [c for c in (rows[0] if rows else ()) if c not in skip]
    told = [c for c in told if not unknown.is_noise([text_of(r, c) for r in rows[:2000]])]
    table = unknown.read(rows, told)
    if not table.columns:
        raise ConfigError(
            "aucune colonne à comparer là où une au moins, aux valeurs variées, est attendue ; "
            "nommez-les avec --map COLONNE=CHAMP",
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
) -> tuple[Said, list[str]]:  # fmt: skip
    """The verdicts between distinct rows, by relation. Raises ConfigError for an unknown id or
    decision, or an id that several different rows bear."""
    place: dict[str, int] = {}
    several: set[str] = set()
    for name, number in zip(_ids(rows, mapping.get("id")), first_of, strict=True):
        if place.setdefault(name, number) != number:
            several.add(name)
    warnings = [f"{len(several)} identifiants portés par plusieurs lignes"] if several else []
    said: dict[int, list[Link]] = {k: [] for k in range(len(RELATIONS))}
    for one, two, verdict in verdicts:
        if verdict not in DECISIONS:
            raise ConfigError(
                f"décision {verdict!r} là où l'une de celles-ci est attendue : "
                f"{', '.join(sorted(DECISIONS))} ; corrigez le fichier de paires",
                about="--learn",
            )
        for name in (one, two):
            if name not in place or name in several:
                found = "aucune ligne" if name not in place else "plusieurs lignes"
                raise ConfigError(
                    f"identifiant {name!r} : {found} là où une seule est attendue ; "
                    "corrigez le fichier de paires",
                    about="--learn",
                )
        relation = relation_number(verdict)
        if relation is not None:
            said[relation].append((place[one], place[two]))
    return said, warnings


def _ids(rows: Sequence[Mapping[str, Any]], name: str | None) -> Iterable[str]:
    """How each row is called: by its id column, else by its number from 1."""
    if name is None:
        return map(str, range(1, len(rows) + 1))
    return as_texts(column(rows, name))


def _shown(judged: Judged, said: Said, groups: Groups) -> tuple[Ints, list[str]]:
    """The pairs worth writing and what is decided of each: the questions in the order to answer
    them, then the others, likeliest first. What another question settles is left out."""
    asked = questions_of(judged, judged.p, said, groups)
    decided = decisions(judged, judged.p, said, groups, asked)
    told = answered(judged, said)[0]
    keep = 1 - judged.p[:, 3] >= KEEP
    keep[told] = True
    keep[asked] = False
    rest = np.flatnonzero(keep)
    order = np.lexsort((judged.b[rest], judged.a[rest], -judged.p[rest, 0]))
    shown = [*asked.tolist(), *(k for k in rest[order].tolist() if decided[k] != LEFT)]
    return np.array(shown, dtype=np.int64), [decided[k] for k in shown]


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
