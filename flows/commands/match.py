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
    """Dédoublonne FILE : ajoute cluster_id (même édition), series_id (même initiative) et part_of
    (le groupe du festival dont c'est une partie).

    Tout tableau : CSV, XLSX, ODS, JSON, JSONL, Parquet. Les colonnes d'origine sont gardées. Rien
    n'est fusionné en silence : chaque regroupement porte sa note et ses raisons, les cas douteux
    sont « ask » dans --pairs. Plusieurs fichiers sont lus comme un seul tableau ; « - » lit
    l'entrée.
    """
    from contextlib import ExitStack

    from flows import (
        match_files,
        match_groups,
        match_pairs,
        match_report,
        match_words,
        progress,
        table_reading,
        tables,
    )  # fmt: skip
    from matching.engines import engine_of
    from matching.rows import kept
    from matching.tables import match_rows

    outputs = {"-o": output, "--pairs": pairs, "--report": report}
    match_files.check([*files, *([learn] if learn else [])], outputs, as_json=as_json)
    answers = match_pairs.read(learn) if learn else match_pairs.Answers()
    opened = tables.open_tables(files, mapping, without=match_files.ADDED)
    with tables.told_of(opened.file):
        rows = kept(opened.table.rows, opened.table.columns)
    read, fields, odd = table_reading.read(rows, opened, across=across)
    engine = engine_of(fields)
    tables.tell(opened, any_column=engine == "unknown")
    odd = [*opened.warnings, *odd, *match_words.names_odd(opened, rows, mapping, learn)]
    if across is not None:
        odd += match_words.across_odd(rows, across)
    if len(rows):
        click.echo(match_words.engine(len(rows), engine), err=True)
    else:
        odd.append("aucune ligne sous l'en-tête : rien à rapprocher")
    tables.warn(odd)
    if learn:
        click.echo(f"  {match_pairs.told(answers, learn)}", err=True)
    tell = progress.steps(sys.stderr)
    names = match_files.row_names(opened, rows)
    found = match_rows(
        read,
        fields,
        across=across,
        names=names,
        verdicts=answers.verdicts,
        with_pairs=pairs is not None or report is not None,
        progress=tell,
    )
    late = [*found.warnings, *match_words.conflicts(found, names)]
    tables.warn(late)
    tell("écriture")
    with ExitStack() as stack:
        out, pairs_out, page = match_files.whole_files(stack, (output, pairs, report))
        if out is not None:
            match_files.write_rows(out, rows, found)
        if pairs_out is not None:
            match_pairs.write(pairs_out, found.pairs, names, answers.verdicts)
        if page is not None:
            match_report.write(
                page,
                title=opened.file.name,
                facts=match_words.facts(found),
                told=match_report.zones(found.pairs, rows, names, opened.compared),
                fields=tables.in_french(opened.fields),
                warnings=[*odd, *late],
                groups=match_groups.initiatives(found, read, fields, names),
            )
    told = {
        "rows": len(rows),
        "engine": found.engine,
        "clusters": len(set(found.cluster)),
        "series": len(set(found.series)),
        "candidates": found.candidates,
        "to_confirm": match_words.to_confirm(found),
        "questions": found.questions,
        "answers": len(answers.verdicts),
        "conflicts": [[names[chain[0]], names[chain[-1]]] for chain in found.conflicts],
        "output": str(output),
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        words = match_words.outcome(len(rows), len(set(found.cluster)))
        to_stdout = str(output) == match_files.STREAM
        click.echo(words if to_stdout else f"{words} dans {output}", err=to_stdout)
        if found.questions:
            click.echo(match_words.questions(found, pairs), err=True)
    return 0
