"""What people's answers move is remembered from now on: nothing to fill."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_moved"
down_revision = "2026_11_21_common_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moved",
        sa.Column("mention", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("initiative", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=True),
        sa.Column("part_of", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention"], ["mentions.id"], name=op.f("moved_mention_fkey")),
        sa.ForeignKeyConstraint(
            ["initiative"], ["initiatives.id"], name=op.f("moved_initiative_fkey")
        ),
        sa.ForeignKeyConstraint(["edition"], ["editions.id"], name=op.f("moved_edition_fkey")),
        sa.ForeignKeyConstraint(["part_of"], ["editions.id"], name=op.f("moved_part_of_fkey")),
        sa.PrimaryKeyConstraint("mention", name=op.f("moved_pkey")),
    )
    op.add_column(
        "joins",
        sa.Column("answered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    for name in ("initiative", "edition", "part_of"):
        op.create_index(f"moved_{name}_idx", "moved", [name])


def downgrade() -> None:
    op.drop_column("joins", "answered")
    op.drop_table("moved")
