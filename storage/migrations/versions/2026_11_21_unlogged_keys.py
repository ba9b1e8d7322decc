"""Blocking keys are an index that can be computed again: numbered anew, written without a log."""

from alembic import op

revision = "2026_11_21_unlogged_keys"
down_revision = "2026_11_21_reasons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("truncate block_keys, common_keys")  # the next matching computes them
    op.execute("alter table block_keys set unlogged")


def downgrade() -> None:
    op.execute("truncate block_keys, common_keys")
    op.execute("alter table block_keys set logged")
