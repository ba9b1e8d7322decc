"""The files of archived campaigns: what was handed over is given back as it was, byte for byte."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_archived_files"
down_revision = "2026_11_21_forgotten"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archived_files",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.code"], name=op.f("archived_files_campaign_fkey")
        ),
        sa.PrimaryKeyConstraint("campaign", "name", name=op.f("archived_files_pkey")),
    )
