"""Blocking keys are an index: no foreign key checked for each of thirty rows a mention."""

from alembic import op

revision = "2026_11_21_keys"
down_revision = "2026_11_21_archived_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("block_keys_mention_fkey"), "block_keys", type_="foreignkey")


def downgrade() -> None:
    op.create_foreign_key(
        op.f("block_keys_mention_fkey"), "block_keys", "mentions", ["mention"], ["id"]
    )
