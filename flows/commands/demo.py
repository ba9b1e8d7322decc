"""`paat demo`: everything, here, in one minute, on a small fictitious web."""

import json

import click


@click.command("demo")
@click.option("--no-serve", is_flag=True, help="Finir au lieu d'ouvrir l'application.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port de l'application ; 0 = libre.")
@click.option("--json", "as_json", is_flag=True, help="Compte rendu en JSON.")
def command(no_serve: bool, port: int | None, as_json: bool) -> int:
    """La démonstration : un passage sur un petit web fictif, comparé à sa vérité connue.

    Base de données, sites de démonstration (en local), collecte, rapprochement, classement,
    export du recensement, puis l'application de relecture sur ces données (Ctrl-C pour finir).
    Une deuxième fois ne change rien, et le dit.
    """
    from functools import partial

    from flows import demonstration

    done = demonstration.run()
    click.echo(
        json.dumps(done.as_json(), ensure_ascii=False) if as_json else "\n".join(done.lines())
    )
    if not no_serve:
        demonstration.serve(port, say=partial(click.echo, err=True))
    return 0
