"""The public census in a real Chromium, by keyboard; every page is checked by axe."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Site, Visitor
from tests.postgres.test_public_site import published


def test_the_map_answers_to_the_keyboard_and_the_table_says_the_same(
    site: Site, check_page: Callable[[Visitor], None]
) -> None:
    published(site.house.database, "Fête du sport de Gap", latitude=44.559, longitude=6.079)
    visitor = site.enter(None)
    page = visitor.page
    page.goto("/recensement/carte?campagne=SOP-2027")
    page.wait_for_selector("#carte[data-drawn]")
    page.wait_for_selector("#carte[data-contours-drawn]")
    assert page.locator("path.contour.ici").count() == 6
    check_page(visitor)
    page.locator(".mark").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup a:has-text('Fête du sport de Gap')")
    assert page.locator("#tableau + table tbody tr").count() == 1


@pytest.mark.parametrize(
    "path", ["", "/calendrier", "/donnees", "/integrer", "/cadre", "/changements"]
)
def test_every_public_page_is_accessible(
    site: Site, check_page: Callable[[Visitor], None], path: str
) -> None:
    name = published(site.house.database, "Fête du sport de Gap")
    visitor = site.enter(None)
    visitor.page.goto(f"/recensement{path}?campagne=SOP-2027")
    check_page(visitor)
    if not path:
        with visitor.page.expect_navigation():
            visitor.page.click("text=Fête du sport de Gap")
        assert name in visitor.page.url
        check_page(visitor)
