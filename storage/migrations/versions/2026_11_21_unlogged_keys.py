"""Blocking keys are an index that can be computed again: written without a log."""

from alembic import op

revision = "2026_11_21_unlogged_keys"
down_revision = "2026_11_21_reasons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table block_keys set unlogged")
    op.execute("insert into block_keys (key, mention) values (0, 0) on conflict do nothing")


def downgrade() -> None:
    op.execute("delete from block_keys where key = 0 and mention = 0")
    op.execute("alter table block_keys set logged")
