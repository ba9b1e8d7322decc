"""The public form, as data."""

from hypothesis import given
from hypothesis import strategies as st

from collectors.extract import mention as extracting
from domain.statuses import EventStatus
from review import declaration
from tests.builders import NOW

GOOD = {
    "titre": "Fête du sport",
    "porteur": "Ski Club",
    "commune": "Gap (05)",
    "lieu": "Stade",
    "debut": "2027-06-05",
    "fin": "",
    "description": "Initiations pour tous.",
    "courriel": "club@exemple.fr",
}


def _wrong(**changes):
    return set(declaration.read(GOOD | changes).wrong)


def test_a_full_form_is_right_and_each_fault_is_told_where_it_is():
    assert _wrong() == set()
    assert _wrong(titre=" ") == {"titre"}
    assert _wrong(commune="Nullepart-sur-Rien") == {"commune"}
    assert _wrong(courriel="club") == {"courriel"}
    assert _wrong(debut="05/06/2027") == {"debut"}
    assert _wrong(debut="0027-06-05") == {"debut"}
    assert _wrong(fin="2027-06-01") == {"fin"}
    assert _wrong(debut="", fin="2027-06-01") == {"debut"}


def test_what_is_declared_is_read_as_the_organiser_said_it():
    item = declaration.raw_item("DEC-1", declaration.read(GOOD | {"annulee": "1"}), NOW)
    found = extracting.read(item, declaration.SOURCE)
    assert found.title == "Fête du sport"
    assert found.who.name == "Ski Club"
    assert found.where.commune_code == "05061"
    assert str(found.when.starts_on) == str(found.when.ends_on) == "2027-06-05"
    assert found.status is EventStatus.CANCELLED
    assert found.publisher is declaration.SOURCE.publisher
    assert [(c.kind, c.value) for c in found.contacts] == [("email", "club@exemple.fr")]


def test_the_form_comes_back_as_it_was_typed():
    given = declaration.read(GOOD)
    typed, cancelled = declaration.typed_again(declaration.raw_item("DEC-1", given, NOW))
    assert typed == dict(given.typed)
    assert not cancelled


def test_protected_words_are_seen():
    assert declaration.read(GOOD).protected == ()
    told = declaration.read(GOOD | {"titre": "Mini-JO : journée OLYMPIQUE"}).protected
    assert told == ("jo", "olympique")


@given(st.dictionaries(st.sampled_from([*declaration.NAMES, "annulee"]), st.text(max_size=60)))
def test_no_text_breaks_the_form(typed):
    given = declaration.read(typed)
    if not given.wrong:
        declaration.raw_item("DEC-1", given, NOW)
