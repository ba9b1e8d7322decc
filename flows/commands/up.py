"""`paat up`: the small team's production, one command."""

import click


@click.command("up")
@click.option("--port", type=int, help="Port de l'application de relecture.")
def command(port: int | None) -> int:
    """Démarre tout : base, ordonnanceur, passages programmés, événements, application de relecture.

    Ctrl-C arrête proprement ; ce qui est collecté reste. D'autres machines : « paat worker ».
    """
    from domain.settings import load_settings
    from flows import up
    from storage import db

    settings = load_settings()
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    database = db.open_database(settings)
    try:
        db.upgrade(database)
        with up.running(settings, database) as services:
            click.echo(f"Ordonnanceur : http://127.0.0.1:{settings.prefect_port}")
            click.echo(f"Relecture    : http://{settings.host}:{settings.port}")
            click.echo("Ctrl-C pour arrêter.")
            died = up.watch(services)
    finally:
        database.close()
    if died:
        click.echo(f"{died} s'est arrêté : lisez le journal ci-dessus.", err=True)
        return 1
    click.echo("Arrêté proprement.")
    return 0
