"""`paat doctor`: is everything in order?"""

import json
from dataclasses import asdict

import click


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def command(as_json: bool) -> int:
    """Vérifie la machine, la base, l'horloge, le réseau, les sources et l'ordonnanceur, et dit quoi
    faire."""
    from domain.errors import PaatError
    from domain.settings import load_settings
    from flows import doctor
    from flows.house import open_house

    settings, worst = load_settings(), 1
    try:
        with open_house(settings, upgrade=False) as house:
            found = list(doctor.checks(house))
    except PaatError as error:
        found, worst = list(doctor.without_database(settings, error)), 3
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            click.echo(f"{'✓' if one.fine else '✗'} {one.name} : {one.found}")
            if not one.fine:
                click.echo(f"    → {one.advice}")
    return 0 if all(one.fine for one in found) else worst
