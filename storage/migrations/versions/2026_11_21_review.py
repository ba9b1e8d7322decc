"""The review application: accounts, sessions, audit, the queue's cards and answers.

What was suggested is looked at again, so that every initiative gets its card.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_review"
down_revision = "2026_11_21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column(
            "departments",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("organisation", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "preferences",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role in ('lecteur', 'relecteur', 'comite', 'administrateur')",
            name=op.f("accounts_role_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_pkey")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("accounts_issuer_subject_key")),
        sa.UniqueConstraint("name", name=op.f("accounts_name_key")),
    )
    op.create_table(
        "audits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "details",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("audits_pkey")),
    )
    op.create_index("audits_at_idx", "audits", [sa.literal_column("at desc")], unique=False)
    op.create_table(
        "account_links",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name=op.f("account_links_account_fkey")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("account_links_pkey")),
    )
    op.create_index("account_links_account_idx", "account_links", ["account"], unique=False)
    op.create_table(
        "boxes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("boxes_account_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("boxes_pkey")),
        sa.UniqueConstraint("account", "name", name=op.f("boxes_account_name_key")),
    )
    op.create_table(
        "cards",
        sa.Column("initiative", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("level", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("turn", sa.Integer(), server_default="1", nullable=False),
        sa.Column("group_key", sa.Text(), server_default="", nullable=False),
        sa.Column("organiser_key", sa.Text(), server_default="", nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column(
            "sources",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column(
            "themes",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("doubled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reopened", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("skips", sa.Integer(), server_default="0", nullable=False),
        sa.Column("entered_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("known", postgresql.JSONB(), nullable=True),
        sa.Column("leased_by", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'second', 'arbitration', 'done')", name=op.f("cards_state_check")
        ),
        sa.CheckConstraint(
            "(leased_by is null) = (leased_until is null)", name=op.f("cards_lease_check")
        ),
        sa.CheckConstraint("level between 0 and 2", name=op.f("cards_level_check")),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.code"], name=op.f("cards_campaign_fkey")),
        sa.ForeignKeyConstraint(
            ["initiative"], ["initiatives.id"], name=op.f("cards_initiative_fkey")
        ),
        sa.ForeignKeyConstraint(["leased_by"], ["accounts.id"], name=op.f("cards_leased_by_fkey")),
        sa.PrimaryKeyConstraint("initiative", "campaign", name=op.f("cards_pkey")),
    )
    op.create_index(
        "cards_arbitration_idx",
        "cards",
        ["campaign"],
        unique=False,
        postgresql_where=sa.text("state = 'arbitration'"),
    )
    op.create_index("cards_group_idx", "cards", ["campaign", "group_key", "level"], unique=False)
    op.create_index(
        "cards_known_idx",
        "cards",
        ["campaign"],
        unique=False,
        postgresql_where=sa.text("known is not null"),
    )
    op.create_index(
        "cards_leased_by_idx",
        "cards",
        ["leased_by"],
        unique=False,
        postgresql_where=sa.text("leased_by is not null"),
    )
    op.create_index(
        "cards_queue_idx",
        "cards",
        ["campaign", sa.literal_column("level desc"), "turn", "initiative"],
        unique=False,
        postgresql_where=sa.text("state in ('open', 'second')"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("sessions_account_fkey")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("sessions_pkey")),
    )
    op.create_index("sessions_account_idx", "sessions", ["account"], unique=False)
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("initiative", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "themes",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("model", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('approve', 'reject', 'skip')", name=op.f("answers_kind_check")
        ),
        sa.CheckConstraint(
            "look in ('first', 'second', 'arbitration', 'control')", name=op.f("answers_look_check")
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("answers_account_fkey")),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.code"], name=op.f("answers_campaign_fkey")
        ),
        sa.ForeignKeyConstraint(["decision"], ["decisions.id"], name=op.f("answers_decision_fkey")),
        sa.ForeignKeyConstraint(
            ["initiative"], ["initiatives.id"], name=op.f("answers_initiative_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("answers_pkey")),
        sa.UniqueConstraint("key", name=op.f("answers_key_key")),
    )
    op.create_index(
        "answers_account_idx", "answers", ["account", sa.literal_column("id desc")], unique=False
    )
    op.create_index("answers_decision_idx", "answers", ["decision"], unique=False)
    op.create_index("answers_initiative_idx", "answers", ["initiative", "campaign"], unique=False)
    # ### end Alembic commands ###
    op.execute("delete from suggested")
