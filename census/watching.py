"""The sources as a census tells them: what was watched, what failed, what was expected. Pure."""

from collections.abc import Mapping

from census.table import Watched
from domain.campaigns import subsidies_of
from domain.records import Source, SourceState
from domain.statuses import FRENCH
from domain.times import paris_day


def watched(known: Mapping[str, Source], states: Mapping[str, SourceState]) -> tuple[Watched, ...]:
    """Each source, by slug, with its last state."""
    return tuple(
        _watched(source, states.get(slug, SourceState(source=slug)))
        for slug, source in sorted(known.items())
    )


def _watched(source: Source, state: SourceState) -> Watched:
    return Watched(
        slug=source.slug,
        title=source.title,
        health=FRENCH[state.health],
        department=source.department,
        last_ok_on=paris_day(state.last_ok_at) if state.last_ok_at else None,
        why=state.last_why,
        expected=source.expect_min,
        collected=state.usual_items,
        subsidies=subsidies_of(source.options, about=source.slug),
    )
