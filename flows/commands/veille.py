"""`paat veille`: one run of the whole chain, now."""

import json
import os

import click


@click.command("veille")
@click.option("--source", "slugs", multiple=True, help="Ne visiter que cette source (répétable).")
@click.option("--all", "everything", is_flag=True, help="Toutes les sources, dues ou non.")
@click.option("--json", "as_json", is_flag=True, help="Compte rendu en JSON sur la sortie.")
def command(slugs: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Un passage complet : collecter, lire, rapprocher, classer, enregistrer.

    Sans --source, visite toutes les sources dont c'est l'heure. Une source en défaut n'arrête
    jamais les autres ; le compte rendu dit pour chacune quoi faire.
    """
    from flows import report, steps, visiting
    from flows.house import open_house

    with open_house() as house:
        if everything:
            known, _ = visiting.load_all(house)
            slugs = tuple(one.slug for one in known if one.enabled)
        if os.environ.get("PREFECT_API_URL"):
            return _through_prefect(list(slugs))
        with house.database.locked("veille"):
            done = steps.veille(house, slugs)
    if as_json:
        click.echo(json.dumps(report.as_json(done), ensure_ascii=False))
    else:
        click.echo("\n".join(report.lines(done)))
    return 1 if done.failed or done.uncounted or done.problems else 0


def _through_prefect(slugs: list[str]) -> int:
    """The same chain, seen and kept by the Prefect server whose address is set."""
    from flows.veille import veille

    shards = veille(slugs or None)
    click.echo(f"Passage fait sous Prefect ({shards} lots) : voir {os.environ['PREFECT_API_URL']}")
    return 0
