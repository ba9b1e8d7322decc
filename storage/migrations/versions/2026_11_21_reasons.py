"""Why two announcements look alike is composed when it is shown: nothing keeps reasons."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_reasons"
down_revision = "2026_11_21_moved"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("verdicts", "questions"):
        op.drop_column(table, "reasons")


def downgrade() -> None:
    kind = postgresql.JSONB(astext_type=sa.Text())
    empty = sa.text("'[]'::jsonb")
    for table in ("verdicts", "questions"):
        op.add_column(table, sa.Column("reasons", kind, server_default=empty, nullable=False))
