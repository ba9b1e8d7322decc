"""What counts for a theme and what does not (annotation guide)."""

import pytest

from classifiers import rules


def _score(text: str, slug: str) -> float:
    return rules.score(rules.evidence(rules.read(text)).get(slug, []))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Ce projet s'inscrit dans l'héritage des Jeux", "heritage"),
        (
            "Axes : engagement, éducation populaire, solidarité, héritage, développement durable",
            "solidarite",
        ),
        ("La ville s'engage à respecter la charte", "engagement"),
        ("Nouvel environnement numérique de travail", "developpement-durable"),
        ("Présents sur les réseaux sociaux", "solidarite"),
    ],
)
def test_what_is_proclaimed_counts_nothing(text: str, slug: str) -> None:
    assert _score(text, slug) == 0


def test_what_follows_a_list_of_themes_still_counts() -> None:
    text = "Thèmes engagement, solidarité, héritage. Collecte de dons pour les réfugiés"
    assert _score(text, "solidarite") >= 3


def test_a_weak_word_never_decides_alone() -> None:
    assert 0 < _score("Sortie avec des enfants", "education-populaire") < 2


def test_what_is_said_in_passing_weighs_less() -> None:
    early = _score("Collecte de dons. " + "Blabla gris. " * 60, "solidarite")
    late = _score("Blabla gris. " * 60 + "Collecte de dons.", "solidarite")
    assert late < early


def test_a_pattern_does_not_cross_a_sentence() -> None:
    near = _score("Rénovation du gymnase", "heritage")
    apart = _score("Rénovation de la mairie. Le gymnase est ouvert", "heritage")
    assert near >= 3 > apart


def test_words_against_lower_a_theme() -> None:
    plain = _score("Devenir volontaire", "engagement")
    job = _score("Devenir volontaire : la gendarmerie recrute en CDD", "engagement")
    assert job < plain
