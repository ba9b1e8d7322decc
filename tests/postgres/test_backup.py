"""What is backed up comes back, table by table."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import create_engine, insert, text

from domain.errors import ConfigError, StorageError
from domain.intents import JoinInitiative, PlaceMention
from domain.records import Actor, Award, Decision, Quarantined, Question, Run, Site, Visit
from domain.statuses import DecisionKind, Outcome, Relation
from storage import (
    accounts,
    actors,
    awards,
    backup,
    blocking,
    boxes,
    db,
    decisions,
    embedded,
    identities,
    initiatives,
    items,
    matches,
    models,
    outbox,
    persons,
    runs,
    signing,
    sources,
    suggestions,
    tables,
)
from tests.builders import (
    NOW,
    a_mention,
    a_suggestion,
    a_value,
    a_verdict,
    an_occurrence,
    stored_initiative,
    stored_mentions,
)
from tests.review import a_session, an_account, stored_answer


def fill(conn):
    """At least one row in every table."""
    one, two, three = stored_mentions(conn, [a_mention(str(n), text="œuf\t\\.\n’") for n in "123"])
    a, b = sorted((one.id, two.id))
    blocking.put(conn, {a: [1], b: [1], **{10_000 + i: [2] for i in range(101)}})
    blocking.holders(conn, [10_000])
    matches.add_verdicts(conn, [a_verdict(a, b)])
    matches.put_questions(conn, [Question(a=a, b=b, p={Relation.SAME: 0.5})], NOW)
    signing.key_for(conn, "tests", NOW)
    keep, gone = stored_initiative(conn, one, two), stored_initiative(conn, three)
    joined = [
        PlaceMention(mention=three.id, initiative=keep),
        JoinInitiative(initiative=gone, into=keep),
    ]
    initiatives.apply(conn, joined, NOW, answered=True)
    initiatives.save_values(conn, {keep: {"title": a_value()}}, NOW)
    stored_mentions(conn, [a_mention("4")])  # still to be matched
    [edition] = initiatives.get(conn, [keep])[0].editions
    initiatives.save_occurrences(conn, [replace(edition, occurrences=(an_occurrence(),))])
    found = {keep: [a_suggestion(keep)]}
    suggestions.save(conn, found, NOW, campaign="PAAT-2024", model="rules:1")
    approve = {"campaign": "PAAT-2024", "kind": DecisionKind.APPROVE, "by": "user:anne", "at": NOW}
    decisions.add(conn, Decision(initiative=keep, **approve))
    awards.register_labels(conn, {"tdj": "Terre de Jeux"})
    awards.save(conn, [Award(label="tdj", initiative=keep, starts_on=date(2024, 1, 1))])
    actors.upsert(conn, [Actor(id="AC-1", name="Ville de Gap")])
    items.quarantine(conn, [Quarantined(source="gap", key="?", why="illisible")], NOW)
    sources.record_visit(conn, Visit(source="gap", outcome=Outcome.OK, started_at=NOW))
    alias = {"source": "gap", "key_hash": b"\x00\xff", "item": a, "seen_at": NOW}
    conn.execute(insert(tables.item_aliases).values(alias))
    changed = {"mention": a, "revision": 1, "at": NOW, "changes": {"title": ["œ", "é"]}}
    conn.execute(insert(tables.mention_changes).values(changed))
    kept = {"campaign": "PAAT-2024", "name": "a.csv", "sha256": "a", "data": b"\x00\xff"}
    conn.execute(insert(tables.archived_files).values(kept))
    identities.leave(conn, "s", identities.Leaving(nonce="n", verifier="v", next="/"), NOW)
    sources.left_address(conn, "gap", "https://avant.example/flux", NOW)
    sources.remember_sites(conn, [Site(site="https://gap.example", robots="")], NOW)
    runs.start(conn, Run(id="r", started_at=NOW))
    outbox.put(conn, "paat.items.collected", resource="r", now=NOW)
    learned = models.Model(
        name="themes",
        version="1",
        data_sha256="a",
        metrics={},
        payload=b"\x00\\x\xff",
        created_at=NOW,
    )
    models.save(conn, learned)
    lea = an_account(conn)
    a_session(conn, lea)
    accounts.put_link(conn, lea.id, "lien", NOW)
    persons.forget(conn, persons.sought("oubliee@exemple.fr"), NOW, by=lea.by)
    accounts.audit(conn, lea.by, "test", NOW)
    identities.leave(conn, "état", identities.Leaving(nonce="n", verifier="v", next="/"), NOW)
    boxes.save_box(conn, lea.id, "Gap", "departement=05")
    stored_answer(conn, lea, keep)


def everything(database):
    with database.begin() as conn:
        return {
            table.name: sorted(map(repr, conn.execute(table.select()).all()))
            for table in tables.metadata.sorted_tables
        }


def test_every_table_comes_back_as_it_was(database, tmp_path):
    with database.begin() as conn:
        fill(conn)
    before = everything(database)
    assert all(before.values()), [name for name, rows in before.items() if not rows]
    file = tmp_path / "paat.dump"
    backup.backup(database, file)
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_mode & 0o077 == 0  # personal data
    with database.begin() as conn:
        conn.execute(text(f"truncate {', '.join(before)}"))
        conn.execute(text("alter table runs add column later_version int"))
    backup.restore(database, file)
    assert everything(database) == before
    with database.begin() as conn:  # and it works on: identities go on where they were
        stored_mentions(conn, [a_mention("4")])
    assert db.upgrade(database).up_to_date


def test_a_backup_comes_back_in_an_empty_database(database, tmp_path):
    """How a newcomer's private server moves to the production one."""
    with database.begin() as conn:
        fill(conn)
    backup.backup(database, tmp_path / "paat.dump")
    with db.connect(db.ensure_database(database, "paat_moved")) as moved:
        backup.restore(moved, tmp_path / "paat.dump")
        assert everything(moved) == everything(database)
        assert db.status(moved).up_to_date
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("drop database paat_moved"))


def test_a_file_that_is_not_a_backup_changes_nothing(database, tmp_path):
    with database.begin() as conn:
        fill(conn)
    before = everything(database)
    half = tmp_path / "half.dump"
    backup.backup(database, tmp_path / "whole.dump")
    half.write_bytes((tmp_path / "whole.dump").read_bytes()[:-20_000])
    (tmp_path / "text.dump").write_text("bonjour")
    for name in ("half.dump", "text.dump", "absent.dump"):
        with pytest.raises(StorageError, match=r"rien n'a été changé|n'existe pas"):
            backup.restore(database, tmp_path / name)
    assert everything(database) == before


def test_a_database_with_other_tables_is_not_emptied(database, tmp_path):
    backup.backup(database, tmp_path / "paat.dump")
    with database.begin() as conn:
        conn.execute(text("create table flow_run (id int)"))
    with pytest.raises(StorageError, match=r"pas celles de paat \(flow_run\)"):
        backup.restore(database, tmp_path / "paat.dump")
    with database.begin() as conn:
        conn.execute(text("drop table flow_run"))


def test_a_database_in_use_is_not_restored_over(database, tmp_path):
    backup.backup(database, tmp_path / "paat.dump")
    with database.begin() as conn:
        fill(conn)
    with database.begin() as busy:
        busy.execute(text("select 1 from runs"))
        with pytest.raises(StorageError, match=r"lock timeout.*rien n'a été changé"):
            backup.restore(database, tmp_path / "paat.dump", wait_seconds=0.2)
        assert busy.execute(text("select count(*) from runs")).scalar_one() == 1


def test_a_backup_that_cannot_be_written_leaves_nothing(database, tmp_path):
    with pytest.raises(StorageError, match="écriture impossible"):
        backup.backup(database, tmp_path / "absent" / "paat.dump")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match="écriture impossible"):
        backup.backup(database, tmp_path / "folder")
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_missing_programs_are_named(database, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded, "_WHEEL", "absent_wheel")
    with pytest.raises(ConfigError, match=r"pg_dump est introuvable.*postgresql-client"):
        backup.backup(database, tmp_path / "paat.dump")
    assert list(tmp_path.iterdir()) == []


def test_the_password_is_not_seen_by_other_accounts(database, tmp_path, monkeypatch):
    """Arguments are public on a machine; a stand-in for pg_dump writes down its own."""
    spy = tmp_path / "bin" / "pg_dump"
    spy.parent.mkdir()
    spy.write_text('#!/bin/sh\necho "$@" > "$0.said"; echo "$PGPASSWORD" >> "$0.said"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:/usr/bin:/bin")
    monkeypatch.setattr(embedded, "_WHEEL", "absent_wheel")
    url = database.engine.url.set(password="sésame/é")
    with_password = db.Database(engine=create_engine(url))
    backup.backup(with_password, tmp_path / "paat.dump")
    arguments, password = spy.with_suffix(".said").read_text().split("\n")[:2]
    assert ("sésame" in arguments, password) == (False, "sésame/é")
