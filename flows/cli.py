"""`paat`: one command a file of flows/commands; its name is the file's name.

stdout is data, stderr is the log. Exit codes: 0 ok, 1 partial failure, 2 usage, 3 unavailable.
Nothing heavy is imported before the command that needs it is known (a test keeps it so).
"""

import gettext
import os
import sys
from importlib import import_module, resources
from pathlib import Path

# click takes its own sentences from gettext: give it French ones before it is imported.
os.environ["LANGUAGE"] = "fr"
gettext.bindtextdomain("messages", str(Path(__file__).parent / "locale"))

import click  # noqa: E402

from domain import logs  # noqa: E402
from domain.errors import (  # noqa: E402
    ConfigError,
    PaatError,
    StorageError,
    Unreachable,
)

OK, PARTIAL, USAGE, UNAVAILABLE = 0, 1, 2, 3


class Commands(click.Group):
    """Finds commands in the folder; a file `import_.py` is the command `import`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        folder = resources.files("flows") / "commands"
        names = (f.name.removesuffix(".py") for f in folder.iterdir() if f.name.endswith(".py"))
        return sorted(name.rstrip("_") for name in names if name != "__init__")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        suffix = "_" if cmd_name == "import" else ""
        found = import_module(f"flows.commands.{cmd_name}{suffix}").command
        if not isinstance(found, click.Command):
            raise TypeError(f"flows.commands.{cmd_name}: {found!r} where a click command was due")
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="paat")
@click.option("-v", "--verbose", is_flag=True, help="Journal détaillé.")
@click.option("-q", "--quiet", is_flag=True, help="Journal réduit aux avertissements.")
def paat(verbose: bool, quiet: bool) -> None:
    """Veille territoriale : collecter, dédoublonner, classer, relire, recenser."""
    level = "DEBUG" if verbose else "WARNING" if quiet else os.environ.get("PAAT_LOG_LEVEL", "INFO")
    logs.configure(level)


def main() -> None:
    """Run the command and turn what was foreseen into a French sentence and an exit code."""
    try:
        code = paat.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrompu : ce qui était enregistré le reste.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except PaatError as error:
        click.echo(f"Erreur : {_told(error)}", err=True)
        sys.exit(_exit_code(error))
    sys.exit(code if isinstance(code, int) else OK)


def _told(error: PaatError) -> str:
    """What a person reads: what they wrote wrong, else the French sentence over the log's words."""
    return str(error) if isinstance(error, ConfigError) else f"{error.french}\n  {error}"


def _exit_code(error: PaatError) -> int:
    if isinstance(error, StorageError | Unreachable):
        return UNAVAILABLE
    return USAGE if isinstance(error, ConfigError) else PARTIAL


if __name__ == "__main__":
    main()
