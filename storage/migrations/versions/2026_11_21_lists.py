"""Lists: what they show and search of each initiative, filled by the next passage; who added a
source on screen; the key that signs links of declarations.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_lists"
down_revision = "2026_11_21_review"
branch_labels = None
depends_on = None


def _words(name: str) -> sa.Column[list[str]]:
    return sa.Column(
        name, postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "listings",
        sa.Column("initiative", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("organiser", sa.Text(), server_default="", nullable=False),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("commune_name", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("sort_on", sa.Date(), server_default="9999-12-31", nullable=False),
        _words("sources"),
        _words("marks"),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["initiative"], ["initiatives.id"], name=op.f("listings_initiative_fkey")
        ),
        sa.PrimaryKeyConstraint("initiative", name=op.f("listings_pkey")),
    )
    op.create_index("listings_sort_on_idx", "listings", ["sort_on", "initiative"])
    op.create_index("listings_department_idx", "listings", ["department", "initiative"])
    op.create_index("listings_commune_code_idx", "listings", ["commune_code", "initiative"])
    for name in ("sources", "marks", "words"):
        op.create_index(f"listings_{name}_idx", "listings", [name], postgresql_using="gin")
    op.create_index(
        "occurrences_days_idx",
        "occurrences",
        [sa.text("daterange(starts_on, ends_on, '[]')")],
        postgresql_using="gist",
    )
    op.create_table(
        "signing_keys",
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("use", name=op.f("signing_keys_pkey")),
    )
    op.add_column("sources", sa.Column("added_by", sa.Text(), nullable=True))
    # Work to do: the next passage computes every initiative again, which fills its line.
    op.execute("update initiatives set values_at = null where merged_into is null")
