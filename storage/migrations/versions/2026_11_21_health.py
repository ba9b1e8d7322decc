"""Health of sources: what visits teach of a source, its former addresses, what sites ask."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_health"
down_revision = "2026_11_21_identity"
branch_labels = None
depends_on = None


def _record(name: str) -> sa.Column[object]:
    return sa.Column(
        name, postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
    )


def upgrade() -> None:
    op.add_column("source_states", _record("memory"))
    op.add_column("visits", sa.Column("skipped", sa.Integer(), server_default="0", nullable=False))
    op.add_column("visits", sa.Column("response_ms", sa.Integer(), nullable=True))
    op.create_table(
        "source_addresses",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("left_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.slug"], name=op.f("source_addresses_source_fkey")
        ),
        sa.PrimaryKeyConstraint("source", "url", name=op.f("source_addresses_pkey")),
    )
    op.create_table(
        "sites",
        sa.Column("site", sa.Text(), nullable=False),
        _record("record"),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("sites_pkey")),
    )
