"""Closed lists of words. The value is what is stored and exported; the French label is shown."""

from collections.abc import Iterator, Mapping
from enum import StrEnum


class Relation(StrEnum):
    """How two mentions relate (docs/rapprochement.md)."""

    SAME = "same"  # the same edition of the same initiative
    OTHER_EDITION = "other_edition"  # same initiative, another year or session
    PART_OF = "part_of"  # one is a sub-event of the other
    DIFFERENT = "different"
    UNSURE = "unsure"  # a person looked and could not tell


class EventStatus(StrEnum):
    """What the announcement says of the event itself."""

    PLANNED = "planned"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    MOVED = "moved"


class InitiativeStatus(StrEnum):
    """Where an initiative stands in the review."""

    WAITING = "waiting"  # à relire
    REGISTERED = "registered"  # recensée
    REJECTED = "rejected"  # hors champ, motif dans la décision
    REOPENED = "reopened"  # the source changed after a decision


class Precision(StrEnum):
    """How precisely the source says when. Ordered from finest to coarsest."""

    TIME = "time"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """Whether a reading can be used as it is or a person must be asked."""

    CERTAIN = "certain"
    ASK = "ask"
    ABSENT = "absent"


class Attendance(StrEnum):
    ON_SITE = "on_site"
    ONLINE = "online"
    ITINERANT = "itinerant"


class ActorKind(StrEnum):
    """Nature of an organiser; the values are those of the census column `porteur_type`."""

    ASSOCIATION = "association"
    COMMUNE = "commune"
    EPCI = "epci"
    DEPARTEMENT = "departement"
    REGION = "region"
    ETAT = "etat"
    SCHOOL = "etablissement_scolaire"
    FEDERATION = "federation_comite"
    FOUNDATION = "fondation"
    COMPANY = "entreprise"
    OTHER = "autre"


class Publisher(StrEnum):
    """Who speaks through a source. Survivorship trusts them in this order, first best."""

    ORGANISER = "organiser"  # the organiser's own site or form
    TOWN = "town"
    STATE = "state"
    AGENDA = "agenda"
    PRESS = "press"
    FUNDER = "funder"  # subsidy files
    IMPORT = "import"  # a spreadsheet someone loaded


class SuggestionKind(StrEnum):
    THEME = "theme"
    SCOPE = "scope"
    TYPE = "type"
    AUDIENCE = "audience"
    DISCIPLINE = "discipline"
    PARASPORT = "parasport"
    HIGHLIGHT = "highlight"  # temps fort
    LABEL = "label"
    SECTOR = "sector"


class ScopeAnswer(StrEnum):
    """Does the initiative belong to the campaign?"""

    IN = "in"
    OUT = "out"
    ASK = "ask"


class DecisionKind(StrEnum):
    APPROVE = "approve"  # themes approved, initiative registered
    REJECT = "reject"  # out of scope
    SKIP = "skip"  # "je ne sais pas"
    EDIT = "edit"  # a person sets the value of a field
    NOTE = "note"
    MERGE = "merge"
    SPLIT = "split"
    AWARD = "award"
    UNDO = "undo"


class Role(StrEnum):
    """What an account may do, each role all that the one before may (review.auth)."""

    READER = "lecteur"
    REVIEWER = "relecteur"
    COMMITTEE = "comite"
    ADMIN = "administrateur"


class CardState(StrEnum):
    """Where an initiative stands in the queue of a campaign."""

    OPEN = "open"  # waits for a first look
    SECOND = "second"  # decided once, waits for a second blind look
    ARBITRATION = "arbitration"  # two looks disagree
    DONE = "done"


class Look(StrEnum):
    """In which role a person's answer about a card was given."""

    FIRST = "first"
    SECOND = "second"
    ARBITRATION = "arbitration"
    CONTROL = "control"  # the answer was known: it measures, it changes nothing


class Outcome(StrEnum):
    """What one visit to a source gave."""

    OK = "ok"
    UNCHANGED = "unchanged"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    IMPLAUSIBLE = "implausible"


class Identity(StrEnum):
    """By what the announcements of a source are recognised, the most trusting first."""

    GUID = "guid"  # the identifier the source gives
    GUID_URL = "guid+url"  # identifiers used twice: with the address
    URL = "url"  # identifiers that are missing or change at each visit
    TITLE = "title"  # addresses that name nothing: title, date and place


class SourceHealth(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"
    DORMANT = "dormant"
    BLOCKED = "blocked"
    GONE = "gone"
    PAUSED = "paused"


class _Labels(Mapping[StrEnum, str]):
    """Labels by word. Two words of two lists may share a value (a visit and a source both are
    « ok »): as keys of a dict, StrEnum members of one value are one key."""

    def __init__(self, *labels: tuple[StrEnum, str]) -> None:
        self._labels = {(type(word), word.value): (word, label) for word, label in labels}

    def __getitem__(self, word: StrEnum) -> str:
        return self._labels[type(word), word.value][1]

    def __iter__(self) -> Iterator[StrEnum]:
        return (word for word, _ in self._labels.values())

    def __len__(self) -> int:
        return len(self._labels)


FRENCH = _Labels(
    (Relation.SAME, "même initiative, même édition"),
    (Relation.OTHER_EDITION, "autre édition"),
    (Relation.PART_OF, "partie de"),
    (Relation.DIFFERENT, "différentes"),
    (Relation.UNSURE, "indécidable"),
    (EventStatus.PLANNED, "programmée"),
    (EventStatus.POSTPONED, "reportée"),
    (EventStatus.CANCELLED, "annulée"),
    (EventStatus.MOVED, "déplacée"),
    (InitiativeStatus.WAITING, "à relire"),
    (InitiativeStatus.REGISTERED, "recensée"),
    (InitiativeStatus.REJECTED, "hors champ"),
    (InitiativeStatus.REOPENED, "à revoir"),
    (Outcome.OK, "lue"),
    (Outcome.UNCHANGED, "inchangée"),
    (Outcome.UNREACHABLE, "injoignable"),
    (Outcome.REFUSED, "refusée"),
    (Outcome.UNREADABLE, "illisible"),
    (Outcome.IMPLAUSIBLE, "invraisemblable"),
    (Identity.GUID, "l'identifiant que donne la source"),
    (Identity.GUID_URL, "l'identifiant avec l'adresse"),
    (Identity.URL, "l'adresse"),
    (Identity.TITLE, "le titre, la date et le lieu"),
    (SourceHealth.OK, "en bonne santé"),
    (SourceHealth.DEGRADED, "dégradée"),
    (SourceHealth.FAILING, "en échec"),
    (SourceHealth.DORMANT, "endormie"),
    (SourceHealth.BLOCKED, "bloquée"),
    (SourceHealth.GONE, "disparue"),
    (SourceHealth.PAUSED, "en pause"),
    (DecisionKind.APPROVE, "validée"),
    (DecisionKind.REJECT, "écartée"),
    (DecisionKind.SKIP, "passée"),
    (DecisionKind.EDIT, "champ modifié"),
    (DecisionKind.NOTE, "note"),
    (DecisionKind.MERGE, "fusion"),
    (DecisionKind.SPLIT, "séparation"),
    (DecisionKind.AWARD, "labellisation"),
    (DecisionKind.UNDO, "annulation"),
    (Role.READER, "lecteur"),
    (Role.REVIEWER, "relecteur"),
    (Role.COMMITTEE, "comité"),
    (Role.ADMIN, "administrateur"),
    (CardState.OPEN, "à relire"),
    (CardState.SECOND, "seconde lecture"),
    (CardState.ARBITRATION, "en arbitrage"),
    (CardState.DONE, "traitée"),
    (ScopeAnswer.IN, "dans le champ"),
    (ScopeAnswer.OUT, "hors champ"),
    (ScopeAnswer.ASK, "à vérifier"),
)
