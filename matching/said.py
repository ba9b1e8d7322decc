"""What people said of pairs of rows, as links, and where it contradicts itself."""

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise

from domain.errors import ConfigError
from matching.cluster import Link, bound
from matching.grouping import ASK, Said
from matching.normalise import fold
from matching.questions import DIFFERENT, OTHER, PART, SAME
from matching.score import RELATIONS

FRENCH = {"même édition": SAME, "autre édition": OTHER, "partie de": PART, "différentes": DIFFERENT}
"""How the page and the guide call the relations."""
SILENT = frozenset(("", ASK, "a decider", "indecidable", "undecidable"))
_WORDS = {
    **{r.value: k for k, r in enumerate(RELATIONS)},
    **{fold(word): k for word, k in FRENCH.items()},
    "meme": SAME, "memes": SAME, "identique": SAME, "identiques": SAME, "partie": PART,
    "different": DIFFERENT, "differente": DIFFERENT, "differents": DIFFERENT,
}  # fmt: skip

Verdict = tuple[str, str, str]
"""How both rows are called, and the decision."""


def links(
    names: Sequence[str], verdicts: Sequence[Verdict], record: Sequence[int]
) -> tuple[dict[int, list[Link]], list[str]]:
    """The verdicts as links between rows, by relation (its number), and what is odd (French).

    `record`: the number of each row's distinct content. Raises ConfigError for an unknown id or
    decision, or an id that several different rows bear."""
    row: dict[str, int] = {}
    several: set[str] = set()
    for i, name in enumerate(names):
        if record[row.setdefault(name, i)] != record[i]:
            several.add(name)
    odd = [f"{len(several)} identifiants portés par plusieurs lignes"] if several else []
    said: dict[int, list[Link]] = {k: [] for k in range(len(RELATIONS))}
    for one, two, word in verdicts:
        number = relation(word)
        if number is None:
            continue
        for name in (one, two):
            if name not in row or name in several:
                found = "aucune ligne" if name not in row else "plusieurs lignes"
                raise ConfigError(
                    f"identifiant {name!r} : {found} là où une seule est attendue ; "
                    "corrigez le fichier de paires",
                    about="--learn",
                )
        if one == two:
            raise ConfigError(
                f"identifiant {one!r} deux fois là où deux lignes sont attendues ; "
                "corrigez le fichier de paires",
                about="--learn",
            )
        said[number].append((row[one], row[two]))
    return said, odd


def relation(word: str) -> int | None:
    """The number of a decision; None for what says nothing (`ask`, an empty cell)."""
    known = " ".join(fold(word).replace("_", " ").split())
    found = _WORDS.get(known, _WORDS.get(known.replace(" ", "_")))
    if found is None and known not in SILENT:
        expected = ", ".join(f"{word} ({RELATIONS[k].value})" for word, k in FRENCH.items())
        raise ConfigError(
            f"décision « {word} » là où l'une de celles-ci est attendue : {expected}, à décider "
            f"({ASK}) ou rien ; corrigez le fichier de paires",
            about="--learn",
        )
    return found


def apart(record: list[int], first: list[int], said: Said) -> tuple[list[int], list[int]]:
    """Identical rows that somebody told apart are two records: for each row the number of its
    record, and the first row of each record."""
    alone = {b for k in (OTHER, PART, DIFFERENT) for a, b in said[k] if record[a] == record[b]}
    if not alone:
        return record, first
    known: dict[tuple[bool, int], int] = {}
    keys = ((i in alone, i if i in alone else number) for i, number in enumerate(record))
    records = [known.setdefault(key, len(known)) for key in keys]
    rows = dict(zip(reversed(records), reversed(range(len(records))), strict=True))
    return records, [rows[k] for k in range(len(known))]


def twins(said: Said, record: Sequence[int]) -> list[Link]:
    """The rows judged that are one record, tied one to the next."""
    rows = sorted({x for some in said.values() for link in some for x in link})
    ends = pairwise(sorted(rows, key=lambda i: (record[i], i)))
    return [(a, b) for a, b in ends if record[a] == record[b]]


def contradictions(said: Said) -> list[tuple[int, ...]]:
    """The pairs told apart that other answers tie together: the way of each, from one record of
    the pair to the other (both alone when the same pair got both answers)."""
    ids = sorted({x for some in said.values() for link in some for x in link})
    place = {x: i for i, x in enumerate(ids)}
    found: set[Link] = set()
    for ties, splits in (((SAME,), (OTHER, PART, DIFFERENT)), ((SAME, OTHER, PART), (DIFFERENT,))):
        must, cannot = (
            [(place[a], place[b]) for k in kinds for a, b in said.get(k, ())]
            for kinds in (ties, splits)
        )
        found |= {(ids[a], ids[b]) for a, b in bound(len(ids), must, cannot)[1]}
    return [chain(said, ends) for ends in sorted(found)]


def chain(said: Said, ends: Link) -> tuple[int, ...]:
    """The shortest way from one record to another through « same » verdicts (then through those
    that keep two editions in one initiative); both ends alone when there is none."""
    for relations in ((SAME,), (SAME, OTHER, PART)):
        near: dict[int, list[int]] = {}
        for a, b in (link for k in relations for link in said.get(k, ())):
            near.setdefault(a, []).append(b)
            near.setdefault(b, []).append(a)
        if way := _way(near, *ends):
            return way
    return ends


def _way(near: Mapping[int, Sequence[int]], start: int, end: int) -> tuple[int, ...]:
    ways: deque[tuple[int, ...]] = deque([(start,)])
    seen = {start}
    while ways:
        way = ways.popleft()
        for step in near.get(way[-1], ()):
            if step == end:
                return (*way, end)
            if step not in seen:
                seen.add(step)
                ways.append((*way, step))
    return ()
