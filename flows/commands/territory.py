"""`paat territory`: the tables of communes."""

import click


@click.group("territory")
def command() -> None:
    """Le territoire : coordonnées, contours, populations et codes postaux des communes."""


@command.command("refresh")
@click.option("--base", hidden=True, default="", help="Autre adresse de l'API (essais).")
@click.option("--qpv", hidden=True, default="", help="Autre adresse des quartiers (essais).")
@click.option("--frr", hidden=True, default="", help="Autre adresse des communes FRR (essais).")
def refresh(base: str, qpv: str, frr: str) -> int:
    """Relit les communes de la région sur geo.api.gouv.fr (données IGN et INSEE), leurs contours
    et ceux des départements et EPCI ; puis les quartiers prioritaires et les communes FRR (ANCT).

    Ce qui ne répond pas ou répond mal laisse ce qui était là.
    """
    import asyncio

    from collectors.territory import geo, zones
    from collectors.web.client import Client
    from domain.errors import CollectError
    from domain.settings import load_settings
    from domain.times import system_clock

    settings = load_settings()

    async def once() -> tuple[geo.Refreshed, tuple[int, int] | CollectError]:
        async with Client(settings, system_clock) as client:
            communes = await geo.refresh(client, settings.home, base=base or geo.API)
            try:
                zoned: tuple[int, int] | CollectError = await zones.refresh(
                    client, settings.home, qpv=qpv or zones.QPV, frr=frr or zones.FRR
                )
            except CollectError as error:  # the communes are written already: say both
                zoned = error
            return communes, zoned

    found, zoned = asyncio.run(once())
    click.echo(f"{found.communes} communes, {found.contours} contours, dans {found.path}")
    click.echo(f"{found.departments} départements et {found.epcis} EPCI redessinés")
    for name, codes in (("inconnues ici", found.unknown), ("absentes de l'API", found.missing)):
        if codes:
            click.echo(f"  {len(codes)} {name} : {', '.join(codes[:20])}")
    if isinstance(zoned, CollectError):
        click.echo(f"Quartiers prioritaires et FRR inchangés : {zoned}", err=True)
        return 1
    click.echo(f"{zoned[0]} quartiers prioritaires, {zoned[1]} communes FRR")
    return 0
