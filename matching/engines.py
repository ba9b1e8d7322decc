"""What judges a table: announcements, names or anything else, chosen by the columns there are.

Announcements have a title with dates, venues or links; names have a name and perhaps a place;
everything else is compared column by column (Fellegi–Sunter without labels).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np

from domain.errors import ConfigError
from matching import (
    block,
    compare,
    explain,
    festivals,
    guard,
    names,
    undated,
    unknown,
    unlabelled,
    writings,
)
from matching import cards as columns
from matching.cards import Floats, Ints, text_of
from matching.cluster import Level, Link
from matching.grouping import Judged, Taught
from matching.names import NameModel, load_name_prior, names_judged_again, score_names
from matching.normalise import fold
from matching.rows import column
from matching.score import Model, features, inputs, judged_again, load_prior, score
from matching.surfaces import as_texts

DATED = frozenset(("date_start", "date_end", "ticket", "when", "occurrences"))
PLACED = frozenset(("commune", "postcode", "insee", "dep", "address", "lat"))
NAME_COLUMNS = frozenset(("title", "organiser"))
PURPOSE = re.compile(r"\b(?:objet|purpose|projet|actions?|operation|intitule|evenement)\b")
BODIES = frozenset(("rna", "siren", "siret", "dep"))
"""What French files say of associations and bodies, and of nothing else."""
READ_OF_NAMES = NAME_COLUMNS | PLACED | BODIES | {"id", "source", "year", "lon", "latlon"}
PEOPLE = re.compile(r"\b(?:prenoms?|given|first)\b")
TELLING = 0.1  # values per filled row of a column that tells rows apart
VETO, VETOED = 0.05, 0.5  # P(same) of two names under which a pair is never more than a question

UNTAUGHT = (
    "trop peu de lignes se ressemblent pour apprendre ce que vaut chaque colonne : deux lignes ne "
    "sont réunies d'office que si aucune ne les distingue ; les autres sont demandées (ask)"
)

Rows = Sequence[Mapping[str, Any]]
Mapped = Mapping[str, str]
"""Field (DESIGN §5) → column."""
Tell = Callable[[str], None]


def engine_of(mapping: Mapped) -> str:
    """events, names or unknown, from the fields there are: the purpose of a subsidy is a title
    (« Quartiers d'été 2024 »), not the name of a body; a title and a « venue » with neither day nor
    place are no event (a paper and its journal)."""
    fields = set(mapping)
    placed = "venue" in fields and fields & PLACED
    if "title" in fields and (fields & DATED or placed or PURPOSE.search(fold(mapping["title"]))):
        return "events"
    return "names" if fields & NAME_COLUMNS else "unknown"


def undescribed(rows: Rows, mapping: Mapped, aside: Collection[str | None] = ()) -> Mapped | None:
    """Another mapping, when what this one calls names are rather people, products or places: other
    columns, which the model of names does not read, tell the rows apart. None: names they are.
    `aside`: columns that do not count."""
    if engine_of(mapping) != "names" or BODIES & set(mapping):
        return None
    known = {column for name, column in mapping.items() if name in READ_OF_NAMES}
    left = [c for c in (rows[0] if rows else ()) if c not in known and c not in aside]
    if not any(_tells(column(rows, c)) for c in left):
        return None
    kept = {name: column for name, column in mapping.items() if name in ("id", "source")}
    people = PEOPLE.search(fold(mapping.get("contact", "")))
    name = next(mapping[one] for one in ("title", "organiser") if one in mapping)
    return kept if people else {**kept, "name": name}


def _tells(values: Sequence[Any]) -> bool:
    """Whether a column tells rows apart: mostly filled, with many values, and no row number."""
    filled = [text for text in as_texts(values) if text]
    varied = len(set(filled)) >= max(2, TELLING * len(filled))
    return len(filled) >= len(values) / 2 and varied and not unknown.is_noise(filled)


def judge_rows(
    rows: Rows, mapping: Mapped, *, across: str | None = None, model: Model | None = None,
    name_model: NameModel | None = None, tell: Tell = lambda _: None,
) -> Judged:  # fmt: skip
    """The candidate pairs of a table, judged by the engine its columns call for. `across`: only
    rows that differ in that column are compared. Raises ConfigError when there is nothing to
    compare."""
    engine = engine_of(mapping)
    tell("fiches")
    if engine == "events":
        return _events(rows, mapping, across, model or load_prior(), tell)
    if engine == "names":
        return _names(rows, mapping, across, name_model or load_name_prior(), tell)
    return _unknown(rows, mapping, across, tell)


def _by_field(rows: Rows, mapping: Mapped) -> Iterator[dict[str, Any]]:
    items = list(mapping.items())
    for row in rows:
        yield {name: row.get(column) for name, column in items}


def _across(rows: Rows, across: str | None, pairs: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
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


def _events(rows: Rows, mapping: Mapped, across: str | None, model: Model, tell: Tell) -> Judged:
    cards = columns.of_rows(rows, mapping)
    tell("candidats")
    proposed, odd = writings.with_crowds(cards, block.candidates(cards))
    pairs = _across(rows, across, proposed)
    tell("comparaison")
    ready = compare.prepare(cards, model.rarity)
    found = score(ready, pairs, model)

    def why(which: Ints, weighed: bool) -> list[tuple[str, ...]]:
        a, b, x = found.a[which], found.b[which], features(ready, found, which)
        if not weighed:
            return explain.texts(ready, a, b, x)
        return [tuple(r.text for r in one) for one in explain.reasons(ready, a, b, x, model.first)]

    def again(rows: Ints, relations: Ints, taught: Taught) -> Floats:
        return judged_again(ready, found, (rows, relations), cast(Model, taught))

    def teach(rows: Ints, relations: Ints) -> Taught:
        from matching import learn  # scikit-learn takes a second to load: only when needed

        aside = guard.set_aside(found.a[rows], found.b[rows])
        return learn.learn(model, learn.Examples(inputs(ready, found, rows), relations, aside))

    def parts(p: Floats, groups: tuple[Ints, Ints], said: Sequence[Link]) -> Mapping[int, int]:
        return festivals.wholes(cards, (found.a, found.b), p[:, 2], groups, said)

    def choices(editions: Ints, initiatives: Ints, told: Level) -> Mapping[int, undated.Choice]:
        return undated.choices(editions, initiatives, ~np.isnan(cards.first), cards, told)

    return Judged(
        "events", cards.n, found.a, found.b, found.p, why, again, teach, model, parts, choices, odd
    )


def _names(rows: Rows, mapping: Mapped, across: str | None, model: NameModel, tell: Tell) -> Judged:
    cards = names.of_rows(_by_field(rows, mapping))
    tell("candidats")
    pairs = _across(rows, across, names.candidates(cards))
    tell("comparaison")
    ready = names.prepare(cards)
    found = score_names(ready, pairs, model)

    def why(which: Ints, _: bool) -> list[tuple[str, ...]]:
        return [names.reasons(ready, int(found.a[k]), int(found.b[k]), found.features[k])
                for k in which.tolist()]  # fmt: skip

    def again(rows: Ints, relations: Ints, taught: Taught) -> Floats:
        return names_judged_again(cards, found, (rows, relations), cast(NameModel, taught))

    def teach(rows: Ints, relations: Ints) -> Taught:
        from matching.names import learn as learning  # scikit-learn takes a second to load

        y = np.minimum(relations, 1)
        return learning.learn_names(model, cards, found, (rows, y))

    return Judged("names", cards.n, found.a, found.b, found.p, why, again, teach, model)


def _unknown(rows: Rows, mapping: Mapped, across: str | None, tell: Tell) -> Judged:
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
    tell("candidats")
    x, y = unknown.candidates(table)
    ends = _across(rows, across, (table.order[x], table.order[y]))
    record = np.argsort(table.order)
    x, y = record[ends[0]], record[ends[1]]
    tell("comparaison")
    same, untaught = unlabelled.cautious(table, x, y, unlabelled.probabilities(table, x, y))
    a, b = np.fmin(*ends), np.fmax(*ends)
    if "name" in mapping:
        same = np.where(_name_odds(rows, mapping["name"], a, b) < VETO, np.fmin(same, VETOED), same)
    zero = np.zeros_like(same)
    p = np.stack([same, zero, zero, 1 - same], axis=1)

    def why(which: Ints, _: bool) -> list[tuple[str, ...]]:
        pairs = zip(x[which].tolist(), y[which].tolist(), strict=True)
        return [unknown.reasons(table, told, pair) for pair in pairs]

    return Judged("unknown", table.n, a, b, p, why, odd=(UNTAUGHT,) if untaught else ())


def _name_odds(rows: Rows, name: str, a: Ints, b: Ints) -> Floats:
    """P(same) of the names alone: whatever else they share, a judo club is not an aikido club. 1
    where one has no name: an absence is neutral."""
    cards = names.of_rows(_by_field(rows, {"title": name}))
    found = score_names(names.prepare(cards), (a, b), load_name_prior())
    return np.where(found.features[:, names.N["words_min"]] == 0, 1.0, found.p[:, 0])
