"""`paat worker`: one more machine."""

import os

import click


@click.command("worker")
@click.option("--limit", default=2, show_default=True, help="Passages menés de front.")
def command(limit: int) -> int:
    """Ajoute cette machine aux passages d'un serveur déjà démarré par « paat up ».

    Il lui faut PREFECT_API_URL (l'ordonnanceur) et PAAT_DATABASE_URL (la base).
    """
    from domain.errors import ConfigError
    from flows import up

    for name in ("PREFECT_API_URL", "PAAT_DATABASE_URL"):
        if not os.environ.get(name):
            raise ConfigError(
                "absent là où l'adresse de la machine principale est attendue ; renseignez-le",
                about=name,
            )
    command_line = up.worker_command(limit)
    os.execvpe(command_line[0], command_line, {**os.environ, **up.PREFECT_ENV})  # noqa: S606
