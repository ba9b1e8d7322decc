"""How matching reads: titles, names, links, keys, columns; and how it measures itself."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from domain.errors import ConfigError
from domain.records import Mention, Occurrence, When, Where, Who
from domain.statuses import EventStatus, Precision, Relation
from matching import block, cards, compare, keys, learn, names, normalise, prior, score, unknown
from matching.evaluate import evaluate
from matching.measures import pair_score
from matching.surfaces import Words
from matching.telling import french


@pytest.mark.parametrize(
    ("text", "core", "years", "edition"),
    [
        ("12e édition – Cross des écoles 2024", ("cross", "ecoles"), (2024,), 12),
        ("Édition 3 du cross", ("cross",), (), 3),
        ("Cross, édition IV", ("cross",), (), 4),
        ("[ANNULÉ] Cross des écoles", ("cross", "ecoles"), (), 0),
        ("Gala • 24 janvier 2025", ("gala",), (2025,), 0),
        ("L'Été à Saint-Rémy", ("ete", "saint", "remy"), (), 0),
        ("Saison 2023-2024", ("saison",), (2023, 2024), 0),
        ("ThÃ©Ã¢tre et danse", ("theatre", "danse"), (), 0),
        ("À toi", ("a", "toi"), (), 0),
        ("A.C.L.E. Sport", ("acle", "sport"), (), 0),
        ("XIVe Foulées", ("foulees",), (), 14),
        ("VIE ASSOCIATIVE", ("vie", "associative"), (), 0),
        ("5e journée du vélo", ("journee", "velo"), (), 5),
        ("Journée des 6e et 5e", ("journee", "6e", "5e"), (), 0),
        ("Forum des élèves de 3ème", ("forum", "eleves", "3e"), (), 0),
        ("Loto du 3e âge", ("loto", "3e", "age"), (), 0),
        ("Fête du vélo, Marseille 13e", ("fete", "velo", "marseille", "13e"), (), 0),
        ("AG de l'OMS", ("assemblee", "generale", "office", "municipal", "sports"), (), 0),
        ("1re journée", ("1e", "journee"), (), 0),
        ("Défi 24h, course de 10km", ("defi", "24", "heures", "course", "10", "km"), (), 0),
        ("Salon de la BD", ("salon", "bande", "dessinee"), (), 0),
        ("Vide-grenier bd Foch", ("vide", "grenier", "boulevard", "foch"), (), 0),
    ],
)
def test_a_title_is_read(
    text: str, core: tuple[str, ...], years: tuple[int, ...], edition: int
) -> None:
    title = normalise.title(text)
    assert (title.core, title.years, title.edition) == (core, years, edition)


def test_what_cannot_be_repaired_stays() -> None:
    assert normalise.fold("Ã\u0141 é") == "al e"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://www.ville.fr/a/?utm_source=x#top", "http://ville.fr/a"),
        ("https://ville.fr/a?id=3&utm_medium=y", "https://ville.fr/a?id=3"),
    ],
)
def test_two_addresses_of_one_page(one: str, two: str) -> None:
    assert normalise.link(one) == normalise.link(two) != ""


def test_a_home_page_is_not_a_link() -> None:
    assert normalise.link("https://ville.fr/") == ""
    assert normalise.host("https://www.ville.fr/a") == "ville.fr"
    assert normalise.host("nowhere") == ""


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Saint-Rémy-de-Provence", "ST REMY DE PROVENCE"),
        ("L'Isle-sur-la-Sorgue", "Isle sur la Sorgue (L')"),
        ("Le Luc", "LUC"),
        ("Nice cedex 2", "Nice"),
    ],
)
def test_two_ways_of_writing_a_commune(one: str, two: str) -> None:
    assert normalise.commune(one) == normalise.commune(two)


def test_a_name_comes_apart() -> None:
    said = names.read("AFCCC - ASSOCIATION FRANÇAISE DE CENTRES - 86 POITIERS")
    assert said == names.Said(("association", "francaise", "centres"), "afccc", "86", "poitiers")
    assert names.read("Être mobile c'est permis (EMCP)").acronym == "emcp"
    assert names.read("Le la").words == ("le", "la")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-05-27", date(2024, 5, 27)),
        ("2024-05-27T10:00:00+02:00", date(2024, 5, 27)),
        ("27/05/2024", date(2024, 5, 27)),
        ("2024-02-31", None),
        ("31/02/2024", None),
        ("bientôt", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert cards.day(text) == (day.toordinal() if day else None)


def test_a_day_is_found_in_the_text_unless_impossible() -> None:
    assert cards.said_day("Le 31 février 2024 ou le 2 mars 2024") == date(2024, 3, 2).toordinal()
    assert cards.said_day("Le 2 mars") is None


@pytest.mark.parametrize(
    "text",
    [
        "Club fondé le 3 mars 2005, ouvert à tous",
        "Depuis le 12 mai 2012, le relais passe ici",
        "Loi du 11 février 2005 pour l'égalité",
        "La bataille du 6 juin 1944 racontée",
    ],
)
def test_a_day_of_the_past_is_no_appointment(text: str) -> None:
    assert cards.said_day(text) is None
    assert cards.said_day(f"{text}. Le 4 octobre 2025 à 18 h.") == date(2025, 10, 4).toordinal()


def test_a_day_far_from_the_year_that_is_told_is_not_its_day() -> None:
    text = "Bilan du 4 octobre 2019, puis rendez-vous le 5 octobre 2024"
    assert cards.said_day(text, near=2024.0) == date(2024, 10, 5).toordinal()


@pytest.mark.parametrize(
    "title",
    [
        "En route vers 2030", "Aviron scolaire – Génération 2024", "Héritage de Paris 2024",
        "Journée Terre de Jeux 2024", "Jeux olympiques et paralympiques de Paris 2024",
        "Alpes françaises 2030 : la parole aux habitants",
    ],
)  # fmt: skip
def test_the_year_of_the_games_is_their_name(title: str) -> None:
    assert normalise.title(title).years == ()


def test_a_year_of_its_own_is_an_edition() -> None:
    assert normalise.title("Fête du sport 2024").years == (2024,)
    assert normalise.title("Jeux intervillages 2023").years == (2023,)


def test_a_title_year_far_from_the_day_is_what_it_is_about() -> None:
    told = cards.of_rows([
        {"title": "2030, et après ?", "date_start": "2026-02-07"},
        {"title": "Trail des crêtes 2025", "date_start": "2026-02-07"},
        {"title": "2030, et après ?"},
    ])  # fmt: skip
    years = compare.edition_year(told, np.arange(3)).tolist()
    assert math.isnan(years[0])
    assert years[1:] == [2025.0, 2030.0]


@pytest.mark.parametrize("value", ["x", math.nan, math.inf, None, ""])
def test_no_number(value: object) -> None:
    assert math.isnan(cards.number(value))


def mention(**changes: object) -> Mention:
    when = When(starts_on=date(2024, 9, 7), ends_on=date(2024, 9, 7), precision=Precision.DAY)
    one = Mention(
        id=1, source="s", key="1", title="Forum des associations de Gap", when=when,
        where=Where(commune_name="Gap", venue="Quattro"), who=Who(name="Ville de Gap", rna="W051"),
        url="https://gap.fr/forum", status=EventStatus.PLANNED,
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


def test_keys_are_rising_and_single() -> None:
    (found,) = keys.keys_of([mention()])
    assert found == sorted(set(found))
    assert 10 < len(found) < 40


def test_keys_of_one_organiser_are_side_by_side() -> None:
    """Announcements are read and written by page of the index."""
    (found,) = keys.keys_of([mention()])
    assert len({key >> 32 for key in found}) < len(found) / 2


def test_twins_share_their_keys_whatever_the_other_records() -> None:
    """The keys of a mention depend on it alone: the database's table needs no second reading."""
    twin = mention(id=2, key="2", title="FORUM DES ASSOCIATIONS DE GAP")
    assert keys.keys_of([twin]) == keys.keys_of([mention()])


def test_many_at_once_have_the_keys_they_have_alone() -> None:
    titles = ("Forum des associations de Gap", "Tournoi U13 2024", "", "Forum des associations")
    many = [mention(id=i, key=str(i), title=title) for i, title in enumerate(titles)]
    many.append(Mention(id=9, source="s", key="9", title=""))
    assert keys.keys_of(many) == [one for some in many for one in keys.keys_of([some])]
    assert keys.keys_of(many)[-1] == []
    assert keys.keys_of([]) == []


def test_the_order_of_rows_numbers_no_word() -> None:
    rows = prior.generate(78, events=40)
    one, two = cards.of_rows(rows), cards.of_rows(rows[::-1])
    assert one.vocabulary == two.vocabulary
    assert list(one.vocabulary) == sorted(one.vocabulary)
    last = one.n - 1
    for name in ("core", "text", "known", "numbers"):
        first, second = (getattr(found, name) for found in (one, two))
        assert all((first[i] == second[last - i]).all() for i in range(one.n))


@pytest.mark.parametrize("text", ["L'été à la cité, d'Aix&Gap", "FÃªte des enfants", "a\u00adb…"])
def test_a_text_is_folded_word_by_word_as_a_whole(text: str) -> None:
    words = Words()
    said = words.said(text)
    spelt = {number: word for word, number in words.known.items()}
    assert [spelt[k] for k in said] == [w for w in normalise.fold(text).split() if len(w) > 2]


def test_memory_proposes_what_shared_keys_propose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "CLOSEST", ((1000, 0),))
    rows = prior.generate(77, events=60)
    found = cards.of_rows(rows)
    a, b = block.candidates(found)
    owners: dict[object, set[int]] = {}
    for kind, who, left, right in keys.keyed(found):
        for row, *both in zip(who.tolist(), left.hashed(""), right.hashed(""), strict=True):
            owners.setdefault((kind, *both), set()).add(row)
    expected = {(i, j) for held in owners.values() for i in held for j in held if i < j}
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == expected


def test_a_table_and_the_database_propose_the_same() -> None:
    """`among` in memory, `nearest` by the numbers stored, all of them new at once."""
    rows = prior.generate(79, events=40)
    many = [
        mention(id=i, title=row["title"] or "", who=Who(name=row["organiser"] or None))
        for i, row in enumerate(rows)
    ]
    held: dict[int, list[int]] = {}
    for one, mine in zip(many, keys.keys_of(many), strict=True):
        for key in mine:
            held.setdefault(key, []).append(one.id)
    shared = {key: who for key, who in held.items() if 1 < len(who) <= block.CAP}
    sizes = np.array([*map(len, shared.values())])
    who = np.array([i for some in shared.values() for i in some])
    stored = block.nearest(range(len(many)), sizes, who)
    a, b = block.among(cards.of_mentions(many))
    assert stored == [*zip(a.tolist(), b.tolist(), strict=True)]


def test_a_key_of_everyone_proposes_nothing() -> None:
    rows = [{"title": "Forum", "id": str(i)} for i in range(300)]
    assert len(block.candidates(cards.of_rows(rows))[0]) == 0


def test_separate_days_meet_on_a_shared_day_only() -> None:
    saturdays = tuple(date(2024, 9, d) for d in (7, 14, 21))
    slots = tuple(Occurrence(starts_on=d, ends_on=d) for d in saturdays)
    several = When(
        starts_on=saturdays[0], ends_on=saturdays[-1], occurrences=slots, precision=Precision.DAY
    )
    day, between = date(2024, 9, 14), date(2024, 9, 11)
    listed = mention(when=several)
    model = score.load_prior()
    for when, expected in ((day, "dates qui se recouvrent"), (between, "3 jours d'écart")):
        other = mention(
            id=2, key="2", source="t",
            when=When(starts_on=when, ends_on=when, precision=Precision.DAY),
        )  # fmt: skip
        (found,) = score.judge([(listed, other)], model)
        assert any(r.text.startswith(expected) for r in found.reasons)
    assert score.judge([], model) == []


def test_reasons_are_in_french_and_weigh() -> None:
    other = mention(
        id=2, key="2", source="t", title="Forum des associations, complet",
        where=Where(commune_name="Nice", venue="Acropolis"), who=Who(name="Mairie de Nice"),
    )  # fmt: skip
    (found,) = score.judge([(mention(), other)], score.load_prior())
    assert found.best is Relation.DIFFERENT
    texts = {r.text: r.weight for r in found.reasons}
    assert texts["communes différentes"] < 0
    assert sum(found.p.values()) == pytest.approx(1)


def test_pair_scores() -> None:
    perfect = pair_score([0, 0, 1], ["x", "x", "y"])
    assert (perfect.precision, perfect.recall, perfect.f1) == (1, 1, 1)
    assert pair_score([0, 0, 1], ["x", "y", "y"]).f1 == 0
    assert pair_score([0, 1], ["x", "y"]).f1 == 1


def test_an_evaluation_hides_the_truth_and_reads_in_french(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(learn, "WORLD", 40)  # what is replayed while learning: small, it is a test
    monkeypatch.setattr(learn, "MOST_ROUNDS", 4)
    rows = [{k: "" if v is None else str(v) for k, v in row.items()}
            for row in prior.generate(78, events=120)]  # fmt: skip
    mapping = {name: name for name in rows[0] if name not in ("parent", "series")}
    mapping["siren"] = "event"  # a truth column guessed as something else is hidden all the same
    found = evaluate(rows, mapping, truth="event", series="series")
    assert found.pairs.f1 > 0.8
    assert found.series is not None
    assert found.questions[-1][1] >= found.questions[0][1]
    assert "questions pour 1 000 lignes" in french(found)
    assert evaluate(rows, mapping, truth="event").series is None
    with pytest.raises(ConfigError, match="colonne 'nope'"):
        evaluate(rows, mapping, truth="nope")


def test_row_numbers_are_noise_and_values_are_not() -> None:
    assert unknown.is_noise(["1", "2", "3"])
    assert not unknown.is_noise(["1", "1", "3"])
    assert not unknown.is_noise(["marie", "paul"])
    assert not unknown.is_noise(["", "1"])


def test_nothing_shared_is_no_candidate() -> None:
    table = unknown.read([{"a": "x"}, {"a": "y"}], ["a"])
    assert len(unknown.candidates(table)[0]) == 0
    assert unknown.candidates(unknown.Table(2, (), np.arange(2)))[0].dtype == np.int64
