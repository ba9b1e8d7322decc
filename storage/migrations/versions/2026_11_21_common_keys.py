"""Keys that too many mentions hold are noted as they are met: nothing to fill."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_common_keys"
down_revision = "2026_11_21_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "common_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("common_keys_pkey")),
    )


def downgrade() -> None:
    op.drop_table("common_keys")
