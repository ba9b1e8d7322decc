"""What matching has still to place is a table of its own: placing a mention writes it no more."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_unmatched"
down_revision = "2026_11_21_unlogged_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unmatched",
        sa.Column("mention", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["mention"], ["mentions.id"], name=op.f("unmatched_mention_fkey")),
        sa.PrimaryKeyConstraint("mention", name=op.f("unmatched_pkey")),
    )
    op.execute("insert into unmatched select id from mentions where matched_at is null")
    op.drop_index("mentions_unmatched_idx", table_name="mentions")
    op.drop_column("mentions", "matched_at")


def downgrade() -> None:
    op.add_column("mentions", sa.Column("matched_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.execute(
        "update mentions set matched_at = read_at where id not in (select mention from unmatched)"
    )
    op.create_index(
        "mentions_unmatched_idx",
        "mentions",
        ["id"],
        unique=False,
        postgresql_where=sa.text("matched_at is null"),
    )
    op.drop_table("unmatched")
