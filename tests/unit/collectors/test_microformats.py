"""h-event and hCalendar, by the facts of microformats.org: values, dates, places, states."""

from typing import Any

import pytest

from collectors.kinds.page import parse
from domain.records import RawItem
from tests.builders import a_source


def read(*blocks: str) -> list[dict[str, Any]]:
    html = f"<html lang='fr'><body>{''.join(blocks)}</body></html>"
    found = parse(html.encode(), a_source(), url="https://ville.example/agenda/")
    assert all(isinstance(one, RawItem) for one in found), found
    return [dict(one.fields) for one in found if isinstance(one, RawItem)]


def h_event(inside: str) -> dict[str, Any]:
    (one,) = read(f'<div class="h-event"><b class="p-name">Course</b> {inside}</div>')
    return one


def vevent(inside: str) -> dict[str, Any]:
    (one,) = read(f'<div class="vevent"><b class="summary">Course</b> {inside}</div>')
    return one


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ('<time class="dt-start" datetime="2027-06-03">3 juin</time>', "2027-06-03"),
        ('<time class="dt-start">2027-06-03 14:30</time>', "2027-06-03T14:30"),
        ('<abbr class="dt-start" title="2027-06-03T14:30:00+02:00">x</abbr>', "2027-06-03T14:30"),
        ('<data class="dt-start" value="2027-06-03T12:30Z">x</data>', "2027-06-03T14:30"),
        (
            '<span class="dt-start"><span class="value">2027-06-03</span> à '
            '<span class="value">2:30pm</span></span>',
            "2027-06-03T14:30",
        ),
        (
            '<span class="dt-start"><abbr class="value" title="2027-06-03">jeudi</abbr> '
            '<span class="value">14h30</span></span>',
            "2027-06-03T14:30",
        ),
        (
            '<span class="dt-start"><span class="value-title" title="2027-06-03T14:30"> </span>'
            "jeudi</span>",
            "2027-06-03T14:30",
        ),
    ],
)
def test_a_date_is_read_in_each_of_the_ways_it_may_be_written(words: str, start: str) -> None:
    assert h_event(words)["start"] == start
    assert vevent(words.replace("dt-start", "dtstart"))["start"] == start


def test_words_that_are_no_machine_date_stay_words() -> None:
    one = h_event('<span class="dt-start">jeudi 3 juin 2027 dès 14 h</span>')
    assert (one.get("start"), one["when"]) == (None, "jeudi 3 juin 2027 dès 14 h")


def test_an_hour_alone_is_the_same_day_and_a_duration_an_end() -> None:
    start = '<time class="dt-start" datetime="2027-06-03T14:00">3 juin</time>'
    assert h_event(f'{start} à <time class="dt-end">17:30</time>')["end"] == "2027-06-03T17:30"
    lasts = '<time class="dt-duration" datetime="PT2H30M">2 h 30</time>'
    assert h_event(start + lasts)["end"] == "2027-06-03T16:30"
    days = '<abbr class="dtstart" title="2027-06-03">3</abbr><abbr class="duration" title="P3D">'
    assert vevent(days)["end"] == "2027-06-05"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("CANCELLED", "cancelled"),
        ("Annulé", "cancelled"),
        ("Reporté à l'automne", "postponed"),
        ("déplacé au gymnase", "moved"),
        ("CONFIRMED", None),
        ("TENTATIVE", None),
    ],
)
def test_the_state_of_an_event(said: str, status: str | None) -> None:
    assert h_event(f'<span class="p-status">{said}</span>').get("status") == status
    assert vevent(f'<span class="status">{said}</span>').get("status") == status


def test_a_place_with_its_address_and_its_point() -> None:
    card = """<div class="p-location h-card"><a class="p-name u-url" href="/stade">Stade</a>
      <p class="p-adr h-adr"><span class="p-street-address">1 rue du Lac</span>
        <span class="p-postal-code">05000</span> <span class="p-locality">Gap</span></p>
      <span class="p-geo h-geo"><data class="p-latitude" value="44.56">44</data>
        <data class="p-longitude" value="6.08">6</data></span></div>"""
    found = h_event(card)
    assert (found["venue"], found["address"]) == ("Stade", "1 rue du Lac")
    assert (found["postcode"], found["commune"]) == ("05000", "Gap")
    assert (found["lat"], found["lon"]) == (44.56, 6.08)
    old = """<span class="location vcard"><span class="fn org">Stade</span>
      <span class="adr"><span class="street-address">1 rue du Lac</span>,
        <span class="postal-code">05000</span> <span class="locality">Gap</span></span>
      <abbr class="geo" title="44.56;6.08">plan</abbr></span>"""
    assert vevent(old) == found
    assert h_event('<span class="p-location">Stade de Gap</span>')["venue"] == "Stade de Gap"
    assert h_event('<p class="p-location h-adr"><b class="p-locality">Gap</b></p>') == {
        "title": "Course",
        "commune": "Gap",
        "url": "https://ville.example/agenda/",
    }


def test_several_places_make_it_itinerant() -> None:
    found = h_event(
        '<p class="p-location h-adr"><b class="p-locality">Gap</b></p>'
        '<p class="p-location h-adr"><b class="p-locality">Embrun</b></p>'
    )
    assert (found["attendance"], found["commune"]) == ("itinerant", "Gap / Embrun")


def test_who_organises_and_what_belongs_to_others() -> None:
    (one,) = read("""<div class="h-event"><h2 class="p-name">Course</h2>
      <div class="p-organizer h-card"><b class="p-name">Club de Gap</b>
        <a class="u-email" href="mailto:contact@club.example">écrire</a></div>
      <div class="p-attendee h-card"><b class="p-name">Une personne</b></div>
      <p class="e-content">Une <b>belle</b> course.</p>
      <a class="p-category">course</a> <a class="p-category">nature</a></div>""")
    assert (one["title"], one["organiser"]) == ("Course", "Club de Gap")
    assert one["email"] == "contact@club.example"
    assert (one["text"], one["tags"]) == ("Une belle course.", ["course", "nature"])
    assert "Une personne" not in str(one)


def test_a_name_may_be_the_words_of_the_event_itself() -> None:
    (one,) = read('<a class="h-event" href="/course">Course de Gap</a>')
    assert one["title"] == "Course de Gap"
    (dated,) = read('<p class="h-event">Fête <time class="dt-start">2027-06-03</time></p>')
    assert (dated["title"], dated["start"]) == ("Fête 2027-06-03", "2027-06-03")


def test_ordinary_class_names_say_nothing_in_an_h_event() -> None:
    one = h_event('<p class="description">Menu du site</p><i class="location">Accueil</i>')
    assert set(one) == {"title", "url"}


def test_inner_events_stay_parts_of_the_outer_one() -> None:
    (one,) = read("""<div class="h-event"><h2 class="p-name">Festival</h2>
      <div class="h-event"><h3 class="p-name">Concert</h3></div></div>""")
    assert one["title"] == "Festival"
