"""The queue in a real Chromium: by keyboard alone, without JavaScript, when the network fails."""

import time

import pytest

from domain.statuses import DecisionKind, Role
from storage import accounts, answers, boxes, decisions
from storage.queue import Filters
from tests.builders import NOW
from tests.review import CAMPAIGN, stored_cards

PATH = f"/file?campagne={CAMPAIGN}"


@pytest.fixture
def cards(site):
    """Twelve cards; their ids in the order of the queue."""
    with site.house.database.begin() as conn:
        return stored_cards(conn, 12, text="Une course solidaire avec des bénévoles.")


@pytest.fixture
def lea(site, cards):
    visitor = site.enter(name="lea")
    visitor.page.goto(PATH)
    visitor.page.wait_for_function("() => document.querySelectorAll('#queue .card').length === 8")
    return visitor


def decided(site, names):
    with site.house.database.begin() as conn:
        return {one.initiative: one for one in decisions.of(conn, names)}


def shown(page):
    return page.locator("#queue .card:first-child").get_attribute("data-id")


def held(site):
    with site.house.database.begin() as conn:
        return conn.exec_driver_sql("select count(leased_by) from cards").scalar_one()


def until(true):
    deadline = time.monotonic() + 600
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def settled(page):
    page.wait_for_function("() => (document.getElementById('queue').dataset.sending || 0) == 0")


def test_one_key_decides_and_the_next_card_is_there(site, lea, cards):
    page = lea.page
    assert shown(page) == cards[0]
    page.keyboard.press("2")
    page.keyboard.press("v")
    assert shown(page) == cards[1]
    page.keyboard.press("r")
    page.keyboard.press("p")
    assert shown(page) == cards[3]
    settled(page)
    found = decided(site, cards)
    assert set(found[cards[0]].value["themes"]) == {"education-populaire", "heritage"}
    assert found[cards[1]].kind is DecisionKind.REJECT
    assert found[cards[2]].kind is DecisionKind.SKIP
    assert lea.faults == []


def test_the_digits_of_a_french_keyboard_work_without_shift(lea):
    page = lea.page
    page.evaluate(
        "() => document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key: '&', code: 'Digit1', bubbles: true}))"
    )
    assert page.locator("#queue .card:first-child [data-key=theme1]").is_checked()


def test_undo_brings_the_card_back(site, lea, cards):
    page = lea.page
    page.keyboard.press("v")
    page.keyboard.press("u")
    page.wait_for_function(
        f"() => document.querySelector('#queue .card').dataset.id === '{cards[0]}'"
    )
    assert "annulée" in page.locator("#said").inner_text()
    page.keyboard.press("r")
    settled(page)
    kinds = [one.kind for one in _all(site, cards[0])]
    assert kinds == [DecisionKind.APPROVE, DecisionKind.UNDO, DecisionKind.REJECT]


def _all(site, name):
    with site.house.database.begin() as conn:
        return decisions.of(conn, [name])


def test_repeated_keys_modifiers_and_typing_decide_nothing(site, lea, cards):
    page = lea.page
    page.keyboard.press("Control+v")
    page.keyboard.down("v")
    page.keyboard.down("v")  # held down: event.repeat
    page.keyboard.up("v")
    assert shown(page) == cards[1]
    page.keyboard.press("n")
    page.keyboard.type("vrp 1")
    assert page.locator("#queue .card:first-child textarea").input_value() == "vrp 1"
    assert shown(page) == cards[1]
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    settled(page)
    assert decided(site, cards)[cards[1]].motive == "vrp 1"


def test_j_and_k_move_without_deciding(site, lea, cards):
    page = lea.page
    page.keyboard.press("j")
    assert shown(page) == cards[1]
    page.keyboard.press("k")
    assert shown(page) == cards[0]
    assert decided(site, cards) == {}


def test_twenty_keys_in_a_row_decide_twelve_cards_once_each(site, lea, cards):
    def key():
        lea.page.keyboard.press("v")
        lea.page.wait_for_timeout(15)
        return lea.page.locator("#empty").is_visible()

    for _ in range(20):
        key()
    until(key)  # cards may come later than the keys
    settled(lea.page)
    assert sorted(decided(site, cards)) == sorted(cards)
    assert len(decided(site, cards)) == 12


def test_a_network_failure_brings_the_card_back_and_loses_nothing(site, lea, cards):
    page = lea.page
    page.route("**/file/decision", lambda route: route.abort())
    page.keyboard.press("v")
    page.wait_for_function(
        f"() => document.querySelector('#queue .card').dataset.id === '{cards[0]}'"
    )
    assert "rien n'est perdu" in page.locator("#said").inner_text()
    assert decided(site, cards) == {}
    page.unroute("**/file/decision")
    page.keyboard.press("v")
    settled(page)
    assert list(decided(site, cards)) == [cards[0]]


def test_a_lost_answer_is_asked_again_and_decides_once(site, lea, cards):
    page, lost = lea.page, []

    def deliver_but_lose_the_answer(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch(timeout=600_000))
            route.abort()

    page.route("**/file/decision", deliver_but_lose_the_answer)
    page.keyboard.press("v")
    settled(page)  # asked again after 0.8 s
    assert len(lost) == 1
    assert len(_all(site, cards[0])) == 1
    assert shown(page) == cards[1]


def test_a_card_somebody_else_decided_says_so(site, lea, cards):
    with site.house.database.begin() as conn:
        from tests.review import an_account, an_answer

        conn.exec_driver_sql("update cards set leased_by = null, leased_until = null")
        answers.answer(conn, an_account(conn, "max"), an_answer(cards[0]), NOW)
    lea.page.keyboard.press("v")
    lea.page.wait_for_function("() => document.getElementById('said').className.includes('bad')")
    assert "Quelqu'un d'autre" in lea.page.locator("#said").inner_text()
    assert shown(lea.page) == cards[1]
    assert len(_all(site, cards[0])) == 1


def test_leaving_gives_the_cards_back(site, lea, cards):
    lea.page.goto("/")
    until(lambda: held(site) == 0)  # the beacon is sent by a page that is gone: nothing awaits it
    max_ = site.enter(name="max")
    max_.page.goto(PATH)
    assert shown(max_.page) == cards[0]


def test_two_people_see_different_cards(site, lea, cards):
    max_ = site.enter(name="max")
    max_.page.goto(PATH)
    settled(max_.page)
    ids = "() => [...document.querySelectorAll('#queue .card')].map(one => one.dataset.id)"
    hers, his = (set(one.page.evaluate(ids)) for one in (lea, max_))
    assert hers
    assert his
    assert not hers & his


def test_the_whole_journey_without_javascript(site, cards, check_page):
    visitor = site.enter(name="max", java_script_enabled=False)
    page = visitor.page
    page.goto(PATH)
    first = page.locator("#queue .card").first
    assert page.locator("#queue .card:visible").count() == 1
    first.get_by_label("Engagement").check()
    first.get_by_role("button", name="Valider").click()
    page.locator("#said", has_text="Validée").wait_for()
    page.locator("#queue .card").first.get_by_role("button", name="Hors champ").click()
    page.locator("#said", has_text="Écartée").wait_for()
    with page.expect_navigation():
        page.get_by_role("button", name="Annuler ma dernière décision").click()
    assert shown(page) == cards[1]
    assert set(decided(site, [cards[0]])[cards[0]].value["themes"]) == {"engagement", "heritage"}


@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_the_queue_is_accessible(site, cards, check_page, look):
    visitor = site.enter(Role.ADMIN)
    with site.house.database.begin() as conn:
        account = accounts.named(conn, Role.ADMIN.value)
        accounts.prefer(conn, account.id, {"look": look})
    visitor.page.goto(PATH)
    visitor.page.keyboard.press("?")
    check_page(visitor)


def test_hostile_titles_are_shown_not_executed(site, check_page):
    title = "<script>window.hacked=1</script><img src=x onerror=hacked=1> سباق 🏃 Fête"
    with site.house.database.begin() as conn:
        stored_cards(conn, 1, title=title, text="<b>ligne</b>\n" * 1000, url="javascript:hacked=1")
    visitor = site.enter(name="lea")
    page = visitor.page
    page.goto(PATH)
    assert page.locator("#queue h2").inner_text() == title
    assert page.evaluate("() => window.hacked") is None
    assert page.locator("#queue a.source").count() == 0
    assert page.locator("#queue .text b").count() == 0
    check_page(visitor)


def test_keys_can_be_switched_off(site, cards):
    visitor = site.enter(name="lea")
    with site.house.database.begin() as conn:
        accounts.prefer(conn, accounts.named(conn, "lea").id, {"keys_mode": "off"})
    visitor.page.goto(PATH)
    visitor.page.keyboard.press("v")
    visitor.page.wait_for_timeout(100)
    assert shown(visitor.page) == cards[0]
    assert visitor.page.locator("#queue kbd").count() == 0


def test_a_saved_box_opens_again(site, lea, cards, check_page):
    page = lea.page
    page.goto(f"{PATH}&departement=05")
    with page.expect_navigation():
        page.get_by_role("link", name="choisir une autre boîte").click()
    check_page(lea)
    page.fill("#nom", "Hautes-Alpes")
    with page.expect_navigation():
        page.get_by_role("button", name="Garder", exact=True).click()
    page.goto(PATH)
    with page.expect_navigation():
        page.get_by_role("link", name="Hautes-Alpes").click()
    assert "département 05" in page.locator(".filters").inner_text()
    with site.house.database.begin() as conn:
        assert boxes.facets(conn, CAMPAIGN).departments["05"] == 12
        assert Filters(campaign=CAMPAIGN).box == "toutes"
