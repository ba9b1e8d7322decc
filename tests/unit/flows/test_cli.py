import subprocess
import sys

from click.testing import CliRunner

from flows.cli import paat


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(paat, arguments, prog_name="paat")
    return result.exit_code, result.output


def test_help_is_in_french() -> None:
    code, told = run("--help")
    assert code == 0
    assert "Utilisation : paat" in told
    assert "Show this message" not in told


def test_every_command_tells_what_it_does() -> None:
    context = paat.make_context("paat", ["--help"], resilient_parsing=True)
    for name in paat.list_commands(context):
        command = paat.get_command(context, name)
        assert command is not None, name
        assert command.help, name


def test_an_unknown_command_is_a_usage_error_in_french() -> None:
    code, told = run("recenser")
    assert code == 2
    assert "n'existe pas" in told


def test_help_loads_nothing_heavy() -> None:
    heavy = {"prefect", "sklearn", "sqlalchemy", "aiohttp", "lxml", "jinja2"}
    script = f"import sys, flows.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert done.stdout == b"[]\n"


def test_no_command_imports_prefect_to_exist() -> None:
    script = (
        "import sys, flows.cli as c;"
        "ctx = c.paat.make_context('paat', ['--help'], resilient_parsing=True);"
        "[c.paat.get_command(ctx, n) for n in c.paat.list_commands(ctx)];"
        "sys.exit('prefect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
