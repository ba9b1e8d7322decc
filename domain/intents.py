"""What matching wants done; storage applies it in one transaction (storage.initiatives.apply).

Identifiers in an intent are final: new ones are made by the caller's `NewId`, so that the plan
can be printed, tested and repeated.
"""

from dataclasses import dataclass

from domain.records import Question, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInitiative:
    """Mentions nobody knew: an initiative of its own. Its editions come as PlaceMention."""

    initiative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEdition:
    """A holding of an initiative (just made or already there)."""

    edition: str
    initiative: str
    label: str = ""
    part_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMention:
    """The mention belongs there from now on; wherever it was before, it leaves.

    `edition` is None for an announcement that speaks of the initiative but of no edition.
    """

    mention: int
    initiative: str
    edition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveEdition:
    """The edition, with its id, belongs to another initiative from now on, or to a festival."""

    edition: str
    initiative: str
    part_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinInitiative:
    """`initiative` has lost all its mentions to `into`: its id stays and points there."""

    initiative: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`initiative` was `JoinInitiative`d and stands on its own again under its old id."""

    initiative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReviewer:
    """A pair for the duplicates box of the queue."""

    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """The open question on that pair (a < b): what is thought or was answered since settles it."""

    a: int
    b: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """The machine has nothing to say of that pair (a < b) any more: its verdict is superseded."""

    a: int
    b: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember:
    """Machine verdicts worth keeping (each superseding its earlier one), all those of a plan."""

    verdicts: tuple[Verdict, ...]


Intent = (
    NewInitiative
    | NewEdition
    | PlaceMention
    | MoveEdition
    | JoinInitiative
    | Split
    | AskReviewer
    | Withdraw
    | Forget
    | Remember
)
