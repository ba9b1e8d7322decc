"""The whole store matched anew, as one table: what arrivals left to the order they came in.

An announcement that arrives is compared with the nearest of those stored that day, which bounds
what it costs; so where it stands owes something to its turn. The night owes it nothing: everything
is proposed, judged and grouped together, and only the difference is carried out, under the same
identifiers. Answers, values and decisions of people hold as ever. Twice changes nothing
(docs/decisions/0288).
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.intents import (
    AskReviewer,
    Intent,
    JoinInitiative,
    MoveEdition,
    NewInitiative,
    PlaceMention,
    Split,
    Withdraw,
)
from domain.records import Mention, Question, Run
from flows import keys, steps
from flows.house import House
from flows.lessons import active_matching
from matching import plan
from matching.standing import Past, Place, places_of
from storage import initiatives, matches, mentions, moved, outbox, placing, runs

log = logging.getLogger(__name__)

SHOWN = 20  # moves told on a terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An announcement that changes place: from and to, initiative and edition (None: undated)."""

    mention: int
    source: str
    title: str
    was: Place
    now: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Rematched:
    """What matching everything anew changes, or would change."""

    announcements: int
    moves: tuple[Move, ...] = ()
    joined: Mapping[str, str] = field(default_factory=dict)  # initiative → into which
    made: tuple[str, ...] = ()  # initiatives, new or standing again
    editions: int = 0  # that change initiative, or festival
    asked: int = 0
    withdrawn: int = 0
    rekeyed: int = 0  # announcements whose keys were those of an older way of writing them
    applied: bool = False

    @property
    def elsewhere(self) -> int:
        """How many announcements change initiative."""
        return sum(one.was[0] != one.now[0] for one in self.moves)

    @property
    def counts(self) -> dict[str, int]:
        """The same in numbers, as a run remembers them."""
        return {
            "announcements": self.announcements,
            "moved": len(self.moves),
            "elsewhere": self.elsewhere,
            "joined": len(self.joined),
            "made": len(self.made),
            "editions": self.editions,
            "asked": self.asked,
            "withdrawn": self.withdrawn,
            "rekeyed": self.rekeyed,
        }


def rematch(house: House, *, dry_run: bool = False) -> Rematched:
    """Match everything anew and carry out what differs, or with `dry_run` only say it.

    Waits for the chain's turn. Raises StorageError when someone changed meanwhile what it would
    change: nothing is done then, do it again.
    """
    run = Run(id=house.new_id("RUN"), started_at=house.clock(), trigger="rematch")
    model = active_matching(house)
    if not dry_run:
        keys.restore(house)
    with steps.alone(house, "process"), steps.no_cycles(), house.database.steady() as conn:
        everyone = mentions.placed(conn)
        ids, stored = [one.id for one in everyone], initiatives.everything(conn)
        asked = matches.questions_between(conn, ids)
        thought = plan.plan(
            everyone,
            None,
            initiatives=stored,
            verdicts=matches.between(conn, ids),
            model=model,
            new_id=house.new_id,
            now=run.started_at,
            region=house.settings.region,
            past=Past(
                moved=moved.of(conn, ids),
                former=initiatives.before_merges(conn, stored, answered=False),
            ),
            asked=asked,
        )
        intents = [*thought]
        stale = keys.stale(conn, everyone)
        found = told(intents, everyone, places_of(stored), asked, rekeyed=len(stale))
        if dry_run:
            return found
        keys.put(conn, stale)
        placing.apply(conn, intents, run.started_at, matched=[one.mention for one in found.moves])
        log.info("everything matched anew: %s", found.counts)
        runs.start(conn, run)
        runs.finish(conn, run.id, house.clock(), found.counts)
        if found.moves:
            outbox.put(conn, "paat.initiatives.changed", resource="initiatives", now=house.clock())
    return replace(found, applied=True)


def told(
    intents: Sequence[Intent], everyone: Sequence[Mention], was: Mapping[int, Place],
    asked: Sequence[Question], *, rekeyed: int,
) -> Rematched:  # fmt: skip
    """What a plan changes; `asked`: the questions open until now. Pure."""
    known = {one.id: one for one in everyone}
    kinds = Counter(type(one) for one in intents)
    open_ = {(one.a, one.b) for one in asked}
    questions = [one.question for one in intents if isinstance(one, AskReviewer)]
    return Rematched(
        announcements=len(everyone),
        moves=tuple(
            Move(
                mention=one.mention,
                source=known[one.mention].source,
                title=known[one.mention].title,
                was=was[one.mention],
                now=(one.initiative, one.edition),
            )
            for one in intents
            if isinstance(one, PlaceMention)
        ),
        joined={one.initiative: one.into for one in intents if isinstance(one, JoinInitiative)},
        made=tuple(one.initiative for one in intents if isinstance(one, NewInitiative | Split)),
        editions=kinds[MoveEdition],
        asked=sum((one.a, one.b) not in open_ for one in questions),
        withdrawn=kinds[Withdraw],
        rekeyed=rekeyed,
    )


def lines(found: Rematched, *, shown: int = SHOWN) -> list[str]:
    """The report in French: what changes in numbers, then announcement by announcement."""
    one = found.counts
    if not any(number for name, number in one.items() if name != "announcements"):
        return [f"{one['announcements']} annonces rapprochées à nouveau : rien ne change."]
    done = "" if found.applied else " Essai : rien n'est modifié."
    out = [
        f"{one['announcements']} annonces rapprochées à nouveau : {one['elsewhere']} changent "
        f"d'initiative, {one['moved'] - one['elsewhere']} d'édition seulement ; {one['joined']} "
        f"initiatives réunies à une autre, {one['made']} à part ; {one['editions']} éditions "
        f"changent d'initiative ou de festival ; {one['asked']} questions posées, "
        f"{one['withdrawn']} retirées.{done}"
    ]
    if found.rekeyed:
        out.append(f"Clés écrites selon d'anciennes règles, refaites : {found.rekeyed} annonces.")
    out += [f"  {_told(each)}" for each in found.moves[:shown]]
    if len(found.moves) > shown:
        out.append(f"  … et {len(found.moves) - shown} autres (--json les montre)")
    return out


def _told(move: Move) -> str:
    """« title » (source) : from where to where, the edition only when the initiative stays."""
    (home, edition), (there, other) = move.was, move.now
    if home == there:
        home, there = f"{home}, {edition or 'sans date'}", other or "sans date"
    return f"« {move.title} » ({move.source}) : {home} → {there}"
