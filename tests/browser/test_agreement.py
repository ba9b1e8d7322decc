"""The agreement page."""

from domain.statuses import Role
from tests.postgres.test_agreement_data import test_two_looks_are_paired_and_measured as looked


def test_agreement_is_readable(site, check_page):
    with site.house.database.begin() as conn:
        looked(conn)
    visitor = site.enter(Role.COMMITTEE)
    visitor.page.goto("/accord?campagne=SOP-2027")
    assert "3 fiches lues deux fois" in visitor.page.locator("main").inner_text()
    check_page(visitor)
