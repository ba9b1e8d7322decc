"""`paat serve`: the review application alone."""

import click


@click.command("serve")
@click.option("--host", help="Adresse d'écoute (PAAT_HOST par défaut).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port ; 0 = n'importe lequel.")
def command(host: str | None, port: int | None) -> None:
    """Ouvre l'application de relecture dans un navigateur.

    La première fois, un lien à usage unique s'affiche ici pour l'administrateur.
    """
    from functools import partial

    from flows.house import open_house
    from flows.serving import serve

    with open_house() as house:
        chosen = house.settings.port if port is None else port
        say = partial(click.echo, err=True)
        serve(house, host=host or house.settings.host, port=chosen, say=say)
