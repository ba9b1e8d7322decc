"""Announcements recognised by more than their identifier; what changed in each
reading; by what the announcements of a source are recognised.

The marks of what is stored already are filled by the next change of each announcement.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_identity"
down_revision = "2026_11_21_identities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("address_mark", "likeness_mark"):
        op.add_column("items", sa.Column(name, sa.Text(), nullable=True))
    op.create_index("items_address_mark_idx", "items", ["source", "address_mark"])
    op.create_index("items_likeness_mark_idx", "items", ["source", "likeness_mark"])
    op.create_table(
        "item_aliases",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("item_aliases_item_fkey")),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.slug"], name=op.f("item_aliases_source_fkey")
        ),
        sa.PrimaryKeyConstraint("source", "key_hash", name=op.f("item_aliases_pkey")),
    )
    op.create_index("item_aliases_item_idx", "item_aliases", ["item"])
    op.create_table(
        "mention_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("mention", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("extractor", sa.Text(), server_default="", nullable=False),
        sa.Column("reopens", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changes",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["mention"], ["mentions.id"], name=op.f("mention_changes_mention_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("mention_changes_pkey")),
    )
    op.create_index("mention_changes_mention_idx", "mention_changes", ["mention", "id"])
    op.add_column(
        "source_states",
        sa.Column(
            "identity",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
