"""`paat match`: deduplicate any table, or link several."""

import json
import sys
from pathlib import Path

import click

EXAMPLES = """\b
Exemples :
  paat match annonces.csv -o propre.csv
  paat match annonces.xlsx -o propre.csv --pairs paires.csv --report paires.html
  paat match annonces.csv -o propre.csv --map "Intitulé=title" --map Notes=
  paat match propre.csv -o propre2.csv --learn paires_relues.csv
  paat match mairie.csv agenda.xlsx -o liens.csv --across fichier
"""


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
    help="Écrire aussi les paires jugées, les questions d'abord : id_a, id_b, score, decision, "
    "proposition (ce que paat avait décidé), reasons.",
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
    help="Paires répondues (id_a, id_b, decision) : elles l'emportent. D'un fichier de --pairs, "
    "seules comptent les décisions que vous avez changées.",
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
    """Dédoublonne FILE : ajoute cluster_id (même édition), series_id (même initiative), part_of
    (le groupe du festival dont c'est une partie), match_decision (same, ask ou rien), match_score
    et match_reasons.

    Tout tableau : CSV, XLSX, ODS, JSON, JSONL, Parquet. Les colonnes d'origine sont gardées. Rien
    n'est fusionné en silence : chaque regroupement porte sa note et ses raisons, les cas douteux
    sont « ask » dans --pairs. Plusieurs fichiers sont lus comme un seul tableau ; « - » lit
    l'entrée.
    """
    from flows import match_files, match_pairs, match_table, match_words, progress, tables
    from matching.tables import match_rows

    outputs = {"-o": output, "--pairs": pairs, "--report": report}
    match_files.check([*files, *([learn] if learn else [])], outputs, as_json=as_json)
    answers = match_pairs.read(learn) if learn else match_pairs.Answers()
    table = match_table.read(files, mapping, across=across, learn=learn)
    if learn:
        click.echo(f"  {match_pairs.told(answers, learn)}", err=True)
    tell = progress.steps(sys.stderr)
    found = match_rows(
        table.read, table.fields, across=across, names=table.names, verdicts=answers.verdicts,
        with_pairs=pairs is not None or report is not None, progress=tell,
    )  # fmt: skip
    late = [*found.warnings, *match_words.conflicts(found, table.names)]
    tables.warn(late)
    tell("écriture")
    match_table.write(table, found, outputs, answers=answers, late=late)
    told = match_table.outcome(table, found, answers) | {"output": str(output)}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return 0
    words = match_words.outcome(told["rows"], told["clusters"])
    to_stdout = str(output) == match_files.STREAM
    click.echo(words if to_stdout else f"{words} dans {output}", err=to_stdout)
    if found.questions:
        click.echo(match_words.questions(found, pairs), err=True)
    return 0
