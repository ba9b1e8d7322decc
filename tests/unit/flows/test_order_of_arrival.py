"""What is proposed depends on the announcements of an initiative, not on which came first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.cold import rules_model
from classifiers.suggest import suggest
from domain.campaigns import campaign
from domain.records import Dossier, Initiative, Mention
from domain.statuses import Publisher
from flows.steps import as_text
from matching.merge import golden
from tests.builders import NOW, a_mention

TITLES = ("Grande journée", "Appel à bénévoles", "Olympiades 2024", "Repair café", "")
TEXTS = (
    "",
    "On répare ensemble les vélos.",
    "Séances pour personnes en situation de handicap.",
    "Journée olympique au stade de la ville.",
)
announcements = st.lists(
    st.builds(
        lambda source, title, text, publisher: a_mention(
            title, source, title=title, text=text, publisher=publisher
        ),
        st.sampled_from(["gap", "embrun", "office", "presse"]),
        st.sampled_from(TITLES),
        st.sampled_from(TEXTS),
        st.sampled_from(list(Publisher)),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: (one.source, one.key),
)
MORNING = datetime(2026, 11, 21, 6, tzinfo=UTC)


def _proposed(arrived: list[Mention]) -> object:
    """What is proposed when these come in this order, a few seconds apart, in one day."""
    numbered = [
        replace(one, id=n, collected_at=MORNING + timedelta(seconds=7 * n))
        for n, one in enumerate(arrived, 1)
    ]
    values = golden(numbered, {}, now=NOW)
    dossier = Dossier(
        initiative=Initiative(id="i", created_at=NOW, changed_at=NOW, values=values),
        campaign="PAAT-2024",
        mentions=tuple(numbered),
    )
    return suggest([as_text(dossier)], campaign=campaign("PAAT-2024"), model=rules_model())


@settings(max_examples=40)
@given(announcements, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(found: list[Mention], chance: object) -> None:
    other = list(found)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert _proposed(found) == _proposed(other)
