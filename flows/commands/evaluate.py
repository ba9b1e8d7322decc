"""`paat evaluate`: measure a model on answers that are known."""

import json
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
@click.option("--truth", metavar="COLONNE", help="Ce qui est vraiment ensemble.")
@click.option(
    "--gold", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Au lieu de --truth : paires jugées (id_a, id_b, decision) ou groupes (id, groupe).",
)  # fmt: skip
@click.option("--series", metavar="COLONNE", help="Ce qui est une même initiative.")
@click.option(
    "--map", "mapping", multiple=True, metavar="COLONNE=CHAMP", help="Forcer une colonne."
)
@click.option(
    "--folds", type=click.IntRange(2, 10), default=None, metavar="N",
    help="Apprendre des autres parts du tableau, mesurer sur chacune ; sans courbe des questions.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="Sans la courbe des questions, longue à simuler.")
@click.option("--mistakes", type=click.Path(path_type=Path), help="Écrire les erreurs (CSV).")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def matching(
    file: Path,
    truth: str | None,
    gold: Path | None,
    series: str | None,
    mapping: tuple[str, ...],
    folds: int | None,
    quick: bool,
    mistakes: Path | None,
    as_json: bool,
) -> int:
    """Précision, rappel et F1 d'un tableau dont la réponse est connue : par paires, avec leur
    intervalle, par ligne (B³), par seuil ; candidats, relations et courbe des questions.

    La vérité n'est jamais montrée au rapprochement ; les lignes où elle est vide ne comptent pas.
    """
    from domain.errors import ConfigError
    from flows import match_files, measuring

    if (truth is None) == (gold is None):
        raise ConfigError(
            "--truth COLONNE ou --gold FICHIER, l'un des deux, sont attendus", about="evaluate"
        )
    match_files.check([file, *([gold] if gold else [])], {"--mistakes": mistakes})
    asked = measuring.Asked(
        file=file, truth=truth, gold=gold, series=series, mapping=mapping, folds=folds or 0,
        curve=not quick,
    )  # fmt: skip
    found, words, wrong = measuring.measure(asked)
    click.echo(json.dumps(found, ensure_ascii=False, default=str) if as_json else words)
    if mistakes is not None:
        measuring.write_mistakes(mistakes, wrong)
    return 0
