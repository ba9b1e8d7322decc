"""`paat import`: load a spreadsheet or action sheets."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flows.importing import Preview

SHOWN = 5


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Fichier TOML ou JSON : colonne = champ.",
)
@click.option("--campaign", help="Campagne à laquelle tout le fichier appartient.")
@click.option("--as", "slug", help="Nom durable de cet import (défaut : d'après le fichier).")
@click.option("--dry-run", is_flag=True, help="Montrer ce qui serait chargé, sans rien écrire.")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def command(
    file: Path,
    mapping: Path | None,
    campaign: str | None,
    slug: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Charge FILE : tableur de n'importe quelle forme, ou fiches action.

    Charger deux fois le même fichier ne change rien.
    """
    from flows import importing, report
    from flows.house import open_house

    source = importing.source_of(file, campaign=campaign, mapping=mapping, slug=slug)
    seen = importing.preview(file, source)
    if dry_run:
        _show(seen, as_json=as_json)
        return 0
    with open_house() as house:
        done = importing.load(house, source)
    if as_json:
        click.echo(json.dumps(report.as_json(done), ensure_ascii=False))
        return 1 if done.failed else 0
    for warning in seen.warnings:
        click.echo(f"  ⚠ {warning}", err=True)
    new, changed = done.counts.get("new", 0), done.counts.get("changed", 0)
    same = len(seen.mentions) - new - changed
    click.echo(f"{file.name} : {new} annonces nouvelles, {changed} modifiées, {same} inchangées.")
    click.echo("\n".join(report.lines(done)[2:]))
    return 1 if done.failed else 0


def _show(seen: "Preview", *, as_json: bool) -> None:
    from collectors.extract.mention import as_item

    if as_json:
        told = {
            "columns": {column: field for column, field, _ in seen.columns},
            "warnings": list(seen.warnings),
            "items": [as_item(one) for one in seen.mentions],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for column, field, reason in seen.columns:
        click.echo(f"  {column} → {field}" + (f" ({reason})" if reason else ""))
    for warning in seen.warnings:
        click.echo(f"  ⚠ {warning}")
    for mention in seen.mentions[:SHOWN]:
        where = mention.where.commune_name or mention.where.venue or "sans lieu"
        when = mention.when.words or mention.when.starts_on or "sans date"
        click.echo(f"  • {mention.title} — {when}, {where}, {mention.who.name or 'sans porteur'}")
    click.echo(f"{len(seen.mentions)} annonces seraient chargées. Rien n'a été écrit.")
