"""What rules alone tell of an initiative, with the words that say so."""

from datetime import date

from classifiers.cold import rules_model
from classifiers.suggest import Text, suggest
from classifiers.words import TRIGGERS, lists, matcher
from domain.highlights import highlights
from domain.labels import labels
from domain.statuses import SuggestionKind


def _values(text: Text, kind: SuggestionKind, *, chosen: bool = True) -> list[str]:
    (found,) = suggest([text], model=rules_model())
    return [s.value for s in found if s.kind is kind and (s.chosen or not chosen)]


def test_type_audience_discipline_and_sector_are_proposed() -> None:
    text = Text(
        id="x",
        title="Tournoi de handball des collégiens et de leurs familles",
        organiser="Handball Club du Vallon",
    )
    assert _values(text, SuggestionKind.TYPE) == ["competition"]
    assert set(_values(text, SuggestionKind.AUDIENCE)) == {"scolaires", "familles"}
    assert _values(text, SuggestionKind.DISCIPLINE) == ["handball"]
    assert _values(text, SuggestionKind.SECTOR) == ["sport"]


def test_the_games_name_alone_is_not_parasport() -> None:
    games = Text(id="x", title="Semaine olympique et paralympique à l'école")
    assert _values(games, SuggestionKind.PARASPORT) == []
    assert _values(Text(id="x", title="Initiation à la boccia"), SuggestionKind.PARASPORT) == [
        "parasport"
    ]


def test_temps_forts_and_labels_are_proposed() -> None:
    text = Text(
        id="x",
        title="Journée paralympique",
        text="Commune labellisée Terre de Jeux 2024",
        starts_on=date(2023, 10, 8),
    )
    assert "JPARA" in _values(text, SuggestionKind.HIGHLIGHT)
    assert _values(text, SuggestionKind.LABEL) == ["TDJ2024"]


def test_an_initiative_has_one_type() -> None:
    text = Text(id="x", title="Stage, concert, tournoi, débat et exposition")
    assert len(_values(text, SuggestionKind.TYPE)) == 1
    assert len(_values(text, SuggestionKind.TYPE, chosen=False)) > 1


def test_every_label_and_temps_fort_is_triggered_by_its_own_name() -> None:
    names = [one.name for one in (*labels().values(), *highlights().values())]
    silent = [
        name
        for name in names
        if not any(h.term.owner == "facet:trigger:any" for h in matcher().read(name).hits)
    ]
    assert silent == []
    assert len(TRIGGERS) == len(set(TRIGGERS))


def test_every_list_has_words() -> None:
    assert set(lists()) == {"type", "audience", "discipline", "parasport", "sector"}
    assert all(one["words"] for values in lists().values() for one in values.values())
