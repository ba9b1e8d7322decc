from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.extract.mention import as_item, read
from collectors.extract.plain import from_html, language_of, text_of, title_of
from collectors.extract.status import status_of
from domain.errors import Unreadable
from domain.records import RawItem, Source
from domain.statuses import Certainty, EventStatus

SOURCE = Source(slug="agenda-05", title="Agenda", kind="feed", url="https://a.org", department="05")
PUBLISHED = datetime(2027, 5, 20, 22, 30, tzinfo=UTC)


def item(**fields: Any) -> RawItem:
    return RawItem(source="agenda-05", key="1", fields=fields, published_at=PUBLISHED)


def test_an_announcement_is_read_whole() -> None:
    mention = read(
        item(
            title="F&ecirc;te du sport &amp; de l&#8217;eau",
            html="<p>Rendez-vous au stade <b>Jean-Bouin</b> à Gap.</p><script>x()</script>"
            "<p>Samedi 12 juin de 14h à 18h. contact@gap.fr</p>",
            organiser="VILLE DE GAP",
            audience="enfants; familles",
            amount="1 200,50 €",
            participants="300",
            year=2027.0,
        ),
        SOURCE,
    )
    assert mention.title == "Fête du sport & de l’eau"
    assert mention.text.startswith("Rendez-vous au stade Jean-Bouin à Gap.\nSamedi")
    assert "x()" not in mention.text
    assert mention.when.starts_on == date(2027, 6, 12)
    assert (mention.where.venue, mention.where.commune_code) == ("stade Jean-Bouin", "05061")
    assert mention.who.name == "Ville de Gap"
    assert mention.language == "fr"
    assert [c.value for c in mention.contacts] == ["contact@gap.fr"]
    assert mention.details == {
        "audience": ["enfants", "familles"],
        "amount": 1200.5,
        "participants": 300,
        "year": "2027",
    }


def test_structured_dates_win_and_the_words_are_kept() -> None:
    mention = read(item(title="Fête", start="2027-06-12", when="samedi 19 juin"), SOURCE)
    assert (mention.when.starts_on, mention.when.words) == (date(2027, 6, 12), "samedi 19 juin")


def test_without_any_date_none_is_invented() -> None:
    mention = read(item(title="Atelier d'éveil musical"), SOURCE)
    assert (mention.when.starts_on, mention.when.words) == (None, None)


def test_the_year_of_a_row_dates_a_day_without_year() -> None:
    row = RawItem(source="s", key="1", fields={"title": "Gala", "when": "3 juin", "year": "2024"})
    assert read(row, SOURCE).when.starts_on == date(2024, 6, 3)


def test_the_source_s_commune_is_where_everything_takes_place() -> None:
    town = Source(slug="v", title="V", kind="page", url="https://v.org", commune="04209")
    assert read(item(title="Loto"), town).where.commune_name == "Sisteron"
    away = read(item(title="Sortie à Gap (05)"), town)
    assert away.where.commune_code == "05061"


def test_the_text_settles_the_title_s_homonym() -> None:
    anywhere = Source(slug="r", title="R", kind="feed", url="https://r.org")
    mention = read(item(title="Fête à La Garde", text="Place centrale, 83130 La Garde."), anywhere)
    assert mention.where.commune_code == "83062"


def test_neither_title_nor_text_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read(item(url="https://a.org/1"), SOURCE)


def test_a_missing_title_is_taken_from_the_text_and_told() -> None:
    mention = read(item(text="Grand loto\nSamedi à Gap"), SOURCE)
    assert mention.title == "Grand loto"
    assert "titre absent" in mention.warnings[0]


@pytest.mark.parametrize(
    ("title", "text", "status"),
    [
        ("[ANNULÉ] Fête du sport", "", EventStatus.CANCELLED),
        ("Annulé : fête du sport", "", EventStatus.CANCELLED),
        ("Fête du sport - annulée", "", EventStatus.CANCELLED),
        ("La fête du sport est annulée", "", EventStatus.CANCELLED),
        ("Fête (reportée au 12 juin)", "", EventStatus.POSTPONED),
        ("REPORTÉ – Trail des neiges", "", EventStatus.POSTPONED),
        ("Fête", "Le tournoi est malheureusement annulé.", EventStatus.CANCELLED),
        ("Fête", "La course a été reportée au 3 juin.", EventStatus.POSTPONED),
        ("Changement de lieu : concert", "", EventStatus.MOVED),
        ("Fête", "Annule et remplace le précédent message.", EventStatus.PLANNED),
        ("Annulé et remplacé par le stage du 3", "", EventStatus.PLANNED),
        ("Fête", "Maintenu sauf annulation par la préfecture.", EventStatus.PLANNED),
        ("Fête", "En cas de pluie, la fête est reportée au 4.", EventStatus.PLANNED),
        ("Fête", "Les inscriptions sont reportées au 4.", EventStatus.PLANNED),
        ("Le reporté de voix", "", EventStatus.PLANNED),
        ("Reportage photo", "", EventStatus.PLANNED),
        ("Fête", "L'édition 2020 avait été annulée.", EventStatus.PLANNED),
    ],
)
def test_status_is_read_with_care(title: str, text: str, status: EventStatus) -> None:
    assert status_of(None, title, text) is status


@pytest.mark.parametrize("said", ["cancelled", "https://schema.org/EventCancelled", "Annulé"])
def test_a_declared_status_wins(said: str) -> None:
    assert status_of(said, "Fête", "") is EventStatus.CANCELLED


def test_the_item_has_exactly_the_fields_of_the_contract() -> None:
    shown = as_item(read(item(title="Atelier"), SOURCE))
    assert list(shown) == [
        *("key", "url", "title", "text", "starts_on", "ends_on", "when_text", "place", "address"),
        *("commune_code", "commune_name", "latitude", "longitude", "organiser", "published_at"),
        *("language", "warnings"),
    ]
    assert shown["starts_on"] is None
    assert shown["text"] is None
    assert shown["published_at"] == "2027-05-20T22:30:00+00:00"


def test_html_becomes_lines_and_deep_nesting_does_not_hang() -> None:
    assert from_html("<ul><li>Un</li><li>Deux &amp; trois</li></ul>") == "Un\nDeux & trois"
    assert from_html("début" + "<div>" * 50_000).startswith("début")
    assert title_of("<b>Gala</b>&nbsp;&amp;eacute;t&eacute;") == "Gala été"


def test_a_long_text_is_cut_and_told() -> None:
    text, cut = text_of("mot " * 10_000, None)
    assert cut
    assert len(text) <= 20_000


def test_languages() -> None:
    assert language_of("Venez nombreux à la fête du sport avec vos enfants") == "fr"
    assert language_of("Join us for the opening of the games in the city") == "en"
    assert language_of("12345") is None


@given(
    st.dictionaries(
        st.sampled_from(["title", "text", "html", "when", "commune", "postcode", "lat", "lon"]),
        st.one_of(st.text(max_size=60), st.floats(), st.none(), st.integers()),
    )
)
def test_any_fields_are_read_or_refused(fields: dict[str, Any]) -> None:
    try:
        mention = read(RawItem(source="s", key="k", fields=fields), SOURCE)
    except Unreadable:
        return
    assert mention.title == mention.title.strip()
    assert mention.where.certainty in Certainty
