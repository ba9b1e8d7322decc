"""`make docs`: rewrite what is generated from the code. A test fails when one of them is behind."""

import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from census.columns import COLUMNS, chosen
from census.schema import dictionary, table_schema
from domain.settings import env_example

ROOT = Path(__file__).parent.parent


def catalogue() -> bytes:
    """click's sentences in French, compiled for gettext."""
    source = ROOT / "flows/locale/fr/LC_MESSAGES/messages.po"
    out = io.BytesIO()
    with source.open("rb") as file:
        found = read_po(file, locale="fr")
    # The same words, the same bytes: no date of today in it.
    found.creation_date = found.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(out, found)
    return out.getvalue()


def commands() -> str:
    """docs/commandes.md: the help of every command."""
    from flows.cli import paat

    os.environ["LANGUAGE"] = "fr"  # what the command line does, whatever ran before us
    lines = [
        "# Commandes",
        "",
        "Page produite par `make docs` à partir de l'aide des commandes : ne pas la modifier.",
        "",
    ]
    for name, one in _walk(paat, "paat"):
        context = _context(one, name)
        lines += [f"## `{name}`", "", "```text", one.get_help(context).rstrip(), "```", ""]
    return "\n".join(lines)


def _context(one: click.Command, name: str) -> click.Context:
    # click keeps the help option of a command the first time it is asked: ask again, as the shell.
    one._help_option = None
    names = ["-h", "--help"]
    return click.Context(one, info_name=name, terminal_width=100, help_option_names=names)


def _walk(one: click.Command, name: str) -> list[tuple[str, click.Command]]:
    found = [(name, one)]
    if isinstance(one, click.Group):
        context = _context(one, name)
        for child in one.list_commands(context):
            command = one.get_command(context, child)
            if command is not None:
                found += _walk(command, f"{name} {child}")
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


GENERATED: dict[str, Callable[[], str | bytes]] = {
    ".env.example": env_example,
    "docs/dictionnaire.md": dictionary,
    "docs/recensement.tableschema.json": lambda: _json(table_schema(chosen())),
    "docs/recensement-prive.tableschema.json": lambda: _json(table_schema(COLUMNS)),
    "docs/commandes.md": commands,
    "flows/locale/fr/LC_MESSAGES/messages.mo": catalogue,
}
"""What is generated, by path in the project."""


def content(path: str) -> bytes:
    """What the file should hold."""
    made = GENERATED[path]()
    return made if isinstance(made, bytes) else made.encode()


def main() -> None:
    for path in GENERATED:
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content(path))


if __name__ == "__main__":
    main()
