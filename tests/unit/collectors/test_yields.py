from collectors.upkeep import yields
from collectors.upkeep.health import Signals, next_state
from domain.records import Share, SourceMemory, SourceState, Visit
from domain.statuses import Outcome, SourceHealth
from tests.builders import NOW, a_raw_item, a_source, later


def visited(state: SourceState, items: int, date: float, day: int) -> SourceState:
    """One more visit of `items` announcements, of which that share has a date."""
    visit = Visit(source="gap", outcome=Outcome.OK, started_at=NOW, items=items)
    signals = Signals(fill={"date": date, "text": 1.0}, filled=items)
    return next_state(state, a_source(), visit, now=later(days=day), signals=signals)


def test_the_share_of_announcements_that_fill_each_field() -> None:
    items = [
        a_raw_item("1", when="3 juin", commune="Gap", text="Fête"),
        a_raw_item("2", start="2027-06-03", text=""),
        a_raw_item("3"),
    ]
    found = yields.shares(items)
    assert {name: round(share, 2) for name, share in found.items()} == {
        "date": 0.67,
        "place": 0.33,
        "organiser": 0.0,
        "text": 0.33,
        "url": 1.0,
    }
    assert yields.shares([]) == {}


def test_what_only_the_prose_tells_counts_and_a_few_announcements_are_enough_to_know() -> None:
    prose = [a_raw_item(str(n), text="Le 3 juin à Gap") for n in range(100)]
    looked = yields.sample(prose)
    assert len(looked) == 12
    assert len({one.key for one in looked}) == 12
    found = yields.shares(looked, read=lambda item: {"date"} if item.key != "0" else ())
    assert (round(found["date"], 2), found["place"]) == (0.92, 0.0)
    assert yields.sample(prose[:5]) == prose[:5]


def test_a_source_whose_dates_vanish_is_degraded_and_told_with_figures() -> None:
    state = SourceState(source="gap")
    for day in range(3):
        state = visited(state, 20, 0.95, day)
    assert state.health is SourceHealth.OK
    state = visited(state, 20, 0.0, 4)
    assert state.health is SourceHealth.DEGRADED
    assert state.last_why.startswith("les dates disparaissent : 4 % des dernières annonces")
    assert "contre 82 % d'habitude" in state.last_why
    assert visited(state, 20, 0.95, 5).health is SourceHealth.OK


def test_a_few_announcements_without_date_are_no_alarm_many_small_visits_are() -> None:
    state = visited(SourceState(source="gap"), 20, 1.0, 0)
    state = visited(state, 2, 0.0, 1)
    assert state.memory.alarms == {"thin": state.last_why}
    for day in range(2, 6):
        state = visited(state, 2, 0.0, day)
    assert "field:date" in state.memory.alarms


def test_a_source_that_never_had_dates_misses_none_and_ten_are_needed_to_know() -> None:
    state = SourceState(source="gap")
    for day in range(4):
        state = visited(state, 20, 0.1, day)
    assert state.health is SourceHealth.OK
    young = SourceMemory(fill={"date": Share(usual=1.0, recent=0.0)}, filled=5)
    visit = Visit(source="gap", outcome=Outcome.OK, started_at=NOW, items=5)
    assert yields.alarms(young, visit, None, now=NOW) == {}


def test_a_change_that_was_wanted_ends_by_being_the_habit() -> None:
    state = visited(SourceState(source="gap"), 20, 1.0, 0)
    days = 1
    while visited(state, 20, 0.0, days).memory.alarms and days < 60:
        state = visited(state, 20, 0.0, days)
        days += 1
    assert 2 < days < 30  # time for a person to see it, not for ever


def test_a_silence_is_told_against_its_own_history() -> None:
    used_to = SourceMemory(gaps=(1.0, 3.0, 2.0, 9.0, 1.0), last_new_at=NOW)
    visit = Visit(source="gap", outcome=Outcome.UNCHANGED, started_at=NOW)
    assert yields.alarms(used_to, visit, 12.0, now=later(days=17)) == {}
    told = yields.alarms(used_to, visit, 12.0, now=later(days=19))
    assert told["silent"].startswith("rien de nouveau depuis 19 jours")
    often = SourceMemory(gaps=(0.5,) * 5, last_new_at=NOW)
    assert yields.alarms(often, visit, 12.0, now=later(days=13)) == {}  # two weeks at least
    assert yields.alarms(SourceMemory(last_new_at=NOW), visit, 12.0, now=later(days=99)) == {}
