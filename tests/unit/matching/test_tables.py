"""`match_rows` on the tables people bring: announcements, names, persons, and broken ones."""

import math

import pytest

from domain.errors import ConfigError
from matching import names, prior
from matching.engines import engine_of
from matching.tables import match_rows

EVENTS = {
    name: name
    for name in ("id", "source", "title", "organiser", "venue", "commune", "date_start", "date_end")
}


def forum(number: int, **changes: object) -> dict[str, object]:
    row = {
        "id": str(number), "source": "mairie", "title": "Forum des associations",
        "organiser": "Ville de Gap", "venue": "Le Quattro", "commune": "Gap",
        "date_start": "2024-09-07", "date_end": "2024-09-07",
    }  # fmt: skip
    return row | changes


def test_the_same_event_and_its_other_edition() -> None:
    rows = [
        forum(1),
        forum(2, source="agenda", title="Forum des associations de Gap"),
        forum(3, source="agenda", date_start="2025-09-06", date_end="2025-09-06"),
    ]
    found = match_rows(rows, EVENTS)
    assert found.engine == "events"
    assert found.cluster == (0, 0, 1)
    assert found.series == (0, 0, 0)
    assert {frozenset((p.a, p.b)): p.decision for p in found.pairs} == {
        frozenset((0, 1)): "same", frozenset((0, 2)): "other_edition",
        frozenset((1, 2)): "other_edition",
    }  # fmt: skip
    assert "même commune" in found.reasons[0]
    assert found.decisions == ("same", "same", "")
    assert found.reasons[2].startswith("même initiative : ")
    assert found.scores[2] is None


def test_a_group_that_waits_for_an_answer_says_so() -> None:
    rows = [forum(1), forum(2, source="agenda", title="Forum des assos", organiser="", venue="")]
    found = match_rows(rows, EVENTS)
    assert [(p.decision, p.likely) for p in found.pairs] == [("ask", "same")]
    assert found.questions == 1
    assert found.decisions == ("ask", "ask")


def test_a_verdict_decides_and_a_contradiction_merges_nothing() -> None:
    rows = [forum(1), forum(2, source="agenda"), forum(3, commune="Apt", title="Loto")]
    apart = match_rows(rows, EVENTS, verdicts=[("1", "2", "different")])
    assert apart.cluster == (0, 1, 2)
    both = match_rows(
        rows, EVENTS, verdicts=[("1", "3", "same"), ("3", "2", "same"), ("1", "2", "different")]
    )
    assert both.conflicts == ((0, 2, 1),)
    assert len(set(both.cluster)) == 3


def test_a_contradiction_is_told_by_the_rows_that_were_answered() -> None:
    """Though the first two are identical, and count for one."""
    rows = [forum(1), forum(2), forum(3, commune="Apt", title="Loto")]
    said = [("1", "2", "same"), ("2", "3", "same"), ("1", "3", "different")]
    found = match_rows(rows, EVENTS, verdicts=said)
    assert found.conflicts == ((0, 1, 2),)
    assert match_rows(rows, EVENTS, verdicts=said[1:]).conflicts == ((0, 1, 2),)
    assert len(set(found.cluster)) == 2


@pytest.mark.parametrize(
    ("verdict", "message"),
    [
        (("1", "9", "same"), "identifiant '9' : aucune ligne là où une seule est attendue"),
        (("1", "2", "twin"), "décision « twin » là où l'une de"),
        (("1", "7", "same"), "identifiant '7' : plusieurs lignes là où une seule est attendue"),
    ],
)
def test_an_impossible_verdict_says_what_to_correct(
    verdict: tuple[str, str, str], message: str
) -> None:
    rows = [forum(1), forum(2, title="Loto"), forum(7), forum(7, title="Carnaval")]
    with pytest.raises(ConfigError, match=message):
        match_rows(rows, EVENTS, verdicts=[verdict])


def test_across_compares_only_between_files() -> None:
    rows = [forum(1, file="a"), forum(2, file="a", source="x"), forum(3, file="b", source="y")]
    found = match_rows(rows, EVENTS, across="file")
    assert {(p.a, p.b) for p in found.pairs} == {(0, 2), (1, 2)}
    with pytest.raises(ConfigError, match="colonne 'nope'"):
        match_rows(rows, EVENTS, across="nope")


def test_identical_rows_cost_one_and_say_so() -> None:
    rows = [forum(i) for i in range(5_000)]
    found = match_rows(rows, EVENTS)
    assert set(found.cluster) == {0}
    assert found.reasons[0] == "lignes identiques"
    assert found.warnings == ("4999 lignes identiques à une autre",)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "", None, "?", 0.0])
def test_an_impossible_coordinate_is_an_absence(value: object) -> None:
    mapping = {**EVENTS, "lat": "lat", "lon": "lon"}
    rows = [forum(1, lat=value, lon=value), forum(2, source="agenda", lat=44.5, lon=6.1)]
    assert match_rows(rows, mapping).cluster == (0, 0)


def test_names_alone() -> None:
    rows = [
        {"nom": "COMITE DEPARTEMENTAL HANDISPORT DU VAR - 83 TOULON"},
        {"nom": "Comité départemental handisport du Var"},
        {"nom": "Comité départemental handisport de l'Ain"},
        {"nom": "Tennis Club de Toulon"},
    ]
    found = match_rows(rows, {"title": "nom"})
    assert found.engine == "names"
    assert found.cluster == (0, 0, 1, 2)


def test_a_table_nobody_described() -> None:
    people = [
        ("marie", "durand", "1980-03-04", "12 rue des lilas", "gap"),
        ("paul", "martin", "1975-11-30", "3 avenue du lac", "embrun"),
        ("lea", "bernard", "1990-01-15", "45 place carnot", "apt"),
        ("hugo", "petit", "1968-07-22", "8 chemin vert", "nice"),
        ("ines", "moreau", "2001-12-09", "27 cours mirabeau", "aix"),
    ]
    names = ("first", "last", "born", "street", "town")
    rows = [dict(zip(names, one, strict=True)) for one in people for _ in range(2)]
    rows[1]["last"] = "durant"
    rows[3]["street"] = "3 av du lac"
    rows[5]["born"] = ""
    rows[7]["first"] = "hugues"
    rows[9]["town"] = "aix en provence"
    found = match_rows(rows, {})
    assert found.engine == "unknown"
    assert found.cluster == (0, 0, 1, 1, 2, 2, 3, 3, 4, 4)
    assert "born : même valeur" in found.reasons[0]


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(ConfigError, match="aucune colonne à comparer"):
        match_rows([{"a": ""}, {"a": ""}], {})


def test_an_empty_table_is_an_empty_answer() -> None:
    assert match_rows([], EVENTS).cluster == ()


def test_no_title_is_not_an_error() -> None:
    rows = [forum(i, title="", date_start=f"2024-09-0{i}", date_end="") for i in (1, 2, 3)]
    assert len(match_rows(rows, EVENTS).cluster) == 3


def test_the_engine_follows_the_columns() -> None:
    assert engine_of({"title": "a", "date_start": "b"}) == "events"
    assert engine_of({"organiser": "a", "dep": "b"}) == "names"
    assert engine_of({"address": "a"}) == "unknown"


def test_a_world_of_announcements_is_found_again() -> None:
    """A world the prior never saw; the floor is far under what it reaches."""
    rows = prior.generate(990, events=400)
    found = match_rows(rows, {name: name for name in rows[0] if name not in TRUTH})
    pairs = [
        (a, b) for a in range(len(rows)) for b in range(a + 1, len(rows))
        if found.cluster[a] == found.cluster[b]
    ]  # fmt: skip
    right = sum(rows[a]["event"] == rows[b]["event"] for a, b in pairs)
    assert right / len(pairs) > 0.85


TRUTH = ("event", "series", "parent")


BODIES = {"title": "name", "rna": "rna", "siren": "siren", "siret": "siret", "dep": "dep"}


def body(name: str, **numbers: str) -> dict[str, str]:
    return {"name": name, "rna": "", "siren": "", "siret": "", "dep": "05"} | numbers


def test_the_same_siret_renamed_is_one_body() -> None:
    rows = [
        body("Amicale laïque de Gap", siret="40266717400013"),
        body("Gap en mouvement", siren="402667174"),
        body("Amicale laïque de Gap", siren="732829320"),
    ]
    found = match_rows(rows, BODIES)
    assert found.cluster == (0, 0, 1)
    assert "même identifiant" in found.reasons[0]


def test_verdicts_teach_when_there_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    from matching import learn

    monkeypatch.setattr(learn, "WORLD", 100)
    rows = prior.generate(991, events=150)
    mapping = {name: name for name in rows[0] if name not in TRUTH}
    first = match_rows(rows, mapping)
    said = [
        (str(rows[p.a]["id"]), str(rows[p.b]["id"]), "same" if same else "different")
        for p in first.pairs
        if (same := rows[p.a]["event"] == rows[p.b]["event"]) or p.score > 0.3
    ][:60]
    taught = match_rows(rows, mapping, verdicts=said)
    place = {str(row["id"]): i for i, row in enumerate(rows)}
    for a, b, verdict in said:
        assert (taught.cluster[place[a]] == taught.cluster[place[b]]) == (verdict == "same")


def test_verdicts_on_names_teach_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from matching import learn
    from matching.names import prior as prior_names

    monkeypatch.setattr(learn, "WORLD", 100)
    rows = [row | {"id": str(i)} for i, row in enumerate(prior_names.generate(5, bodies=120))]
    mapping = {name: name for name in ("id", "title", "dep", "address", "source")}
    pairs = match_rows(rows, mapping).pairs[:60]
    said = [
        (rows[p.a]["id"], rows[p.b]["id"],
         "same" if rows[p.a]["entity"] == rows[p.b]["entity"] else "different")
        for p in pairs
    ]  # fmt: skip
    wrong = [(a, b, "same" if v == "different" else "different") for a, b, v in said[4::5]]
    taught = match_rows(rows, mapping, verdicts=said)
    assert all(
        (taught.cluster[int(a)] == taught.cluster[int(b)]) == (v == "same") for a, b, v in said
    )
    mixed = [v for v in said if v not in said[4::5]] + wrong
    assert match_rows(rows, mapping, verdicts=mixed).engine == "names"


def test_establishments_of_one_body_are_told_apart_by_their_names() -> None:
    rows = [
        body("La Poste Bourg-en-Bresse Maginot", siret="35600000063516"),
        body("La Poste Chauny", siret="35600000060857"),
        body("LA POSTE CHAUNY", siret="35600000060857"),
    ]
    found = match_rows(rows, BODIES)
    assert found.cluster == (0, 1, 1)


def test_one_name_far_away_is_asked_and_another_is_not_the_same() -> None:
    places = [
        ("France Services", 42.70, 9.45), ("France Services", 41.92, 8.73),
        ("Mission locale de Bastia", 42.70, 9.45), ("Mission Locale de BASTIA", 42.7001, 9.4501),
        ("Mairie de Corscia", 42.35, 9.04), ("Mairie de Crocicchia", 42.46, 9.35),
    ]  # fmt: skip
    rows = [{"nom": name, "lat": lat, "lon": lon} for name, lat, lon in places]
    found = match_rows(rows, {"title": "nom", "lat": "lat", "lon": "lon"})
    assert found.cluster == (0, 1, 2, 2, 3, 4)
    assert "à 0,0 km" in found.reasons[2]


def test_the_town_is_what_follows_the_postcode() -> None:
    rows = [
        {"nom": "Mairie", "adresse": "Village 20290 CROCICCHIA"},
        {"nom": "Mairie", "adresse": "Village 20224 CORSCIA CEDEX 2"},
        {"nom": "Mairie", "adresse": "Le bourg 20224 Corscia"},
    ]
    places = names.of_rows({"title": r["nom"], "address": r["adresse"]} for r in rows).places.values
    assert places == ["crocicchia", "corscia"]


def test_a_part_comes_before_its_festival() -> None:
    rows = [
        forum(1, title="Festival des arts", date_end="2024-09-15"),
        forum(2, source="agenda", title="Festival des arts", date_end="2024-09-15"),
        forum(3, title="Festival des arts : atelier cirque", date_start="2024-09-10", date_end=""),
    ]
    found = match_rows(rows, EVENTS, verdicts=[("1", "2", "same"), ("1", "3", "part_of")])
    assert found.cluster == (0, 0, 1)
    assert found.series == (0, 0, 0)
    assert found.part_of == (None, None, 0)
    parts = [(p.a, p.b) for p in found.pairs if p.decision == "part_of"]
    assert set(parts) <= {(2, 0), (2, 1)}
    assert parts
    assert all(p.reasons[0].startswith("la première") for p in found.pairs if p.a == 2)


@pytest.mark.parametrize("engine", ["events", "names"])
def test_neither_the_order_of_rows_nor_of_columns_counts(engine: str) -> None:
    world = prior.generate(83, events=120)
    fields = {name: name for name in EVENTS if name in world[0]}
    if engine == "names":
        fields = {"title": "organiser", "dep": "dep", "id": "id"}
    told = {tuple(row[c] for c in fields.values() if c != "id"): row for row in world}
    rows = [{"id": str(k), **{c: row[c] for c in fields.values() if c != "id"}}
            for k, row in enumerate(told.values())]  # fmt: skip
    mixed = [dict(reversed(row.items())) for row in reversed(rows)]

    def answer(table: list[dict[str, object]]) -> tuple[str, object]:
        found = match_rows(table, fields)
        ids = [str(row["id"]) for row in table]
        groups: dict[tuple[str, int], set[str]] = {}
        for label, numbers in (("cluster", found.cluster), ("series", found.series)):
            for own, number in zip(ids, numbers, strict=True):
                groups.setdefault((label, number), set()).add(own)
        told = {frozenset((ids[p.a], ids[p.b])): (p.score, p.decision) for p in found.pairs}
        return found.engine, ({(k[0], frozenset(one)) for k, one in groups.items()}, told)

    assert answer(mixed) == answer(rows)
    assert answer(rows)[0] == engine
