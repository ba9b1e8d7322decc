"""The account and sign-in pages, as people use them."""

import pytest

from domain.statuses import Role
from storage import accounts
from tests.builders import NOW
from tests.review import an_account


def test_a_first_password_by_keyboard_alone(site, check_page):
    with site.house.database.begin() as conn:
        accounts.put_link(conn, an_account(conn, "lea").id, "lien", NOW)
    visitor = site.enter(None)
    page = visitor.page
    page.goto("/mot-de-passe/lien")
    check_page(visitor)
    for _ in range(2):
        page.keyboard.press("Tab")
    page.locator("#mot_de_passe").focus()
    page.keyboard.type("un vélo rouge sous la pluie")
    page.keyboard.press("Tab")
    page.keyboard.type("un vélo rouge sous la pluie")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    assert "Bonjour lea" in page.locator("h1").inner_text()


@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
@pytest.mark.parametrize("path", ["/", "/mon-compte", "/nulle-part"])
def test_pages_are_accessible_in_every_look(site, check_page, path, look):
    visitor = site.enter(Role.ADMIN, account={"full_name": "Élodie"})
    visitor.page.goto("/mon-compte")
    visitor.page.check(f"input[name=apparence][value={look}]")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="Changer", exact=True).click()
    assert visitor.page.locator("html").get_attribute("data-look") == look
    visitor.page.goto(path)
    visitor.faults[:] = [fault for fault in visitor.faults if "404" not in fault]
    check_page(visitor)


def test_signing_in_is_accessible(site, check_page):
    visitor = site.enter(None)
    visitor.page.goto("/")
    assert "/connexion" in visitor.page.url
    check_page(visitor)
