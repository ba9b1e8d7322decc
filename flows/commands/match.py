"""`paat match`: deduplicate any table, or link several."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flows.tables import Opened
    from matching.rows import Rows
    from matching.tables import Matches

EXAMPLES = """\b
Exemples :
  paat match annonces.csv -o propre.csv
  paat match annonces.xlsx -o propre.csv --pairs paires.csv --report paires.html
  paat match annonces.csv -o propre.csv --map "Intitulé=title" --map Notes=
  paat match propre.csv -o propre2.csv --learn paires_relues.csv
  paat match mairie.csv agenda.xlsx -o liens.csv --across fichier
"""
ENGINES = {
    "events": "des annonces (un titre avec des dates, un lieu ou un lien)",
    "names": "des noms (associations, organismes, lieux)",
    "unknown": "un tableau quelconque, colonne par colonne, sans exemple",
}

CONFLICTS = 10  # told one by one


@click.command("match", epilog=EXAMPLES)
@click.argument(
    "files", metavar="FILE…", nargs=-1, required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)  # fmt: skip
@click.option(
    "-o", "--output", required=True, type=click.Path(allow_dash=True, path_type=Path),
    help="CSV écrit ; « - » : sur la sortie.",
)  # fmt: skip
@click.option(
    "--map", "mapping", multiple=True, metavar="COLONNE=CHAMP",
    help="Corriger une colonne ; « COLONNE= » la laisse de côté.",
)  # fmt: skip
@click.option(
    "--pairs", type=click.Path(path_type=Path),
    help="Écrire aussi les paires jugées, les questions d'abord.",
)  # fmt: skip
@click.option(
    "--report", type=click.Path(path_type=Path),
    help="Écrire aussi une page HTML : les paires côte à côte.",
)  # fmt: skip
@click.option(
    "--across", metavar="COLONNE",
    help="Ne comparer qu'entre valeurs différentes ; « fichier » : d'un fichier à l'autre.",
)  # fmt: skip
@click.option(
    "--learn", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Paires déjà jugées (id_a, id_b, decision) : elles l'emportent.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Bilan en JSON sur la sortie.")
def command(
    files: tuple[Path, ...],
    output: Path,
    mapping: tuple[str, ...],
    pairs: Path | None,
    report: Path | None,
    across: str | None,
    learn: Path | None,
    as_json: bool,
) -> int:
    """Dédoublonne FILE : ajoute cluster_id (même édition), series_id (même initiative) et part_of
    (le groupe du festival dont c'est une partie).

    Tout tableau : CSV, XLSX, ODS, JSON, JSONL, Parquet. Les colonnes d'origine sont gardées. Rien
    n'est fusionné en silence : chaque regroupement porte sa note et ses raisons, les cas douteux
    sont « ask » dans --pairs. Plusieurs fichiers sont lus comme un seul tableau ; « - » lit
    l'entrée.
    """
    from contextlib import ExitStack

    from flows import match_files, match_groups, match_report, progress, table_reading, tables
    from matching.engines import engine_of
    from matching.rows import kept
    from matching.tables import match_rows

    outputs = {"-o": output, "--pairs": pairs, "--report": report}
    match_files.check([*files, *([learn] if learn else [])], outputs, as_json=as_json)
    verdicts = list(match_files.read_verdicts(learn)) if learn else []
    opened = tables.open_tables(files, mapping, without=match_files.ADDED)
    with tables.told_of(opened.file):
        rows = kept(opened.table.rows, opened.table.columns)
    read, fields, odd = table_reading.read(rows, opened, across=across)
    engine = engine_of(fields)
    tables.tell(opened, any_column=engine == "unknown")
    odd = [*opened.warnings, *odd, *_names_odd(opened, rows, mapping, learn)]
    if across is not None:
        odd += match_files.across_odd(rows, across)
    if len(rows):
        click.echo(f"{_rows(len(rows))}, {_as(len(rows))} comme {ENGINES[engine]}", err=True)
    else:
        odd.append("aucune ligne sous l'en-tête : rien à rapprocher")
    tables.warn(odd)
    tell = progress.steps(sys.stderr)
    names = match_files.row_names(opened, rows)
    found = match_rows(
        read,
        fields,
        across=across,
        names=names,
        verdicts=verdicts,
        with_pairs=pairs is not None or report is not None,
        progress=tell,
    )
    late = [*found.warnings, *_conflicts(found, names)]
    tables.warn(late)
    tell("écriture")
    with ExitStack() as stack:
        out, pairs_out, page = match_files.whole_files(stack, (output, pairs, report))
        if out is not None:
            match_files.write_rows(out, rows, found)
        if pairs_out is not None:
            match_files.write_pairs(pairs_out, found.pairs, names)
        if page is not None:
            match_report.write(
                page,
                title=opened.file.name,
                facts=_facts(found),
                told=match_report.zones(found.pairs, rows, names, opened.compared),
                fields=opened.fields,
                warnings=[*odd, *late],
                groups=match_groups.initiatives(found, read, fields, names),
            )
    told = {
        "rows": len(rows),
        "engine": found.engine,
        "clusters": len(set(found.cluster)),
        "series": len(set(found.series)),
        "candidates": found.candidates,
        "conflicts": [[names[chain[0]], names[chain[-1]]] for chain in found.conflicts],
        "output": str(output),
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        clusters = len(set(found.cluster))
        words = f"{_rows(len(rows))} → {clusters} {'distinctes' if clusters > 1 else 'distincte'}"
        to_stdout = str(output) == match_files.STREAM
        click.echo(words if to_stdout else f"{words} dans {output}", err=to_stdout)
    return 0


def _rows(count: int) -> str:
    return f"{count} lignes" if count > 1 else f"{count} ligne"


def _as(count: int) -> str:
    return "lues" if count > 1 else "lue"


def _names_odd(
    opened: "Opened", rows: "Rows", mapping: Sequence[str], learn: Path | None
) -> Iterator[str]:
    """Identifiers that are missing, or a column of them that does not identify when there is no
    other. Raises ConfigError when verdicts may name rows by it."""
    from domain.errors import ConfigError
    from matching.rows import column as values_of

    if own := opened.column("id"):
        missing = sum(value is None or value == "" for value in values_of(rows, own))
        if missing and not opened.parts:
            yield (
                f"colonne « {own} » : {missing} vides là où un identifiant par ligne est attendu ; "
                "ces lignes sont désignées par leur numéro (« ligne 12 »)"
            )
    column = None if opened.column("id") else opened.doubled_id
    if column is None or f"{column}=" in mapping:
        return
    if learn is not None:
        raise ConfigError(
            f"colonne « {column} » aux valeurs répétées là où un identifiant par ligne est "
            f"attendu ; corrigez-la, ou --map {column}= pour désigner les lignes par leur numéro",
            about="--learn",
        )
    yield (
        f"colonne « {column} » : des valeurs répétées là où un identifiant par ligne est attendu ; "
        "les lignes sont désignées par leur numéro"
    )


def _conflicts(found: "Matches", names: Sequence[str]) -> list[str]:
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


def _facts(found: "Matches") -> list[tuple[str, str]]:
    facts = (
        ("lignes", len(found.cluster)),
        ("distinctes", len(set(found.cluster))),
        ("initiatives", len(set(found.series))),
        ("paires comparées", found.candidates),
    )
    return [(name, f"{value:,}".replace(",", "\u202f")) for name, value in facts]
