"""`paat match`: deduplicate any table."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flows.tables import Opened
    from matching.tables import Matches


@click.command("match")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="CSV écrit.")
@click.option(
    "--map", "mapping", multiple=True, metavar="COLONNE=CHAMP", help="Forcer une colonne."
)
@click.option("--pairs", type=click.Path(path_type=Path), help="Écrire aussi les paires jugées.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help="Écrire aussi une page HTML : les paires côte à côte.",
)
@click.option("--across", metavar="COLONNE", help="Ne comparer qu'entre valeurs différentes.")
@click.option(
    "--learn",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Paires déjà jugées (id_a, id_b, decision) : elles l'emportent.",
)
@click.option("--json", "as_json", is_flag=True, help="Bilan en JSON sur la sortie.")
def command(
    file: Path,
    output: Path,
    mapping: tuple[str, ...],
    pairs: Path | None,
    report: Path | None,
    across: str | None,
    learn: Path | None,
    as_json: bool,
) -> int:
    """Dédoublonne FILE : ajoute cluster_id (même édition) et series_id (même initiative).

    Les colonnes d'origine sont gardées telles quelles. Rien n'est fusionné en silence : chaque
    regroupement porte sa note et ses raisons, les cas douteux sont « ask » dans --pairs.
    """
    from census.files import whole_file
    from flows import tables
    from matching.rows import kept
    from matching.tables import match_rows

    opened = tables.open_table(file, mapping)
    rows = kept(opened.table.rows, opened.table.columns)
    tables.tell(opened)
    found = match_rows(
        rows,
        {field: column for column, field in opened.fields.items()},
        across=across,
        verdicts=list(_verdicts(learn)) if learn else (),
        with_pairs=pairs is not None or report is not None,
        progress=_progress if sys.stderr.isatty() else None,
    )
    for warning in found.warnings:
        click.echo(f"  ⚠ {warning}", err=True)
    names = _row_names(opened, rows)
    with whole_file(output) as out:
        _write(out, *_table(opened, rows, found))
    if pairs is not None:
        with whole_file(pairs) as out:
            _write(out, PAIR_COLUMNS, _pair_rows(found, names))
    if report is not None:
        with whole_file(report) as out:
            _report(out, opened, rows, found, names)
    told = {
        "rows": len(rows),
        "engine": found.engine,
        "clusters": len(set(found.cluster)),
        "series": len(set(found.series)),
        "candidates": found.candidates,
        "conflicts": [[names[a], names[b]] for a, b in found.conflicts],
        "output": str(output),
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(f"{told['rows']} lignes → {told['clusters']} distinctes dans {output}")
        for a, b in found.conflicts[:10]:
            click.echo(f"  ! jugements contradictoires : {names[a]} et {names[b]}, non regroupées")
    return 0


def _report(
    out: IO[bytes],
    opened: "Opened",
    rows: Sequence[Mapping[str, Any]],
    found: "Matches",
    names: Sequence[str],
) -> None:
    from flows import match_report

    facts = (
        ("lignes", len(rows)),
        ("distinctes", len(set(found.cluster))),
        ("initiatives", len(set(found.series))),
        ("paires comparées", found.candidates),
    )
    conflicts = [
        f"jugements contradictoires : {names[a]} et {names[b]}, non regroupées"
        for a, b in found.conflicts[:20]
    ]
    compared = [c for c in opened.table.columns if opened.fields.get(c) != "id"]
    match_report.write(
        out,
        title=opened.file.name,
        facts=[(name, f"{value:,}".replace(",", "\u202f")) for name, value in facts],
        told=match_report.zones(found.pairs, rows, names, compared),
        fields=opened.fields,
        warnings=[*opened.table.warnings, *found.warnings, *conflicts],
    )


PAIR_COLUMNS = ("id_a", "id_b", "score", "decision", "reasons")


def _progress(step: str) -> None:
    click.echo(f"  … {step}", err=True)


def _row_names(opened: "Opened", rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How a row is called: its id column, else its number from 1."""
    column = opened.column("id")
    return [str(row[column]) if column else str(n) for n, row in enumerate(rows, start=1)]


def _table(
    opened: "Opened", rows: Sequence[Mapping[str, Any]], found: "Matches"
) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    columns = opened.table.columns
    added = ("cluster_id", "series_id", "match_score", "match_reasons")
    return (*columns, *added), (
        (
            *(row.get(column) for column in columns),
            found.cluster[n],
            found.series[n],
            "" if (score := found.scores[n]) is None else round(score, 4),
            found.reasons[n],
        )
        for n, row in enumerate(rows)
    )


def _pair_rows(found: "Matches", names: Sequence[str]) -> Iterator[Sequence[Any]]:
    for one in found.pairs:
        reasons = " ; ".join(one.reasons)
        yield names[one.a], names[one.b], round(one.score, 4), one.decision, reasons


def _write(out: Any, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    stream = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    stream.detach()


def _verdicts(file: Path) -> Iterator[tuple[str, str, str]]:
    """(id, id, decision) of a pairs file. Raises ConfigError naming what is missing."""
    from collectors.tables import read_table
    from domain.errors import ConfigError

    table = read_table(file.read_bytes(), name=file.name)
    missing = {"id_a", "id_b", "decision"} - set(table.columns)
    if missing:
        raise ConfigError(
            f"colonnes {', '.join(table.columns)} là où id_a, id_b et decision sont attendues ; "
            "donnez un fichier écrit par --pairs",
            about=str(file),
        )
    for row in table.rows:
        yield str(row["id_a"]), str(row["id_b"]), str(row["decision"])
