"""Trees as numbers: the same answers as scikit-learn's, safe to load."""

import json
from typing import Any

import numpy as np
import pytest

from domain.errors import QualityError
from matching import forest, learn
from matching.names import learn as learn_names
from matching.names import load_name_prior
from matching.names.score import dump as dump_names
from matching.names.score import load as load_names
from matching.score import dump, load, load_prior


def examples(classes: int) -> tuple[Any, Any]:
    chance = np.random.default_rng(3)
    x = chance.normal(size=(900, 4)).astype(np.float32)
    x[chance.random(x.shape) < 0.2] = np.nan
    y = (np.nan_to_num(x[:, 0]) > 0).astype(np.int64)
    if classes == 4:
        y += 2 * (np.nan_to_num(x[:, 1]) > 0.5)
    return x, y


@pytest.mark.parametrize("classes", [2, 4])
def test_the_same_answers_as_scikit_learn(classes: int) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, y = examples(classes)
    mine = forest.fit(x, y, classes=classes, rounds=12, leaf=30)
    theirs = HistGradientBoostingClassifier(
        max_iter=12, max_leaf_nodes=16, learning_rate=0.1, min_samples_leaf=30,
        l2_regularization=1.0, early_stopping=False, random_state=0,
    ).fit(x, y)  # fmt: skip
    assert np.allclose(mine.predict(x), theirs.predict_proba(x), atol=1e-3)


def test_only_being_told_or_not_may_matter() -> None:
    """scikit-learn then splits at an infinite threshold: absences alone go right."""
    x, _ = examples(2)
    y = np.isnan(x[:, 0]).astype(np.int64)
    mine = forest.fit(x, y, classes=2, rounds=5)
    assert any(t == forest.FAR for tree in mine.trees for t in tree.thresholds)
    assert (mine.predict(x).argmax(axis=1) == y).all()


@pytest.mark.parametrize("size", [0, 1, 7, 64, 65])
def test_how_many_go_through_at_once_changes_nothing(size: int) -> None:
    x, y = examples(4)
    mine = forest.fit(x, y, classes=4, rounds=3)
    assert (mine.scores(x[:size]) == mine.scores(x)[:size]).all()


def test_a_tree_of_one_leaf_gives_it_to_everyone() -> None:
    alone = forest.Tree((), (), (), (), (0.5,), 1)
    mine = forest.Forest((alone,), (0.0, 0.25), 1)
    assert mine.scores(np.zeros((3, 1), np.float32)).tolist() == [[0.0, 0.75]] * 3


def test_saved_and_loaded_is_the_same() -> None:
    x, y = examples(4)
    mine = forest.fit(x, y, classes=4, rounds=5)
    again = forest.load(json.loads(json.dumps(forest.dump(mine))))
    assert np.allclose(mine.predict(x), again.predict(x), atol=1e-3)


def test_boosting_learns_what_the_forest_ignores() -> None:
    x, y = examples(2)
    start = forest.fit(x, y, classes=2, rounds=5)
    turned = 1 - y
    more = forest.boost(start, x, turned, np.ones(len(y)), rounds=30)
    right = (more.predict(x).argmax(axis=1) == turned).mean()
    assert right > 0.95 > (start.predict(x).argmax(axis=1) == turned).mean()


def test_a_missing_relation_is_said() -> None:
    x, y = examples(2)
    with pytest.raises(QualityError, match="examples of 1 relations where 2 were expected"):
        forest.fit(x, y * 0, classes=2)


def test_a_constant_target_grows_no_tree() -> None:
    x, _ = examples(2)
    empty = forest.Forest((), (0.0, 0.0), 4)
    flat = np.zeros((len(x), 4), np.float32)
    grown = forest.boost(empty, flat, np.zeros(len(x), np.int64), np.ones(len(x)), rounds=2)
    assert grown.trees == ()


@pytest.mark.parametrize(
    "damage",
    [
        {"trees": [[0, [9], [0.5], [0], [1], [0.1, 0.2]]]},
        {"trees": [[7, [0], [0.5], [0], [1], [0.1, 0.2]]]},
        {"trees": [[0, [0], [0.5], [0], [1], [0.1]]]},
        {"trees": [[0, [0], [0.5], [0], [70_000], [0.1, 0.2]]]},
        {"trees": [[0, [0], [float("inf")], [0], [1], [0.1, 0.2]]]},
        {"trees": [["x"]]},
        {"start": None},
    ],
)
def test_a_damaged_forest_is_refused(damage: dict[str, Any]) -> None:
    x, y = examples(2)
    data = forest.dump(forest.fit(x, y, classes=2, rounds=2))
    with pytest.raises(QualityError):
        forest.load({**data, **damage})


def test_the_shipped_models_are_of_these_seeds() -> None:
    from matching.learn import seeds_fingerprint

    told = {load_prior().learnt_from["seeds"], load_name_prior().learnt_from["seeds"]}
    assert told == {seeds_fingerprint()}, "run python -m tools.write_models and commit its files"


@pytest.mark.slow  # half a minute of learning
def test_the_shipped_models_are_what_is_learnt() -> None:
    """On another processor a last digit may differ; what they think of a pair does not."""
    chance = np.random.default_rng(1)
    for shipped, learnt in (
        (load_prior(), learn.train()), (load_name_prior(), learn_names.train())
    ):  # fmt: skip
        for one, other in ((shipped.first, learnt.first), (shipped.second, learnt.second)):
            x = chance.random((500, one.width), np.float32) * 4
            assert np.abs(one.predict(x) - other.predict(x)).max() < 0.001


def test_models_survive_their_text() -> None:
    assert dump(load(dump(load_prior()))) == dump(load_prior())
    assert dump_names(load_names(dump_names(load_name_prior()))) == dump_names(load_name_prior())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": [], "context": []}'])
def test_what_is_not_a_model_is_refused(text: str) -> None:
    for read in (load, load_names):
        with pytest.raises(QualityError):
            read(text)
