"""Learning from decisions, on top of a base, without being captured."""

from dataclasses import replace

import numpy as np
import pytest

from classifiers.calibrate import folds, platt, threshold
from classifiers.cold import rules_model
from classifiers.evaluate import agreement, coverage, expected_gap, human_ceiling, predict, report
from classifiers.model import HEADS
from classifiers.ordering import Waiting, order, simulate, worth_of
from classifiers.promote import compare, relearn
from classifiers.suggest import Text, suggest
from classifiers.train import Example, checked, learn
from domain.errors import QualityError

PLACES = ["Aubagne", "Gap", "Digne", "Nice", "Toulon", "Apt", "Vence", "Orange", "Riez", "Sault"]


def _examples(word: str, slug: str | None, count: int, start: int = 0) -> list[Example]:
    """Texts the rules know nothing of: only `word` tells their theme."""
    return [
        Example(
            id=f"{word}{i}",
            title=f"{word} {PLACES[i % 10]} n° {i}",
            themes=frozenset({slug} if slug else ()),
            scope="no",
            group=f"g{(i + start) % 12}",
        )
        for i in range(count)
    ]


KNOWN = _examples("Zigouplouf", "solidarite", 40) + _examples("Bretonnade", None, 60, 3)


def _p(model, title: str) -> float:  # type: ignore[no-untyped-def]
    found = predict(model, [Example(id="x", title=title)])
    return float(found.chances[0, HEADS.index("solidarite")])


def test_a_word_the_rules_ignore_is_learned() -> None:
    base = rules_model()
    model = learn(KNOWN, base=base)
    assert _p(base, "Zigouplouf à Manosque") < 0.1
    assert _p(model, "Zigouplouf à Manosque") > 0.7
    assert _p(model, "Bretonnade à Manosque") < 0.2


def test_what_was_learned_is_shown_in_the_words_of_the_text() -> None:
    model = learn(KNOWN, base=rules_model())
    for title, said, sign in (
        ("Les grandes Zigouploufs de Gap", "« Zigouploufs » (appris)", 1),
        ("Bretonnades à Manosque, et Zigouplouf", "« Bretonnades » (appris)", -1),
    ):
        texts = [Text(id="x", title=title)]
        (found,) = suggest(texts, model=model, only_themes=True)
        solidarity = next(s for s in found if s.value == "solidarite")
        shown = {r.text: r.weight * sign > 0 for r in solidarity.reasons if r.code == "learned"}
        assert shown[said]


def test_few_examples_leave_the_rules_what_they_were() -> None:
    model = learn(KNOWN[:2] + KNOWN[-2:], base=rules_model())
    title = "Collecte de dons au profit des enfants malades"
    assert abs(_p(model, title) - _p(rules_model(), title)) < 0.1


def test_an_answer_contradicted_by_others_weighs_little() -> None:
    same = [Example(id=str(i), title="Fête", scope="no", by=f"u{i}") for i in range(3)]
    odd = Example(id="9", title="Fête", themes=frozenset({"heritage"}), scope="no", by="odd")
    others = _examples("Bretonnade", None, 10)
    kept = {e.id: e.weight for e in checked([*same, odd, *others])}
    assert kept["9"] < 0.1 * kept["0"]


def test_answers_that_mostly_contradict_each_other_are_refused() -> None:
    pairs = [
        Example(id=f"{t}{s}", title=t, themes=frozenset({s} if s else ()), scope="no")
        for t in PLACES
        for s in ("heritage", "")
    ]
    with pytest.raises(QualityError, match="contredisent une autre"):
        learn(pairs, base=rules_model())


def test_groups_are_never_split_between_folds() -> None:
    groups = [f"g{i % 7}" for i in range(50)] + ["", ""]
    fold = folds(groups)
    assert all(len({f for f, g in zip(fold, groups, strict=True) if g == one}) == 1
               for one in set(groups) - {""})  # fmt: skip
    assert set(fold) == set(range(5))


def test_overconfident_scores_are_tempered() -> None:
    odds = np.tile([4.0, 4.0, 4.0, -4.0], 50)
    wanted = np.tile([1.0, 1.0, 0.0, 0.0], 50)
    slope, shift = platt(odds, wanted, np.ones(200))
    assert 1 / (1 + np.exp(-(slope * 4 + shift))) == pytest.approx(2 / 3, abs=0.07)


def test_the_threshold_keeps_its_promise() -> None:
    chances = np.repeat([0.95, 0.7, 0.55], 100)
    wanted = np.concatenate([np.ones(95), np.zeros(5), np.ones(60), np.zeros(40), np.zeros(100)])
    assert 0.7 < threshold(chances, wanted, np.ones(300), default=0.8) <= 0.95
    assert threshold(chances[:5], wanted[:5], np.ones(5), default=0.8) == 0.8


def test_calibration_and_coverage_are_measured() -> None:
    right = np.array([True] * 8 + [False] * 2)
    assert expected_gap(np.full(10, 0.8), right) == pytest.approx(0.0)
    assert expected_gap(np.full(10, 1.0), right) == pytest.approx(0.2)
    assert coverage(np.linspace(1, 0, 10), right) == 1.0
    assert coverage(np.linspace(0, 1, 10), right) == 0.0


def test_the_human_ceiling_is_the_agreement_of_two_people() -> None:
    both, one = frozenset({"heritage"}), frozenset[str]()
    assert human_ceiling([(both, both), (both, one)])["heritage"] == pytest.approx(2 / 3, abs=1e-3)


def test_the_human_ceiling_is_read_in_a_file_two_people_answered() -> None:
    def said(by: str, place: str, *themes: str) -> Example:
        return Example(id=place, title=place, themes=frozenset(themes), by=by)

    both = [said("a", "Gap", "heritage"), said("b", "Gap", "heritage"), said("a", "Apt")]
    assert agreement([*both, said("b", "Apt", "heritage")])["heritage"] == pytest.approx(
        2 / 3, 1e-3
    )
    assert agreement([said("a", "Gap", "heritage"), said("a", "Gap", "heritage")]) == {}


def test_one_reviewer_against_the_others_does_not_capture_the_model() -> None:
    """He answers « héritage » to fifteen of the forty texts two others answered."""

    def said(by: str, count: int, *themes: str) -> list[Example]:
        return [
            replace(one, by=by, themes=frozenset(themes), id=f"{by}{one.id}")
            for one in _examples("Bretonnade", None, count)
        ]

    told = [*said("anne", 40), *said("bruno", 40), *said("contrary", 15, "heritage")]
    model = learn([*told, *_examples("Zigouplouf", "solidarite", 40)], base=rules_model())
    found = predict(model, [Example(id="x", title="Bretonnade à Manosque")])
    assert found.chances[0, HEADS.index("heritage")] < 0.15


def test_a_report_counts_right() -> None:
    found = report("m", KNOWN, predict(learn(KNOWN, base=rules_model()), KNOWN))
    score = found.scores["solidarite"]
    assert score.support == 40
    assert score.f1 > 0.9
    assert score.f1_low <= score.f1 <= score.f1_high


def test_a_better_model_is_kept_and_says_what_it_replaces() -> None:
    model = relearn(KNOWN, base=rules_model(), current=rules_model())
    assert model.about["replaces"] == rules_model().version
    gap = compare(KNOWN, predict(rules_model(), KNOWN), predict(model, KNOWN))
    assert gap.per_head["solidarite"] > 0.5


def test_a_model_worse_on_the_control_set_is_refused() -> None:
    control = [
        Example(id=str(i), title=f"Collecte de dons {p}", themes=frozenset({"solidarite"}), group=p)
        for i, p in enumerate(PLACES)
    ]
    wrong = [
        Example(
            id=f"w{i}",
            title=f"Collecte de dons {PLACES[i % 10]} {i}",
            scope="no",
            group=f"g{i}",
            weight=9,
        )
        for i in range(80)
    ]
    with pytest.raises(QualityError, match="solidarite : F1"):
        relearn(
            [*wrong, *_examples("Zigouplouf", "solidarite", 30)],
            base=rules_model(),
            current=rules_model(),
            control=control,
        )


def test_what_teaches_most_is_asked_first() -> None:
    sure, unsure = (0.01,) * 6, (0.5, *[0.01] * 5)
    waiting = [
        Waiting(id="sure", title="a", chances=sure),
        Waiting(id="unsure", title="b", chances=unsure),
    ]
    assert order(waiting) == ["unsure", "sure"]
    assert order([]) == []


def test_two_alike_texts_are_not_asked_one_after_the_other() -> None:
    unsure = (0.5, *[0.01] * 5)
    waiting = [
        Waiting(id="a", title="tournoi de sabre laser au gymnase", chances=unsure),
        Waiting(id="a2", title="tournoi de sabre laser au gymnase", chances=unsure),
        Waiting(id="b", title="chorale de printemps au lavoir au gymnase", chances=unsure),
        Waiting(id="b2", title="chorale de printemps au lavoir sabre", chances=unsure),
    ]
    assert order(waiting)[1] in ("b", "b2")


def test_a_theme_seldom_answered_is_looked_for() -> None:
    chances = np.array([[0.5, 0, 0, 0, 0, 0], [0, 0, 0, 0.5, 0, 0]])
    worth = worth_of(chances, {"engagement": 40, "heritage": 1})
    assert worth[1] > worth[0]


def test_a_simulation_ends_where_both_orders_know_everything() -> None:
    for by in ("random", "instructive"):
        path = dict(simulate(KNOWN, KNOWN, base=rules_model(), by=by, batch=50, most=100))
        assert path[100] >= path[0]
