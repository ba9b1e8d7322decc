"""`paat learn themes`: a model from decided texts."""

import json
from pathlib import Path

import click


@click.group("learn")
def command() -> None:
    """Apprendre à partir de réponses connues."""


@command.command("themes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Modèle.")
@click.option("--json", "as_json", is_flag=True, help="Bilan en JSON.")
def themes(file: Path, output: Path, as_json: bool) -> int:
    """Apprend les thèmes et le périmètre d'un fichier JSONL de textes décidés.

    Chaque ligne : {"id", "title", "text", "themes": […], "scope": "yes|no|unclear", "group"}.
    """
    from classifiers.cold import cold_model
    from classifiers.model import save
    from classifiers.train import learn
    from domain.times import system_clock
    from flows.examples import examples

    model = learn(examples(file), base=cold_model(), now=system_clock())
    save(model, output)
    told = {"model": model.version, "output": str(output), **model.about}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(f"{model.about['examples']} exemples appris : {output} ({model.version})")
    return 0
