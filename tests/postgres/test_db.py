import subprocess
import sys
import threading
import time

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.errors import ConfigError, Conflict, StorageError
from domain.settings import Settings
from storage import db, initiatives, mentions, sources
from storage.failures import told
from tests.builders import NOW, a_mention, a_source, stored_initiative, stored_mentions


def settings(**values):
    return Settings(_env_file=None, **values)


def test_a_new_home_is_opened_migrated_and_closed(tmp_path):
    with db.open_database(settings(home=tmp_path)) as database:
        assert db.status(database).current is None
        assert db.upgrade(database).up_to_date
        with database.begin() as conn:
            sources.register(conn, [a_source()])
    with db.open_database(settings(home=tmp_path)) as database, database.begin() as conn:
        assert list(sources.known(conn)) == ["gap"]
    assert not (tmp_path / "postgres/data/postmaster.pid").exists()


def test_an_address_is_used_as_given(server_url):
    for url in (server_url, server_url.replace("postgresql:", "postgres:")):
        given = settings(database_url=SecretStr(url))
        with db.open_database(given) as database:
            assert database.server is None
            assert db.status(database).head


@pytest.mark.parametrize("url", ["", "sqlite:///x.db", "http://exemple", "localhost:5432"])
def test_a_wrong_address_is_refused_without_being_shown(url):
    with pytest.raises(ConfigError, match="PAAT_DATABASE_URL: une adresse illisible") as refused:
        db.open_database(settings(database_url=SecretStr(url)))
    assert not url or url not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"host": "127.0.0.1", "port": 1}, "ne répond pas"),
        ({"database": "absente"}, "does not exist"),
    ],
)
def test_a_database_that_cannot_be_reached_says_so(migrated, change, words):
    url = migrated.engine.url.set(password="secret", **change)
    if "host" in change:
        url = url.set(query={})
    with pytest.raises(StorageError, match=words) as refused:
        db.connect(url.render_as_string(hide_password=False))
    assert "secret" not in str(refused.value).replace(str(refused.value.__cause__), "")
    assert refused.value.retry


def test_a_lost_connection_is_told_and_the_next_one_works(database):
    def lose() -> None:
        with database.begin() as conn:
            conn.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StorageError, match="s'arrête ou démarre"):
        lose()
    with database.begin() as conn:
        assert conn.execute(text("select 1")).scalar_one() == 1


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("53100", StorageError, "plus de place sur le disque"),
        ("53300", StorageError, "trop de connexions"),
        ("53200", StorageError, "manque de mémoire"),
        ("25006", StorageError, "lecture seule"),
        ("42P01", StorageError, "paat db upgrade"),
        ("55P03", Conflict, "quelqu'un travaille"),
        ("57014", StorageError, "trop longue"),
        ("40P01", StorageError, "se sont croisées"),
        ("XX001", StorageError, "restaurez la dernière sauvegarde"),
        ("58030", StorageError, "journal du serveur"),
    ],
)
def test_what_the_server_refuses_is_told_in_words(migrated, state, kind, words):
    """The server itself raises the error, as it would with a full disk."""

    def refuse() -> None:
        with migrated.begin() as conn:
            conn.execute(text(f"do $$ begin raise sqlstate '{state}'; end $$"))

    with pytest.raises(kind, match=words) as refused:
        refuse()
    assert type(refused.value) is kind


def test_a_read_only_transaction_says_so(migrated):
    def write() -> None:
        with migrated.reading() as conn:
            sources.register(conn, [a_source()])

    with pytest.raises(StorageError, match="lecture seule"):
        write()


def test_our_own_mistakes_pass_unchanged(migrated):
    def mistake() -> None:
        with migrated.begin() as conn:
            conn.execute(
                text("insert into visits (source, outcome, started_at) values ('x','ok',now())")
            )

    with pytest.raises(IntegrityError):
        mistake()
    with pytest.raises(ValueError, match="x"), told("y"):
        raise ValueError("x")


def test_a_reading_sees_one_unchanging_state(database):
    with database.begin() as conn:
        sources.register(conn, [a_source("a")])
    with database.reading() as reader:
        assert list(sources.known(reader)) == ["a"]
        with database.begin() as conn:
            sources.register(conn, [a_source("b")])
        assert list(sources.known(reader)) == ["a"]


def test_of_two_runs_at_once_the_second_is_told(migrated):
    with migrated.locked("veille"):
        with pytest.raises(Conflict, match=r"veille.*tourne déjà"), migrated.locked("veille"):
            pass
        with migrated.locked("matching"):
            pass
    with migrated.locked("veille"):
        pass


def test_no_connection_left_is_told(server_url):
    with (
        db.connect(server_url, connections=1, wait_seconds=0.1) as database,
        database.begin(),
        pytest.raises(StorageError, match="toutes les connexions"),
        database.begin(),
    ):
        pass


def test_a_kill_in_the_middle_of_a_plan_leaves_all_or_nothing(database):
    """The server ends the connection while a plan is being carried out."""
    with database.begin() as conn:
        stored = stored_mentions(conn, [a_mention(str(n)) for n in range(50)])

    def carry_out() -> None:
        with database.begin() as conn:
            stored_initiative(conn, *stored)
            conn.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StorageError):
        carry_out()
    with database.begin() as conn:
        assert initiatives.by_mentions(conn, [m.id for m in stored]) == []
        assert len(mentions.unmatched(conn, 99)) == 50  # the next run takes them up
        name = stored_initiative(conn, *stored)
    with database.begin() as conn:
        assert len(initiatives.get(conn, [name])[0].mentions) == 50


def test_two_plans_at_once_on_the_same_initiatives_both_end(database):
    from domain.intents import PlaceMention

    with database.begin() as conn:
        stored = stored_mentions(conn, [a_mention(str(n)) for n in range(20)])
        names = [stored_initiative(conn, *stored[:10]), stored_initiative(conn, *stored[10:])]
    failures = []

    def shuffle(order) -> None:
        try:
            for home in order * 5:
                plan = [PlaceMention(mention=m.id, initiative=home) for m in stored]
                with database.begin() as conn:
                    initiatives.apply(conn, plan, NOW)
        except StorageError as error:
            failures.append(error)

    threads = [threading.Thread(target=shuffle, args=(o,)) for o in (names, names[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.begin() as conn:
        members = [m for one in initiatives.get(conn, names) for m in one.mentions]
        assert sorted(members) == sorted(m.id for m in stored)


def test_the_lock_of_a_killed_process_is_free(migrated):
    code = (
        "import sys, time; from storage import db\n"
        "with db.connect(sys.argv[1]).locked('veille'):\n"
        "    print('held', flush=True); time.sleep(3600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, migrated.url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "held\n"
    with pytest.raises(Conflict), migrated.locked("veille"):
        pass
    process.kill()
    process.wait()
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:  # the server notices in its own time
        try:
            with migrated.locked("veille"):
                return
        except Conflict:
            time.sleep(0.02)
    pytest.fail("the lock outlived its process")


def test_a_server_too_old_is_refused(server_url, monkeypatch):
    monkeypatch.setattr(db, "_OLDEST", 99)
    with pytest.raises(StorageError, match="où 99 ou plus récent"):
        db.connect(server_url)


def test_the_private_server_ends_when_its_database_cannot_be_opened(monkeypatch, tmp_path):
    monkeypatch.setattr(db, "_OLDEST", 99)
    with pytest.raises(StorageError, match="99"):
        db.open_database(settings(home=tmp_path))
    assert not (tmp_path / "postgres/data/postmaster.pid").exists()


def test_a_refusal_outside_a_statement_is_told_too(migrated):
    """Making a database goes by psycopg itself."""
    with pytest.raises(StorageError, match="plus de place sur le disque"), told("x"):
        raise psycopg.errors.DiskFull("could not extend file")
    with pytest.raises(psycopg.errors.SyntaxError), told("x"):
        raise psycopg.errors.SyntaxError("oups")
