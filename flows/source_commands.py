"""`paat source replay | archive | quarantine`: what was answered, read again; what is put aside."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from collectors.upkeep.archive import Archive
    from flows.contracts import Contract


examples = click.option(
    "--examples",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tests/examples"),
    show_default=True,
    help="Dossier des exemples figés.",
)


@click.command("replay")
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--all", "everything", is_flag=True, help="Toutes les sources de l'archive.")
@click.option("--since", required=True, help="Depuis ce jour (2026-11-01) ou cet instant.")
@click.option("--apply", is_flag=True, help="Enregistre ce qui est nouveau ou modifié.")
@click.option("--json", "as_json", is_flag=True, help="Une ligne JSON par source.")
def replay(slugs: tuple[str, ...], everything: bool, since: str, apply: bool, as_json: bool) -> int:
    """Relit l'archive d'une source avec les règles d'aujourd'hui et dit ce qui diffère.

    Rien n'est modifié sans --apply ; rien n'est jamais effacé.
    """
    from collectors.upkeep import archive
    from flows import replaying, visiting
    from flows.house import open_house

    if bool(slugs) == everything:
        raise click.UsageError("Donnez un SLUG, ou --all pour toute l'archive.")
    start = archive.since_of(since)
    with open_house() as house:
        wanted = archive.of_settings(house.settings).slugs() if everything else list(slugs)
        chosen = visiting.known_sources(house, wanted)
        reports = replaying.replay(house, chosen, since=start, apply=apply)
    for one in reports:
        click.echo(
            json.dumps(one.as_json(), ensure_ascii=False) if as_json else replaying.as_text(one)
        )
    return 1 if any(one.problems for one in reports) else 0


@click.command("archive")
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option(
    "--warc", "file", type=click.Path(dir_okay=False, path_type=Path), help="Écrit ce fichier."
)
@click.option("--since", help="Depuis ce jour seulement.")
@click.option("--erase", metavar="TEXTE", help="Efface les réponses qui contiennent ce texte.")
@click.option("--yes", is_flag=True, help="Efface sans demander.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par source.")
def archive(
    slugs: tuple[str, ...],
    file: Path | None,
    since: str | None,
    erase: str | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Dit ce que l'archive garde ; l'exporte au format WARC 1.1 ; en efface une personne."""
    from collectors.upkeep import archive as archives
    from domain.settings import load_settings

    kept = archives.of_settings(load_settings())
    wanted = list(slugs) or kept.slugs()
    if erase is not None:
        return _erase(kept, erase, wanted, yes=yes)
    start = archives.since_of(since) if since else None
    if file is not None:
        return _export(kept, wanted, file, start)
    for slug in wanted:
        visits = kept.visits(slug, since=start)
        answers = [one for visit in visits for one in visit.snapshots]
        told = {
            "source": slug,
            "visits": len(visits),
            "answers": len(answers),
            "bytes": sum(one.bytes for one in answers),
            "since": visits[0].at.isoformat() if visits else None,
            "until": visits[-1].at.isoformat() if visits else None,
        }
        if as_json:
            click.echo(json.dumps(told))
        elif visits:
            days = f"du {visits[0].at:%d/%m/%Y} au {visits[-1].at:%d/%m/%Y}"
            click.echo(
                f"{slug:<34} {len(visits):>5} visites {len(answers):>6} réponses "
                f"{told['bytes']:>12} octets, {days}"
            )
        else:
            click.echo(f"{slug:<34} rien")
    if not as_json:
        click.echo(f"{kept.size()} octets sur le disque, dans {kept.folder}", err=True)
    return 0


def _export(kept: Archive, slugs: list[str], file: Path, since: datetime | None) -> int:
    from census.files import whole_file
    from collectors.upkeep import warc
    from domain.times import system_clock

    visits = [one for slug in slugs for one in kept.visits(slug, since=since)]
    with whole_file(file) as out:
        count = warc.write(kept, visits, out, now=system_clock())
    click.echo(f"{count} réponses écrites dans {file} (WARC 1.1)")
    return 0 if count else 1


def _erase(kept: Archive, text: str, slugs: list[str], *, yes: bool) -> int:
    if len(text.strip()) < 4:
        raise click.UsageError("Donnez au moins quatre caractères : un nom, une adresse.")
    words = re.compile(re.escape(" ".join(text.split())).replace(r"\ ", r"\s+"), re.IGNORECASE)
    found = list(kept.holding(words, slugs))
    for visit, one in found:
        click.echo(f"{visit.source} {one.at:%d/%m/%Y %H:%M} {one.url}")
    if not found:
        click.echo("Aucune réponse de l'archive ne contient ce texte.")
        return 0
    if not yes and not click.confirm(f"Effacer ces {len(found)} réponses ?"):
        return 1
    kept.erase(words, slugs)
    click.echo(f"{len(found)} réponses effacées de l'archive.")
    return 0


@click.command("quarantine")
@click.argument("slug", required=False)
@click.option("--retry", is_flag=True, help="Relit ce qui est enregistré, puis l'archive.")
@click.option("--since", help="Avec --retry : relit l'archive depuis ce jour (30 jours).")
@click.option("--json", "as_json", is_flag=True, help="Une ligne JSON par annonce.")
def quarantine(slug: str | None, retry: bool, since: str | None, as_json: bool) -> int:
    """Liste ce qui a été mis de côté, avec la raison ; --retry essaie de le relire.

    Une annonce mise de côté n'arrête jamais les autres. Après une correction, --retry la relit
    sans redemander la page.
    """
    from flows import retrying
    from flows.house import open_house

    with open_house() as house:
        if retry:
            click.echo(retrying.retry(house, slug, since=since))
        left = retrying.listed(house, slug)
    for one in left:
        if as_json:
            click.echo(json.dumps(retrying.as_json(one), ensure_ascii=False))
        else:
            click.echo(retrying.as_text(one))
    if not left and not as_json:
        click.echo("Rien n'est mis de côté.")
    return 0


@click.command("trust")
@click.argument("slug")
@click.option("--again", is_flag=True, help="Croit de nouveau les identifiants qu'elle donne.")
def trust(slug: str, again: bool) -> int:
    """Dit à quoi les annonces d'une source sont reconnues ; --again lui rend confiance.

    À faire quand son éditeur a corrigé ses identifiants. Les annonces connues le restent ; si les
    identifiants trompent encore, la confiance retombe d'elle-même.
    """
    from flows import recognising, visiting
    from flows.house import open_house
    from storage import sources

    with open_house() as house:
        source = visiting.known_source(house, slug)
        with house.database.begin() as conn:
            if again:
                sources.trust(conn, slug)
            state = sources.states(conn, [slug])[slug]
    click.echo(f"{slug} : {recognising.recognition(source, state.identity)}")
    return 0


def frozen(folder: Path, slugs: Sequence[str], *, as_json: bool) -> int:
    """`paat source test --frozen`."""
    from flows import contracts

    return _told(contracts.check(folder, slugs), as_json=as_json)


@click.command("check")
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--changed", metavar="REF", help="Les sources qu'un changement touche depuis REF.")
@examples
@click.option("--json", "as_json", is_flag=True, help="Une ligne JSON par source.")
def check(slugs: tuple[str, ...], changed: str | None, examples: Path, as_json: bool) -> int:
    """Visite des sources en vrai, sans rien enregistrer, et les compare à leur exemple figé.

    À lancer la nuit, sur les sources que touche un changement : --changed main.
    """
    from domain.settings import load_settings
    from flows import live_check

    if bool(slugs) == (changed is not None):
        raise click.UsageError("Donnez des SLUG, ou --changed et une référence de Git (main).")
    settings = load_settings()
    chosen = live_check.touched(settings.sources, changed) if changed else list(slugs)
    if not chosen:
        click.echo("Aucune source n'est touchée.", err=True)
    return _told(live_check.check(settings, examples, chosen), as_json=as_json)


def _told(found: Iterable[Contract], *, as_json: bool) -> int:
    worst = 0
    for one in found:
        worst = max(worst, 1 if one.differences else 0)
        text = json.dumps(one.as_json(), ensure_ascii=False) if as_json else one.as_text()
        click.echo(text)
    return worst
