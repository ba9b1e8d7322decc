"""Boosted trees as plain numbers: saved as JSON, evaluated by numpy, no scikit-learn to predict.

Each tree has at most 16 leaves. Sixty thousand pairs go through at once, one bit each: a condition
is computed once for all the trees that ask it, a node is two operations on packed bits, and four
bit planes say which leaf each pair reached. About 0.7 µs a pair for 180 trees (QuickScorer on
masks of leaves, Lucchese et al., SIGIR 2015, took 2.6 here).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import QualityError

LEAVES = 16
CHUNK = 65_536
Matrix = NDArray[np.float32]
FAR = 1e38
"""Above every value: scikit-learn's infinite threshold, where only absences go right."""
_ALL = (1 << LEAVES) - 1

Condition = tuple[int, float, bool]  # feature, threshold, whether an absence is a yes
Split = tuple[int, int, int, int]  # rows: of the node, of its condition, of its two sides


@dataclass(frozen=True, slots=True)
class Tree:
    """Inner nodes: feature, threshold, whether an absence goes left, leaves kept when right."""

    features: tuple[int, ...]
    thresholds: tuple[float, ...]
    absent_left: tuple[bool, ...]
    masks: tuple[int, ...]
    leaves: tuple[float, ...]
    group: int  # the class it votes for


@dataclass(frozen=True, slots=True)
class _Path:
    """A tree as splits of rows of bits: rows 0..15 are its leaves, row 16 everyone."""

    splits: tuple[Split, ...]
    leaves: NDArray[np.float32]
    count: int
    group: int


@dataclass(frozen=True)
class Forest:
    """Trees and where the scores start; `predict` gives one probability per class."""

    trees: tuple[Tree, ...]
    start: tuple[float, ...]
    width: int  # number of features expected

    def predict(self, x: Matrix) -> NDArray[np.float64]:
        """Probabilities, one row per row of x, one column per class."""
        out = np.empty((len(x), len(self.start)))
        for begin in range(0, len(x), CHUNK):
            part = slice(begin, begin + CHUNK)
            out[part] = _softmax(self._scores(x[part]))
        return out

    def scores(self, x: Matrix) -> NDArray[np.float32]:
        """Log-odds before they are made probabilities, one row per row of x."""
        parts = [self._scores(x[i : i + CHUNK]) for i in range(0, max(1, len(x)), CHUNK)]
        return np.concatenate(parts)

    @cached_property
    def _paths(self) -> tuple[dict[Condition, int], tuple[_Path, ...]]:
        """The conditions, numbered, and the trees that split on them."""
        known: dict[Condition, int] = {}
        return known, tuple(_path(tree, known) for tree in self.trees)

    def _scores(self, x: Matrix) -> NDArray[np.float32]:
        conditions, paths = self._paths
        answers = _answers(x, conditions)
        words = answers.shape[1]
        rows = np.zeros((2 * LEAVES, words), np.uint64)
        rows[LEAVES] = ~np.uint64(0)
        cube = rows[:LEAVES].reshape(2, 2, 2, 2, words)  # a leaf's number, bit by bit
        sides = (cube[:, :, :, 1], cube[:, :, 1], cube[:, 1], cube[1])
        row, answer = [*rows], [*answers]
        planes = np.empty((4, words), np.uint64)
        value = np.empty(words * 64, np.float32)
        scores = np.repeat(np.array(self.start, np.float32)[:, None], len(x), axis=1)
        for path in paths:
            rows[path.count : LEAVES] = 0
            for node, condition, left, right in path.splits:
                np.bitwise_and(row[node], answer[condition], out=row[left])
                np.bitwise_xor(row[node], row[left], out=row[right])
            for plane, side in zip(planes, sides, strict=True):
                np.bitwise_or.reduce(side, axis=(0, 1, 2), out=plane)
            reached = np.unpackbits(planes.view(np.uint8), axis=1).view(np.uint64)
            leaf = reached[0]
            for bit in (1, 2, 3):
                leaf |= reached[bit] << np.uint64(bit)
            path.leaves.take(leaf.view(np.uint8), mode="clip", out=value)
            scores[path.group] += value[: len(x)]
        return np.ascontiguousarray(scores.T)


def _path(tree: Tree, known: dict[Condition, int]) -> _Path:
    splits: list[Split] = []

    def walk(place: int, low: int, high: int, row: int) -> None:
        """The node numbered `place`, whose leaves are low..high-1, in that row of bits."""
        if high - low == 1:
            return
        size = (_ALL & ~tree.masks[place]).bit_count()  # leaves on its left
        asked = (tree.features[place], tree.thresholds[place], tree.absent_left[place])
        left = low if size == 1 else LEAVES + place + 1
        right = low + size if high - low - size == 1 else LEAVES + place + size
        splits.append((row, known.setdefault(asked, len(known)), left, right))
        walk(place + 1, low, low + size, left)
        walk(place + size, low + size, high, right)

    count = len(tree.leaves)
    walk(0, 0, count, 0 if count == 1 else LEAVES)
    leaves = np.zeros(LEAVES, np.float32)
    leaves[:count] = tree.leaves
    return _Path(tuple(splits), leaves, count, tree.group)


def _answers(x: Matrix, conditions: Mapping[Condition, int]) -> NDArray[np.uint64]:
    """One row of bits per condition, one bit per row of x: whether it holds there."""
    columns = np.ascontiguousarray(x.T)
    size = (len(x) + 7) // 8
    out = np.zeros((len(conditions), (len(x) + 63) // 64), np.uint64)
    filled = out.view(np.uint8)
    absent = {f: np.packbits(np.isnan(columns[f])) for f in {f for f, _, _ in conditions}}
    holds = np.empty(len(x), np.bool_)
    for (feature, threshold, absent_left), i in conditions.items():
        np.less_equal(columns[feature], threshold, out=holds)
        found = np.packbits(holds)
        filled[i, :size] = found | absent[feature] if absent_left else found
    return out


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit(
    x: Matrix, y: NDArray[np.int64], *, classes: int, weights: NDArray[np.float64] | None = None,
    rounds: int = 60, rate: float = 0.1, leaf: int = 60, seed: int = 0,
) -> Forest:  # fmt: skip
    """Trees learnt by scikit-learn's histogram boosting. Needs every class present in `y`."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    if set(np.unique(y).tolist()) != set(range(classes)):
        raise QualityError(
            f"examples of {len(np.unique(y))} relations where {classes} were expected; "
            "add verdicts of the missing ones",
            about="matching",
        )
    x = x.copy()
    x[:, np.isnan(x).all(axis=0)] = 0  # scikit-learn 1.9 fails on a column without any value
    learner = HistGradientBoostingClassifier(
        max_iter=rounds, max_leaf_nodes=LEAVES, learning_rate=rate, min_samples_leaf=leaf,
        l2_regularization=1.0, early_stopping=False, random_state=seed,
    )  # fmt: skip
    with threadpool_limits(limits=1):  # the same sums everywhere, and no waiting for a busy core
        learner.fit(x, y, sample_weight=weights)
    start = np.ravel(learner._baseline_prediction).tolist()
    shift = classes - len(start)  # two classes: scikit-learn grows the trees of the second only
    start = [0.0] * shift + start
    trees = [
        _tree(one.nodes, group + shift)
        for step in learner._predictors
        for group, one in enumerate(step)
    ]  # fmt: skip
    return Forest(tuple(trees), tuple(start), x.shape[1])


def _tree(nodes: NDArray[Any], group: int) -> Tree:
    """scikit-learn's nodes renumbered: leaves from left to right, one mask per inner node."""
    features: list[int] = []
    thresholds: list[float] = []
    absent: list[bool] = []
    masks: list[int] = []
    leaves: list[float] = []

    def walk(i: int) -> int:
        node = nodes[i]
        if node["is_leaf"]:
            leaves.append(round(float(node["value"]), 5))
            return 1 << (len(leaves) - 1)
        place = len(features)
        features.append(int(node["feature_idx"]))
        thresholds.append(min(float(np.float32(node["num_threshold"])), FAR))
        absent.append(bool(node["missing_go_to_left"]))
        masks.append(0)
        left = walk(int(node["left"]))
        masks[place] = 0xFFFF & ~left
        return left | walk(int(node["right"]))

    walk(0)
    return Tree(
        tuple(features), tuple(thresholds), tuple(absent), tuple(masks), tuple(leaves), group
    )


def mean(forests: Sequence[Forest]) -> Forest:
    """The forest whose log-odds are the mean of theirs."""
    part = 1 / len(forests)
    trees = [
        replace(tree, leaves=tuple(value * part for value in tree.leaves))
        for one in forests
        for tree in one.trees
    ]
    start = np.mean([one.start for one in forests], axis=0).tolist()
    return Forest(tuple(trees), tuple(start), forests[0].width)


def boost(
    forest: Forest, x: Matrix, y: NDArray[np.int64], weights: NDArray[np.float64], *,
    rounds: int, rate: float = 0.1, leaf: float = 8, seed: int = 0,
) -> Forest:  # fmt: skip
    """The forest with more trees that correct it on these examples (Friedman's multi-class
    gradient boosting, one small tree a class and a round). Every leaf weighs at least `leaf`."""
    from sklearn.tree import DecisionTreeRegressor

    classes = len(forest.start)
    scores = forest.scores(x)
    grown: list[Tree] = []
    for step in range(rounds):
        p = _softmax(scores)
        for group in range(classes):
            wrong = (y == group) - p[:, group]
            learner = DecisionTreeRegressor(
                max_leaf_nodes=8, min_weight_fraction_leaf=min(0.5, leaf / weights.sum()),
                max_features=min(16, x.shape[1]), random_state=seed + step,
            )  # fmt: skip
            learner.fit(x, wrong, sample_weight=weights)
            if learner.tree_.node_count == 1:
                continue
            values = _newton(learner.apply(x), wrong, weights, classes) * rate
            tree = _tree(_nodes(learner.tree_, values), group)
            grown.append(tree)
            scores[:, group] += values[learner.apply(x)]
    return Forest((*forest.trees, *grown), forest.start, forest.width)


def _newton(
    leaf: NDArray[np.int64], wrong: NDArray[np.float64], weights: NDArray[np.float64], classes: int
) -> NDArray[np.float64]:
    """The value of each leaf: one Newton step, kept within ±4."""
    up = np.bincount(leaf, weights * wrong)
    down = np.bincount(leaf, weights * np.abs(wrong) * (1 - np.abs(wrong)))
    return np.asarray(np.clip((classes - 1) / classes * up / (down + 1e-3 + 0.05), -4, 4))


def _nodes(tree: Any, values: NDArray[np.float64]) -> NDArray[Any]:
    """A decision tree's arrays under the names of histogram boosting's nodes."""
    kind = [("is_leaf", bool), ("value", float), ("feature_idx", int), ("num_threshold", float),
            ("missing_go_to_left", bool), ("left", int), ("right", int)]  # fmt: skip
    out = np.zeros(tree.node_count, dtype=kind)
    out["is_leaf"] = tree.children_left < 0
    out["value"][: len(values)] = values[: tree.node_count]
    out["feature_idx"], out["num_threshold"] = tree.feature, tree.threshold
    out["missing_go_to_left"] = tree.missing_go_to_left
    out["left"], out["right"] = tree.children_left, tree.children_right
    return out


def dump(forest: Forest) -> dict[str, Any]:
    """The forest as JSON values."""
    return {
        "width": forest.width,
        "start": [round(v, 6) for v in forest.start],
        "trees": [
            [t.group, list(t.features), [float(f"{v:.9g}") for v in t.thresholds],
             [int(v) for v in t.absent_left], list(t.masks), list(t.leaves)]
            for t in forest.trees
        ],
    }  # fmt: skip


def load(data: Mapping[str, Any]) -> Forest:
    """A forest from its JSON values. Raises QualityError when they are not one."""
    try:
        trees = tuple(
            Tree(tuple(map(int, f)), tuple(map(float, th)), tuple(map(bool, ab)),
                 tuple(map(int, ms)), tuple(map(float, lv)), int(group))
            for group, f, th, ab, ms, lv in data["trees"]
        )  # fmt: skip
        forest = Forest(trees, tuple(map(float, data["start"])), int(data["width"]))
    except (KeyError, TypeError, ValueError) as error:
        raise QualityError(
            f"a model file where trees were expected ({error}); learn it again", about="matching"
        ) from None
    if any(not _sound(tree, forest) for tree in trees):
        raise QualityError(
            "trees that do not fit the features; learn the model again", about="matching"
        )
    return forest


def _sound(tree: Tree, forest: Forest) -> bool:
    sizes = {len(tree.features), len(tree.thresholds), len(tree.absent_left), len(tree.masks)}
    return (
        sizes == {len(tree.leaves) - 1}
        and len(tree.leaves) <= LEAVES
        and 0 <= tree.group < len(forest.start)
        and all(0 <= f < forest.width for f in tree.features)
        and all(0 <= m <= 0xFFFF for m in tree.masks)
        and bool(np.isfinite(tree.thresholds).all())  # infinite ones came of releases before FAR
    )
