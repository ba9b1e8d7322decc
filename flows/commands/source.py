"""`paat source`: the sources of the veille."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from flows import source_commands


@click.group("source")
def command() -> None:
    """Les sources de veille : découvrir, ajouter, lister, essayer, suspendre, figer un exemple."""


for one in (
    source_commands.replay,
    source_commands.archive,
    source_commands.quarantine,
    source_commands.check,
    source_commands.trust,
):
    command.add_command(one)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Une ligne JSON par source.")
def list_(as_json: bool) -> int:
    """Liste les sources, leur santé et leur prochain passage."""
    from collectors import load
    from collectors.upkeep import health
    from domain.statuses import FRENCH
    from domain.times import PARIS
    from flows import visiting
    from flows.house import open_house
    from storage import sources

    with open_house() as house:
        known, problems = visiting.load_all(house)
        folder, now = house.settings.sources, house.clock()
        with house.database.begin() as conn:
            states = sources.states(conn, [one.slug for one in known])
    for source in known:
        state = states[source.slug]
        place = load.place_of(folder, source.slug)
        todo = health.tasks(source, state, now=now, place=place)
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
                        "next_why": state.memory.next_why,
                        "tasks": todo,
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
        if state.next_visit_at and state.memory.next_why and not state.paused:
            due = f"{state.next_visit_at.astimezone(PARIS):%d/%m/%Y %H:%M}"
            click.echo(f"{'':<34}   prochain passage {due}, {state.memory.next_why}")
        for task in todo:
            click.echo(f"{'':<34} À FAIRE : {task}")
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
@click.option("--frozen", is_flag=True, help="Relit les exemples figés (tous, ou SLUG).")
@source_commands.examples
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON (une ligne par fichier).")
def test(
    target: str | None,
    kind: str | None,
    path: Path | None,
    base_url: str,
    frozen: bool,
    examples: Path,
    as_json: bool,
) -> int:
    """Essaie une source sans rien enregistrer : SLUG, adresse, ou --kind et --file.

    Dit tout ce qui a été lu, ce qui a été mis de côté et pourquoi. Avec --frozen, vérifie que les
    exemples figés se lisent toujours comme prévu.
    """
    from flows import trial

    if frozen:
        return source_commands.frozen(examples, [target] if target else [], as_json=as_json)
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


@command.command("discover")
@click.argument("urls", nargs=-1, metavar="URL...")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Adresses collées dans un fichier, une par ligne (- : entrée standard).",
)
@click.option("--detail", is_flag=True, help="Tout ce qui a été trouvé, pas seulement le meilleur.")
@click.option("--json", "as_json", is_flag=True, help="Une ligne JSON par adresse.")
def discover(urls: tuple[str, ...], path: Path | None, detail: bool, as_json: bool) -> int:
    """Dit ce qui est collectable à ces adresses : un tableau, sans rien enregistrer.

    Flux, calendriers, événements structurés, WordPress, SPIP, Joomla, TYPO3, Drupal, OpenAgenda,
    HelloAsso, plans de site, tableaux.
    """
    from collectors.load import load_sources
    from domain.settings import load_settings
    from flows import discovering

    given = list(urls)
    if path is not None:
        with click.open_file(str(path), encoding="utf-8") as lines:
            given += discovering.addresses(lines.read())
    if not given:
        raise click.UsageError("Donnez une adresse, ou un fichier d'adresses avec --file.")
    settings = load_settings()
    found = discovering.find(list(dict.fromkeys(given)), settings)
    if as_json:
        for one in found:
            click.echo(json.dumps(discovering.as_json(one), ensure_ascii=False))
    elif detail:
        click.echo("\n\n".join(map(discovering.preview, found)))
    else:
        known, _ = load_sources(settings.sources)
        click.echo(discovering.table(found, known))
    return 1 if any(one.best is None for one in found) else 0


@command.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--department", help="Département de la source : son fichier est complété (05).")
@click.option("--yes", is_flag=True, help="Garde le meilleur choix sans demander.")
def add(urls: tuple[str, ...], department: str | None, yes: bool) -> int:
    """Ajoute une source : montre ce que donne l'adresse, puis écrit son bloc dans sources/.

    Sans --department, le bloc va dans sources/ajouts.toml.
    """
    from collectors.load import DEPARTMENTS, write_block
    from domain.errors import ConfigError
    from domain.settings import load_settings
    from flows import discovering

    if department is not None and department not in DEPARTMENTS:
        raise click.UsageError(f"Département {department!r} inconnu : écrivez par exemple 05.")
    settings = load_settings()
    bad = 0
    for found in discovering.find(list(dict.fromkeys(urls)), settings):
        click.echo(discovering.preview(found))
        try:
            source = discovering.block(found, settings, department=department)
        except ConfigError as error:
            click.echo(f"  non ajoutée : {error.message}", err=True)
            bad += 1
            continue
        click.echo(f"\n{write_block(source)}")
        if yes or _agreed("Ajouter cette source ?"):
            file = discovering.write(source, settings)
            click.echo(f"{source.slug} ajoutée à {file} ; elle sera lue au prochain passage.")
    return 1 if bad else 0


def _agreed(question: str) -> bool:
    """A French yes (click only knows y and n); the return key is one."""
    answer: str = click.prompt(f"{question} [O/n]", default="o", show_default=False)
    return answer.strip().lower() in ("o", "oui", "y", "yes")


@command.command("freeze")
@click.argument("slug")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tests/examples"),
    show_default=True,
    help="Dossier des exemples.",
)
def freeze(slug: str, folder: Path) -> int:
    """Visite une source et enregistre ses pages comme exemple des tests.

    Le premier passage des tests écrit expected.json et échoue exprès : lisez-le, puis relancez.
    """
    from flows import freezing

    told, good = freezing.freeze(slug, folder)
    click.echo(told, err=not good)
    return 0 if good else 1


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
    from flows import visiting
    from flows.house import open_house
    from storage import sources

    with open_house() as house:
        visiting.known_source(house, slug)
        with house.database.begin() as conn:
            (sources.pause if paused else sources.resume)(conn, slug)
    click.echo(f"{slug} : {'suspendue' if paused else 'reprise'}.")
