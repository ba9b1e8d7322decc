from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors.upkeep.freshness import outside, told
from collectors.upkeep.health import Signals, next_state
from collectors.upkeep.rhythm import Bounds, interval
from domain.records import Fresh, SourceMemory, SourceState, Visit
from domain.statuses import Outcome
from tests.builders import NOW, a_source, later

HOUR = timedelta(hours=1)
FEED = b"""<rss><channel><ttl> 180 </ttl>
<skipHours><hour>0</hour><hour>24</hour><hour>3</hour></skipHours>
<skipDays><day>Sunday</day></skipDays><item><ttl>9</ttl></item></channel></rss>"""


def test_a_feed_says_its_rhythm_before_its_first_entry() -> None:
    assert told({}, FEED, now=NOW) == Fresh(seconds=10800, skip_hours=(0, 3), skip_days=(6,))
    assert told({}, b"<rss><channel><item><ttl>9</ttl></item></channel></rss>", now=NOW) == Fresh()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=3600"}, 3600),
        ({"cache-control": "no-cache, max-age=3600"}, 0),
        ({"expires": "Sat, 21 Nov 2026 10:30:00 GMT"}, 7200),
        ({"expires": "0"}, 0),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"cache-control": "max-age=60", "expires": "Sat, 21 Nov 2026 10:30:00 GMT"}, 60),
        ({"cache-control": "max-age=soon"}, 0),
    ],
)
def test_a_page_says_how_long_it_stays_good(headers: dict[str, str], seconds: float) -> None:
    assert told(headers, b"", now=NOW).seconds == seconds


def test_a_source_is_not_asked_more_often_than_it_wishes_nor_less_than_its_setting() -> None:
    hourly = SourceMemory(gaps=(0.1,) * 5, last_new_at=NOW)

    def wait(seconds: float) -> timedelta:
        memory = replace(hourly, fresh=Fresh(seconds=seconds))
        return interval(a_source(every_hours=24), memory, now=NOW, bounds=Bounds())[0]

    assert [wait(s) / HOUR for s in (0, 3600, 43200, 31_536_000)] == [6, 6, 12, 24]


def test_the_hours_a_feed_asks_to_leave_out_are_left_out() -> None:
    saturday = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    fresh = Fresh(skip_hours=(22, 23), skip_days=(6,))
    assert outside(saturday, fresh) == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert outside(saturday, Fresh()) == saturday
    assert outside(saturday, Fresh(skip_hours=tuple(range(24)))) == saturday


def test_what_was_said_is_remembered_when_an_unchanged_answer_says_nothing() -> None:
    state, fresh = SourceState(source="gap"), Fresh(skip_hours=(6, 7))
    for signals in (Signals(fresh=fresh), Signals()):
        seen = Visit(source="gap", outcome=Outcome.OK, started_at=NOW, items=1)
        state = next_state(state, a_source(), seen, now=later(days=1), signals=signals)
    assert state.memory.fresh == fresh
    assert state.next_visit_at is not None
    assert state.next_visit_at.hour == 8
    assert "heures que son flux demande d'éviter" in state.memory.next_why
