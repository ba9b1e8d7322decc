"""`paat actor`: the bodies that bear, fund or host initiatives."""

import json
from pathlib import Path

import click

EXAMPLES = """\b
Exemples :
  paat actor resolve subventions.csv --known annuaire.csv -o porteurs.csv
  paat actor resolve agenda.xlsx --known rna.csv -o porteurs.csv --map "Qui ?=organiser"
"""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("actor")
def command() -> None:
    """Les acteurs : associations, communes, services qui portent ou financent."""


@command.command("resolve", epilog=EXAMPLES)
@click.argument("file", type=FILE)
@click.option("--known", required=True, type=FILE, help="Annuaire : un acteur par ligne.")
@click.option(
    "-o", "--output", required=True, type=click.Path(allow_dash=True, path_type=Path),
    help="CSV écrit ; « - » : sur la sortie.",
)  # fmt: skip
@click.option(
    "--map", "mapping", multiple=True, metavar="COLONNE=CHAMP", help="Corriger une colonne de FILE."
)
@click.option(
    "--known-map",
    multiple=True,
    metavar="COLONNE=CHAMP",
    help="Corriger une colonne de l'annuaire.",
)
@click.option("--json", "as_json", is_flag=True, help="Bilan en JSON sur la sortie.")
def resolve(
    file: Path, known: Path, output: Path, mapping: tuple[str, ...], known_map: tuple[str, ...],
    as_json: bool,
) -> int:  # fmt: skip
    """Retrouve dans un annuaire l'acteur que nomme chaque ligne de FILE : par RNA, SIREN ou SIRET,
    sinon par le nom, ses sigles et ses anciens noms.

    Ajoute actor_id, actor_name, actor_decision (« same » : sûr ; « ask » : à confirmer, avec
    actor_candidates ; vide : inconnu) et actor_reasons. L'annuaire a une colonne de noms et, s'il
    en a, id, rna, siren, siret, insee, departement, et ses autres noms (alias, sigle, anciens
    noms), séparés par « ; » ou « | ». Deux acteurs possibles ne sont jamais départagés au hasard.
    """
    from contextlib import ExitStack

    from flows import actors, match_files, match_words, tables

    match_files.check([file, known], {"-o": output}, as_json=as_json)
    opened = tables.open_table(file, mapping, without=actors.ADDED)
    directory = tables.open_table(known, known_map)
    found, people = actors.find(opened, directory)
    for one in (opened, directory):
        click.echo(f"{one.file.name} :", err=True)
        tables.tell(one)
    tables.warn([*opened.warnings, *directory.warnings, *actors.odd(people)])
    with ExitStack() as stack:
        (out,) = match_files.whole_files(stack, [output])
        if out is not None:
            actors.write(out, found)
    told = {
        "rows": len(found.rows),
        "known": len(people),
        "same": found.sure,
        "ask": found.asked,
        "unknown": len(found.rows) - found.sure - found.asked,
        "output": str(output),
    }
    words = (
        f"{match_words.rows(len(found.rows))}, annuaire de {match_words.rows(len(people))} : "
        f"retrouvées {told['same']}, à confirmer {told['ask']}, inconnues {told['unknown']}"
    )
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else words, err=str(output) == "-")
    return 0
