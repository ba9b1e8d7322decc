"""Every page there is, found by itself: no axe violation, no error, nothing wider than 320 px.

A page added to review/pages is walked here without being named; a new kind of address needs its
value in `filled`.
"""

import re

import pytest
from fastapi.routing import APIRoute

from domain.records import Question
from domain.statuses import Relation, Role, ScopeAnswer, SuggestionKind
from review import rematch
from review.app import page_modules
from storage import accounts, initiatives, matches, suggestions, tables
from tests.browser.conftest import LONG_MS
from tests.builders import NOW, a_mention, a_suggestion, stored_initiative, stored_mentions
from tests.postgres.test_public_site import published
from tests.review import CAMPAIGN, stored_cards

FRAGMENTS = {"/file/cartes"}  # cards for the script, never gone to


def html_routes():
    """(path, whether everyone may) of each route one may go to."""
    return [
        (route.path, _public(route))
        for module in page_modules()
        for route in module.router.routes
        if isinstance(route, APIRoute)
        if "GET" in route.methods and route.path not in FRAGMENTS
    ]


def _public(route):
    rights = [one.call.right for one in route.dependant.dependencies if hasattr(one.call, "right")]
    return rights == ["public"]


@pytest.fixture
def filled(site):
    """A value for each name in an address, of things that exist."""
    database = site.house.database
    public = published(database, "Fête du sport de Gap", latitude=44.559, longitude=6.079)
    with database.begin() as conn:
        told = [a_mention("1", title="Fête du nautisme"), a_mention("2", title="Régates")]
        mentions = stored_mentions(conn, told)
        names = [stored_initiative(conn, one) for one in mentions]
        rematch.describe(conn, names, NOW)
        a, b = sorted(one.id for one in mentions)
        asked = Question(a=a, b=b, p={Relation.SAME: 0.6, Relation.DIFFERENT: 0.4}, worth=1)
        matches.put_questions(conn, [asked], NOW)
        cards = stored_cards(conn, 6, text="Une course solidaire.")
        sure = {"kind": SuggestionKind.SCOPE, "value": ScopeAnswer.IN, "p": 0.98}
        found = {
            one: [
                a_suggestion(one, campaign=CAMPAIGN, p=0.97),
                a_suggestion(one, campaign=CAMPAIGN, **sure),
            ]
            for one in cards
        }
        suggestions.save(conn, found, NOW, campaign=CAMPAIGN, model="rules:1")
        conn.execute(tables.cards.update().values(doubled=False))
        values = {"identity": initiatives.get(conn, names)[0].id, "a": a, "b": b, "slug": "gap"}
    return values | {"public": public}


def _address(path, filled, *, anybody):
    def value(found):
        name = found[1]
        return str(filled["public" if anybody and name == "identity" else name])

    return re.sub(r"{(\w+)(?::\w+)?}", value, path) + f"?campagne={CAMPAIGN}"


def test_every_page_is_accessible_quiet_and_narrow(site, check_page, filled):
    admin = site.enter(Role.ADMIN, name="chef")
    nobody = site.enter(None)
    with site.house.database.begin() as conn:
        lea = accounts.add(conn, "lea", role=Role.READER, now=NOW)
        accounts.put_link(conn, lea.id, "lien", NOW)
        accounts.audit(conn, "user:lea", "session.start", NOW, details={"acr": "eidas1"})
    known = filled | {"number": lea.id, "name": "csv", "form": "csv"}
    walked = []
    for path, anybody in html_routes():
        who = nobody if anybody else admin
        token = {"token": "lien" if path.startswith("/mot-de-passe") else "faux"}
        address = _address(path, known | token, anybody=anybody)
        answer = who.context.request.get(address, timeout=LONG_MS)
        if "text/html" not in answer.headers["content-type"]:
            continue  # a file, or JSON
        assert answer.status < 500, address
        who.page.goto(address)
        # a page that says « absent » is one too; its status is no fault of ours
        who.faults[:] = [one for one in who.faults if "Failed to load resource" not in one]
        try:
            check_page(who)
        except AssertionError as error:
            raise AssertionError(f"{address}: {error}") from error
        walked.append(path)
    assert {"/", "/file", "/lots", "/sources/{slug}", "/comptes", "/declarer"} <= set(walked)
    assert len(walked) >= 28, walked


def test_what_a_page_becomes_once_used_is_accessible_too(site, check_page, filled):
    admin = site.enter(Role.ADMIN, name="chef")
    page = admin.page
    page.goto("/declarer")
    for label, text in (
        ("Nom de l'initiative", "Fête du village"),
        ("Qui la porte ?", "Foyer rural"),
        ("Commune", "Gap (05)"),
        ("Que s'y passera-t-il", "Des jeux pour tous."),
        ("Votre courriel", "foyer@exemple.fr"),
    ):
        page.get_by_label(label).fill(text)
    with page.expect_navigation():
        page.get_by_role("button", name="Envoyer la déclaration").click()
    check_page(admin)
    page.goto("/personnes")
    page.get_by_label("Courriel, téléphone ou nom").fill("nautisme")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Tout télécharger").wait_for()
    check_page(admin)
    page.goto("/comptes")
    page.get_by_text("Créer un compte").click()
    page.get_by_label("Nom de connexion").fill("Max Roux")
    page.get_by_role("button", name="Créer et donner un lien").click()
    page.get_by_text("Lien à donner à max.roux").wait_for()
    page.get_by_text("Modifier max.roux").click()
    check_page(admin)
    page.goto("/initiatives?commune=Xyzzy")
    check_page(admin)
    page.goto(f"/lots?campagne={CAMPAIGN}")
    page.locator("a[href^='/lots/voir']").first.click()
    page.get_by_role("button", name="Valider ce qui est coché").wait_for()
    check_page(admin)
