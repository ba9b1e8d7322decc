"""The pages on a real database: what each action changes, what it refuses."""

import io
import json
import re
from html import unescape

import openpyxl
import pytest

from domain.records import (
    Decision,
    Quarantined,
    Question,
    Share,
    SourceMemory,
    Suggestion,
    Visit,
    Who,
)
from domain.statuses import (
    DecisionKind,
    InitiativeStatus,
    Outcome,
    Relation,
    Role,
    SourceHealth,
    SuggestionKind,
)
from review import rematch
from review.pages import declare
from storage import (
    batches,
    decisions,
    initiatives,
    items,
    lists,
    matches,
    outbox,
    sources,
    suggestions,
    tables,
)
from storage.batches import By, Group
from tests.builders import (
    NOW,
    a_mention,
    a_raw_item,
    a_source,
    later,
    stored_initiative,
    stored_mentions,
)
from tests.review import a_house, a_person

HERE = {"campagne": "PAAT-2024"}


@pytest.fixture
def house(database):
    return a_house(database)


def _initiative(house, key="1", **changes):
    """A stored, described initiative of one announcement: (its id, the mention's)."""
    with house.database.begin() as conn:
        [mention] = stored_mentions(conn, [a_mention(key, **changes)])
        name = stored_initiative(conn, mention)
        rematch.describe(conn, [name], NOW)
    return name, mention.id


def _one(house, name):
    with house.database.begin() as conn:
        return initiatives.get(conn, [name])[0]


def _form(house, name, **more):
    return {"version": str(_one(house, name).version), "cle": "k", **HERE, **more}


def _text(answer):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text)))


# --- an initiative ---------------------------------------------------------------------------


def test_a_value_fixed_by_hand_wins_over_sources_and_says_so_until_taken_back(house):
    name, _ = _initiative(house, text="Texte")
    lea = a_person(house, name="lea")
    form = _form(house, name, champ="title", valeur="Un titre à moi", motif="vu sur place")
    assert lea.post(f"/initiatives/{name}/champ", form).status_code == 303
    assert lea.post(f"/initiatives/{name}/champ", form).status_code == 303  # sent twice: once
    with house.database.begin() as conn:
        rematch.describe(conn, [name], later(hours=1))
    one = _one(house, name)
    assert (one.value("title"), one.values["title"].rule) == ("Un titre à moi", "user:lea")
    page = _text(lea.get(f"/initiatives/{name}"))
    assert "fixée par lea" in page
    assert "Titre : « Annonce 1 » → « Un titre à moi »" in page
    with house.database.begin() as conn:
        [done] = decisions.of(conn, [name])
    lea.post(f"/initiatives/{name}/annuler", {"decision": str(done.id), **HERE})
    assert _one(house, name).value("title") == "Annonce 1"


def test_a_commune_is_three_fields_at_once(house):
    name, _ = _initiative(house)
    form = _form(house, name, champ="commune_name", valeur="Marseille")
    a_person(house).post(f"/initiatives/{name}/champ", form)
    one = _one(house, name)
    assert [one.value(f) for f in ("commune_code", "commune_name", "department")] == [
        "13055",
        "Marseille",
        "13",
    ]


def test_what_cannot_be_is_told_and_changes_nothing(house):
    name, _ = _initiative(house)
    form = _form(house, name, champ="starts_on", valeur="demain")
    answer = a_person(house).post(f"/initiatives/{name}/champ", form)
    assert answer.status_code == 400
    assert "« demain » n'est pas une date" in _text(answer)
    assert _one(house, name).version == int(form["version"])


def test_a_page_out_of_date_is_refused(house):
    name, _ = _initiative(house)
    lea = a_person(house)
    stale = _form(house, name, champ="title", valeur="B")
    lea.post(f"/initiatives/{name}/champ", _form(house, name, champ="title", valeur="A", cle="a"))
    assert lea.post(f"/initiatives/{name}/champ", stale).status_code == 409
    assert _one(house, name).value("title") == "A"


@pytest.mark.parametrize(
    ("pressed", "status"),
    [("valider", InitiativeStatus.REGISTERED), ("ecarter", InitiativeStatus.REJECTED)],
)
def test_the_status_changes_is_told_and_comes_back(house, pressed, status):
    name, _ = _initiative(house)
    lea = a_person(house)
    form = _form(house, name, decision=pressed, theme=["heritage", "inconnu"], motif="vu")
    assert lea.post(f"/initiatives/{name}/statut", form).status_code == 303
    assert _one(house, name).status is status
    with house.database.begin() as conn:
        [done] = decisions.of(conn, [name])
        assert done.value == ({"themes": ["heritage"]} if pressed == "valider" else {})
        assert "paat.decisions.recorded" in {one.event for one in outbox.unpublished(conn)}
    lea.post(f"/initiatives/{name}/annuler", {"decision": str(done.id), **HERE})
    assert _one(house, name).status is InitiativeStatus.WAITING


@pytest.mark.parametrize("account", [{"departments": ("13",)}, {"organisation": "ville de GAP"}])
def test_nobody_decides_outside_their_territory_nor_upon_their_own(house, account):
    name, mention = _initiative(house)
    _, other = _initiative(house, "2", source="digne")
    paul = a_person(house, **account)
    assert "vous pouvez la lire, pas décider" in _text(paul.get(f"/initiatives/{name}"))
    for path, more in (
        ("champ", {"champ": "title", "valeur": "A"}),
        ("statut", {"decision": "valider"}),
        ("note", {"motif": "A"}),
    ):
        answer = paul.post(f"/initiatives/{name}/{path}", _form(house, name, **more))
        assert answer.status_code == 403
    assert paul.post(f"/doublons/{mention}/{other}", {"reponse": "same"}).status_code == 403


def test_a_script_in_a_title_is_shown_not_run(house):
    name, _ = _initiative(house, title="<script>alert(1)</script> \u202egnirts \U0001f3c3")
    page = a_person(house).get(f"/initiatives/{name}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_an_unknown_initiative_is_not_found_and_an_old_id_leads_to_the_new(house):
    lea = a_person(house)
    assert lea.get("/initiatives/PAAT-93-RIEN").status_code == 404
    (kept, a), (gone, b) = _initiative(house), _initiative(house, "2", source="digne")
    lea.post(f"/doublons/{a}/{b}", {"reponse": "same"})
    with house.database.begin() as conn:
        living = initiatives.resolve(conn, gone)
    old = gone if living == kept else kept
    answer = lea.get(f"/initiatives/{old}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/initiatives/{living}")


# --- duplicates ------------------------------------------------------------------------------


def _asked(house, a, b):
    with house.database.begin() as conn:
        asked = Question(a=a, b=b, p={Relation.SAME: 0.6, Relation.DIFFERENT: 0.4}, worth=1)
        matches.put_questions(conn, [asked], NOW)


def test_a_pair_the_machine_did_not_ask_about_still_tells_what_it_sees(house):
    (_, a), (_, b) = (
        _initiative(house, title="Fête du nautisme"),
        _initiative(house, "2", source="digne", title="Fête du nautisme"),
    )
    page = _text(a_person(house, name="lea").get(f"/doublons/{a}/{b}"))
    assert "Ce que la machine en pense : « même initiative, même édition »" in page
    assert "même titre" in page


def test_same_merges_at_once_keeps_the_values_picked_and_different_separates_again(house):
    (_, a), (_, b) = (
        _initiative(house, title="Fête du nautisme"),
        _initiative(house, "2", source="digne", title="Régates solidaires", text="Plus long"),
    )
    _asked(house, a, b)
    lea = a_person(house, name="lea")
    page = _text(lea.get(f"/doublons/{a}/{b}"))
    assert "Fête du nautisme" in page
    assert "Régates solidaires" in page
    answer = lea.post(f"/doublons/{a}/{b}", {"reponse": "same", "garder-titre": "droite", **HERE})
    assert answer.headers["location"].startswith("/doublons?")  # no question is left
    with house.database.begin() as conn:
        [one] = initiatives.by_mentions(conn, [a, b])
        assert matches.questions(conn, 10) == []
        shown = lists.page(conn, lists.Wanted(words="regates")).lines
    assert set(one.mentions) == {a, b}
    assert one.value("title") == "Régates solidaires"
    assert [line.id for line in shown] == [one.id]
    page = _text(lea.get(f"/doublons/{a}/{b}"))
    assert "Aujourd'hui dans la même édition de la même initiative." in page
    lea.post(f"/doublons/{a}/{b}", {"reponse": "different"})
    with house.database.begin() as conn:
        assert len(initiatives.by_mentions(conn, [a, b])) == 2
        assert [one.relation for one in matches.history(conn, a, b) if one.by_person] == [
            Relation.SAME,
            Relation.DIFFERENT,
        ]


def test_an_absorbed_initiative_is_given_back_and_stays_apart(house):
    (_, a), (_, b) = _initiative(house), _initiative(house, "2", source="digne")
    lea = a_person(house)
    lea.post(f"/doublons/{a}/{b}", {"reponse": "same"})
    with house.database.begin() as conn:
        [one] = initiatives.by_mentions(conn, [a])
        under = initiatives.merged_with(conn, [one.id])[one.id]
    [absorbed] = [name for name in under if name != one.id]
    (other, _) = _initiative(house, "3", source="apt")
    stranger = _form(house, other, autre=absorbed)
    assert lea.post(f"/initiatives/{other}/defusionner", stranger).status_code == 409
    form = _form(house, one.id, autre=absorbed)
    assert lea.post(f"/initiatives/{one.id}/defusionner", form).status_code == 303
    assert lea.post(f"/initiatives/{one.id}/defusionner", form).status_code == 409
    with house.database.begin() as conn:
        apart = initiatives.by_mentions(conn, [a, b])
        said = [v.relation for v in matches.verdicts(conn, [a]) if v.by_person]
    assert {one.id for one in apart} == {one.id, absorbed}
    assert said == [Relation.DIFFERENT]


def test_an_announcement_is_taken_out_for_good(house):
    (_, a), (_, b) = _initiative(house), _initiative(house, "2", source="digne")
    lea = a_person(house)
    lea.post(f"/doublons/{a}/{b}", {"reponse": "same"})
    with house.database.begin() as conn:
        [one] = initiatives.by_mentions(conn, [a])
    lea.post(f"/initiatives/{one.id}/sortir", _form(house, one.id, annonce=str(b)))
    with house.database.begin() as conn:
        assert len(initiatives.by_mentions(conn, [a, b])) == 2
    alone = _form(house, one.id, annonce=str(a))
    assert lea.post(f"/initiatives/{one.id}/sortir", alone).status_code == 404


@pytest.mark.parametrize("answer", list(Relation))
def test_every_answer_is_remembered_and_the_pair_never_asked_again(house, answer):
    (_, a), (_, b) = _initiative(house), _initiative(house, "2", source="digne")
    _asked(house, a, b)
    lea = a_person(house, name="lea")
    assert lea.post(f"/doublons/{b}/{a}", {"reponse": answer.value}).status_code == 303
    _asked(house, a, b)
    with house.database.begin() as conn:
        assert matches.questions(conn, 10) == []
        [said] = [v for v in matches.verdicts(conn, [a]) if v.by_person]
    assert (said.relation, said.by) == (answer, "user:lea")


def test_a_pair_that_is_not_one_and_an_answer_that_is_not_one_are_refused(house):
    (_, a), (_, b) = _initiative(house), _initiative(house, "2", source="digne")
    lea = a_person(house)
    assert lea.get("/doublons/999/1000").status_code == 404
    assert lea.post(f"/doublons/{a}/{b}", {"reponse": "peut-être"}).status_code == 400
    assert lea.get(f"/doublons/{a}/{a}").status_code in (200, 404)


# --- lists -----------------------------------------------------------------------------------


def test_a_list_is_filtered_told_and_exported_as_shown(house):
    gap, _ = _initiative(house, title="Fête de l'Étang")
    _initiative(house, "2", source="digne", title="Vide-grenier")
    with house.database.begin() as conn:
        decided = Decision(
            initiative=gap,
            campaign="PAAT-2024",
            kind=DecisionKind.APPROVE,
            by="user:lea",
            at=NOW,
            value={"themes": ["heritage"]},
        )
        decisions.add(conn, decided)
    lea = a_person(house, Role.READER)
    page = _text(lea.get("/initiatives?q=etang&campagne=PAAT-2024&statut=recensees&commune=Gap"))
    assert "1 initiative." in page
    assert "Fête de l'Étang" in page
    assert "Vide-grenier" not in page
    answer = lea.get("/initiatives/export/csv?q=etang&campagne=PAAT-2024")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith('.csv"')
    assert "Fête de l'Étang" in answer.text
    assert "Vide-grenier" not in answer.text
    assert lea.get("/initiatives/export/exe").status_code == 404


def test_a_list_stays_in_one_s_territory_unless_the_whole_region_is_asked_for(house):
    _initiative(house, title="Fête du lac")
    _initiative(house, "2", source="digne", title="Vide-grenier")
    with house.database.begin() as conn:
        conn.execute(tables.listings.update().values(department="13"))
        here = tables.listings.c.title == "Fête du lac"
        conn.execute(tables.listings.update().where(here).values(department="05"))
    lea = a_person(house, Role.READER, departments=("05",))
    mine, all_ = (_text(lea.get(f"/initiatives{query}")) for query in ("", "?territoire=tout"))
    assert ("Vide-grenier" in mine, "Vide-grenier" in all_) == (False, True)
    assert "Fête du lac" in mine
    exported = lea.get("/initiatives/export/json?campagne=PAAT-2024&q=fete").json()
    assert exported["filtres"] == ["mots : fete", "campagne : PAAT-2024", "territoire : 05"]
    assert "Licence Ouverte" in exported["licence"]
    assert "2026" in json.dumps(exported)  # the day it was made


def test_a_workbook_says_its_filters_date_and_licence(house):
    _initiative(house, title="Fête du lac")
    lea = a_person(house, Role.READER)
    answer = lea.get("/initiatives/export/xlsx?campagne=PAAT-2024&q=fete&departement=05")
    readme = openpyxl.load_workbook(io.BytesIO(answer.content))["Lisez-moi"]
    told = {row[0]: row[1] for row in readme.iter_rows(values_only=True) if row[0]}
    assert told["Filtres"] == "mots : fete ; campagne : PAAT-2024 ; département : 05"
    assert "Licence Ouverte" in told["Licence"]
    assert told["Date de l'export"]


@pytest.mark.parametrize("asked", ["commune=Xyzzy", "du=demain", "q=zzzz", "apres=%00", "q=%00"])
def test_an_odd_filter_is_told_and_finds_nothing_or_everything_without_failing(house, asked):
    assert a_person(house).get(f"/initiatives?{asked}").status_code == 200


@pytest.mark.parametrize("path", ["/initiatives", "/doublons", "/sources", "/lots"])
def test_a_page_of_many_costs_as_many_statements_as_a_page_of_few(house, statements, path):
    lea = a_person(house)
    counts = []
    for start in (0, 10):
        pairs = [_initiative(house, str(n), source=f"s{n}")[1] for n in range(start, start + 10)]
        _asked(house, *pairs[:2])
        _asked(house, *pairs[2:4])
        statements.clear()
        assert lea.get(path).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


# --- sources, why ----------------------------------------------------------------------------


def _visited(house, slug, **changes):
    with house.database.begin() as conn:
        sources.register(conn, [a_source(slug)])
        visit = Visit(source=slug, **{"outcome": Outcome.OK, "started_at": NOW, **changes})
        health = changes.pop("health", SourceHealth.OK)
        sources.record_visit(conn, visit, health=health)


def test_an_ill_source_comes_first_with_its_reason_and_can_be_paused_and_resumed(house):
    _visited(house, "gap", items=12)
    _visited(house, "digne", outcome=Outcome.UNREACHABLE, why="le site répond 500. Réessayez.")
    chief = a_person(house, Role.ADMIN)
    page = _text(chief.get("/sources"))
    assert page.index("le site répond 500") < page.index("En ordre")
    for action, paused in (("pause", True), ("reprendre", False)):
        assert chief.post(f"/sources/gap/{action}").status_code == 303
        with house.database.begin() as conn:
            assert sources.states(conn)["gap"].paused is paused
    assert a_person(house).post("/sources/gap/pause").status_code == 403


def test_an_administrator_gives_back_its_trust_to_a_source_whose_identifiers_did_not_hold(house):
    _visited(house, "gap")
    with house.database.begin() as conn:
        kept = {"policy": "url", "why": "5 identifiants ont changé", "since": NOW.isoformat()}
        sources.recognise(conn, "gap", kept)
    reader = a_person(house)
    assert "Croire de nouveau" not in _text(reader.get("/sources/gap"))
    assert reader.post("/sources/gap/confiance").status_code == 403
    chief = a_person(house, Role.ADMIN)
    assert "Croire de nouveau" in _text(chief.get("/sources/gap"))
    assert chief.post("/sources/gap/confiance").status_code == 303
    page = _text(chief.get("/sources/gap?fait=confiance"))
    assert ("Croire de nouveau" in page, "sont crus de nouveau" in page) == (False, True)


def test_retrying_makes_it_due_at_once(house):
    _visited(house, "gap")
    with house.database.begin() as conn:
        visit = Visit(source="gap", outcome=Outcome.OK, started_at=NOW)
        sources.record_visit(conn, visit, next_visit_at=later(days=3))
        assert sources.due(conn, NOW) == []
    assert a_person(house).post("/sources/gap/reessayer").status_code == 303
    with house.database.begin() as conn:
        assert sources.due(conn, NOW) == ["gap"]


def test_a_source_says_why_it_is_visited_then_what_it_lacks_and_what_to_do(house):
    _visited(house, "gap")
    memory = SourceMemory(
        next_why="toutes les 12 h : du nouveau toutes les 24 h d'ordinaire",
        alarms={"field:date": "les dates disparaissent : 4 %"},
        fill={"date": Share(usual=0.82, recent=0.04)},
        address="https://neuf.example/flux",
        address_of="https://gap.example/flux",
        tdm="en-tête TDM-Reservation: 1",
    )
    with house.database.begin() as conn:
        visit = Visit(source="gap", outcome=Outcome.OK, started_at=NOW, response_ms=180)
        sources.record_visit(conn, visit, next_visit_at=later(days=1), memory=memory)
        sources.left_address(conn, "gap", "https://gap.example/flux", NOW)
    person = a_person(house)
    shown = person.get("/sources/gap").text.replace("&#39;", "'")
    for words in (
        "toutes les 12 h : du nouveau",
        "Les dates disparaissent : 4 %",
        ">dates 4 %</strong> (82 %)",
        "https://neuf.example/flux",
        "remplacez url",
        "Fouille de textes réservée (en-tête TDM-Reservation: 1)",
        "180 ms",
        "Adresses d'avant : https://gap.example/flux",
    ):
        assert words in shown, words
    assert "À faire : a déménagé" in person.get("/sources").text.replace("&#39;", "'")


def test_a_source_added_on_screen_is_kept_with_who_added_it_once(house):
    chief = a_person(house, Role.ADMIN)
    form = {
        "url": "https://exemple.fr/agenda.ics",
        "titre": "Agenda d'Exemple",
        "type": "calendar",
        "departement": "05",
    }
    assert (
        chief.post("/sources/ajouter", form)
        .headers["location"]
        .startswith("/sources/agenda-d-exemple")
    )
    assert chief.post("/sources/ajouter", form).status_code == 409
    with house.database.begin() as conn:
        [one] = sources.added(conn)
    assert (one.kind, one.department) == ("calendar", "05")
    for bad in ({"url": "file:///etc/passwd"}, {"type": "rien"}, {"titre": " "}, {"options": "{"}):
        assert chief.post("/sources/ajouter", form | bad).status_code == 400


def test_a_preview_never_reads_the_house_s_own_network(house):
    page = a_person(house).get("/sources/apercu?url=http://127.0.0.1:1/agenda")
    assert page.status_code == 200
    assert "plus de 1023 est attendu" in _text(page)
    kinded = a_person(house, name="b").get("/sources/apercu?url=http://127.0.0.1:1/a&type=feed")
    assert "refusée" in _text(kinded)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://", "http://a@b.fr/"])
def test_an_address_that_is_not_one_is_told(house, url):
    page = a_person(house).get("/sources/apercu", params={"url": url})
    assert "Donnez une adresse publique" in _text(page)


def test_why_tells_where_every_announcement_stopped(house):
    name, _ = _initiative(house, title="Fête de l'Étang")
    lea = a_person(house)

    def why(text):
        return _text(lea.get("/pourquoi", params={"quoi": text}))

    assert "attend qu'une personne la relise" in why("etang")
    assert "attend qu'une personne la relise" in why("http://www.gap.example/1/")
    lea.post(
        f"/initiatives/{name}/statut", _form(house, name, decision="ecarter", motif="hors région")
    )
    assert "pas dans le recensement, une personne l'a jugée hors champ (hors région)" in why(
        "etang"
    )
    with house.database.begin() as conn:
        items.store(conn, [a_raw_item("neuf", title="Gala d'été")], NOW)
        broken = Quarantined(
            source="gap", key="k9", why="date illisible", payload={"title": "Cassé"}
        )
        items.quarantine(conn, [broken], NOW)
        stored_mentions(conn, [a_mention("seule", source="digne", title="Nuit des étoiles")])
    assert "Collectée, pas encore lue" in why("gala d'ete")
    assert "Collectée, pas encore lue" in why("https://gap.example/neuf")
    assert "quarantaine : date illisible" in why("casse")
    assert "pas encore rapprochée" in why("nuit des etoiles")
    assert "n'a jamais été vue" in why("rien de tel")
    assert "Le site est suivi" in why("https://gap.example/autre")
    assert "Aucune source ne suit ce site" in why("https://inconnu.example/a")
    with house.database.begin() as conn:
        sources.pause(conn, "digne")
    assert "1 source ne se lit pas en ce moment" in why("rien de tel")


# --- batches ---------------------------------------------------------------------------------

GROUP = Group(campaign="PAAT-2024", by=By.SOURCE, key="gap", scope="in", themes=("heritage",))


def _predicted(house, count):
    """Initiatives of one source with one prediction, none due for a second look."""
    names = [_initiative(house, str(n), who=Who(name=f"Club {n}"))[0] for n in range(count)]
    with house.database.begin() as conn:
        found = {
            name: [
                Suggestion(
                    initiative=name,
                    campaign="PAAT-2024",
                    kind=kind,
                    value=value,
                    p=0.95,
                    chosen=True,
                    model="m:1",
                )
                for kind, value in (
                    (SuggestionKind.THEME, "heritage"),
                    (SuggestionKind.SCOPE, "in"),
                )
            ]
            for name in names
        }
        suggestions.save(conn, found, NOW, campaign="PAAT-2024", model="m:1")
        conn.execute(tables.cards.update().values(doubled=False))
    return names


def _batch(house, names, ticked, batch="abc"):
    versions = {name: _one(house, name).version for name in names}
    return {
        **HERE,
        "par": "source",
        "cle": "gap",
        "perimetre": "in",
        "themes": "heritage",
        "lot": batch,
        "vue": [f"{name}:{version}" for name, version in versions.items()],
        "fiche": list(ticked),
    }


def test_a_batch_decides_what_is_ticked_in_one_go_and_is_undone_whole(house):
    names = _predicted(house, 4)
    lea = a_person(house)
    assert "Héritage" in _text(lea.get("/lots", params=HERE))
    shown = lea.get(
        "/lots/voir",
        params={**HERE, "par": "source", "cle": "gap", "perimetre": "in", "themes": "heritage"},
    )
    assert shown.text.count('name="vue"') == 4
    form = _batch(house, names, names[:3])
    assert "fait=3" in lea.post("/lots/decider", form).headers["location"]
    assert "fait=0" in lea.post("/lots/decider", form).headers["location"]  # sent twice: once
    assert [_one(house, name).status for name in names] == [InitiativeStatus.REGISTERED] * 3 + [
        InitiativeStatus.WAITING
    ]
    assert "annule=3" in lea.post("/lots/annuler", {"lot": "abc"}).headers["location"]
    assert {_one(house, name).status for name in names} == {InitiativeStatus.WAITING}
    with house.database.begin() as conn:
        assert batches.undo(conn, lea.account, "abc", NOW) == 0


def test_a_control_answered_wrongly_stops_the_batch_and_is_remembered(house):
    *names, control = _predicted(house, 4)
    with house.database.begin() as conn:
        conn.execute(
            tables.cards.update()
            .where(tables.cards.c.initiative == control)
            .values(state="done", known={"kind": "reject", "themes": []})
        )
    lea = a_person(house)
    with house.database.begin() as conn:
        shown = batches.members(conn, lea.account, GROUP, NOW)
    assert {one.id for one in shown if one.control} == {control}
    answer = lea.post("/lots/decider", _batch(house, [*names, control], [*names, control]))
    assert answer.status_code == 409
    assert "Rien n'a été décidé" in _text(answer)
    assert _one(house, names[0]).status is InitiativeStatus.WAITING
    again = lea.post("/lots/decider", _batch(house, [*names, control], names, batch="def"))
    assert "fait=3" in again.headers["location"]


def test_a_card_changed_since_it_was_shown_stays_out_of_the_batch(house):
    names = _predicted(house, 3)
    form = _batch(house, names, names)
    lea = a_person(house)
    lea.post(
        f"/initiatives/{names[0]}/champ", _form(house, names[0], champ="title", valeur="Autre")
    )
    where = lea.post("/lots/decider", form).headers["location"]
    assert "fait=2" in where
    assert "passe=1" in where
    assert _one(house, names[0]).status is InitiativeStatus.WAITING


def test_a_batch_stays_in_one_s_territory_and_never_holds_one_s_own(house):
    _predicted(house, 3)
    for number, (account, left) in enumerate(
        [({"departments": ("13",)}, 0), ({"organisation": "Club 0"}, 2), ({}, 3)]
    ):
        person = a_person(house, name=f"p{number}", **account)
        with house.database.begin() as conn:
            assert len(batches.members(conn, person.account, GROUP, NOW)) == left


# --- the public form -------------------------------------------------------------------------

DECLARED = {
    "titre": "Mini-JO du village",
    "porteur": "Ski Club",
    "commune": "Gap (05)",
    "lieu": "Stade",
    "debut": "2027-06-05",
    "fin": "",
    "description": "Initiations pour tous.",
    "courriel": "club@exemple.fr",
    "cle": "nonce",
}


def test_a_declaration_enters_the_chain_once_with_its_event_and_is_corrected_by_its_link(house):
    someone = a_person(house, None)
    sent = someone.post("/declarer", DECLARED)
    assert sent.status_code == 303
    someone.post("/declarer", DECLARED)
    link = sent.headers["location"].split("?")[0]
    receipt = _text(someone.get(sent.headers["location"]))
    assert "porte le numéro DEC-" in receipt
    assert "« jo »" in receipt  # the warning about protected words
    with house.database.begin() as conn:
        [waiting] = items.unread(conn, 10, extractor="1")
        events = [e.event for e in outbox.unpublished(conn)]
    assert waiting.source.slug == "declarations-en-ligne"
    assert events == ["paat.form.submitted"]
    assert "club@exemple.fr" in someone.get(link).text
    corrected = DECLARED | {"titre": "Fête du village", "annulee": "1"}
    assert someone.post(link, corrected).headers["location"] == f"{link}?recu=2"
    with house.database.begin() as conn:
        kept = items.revisions(conn, "declarations-en-ligne", waiting.item.key)
    assert [one.fields["title"] for one in kept] == ["Mini-JO du village", "Fête du village"]
    assert kept[-1].fields["status"] == "cancelled"


def test_faults_come_back_with_what_was_typed_and_nothing_is_kept(house):
    someone = a_person(house, None)
    answer = someone.post("/declarer", DECLARED | {"commune": "Nullepart", "courriel": "x"})
    assert answer.status_code == 400
    assert "2 réponses à revoir" in _text(answer)
    assert "Initiations pour tous." in answer.text
    trapped = someone.post("/declarer", DECLARED | {"site_web": "http://spam.example"})
    assert trapped.status_code == 400
    with house.database.begin() as conn:
        assert items.unread(conn, 10, extractor="1") == []


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 3000])
def test_a_forged_or_unknown_link_is_refused(house, token):
    answer = a_person(house, None).get(f"/declarer/{token}")
    assert answer.status_code == 410
    assert "a expiré" in _text(answer)


def test_an_old_link_expires(house, monkeypatch):
    someone = a_person(house, None)
    link = someone.post("/declarer", DECLARED).headers["location"]
    monkeypatch.setattr(declare, "LINK_DAYS", -1)
    assert someone.get(link).status_code == 410


def test_communes_are_proposed_the_most_peopled_first(house):
    found = a_person(house, None).get("/communes?debut=mars").json()
    assert found[0] == "Marseille (13)"
    assert a_person(house, None).get("/communes?debut=m").json() == []
