"""`paat evaluate`: measure a model on answers that are known."""

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.group("evaluate")
def command() -> None:
    """Mesurer la qualité sur des réponses connues."""


@command.command("themes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--model", "model_file", type=click.Path(exists=True, path_type=Path), help="Modèle.")
@click.option("--against", type=click.Path(exists=True, path_type=Path), help="Modèle à comparer.")
@click.option("--engine", metavar="MOTEUR", help="Deuxième avis : embeddings:… ou endpoint:….")
@click.option("--folds", is_flag=True, help="Apprendre sur une partie, mesurer sur l'autre.")
@click.option("--plot", type=click.Path(path_type=Path), help="Courbe de fiabilité (SVG).")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def themes(
    file: Path,
    model_file: Path | None,
    against: Path | None,
    engine: str | None,
    folds: bool,
    plot: Path | None,
    as_json: bool,
) -> int:
    """Précision, rappel, F1 par thème, calibration, couverture et confusions d'un modèle."""
    from census.files import whole_file
    from classifiers import telling
    from classifiers.cold import cold_model
    from classifiers.evaluate import agreement, predict, predict_by_folds, report
    from classifiers.model import load
    from classifiers.promote import compare
    from domain.settings import load_settings
    from flows.examples import examples
    from flows.opinions import engine_of

    found = list(examples(file))
    model = load(model_file) if model_file else cold_model()
    opinion = engine_of(load_settings(), engine)
    predicted = predict_by_folds(found, model) if folds else predict(model, found, engine=opinion)
    measured = report(model.version, found, predicted, ceiling=agreement(found))
    if as_json:
        click.echo(json.dumps(telling.as_json(measured), ensure_ascii=False))
    else:
        click.echo("\n".join(telling.lines(measured)))
    if against is not None:
        other = predict(load(against), found)
        click.echo("\n".join(telling.difference_lines(compare(found, other, predicted))))
    if plot is not None:
        with whole_file(plot) as out:
            out.write(telling.reliability(found, predicted).encode())
    return 0


@command.command("matching")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--truth", required=True, metavar="COLONNE", help="Ce qui est vraiment ensemble.")
@click.option("--series", metavar="COLONNE", help="Ce qui est une même initiative.")
@click.option(
    "--map", "mapping", multiple=True, metavar="COLONNE=CHAMP", help="Forcer une colonne."
)
@click.option(
    "--folds",
    type=click.IntRange(2, 10),
    default=None,
    metavar="N",
    help="Apprendre des autres parts du tableau, mesurer sur chacune ; sans courbe des questions.",
)
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def matching(
    file: Path,
    truth: str,
    series: str | None,
    mapping: tuple[str, ...],
    folds: int | None,
    as_json: bool,
) -> int:
    """F1 sur les paires, candidats, relations et courbe des questions d'un tableau étiqueté.

    Les colonnes de vérité ne sont jamais montrées au rapprochement.
    """
    from flows import tables
    from matching.evaluate import evaluate, french

    opened = tables.open_table(file, mapping, without={truth, series})
    fields = {field: column for column, field in opened.fields.items()}
    found = evaluate(list(opened.table.rows), fields, truth=truth, series=series, folds=folds or 0)
    click.echo(
        json.dumps(asdict(found), ensure_ascii=False, default=str) if as_json else french(found)
    )
    return 0
