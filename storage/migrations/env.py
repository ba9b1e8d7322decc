"""Runs the migrations on the connection `storage.db.upgrade` gives, in its transaction.

Safety rules: an advisory lock (two upgrades at once), a lock timeout (never block a running
veille behind a waiting ALTER), a statement timeout. Adding is free; removing or renaming a column
takes two releases: stop using it, then drop it.
"""

from alembic import context
from sqlalchemy import text

from storage.tables import metadata

conn = context.config.attributes["connection"]
conn.execute(text("set local lock_timeout = '60s'"))
conn.execute(text("select pg_advisory_xact_lock(hashtextextended('paat:upgrade', 0))"))
conn.execute(text("set local lock_timeout = '4s'"))
conn.execute(text("set local statement_timeout = '60s'"))
context.configure(connection=conn, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
