"""Signing in with an identity provider (OIDC): what is kept between leaving and coming back, and
the token that ends the provider's session too.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_identities"
down_revision = "2026_11_21_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("state_sha256", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_sha256", name=op.f("sign_ins_pkey")),
    )
    op.add_column("sessions", sa.Column("id_token", sa.Text(), nullable=True))
