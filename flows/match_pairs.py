"""The pairs file of `paat match`: written questions first, read back for what a person answered.

A line counts as a person's only where its decision is not the one `paat` had written: returned
untouched, the file answers nothing (decision 0291).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from domain.errors import ConfigError
from flows.match_files import write_table
from matching.row_reasons import AND
from matching.said import Verdict, relation
from matching.score import RELATIONS

if TYPE_CHECKING:
    from matching.pairs import Pair

PROPOSED = "proposition"
"""What `paat` decided, beside the decision that a person may change; empty beside an answer."""
COLUMNS = ("id_a", "id_b", "score", "decision", PROPOSED, "reasons")
VERDICT_COLUMNS = ("id_a", "id_b", "decision")
WRITTEN_BEFORE = {"score", "reasons"}
"""Beside verdicts without PROPOSED: a file of before it, whose decisions may be the machine's."""
ANSWERED = "réponse d'une personne"


@dataclass(frozen=True, slots=True)
class Answers:
    """What people said of pairs, how many questions they left open, and how many decisions of
    `paat` as they were."""

    verdicts: Sequence[Verdict] = ()
    open: int = 0
    untouched: int = 0


def write(
    out: IO[bytes], pairs: Iterable["Pair"], names: Sequence[str], verdicts: Sequence[Verdict] = ()
) -> None:
    """The pairs as they come: they are never held together. What people answered already stays
    an answer, that of pairs which are not compared at the end."""
    write_table(out, COLUMNS, _lines(pairs, names, verdicts))


def _lines(
    pairs: Iterable["Pair"], names: Sequence[str], verdicts: Sequence[Verdict]
) -> Iterator[tuple[object, ...]]:
    answers: dict[frozenset[str], list[Verdict]] = defaultdict(list)
    for one in verdicts:
        answers[frozenset(one[:2])].append(one)
    for pair in pairs:
        a, b, why = names[pair.a], names[pair.b], AND.join(pair.reasons)
        told = answers.pop(frozenset((a, b)), ()) if answers else ()
        for _, _, word in told:
            yield a, b, pair.score, _canonical(word), "", why
        if not told:
            yield a, b, pair.score, pair.decision, pair.decision, why
    for left in answers.values():
        yield from ((a, b, "", _canonical(word), "", ANSWERED) for a, b, word in left)


def _canonical(word: str) -> str:
    number = relation(word)
    return word if number is None else RELATIONS[number].value


def read(file: Path) -> Answers:
    """What a person wrote in a pairs file, or in any table of VERDICT_COLUMNS. Raises ConfigError
    naming what is missing."""
    from collectors.tables.reading import read_table
    from flows.tables import told_of

    with told_of(file):
        table = read_table(file.read_bytes(), name=file.name)
        _check(file, set(table.columns), table.columns)
        verdicts, left, untouched = [], 0, 0
        for number, row in enumerate(table.rows, start=1):
            one, two, word = (_text(row.get(name)) for name in VERDICT_COLUMNS)
            if word and not (one and two):
                raise ConfigError(
                    f"paire {number} : id_a « {one} », id_b « {two} » là où deux identifiants sont "
                    "attendus ; complétez-la ou retirez-la",
                    about=str(file),
                )
            if relation(word) is None:
                left += bool(one and two)
            elif word == _text(row.get(PROPOSED)):
                untouched += 1
            else:
                verdicts.append((one, two, word))
        return Answers(verdicts, left, untouched)


def _check(file: Path, names: set[str], columns: Sequence[str]) -> None:
    if missing := set(VERDICT_COLUMNS) - names:
        raise ConfigError(
            f"colonnes {', '.join(columns)} là où {', '.join(VERDICT_COLUMNS)} sont attendues "
            f"({', '.join(sorted(missing))} : absent) ; donnez un fichier écrit par --pairs",
            about=str(file),
        )
    if names >= WRITTEN_BEFORE and PROPOSED not in names:
        raise ConfigError(
            f"pas de colonne {PROPOSED} là où elle dit ce que paat avait décidé : ce fichier vient "
            "d'une version d'avant, où rien ne distingue vos réponses de ses décisions ; ne gardez "
            f"que les lignes auxquelles vous avez répondu et les colonnes "
            f"{', '.join(VERDICT_COLUMNS)}, ou refaites-le par --pairs",
            about=str(file),
        )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def told(answers: Answers, file: Path) -> str:
    """« 12 réponses lues dans paires.csv ; 249 questions laissées sans réponse »."""
    count, open_, own = len(answers.verdicts), answers.open, answers.untouched
    said = [f"{count} réponses lues" if count > 1 else f"{count or 'aucune'} réponse lue"]
    if open_:
        said += [f"{open_} questions laissées" if open_ > 1 else "1 question laissée"]
        said[-1] += " sans réponse"
    if own == 1:
        said += ["1 ligne telle que paat l'avait décidée, qui ne compte pas pour une réponse"]
    elif own:
        said += [f"{own} lignes telles que paat les avait décidées, qui ne comptent pas pour des "
                 "réponses"]  # fmt: skip
    return f"{file} : {' ; '.join(said)}"
