"""What is asked, in which order, and what answers imply."""

import numpy as np
import pytest

from matching import questions
from matching.cards import NONE
from matching.engines import engine_of, judge_rows
from matching.evaluate import relations, reviewed
from matching.grouping import ASK, LEFT, Judged, answered, decisions, group, questions_of
from matching.questions import DIFFERENT, OTHER, SAME
from matching.tables import match_rows


def judged(n: int, told: dict[tuple[int, int], tuple[float, float, float]]) -> Judged:
    """Pairs with P of same, other edition and part; the rest is different."""
    a, b = (np.array(side, dtype=np.int64) for side in zip(*sorted(told), strict=True))
    rows = [(*told[pair], 1 - sum(told[pair])) for pair in sorted(told)]
    return Judged("events", n, a, b, np.array(rows), lambda which: [() for _ in which])


def asked(found: Judged, said: dict[int, list[tuple[int, int]]]) -> list[tuple[int, int]]:
    groups = group(found, found.p, said)
    return [(int(found.a[k]), int(found.b[k])) for k in questions_of(found, found.p, said, groups)]


DOUBT = (0.5, 0.0, 0.0)
SURE = (0.99, 0.0, 0.0)


def test_one_question_for_a_pair_of_groups() -> None:
    """0 and 1 are surely one, 2 and 3 too: one of the four pairs between them is asked."""
    pairs = {(0, 1): SURE, (2, 3): SURE, **dict.fromkeys([(0, 2), (0, 3), (1, 2), (1, 3)], DOUBT)}
    assert len(asked(judged(4, pairs), {})) == 1


def test_what_is_merged_without_asking_is_not_asked() -> None:
    assert asked(judged(2, {(0, 1): SURE}), {}) == []


def test_answers_settle_other_questions() -> None:
    """A = B and B ≠ C: A ≠ C is not asked."""
    found = judged(3, dict.fromkeys([(0, 1), (1, 2), (0, 2)], DOUBT))
    said = {SAME: [(0, 1)], DIFFERENT: [(1, 2)]}
    known, _ = questions.implied(3, found.pairs, said)
    assert known.tolist() == [SAME, DIFFERENT, DIFFERENT]
    assert asked(found, said) == []
    known, _ = questions.implied(3, found.pairs, {SAME: [(0, 1)], OTHER: [(1, 2)]})
    assert known.tolist() == [SAME, OTHER, OTHER]


def test_contradictions_imply_nothing() -> None:
    found = judged(3, dict.fromkeys([(0, 1), (1, 2), (0, 2)], DOUBT))
    known, _ = questions.implied(3, found.pairs, {SAME: [(0, 1)], DIFFERENT: [(1, 0)]})
    assert known.tolist() == [NONE, NONE, NONE]


def test_the_largest_groups_first() -> None:
    """The same doubt between groups of two and between single announcements."""
    pairs = {(0, 1): SURE, (2, 3): SURE, (4, 5): DOUBT,
             **dict.fromkeys([(0, 2), (0, 3), (1, 2), (1, 3)], DOUBT)}  # fmt: skip
    assert asked(judged(6, pairs), {})[1] == (4, 5)


def test_decisions_say_what_is_known_asked_and_left() -> None:
    pairs = {
        (0, 1): SURE, (2, 3): (0.0, 0.95, 0.0), (4, 5): (0.0, 0.0, 0.95), (6, 7): (0.0, 0.0, 0.0),
        (8, 9): DOUBT, (10, 11): (0.02, 0.5, 0.45), (12, 13): DOUBT,
    }  # fmt: skip
    found, said = judged(14, pairs), {DIFFERENT: [(12, 13)]}
    groups = group(found, found.p, said)
    told = decisions(found, found.p, said, groups, questions_of(found, found.p, said, groups))
    assert told == ["same", "other_edition", "part_of", "different", ASK, LEFT, "different"]
    assert answered(found, said)[0].tolist() == [6]


def row(number: int, **changes: object) -> dict[str, object]:
    return {"source": f"s{number}", "title": "Forum des associations", "commune": "Gap",
            "venue": "Le Quattro", "date_start": "2024-09-07"} | changes  # fmt: skip


def test_rows_without_an_identifier_are_called_by_their_number_from_one() -> None:
    rows = [row(1), row(2), row(3, title="Loto", commune="Apt", venue="Mairie")]
    mapping = {name: name for name in rows[0]}
    found = match_rows(rows, mapping, verdicts=[("1", "2", "different")])
    assert found.cluster[0] != found.cluster[1]


def test_a_reviewer_who_answers_makes_it_right() -> None:
    """Two towns, two days each, told by three sources that leave out the venue or the town."""
    rows = [
        row(source, commune=town if source else "", venue="" if source == 1 else town,
            date_start=day if source != 2 else "")
        for town in ("Gap", "Apt") for day in ("2024-09-07", "2024-09-14") for source in range(3)
    ]  # fmt: skip
    true = [f"{town} {day}" for town in "GA" for day in (7, 14) for _ in range(3)]
    found = judge_rows(rows, {name: name for name in rows[0]})
    steps = list(reviewed(found, relations(found, true, None), [0, 20]))
    right = np.unique(true, return_inverse=True)[1]

    def wrong(labels: np.ndarray) -> int:
        return int(((labels[:, None] == labels) != (right[:, None] == right)).sum())

    assert wrong(steps[1][1].cluster) < wrong(steps[0][1].cluster)


GRANTS = {"title": "objet", "year": "annee", "source": "fichier"}


def grants(*titles: str) -> list[dict[str, object]]:
    """Subsidies of one file, among others whose titles begin alike."""
    prefix = "2022 - 84 - CC Rhône Lez Provence - "
    actions = ("Atelier couture", "Chantier jeunes", "Cinéma plein air", "Permis de conduire")
    more = ("Jardin partagé", "Boxe éducative", "Écrivain public", "Soutien scolaire")
    others = [f"{prefix}{action}" for action in (*actions, *more)]
    return [{"objet": one, "annee": "2022", "fichier": "politique-ville"}
            for one in (*titles, *others)]  # fmt: skip


def test_a_funders_prefix_neither_merges_nor_asks() -> None:
    assert engine_of(GRANTS) == "events"
    found = match_rows(grants(), GRANTS)
    assert len(set(found.cluster)) == 8
    assert [p for p in found.pairs if p.decision == ASK] == []


TWIN = "2022 - 84 - CC Rhône Lez Provence - Balade contée au crépuscule des remparts"


def decided(*rows: dict[str, object], mapping: dict[str, str] = GRANTS) -> str:
    """What is decided of the first two rows, among subsidies that resemble them."""
    found = match_rows([*rows, *grants()], mapping)
    return next((p.decision for p in found.pairs if {p.a, p.b} == {0, 1}), "different")


def grant(title: str = TWIN, **changes: object) -> dict[str, object]:
    return {"objet": title, "annee": "2022", "fichier": "politique-ville", **changes}


def test_the_same_subsidy_told_by_two_sources_is_found() -> None:
    other = grant(TWIN.upper().replace("É", "E"), fichier="departement")
    assert decided(grant(), other) == "same"


def test_two_rows_of_one_source_are_asked_not_merged() -> None:
    assert decided(grant(montant=800), grant(montant=900)) == ASK


def test_each_saying_its_own_are_asked_even_of_one_body() -> None:
    """« Accesport » and « Sport santé » of one club: what the funder writes around is no proof."""
    known = GRANTS | {"siren": "siren"}
    club = "2024 - 84 - CA du Grand Avignon (GA) - {} - CLUB AVIGNON SPORTS LOISIRS"
    titles = club.format("ACCESPORT"), club.format("SPORT SANTE"), club.format("ACCESSPORT")
    one, two, misspelt = (grant(title, siren="382908093") for title in titles)
    assert decided(one, two, mapping=known) == ASK
    assert decided(one, misspelt, mapping=known) == "same"


def test_two_years_of_one_subsidy_are_two_editions() -> None:
    other = grant(TWIN.replace("2022", "2023"), annee="2023", fichier="departement")
    found = match_rows([grant(), other, *grants()], GRANTS)
    assert found.cluster[0] != found.cluster[1]
    assert found.series[0] == found.series[1]
    judged = judge_rows([grant(), other], GRANTS)
    assert "années différentes : 2022 / 2023" in judged.why(np.array([0]), False)[0]


def test_two_bodies_share_a_title_not_a_subsidy() -> None:
    """« APP Billetterie » of two clubs; what tells them apart need not even be read."""
    known = GRANTS | {"siren": "siren"}
    rows = grant(siren="130025265"), grant(siren="217500016", fichier="departement")
    assert decided(*rows, mapping=known) == ASK
    found = match_rows([grant(club="A"), grant(club="B"), grant(club="A", objet="x")], GRANTS)
    assert found.cluster[0] != found.cluster[1]


@pytest.mark.parametrize("title", ["2022-CVM-3 ACTIONS ANNUELLES", "FONCTIONNEMENT", TWIN])
def test_what_a_source_says_of_many_tells_nothing(title: str) -> None:
    rows = [grant(title, montant=i) for i in range(4)]
    found = match_rows([*rows, *grants()], GRANTS)
    assert len(set(found.cluster)) == 12
    assert [p for p in found.pairs if p.decision == ASK] == []


@pytest.mark.parametrize("title", ["", "Vœux"])
def test_one_giant_block_is_bounded_and_nothing_merges(title: str) -> None:
    """The same title, or none, everywhere and every day: no key is selective."""
    rows = [
        {"id": str(i), "title": title, "commune": "bcdfghjklmnpqrstvwxz"[i % 20] * 6,
         "date_start": f"{1990 + i // 20}-01-20", "source": "agenda"}
        for i in range(1_000)
    ]  # fmt: skip
    found = match_rows(rows, {name: name for name in rows[0]})
    assert found.candidates <= 10 * len(rows)
    assert len(set(found.cluster)) == len(rows)
