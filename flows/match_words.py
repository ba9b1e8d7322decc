"""What `paat match` says on the console: what it understood, what was odd, what stays open."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.errors import ConfigError
from flows.tables import FILE, Opened
from matching.grouping import ASK
from matching.rows import Rows, column
from matching.surfaces import as_texts
from matching.tables import Matches

ENGINES = {
    "events": "des annonces (un titre avec des dates, un lieu ou un lien)",
    "names": "des noms (associations, organismes, lieux)",
    "unknown": "un tableau quelconque, colonne par colonne, sans exemple",
}

CONFLICTS = 10  # told one by one


def engine(count: int, name: str) -> str:
    """« 12 lignes, lues comme des annonces (…) »."""
    return f"{rows(count)}, {'lues' if count > 1 else 'lue'} comme {ENGINES[name]}"


def outcome(count: int, clusters: int) -> str:
    """« 12 lignes → 9 distinctes »."""
    return f"{rows(count)} → {clusters} {'distinctes' if clusters > 1 else 'distincte'}"


def rows(count: int) -> str:
    """« 12 lignes », « 1 ligne »."""
    return f"{count} lignes" if count > 1 else f"{count} ligne"


def to_confirm(found: Matches) -> int:
    """How many groups wait for an answer."""
    told = zip(found.cluster, found.decisions, strict=True)
    return len({cluster for cluster, decision in told if decision == ASK})


def questions(found: Matches, pairs: Path | None) -> str:
    """How many questions stay open, and what to do of them."""
    where = f"écrites dans {pairs}" if pairs else "que --pairs FICHIER écrit"
    return (
        f"  {to_confirm(found)} groupe(s) à confirmer (match_decision = {ASK}), "
        f"{found.questions} question(s) {where} : répondez dans sa colonne decision, à la place de "
        "« ask », et rendez-le par --learn"
    )


def across_odd(rows: Rows, across: str) -> Iterator[str]:
    """What makes `--across` compare nothing. Raises ConfigError for a column that is not there."""
    if across not in rows.columns:
        why = " (un seul fichier est donné)" if across == FILE else ""
        raise ConfigError(
            f"colonne « {across} »{why} là où l'une de celles-ci est attendue : "
            f"{', '.join(rows.columns)}",
            about="--across",
        )
    if len(rows) and len(set(as_texts(rows.columns[across]))) == 1:
        yield f"--across « {across} » : la même valeur partout, aucune ligne n'est comparée"


def names_odd(
    opened: Opened, rows: Rows, mapping: Sequence[str], learn: Path | None
) -> Iterator[str]:
    """Identifiers that are missing, or a column of them that does not identify when there is no
    other. Raises ConfigError when verdicts may name rows by it."""
    if own := opened.column("id"):
        missing = sum(value is None or value == "" for value in column(rows, own))
        if missing and not opened.parts:
            yield (
                f"colonne « {own} » : {missing} vides là où un identifiant par ligne est attendu ; "
                "ces lignes sont désignées par leur numéro (« ligne 12 »)"
            )
    own = None if opened.column("id") else opened.doubled_id
    if own is None or f"{own}=" in mapping:
        return
    if learn is not None:
        raise ConfigError(
            f"colonne « {own} » aux valeurs répétées là où un identifiant par ligne est "
            f"attendu ; corrigez-la, ou --map {own}= pour désigner les lignes par leur numéro",
            about="--learn",
        )
    yield (
        f"colonne « {own} » : des valeurs répétées là où un identifiant par ligne est attendu ; "
        "les lignes sont désignées par leur numéro"
    )


def conflicts(found: Matches, names: Sequence[str]) -> list[str]:
    """Verdicts that contradict each other, in French; the first ones of many."""
    told = []
    for way in found.conflicts[:CONFLICTS]:
        ends = f"{names[way[0]]} et {names[way[-1]]}"
        through = " = ".join(names[k] for k in way)
        told.append(
            f"verdicts contradictoires : {ends} dites différentes, et ensemble ({through}) ; "
            "rien n'est fusionné entre elles, corrigez l'un des verdicts"
        )
    if more := len(found.conflicts) - len(told):
        told.append(f"et {more} autres contradictions")
    return told


def facts(found: Matches) -> list[tuple[str, str]]:
    facts = (
        ("lignes", len(found.cluster)),
        ("distinctes", len(set(found.cluster))),
        ("initiatives", len(set(found.series))),
        ("groupes à confirmer", to_confirm(found)),
        ("questions", found.questions),
        ("paires comparées", found.candidates),
    )
    return [(name, f"{value:,}".replace(",", "\u202f")) for name, value in facts]
