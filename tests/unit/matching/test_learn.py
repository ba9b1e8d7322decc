"""Learning from people: better on what they say, refused when worse."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from domain.errors import QualityError
from domain.records import Mention, When, Where, Who
from domain.statuses import Precision, Relation
from matching import learn, learn_names
from matching.learn import Examples
from matching.score import load_prior


@pytest.fixture(autouse=True)
def small_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "WORLD", 120)


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


def test_contradictory_verdicts_are_refused() -> None:
    """Whoever answers the reverse on the fifth kept aside is not learnt from."""
    prior = load_prior()
    told = learn.examples(verdicts(), prior)
    y = told.y.copy()
    y[np.arange(len(y)) % 5 == 4] = 0
    with pytest.raises(QualityError, match="verdicts kept aside"):
        learn.learn(prior, Examples(told.inputs, y))


def test_a_model_worse_on_the_control_set_is_refused() -> None:
    prior = load_prior()
    control = learn._replayed(5, prior)
    told = Examples(control.inputs, np.where(control.y == 0, 3, control.y))
    with pytest.raises(QualityError, match="control set"):
        learn.learn(prior, told, control=control)


def test_many_examples_are_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "MOST", 10)
    thin = learn.spread(Examples(np.arange(100, dtype=np.float32)[:, None], np.arange(100)))
    assert thin.y.tolist() == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]


def test_worlds_teach_every_relation() -> None:
    model = learn.train(worlds=2, events=150)
    assert {tree.group for tree in model.first.trees} == {0, 1, 2, 3}
    assert model.learnt_from["pairs"] > 1000


def test_names_worlds_teach_too() -> None:
    model = learn_names.train(worlds=2, bodies=150)
    assert {tree.group for tree in model.second.trees} == {1}
