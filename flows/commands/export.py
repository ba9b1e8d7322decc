"""`paat export census`: the census of a campaign, in any format of census/formats."""

import os
from datetime import date
from pathlib import Path

import click

from domain.errors import ConfigError


@click.group("export")
def command() -> None:
    """Exporter le recensement d'une campagne."""


@command.command("census")
@click.option("--campaign", required=True, help="Campagne : PAAT-2024, SOP-2027, ALPES-2030…")
@click.option("--format", "name", required=True, help="Un fichier de census/formats : csv, xlsx…")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Fichier.")
@click.option("--private", is_flag=True, help="Avec les données personnelles (usage interne).")
@click.option(
    "--filter",
    "asked",
    multiple=True,
    metavar="NOM=VALEUR",
    help="Ne garder que : theme, departement, epci, commune, mois (AAAA-MM), type, statut, public, "
    "label, relecture, q. Répétable.",
)
@click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Votre modèle DOCX (plan, fiches) au lieu du nôtre : voir docs/plan.md.",
)
@click.option("--on", "day", help="Date de l'export, AAAA-MM-JJ (défaut : aujourd'hui).")
def census(
    campaign: str,
    name: str,
    output: Path,
    private: bool,
    asked: tuple[str, ...],
    template: Path | None,
    day: str | None,
) -> int:
    """Écrit le recensement d'une campagne dans un fichier.

    Le fichier n'apparaît qu'une fois complet ; un export interrompu laisse l'ancien intact. Une
    campagne archivée rend, sans autre option, le fichier de son archive, octet pour octet.
    """
    from census.filters import filter_of

    _check(campaign, name, output)
    from flows import archives, exporting
    from flows.house import open_house

    keep = filter_of(dict(map(_pair, asked)), strict=True)
    on = _day(day) if day else None
    whole = not (private or asked or day or template)
    with open_house() as house:
        if whole and archives.give_back(house, campaign, name, output):
            click.echo(f"Campagne archivée : le fichier de son archive est dans {output}")
            return 0
        count = exporting.export(
            house, campaign, name, output, private=private, keep=keep, on=on, template=template
        )
    plural = "s" if count > 1 else ""
    click.echo(f"{count} initiative{plural} écrite{plural} dans {output}")
    for problem in _problems(name, output):
        click.echo(f"  à compléter avant de publier : {problem}", err=True)
    if count == 0:
        click.echo(
            f"Aucune initiative dans {campaign} : lancez « paat veille », puis relisez la file.",
            err=True,
        )
    return 0


@command.command("digest")
@click.option("--campaign", required=True, help="Campagne.")
@click.option(
    "--before",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Un export JSON ou JSONL plus ancien de la même campagne.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Fichier (défaut : écran).")
def digest(campaign: str, before: Path, output: Path | None) -> int:
    """Dit ce qui a changé depuis un export : nouvelles, annulées, déplacées, relues, sorties."""
    from flows import exporting
    from flows.house import open_house

    with open_house() as house:
        return _told(exporting.changes_since(house, campaign, before), output)


@command.command("changes")
@click.option("--campaign", required=True, help="Campagne.")
@click.option("--since", required=True, metavar="AAAA-MM-JJ", help="Premier jour compris.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Fichier (défaut : écran).")
def changes(campaign: str, since: str, output: Path | None) -> int:
    """Dit ce qui a changé depuis un jour : d'après l'historique, sans export à garder."""
    from flows.changes import changes as changed
    from flows.house import open_house

    day = _day(since, about="--since")
    with open_house() as house:
        return _told(changed(house, campaign, day), output)


def _problems(name: str, output: Path) -> list[str]:
    """What the file still lacks, for a format whose schema asks more than a census knows."""
    from census.table import format_named

    form = format_named(name, suffix=output.suffix)
    return form.check(output.read_bytes()) if hasattr(form, "check") else []


def _told(words: str, output: Path | None) -> int:
    from census.files import whole_file

    if output is None:
        click.echo(words, nl=False)
        return 0
    with whole_file(output) as out:
        out.write(words.encode())
    click.echo(f"Écrit dans {output}")
    return 0


def _check(campaign: str, name: str, output: Path) -> None:
    """Say what is wrong before anything is opened. Raises click.BadParameter, in French."""
    from census.table import format_names
    from domain.campaigns import campaigns

    if campaign not in campaigns():
        known = ", ".join(campaigns())
        raise click.BadParameter(f"« {campaign} » est inconnue ; choisissez parmi {known}.")
    if name not in format_names():
        known = ", ".join(format_names())
        raise click.BadParameter(f"le format « {name} » n'existe pas ; choisissez parmi {known}.")
    if not output.parent.is_dir():
        raise click.BadParameter(f"le dossier {output.parent} n'existe pas ; créez-le.")
    if output.is_dir():
        raise click.BadParameter(f"{output} est un dossier ; donnez un nom de fichier.")
    if not os.access(output.parent, os.W_OK):
        raise click.BadParameter(f"le dossier {output.parent} n'est pas accessible en écriture.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"{text!r} là où NOM=VALEUR est attendu", about="--filter")
    return name.strip(), value.strip()


def _day(text: str, *, about: str = "--on") -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text!r} là où AAAA-MM-JJ est attendu", about=about) from None
