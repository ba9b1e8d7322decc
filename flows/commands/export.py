"""`paat export census`: the census of a campaign, in any format of census/formats."""

from pathlib import Path

import click


@click.group("export")
def command() -> None:
    """Exporter le recensement d'une campagne."""


@command.command("census")
@click.option("--campaign", required=True, help="Campagne : PAAT-2024, SOP-2027, ALPES-2030…")
@click.option("--format", "name", required=True, help="Un fichier de census/formats : csv, xlsx…")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Fichier.")
@click.option("--private", is_flag=True, help="Avec les données personnelles (usage interne).")
def census(campaign: str, name: str, output: Path, private: bool) -> int:
    """Écrit le recensement d'une campagne dans un fichier.

    Le fichier n'apparaît qu'une fois complet ; un export interrompu laisse l'ancien intact.
    """
    from flows import steps
    from flows.house import open_house

    with open_house() as house:
        count = steps.export(house, campaign, name, output, private=private)
    plural = "s" if count > 1 else ""
    click.echo(f"{count} initiative{plural} écrite{plural} dans {output}")
    if count == 0:
        click.echo(
            f"Aucune initiative dans {campaign} : lancez « paat veille », puis relisez la file.",
            err=True,
        )
    return 0
