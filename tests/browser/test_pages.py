"""The other pages in a real browser: by keyboard, without JavaScript, axe, 320 px."""

import pytest

from domain.records import Question
from domain.statuses import Relation, Role
from review import rematch
from storage import initiatives, items, matches
from tests.builders import NOW, a_mention, stored_initiative, stored_mentions


@pytest.fixture
def pair(database):
    """Two initiatives and a question about them: the ids of both mentions."""
    with database.begin() as conn:
        found = stored_mentions(
            conn,
            [
                a_mention("1", title="Fête du nautisme", text="Voile pour tous au lac."),
                a_mention("2", "digne", title="Régates solidaires", text="Voile pour tous."),
            ],
        )
        names = [stored_initiative(conn, one) for one in found]
        rematch.describe(conn, names, NOW)
        a, b = sorted(one.id for one in found)
        asked = Question(a=a, b=b, p={Relation.SAME: 0.6, Relation.DIFFERENT: 0.4}, worth=1)
        matches.put_questions(conn, [asked], NOW)
        return a, b


@pytest.mark.parametrize("javascript", [True, False])
def test_a_pair_is_decided_by_keyboard_alone_with_or_without_javascript(
    site, check_page, pair, database, javascript
):
    visitor = site.enter(Role.REVIEWER, java_script_enabled=javascript)
    page = visitor.page
    page.goto("/doublons")
    page.get_by_role("link", name="Commencer").press("Enter")
    page.get_by_role("heading", name="Est-ce la même chose ?").wait_for()
    page.wait_for_load_state()  # its keys answer
    if javascript:
        check_page(visitor)
        page.keyboard.press("x")
    else:
        page.get_by_role("button", name="Différentes").press("Enter")
    page.get_by_text("Réponse gardée : différentes").wait_for()
    with database.begin() as conn:
        [said] = [one for one in matches.verdicts(conn, pair) if one.by_person]
    assert said.relation is Relation.DIFFERENT


def test_a_question_is_passed_then_answered_then_looked_at_again_by_keyboard(
    site, check_page, pair, database
):
    with database.begin() as conn:
        [other] = stored_mentions(conn, [a_mention("3", "digne", title="Nage")])
        stored_initiative(conn, other)
        asked = Question(a=pair[1], b=other.id, p={Relation.SAME: 0.5}, worth=0.5)
        matches.put_questions(conn, [asked], NOW)
    visitor = site.enter(Role.REVIEWER)
    page = visitor.page
    page.goto("/doublons/suivant")
    page.get_by_text("question 1 sur 2").wait_for()
    page.keyboard.press("p")
    page.get_by_text("question 2 sur 2").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("m")
    page.get_by_text("dans la même édition de la même initiative").wait_for()
    check_page(visitor)
    page.goto(f"/doublons/{pair[0]}/{pair[1]}?fait=same&de={pair[1]}-{other.id}")
    page.keyboard.press("u")
    page.wait_for_url(f"**/doublons/{pair[1]}/{other.id}")
    check_page(visitor)


def test_an_initiative_is_unmerged_by_keyboard_once_told_what_it_gives_back(
    site, check_page, pair, database
):
    visitor = site.enter(Role.REVIEWER)
    page = visitor.page
    page.goto(f"/doublons/{pair[0]}/{pair[1]}")
    page.keyboard.press("m")
    page.get_by_text("Réponse gardée").wait_for()
    with database.begin() as conn:
        [one] = initiatives.by_mentions(conn, [pair[0]])
    page.goto(f"/initiatives/{one.id}")
    check_page(visitor)
    page.locator("details.undo > summary").press("Enter")
    page.get_by_text("Tout redevient ce qu'il était").wait_for()
    check_page(visitor)
    page.locator("details.undo button").press("Enter")
    page.get_by_text("sont de nouveau séparées").wait_for()
    page.get_by_role("link", name="revenir dessus").press("Enter")
    page.get_by_text("Aujourd'hui dans deux initiatives.").wait_for()


def test_keys_are_off_for_who_wants_them_off(site, pair):
    visitor = site.enter(Role.REVIEWER, account={})
    page = visitor.page
    page.goto("/mon-compte")
    page.get_by_label("Aucune touche").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer les touches").click()
    page.goto(f"/doublons/{pair[0]}/{pair[1]}")
    page.keyboard.press("x")
    page.wait_for_timeout(200)
    assert page.url.endswith(f"/doublons/{pair[0]}/{pair[1]}")


def test_a_field_is_edited_on_the_page_of_an_initiative(site, check_page, pair, database):
    with database.begin() as conn:
        [one] = initiatives.by_mentions(conn, [pair[0]])
    visitor = site.enter(Role.REVIEWER, name="lea")
    page = visitor.page
    page.goto(f"/initiatives/{one.id}")
    check_page(visitor)
    row = page.locator("#champ-title")
    row.locator("summary.button").press("Enter")
    row.get_by_label("Titre").fill("Un titre à moi")
    row.get_by_role("button", name="Garder").press("Enter")
    page.get_by_text("elle l'emporte désormais sur les sources").wait_for()
    page.get_by_text("fixée par lea").first.wait_for()


@pytest.mark.parametrize(
    "path",
    [
        "/initiatives",
        "/doublons",
        "/lots",
        "/sources",
        "/sources/gap",
        "/sources/apercu",
        "/pourquoi?quoi=nautisme",
        "/declarer",
    ],
)
def test_every_page_is_clean(site, check_page, pair, path):
    visitor = site.enter(Role.ADMIN)
    visitor.page.goto(path)
    check_page(visitor)


def test_words_without_accents_find_an_initiative(site, pair):
    page = site.enter(Role.READER).page
    page.goto("/initiatives")
    page.get_by_label("Mots").fill("regates")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("link", name="Régates solidaires").wait_for()
    assert page.get_by_role("link", name="Fête du nautisme").count() == 0


def test_an_initiative_is_declared_then_corrected_without_javascript_nor_account(
    site, check_page, database
):
    visitor = site.enter(None, java_script_enabled=False)
    page = visitor.page
    page.goto("/declarer")
    for label, text in (
        ("Nom de l'initiative", "Fête du village"),
        ("Qui la porte ?", "Foyer rural"),
        ("Commune", "Gap (05)"),
        ("Premier jour", "2027-06-05"),
        ("Que s'y passera-t-il", "Des jeux pour tous."),
        ("Votre courriel", "foyer@exemple.fr"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Envoyer la déclaration").press("Enter")
    page.get_by_role("heading", name="Déclaration reçue").wait_for()
    page.get_by_role("link", name="Corriger").click()
    page.get_by_label("Nom de l'initiative").fill("Fête du hameau")
    page.get_by_role("button", name="Envoyer la correction").click()
    page.get_by_role("heading", name="Correction reçue").wait_for()
    with database.begin() as conn:
        [one] = items.unread(conn, 10, extractor="1")
    assert one.item.fields["title"] == "Fête du hameau"


def test_communes_are_proposed_while_one_types(site):
    page = site.enter(None).page
    page.goto("/declarer")
    page.get_by_label("Commune").press_sequentially("mars")
    page.wait_for_selector("#communes option:first-child[value='Marseille (13)']", state="attached")
