"""Which known actor a told organiser is: identifiers, then names under every name it went by.

Former names, acronyms and town halls are read by the names engine (normalise.organiser, data in
domain/data/actors.toml). What the name itself shows to be of another nature (a CCAS is not its
town hall) or of another number (CDOS 05, CDOS 06) is never the same; a section is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.actors import kind_of
from domain.identifiers import rna, siren, siret
from domain.records import Actor
from matching import names
from matching.cards import Floats
from matching.names import NameScores, load_name_prior, score_names
from matching.names.sections import SECTION, is_section

SAME, ASK = 0.97, 0.3
"""P(same) from which a name is the actor's, when nothing says otherwise; from which it is asked."""
ACRONYM = 0.9
"""P(same) from which an acronym alone, of four letters or more, is the actor's."""
TOWN = 0.8
"""Likeness of two towns under which they are two."""
LIKE = 0.6
"""Of the words left on both sides: under, they are other words and not other spellings."""
Near = tuple[float, tuple[str, ...]]
"""P(same) of a name and an actor, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An organiser as an announcement or a file names it; "" where nothing is said."""

    name: str
    commune_code: str = ""
    department: str = ""
    rna: str = ""
    siren: str = ""
    siret: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The actor when it is sure, else those to ask about, best first; and why, in French."""

    actor: Actor | None
    candidates: tuple[Actor, ...] = ()
    reasons: tuple[str, ...] = ()


def resolve(told: Sequence[Told], known: Sequence[Actor]) -> list[Resolved]:
    """The actor each organiser is, in order, each as if it were told alone. Two sure actors are two
    candidates: never a guess."""
    numbered, near = _by_number(known), _near(told, known)
    return [_resolved(one, known, numbered, some) for one, some in zip(told, near, strict=True)]


def _near(told: Sequence[Told], known: Sequence[Actor]) -> list[dict[int, Near]]:
    """Of each organiser the actors whose name is near: by number, P(same) and why."""
    called = [(i, name) for i, one in enumerate(known) for name in (one.name, *one.aliases)]
    rows = [{"title": one.name, "dep": one.department} for one in told]
    rows += [{"title": name, "dep": known[i].department or ""} for i, name in called]
    cards = names.of_rows(rows)
    ready = names.prepare(cards, since=len(told))
    pairs = names.between(cards, len(told))
    found = score_names(ready, pairs, load_name_prior(), apart=True)
    near: list[dict[int, Near]] = [{} for _ in told]
    x, p = found.features, _likely(found)
    for k in np.flatnonzero(p >= ASK).tolist():
        row, other = int(found.a[k]), int(found.b[k])
        i, name = called[other - len(told)]
        if p[k] > near[row].get(i, (0.0, ()))[0] and not _other_words(x[k]):
            why = _named(name, known[i], names.reasons(ready, row, other, x[k]))
            near[row][i] = float(p[k]), why
    return near


def _likely(found: NameScores) -> Floats:
    """P(same) of each pair. The very name is sure, but in another town; two départements are two
    bodies; an acronym alone is sure from four letters on (« AJL » is anybody)."""
    x, p = found.features, found.p[:, 0].copy()
    alone = (x[:, names.N["words_min"]] == 1) & (x[:, names.N["acronym"]] > 0.5)
    p[alone & (x[:, names.N["short"]] >= 4) & (p >= ACRONYM)] = SAME
    p[(x[:, names.N["equal"]] == 1) & ~(x[:, names.N["place"]] < TOWN)] = 1
    p[x[:, names.N["department"]] == 0] = 0
    return p


def _other_words(x: NDArray[np.float32]) -> bool:
    """Whether each name has words of its own, unlike the other's (« judo », « aïkido »), that are
    not the other's acronym."""
    return bool(x[names.N["acronym"]] <= 0.5 and x[names.N["left_ratio"]] < LIKE)


def _named(name: str, actor: Actor, why: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons, with the other name under which the actor was found."""
    return why if name == actor.name else (f"autre nom connu : « {name} »", *why)


def _by_number(known: Sequence[Actor]) -> Mapping[tuple[str, str], Sequence[int]]:
    """(RNA, SIRET or SIREN; its value) → the actors that have it."""
    found: dict[tuple[str, str], list[int]] = {}
    for i, one in enumerate(known):
        for number in _numbers(one).items():
            found.setdefault(number, []).append(i)
    return found


def _resolved(
    told: Told, known: Sequence[Actor], numbered: Mapping[tuple[str, str], Sequence[int]],
    near: Mapping[int, Near],
) -> Resolved:  # fmt: skip
    some = sorted({i for number in _numbers(told).items() for i in numbered.get(number, ())})
    bound = [(known[i], why) for i in some if (why := _identified(told, known[i]))]
    if len(bound) == 1:
        return Resolved(bound[0][0], (), (bound[0][1],))
    if bound:
        return Resolved(None, tuple(one for one, _ in bound), tuple(why for _, why in bound))
    likely = sorted(
        ((p, i, why) for i, (p, why) in near.items() if _possible(told, known[i])),
        key=lambda one: (-round(one[0], 1), known[one[1]].id),
    )
    sure = [one for one in likely if one[0] >= SAME]
    if len(sure) == 1 and not _apart(told, known[sure[0][1]]):
        return Resolved(known[sure[0][1]], (), sure[0][2])
    reasons = tuple(why for _, _, some in likely[:1] for why in some)
    if len(sure) > 1:
        reasons = (f"{len(sure)} acteurs portent ce nom", *reasons)
    elif likely and (apart := _apart(told, known[likely[0][1]])):
        reasons = (apart, *reasons)
    return Resolved(None, tuple(known[i] for _, i, _ in likely), reasons)


def _numbers(one: Told | Actor) -> dict[str, str]:
    """Identifiers whose key is right; the SIREN is read in the SIRET too."""
    told = {"RNA": rna(one.rna or ""), "SIRET": siret(one.siret or "")}
    told["SIREN"] = siren(one.siren or "") or (told["SIRET"] or "")[:9]
    return {name: value for name, value in told.items() if value}


def _identified(told: Told, actor: Actor) -> str:
    """« même SIREN 123456789 » when an identifier says so, else ""; two establishments of one
    SIREN are not one actor by that alone."""
    ours, theirs = _numbers(told), _numbers(actor)
    if "SIRET" in ours and "SIRET" in theirs and ours["SIRET"] != theirs["SIRET"]:
        return ""
    shared = [name for name in ("RNA", "SIRET", "SIREN") if ours.get(name, 0) == theirs.get(name)]
    return f"même {shared[0]} {ours[shared[0]]}" if shared else ""


def _possible(told: Told, actor: Actor) -> bool:
    """Whether nothing certain says two bodies: identifiers, department, nature, numbers."""
    ours, theirs = _numbers(told), _numbers(actor)
    if any(ours[name] != theirs[name] for name in ours.keys() & theirs.keys()):
        return False
    if told.department and actor.department and told.department != actor.department:
        return False
    if told.commune_code and actor.commune_code and told.commune_code != actor.commune_code:
        return False
    names_of = (actor.name, *actor.aliases)
    kinds = {kind_of(name) for name in names_of} | {actor.kind}
    kind = kind_of(told.name)
    if kind and kinds - {None} and kind not in kinds:
        return False
    return any(_counted(told.name) == _counted(name) for name in names_of)


def _counted(name: str) -> frozenset[str]:
    return names.counted(names.read(name).words)


def _apart(told: Told, actor: Actor) -> str:
    """What makes a close name a question: a section of a club is not always told as the club."""
    ours, theirs = names.read(told.name).words, names.read(actor.name).words
    if is_section(ours, theirs, ("".join(ours), "".join(theirs))):
        return SECTION
    return ""
