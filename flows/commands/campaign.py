"""`paat campaign`: the campaigns, and archiving one."""

import json
from pathlib import Path

import click


@click.group("campaign")
def command() -> None:
    """Les campagnes de recensement."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def list_(as_json: bool) -> int:
    """Liste les campagnes connues et dit lesquelles sont archivées."""
    from domain.campaigns import campaigns
    from flows.house import open_house
    from storage.campaigns import archived

    with open_house() as house, house.database.begin() as conn:
        closed = archived(conn)
    told = [
        {
            "code": one.code,
            "title": one.title,
            "starts_on": one.starts_on.isoformat(),
            "ends_on": one.ends_on.isoformat(),
            "archived_at": closed[one.code].isoformat() if one.code in closed else None,
        }
        for one in campaigns().values()
    ]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return 0
    for line in told:
        state = f"archivée le {line['archived_at']}" if line["archived_at"] else "ouverte"
        click.echo(
            f"{line['code']}  {line['title']}  {line['starts_on']} → {line['ends_on']}  {state}"
        )
    return 0


@command.command("archive")
@click.argument("code")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Dossier de l'archive : tous les formats et leurs empreintes.",
)
@click.option("--yes", is_flag=True, help="Ne pas demander de confirmation.")
def archive(code: str, output: Path, yes: bool) -> int:
    """Archive la campagne CODE : écrit son recensement, puis la rend non modifiable."""
    from flows import archives
    from flows.house import open_house

    if not yes:
        click.confirm(f"Archiver {code} ? Plus aucune décision n'y sera possible.", abort=True)
    with open_house() as house:
        made = archives.archive(house, code, output)
    click.echo(f"{code} archivée : {len(made.names)} fichiers dans {output}")
    return 0
