"""`paat serve` and `paat user`, as a person types them."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from click.testing import CliRunner

from domain.errors import ConfigError
from domain.statuses import Role
from flows.cli import paat
from flows.serving import listen
from review.auth import first_administrator
from storage import accounts
from tests.builders import NOW
from tests.review import a_house, an_account


@pytest.fixture
def run(database, monkeypatch):
    monkeypatch.setenv("PAAT_DATABASE_URL", database.url)

    def invoke(*words):
        return CliRunner().invoke(paat, words, catch_exceptions=False)

    return invoke


def test_accounts_are_made_listed_and_closed_from_the_terminal(run, database):
    made = run("user", "add", "Léa Martin", "--role", "relecteur", "--department", "05")
    assert "« lea.martin » (relecteur)" in made.output
    token = made.output.rsplit("/", 1)[1].strip()
    with database.begin() as conn:
        assert accounts.link_of(conn, token, NOW).name == "lea.martin"
    [row] = json.loads(run("user", "list", "--json").output)
    assert (row["departments"], row["password"]) == (["05"], False)
    assert "fermé" in run("user", "disable", "lea martin").output
    assert "désactivé" in run("user", "list").output


def test_an_unknown_role_is_a_usage_error(run):
    assert run("user", "add", "lea", "--role", "chef").exit_code == 2


def test_the_first_administrator_gets_a_link_until_somebody_can_sign_in(database):
    house = a_house(database)
    first, again = first_administrator(house), first_administrator(house)
    with database.begin() as conn:
        [admin] = accounts.all_of(conn)
        assert admin.role is Role.ADMIN
        assert accounts.link_of(conn, again, NOW).id == admin.id
        accounts.set_password(conn, admin.id, "hashed", NOW)
    assert first
    assert first_administrator(house) is None


def test_disabled_accounts_do_not_lock_everybody_out(database):
    house = a_house(database)
    with database.begin() as conn:
        accounts.disable(conn, an_account(conn, "administration", Role.ADMIN).id, NOW)
    assert first_administrator(house)


def test_a_taken_port_is_said_with_what_to_do():
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(ConfigError, match="--port"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_serving_answers_and_stops_when_told(database):
    env = {"PAAT_DATABASE_URL": database.url, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "flows.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        lines = []
        while not any("Ctrl-C" in line for line in lines):
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        address = next(line for line in lines if "Application" in line).split(" : ")[1].strip()
        with urllib.request.urlopen(address, timeout=600) as answer:
            assert b"Connexion" in answer.read()
        process.send_signal(signal.SIGTERM)
        assert "Arrêté proprement" in process.stderr.read()
        assert process.wait(600) == 0
