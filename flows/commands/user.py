"""`paat user`: the people who may enter the review application."""

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # nothing heavy before the command that needs it
    from storage.accounts import Account
    from storage.db import Connection

ROLES = ("lecteur", "relecteur", "comite", "administrateur")


@click.group("user")
def command() -> None:
    """Les comptes de l'application de relecture."""


@command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="Ce que la personne peut.")
@click.option("--email", help="Son adresse.")
@click.option("--department", "departments", multiple=True, help="Son territoire (05) ; répétable.")
@click.option("--organisation", default="", help="La sienne : elle ne décide pas à son sujet.")
def add(
    name: str, role: str, email: str | None, departments: tuple[str, ...], organisation: str
) -> None:
    """Crée un compte et affiche le lien à usage unique qui choisit son mot de passe."""
    from domain.statuses import Role
    from flows.house import open_house
    from flows.serving import new_link
    from storage import accounts

    with open_house() as house, house.database.begin() as conn:
        now = house.clock()
        made = accounts.add(
            conn,
            name,
            role=Role(role),
            now=now,
            email=email,
            departments=departments,
            organisation=organisation,
        )
        accounts.audit(conn, "system", "account.added", now, about=made.name)
        token = new_link(conn, made, now, by="system")
        click.echo(f"Compte « {made.name} » ({role}) créé. Lien à lui donner, valable 72 heures :")
        click.echo(_link(house.settings.public_url, house.settings.port, token))


@command.command("link")
@click.argument("name")
def link(name: str) -> None:
    """Donne un nouveau lien à usage unique (mot de passe oublié)."""
    from flows.house import open_house
    from flows.serving import new_link

    with open_house() as house, house.database.begin() as conn:
        found = _named(conn, name)
        token = new_link(conn, found, house.clock(), by="system")
        click.echo(_link(house.settings.public_url, house.settings.port, token))


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="En JSON.")
def list_(as_json: bool) -> None:
    """Liste les comptes."""
    from flows.house import open_house
    from storage import accounts

    with open_house() as house, house.database.begin() as conn:
        found = accounts.all_of(conn)
    rows = [
        {
            "name": one.name,
            "role": one.role.value,
            "departments": list(one.departments),
            "organisation": one.organisation,
            "disabled": one.disabled_at is not None,
            "password": one.password_hash is not None,
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row, one in zip(rows, found, strict=True):
        where = ", ".join(one.departments) or "toute la région"
        state = (
            "désactivé" if row["disabled"] else "actif" if row["password"] else "sans mot de passe"
        )
        click.echo(f"{one.name:<24} {one.role.value:<15} {state:<18} {where}")


@command.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Ferme un compte et ses sessions ; ses décisions restent."""
    from flows.house import open_house
    from storage import accounts

    with open_house() as house, house.database.begin() as conn:
        found = _named(conn, name)
        accounts.disable(conn, found.id, house.clock())
        accounts.audit(conn, "system", "account.disabled", house.clock(), about=found.name)
    click.echo(f"Compte « {found.name} » fermé.")


@command.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Rouvre un compte fermé."""
    from flows.house import open_house
    from storage import accounts

    with open_house() as house, house.database.begin() as conn:
        found = _named(conn, name)
        accounts.enable(conn, found.id)
        accounts.audit(conn, "system", "account.enabled", house.clock(), about=found.name)
    click.echo(f"Compte « {found.name} » rouvert.")


@command.command("untie")
@click.argument("name")
def untie(name: str) -> None:
    """Délie un compte de son identité ProConnect : l'adresse fera foi à nouveau."""
    from flows.house import open_house
    from storage import accounts, identities

    with open_house() as house, house.database.begin() as conn:
        found = _named(conn, name)
        identities.untie(conn, found.id)
        accounts.audit(conn, "system", "account.untied", house.clock(), about=found.name)
    click.echo(f"Compte « {found.name} » délié.")


@command.command("export")
@click.argument("name")
def export(name: str) -> None:
    """Écrit en JSON tout ce qui est gardé sur un compte (RGPD, droit d'accès)."""
    from flows.house import open_house
    from storage import accounts

    with open_house() as house, house.database.begin() as conn:
        found = _named(conn, name)
        kept = accounts.everything_about(conn, found)
        accounts.audit(conn, "system", "account.exported", house.clock(), about=found.name)
    click.echo(json.dumps(kept, ensure_ascii=False, indent=1))


@command.command("erase")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Sans demander confirmation.")
def erase(name: str, yes: bool) -> None:
    """Efface la personne d'un compte ; ses décisions restent, sous un numéro (RGPD)."""
    from flows.house import open_house
    from storage import accounts

    with open_house() as house, house.database.begin() as conn:
        found = _named(conn, name)
        if not yes:
            click.confirm(f"Effacer « {found.name} », sans retour ?", abort=True)
        left = accounts.erase(conn, found, house.clock())
        accounts.audit(conn, "system", "account.erased", house.clock(), about=left)
    click.echo(f"Effacé : ses décisions portent désormais le nom « {left} ».")


@command.command("person")
@click.argument("who")
@click.option("--erase", "forget", is_flag=True, help="L'oublier partout, sans retour.")
@click.option("--yes", is_flag=True, help="Sans demander confirmation.")
@click.option("--json", "as_json", is_flag=True, help="En JSON, à remettre à la personne.")
def person(who: str, forget: bool, yes: bool, as_json: bool) -> None:
    """Montre ou efface une personne citée dans la veille : courriel, téléphone ou nom (RGPD)."""
    from flows.house import open_house
    from storage import persons

    sought = persons.sought(who)
    with open_house() as house, house.database.begin() as conn:
        found = persons.traces(conn, sought)
        if as_json:
            click.echo(json.dumps(persons.as_json(found), ensure_ascii=False))
        else:
            for one in found:
                click.echo(f"{one.table} {one.id}, {one.field} : {one.text}")
        if not forget:
            return
        if not yes:
            click.confirm(f"Effacer ces {len(found)} mentions, sans retour ?", abort=True, err=True)
        changed = persons.forget(conn, sought, house.clock(), by="system")
    told = ", ".join(f"{name} {n}" for name, n in changed.items()) or "rien"
    click.echo(f"Effacé : {told}.", err=True)


def _named(conn: "Connection", name: str) -> "Account":
    from domain.errors import NotFound
    from storage import accounts

    found = accounts.named(conn, name)
    if found is None:
        raise NotFound(
            f"{name!r} là où un compte connu est attendu ; `paat user list` les montre", about=name
        )
    return found


def _link(public_url: str, port: int, token: str) -> str:
    address = public_url.rstrip("/") or f"http://127.0.0.1:{port}"
    return f"{address}/mot-de-passe/{token}"
