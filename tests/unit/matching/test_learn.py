"""Learning from people: better on what they say, refused when worse."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from domain.errors import ConfigError, QualityError
from domain.records import Mention, When, Where, Who
from domain.statuses import Precision, Relation
from matching import forest, guard, learn, names, prior
from matching.evaluate import evaluate
from matching.learn import Examples
from matching.names import learn as learn_names
from matching.names import prior as prior_names
from matching.names import score as names_score
from matching.score import Model, dump, in_use, load_prior
from matching.telling import french


@pytest.fixture(autouse=True)
def small_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "WORLD", 120)
    monkeypatch.setattr(learn, "REPLAY_SEEDS", learn.REPLAY_SEEDS[:1])
    monkeypatch.setattr(learn_names, "REPLAY_SEEDS", learn.REPLAY_SEEDS[:1])


def stage(number: int, town: str, *, extra: str = "") -> Mention:
    day = date(2024, 5, 1 + number % 20)
    return Mention(
        id=number, source=f"s{number % 3}", key=str(number), title=f"Stage multisports{extra}",
        when=When(starts_on=day, ends_on=day, precision=Precision.DAY),
        where=Where(commune_name=town), who=Who(name="Office des sports"),
    )  # fmt: skip


def verdicts() -> list[tuple[Mention, Mention, Relation]]:
    """Reviewers who call « stage » and « stage, complet » of one town two different things."""
    out = []
    for i in range(40):
        town = f"Commune{i}"
        a, b = stage(2 * i, town), stage(2 * i + 1, town, extra=" vacances")
        out.append((a, replace(b, when=a.when), Relation.DIFFERENT))
    return out


def test_examples_leave_out_what_nobody_could_tell() -> None:
    told = verdicts()[:3]
    unsure = [*told, (stage(900, "Gap"), stage(901, "Gap"), Relation.UNSURE)]
    assert learn.examples(unsure, load_prior()).y.tolist() == [3, 3, 3]


def test_a_model_follows_its_reviewers() -> None:
    prior = load_prior()
    told = learn.examples(verdicts(), prior)
    model = learn.learn(prior, told)
    before = prior.second.predict(told.inputs)[:, 3].mean()
    assert model.second.predict(told.inputs)[:, 3].mean() > before
    assert model.learnt_from["verdicts"] == 40
    assert model.version.startswith(f"{prior.version}+40-")
    assert learn.learn(prior, told).version == model.version


def test_a_kept_model_is_used_while_its_prior_is_the_one_shipped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After another release the shipped model judges, and says how to learn again."""
    shipped = load_prior()
    kept = learn.learn(shipped, learn.examples(verdicts(), shipped))
    assert in_use(None) is shipped
    assert in_use(dump(kept).encode()).version == kept.version
    assert caplog.messages == []
    older = replace(kept, learnt_from={**kept.learnt_from, "seeds": "of another release"})
    assert in_use(dump(older).encode()) is shipped
    assert in_use(dump(kept).replace('"gap"', '"once"').encode()) is shipped
    assert "until the verdicts are learnt again (paat learn decisions)" in caplog.messages[0]
    assert "learn it again" in caplog.messages[1]


def test_contradictory_verdicts_are_refused_with_both_figures() -> None:
    """Whoever answers the reverse on the fifth kept aside is not learnt from."""
    prior = load_prior()
    told = learn.examples(verdicts(), prior)
    assert told.aside is not None
    y = np.where(told.aside, 0, told.y)
    said = r"mis de côté pour le contrôle \(erreur \d,\d{3} contre \d,\d{3} avec le modèle livré\)"
    with pytest.raises(QualityError, match=said):
        learn.learn(prior, replace(told, y=y))


def fictional(seed: int) -> tuple[Model, Examples]:
    prior = load_prior()
    return prior, learn._replayed(seed, prior)


def test_inverted_verdicts_are_refused_even_where_they_agree_with_each_other() -> None:
    """« même » said « différentes », the fifth kept aside too: the control set knows better."""
    prior, true = fictional(5)
    y = np.where(true.y == 0, 3, np.where(true.y == 3, 0, true.y))
    said = r"les mêmes \w+ du jeu de contrôle \(F1 0,\d{3} contre 0,\d{3} avec le modèle livré\)"
    with pytest.raises(QualityError, match=said):
        learn.learn(prior, Examples(true.inputs, y))


def test_a_better_model_in_place_is_not_replaced_by_a_worse_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The new one is no worse than the shipped, it is the same; the one in place judges better."""
    prior, true = fictional(5)
    _, held = true.parted()
    second = forest.boost(prior.second, held.inputs, held.y, np.ones(len(held.y)), rounds=20)
    better = replace(prior, second=second, version="2+better")
    monkeypatch.setattr(learn, "boosted", lambda judge, told, replay: judge)
    assert learn.learn(prior, true).second == prior.second
    with pytest.raises(QualityError, match="avec le modèle en place"):
        learn.learn(prior, true, in_place=better)


def test_what_judges_is_never_learnt_from_whatever_comes_after() -> None:
    a, b = np.arange(500), np.arange(500) * 7 + 1
    aside = guard.set_aside(a, b)
    assert 60 < aside.sum() < 140
    assert guard.set_aside(b[:50], a[:50]).tolist() == aside[:50].tolist()
    told = Examples(np.zeros((500, 1), np.float32), a, aside)
    taught, held = told.parted()
    assert set(taught.y).isdisjoint(held.y)
    assert set(held.y) == set(a[aside])


def test_half_a_point_of_control_is_noise_and_more_is_refused_with_both_figures() -> None:
    shipped = guard.Figures({"mêmes noms": 0.93}, 0.5)
    noise, worse = guard.Figures({"mêmes noms": 0.926}, 0.4), guard.Figures({"mêmes noms": 0.92}, 0)
    guard.refuse_worse(noise, {"le modèle livré": shipped}, verdicts=40, about="noms 2")
    with pytest.raises(
        QualityError,
        match=r"mêmes noms du jeu de contrôle \(F1 0,920 contre 0,930 avec le modèle livré\)",
    ):
        guard.refuse_worse(worse, {"le modèle livré": shipped}, verdicts=40, about="noms 2")


def test_many_examples_are_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "MOST", 10)
    thin = learn.spread(Examples(np.arange(100, dtype=np.float32)[:, None], np.arange(100)))
    assert thin.y.tolist() == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]


def test_worlds_teach_every_relation() -> None:
    model = learn.train(worlds=3, events=150)
    assert {tree.group for tree in model.first.trees} == {0, 1, 2, 3}
    assert model.learnt_from["pairs"] > 1000


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few bodies replayed, few trees: what is checked is the way, not the quality."""
    monkeypatch.setattr(learn, "WORLD", 30)
    monkeypatch.setattr(learn_names, "MANY", 150)
    monkeypatch.setattr(learn_names, "ROUNDS", 3)


def bodies(count: int) -> list[dict[str, str]]:
    return [{k: str(v) for k, v in row.items()} for row in prior_names.generate(99, bodies=count)]


def test_what_other_parts_teach_is_measured_on_each_part(cheap: None) -> None:
    rows = bodies(80)
    mapping = {name: name for name in ("title", "dep", "address", "source")}
    found = evaluate(rows, mapping, truth="entity", folds=2)
    assert found.folded is not None
    assert found.folded.f1 > 0.7
    assert found.folded_series is None
    assert found.questions == ()
    assert "appris par 2 parts" in french(found)


def test_announcements_learn_by_parts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "MOST_ROUNDS", 2)
    rows = [{k: "" if v is None else str(v) for k, v in row.items()}
            for row in prior.generate(77, events=40)]  # fmt: skip
    mapping = {name: name for name in ("title", "commune", "venue", "date_start", "source")}
    found = evaluate(rows, mapping, truth="event", series="series", folds=2)
    assert found.folded_series is not None
    assert found.folded_series.f1 > 0.7


def test_a_table_nobody_described_is_not_learnt() -> None:
    rows = [{"a": str(i % 3), "b": "x" * i, "truth": str(i)} for i in range(6)]
    with pytest.raises(ConfigError, match="a table of names or announcements"):
        evaluate(rows, {}, truth="truth", folds=2)


def names_table(count: int) -> tuple[names.Cards, names_score.NameScores, np.ndarray]:
    rows = bodies(count)
    cards = names.of_rows(rows)
    pairs = names.candidates(cards)
    found = names_score.score_names(names.prepare(cards), pairs, names_score.load_name_prior())
    entity = np.array([row["entity"] for row in rows])
    return cards, found, (entity[pairs[0]] != entity[pairs[1]]).astype(np.int64)


def test_many_verdicts_on_names_grow_both_forests(
    cheap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn_names, "MOST", 300)
    prior_model = names_score.load_name_prior()
    cards, found, y = names_table(80)
    monkeypatch.setattr(guard, "_loss", lambda *_: None)  # as good: it is kept
    model = learn_names.learn_names(prior_model, cards, found, (np.arange(len(y)), y))
    assert model.first != prior_model.first
    assert model.version == f"{prior_model.version}+300"


def test_bodies_all_in_one_half_correct_the_second_forest_only(cheap: None) -> None:
    """Every record tied together: no two halves to judge each other."""
    prior_model = names_score.load_name_prior()
    cards, found, _ = names_table(40)
    rows = np.arange(len(found.a))
    y = (rows % 50 == 0).astype(np.int64)  # nearly all said one body
    model = learn_names._renewed(prior_model, cards, found, rows, y)
    assert model.first == prior_model.first


def test_names_learnt_worse_are_refused(cheap: None) -> None:
    cards, found, y = names_table(40)
    rows = np.arange(len(y))
    aside = guard.set_aside(found.a, found.b)
    prior_model = names_score.load_name_prior()
    with pytest.raises(QualityError, match="moins bien les verdicts mis de côté"):
        learn_names.learn_names(prior_model, cards, found, (rows, np.where(aside, y, 1 - y)))
    few = learn_names.learn_names(prior_model, cards, found, (rows[:4], y[:4]))
    assert few.learnt_from["verdicts"] == 4


def test_names_all_inverted_are_refused_by_the_control_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """They agree with each other, the fifth kept aside too: fictional bodies know better."""
    monkeypatch.setattr(learn_names, "MANY", 150)
    monkeypatch.setattr(learn_names, "ROUNDS", 20)
    cards, found, y = names_table(100)
    with pytest.raises(QualityError, match=r"mêmes noms du jeu de contrôle \(F1 0,\d{3} contre"):
        learn_names.learn_names(
            names_score.load_name_prior(), cards, found, (np.arange(len(y)), 1 - y)
        )


def test_names_worlds_teach_too() -> None:
    model = learn_names.train(worlds=2, bodies=60)
    assert {tree.group for tree in model.second.trees} == {1}
