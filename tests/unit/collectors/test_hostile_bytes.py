"""What fuzzing found (tools/fuzz.py), each as the smallest document that showed it."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.kinds import calendar, feed, mailbox
from collectors.pages.json_ld import json_ld_events
from collectors.pages.markup import absolute, tidy, title_of
from collectors.pages.schema_org import event_fields
from domain.errors import Unreadable
from domain.records import RawItem
from tests.builders import a_source


def test_a_namespace_with_a_space_is_no_crash() -> None:
    body = '<feed xmlns="a\u00a0b\u00a0c"><entry><title>F</title></entry></feed>'
    with pytest.raises(Unreadable, match="mal formé"):
        feed.parse(body.encode(), a_source())


def test_an_address_keeps_nothing_postgresql_refuses() -> None:
    assert absolute("/a\0b\ud800c\x85", "https://a.fr/") == "https://a.fr/abc"
    assert tidy("http://[\0") == "http://["
    items = '[{"id": "1", "title": "F", "url": "https://a.fr/\\u0000x"}]'
    body = f'{{"version": "https://jsonfeed.org/version/1.1", "items": {items}}}'
    (one,) = feed.parse(body.encode(), a_source())
    assert isinstance(one, RawItem)
    assert one.url == "https://a.fr/x"


def test_an_address_of_mail_has_no_lone_surrogate() -> None:
    raw = b"From: A <agent@exa\xc6mple.fr>\nSubject: F\xc3\xaate\n\nLe 3 juin\n"
    (one,) = mailbox.parse(raw, a_source())
    assert isinstance(one, RawItem)
    assert str(one.fields).isprintable()


def test_the_body_of_a_mail_keeps_no_script_and_no_nul() -> None:
    html = b"<p>F\0te</p><img src=x onerror=y()><script>z()</script>\n"
    head = b"From: a@b.fr\nSubject: F\n"
    (plain,) = mailbox.parse(head + b"\nVoir https://val\0mont.fr/fete\n", a_source())
    assert isinstance(plain, RawItem)
    assert plain.fields["links"] == ["https://valmont.fr/fete"]
    (one,) = mailbox.parse(head + b"Content-Type: text/html\n\n" + html, a_source())
    assert isinstance(one, RawItem)
    assert one.fields["html"] == "<p>Fte</p>\n"


def test_a_mail_that_begins_like_a_mailbox_is_no_crash() -> None:
    (one,) = mailbox.parse(b"From a person\nFrom: a@b.fr\nSubject: F\n\nLe 3 juin\n", a_source())
    assert isinstance(one, RawItem)
    assert one.fields["title"] == "F"


def test_the_address_of_an_organiser_has_no_nul() -> None:
    event = "UID:1\nSUMMARY:F\nDTSTART:20270603\nORGANIZER:mailto:c\0\x01a@b.fr\n"
    inside = f"BEGIN:VEVENT\n{event}END:VEVENT\n"
    body = f"BEGIN:VCALENDAR\nVERSION:2.0\n{inside}END:VCALENDAR\n".encode()
    (one,) = calendar.parse(body, a_source())
    assert isinstance(one, RawItem)
    assert "email" not in one.fields


def test_a_title_keeps_no_tag_whatever_its_name() -> None:
    assert title_of("Fête<script>alert(1)</script> <iframe src=x></iframe>du sport") == (
        "Fête du sport"
    )


VEVENT = "BEGIN:VEVENT\nUID:1\nSUMMARY:Stage\nDTSTART;TZID=Rare:20270601T100000\n{}END:VEVENT\n"
ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Rare\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
    "TZOFFSETFROM:{0}\nTZOFFSETTO:{0}\nEND:STANDARD\nEND:VTIMEZONE\n"
)


def days(inside: str) -> list[str]:
    body = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{inside}END:VCALENDAR\n".encode()
    (one,) = calendar.parse(body, a_source(), today=date(2027, 6, 1))
    assert isinstance(one, RawItem), one
    timings: Any = one.fields.get("timings")
    return [slot["start"] for slot in timings] if timings else [str(one.fields["start"])]


def test_a_zone_is_learned_from_its_own_calendar_alone() -> None:
    assert days(ZONE.format("+0400") + VEVENT.format("")) == ["2027-06-01T08:00"]
    assert days(ZONE.format("+0000") + VEVENT.format("")) == ["2027-06-01T12:00"]


def test_events_without_identifier_stay_apart_and_the_same_when_exported_again() -> None:
    def keys(stamp: str, *uids: str) -> set[str]:
        events = "".join(
            f"BEGIN:VEVENT\n{uid}DTSTAMP:{stamp}\nSUMMARY:Stage {n}\nEND:VEVENT\n"
            for n, uid in enumerate(uids)
        )
        body = f"BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n"
        return {one.key for one in calendar.parse(body.encode(), a_source())}

    empty = ("", "UID:\n", "UID:\u200b\x7f\n", "UID: \n")
    assert len(keys("20270101T000000Z", *empty)) == 4
    assert keys("20270101T000000Z", *empty) == keys("20270202T000000Z", *empty)
    assert "" not in keys("20270101T000000Z", *empty)


def test_repetitions_other_calendars_get_wrong_are_read() -> None:
    day = "DTSTART;VALUE=DATE:20270601\n"
    rule = "RRULE:FREQ=WEEKLY;COUNT=2\n"
    event = VEVENT.replace("DTSTART;TZID=Rare:20270601T100000\n", day)
    weekly = ["2027-06-01", "2027-06-08"]
    assert days(event.format(rule + rule)) == weekly
    endless = "RRULE:FREQ=WEEKLY;UNTIL=20270610;COUNT=-1\n"
    assert days(event.format(endless)) == weekly
    corrected = event.format(rule + "EXDATE;VALUE=DATE:20270608\nSEQUENCE:2\n")
    assert days(event.format(rule + "SEQUENCE:1\n") + corrected) == weekly[:1]
    for midnight in (";TZID=Europe/London:20270608T000000", ":20270607T220000Z"):  # Exchange
        other = f"RECURRENCE-ID{midnight}\nSEQUENCE:2\n"
        later = event.replace("20270601", "20270609").format(other)
        assert days(event.format(rule) + later) == ["2027-06-01", "2027-06-09"]
        assert days(event.format(f"{rule}EXDATE{midnight}\n")) == ["2027-06-01"]
    period = "RDATE;VALUE=PERIOD:20270608T100000Z/PT1H\n"
    assert days(VEVENT.replace(";TZID=Rare", "").format(period)) == [
        "2027-06-01T10:00",
        "2027-06-08T12:00",
    ]
    hourly = VEVENT.replace(";TZID=Rare", "").format(rule + "EXDATE;VALUE=DATE:20270608\n")
    assert days(hourly) == ["2027-06-01T10:00"]


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(WORDS, inside, max_size=4),
    max_leaves=20,
)


@given(st.lists(WORDS, max_size=8, unique=True), st.dictionaries(WORDS, ANY_JSON, max_size=3))
def test_no_structured_event_is_lost_beside_any_other_json(
    names: list[str], other: dict[str, object]
) -> None:
    events = [{"@type": "Event", "name": name, "startDate": "2027-06-03"} for name in names]
    blocks = [json.dumps(one).replace("<", "\\u003c") for one in (other, events)]
    page = "".join(f'<script type="application/ld+json">{one}</script>' for one in blocks)
    found = json_ld_events(page)
    assert [one["name"] for one in found if one.get("startDate") == "2027-06-03"] == names
    for one in found:
        event_fields(one, base="https://a.fr/")


@given(st.text(max_size=60), st.sampled_from(["https://a.fr/b/", "https://été.fr/?page=x", ""]))
def test_an_address_is_one_or_none_and_is_tidied_once(text: str, base: str) -> None:
    one = absolute(text, base)
    assert one is None or one.startswith(("http://", "https://"))
    if one is not None:
        assert absolute(one, base) == one
    assert tidy(tidy(text)) == tidy(text)
