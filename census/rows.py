"""Dossiers → census rows: which initiatives belong to a campaign, and what each column says.

One row is one initiative in one campaign (it shows its editions); it is derived, never stored.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.campaigns import Campaign
from domain.records import Decision, Dossier, Edition, Json, Mention, Occurrence, Suggestion
from domain.statuses import DecisionKind, EventStatus, ScopeAnswer, SuggestionKind
from domain.territory import Commune
from domain.times import french_date

STATUSES = (
    *("envisagee", "programmee", "confirmee", "reportee", "annulee", "realisee", "bilan_fait"),
)

FindCommune = Callable[[str], Commune | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a column reads: an initiative in a campaign, at a date."""

    dossier: Dossier
    campaign: Campaign
    today: date
    commune: Commune | None = None

    def value(self, name: str) -> Json:
        return self.dossier.initiative.value(name)

    def listed(self, name: str) -> list[str]:
        """The value as a list of texts; empty when unknown."""
        found = self.value(name)
        if found is None:
            return []
        return [str(one) for one in found] if isinstance(found, list | tuple) else [str(found)]

    @property
    def verdict(self) -> Decision | None:
        """The last approval or rejection still standing."""
        undone = {one.undoes for one in self.dossier.decisions if one.undoes}
        standing = (
            one
            for one in self.dossier.decisions
            if one.kind in (DecisionKind.APPROVE, DecisionKind.REJECT) and one.id not in undone
        )
        return max(standing, key=lambda one: (one.at, one.id), default=None)

    @property
    def themes(self) -> tuple[str, ...]:
        """A reviewer's themes, else the chosen proposals; in the campaign's order."""
        verdict = self.verdict
        if verdict is not None and verdict.kind is DecisionKind.APPROVE:
            found = set(verdict.value.get("themes", ()))
        else:
            found = {one.value for one in self.suggested(SuggestionKind.THEME) if one.chosen}
        return tuple(one for one in self.campaign.themes if one in found)

    def suggested(self, kind: SuggestionKind) -> tuple[Suggestion, ...]:
        return tuple(one for one in self.dossier.suggestions if one.kind is kind)

    def proposed(self, kind: SuggestionKind) -> list[str]:
        """The chosen proposals of a kind, likeliest first."""
        chosen = [one for one in self.suggested(kind) if one.chosen]
        return [one.value for one in sorted(chosen, key=lambda one: (-one.p, one.value))]

    def by_person(self, name: str) -> bool:
        found = self.dossier.initiative.values.get(name)
        return found is not None and found.by_person

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The editions with a day in the campaign, first day first. A part held during its festival
        is no edition: the festival counts once."""
        inside = {one.id: one for one in self._every_edition() if self._inside(one)}
        kept = [one for one in inside.values() if not _during(one, inside.get(one.part_of or ""))]
        return tuple(sorted(kept, key=lambda one: (first_day(one) or date.max, one.id)))

    def _every_edition(self) -> tuple[Edition, ...]:
        """The editions, with the days a person set in place of those read when there is but one:
        among several, a person's dates are those of the whole and change none."""
        whole = self.dossier.initiative
        told = tuple(one for one in whole.editions if one.mentions or one.occurrences)
        if len(told) > 1 or not (self.by_person("starts_on") or self.by_person("ends_on")):
            return told
        only = told[0] if told else Edition(id=whole.id, initiative=whole.id)
        first = _set_day(self.value("starts_on"), first_day(only))
        last = _set_day(self.value("ends_on"), last_day(only))
        if first is None and last is None:
            return ()
        start = first or last
        assert start is not None  # noqa: S101  one of the two is a day
        slot = Occurrence(starts_on=start, ends_on=max(start, last or start))
        return (replace(only, occurrences=(slot,)),)

    def _inside(self, edition: Edition) -> bool:
        first, last = first_day(edition), last_day(edition)
        if first is None or last is None:
            return False
        return first <= self.campaign.ends_on and last >= self.campaign.starts_on

    @property
    def dated(self) -> bool:
        return any(first_day(one) for one in self._every_edition())

    @property
    def mention(self) -> Mention | None:
        """The announcement to cite: the one the title comes from, else the first collected."""
        title = self.dossier.initiative.values.get("title")
        by_id = {one.id: one for one in self.dossier.mentions}
        if title and title.mention in by_id:
            return by_id[title.mention]
        return min(self.dossier.mentions, key=lambda one: one.id, default=None)

    @property
    def changed_at(self) -> datetime:
        return self.dossier.initiative.changed_at


def _set_day(value: Json, read: date | None) -> date | None:
    """The day a person set; the one read when nothing, or no day, was set."""
    try:
        return date.fromisoformat(str(value)) if value else read
    except ValueError:
        return read


def _during(part: Edition, whole: Edition | None) -> bool:
    """Whether all the days of a part are within those of its festival."""
    if whole is None:
        return False
    start, end = first_day(whole), last_day(whole)
    first, last = first_day(part), last_day(part)
    return bool(start and end and first and last and start <= first and last <= end)


def first_day(edition: Edition) -> date | None:
    return min((one.starts_on for one in edition.occurrences), default=None)


def last_day(edition: Edition) -> date | None:
    return max((one.ends_on for one in edition.occurrences), default=None)


def status(entry: Entry) -> str:
    """Statut de l'animation (domain.fr.md §1.5), computed at the date of the export."""
    if entry.by_person("status") and entry.value("status") in STATUSES:
        return str(entry.value("status"))
    editions = entry.editions
    if editions and all(one.status is EventStatus.CANCELLED for one in editions):
        return "annulee"
    latest = editions[-1] if editions else None
    if latest is not None and latest.status is EventStatus.POSTPONED:
        return "reportee"
    declared = entry.value("status")
    if not editions:
        return {"cancelled": "annulee", "postponed": "reportee"}.get(str(declared), "envisagee")
    last = max(filter(None, map(last_day, editions)))
    return "realisee" if last < entry.today else "programmee"


def belongs(entry: Entry) -> bool:
    """In the census: approved by a reviewer, or proposed as in scope and not rejected;
    never outside the territory or the dates of the campaign unless a reviewer approved it."""
    return not left_out(entry)


def left_out(entry: Entry) -> str:
    """Why an initiative is not in the census of a campaign, in French; empty when it is."""
    verdict, campaign = entry.verdict, entry.campaign
    if verdict is not None:
        if verdict.kind is DecisionKind.APPROVE:
            return ""
        motive = verdict.motive or "sans motif écrit"
        return f"une personne l'a jugée hors champ ({motive})"
    department = entry.value("department")
    if department is not None and department not in campaign.departments:
        return f"hors du territoire de la campagne (département {department})"
    if entry.dated and not entry.editions:
        days = [d for one in entry._every_edition() if (d := first_day(one))]
        return (
            f"aucune de ses dates ({', '.join(map(french_date, sorted(days)[:3]))}) n'est dans la "
            f"campagne, du {french_date(campaign.starts_on)} au {french_date(campaign.ends_on)}"
        )
    scope = {one.value: one for one in entry.suggested(SuggestionKind.SCOPE)}
    if (inside := scope.get(ScopeAnswer.IN)) is not None and inside.chosen:
        return ""
    if (out := scope.get(ScopeAnswer.OUT)) is not None:
        chances = max(1, round(out.p * 100))
        return f"la machine la juge hors champ ({chances} % de chances d'en être)"
    if scope:
        return "la machine hésite sur son champ : une personne tranchera"
    return "son champ n'est pas encore jugé : le prochain passage s'en charge"


def entries(
    dossiers: Iterable[Dossier], campaign: Campaign, *, today: date, commune: FindCommune
) -> Iterator[Entry]:
    """The entries of the census of a campaign, in the order of the dossiers."""
    for dossier in dossiers:
        code = dossier.initiative.value("commune_code")
        place = commune(code) if code else None
        entry = Entry(dossier=dossier, campaign=campaign, today=today, commune=place)
        if belongs(entry):
            yield entry
