"""Why two announcements look alike is composed when it is shown: questions keep no reasons."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_reasons"
down_revision = "2026_11_21_moved"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("questions", "reasons")


def downgrade() -> None:
    kind = postgresql.JSONB(astext_type=sa.Text())
    empty = sa.text("'[]'::jsonb")
    op.add_column("questions", sa.Column("reasons", kind, server_default=empty, nullable=False))
