"""What people said of pairs is read by itself: contradictions, what their answers tie together."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_people"
down_revision = "2026_11_21_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, ends in (("verdicts_people_idx", "ab"), ("verdicts_people_b_idx", "ba")):
        op.create_index(
            name,
            "verdicts",
            [*ends],
            unique=False,
            postgresql_where=sa.text("superseded_at is null and by like 'user:%'"),
        )


def downgrade() -> None:
    op.drop_index("verdicts_people_idx", table_name="verdicts")
    op.drop_index("verdicts_people_b_idx", table_name="verdicts")
