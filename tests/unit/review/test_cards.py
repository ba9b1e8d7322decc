"""What a card shows of a dossier."""

from dataclasses import replace
from datetime import date

from domain.records import Dossier, Edition, Initiative, Question
from domain.statuses import CardState, Relation, SuggestionKind
from review.cards import CLIP, MOST, show, when, where
from storage.queue import Card
from tests.builders import NOW, a_mention, a_suggestion, a_value, an_occurrence, later

CARD = Card(
    initiative="PAAT-93-1",
    campaign="SOP-2027",
    state=CardState.OPEN,
    level=2,
    turn=1,
    reopened=False,
    leased_until=later(minutes=10),
)


def a_dossier(*slots, suggestions=(), mentions=(), **values):
    edition = Edition(
        id="ED", initiative="PAAT-93-1", occurrences=slots, mentions=tuple(m.id for m in mentions)
    )
    one = Initiative(
        id="PAAT-93-1",
        created_at=NOW,
        changed_at=NOW,
        values={name: a_value(name, value) for name, value in values.items()},
        editions=(edition,),
    )
    return Dossier(initiative=one, campaign="SOP-2027", suggestions=suggestions, mentions=mentions)


def test_dates_are_said_in_french_and_counted():
    slots = [an_occurrence(date(2027, 6, day)) for day in (1, 8, 15, 22)]
    assert when(a_dossier(*slots)).endswith("15 juin 2027 et 1 autre date")
    assert when(a_dossier(an_occurrence(days=3))) == "du 5 au 7 juin 2027"
    assert when(a_dossier(an_occurrence(days=30))) == "du 5 juin 2027 au 4 juillet 2027"
    assert when(a_dossier(when_words="au printemps")) == "au printemps"
    assert when(a_dossier()) == ""


def test_a_festival_says_its_dates_not_those_of_its_parts():
    dossier = a_dossier(an_occurrence(days=3))
    [festival] = dossier.initiative.editions
    part = replace(festival, id="part", part_of=festival.id, occurrences=(an_occurrence(),))
    both = replace(dossier.initiative, editions=(part, festival))
    assert when(replace(dossier, initiative=both)) == "du 5 au 7 juin 2027"
    alone = replace(dossier.initiative, editions=(part,))
    assert when(replace(dossier, initiative=alone)) == "5 juin 2027"


def test_a_place_says_nothing_twice():
    assert where(a_dossier(venue="Stade de Nice", commune_name="Nice", department="06")) == (
        "Stade de Nice (06)"
    )
    assert where(a_dossier(department="06")) == "06"


def test_a_long_text_unfolds_and_a_very_long_one_is_cut():
    shown = show(CARD, a_dossier(description="mot " * 5000))
    assert len(shown.text) <= CLIP
    assert len(shown.text) + len(shown.rest) == MOST
    assert shown.cut
    assert show(CARD, a_dossier(description="court")).rest == ""


def test_themes_keep_their_key_and_the_campaigns_order():
    chosen = a_suggestion("PAAT-93-1", "heritage")
    scope = a_suggestion("PAAT-93-1", "ask", kind=SuggestionKind.SCOPE, p=0.4)
    shown = show(CARD, a_dossier(suggestions=(chosen, scope)))
    assert [(t.key, t.slug, t.chosen) for t in shown.themes][3] == (4, "heritage", True)
    assert (shown.scope, shown.scope_percent) == ("champ à vérifier", 40)
    assert shown.level == "Incertain"
    assert show(CARD, a_dossier()).key != shown.key


def test_a_possible_twin_is_named_and_sources_are_told_once():
    mine = a_mention("1", id=1), a_mention("2", id=2)
    twin = a_mention("3", id=3, title="La même ?")
    asked = Question(a=2, b=3, p={Relation.SAME: 0.5})
    shown = show(CARD, a_dossier(mentions=mine), questions=[asked], others={3: twin})
    assert (shown.twins, shown.twin) == (1, "La même ?")
    assert [(one.source, one.times) for one in shown.seen] == [("gap", 2)]
