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
@click.option("--author", default="", help="Qui décide (retour d'un export du recensement).")
@click.option("--motive", default="", help="Pourquoi (retour d'un export du recensement).")
@click.option("--dry-run", is_flag=True, help="Montrer ce qui serait chargé, sans rien écrire.")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def command(
    file: Path,
    mapping: Path | None,
    campaign: str | None,
    slug: str | None,
    author: str,
    motive: str,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Charge FILE : tableur de n'importe quelle forme, ou fiches action.

    Charger deux fois le même fichier ne change rien. Un export du recensement modifié à la main
    est reconnu : ses cellules changées deviennent des décisions (--campaign, --author, --motive).
    """
    from flows import importing, report, returning
    from flows.house import open_house

    if mapping is None and returning.is_export(file):
        return _returning(
            file, campaign, author=author, motive=motive, dry_run=dry_run, as_json=as_json
        )

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


def _returning(
    file: Path, code: str | None, *, author: str, motive: str, dry_run: bool, as_json: bool
) -> int:
    """An edited export of the census: its changes shown, or applied as decisions."""
    from dataclasses import asdict

    from census import roundtrip
    from domain.errors import ConfigError
    from flows import returning
    from flows.house import open_house

    if code is None:
        raise ConfigError(
            "c'est un export du recensement : dites sa campagne avec --campaign", about=file.name
        )
    with open_house() as house:
        if dry_run:
            seen, made, new = returning.preview(house, file, code), 0, 0
        else:
            done = returning.apply(house, file, code, author=author, motive=motive)
            seen, made, new = done.preview, done.decisions, done.new
    if as_json:
        told = asdict(seen) | {"decisions": made, "added": new, "applied": not dry_run}
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return 1 if seen.problems else 0
    for line in roundtrip.french(seen):
        click.echo(f"  {line}")
    click.echo(
        f"{len(seen.cells)} cellules changées, {len(seen.new)} lignes nouvelles, "
        f"{seen.same} lignes inchangées. "
        + ("Rien n'a été écrit." if dry_run else f"{made} décisions, {new} annonces ajoutées.")
    )
    return 1 if seen.problems else 0
