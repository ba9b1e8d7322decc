"""`paat db`: the database's schema, backups."""

import json
from pathlib import Path

import click


@click.group("db")
def command() -> None:
    """La base de données : schéma, sauvegarde, restauration."""


@command.command("upgrade")
def upgrade() -> None:
    """Met le schéma à jour (sans effet s'il l'est déjà)."""
    from flows.house import open_house
    from storage import db

    with open_house(upgrade=False) as house:
        state = db.upgrade(house.database)
    click.echo(f"Schéma à jour : {state.current}")


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def status(as_json: bool) -> int:
    """Dit où en est le schéma et ce que la base contient. Code 1 s'il faut « paat db upgrade »."""
    from flows import report
    from flows.house import open_house
    from storage import counts, db

    with open_house(upgrade=False) as house:
        state = db.status(house.database)
        found: tuple[tuple[str, int], ...] = ()
        if state.up_to_date:
            with house.database.reading() as conn:
                found = tuple(report.french_counts(counts.of_everything(conn)))
    if as_json:
        click.echo(
            json.dumps(
                {
                    "current": state.current,
                    "head": state.head,
                    "up_to_date": state.up_to_date,
                    "counts": dict(found),
                },
                ensure_ascii=False,
            )
        )
    else:
        click.echo(f"Schéma : {state.current or 'aucun'} (attendu : {state.head})")
        for label, number in found:
            click.echo(f"{number:>8}  {label}")
        if not state.up_to_date:
            click.echo("À faire : « paat db upgrade ».")
    return 0 if state.up_to_date else 1


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-archive", is_flag=True, help="Avec les réponses brutes de cette machine.")
def backup(file: Path, with_archive: bool) -> None:
    """Sauvegarde toute la base dans FILE (pg_dump).

    Avec --with-archive, FILE est une archive tar de la base et des réponses des sources.
    """
    from flows import backing
    from flows.house import open_house

    with open_house(upgrade=False) as house:
        backing.backup(house, file, with_archive=with_archive)
    what = "Base et archive sauvegardées" if with_archive else "Base sauvegardée"
    click.echo(f"{what} dans {file} ({file.stat().st_size / 1e6:.1f} Mo).")


@command.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
def restore(file: Path, yes: bool) -> None:
    """Remplace toute la base par la sauvegarde FILE, et l'archive si FILE en contient une."""
    from flows import backing
    from flows.house import open_house

    if not yes:
        click.confirm("Tout le contenu actuel sera remplacé. Continuer ?", abort=True)
    with open_house(upgrade=False) as house:
        archived = backing.restore(house, file)
    click.echo(f"{'Base et archive restaurées' if archived else 'Base restaurée'} depuis {file}.")
