"""A decided initiative whose date changed comes back, and its card says what changed."""

from dataclasses import replace
from datetime import date

from domain.records import When
from domain.statuses import InitiativeStatus, Precision
from storage import answers, initiatives, items, mentions, suggestions
from storage.db import Database
from tests.builders import NOW, a_raw_item, a_suggestion, later
from tests.review import CAMPAIGN, a_house, a_person, an_answer, stored_cards

SAID = "premier jour : 5 juin 2027 → 12 juin 2027"


def test_what_brought_a_card_back_is_shown(database: Database) -> None:
    house = a_house(database)
    lea = a_person(house)
    assert lea.account is not None
    with database.begin() as conn:
        [name] = stored_cards(conn, 1)
        answers.answer(conn, lea.account, an_answer(name), NOW)
        [one] = initiatives.get(conn, [name])
        [mention] = mentions.by_ids(conn, one.mentions)
        items.store(conn, [a_raw_item(mention.key, title="Reporté au 12 juin")], later(hours=1))
        day = date(2027, 6, 12)
        moved = replace(mention, when=When(starts_on=day, ends_on=day, precision=Precision.DAY))
        mentions.save(conn, [moved], later(hours=1), extractor="1")
        assert initiatives.get(conn, [name])[0].status is InitiativeStatus.REOPENED
        found = {name: [a_suggestion(name, campaign=CAMPAIGN)]}
        suggestions.save(conn, found, later(hours=1), campaign=CAMPAIGN, model="rules:1")
    card = lea.get(f"/file/cartes?campagne={CAMPAIGN}").text
    assert "à revoir : la source a changé" in card
    assert SAID in card
    page = lea.get(f"/initiatives/{name}").text
    assert "Ce que les sources ont changé" in page
    assert SAID in page
