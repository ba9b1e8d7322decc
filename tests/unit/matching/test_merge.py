"""The golden record: one visible rule per field, a person above all."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import permutations

from domain.records import FieldValue, Mention, Occurrence, When, Where, Who
from domain.statuses import ActorKind, EventStatus, Precision, Publisher
from matching.merge import edition_label, edition_status, golden, occurrences

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)


def told(
    number: int, publisher: Publisher, *, title: str = "Fête du sport", text: str = "",
    day: int | None = 7, status: EventStatus = EventStatus.PLANNED, at: int = 1, **details: object,
) -> Mention:  # fmt: skip
    when = When()
    if day is not None:
        when = When(
            starts_on=date(2024, 9, day), ends_on=date(2024, 9, day), precision=Precision.DAY
        )
    return Mention(
        id=number, source=f"s{number}", key=str(number), title=title, text=text, when=when,
        publisher=publisher, status=status, details=details, url=f"https://s{number}.fr/a",
        published_at=datetime(2026, 10, at, tzinfo=UTC),
        who=Who(name=f"Porteur {number}", kind=ActorKind.ASSOCIATION),
    )  # fmt: skip


PRESS = told(1, Publisher.PRESS, title="Grande fête", text="Un long article de presse. " * 9, at=9)
SITE = told(2, Publisher.ORGANISER, title="Fête du sport 2024", text="Le texte du club.")
TOWN = told(3, Publisher.TOWN, text="Le texte, plus long, de la commune.", at=5)


def test_the_organiser_speaks_first_and_others_stay_visible() -> None:
    values = golden([PRESS, TOWN, SITE], {}, now=NOW)
    assert values["title"] == FieldValue(
        field="title", value="Fête du sport 2024", mention=2, rule="publisher", at=NOW,
        alternatives=("Fête du sport", "Grande fête"),
    )  # fmt: skip
    assert values["description"].value == "Le texte, plus long, de la commune."
    assert values["links"].value == ["https://s2.fr/a", "https://s3.fr/a", "https://s1.fr/a"]


def test_any_order_gives_the_same_record() -> None:
    records = [golden(order, {}, now=NOW) for order in permutations([PRESS, TOWN, SITE])]
    assert all(record == records[0] for record in records)


def test_two_sources_beat_one_and_the_latest_beats_the_first() -> None:
    moved = told(4, Publisher.AGENDA, day=14, at=20)
    assert golden([SITE, TOWN, moved], {}, now=NOW)["starts_on"].value == "2024-09-07"
    late = golden([SITE, moved], {}, now=NOW)["starts_on"]
    assert (late.value, late.rule, late.alternatives) == ("2024-09-14", "latest", ("2024-09-07",))


def test_a_persons_value_is_kept_as_it_is() -> None:
    mine = FieldValue(field="title", value="Fête à moi", rule="user:ana", at=BEFORE)
    assert golden([PRESS, SITE], {"title": mine}, now=NOW)["title"] is mine


def test_an_unchanged_value_keeps_its_instant() -> None:
    first = golden([PRESS, SITE], {}, now=BEFORE)
    assert golden([PRESS, SITE], first, now=NOW) == first


def test_lists_are_united_and_details_follow_the_publisher() -> None:
    a = told(1, Publisher.FUNDER, partners=["ANS", "Région"], budget=900.0, discipline="judo")
    b = told(2, Publisher.TOWN, partners="région", budget=1000.0)
    values = golden([a, b], {}, now=NOW)
    assert values["partners"].value == ["région", "ANS"]
    assert values["disciplines"].value == ["judo"]
    assert (values["budget"].value, values["budget"].alternatives) == (1000.0, (900.0,))


def test_the_most_precise_place_wins() -> None:
    vague = replace(SITE, where=Where(commune_name="Gap"))
    fine = replace(PRESS, where=Where(commune_name="GAP", address="3 rue Carnot", latitude=44.5,
                                      longitude=6.1))  # fmt: skip
    values = golden([vague, fine], {}, now=NOW)
    assert values["commune_name"].value == "GAP"
    assert (values["latitude"].value, values["longitude"].value) == (44.5, 6.1)


def test_a_cancelled_title_is_a_status() -> None:
    off = told(4, Publisher.AGENDA, title="ANNULÉ : Fête du sport", at=28)
    assert edition_status([SITE, off]) is EventStatus.CANCELLED
    again = [told(n, Publisher.AGENDA, at=29) for n in (7, 8)]
    assert edition_status([SITE, off, again[0]]) is EventStatus.CANCELLED
    assert edition_status([SITE, off, *again]) is EventStatus.PLANNED
    late = told(5, Publisher.AGENDA, title="Fête du sport reportée", at=29)
    assert edition_status([late]) is EventStatus.POSTPONED
    moved = told(6, Publisher.AGENDA, status=EventStatus.MOVED)
    assert edition_status([moved]) is EventStatus.MOVED
    assert edition_status([]) is EventStatus.PLANNED


def test_dates_of_an_edition() -> None:
    slots = tuple(
        Occurrence(starts_on=date(2024, 9, d), ends_on=date(2024, 9, d), starts_at=time(10))
        for d in (14, 7)
    )
    listed = replace(TOWN, when=replace(TOWN.when, occurrences=slots))
    assert occurrences([SITE, listed]) == slots[::-1]
    assert occurrences([SITE]) == (
        Occurrence(starts_on=date(2024, 9, 7), ends_on=date(2024, 9, 7)),
    )
    assert occurrences([told(1, Publisher.TOWN, day=None)]) == ()


def test_a_coarse_date_never_hides_a_day() -> None:
    year = When(starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31), precision=Precision.YEAR)
    grants = [replace(told(i, Publisher.FUNDER), when=year) for i in (4, 5)]
    assert golden([SITE, *grants], {}, now=NOW)["starts_on"].value == "2024-09-07"
    assert golden(grants, {}, now=NOW)["precision"].value == "year"


def test_labels_of_editions() -> None:
    assert edition_label([told(1, Publisher.TOWN, title="12e édition du cross")]) == (
        "12e édition, 2024"
    )
    assert edition_label([told(1, Publisher.TOWN, title="1ère édition du cross")]) == (
        "1re édition, 2024"
    )
    assert edition_label([told(1, Publisher.TOWN, title="3e cross", day=None)]) == "3e édition"
    assert edition_label([told(1, Publisher.TOWN, day=None)]) == ""
