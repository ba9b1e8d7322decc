"""What reviewers decide becomes a model, kept only if it is not worse, and taken back at will."""

from itertools import pairwise

import pytest

from classifiers.cold import seeds
from domain.errors import Conflict, QualityError
from domain.records import Decision, Verdict
from domain.statuses import DecisionKind, Relation
from flows import lessons, steps
from flows.house import House
from matching import score
from storage import decisions, initiatives, items, matches, mentions, sources
from tests.builders import NOW, a_raw_item, a_source


def load(house: House, texts: list[tuple[str, str]]) -> list[str]:
    """Initiatives of these (title, text), in order; their ids."""
    raw = [a_raw_item(str(n), title=title, text=text) for n, (title, text) in enumerate(texts)]
    with house.database.begin() as conn:
        sources.register(conn, [a_source()])
        items.store(conn, raw, NOW)
    steps.process(house)
    with house.database.reading() as conn:
        found = [mentions.find(conn, url=one.url)[0] for one in raw]
    return [str(one.initiative) for one in found]


def decide(house: House, initiative: str, themes: frozenset[str] | None) -> None:
    kind = DecisionKind.REJECT if themes is None else DecisionKind.APPROVE
    with house.database.begin() as conn:
        decisions.add(
            conn,
            Decision(
                initiative=initiative,
                campaign="PAAT-2024",
                kind=kind,
                by="user:anne",
                at=NOW,
                value={} if themes is None else {"themes": sorted(themes)},
            ),
        )


def taught(house: House, count: int = 30) -> list[str]:
    """A house whose reviewer agreed with the seeds."""
    chosen = [one for one in seeds() if one.themes is not None and len(one.text) > 80]
    spread = chosen[:: max(1, len(chosen) // count)][:count]
    ids = load(house, [(f"{one.id} {one.title or one.text[:60]}", one.text) for one in spread])
    for initiative, one in zip(ids, spread, strict=True):
        decide(house, initiative, one.themes)
    return ids


def test_a_few_decisions_teach_nothing_yet(house: House) -> None:
    (one,) = load(house, [("Appel à bénévoles", "La ville cherche des bénévoles.")])
    decide(house, one, frozenset({"engagement"}))
    lesson = lessons.learn_themes(house)
    assert (lesson.learned, lesson.examples) == (False, 1)


def test_decisions_make_a_version_that_proposes_and_can_be_taken_back(
    house: House,
) -> None:
    taught(house)
    first = lessons.learn_themes(house)
    assert first.learned
    assert lessons.active_model(house).version == first.version
    assert steps.process(house)["suggested"] > 0  # every proposal is made again, by the new model
    assert not lessons.learn_themes(house).learned  # nothing new to learn
    with pytest.raises(Conflict, match="cette version du modèle n'existe pas"):
        lessons.roll_back(house, "learned-000000000000")
    with pytest.raises(Conflict, match="pas de version antérieure"):
        lessons.roll_back(house)


def test_a_rejection_teaches_the_scope_and_nothing_of_themes(house: House) -> None:
    (one,) = load(house, [("Vide-grenier", "Vide-grenier de printemps sur la place.")])
    decide(house, one, None)
    (example,) = lessons.examples(house)
    assert (example.themes, example.scope, example.by) == (None, "no", "user:anne")


def test_a_decided_initiative_keeps_its_decision_whatever_the_model(
    house: House,
) -> None:
    ids = taught(house)
    lessons.learn_themes(house)
    steps.process(house)
    with house.database.reading() as conn:
        found = initiatives.get(conn, ids)
        kept = decisions.of(conn, ids)
    assert {one.status.value for one in found} == {"registered"}
    assert len(kept) == len(ids)


def test_verdicts_teach_the_matching_and_the_version_can_be_taken_back(house: House) -> None:
    twins = [(f"Forum des associations n° {n}", "Stands et bénévoles.") for n in range(60)]
    load(house, twins)
    assert not lessons.learn_matching(house).learned
    with house.database.begin() as conn:
        ids = [one.id for one in mentions.by_ids(conn, range(1, 200))]
        verdicts = [
            Verdict(a=a, b=b, relation=Relation.DIFFERENT, by="user:anne", at=NOW)
            for a, b in pairwise(ids)
        ]
        matches.add_verdicts(conn, verdicts)
    try:
        lesson = lessons.learn_matching(house)
    except QualityError:  # worse on the control set: refused, the prior stays
        assert lessons.active_matching(house).version == score.load_prior().version
        return
    assert lesson.learned
    assert lesson.examples == len(verdicts)
    assert lessons.active_matching(house).version == lesson.version
