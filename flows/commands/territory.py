"""`paat territory`: the tables of communes."""

import click


@click.group("territory")
def command() -> None:
    """Le territoire : coordonnées, contours, populations et codes postaux des communes."""


@command.command("refresh")
@click.option("--base", hidden=True, default="", help="Autre adresse de l'API (essais).")
def refresh(base: str) -> int:
    """Relit les communes de la région sur geo.api.gouv.fr (données IGN et INSEE).

    Si l'API ne répond pas ou répond mal, ce qui était là reste.
    """
    import asyncio

    from collectors import geo
    from collectors.http import Client
    from domain.settings import load_settings
    from domain.times import system_clock

    settings = load_settings()

    async def once() -> geo.Refreshed:
        async with Client(settings, system_clock) as client:
            return await geo.refresh(client, settings.home, base=base or geo.API)

    found = asyncio.run(once())
    click.echo(f"{found.communes} communes, {found.contours} contours, dans {found.path}")
    for name, codes in (("inconnues ici", found.unknown), ("absentes de l'API", found.missing)):
        if codes:
            click.echo(f"  {len(codes)} {name} : {', '.join(codes[:20])}")
    return 0
