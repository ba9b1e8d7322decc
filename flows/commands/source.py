"""`paat source`: the sources of the veille."""

import json
from collections.abc import Iterator
from pathlib import Path

import click


@click.group("source")
def command() -> None:
    """Les sources de veille : lister, essayer, suspendre, figer un exemple."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Une ligne JSON par source.")
def list_(as_json: bool) -> int:
    """Liste les sources, leur santé et leur prochain passage."""
    from domain.statuses import FRENCH
    from domain.times import PARIS
    from flows import steps
    from flows.house import open_house
    from storage import sources

    with open_house() as house:
        known, problems = steps.load_all(house)
        with house.database.begin() as conn:
            states = sources.states(conn, [one.slug for one in known])
    for source in known:
        state = states[source.slug]
        if as_json:
            click.echo(
                json.dumps(
                    {
                        "slug": source.slug,
                        "title": source.title,
                        "kind": source.kind,
                        "url": source.url,
                        "department": source.department,
                        "enabled": source.enabled,
                        "paused": state.paused,
                        "health": state.health.value,
                        "why": state.last_why,
                        "last_ok_at": state.last_ok_at.isoformat() if state.last_ok_at else None,
                        "next_visit_at": (
                            state.next_visit_at.isoformat() if state.next_visit_at else None
                        ),
                    },
                    ensure_ascii=False,
                )
            )
            continue
        seen = state.last_ok_at and f"{state.last_ok_at.astimezone(PARIS):%d/%m/%Y %H:%M}"
        told = "en pause" if state.paused else FRENCH[state.health]
        click.echo(f"{source.slug:<34} {source.kind:<14} {told:<16} {seen or 'jamais lue'}")
        if state.last_why:
            click.echo(f"{'':<34} → {state.last_why}")
    for problem in problems:
        click.echo(f"! {problem}", err=True)
    return 1 if problems else 0


@command.command("test")
@click.argument("target", required=False)
@click.option("--kind", help="Type de source, pour essayer un fichier.")
@click.option(
    "--file", "path", type=click.Path(exists=True, path_type=Path), help="Fichier ou dossier."
)
@click.option("--base-url", default="", help="Adresse d'où vient le fichier.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON (une ligne par fichier).")
def test(
    target: str | None, kind: str | None, path: Path | None, base_url: str, as_json: bool
) -> int:
    """Essaie une source sans rien enregistrer : SLUG, adresse, ou --kind et --file.

    Dit tout ce qui a été lu, ce qui a été mis de côté et pourquoi.
    """
    from flows import trial

    if (target is None) == (path is None):
        raise click.UsageError("Donnez un SLUG ou une adresse, ou bien --kind et --file.")
    if path is not None and kind is None:
        raise click.UsageError("--file demande aussi --kind (feed, page, calendar, table…).")
    tried: Iterator[trial.Trial]
    if path is not None and kind is not None:
        tried = trial.of_files(kind, path, base_url=base_url)
    else:
        tried = iter([trial.of_target(str(target), kind=kind)])
    worst = 0
    for one in tried:
        worst = max(worst, 0 if one.outcome in ("ok", "unchanged") else 1)
        click.echo(json.dumps(one.as_json(), ensure_ascii=False) if as_json else one.as_text())
    return worst


@command.command("pause")
@click.argument("slug")
def pause(slug: str) -> None:
    """Suspend une source : elle n'est plus visitée, ce qu'elle a donné reste."""
    _set_paused(slug, paused=True)


@command.command("resume")
@click.argument("slug")
def resume(slug: str) -> None:
    """Reprend une source suspendue, dès le prochain passage."""
    _set_paused(slug, paused=False)


def _set_paused(slug: str, *, paused: bool) -> None:
    from flows import steps
    from flows.house import open_house
    from storage import sources

    with open_house() as house:
        steps.known_source(house, slug)
        with house.database.begin() as conn:
            (sources.pause if paused else sources.resume)(conn, slug)
    click.echo(f"{slug} : {'suspendue' if paused else 'reprise'}.")
