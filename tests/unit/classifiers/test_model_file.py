"""A model file is safe to open and says what is wrong with it."""

from pathlib import Path

import pytest

from classifiers.cold import rules_model
from classifiers.model import load, save
from classifiers.train import Example, learn
from domain.errors import ConfigError, QualityError

EXAMPLES = [
    Example(
        id="1", title="Les Tisseuses du mercredi", themes=frozenset({"solidarite"}), scope="no"
    ),
    Example(id="2", title="Les Tisseuses du jeudi", themes=frozenset({"solidarite"}), scope="no"),
    Example(id="3", title="Loto du comité des fêtes", scope="no"),
    Example(id="4", title="Bal du comité des fêtes", scope="yes"),
]


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    model = learn(EXAMPLES, base=rules_model())
    save(model, tmp_path / "m")
    again = load(tmp_path / "m")
    assert again.version == model.version
    assert again.vocabulary == model.vocabulary
    assert (again.weights == model.weights).all()


def test_learning_is_deterministic() -> None:
    first, second = (learn(EXAMPLES, base=rules_model()) for _ in range(2))
    assert first.version == second.version
    assert (first.weights == second.weights).all()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-1] + b"x", "somme de contrôle"),
        (lambda data: data.replace(b"paat-model-1", b"paat-model-9"), "format 9"),
        (lambda data: b"\x80\x04pickle", "rien de reconnu"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, damage, said: str) -> None:  # type: ignore[no-untyped-def]
    save(rules_model(), tmp_path / "m")
    (tmp_path / "m").write_bytes(damage((tmp_path / "m").read_bytes()))
    with pytest.raises(ConfigError, match=said):
        load(tmp_path / "m")


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="rien de lisible"):
        load(tmp_path / "absent")


def test_an_unknown_theme_is_told() -> None:
    wrong = Example(id="7", title="x", themes=frozenset({"sport"}))
    with pytest.raises(
        QualityError, match="7 : thème 'sport' où l'un de ceux-ci est attendu : engagement"
    ):
        learn([*EXAMPLES, wrong], base=rules_model())


def test_examples_that_all_say_the_same_are_refused() -> None:
    with pytest.raises(QualityError, match="disent tous la même chose"):
        learn([EXAMPLES[0], EXAMPLES[1]], base=rules_model())


def test_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(QualityError, match="aucun exemple"):
        learn([], base=rules_model())
