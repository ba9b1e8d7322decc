"""`paat import`: load a spreadsheet or action sheets."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collectors.imports import Import

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

    found = importing.read_file(file, campaign=campaign, mapping=mapping, slug=slug)
    if dry_run:
        _show(found, as_json=as_json)
        return 0
    with open_house() as house:
        done = importing.load(house, found)
    if as_json:
        click.echo(json.dumps(report.as_json(done), ensure_ascii=False))
        return 0
    for warning in found.warnings:
        click.echo(f"  ⚠ {warning}", err=True)
    new, changed = done.counts["new"], done.counts["changed"]
    same = len(found.items) - new - changed
    click.echo(f"{file.name} : {new} annonces nouvelles, {changed} modifiées, {same} inchangées.")
    if not new + changed:
        click.echo("Ce fichier était déjà chargé : rien n'a été changé.")
    return 0


def _show(found: "Import", *, as_json: bool) -> None:
    from collectors.extract.mention import as_item
    from flows.importing import mentions_of

    mentions, aside = mentions_of(found)
    warnings = [*found.warnings, *aside]
    if as_json:
        told = {
            "source": found.source.slug,
            "columns": {one.column: one.field for one in found.guesses},
            "warnings": warnings,
            "items": [as_item(one) for one in mentions],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in found.guesses:
        why = f" ({one.reason})" if one.reason else ""
        click.echo(f"  {one.column} → {one.field or 'laissée'}{why}")
    for warning in warnings:
        click.echo(f"  ⚠ {warning}")
    for mention in mentions[:SHOWN]:
        where = mention.where.commune_name or mention.where.venue or "sans lieu"
        when = mention.when.words or mention.when.starts_on or "sans date"
        click.echo(f"  • {mention.title} — {when}, {where}, {mention.who.name or 'sans porteur'}")
        for warning in mention.warnings:
            click.echo(f"      ⚠ {warning}")
    click.echo(f"{len(mentions)} annonces seraient chargées. Rien n'a été écrit.")
