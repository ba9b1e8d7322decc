"""`paat learn`: from a file of decided texts, or from the reviewers' decisions."""

import json
from dataclasses import asdict
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

    found = list(examples(file))
    model = learn(found, base=cold_model(), now=system_clock())
    save(model, output)
    told = {"model": model.version, "output": str(output), **model.about}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        click.echo(f"{len(found)} exemples appris : {output} ({model.version})")
    return 0


@command.command("decisions")
@click.option("--json", "as_json", is_flag=True, help="Bilan en JSON.")
def decisions(as_json: bool) -> int:
    """Apprend les décisions des relecteurs ; le modèle n'est gardé que s'il n'est pas moins bon."""
    from flows import lessons, steps
    from flows.house import open_house

    with open_house() as house:
        found = {
            "rapprochement": lessons.learn_matching(house, force=True),
            "thèmes": lessons.learn_themes(house, force=True),
        }
        if any(one.learned for one in found.values()):
            steps.process(house)
    if as_json:
        click.echo(json.dumps({name: asdict(one) for name, one in found.items()}))
        return 0
    for name, one in found.items():
        if one.learned:
            click.echo(f"{name} : {one.examples} réponses apprises, modèle {one.version}.")
        else:
            click.echo(
                f"{name} : {one.examples} réponses, il en faut {lessons.ENOUGH} pour apprendre ; "
                f"modèle {one.version} gardé."
            )
    return 0


@command.command("rollback")
@click.argument("name", type=click.Choice(["themes", "matching"]))
@click.argument("version", required=False)
def rollback(name: str, version: str | None) -> None:
    """Reprend une version antérieure du modèle NAME (la précédente par défaut)."""
    from flows import lessons, steps
    from flows.house import open_house

    with open_house() as house:
        chosen = lessons.roll_back(house, version, name=name)
        steps.process(house)
    click.echo(f"Modèle en service : {chosen}.")
