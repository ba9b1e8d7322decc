"""`paat classify`: themes and scope of any table."""

import json
from pathlib import Path

import click


@click.command("classify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="JSONL écrit.")
@click.option("--model", "model_file", type=click.Path(exists=True, path_type=Path), help="Modèle.")
@click.option("--engine", metavar="MOTEUR", help="Deuxième avis : embeddings:… ou endpoint:….")
@click.option("--campaign", help="Campagne dont juger le périmètre (défaut : les Jeux).")
@click.option(
    "--map", "mapping", multiple=True, metavar="COLONNE=CHAMP", help="Forcer une colonne."
)
@click.option("--json", "as_json", is_flag=True, help="Bilan en JSON sur la sortie.")
def command(
    file: Path,
    output: Path,
    model_file: Path | None,
    engine: str | None,
    campaign: str | None,
    mapping: tuple[str, ...],
    as_json: bool,
) -> int:
    """Classe chaque ligne de FILE : thèmes, périmètre, probabilités et motifs."""
    from census.files import whole_file
    from classifiers.cold import cold_model
    from classifiers.model import load
    from classifiers.rows import classify_rows
    from domain.campaigns import campaign as campaign_of
    from domain.settings import load_settings
    from flows import tables
    from flows.opinions import engine_of

    model = load(model_file) if model_file else cold_model()
    chosen = campaign_of(campaign) if campaign else None
    opinion = engine_of(load_settings(), engine)
    opened = tables.open_table(file, mapping)
    counted = 0
    with whole_file(output) as out:
        rows = opened.canonical()
        for result in classify_rows(rows, campaign=chosen, model=model, engine=opinion):
            out.write(json.dumps(result, ensure_ascii=False).encode() + b"\n")
            counted += 1
    tables.tell(opened)
    told = {"rows": counted, "model": model.version, "output": str(output)}
    click.echo(json.dumps(told) if as_json else f"{counted} lignes classées dans {output}")
    return 0
