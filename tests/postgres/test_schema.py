"""The migrations and storage/tables say the same thing."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from storage import campaigns, db, tables

_CATALOGUE = """
    select 'column' as what, c.relname as owner, a.attname as name,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                     a.attgenerated, pg_get_expr(d.adbin, d.adrelid)) as definition
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = cast(cast(:schema as text) as regnamespace) and c.relkind = 'r'
      and a.attnum > 0 and not a.attisdropped
    union all
    select 'constraint', c.relname, o.conname, pg_get_constraintdef(o.oid)
    from pg_constraint o join pg_class c on c.oid = o.conrelid
    where o.connamespace = cast(cast(:schema as text) as regnamespace)
    union all
    select 'index', tablename, indexname, indexdef
    from pg_indexes where schemaname = cast(:schema as text)
"""


def _catalogue(conn, schema):
    rows = conn.execute(text(_CATALOGUE), {"schema": schema})
    return {
        (row.what, row.owner, row.name): row.definition.replace(f"{schema}.", "")
        for row in rows
        if row.owner != "alembic_version"
    }


def test_an_upgraded_database_is_what_tables_says(conn):
    context = MigrationContext.configure(conn, opts={"compare_type": True})
    assert compare_metadata(context, tables.metadata) == []

    # Alembic does not look at checks, defaults nor predicates of indexes: the catalogue does.
    conn.execute(text("create schema told"))
    conn.execute(text("set local search_path = told"))
    tables.metadata.create_all(conn, checkfirst=False)
    told = _catalogue(conn, "told")
    conn.execute(text("set local search_path = public"))
    assert _catalogue(conn, "public") == told


def test_every_status_and_foreign_key_is_checked_by_the_database(conn):
    checked = {name for what, _, name in _catalogue(conn, "public") if what == "constraint"}
    assert {
        "initiatives_status_check",
        "verdicts_relation_check",
        "visits_outcome_check",
    } <= checked


def test_every_foreign_key_has_an_index_to_follow_it_back(conn):
    """Deleting, merging or joining must not scan a whole table."""
    first = text(
        "select indrelid::regclass::text || '.' || attname from pg_index "
        "join pg_attribute on attrelid = indrelid and attnum = indkey[0]"
    )
    indexed = set(conn.execute(first).scalars())
    few = {"campaigns", "labels", "runs"}
    never_followed_back = {"initiative_values.mention"}
    for table in tables.metadata.sorted_tables:
        for key in table.foreign_keys:
            name = f"{table.name}.{key.parent.name}"
            if key.column.table.name not in few and name not in never_followed_back:
                assert name in indexed


def test_upgrading_twice_changes_nothing(database):
    assert db.upgrade(database) == db.status(database)
    assert db.status(database).up_to_date


def test_two_upgrades_at_once_both_end(migrated):
    url = db.ensure_database(migrated, "paat_twice")
    code = "import sys; from storage import db; db.upgrade(db.connect(sys.argv[1]))"
    both = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(2)]
    assert [one.wait(600) for one in both] == [0, 0]
    with db.connect(url) as one:
        assert db.status(one).up_to_date
    with migrated.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("drop database paat_twice"))


def test_upgrading_makes_the_campaigns_known(conn):
    campaigns.register(conn, ())
    codes = conn.execute(text("select code from campaigns")).scalars()
    assert {"PAAT-2024", "SOP-2027", "ALPES-2030"} <= set(codes)


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda t: t.name)
def test_instants_carry_their_zone(table):
    naive = [c.name for c in table.columns if c.name.endswith("_at") and "TIMESTAMP" in str(c.type)]
    assert all(table.c[name].type.timezone for name in naive)
