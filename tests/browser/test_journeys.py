"""Each journey by keyboard alone, with and without JavaScript (the queue: test_queue)."""

import pytest

from domain.statuses import DecisionKind, Role, ScopeAnswer, SuggestionKind
from storage import accounts, decisions, suggestions, tables
from tests.builders import NOW, a_suggestion
from tests.review import CAMPAIGN, stored_cards


@pytest.fixture
def cards(site):
    """Four sure, alike cards: a batch."""
    with site.house.database.begin() as conn:
        names = stored_cards(conn, 4, title="Course solidaire", text="Des bénévoles.")
        sure = {"kind": SuggestionKind.SCOPE, "value": ScopeAnswer.IN, "p": 0.98}
        found = {
            one: [
                a_suggestion(one, campaign=CAMPAIGN, p=0.97),
                a_suggestion(one, campaign=CAMPAIGN, **sure),
            ]
            for one in names
        }
        suggestions.save(conn, found, NOW, campaign=CAMPAIGN, model="rules:1")
        conn.execute(tables.cards.update().values(doubled=False))
    return names


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_find_open_edit_and_reject_an_initiative(site, cards, javascript):
    page = site.enter(Role.REVIEWER, name="lea", java_script_enabled=javascript).page
    page.goto("/initiatives")
    page.get_by_label("Mots").press_sequentially("course")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Course solidaire").first.press("Enter")
    row = page.locator("#champ-title")
    row.locator("summary.button").press("Enter")
    row.get_by_label("Titre").fill("Un titre à moi")
    row.get_by_role("button", name="Garder").press("Enter")
    page.get_by_text("elle l'emporte désormais sur les sources").wait_for()
    page.get_by_label("Motif").first.press_sequentially("hors région")
    page.get_by_role("button", name="Écarter").press("Enter")
    page.get_by_text("hors région").first.wait_for()
    with site.house.database.begin() as conn:
        kinds = [one.kind for one in decisions.of(conn, cards)]
    assert sorted(kinds) == sorted([DecisionKind.EDIT, DecisionKind.REJECT])


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_decide_a_batch_but_one(site, cards, javascript):
    page = site.enter(Role.REVIEWER, name="lea", java_script_enabled=javascript).page
    page.goto(f"/lots?campagne={CAMPAIGN}")
    page.locator("a[href^='/lots/voir']").first.press("Enter")
    boxes = page.locator("tbody input[type=checkbox]")
    boxes.first.press("Space")
    page.get_by_role("button", name="Valider ce qui est coché").press("Enter")
    page.wait_for_url("**/lots?**")
    with site.house.database.begin() as conn:
        assert len(decisions.of(conn, cards)) == 3


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_an_administrator_opens_an_account_and_closes_it(site, javascript):
    page = site.enter(Role.ADMIN, name="chef", java_script_enabled=javascript).page
    page.goto("/comptes")
    page.get_by_text("Créer un compte").press("Enter")
    page.get_by_label("Nom de connexion").press_sequentially("max roux")
    page.get_by_role("button", name="Créer et donner un lien").press("Enter")
    page.get_by_text("Lien à donner à max.roux").wait_for()
    page.locator("summary", has_text="Modifier max.roux").press("Enter")
    page.get_by_role("button", name="Fermer").press("Enter")
    page.get_by_text("Compte fermé").wait_for()
    with site.house.database.begin() as conn:
        assert accounts.named(conn, "max.roux").disabled_at is not None
