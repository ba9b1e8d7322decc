"""`paat rematch`: everything stored matched anew, as the night does."""

import json
from dataclasses import asdict

import click


@click.command("rematch")
@click.option("--dry-run", is_flag=True, help="Dire ce qui changerait, ne rien modifier.")
@click.option("--json", "as_json", is_flag=True, help="Tout ce qui change, en JSON.")
def command(dry_run: bool, as_json: bool) -> int:
    """Rapproche à nouveau toutes les annonces de la base, comme un seul tableau.

    Ce qui tenait à l'ordre d'arrivée est corrigé ; les identifiants restent, ce que des personnes
    ont dit aussi. Deux fois de suite, la seconde ne change rien. La nuit le fait d'elle-même
    (paat up).
    """
    from flows import rematch, steps
    from flows.house import open_house

    with open_house() as house:
        found = rematch.rematch(house, dry_run=dry_run)
        if found.applied:
            steps.process(house)
    if as_json:
        click.echo(json.dumps({**asdict(found), "counts": found.counts}, ensure_ascii=False))
    else:
        click.echo("\n".join(rematch.lines(found)))
    return 0
