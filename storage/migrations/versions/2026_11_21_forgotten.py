"""People who asked to be forgotten: only the mark of their e-mail or telephone number, so that
what a source says of them again is blanked.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_forgotten"
down_revision = "2026_11_21_health"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forgotten",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("forgotten_pkey")),
    )
